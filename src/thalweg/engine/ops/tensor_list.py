"""What a TensorArray is inside a graph: one dense tensor, `[size, *element]`, and ops that read and replace its rows.

Before anything is written the shape of an element may be unknown. The tensor is then *unset*, `[size, 0]`, and the first
write gives it rows of zeros; an `Element`, shared by all states of one array, remembers the shape once the graph knows it.
A write past the end of an array that may grow gives it more rows. Every op that a gradient turns around takes the number of
rows as an input, so that going back needs only that number, not the whole array of each trip of a loop.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.dtypes import DType
from thalweg.engine.core.registry import ANY, HOST, INDEX, Sample, op
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.ops.gradients import zeros_like
from thalweg.engine.ops.indexing import gather
from thalweg.engine.ops.shaping import shape_op
from thalweg.engine.xp import jax


class Element:
    """What is known of the shape of an array's elements; it becomes more specific with each write."""

    def __init__(self, shape: TensorShape, infer: bool = True):
        self.shape, self.infer = shape, infer


def is_unset(dense: Any) -> bool:
    """Whether the array has no rows yet that a shape could be told from."""
    return dense.ndim == 2 and dense.shape[1] == 0


def _known_rows(xp: Any, dense: Any, element: Any, complaint: str) -> Any:
    """The array with rows of the shape that its element is known to have. Raises InvalidArgumentError if it is not known."""
    if element is None or not is_unset(dense) or element.shape.rank == 1:
        return dense
    if element.shape.rank is None or (dense.shape[0] and not element.shape.is_fully_defined()):
        raise errors.invalid(f"{complaint}: {element.shape}. Give the TensorArray its element_shape, or write to it first.")
    return empty_rows(xp, dense.shape[0], [d or 0 for d in element.shape.as_list()], dense.dtype)


def empty_rows(xp: Any, count: int, shape: Any, dtype: Any) -> Any:
    if np.dtype(dtype) == object:
        rows = np.empty((count, *shape), object)
        rows[...] = b""
        return rows
    return xp.zeros((count, *shape), dtype)


def _with_rows(xp: Any, dense: Any, shape: Any) -> Any:
    """The array, with rows of zeros of this shape if it is unset. Raises InvalidArgumentError for rows of another shape."""
    if dense.shape[1:] == tuple(shape):
        return dense
    if is_unset(dense):
        return empty_rows(xp, dense.shape[0], shape, dense.dtype)
    if xp is not np:
        raise errors.NeedsHost("Elements of a TensorArray have different shapes.")
    raise errors.invalid(
        f"Inconsistent shapes: this TensorArray holds elements of shape {list(dense.shape[1:])}, not {list(shape)}. All "
        "elements must have one shape inside a tf.function."
    )


def _grown(xp: Any, dense: Any, count: int) -> Any:
    missing = count - dense.shape[0]
    if missing <= 0:
        return dense
    return xp.concatenate([dense, empty_rows(xp, missing, dense.shape[1:], dense.dtype)])


def _check_index(xp: Any, index: Any, count: int, verb: str) -> None:
    if xp is np and not 0 <= index < count:
        raise errors.invalid(f"Trying to {verb} element {int(index)} in a list with {count} elements.")


# -- making ------------------------------------------------------------------------------------------------


def _reserve_shape(size: Any, *, element_dtype: DType, element: Any, grows: bool) -> TensorShape:
    return TensorShape([None if grows else size]).concatenate(element.shape) if element is not None else UNKNOWN


@op("TensorListReserve", types=(HOST,), out=lambda groups, attrs: attrs["element_dtype"], shape=_reserve_shape,
    samples=[Sample(3, element=Element(TensorShape([2])))])
def reserve(xp: Any, num_elements: Any, *, element_dtype: DType = dtypes.float32, element: Any = None, grows: bool = False) -> Any:
    known = element is not None and element.shape.is_fully_defined()
    return empty_rows(xp, int(num_elements), element.shape.as_list() if known else (0,), element_dtype.np_dtype)


# -- one row -----------------------------------------------------------------------------------------------


def _row_shape(dense: TensorShape, index: Any, size: Any, *, element: Any = None) -> TensorShape:
    row = dense[1:] if dense.rank is not None else UNKNOWN
    return row.merge_with(element.shape) if element is not None and element.infer else row


@op("TensorListGetItem", types=("T", dtypes.int32, dtypes.int32), shape=_row_shape,
    samples=[Sample((3, 2), 1, 3), Sample((4,), 0, 4)])
def get_item(xp: Any, dense: Any, index: Any, size: Any, *, element: Any = None) -> Any:
    """Row `index`."""
    _check_index(xp, index, dense.shape[0], "access")
    dense = _known_rows(xp, dense, element, "Trying to read an uninitialized tensor but element_shape is not fully defined")
    return dense[index] if xp is np else jax().lax.dynamic_index_in_dim(dense, index, 0, keepdims=False)


@get_item.vjp
def _(y: Any, g: Any, dense: Any, index: Any, size: Any, *, element: Any) -> Any:
    return lambda: lone_row(g, index, size), None, None


def _lone_shape(row: TensorShape, index: Any, size: Any) -> TensorShape:
    return TensorShape([size]).concatenate(row)


