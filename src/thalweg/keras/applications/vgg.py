"""VGG with 16 and 19 layers (Simonyan, Zisserman 2015, https://arxiv.org/abs/1409.1556)."""

from __future__ import annotations

from typing import Any

from thalweg.keras import layers
from thalweg.keras.applications.common import Files, application

_ORIGIN = "https://storage.googleapis.com/tensorflow/keras-applications/"


def VGG16(
    include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
    pooling: str | None = None, classes: int = 1000, classifier_activation: Any = "softmax", name: str = "vgg16",
) -> Any:  # fmt: skip
    """VGG16, for pictures of 224 x 224. Source: `tf.keras.applications.VGG16`."""
    hashes = "64373286793e3c8b2b4e3219cbf3544b", "6d6bbae143d832006294945121d1f1fc"
    return _vgg(
        (2, 2, 3, 3, 3), hashes, "vgg16", include_top=include_top, weights=weights, input_tensor=input_tensor,
        input_shape=input_shape, pooling=pooling, classes=classes, classifier_activation=classifier_activation, name=name,
    )  # fmt: skip


def VGG19(
    include_top: bool = True, weights: Any = "imagenet", input_tensor: Any = None, input_shape: Any = None,
    pooling: str | None = None, classes: int = 1000, classifier_activation: Any = "softmax", name: str = "vgg19",
) -> Any:  # fmt: skip
    """VGG19, for pictures of 224 x 224. Source: `tf.keras.applications.VGG19`."""
    hashes = "cbe5617147190e668d6c5d5026f83318", "253f8cb515780f3b799900260a226db6"
    return _vgg(
        (2, 2, 4, 4, 4), hashes, "vgg19", include_top=include_top, weights=weights, input_tensor=input_tensor,
        input_shape=input_shape, pooling=pooling, classes=classes, classifier_activation=classifier_activation, name=name,
    )  # fmt: skip


def _vgg(depths: tuple[int, ...], hashes: tuple[str, str], kind: str, **options: Any) -> Any:
    def build(x: Any) -> Any:
        for block, (depth, filters) in enumerate(zip(depths, (64, 128, 256, 512, 512)), 1):
            for i in range(1, depth + 1):
                x = layers.Conv2D(filters, 3, activation="relu", padding="same", name=f"block{block}_conv{i}")(x)
            x = layers.MaxPooling2D(2, strides=2, name=f"block{block}_pool")(x)
        return x

    def head(x: Any) -> Any:
        x = layers.Flatten(name="flatten")(x)
        x = layers.Dense(4096, activation="relu", name="fc1")(x)
        x = layers.Dense(4096, activation="relu", name="fc2")(x)
        return layers.Dense(options["classes"], activation=options["classifier_activation"], name="predictions")(x)

    stem = f"{kind}_weights_tf_dim_ordering_tf_kernels"
    files: Files = (f"{_ORIGIN}{kind}/", (f"{stem}.h5", hashes[0]), (f"{stem}_notop.h5", hashes[1]))
    return application(build, head, files, default_size=224, **options)
