"""Assertions: they raise at once where values are known, and become Assert nodes in graphs.

The functions of `tf.debugging` (TensorFlow 2) and of `tf` in TensorFlow 1 stand on these; `data` is what an Assert node
shows when it fails. Source: https://www.tensorflow.org/api_docs/python/tf/debugging
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.context import local
from thalweg.engine.core.registry import ANY, FLOAT, REGISTRY, Op, Sample, op, register, static_value
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor, static_shape
from thalweg.engine.ops import comparison
from thalweg.engine.ops.elementwise import abs as absolute, add_v2, multiply, subtract
from thalweg.engine.ops.families import same_shape
from thalweg.engine.ops.reduce import reduce_all
from thalweg.engine.ops.scopes import scope

# -- the op ------------------------------------------------------------------------------------------------


class _AssertOp(Op):
    """Its data may be of any dtypes, each its own."""

    def type_of_input(self, i: int, count: int) -> Any:
        return dtypes.bool if i == 0 else f"data{i}"


def _assert_kernel(xp: Any, condition: Any, *data: Any, summarize: int | None = 3) -> None:
    if not condition.all():
        shown = " ".join(f"[{_summary(d, summarize)}]" for d in data)
        raise errors.InvalidArgumentError(None, None, f"assertion failed: {shown}")


def _summary(array: Any, summarize: int | None) -> str:
    array = np.asarray(array)
    count = array.size if summarize is not None and summarize < 0 else 3 if summarize is None else summarize
    items = [v.decode(errors="replace") if isinstance(v, bytes) else str(v) for v in array.ravel()[:count].tolist()]
    return " ".join(items) + ("..." if array.size > count else "")


_ASSERT: dict[str, Any] = {"types": (dtypes.bool, "T*"), "dtypes": ANY, "out": (), "shape": lambda *_, **__: ()}
assert_op = register(_AssertOp(_assert_kernel, "Assert", host=True, stateful=True, **_ASSERT))


def Assert(condition: Any, data: Any, summarize: int | None = None, name: str | None = None) -> Any:
    """Raise InvalidArgumentError, showing `data`, unless `condition` is true. In a graph: the operation that will.

    Each tensor of `data` is shown with `summarize` elements (3 by default).
    """
    if local.graph is None and not isinstance(condition, SymbolicTensor):
        if not condition:
            shown = "\n".join(_summary(convert.convert_to_tensor(d)._array, summarize) for d in data)
            raise errors.InvalidArgumentError(None, None, f"Expected '{condition}' to be true. Summarized data: {shown}")
        return None
    return assert_op(condition, *data, summarize=3 if summarize is None else summarize, name=name)


def after(checks: Sequence[Any], x: Any) -> Any:
    """`x`, in a graph only once the assertions have passed."""
    checks = [c for c in checks if c is not None]
    if not checks or local.graph is None:
        return x
    with local.graph.control_dependencies(checks):
        return REGISTRY["Identity"](x)


# -- values ------------------------------------------------------------------------------------------------


def _prefix(message: str | None) -> str:
    return f"{message}.  " if message else ""


def _describe(x: Any) -> str:
    return f"shape={x.shape} dtype={x.dtype!r}" if isinstance(x, EagerTensor) else x.name


def compare(
    sign: str, record: Callable[..., Any], opname: str, x: Any, y: Any, data: Any, summarize: Any, message: str | None,
    name: str | None,
) -> Any:  # fmt: skip
    """Assert `x sign y` of all elements."""
    with scope(name, opname):
        x = convert.convert_to_tensor(x)
        y = convert.convert_to_tensor(y)
        holds = reduce_all(record(x, y))
        known = _value(holds)
        if known is None:
            condition = f"Condition x {sign} y did not hold element-wise:"
            shown = data if data is not None else [_prefix(message), condition, f"x ({x.name}) = ", x, f"y ({y.name}) = ", y]
            return Assert(holds, shown, summarize=summarize)
        if known:
            return None if local.graph is None else REGISTRY["NoOp"]()
        raise errors.InvalidArgumentError(None, None, _complaint(sign, record, x, y, data, summarize, message))


def _value(x: Any) -> Any:
    return bool(x._array) if isinstance(x, EagerTensor) else static_value(x)


def _complaint(sign: str, record: Any, x: Any, y: Any, data: Any, summarize: Any, message: str | None) -> str:
    if data is not None:
        return "\n".join(_summary(getattr(d, "_array", d), summarize) for d in data)
    lines = [_prefix(message) + f"Condition x {sign} y did not hold."]
    if isinstance(x, EagerTensor) and isinstance(y, EagerTensor):
        a, b = np.broadcast_arrays(x._array, y._array)
        wrong = ~np.asarray(record(x, y)._array)
        count = 3 if summarize is None else summarize
        lines += [
            f"Indices of first {count} different values:", str(np.argwhere(wrong)[:count]),
            "Corresponding x values:", str(a[wrong][:count]),
            "Corresponding y values:", str(b[wrong][:count]),
            f"First {count} elements of x:", str(x._array.ravel()[:count]),
            f"First {count} elements of y:", str(y._array.ravel()[:count]),
        ]  # fmt: skip
    return "\n".join(lines)


def assert_equal(x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: str | None = None) -> Any:
    """Raise InvalidArgumentError unless `x == y` everywhere (they may broadcast).

    >>> tf.debugging.assert_equal([1, 2], [1, 2])
    """
    return compare("==", comparison.equal, "assert_equal", x, y, None, summarize, message, name)


def assert_none_equal(x: Any, y: Any, summarize: int | None = None, message: str | None = None, name: str | None = None) -> Any:
    """Raise InvalidArgumentError unless `x != y` everywhere."""
    return compare("!=", comparison.not_equal, "assert_none_equal", x, y, None, summarize, message, name)


def assert_less(x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: str | None = None) -> Any:
    """Raise InvalidArgumentError unless `x < y` everywhere."""
    return compare("<", comparison.less, "assert_less", x, y, None, summarize, message, name)


def assert_less_equal(x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: str | None = None) -> Any:
    """Raise InvalidArgumentError unless `x <= y` everywhere."""
    return compare("<=", comparison.less_equal, "assert_less_equal", x, y, None, summarize, message, name)


def assert_greater(x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: str | None = None) -> Any:
    """Raise InvalidArgumentError unless `x > y` everywhere."""
    return compare(">", comparison.greater, "assert_greater", x, y, None, summarize, message, name)


def assert_greater_equal(x: Any, y: Any, message: str | None = None, summarize: int | None = None, name: str | None = None) -> Any:
    """Raise InvalidArgumentError unless `x >= y` everywhere."""
    return compare(">=", comparison.greater_equal, "assert_greater_equal", x, y, None, summarize, message, name)


def _against_zero(sign: str, record: Any, x: Any, message: str | None, summarize: int | None, name: str | None) -> Any:
    x = convert.convert_to_tensor(x)
    opname = {">": "assert_positive", ">=": "assert_non_negative", "<": "assert_negative", "<=": "assert_non_positive"}[sign]
    zero = convert.convert_to_tensor(0, dtype=x.dtype.base_dtype)
    return compare(sign, record, opname, x, zero, None, summarize, f"{_prefix(message)}Condition x {sign} 0 did not hold", name)


def assert_positive(x: Any, message: str | None = None, summarize: int | None = None, name: str | None = None) -> Any:
    """Raise InvalidArgumentError unless `x > 0` everywhere."""
    return _against_zero(">", comparison.greater, x, message, summarize, name)


def assert_non_negative(x: Any, message: str | None = None, summarize: int | None = None, name: str | None = None) -> Any:
    """Raise InvalidArgumentError unless `x >= 0` everywhere."""
    return _against_zero(">=", comparison.greater_equal, x, message, summarize, name)


def assert_negative(x: Any, message: str | None = None, summarize: int | None = None, name: str | None = None) -> Any:
    """Raise InvalidArgumentError unless `x < 0` everywhere."""
    return _against_zero("<", comparison.less, x, message, summarize, name)


def assert_non_positive(x: Any, message: str | None = None, summarize: int | None = None, name: str | None = None) -> Any:
    """Raise InvalidArgumentError unless `x <= 0` everywhere."""
    return _against_zero("<=", comparison.less_equal, x, message, summarize, name)


def near(x: Any, y: Any, rtol: Any, atol: Any, data: Any, summarize: Any, message: str | None, name: str | None) -> Any:
    with scope(name, "assert_near"):
        x = convert.convert_to_tensor(x)
        y = convert.convert_to_tensor(y, dtype=x.dtype.base_dtype)
        real = x.dtype.base_dtype.real_dtype
        ten_steps = 10 * float(np.finfo(real.np_dtype).eps) if real.np_dtype.kind == "f" else 10 * 2.0**-7
        rtol, atol = (convert.convert_to_tensor(ten_steps if t is None else t, dtype=real) for t in (rtol, atol))
        close = comparison.less(absolute(subtract(x, y)), add_v2(atol, multiply(rtol, absolute(y))))
        shown = [_prefix(message), "x and y not equal to tolerance", "x = ", x, "y = ", y] if data is None else data
        return Assert(reduce_all(close), shown, summarize=summarize)


def assert_near(
    x: Any, y: Any, rtol: Any = None, atol: Any = None, message: str | None = None, summarize: int | None = None,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Raise InvalidArgumentError unless `|x - y| < atol + rtol * |y|` everywhere; both are 10 steps of the dtype by default."""
    return near(x, y, rtol, atol, None, summarize, message, name)


