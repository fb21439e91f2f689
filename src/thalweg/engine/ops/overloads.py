"""The operators of tensors and variables: `a + b`, `-a`, `a < b`, `a @ b`, `a == b` ...

`overload_operators(cls)` attaches them. Two eager tensors go straight to the op's record; anything else is first converted
to the dtype of the tensor beside it, as TensorFlow does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.context import building, local
from thalweg.engine.core.registry import Op
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor, Tensor
from thalweg.engine.ops import bitwise, comparison, division, elementwise, exponential
from thalweg.engine.ops.scopes import scope
from thalweg.engine.ops.shaping import cast


class _Settings:
    """`tf.compat.v1.enable_tensor_equality()`: whether `==` compares values (TensorFlow 2) or identity."""

    equality = True


def set_tensor_equality(on: bool) -> None:
    _Settings.equality = on


def tensor_equality() -> bool:
    return _Settings.equality


# -- making a method of an op ------------------------------------------------------------------------------


def _like(value: Any, tensor: Any, name: str, strictly: bool = True) -> Any:
    """An operand as a tensor, in the dtype of the one beside it where it has none of its own.

    `strictly`: Python values that cannot have that dtype are refused; otherwise they keep their own.
    """
    if isinstance(value, Tensor):
        return value
    if isinstance(tensor, SymbolicTensor) and local.graph is None:
        with building(tensor.graph):  # a variable is read whenever the graph runs, not once now
            return _like(value, tensor, name, strictly)
    if convert.is_convertible_object(value):
        return convert.convert_to_tensor(value, name=name)
    dtype = tensor.dtype.base_dtype
    return convert.convert_to_tensor(value, dtype if strictly else None, dtype_hint=dtype, name=name)


# What an op's record takes beside an eager tensor as it is.
_DIRECT = frozenset({EagerTensor, int, float})
_REFUSED = (TypeError, ValueError, errors.InvalidArgumentError)


def _binary(function: Any, name: str, reflected: str | None, otherwise: Any = None, strictly: bool = True) -> tuple[Any, Any]:
    """The method and its reflection for `function(x, y, name=)`; `otherwise`: what to do where that refuses."""
    careful = function if otherwise is None else otherwise
    by_dtype = not isinstance(function, Op)  # it asks its first operand for the dtype

    def call(x: Any, y: Any, full: str) -> Any:
        x = _like(x, y, "x") if isinstance(y, Tensor) else convert.convert_to_tensor(x)
        return careful(x, _like(y, x, "y", strictly), name=full)

    def slow(x: Any, y: Any) -> Any:
        try:
            if local.graph is None:
                return call(x, y, name)
            with scope(None, name) as full:
                return call(x, y, full)
        except (TypeError, ValueError):
            # The other operand may know better what to do with a tensor.
            method = getattr(type(y), reflected, None) if reflected is not None and not isinstance(y, Tensor) else None
            result = NotImplemented if method is None else method(y, x)
            if result is NotImplemented:
                raise
            return result

    def forward(x: Any, y: Any) -> Any:
        if type(x) is EagerTensor and type(y) in _DIRECT:
            if otherwise is None:
                return function(x, y, name=name)
            try:
                return function(x, y, name=name)
            except _REFUSED:
                pass
        return slow(x, y)

    def backward(x: Any, y: Any) -> Any:
        if type(x) is EagerTensor and type(y) in _DIRECT and local.graph is None and not by_dtype:
            try:
                return function(y, x, name=name)
            except _REFUSED:
                if otherwise is None:
                    raise
        with scope(None, name) as full:
            x = convert.convert_to_tensor(x)
            return careful(_like(y, x, "x"), x, name=full or name)

    return forward, backward


def _unary(function: Callable[..., Any]) -> Any:
    return lambda x: function(x)


# -- operators that depend on the dtype --------------------------------------------------------------------


def _truediv(x: Any, y: Any, name: str | None = None) -> Any:
    if type(x) is EagerTensor and x._array.dtype.kind == "f":
        return division.real_divide(x, y, name=name)
    return division.truediv(x, y, name=name)


def _add(x: Any, y: Any, name: str | None = None) -> Any:
    return elementwise.add_op(x, y, name=name) if x.dtype.base_dtype is dtypes.string else elementwise.add_v2(x, y, name=name)


def _multiply(x: Any, y: Any, name: str | None = None) -> Any:
    """Booleans are multiplied as numbers, and are booleans again."""
    if x.dtype.base_dtype is not dtypes.bool:
        return elementwise.multiply(x, y, name=name)
    return cast(elementwise.multiply(cast(x, dtypes.int32), cast(y, dtypes.int32)), dtypes.bool, name=name)


def _logical(on_bools: Callable[..., Any], on_bits: Callable[..., Any]) -> Callable[..., Any]:
    def function(x: Any, y: Any, name: str | None = None) -> Any:
        return (on_bools if x.dtype.base_dtype is dtypes.bool else on_bits)(x, y, name=name)

    return function


def _invert(x: Any) -> Any:
    x = convert.convert_to_tensor(x)
    return comparison.logical_not(x) if x.dtype.base_dtype is dtypes.bool else bitwise.invert(x)


def _matmul(x: Any, y: Any, name: str | None = None) -> Any:
    from thalweg.engine.ops.matmul import matmul

    return matmul(x, y, name=name)


# -- equality ----------------------------------------------------------------------------------------------


def _by_identity(x: Any) -> bool:
    """In graphs of TensorFlow 1 tensors are compared as objects."""
    graph, own = local.graph, getattr(x, "graph", None)
    return not _Settings.equality or any(g is not None and not g.building_function for g in (graph, own))


def _equality(record: Callable[..., Any], same: bool) -> Any:
    def method(x: Any, other: Any) -> Any:
        if type(other) is EagerTensor and type(x) is EagerTensor and _Settings.equality and local.graph is None:
            return record(x, other, incompatible_shape_error=False)
        if other is None:
            return not same
        if _by_identity(x):
            return (x is other) is same
        x = convert.convert_to_tensor(x)
        return record(x, _like(other, x, "y"), incompatible_shape_error=False)

    return method


# -- attaching them ----------------------------------------------------------------------------------------

_BINARY: dict[str, tuple[Any, ...]] = {
    # method: the op, the node's name, what to do where the op refuses, and whether Python values must take the dtype beside them
    "add": (elementwise.add_v2, "add", _add, False),
    "sub": (elementwise.subtract, "sub"),
    "mul": (elementwise.multiply, "mul", _multiply),
    "truediv": (_truediv, "truediv"),
    "div": (_truediv, "truediv"),
    "floordiv": (division.floor_div, "floordiv"),
    "mod": (division.floormod, "mod"),
    "pow": (exponential.pow_op, "pow"),
    "matmul": (_matmul, "matmul"),
    "and": (_logical(comparison.logical_and, bitwise.bitwise_and), "and"),
    "or": (_logical(comparison.logical_or, bitwise.bitwise_or), "or"),
    "xor": (_logical(comparison.logical_xor, bitwise.bitwise_xor), "xor"),
}
_ORDER: dict[str, tuple[Callable[..., Any], str]] = {
    "lt": (comparison.less, "Less"),
    "le": (comparison.less_equal, "LessEqual"),
    "gt": (comparison.greater, "Greater"),
    "ge": (comparison.greater_equal, "GreaterEqual"),
}
_MIRRORED = {"lt": "__gt__", "le": "__ge__", "gt": "__lt__", "ge": "__le__"}


def _methods() -> dict[str, Any]:
    methods: dict[str, Any] = {}
    for key, (function, name, *rest) in _BINARY.items():
        methods[f"__{key}__"], methods[f"__r{key}__"] = _binary(function, name, f"__r{key}__", *rest)
    for key, (function, name) in _ORDER.items():
        methods[f"__{key}__"] = _binary(function, name, _MIRRORED[key])[0]
    methods["__neg__"] = _unary(elementwise.negative)
    methods["__abs__"] = _unary(elementwise.abs)
    methods["__invert__"] = _invert
    methods["__eq__"] = _equality(comparison.equal_op, True)
    methods["__ne__"] = _equality(comparison.not_equal_op, False)
    return methods


def overload_operators(cls: type) -> None:
    """Give a class that converts to a tensor (a variable) the operators of one."""
    for name, method in _methods().items():
        method.__name__, method.__qualname__ = name, f"{cls.__name__}.{name}"
        setattr(cls, name, method)


overload_operators(Tensor)
Tensor.OVERLOADABLE_OPERATORS |= {*_methods(), "__getitem__"}
