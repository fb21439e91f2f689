"""Decompositions and solutions of linear systems, over stacks of matrices `[..., m, n]`.

NumPy's LAPACK and XLA's give the same factors up to signs that TensorFlow leaves open too (QR, SVD, eigenvectors).
Gradients: Giles 2008, "An extended collection of matrix derivative results"; Murray 2016 for Cholesky.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.registry import NO_GRADIENT, REGISTRY, Sample, op
from thalweg.engine.core.shape import UNKNOWN, TensorShape, broadcast
from thalweg.engine.ops.complex_numbers import conj
from thalweg.engine.ops.diagonals import band_part, matrix_diag
from thalweg.engine.ops.families import unbroadcast
from thalweg.engine.ops.matmul import matmul
from thalweg.engine.ops.reordering import matrix_transpose

LAPACK = (dtypes.float32, dtypes.float64, dtypes.complex64, dtypes.complex128)
REAL_LAPACK = LAPACK[:2]

_rng = np.random.default_rng(7)
_SQUARE = _rng.normal(size=(2, 3, 3)) + 3 * np.eye(3)
_POSITIVE = (_SQUARE @ np.swapaxes(_SQUARE, -1, -2)) + np.eye(3)
_TALL = _rng.normal(size=(2, 4, 3))
_RIGHT = _rng.normal(size=(2, 3, 2))


def _square(x: TensorShape, *_: Any, **__: Any) -> TensorShape:
    if x.rank is None:
        return UNKNOWN
    x = x.with_rank_at_least(2)
    m, n = x._dims[-2:]  # type: ignore[index]
    if m is not None and n is not None and m != n:
        raise ValueError(f"Input matrix must be square, but has shape {x}")
    size = n if m is None else m
    return _batch(x).concatenate([size, size])


def _batch(x: TensorShape) -> TensorShape:
    return UNKNOWN if x.rank is None else TensorShape(x._dims[:-2])  # type: ignore[index]


def adjoint_of(x: Any) -> Any:
    return matrix_transpose(x, conjugate=True)


def _swap(xp: Any, x: Any) -> Any:
    return xp.swapaxes(x, -1, -2)


def _adj(xp: Any, x: Any) -> Any:
    return _swap(xp, xp.conj(x) if x.dtype.kind == "c" else x)


# -- Cholesky ----------------------------------------------------------------------------------------------


@op("Cholesky", dtypes=LAPACK, shape=_square, samples=[Sample(_POSITIVE), Sample(_POSITIVE[0]), Sample(np.zeros((0, 3, 3)))])
def cholesky(xp: Any, input: Any) -> Any:
    """The lower triangular `l` with `l @ adjoint(l)` the input, which must be symmetric and positive definite.

    A matrix that is not gives NaN, as in TensorFlow, and under XLA too.
    """
    try:
        return xp.linalg.cholesky(input)
    except np.linalg.LinAlgError:
        _square(TensorShape(input.shape))
        flat = [_cholesky_or_nan(m) for m in input.reshape(-1, *input.shape[-2:])]
        return np.stack(flat).reshape(input.shape)


def _cholesky_or_nan(m: np.ndarray) -> np.ndarray:
    try:
        return np.linalg.cholesky(m)
    except np.linalg.LinAlgError:
        return np.tril(np.full_like(m, np.nan))


@cholesky.vjp
def _(l: Any, g: Any, x: Any) -> Any:
    # phi keeps the lower triangle and halves the diagonal.
    inner = _phi(matmul(adjoint_of(l), g))
    half = triangular_solve(l, inner, lower=True, adjoint=True)
    full = adjoint_of(triangular_solve(l, adjoint_of(half), lower=True, adjoint=True))
    return (full + adjoint_of(full)) * 0.5


def _phi(x: Any) -> Any:
    lower = band_part(x, -1, 0)
    return lower - band_part(x, 0, 0) * 0.5


# -- solving -----------------------------------------------------------------------------------------------


def _system(a: TensorShape, b: TensorShape) -> tuple[TensorShape, TensorShape]:
    """A square matrix and a right side that fits it. Raises ValueError when it does not."""
    a, b = _square(a), b.with_rank_at_least(2)
    if a.rank is None or b.rank is None:
        return a, b
    m, rows = a._dims[-1], b._dims[-2]  # type: ignore[index]
    if m is not None and rows is not None and m != rows:
        raise ValueError(f"Input matrix and rhs are incompatible: {a} and {b}")
    return a, _batch(b).concatenate([rows if m is None else m, b._dims[-1]])  # type: ignore[index]


def _solve_shape(a: TensorShape, b: TensorShape, **_: Any) -> TensorShape:
    """Matrix and right side have the same batch."""
    a, b = _system(a, b)
    if a.rank is None or b.rank is None:
        return UNKNOWN
    return _batch(a).merge_with(_batch(b)).concatenate(b[-2:])


def _broadcast_solve_shape(a: TensorShape, b: TensorShape, **_: Any) -> TensorShape:
    """The batches broadcast."""
    a, b = _system(a, b)
    if a.rank is None or b.rank is None:
        return UNKNOWN
    return broadcast(_batch(a), _batch(b)).concatenate(b[-2:])


@op("MatrixSolve", dtypes=LAPACK, shape=_solve_shape, samples=[Sample(_SQUARE, _RIGHT), Sample(_SQUARE, _RIGHT, adjoint=True)])
def matrix_solve(xp: Any, matrix: Any, rhs: Any, *, adjoint: bool = False) -> Any:
    """The `x` with `matrix @ x = rhs` (`adjoint(matrix) @ x`): matrix `[..., m, m]`, rhs `[..., m, k]`.

    Raises InvalidArgumentError for a singular matrix.
    """
    _solve_shape(TensorShape(matrix.shape), TensorShape(rhs.shape))
    try:
        return xp.linalg.solve(_adj(xp, matrix) if adjoint else matrix, rhs)
    except np.linalg.LinAlgError:
        raise errors.invalid("Input matrix is not invertible.") from None


@matrix_solve.vjp
def _(x: Any, g: Any, a: Any, b: Any, *, adjoint: bool) -> Any:
    db = matrix_solve(a, g, adjoint=not adjoint)
    return (lambda: -(matmul(x, db, adjoint_b=True) if adjoint else matmul(db, x, adjoint_b=True))), db


@op("MatrixTriangularSolve", dtypes=LAPACK, shape=_broadcast_solve_shape,
    samples=[Sample(_SQUARE, _RIGHT), Sample(_SQUARE, _RIGHT, lower=False), Sample(_SQUARE, _RIGHT, adjoint=True),
             Sample(_SQUARE, _RIGHT[0])])  # fmt: skip
def triangular_solve(xp: Any, matrix: Any, rhs: Any, *, lower: bool = True, adjoint: bool = False) -> Any:
    """The `x` with `matrix @ x = rhs`, reading only a triangle of the matrix: a zero on the diagonal gives infinity."""
    a = _adj(xp, matrix) if adjoint else matrix
    m = a.shape[-1]
    rows = range(m) if lower is not adjoint else range(m - 1, -1, -1)
    x = np.zeros(np.broadcast_shapes(a.shape[:-2], rhs.shape[:-2]) + rhs.shape[-2:], rhs.dtype)
    for i in rows:  # substitution; rows not yet found are zero
        before = slice(0, i) if lower is not adjoint else slice(i + 1, m)
        known = np.matmul(a[..., i : i + 1, before], x[..., before, :])[..., 0, :]
        x[..., i, :] = (rhs[..., i, :] - known) / a[..., i, i, None]
    return x


@triangular_solve.xla
def _(xp: Any, matrix: Any, rhs: Any, *, lower: bool = True, adjoint: bool = False) -> Any:
    # XLA has substitution itself; a general solve would factor the matrix first.
    from thalweg.engine.xp import jax

    batch = np.broadcast_shapes(matrix.shape[:-2], rhs.shape[:-2])
    a, b = (xp.broadcast_to(x, batch + x.shape[-2:]) for x in (matrix, rhs))
    return jax().lax.linalg.triangular_solve(a, b, left_side=True, lower=lower, transpose_a=adjoint, conjugate_a=adjoint)


@triangular_solve.vjp
def _(x: Any, g: Any, a: Any, b: Any, *, lower: bool, adjoint: bool) -> Any:
    db = triangular_solve(a, g, lower=lower, adjoint=not adjoint)

    def da() -> Any:
        full = -(matmul(x, db, adjoint_b=True) if adjoint else matmul(db, x, adjoint_b=True))
        return unbroadcast(band_part(full, -1, 0) if lower else band_part(full, 0, -1), a, full)

    return da, lambda: unbroadcast(db, b, x)


@op("MatrixInverse", dtypes=LAPACK, shape=_square,
    samples=[Sample(_SQUARE), Sample(_SQUARE, adjoint=True), Sample(np.zeros((0, 2, 2)))])
def matrix_inverse(xp: Any, input: Any, *, adjoint: bool = False) -> Any:
    """The inverse of a square matrix. Raises InvalidArgumentError for a singular one.

    >>> tf.linalg.inv([[2., 0.], [0., 4.]]).numpy()
    array([[0.5 , 0.  ],
           [0.  , 0.25]], dtype=float32)
    """
    try:
        return xp.linalg.inv(_adj(xp, input) if adjoint else input)
    except np.linalg.LinAlgError:
        raise errors.invalid("Input is not invertible.") from None


@matrix_inverse.vjp
def _(y: Any, g: Any, x: Any, *, adjoint: bool) -> Any:
    if adjoint:
        return -matmul(y, matmul(g, y, adjoint_a=True))
    return -matmul(y, matmul(g, y, adjoint_b=True), adjoint_a=True)


# -- determinants ------------------------------------------------------------------------------------------


@op("MatrixDeterminant", dtypes=LAPACK, shape=lambda x: _batch(_square(x)), samples=[Sample(_SQUARE), Sample(_SQUARE[0])])
def matrix_determinant(xp: Any, input: Any) -> Any:
    """The determinant of a square matrix.

    >>> tf.linalg.det([[2., 1.], [0., 4.]]).numpy()
    np.float32(8.0)
    """
    return xp.linalg.det(input).astype(input.dtype)


def _as_matrix(x: Any) -> Any:
    return REGISTRY["ExpandDims"](REGISTRY["ExpandDims"](x, -1), -1)


@matrix_determinant.vjp
def _(y: Any, g: Any, x: Any) -> Any:
    return _as_matrix(g * conj(y)) * matrix_inverse(x, adjoint=True)


@op("LogMatrixDeterminant", dtypes=LAPACK, out=("T", "T"), shape=lambda x: (_batch(_square(x)),) * 2, samples=[Sample(_SQUARE)])
def log_matrix_determinant(xp: Any, input: Any) -> Any:
    """The sign of the determinant, and the logarithm of its absolute value."""
    sign, log = xp.linalg.slogdet(input)
    return sign.astype(input.dtype), log.astype(input.dtype)


@log_matrix_determinant.vjp
def _(y: Any, g: Any, x: Any) -> Any:
    return _as_matrix(g[1]) * matrix_inverse(x, adjoint=True)


# -- QR ------------------------------------------------------------------------------------------------------


def _qr_shape(x: TensorShape, *, full_matrices: bool) -> Any:
    if x.rank is None:
        return UNKNOWN, UNKNOWN
    m, n = x._dims[-2:]  # type: ignore[index]
    p = None if m is None or n is None else min(m, n)
    q, r = ([m, m], [m, n]) if full_matrices else ([m, p], [p, n])
    return _batch(x).concatenate(q), _batch(x).concatenate(r)


@op("Qr", dtypes=LAPACK, out=("T", "T"), shape=_qr_shape, samples=[Sample(_TALL), Sample(_SQUARE)])
def qr(xp: Any, input: Any, *, full_matrices: bool = False) -> Any:
    """Orthonormal `q` and upper triangular `r` with `q @ r` the input."""
    return tuple(xp.linalg.qr(input, mode="complete" if full_matrices else "reduced"))


@qr.vjp
def _(y: Any, g: Any, x: Any, *, full_matrices: bool) -> Any:
    (q, r), (dq, dr) = y, g
    m, n = x.shape[-2:]
    if m is not None and n is not None and m < n:
        raise NotImplementedError("QrGrad not implemented when nrows < ncols.")
    if full_matrices and m != n:
        raise NotImplementedError("QrGrad not implemented when full_matrices is true and the matrix is not square.")

    def lower_solved(a: Any) -> Any:
        return adjoint_of(triangular_solve(r, adjoint_of(a), lower=False))

    rdr, qdq = matmul(r, dr, adjoint_b=True), matmul(q, dq, adjoint_a=True)
    inner = rdr - adjoint_of(rdr) + qdq - adjoint_of(qdq)
    tril = band_part(inner, -1, 0)
    tril = tril - band_part(tril, 0, 0) * 0.5  # imaginary, since r's diagonal is real
    first = matmul(q, dr + lower_solved(tril))
    return first + lower_solved(dq - matmul(q, qdq))


# -- eigenvalues -------------------------------------------------------------------------------------------


def _eig_shape(x: TensorShape, *, compute_v: bool, **_: Any) -> Any:
    x = _square(x)
    if x.rank is None:
        return UNKNOWN, UNKNOWN
    return TensorShape(x._dims[:-1]), x if compute_v else UNKNOWN  # type: ignore[index]


@op("SelfAdjointEigV2", dtypes=LAPACK, out=("T", "T"), shape=_eig_shape, samples=[Sample(_POSITIVE)])
def self_adjoint_eig(xp: Any, input: Any, *, compute_v: bool = True) -> Any:
    """Eigenvalues in ascending order and eigenvectors of a symmetric (Hermitian) matrix, read from its lower triangle."""
    if not compute_v:
        return xp.linalg.eigvalsh(input).astype(input.dtype), xp.zeros((0,), input.dtype)
    e, v = xp.linalg.eigh(input)
    return e.astype(input.dtype), v


@self_adjoint_eig.vjp
def _(y: Any, g: Any, x: Any, *, compute_v: bool) -> Any:
    if not compute_v:
        _, v = self_adjoint_eig(x)
        return _fold(matmul(v, matmul(matrix_diag(g[0]), v, adjoint_b=True)))
    (e, v), (de, dv) = y, g
    f = _safe_reciprocal(REGISTRY["ExpandDims"](e, -2) - REGISTRY["ExpandDims"](e, -1))
    inner = matrix_diag(de) + f * matmul(v, dv, adjoint_a=True)
    return _fold(matmul(v, matmul(inner, v, adjoint_b=True)))


def _fold(full: Any) -> Any:
    """Gradients of both triangles as the gradient of the lower one, which alone is read."""
    full = band_part(full + adjoint_of(full), -1, 0)
    return full - band_part(full, 0, 0) * 0.5


def _safe_reciprocal(x: Any) -> Any:
    """`1 / x`, and 0 where x is 0."""
    zero = REGISTRY["Equal"](x, REGISTRY["ZerosLike"](x))
    ones = REGISTRY["OnesLike"](x)
    return REGISTRY["SelectV2"](zero, REGISTRY["ZerosLike"](x), ones / REGISTRY["SelectV2"](zero, ones, x))


def _complex_of(groups: Any, attrs: Any) -> Any:
    return attrs["Tout"]


@op("Eig", dtypes=LAPACK, out=(_complex_of, _complex_of), shape=lambda x, **a: _eig_shape(x, compute_v=a["compute_v"]), host=True,
    samples=[Sample(_POSITIVE, Tout=dtypes.complex128)])  # fmt: skip
def eig(xp: Any, input: Any, *, compute_v: bool = True, Tout: Any = dtypes.complex64) -> Any:
    """Eigenvalues and eigenvectors of any square matrix, complex."""
    if not compute_v:
        return np.linalg.eigvals(input).astype(Tout.np_dtype), np.zeros((0,), Tout.np_dtype)
    e, v = np.linalg.eig(input)
    return e.astype(Tout.np_dtype), v.astype(Tout.np_dtype)


@eig.vjp
def _(y: Any, g: Any, input: Any, *, compute_v: bool, Tout: Any) -> Any:
    """Source: Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation", 2008."""
    e, v = y if compute_v else eig(input, Tout=Tout)
    middle = REGISTRY["MatrixDiagV3"](g[0], 0, -1, -1, 0)
    across = adjoint_of(v)
    if compute_v:
        distance = REGISTRY["ExpandDims"](e, -2) - REGISTRY["ExpandDims"](e, -1)
        apart = conj(REGISTRY["DivNoNan"](REGISTRY["OnesLike"](distance), distance))
        turned = REGISTRY["BatchMatMulV2"](across, g[1])
        real = REGISTRY["MatrixDiagPartV3"](turned, 0, 0)
        along = REGISTRY["MatrixDiagV3"](REGISTRY["Cast"](REGISTRY["Real"](real), DstT=Tout), 0, -1, -1, 0)
        overlap = REGISTRY["BatchMatMulV2"](REGISTRY["BatchMatMulV2"](across, v), along)
        middle = middle + apart * (turned - overlap)
    dx = REGISTRY["MatrixSolve"](across, REGISTRY["BatchMatMulV2"](middle, across))
    if not input.dtype.is_complex:
        dx = REGISTRY["Real"](dx)
    return REGISTRY["Cast"](dx, DstT=input.dtype)