@op("TensorListLoneRow", types=("T", dtypes.int32, HOST), shape=_lone_shape, samples=[Sample((2,), 1, 3)])
def lone_row(xp: Any, row: Any, index: Any, size: Any) -> Any:
    """An array of zeros but for one row."""
    return _put(xp, empty_rows(xp, int(size), row.shape, row.dtype), index, row)


@lone_row.vjp
def _(y: Any, g: Any, row: Any, index: Any, size: Any) -> Any:
    return get_item(g, index, size), None, None


def _put(xp: Any, dense: Any, index: Any, row: Any) -> Any:
    if xp is np:
        new = dense.copy()
        new[index] = row
        return new
    return jax().lax.dynamic_update_index_in_dim(dense, row, index, 0)


def _set_shape(dense: TensorShape, index: Any, value: TensorShape, size: Any, *, resize: bool) -> TensorShape:
    return TensorShape([None]).concatenate(dense[1:]) if resize and dense.rank is not None else dense


@op("TensorListSetItem", types=("T", dtypes.int32, "T", dtypes.int32), shape=_set_shape,
    samples=[Sample((3, 2), 1, (2,), 3)])
def set_item(xp: Any, dense: Any, index: Any, item: Any, size: Any, *, resize: bool = False) -> Any:
    """The array with row `index` replaced."""
    dense = _with_rows(xp, dense, item.shape)
    if resize:
        if xp is not np:
            raise errors.NeedsHost("The TensorArray may grow: its size is not known while compiling.")
        dense = _grown(xp, dense, int(index) + 1)
    _check_index(xp, index, dense.shape[0], "modify")
    return _put(xp, dense, index, item)


@set_item.vjp
def _(y: Any, g: Any, dense: Any, index: Any, item: Any, size: Any, *, resize: bool) -> Any:
    def before() -> Any:
        rest = without_row(g, index)
        return grow(rest, size) if resize else rest

    return before, None, lambda: get_item(g, index, size), None


@op("TensorListWithoutRow", types=("T", dtypes.int32), shape=lambda dense, index: dense, samples=[Sample((3, 2), 1)],
    vjp=lambda y, g, dense, index: (without_row(g, index), None))
def without_row(xp: Any, dense: Any, index: Any) -> Any:
    """The array with zeros in one row: what goes back through a write."""
    return _put(xp, dense, index, xp.zeros(dense.shape[1:], dense.dtype))


def _grown_shape(dense: TensorShape, size: Any) -> TensorShape:
    return TensorShape([size]).concatenate(dense[1:]) if dense.rank is not None else UNKNOWN


@op("TensorListResize", types=("T", HOST), shape=_grown_shape, samples=[Sample((3, 2), 3), Sample((2, 2), 4)])
def grow(xp: Any, dense: Any, size: Any) -> Any:
    """The array with rows of zeros up to `size`, or its first `size` rows."""
    return _grown(xp, dense[: int(size)], int(size))


@grow.vjp
def _(y: Any, g: Any, dense: Any, size: Any) -> Any:
    return grow(g, shape_op(dense)[0]), None


# -- all rows ----------------------------------------------------------------------------------------------


def _stack_shape(dense: TensorShape, *, element: Any, size: Any) -> TensorShape:
    rows = TensorShape([size])
    if dense.rank is not None:
        rows, rest = TensorShape([dense[0] if dense[0] is not None else size]), dense[1:]
    else:
        rest = UNKNOWN
    return rows.concatenate(rest.merge_with(element.shape) if element is not None and element.infer else rest)


@op("TensorListStack", types=("T",), shape=_stack_shape, samples=[Sample((3, 2))], vjp=lambda y, g, dense, **_: g)
def stack(xp: Any, dense: Any, *, element: Any = None, size: int | None = None) -> Any:
    """All rows as one tensor."""
    return _known_rows(xp, dense, element, "Tried to stack elements of an empty list with non-fully-defined element_shape")


def _scatter_shape(dense: TensorShape, indices: TensorShape, value: TensorShape, size: Any, *, resize: bool) -> TensorShape:
    return _set_shape(dense, None, value, size, resize=resize)


@op("TensorListScatterIntoExistingList", types=("T", "I", "T", dtypes.int32), where={"I": INDEX}, dtypes=ANY, shape=_scatter_shape,
    samples=[Sample((4, 2), np.array([2, 0]), (2, 2), 4)])
def scatter(xp: Any, dense: Any, indices: Any, value: Any, size: Any, *, resize: bool = False) -> Any:
    """The array with the rows at `indices` replaced."""
    dense = _with_rows(xp, dense, value.shape[1:])
    if xp is not np:
        if resize:
            raise errors.NeedsHost("The TensorArray may grow: its size is not known while compiling.")
        return xp.asarray(dense).at[indices].set(value)
    if resize and indices.size:
        dense = _grown(xp, dense, int(indices.max()) + 1)
    for i in indices:
        _check_index(xp, i, dense.shape[0], "modify")
    new = dense.copy()
    new[indices] = value
    return new


@scatter.vjp
def _(y: Any, g: Any, dense: Any, indices: Any, value: Any, size: Any, *, resize: bool) -> Any:
    def before() -> Any:
        rest = scatter(g, indices, zeros_like(value), size)
        return grow(rest, size) if resize else rest

    return before, None, lambda: gather(g, indices), None