# -- numbers that are finite -------------------------------------------------------------------------------


@op("CheckNumerics", dtypes=FLOAT, shape=same_shape, vjp=lambda y, g, x, message: check_numerics_of_gradient(g, message),
    stateful=True, samples=[Sample((2, 3), message="x")])
def check_numerics(xp: Any, tensor: Any, *, message: str) -> Any:
    """`tensor`, if all of it is finite. Raises InvalidArgumentError, with `message`, if not (compiled programs cannot).

    >>> tf.debugging.check_numerics([1.0, 2.0], "input").numpy()
    array([1., 2.], dtype=float32)
    """
    if xp is np and not np.isfinite(tensor).all():
        found = " and ".join(w for w, bad in (("Inf", np.isinf(tensor).any()), ("NaN", np.isnan(tensor).any())) if bad)
        raise errors.InvalidArgumentError(None, None, f"{message} : Tensor had {found} values")
    return tensor


def check_numerics_of_gradient(g: Any, message: str) -> Any:
    return check_numerics(g, message=f"Not a number (NaN) or infinity (Inf) values detected in gradient. {message}")


def assert_all_finite(x: Any, message: str, name: str | None = None) -> Any:
    """`x`, if all of it is finite. Raises InvalidArgumentError, with `message`, if not."""
    x = convert.convert_to_tensor(x)
    return REGISTRY["Identity"](after([check_numerics(x, message=message)], x), name=name)