# -- singular values ---------------------------------------------------------------------------------------


def _svd_shape(x: TensorShape, *, compute_uv: bool, full_matrices: bool) -> Any:
    if x.rank is None:
        return UNKNOWN, UNKNOWN, UNKNOWN
    m, n = x._dims[-2:]  # type: ignore[index]
    p = None if m is None or n is None else min(m, n)
    if not compute_uv:
        return _batch(x).concatenate([p]), UNKNOWN, UNKNOWN
    u, v = ([m, m], [n, n]) if full_matrices else ([m, p], [n, p])
    return _batch(x).concatenate([p]), _batch(x).concatenate(u), _batch(x).concatenate(v)


@op("Svd", dtypes=LAPACK, out=("T", "T", "T"), shape=_svd_shape, samples=[Sample(_TALL), Sample(_SQUARE)])
def svd_op(xp: Any, input: Any, *, compute_uv: bool = True, full_matrices: bool = False) -> Any:
    empty = xp.zeros((0,), input.dtype)
    if not compute_uv:
        return xp.linalg.svd(input, compute_uv=False).astype(input.dtype), empty, empty
    u, s, vh = xp.linalg.svd(input, full_matrices=full_matrices)
    return s.astype(input.dtype), u, _adj(xp, vh)


@svd_op.vjp
def _(y: Any, g: Any, x: Any, *, compute_uv: bool, full_matrices: bool) -> Any:
    if not compute_uv:
        _, u, v = svd_op(x)
        return matmul(u, matmul(matrix_diag(g[0]), v, adjoint_b=True))
    m, n = x.shape[-2:]
    if m is None or n is None:
        raise NotImplementedError("SVD gradient has not been implemented for input with unknown inner matrix shape.")
    if full_matrices and abs(m - n) > 1:
        raise NotImplementedError("svd gradient is not implemented for abs(m - n) > 1 when full_matrices is True")
    (s, u, v), (ds, du, dv) = y, g
    if full_matrices:
        p = min(m, n)
        u, v, du, dv = u[..., :p], v[..., :p], du[..., :p], dv[..., :p]
    s2 = s * s
    f = _safe_reciprocal(REGISTRY["ExpandDims"](s2, -2) - REGISTRY["ExpandDims"](s2, -1))
    row = REGISTRY["ExpandDims"](s, -2)
    uu, vv = f * matmul(u, du, adjoint_a=True), f * matmul(v, dv, adjoint_a=True)
    inner = matrix_diag(ds) + (uu + adjoint_of(uu)) * row + REGISTRY["ExpandDims"](s, -1) * (vv + adjoint_of(vv))
    result = matmul(u, matmul(inner, v, adjoint_b=True))
    inverse = _safe_reciprocal(row)
    if m > n:
        left = du * inverse
        result = result + matmul(left - matmul(u, matmul(u, left, adjoint_a=True)), v, adjoint_b=True)
    elif n > m:
        right = dv * inverse
        result = result + matmul(u, right - matmul(v, matmul(v, right, adjoint_a=True)), adjoint_b=True)
    return result


