"""Letting `import tensorflow` find this package: for `thalweg run`, notebooks, and `thalweg.install_as_tensorflow()`."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import re
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
    "tensorflow.python.keras": "thalweg.keras",
    "tensorflow_core": "thalweg",
    "tensorflow.contrib": "thalweg.contrib",
    "tensorflow.estimator": "thalweg.estimator",
    "tensorflow.python.util.nest": "thalweg.compat.v1.nest_names",
    "tensorflow.python.client.device_lib": "thalweg.compat.v1.corners.device_lib",
    "tensorflow.python.tools.inspect_checkpoint": "thalweg.compat.v1.corners.inspect_checkpoint",
    "tensorflow.python.tools.freeze_graph": "thalweg.compat.v1.corners.freeze_graph",
    "tensorflow.tensorboard.plugins.projector": "thalweg.contrib.tensorboard.plugins.projector",
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
        if fullname == "tensorflow.python":
            return _corner(fullname)
        if fullname in self.prefixes:
            return _module(self.prefixes[fullname])
        parent, _, child = fullname.rpartition(".")
        base = sys.modules.get(parent) or self._resolve(parent)
        if base is None:
            return None
        found = None if isinstance(base, Corner) else getattr(base, child, None)
        if isinstance(found, ModuleType):
            return found
        if _is_corner(fullname) and not base.__name__.startswith("thalweg.contrib."):
            return _corner(fullname)
        try:
            return importlib.import_module(f"{base.__name__}.{child}")
        except ModuleNotFoundError:
            return _corner(fullname) if _is_corner(fullname) else None


# -- corners ---------------------------------------------------------------------------------------------------

# Where a name out of TensorFlow's insides is looked for, after the module that the corner's own name gives.
_PLACES = (
    "thalweg.compat.v1", "thalweg.compat.v1.nn", "thalweg.compat.v1.nn.rnn_cell", "thalweg.compat.v1.train",
    "thalweg.compat.v1.layers", "thalweg.contrib.rnn", "thalweg.contrib.rnn.cells", "thalweg.contrib.framework",
    "thalweg.compat.v1.nest_names", "thalweg.engine.formats.messages", "thalweg.compat.v1.corners", "thalweg.data", "thalweg.io",
    "thalweg.strings", "thalweg.math", "thalweg.linalg", "thalweg.compat", "thalweg.keras", "thalweg.engine.core.errors",
)  # fmt: skip


def _is_corner(name: str) -> bool:
    return name.startswith(("tensorflow.python.", "tensorflow.core.", "tensorflow.contrib.", "tensorflow.compiler.")) or name in (
        "tensorflow.core", "tensorflow.compiler", "tensorflow.python", "tensorflow.tensorboard", "tensorflow.tensorboard.plugins",
    )  # fmt: skip


class Corner(ModuleType):
    """A module of TensorFlow's insides: the public names that programs took from it, wherever they stand here."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if re.fullmatch(r"tensorflow\.python(\.\w+)?", self.__name__):
            raise AttributeError(name)  # a package: what is in it are modules, which are imported
        own = self.__name__.rpartition(".")[2]
        for place in (*self._near(), f"thalweg.compat.v1.{own}", *_PLACES):
            try:
                return getattr(_module(place), name)
            except (AttributeError, ImportError):
                continue
        raise AttributeError(f"{self.__name__} has no {name!r} here. Take it from the public names: tf.{name.lower()}?")

    def _near(self) -> tuple[str, ...]:
        """The contributed module that the corner is in."""
        parts = self.__name__.split(".")
        return (f"thalweg.contrib.{parts[2]}",) if parts[1:2] == ["contrib"] and len(parts) > 3 else ()


def _module(name: str) -> Any:
    """A module, or a module in one."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        parent, _, child = name.rpartition(".")
        return getattr(importlib.import_module(parent), child)


def _corner(name: str) -> ModuleType:
    return sys.modules.get(name) or Corner(name)


class _Loader(importlib.abc.Loader):
    def __init__(self, module: ModuleType):
        self._module = module
        self._spec = module.__spec__

    def create_module(self, spec: Any) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        # The import system wrote its own spec over the module's: put the true one back.
        if isinstance(module, Corner):
            return
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
