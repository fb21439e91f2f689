"""MobileNet, versions 1 to 3 (https://arxiv.org/abs/1704.04861, https://arxiv.org/abs/1801.04381, https://arxiv.org/abs/1905.02244)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thalweg.keras import layers
from thalweg.keras.applications.common import Files, application, channel_axis, correct_pad, dense_head, make_divisible

_ORIGIN = "https://storage.googleapis.com/tensorflow/keras-applications/"


def _norm(x: Any, name: str, momentum: float = 0.99) -> Any:
    return layers.BatchNormalization(axis=channel_axis(), epsilon=1e-3, momentum=momentum, name=name)(x)


def _square(input_shape: Any, sizes: tuple[int, ...]) -> int:
    """The size of the pictures that weights are for."""
    if input_shape is None or len(input_shape) != 3:
        return 224
    rows, columns = input_shape[1:] if channel_axis() == 1 else input_shape[:2]
    return rows if rows == columns and rows in sizes else 224


# -- version 1 ---------------------------------------------------------------------------------------------------


def MobileNet(
    input_shape: Any = None, alpha: float = 1.0, depth_multiplier: int = 1, dropout: float = 1e-3, include_top: bool = True,
    weights: Any = "imagenet", input_tensor: Any = None, pooling: str | None = None, classes: int = 1000,
    classifier_activation: Any = "softmax", name: str | None = None,
) -> Any:  # fmt: skip
    """MobileNet. alpha: how wide it is. Source: `tf.keras.applications.MobileNet`."""
    rows = _square(input_shape, (128, 160, 192, 224))

    def build(x: Any) -> Any:
        x = layers.Conv2D(int(32 * alpha), 3, padding="same", use_bias=False, strides=2, name="conv1")(x)
        x = layers.ReLU(6.0, name="conv1_relu")(_norm(x, "conv1_bn"))
        for i, filters in enumerate((64, 128, 128, 256, 256, *[512] * 6, 1024, 1024), 1):
            strides = 2 if i in (2, 4, 6, 12) else 1
            if strides == 2:
                x = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"conv_pad_{i}")(x)
            x = layers.DepthwiseConv2D(
                3, padding="same" if strides == 1 else "valid", depth_multiplier=depth_multiplier, strides=strides,
                use_bias=False, name=f"conv_dw_{i}",
            )(x)  # fmt: skip
            x = layers.ReLU(6.0, name=f"conv_dw_{i}_relu")(_norm(x, f"conv_dw_{i}_bn"))
            x = layers.Conv2D(int(filters * alpha), 1, padding="same", use_bias=False, name=f"conv_pw_{i}")(x)
            x = layers.ReLU(6.0, name=f"conv_pw_{i}_relu")(_norm(x, f"conv_pw_{i}_bn"))
        return x

    def head(x: Any) -> Any:
        x = layers.GlobalAveragePooling2D(keepdims=True)(x)
        x = layers.Dropout(dropout, name="dropout")(x)
        x = layers.Conv2D(classes, 1, padding="same", name="conv_preds")(x)
        x = layers.Reshape((classes,), name="reshape_2")(x)
        return layers.Activation(classifier_activation, name="predictions")(x)

    width = {1.0: "1_0", 0.75: "7_5", 0.5: "5_0", 0.25: "2_5"}.get(alpha)
    stem = f"mobilenet_{width}_{rows}_tf"
    files: Files | None = (f"{_ORIGIN}mobilenet/", (f"{stem}.h5", None), (f"{stem}_no_top.h5", None))
    return application(
        build, head, files if width and depth_multiplier == 1 else None, include_top=include_top, weights=weights,
        input_tensor=input_tensor, input_shape=input_shape, pooling=pooling, classes=classes,
        classifier_activation=classifier_activation, name=name or f"mobilenet_{alpha:0.2f}_{rows}", default_size=rows,
    )  # fmt: skip


# -- version 2 ---------------------------------------------------------------------------------------------------


def MobileNetV2(
    input_shape: Any = None, alpha: float = 1.0, include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None,
    pooling: str | None = None, classes: int = 1000, classifier_activation: Any = "softmax", name: str | None = None,
) -> Any:  # fmt: skip
    """MobileNet V2. alpha: how wide it is. Source: `tf.keras.applications.MobileNetV2`."""
    rows = _square(input_shape or (None if input_tensor is None else input_tensor.shape[1:]), (96, 128, 160, 192, 224))

    def build(x: Any) -> Any:
        x = layers.Conv2D(make_divisible(32 * alpha), 3, strides=2, padding="same", use_bias=False, name="Conv1")(x)
        x = layers.ReLU(6.0, name="Conv1_relu")(_norm(x, "bn_Conv1", 0.999))
        block = 0
        for filters, count, stride in ((16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1)):
            for i in range(count):
                x = _block_v2(x, make_divisible(int(filters * alpha)), stride if i == 0 else 1, block)
                block += 1
        last = make_divisible(1280 * alpha) if alpha > 1.0 else 1280
        x = layers.Conv2D(last, 1, use_bias=False, name="Conv_1")(x)
        return layers.ReLU(6.0, name="out_relu")(_norm(x, "Conv_1_bn", 0.999))

    stem = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{float(alpha)}_{rows}"
    known = alpha in (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)
    files: Files | None = (f"{_ORIGIN}mobilenet_v2/", (f"{stem}.h5", None), (f"{stem}_no_top.h5", None)) if known else None
    return application(
        build, dense_head(classes, classifier_activation, None), files, include_top=include_top, weights=weights,
        input_tensor=input_tensor, input_shape=input_shape, pooling=pooling, classes=classes,
        classifier_activation=classifier_activation, name=name or f"mobilenetv2_{alpha:0.2f}_{rows}", default_size=rows,
    )  # fmt: skip


def _block_v2(inputs: Any, filters: int, stride: int, block: int) -> Any:
    """Wider, by itself in each channel, narrower again, beside a shortcut."""
    x, channels = inputs, inputs.shape[channel_axis()]
    prefix = f"block_{block}_" if block else "expanded_conv_"
    if block:
        x = layers.Conv2D(6 * channels, 1, padding="same", use_bias=False, name=f"{prefix}expand")(x)
        x = layers.ReLU(6.0, name=f"{prefix}expand_relu")(_norm(x, f"{prefix}expand_BN", 0.999))
    if stride == 2:
        x = layers.ZeroPadding2D(correct_pad(x, 3), name=f"{prefix}pad")(x)
    padding = "same" if stride == 1 else "valid"
    x = layers.DepthwiseConv2D(3, strides=stride, use_bias=False, padding=padding, name=f"{prefix}depthwise")(x)
    x = layers.ReLU(6.0, name=f"{prefix}depthwise_relu")(_norm(x, f"{prefix}depthwise_BN", 0.999))
    x = layers.Conv2D(filters, 1, padding="same", use_bias=False, name=f"{prefix}project")(x)
    x = _norm(x, f"{prefix}project_BN", 0.999)
    return layers.Add(name=f"{prefix}add")([inputs, x]) if channels == filters and stride == 1 else x


# -- version 3 ---------------------------------------------------------------------------------------------------

_V3_HASHES = {
    "large_224_0.75_float": ("765b44a33ad4005b3ac83185abf1d0eb", "40af19a13ebea4e2ee0c676887f69a2e"),
    "large_224_1.0_float": ("59e551e166be033d707958cf9e29a6a7", "07fb09a5933dd0c8eaafa16978110389"),
    "large_minimalistic_224_1.0_float": ("675e7b876c45c57e9e63e6d90a36599c", "ec5221f64a2f6d1ef965a614bdae7973"),
    "small_224_0.75_float": ("cb65d4e5be93758266aa0a7f2c6708b7", "ebdb5cc8e0b497cd13a7c275d475c819"),
    "small_224_1.0_float": ("8768d4c2e7dee89b9d02b2d03d65d862", "d3e8ec802a04aa4fc771ee12a9a9b836"),
    "small_minimalistic_224_1.0_float": ("99cd97fb2fcdad2bf028eb838de69e37", "cde8136e733e811080d9fcd8a252f7e4"),
}
# Expansion, filters, whether the kernel is large, stride, whether channels are weighed, whether the activation is the hard swish.
_SMALL = (
    (1, 16, 0, 2, 1, 0), (72 / 16, 24, 0, 2, 0, 0), (88 / 24, 24, 0, 1, 0, 0), (4, 40, 1, 2, 1, 1), (6, 40, 1, 1, 1, 1),
    (6, 40, 1, 1, 1, 1), (3, 48, 1, 1, 1, 1), (3, 48, 1, 1, 1, 1), (6, 96, 1, 2, 1, 1), (6, 96, 1, 1, 1, 1), (6, 96, 1, 1, 1, 1),
)  # fmt: skip
_LARGE = (
    (1, 16, 0, 1, 0, 0), (4, 24, 0, 2, 0, 0), (3, 24, 0, 1, 0, 0), (3, 40, 1, 2, 1, 0), (3, 40, 1, 1, 1, 0), (3, 40, 1, 1, 1, 0),
    (6, 80, 0, 2, 0, 1), (2.5, 80, 0, 1, 0, 1), (2.3, 80, 0, 1, 0, 1), (2.3, 80, 0, 1, 0, 1), (6, 112, 0, 1, 1, 1),
    (6, 112, 0, 1, 1, 1), (6, 160, 1, 2, 1, 1), (6, 160, 1, 1, 1, 1), (6, 160, 1, 1, 1, 1),
)  # fmt: skip


def _relu(x: Any) -> Any:
    return layers.ReLU()(x)


def _hard_swish(x: Any) -> Any:
    return layers.Activation("hard_swish")(x)


def _v3(kind: str, table: Any, last_point: int, alpha: float, minimalistic: bool, options: dict[str, Any]) -> Any:
    plain: Callable[[Any], Any] = _relu
    activation = _relu if minimalistic else _hard_swish
    dropout, preprocess = options.pop("dropout_rate"), options.pop("include_preprocessing")
    classes, classifier_activation = options["classes"], options["classifier_activation"]

    def build(x: Any) -> Any:
        if preprocess:
            x = layers.Rescaling(1.0 / 127.5, offset=-1.0)(x)
        x = layers.Conv2D(16, 3, strides=2, padding="same", use_bias=False, name="conv")(x)
        x = activation(_norm(x, "conv_bn", 0.999))
        for block, (expansion, filters, large, stride, weighed, swish) in enumerate(table):
            x = _block_v3(
                x, expansion, make_divisible(filters * alpha), 5 if large and not minimalistic else 3, stride,
                bool(weighed) and not minimalistic, activation if swish else plain, block,
            )  # fmt: skip
        x = layers.Conv2D(make_divisible(x.shape[channel_axis()] * 6), 1, padding="same", use_bias=False, name="conv_1")(x)
        return activation(_norm(x, "conv_1_bn", 0.999))

    def head(x: Any) -> Any:
        x = layers.GlobalAveragePooling2D(keepdims=True)(x)
        points = make_divisible(last_point * alpha) if alpha > 1.0 else last_point
        x = activation(layers.Conv2D(points, 1, padding="same", name="conv_2")(x))
        if dropout > 0:
            x = layers.Dropout(dropout)(x)
        x = layers.Conv2D(classes, 1, padding="same", name="logits")(x)
        return layers.Activation(classifier_activation, name="predictions")(layers.Flatten()(x))

    known = f"{kind}{'_minimalistic' if minimalistic else ''}_224_{alpha}_float"
    hashes = _V3_HASHES.get(known)
    stem = f"weights_mobilenet_v3_{known}"
    files: Files | None = None
    if hashes is not None:
        files = (f"{_ORIGIN}mobilenet_v3/", (f"{stem}.h5", hashes[0]), (f"{stem}_no_top_v2.h5", hashes[1]))
    return application(
        build, head, files, default_size=224, fixed_size=False, pool_names=("avg_pool", "max_pool"), **options
    )


def _block_v3(
    inputs: Any, expansion: float, filters: int, kernel: int, stride: int, weighed: bool, activation: Any, block: int
) -> Any:
    x, channels = inputs, inputs.shape[channel_axis()]
    prefix = f"expanded_conv_{block}_" if block else "expanded_conv_"
    wide = make_divisible(channels * expansion)
    if block:
        x = layers.Conv2D(wide, 1, padding="same", use_bias=False, name=f"{prefix}expand")(x)
        x = activation(_norm(x, f"{prefix}expand_bn", 0.999))
    if stride == 2:
        x = layers.ZeroPadding2D(correct_pad(x, kernel), name=f"{prefix}depthwise_pad")(x)
    padding = "same" if stride == 1 else "valid"
    x = layers.DepthwiseConv2D(kernel, strides=stride, padding=padding, use_bias=False, name=f"{prefix}depthwise")(x)
    x = activation(_norm(x, f"{prefix}depthwise_bn", 0.999))
    if weighed:
        x = _weighed(x, wide, f"{prefix}squeeze_excite_")
    x = layers.Conv2D(filters, 1, padding="same", use_bias=False, name=f"{prefix}project")(x)
    x = _norm(x, f"{prefix}project_bn", 0.999)
    return layers.Add(name=f"{prefix}add")([inputs, x]) if stride == 1 and channels == filters else x


def _weighed(inputs: Any, filters: int, prefix: str) -> Any:
    """Channels weighed by what the whole picture says (Hu et al. 2018)."""
    x = layers.GlobalAveragePooling2D(keepdims=True, name=f"{prefix}avg_pool")(inputs)
    x = layers.Conv2D(make_divisible(filters * 0.25), 1, padding="same", name=f"{prefix}conv")(x)
    x = layers.ReLU(name=f"{prefix}relu")(x)
    x = layers.Conv2D(filters, 1, padding="same", name=f"{prefix}conv_1")(x)
    x = layers.ReLU(6.0)(x + 3.0) * (1.0 / 6.0)
    return layers.Multiply(name=f"{prefix}mul")([inputs, x])


def MobileNetV3Small(
    input_shape: Any = None, alpha: float = 1.0, minimalistic: bool = False, include_top: bool = True,
    weights: Any = "imagenet", input_tensor: Any = None, classes: int = 1000, pooling: str | None = None,
    dropout_rate: float = 0.2, classifier_activation: Any = "softmax", include_preprocessing: bool = True,
    name: str = "MobileNetV3Small",
) -> Any:  # fmt: skip
    """MobileNet V3, small. minimalistic: without its newer parts. Source: `tf.keras.applications.MobileNetV3Small`."""
    options = {
        "input_shape": input_shape, "include_top": include_top, "weights": weights, "input_tensor": input_tensor,
        "classes": classes, "pooling": pooling, "dropout_rate": dropout_rate, "name": name,
        "classifier_activation": classifier_activation, "include_preprocessing": include_preprocessing,
    }  # fmt: skip
    return _v3("small", _SMALL, 1024, alpha, minimalistic, options)


def MobileNetV3Large(
    input_shape: Any = None, alpha: float = 1.0, minimalistic: bool = False, include_top: bool = True,
    weights: Any = "imagenet", input_tensor: Any = None, classes: int = 1000, pooling: str | None = None,
    dropout_rate: float = 0.2, classifier_activation: Any = "softmax", include_preprocessing: bool = True,
    name: str = "MobileNetV3Large",
) -> Any:  # fmt: skip
    """MobileNet V3, large. minimalistic: without its newer parts. Source: `tf.keras.applications.MobileNetV3Large`."""
    options = {
        "input_shape": input_shape, "include_top": include_top, "weights": weights, "input_tensor": input_tensor,
        "classes": classes, "pooling": pooling, "dropout_rate": dropout_rate, "name": name,
        "classifier_activation": classifier_activation, "include_preprocessing": include_preprocessing,
    }  # fmt: skip
    return _v3("large", _LARGE, 1280, alpha, minimalistic, options)
