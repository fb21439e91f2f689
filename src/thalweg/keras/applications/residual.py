"""ResNet, of both versions (He et al. 2015, https://arxiv.org/abs/1512.03385; 2016, https://arxiv.org/abs/1603.05027)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thalweg.keras import layers
from thalweg.keras.applications.common import Files, application, channel_axis, dense_head

_ORIGIN = "https://storage.googleapis.com/tensorflow/keras-applications/resnet/"
_HASHES = {
    "resnet50": ("2cb95161c43110f7111970584f804107", "4d473c1dd8becc155b73f8504c6f6626"),
    "resnet101": ("f1aeb4b969a6efcfb50fad2f0c20cfc5", "88cf7a10940856eca736dc7b7e228a21"),
    "resnet152": ("100835be76be38e30d865e96f2aaae62", "ee4c566cf9a93f14d82f913c2dc6dd0c"),
    "resnet50v2": ("3ef43a0b657b3be2300d5770ece849e0", "fac2f116257151a9d068a22e544a4917"),
    "resnet101v2": ("6343647c601c52e1368623803854d971", "c0ed64b8031c3730f411d2eb4eea35b5"),
    "resnet152v2": ("a49b44d1979771252814e80f8ec446f9", "ed17cf2e0169df9d443503ef94b23b33"),
}
_EPSILON = 1.001e-5


def _norm(x: Any, name: str) -> Any:
    return layers.BatchNormalization(axis=channel_axis(), epsilon=_EPSILON, name=name)(x)


def _relu(x: Any, name: str) -> Any:
    return layers.Activation("relu", name=name)(x)


def _block_v1(x: Any, filters: int, stride: int, projected: bool, name: str) -> Any:
    """Three convolutions beside a shortcut, which is projected where the shape changes."""
    shortcut = x
    if projected:
        shortcut = _norm(layers.Conv2D(4 * filters, 1, strides=stride, name=f"{name}_0_conv")(x), f"{name}_0_bn")
    x = _relu(_norm(layers.Conv2D(filters, 1, strides=stride, name=f"{name}_1_conv")(x), f"{name}_1_bn"), f"{name}_1_relu")
    x = layers.Conv2D(filters, 3, padding="same", name=f"{name}_2_conv")(x)
    x = _relu(_norm(x, f"{name}_2_bn"), f"{name}_2_relu")
    x = _norm(layers.Conv2D(4 * filters, 1, name=f"{name}_3_conv")(x), f"{name}_3_bn")
    return _relu(layers.Add(name=f"{name}_add")([shortcut, x]), f"{name}_out")


def _block_v2(x: Any, filters: int, stride: int, projected: bool, name: str) -> Any:
    """As before, with normalization and activation before each convolution."""
    before = _relu(_norm(x, f"{name}_preact_bn"), f"{name}_preact_relu")
    if projected:
        shortcut = layers.Conv2D(4 * filters, 1, strides=stride, name=f"{name}_0_conv")(before)
    else:
        shortcut = layers.MaxPooling2D(1, strides=stride)(x) if stride > 1 else x
    x = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_1_conv")(before)
    x = _relu(_norm(x, f"{name}_1_bn"), f"{name}_1_relu")
    x = layers.ZeroPadding2D(1, name=f"{name}_2_pad")(x)
    x = layers.Conv2D(filters, 3, strides=stride, use_bias=False, name=f"{name}_2_conv")(x)
    x = _relu(_norm(x, f"{name}_2_bn"), f"{name}_2_relu")
    return layers.Add(name=f"{name}_out")([shortcut, layers.Conv2D(4 * filters, 1, name=f"{name}_3_conv")(x)])


def _resnet(kind: str, depths: tuple[int, ...], second: bool, **options: Any) -> Any:
    def build(x: Any) -> Any:
        x = layers.ZeroPadding2D(3, name="conv1_pad")(x)
        x = layers.Conv2D(64, 7, strides=2, name="conv1_conv")(x)
        if not second:
            x = _relu(_norm(x, "conv1_bn"), "conv1_relu")
        x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(layers.ZeroPadding2D(1, name="pool1_pad")(x))
        for stage, depth in enumerate(depths):
            filters, prefix = 64 * 2**stage, f"conv{stage + 2}_block"
            for i in range(depth):
                if second:  # the size is halved at the end of a stage, but the last
                    stride = 2 if i == depth - 1 and stage < 3 else 1
                    x = _block_v2(x, filters, stride, i == 0, f"{prefix}{i + 1}")
                else:
                    x = _block_v1(x, filters, 2 if i == 0 and stage else 1, i == 0, f"{prefix}{i + 1}")
        return _relu(_norm(x, "post_bn"), "post_relu") if second else x

    stem = f"{kind}_weights_tf_dim_ordering_tf_kernels"
    hashes = _HASHES[kind]
    files: Files = (_ORIGIN, (f"{stem}.h5", hashes[0]), (f"{stem}_notop.h5", hashes[1]))
    head = dense_head(options["classes"], options["classifier_activation"])
    return application(build, head, files, default_size=224, pool_names=("avg_pool", "max_pool"), **options)


def _made(kind: str, depths: tuple[int, ...], second: bool) -> Callable[..., Any]:
    def make(
        include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
        pooling: str | None = None, classes: int = 1000, classifier_activation: Any = "softmax", name: str = kind,
    ) -> Any:  # fmt: skip
        return _resnet(
            kind, depths, second, include_top=include_top, weights=weights, input_tensor=input_tensor,
            input_shape=input_shape, pooling=pooling, classes=classes, classifier_activation=classifier_activation, name=name,
        )  # fmt: skip

    make.__name__ = make.__qualname__ = kind.replace("resnet", "ResNet").replace("v2", "V2")
    make.__doc__ = f"""{make.__name__}, for pictures of 224 x 224. Source: `tf.keras.applications.{make.__name__}`."""
    return make


ResNet50 = _made("resnet50", (3, 4, 6, 3), False)
ResNet101 = _made("resnet101", (3, 4, 23, 3), False)
ResNet152 = _made("resnet152", (3, 8, 36, 3), False)
ResNet50V2 = _made("resnet50v2", (3, 4, 6, 3), True)
ResNet101V2 = _made("resnet101v2", (3, 4, 23, 3), True)
ResNet152V2 = _made("resnet152v2", (3, 8, 36, 3), True)
