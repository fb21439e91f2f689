"""What is compared of `keras.ops`: values, shapes and dtypes. Recorded by `record_keras_models.py` from Keras 3.

`CALLS` lists `(name, arguments)` or `(name, arguments, keywords)`; several calls of a function get numbers.
"""

# ruff: noqa: SIM905  (names in one string, to be read)

from pathlib import Path

import numpy as np

from goldens.keras_leaves import Case
from goldens.keras_models import floats

PATH = Path(__file__).parent / "data" / "keras_ops.npz"

X, Y = floats(2, 3), floats(2, 3, seed=1)
P, Q = floats(2, 3, seed=2, low=0.1, high=0.9), floats(2, 3, seed=3, low=0.2, high=3.0)
C = floats(2, 3, 4, seed=4)
I, J = np.array([[3, -7, 12], [0, 5, 8]], "int32"), np.array([[2, 3, 4], [5, -2, 8]], "int32")
B = np.array([[True, False, True], [False, False, True]])
N = np.array([[1.0, np.nan, 3.0], [4.0, 5.0, np.nan]], "float32")
F = np.array([[1.0, np.inf, -np.inf], [np.nan, -0.0, 2.5]], "float32")
S = np.array([[2.0, 0.5, 0.1], [0.5, 3.0, 0.2], [0.1, 0.2, 1.5]], "float32")
V, W = floats(5, seed=5), floats(3, seed=6)
IMAGES = floats(1, 6, 6, 2, seed=7)
RGB = floats(1, 6, 6, 3, seed=8, low=0.0, high=1.0)

_OF_ONE = (
    "absolute arcsinh arctan ceil cos cosh exp exp2 expm1 fabs floor negative rad2deg deg2rad sign signbit sin sinh square "
    "tan tanh trunc isfinite isinf isnan isposinf isneginf isreal nan_to_num round sinc erf erfc i0 cbrt real imag conjugate"
).split()
_OF_POSITIVE = "arccos arcsin arctanh log log10 log1p log2 reciprocal sqrt rsqrt erfinv".split()
_OF_TWO = (
    "add subtract multiply divide divide_no_nan floor_divide mod fmod maximum minimum fmax fmin arctan2 hypot logaddexp "
    "logaddexp2 equal not_equal greater greater_equal less less_equal isclose heaviside"
).split()
_ALONG = (
    "sum prod mean var std max min ptp argmax argmin logsumexp count_nonzero median cumsum cumprod sort argsort "
).split()
_NAN = "nansum nanprod nanmean nanvar nanstd nanmax nanmin nanargmax nanargmin nancumsum nancumprod nanmedian".split()
_ACTIVATIONS = (
    "celu elu gelu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu log_sigmoid log_softmax relu relu6 selu sigmoid silu "
    "soft_shrink softmax softplus softsign sparse_plus sparse_sigmoid squareplus tanh_shrink"
).split()

