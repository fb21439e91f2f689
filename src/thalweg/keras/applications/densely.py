"""DenseNet (Huang et al. 2017, https://arxiv.org/abs/1608.06993)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from thalweg.keras import layers
from thalweg.keras.applications.common import Files, application, channel_axis, dense_head

_ORIGIN = "https://storage.googleapis.com/tensorflow/keras-applications/densenet/"
_HASHES = {
    "densenet121": ("9d60b8095a5708f2dcce2bca79d332c7", "30ee3e1110167f948a6b9946edeeb738"),
    "densenet169": ("d699b8f76981ab1b30698df4c175e90b", "b8c4d4c20dd625c148057b9ff1c1176b"),
    "densenet201": ("1ceb130c1ea1b78c3bf6114dbdfd8807", "c13680b51ded0fb44dff2d8f86ac8bb1"),
}


def _active(x: Any, norm: str, relu: str) -> Any:
    x = layers.BatchNormalization(axis=channel_axis(), epsilon=1.001e-5, name=norm)(x)
    return layers.Activation("relu", name=relu)(x)


def _densenet(kind: str, depths: tuple[int, ...], **options: Any) -> Any:
    def build(x: Any) -> Any:
        x = layers.Conv2D(64, 7, strides=2, use_bias=False, name="conv1_conv")(layers.ZeroPadding2D(3)(x))
        x = _active(x, "conv1_bn", "conv1_relu")
        x = layers.MaxPooling2D(3, strides=2, name="pool1")(layers.ZeroPadding2D(1)(x))
        for stage, depth in enumerate(depths, 2):
            for i in range(1, depth + 1):
                name = f"conv{stage}_block{i}"
                y = _active(x, f"{name}_0_bn", f"{name}_0_relu")
                y = layers.Conv2D(128, 1, use_bias=False, name=f"{name}_1_conv")(y)
                y = _active(y, f"{name}_1_bn", f"{name}_1_relu")
                y = layers.Conv2D(32, 3, padding="same", use_bias=False, name=f"{name}_2_conv")(y)
                x = layers.Concatenate(axis=channel_axis(), name=f"{name}_concat")([x, y])
            if stage < 5:
                name = f"pool{stage}"
                x = _active(x, f"{name}_bn", f"{name}_relu")
                x = layers.Conv2D(x.shape[channel_axis()] // 2, 1, use_bias=False, name=f"{name}_conv")(x)
                x = layers.AveragePooling2D(2, strides=2, name=f"{name}_pool")(x)
        return _active(x, "bn", "relu")

    stem, hashes = f"{kind}_weights_tf_dim_ordering_tf_kernels", _HASHES[kind]
    files: Files = (_ORIGIN, (f"{stem}.h5", hashes[0]), (f"{stem}_notop.h5", hashes[1]))
    head = dense_head(options["classes"], options["classifier_activation"])
    return application(build, head, files, default_size=224, pool_names=("avg_pool", "max_pool"), **options)


def _made(kind: str, depths: tuple[int, ...]) -> Callable[..., Any]:
    def make(
        include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
        pooling: str | None = None, classes: int = 1000, classifier_activation: Any = "softmax", name: str = kind,
    ) -> Any:  # fmt: skip
        return _densenet(
            kind, depths, include_top=include_top, weights=weights, input_tensor=input_tensor, input_shape=input_shape,
            pooling=pooling, classes=classes, classifier_activation=classifier_activation, name=name,
        )  # fmt: skip

    make.__name__ = make.__qualname__ = kind.replace("densenet", "DenseNet")
    make.__doc__ = f"""{make.__name__}, for pictures of 224 x 224. Source: `tf.keras.applications.{make.__name__}`."""
    return make


DenseNet121 = _made("densenet121", (6, 12, 24, 16))
DenseNet169 = _made("densenet169", (6, 12, 32, 32))
DenseNet201 = _made("densenet201", (6, 12, 48, 32))
