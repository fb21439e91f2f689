"""`thalweg run script.py args...`: run an unmodified TensorFlow program on this package.

Whether the program starts in TensorFlow 1's graph mode follows from its source: the names it uses of `tf`.
"""

from __future__ import annotations

import argparse
import ast
import pathlib
import runpy
import sys
from collections.abc import Iterable, Iterator

# Names that only a TensorFlow 1 program takes straight from `tensorflow`.
_V1_NAMES = {
    "placeholder",
    "Session",
    "InteractiveSession",
    "get_variable",
    "variable_scope",
    "global_variables_initializer",
    "initialize_all_variables",
    "ConfigProto",
    "reset_default_graph",
    "set_random_seed",
    "contrib",
    "layers",
    "app",
    "flags",
    "random_uniform",
    "random_normal",
    "truncated_normal",
    "get_default_graph",
    "log",
    "gfile",
    "logging",
    "placeholder_with_default",
    "trainable_variables",
    "global_variables",
    "train.AdamOptimizer",
    "train.GradientDescentOptimizer",
    "train.MomentumOptimizer",
    "train.RMSPropOptimizer",
    "train.AdagradOptimizer",
    "train.Saver",
    "local_variables_initializer",
    "py_func",
    "assign",
    "to_float",
    "disable_eager_execution",
    "enable_eager_execution",
    "get_collection",
    "add_to_collection",
    "GraphKeys",
    "truncated_normal_initializer",
}
# Names that TensorFlow 1's programs hardly use; `tf.data` and `tf.keras` belong to both.
_V2_NAMES = {
    "GradientTape",
    "function",
    "random.set_seed",
    "Module",
    "config",
    "TensorSpec",
}


def main(argv: list[str] | None = None) -> int:
    """Run a program. Returns its exit status."""
    parser = argparse.ArgumentParser(prog="thalweg run", description=__doc__.split("\n")[0] if __doc__ else None)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--tf1", action="store_true", help="start in TensorFlow 1's graph mode")
    mode.add_argument("--tf2", action="store_true", help="start in TensorFlow 2's eager mode")
    parser.add_argument("--py2", action="store_true", help="the program is Python 2: translate it, in memory")
    parser.add_argument("script", help="the program, a .py file, or a notebook, .ipynb")
    parser.add_argument("args", nargs=argparse.REMAINDER, help="what the program is given")
    options = parser.parse_args(argv)
    path = pathlib.Path(options.script)
    if not path.is_file():
        print(f"thalweg run: there is no file {options.script!r}.", file=sys.stderr)
        return 2
    if path.suffix == ".ipynb":
        from thalweg.apps.notebook import run_notebook

        return run_notebook(path, options.tf1 or None if not options.tf2 else False)
    if options.py2:
        from thalweg.apps.python2 import install_translation

        install_translation(path.resolve().parent)
    v1 = options.tf1 or (not options.tf2 and is_v1_program(path, options.py2))
    run_program(path, options.args, v1, options.py2)
    return 0


def run_program(path: pathlib.Path, args: list[str], v1: bool, py2: bool = False) -> dict:
    """Run a script as `__main__` with TensorFlow's names resolving to this package; gives its globals."""
    from thalweg.aliases import install_as_tensorflow

    install_as_tensorflow(v1)
    sys.argv = [str(path), *args]
    sys.path.insert(0, str(path.resolve().parent))
    if py2:
        from thalweg.apps.python2 import run_translated

        return run_translated(path)
    return runpy.run_path(str(path), run_name="__main__")


# -- which generation --------------------------------------------------------------------------------------


def is_v1_program(path: pathlib.Path, py2: bool = False) -> bool:
    """Whether a program, with the modules beside it that it imports, is written for TensorFlow 1."""
    return py2 or is_v1_source(_trees(path.resolve(), set()))


def is_v1_source(trees: Iterable[ast.Module]) -> bool:
    """Whether these modules use more names of TensorFlow 1 than of TensorFlow 2."""
    used = set()
    for tree in trees:
        used |= names_of_tensorflow(tree)
    v1 = sum(any(n == m or n.startswith(m + ".") for m in _V1_NAMES) for n in used)
    v2 = sum(any(n == m or n.startswith(m + ".") for m in _V2_NAMES) for n in used)
    return v1 > v2


def _trees(path: pathlib.Path, seen: set[pathlib.Path]) -> Iterator[ast.Module]:
    if path in seen:
        return
    seen.add(path)
    try:
        tree = ast.parse(path.read_bytes())
    except SyntaxError:
        return  # running it will say so, at the right line
    yield tree
    for node in ast.walk(tree):
        names = (
            [a.name for a in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        for name in names:
            beside = path.parent / (name.replace(".", "/") + ".py")
            if name and beside.is_file():
                yield from _trees(beside, seen)


def names_of_tensorflow(tree: ast.Module) -> set[str]:
    """Dotted names that a module takes from `tensorflow`, without that prefix."""
    aliases = set()
    used = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            aliases |= {a.asname or a.name for a in node.names if a.name == "tensorflow"}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "tensorflow":
            inside = node.module.partition(".")[2]
            if not inside.startswith("compat"):
                used |= {f"{inside}.{a.name}".lstrip(".") for a in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            dotted = _dotted(node)
            if dotted is not None and dotted.split(".")[0] in aliases:
                used.add(dotted.partition(".")[2])
    return used


def _dotted(node: ast.expr) -> str | None:
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None
