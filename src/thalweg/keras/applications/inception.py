"""Inception V3 (Szegedy et al. 2016, https://arxiv.org/abs/1512.00567) and Xception (Chollet 2017, https://arxiv.org/abs/1610.02357)."""

from __future__ import annotations

from typing import Any

from thalweg.keras import layers
from thalweg.keras.applications.common import Files, application, channel_axis, dense_head

_ORIGIN = "https://storage.googleapis.com/tensorflow/keras-applications/"


def InceptionV3(
    include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
    pooling: str | None = None, classes: int = 1000, classifier_activation: Any = "softmax", name: str = "inception_v3",
) -> Any:  # fmt: skip
    """Inception V3, for pictures of 299 x 299. Source: `tf.keras.applications.InceptionV3`."""
    stem = "inception_v3_weights_tf_dim_ordering_tf_kernels"
    files: Files = (
        f"{_ORIGIN}inception_v3/", (f"{stem}.h5", "9a0d58056eeedaa3f26cb7ebd46da564"),
        (f"{stem}_notop.h5", "bcbd6486424b2319ff4ef7d526e38f63"),
    )  # fmt: skip
    return application(
        _inception, dense_head(classes, classifier_activation), files, include_top=include_top, weights=weights,
        input_tensor=input_tensor, input_shape=input_shape, pooling=pooling, classes=classes,
        classifier_activation=classifier_activation, name=name, default_size=299, min_size=75,
    )  # fmt: skip


def _conv(x: Any, filters: int, rows: int, columns: int, strides: int = 1, padding: str = "same") -> Any:
    x = layers.Conv2D(filters, (rows, columns), strides=strides, padding=padding, use_bias=False)(x)
    return layers.Activation("relu")(layers.BatchNormalization(axis=channel_axis(), scale=False)(x))


def _chain(x: Any, *steps: tuple[int, int, int]) -> Any:
    for filters, rows, columns in steps:
        x = _conv(x, filters, rows, columns)
    return x


def _pooled(x: Any, filters: int) -> Any:
    return _conv(layers.AveragePooling2D(3, strides=1, padding="same")(x), filters, 1, 1)


def _joined(branches: list[Any], name: str | None = None) -> Any:
    return layers.Concatenate(axis=channel_axis(), name=name)(branches)


def _inception(x: Any) -> Any:
    x = _conv(x, 32, 3, 3, strides=2, padding="valid")
    x = _conv(_conv(x, 32, 3, 3, padding="valid"), 64, 3, 3)
    x = layers.MaxPooling2D(3, strides=2)(x)
    x = _conv(_conv(x, 80, 1, 1, padding="valid"), 192, 3, 3, padding="valid")
    x = layers.MaxPooling2D(3, strides=2)(x)
    for i, pooled in enumerate((32, 64, 64)):  # 35 x 35
        branches = [_chain(x, (64, 1, 1)), _chain(x, (48, 1, 1), (64, 5, 5)), _chain(x, (64, 1, 1), (96, 3, 3), (96, 3, 3))]
        x = _joined([*branches, _pooled(x, pooled)], f"mixed{i}")
    one = _conv(x, 384, 3, 3, strides=2, padding="valid")
    two = _conv(_chain(x, (64, 1, 1), (96, 3, 3)), 96, 3, 3, strides=2, padding="valid")
    x = _joined([one, two, layers.MaxPooling2D(3, strides=2)(x)], "mixed3")
    for i, n in enumerate((128, 160, 160, 192), 4):  # 17 x 17
        branches = [
            _chain(x, (192, 1, 1)),
            _chain(x, (n, 1, 1), (n, 1, 7), (192, 7, 1)),
            _chain(x, (n, 1, 1), (n, 7, 1), (n, 1, 7), (n, 7, 1), (192, 1, 7)),
        ]
        x = _joined([*branches, _pooled(x, 192)], f"mixed{i}")
    one = _conv(_conv(x, 192, 1, 1), 320, 3, 3, strides=2, padding="valid")
    two = _conv(_chain(x, (192, 1, 1), (192, 1, 7), (192, 7, 1)), 192, 3, 3, strides=2, padding="valid")
    x = _joined([one, two, layers.MaxPooling2D(3, strides=2)(x)], "mixed8")
    for i in range(2):  # 8 x 8
        one = _conv(x, 320, 1, 1)
        two = _conv(x, 384, 1, 1)
        two = _joined([_conv(two, 384, 1, 3), _conv(two, 384, 3, 1)], f"mixed9_{i}")
        three = _chain(x, (448, 1, 1), (384, 3, 3))
        three = _joined([_conv(three, 384, 1, 3), _conv(three, 384, 3, 1)])
        x = _joined([one, two, three, _pooled(x, 192)], f"mixed{9 + i}")
    return x


def Xception(
    include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
    pooling: str | None = None, classes: int = 1000, classifier_activation: Any = "softmax", name: str = "xception",
) -> Any:  # fmt: skip
    """Xception, for pictures of 299 x 299. Source: `tf.keras.applications.Xception`."""
    stem = "xception_weights_tf_dim_ordering_tf_kernels"
    files: Files = (
        f"{_ORIGIN}xception/", (f"{stem}.h5", "0a58e3b7378bc2990ea3b43d5981f1f6"),
        (f"{stem}_notop.h5", "b0042744bf5b25fce3cb969f33bebb97"),
    )  # fmt: skip
    return application(
        _xception, dense_head(classes, classifier_activation), files, include_top=include_top, weights=weights,
        input_tensor=input_tensor, input_shape=input_shape, pooling=pooling, classes=classes,
        classifier_activation=classifier_activation, name=name, default_size=299, min_size=71,
    )  # fmt: skip


def _norm(x: Any, name: str | None = None) -> Any:
    return layers.BatchNormalization(axis=channel_axis(), name=name)(x)


def _separable(x: Any, filters: int, name: str) -> Any:
    x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False, name=name)(x)
    return _norm(x, f"{name}_bn")


def _xception(x: Any) -> Any:
    def relu(x: Any, name: str) -> Any:
        return layers.Activation("relu", name=f"{name}_act")(x)

    for i, (filters, strides) in enumerate(((32, 2), (64, 1)), 1):
        name = f"block1_conv{i}"
        x = layers.Conv2D(filters, 3, strides=strides, use_bias=False, name=name)(x)
        x = relu(_norm(x, f"{name}_bn"), name)

    def halved(x: Any, block: int, first: int, second: int, begins_with_relu: bool) -> Any:
        shortcut = _norm(layers.Conv2D(second, 1, strides=2, padding="same", use_bias=False)(x))
        one, two = f"block{block}_sepconv1", f"block{block}_sepconv2"
        x = _separable(relu(x, one) if begins_with_relu else x, first, one)
        x = _separable(relu(x, two), second, two)
        x = layers.MaxPooling2D(3, strides=2, padding="same", name=f"block{block}_pool")(x)
        return layers.add([x, shortcut])

    for block, filters in ((2, 128), (3, 256), (4, 728)):
        x = halved(x, block, filters, filters, block > 2)
    for block in range(5, 13):
        shortcut = x
        for i in (1, 2, 3):
            name = f"block{block}_sepconv{i}"
            x = _separable(relu(x, name), 728, name)
        x = layers.add([x, shortcut])
    x = halved(x, 13, 728, 1024, True)
    for i, filters in ((1, 1536), (2, 2048)):
        name = f"block14_sepconv{i}"
        x = relu(_separable(x, filters, name), name)
    return x
