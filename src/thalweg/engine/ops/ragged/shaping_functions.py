"""Ragged tensors joined, picked, reduced, repeated: what functions that move or sum values do to them.

Source: https://www.tensorflow.org/api_docs/python/tf/ragged#additional-ops-that-support-raggedtensor
"""

from __future__ import annotations

from typing import Any

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.registry import static_value
from thalweg.engine.core.tensor import Tensor
from thalweg.engine.ops import arrays, reduce, segment
from thalweg.engine.ops.arrays import concat as dense_concat, stack as dense_stack
from thalweg.engine.ops.comparison import equal, logical_not, where as dense_where
from thalweg.engine.ops.creation import ones_like, range_
from thalweg.engine.ops.exponential import exp, sqrt
from thalweg.engine.ops.indexing import boolean_mask as dense_mask, gather as dense_gather, gather_nd as dense_gather_nd
from thalweg.engine.ops.ragged import splits as sp
from thalweg.engine.ops.ragged.functions import as_ragged, mapped, to_ragged
from thalweg.engine.ops.ragged.getitem import taken
from thalweg.engine.ops.ragged.tensor import RaggedTensor, match_row_splits_dtypes
from thalweg.engine.ops.shaping import cast, expand_dims as dense_expand_dims, reshape as dense_reshape, shape as shape_of


def _axis(axis: Any, rank: int | None, extra: int = 0) -> int:
    axis = int(static_value(axis)) if isinstance(axis, Tensor) else int(axis)
    if axis < 0:
        if rank is None:
            raise ValueError("A negative axis of a ragged tensor needs a known rank.")
        axis += rank + extra
    if axis < 0 or (rank is not None and axis >= rank + extra):
        raise ValueError(f"axis={axis} out of bounds: expected 0<=axis<{rank}")
    return axis


# -- joining -----------------------------------------------------------------------------------------------------


def concat(values: Any, axis: Any, name: str | None = None) -> Any:
    parts = [as_ragged(v) for v in values]
    rank = next((p.shape.rank for p in parts if p.shape.rank is not None), None)
    axis = _axis(axis, rank)
    if not any(isinstance(p, RaggedTensor) for p in parts):
        return dense_concat(parts, axis)
    k = max(max(p.ragged_rank if isinstance(p, RaggedTensor) else 0 for p in parts), min(axis, (rank or 2) - 1))
    return _joined(match_row_splits_dtypes(*[to_ragged(p, k) for p in parts]), axis)


def _joined(parts: list[Any], axis: int) -> Any:
    if not isinstance(parts[0], RaggedTensor):
        return dense_concat(parts, axis)
    if axis > 1:
        return parts[0].with_values(_joined([p.values for p in parts], axis - 1))
    values = _joined([p.values for p in parts], 0)
    lengths = dense_concat([p.row_lengths() for p in parts], 0)
    whole = RaggedTensor.from_row_lengths(values, lengths, validate=False)
    if axis == 0:
        return whole
    # The rows of all parts that belong together, one after the other, then each such group as one row.
    n = parts[0].nrows()
    for p in parts[1:]:
        sp.require(equal(p.nrows(), n), "Input tensors have incompatible numbers of rows.")
    order = dense_reshape(range_(n, dtype=n.dtype)[:, None] + range_(len(parts), dtype=n.dtype) * n, [-1])
    mixed = taken(whole, order)
    return RaggedTensor.from_row_splits(mixed.values, mixed.row_splits[:: len(parts)], validate=False)


def stack(values: Any, axis: int = 0, name: str | None = None) -> Any:
    parts = [as_ragged(v) for v in values]
    rank = next((p.shape.rank for p in parts if p.shape.rank is not None), None)
    axis = _axis(axis, rank, 1)
    if axis == 0:
        if rank == 0:
            return dense_stack(parts)
        inner = max((p.ragged_rank if isinstance(p, RaggedTensor) else 0) for p in parts)
        made = [to_ragged(p, inner) for p in parts]
        counts = [p.nrows(dtypes.int64) if isinstance(p, RaggedTensor) else shape_of(p, out_type=dtypes.int64)[0] for p in made]
        if inner:
            made = match_row_splits_dtypes(*[m.with_row_splits_dtype(dtypes.int64) for m in made])
        return RaggedTensor.from_row_lengths(_joined(made, 0), dense_stack(counts), validate=False)
    return concat([expand_dims(p, axis) for p in parts], axis)


