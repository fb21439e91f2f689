"""The network: a multilayer perceptron, over periodic embeddings of the numbers in the strong recipe."""

from __future__ import annotations

import math
from typing import Any

import thalweg as tf

from .settings import OPTIMIZERS, Settings


@tf.keras.utils.register_keras_serializable(package="thalweg")
class PeriodicEmbedding(tf.keras.layers.Layer):
    """Turn each number into a small vector of learned waves; pass the columns after the numbers through.

    Input `[rows, numbers + others]`, output `[rows, numbers * width + others]`. Number `x` of column `j` becomes
    `relu([sin(2 pi c_j x), cos(2 pi c_j x)] @ W_j + b_j)`, with the frequencies `c_j` drawn from normal distributions whose
    deviations run from `scales[0]` to `scales[1]`, and learned. So a network can tell near from nearer at once, where
    one of straight lines would have to grow a bend for each. The "PLR" of Gorishniy, Rubachev and Babenko, "On Embeddings
    for Numerical Features in Tabular Deep Learning", 2022.
    """

    def __init__(self, numbers: int, scales: tuple[float, float] = (0.3, 0.3), frequencies: int = 16, width: int = 8,
                 **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.numbers, self.scales, self.waves, self.width = numbers, tuple(scales), frequencies, width

    def build(self, input_shape: Any = None) -> None:
        low, high = self.scales
        steps = [i / max(self.waves - 1, 1) for i in range(self.waves)]
        deviations = tf.constant([low * (high / low) ** step for step in steps])

        def draw(shape: Any, dtype: Any = None, **_: Any) -> Any:
            return tf.random.normal(shape, dtype=tf.float32) * deviations

        bound = 1 / math.sqrt(2 * self.waves)
        uniform = tf.keras.initializers.RandomUniform(-bound, bound)
        self.frequencies = self.add_weight(name="frequencies", shape=(self.numbers, self.waves), initializer=draw)
        self.kernel = self.add_weight(name="kernel", shape=(self.numbers, 2 * self.waves, self.width), initializer=uniform)
        self.bias = self.add_weight(name="bias", shape=(self.numbers, self.width), initializer="zeros")
        super().build(input_shape)

    def call(self, inputs: Any) -> Any:
        angles = 2 * math.pi * inputs[:, :self.numbers, None] * self.frequencies
        waves = tf.concat([tf.sin(angles), tf.cos(angles)], axis=-1)
        vectors = tf.nn.relu(tf.einsum("nfk,fkd->nfd", waves, self.kernel) + self.bias)
        return tf.concat([tf.reshape(vectors, [-1, self.numbers * self.width]), inputs[:, self.numbers:]], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        others = input_shape[-1] - self.numbers
        return (input_shape[0], self.numbers * self.width + others)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "numbers": self.numbers, "scales": list(self.scales), "frequencies": self.waves,
                "width": self.width}


def build_model(settings: Settings, width: int, numbers: int, outputs: int) -> tf.keras.Model:
    """The network for a matrix of `width` columns, the first `numbers` of them scaled numbers.

    It ends in `outputs` plain numbers: logits of the classes, or the standardised target.
    """
    layers: list[Any] = [tf.keras.Input(shape=(width,), name="columns")]
    if settings.embedding and numbers:
        layers.append(PeriodicEmbedding(numbers, settings.embedding, name="periodic"))
    # Variance is kept from layer to layer by He's initialisation under relu, by Glorot's elsewhere.
    initializer = "he_normal" if settings.activation in ("relu", "leaky_relu", "gelu", "silu", "swish", "elu") else "glorot_uniform"
    for place, units in enumerate(settings.hidden, start=1):
        layers.append(tf.keras.layers.Dense(units, activation=settings.activation, kernel_initializer=initializer,
                                            name=f"hidden_{place}"))
        if settings.dropout:
            layers.append(tf.keras.layers.Dropout(settings.dropout, name=f"dropout_{place}"))
    layers.append(tf.keras.layers.Dense(outputs, name="output"))
    return tf.keras.Sequential(layers, name="table_network")


def make_optimizer(settings: Settings, steps: int) -> tf.keras.optimizers.Optimizer:
    """The optimizer, its rate falling along half a cosine to zero over `steps` steps."""
    rate = tf.keras.optimizers.schedules.CosineDecay(settings.learning_rate, decay_steps=steps)
    options = {"weight_decay": settings.weight_decay} if settings.weight_decay else {}
    if settings.optimizer == "sgd":
        options["momentum"] = 0.9
    optimizer = getattr(tf.keras.optimizers, OPTIMIZERS[settings.optimizer])(learning_rate=rate, **options)
    if settings.weight_decay:
        # Decay is for what multiplies; an offset or a frequency that shrinks says something else.
        optimizer.exclude_from_weight_decay(var_names=["bias", "frequencies"])
    return optimizer
