"""The house's rules: imports point one way, files stay of one idea, nothing heavy is loaded early."""

import ast
import pathlib
import subprocess
import sys

import pytest

import thalweg

ROOT = pathlib.Path(thalweg.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

# From the bottom up. A module may import from its own floor and from those below it.
FLOORS = [
    ["thalweg.engine.core", "thalweg.engine.xp", "thalweg.version"],
    ["thalweg.engine.ops"],
    ["thalweg.engine.autodiff", "thalweg.engine.formats"],
    ["thalweg.engine.execution"],
    ["thalweg"],  # the public names
    ["thalweg.compat", "thalweg.aliases"],
    [  # libraries beside each other
        "thalweg.data", "thalweg.distribute", "thalweg.train", "thalweg.io", "thalweg.image", "thalweg.strings", "thalweg.lookup",
        "thalweg.audio", "thalweg.signal", "thalweg.sets", "thalweg.autograph", "thalweg.experimental",
        "thalweg.summary", "thalweg.profiler", "thalweg.types", "thalweg.test", "thalweg.sysconfig",
        "thalweg.saved_model",
        "thalweg.compat.v1.data", "thalweg.compat.v1.test", "thalweg.compat.v1.parsing", "thalweg.compat.v1.summary",
        "thalweg.compat.v1.io", "thalweg.compat.v1.image",
    ],
    ["thalweg.keras", "thalweg.explaining"],
    ["thalweg.contrib", "thalweg.estimator", "thalweg.feature_column"],
    ["thalweg.tabular", "thalweg.playground"],
    ["thalweg.apps", "thalweg.__main__"],
]


def floor_of(module):
    """The floor of a module: that of the longest name it starts with."""
    best, found = -1, 0
    for floor, names in enumerate(FLOORS):
        for name in names:
            if (module == name or module.startswith(name + ".")) and len(name) > best:
                best, found = len(name), floor
    return found


def name_of(path):
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_at_load(tree):
    """What a module imports as it is loaded: not inside functions, not for type checkers alone."""
    pending = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from package import module` may name a module or something in the package
            yield from (f"{node.module}.{a.name}" for a in node.names)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.dump(node.test):
            pending += node.body + node.orelse
        elif isinstance(node, (ast.Try, ast.With, ast.ClassDef)):
            pending += node.body


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_point_down(path):
    module = name_of(path)
    wrong = [
        name for name in imports_at_load(ast.parse(path.read_text()))
        if name.startswith("thalweg") and floor_of(name) > floor_of(module)
    ]  # fmt: skip
    assert not wrong, f"{module} imports from above itself: {wrong}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_hold_one_idea(path):
    assert len(path.read_text().splitlines()) <= 650, "split the file along its ideas"


def test_tensorflow_is_never_imported():
    for path in FILES:
        names = list(imports_at_load(ast.parse(path.read_text())))
        assert not [n for n in names if n.split(".")[0] in ("tensorflow", "tf_keras", "torch")], path


def test_importing_is_light_and_silent():
    code = (
        "import sys, thalweg as tf; tf.constant(1.0) + 1.0; "
        "heavy = [m for m in ('jax', 'h5py', 'pandas', 'matplotlib', 'sklearn', 'scipy', 'malt', 'google.protobuf') "
        "if m in sys.modules]; "
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_numpys_settings_are_left_alone():
    code = "import numpy as np; before = np.geterr(); import thalweg as tf; tf.constant(1.0) / 0.0; assert np.geterr() == before"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