def expand_dims(input: Any, axis: Any, name: str | None = None, dim: Any = None) -> Any:
    axis = axis if dim is None else dim
    if not isinstance(input, RaggedTensor):
        return dense_expand_dims(input, axis)
    axis = _axis(axis, input.shape.rank, 1)
    if axis == 0:
        return RaggedTensor.from_row_splits(input, dense_stack([input.nrows() * 0, input.nrows()]), validate=False)
    if axis == 1:
        one = convert.convert_to_tensor(1, input.row_splits.dtype)
        return RaggedTensor.from_uniform_row_length(input, one, input.nrows(), validate=False)
    return input.with_values(expand_dims(input.values, axis - 1))


def squeeze(input: Any, axis: Any = None, name: str | None = None) -> Any:
    if axis is None:
        raise ValueError("Ragged.squeeze must have an axis argument.")
    for a in sorted((_axis(a, input.shape.rank) for a in (axis if isinstance(axis, (list, tuple)) else [axis])), reverse=True):
        input = _squeezed(input, a)
    return input


def _squeezed(x: Any, axis: int) -> Any:
    if not isinstance(x, RaggedTensor):
        from thalweg.engine.ops.shaping import squeeze as dense_squeeze

        return dense_squeeze(x, [axis])
    if axis == 0:
        return x.values
    if axis == 1:
        sp.require(equal(x.row_lengths(), 1), "the given axis (axis = 1) is not squeezable!")
        return x.values
    return x.with_values(_squeezed(x.values, axis - 1))


def tile(input: Any, multiples: Any, name: str | None = None) -> Any:
    multiples = [int(m) for m in static_value(convert.convert_to_tensor(multiples))]
    if not isinstance(input, RaggedTensor):
        return arrays.tile(input, multiples)
    if len(multiples) > 1:
        input = input.with_values(tile(input.values, [1, *multiples[2:]])) if any(m != 1 for m in multiples[2:]) else input
        if multiples[1] != 1:
            input = concat([input] * multiples[1], 1) if multiples[1] else input[:, :0]
    if multiples[0] == 1:
        return input
    return concat([input] * multiples[0], 0) if multiples[0] else input[:0]


def reverse(tensor: Any, axis: Any, name: str | None = None) -> Any:
    for a in axis if isinstance(axis, (list, tuple)) else [axis]:
        a = _axis(a, tensor.shape.rank)
        tensor = tensor[tuple([slice(None)] * a + [slice(None, None, -1)])]
    return tensor


# -- picking -----------------------------------------------------------------------------------------------------


def gather(
    params: Any, indices: Any, validate_indices: Any = None, axis: Any = None, batch_dims: int = 0, name: str | None = None
) -> Any:
    params, indices = as_ragged(params), as_ragged(indices)
    axis = batch_dims if axis is None else _axis(axis, params.shape.rank)
    if batch_dims < 0:
        batch_dims += indices.shape.rank
    if batch_dims > 1 or (batch_dims and axis != batch_dims):
        raise errors.UnimplementedError(None, None, "gather of ragged tensors takes batch_dims of 0 or 1, along that axis.")
    if batch_dims == 1:
        return _gathered_in_rows(to_ragged(params, 1), indices)
    if isinstance(indices, RaggedTensor):
        return indices.with_values(gather(params, indices.values, axis=axis))
    if not isinstance(params, RaggedTensor):
        return dense_gather(params, indices, axis=axis)
    if axis == 0:
        return _gathered_rows(params, indices)
    if axis == 1 and indices.shape.rank is not None and params._uniform is None:
        # The same columns of every row.
        n = params.nrows()
        flat = dense_reshape(cast(indices, params.row_splits.dtype), [-1])
        lengths = params.row_lengths()
        sp.require((flat >= 0) & (flat < reduce.reduce_min(lengths)), "indices are out of range of some row.")
        at = dense_reshape(params.row_starts()[:, None] + flat, [-1])
        count = shape_of(flat, out_type=n.dtype)[0]
        return RaggedTensor.from_row_splits(taken(params.values, at), range_(n + 1, dtype=n.dtype) * count, validate=False)
    return params.with_values(gather(params.values, indices, axis=axis - 1))


