"""Order: sort, argsort, the largest k, the n-th. NaN comes last in ascending order, first in descending."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.registry import HOST, INDEX, REAL, REGISTRY, Sample, op
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.ops.creation import range_
from thalweg.engine.ops.indexing import gather_grad, gather_v2
from thalweg.engine.ops.reordering import transpose
from thalweg.engine.ops.scatter import tensor_scatter_nd_update
from thalweg.engine.ops.shaping import cast, expand_dims, scalar, static_axis, wrong
from thalweg.engine.ops.static import shape_of


def _order(xp: Any, x: Any, descending: bool) -> Any:
    """Indices that sort the last axis; equal elements stay in their order."""
    if not descending:
        return xp.argsort(x, axis=-1, kind="stable") if xp is np else xp.argsort(x, axis=-1, stable=True)
    n = x.shape[-1]
    backwards = xp.flip(x, -1)
    order = xp.argsort(backwards, axis=-1, kind="stable") if xp is np else xp.argsort(backwards, axis=-1, stable=True)
    return n - 1 - xp.flip(order, -1)


# -- top k -------------------------------------------------------------------------------------------------


class TopKV2(NamedTuple):
    """The largest elements and where they were."""

    values: Any
    indices: Any


def _top_k_shape(x: TensorShape, k: Any, **_: Any) -> tuple[TensorShape, TensorShape]:
    if isinstance(k, list):
        raise ValueError(f"k must be scalar, got {k}")
    if k is not None and k < 0:
        raise ValueError(f"Need k >= 0, got {k}")
    if x.rank is None:
        return UNKNOWN, UNKNOWN
    if not x.rank:
        raise ValueError("input must be >= 1-D, got shape ()")
    n = x.as_list()[-1]
    if None not in (n, k) and n < k:  # type: ignore[operator]
        raise ValueError(f"input must have at least k columns. Had {n}, needed {k}")
    y = x[:-1] + TensorShape([k])
    return y, y


def _top_k_vjp(y: Any, g: Any, x: Any, k: Any, *, sorted: bool, index_type: DType) -> Any:
    return lambda: gather_grad(shape_of(x), y[1], -1, g[0], batch_dims=-1), None


@op("TopKV2", types=("T", HOST), dtypes=REAL, out=("T", lambda groups, attrs: attrs["index_type"]), shape=_top_k_shape,
    vjp=_top_k_vjp, samples=[Sample((3, 5), 2), Sample((5,), 5), Sample((2, 3), 0)])
def top_k_op(xp: Any, input: Any, k: Any, *, sorted: bool = True, index_type: DType = dtypes.int32) -> Any:
    count = scalar(k, "k")
    if not input.ndim or not 0 <= count <= input.shape[-1]:
        raise ValueError("k")  # the shape rule says it
    order = _order(xp, input, descending=True)[..., :count]
    return xp.take_along_axis(input, order, axis=-1), order.astype(index_type.np_dtype)


@top_k_op.xla
def _(xp: Any, input: Any, k: Any, *, sorted: bool = True, index_type: DType = dtypes.int32) -> Any:
    # XLA has an operation that does not sort everything.
    import jax

    values, order = jax.lax.top_k(input, scalar(k, "k"))
    return values, order.astype(index_type.np_dtype)


def top_k(input: Any, k: Any = 1, sorted: bool = True, index_type: Any = dtypes.int32, name: str | None = None) -> TopKV2:
    """The `k` largest elements of the last dimension, largest first, and their indices; of equal ones the first.

    Returns `(values, indices)`, a named tuple. Raises InvalidArgumentError when there are fewer than `k`.

    >>> tf.math.top_k([1, 5, 3], k=2).values.numpy()
    array([5, 3], dtype=int32)
    """
    return TopKV2(*top_k_op(input, k, sorted=sorted, index_type=dtypes.as_dtype(index_type), name=name))


class ApproxTopK(NamedTuple):
    """The largest (smallest) elements and where they were."""

    values: Any
    indices: Any


def _approximate(operand: Any, k: Any, reduction_dimension: int, largest: bool, name: str | None) -> ApproxTopK:
    x = convert.convert_to_tensor(operand)
    moved = _to_last(x, reduction_dimension)
    values, indices = top_k(moved if largest else REGISTRY["Neg"](moved), k, name=name)
    values = values if largest else REGISTRY["Neg"](values)
    return ApproxTopK(_from_last(values, reduction_dimension), _from_last(indices, reduction_dimension))


def approx_max_k(
    operand: Any, k: Any, reduction_dimension: int = -1, recall_target: float = 0.95, reduction_input_size_override: int = -1,
    aggregate_to_topk: bool = True, name: str | None = None,
) -> ApproxTopK:  # fmt: skip
    """The `k` largest along a dimension; here they are exact.

    >>> tf.math.approx_max_k([1., 3., 2.], 2).indices.numpy()
    array([1, 2], dtype=int32)
    """
    return _approximate(operand, k, reduction_dimension, True, name)


def approx_min_k(
    operand: Any, k: Any, reduction_dimension: int = -1, recall_target: float = 0.95, reduction_input_size_override: int = -1,
    aggregate_to_topk: bool = True, name: str | None = None,
) -> ApproxTopK:  # fmt: skip
    """The `k` smallest along a dimension; here they are exact.

    >>> tf.math.approx_min_k([1., 3., 2.], 2).indices.numpy()
    array([0, 2], dtype=int32)
    """
    return _approximate(operand, k, reduction_dimension, False, name)


def _in_top_k_shape(predictions: TensorShape, targets: TensorShape, k: Any) -> TensorShape:
    predictions = predictions.with_rank(2)
    return TensorShape([TensorShape(targets.with_rank(1)).merge_with(predictions[:1]).as_list()[0]])


@op("InTopKV2", types=(dtypes.float32, "T", HOST), dtypes=INDEX, out=dtypes.bool, shape=_in_top_k_shape,
    samples=[Sample(np.array([[1, 5, 3], [2, 2, 0]], np.float32), np.array([1, 7], np.int32), 1)])
def in_top_k_op(xp: Any, predictions: Any, targets: Any, k: Any) -> Any:
    if predictions.ndim != 2 or targets.shape != predictions.shape[:1]:
        raise errors.invalid(
            f"First dimension of predictions {list(predictions.shape)} must match length of targets {list(targets.shape)}"
        )
    n = predictions.shape[1]
    inside = (targets >= 0) & (targets < n)
    own = xp.take_along_axis(predictions, xp.where(inside, targets, 0)[:, None], axis=1)
    larger = (predictions > own).sum(axis=1)
    return inside & xp.isfinite(predictions).all(axis=1) & (larger < scalar(k, "k"))


def in_top_k(targets: Any, predictions: Any, k: Any, name: str | None = None) -> Any:
    """Whether each target is among the `k` largest predictions of its row; ties at the border count as among them.

    A row with NaN or infinity, or a target out of range, gives False.

    >>> tf.math.in_top_k([1, 0], [[1., 5., 3.], [2., 4., 6.]], 2).numpy()
    array([ True, False])
    """
    return in_top_k_op(predictions, targets, k, name=name)


# -- sort --------------------------------------------------------------------------------------------------


def _sort_shape(x: TensorShape, **_: Any) -> TensorShape:
    return x.with_rank_at_least(1)


def _sort_vjp(y: Any, g: Any, x: Any, *, descending: bool) -> Any:
    # Each gradient goes back to where its element came from: picked by the inverse of the permutation.
    return lambda: gather_v2(g, argsort_op(argsort_op(x, descending=descending)), -1, batch_dims=-1)


@op("Sort", dtypes=REAL, shape=_sort_shape, vjp=_sort_vjp, samples=[Sample((3, 5)), Sample((4,), descending=True)])
def sort_op(xp: Any, values: Any, *, descending: bool = False) -> Any:
    ordered = xp.sort(values, axis=-1)
    return xp.flip(ordered, -1) if descending else ordered


@op("Argsort", dtypes=REAL, out=dtypes.int32, shape=_sort_shape, samples=[Sample((3, 5)), Sample((4,), descending=True)])
def argsort_op(xp: Any, values: Any, *, descending: bool = False) -> Any:
    return _order(xp, values, descending).astype(np.int32)


def _to_last(x: Any, axis: int) -> Any:
    return x if axis in (-1, (x.shape.rank or 0) - 1) else transpose(x, _exchange(x, axis))


_from_last = _to_last  # exchanging two dimensions undoes itself


def _exchange(x: Any, axis: int) -> Any:
    """The order of dimensions in which `axis` and the last have changed places."""
    rank = x.shape.rank
    if rank is not None:
        order = list(range(rank))
        order[axis], order[-1] = order[-1], order[axis]
        return order
    rank = REGISTRY["Rank"](x)
    at = REGISTRY["Reshape"](axis if axis >= 0 else rank + axis, [1])
    last = REGISTRY["Reshape"](rank - 1, [1])
    places = REGISTRY["Pack"](at, last)
    return tensor_scatter_nd_update(range_(rank), places, REGISTRY["ConcatV2"](last, at, 0))


def _sorted(record: Any, values: Any, axis: Any, direction: str, name: str | None) -> Any:
    if direction not in ("ASCENDING", "DESCENDING"):
        raise ValueError(f"Argument `direction` should be one of 'ASCENDING' or 'DESCENDING'. Received: direction={direction}")
    axis = int(axis)
    x = convert.convert_to_tensor(values)
    rank = x.shape.rank
    if rank is not None and not -rank <= axis < rank:
        raise wrong(f"axis must be in the range [{-rank}, {rank}), not {axis}")
    return _from_last(record(_to_last(x, axis), descending=direction == "DESCENDING", name=name), axis)


def sort(values: Any, axis: Any = -1, direction: str = "ASCENDING", name: str | None = None) -> Any:
    """The elements in order along an axis.

    direction: "ASCENDING" or "DESCENDING". Raises ValueError for another, or an axis that is not there.

    >>> tf.sort([3, 1, 2], direction="DESCENDING").numpy()
    array([3, 2, 1], dtype=int32)
    """
    return _sorted(sort_op, values, axis, direction, name)


def argsort(values: Any, axis: Any = -1, direction: str = "ASCENDING", stable: bool = False, name: str | None = None) -> Any:
    """The indices (int32) that put the elements in order along an axis; equal elements keep theirs.

    >>> tf.argsort([3, 1, 2]).numpy()
    array([1, 2, 0], dtype=int32)
    """
    return _sorted(argsort_op, values, axis, direction, name)


# -- the n-th element --------------------------------------------------------------------------------------


def _nth_shape(x: TensorShape, n: Any, *, reverse: bool) -> TensorShape:
    n = static_axis(n)
    if x.rank is None:
        return UNKNOWN
    last = x.with_rank_at_least(1).as_list()[-1]
    if n is not None and (n < 0 or (last is not None and n >= last)):
        raise ValueError(f"Input must have last dimension > n = {n} but is {last}")
    return x[:-1]


def _nth_vjp(y: Any, g: Any, x: Any, n: Any, *, reverse: bool) -> Any:
    def dx() -> Any:
        chosen = cast(REGISTRY["Equal"](expand_dims(y, -1), x), x.dtype)
        return chosen * expand_dims(g, -1) / REGISTRY["Sum"](chosen, -1, keep_dims=True)

    return dx, None


@op("NthElement", types=("T", HOST), dtypes=REAL, shape=_nth_shape, vjp=_nth_vjp,
    samples=[Sample((3, 5), 1), Sample((5,), 0, reverse=True)])
def nth_element(xp: Any, input: Any, n: Any, *, reverse: bool = False) -> Any:
    """The element that would be n-th in each row if it were sorted, counted from 0."""
    place = scalar(n, "n")
    if not 0 <= place < input.shape[-1]:
        raise ValueError("n")  # the shape rule says it
    return xp.sort(input, axis=-1)[..., -1 - place if reverse else place]