CALLS = [
    *((name, (x,)) for name in _OF_ONE for x in (X, F, I) if not (name in ("i0", "erfc", "sinc", "cbrt") and x is not X)),
    *((name, (P,)) for name in _OF_POSITIVE),
    *((name, pair) for name in _OF_TWO for pair in ((X, Y), (I, J), (X, J), (I, 2), (X, 1.5))),
    ("power", (Q, Y)), ("power", (J, 2)), ("arccosh", (Q + 1,)), ("clip", (X, -0.5, 1)), ("nextafter", (X, Y)),
    ("gcd", (I, J)), ("lcm", (I, J)), ("ldexp", (X, J)), ("round", (X, 1)), ("select", ([B, ~B], [X, Y])),
    *((name, pair) for name in ("logical_and", "logical_or", "logical_xor") for pair in ((B, ~B), (I, B))),
    ("logical_not", (B,)), ("where", (B, X, 0)), ("where", (B, I, Y)), ("angle", (X,)),
    *((name, (np.abs(I), np.abs(J))) for name in ("bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_left_shift",
                                                  "bitwise_right_shift")),
    ("bitwise_invert", (I,)),
    *((name, (x,), {"axis": axis}) for name in _ALONG for x in (X, I) for axis in (None, 1)),
    *((name, (C,), {"axis": (0, 2), "keepdims": True}) for name in ("sum", "mean", "max", "var", "all", "any")),
    *((name, (N,), {"axis": 1}) for name in _NAN), *((name, (N,)) for name in _NAN),
    *((name, (X, q), {"axis": 1, "method": method}) for name, q in (("quantile", 0.3), ("percentile", [25.0, 80.0]))
      for method in ("linear", "lower", "higher", "midpoint", "nearest")),
    ("nanquantile", (N, 0.4), {"axis": 1}), ("nanpercentile", (N, 40.0)),
    ("average", (X,), {"axis": 1, "weights": W}), ("average", (X, 0)), ("diff", (V,), {"n": 2}), ("trapezoid", (X,)),
    ("trapezoid", (X, W)), ("top_k", (X, 2)), ("searchsorted", (np.sort(V), W)), ("digitize", (V, np.sort(W))),
    ("in_top_k", (np.array([0, 2]), X, 2)), ("bincount", (np.abs(I)[0],)), ("histogram", (V,), {"bins": 4}),
    ("isin", (I, J)), ("corrcoef", (X,)), ("allclose", (X, X)), ("unique", (J,)),
    *(("correlate", (V, W), {"mode": mode}) for mode in ("valid", "same", "full")),
    ("zeros", ((2, 3),)), ("ones", ((2,), "int32")), ("full", ((2, 2), 3.5)), ("zeros_like", (I,)), ("ones_like", (X,)),
    ("full_like", (X, 2)), ("eye", (3,), {"M": 4, "k": 1}), ("identity", (2,)), ("tri", (3, 4, 1)), ("arange", (5,)),
    ("arange", (1, 2, 0.25)), ("arange", (5,), {"dtype": "float32"}), ("linspace", (0, 1, 5)), ("logspace", (0, 2, 4)),
    ("linspace", (X, Y, 3)), ("geomspace", (1.0, 8.0, 4)), ("meshgrid", (V, W)), ("bartlett", (5,)), ("blackman", (5,)),
    ("hamming", (5,)), ("hanning", (5,)), ("kaiser", (5, 3.0)),
    ("reshape", (X, (3, -1))), ("ravel", (X,)), ("transpose", (C,)), ("transpose", (C, (1, 0, 2))), ("moveaxis", (C, 0, -1)),
    ("moveaxis", (C, (0, 1), (2, 0))), ("swapaxes", (C, 0, 2)), ("expand_dims", (X, (0, -1))), ("squeeze", (X[:1],)),
    ("broadcast_to", (W, (2, 3))), ("concatenate", ([X, I],)), ("append", (X, Y)), ("stack", ([X, Y], 1)),
    ("vstack", ([X, Y],)), ("hstack", ([V, W],)), ("dstack", ([X, Y],)), ("split", (C, 2), {"axis": 2}),
    ("split", (V, [1, 3])), ("array_split", (V, 3)), ("tile", (X, (2, 1, 2))), ("repeat", (X, 2)), ("repeat", (X, 2, 1)),
    ("pad", (X, ((1, 0), (0, 2)))), ("pad", (X, 1), {"mode": "reflect"}), ("pad", (X, 1), {"mode": "symmetric"}),
    ("flip", (C,)), ("flip", (C, 1)), ("fliplr", (X,)), ("flipud", (X,)), ("roll", (X, 2)), ("roll", (X, 1, 1)),
    *(("rot90", (X,), {"k": k}) for k in (0, 1, 3)), ("take", (X, [0, -1], 1)), ("take", (X, [1, 4])),
    ("take_along_axis", (X, np.array([[0], [2]]), 1)), ("nonzero", (I,)), ("unravel_index", (np.array([5, 7]), (3, 4))),
    ("tril", (X,)), ("triu", (X, 1)), ("diagonal", (C,), {"offset": 1}), ("diag", (W,), {"k": -1}), ("diag", (S,)),
    ("diagflat", (X,)), ("trace", (S,)), ("vander", (W,)), ("unstack", (X,)),
    ("matmul", (X, Y.T)), ("matmul", (V, V)), ("matmul", (C, floats(4, 2))), ("dot", (X, W)), ("dot", (C, C.transpose(0, 2, 1))),
    ("inner", (X, Y)), ("outer", (V, W)), ("vdot", (X, Y)), ("tensordot", (C, C.transpose(2, 1, 0)), {"axes": 2}),
    ("einsum", ("ij,kj->ik", X, Y)), ("kron", (X, Y)), ("cross", (X, Y)), ("cross", (X[:, :2], Y[:, :2])),
    *((name, (X,)) for name in _ACTIVATIONS), ("glu", (IMAGES,)), ("threshold", (X, 0.5, 9.0)), ("softmax", (C,), {"axis": (1, 2)}),
    ("conv", (IMAGES, floats(3, 3, 2, 4)), {"strides": 2, "padding": "same"}),
    ("conv", (C, floats(2, 4, 3)), {"padding": "causal"}),
    ("depthwise_conv", (IMAGES, floats(3, 3, 2, 2))), ("separable_conv", (IMAGES, floats(2, 2, 2, 1), floats(1, 1, 2, 3))),
    ("conv_transpose", (IMAGES, floats(3, 3, 4, 2)), {"strides": 2, "padding": "same"}),
    ("max_pool", (IMAGES, 2)), ("average_pool", (IMAGES, (3, 2), 1, "same")), ("adaptive_average_pool", (IMAGES, 4)),
    ("adaptive_max_pool", (IMAGES, (4, 3))), ("depth_to_space", (floats(1, 2, 2, 8), 2)), ("space_to_depth", (IMAGES, 2)),
    ("one_hot", (np.array([0, 2]), 3)), ("multi_hot", (np.array([[0, 2], [1, 1]]), 4)),
    ("binary_crossentropy", (B.astype("float32"), P)), ("binary_crossentropy", (B.astype("float32"), X), {"from_logits": True}),
    ("categorical_crossentropy", (np.eye(3, dtype="float32")[:2], P)),
    ("sparse_categorical_crossentropy", (np.array([0, 2]), X), {"from_logits": True}),
    ("moments", (C, (0, 1))), ("normalize", (X,)), ("normalize", (X,), {"order": 3}),
    ("batch_normalization", (C, W, np.abs(W), 1, W, W)), ("rms_normalization", (X, W)), ("layer_normalization", (X, W, W)),
    ("dot_product_attention", (floats(1, 3, 4, 2), floats(1, 5, 2, 2), floats(1, 5, 2, 2)), {"is_causal": True}),
    ("unfold", (floats(1, 2, 4, 4), 2)), ("unfold", (floats(1, 2, 5, 5), 3), {"padding": 1, "stride": 2}),
    ("fold", (floats(1, 8, 9), 4, 2)), ("psnr", (P, Q), {"max_val": 1.0}),
    ("cholesky", (S,)), ("det", (S,)), ("inv", (S,)), ("slogdet", (S,)), ("logdet", (S,)), ("pinv", (X,)), ("solve", (S, W)),
    ("solve_triangular", (np.tril(S), W), {"lower": True}), ("lstsq", (C[0], W)), ("matrix_rank", (S,)),
    ("cholesky_inverse", (np.tril(S),)), ("norm", (X,)), ("norm", (X,), {"ord": 1}), ("norm", (X,), {"ord": 3, "axis": 1}),
    ("norm", (X,), {"ord": "nuc"}), ("norm", (X,), {"ord": float("inf"), "axis": 0, "keepdims": True}),
    ("fft", ((V, V),)), ("rfft", (V,)), ("irfft", (((W, W)), 4)), ("fft2", ((X, Y),)), ("ifft2", ((X, Y),)),
    ("extract_sequences", (V, 3, 1)), ("segment_sum", (X, np.array([1, 0]))),
    ("segment_max", (X, np.array([1, 1])), {"num_segments": 2}),
    ("scatter", (np.array([[0], [2]]), np.array([1.0, 2.0], "float32"), (4,))), ("slice", (X, (0, 1), (2, 2))),
    ("scatter_update", (X, np.array([[0, 0], [1, 2]]), np.array([9.0, 8.0], "float32"))),
    ("slice_update", (X, (0, 1), np.ones((2, 2), "float32"))), ("cast", (X, "int32")), ("saturate_cast", (X * 300, "uint8")),
    ("image.rgb_to_grayscale", (RGB,)), ("image.rgb_to_hsv", (RGB,)), ("image.hsv_to_rgb", (RGB,)),
    ("image.resize", (RGB, (4, 9))), ("image.resize", (RGB, (4, 2)), {"crop_to_aspect_ratio": True}),
    ("image.affine_transform", (RGB, np.array([[1.0, 0.1, 0.5, 0.2, 0.9, -0.3, 0, 0]], "float32"))),
    ("image.extract_patches", (RGB, (2, 3))), ("image.crop_images", (RGB, 1, 2), {"target_height": 3, "target_width": 2}),
    ("image.pad_images", (RGB, 1, 2), {"target_height": 9, "target_width": 9}),
    ("image.gaussian_blur", (RGB,)), ("image.map_coordinates", (X, np.array([[0.5, 1.0], [1.5, 0.25]], "float32"), 1)),
]  # fmt: skip


