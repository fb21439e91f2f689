"""A LeNet-like network on pictures of 28 by 28, and its data: the same pictures and first weights for every peer."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

BATCH, STEPS, LEARNING_RATE, EPSILON = 32, 32, 1e-3, 1e-7
SHAPES = ((5, 5, 1, 32), (5, 5, 32, 64), (7 * 7 * 64, 512), (512, 10))  # two filters, two matrices


def pictures() -> tuple[np.ndarray, np.ndarray]:
    """x: float32 `[1024, 28, 28, 1]`: a blurred blot a class, with noise. y: int32 `[1024]`."""
    rng = np.random.default_rng(7)
    blots = rng.standard_normal((10, 28, 28, 1))
    y = rng.integers(0, 10, BATCH * STEPS).astype(np.int32)
    return (blots[y] + 2 * rng.standard_normal((len(y), 28, 28, 1))).astype(np.float32), y


def first_weights() -> list[np.ndarray]:
    """Filter or matrix and bias of each layer in turn: Glorot uniform, and zeros."""
    rng = np.random.default_rng(8)
    weights = []
    for shape in SHAPES:
        window = int(np.prod(shape[:-2]))
        limit = (6 / (window * (shape[-2] + shape[-1]))) ** 0.5
        weights += [rng.uniform(-limit, limit, shape).astype(np.float32), np.zeros(shape[-1], np.float32)]
    return weights


def keras_model(peer: str) -> Any:
    """The compiled model in Thalweg's Keras or in Keras 3 on TensorFlow."""
    keras = import_module("thalweg.keras" if peer == "thalweg" else "keras")
    layers = keras.layers
    model = keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(512, activation="relu"),
        layers.Dense(10),
    ])
    model.compile(
        keras.optimizers.Adam(LEARNING_RATE, epsilon=EPSILON), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    model.set_weights(first_weights())
    return model


def torch_model() -> Any:
    import torch
    from torch import nn

    class HeightWidthChannels(nn.Module):
        """Flattens in Keras' order, so that the first matrix is the same one."""

        def forward(self, x: Any) -> Any:
            return x.permute(0, 2, 3, 1).flatten(1)

    model = nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        HeightWidthChannels(), nn.Linear(7 * 7 * 64, 512), nn.ReLU(), nn.Linear(512, 10),
    )  # fmt: skip
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), first_weights()):
            turned = value.transpose(3, 2, 0, 1) if value.ndim == 4 else value.T
            parameter.copy_(torch.from_numpy(np.ascontiguousarray(turned)))
    return model


def jax_forward(weights: Any, x: Any) -> Any:
    from jax import lax, nn

    f1, c1, f2, c2, w3, b3, w4, b4 = weights
    for w, b in ((f1, c1), (f2, c2)):
        x = nn.relu(lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")) + b)
        x = lax.reduce_window(x, -np.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    x = nn.relu(x.reshape(x.shape[0], -1) @ w3 + b3)
    return x @ w4 + b4
