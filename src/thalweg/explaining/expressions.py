"""Arithmetic written as text, as a function of tensors: read by its syntax tree, never evaluated as Python."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import thalweg as tf

_OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.Pow: operator.pow,
    ast.MatMult: operator.matmul, ast.USub: operator.neg, ast.UAdd: lambda x: x,
}  # fmt: skip
_CONSTANTS = {"pi": math.pi, "e": math.e}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(tf.math, name) for name in (
        "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "log", "log1p", "expm1", "sqrt", "rsqrt",
        "square", "abs", "erf", "sigmoid", "softplus", "maximum", "minimum", "reciprocal",
    )},
    **{name: getattr(tf.nn, name) for name in ("relu", "elu", "selu", "gelu", "silu", "softmax", "log_softmax")},
    "sum": tf.reduce_sum, "mean": tf.reduce_mean, "max": tf.reduce_max, "min": tf.reduce_min, "pow": tf.pow, "ln": tf.math.log,
}  # fmt: skip


class ExpressionError(ValueError):
    """An expression that is not arithmetic, with what is wrong and where."""


def function_of(text: str, names: list[str]) -> Callable[..., Any]:
    """The expression as a function of these names, in their order. Raises ExpressionError."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f"{text!r} cannot be read as an expression: {error.msg} at character {error.offset}.") from None
    _check(tree, text, set(names))

    def function(*values: Any) -> Any:
        return _evaluate(tree, dict(zip(names, values)))

    function.__name__ = "f"
    signature = ", ".join(names)
    function.__doc__ = f"f({signature}) = {text}"
    return function


def names_in(text: str) -> list[str]:
    """The names that an expression uses and that are no functions or constants, in the order in which they appear."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        return []
    called = {n.func for n in ast.walk(tree) if isinstance(n, ast.Call)}
    found = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n not in called]
    found.sort(key=lambda n: (n.lineno, n.col_offset))
    return list(dict.fromkeys(n.id for n in found))


def _check(node: ast.AST, text: str, names: set[str]) -> None:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return
    if isinstance(node, ast.Name):
        if node.id not in names and node.id not in _CONSTANTS:
            raise ExpressionError(f"{node.id!r} in {text!r} has no value: give it one, {node.id}=3.")
        return
    parts: list[ast.AST]
    if isinstance(node, (ast.BinOp, ast.UnaryOp)) and type(node.op) in _OPERATORS:
        parts = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.operand]
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor):
        raise ExpressionError(f"A power is written with two stars: {ast.unparse(node.left)} ** {ast.unparse(node.right)}.")
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS and not node.keywords:
        parts = list(node.args)
    elif isinstance(node, ast.Call):
        raise ExpressionError(f"There is no function {ast.unparse(node.func)!r} here; there are {', '.join(sorted(FUNCTIONS))}.")
    else:
        raise ExpressionError(f"{ast.unparse(node)!r} is no arithmetic: use numbers, names, + - * / ** @ and functions.")
    for part in parts:
        _check(part, text, names)


def _evaluate(node: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return float(node.value)  # type: ignore[arg-type]  # _check has let numbers through alone
    if isinstance(node, ast.Name):
        return values[node.id] if node.id in values else _CONSTANTS[node.id]
    if isinstance(node, ast.UnaryOp):
        return _OPERATORS[type(node.op)](_evaluate(node.operand, values))
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)](_evaluate(node.left, values), _evaluate(node.right, values))
    return FUNCTIONS[node.func.id](*[_evaluate(a, values) for a in node.args])
