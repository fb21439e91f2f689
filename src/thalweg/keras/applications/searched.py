"""NASNet, whose cells were found by search (Zoph et al. 2018, https://arxiv.org/abs/1707.07012)."""

from __future__ import annotations

from typing import Any

from thalweg.keras import layers
from thalweg.keras.applications.common import Files, application, channel_axis, correct_pad, dense_head

_ORIGIN = "https://storage.googleapis.com/tensorflow/keras-applications/nasnet/"


def _norm(x: Any, name: str) -> Any:
    return layers.BatchNormalization(axis=channel_axis(), momentum=0.9997, epsilon=1e-3, name=name)(x)


def _pointwise(x: Any, filters: int, name: str) -> Any:
    return layers.Conv2D(filters, 1, padding="same", use_bias=False, kernel_initializer="he_normal", name=name)(x)


def _separable(x: Any, filters: int, size: int, stride: int, block: str) -> Any:
    """Two separable convolutions, each after an activation."""
    x = layers.Activation("relu")(x)
    if stride == 2:
        x = layers.ZeroPadding2D(correct_pad(x, size), name=f"separable_conv_1_pad_{block}")(x)
    x = layers.SeparableConv2D(
        filters, size, strides=stride, padding="valid" if stride == 2 else "same", use_bias=False,
        name=f"separable_conv_1_{block}",
    )(x)  # fmt: skip
    x = layers.Activation("relu")(_norm(x, f"separable_conv_1_bn_{block}"))
    x = layers.SeparableConv2D(filters, size, padding="same", use_bias=False, name=f"separable_conv_2_{block}")(x)
    return _norm(x, f"separable_conv_2_bn_{block}")


