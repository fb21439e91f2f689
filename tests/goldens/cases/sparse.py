"""Sparse tensors, as far as lookups and products need them."""

from goldens.spec import WIDE, S, X, calls, fails

PAIRS = S([[0, 1], [1, 0], [1, 3]], [1, 2, 3], [3, 4])
IDS = S([[0, 0], [0, 1], [2, 0]], [1, 4, 2], [3, 2], "i64")
WEIGHTS = S([[0, 0], [0, 1], [2, 0]], [0.5, 2.0, 1.5], [3, 2], "f32")

CASES = [
    *calls("sparse.to_dense", PAIRS, over=("f32", "f64", "i32", "i64")),
    *calls("sparse.to_dense", PAIRS, default_value=9.0),
    *calls("sparse.reorder", S([[1, 0], [0, 1]], [1, 2], [3, 4])),
    *calls("sparse.from_dense", [[0, 1], [2, 0]]),
    *calls("sparse.sparse_dense_matmul", PAIRS, X(4, 2), over=WIDE),
    *calls("sparse.sparse_dense_matmul", PAIRS, X(3, 2), adjoint_a=True),
    *calls("sparse.reduce_sum", PAIRS, axis=1),
    *calls("sparse.transpose", PAIRS),
    *calls("sparse.reshape", PAIRS, [2, 6]),
    *calls("sparse.eye", 2, 3),
    *calls("nn.embedding_lookup_sparse", X(5, 3), IDS, None, combiner="sum"),
    *calls("nn.embedding_lookup_sparse", X(5, 3), IDS, WEIGHTS, combiner="mean", grad=False),
    *calls("nn.embedding_lookup_sparse", X(5, 3), IDS, WEIGHTS, combiner="sqrtn", grad=False),
    *fails("sparse.to_dense", S([[0, 1], [0, 1]], [1, 2], [3, 4])),
]
