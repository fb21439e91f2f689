"""`thalweg explain`: a computation's values and derivatives, node by node."""

from __future__ import annotations

import argparse
import ast
import pathlib
import sys
from collections.abc import Callable, Sequence
from typing import Any

DESCRIPTION = """Show how a result and its derivatives are computed: every node's value, and every term of the chain rule.
WHAT is an expression, "x*x*y + y + 2"; a function of a program, program.py:function; or a Keras model, model.keras or model.h5,
with --input. Values are given as NAME=VALUE: x=3, w=[[1,2],[3,4]]."""


class Refused(Exception):
    """A fault of the input, in one sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    options = parser().parse_args(arguments)
    try:
        explanation = explained(options.what, dict(_value(text) for text in options.values), options.input)
        if options.svg:
            _write(options.svg, explanation.svg())
        if options.html:
            from thalweg.explaining.page import page

            _write(options.html, page(explanation, options.what))
    except (Refused, ValueError) as error:
        print(f"thalweg explain: {error}", file=sys.stderr)
        return 2
    if not (options.svg or options.html):
        print(explanation.text())
    return 0


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    parser = argparse.ArgumentParser("thalweg explain", description=DESCRIPTION)
    parser.add_argument("what", metavar="WHAT", help='"x*x*y + y + 2", program.py:function or model.keras')
    parser.add_argument("values", metavar="NAME=VALUE", nargs="*", help="the inputs")
    parser.add_argument("--input", metavar="ROWS.csv", help="a model's inputs: numbers, with or without a line of names")
    parser.add_argument("--svg", metavar="FILE", help="write a picture there instead of text")
    parser.add_argument("--html", metavar="FILE", help="write a page there, to step through both sweeps")
    return parser


def explained(what: str, values: dict[str, Any], rows: str | None = None) -> Any:
    """The explanation of what the command line names. Raises Refused."""
    from thalweg.explaining import explain

    path, _, name = what.rpartition(":")
    if path.endswith(".py"):
        function = _function_of_program(pathlib.Path(path), name)
        try:
            return explain(function, **values)
        except TypeError as error:
            raise Refused(f"{what} cannot be called with {', '.join(values) or 'no values'}: {error}") from None
    if what.endswith((".keras", ".h5", ".hdf5")):
        return explain(_model(what), _rows(rows))
    from thalweg.explaining.expressions import ExpressionError, function_of, names_in

    names = [n for n in names_in(what) if n in values]
    if unused := [n for n in values if n not in names]:
        raise Refused(f"{', '.join(unused)} does not appear in {what!r}.")
    try:
        named = function_of(what, names)
    except ExpressionError as error:
        raise Refused(str(error)) from None
    return explain(_with_names(named, names), *[values[n] for n in names])


def _with_names(function: Callable[..., Any], names: list[str]) -> Callable[..., Any]:
    """The function with parameters of these names, so that the inputs are called so."""
    import inspect

    parameters = [inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in names]
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return function


def _value(text: str) -> tuple[str, Any]:
    import numpy as np

    name, equals, value = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise Refused(f"{text!r} is no value: write NAME=VALUE, x=3.")
    try:
        return name.strip(), np.asarray(ast.literal_eval(value.strip()), np.float32)
    except (ValueError, SyntaxError, TypeError):
        raise Refused(f"The value of {name} is no number or list of numbers: {value!r}.") from None


def _function_of_program(path: pathlib.Path, name: str) -> Callable[..., Any]:
    import runpy

    from thalweg.aliases import install_as_tensorflow

    if not path.is_file():
        raise Refused(f"There is no file {str(path)!r}.")
    install_as_tensorflow()
    sys.path.insert(0, str(path.resolve().parent))
    found = runpy.run_path(str(path), run_name=path.stem).get(name)
    if not callable(found):
        raise Refused(f"{path} has no function {name!r}.")
    return found


def _model(path: str) -> Any:
    from thalweg.keras.models import load_model

    if not pathlib.Path(path).is_file():
        raise Refused(f"There is no file {path!r}.")
    return load_model(path, compile=False)


def _rows(path: str | None) -> Any:
    import csv

    import numpy as np

    if path is None:
        raise Refused("A model needs inputs: --input ROWS.csv.")
    try:
        with open(path, newline="", encoding="utf-8") as file:
            lines = [line for line in csv.reader(file) if line]
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from None
    try:
        [float(cell) for cell in lines[0]]
    except (ValueError, IndexError):
        lines = lines[1:]  # a line of names
    try:
        return np.array([[float(cell) for cell in line] for line in lines], np.float32)
    except ValueError as error:
        raise Refused(f"{path} holds something that is no number: {error}.") from None


def _write(path: str, text: str) -> None:
    try:
        pathlib.Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}.") from None
    print(f"Written to {path}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