def _gathered_rows(params: Any, indices: Any) -> Any:
    rank = indices.shape.rank
    if rank == 0:
        return params[indices]
    flat = cast(dense_reshape(indices, [-1]), params.row_splits.dtype) if rank != 1 else cast(indices, params.row_splits.dtype)
    sp.require((flat >= 0) & (flat < params.nrows()), "indices are out of range of the rows.")
    rows = taken(params, flat)
    sizes = indices.shape.as_list()
    for axis in range((rank or 1) - 1, 0, -1):
        size = sizes[axis] if sizes[axis] is not None else shape_of(indices)[axis]
        rows = RaggedTensor.from_uniform_row_length(rows, size)
    return rows


def _gathered_in_rows(params: Any, indices: Any) -> Any:
    kind = params.row_splits.dtype
    if isinstance(indices, RaggedTensor):
        inner = indices.values
        starts = dense_gather(params.row_starts(), cast(indices.value_rowids(), kind))
        if isinstance(inner, RaggedTensor):
            starts = dense_gather(starts, cast(inner.value_rowids(), kind))
            return indices.with_values(inner.with_values(taken(params.values, cast(inner.values, kind) + starts)))
        return indices.with_values(taken(params.values, cast(inner, kind) + starts))
    at = cast(indices, kind)
    if indices.shape.rank == 1:
        return taken(params.values, at + params.row_starts())
    at = at + params.row_starts()[:, None]
    return gather(params.values, at)


def gather_nd(params: Any, indices: Any, batch_dims: int = 0, name: str | None = None, **_: Any) -> Any:
    if batch_dims:
        raise errors.UnimplementedError(None, None, "gather_nd of ragged tensors takes no batch_dims.")
    if isinstance(indices, RaggedTensor):
        return indices.with_values(gather_nd(params, indices.values))
    indices = convert.convert_to_tensor(indices)
    depth = indices.shape[-1]
    if depth is None:
        raise ValueError("indices.shape[-1] must be statically known.")
    if indices.shape.rank > 2:
        flat = dense_reshape(indices, [-1, depth])
        result = gather_nd(params, flat)
        for size in reversed(indices.shape.as_list()[1:-1]):
            if isinstance(result, RaggedTensor):
                result = RaggedTensor.from_uniform_row_length(result, size)
        if isinstance(result, RaggedTensor):
            return result
        return dense_reshape(result, dense_concat([shape_of(indices)[:-1], shape_of(result)[1:]], 0))
    if indices.shape.rank == 1:
        return params[tuple(indices[i] for i in range(depth))]
    at = indices[:, 0]
    for i in range(1, depth):
        if not isinstance(params, RaggedTensor):
            return dense_gather_nd(params, dense_stack([cast(at, indices.dtype), *[indices[:, j] for j in range(i, depth)]], -1))
        at = cast(dense_gather(params.row_starts(), at), indices.dtype) + indices[:, i]
        params = params.values
    return gather(params, at)


