"""`tf.linalg`: matrices and what is made of them."""

from thalweg.engine.ops.activations import l2_normalize as l2_normalize
from thalweg.engine.ops.banded import (
    banded_triangular_solve as banded_triangular_solve,
    eigh_tridiagonal as eigh_tridiagonal,
    tridiagonal_matmul as tridiagonal_matmul,
    tridiagonal_solve as tridiagonal_solve,
)
from thalweg.engine.ops.clip import global_norm as global_norm
from thalweg.engine.ops.creation import eye as eye
from thalweg.engine.ops.diagonals import (
    band_part as band_part,
    matrix_diag as diag,
    matrix_diag_part as diag_part,
    matrix_set_diag as set_diag,
    tensor_diag as tensor_diag,
    tensor_diag_part as tensor_diag_part,
)
from thalweg.engine.ops.einsum import einsum as einsum
from thalweg.engine.ops.linalg import (
    cholesky as cholesky,
    cholesky_solve as cholesky_solve,
    cross as cross,
    det as det,
    eig as eig,
    eigh as eigh,
    eigvals as eigvals,
    eigvalsh as eigvalsh,
    expm as expm,
    inv as inv,
    logdet as logdet,
    logm as logm,
    lstsq as lstsq,
    lu as lu,
    lu_matrix_inverse as lu_matrix_inverse,
    lu_reconstruct as lu_reconstruct,
    lu_solve as lu_solve,
    matrix_rank as matrix_rank,
    norm as norm,
    normalize as normalize,
    pinv as pinv,
    qr as qr,
    slogdet as slogdet,
    solve as solve,
    sqrtm as sqrtm,
    svd as svd,
    trace as trace,
    triangular_solve as triangular_solve,
)
from thalweg.engine.ops.matmul import matmul as matmul, matvec as matvec, tensordot as tensordot
from thalweg.engine.ops.reordering import adjoint as adjoint, matrix_transpose as matrix_transpose