# -- least squares and functions of matrices -----------------------------------------------------------------


@op("MatrixExponential", dtypes=LAPACK, shape=_square, samples=[Sample(_SQUARE * 0.3)])
def matrix_exponential(xp: Any, input: Any) -> Any:
    """The matrix exponential, by scaling and squaring (Higham 2005, with a fixed Pade order)."""
    n = input.shape[-1]
    eye = xp.eye(n, dtype=input.dtype)
    norm = xp.max(xp.sum(xp.abs(input), axis=-2, dtype=abs(input[..., :0, :0]).dtype), axis=-1, initial=0)
    squarings = xp.maximum(0, xp.ceil(xp.log2(xp.maximum(norm, 1e-30) / 0.5))).astype(np.int32)
    scaled = input / (2.0 ** squarings.astype(norm.dtype)).astype(norm.dtype)[..., None, None].astype(input.dtype)
    numerator, denominator, term, c = eye + 0 * input, eye + 0 * input, eye, 1.0
    order = 9
    for k in range(1, order + 1):
        c = c * (order - k + 1) / (k * (2 * order - k + 1))
        term = xp.matmul(scaled, term)
        numerator, denominator = numerator + c * term, denominator + (-1) ** k * c * term
    y = xp.linalg.solve(denominator, numerator)
    for i in range(40):  # as many squarings as any matrix of the stack may need; each takes its own number
        more = (squarings > i)[..., None, None]
        if xp is np and not np.any(more):
            break
        y = xp.where(more, xp.matmul(y, y), y)
    return y.astype(input.dtype)


