"""Between ragged, dense and sparse tensors."""

from __future__ import annotations

from typing import Any

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.registry import static_value
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.sparse_tensor import SparseTensor
from thalweg.engine.core.tensor import EagerTensor
from thalweg.engine.ops.arrays import concat, stack
from thalweg.engine.ops.comparison import equal, where
from thalweg.engine.ops.creation import range_, zeros
from thalweg.engine.ops.elementwise import minimum
from thalweg.engine.ops.indexing import boolean_mask, gather
from thalweg.engine.ops.padding import pad
from thalweg.engine.ops.ragged import splits as sp
from thalweg.engine.ops.ragged.tensor import RaggedTensor
from thalweg.engine.ops.reduce import reduce_all, reduce_max, reduce_prod
from thalweg.engine.ops.shaping import cast, reshape, shape as shape_of
from thalweg.engine.ops.slicing import slice_

_ZEROS = {"string": "", "bool": False}


# -- dense -------------------------------------------------------------------------------------------------------


def to_tensor(rt: Any, default_value: Any = None, shape: Any = None) -> Any:
    """Rows filled up to one length: the places of all cells are computed, and each takes its value or the default."""
    default = convert.convert_to_tensor(_ZEROS.get(rt.dtype.name, 0) if default_value is None else default_value, dtype=rt.dtype)
    wanted = _wanted(shape, rt)
    inner_shape = None if wanted is None else wanted[1:]
    values = rt.values
    if isinstance(values, RaggedTensor):
        values = to_tensor(values, default, inner_shape)
        if default.shape.rank:
            raise ValueError("default_value must be a scalar for a tensor of several ragged dimensions.")
    elif inner_shape is not None and any(n is not None for n in inner_shape[1:]):
        values = _fitted(values, [None, *inner_shape[1:]], default)
    dense = _filled(rt, values, default, None if wanted is None else wanted[1])
    if wanted is not None and wanted[0] is not None:
        dense = _fitted(dense, [wanted[0]], default)
    known = rt.shape.as_list() if rt.shape.rank is not None else None
    if known is not None and not isinstance(dense, EagerTensor):
        sizes = known if wanted is None else [k if w is None else w for k, w in zip(known, wanted)]
        dense.set_shape([n if isinstance(n, int) else None for n in sizes])
    return dense


def _wanted(shape: Any, rt: Any) -> list[Any] | None:
    if shape is None:
        return None
    if isinstance(shape, (TensorShape, list, tuple)):
        sizes = shape.as_list() if isinstance(shape, TensorShape) else list(shape)
    else:
        known = static_value(convert.convert_to_tensor(shape))
        sizes = [n if n >= 0 else None for n in known.tolist()]
    sizes = [None if n is None or (isinstance(n, int) and n < 0) else n for n in sizes]
    if rt.shape.rank is not None and len(sizes) != rt.shape.rank:
        raise ValueError(f"The shape {sizes} has {len(sizes)} dimensions; the ragged tensor has {rt.shape.rank}.")
    return sizes


def _filled(rt: Any, values: Any, default: Any, width: Any) -> Any:
    splits = rt.row_splits
    if width is None:
        width = sp.longest(splits) if rt._uniform is None else rt._uniform
    width = cast(width, splits.dtype)
    column = range_(width, dtype=splits.dtype)
    at = splits[:-1][:, None] + column
    inside = column < sp.lengths(splits)[:, None]
    count = shape_of(values, out_type=splits.dtype)[0]
    padded = concat([values, zeros(concat([[1], shape_of(values)[1:]], 0), values.dtype)], 0)  # so that there is one to read
    cells = gather(padded, where(inside, at, count))
    extra = (values.shape.rank or 1) - 1
    mask = reshape(inside, concat([shape_of(inside), [1] * extra], 0)) if extra else inside
    return where(mask, cells, default)


