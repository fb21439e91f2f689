"""Diagonals of matrices: taking them out, making matrices of them, setting them, and bands.

A set of diagonals `k = (lower, upper)` is stored as rows, the uppermost first, each as long as the longest; `align` says on
which side the shorter ones are padded, "RIGHT_LEFT" meaning those above the main diagonal to the right, those below to the
left. Everything here is picking elements by index arrays that depend on sizes alone.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from thalweg.engine.core import convert, errors
from thalweg.engine.core.registry import BASIC, HOST, NUMERIC, REGISTRY, Sample, op
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.ops.creation import zeros
from thalweg.engine.ops.shaping import ints, reshape_op, scalar, static_axis, wrong
from thalweg.engine.ops.static import known, shape_of

_ALIGNMENTS = ("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT")

# -- where diagonals lie -----------------------------------------------------------------------------------


def _range_of(k: Any) -> tuple[int, int]:
    """(lower, upper) of a number or a pair. Raises ValueError when they are the wrong way round."""
    numbers = [k] if isinstance(k, int) else list(k)
    if len(numbers) not in (1, 2):
        raise ValueError(f"diag_index must be a scalar or have one or two elements, not {len(numbers)}: {numbers}")
    lower, upper = numbers[0], numbers[-1]
    if lower > upper:
        raise ValueError(f"lower_diag_index must not be larger than upper_diag_index: {lower} > {upper}")
    return lower, upper


def _longest(rows: int, columns: int, lower: int, upper: int) -> int:
    """The length of the longest diagonal. Raises ValueError when one lies outside the matrix."""
    for what, d in (("lower", lower), ("upper", upper)):
        if d and not -rows < d < columns:
            raise ValueError(f"{what}_diag_index is out of bound: {d}. It must be between {-rows} and {columns}")
    return min(rows + min(upper, 0), columns - max(lower, 0))


def _offsets(rows: int, columns: int, lower: int, upper: int, align: str) -> np.ndarray:
    """For each diagonal, the uppermost first, how many places of padding stand before it."""
    longest = _longest(rows, columns, lower, upper)
    right = {True: align.startswith("RIGHT"), False: align.endswith("RIGHT")}  # above (or on) and below the main one
    lengths = [min(rows + min(d, 0), columns - max(d, 0)) for d in range(upper, lower - 1, -1)]
    return np.array([longest - n if right[d >= 0] else 0 for d, n in zip(range(upper, lower - 1, -1), lengths)], np.int64)


@functools.lru_cache(64)
def _stored(rows: int, columns: int, lower: int, upper: int, align: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each element of a matrix the row and place where its diagonal is stored, and whether it is."""
    i, j = np.indices((rows, columns))
    d = j - i
    inside = (d >= lower) & (d <= upper)
    row = np.where(inside, upper - d, 0)
    place = np.minimum(i, j) + _offsets(rows, columns, lower, upper, align)[row]
    return row, np.where(inside, place, 0), inside