@matrix_exponential.vjp
def _(y: Any, g: Any, x: Any) -> Any:
    # The derivative in direction g of exp at adjoint(x): a corner of the exponential of a block matrix.
    a = adjoint_of(x)
    n = x.shape[-1]
    zero = REGISTRY["ZerosLike"](a)
    block = REGISTRY["ConcatV2"](REGISTRY["ConcatV2"](a, g, -1), REGISTRY["ConcatV2"](zero, a, -1), -2)
    return matrix_exponential(block)[..., :n, n:]


def _host_function(name: str, compute: Any, doc: str) -> Any:
    def kernel(xp: Any, input: Any) -> Any:
        flat = [compute(m.astype(np.complex128)) for m in input.reshape(-1, *input.shape[-2:])]
        y = (np.stack(flat) if flat else np.zeros((0, *input.shape[-2:]))).reshape(input.shape)
        return (y if input.dtype.kind == "c" else y.real).astype(input.dtype)

    record = op(name, dtypes=LAPACK, shape=_square, host=True, vjp=NO_GRADIENT, samples=[Sample(_POSITIVE)])(kernel)
    record.__doc__ = doc
    return record


def _sqrtm(m: Any) -> Any:
    from scipy.linalg import sqrtm

    return sqrtm(m)


def _logm(m: Any) -> Any:
    from scipy.linalg import logm

    return logm(m)


