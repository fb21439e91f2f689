"""Placing slices by index: `scatter_nd`, and copies of a tensor with slices updated.

A place outside the tensor raises InvalidArgumentError when NumPy runs the op and is left out by compiled programs (and
everywhere with `bad_indices_policy="IGNORE"`). Where places repeat, updates are combined, or the last one wins.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from thalweg.engine.core import errors
from thalweg.engine.core.registry import ANY, BASIC, HOST, NUMERIC, REAL, REGISTRY, Op, Sample, op, register
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.ops.indexing import ROW_INDEX, gather_nd, nd_places
from thalweg.engine.ops.shaping import cast, ints, static_ints
from thalweg.engine.ops.static import shape_of


def _check_updates(target: TensorShape, indices: TensorShape, updates: TensorShape) -> None:
    """Raise ValueError unless `updates` is `indices.shape[:-1] + target.shape[depth:]`."""
    if None in (target.rank, indices.rank, updates.rank):
        return
    if not indices.rank:
        raise ValueError("Indices shape must have rank at least one. Found: ()")
    depth = indices.as_list()[-1]
    if depth is None:
        return
    if depth > target.rank:  # type: ignore[operator]
        raise ValueError(f"The last dimension of indices ({depth}) must be <= the rank of the target, of shape {target}")
    expected = indices[:-1] + target[depth:]
    if not updates.is_compatible_with(expected):
        raise ValueError(f"Dimensions of updates {updates} must match indices.shape[:-1] + shape[{depth}:] = {expected}")


def _placed(
    xp: Any, target: Any, indices: Any, updates: Any, ufunc: Any, method: str, bad_indices_policy: str = ""
) -> Any:  # fmt: skip
    """`target` with `updates` placed by `ufunc` (None: replacing); `method` is jax.numpy's. NumPy's target is fresh."""
    _check_updates(TensorShape(target.shape), TensorShape(indices.shape), TensorShape(updates.shape))
    if not indices.size and not updates.size:
        return target
    depth = indices.shape[-1]
    if xp is np and 0 in target.shape[:depth]:
        raise errors.invalid("Indices and updates specified for empty output")
    if xp is np and bad_indices_policy == "IGNORE":
        flat = indices.reshape(-1, depth)
        inside = ((flat >= 0) & (flat < np.array(target.shape[:depth]))).all(axis=1)
        indices, updates = flat[inside], updates.reshape(-1, *target.shape[depth:])[inside]
    places = nd_places(xp, indices, target.shape)
    if xp is not np:
        return getattr(xp.asarray(target).at[places], method)(updates, mode="drop", wrap_negative_indices=False)
    if ufunc is None:
        target[places] = updates
    else:
        ufunc.at(target, places, updates)
    return target


# -- scatter_nd --------------------------------------------------------------------------------------------


def _scatter_shape(indices: TensorShape, updates: TensorShape, shape: Any, **_: Any) -> TensorShape:
    sizes = static_ints(shape)
    if sizes is None:
        return UNKNOWN
    target = TensorShape(sizes)
    _check_updates(target, indices, updates)
    return target


@op("ScatterNd", types=("I", "T", HOST), dtypes=ANY, where={"I": ROW_INDEX}, shape=_scatter_shape,
    vjp=lambda y, g, indices, updates, shape, bad_indices_policy: (None, lambda: gather_nd(g, indices), None),
    samples=[Sample(np.array([[1], [3], [1]], np.int32), (3, 2), [5, 2]), Sample(np.array([[0, 1]], np.int64), (1,), [2, 3]),
             Sample(np.zeros((0, 1), np.int32), (0,), [3])])
def scatter_nd(xp: Any, indices: Any, updates: Any, shape: Any, *, bad_indices_policy: str = "") -> Any:
    """Zeros of `shape` to which each of `updates` is added at its place, a row of `indices`.

    Raises InvalidArgumentError for a place outside, or updates whose shape does not fit.

    >>> tf.scatter_nd([[1], [3], [1]], [1, 2, 3], [5]).numpy()
    array([0, 4, 0, 2, 0], dtype=int32)
    """
    if updates.dtype == object:
        target = np.full(ints(shape), b"", object)
    else:
        target = xp.zeros(ints(shape), updates.dtype)
    return _placed(xp, target, indices, updates, np.add, "max" if updates.dtype == bool else "add", bad_indices_policy)


# -- tensor_scatter_nd_* -----------------------------------------------------------------------------------


def _tensor_shape(tensor: TensorShape, indices: TensorShape, updates: TensorShape, **_: Any) -> TensorShape:
    _check_updates(tensor, indices, updates)
    return tensor


def _tensor_scatter(name: str, public: str, ufunc: Any, method: str, allowed: Any, vjp: Any, doc: str) -> Op:
    def kernel(xp: Any, tensor: Any, indices: Any, updates: Any, *, bad_indices_policy: str = "") -> Any:
        target = np.array(tensor) if xp is np else tensor
        return _placed(xp, target, indices, updates, ufunc, method, bad_indices_policy)

    record = Op(
        kernel, name, types=("T", "I", "T"), dtypes=allowed, where={"I": ROW_INDEX}, shape=_tensor_shape, vjp=vjp,
        samples=[
            Sample((5, 2), np.array([[1], [3]], np.int32), (2, 2)), Sample((3, 4), np.array([[0, 1], [2, 3]], np.int64), (2,)),
        ],
    )  # fmt: skip
    record.__name__ = record.__qualname__ = public
    record.__doc__, record.__module__ = doc, __name__
    return register(record)


def _update_vjp(y: Any, g: Any, x: Any, indices: Any, updates: Any, *, bad_indices_policy: str) -> Any:
    return lambda: tensor_scatter_nd_update(g, indices, REGISTRY["ZerosLike"](updates)), None, lambda: gather_nd(g, indices)


def _extreme_vjp(y: Any, g: Any, x: Any, indices: Any, updates: Any, *, bad_indices_policy: str) -> Any:
    """The gradient goes to whichever won, evenly among equals."""

    def shares() -> Any:
        kept = cast(REGISTRY["Equal"](x, y), g.dtype)
        placed = cast(REGISTRY["Equal"](updates, gather_nd(y, indices)), g.dtype)
        return kept, placed, g / (kept + scatter_nd(indices, placed, shape_of(x)))

    def dx() -> Any:
        kept, _, share = shares()
        return share * kept

    def dupdates() -> Any:
        _, placed, share = shares()
        return gather_nd(share, indices) * placed

    return dx, None, dupdates


tensor_scatter_nd_update = _tensor_scatter(
    "TensorScatterUpdate", "tensor_scatter_nd_update", None, "set", ANY, _update_vjp,
    """A copy of `tensor` with each of `updates` put at its place, a row of `indices`.

    Raises InvalidArgumentError for a place outside, or updates whose shape does not fit.

    >>> tf.tensor_scatter_nd_update([1, 2, 3], [[0], [2]], [7, 8]).numpy()
    array([7, 2, 8], dtype=int32)
    """,
)  # fmt: skip
tensor_scatter_nd_add = _tensor_scatter(
    "TensorScatterAdd", "tensor_scatter_nd_add", np.add, "add", NUMERIC,
    lambda y, g, x, indices, updates, bad_indices_policy: (g, None, lambda: gather_nd(g, indices)),
    """A copy of `tensor` to which each of `updates` is added at its place, a row of `indices`.

    >>> tf.tensor_scatter_nd_add([1, 2, 3], [[0], [0]], [7, 8]).numpy()
    array([16,  2,  3], dtype=int32)
    """,
)  # fmt: skip
tensor_scatter_nd_sub = _tensor_scatter(
    "TensorScatterSub", "tensor_scatter_nd_sub", np.subtract, "subtract", NUMERIC,
    lambda y, g, x, indices, updates, bad_indices_policy: (g, None, lambda: REGISTRY["Neg"](gather_nd(g, indices))),
    """A copy of `tensor` from which each of `updates` is taken at its place, a row of `indices`.

    >>> tf.tensor_scatter_nd_sub([1, 2, 3], [[2]], [7]).numpy()
    array([ 1,  2, -4], dtype=int32)
    """,
)  # fmt: skip
tensor_scatter_nd_max = _tensor_scatter(
    "TensorScatterMax", "tensor_scatter_nd_max", np.maximum, "max", REAL, _extreme_vjp,
    """A copy of `tensor` in which each place that `indices` names holds the larger of what is there and its update.

    >>> tf.tensor_scatter_nd_max([1, 2, 3], [[0], [2]], [7, 0]).numpy()
    array([7, 2, 3], dtype=int32)
    """,
)  # fmt: skip
tensor_scatter_nd_min = _tensor_scatter(
    "TensorScatterMin", "tensor_scatter_nd_min", np.minimum, "min", REAL, _extreme_vjp,
    """A copy of `tensor` in which each place that `indices` names holds the smaller of what is there and its update.

    >>> tf.tensor_scatter_nd_min([1, 2, 3], [[0], [2]], [7, 0]).numpy()
    array([1, 2, 0], dtype=int32)
    """,
)  # fmt: skip


def sparse_to_dense(
    sparse_indices: Any, output_shape: Any, sparse_values: Any, default_value: Any = 0, validate_indices: bool = True,
    name: str | None = None,
) -> Any:  # fmt: skip
    """A tensor of `default_value` with values put at the places of `sparse_indices`: a scalar, a vector or rows.

    >>> tf.compat.v1.sparse_to_dense([1, 3], [5], 7).numpy()
    array([0, 7, 0, 7, 0], dtype=int32)
    """
    inputs = (sparse_indices, output_shape, sparse_values, default_value)
    return sparse_to_dense_op(*inputs, validate_indices=validate_indices, name=name)


def _dense_shape(indices: TensorShape, output_shape: Any, values: TensorShape, default: TensorShape, **_: Any) -> TensorShape:
    sizes = static_ints(output_shape)
    return UNKNOWN if sizes is None else TensorShape(sizes)


@op("SparseToDense", types=("I", HOST, "T", "T"), dtypes=ANY, where={"I": ROW_INDEX}, shape=_dense_shape,
    vjp=lambda y, g, indices, shape, values, default, validate_indices: (None, None, lambda: gather_nd(g, indices), None),
    samples=[Sample(np.array([[0, 1], [1, 2]], np.int32), [2, 3], (2,), ())])
def sparse_to_dense_op(
    xp: Any, sparse_indices: Any, output_shape: Any, sparse_values: Any, default_value: Any, *, validate_indices: bool = True
) -> Any:
    dims = ints(output_shape)
    rows = sparse_indices if sparse_indices.ndim == 2 else sparse_indices.reshape((-1, 1))
    if rows.shape[1] != len(dims):
        raise errors.invalid(f"output_shape has incorrect number of elements: {len(dims)} should be: {rows.shape[1]}")
    if sparse_values.ndim and sparse_values.shape != rows.shape[:1]:
        raise errors.invalid(f"sparse_values has incorrect shape {list(sparse_values.shape)}, should be [] or [{len(rows)}]")
    if xp is np and validate_indices:
        places = rows.tolist()
        if any(a >= b for a, b in itertools.pairwise(places)):
            raise errors.invalid("sparse_indices must be sorted and must not repeat (or give validate_indices=False)")
    target = xp.full(dims, default_value, sparse_values.dtype)
    return _placed(xp, target, rows, xp.broadcast_to(sparse_values, rows.shape[:1]), None, "set")
