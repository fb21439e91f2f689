"""`keras.ops.linalg`: decompositions, solutions, norms of matrices."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras.ops.dtypes import floating, together


def cholesky(x: Any, upper: bool = False) -> Any:
    """The lower triangle whose product with its transpose is `x`; or the upper one."""
    y = tf.linalg.cholesky(floating(x))
    return tf.linalg.matrix_transpose(y) if upper else y


def cholesky_inverse(x: Any, upper: bool = False) -> Any:
    """The inverse of the matrix whose Cholesky factor is `x`."""
    x = floating(x)
    low = tf.linalg.matrix_transpose(x) if upper else x
    return tf.linalg.cholesky_solve(low, tf.eye(x.shape[-1], dtype=x.dtype))


def det(x: Any) -> Any:
    """The determinant."""
    return tf.linalg.det(floating(x))


def slogdet(x: Any) -> Any:
    """The sign of the determinant and the logarithm of its size."""
    return tuple(tf.linalg.slogdet(floating(x)))


def logdet(x: Any) -> Any:
    """The logarithm of the determinant of a positive definite matrix."""
    return tf.linalg.logdet(floating(x))


def eig(x: Any) -> Any:
    """Eigenvalues and eigenvectors."""
    return tf.linalg.eig(floating(x))


def eigh(x: Any) -> Any:
    """Eigenvalues and eigenvectors of a symmetric matrix."""
    return tf.linalg.eigh(floating(x))


def inv(x: Any) -> Any:
    """The inverse."""
    return tf.linalg.inv(floating(x))


def lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    """The least-squares solution of `a x = b`."""
    a, b = map(floating, together(a, b))
    vector = b.shape.rank == 1
    y = tf.matmul(tf.linalg.pinv(a, rcond=rcond), b[:, None] if vector else b)
    return y[:, 0] if vector else y


def lu_factor(x: Any) -> Any:
    """Both triangles in one matrix, and the order of rows."""
    return tf.linalg.lu(floating(x))


def matrix_rank(x: Any, tol: Any = None) -> Any:
    """How many independent rows there are."""
    return tf.linalg.matrix_rank(floating(x), tol=tol)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The length of vectors or the size of matrices."""
    x = floating(x)
    if ord is None or (ord in (2, "fro") and axis is None and x.shape.rank == 1):
        square = tf.reduce_sum(tf.square(tf.abs(x)), list(axis) if isinstance(axis, (tuple, list)) else axis, keepdims)
        return tf.sqrt(square)
    if axis is None:
        axis = -1 if x.shape.rank == 1 else (-2, -1)
    if isinstance(axis, (tuple, list)) and len(axis) == 1:
        axis = axis[0]
    if isinstance(axis, (tuple, list)):
        return _matrix_norm(x, ord, tuple(a % x.shape.rank for a in axis), keepdims)
    size = tf.abs(x)
    if ord == float("inf"):
        return tf.reduce_max(size, axis, keepdims)
    if ord == float("-inf"):
        return tf.reduce_min(size, axis, keepdims)
    if ord == 0:
        return tf.reduce_sum(tf.cast(tf.not_equal(size, 0), size.dtype), axis, keepdims)
    return tf.pow(tf.reduce_sum(tf.pow(size, ord), axis, keepdims), 1.0 / ord)


def _matrix_norm(x: Any, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    rows, columns = axes
    rest = [i for i in range(x.shape.rank) if i not in axes]
    x = tf.transpose(x, [*rest, rows, columns])
    if ord == "fro":
        y = tf.sqrt(tf.reduce_sum(tf.square(tf.abs(x)), [-2, -1]))
    elif ord in (2, -2, "nuc"):
        values = tf.linalg.svd(x, compute_uv=False)
        y = {2: tf.reduce_max, -2: tf.reduce_min, "nuc": tf.reduce_sum}[ord](values, -1)
    else:
        sums = tf.reduce_sum(tf.abs(x), -2 if abs(ord) == 1 else -1)
        y = tf.reduce_max(sums, -1) if ord > 0 else tf.reduce_min(sums, -1)
    for a in sorted(axes) if keepdims else ():
        y = tf.expand_dims(y, a)
    return y


def pinv(x: Any, rcond: Any = None) -> Any:
    """The pseudo-inverse."""
    return tf.linalg.pinv(floating(x), rcond=rcond)


def qr(x: Any, mode: str = "reduced") -> Any:
    """An orthogonal matrix and a triangle whose product is `x`."""
    return tf.linalg.qr(floating(x), full_matrices=mode == "complete")


def solve(a: Any, b: Any) -> Any:
    """The solution of `a x = b`."""
    a, b = map(floating, together(a, b))
    return tf.linalg.solve(a, b[..., None])[..., 0] if b.shape.rank == a.shape.rank - 1 else tf.linalg.solve(a, b)


def solve_triangular(a: Any, b: Any, lower: bool = False) -> Any:
    """The solution of `a x = b` for a triangle `a`."""
    a, b = map(floating, together(a, b))
    vector = b.shape.rank == a.shape.rank - 1
    y = tf.linalg.triangular_solve(a, b[..., None] if vector else b, lower=lower)
    return y[..., 0] if vector else y


def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    """`u, s, v` with `u @ diag(s) @ v` the matrix."""
    found = tf.linalg.svd(floating(x), full_matrices=full_matrices, compute_uv=compute_uv)
    return (found[1], found[0], tf.linalg.adjoint(found[2])) if compute_uv else found


def jvp(fun: Any, primals: Any, tangents: Any, has_aux: bool = False) -> Any:
    """`fun(*primals)`, and how it changes as the primals change along the tangents, in forward mode."""
    given = [tf.convert_to_tensor(x) for x in primals]
    with tf.autodiff.ForwardAccumulator(given, [tf.convert_to_tensor(t) for t in tangents]) as accumulator:
        y = fun(*given)
        y, aux = y if has_aux else (y, None)
    change = tf.nest.map_structure(accumulator.jvp, y)
    return (y, change, aux) if has_aux else (y, change)


def cdist(x1: Any, x2: Any, p: float = 2.0) -> Any:
    """The distances between all rows of two matrices."""
    a, b = map(floating, together(x1, x2))
    return norm(tf.expand_dims(a, -2) - tf.expand_dims(b, -3), ord=p, axis=-1)
