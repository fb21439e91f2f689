"""The examples in docstrings and the README run and give what they show."""

import doctest
import importlib
import pathlib
import re
import runpy

import numpy as np
import pytest

import thalweg as tf
from thalweg.engine.core.registry import Op

ROOT = pathlib.Path(tf.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in ROOT.rglob("*.py") if path.stem != "__main__"
)  # fmt: skip
tf.compat.v1  # noqa: B018  (reached as an attribute it changes no mode; importing it first by name would)
README = pathlib.Path(__file__).parents[1] / "README.md"


def examples_of(name, **given):
    module = importlib.import_module(name)
    finder = doctest.DocTestFinder(exclude_empty=True)
    scope = {**vars(module), "tf": tf, "np": np, **given}
    tests = finder.find(module, name, globs=scope)
    for value in vars(module).values():  # op records are objects: doctest does not look into them
        if isinstance(value, Op) and value.__module__ == name and ">>>" in (value.__doc__ or ""):
            tests += finder.find(value, f"{name}.{value.__name__}", module=False, globs=scope)
    return [t for t in tests if t.examples]


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name, capsys, tmp_path):
    tf.random.set_seed(0)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    for example in examples_of(name, folder=str(tmp_path)):
        runner.run(example)
    assert not runner.failures, capsys.readouterr().out


@pytest.mark.parametrize(("key", "shown"), [
    ("GradientTape", "tf.Tensor(8.0, shape=(), dtype=float32)"),
    ("def collatz", "tf.Tensor(111, shape=(), dtype=int32)"),
    ("tf.placeholder", "Result:  9.0"),
])  # fmt: skip
def test_readme_examples(key, shown, tmp_path, capsys):
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(), re.S)
    program = tmp_path / "example.py"  # a file: tf.function reads its source
    program.write_text("import thalweg as tf\n" + next(b for b in blocks if key in b).replace("import tensorflow as tf\n", ""))
    runpy.run_path(str(program))
    assert capsys.readouterr().out.strip() == shown
