"""The network: a multilayer perceptron, over periodic embeddings of the numbers in the strong recipe."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import thalweg as tf

from .settings import OPTIMIZERS, Settings

# sin(2 pi w) / w for w between -1/4 and 1/4, in powers of w^2: least squares at Chebyshev's points, right to 2e-7.
SINE = (6.283185280261416, -41.34168066806316, 81.60248074286888, -76.58128455945862, 39.760722076784454)


def cosine(turns: Any) -> Any:
    """`cos(2 pi turns)`, right to 2e-7.

    XLA calls a library's cosine for one number after the other on a CPU, which took half of the time of training (9.1 ns each; this
    0.8 ns). In turns the way back into the first period is exact, so a short polynomial does.
    """
    quarter = 0.25 - tf.abs(turns - tf.round(turns))
    square = quarter * quarter
    value = SINE[-1]
    for factor in SINE[-2::-1]:
        value = value * square + factor
    return quarter * value


def sine(turns: Any) -> Any:
    """`sin(2 pi turns)`; see `cosine`."""
    return cosine(turns - 0.25)


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
        turns = inputs[:, :self.numbers, None] * self.frequencies
        waves = tf.concat([sine(turns), cosine(turns)], axis=-1)
        vectors = tf.nn.relu(tf.einsum("nfk,fkd->nfd", waves, self.kernel) + self.bias)
        return tf.concat([tf.reshape(vectors, [-1, self.numbers * self.width]), inputs[:, self.numbers:]], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        others = input_shape[-1] - self.numbers
        return (input_shape[0], self.numbers * self.width + others)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "numbers": self.numbers, "scales": list(self.scales), "frequencies": self.waves,
                "width": self.width}


@tf.keras.utils.register_keras_serializable(package="thalweg")
class PlaceWaves(tf.keras.layers.Layer):
    """Turn each place on a map into learned waves that run across it; pass the columns before the places through.

    Input `[rows, others + 2 * places]`, output `[rows, others + 2 * waves * places]`: a place `p` becomes `sin(2 pi p @ F)` and
    `cos(2 pi p @ F)`, with the frequencies `F`, `[2, waves]`, drawn from a normal distribution and learned. Waves of one column
    at a time make a network find out by itself that a shore runs aslant; these say it at once. Rahimi and Recht, "Random
    Features for Large-Scale Kernel Machines", 2007; Tancik et al., "Fourier Features Let Networks Learn High Frequency Functions
    in Low Dimensional Domains", 2020.
    """

    def __init__(self, places: int, waves: int = 32, scale: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.places, self.waves, self.scale = places, waves, scale

    def build(self, input_shape: Any = None) -> None:
        normal = tf.keras.initializers.RandomNormal(stddev=self.scale)
        self.frequencies = self.add_weight(name="frequencies", shape=(self.places, 2, self.waves), initializer=normal)
        super().build(input_shape)

    def call(self, inputs: Any) -> Any:
        places = tf.reshape(inputs[:, -2 * self.places:], [-1, self.places, 2])
        turns = tf.reshape(tf.einsum("npd,pdw->npw", places, self.frequencies), [-1, self.places * self.waves])
        return tf.concat([inputs[:, :-2 * self.places], sine(turns), cosine(turns)], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], input_shape[-1] + 2 * self.places * (self.waves - 1))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "places": self.places, "waves": self.waves, "scale": self.scale}


@tf.keras.utils.register_keras_serializable(package="thalweg")
class MeanOfNetworks(tf.keras.layers.Layer):
    """The mean of what several networks say: of classes as the logarithm of the mean probability over `temperature`, so that
    softmax gives probabilities; of numbers the plain mean.

    Input: a list of `[rows, outputs]`; output `[rows, outputs]`.
    """

    def __init__(self, probabilities: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.probabilities = probabilities

    def build(self, input_shape: Any = None) -> None:
        self.temperature = self.add_weight(name="temperature", shape=(), initializer="ones", trainable=False)
        super().build(input_shape)

    def call(self, inputs: Any) -> Any:
        stacked = tf.stack(inputs, axis=0)
        if not self.probabilities:
            return tf.reduce_mean(stacked, axis=0)
        mean = tf.reduce_logsumexp(tf.nn.log_softmax(stacked), axis=0) - math.log(len(inputs))
        return mean / self.temperature

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape[0])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "probabilities": self.probabilities}


@dataclass(frozen=True)
class Shape:
    """What a network reads and gives: `width` columns of the matrix, the first `numbers` of them scaled numbers, the last
    `2 * places` places; and `outputs` plain numbers: logits of the classes, or the standardised target."""

    width: int
    numbers: int
    outputs: int
    places: int = 0


def build_network(settings: Settings, shape: Shape, dropout: Callable[..., Any] | None = None) -> tf.keras.Model:
    """One network. dropout: makes the layers that drop out, instead of those that the settings ask for."""
    layers: list[Any] = [tf.keras.Input(shape=(shape.width,), name="columns")]
    if settings.place_waves and shape.places:
        layers.append(PlaceWaves(shape.places, settings.place_waves, settings.place_scale, name="places"))
    if settings.embedding and shape.numbers:
        layers.append(PeriodicEmbedding(shape.numbers, settings.embedding, settings.waves, max(settings.waves // 2, 1),
                                        name="periodic"))
    # Variance is kept from layer to layer by He's initialisation under relu, by Glorot's elsewhere.
    initializer = "he_normal" if settings.activation in ("relu", "leaky_relu", "gelu", "silu", "swish", "elu") else "glorot_uniform"
    for place, units in enumerate(settings.hidden, start=1):
        layers.append(tf.keras.layers.Dense(units, activation=settings.activation, kernel_initializer=initializer,
                                            name=f"hidden_{place}"))
        if dropout is not None:
            layers.append(dropout(name=f"dropout_{place}"))
        elif settings.dropout:
            layers.append(tf.keras.layers.Dropout(settings.dropout, name=f"dropout_{place}"))
    layers.append(tf.keras.layers.Dense(shape.outputs, name="output"))
    return tf.keras.Sequential(layers, name="table_network")


def build_model(settings: Settings, shape: Shape, members: int = 1) -> tf.keras.Model:
    """What a fit keeps: one network, or the mean of several."""
    if members == 1:
        return build_network(settings, shape)
    columns = tf.keras.Input(shape=(shape.width,), name="columns")
    outputs = []
    for place in range(members):
        network = build_network(settings, shape)
        network.name = f"network_{place + 1}"
        outputs.append(network(columns))
    mean = MeanOfNetworks(probabilities=shape.outputs > 1, name="mean")(outputs)
    return tf.keras.Model(columns, mean, name="table_networks")


def make_optimizer(settings: Settings) -> tf.keras.optimizers.Optimizer:
    """The optimizer; its rate is set at each step."""
    options = {"weight_decay": settings.weight_decay} if settings.weight_decay else {}
    if settings.optimizer == "sgd":
        options["momentum"] = 0.9
    optimizer = getattr(tf.keras.optimizers, OPTIMIZERS[settings.optimizer])(learning_rate=settings.learning_rate, **options)
    if settings.weight_decay:
        # Decay is for what multiplies; an offset or a frequency that shrinks says something else.
        optimizer.exclude_from_weight_decay(var_names=["bias", "frequencies"])
    return optimizer
