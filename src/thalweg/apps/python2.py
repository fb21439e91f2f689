"""`thalweg run --py2`: Python 2 programs, translated in memory by fissix (the maintained lib2to3).

Division is what it was: of whole numbers it rounds down, unless the program says `from __future__ import division`.
"""

from __future__ import annotations

import ast
import builtins
import importlib.abc
import importlib.util
import numbers
import pathlib
import sys
import warnings
from collections.abc import Sequence
from types import ModuleType
from typing import Any

_DIVIDE = "__divide_as_python_2__"


def translate(source: str, name: str) -> str:
    """Python 2 source as Python 3. Raises ImportError where fissix is not installed, SyntaxError for what is neither."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from fissix import refactor
            from fissix.pgen2.parse import ParseError
            from fissix.pgen2.tokenize import TokenError
    except ImportError:
        raise ImportError("Python 2 programs are translated by fissix: pip install fissix.") from None
    tool = refactor.RefactoringTool(refactor.get_fixers_from_package("fissix.fixes"))
    text = source.expandtabs(8)
    text = text if text.endswith("\n") else text + "\n"
    try:
        return str(tool.refactor_string(text, name))
    except (ParseError, TokenError):
        try:
            ast.parse(text)
        except SyntaxError:
            raise
        return text  # Python 3 already


class _Divisions(ast.NodeTransformer):
    """`a / b` as a call that divides as Python 2 does."""

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Div):
            return node
        return ast.copy_location(ast.Call(ast.Name(_DIVIDE, ast.Load()), [node.left, node.right], []), node)

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Div) or not isinstance(node.target, ast.Name):
            return node
        read = ast.Name(node.target.id, ast.Load())
        call = ast.Call(ast.Name(_DIVIDE, ast.Load()), [read, node.value], [])
        return ast.copy_location(ast.Assign([node.target], call), node)


def divide(a: Any, b: Any) -> Any:
    """`a / b` of Python 2."""
    whole = isinstance(a, numbers.Integral) and isinstance(b, numbers.Integral)
    return a // b if whole else a / b


def compiled(path: pathlib.Path) -> Any:
    """A file's code, translated."""
    source = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
    tree = ast.parse(translate(source, str(path)), str(path))
    keeps = any(
        isinstance(n, ast.ImportFrom) and n.module == "__future__" and any(a.name == "division" for a in n.names) for n in tree.body
    )
    if not keeps and "import division" not in source:
        tree = ast.fix_missing_locations(_Divisions().visit(tree))
    setattr(builtins, _DIVIDE, divide)
    return compile(tree, str(path), "exec")


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Translates the modules of the program's folder."""

    def __init__(self, folder: pathlib.Path):
        self._folder = folder

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> Any:
        for base in [pathlib.Path(p) for p in path or []] or [self._folder]:
            stem = base / fullname.rpartition(".")[2]
            for file in (stem.with_suffix(".py"), stem / "__init__.py"):
                if file.is_file() and file.resolve().is_relative_to(self._folder):
                    return importlib.util.spec_from_file_location(
                        fullname, file, loader=self, submodule_search_locations=[str(stem)] if file.name == "__init__.py" else None
                    )
        return None

    def create_module(self, spec: Any) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(compiled(pathlib.Path(str(module.__file__))), module.__dict__)


def install_translation(folder: pathlib.Path) -> None:
    """Let modules of a folder be translated as they are imported."""
    sys.meta_path.insert(0, _Finder(folder.resolve()))


def run_translated(path: pathlib.Path) -> dict[str, Any]:
    """Run a program as `__main__`; gives its globals."""
    module = ModuleType("__main__")
    module.__file__ = str(path)
    before, sys.modules["__main__"] = sys.modules["__main__"], module
    try:
        exec(compiled(path), module.__dict__)
    finally:
        sys.modules["__main__"] = before
    return module.__dict__