# -- shapes ------------------------------------------------------------------------------------------------


def _rank_value(rank: Any) -> Any:
    value = static_value(convert.convert_to_tensor(rank)) if not isinstance(rank, int) else rank
    if isinstance(value, list):
        raise ValueError("Rank must be a scalar.")
    if isinstance(value, float):
        raise TypeError(f"Rank must be an integer, not {rank!r}.")
    return value


def rank_condition(
    x: Any, ranks: Sequence[Any], holds: Callable[[int, int], bool], record: Any, wording: str, data: Any, summarize: Any,
    message: str | None, name: str | None,
) -> Any:  # fmt: skip
    """Assert that the rank of `x` and one of `ranks` satisfy a condition."""
    x = convert.convert_to_tensor(x)
    values, rank = [_rank_value(r) for r in ranks], static_shape(x).rank
    if rank is not None and None not in values:
        if not any(holds(rank, v) for v in values):
            wanted = values[0] if len(values) == 1 else tuple(values)
            raise ValueError(
                f"{_prefix(message)}Tensor {x.name if isinstance(x, SymbolicTensor) else ''} must have rank {wording}{wanted}.  "
                f"Received rank {rank}, shape {static_shape(x)}"
            )
        return None if local.graph is None else REGISTRY["NoOp"]()
    conditions = [record(REGISTRY["Rank"](x), convert.convert_to_tensor(r)) for r in ranks]
    condition = conditions[0]
    for c in conditions[1:]:
        condition = comparison.logical_or(condition, c)
    shown = [_prefix(message), f"Tensor {x.name} must have rank {wording}", *ranks, "Received shape: ", REGISTRY["Shape"](x)]
    return Assert(condition, shown if data is None else data, summarize=summarize, name=name)


def assert_rank(x: Any, rank: Any, message: str | None = None, name: str | None = None) -> Any:
    """Raise ValueError (InvalidArgumentError where only the running graph knows) unless `x` has `rank` dimensions.

    >>> tf.debugging.assert_rank([[1, 2]], 2)
    """
    return rank_condition(x, [rank], int.__eq__, comparison.equal, "", None, None, message, name)


def assert_rank_at_least(x: Any, rank: Any, message: str | None = None, name: str | None = None) -> Any:
    """Raise ValueError unless `x` has at least `rank` dimensions."""
    return rank_condition(x, [rank], int.__ge__, comparison.greater_equal, "at least ", None, None, message, name)


def assert_rank_in(x: Any, ranks: Any, message: str | None = None, name: str | None = None) -> Any:
    """Raise ValueError unless the number of dimensions of `x` is one of `ranks`."""
    return rank_condition(x, ranks, int.__eq__, comparison.equal, "in ", None, None, message, name)


def assert_scalar(tensor: Any, message: str | None = None, name: str | None = None) -> None:
    """Raise ValueError if the tensor's shape says that it is no scalar."""
    known = static_shape(convert.convert_to_tensor(tensor))
    if known.rank not in (None, 0):
        raise ValueError(f"{_prefix(message)}Expected scalar shape, saw shape: {known}.")


