"""Variables as operands, and TensorFlow 1's functions that change them."""

from goldens.spec import N, V, W, X, calls, fails, v1

ROWS = V([3, 0, 3], "i32")
PLACES = V([[0, 1], [2, 3]], "i32")
SCATTERS = v1("scatter_add scatter_sub scatter_mul scatter_div scatter_min scatter_max")

CASES = [
    *calls("add subtract multiply math.divide maximum", W(3, 4, low=1, high=3), X(4, low=1, high=3), over=("f32", "f64")),
    *calls("operator.add operator.sub operator.mul operator.truediv", W(3, 4, low=1, high=3), 2.0),
    *calls("operator.add operator.sub operator.mul operator.truediv", 2.0, W(3, 4, low=1, high=3)),
    *calls("operator.matmul matmul", W(3, 4), X(4, 2)),
    *calls("operator.matmul matmul", X(2, 3), W(3, 4)),
    *calls("operator.mul", N([1.0, 2.0], "f32"), W(2)),
    *calls("operator.neg operator.abs tanh square exp identity reduce_sum", W(3, 4)),
    *calls("operator.getitem", W(3, 4), 1),
    *calls("operator.getitem", W(3, 4), (slice(None), slice(0, None, 2))),
    *calls("gather nn.embedding_lookup", W(5, 3), ROWS),
    *calls("gather", W(5, 3), V([1, 0], "i32"), axis=1),
    *calls("gather_nd", W(3, 4), PLACES),
    *calls("nn.embedding_lookup", W(5, 3), V([[1, 4], [0, 1]], "i64")),
    *calls(v1("nn.embedding_lookup"), [W(3, 2), W(3, 2)], V([1, 4, 5], "i32")),
    *calls("convert_to_tensor", W(2, 3), over=("f32", "i32")),
    *calls("concat", [W(2, 3), X(1, 3)], 0),
    *calls("stack", [W(3), W(3)]),
    *calls("shape size rank zeros_like", W(2, 3)),
    *calls("cast", W(2, 3), "int32"),
    *calls("where", X(3, dtype="bool"), W(3), W(3)),
    *calls("nn.bias_add", X(2, 3), W(3)),
    *fails("add", W(3), X(2)),
    *fails("operator.add", W(3), X(3, dtype="f64")),
    *calls(v1("assign assign_add assign_sub"), W(3, 4), X(3, 4), over=("f32", "f64", "i32"), grad=False),
    *calls(v1("assign"), W(2), [1.0, 2.0], grad=False),
    *fails(v1("assign assign_add assign_sub"), W(3), X(2)),
    *fails(v1("assign"), W(3), X(3, dtype="f64")),
    *calls(SCATTERS, W(5, 2, low=1, high=4), ROWS, X(3, 2, low=1, high=4), over=("f32", "i32"), grad=False),
    *calls(SCATTERS, W(5, 2, low=1, high=4), 2, X(2, low=1, high=4), grad=False),
    *calls(v1("scatter_update"), W(5, 2), V([3, 0], "i32"), X(2, 2), over=("f32", "i64"), grad=False),
    *calls(v1("scatter_nd_add scatter_nd_sub scatter_nd_update"), W(3, 4), PLACES, X(2), over=("f32", "i32"), grad=False),
    *calls(v1("batch_scatter_update"), W(2, 3, 2), V([[0], [2]], "i32"), X(2, 1, 2), grad=False),
    *fails(v1("scatter_update"), W(5, 2), V([7], "i32"), X(1, 2)),
    *fails(SCATTERS, W(5, 2), V([1, 2], "i32"), X(3, 2)),
    *calls(v1("is_variable_initialized"), W(2), grad=False),
]
