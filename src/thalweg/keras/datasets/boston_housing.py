"""Boston housing: 506 districts of 1978 with 13 columns, one of them (B) made from the share of Black residents."""

from __future__ import annotations

from typing import Any

from thalweg.keras.datasets import stored


def load_data(path: Any = "boston_housing.npz", test_split: float = 0.2, seed: int = 113) -> Any:
    """`(x_train, y_train), (x_test, y_test)`: columns `[n, 13]` and median prices in thousands of dollars `[n]`.

    Source: `tf.keras.datasets.boston_housing.load_data`.
    """
    arrays = stored.load_npz(stored.fetch(path, "boston_housing.npz"))
    x, y = stored.shuffled(seed, arrays["x"], arrays["y"])
    return stored.split(x, y, test_split)