# Keras 2's functions.
BACKEND = [
    *((name, (X,)) for name in ("abs", "square", "sqrt", "exp", "round", "sign", "sin", "cos", "elu", "softmax", "softplus",
                                "softsign", "sigmoid", "hard_sigmoid", "tanh", "argmax", "argmin", "cumsum", "cumprod",
                                "l2_normalize", "flatten", "transpose", "expand_dims", "zeros_like", "ones_like")),
    *((name, (C,), {"axis": axis}) for name in ("sum", "prod", "mean", "var", "std", "max", "min") for axis in (None, 1, -1)),
    *((name, (B,)) for name in ("any", "all", "mean")), ("log", (P,)), ("pow", (X, 2.0)), ("clip", (X, -0.5, 0.5)),
    *((name, (X, Y)) for name in ("equal", "not_equal", "greater", "greater_equal", "less", "less_equal", "maximum", "minimum")),
    ("relu", (X,), {"alpha": 0.1, "max_value": 1.0}), ("dot", (X, Y.T)), ("dot", (C, floats(4, 2))), ("batch_flatten", (C,)),
    ("batch_dot", (C, C), {"axes": (2, 2)}), ("batch_dot", (X, Y)), ("batch_dot", (C, floats(2, 4, 5))),
    ("permute_dimensions", (C, (0, 2, 1))), ("repeat", (X, 3)), ("repeat_elements", (X, 2, 1)), ("tile", (X, (2, 1))),
    ("concatenate", ([X, Y],)), ("stack", ([X, Y], 1)), ("reverse", (X, 1)), ("gather", (X, np.array([1, 0]))),
    ("one_hot", (np.array([0, 2]), 3)), ("arange", (5,)), ("temporal_padding", (C,)), ("spatial_2d_padding", (IMAGES,)),
    ("bias_add", (C, floats(4))), ("conv1d", (C, floats(2, 4, 3)), {"padding": "same"}), ("conv2d", (IMAGES, floats(3, 3, 2, 4))),
    ("depthwise_conv2d", (IMAGES, floats(3, 3, 2, 2))), ("pool2d", (IMAGES, (2, 2)), {"strides": (2, 2)}),
    ("pool2d", (IMAGES, (2, 2)), {"pool_mode": "avg", "padding": "same"}), ("resize_images", (IMAGES, 2, 3, "channels_last")),
    ("categorical_crossentropy", (np.eye(3, dtype="float32")[:2], P)), ("binary_crossentropy", (B.astype("float32"), P)),
    ("sparse_categorical_crossentropy", (np.array([0, 2]), P)), ("in_top_k", (X, np.array([0, 2]), 2)),
    ("binary_focal_crossentropy", (B.astype("float32"), P)), ("switch", (B, X, Y)), ("cast", (X, "int32")),
    ("ctc_batch_cost", (np.array([[0, 1]]), np.full((1, 4, 3), 1 / 3, "float32"), np.array([[4]]), np.array([[2]]))),
    ("ctc_decode", (floats(2, 5, 4, low=0.1, high=1.0), np.array([5, 4]))), ("squeeze", (X[:1], 0)),
]  # fmt: skip


def _call(name, args, kwargs):
    def run(tf, keras):
        function = keras.ops
        for part in name.split("."):
            function = getattr(function, part)
        found = function(*args, **kwargs)
        leaves = tf.nest.flatten(found)
        return [np.asarray(y) for y in leaves]

    return run


def cases():
    counts = {}
    for name, args, *rest in CALLS:
        counts[name] = counts.get(name, -1) + 1
        yield Case(f"{name} {counts[name]}", _call(name, args, rest[0] if rest else {}))
    for number, (name, args, *rest) in enumerate(BACKEND):
        yield Case(f"K.{name} {number}", _call_of_backend(name, args, rest[0] if rest else {}), 2)


def _call_of_backend(name, args, kwargs):
    def run(tf, keras):
        arrays = tf.nest.map_structure(lambda x: tf.constant(x) if isinstance(x, np.ndarray) else x, (args, kwargs))
        return [np.asarray(y) for y in tf.nest.flatten(getattr(keras.backend, name)(*arrays[0], **arrays[1]))]

    return run