def boolean_mask(tensor: Any, mask: Any, axis: Any = None, name: str | None = None) -> Any:
    """Values where a mask holds: the mask may be ragged, or of the rows."""
    tensor, mask = as_ragged(tensor), as_ragged(mask)
    if mask.dtype is not dtypes.bool:
        raise TypeError("mask must be boolean")
    if isinstance(mask, RaggedTensor):
        tensor = to_ragged(tensor, mask.ragged_rank)
        kept = cast(mask.flat_values, mask.row_splits.dtype)
        if mask.ragged_rank > 1:
            return tensor.with_values(boolean_mask(tensor.values, mask.values))
        lengths = segment.unsorted_segment_sum(kept, mask.value_rowids(), mask.nrows())
        return RaggedTensor.from_row_lengths(boolean_mask(tensor.values, mask.values), lengths, validate=False)
    if mask.shape.rank == 1 and not isinstance(tensor, RaggedTensor):
        return dense_mask(tensor, mask)
    if mask.shape.rank == 1:
        return taken(tensor, cast(dense_where(mask)[:, 0], tensor.row_splits.dtype))
    return boolean_mask(tensor, to_ragged(mask, mask.shape.rank - 1))


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    if (x is None) != (y is None):
        raise ValueError("x and y must both be given, or neither.")
    if x is None:
        rows = dense_where(condition.flat_values)[:, 0]
        from thalweg.engine.ops.ragged.functions import _coordinates

        places = dense_stack([cast(c, dtypes.int64) for c in _coordinates(condition)], axis=1)
        return dense_gather(places, rows)
    if not isinstance(condition, RaggedTensor) and getattr(condition, "shape", None) is not None and condition.shape.rank == 1:
        # A row from one or from the other.
        both = concat([x, y], 0)
        n = both.nrows() // 2
        at = dense_where(condition, range_(n, dtype=n.dtype), range_(n, dtype=n.dtype) + n)
        return taken(both, at)
    return mapped(lambda v: dense_where(v["condition"], v["x"], v["y"]), {"condition": condition, "x": x, "y": y})


# -- reducing ----------------------------------------------------------------------------------------------------

_SEGMENT = {
    "sum": segment.unsorted_segment_sum, "prod": segment.unsorted_segment_prod, "max": segment.unsorted_segment_max,
    "min": segment.unsorted_segment_min,
}  # fmt: skip


def _segments(mode: str, data: Any, ids: Any, count: Any) -> Any:
    """Segments of values that may be ragged: of several rows, the values in each place together."""
    if not isinstance(data, RaggedTensor):
        return _SEGMENT[mode](data, ids, count)
    lengths = segment.unsorted_segment_max(data.row_lengths(), ids, count)
    lengths = dense_where(lengths < 0, lengths * 0, lengths)
    edges = sp.from_lengths(lengths)
    rows = data.value_rowids()
    at = dense_gather(edges[:-1], dense_gather(cast(ids, edges.dtype), rows)) + sp.columns(data.row_splits, rows)
    return RaggedTensor.from_row_splits(_segments(mode, data.values, at, edges[-1]), edges, validate=False)


def _reduced(mode: str, rt: Any, axis: int) -> Any:
    if not isinstance(rt, RaggedTensor):
        return getattr(reduce, f"reduce_{mode}")(rt, axis)
    if axis == 0:
        rows = rt.value_rowids()
        return _segments(mode, rt.values, sp.columns(rt.row_splits, rows), sp.longest(rt.row_splits))
    if axis == 1:
        return _segments(mode, rt.values, rt.value_rowids(), rt.nrows())
    return rt.with_values(_reduced(mode, rt.values, axis - 1))


def _reduce(mode: str, rt: Any, axis: Any, keepdims: bool) -> Any:
    if axis is None:
        result = getattr(reduce, f"reduce_{mode}")(rt.flat_values)
        return dense_reshape(result, [1] * rt.shape.rank) if keepdims else result
    axes = axis if isinstance(axis, (list, tuple)) else static_value(axis).tolist() if isinstance(axis, Tensor) else axis
    axes = axes if isinstance(axes, (list, tuple)) else [axes]
    for a in sorted({_axis(a, rt.shape.rank) for a in axes}, reverse=True):
        rt = _reduced(mode, rt, a)
        if keepdims:
            rt = expand_dims(rt, a)
    return rt