def _fitted(x: Any, sizes: list[Any], default: Any) -> Any:
    """Cut, or fill up with the default, to the sizes that are given."""
    shape = shape_of(x)
    rank = x.shape.rank
    sizes = [*sizes, *[None] * (rank - len(sizes))]
    target = stack([shape[i] if n is None else cast(n, dtypes.int32) for i, n in enumerate(sizes)])
    cut = slice_(x, [0] * rank, minimum(shape, target))
    return pad(cut, stack([[0] * rank, list_of(target - minimum(shape, target), rank)], axis=1), constant_values=default)


def list_of(x: Any, n: int) -> list[Any]:
    return [x[i] for i in range(n)]


def from_tensor(tensor: Any, lengths: Any, padding: Any, ragged_rank: int, dtype: Any) -> Any:
    if lengths is not None and padding is not None:
        raise ValueError("Specify argument `lengths` or `padding`, but not both.")
    if not isinstance(ragged_rank, int):
        raise TypeError(f"Argument `ragged_rank` must be an int. Received {ragged_rank}.")
    if ragged_rank <= 0:
        raise ValueError(f"Argument `ragged_rank` must be greater than 0. Received {ragged_rank}.")
    tensor = convert.convert_to_tensor(tensor)
    if tensor.shape.rank is not None and tensor.shape.rank <= ragged_rank:
        raise ValueError(f"Shape must be at least rank {ragged_rank + 1} but is rank {tensor.shape.rank}")
    if isinstance(lengths, (list, tuple)) and lengths and not isinstance(lengths[0], (int, float)):
        return _nested_lengths(tensor, list(lengths), dtype)
    if ragged_rank > 1:
        return _several(tensor, lengths, padding, ragged_rank, dtype)
    shape = shape_of(tensor, out_type=dtype)
    if padding is not None:
        lengths = _without_padding(tensor, padding, dtype)
    if lengths is None:
        values = reshape(tensor, concat([[-1], shape_of(tensor)[2:]], 0))
        known = tensor.shape.as_list()[1] if tensor.shape.rank is not None else None
        if known is not None:
            return RaggedTensor.from_uniform_row_length(values, convert.convert_to_tensor(known, dtype), shape[0], validate=False)
        splits = range_(shape[0] + 1, dtype=dtype) * shape[1]
        return RaggedTensor.from_row_splits(values, splits, validate=False)
    lengths = minimum(cast(lengths, dtype), shape[1])
    lengths = where(lengths < 0, lengths * 0, lengths)
    mask = range_(shape[1], dtype=dtype) < lengths[:, None]
    return RaggedTensor.from_row_lengths(boolean_mask(tensor, mask), lengths, validate=False)


def _nested_lengths(tensor: Any, lengths: list[Any], dtype: Any) -> Any:
    outer = from_tensor(tensor, lengths[0], None, 1, dtype)
    return outer if len(lengths) == 1 else outer.with_values(_nested_lengths(outer.values, lengths[1:], dtype))


def _several(tensor: Any, lengths: Any, padding: Any, ragged_rank: int, dtype: Any) -> Any:
    """Outer dimensions first made one, the last ragged one cut, then the others put around it."""
    shape = shape_of(tensor)
    flat = reshape(tensor, concat([[reduce_prod(shape[:ragged_rank])], shape[ragged_rank:]], 0))
    result = from_tensor(flat, None if lengths is None else lengths, padding, 1, dtype)
    known = tensor.shape.as_list()
    for axis in range(ragged_rank - 1, 0, -1):
        count = cast(reduce_prod(shape[:axis]), dtype)
        if known[axis] is not None:
            length = convert.convert_to_tensor(known[axis], dtype)
            result = RaggedTensor.from_uniform_row_length(result, length, count, validate=False)
        else:
            result = RaggedTensor.from_row_splits(result, range_(count + 1, dtype=dtype) * cast(shape[axis], dtype), validate=False)
    return result


