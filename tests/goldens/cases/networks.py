"""Activations, softmaxes, losses, moments and normalisation."""

from goldens.spec import FLOATS, WIDE, V, X, calls, fails

SPECIAL = V([float("nan"), float("inf"), -float("inf"), 0.0, 1.0, -1.0, 100.0, -100.0, 20.0, -20.0, 7.0], fed=True)
ACTIVATIONS = (
    "nn.relu nn.relu6 nn.elu nn.selu nn.softplus nn.softsign nn.silu nn.swish nn.gelu nn.leaky_relu nn.sigmoid nn.tanh "
    "math.log_sigmoid"
)
SOFTMAXES = "nn.softmax nn.log_softmax"
PROBABILITIES = X(3, 4, kind="probabilities")
LABELS = V([1, 3, 0], "i32")
LENGTHS = V([5, 4], "i32")

CASES = [
    # -- activations ---------------------------------------------------------------------------------------------------
    *calls(ACTIVATIONS, X(3, 4, low=-4.0, high=8.0), over=FLOATS),
    *calls(ACTIVATIONS, SPECIAL, over=WIDE, grad=False),
    *calls("nn.relu nn.relu6 nn.elu nn.leaky_relu", V([0.0, 6.0, -0.0, 1.0], fed=True), over=WIDE),
    *calls(ACTIVATIONS, X(0, 2)),
    *calls("nn.relu nn.relu6", X(3, 4), over=("i8", "i32", "i64", "u8")),
    *calls("nn.leaky_relu", X(3, 4), alpha=0.05, over=WIDE),
    *calls("nn.leaky_relu", [1.0, -2.0], 0.1),
    *calls("nn.gelu", X(3, 4), approximate=True, over=FLOATS),
    *calls("nn.silu nn.swish", X(3, 4), 1.5, over=WIDE),
    *calls("nn.crelu", X(3, 4), over=WIDE),
    *calls("nn.crelu", X(3, 4), axis=0),
    *calls("math.softplus math.softsign math.softmax math.sigmoid math.log_softmax", X(3, 4)),
    *fails("nn.elu nn.selu nn.softplus nn.softsign nn.softmax nn.gelu", X(3, dtype="i32")),
    *calls(SOFTMAXES, X(3, 4), over=FLOATS),
    *calls(SOFTMAXES, X(2, 3, 4), axis=1, over=WIDE),
    *calls(SOFTMAXES, X(2, 3, 4), axis=-3),
    *calls(SOFTMAXES, V([[1000.0, 1001.0], [-1000.0, -999.0]], fed=True), over=WIDE),
    *calls(SOFTMAXES, V([[float("-inf"), 0.0], [float("nan"), 1.0], [float("inf"), 0.0]]), over=WIDE, grad=False),
    *calls(SOFTMAXES, X(3)),
    *calls(SOFTMAXES, X(0, 3)),
    *calls(SOFTMAXES, [[1.0, 2.0]]),
    *fails(SOFTMAXES, X(3, 4), axis=2),
    *fails(SOFTMAXES, X()),
    # -- losses ----------------------------------------------------------------------------------------------------------
    *calls("nn.softmax_cross_entropy_with_logits", PROBABILITIES, X(3, 4), over=FLOATS),
    *calls("nn.softmax_cross_entropy_with_logits", X(4, 3), X(4, 3), axis=0, over=WIDE),
    *calls("nn.softmax_cross_entropy_with_logits", X(2, 3, 4, kind="probabilities"), X(2, 3, 4), over=WIDE),
    *calls("nn.softmax_cross_entropy_with_logits", labels=PROBABILITIES, logits=X(3, 4)),
    *calls("nn.softmax_cross_entropy_with_logits", PROBABILITIES, V([[1e4, 0.0, -1e4, 3.0]] * 3, fed=True)),
    *calls("nn.softmax_cross_entropy_with_logits", X(4), X(4)),
    *fails("nn.softmax_cross_entropy_with_logits", X(3, 4), X(3, 5)),
    *fails("nn.softmax_cross_entropy_with_logits", X(3, 4, dtype="i32"), X(3, 4, dtype="i32")),
    *calls("nn.sparse_softmax_cross_entropy_with_logits", LABELS, X(3, 4), over=FLOATS),
    *calls("nn.sparse_softmax_cross_entropy_with_logits", V([[0, 1, 2], [3, 3, 0]], "i64"), X(2, 3, 4), over=WIDE),
    *calls("nn.sparse_softmax_cross_entropy_with_logits", labels=V(2, "i32"), logits=X(4)),
    *fails("nn.sparse_softmax_cross_entropy_with_logits", V([0, 4, 1], "i32"), X(3, 4)),
    *fails("nn.sparse_softmax_cross_entropy_with_logits", V([0, -1, 1], "i32"), X(3, 4)),
    *fails("nn.sparse_softmax_cross_entropy_with_logits", LABELS, X(2, 4)),
    *fails("nn.sparse_softmax_cross_entropy_with_logits", V([[0], [1], [2]], "i32"), X(3, 4)),
    *fails("nn.sparse_softmax_cross_entropy_with_logits", V([0.0, 1.0, 2.0]), X(3, 4)),
    *calls("nn.sigmoid_cross_entropy_with_logits", X(3, 4, low=0, high=1), X(3, 4), over=FLOATS),
    *calls("nn.sigmoid_cross_entropy_with_logits", V([0.0, 1.0, 1.0]), V([100.0, -100.0, 0.0], fed=True), over=WIDE),
    *calls("nn.sigmoid_cross_entropy_with_logits", labels=X(5, low=0, high=1), logits=X(5)),
    *fails("nn.sigmoid_cross_entropy_with_logits", X(3, 4), X(4)),
    *fails("nn.sigmoid_cross_entropy_with_logits", X(3, 4), X(3, 4, dtype="f64")),
    *calls("nn.weighted_cross_entropy_with_logits", X(3, 4, low=0, high=1), X(3, 4), 2.5, over=WIDE),
    *calls("nn.log_poisson_loss", X(3, 4, low=0.1, high=3.0), X(3, 4), over=WIDE),
    *calls("nn.log_poisson_loss", X(3, 4, low=0.1, high=3.0), X(3, 4), compute_full_loss=True, over=WIDE),
    *calls("nn.l2_loss", X(3, 4), over=FLOATS),
    *calls("nn.l2_loss", X(0)),
    *fails("nn.l2_loss", X(3, dtype="i32")),
    *calls("nn.compute_average_loss", X(4), global_batch_size=8),
    *calls("nn.compute_average_loss", X(4), sample_weight=X(4), global_batch_size=4),
    *calls("nn.scale_regularization_loss", X(3)),
    # -- moments and normalisation -----------------------------------------------------------------------------------------
    *calls("nn.moments", X(3, 4, 5), [0], over=FLOATS),
    *calls("nn.moments", X(3, 4, 5), [0, 1], keepdims=True, over=WIDE),
    *calls("nn.moments", X(3, 4), axes=[-1]),
    *calls("nn.moments", X(3, 4), axes=0),
    *calls("nn.weighted_moments", X(3, 4), [0], X(3, 4, low=0.1, high=2.0), over=WIDE),
    *calls("nn.weighted_moments", X(3, 4), [0], X(3, 1, low=0.1, high=2.0), keepdims=True),
    *calls("nn.sufficient_statistics", X(3, 4), [0], over=WIDE),
    *calls("nn.sufficient_statistics", X(3, 4), [0], shift=X(4)),
    *calls("nn.normalize_moments", 5.0, X(4), X(4, low=6.0, high=9.0), None),
    *calls("nn.normalize_moments", 5.0, X(4), X(4, low=6.0, high=9.0), X(4)),
    *calls("nn.batch_normalization", X(3, 4), X(4), X(4, low=0.5, high=2.0), X(4), X(4), 1e-3, over=FLOATS),
    *calls("nn.batch_normalization", X(3, 4), X(4), X(4, low=0.5, high=2.0), None, None, 1e-3),
    *calls("nn.batch_normalization", X(2, 3, 4), X(3, 1), X(3, 1, low=0.5, high=2.0), X(3, 1), None, 1e-3, over=WIDE),
    *calls("nn.batch_norm_with_global_normalization", X(2, 3, 3, 4), X(4), X(4, low=0.5, high=2.0), X(4), X(4), 1e-3, True),
    *calls("nn.dropout", X(3, 4), 0.0),
    *fails("nn.dropout", X(3, 4), 1.5),
    *fails("nn.dropout", X(3, 4, dtype="i32"), 0.5),
]