matrix_square_root = _host_function("MatrixSquareRoot", _sqrtm, "The matrix whose product with itself is the input.")
matrix_logarithm = _host_function("MatrixLogarithm", _logm, "The matrix whose exponential is the input; complex.")


@matrix_square_root.vjp
def _(y: Any, g: Any, x: Any) -> Any:
    # y dy + dy y = dx, as one linear system over the flattened matrix.
    n = x.shape[-1]
    eye = matrix_diag(REGISTRY["OnesLike"](x[..., 0]))
    system = _kron(adjoint_of(y), eye) + _kron(eye, conj(y))
    shape = REGISTRY["Shape"](x)
    flat = REGISTRY["Reshape"](g, REGISTRY["ConcatV2"](shape[:-2], [n * n, 1], 0))
    return REGISTRY["Reshape"](matrix_solve(system, flat), shape)


def _kron(a: Any, b: Any) -> Any:
    n = a.shape[-1]
    product = REGISTRY["ExpandDims"](REGISTRY["ExpandDims"](a, -1), -3) * REGISTRY["ExpandDims"](REGISTRY["ExpandDims"](b, -2), -4)
    shape = REGISTRY["Shape"](a)
    return REGISTRY["Reshape"](product, REGISTRY["ConcatV2"](shape[:-2], [n * n, n * n], 0))


