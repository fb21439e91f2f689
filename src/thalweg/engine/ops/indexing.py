"""Picking elements by index: gather in its forms, `where`, boolean masks.

An index out of range raises InvalidArgumentError when NumPy runs the op. A compiled program cannot raise: there such an
element of a result is zero, as on TensorFlow's GPUs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.context import local
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.indexed_slices import IndexedSlices
from thalweg.engine.core.registry import BASIC, HOST, INDEX, NUMERIC, REGISTRY, Sample, op
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.core.tensor import SymbolicTensor, static_shape
from thalweg.engine.ops.shaping import ints, reshape_op, shape, shape_op, squeeze, static_axis
from thalweg.engine.ops.static import known, shape_of

ROW_INDEX = (dtypes.int16, *INDEX)


def check_range(xp: Any, indices: Any, size: int, what: str = "indices") -> None:
    """Raise InvalidArgumentError for the first index that is not in [0, size), where NumPy runs."""
    if xp is not np or not indices.size:
        return
    if indices.ndim == 0:
        if 0 <= indices < size:
            return
    elif indices.min() >= 0 and indices.max() < size:
        return
    place = tuple(int(i) for i in np.argwhere((indices < 0) | (indices >= size))[0])
    at = "".join(f"[{i}]" for i in place)
    raise errors.invalid(f"{what}{at} = {indices[place]} is not in [0, {size})")


# -- GatherV2 ----------------------------------------------------------------------------------------------


def _gather_axes(axis: int, batch_dims: int, params_rank: int, indices_rank: int) -> tuple[int, int]:
    """(axis, batch_dims) counted from the front. Raises ValueError where they do not fit."""
    if not -params_rank <= axis < params_rank:
        raise ValueError(f"Expected axis in the range [{-params_rank}, {params_rank}), but got {axis}")
    if not -indices_rank <= batch_dims <= indices_rank:
        raise ValueError(f"Expected batch_dims in the range [{-indices_rank}, {indices_rank}], but got {batch_dims}")
    axis, batch = axis % params_rank, batch_dims + (indices_rank if batch_dims < 0 else 0)
    if batch >= params_rank:
        raise ValueError(f"batch_dims ({batch}) must be less than rank(params) ({params_rank}).")
    if axis < batch:
        raise ValueError(f"batch_dims ({batch}) must be less than or equal to axis ({axis}).")
    return axis, batch


def _gather_shape(params: TensorShape, indices: TensorShape, axis: Any, *, batch_dims: int) -> TensorShape:
    axis = static_axis(axis)
    if params._dims is None or indices._dims is None:
        return UNKNOWN
    if axis is None:
        return TensorShape([None] * (len(params._dims) + len(indices._dims) - 1 - max(batch_dims, 0)))
    axis, batch = _gather_axes(axis, batch_dims, len(params._dims), len(indices._dims))
    batched = params[:batch].merge_with(indices[:batch])
    return batched + params[batch:axis] + indices[batch:] + params[axis + 1 :]


def _gather_vjp(y: Any, g: Any, params: Any, indices: Any, axis: Any, *, batch_dims: int) -> Any:
    at = known(axis)
    if not batch_dims and static_axis(at) == 0:
        return lambda: _row_gradients(g, params, indices), None, None
    return lambda: gather_grad(shape_of(params), indices, axis, g, batch_dims=batch_dims), None, None


def _row_gradients(g: Any, params: Any, indices: Any) -> IndexedSlices:
    """The gradient of picked rows, as rows: what an optimizer updates an embedding with."""
    dims = static_shape(params)[1:]
    if dims.is_fully_defined():
        rows: Any = [-1 if 0 not in dims.as_list() else (indices.shape.num_elements() or 0), *dims.as_list()]
    else:
        rows = REGISTRY["ConcatV2"](REGISTRY["Reshape"](REGISTRY["Size"](indices), [1]), shape_op(params)[1:], 0)
    return IndexedSlices(reshape_op(g, rows), reshape_op(indices, [-1]), shape(params))


@op(
    "GatherV2", types=("T", "I", HOST), where={"I": ROW_INDEX}, shape=_gather_shape, vjp=_gather_vjp,
    samples=[
        Sample((4, 3), np.array([2, 0, 2], np.int32), 0), Sample((2, 4, 3), np.array([[1], [0]], np.int32), 1),
        Sample((2, 3, 4), np.array([[1, 0], [2, 2]], np.int32), 1, batch_dims=1),
        Sample((2, 5, 3), np.array([[1, 0], [2, 2]], np.int32), 2, batch_dims=1),
        Sample((3,), np.int32(1), 0), Sample((3, 2), np.zeros(0, np.int32), 0),
    ],
)  # fmt: skip
def gather_v2(xp: Any, params: Any, indices: Any, axis: Any, *, batch_dims: int = 0) -> Any:
    at, batch = _gather_axes(ints(axis, "axis")[0], batch_dims, params.ndim, indices.ndim)
    check_range(xp, indices, params.shape[at])
    if not batch:
        return _take(xp, params, indices, at)
    if params.shape[:batch] != indices.shape[:batch]:
        raise ValueError("batch_dims")  # the shape rule says it
    outer = at - batch  # the dimensions between the batch and the axis: moved behind the indices' and back
    rows = xp.moveaxis(params, at, batch)
    y = pick(xp, rows, (*(_iota(indices.shape, i) for i in range(batch)), indices))
    picked = indices.ndim - batch
    return xp.moveaxis(y, tuple(range(batch + picked, batch + picked + outer)), tuple(range(batch, batch + outer)))


def _take(xp: Any, params: Any, indices: Any, axis: int) -> Any:
    if xp is np:
        y = params.take(indices, axis=axis)
        return y if type(y) is np.ndarray else np.asarray(y, params.dtype)
    return xp.take(params, xp.where(indices < 0, params.shape[axis], indices), axis=axis, mode="fill", fill_value=0)


def _iota(dims: tuple[int, ...], axis: int) -> Any:
    """0, 1, 2 ... along one axis, of a shape that broadcasts against `dims`."""
    return np.arange(dims[axis]).reshape([-1 if i == axis else 1 for i in range(len(dims))])


def _gather_grad_shape(shape: Any, indices: TensorShape, axis: Any, g: TensorShape, *, batch_dims: int) -> TensorShape:
    return UNKNOWN if shape is None else TensorShape(shape)


def _gather_grad_vjp(y: Any, g: Any, shape: Any, indices: Any, axis: Any, dy: Any, *, batch_dims: int) -> Any:
    return None, None, None, lambda: gather_v2(g, indices, axis, batch_dims=batch_dims)


@op("GatherGrad", types=(HOST, "I", HOST, "T"), where={"I": ROW_INDEX}, dtypes=NUMERIC, shape=_gather_grad_shape,
    vjp=_gather_grad_vjp, samples=[Sample([2, 4, 3], np.array([1, 0, 1], np.int32), 1, (2, 3, 3))])
def gather_grad(xp: Any, shape: Any, indices: Any, axis: Any, dy: Any, *, batch_dims: int = 0) -> Any:
    """The transpose of GatherV2: zeros of `shape` to which each slice of `dy` is added where it was taken."""
    dims = ints(shape)
    at, batch = _gather_axes(ints(axis, "axis")[0], batch_dims, len(dims), indices.ndim)
    outer, picked = at - batch, indices.ndim - batch
    g = xp.moveaxis(dy, tuple(range(batch, batch + outer)), tuple(range(batch + picked, batch + picked + outer)))
    places = (*(_iota(indices.shape, i) for i in range(batch)), indices)
    moved = [*dims[:batch], dims[at], *dims[batch:at], *dims[at + 1 :]]
    return xp.moveaxis(scatter_add(xp, xp.zeros(moved, dy.dtype), places, g), batch, at)


def scatter_add(xp: Any, target: Any, places: tuple[Any, ...], values: Any) -> Any:
    """`target` (fresh where NumPy runs) with `values` added at `places`; what is out of range is left out by XLA."""
    if xp is not np:
        return xp.asarray(target).at[places].add(values, mode="drop", wrap_negative_indices=False)
    dims = target.shape[: len(places)]
    ids = np.ravel_multi_index(np.broadcast_arrays(*places), dims).ravel()
    accumulate(np.add, target, ids, values)
    return target


def accumulate(ufunc: Any, target: np.ndarray, ids: np.ndarray, values: np.ndarray) -> None:
    """`ufunc` each of `values`, in order, into the row of `target` that its id names; a row is all that has one id.

    NumPy's indexed ufuncs are quick in one dimension alone, so elements are addressed flat.
    """
    if values.size:
        width = values.size // ids.size
        places = ids if width == 1 else (ids.astype(np.int64)[:, None] * width + np.arange(width)).ravel()
        ufunc.at(target.reshape(-1), places, values.ravel())


@dispatchable
def gather(
    params: Any, indices: Any, validate_indices: Any = None, axis: Any = None, batch_dims: int = 0, name: str | None = None
) -> Any:
    """Slices of `params` picked along `axis` by `indices` (of any shape).

    axis: by default `batch_dims`, the number of leading dimensions that both share.
    Raises InvalidArgumentError for an index out of range. The gradient along axis 0 is an `IndexedSlices`.

    >>> tf.gather([[1, 2], [3, 4], [5, 6]], [2, 0]).numpy()
    array([[5, 6],
           [1, 2]], dtype=int32)
    """
    if local.graph is None and type(indices) is list:
        indices = convert.convert_to_tensor(indices)
    return gather_v2(params, indices, batch_dims if axis is None else axis, batch_dims=batch_dims, name=name)


# -- GatherNd ----------------------------------------------------------------------------------------------


def _gather_nd_shape(params: TensorShape, indices: TensorShape, *, batch_dims: int, bad_indices_policy: str) -> TensorShape:
    if params._dims is None or indices._dims is None:
        return UNKNOWN
    if not indices._dims or not -1 < batch_dims < max(1, len(indices._dims)):
        raise ValueError(f"Argument `batch_dims` = {batch_dims} must be less than rank(`indices`) = {len(indices._dims)}")
    depth = indices._dims[-1]
    if depth is None:
        return UNKNOWN
    if depth > len(params._dims) - batch_dims:
        raise ValueError(
            f"The last dimension of indices must be <= the rank of params: indices has shape {indices}, params has shape {params}"
        )
    batched = params[:batch_dims].merge_with(indices[:batch_dims])
    return batched + indices[batch_dims:-1] + params[batch_dims + depth :]


def _gather_nd_vjp(y: Any, g: Any, params: Any, indices: Any, *, batch_dims: int, bad_indices_policy: str) -> Any:
    if not batch_dims and indices.shape.rank == 2 and indices.shape.as_list()[1] == 1:
        return lambda: IndexedSlices(g, reshape_op(indices, [-1]), shape(params)), None
    return lambda: gather_nd_grad(shape_of(params), indices, g, batch_dims=batch_dims), None


@op(
    "GatherNd", types=("T", "I"), where={"I": ROW_INDEX}, shape=_gather_nd_shape, vjp=_gather_nd_vjp,
    samples=[
        Sample((3, 4, 2), np.array([[0, 1], [2, 3]], np.int32)), Sample((3, 4), np.array([2, 1], np.int64)),
        Sample((2, 3, 4), np.array([[[1], [0]], [[2], [2]]], np.int32), batch_dims=1), Sample((3, 4), np.zeros((2, 0), np.int32)),
    ],
)  # fmt: skip
def gather_nd_op(xp: Any, params: Any, indices: Any, *, batch_dims: int = 0, bad_indices_policy: str = "") -> Any:
    places = nd_places(xp, indices, params.shape, batch_dims)
    if not places:
        return xp.broadcast_to(params, (*indices.shape[:-1], *params.shape))
    return pick(xp, params, places)


def pick(xp: Any, params: Any, places: tuple[Any, ...]) -> Any:
    """`params[places]`, with zeros for what is out of range under XLA (NumPy's indices have been checked)."""
    if xp is not np:
        return xp.asarray(params).at[places].get(mode="fill", fill_value=0, wrap_negative_indices=False)
    return params[(*places, ...)]


def nd_places(xp: Any, indices: Any, dims: tuple[int, ...], batch_dims: int = 0) -> tuple[Any, ...]:
    """Index arrays, one for each dimension that `indices` (its last dimension: one index) points into."""
    depth = indices.shape[-1]
    if depth > len(dims) - batch_dims:
        raise ValueError("too many indices")
    if xp is np and indices.size:
        bad = (indices < 0) | (indices >= np.array(dims[batch_dims : batch_dims + depth]))
        if bad.any():
            place = tuple(int(i) for i in np.argwhere(bad)[0][:-1])
            raise errors.invalid(
                f"indices[{','.join(map(str, place))}] = {indices[place].tolist()} does not index into shape {list(dims)}"
            )
    batch = tuple(_iota(indices.shape[:-1], i) for i in range(batch_dims))
    return batch + tuple(indices[..., i] for i in range(depth))


def _nd_grad_shape(shape: Any, indices: TensorShape, dy: TensorShape, *, batch_dims: int) -> TensorShape:
    return UNKNOWN if shape is None else TensorShape(shape)


@op("GatherNdGrad", types=(HOST, "I", "T"), where={"I": ROW_INDEX}, dtypes=NUMERIC, shape=_nd_grad_shape,
    vjp=lambda y, g, shape, indices, dy, batch_dims: (None, None, lambda: gather_nd_op(g, indices, batch_dims=batch_dims)),
    samples=[Sample([3, 4], np.array([[0, 1], [2, 3], [0, 1]], np.int32), (3,))])
def gather_nd_grad(xp: Any, shape: Any, indices: Any, dy: Any, *, batch_dims: int = 0) -> Any:
    """The transpose of GatherNd: zeros of `shape` to which each slice of `dy` is added where it was taken."""
    dims = ints(shape)
    places = nd_places(xp, indices, dims, batch_dims)
    if not places:
        return xp.sum(dy, axis=tuple(range(indices.ndim - 1)), dtype=dy.dtype)
    return scatter_add(xp, xp.zeros(dims, dy.dtype), places, dy)


@dispatchable
def gather_nd(params: Any, indices: Any, batch_dims: int = 0, name: str | None = None, bad_indices_policy: str = "") -> Any:
    """Elements or slices of `params`; each row of `indices` (its last dimension) is the place of one.

    Raises InvalidArgumentError for a place outside `params`.

    >>> tf.gather_nd([[1, 2], [3, 4]], [[0, 1], [1, 0]]).numpy()
    array([2, 3], dtype=int32)
    """
    if not isinstance(batch_dims, int) or batch_dims < 0:
        raise ValueError("tf.gather_nd does not allow negative batch_dims.")
    for what, x in (("params", params), ("indices", indices)) if batch_dims else ():
        rank = convert.convert_to_tensor(x).shape.rank
        if rank is not None and batch_dims >= rank:
            raise ValueError(f"Argument `batch_dims` = {batch_dims} must be less than rank(`{what}`) = {rank}")
    return gather_nd_op(params, indices, batch_dims=batch_dims, bad_indices_policy=bad_indices_policy, name=name)


# -- where and boolean masks -------------------------------------------------------------------------------


def _where_shape(x: TensorShape) -> TensorShape:
    return TensorShape([None, x.with_rank_at_least(1).rank])


@op("Where", dtypes=BASIC, out=dtypes.int64, shape=_where_shape, host=True, samples=[Sample((2, 3)), Sample((0, 3))])
def where_op(xp: Any, input: Any) -> Any:
    """The places, one a row, of the elements that are true (not zero)."""
    if not input.ndim:
        raise errors.invalid("tf.where needs at least one dimension, not a scalar")
    return np.argwhere(input).astype(np.int64)


@dispatchable
def boolean_mask(tensor: Any, mask: Any, axis: Any = None, name: str | None = "boolean_mask") -> Any:
    """The elements, or slices from `axis` on, for which `mask` is true.

    Raises ValueError for a scalar mask or one whose shape does not fit.

    >>> tf.boolean_mask([[1, 2], [3, 4]], [False, True]).numpy()
    array([[3, 4]], dtype=int32)
    """
    tensor = convert.convert_to_tensor(tensor)
    mask = convert.convert_to_tensor(mask)
    rank = mask.shape.rank
    if rank == 0:
        raise ValueError("mask cannot be scalar.")
    if rank is None:
        raise ValueError("The number of the mask's dimensions must be known, even if some of them are not: [None], not None.")
    at = 0 if axis is None else known(convert.convert_to_tensor(axis))
    if at is None:
        raise ValueError("The axis of a boolean mask must be known while the graph is built.")
    dims = tensor.shape
    if dims.rank is not None:
        at += dims.rank if at < 0 else 0
        dims[at : at + rank].assert_is_compatible_with(mask.shape)
    # Reshaped in any case: so the gradient is a tensor, as TensorFlow's is, and not rows.
    return gather_v2(_flattened(tensor, at, rank), squeeze(where_op(reshape_op(mask, [-1])), [1]), at)


def _flattened(tensor: Any, at: int, count: int) -> Any:
    """`count` dimensions from `at` on made one."""
    if tensor.shape.rank is None:
        sizes = shape_op(tensor)
        return reshape_op(tensor, REGISTRY["ConcatV2"](sizes[:at], [-1], sizes[at + count :], 0))
    dims = tensor.shape.as_list()
    merged = dims[:at] + [TensorShape(dims[at : at + count]).num_elements()] + dims[at + count :]
    if merged.count(None) > 1:
        sizes = shape_op(tensor)
        target: Any = REGISTRY["ConcatV2"](sizes[:at], [-1], sizes[at + count :], 0)
    else:
        target = [-1 if d is None else d for d in merged]
    y = reshape_op(tensor, target)
    if isinstance(y, SymbolicTensor):
        y.set_shape(merged)
    return y
