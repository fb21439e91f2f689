"""`thalweg run notebook.ipynb`: runs the cells in order, says how each went, and writes the executed notebook.

A notebook is JSON (https://nbformat.readthedocs.io): its cells run in this process, their output goes into the copy.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import pathlib
import sys
import time
import traceback
from types import ModuleType
from typing import Any

_FORMAT = 4


def read_notebook(path: pathlib.Path) -> dict[str, Any]:
    """A notebook of format 4 (or 3). Raises ValueError for what is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if "cells" not in found and found.get("worksheets"):
            found["cells"] = [c for sheet in found.pop("worksheets") for c in sheet["cells"]]
            found["nbformat"], found["nbformat_minor"] = _FORMAT, 2
            for c in found["cells"]:
                c["source"] = c.pop("input", c.get("source", ""))
        if not isinstance(found["cells"], list):
            raise ValueError("its cells are no list")
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is no notebook: {error}.") from None
    return found


def _source(cell: dict[str, Any]) -> str:
    given = cell.get("source", "")
    return "".join(given) if isinstance(given, list) else given


def python_of(cell: dict[str, Any]) -> str:
    """A cell's Python: magics and shell commands are left out, with a note in their place."""
    lines = _source(cell).split("\n")
    if lines and lines[0].startswith("%%"):
        if lines[0].split()[0] not in ("%%time", "%%timeit", "%%capture"):
            return ""
        lines[0] = ""
    return "\n".join(
        f"{line[: len(line) - len(line.lstrip())]}pass  # left out: {line.strip()}"
        if line.lstrip().startswith(("%", "!"))
        else line
        for line in lines
    )


def _run_cell(source: str, number: int, names: dict[str, Any]) -> Any:
    """Run a cell; gives the value of its last expression."""
    tree = ast.parse(source, f"<cell {number}>")
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, f"<cell {number}>", "exec"), names)
    if last is None or source.rstrip().endswith(";"):
        return None
    return eval(compile(ast.Expression(last.value), f"<cell {number}>", "eval"), names)  # type: ignore[attr-defined]


class _Both(io.StringIO):
    """Text that is kept and shown."""

    def write(self, text: str) -> int:
        sys.__stdout__.write(text)  # type: ignore[union-attr]
        return super().write(text)


def _outputs(printed: str, value: Any, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if printed:
        found.append({"output_type": "stream", "name": "stdout", "text": printed.splitlines(keepends=True)})
    if value is not None:
        shown = {"text/plain": repr(value).splitlines(keepends=True)}
        found.append({"output_type": "execute_result", "execution_count": count, "data": shown, "metadata": {}})
    return found


def run_notebook(path: pathlib.Path, v1: bool | None = None) -> int:
    """Run a notebook's cells until one fails. Writes NAME.executed.ipynb beside it; returns the exit status."""
    from thalweg.aliases import install_as_tensorflow
    from thalweg.apps.run import is_v1_source

    try:
        notebook = read_notebook(path)
    except ValueError as error:
        print(f"thalweg run: {error}", file=sys.stderr)
        return 2
    cells = [c for c in notebook["cells"] if c.get("cell_type") == "code"]
    if v1 is None:
        v1 = is_v1_source(_trees([python_of(c) for c in cells]))
    os.environ.setdefault("MPLBACKEND", "Agg")
    install_as_tensorflow(v1)
    sys.path.insert(0, str(path.resolve().parent))
    main = ModuleType("__main__")
    sys.modules["__main__"] = main
    failed = _run_cells(cells, main.__dict__)
    target = path.with_name(f"{path.stem}.executed.ipynb")
    target.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(cells)} cells, {'1 failed' if failed else 'all ran'}. Written: {target.resolve()}")
    return 1 if failed else 0


def _trees(sources: list[str]) -> list[ast.Module]:
    whole = []
    for source in sources:
        with contextlib.suppress(SyntaxError):
            whole += ast.parse(source).body
    return [ast.Module(whole, [])]


def _run_cells(cells: list[dict[str, Any]], names: dict[str, Any]) -> bool:
    """Run the cells in order, noting outputs in them. Whether one failed."""
    for number, cell in enumerate(cells, 1):
        printed, start, error, value = _Both(), time.perf_counter(), None, None
        with contextlib.redirect_stdout(printed):
            try:
                value = _run_cell(python_of(cell), number, names)
                if value is not None:
                    print(repr(value))
            except Exception as caught:
                error = caught
        seconds = time.perf_counter() - start
        text = printed.getvalue()
        if value is not None:
            text = text.removesuffix(repr(value) + "\n")
        cell["execution_count"], cell["outputs"] = number, _outputs(text, value, number)
        print(f"[cell {number}: {'ok' if error is None else 'failed'}, {seconds:.2f} s]")
        if error is not None:
            lines = traceback.format_exception(error)
            cell["outputs"].append({
                "output_type": "error", "ename": type(error).__name__, "evalue": str(error), "traceback": lines,
            })  # fmt: skip
            print("".join(lines), file=sys.stderr)
            return True
    return False
