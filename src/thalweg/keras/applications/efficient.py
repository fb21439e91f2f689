"""EfficientNet B0 to B7 (Tan, Le 2019, https://arxiv.org/abs/1905.11946) and V2 (2021, https://arxiv.org/abs/2104.00298)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from thalweg.keras import initializers, layers
from thalweg.keras.applications.common import Files, application, channel_axis, correct_pad, letter, make_divisible

_ORIGIN = "https://storage.googleapis.com/keras-applications/"
_ORIGIN_V2 = "https://storage.googleapis.com/tensorflow/keras-applications/efficientnet_v2/"
_HASHES = {
    "b0": ("902e53a9f72be733fc0bcb005b3ebbac", "50bc09e76180e00e4465e1a485ddc09d"),
    "b1": ("1d254153d4ab51201f1646940f018540", "74c4e6b3e1f6a1eea24c589628592432"),
    "b2": ("b15cce36ff4dcbd00b6dd88e7857a6ad", "111f8e2ac8aa800a7a99e3239f7bfb39"),
    "b3": ("ffd1fdc53d0ce67064dc6a9c7960ede0", "af6d107764bb5b1abb91932881670226"),
    "b4": ("18c95ad55216b8f92d7e70b3a046e2fc", "ebc24e6d6c33eaebbd558eafbeedf1ba"),
    "b5": ("ace28f2a6363774853a83a0b21b9421a", "38879255a25d3c92d5e44e04ae6cec6f"),
    "b6": ("165f6e37dce68623721b423839de8be5", "9ecce42647a20130c1f39a5d4cb75743"),
    "b7": ("8c03f828fec3ef71311cd463b6759d99", "cbcfe4450ddf6f3ad90b1b398090fe4a"),
    "v2-b0": ("21ecbf6da12460d5c40bb2f29ceb2188", "893217f2bb855e2983157299931e43ff"),
    "v2-b1": ("069f0534ff22adf035c89e2d9547a9dc", "0e80663031ca32d657f9caa404b6ec37"),
    "v2-b2": ("424e49f28180edbde1e94797771950a7", "1dfe2e7a5d45b6632553a8961ea609eb"),
    "v2-b3": ("1f1fc43bd98a6e4fd8fdfd551e02c7a0", "f6abf7b5849ac99a89b50dd3fd532856"),
    "v2-s": ("e1d88a8495beba45748fedd0cecbe016", "af0682fb74e8c54910f2d4393339c070"),
    "v2-m": ("a3bf6aa3276309f4fc6a34aa114c95cd", "1b8dc055df72dde80d614482840fe342"),
    "v2-l": ("27e6d408b53c7ebc868fefa357689935", "b0b66b5c863aef5b46e8608fe1711615"),
}
# Kernel, repeats, filters in and out, expansion, stride.
_STAGES = (
    (3, 1, 32, 16, 1, 1), (3, 2, 16, 24, 6, 2), (5, 2, 24, 40, 6, 2), (3, 3, 40, 80, 6, 2), (5, 3, 80, 112, 6, 1),
    (5, 4, 112, 192, 6, 2), (3, 1, 192, 320, 6, 1),
)  # fmt: skip
# Whether the two first convolutions are one, repeats, filters in and out, expansion, share of the weighing, stride.
_SMALL_V2 = (
    (1, 1, 32, 16, 1, 0, 1), (1, 2, 16, 32, 4, 0, 2), (1, 2, 32, 48, 4, 0, 2), (0, 3, 48, 96, 4, 0.25, 2),
    (0, 5, 96, 112, 6, 0.25, 1), (0, 8, 112, 192, 6, 0.25, 2),
)  # fmt: skip
_STAGES_V2: dict[str, Any] = {
    "s": (
        (1, 2, 24, 24, 1, 0, 1), (1, 4, 24, 48, 4, 0, 2), (1, 4, 48, 64, 4, 0, 2), (0, 6, 64, 128, 4, 0.25, 2),
        (0, 9, 128, 160, 6, 0.25, 1), (0, 15, 160, 256, 6, 0.25, 2),
    ),
    "m": (
        (1, 3, 24, 24, 1, 0, 1), (1, 5, 24, 48, 4, 0, 2), (1, 5, 48, 80, 4, 0, 2), (0, 7, 80, 160, 4, 0.25, 2),
        (0, 14, 160, 176, 6, 0.25, 1), (0, 18, 176, 304, 6, 0.25, 2), (0, 5, 304, 512, 6, 0.25, 1),
    ),
    "l": (
        (1, 4, 32, 32, 1, 0, 1), (1, 7, 32, 64, 4, 0, 2), (1, 7, 64, 96, 4, 0, 2), (0, 10, 96, 192, 4, 0.25, 2),
        (0, 19, 192, 224, 6, 0.25, 1), (0, 25, 224, 384, 6, 0.25, 2), (0, 7, 384, 640, 6, 0.25, 1),
    ),
}  # fmt: skip
_MEANS, _SPREADS = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def _conv_start() -> Any:
    return initializers.VarianceScaling(2.0, "fan_out", "truncated_normal")


def _norm(x: Any, name: str, momentum: float = 0.99) -> Any:
    return layers.BatchNormalization(axis=channel_axis(), momentum=momentum, name=name)(x)


def _conv(x: Any, filters: int, name: str, size: int = 1, **kwargs: Any) -> Any:
    settings = {"padding": "same", "use_bias": False, **kwargs}
    return layers.Conv2D(filters, size, kernel_initializer=_conv_start(), name=name, **settings)(x)


def _swish(x: Any, name: str) -> Any:
    return layers.Activation("swish", name=name)(x)


def _weighed(x: Any, filters: int, squeezed: int, name: str) -> Any:
    """Channels weighed by what the whole picture says (Hu et al. 2018)."""
    y = layers.GlobalAveragePooling2D(name=f"{name}se_squeeze")(x)
    y = layers.Reshape((filters, 1, 1) if channel_axis() == 1 else (1, 1, filters), name=f"{name}se_reshape")(y)
    y = _conv(y, squeezed, f"{name}se_reduce", activation="swish", use_bias=True)
    y = _conv(y, filters, f"{name}se_expand", activation="sigmoid", use_bias=True)
    return layers.multiply([x, y], name=f"{name}se_excite")


def _with_shortcut(x: Any, inputs: Any, drop: float, name: str) -> Any:
    if drop > 0:
        x = layers.Dropout(drop, noise_shape=(None, 1, 1, 1), name=f"{name}drop")(x)
    return layers.add([x, inputs], name=f"{name}add")


def _head(classes: int, activation: Any, dropout: float) -> Callable[[Any], Any]:
    def head(x: Any) -> Any:
        x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
        if dropout > 0:
            x = layers.Dropout(dropout, name="top_dropout")(x)
        start = initializers.VarianceScaling(1 / 3, "fan_out", "uniform")
        return layers.Dense(classes, activation=activation, kernel_initializer=start, name="predictions")(x)

    return head


# -- the first version ---------------------------------------------------------------------------------------------


def _block(x: Any, filters_in: int, filters_out: int, kernel: int, stride: int, expansion: int, drop: float, name: str) -> Any:
    inputs, filters = x, filters_in * expansion
    if expansion != 1:
        x = _swish(_norm(_conv(x, filters, f"{name}expand_conv"), f"{name}expand_bn"), f"{name}expand_activation")
    if stride == 2:
        x = layers.ZeroPadding2D(correct_pad(x, kernel), name=f"{name}dwconv_pad")(x)
    x = layers.DepthwiseConv2D(
        kernel, strides=stride, padding="valid" if stride == 2 else "same", use_bias=False,
        depthwise_initializer=_conv_start(), name=f"{name}dwconv",
    )(x)  # fmt: skip
    x = _swish(_norm(x, f"{name}bn"), f"{name}activation")
    x = _weighed(x, filters, max(1, int(filters_in * 0.25)), name)
    x = _norm(_conv(x, filters_out, f"{name}project_conv"), f"{name}project_bn")
    return _with_shortcut(x, inputs, drop, name) if stride == 1 and filters_in == filters_out else x


def _efficientnet(kind: str, width: float, depth: float, size: int, dropout: float, **options: Any) -> Any:
    def build(x: Any) -> Any:
        x = layers.Normalization(axis=channel_axis())(layers.Rescaling(1.0 / 255.0)(x))
        if options["weights"] == "imagenet":  # the spread that these weights were trained with
            x = layers.Rescaling([1.0 / math.sqrt(spread) for spread in _SPREADS])(x)
        x = layers.ZeroPadding2D(correct_pad(x, 3), name="stem_conv_pad")(x)
        x = _conv(x, make_divisible(32 * width), "stem_conv", 3, strides=2, padding="valid")
        x = _swish(_norm(x, "stem_bn"), "stem_activation")
        repeats = [math.ceil(depth * stage[1]) for stage in _STAGES]
        count, total = 0, float(sum(repeats))
        for i, (kernel, _, before, after, expansion, stride) in enumerate(_STAGES):
            for j in range(repeats[i]):
                filters_in, filters_out = make_divisible((after if j else before) * width), make_divisible(after * width)
                name = f"block{i + 1}{letter(j)}_"
                x = _block(x, filters_in, filters_out, kernel, 1 if j else stride, expansion, 0.2 * count / total, name)
                count += 1
        return _swish(_norm(_conv(x, make_divisible(1280 * width), "top_conv"), "top_bn"), "top_activation")

    hashes, stem = _HASHES[kind], f"efficientnet{kind}"
    files: Files = (_ORIGIN, (f"{stem}.h5", hashes[0]), (f"{stem}_notop.h5", hashes[1]))
    head = _head(options["classes"], options["classifier_activation"], dropout)
    return application(build, head, files, default_size=size, pool_names=("avg_pool", "max_pool"), **options)


def _made(kind: str, width: float, depth: float, size: int, dropout: float) -> Callable[..., Any]:
    def make(
        include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
        pooling: str | None = None, classes: int = 1000, classifier_activation: Any = "softmax",
        name: str = f"efficientnet{kind}",
    ) -> Any:  # fmt: skip
        return _efficientnet(
            kind, width, depth, size, dropout, include_top=include_top, weights=weights, input_tensor=input_tensor,
            input_shape=input_shape, pooling=pooling, classes=classes, classifier_activation=classifier_activation, name=name,
        )  # fmt: skip

    return _named(make, f"EfficientNet{kind.upper()}", size)


def _named(make: Callable[..., Any], name: str, size: int) -> Callable[..., Any]:
    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"""{name}, for pictures of 0 to 255 and {size} x {size}. Source: `tf.keras.applications.{name}`."""
    return make


EfficientNetB0 = _made("b0", 1.0, 1.0, 224, 0.2)
EfficientNetB1 = _made("b1", 1.0, 1.1, 240, 0.2)
EfficientNetB2 = _made("b2", 1.1, 1.2, 260, 0.3)
EfficientNetB3 = _made("b3", 1.2, 1.4, 300, 0.3)
EfficientNetB4 = _made("b4", 1.4, 1.8, 380, 0.4)
EfficientNetB5 = _made("b5", 1.6, 2.2, 456, 0.4)
EfficientNetB6 = _made("b6", 1.8, 2.6, 528, 0.5)
EfficientNetB7 = _made("b7", 2.0, 3.1, 600, 0.5)


# -- the second version --------------------------------------------------------------------------------------------


def _block_v2(
    x: Any, fused: bool, filters_in: int, filters_out: int, stride: int, expansion: int, share: float, drop: float, name: str
) -> Any:
    inputs, filters, m = x, filters_in * expansion, 0.9
    if expansion != 1:
        size, step = (3, stride) if fused else (1, 1)
        x = _norm(_conv(x, filters, f"{name}expand_conv", size, strides=step), f"{name}expand_bn", m)
        x = _swish(x, f"{name}expand_activation")
    if not fused:
        x = layers.DepthwiseConv2D(
            3, strides=stride, depthwise_initializer=_conv_start(), padding="same", use_bias=False, name=f"{name}dwconv2"
        )(x)
        x = _swish(_norm(x, f"{name}bn", m), f"{name}activation")
    if share:
        x = _weighed(x, filters, max(1, int(filters_in * share)), name)
    size, step = (3, stride) if fused and expansion == 1 else (1, 1)
    x = _norm(_conv(x, filters_out, f"{name}project_conv", size, strides=step), f"{name}project_bn", m)
    if fused and expansion == 1:
        x = _swish(x, f"{name}project_activation")
    return _with_shortcut(x, inputs, drop, name) if stride == 1 and filters_in == filters_out else x


def _round_v2(filters: float) -> int:
    """As `make_divisible`, without its lower bound."""
    return max(8, int(filters + 4) // 8 * 8)


def _efficientnet_v2(kind: str, width: float, depth: float, size: int, **options: Any) -> Any:
    stages = _STAGES_V2.get(kind, _SMALL_V2)
    preprocess = options.pop("include_preprocessing")

    def build(x: Any) -> Any:
        if preprocess:
            if kind.startswith("b") and x.shape[channel_axis()] == 3:
                variance = [spread**2 for spread in _SPREADS]
                x = layers.Rescaling(1.0 / 255)(x)
                x = layers.Normalization(mean=list(_MEANS), variance=variance, axis=channel_axis())(x)
            else:
                x = layers.Rescaling(1.0 / 128.0, offset=-1)(x)
        x = _conv(x, _round_v2(stages[0][2] * width), "stem_conv", 3, strides=2)
        x = _swish(_norm(x, "stem_bn", 0.9), "stem_activation")
        count, total = 0, float(sum(stage[1] for stage in stages))
        for i, (fused, repeats, before, after, expansion, share, stride) in enumerate(stages):
            for j in range(math.ceil(depth * repeats)):
                filters_in, filters_out = _round_v2((after if j else before) * width), _round_v2(after * width)
                name = f"block{i + 1}{letter(j)}_"
                x = _block_v2(
                    x, bool(fused), filters_in, filters_out, 1 if j else stride, expansion, share, 0.2 * count / total, name
                )
                count += 1
        return _swish(_norm(_conv(x, _round_v2(1280 * width), "top_conv"), "top_bn", 0.9), "top_activation")

    hashes, stem = _HASHES[f"v2-{kind}"], f"efficientnetv2-{kind}"
    files: Files = (_ORIGIN_V2, (f"{stem}.h5", hashes[0]), (f"{stem}_notop.h5", hashes[1]))
    head = _head(options["classes"], options["classifier_activation"], 0.2)
    return application(build, head, files, default_size=size, pool_names=("avg_pool", "max_pool"), **options)


def _made_v2(kind: str, width: float, depth: float, size: int) -> Callable[..., Any]:
    def make(
        include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
        pooling: str | None = None, classes: int = 1000, classifier_activation: Any = "softmax",
        include_preprocessing: bool = True, name: str = f"efficientnetv2-{kind}",
    ) -> Any:  # fmt: skip
        return _efficientnet_v2(
            kind, width, depth, size, include_top=include_top, weights=weights, input_tensor=input_tensor,
            input_shape=input_shape, pooling=pooling, classes=classes, classifier_activation=classifier_activation,
            include_preprocessing=include_preprocessing, name=name,
        )  # fmt: skip

    return _named(make, f"EfficientNetV2{kind.upper()}", size)


EfficientNetV2B0 = _made_v2("b0", 1.0, 1.0, 224)
EfficientNetV2B1 = _made_v2("b1", 1.0, 1.1, 240)
EfficientNetV2B2 = _made_v2("b2", 1.1, 1.2, 260)
EfficientNetV2B3 = _made_v2("b3", 1.2, 1.4, 300)
EfficientNetV2S = _made_v2("s", 1.0, 1.0, 384)
EfficientNetV2M = _made_v2("m", 1.0, 1.0, 480)
EfficientNetV2L = _made_v2("l", 1.0, 1.0, 480)
