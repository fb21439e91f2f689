"""TensorFlow 1's names of matrix functions and Fourier transforms: at top level, with older arguments."""

from __future__ import annotations

from typing import Any

from thalweg.compat.v1.arrays import either
from thalweg.engine.ops import linalg as v2
from thalweg.engine.ops.fourier import (
    fft as fft,
    fft2d as fft2d,
    fft3d as fft3d,
    ifft as ifft,
    ifft2d as ifft2d,
    ifft3d as ifft3d,
)
from thalweg.engine.ops.linalg import (
    cholesky as cholesky,
    cholesky_solve as cholesky_solve,
    cross as cross,
    det as matrix_determinant,
    eig as eig,
    eigh as self_adjoint_eig,
    eigvals as eigvals,
    eigvalsh as self_adjoint_eigvals,
    inv as matrix_inverse,
    lstsq as matrix_solve_ls,
    qr as qr,
    solve as matrix_solve,
    sqrtm as matrix_square_root,
    svd as svd,
    trace as trace,
    triangular_solve as matrix_triangular_solve,
)

__all__ = [
    "cholesky",
    "cholesky_solve",
    "cross",
    "eig",
    "eigvals",
    "fft",
    "fft2d",
    "fft3d",
    "ifft",
    "ifft2d",
    "ifft3d",
    "log_matrix_determinant",
    "matrix_determinant",
    "matrix_inverse",
    "matrix_solve",
    "matrix_solve_ls",
    "matrix_square_root",
    "matrix_triangular_solve",
    "norm",
    "qr",
    "self_adjoint_eig",
    "self_adjoint_eigvals",
    "svd",
    "trace",
]


def norm(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: Any = None, name: Any = None, keep_dims: Any = None
) -> Any:
    """As `tf.norm`, with `keep_dims` as another name of `keepdims`."""
    return v2.norm(tensor, ord, axis, either("keepdims", keepdims, "keep_dims", keep_dims), name)


def log_matrix_determinant(input: Any, name: Any = None) -> Any:
    """As `tf.linalg.slogdet`."""
    return v2.slogdet(input, name)
