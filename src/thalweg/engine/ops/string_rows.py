"""Strings divided into parts, and parts put together: split, bytes_split, ngrams, reduce_join.

Source: https://www.tensorflow.org/api_docs/python/tf/strings/split
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.registry import HOST, INDEX, Sample, op
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.ops.families import axis_tuple
from thalweg.engine.ops.strings import WORDS, S, texts
from thalweg.engine.ops.unicode import _in_rows

_WORDS = WORDS.reshape(-1)


def _parts_shape(*_: Any, **__: Any) -> Any:
    return TensorShape([None, 2]), TensorShape([None]), TensorShape([2])


def _as_sparse(rows: list[list[bytes]]) -> Any:
    places = [(i, j) for i, row in enumerate(rows) for j in range(len(row))]
    widest = max((len(row) for row in rows), default=0)
    values = [v for row in rows for v in row]
    return np.array(places, np.int64).reshape(-1, 2), texts(values, (len(values),)), np.array([len(rows), widest], np.int64)


@op("StringSplitV2", types=(S, S), out=(dtypes.int64, S, dtypes.int64), shape=_parts_shape, host=True,
    samples=[Sample(_WORDS, np.array(b"l", object))])
def split_op(xp: Any, input: Any, sep: Any, *, maxsplit: int = -1) -> Any:
    if input.ndim != 1:
        raise errors.invalid(f"input must be a vector, got shape: {list(input.shape)}")
    between = sep.item() or None
    return _as_sparse([v.split(between, max(maxsplit, -1)) if maxsplit else v.split(between) for v in input.tolist()])


def _rows_by(sparse: Any) -> Any:
    """Row splits and values of the three parts of a sparse matrix."""
    from thalweg.engine.ops.ragged.splits import from_rowids

    indices, values, shape = sparse
    return from_rowids(indices[:, 0], shape[0]), values


def split(input: Any, sep: Any = None, maxsplit: int = -1, name: str | None = None) -> Any:
    """The parts of strings between separators, or between runs of white space: one dimension more, ragged.

    sep: a string; None or "" for white space, of which none is left. maxsplit: at most so many cuts.

    >>> tf.strings.split("hello world").numpy()
    array([b'hello', b'world'], dtype=object)
    >>> tf.strings.split(["a,b", "c"], sep=",")
    <tf.RaggedTensor [[b'a', b'b'], [b'c']]>
    """
    separator = convert.convert_to_tensor("" if sep is None else sep, dtype=S)
    (parts,) = _in_rows(input, lambda strings: _rows_by(split_op(strings, separator, maxsplit=int(maxsplit))))
    return parts


@op("StringBytesSplit", types=(S,), out=(dtypes.int64, S), shape=lambda *_: (TensorShape([None]), TensorShape([None])), host=True,
    samples=[Sample(_WORDS)])
def bytes_split_op(xp: Any, input: Any) -> Any:
    rows = [[v[i : i + 1] for i in range(len(v))] for v in input.ravel().tolist()]
    values = [b for row in rows for b in row]
    return np.cumsum([0, *map(len, rows)], dtype=np.int64), texts(values, (len(values),))


def bytes_split(input: Any, name: str | None = None) -> Any:
    """The bytes of strings, each a string: one dimension more, ragged.

    >>> tf.strings.bytes_split("hi").numpy()
    array([b'h', b'i'], dtype=object)
    """
    (parts,) = _in_rows(input, bytes_split_op)
    return parts


# -- n-grams -------------------------------------------------------------------------------------------------------


@op("StringNGrams", types=(S, "T"), dtypes=INDEX, out=(S, "T"), host=True,
    shape=lambda data, splits, **_: (TensorShape([None]), splits),
    samples=[Sample(_WORDS, np.array([0, 2, 4], np.int64), separator=" ", ngram_widths=(1, 2), left_pad="<", right_pad=">",
                    pad_width=-1, preserve_short_sequences=False)])
def ngrams_op(
    xp: Any, data: Any, data_splits: Any, *, separator: str, ngram_widths: Any, left_pad: str, right_pad: str, pad_width: int,
    preserve_short_sequences: bool,
) -> Any:  # fmt: skip
    between, left, right = separator.encode(), left_pad.encode(), right_pad.encode()
    edges, splits = data_splits.tolist(), [0]
    found: list[bytes] = []
    for a, b in itertools.pairwise(edges):
        words = data[a:b].tolist()
        count = len(found)
        for width in ngram_widths:
            pad = width - 1 if pad_width < 0 else min(pad_width, width - 1)
            padded = [left] * pad + words + [right] * pad
            found.extend(between.join(padded[i : i + width]) for i in range(len(padded) - width + 1))
        if preserve_short_sequences and len(found) == count and words:
            found.append(between.join(words))
        splits.append(len(found))
    return texts(found, (len(found),)), np.array(splits, data_splits.dtype)


def ngrams(
    data: Any, ngram_width: Any, separator: str = " ", pad_values: Any = None, padding_width: int | None = None,
    preserve_short_sequences: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """Runs of `ngram_width` neighbouring strings of the last dimension, joined.

    ngram_width: a number, or several. pad_values: a string, or one for the left and one for the right, put at the ends
    (`padding_width` of them, by default one less than the width).

    >>> tf.strings.ngrams(["a", "b", "c"], 2).numpy()
    array([b'a b', b'b c'], dtype=object)
    """
    from thalweg.engine.ops.ragged.functions import as_ragged
    from thalweg.engine.ops.ragged.public import RaggedTensor

    widths = tuple(ngram_width) if isinstance(ngram_width, (list, tuple)) else (ngram_width,)
    if any(w < 1 for w in widths):
        raise ValueError(f"All ngram_widths must be greater than 0. Received: ngram_widths={ngram_width}")
    left: Any = ""
    right: Any = ""
    pad = 0
    again = separator, pad_values, padding_width, preserve_short_sequences
    if pad_values is not None:
        left, right = (pad_values, pad_values) if isinstance(pad_values, (str, bytes)) else pad_values
        pad = -1 if padding_width is None else padding_width
    elif padding_width is not None:
        raise ValueError("`pad_values` must be provided if `padding_width` is set.")
    x = as_ragged(data)
    if isinstance(x, RaggedTensor) and isinstance(x.values, RaggedTensor):
        return x.with_values(ngrams(x.values, ngram_width, *again))
    if x.shape.rank == 1 or x.shape.rank == 0:
        rows = RaggedTensor.from_row_lengths(x if x.shape.rank else x[None], [x.shape[0] if x.shape.rank else 1])
    else:
        rows = x if isinstance(x, RaggedTensor) else RaggedTensor.from_tensor(x, ragged_rank=x.shape.rank - 1)
        if isinstance(rows.values, RaggedTensor):
            return rows.with_values(ngrams(rows.values, ngram_width, *again))
    found, splits = ngrams_op(
        rows.values, rows.row_splits, separator=separator, ngram_widths=widths, left_pad=left, right_pad=right, pad_width=pad,
        preserve_short_sequences=preserve_short_sequences, name=name,
    )  # fmt: skip
    if x.shape.rank in (0, 1):
        return found
    result = RaggedTensor.from_row_splits(found, splits, validate=False)
    return result if isinstance(x, RaggedTensor) else result.to_tensor()


# -- joined along an axis -------------------------------------------------------------------------------------------


def _joined_shape(x: TensorShape, axis: Any, *, keep_dims: bool = False, **_: Any) -> TensorShape:
    if x.rank is None or axis is None or (isinstance(axis, list) and None in axis):
        return UNKNOWN
    axes = axis_tuple(axis, x.rank)
    return TensorShape([1 if i in axes else d for i, d in enumerate(x.as_list()) if keep_dims or i not in axes])


@op("ReduceJoin", types=(S, HOST), out=S, shape=_joined_shape, host=True,
    samples=[Sample(WORDS, [0], separator="-"), Sample(WORDS, [1, 0], keep_dims=True)])
def reduce_join_op(xp: Any, inputs: Any, reduction_indices: Any, *, keep_dims: bool = False, separator: str = "") -> Any:
    given = [int(i) for i in reduction_indices.reshape(-1)]
    if any(not -inputs.ndim <= i < inputs.ndim for i in given):
        raise errors.OutOfRangeError(None, None, f"Invalid reduction dimension {given} for input with {inputs.ndim} dimension(s)")
    axes = [i % inputs.ndim for i in given]
    if len(set(axes)) < len(axes):
        raise errors.invalid(f"Duplicate reduction dimension in {given}")
    kept = [i for i in range(inputs.ndim) if i not in axes]
    moved = np.transpose(inputs, [*kept, *axes[::-1]])  # the first axis given goes fastest
    shape = [inputs.shape[i] for i in kept]
    rows = moved.reshape(int(np.prod(shape)), -1) if moved.size else np.empty((int(np.prod(shape)), 0), object)
    joined = [separator.encode().join(row) for row in rows.tolist()]
    out_shape = [1 if i in axes else n for i, n in enumerate(inputs.shape)] if keep_dims else shape
    return texts(joined, out_shape)


def reduce_join(
    inputs: Any, axis: Any = None, keepdims: bool = False, separator: str = "", name: str | None = None
) -> Any:
    """Strings joined along an axis, or along several in the order given; all, if none is.

    >>> tf.strings.reduce_join([["abc", "123"], ["def", "456"]], axis=-1, separator="-").numpy()
    array([b'abc-123', b'def-456'], dtype=object)
    """
    from thalweg.engine.ops.ragged.public import RaggedTensor

    if isinstance(inputs, RaggedTensor):
        return _ragged_join(inputs, axis, keepdims, separator)
    strings = convert.convert_to_tensor(inputs, dtype=S)
    if axis is None:
        axis = list(range((strings.shape.rank or 0) - 1, -1, -1))
    return reduce_join_op(strings, axis, keep_dims=keepdims, separator=separator, name=name)


def _ragged_join(rt: Any, axis: Any, keepdims: bool, separator: str) -> Any:
    from thalweg.engine.ops.ragged.public import RaggedTensor

    if axis is None:
        while isinstance(rt, RaggedTensor):
            rt = _ragged_join(rt, -1, False, separator)
        return reduce_join(rt, None, keepdims, separator)
    axis = axis[0] if isinstance(axis, (list, tuple)) else axis
    axis = axis + (rt.shape.rank or 0) if axis < 0 else axis
    if axis > 1:
        joined = rt.with_values(reduce_join(rt.values, axis - 1, False, separator))
    elif axis == 1 and rt.ragged_rank == 1:
        joined = unsorted_segment_join(rt.values, rt.value_rowids(), rt.nrows(), separator)
    else:
        raise errors.UnimplementedError(None, None, "reduce_join of a ragged tensor goes along its innermost dimension.")
    if keepdims:
        from thalweg.engine.ops.ragged.shaping_functions import expand_dims

        return expand_dims(joined, axis)
    return joined


@op("UnsortedSegmentJoin", types=(S, "I", HOST), where={"I": INDEX}, out=S, host=True,
    shape=lambda x, ids, n, **_: UNKNOWN if x.rank is None or ids.rank is None else TensorShape([n, *x.as_list()[ids.rank :]]),
    samples=[Sample(_WORDS, np.array([1, 0, 1, -1], np.int32), 3, separator="+")])
def segment_join_op(xp: Any, inputs: Any, segment_ids: Any, num_segments: Any, *, separator: str = "") -> Any:
    n = int(num_segments)
    ids = segment_ids.reshape(-1)
    if ids.size and ids.max() >= n:
        raise errors.invalid(f"segment_ids[{int(ids.argmax())}] = {int(ids.max())} is not in [0, {n})")
    rows = inputs.reshape(len(ids), -1) if ids.size else np.empty((0, 1), object)
    groups: list[list[list[bytes]]] = [[[] for _ in range(rows.shape[1])] for _ in range(n)]
    for row, i in zip(rows, ids.tolist()):
        if i >= 0:
            for column, value in zip(groups[i], row):
                column.append(value)
    made = [separator.encode().join(column) for group in groups for column in group]
    return texts(made, (n, *inputs.shape[segment_ids.ndim :]))


def unsorted_segment_join(
    inputs: Any, segment_ids: Any, num_segments: Any, separator: str = "", name: str | None = None
) -> Any:
    """Strings of one segment joined. Raises InvalidArgumentError for a segment beyond `num_segments`.

    >>> tf.strings.unsorted_segment_join(["a", "b", "c"], [1, 0, 1], 2, separator=":").numpy()
    array([b'b', b'a:c'], dtype=object)
    """
    return segment_join_op(inputs, segment_ids, num_segments, separator=separator, name=name)
