"""Matrices with few diagonals, through the full matrices they stand for.

Source: https://www.tensorflow.org/api_docs/python/tf/linalg/tridiagonal_solve
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert
from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.ops import decompositions as d
from thalweg.engine.ops.complex_numbers import conj
from thalweg.engine.ops.diagonals import band_part, matrix_diag
from thalweg.engine.ops.linalg import eigh, eigvalsh
from thalweg.engine.ops.matmul import matmul
from thalweg.engine.ops.reordering import matrix_transpose


def _full(diagonals: Any, diagonals_format: str) -> Any:
    """The full matrix of a tridiagonal one, given in any of TensorFlow's three formats."""
    if diagonals_format == "matrix":
        return band_part(convert.convert_to_tensor(diagonals), 1, 1)
    if diagonals_format == "compact":
        return matrix_diag(diagonals, k=(-1, 1), align="LEFT_RIGHT")
    if diagonals_format == "sequence":
        upper, main, lower = (convert.convert_to_tensor(x) for x in diagonals)
        size = main.shape[-1]
        upper = upper if upper.shape[-1] != size else upper[..., :-1]
        lower = lower if lower.shape[-1] != size else lower[..., 1:]
        return matrix_diag(main) + matrix_diag(upper, k=1) + matrix_diag(lower, k=-1)
    raise ValueError(f"Unrecognized diagonals_format: {diagonals_format}")


def tridiagonal_solve(
    diagonals: Any, rhs: Any, diagonals_format: str = "compact", transpose_rhs: bool = False, conjugate_rhs: bool = False,
    name: str | None = None, partial_pivoting: bool = True, perturb_singular: bool = False,
) -> Any:  # fmt: skip
    """Solve with a tridiagonal matrix, given as `[..., 3, m]` (superdiagonal, diagonal, subdiagonal) or in another format.

    rhs: `[..., m]` or `[..., m, k]`. Raises InvalidArgumentError for a singular matrix.

    >>> tf.linalg.tridiagonal_solve([[1., 0.], [2., 2.], [0., 0.]], [3., 4.]).numpy()
    array([0.5, 2. ], dtype=float32)
    """
    with name_scope(name or "tridiagonal_solve"):
        full = _full(diagonals, diagonals_format)
        return _solve(d.matrix_solve, full, rhs, transpose_rhs, conjugate_rhs)


def _solve(solve: Any, full: Any, rhs: Any, transpose_rhs: bool = False, conjugate_rhs: bool = False, **options: Any) -> Any:
    rhs = convert.convert_to_tensor(rhs, dtype=full.dtype)
    rhs = conj(rhs) if conjugate_rhs else rhs
    if rhs.shape.rank is not None and rhs.shape.rank == (full.shape.rank or 0) - 1:
        return REGISTRY["Squeeze"](solve(full, REGISTRY["ExpandDims"](rhs, -1), **options), squeeze_dims=[-1])
    return solve(full, matrix_transpose(rhs) if transpose_rhs else rhs, **options)


def tridiagonal_matmul(diagonals: Any, rhs: Any, diagonals_format: str = "compact", name: str | None = None) -> Any:
    """The product of a tridiagonal matrix and `rhs` `[..., m, n]`."""
    with name_scope(name or "tridiagonal_matmul"):
        return matmul(_full(diagonals, diagonals_format), rhs)


def banded_triangular_solve(bands: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None) -> Any:
    """Solve with a triangular matrix of `k` diagonals, given as `[..., k, m]` from the uppermost down, each aligned to its column.

    rhs: `[..., m]` or `[..., m, n]`.

    >>> tf.linalg.banded_triangular_solve([[2., 4.], [0., 1.]], [[2.], [5.]]).numpy()
    array([[1.],
           [1.]], dtype=float32)
    """
    with name_scope(name or "banded_triangular_solve"):
        bands = convert.convert_to_tensor(bands)
        known = None if bands.shape.rank is None else bands.shape[-2]
        more = REGISTRY["Shape"](bands)[-2] - 1 if known is None else np.int32(known - 1)
        zero = np.int32(0)
        full = matrix_diag(bands, k=REGISTRY["Pack"](*((-more, zero) if lower else (zero, more))), align="LEFT_RIGHT")
        if bands.shape.rank is not None:
            full.set_shape(bands.shape[:-2].concatenate([bands.shape[-1]] * 2))
        return _solve(d.triangular_solve, full, rhs, lower=lower, adjoint=adjoint)


def eigh_tridiagonal(alpha: Any, beta: Any, eigvals_only: bool = True, select: str = "a", select_range: Any = None, tol: Any = None,
                     name: str | None = None) -> Any:  # fmt: skip
    """Eigenvalues, ascending, of the Hermitian matrix with diagonal `alpha` `[n]` and superdiagonal `beta` `[n - 1]`.

    `select`: "a" all, "i" those with indices from `select_range[0]` to `select_range[1]`, "v" those in the half-open interval
    `(select_range[0], select_range[1]]`. Without `eigvals_only`, eigenvectors too. `tol` is accepted and not needed.

    >>> tf.linalg.eigh_tridiagonal([1., 3.], [0.]).numpy()
    array([1., 3.], dtype=float32)
    """
    if select not in ("a", "i", "v"):
        raise ValueError(f"'select' must have a value in {{'a', 'i', 'v'}}, not {select!r}.")
    with name_scope(name or "eigh_tridiagonal"):
        alpha = convert.convert_to_tensor(alpha)
        beta = convert.convert_to_tensor(beta, dtype=alpha.dtype)
        full = matrix_diag(alpha) + matrix_diag(beta, k=1) + matrix_diag(conj(beta), k=-1)
        values, vectors = (eigvalsh(full), None) if eigvals_only else eigh(full)
        values = REGISTRY["Real"](values, Tout=values.dtype.real_dtype) if values.dtype.is_complex else values
        if select == "i":
            chosen = slice(int(select_range[0]), int(select_range[1]) + 1)
            values, vectors = values[chosen], None if vectors is None else vectors[:, chosen]
        elif select == "v":
            low, high = (convert.convert_to_tensor(x, dtype=values.dtype) for x in select_range)
            mask = REGISTRY["LogicalAnd"](REGISTRY["Greater"](values, low), REGISTRY["LessEqual"](values, high))
            chosen = REGISTRY["Reshape"](REGISTRY["Where"](mask), np.array([-1]))
            values = REGISTRY["GatherV2"](values, chosen, 0)
            vectors = None if vectors is None else REGISTRY["GatherV2"](vectors, chosen, 1)
        return values if eigvals_only else (values, vectors)
