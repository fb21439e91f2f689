"""TensorFlow 1's assertions: as `tf.debugging`'s, with the `data` that is shown when they fail.

In a graph they give an operation that must run: put it in `tf.control_dependencies`.
"""

from __future__ import annotations

from typing import Any

from thalweg.compat.v1.arrays import either
from thalweg.engine.core import convert
from thalweg.engine.ops import assertions, comparison
from thalweg.engine.ops.assertions import compare, near, rank_condition


def assert_equal(
    x: Any, y: Any, data: Any = None, summarize: Any = None, message: str | None = None, name: str | None = None
) -> Any:
    """Raise InvalidArgumentError unless `x == y` everywhere."""
    return compare("==", comparison.equal, "assert_equal", x, y, data, summarize, message, name)


def assert_none_equal(
    x: Any, y: Any, data: Any = None, summarize: Any = None, message: str | None = None, name: str | None = None
) -> Any:
    """Raise InvalidArgumentError unless `x != y` everywhere."""
    return compare("!=", comparison.not_equal, "assert_none_equal", x, y, data, summarize, message, name)


def assert_less(
    x: Any, y: Any, data: Any = None, summarize: Any = None, message: str | None = None, name: str | None = None
) -> Any:
    """Raise InvalidArgumentError unless `x < y` everywhere."""
    return compare("<", comparison.less, "assert_less", x, y, data, summarize, message, name)


def assert_less_equal(
    x: Any, y: Any, data: Any = None, summarize: Any = None, message: str | None = None, name: str | None = None
) -> Any:
    """Raise InvalidArgumentError unless `x <= y` everywhere."""
    return compare("<=", comparison.less_equal, "assert_less_equal", x, y, data, summarize, message, name)


def assert_greater(
    x: Any, y: Any, data: Any = None, summarize: Any = None, message: str | None = None, name: str | None = None
) -> Any:
    """Raise InvalidArgumentError unless `x > y` everywhere."""
    return compare(">", comparison.greater, "assert_greater", x, y, data, summarize, message, name)


def assert_greater_equal(
    x: Any, y: Any, data: Any = None, summarize: Any = None, message: str | None = None, name: str | None = None
) -> Any:
    """Raise InvalidArgumentError unless `x >= y` everywhere."""
    return compare(">=", comparison.greater_equal, "assert_greater_equal", x, y, data, summarize, message, name)


def _zero(x: Any) -> Any:
    return convert.convert_to_tensor(0, dtype=x.dtype.base_dtype)


def assert_positive(x: Any, data: Any = None, summarize: Any = None, message: str | None = None, name: str | None = None) -> Any:
    """Raise InvalidArgumentError unless `x > 0` everywhere."""
    x = convert.convert_to_tensor(x)
    return assert_greater(x, _zero(x), data, summarize, message, name or "assert_positive")


def assert_non_negative(
    x: Any, data: Any = None, summarize: Any = None, message: str | None = None, name: str | None = None
) -> Any:
    """Raise InvalidArgumentError unless `x >= 0` everywhere."""
    x = convert.convert_to_tensor(x)
    return assert_greater_equal(x, _zero(x), data, summarize, message, name or "assert_non_negative")


def assert_negative(x: Any, data: Any = None, summarize: Any = None, message: str | None = None, name: str | None = None) -> Any:
    """Raise InvalidArgumentError unless `x < 0` everywhere."""
    x = convert.convert_to_tensor(x)
    return assert_less(x, _zero(x), data, summarize, message, name or "assert_negative")


def assert_non_positive(
    x: Any, data: Any = None, summarize: Any = None, message: str | None = None, name: str | None = None
) -> Any:
    """Raise InvalidArgumentError unless `x <= 0` everywhere."""
    x = convert.convert_to_tensor(x)
    return assert_less_equal(x, _zero(x), data, summarize, message, name or "assert_non_positive")


def assert_near(
    x: Any, y: Any, rtol: Any = None, atol: Any = None, data: Any = None, summarize: Any = None, message: str | None = None,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Raise InvalidArgumentError unless `|x - y| < atol + rtol * |y|` everywhere."""
    return near(x, y, rtol, atol, data, summarize, message, name)


def assert_rank(
    x: Any, rank: Any, data: Any = None, summarize: Any = None, message: str | None = None, name: str | None = None
) -> Any:
    """Raise ValueError unless `x` has `rank` dimensions."""
    return rank_condition(x, [rank], int.__eq__, comparison.equal, "", data, summarize, message, name)


def assert_rank_at_least(
    x: Any, rank: Any, data: Any = None, summarize: Any = None, message: str | None = None, name: str | None = None
) -> Any:
    """Raise ValueError unless `x` has at least `rank` dimensions."""
    return rank_condition(x, [rank], int.__ge__, comparison.greater_equal, "at least ", data, summarize, message, name)


def assert_rank_in(
    x: Any, ranks: Any, data: Any = None, summarize: Any = None, message: str | None = None, name: str | None = None
) -> Any:
    """Raise ValueError unless the number of dimensions of `x` is one of `ranks`."""
    return rank_condition(x, ranks, int.__eq__, comparison.equal, "in ", data, summarize, message, name)


def assert_scalar(tensor: Any, name: str | None = None, message: str | None = None) -> Any:
    """The tensor, if it is a scalar. Raises ValueError if its shape says otherwise."""
    tensor = convert.convert_to_tensor(tensor)
    assertions.assert_scalar(tensor, message, name)
    return tensor


def assert_all_finite(
    t: Any = None, msg: str | None = None, name: str | None = None, x: Any = None, message: str | None = None
) -> Any:
    """`x`, if all of it is finite. Raises InvalidArgumentError, with `message`, if not."""
    return assertions.assert_all_finite(either("x", x, "t", t), either("message", message, "msg", msg), name)


verify_tensor_all_finite = assert_all_finite
is_numeric_tensor = assertions.is_numeric_tensor
assert_integer = assertions.assert_integer
assert_type = assertions.assert_type
assert_proper_iterable = assertions.assert_proper_iterable
assert_same_float_dtype = assertions.assert_same_float_dtype

__all__ = [
    "assert_equal", "assert_greater", "assert_greater_equal", "assert_integer", "assert_less", "assert_less_equal", "assert_near",
    "assert_negative", "assert_non_negative", "assert_non_positive", "assert_none_equal", "assert_positive",
    "assert_proper_iterable", "assert_rank", "assert_rank_at_least", "assert_rank_in", "assert_same_float_dtype", "assert_scalar",
    "assert_type", "is_numeric_tensor", "verify_tensor_all_finite",
]  # fmt: skip
