"""Running sums, products and log-sums of exponentials along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.registry import FLOAT, HOST, NUMERIC, Op, Sample, op
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.tensor import EagerTensor
from thalweg.engine.ops.comparison import greater, less, select_v2
from thalweg.engine.ops.division import div_no_nan
from thalweg.engine.ops.elementwise import add_v2, multiply, negative, subtract
from thalweg.engine.ops.exponential import exp, log
from thalweg.engine.ops.gradients import zeros_like

_SAMPLES = (
    Sample((3, 4), 0), Sample((3, 4), -1, exclusive=True), Sample((2, 3, 4), 1, reverse=True),
    Sample((3, 4), 1, exclusive=True, reverse=True), Sample((0, 3), 0),
)  # fmt: skip


def _scan_shape(x: TensorShape, axis: Any, **_: Any) -> TensorShape:
    if x.rank == 0:
        raise ValueError("Shape must be at least rank 1 but is rank 0")
    if axis is not None and x.rank is not None and not -x.rank <= axis < x.rank:
        raise ValueError(f"Expected scan axis in the range [{-x.rank}, {x.rank}), but got {axis}")
    return x


def _along(x: Any, axis: int, part: slice) -> Any:
    return x[(slice(None),) * axis + (part,)]


def _scan(xp: Any, x: Any, axis: Any, exclusive: bool, reverse: bool, run: Any, start: Any) -> Any:
    """`run(xp, x, axis)` forwards or backwards; exclusive: each result without its own element, `start` first."""
    axis = int(axis)
    _scan_shape(TensorShape(x.shape), axis)
    axis %= x.ndim
    backwards = slice(None, None, -1)
    if reverse:
        x = _along(x, axis, backwards)
    y = run(xp, x, axis)
    if exclusive and x.shape[axis]:
        first = xp.full_like(_along(y, axis, slice(0, 1)), start)
        y = xp.concatenate([first, _along(y, axis, slice(0, -1))], axis=axis)
    return _along(y, axis, backwards) if reverse else y


def _cumsum(xp: Any, x: Any, axis: int) -> Any:
    return xp.cumsum(x, axis=axis, dtype=x.dtype)


def _cumprod(xp: Any, x: Any, axis: int) -> Any:
    return xp.cumprod(x, axis=axis, dtype=x.dtype)


@op("Cumsum", types=("T", HOST), dtypes=NUMERIC, shape=_scan_shape, samples=_SAMPLES)
def cumsum_op(xp: Any, x: Any, axis: Any, *, exclusive: bool = False, reverse: bool = False) -> Any:
    return _scan(xp, x, axis, exclusive, reverse, _cumsum, 0)


@cumsum_op.vjp
def _(y: Any, g: Any, x: Any, axis: Any, *, exclusive: bool, reverse: bool) -> Any:
    return cumsum_op(g, axis, exclusive=exclusive, reverse=not reverse), None


@op("Cumprod", types=("T", HOST), dtypes=NUMERIC, shape=_scan_shape, samples=_SAMPLES, domain=(0.5, 2))
def cumprod_op(xp: Any, x: Any, axis: Any, *, exclusive: bool = False, reverse: bool = False) -> Any:
    return _scan(xp, x, axis, exclusive, reverse, _cumprod, 1)


@cumprod_op.vjp
def _(y: Any, g: Any, x: Any, axis: Any, *, exclusive: bool, reverse: bool) -> Any:
    total = cumsum_op(multiply(y, g), axis, exclusive=exclusive, reverse=not reverse)
    return div_no_nan(total, x), None


def _log_add(xp: Any, x: Any, axis: int) -> Any:
    if xp is np:
        return np.logaddexp.accumulate(x, axis=axis)
    from thalweg.engine.xp import jax

    return jax().lax.cumlogsumexp(x, axis=axis)


@op("CumulativeLogsumexp", types=("T", HOST), dtypes=FLOAT, shape=_scan_shape, samples=_SAMPLES)
def cumulative_logsumexp_op(xp: Any, x: Any, axis: Any, *, exclusive: bool = False, reverse: bool = False) -> Any:
    return _scan(xp, x, axis, exclusive, reverse, _log_add, -np.inf)


@cumulative_logsumexp_op.vjp
def _(y: Any, g: Any, x: Any, axis: Any, *, exclusive: bool, reverse: bool) -> Any:
    """The positive and negative parts of `g` are carried as logarithms, each by a scan of its own."""
    zero, lowest = zeros_like(g), convert.convert_to_tensor(np.array(g.dtype.base_dtype.min))

    def part(mask: Any, magnitude: Any) -> Any:
        logs = subtract(select_v2(mask, log(magnitude), lowest), y)
        return exp(add_v2(cumulative_logsumexp_op(logs, axis, exclusive=exclusive, reverse=not reverse), x))

    return subtract(part(greater(g, zero), g), part(less(g, zero), negative(g))), None


# -- the public functions ----------------------------------------------------------------------------------


def _cumulative(record: Op, x: Any, axis: Any, exclusive: bool, reverse: bool, name: str | None) -> Any:
    if type(x) is not EagerTensor:
        x = convert.convert_to_tensor(x)
    return record(x, axis, exclusive=bool(exclusive), reverse=bool(reverse), name=name)


@dispatchable
def cumsum(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    """The running sum along `axis`; `exclusive`: of the elements before each; `reverse`: from the end.

    Raises InvalidArgumentError for an axis that the tensor does not have.

    >>> tf.cumsum([1, 2, 3]).numpy()
    array([1, 3, 6], dtype=int32)
    """
    return _cumulative(cumsum_op, x, axis, exclusive, reverse, name)


def cumprod(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    """The running product along `axis`; `exclusive`: of the elements before each; `reverse`: from the end.

    >>> tf.math.cumprod([1, 2, 3], exclusive=True).numpy()
    array([1, 1, 2], dtype=int32)
    """
    return _cumulative(cumprod_op, x, axis, exclusive, reverse, name)


def cumulative_logsumexp(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    """The logarithm of the running sum of exponentials along `axis`, without overflow.

    >>> tf.math.cumulative_logsumexp([0.0, 0.0]).numpy()
    array([0.       , 0.6931472], dtype=float32)
    """
    return _cumulative(cumulative_logsumexp_op, x, axis, exclusive, reverse, name)