def _lu_shape(x: TensorShape, *, output_idx_type: Any) -> Any:
    x = _square(x)
    return x, UNKNOWN if x.rank is None else TensorShape(x._dims[:-1])  # type: ignore[index]


@op("Lu", vjp=NO_GRADIENT, dtypes=LAPACK, out=("T", lambda groups, attrs: attrs["output_idx_type"]), shape=_lu_shape,
    samples=[Sample(_SQUARE)])
def lu(xp: Any, input: Any, *, output_idx_type: Any = dtypes.int32) -> Any:
    """`l` and `u` in one matrix (`l`'s unit diagonal left out), and the rows' permutation."""
    from scipy.linalg import lu as factor

    flat = input.reshape(-1, *input.shape[-2:])
    packed, permutation = np.empty_like(flat), np.empty(flat.shape[:-1], output_idx_type.np_dtype)
    for i, m in enumerate(flat):
        p, l, u = factor(m, p_indices=True)
        order = np.argsort(p)
        packed[i], permutation[i] = np.tril(l, -1) + u, order
    return packed.reshape(input.shape), permutation.reshape(input.shape[:-1])


@lu.xla
def _(xp: Any, input: Any, *, output_idx_type: Any = dtypes.int32) -> Any:
    # SciPy's factorization cannot run under XLA's trace; XLA has its own.
    from thalweg.engine.xp import jax

    packed, _, permutation = jax().lax.linalg.lu(input)
    return packed, permutation.astype(output_idx_type.np_dtype)
