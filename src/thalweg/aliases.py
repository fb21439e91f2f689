"""Letting `import tensorflow` find this package: for `thalweg run`, notebooks, and `thalweg.install_as_tensorflow()`."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

# The longest matching prefix wins. A name that is not here is looked up as an attribute of what its parent resolves to.
_PREFIXES = {
    "tensorflow": "thalweg",
    "tensorflow.compat.v1": "thalweg.compat.v1",
    "tensorflow.compat.v2": "thalweg",
    "tensorflow.examples": "thalweg.compat.v1.examples",
    "tensorflow.python": "thalweg.compat.v1",
    "tensorflow.python.framework": "thalweg.compat.v1",
    "tensorflow.python.keras": "thalweg.keras",
    "tensorflow.python.ops": "thalweg.compat.v1",
    "tensorflow.python.platform": "thalweg.compat.v1",
    "tensorflow_core": "thalweg",
    "tf_keras": "thalweg.keras",
    "keras": "thalweg.keras",
}


class _Finder(importlib.abc.MetaPathFinder):
    """Answers imports of TensorFlow's and Keras' module names with ours."""

    def __init__(self, v1: bool):
        self.prefixes = dict(_PREFIXES)
        if v1:
            self.prefixes["tensorflow"] = "thalweg.compat.v1"

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> Any:
        if fullname.split(".")[0] not in ("tensorflow", "keras", "tf_keras", "tensorflow_core"):
            return None
        found = self._resolve(fullname)
        if found is None:
            return None
        return importlib.machinery.ModuleSpec(fullname, _Loader(found), is_package=True)

    def _resolve(self, fullname: str) -> ModuleType | None:
        if fullname in self.prefixes:
            return importlib.import_module(self.prefixes[fullname])
        parent, _, child = fullname.rpartition(".")
        base = sys.modules.get(parent) or self._resolve(parent)
        if base is None:
            return None
        found = getattr(base, child, None)
        if isinstance(found, ModuleType):
            return found
        try:
            return importlib.import_module(f"{base.__name__}.{child}")
        except ModuleNotFoundError:
            return None


class _Loader(importlib.abc.Loader):
    def __init__(self, module: ModuleType):
        self._module = module
        self._spec = module.__spec__

    def create_module(self, spec: Any) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        # The import system wrote its own spec over the module's: put the true one back.
        module.__spec__ = self._spec
        if self._spec is not None:
            module.__package__ = self._spec.parent
            module.__loader__ = self._spec.loader


def install_as_tensorflow(v1: bool = False) -> None:
    """From now on `import tensorflow` and `import keras` give this package, in this process.

    With `v1` the names and the graph mode are TensorFlow 1's.
    """
    uninstall()
    for name in [n for n in sys.modules if n.split(".")[0] in ("tensorflow", "keras", "tf_keras", "tensorflow_core")]:
        del sys.modules[name]
    sys.meta_path.insert(0, _Finder(v1))
    if v1:
        from thalweg.compat.v1.graph import disable_v2_behavior

        disable_v2_behavior()


def uninstall() -> None:
    """Give the names back to what else is installed."""
    sys.meta_path[:] = [f for f in sys.meta_path if not isinstance(f, _Finder)]
