"""ConvNeXt (Liu et al. 2022, https://arxiv.org/abs/2201.03545)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import thalweg as tf
from thalweg.keras import initializers, layers
from thalweg.keras.applications.common import Files, application
from thalweg.keras.models import Sequential
from thalweg.keras.saving.registration import Catalogue

_ORIGIN = "https://storage.googleapis.com/tensorflow/keras-applications/convnext/"
_HASHES = {
    "tiny": (
        "8ae6e78ce2933352b1ef4008e6dd2f17bc40771563877d156bc6426c7cf503ff",
        "d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
    ),
    "small": (
        "ce1277d8f1ee5a0ef0e171469089c18f5233860ceaf9b168049cb9263fd7483c",
        "6fc8009faa2f00c1c1dfce59feea9b0745eb260a7dd11bee65c8e20843da6eab",
    ),
    "base": (
        "52cbb006d3dadd03f6e095a8ca1aca47aecdd75acb4bc74bce1f5c695d0086e6",
        "40a20c5548a5e9202f69735ecc06c990e6b7c9d2de39f0361e27baeb24cb7c45",
    ),
}
_DEPTHS = {"tiny": (3, 3, 9, 3), "small": (3, 3, 27, 3), "base": (3, 3, 27, 3)}
_WIDTHS = {"tiny": (96, 192, 384, 768), "small": (96, 192, 384, 768), "base": (128, 256, 512, 1024)}


class LayerScale(layers.Layer):
    """Each channel times a weight that begins small (Touvron et al. 2021)."""

    _config_names = ("init_values", "projection_dim")

    def __init__(self, init_values: float, projection_dim: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.init_values, self.projection_dim = init_values, projection_dim

    def build(self, input_shape: Any) -> None:
        self.gamma = self.add_weight(
            name="gamma", shape=(self.projection_dim,), initializer=initializers.Constant(self.init_values)
        )
        self.built = True

    def call(self, inputs: Any) -> Any:
        return inputs * self.gamma


_catalogue = Catalogue("keras.src.applications.convnext", "layer", [LayerScale])


def _convnext(kind: str, **options: Any) -> Any:
    depths, widths, name = _DEPTHS[kind], _WIDTHS[kind], options["name"]
    preprocess = options.pop("include_preprocessing")

    def normalized(part: str) -> Any:
        return layers.LayerNormalization(epsilon=1e-6, name=f"{name}_{part}")

    def build(x: Any) -> Any:
        if preprocess and x.shape[-1] == 3:
            mean, variance = [0.485 * 255, 0.456 * 255, 0.406 * 255], [(s * 255) ** 2 for s in (0.229, 0.224, 0.225)]
            x = layers.Normalization(mean=mean, variance=variance, name=f"{name}_prestem_normalization")(x)
        first = layers.Conv2D(widths[0], 4, strides=4, name=f"{name}_stem_conv")
        smaller = [Sequential([first, normalized("stem_layernorm")], name=f"{name}_stem")]
        for i in range(3):
            halved = layers.Conv2D(widths[i + 1], 2, strides=2, name=f"{name}_downsampling_conv_{i}")
            smaller.append(
                Sequential([normalized(f"downsampling_layernorm_{i}"), halved], name=f"{name}_downsampling_block_{i}")
            )
        for stage, (depth, width) in enumerate(zip(depths, widths)):
            x = smaller[stage](x)
            for i in range(depth):
                x = _block(x, width, f"{name}_stage_{stage}_block_{i}")
        return x

    def head(x: Any) -> Any:
        x = normalized("head_layernorm")(layers.GlobalAveragePooling2D(name=f"{name}_head_gap")(x))
        return layers.Dense(options["classes"], activation=options["classifier_activation"], name=f"{name}_head_dense")(x)

    hashes, stem = _HASHES[kind], f"convnext_{kind}"
    files: Files = (_ORIGIN, (f"{stem}.h5", hashes[0]), (f"{stem}_notop.h5", hashes[1]))
    return application(
        build, head, files, default_size=224, after_pooling=lambda x: layers.LayerNormalization(epsilon=1e-6)(x), **options
    )


def _block(inputs: Any, width: int, name: str) -> Any:
    x = layers.Conv2D(width, 7, padding="same", groups=width, name=f"{name}_depthwise_conv")(inputs)
    x = layers.LayerNormalization(epsilon=1e-6, name=f"{name}_layernorm")(x)
    x = layers.Activation("gelu", name=f"{name}_gelu")(layers.Dense(4 * width, name=f"{name}_pointwise_conv_1")(x))
    x = layers.Dense(width, name=f"{name}_pointwise_conv_2")(x)
    x = LayerScale(1e-6, width, name=f"{name}_layer_scale")(x)
    x = layers.Activation("linear", name=f"{name}_identity")(x)
    return tf.add(inputs, x)


def _made(kind: str) -> Callable[..., Any]:
    def make(
        include_top: bool = True, include_preprocessing: bool = True, weights: Any = "imagenet", input_tensor: Any = None,
        input_shape: Any = None, pooling: str | None = None, classes: int = 1000, classifier_activation: Any = "softmax",
        name: str = f"convnext_{kind}",
    ) -> Any:  # fmt: skip
        return _convnext(
            kind, include_top=include_top, include_preprocessing=include_preprocessing, weights=weights,
            input_tensor=input_tensor, input_shape=input_shape, pooling=pooling, classes=classes,
            classifier_activation=classifier_activation, name=name,
        )  # fmt: skip

    make.__name__ = make.__qualname__ = f"ConvNeXt{kind.capitalize()}"
    make.__doc__ = f"""{make.__name__}, for pictures of 0 to 255. Source: `tf.keras.applications.{make.__name__}`."""
    return make


ConvNeXtTiny = _made("tiny")
ConvNeXtSmall = _made("small")
ConvNeXtBase = _made("base")
