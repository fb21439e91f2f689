"""The network that is trained, 9-64-64-5, and its data: the same rows and first weights for every peer.

The rows look like the housing table's: 13,209 of them with nine standardised numbers, and one of five classes that a
small random network gives, with some noise.
"""

from __future__ import annotations

from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np

ROWS, BATCH, SIZES = 13_209, 32, (9, 64, 64, 5)
LEARNING_RATE, BETAS, EPSILON = 1e-3, (0.9, 0.999), 1e-7


def table() -> tuple[np.ndarray, np.ndarray]:
    """x: float32 `[13209, 9]`, y: int32 `[13209]`."""
    rng = np.random.default_rng(42)
    x = rng.standard_normal((ROWS, SIZES[0])).astype(np.float32)
    scores = np.tanh(x @ rng.standard_normal((9, 16)) / 2) @ rng.standard_normal((16, 5))
    return x, (scores + 0.5 * rng.standard_normal(scores.shape)).argmax(1).astype(np.int32)


def first_weights() -> list[np.ndarray]:
    """Kernel and bias of each layer in turn: Glorot uniform, and zeros."""
    rng = np.random.default_rng(43)
    weights = []
    for n, m in pairwise(SIZES):
        limit = (6 / (n + m)) ** 0.5
        weights += [rng.uniform(-limit, limit, (n, m)).astype(np.float32), np.zeros(m, np.float32)]
    return weights


def keras_model(peer: str) -> Any:
    """The compiled model in Thalweg's Keras or in Keras 3 on TensorFlow."""
    keras = import_module("thalweg.keras" if peer == "thalweg" else "keras")
    keras.utils.set_random_seed(0)
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((SIZES[0],)),
        layers.Dense(SIZES[1], activation="relu"),
        layers.Dense(SIZES[2], activation="relu"),
        layers.Dense(SIZES[3]),
    ])
    model.compile(
        optimizer=keras.optimizers.Adam(LEARNING_RATE, *BETAS, EPSILON),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.set_weights(first_weights())
    return model


def torch_model() -> Any:
    import torch

    # At this size PyTorch is fastest on one thread: an epoch takes 170 ms, on two 184 ms, and seconds while anything else
    # runs on the machine, since its threads wait for each other actively.
    torch.set_num_threads(1)
    torch.manual_seed(0)
    linear = [torch.nn.Linear(n, m) for n, m in pairwise(SIZES)]
    with torch.no_grad():
        for layer, kernel, bias in zip(linear, first_weights()[::2], first_weights()[1::2]):
            layer.weight.copy_(torch.from_numpy(kernel.T))
            layer.bias.copy_(torch.from_numpy(bias))
    return torch.nn.Sequential(linear[0], torch.nn.ReLU(), linear[1], torch.nn.ReLU(), linear[2])


def jax_forward(weights: Any, x: Any) -> Any:
    import jax

    w1, b1, w2, b2, w3, b3 = weights
    return jax.nn.relu(jax.nn.relu(x @ w1 + b1) @ w2 + b2) @ w3 + b3