def assert_shapes(
    shapes: Any, data: Any = None, summarize: Any = None, message: str | None = None, name: str | None = None
) -> None:
    """Raise ValueError unless tensors have the shapes given: pairs, or a dict, of tensor and shape.

    A size is a number, a name that must mean the same size wherever it stands, or None (or ".") for any; a leading `...`
    (or "*") stands for any number of dimensions. Sizes that only a running graph knows are not checked.

    >>> tf.debugging.assert_shapes([(tf.ones([2, 3]), ("N", 3)), (tf.ones([2]), ("N",))])
    """
    meant: dict[Any, int] = {}
    for x, symbols in shapes.items() if isinstance(shapes, dict) else shapes:
        if symbols is not None:
            _assert_shape(convert.convert_to_tensor(x), symbols, meant, message)


def _assert_shape(x: Any, symbols: Any, meant: dict[Any, int], message: str | None) -> None:
    if not hasattr(symbols, "__iter__") and not hasattr(symbols, "__getitem__"):
        raise ValueError(f"{_prefix(message)}Tensor {_describe(x)}.  Specified shape must be an iterable. Received: {symbols!r}")
    symbols, known = tuple(symbols), static_shape(x)
    if any(s in (Ellipsis, "*") for s in symbols[1:]):
        raise ValueError(f"{_prefix(message)}`...` or `*` is only allowed as the first entry of a shape, not in {symbols!r}.")
    open_ended = bool(symbols) and symbols[0] in (Ellipsis, "*")
    symbols = symbols[1:] if open_ended else symbols
    if known.rank is None:
        return
    sizes = known.as_list() or [1]
    wanted = symbols or (1,)
    if len(sizes) < len(wanted) or (len(sizes) > len(wanted) and not open_ended):
        least = "at least " if open_ended else ""
        raise ValueError(
            f"{_prefix(message)}Tensor {_describe(x)} must have rank {least}{len(symbols)}.  Received rank {known.rank}, "
            f"shape {known}"
        )
    for symbol, size in zip(wanted, sizes[len(sizes) - len(wanted) :]):
        if symbol in (None, ".") or size is None:
            continue
        number = int(symbol) if str(symbol).isdigit() else meant.setdefault(symbol, size)
        if number != size:
            raise ValueError(
                f"{_prefix(message)}Tensor {_describe(x)}: dimension {symbol!r} must have size {number}. Received size {size}, "
                f"shape {known}"
            )


# -- types -------------------------------------------------------------------------------------------------


def assert_type(tensor: Any, tf_type: Any, message: str | None = None, name: str | None = None) -> Any:
    """Raise TypeError unless the tensor has dtype `tf_type`."""
    tensor, wanted = convert.convert_to_tensor(tensor), dtypes.as_dtype(tf_type)
    if tensor.dtype.base_dtype != wanted:
        raise TypeError(f"{_prefix(message)}tensor must be of type {wanted!r}; got {tensor.dtype!r}")
    return None if local.graph is None else REGISTRY["NoOp"](name=name)


def assert_integer(x: Any, message: str | None = None, name: str | None = None) -> Any:
    """Raise TypeError unless the tensor holds integers."""
    x = convert.convert_to_tensor(x)
    if not x.dtype.is_integer:
        raise TypeError(f'{_prefix(message)}Expected "x" to be integer type.  Found: tensor of dtype {x.dtype}')
    return None if local.graph is None else REGISTRY["NoOp"](name=name)


def assert_same_float_dtype(tensors: Any = None, dtype: Any = None) -> Any:
    """The one floating dtype that all tensors, and `dtype`, have (float32 if nothing says). Raises ValueError if they differ."""
    dtype = None if dtype is None else dtypes.as_dtype(dtype)
    for t in tensors or ():
        if t is None:
            continue
        own = t.dtype.base_dtype
        if dtype is not None and own != dtype:
            raise ValueError(f"Tensors must have one dtype: expected {dtype!r}, got {own!r}.")
        dtype = own
    dtype = dtype or dtypes.float32
    if not dtype.is_floating:
        raise ValueError(f"Expected floating point type, got {dtype}.")
    return dtype


def assert_proper_iterable(values: Any) -> None:
    """Raise TypeError if `values` is no iterable, or one by accident: a tensor, an array, a string."""
    if isinstance(values, (EagerTensor, SymbolicTensor, np.ndarray, str, bytes)) or not hasattr(values, "__iter__"):
        raise TypeError(f'Expected argument "values" to be a "proper" iterable.  Found: {type(values)}')


def is_numeric_tensor(tensor: Any) -> bool:
    """Whether the argument is a tensor of numbers.

    >>> tf.debugging.is_numeric_tensor(tf.constant(1))
    True
    """
    dtype: Any = getattr(tensor, "dtype", None)
    return isinstance(tensor, (EagerTensor, SymbolicTensor)) and (dtype.is_floating or dtype.is_integer or dtype.is_complex)


