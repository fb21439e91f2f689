"""`tf.linalg`'s functions over the records in decompositions.py and matmul.py; those of banded matrices are in banded.py.

Matrices are the last two dimensions; those before are a batch. Source: https://www.tensorflow.org/api_docs/python/tf/linalg
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.registry import NUMERIC, REAL, REGISTRY, Sample, op as declare
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.ops import decompositions as d
from thalweg.engine.ops.complex_numbers import conj
from thalweg.engine.ops.diagonals import band_part, matrix_diag, matrix_diag_part, matrix_set_diag
from thalweg.engine.ops.matmul import matmul
from thalweg.engine.ops.reduce import reduce_max, reduce_sum
from thalweg.engine.ops.sorting import argsort

cholesky, inv, det, solve, qr, sqrtm, logm, lu = (
    d.cholesky, d.matrix_inverse, d.matrix_determinant, d.matrix_solve, d.qr, d.matrix_square_root, d.matrix_logarithm, d.lu,
)  # fmt: skip


def _matrix(x: Any) -> Any:
    return convert.convert_to_tensor(x)


# -- shapes of matrices --------------------------------------------------------------------------------------


def trace(x: Any, name: str | None = None) -> Any:
    """The sum of the main diagonal of each matrix.

    >>> tf.linalg.trace([[1, 2], [3, 4]]).numpy()
    np.int32(5)
    """
    with name_scope(name or "Trace"):
        return reduce_sum(matrix_diag_part(x), [-1])


# -- systems -------------------------------------------------------------------------------------------------


def triangular_solve(matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None) -> Any:
    """Solve with a triangular matrix, of which only the triangle is read. matrix `[..., m, m]`, rhs `[..., m, k]`."""
    return d.triangular_solve(matrix, rhs, lower=lower, adjoint=adjoint, name=name)


def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Any:
    """Solve `a @ x = rhs`, given the Cholesky factor of `a`."""
    with name_scope(name or "cholesky_solve"):
        half = d.triangular_solve(chol, rhs, lower=True)
        return d.triangular_solve(chol, half, lower=True, adjoint=True)


def logdet(matrix: Any, name: str | None = None) -> Any:
    """The logarithm of the determinant of a positive definite matrix, through its Cholesky factor."""
    with name_scope(name or "logdet"):
        diagonal = matrix_diag_part(d.cholesky(matrix))
        return reduce_sum(REGISTRY["Log"](REGISTRY["Real"](diagonal) if diagonal.dtype.is_complex else diagonal), [-1]) * 2.0


def slogdet(input: Any, name: str | None = None) -> Any:
    """The sign and the logarithm of the absolute value of the determinant."""
    return d.log_matrix_determinant(input, name=name)


def lstsq(matrix: Any, rhs: Any, l2_regularizer: Any = 0.0, fast: bool = True, name: str | None = None) -> Any:
    """The `x` least in `|matrix @ x - rhs|^2 + l2_regularizer |x|^2`: matrix `[..., m, n]`, rhs `[..., m, k]`.

    `fast` goes through the normal equations, else through a complete decomposition, which rank-deficient matrices need.
    """
    with name_scope(name or "matrix_solve_ls"):
        matrix = _matrix(matrix)
        rhs = convert.convert_to_tensor(rhs, dtype=matrix.dtype)
        m, n = _sides(matrix)
        unsure = (m is None or n is None) and isinstance(l2_regularizer, (int, float)) and not l2_regularizer
        if not fast or unsure:  # the normal equations to use depend on which side is longer
            return matmul(pinv(matrix), rhs)
        tall = m is None or n is None or m >= n
        gram = matmul(matrix, matrix, adjoint_a=True) if tall else matmul(matrix, matrix, adjoint_b=True)
        more = convert.convert_to_tensor(l2_regularizer, dtype=gram.dtype)
        gram = matrix_set_diag(gram, matrix_diag_part(gram) + more)
        chol = d.cholesky(gram)
        if tall:
            return cholesky_solve(chol, matmul(matrix, rhs, adjoint_a=True))
        return matmul(matrix, cholesky_solve(chol, rhs), adjoint_a=True)


def _sides(a: Any) -> tuple[int | None, int | None]:
    """The static sizes of the last two dimensions."""
    return (None, None) if a.shape.rank is None else tuple(a.shape.as_list()[-2:])  # type: ignore[return-value]


def _longer_side(a: Any) -> Any:
    """The larger of the last two dimensions: a number, or a tensor of the real dtype where they are not known."""
    m, n = _sides(a)
    if m is not None and n is not None:
        return float(max(m, n))
    return REGISTRY["Cast"](reduce_max(REGISTRY["Shape"](a)[-2:]), DstT=a.dtype.real_dtype)


def pinv(a: Any, rcond: Any = None, validate_args: bool = False, name: str | None = None) -> Any:
    """The Moore-Penrose inverse: singular values below `rcond` times the largest count as zero."""
    with name_scope(name or "pinv"):
        a = _matrix(a)
        if rcond is None:
            rcond = _longer_side(a) * (10.0 * np.finfo(a.dtype.as_numpy_dtype).eps)
        s, u, v = d.svd_op(a)
        cutoff = reduce_max(s, [-1], keepdims=True) * convert.convert_to_tensor(rcond, dtype=s.dtype)
        keep = REGISTRY["Greater"](s, cutoff)
        ones = REGISTRY["OnesLike"](s)
        inverse = REGISTRY["SelectV2"](keep, ones / REGISTRY["SelectV2"](keep, s, ones), REGISTRY["ZerosLike"](s))
        return matmul(v * REGISTRY["ExpandDims"](inverse, -2), u, adjoint_b=True)


def matrix_rank(a: Any, tol: Any = None, validate_args: bool = False, name: str | None = None) -> Any:
    """The number of singular values above `tol`."""
    with name_scope(name or "matrix_rank"):
        a = _matrix(a)
        s = svd(a, compute_uv=False)
        if tol is None:
            tol = reduce_max(s, [-1], keepdims=True) * (_longer_side(a) * np.finfo(a.dtype.as_numpy_dtype).eps)
        above = REGISTRY["Greater"](s, convert.convert_to_tensor(tol, dtype=s.dtype))
        return reduce_sum(REGISTRY["Cast"](above, DstT=dtypes.int32), [-1])


# -- spectra -------------------------------------------------------------------------------------------------


def svd(tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None) -> Any:
    """Singular values `s` (descending), and `u`, `v` with `u @ diag(s) @ adjoint(v)` the input; `s` alone without `compute_uv`."""
    s, u, v = d.svd_op(tensor, compute_uv=compute_uv, full_matrices=full_matrices, name=name)
    s = REGISTRY["Real"](s, Tout=s.dtype.real_dtype) if s.dtype.is_complex else s
    return (s, u, v) if compute_uv else s


def eigh(tensor: Any, name: str | None = None) -> Any:
    """Eigenvalues (ascending) and eigenvectors of a self-adjoint matrix."""
    return d.self_adjoint_eig(tensor, compute_v=True, name=name)


def eigvalsh(tensor: Any, name: str | None = None) -> Any:
    """Eigenvalues (ascending) of a self-adjoint matrix."""
    return d.self_adjoint_eig(tensor, compute_v=False, name=name)[0]


def _complex_dtype(x: Any) -> Any:
    return dtypes.complex128 if x.dtype in (dtypes.float64, dtypes.complex128) else dtypes.complex64


def eig(tensor: Any, name: str | None = None) -> Any:
    """Eigenvalues and eigenvectors of any square matrix, complex."""
    x = _matrix(tensor)
    return d.eig(x, compute_v=True, Tout=_complex_dtype(x), name=name)


def eigvals(tensor: Any, name: str | None = None) -> Any:
    """Eigenvalues of any square matrix, complex."""
    x = _matrix(tensor)
    return d.eig(x, compute_v=False, Tout=_complex_dtype(x), name=name)[0]


def expm(input: Any, name: str | None = None) -> Any:
    """The matrix exponential."""
    return d.matrix_exponential(input, name=name)


# -- LU ------------------------------------------------------------------------------------------------------


def _factors(lower_upper: Any) -> tuple[Any, Any]:
    unit = REGISTRY["OnesLike"](lower_upper[..., 0])
    return matrix_set_diag(band_part(lower_upper, -1, 0), unit), band_part(lower_upper, 0, -1)


def lu_solve(lower_upper: Any, perm: Any, rhs: Any, validate_args: bool = False, name: str | None = None) -> Any:
    """Solve `a @ x = rhs`, given `lu(a)`."""
    with name_scope(name or "lu_solve"):
        l, u = _factors(_matrix(lower_upper))
        rhs = convert.convert_to_tensor(rhs, dtype=l.dtype)
        perm = convert.convert_to_tensor(perm)
        ordered = REGISTRY["GatherV2"](rhs, perm, -2, batch_dims=perm.shape.rank - 1)
        return d.triangular_solve(u, d.triangular_solve(l, ordered), lower=False)


def lu_matrix_inverse(lower_upper: Any, perm: Any, validate_args: bool = False, name: str | None = None) -> Any:
    """The inverse of `a`, given `lu(a)`."""
    x = _matrix(lower_upper)
    return lu_solve(x, perm, matrix_diag(REGISTRY["OnesLike"](x[..., 0])), name=name)


def lu_reconstruct(lower_upper: Any, perm: Any, validate_args: bool = False, name: str | None = None) -> Any:
    """`a`, given `lu(a)`."""
    with name_scope(name or "lu_reconstruct"):
        l, u = _factors(_matrix(lower_upper))
        inverse = argsort(perm, axis=-1)
        return REGISTRY["GatherV2"](matmul(l, u), inverse, -2, batch_dims=inverse.shape.rank - 1)


# -- norms ---------------------------------------------------------------------------------------------------


def norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: Any = None, name: str | None = None) -> Any:
    """The norm of vectors (`axis` an int), matrices (`axis` a pair) or of all elements (None).

    `ord`: "euclidean", "fro", 1, 2, np.inf, or any positive number for vectors. Raises ValueError for others.

    >>> tf.norm([3., 4.]).numpy()
    np.float32(5.0)
    """
    keep = bool(keepdims)
    pair = isinstance(axis, (list, tuple)) and len(axis) == 2
    if isinstance(axis, (list, tuple)) and len(axis) not in (1, 2):
        raise ValueError("'axis' must be None, an integer, or a tuple of 2 unique integers")
    if pair and axis[0] == axis[1]:
        raise ValueError("'axis' must be None, an integer, or a tuple of 2 unique integers")
    if ord == "fro" and not pair:
        raise ValueError("Invalid vector norm type 'fro': use 'euclidean'." if axis is not None else "'fro' needs a pair of axes.")
    if isinstance(ord, str) and ord not in ("fro", "euclidean"):
        raise ValueError(f"'ord' must be a supported norm, not {ord!r}.")
    if not isinstance(ord, str) and ord <= 0:
        raise ValueError(f"'ord' must be positive, not {ord!r}.")
    with name_scope(name or "norm"):
        x = _matrix(tensor)
        magnitude = REGISTRY["ComplexAbs"](x, Tout=x.dtype.real_dtype) if x.dtype.is_complex else REGISTRY["Abs"](x)
        if ord in ("fro", "euclidean", 2, 2.0) and not (pair and ord in (2, 2.0)):
            return REGISTRY["Sqrt"](reduce_sum(x * conj(x), axis, keepdims=keep))  # of the input's dtype, complex too
        if pair:
            return _matrix_norm(x, magnitude, ord, axis, keep)
        if ord == np.inf:
            return reduce_max(magnitude, axis, keepdims=keep)
        if ord == 1:
            return reduce_sum(magnitude, axis, keepdims=keep)
        return REGISTRY["Pow"](reduce_sum(REGISTRY["Pow"](magnitude, float(ord)), axis, keepdims=keep), 1.0 / ord)


def _matrix_norm(x: Any, magnitude: Any, ord: Any, axis: Any, keep: bool) -> Any:
    rank = x.shape.rank
    rows, columns = axis if rank is None else (a % rank for a in axis)
    if ord in (1, np.inf):
        inner, outer = (rows, columns) if ord == 1 else (columns, rows)
        y = reduce_max(reduce_sum(magnitude, inner, keepdims=True), outer, keepdims=True)
        return y if keep else REGISTRY["Squeeze"](y, squeeze_dims=[rows, columns])
    if ord in (2, 2.0):
        y = reduce_max(svd(_axes_last(x, axis), compute_uv=False), [-1])
        if not keep:
            return y
        for a in sorted((rows, columns)):
            y = REGISTRY["ExpandDims"](y, a)
        return y
    raise ValueError(f"'ord' must be a supported matrix norm in ['euclidean', 'fro', 1, 2, inf], got {ord}")


def _axes_last(x: Any, axes: Any) -> Any:
    """The tensor transposed so that the axes come last."""
    rank = REGISTRY["Rank"](x) if x.shape.rank is None else np.int32(x.shape.rank)
    axes = REGISTRY["FloorMod"](np.array(axes, np.int32), rank)
    others = REGISTRY["ListDiff"](REGISTRY["Range"](0, rank, 1, Tidx=dtypes.int32), axes)[0]
    return REGISTRY["Transpose"](x, REGISTRY["ConcatV2"](others, axes, 0))


def normalize(tensor: Any, ord: Any = "euclidean", axis: Any = None, name: str | None = None) -> Any:
    """The tensor divided by its norm, and the norm."""
    with name_scope(name or "normalize"):
        x = _matrix(tensor)
        size = norm(x, ord, axis, keepdims=True)
        size = REGISTRY["Cast"](size, DstT=x.dtype) if size.dtype is not x.dtype else size
        return x / size, size


# -- vectors -------------------------------------------------------------------------------------------------


def _cross_shape(a: TensorShape, b: TensorShape) -> TensorShape:
    both = a.merge_with(b)
    if both.rank is not None and both.rank and both._dims[-1] not in (None, 3):  # type: ignore[index]
        raise ValueError(f"Cross-products are only defined for 3-element vectors, not for shape {both}")
    return both


@declare("Cross", dtypes=REAL, shape=_cross_shape, samples=[Sample((2, 3), (2, 3)), Sample((3,), (3,))])
def cross(xp: Any, a: Any, b: Any) -> Any:
    """The cross product of 3-element vectors along the last dimension; both of one shape.

    >>> tf.linalg.cross([1., 0., 0.], [0., 1., 0.]).numpy()
    array([0., 0., 1.], dtype=float32)
    """
    if a.shape != b.shape:
        raise ValueError(f"Both inputs must be of same shape: {list(a.shape)} vs. {list(b.shape)}")
    a0, a1, a2 = a[..., 0], a[..., 1], a[..., 2]
    b0, b1, b2 = b[..., 0], b[..., 1], b[..., 2]
    return xp.stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], axis=-1)


cross.vjp(lambda y, g, a, b: (cross(b, g), cross(g, a)))