def _reducer(mode: str) -> Any:
    def call(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
        return _reduce(mode, input_tensor, axis, keepdims)

    return call


def reduce_mean(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    total = _reduce("sum", input_tensor, axis, keepdims)
    count = _reduce("sum", input_tensor.with_flat_values(ones_like(input_tensor.flat_values)), axis, keepdims)
    return total / count


def reduce_variance(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    squares = reduce_mean(input_tensor * input_tensor, axis, keepdims)
    mean = reduce_mean(input_tensor, axis, keepdims)
    return squares - mean * mean


def reduce_std(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    return sqrt(reduce_variance(input_tensor, axis, keepdims))


def reduce_any(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    if input_tensor.dtype is not dtypes.bool:
        raise ValueError(f"Invalid reduction of a ragged tensor of {input_tensor.dtype.name}: it must be bool.")
    return cast(_reduce("sum", cast_ragged(input_tensor, dtypes.int32), axis, keepdims), dtypes.bool)


def reduce_all(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
    return logical_not(reduce_any(logical_not(input_tensor), axis, keepdims))


def cast_ragged(rt: Any, dtype: Any) -> Any:
    return rt.with_flat_values(cast(rt.flat_values, dtype))


def cumsum(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    axis = _axis(axis, x.shape.rank)
    if axis != 1 or x.ragged_rank != 1 or reverse:
        raise errors.UnimplementedError(None, None, "cumsum of a ragged tensor goes forward along axis 1: use to_tensor() of it.")
    from thalweg.engine.ops.cumulative import cumsum as dense_cumsum

    running = dense_cumsum(x.flat_values, exclusive=True)
    rows = x.value_rowids()
    total = dense_concat([running, running[:1] * 0], 0)
    before = dense_gather(total, dense_gather(x.row_starts(), rows))
    return x.with_flat_values(running - before if exclusive else running - before + x.flat_values)


def softmax(logits: Any, axis: Any = None, name: str | None = None) -> Any:
    axis = _axis(-1 if axis is None else axis, logits.shape.rank)
    highest = _reduce("max", logits, axis, True)
    if axis == 1 and logits.ragged_rank == 1:
        flat = highest.values if isinstance(highest, RaggedTensor) else highest[:, 0]
        shifted = exp(logits.flat_values - dense_gather(flat, logits.value_rowids()))
        total = segment.unsorted_segment_sum(shifted, logits.value_rowids(), logits.nrows())
        return logits.with_flat_values(shifted / dense_gather(total, logits.value_rowids()))
    if axis > logits.ragged_rank:
        from thalweg.engine.ops.activations import softmax as dense_softmax

        return logits.with_flat_values(dense_softmax(logits.flat_values, axis - logits.ragged_rank))
    return logits.with_values(softmax(logits.values, axis - 1))


# -- facts ---------------------------------------------------------------------------------------------------------


def size(input: Any, out_type: Any = dtypes.int32, name: str | None = None) -> Any:
    """The number of values."""
    return arrays_size(input.flat_values, out_type)


def arrays_size(x: Any, out_type: Any) -> Any:
    from thalweg.engine.ops.shaping import size as dense_size

    return dense_size(x, out_type)


def rank(input: Any, name: str | None = None) -> Any:
    return convert.convert_to_tensor(input.shape.rank, dtype=dtypes.int32)


def shape(input: Any, out_type: Any = None, name: str | None = None) -> Any:
    raise TypeError("A ragged tensor has no shape that is a tensor: use its bounding_shape() or row_lengths().")


def embedding_lookup(params: Any, ids: Any, max_norm: Any = None, name: str | None = None, **_: Any) -> Any:
    from thalweg.engine.ops.embedding import embedding_lookup as dense_lookup

    return ids.with_flat_values(dense_lookup(params, ids.flat_values, max_norm=max_norm))


def matmul(a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, *_: Any, **__: Any) -> Any:
    """Products of matrices some of whose sizes are ragged: computed on the filled-up ones, then cut to size."""
    from thalweg.engine.ops.matmul import matmul as dense_matmul

    of_rows = isinstance(a, RaggedTensor) and a.ragged_rank == (a.shape.rank or 0) - 2
    if of_rows and not isinstance(b, RaggedTensor) and not transpose_a:
        return a.with_flat_values(dense_matmul(a.flat_values, b, transpose_b=transpose_b))
    whole = dense_matmul(
        a.to_tensor() if isinstance(a, RaggedTensor) else a, b.to_tensor() if isinstance(b, RaggedTensor) else b,
        transpose_a=transpose_a, transpose_b=transpose_b,
    )  # fmt: skip
    if not isinstance(a, RaggedTensor) or transpose_a or a.shape.rank != 3:
        raise errors.UnimplementedError(None, None, "matmul of these ragged tensors is not offered: use to_tensor() of them.")
    return RaggedTensor.from_tensor(whole, lengths=a.row_lengths())


def map_fn(
    fn: Any, elems: Any, dtype: Any = None, parallel_iterations: Any = None, back_prop: bool = True, swap_memory: bool = False,
    infer_shape: bool = True, name: str | None = None, fn_output_signature: Any = None,
) -> Any:  # fmt: skip
    """`fn` of each row. In a graph the rows are taken from the filled-up tensor, so they must not be ragged themselves."""
    from thalweg.engine.core import nest
    from thalweg.engine.execution.functional import map_fn as dense_map_fn

    signature = fn_output_signature if fn_output_signature is not None else dtype
    flat = nest.flatten(elems)
    parts = [x.row_splits if isinstance(x, RaggedTensor) else x for x in flat]
    if all(hasattr(x, "_array") or not isinstance(x, Tensor) for x in parts):
        count = len(flat[0])
        made = [fn(nest.pack_sequence_as(elems, [x[i] for x in flat])) for i in range(count)]
        like = elems if signature is None else signature
        if not made:
            return dense_map_fn(fn, nest.map_structure(lambda x: x.to_tensor() if isinstance(x, RaggedTensor) else x, elems),
                                fn_output_signature=signature)  # fmt: skip
        columns = zip(*[nest.flatten(m) for m in made])
        specs = nest.flatten(signature) if signature is not None else [None] * len(nest.flatten(made[0]))
        return nest.pack_sequence_as(like, [_stacked(list(c), s) for c, s in zip(columns, specs)])

    def row(parts: Any) -> Any:
        rest = iter(parts)
        rows = []
        for x in flat:
            r = next(rest)
            rows.append(r[: next(rest)] if isinstance(x, RaggedTensor) else r)
        return fn(nest.pack_sequence_as(elems, rows))

    given = [t for x in flat for t in ((x.to_tensor(), x.row_lengths()) if isinstance(x, RaggedTensor) else (x,))]
    return dense_map_fn(row, tuple(given), fn_output_signature=signature if signature is not None else flat[0].dtype)


def _stacked(rows: list[Any], spec: Any) -> Any:
    from thalweg.engine.ops.ragged.spec import RaggedTensorSpec

    if isinstance(spec, RaggedTensorSpec) or any(isinstance(r, RaggedTensor) for r in rows):
        return stack(rows)
    return dense_stack([convert.convert_to_tensor(r, dtype=spec.dtype if hasattr(spec, "dtype") else spec) for r in rows])


TABLE = {
    "concat": concat, "stack": stack, "squeeze": squeeze, "expand_dims": expand_dims, "gather": gather, "gather_nd":
    gather_nd, "boolean_mask": boolean_mask, "where": where, "reduce_sum": _reducer("sum"), "reduce_prod": _reducer("prod"),
    "reduce_max": _reducer("max"), "reduce_min": _reducer("min"), "reduce_mean": reduce_mean, "reduce_variance":
    reduce_variance, "reduce_std": reduce_std, "reduce_any": reduce_any, "reduce_all": reduce_all, "softmax": softmax,
    "cumsum": cumsum, "size": size, "rank": rank, "shape": shape, "embedding_lookup": embedding_lookup, "matmul": matmul,
    "map_fn": map_fn, "reverse": reverse, "tile": tile,
}  # fmt: skip
OPS = {"ExpandDims": expand_dims, "Tile": tile, "ReverseV2": reverse}
