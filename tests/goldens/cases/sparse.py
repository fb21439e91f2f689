"""Sparse tensors, as far as lookups and products need them."""

from goldens.spec import WIDE, Named, S, V, X, calls, fails

PAIRS = S([[0, 1], [1, 0], [1, 3]], [1, 2, 3], [3, 4])
IDS = S([[0, 0], [0, 1], [2, 0]], [1, 4, 2], [3, 2], "i64")
WEIGHTS = S([[0, 0], [0, 1], [2, 0]], [0.5, 2.0, 1.5], [3, 2], "f32")

OTHER = S([[0, 1], [2, 2]], [-1, 5], [3, 4])
ROWS = S([[2, 3], [0, 1], [2, 0]], [1, 2, 3], [5, 4])
COUNTED = S([[0, 0], [0, 1], [2, 0]], [1, 1, 2], [3, 2], "i64")

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
    *calls("sparse.reduce_sum sparse.reduce_max", PAIRS, over=("f32", "i32"), grad=False),
    *calls("sparse.reduce_sum sparse.reduce_max", PAIRS, axis=[-2], keepdims=True, grad=False),
    *calls("sparse.reduce_sum sparse.reduce_max", PAIRS, axis=0, output_is_sparse=True, grad=False),
    *calls("sparse.add sparse.maximum sparse.minimum", PAIRS, OTHER, over=("f32", "i32")),
    *calls("sparse.add", PAIRS, OTHER, threshold=2.5),
    *calls("sparse.add", PAIRS, X(3, 4), over=WIDE),
    *calls("sparse.softmax", PAIRS, over=WIDE),
    *calls("sparse.concat", 0, [PAIRS, OTHER]),
    *calls("sparse.concat", -1, [PAIRS, ROWS], expand_nonconcat_dims=True),
    *calls("sparse.slice", PAIRS, [0, 1], [2, 5]),
    *calls("sparse.slice", PAIRS, [5, 0], [5, 1]),
    *calls("sparse.split", PAIRS, 2, 1),
    *calls("sparse.split", PAIRS, 2, 0),
    *calls("sparse.expand_dims", PAIRS),
    *calls("sparse.expand_dims", PAIRS, -2),
    *calls("sparse.retain", PAIRS, [True, False, True]),
    *calls("sparse.fill_empty_rows", ROWS, 9.0),
    *calls("sparse.reset_shape", PAIRS),
    *calls("sparse.reset_shape", PAIRS, [4, 5]),
    *calls("sparse.to_indicator", COUNTED, 4),
    *calls("sparse.map_values", Named("multiply"), PAIRS, 2.0),
    *calls("sparse.bincount", COUNTED, axis=-1),
    *calls("sparse.bincount", V([[1, 1, 3], [0, 0, 2]]), axis=-1, over=("i32", "i64")),
    *calls("sparse.bincount", V([1, 1, 3, 0]), minlength=6, maxlength=2, over="i32"),
    *calls("sparse.sparse_dense_matmul", X(2, 3), PAIRS, grad=False),
    *calls("nn.safe_embedding_lookup_sparse", X(5, 3), S([[0, 0], [0, 1], [2, 0]], [1, -1, 2], [4, 2], "i64"), grad=False),
    *calls("nn.safe_embedding_lookup_sparse", X(5, 3), IDS, WEIGHTS, combiner="sum", default_id=3, grad=False),
    *fails("sparse.add", PAIRS, S([[0, 1]], [1], [3, 5])),
    *fails("sparse.concat", 1, [PAIRS, ROWS]),
    *fails("sparse.slice", PAIRS, [1], [5]),
    *fails("sparse.split", PAIRS, 5, 0),
    *fails("sparse.softmax", S([[0]], [1], [2])),
    *fails("sparse.fill_empty_rows", S([[5, 0]], [1], [4, 4]), 9.0),
    *fails("sparse.reset_shape", PAIRS, [2, 5]),
    *fails("sparse.retain", PAIRS, [True, False]),
    *fails("sparse.reshape", PAIRS, [5, 2]),
    *fails("sparse.sparse_dense_matmul", PAIRS, X(3, 2)),
]