def _adjusted(p: Any, x: Any, filters: int, block: str) -> Any:
    """The output of the cell before last, in the shape of the last one."""
    if p is None:
        return x
    if p.shape[-2] != x.shape[-2]:
        p = layers.Activation("relu", name=f"adjust_relu_1_{block}")(p)
        one = layers.AveragePooling2D(1, strides=2, name=f"adjust_avg_pool_1_{block}")(p)
        one = _pointwise(one, filters // 2, f"adjust_conv_1_{block}")
        two = layers.Cropping2D(((1, 0), (1, 0)))(layers.ZeroPadding2D(((0, 1), (0, 1)))(p))
        two = layers.AveragePooling2D(1, strides=2, name=f"adjust_avg_pool_2_{block}")(two)
        two = _pointwise(two, filters // 2, f"adjust_conv_2_{block}")
        return _norm(layers.concatenate([one, two], axis=channel_axis()), f"adjust_bn_{block}")
    if p.shape[channel_axis()] != filters:
        p = _pointwise(layers.Activation("relu")(p), filters, f"adjust_conv_projection_{block}")
        return _norm(p, f"adjust_bn_{block}")
    return p


def _normal(x: Any, p: Any, filters: int, block: str) -> tuple[Any, Any]:
    """A cell that keeps the size."""
    before, p = x, _adjusted(p, x, filters, block)
    h = _norm(_pointwise(layers.Activation("relu")(x), filters, f"normal_conv_1_{block}"), f"normal_bn_1_{block}")

    def mean(x: Any, name: str) -> Any:
        return layers.AveragePooling2D(3, strides=1, padding="same", name=f"normal_{name}_{block}")(x)

    def separable(x: Any, size: int, name: str) -> Any:
        return _separable(x, filters, size, 1, f"normal_{name}_{block}")

    one = layers.add([separable(h, 5, "left1"), separable(p, 3, "right1")], name=f"normal_add_1_{block}")
    two = layers.add([separable(p, 5, "left2"), separable(p, 3, "right2")], name=f"normal_add_2_{block}")
    three = layers.add([mean(h, "left3"), p], name=f"normal_add_3_{block}")
    four = layers.add([mean(p, "left4"), mean(p, "right4")], name=f"normal_add_4_{block}")
    five = layers.add([separable(h, 3, "left5"), h], name=f"normal_add_5_{block}")
    x = layers.concatenate([p, one, two, three, four, five], axis=channel_axis(), name=f"normal_concat_{block}")
    return x, before


def _reduction(x: Any, p: Any, filters: int, block: str) -> tuple[Any, Any]:
    """A cell that halves the size."""
    before, p = x, _adjusted(p, x, filters, block)
    h = _norm(_pointwise(layers.Activation("relu")(x), filters, f"reduction_conv_1_{block}"), f"reduction_bn_1_{block}")
    padded = layers.ZeroPadding2D(correct_pad(h, 3), name=f"reduction_pad_1_{block}")(h)

    def separable(x: Any, size: int, stride: int, name: str) -> Any:
        return _separable(x, filters, size, stride, f"reduction_{name}_{block}")

    one = layers.add([separable(h, 5, 2, "left1"), separable(p, 7, 2, "right1")], name=f"reduction_add_1_{block}")
    most = layers.MaxPooling2D(3, strides=2, name=f"reduction_left2_{block}")(padded)
    two = layers.add([most, separable(p, 7, 2, "right2")], name=f"reduction_add_2_{block}")
    mean = layers.AveragePooling2D(3, strides=2, name=f"reduction_left3_{block}")(padded)
    three = layers.add([mean, separable(p, 5, 2, "right3")], name=f"reduction_add3_{block}")
    mean = layers.AveragePooling2D(3, strides=1, padding="same", name=f"reduction_left4_{block}")(one)
    four = layers.add([two, mean])
    left = separable(one, 3, 1, "left4")
    most = layers.MaxPooling2D(3, strides=2, name=f"reduction_right5_{block}")(padded)
    five = layers.add([left, most], name=f"reduction_add4_{block}")
    x = layers.concatenate([two, three, four, five], axis=channel_axis(), name=f"reduction_concat_{block}")
    return x, before


def _nasnet(penultimate: int, blocks: int, stem: int, skips: bool, files: Files, size: int, **options: Any) -> Any:
    def build(x: Any) -> Any:
        filters, p = penultimate // 24, None
        x = layers.Conv2D(stem, 3, strides=2, use_bias=False, name="stem_conv1", kernel_initializer="he_normal")(x)
        x = _norm(x, "stem_bn1")
        x, p = _reduction(x, p, filters // 4, "stem_1")
        x, p = _reduction(x, p, filters // 2, "stem_2")
        for i in range(blocks):
            x, p = _normal(x, p, filters, f"{i}")
        for stage in (1, 2):
            x, before = _reduction(x, p, filters * 2**stage, f"reduce_{stage * blocks}")
            p = p if skips else before
            for i in range(blocks):
                x, p = _normal(x, p, filters * 2**stage, f"{stage * blocks + i + 1}")
        return layers.Activation("relu")(x)

    head = dense_head(options["classes"], options["classifier_activation"], None)
    return application(build, head, files, default_size=size, **options)


def NASNetMobile(
    input_shape: Any = None, include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None,
    pooling: str | None = None, classes: int = 1000, classifier_activation: Any = "softmax", name: str = "nasnet_mobile",
) -> Any:  # fmt: skip
    """NASNet for small machines and pictures of 224 x 224. Source: `tf.keras.applications.NASNetMobile`."""
    if not include_top and input_shape is None:
        input_shape = (224, 224, 3)
    files: Files = (
        _ORIGIN, ("NASNet-mobile.h5", "020fb642bf7360b370c678b08e0adf61"),
        ("NASNet-mobile-no-top.h5", "1ed92395b5b598bdda52abe5c0dbfd63"),
    )  # fmt: skip
    return _nasnet(
        1056, 4, 32, False, files, 224, include_top=include_top, weights=weights, input_tensor=input_tensor,
        input_shape=input_shape, pooling=pooling, classes=classes, classifier_activation=classifier_activation, name=name,
    )  # fmt: skip


def NASNetLarge(
    input_shape: Any = None, include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None,
    pooling: str | None = None, classes: int = 1000, classifier_activation: Any = "softmax", name: str = "nasnet_large",
) -> Any:  # fmt: skip
    """NASNet for pictures of 331 x 331. Source: `tf.keras.applications.NASNetLarge`."""
    files: Files = (
        _ORIGIN, ("NASNet-large.h5", "11577c9a518f0070763c2b964a382f17"),
        ("NASNet-large-no-top.h5", "d81d89dc07e6e56530c4e77faddd61b5"),
    )  # fmt: skip
    return _nasnet(
        4032, 6, 96, True, files, 331, include_top=include_top, weights=weights, input_tensor=input_tensor,
        input_shape=input_shape, pooling=pooling, classes=classes, classifier_activation=classifier_activation, name=name,
    )  # fmt: skip
