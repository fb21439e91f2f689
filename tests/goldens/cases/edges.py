"""Gradients where functions have corners, poles and ties: at 0, at bounds, at infinity, of NaN, of equal elements."""

from goldens.spec import WIDE, V, X, calls

INF, NAN = float("inf"), float("nan")
POINTS = V([0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 1e30, -1e30, INF, -INF, NAN, 3.0, 6.0, 88.8, -104.0], fed=True)
CORNERS = [0.0, -0.0, 1.0, -1.0, 2.5, -2.5, INF, -INF, NAN]
LEFT = V([a for a in CORNERS for _ in CORNERS], fed=True)
RIGHT = V(CORNERS * len(CORNERS), fed=True)
FINITE = [0.0, -0.0, 1.0, -1.0, 2.5, -2.5]
LEFT_FINITE = V([a for a in FINITE for _ in FINITE], fed=True)
RIGHT_FINITE = V(FINITE * len(FINITE), fed=True)

UNARY = (
    "abs negative sign square sqrt math.rsqrt math.reciprocal math.reciprocal_no_nan exp math.expm1 math.log math.log1p "
    "sin cos tan asin acos atan sinh cosh asinh acosh atanh math.softplus nn.softsign nn.relu nn.relu6 nn.elu nn.selu "
    "nn.silu math.log_sigmoid floor math.ceil round math.rint"
)
BINARY = (
    "add subtract multiply math.divide math.divide_no_nan math.multiply_no_nan pow maximum minimum math.floordiv math.floormod "
    "math.xlogy math.xdivy math.xlog1py math.atan2 math.squared_difference"
)

CASES = [
    *calls(UNARY, POINTS, over=WIDE),
    *calls("pow", POINTS, 2.0, over=WIDE),
    *calls("pow", POINTS, 3.0, over=WIDE),
    *calls("pow", POINTS, 0.0, over=WIDE),
    *calls("pow", POINTS, -1.0, over=WIDE),
    *calls("pow", POINTS, 0.5, over=WIDE),
    *calls("pow", 0.0, POINTS, over=WIDE),
    *calls("pow", 2.0, POINTS, over=WIDE),
    *calls(BINARY, LEFT, RIGHT, over=WIDE),
    *calls("nn.sigmoid_cross_entropy_with_logits", LEFT_FINITE, RIGHT_FINITE, over=WIDE),
    *calls("nn.weighted_cross_entropy_with_logits", LEFT_FINITE, RIGHT_FINITE, 2.0, over=WIDE),
    *calls("clip_by_value", V([-0.5, 0.5, 0.0, -0.6, 0.6], fed=True), -0.5, 0.5, over=WIDE),
    *calls("clip_by_norm", V([0.0, 0.0], fed=True), 1.0, over=WIDE),
    *calls("clip_by_norm", V([3.0, 4.0], fed=True), 5.0, over=WIDE),
    *calls("nn.l2_normalize", V([0.0, 0.0, 0.0], fed=True), over=WIDE),
    *calls("reduce_max reduce_min", V([[1.0, 1.0, 0.0], [2.0, 2.0, 2.0]], fed=True), axis=1, over=WIDE),
    *calls("reduce_max reduce_min", V([NAN, 1.0, 1.0], fed=True), over=WIDE),
    *calls("math.reduce_std math.reduce_euclidean_norm", V([0.0, 0.0], fed=True), over=WIDE),
    *calls("reduce_prod", V([[0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [1.0, 2.0, 3.0]], fed=True), axis=1, over=WIDE),
    *calls("reduce_prod", V([[0.0, 2.0], [3.0, 4.0]], fed=True), over=WIDE),
    *calls("math.cumprod", V([1.0, 0.0, 2.0, 3.0], fed=True), exclusive=True, over=WIDE),
    *calls("reduce_logsumexp", V([INF, 1.0], fed=True), over=WIDE),
    *calls("reduce_logsumexp", V([-INF, 1.0], fed=True), over=WIDE),
    *calls("where", V([True, False], "bool"), V([NAN, 1.0], fed=True), V([1.0, INF], fed=True), over=WIDE),
    *calls("reduce_mean", V([2**31 - 1, 2**31 - 1]), over="i32"),
    *calls("reduce_mean", X(40), over=("i8", "u8", "i16", "u16")),
]