def _without_padding(tensor: Any, padding: Any, dtype: Any) -> Any:
    padding = convert.convert_to_tensor(padding, dtype=tensor.dtype)
    is_padding = equal(tensor, padding)
    rank = tensor.shape.rank or 2
    if rank > 2:
        is_padding = reduce_all(is_padding, axis=list(range(2, rank)))
    places = range_(shape_of(tensor, out_type=dtype)[1], dtype=dtype) + 1
    ends = where(is_padding, places * 0, places)
    return reduce_max(pad(ends, [[0, 0], [1, 0]]), axis=1)  # a row without columns ends at 0


# -- sparse ------------------------------------------------------------------------------------------------------


def from_sparse(st: Any, dtype: Any) -> RaggedTensor:
    if not isinstance(st, SparseTensor):
        raise TypeError(f"Argument `st_input` must be of type SparseTensor, but is of type {type(st).__name__}.")
    if st.shape.rank not in (2, None):
        raise ValueError(f"rank(st_input) must be 2. Received rank {st.shape.rank}.")
    rows, columns = cast(st.indices[:, 0], dtype), cast(st.indices[:, 1], dtype)
    result = RaggedTensor.from_value_rowids(st.values, rows, cast(st.dense_shape[0], dtype), validate=False)
    whole = equal(sp.columns(result.row_splits, rows), columns)
    sp.require(whole, "SparseTensor is not right-ragged: there are holes in its rows.")
    return result


def to_sparse(rt: Any) -> SparseTensor:
    values = rt.flat_values
    inner = values.shape.rank
    nested = rt.nested_row_splits
    rows = rt.nested_value_rowids()
    # The coordinate of each value in every dimension, from the innermost ragged one outwards.
    coordinates: list[Any] = []
    at = None
    for splits, row in zip(reversed(nested), reversed(rows)):
        own = row if at is None else gather(row, at)
        column = sp.columns(splits, row) if at is None else gather(sp.columns(splits, row), at)
        coordinates.insert(0, column)
        at = own
    coordinates.insert(0, at)
    if inner and inner > 1:
        raise errors.UnimplementedError(None, None, "to_sparse of a ragged tensor with inner dimensions: make them ragged first.")
    indices = cast(stack(coordinates, axis=1), dtypes.int64)
    return SparseTensor(indices, values, rt.bounding_shape(out_type=dtypes.int64))


# -- dimensions made one -------------------------------------------------------------------------------------------


def merge_dims(value: Any, outer_axis: int, inner_axis: int) -> Any:
    """Dimensions `outer_axis` to `inner_axis` as one."""
    rank = value.shape.rank
    outer_axis, inner_axis = _axis(outer_axis, rank), _axis(inner_axis, rank)
    if not outer_axis < inner_axis:
        raise ValueError(f"Expected outer_axis ({outer_axis}) to be less than or equal to inner_axis ({inner_axis}).")
    return _merged(value, outer_axis, inner_axis)


def _merged(value: Any, outer: int, inner: int) -> Any:
    if not isinstance(value, RaggedTensor):
        shape = shape_of(value)
        return reshape(value, concat([shape[:outer], [-1], shape[inner + 1 :]], 0))
    if outer == 0:
        return value.values if inner == 1 else _merged(value.values, 0, inner - 1)
    if outer > 1 or not isinstance(value.values, RaggedTensor):
        if outer == 1 and not isinstance(value.values, RaggedTensor):
            per = reduce_prod(shape_of(value.values, out_type=value.row_splits.dtype)[1:inner])
            return RaggedTensor.from_row_splits(_merged(value.values, 0, inner - 1), value.row_splits * per, validate=False)
        return value.with_values(_merged(value.values, outer - 1, inner - 1))
    splits = gather(value.values.row_splits, value.row_splits)
    joined = RaggedTensor.from_row_splits(value.values.values, splits, validate=False)
    return joined if inner == 2 else _merged(joined, 1, inner - 1)


def _axis(axis: int, rank: int | None) -> int:
    if axis < 0 and rank is None:
        raise ValueError("A negative axis needs a known rank.")
    axis = axis + rank if axis < 0 else axis  # type: ignore[operator]
    if axis < 0 or (rank is not None and axis >= rank):
        raise ValueError(f"axis={axis} out of bounds: expected 0<=axis<{rank}")
    return axis
