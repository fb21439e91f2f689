"""Linear algebra that solves and factorises.

Where a sign or phase is free (eigenvectors, singular vectors, columns of Q) the case compares absolute values, and
gradients are compared only for what the sign does not reach; the registry's own test checks the rest numerically.
"""

from goldens.spec import COMPLEX, WIDE, T, V, X, calls, fails

SPD = X(3, 3, kind="spd")
SPD_BATCH = X(2, 4, 4, kind="spd")
SQUARE = X(3, 3, kind="square")
LOWER = X(3, 3, kind="lower")
SYMMETRIC = X(4, 4, kind="hermitian")

CASES = [
    *calls("linalg.cholesky", SPD, over=(*WIDE, *COMPLEX)),
    *calls("linalg.cholesky", SPD_BATCH, over=WIDE),
    *calls("linalg.cholesky linalg.inv linalg.det", X(0, 0)),
    # Without a factor the lower triangle is NaN; above it TensorFlow leaves memory as it was, so one row is compared.
    *calls("linalg.cholesky", V([[-1.0]]), over=WIDE, grad=False),
    *fails("linalg.cholesky linalg.inv linalg.det linalg.slogdet", X(3, 4)),
    *fails("linalg.cholesky linalg.inv linalg.det", X(3)),
    *calls("linalg.cholesky_solve", LOWER, X(3, 2), over=(*WIDE, *COMPLEX)),
    *calls("linalg.inv", SQUARE, over=(*WIDE, *COMPLEX)),
    *calls("linalg.inv", X(2, 4, 4, kind="square"), over=WIDE),
    *calls("linalg.inv", SQUARE, adjoint=True, over=("f64", "c128")),
    *fails("linalg.inv", V([[1.0, 2.0], [2.0, 4.0]]), over=WIDE),
    *calls("linalg.det", SQUARE, over=WIDE),
    # TensorFlow's complex gradient does not conjugate the determinant; ours is the derivative.
    *calls("linalg.det", SQUARE, over=COMPLEX, grad=False),
    *calls("linalg.det", X(2, 4, 4, kind="square"), over=WIDE),
    *calls("linalg.det", V([[1.0, 2.0], [2.0, 4.0]]), over=WIDE, grad=False),
    *calls("linalg.slogdet", X(2, 4, 4, kind="square"), over=(*WIDE, *COMPLEX)),
    *calls("linalg.slogdet", V([[1.0, 2.0], [2.0, 4.0]]), grad=False),
    *calls("linalg.logdet", SPD_BATCH, over=WIDE),
    *calls("linalg.solve", SQUARE, X(3, 2), over=(*WIDE, *COMPLEX)),
    *calls("linalg.solve", X(2, 4, 4, kind="square"), X(2, 4, 3), over=WIDE),
    *calls("linalg.solve", SQUARE, X(3, 2), adjoint=True, over=("f64", "c128")),
    *fails("linalg.solve", V([[1.0, 2.0], [2.0, 4.0]]), X(2, 1)),
    *fails("linalg.solve", SQUARE, X(4, 2)),
    *fails("linalg.solve", SQUARE, X(3)),
    *calls("linalg.triangular_solve", LOWER, X(3, 2), over=(*WIDE, *COMPLEX)),
    *calls("linalg.triangular_solve", LOWER, X(3, 2), adjoint=True, over=(*WIDE, *COMPLEX)),
    *calls("linalg.triangular_solve", X(3, 3, kind="square"), X(3, 2), lower=False, over=WIDE),
    *calls("linalg.triangular_solve", X(2, 3, 3, kind="square"), X(3, 2), over=WIDE),
    *calls("linalg.triangular_solve", V([[0.0, 0.0], [2.0, 4.0]]), X(2, 1), grad=False),
    *calls("linalg.lstsq", X(4, 3, kind="square"), X(4, 2), over=WIDE),
    *calls("linalg.lstsq", X(3, 4, kind="square"), X(3, 2), over=WIDE),
    *calls("linalg.lstsq", X(4, 3, kind="square"), X(4, 2), l2_regularizer=0.1, over="f64"),
    *calls("linalg.lstsq", X(4, 3, kind="square"), X(4, 2), fast=False, over="f64", grad=False),
    *calls("linalg.qr", X(4, 3), over=(*WIDE, *COMPLEX), post="abs", grad=False),
    *calls("linalg.qr", X(2, 3, 4), over=WIDE, post="abs", grad=False),
    *calls("linalg.qr", X(4, 3), full_matrices=True, over="f64", post="abs", grad=False),
    *calls("linalg.svd", X(4, 3, kind="square"), compute_uv=False, over=(*WIDE, *COMPLEX)),
    *calls("linalg.svd", X(4, 3, kind="square"), over=(*WIDE, *COMPLEX), post="abs", grad=False),
    *calls("linalg.svd", X(2, 3, 4, kind="square"), over=WIDE, post="abs", grad=False),
    *calls("linalg.svd", X(3, 3, kind="square"), full_matrices=True, over=WIDE, post="abs", grad=False),
    *calls("linalg.eigh", SYMMETRIC, over=(*WIDE, *COMPLEX), post="abs", grad=False),
    *calls("linalg.eigh", X(2, 3, 3, kind="hermitian"), over=WIDE, post="abs", grad=False),
    *calls("linalg.eigvalsh", SYMMETRIC, over=(*WIDE, *COMPLEX)),
    *calls("linalg.eigvals eigvals", V([[2.0, 1.0], [0.0, 3.0]]), over=WIDE, grad=False),
    *calls("linalg.eig eig", V([[2.0, 0.0], [0.0, 3.0]]), over=WIDE, post="abs", grad=False),
    *fails("linalg.eigh linalg.eigvalsh", X(3, 4)),
    *calls("linalg.lu", SQUARE, over=(*WIDE, *COMPLEX), grad=False),
    *calls("linalg.lu", X(2, 3, 3, kind="square"), output_idx_type=T("int64"), over=WIDE, grad=False),
    *calls("linalg.lu_matrix_inverse", X(3, 3, kind="square"), V([2, 0, 1], "i32"), over=WIDE),
    *calls("linalg.lu_reconstruct", X(3, 3, kind="square"), V([2, 0, 1], "i32"), over=WIDE),
    *calls("linalg.lu_solve", X(3, 3, kind="square"), V([2, 0, 1], "i32"), X(3, 2), over=WIDE),
    *calls("linalg.pinv", X(4, 3, kind="square"), over=WIDE),
    *calls("linalg.pinv", X(3, 4, kind="square"), rcond=0.1),
    *calls("linalg.matrix_rank", X(4, 3), over=WIDE),
    *calls("linalg.matrix_rank", V([[1.0, 2.0], [2.0, 4.0]])),
    *calls("linalg.expm", X(3, 3), over=(*WIDE, "c128")),
    *calls("linalg.expm", X(2, 3, 3, low=-9.0, high=9.0), over="f64", grad=False),
    *calls("linalg.logm", X(3, 3, kind="spd"), over=COMPLEX, grad=False),
    *calls("linalg.sqrtm matrix_square_root", X(3, 3, kind="spd"), over=(*WIDE, *COMPLEX), grad=False),
    *calls("linalg.tridiagonal_solve", X(3, 4, low=1.0, high=2.0), X(4, 2), over=WIDE),
    *calls("linalg.tridiagonal_solve", X(4, 4, kind="square"), X(4), diagonals_format="matrix", over="f64"),
    *calls("linalg.tridiagonal_matmul", X(3, 4), X(4, 2), over=WIDE),
    *calls("linalg.banded_triangular_solve", X(2, 4, low=1.0, high=2.0), X(4, 3), over=WIDE),
    *calls("linalg.banded_triangular_solve", X(2, 4, low=1.0, high=2.0), X(4, 3), lower=False, adjoint=True, over="f64"),
    # Bisection stops at an interval of its own, so the last digits are free.
    *calls("linalg.eigh_tridiagonal", X(4, kind="distinct"), X(3), within=1e3, over=WIDE, grad=False),
]