@functools.lru_cache(64)
def _lying(rows: int, columns: int, lower: int, upper: int, align: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each stored place the row and column it has in the matrix, and whether it is one (not padding)."""
    d = np.arange(upper, lower - 1, -1)[:, None]
    longest = _longest(rows, columns, lower, upper)
    n = np.arange(longest) - _offsets(rows, columns, lower, upper, align)[:, None]
    i, j = n - np.minimum(d, 0), n + np.maximum(d, 0)
    inside = (n >= 0) & (i < rows) & (j < columns)
    return np.where(inside, i, 0), np.where(inside, j, 0), inside


# -- diagonals of matrices ---------------------------------------------------------------------------------


def _part_shape(x: TensorShape, k: Any, padding: TensorShape, *, align: str) -> TensorShape:
    if x.rank is None:
        return UNKNOWN
    x = x.with_rank_at_least(2)
    if k is None or (isinstance(k, list) and None in k):
        return UNKNOWN
    lower, upper = _range_of(k)
    rows, columns = x.as_list()[-2:]
    longest = None if None in (rows, columns) else _longest(rows, columns, lower, upper)  # type: ignore[arg-type]
    return x[:-2] + TensorShape([longest] if lower == upper else [upper - lower + 1, longest])


def _part_vjp(y: Any, g: Any, x: Any, k: Any, padding: Any, *, align: str) -> Any:
    sizes = x.shape.as_list()[-2:] if x.shape.rank is not None else [None]
    if None not in sizes:
        return lambda: matrix_diag_op(g, k, sizes[0], sizes[1], REGISTRY["Cast"](0, DstT=g.dtype), align=align), None, None
    return lambda: matrix_set_diag_op(REGISTRY["ZerosLike"](x), g, k, align=align), None, None


@op("MatrixDiagPartV3", types=("T", HOST, "T"), shape=_part_shape, vjp=_part_vjp,
    samples=[Sample((2, 3, 4), 0, ()), Sample((3, 4), [-1, 2], (), align="LEFT_RIGHT")])
def matrix_diag_part_op(xp: Any, input: Any, k: Any, padding_value: Any, *, align: str = "RIGHT_LEFT") -> Any:
    if input.ndim < 2:
        raise errors.invalid(f"input must be at least 2-dim, received shape: {list(input.shape)}")
    lower, upper = _range_of(ints(k, "k"))
    rows, columns = input.shape[-2:]
    i, j, inside = _lying(rows, columns, lower, upper, align)
    y = input[..., i, j]
    y = y if inside.all() else xp.where(inside, y, padding_value)
    return y[..., 0, :] if lower == upper else y


def _diag_sizes(length: int, k: tuple[int, int], num_rows: int, num_cols: int) -> tuple[int, int]:
    """Rows and columns of a matrix made of diagonals. Raises ValueError where those asked for cannot be."""
    lower, upper = k
    least_rows, least_columns = length - min(upper, 0), length + max(lower, 0)
    if num_rows == -1 and num_cols == -1:
        return (max(least_rows, least_columns),) * 2
    rows = least_rows if num_rows == -1 else num_rows
    columns = least_columns if num_cols == -1 else num_cols
    if rows < least_rows:
        raise ValueError("The number of rows is too small.")
    if columns < least_columns:
        raise ValueError("The number of columns is too small.")
    if rows != least_rows and columns != least_columns:
        raise ValueError("The number of rows or columns is not consistent with the specified d_lower, d_upper, and diagonal.")
    return rows, columns


def _diag_shape(x: TensorShape, k: Any, num_rows: Any, num_cols: Any, padding: TensorShape, *, align: str) -> TensorShape:
    if x.rank is None:
        return UNKNOWN
    x = x.with_rank_at_least(1)
    rows, columns = static_axis(num_rows), static_axis(num_cols)
    if k is None or (isinstance(k, list) and None in k):
        return UNKNOWN
    lower, upper = _range_of(k)
    batch = x[:-1] if lower == upper else x.with_rank_at_least(2)[:-2]
    if lower != upper and x.as_list()[-2] not in (None, upper - lower + 1):
        raise ValueError(f"`diagonal` must have a row for each of {upper - lower + 1} diagonals, not the shape {x}")
    length = x.as_list()[-1]
    if None in (length, rows, columns):
        return batch + TensorShape([None, None])
    return batch + TensorShape(_diag_sizes(length, (lower, upper), rows, columns))  # type: ignore[arg-type]


@op("MatrixDiagV3", types=("T", HOST, HOST, HOST, "T"), shape=_diag_shape,
    vjp=lambda y, g, x, k, rows, cols, padding, align: (lambda: matrix_diag_part(g, k=k, align=align), None, None, None, None),
    samples=[Sample((2, 3), 0, -1, -1, ()), Sample((2, 3), [0, 1], 3, 4, (), align="LEFT_RIGHT"), Sample((3,), -1, -1, -1, ())])
def matrix_diag_op(
    xp: Any, diagonal: Any, k: Any, num_rows: Any, num_cols: Any, padding_value: Any, *, align: str = "RIGHT_LEFT"
) -> Any:
    lower, upper = _range_of(ints(k, "k"))
    if diagonal.ndim < (1 if lower == upper else 2):
        raise errors.invalid(f"diagonal must be at least {1 if lower == upper else 2}-dim, received shape: {list(diagonal.shape)}")
    stored = diagonal[..., None, :] if lower == upper else diagonal
    if stored.shape[-2] != upper - lower + 1:
        raise ValueError("diagonal")  # the shape rule says it
    rows, columns = _diag_sizes(stored.shape[-1], (lower, upper), scalar(num_rows, "num_rows"), scalar(num_cols, "num_cols"))
    row, place, inside = _stored(rows, columns, lower, upper, align)
    return xp.where(inside, stored[..., row, place], padding_value)


def _set_shape(x: TensorShape, diagonal: TensorShape, k: Any, *, align: str) -> TensorShape:
    if x.rank is not None:
        x = x.with_rank_at_least(2)
    if x.rank is None or k is None or (isinstance(k, list) and None in k) or diagonal.rank is None:
        return x
    lower, upper = _range_of(k)
    rows, columns = x.as_list()[-2:]
    expected = x[:-2] + TensorShape([] if lower == upper else [upper - lower + 1])
    expected += TensorShape([None if None in (rows, columns) else _longest(rows, columns, lower, upper)])  # type: ignore[arg-type]
    if not expected.is_compatible_with(diagonal):
        raise ValueError(f"The diagonals {lower} to {upper} of a tensor of shape {x} have the shape {expected}, not {diagonal}")
    return x


def _set_vjp(y: Any, g: Any, x: Any, diagonal: Any, k: Any, *, align: str) -> Any:
    return (
        lambda: matrix_set_diag_op(g, zeros(shape_of(diagonal), g.dtype), k, align=align),
        lambda: matrix_diag_part(g, k=k, align=align), None,
    )  # fmt: skip


@op("MatrixSetDiagV3", types=("T", "T", HOST), shape=_set_shape, vjp=_set_vjp,
    samples=[Sample((2, 3, 4), (2, 3), 0), Sample((3, 4), (3, 3), [-1, 1], align="LEFT_RIGHT")])
def matrix_set_diag_op(xp: Any, input: Any, diagonal: Any, k: Any, *, align: str = "RIGHT_LEFT") -> Any:
    lower, upper = _range_of(ints(k, "k"))
    _set_shape(TensorShape(input.shape), TensorShape(diagonal.shape), [lower, upper], align=align)
    stored = diagonal[..., None, :] if lower == upper else diagonal
    rows, columns = input.shape[-2:]
    row, place, inside = _stored(rows, columns, lower, upper, align)
    return xp.where(inside, stored[..., row, place], input)


# -- the public functions ----------------------------------------------------------------------------------


def _checked(align: str) -> str:
    if align not in _ALIGNMENTS:
        listed = ", ".join(_ALIGNMENTS)
        raise wrong(f"Value for attr 'align' of {align!r} is not in the list of allowed values: {listed}")
    return align


def _padding(value: Any, dtype: Any) -> Any:
    return value if hasattr(value, "dtype") else convert.to_array(bool(value) if dtype.is_bool else value, dtype)


def matrix_diag(
    diagonal: Any, name: str | None = "diag", k: Any = 0, num_rows: Any = -1, num_cols: Any = -1, padding_value: Any = 0,
    align: str = "RIGHT_LEFT",
) -> Any:  # fmt: skip
    """Matrices with the given diagonals, and `padding_value` elsewhere.

    k: which diagonal (0 the main one, above positive), or a pair of the lowest and highest.
    Raises InvalidArgumentError when the sizes do not fit.

    >>> tf.linalg.diag([1, 2], k=1).numpy()
    array([[0, 1, 0],
           [0, 0, 2],
           [0, 0, 0]], dtype=int32)
    """
    x = convert.convert_to_tensor(diagonal)
    return matrix_diag_op(x, k, num_rows, num_cols, _padding(padding_value, x.dtype), align=_checked(align), name=name)


def matrix_diag_part(
    input: Any, name: str | None = "diag_part", k: Any = 0, padding_value: Any = 0, align: str = "RIGHT_LEFT"
) -> Any:
    """The diagonal `k` of each matrix; of a pair `(lower, upper)` all diagonals between, as rows from the uppermost on.

    Raises InvalidArgumentError for a diagonal outside the matrix.

    >>> tf.linalg.diag_part([[1, 2], [3, 4]]).numpy()
    array([1, 4], dtype=int32)
    """
    x = convert.convert_to_tensor(input)
    return matrix_diag_part_op(x, k, _padding(padding_value, x.dtype), align=_checked(align), name=name)


def matrix_set_diag(input: Any, diagonal: Any, name: str | None = "set_diag", k: Any = 0, align: str = "RIGHT_LEFT") -> Any:
    """Matrices with the diagonals `k` replaced.

    Raises InvalidArgumentError when the shape of `diagonal` does not fit.

    >>> tf.linalg.set_diag([[1, 2], [3, 4]], [7, 8]).numpy()
    array([[7, 2],
           [3, 8]], dtype=int32)
    """
    return matrix_set_diag_op(input, diagonal, k, align=_checked(align), name=name)


# -- tensors of twice the rank -----------------------------------------------------------------------------


def _tensor_diag_vjp(y: Any, g: Any, x: Any) -> Any:
    return lambda: diag_part_op(g)


@op("Diag", dtypes=NUMERIC, shape=lambda x: x + x, vjp=_tensor_diag_vjp,
    samples=[Sample((3,)), Sample((2, 3))])
def tensor_diag(xp: Any, diagonal: Any) -> Any:
    """The tensor of shape `s + s` that has `diagonal`, of shape `s`, where the two halves of an index agree.

    >>> tf.linalg.tensor_diag([1, 2]).numpy()
    array([[1, 0],
           [0, 2]], dtype=int32)
    """
    flat = diagonal.reshape(-1)
    matrix = xp.where(np.eye(flat.size, dtype=bool), flat, xp.zeros((), flat.dtype))
    return matrix.reshape(diagonal.shape * 2)


def _diag_part_shape(x: TensorShape) -> TensorShape:
    if x.rank is None:
        return UNKNOWN
    if x.rank % 2 or not x.rank:
        raise ValueError(f"Input must have even and non-zero rank, input rank is {x.rank}")
    half = x.rank // 2
    if not x[:half].is_compatible_with(x[half:]):
        raise ValueError(f"Invalid shape {x}: the two halves of the dimensions must agree")
    return x[:half].merge_with(x[half:])


@op("DiagPart", dtypes=NUMERIC, shape=_diag_part_shape, vjp=lambda y, g, x: lambda: tensor_diag(g),
    samples=[Sample((3, 3)), Sample((2, 3, 2, 3))])
def diag_part_op(xp: Any, input: Any) -> Any:
    half = input.ndim // 2
    if input.ndim % 2 or not half or input.shape[:half] != input.shape[half:]:
        raise ValueError("input")  # the shape rule says it
    n = int(np.prod(input.shape[:half]))
    return xp.diagonal(input.reshape((n, n))).reshape(input.shape[:half])


def tensor_diag_part(input: Any, name: str | None = None) -> Any:
    """The elements of a tensor of shape `s + s` where the two halves of the index agree, of shape `s`.

    Raises InvalidArgumentError for another shape.

    >>> tf.linalg.tensor_diag_part([[1, 2], [3, 4]]).numpy()
    array([1, 4], dtype=int32)
    """
    return diag_part_op(input, name=name)


# -- bands -------------------------------------------------------------------------------------------------


def _band_shape(x: TensorShape, num_lower: Any, num_upper: Any) -> TensorShape:
    if x.rank is None:
        return UNKNOWN
    x = x.with_rank_at_least(2)
    for what, n, size in (("num_lower", num_lower, x.as_list()[-2]), ("num_upper", num_upper, x.as_list()[-1])):
        if None not in (n, size) and n > size:
            raise ValueError(f"{what} must be negative or at most the size of its dimension ({size}), got: {n}")
    return x


def _band_vjp(y: Any, g: Any, x: Any, num_lower: Any, num_upper: Any) -> Any:
    return lambda: band_part(g, num_lower, num_upper), None, None


@op("MatrixBandPart", types=("T", HOST, HOST), dtypes=BASIC, shape=_band_shape, vjp=_band_vjp,
    samples=[Sample((2, 3, 4), 1, 0), Sample((3, 4), -1, 1)])
def band_part(xp: Any, input: Any, num_lower: Any, num_upper: Any) -> Any:
    """Matrices with zeros outside a band of `num_lower` diagonals below the main one and `num_upper` above (-1: all).

    >>> tf.linalg.band_part([[1, 2], [3, 4]], -1, 0).numpy()
    array([[1, 0],
           [3, 4]], dtype=int32)
    """
    if input.ndim < 2:
        raise errors.invalid(f"input must be at least 2-dim, received shape: {list(input.shape)}")
    rows, columns = input.shape[-2:]
    lower, upper = scalar(num_lower, "num_lower"), scalar(num_upper, "num_upper")
    if lower > rows or upper > columns:
        raise ValueError("band")  # the shape rule says it
    d = np.arange(columns) - np.arange(rows)[:, None]
    inside = (d >= -(rows if lower < 0 else lower)) & (d <= (columns if upper < 0 else upper))
    return xp.where(inside, input, xp.zeros((), input.dtype))
