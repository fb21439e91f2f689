"""California housing: 20,640 districts of the census of 1990 with 8 columns."""

from __future__ import annotations

from typing import Any

from thalweg.keras.datasets import stored


def load_data(
    version: str = "large", path: Any = "california_housing.npz", test_split: float = 0.2, seed: int = 113
) -> Any:
    """`(x_train, y_train), (x_test, y_test)`: columns `[n, 8]` and median prices in dollars `[n]`.

    version: 'large' for all districts, 'small' for the first 600, around one place; ValueError for anything else.
    Source: `tf.keras.datasets.california_housing.load_data`.
    """
    if version not in ("large", "small"):
        raise ValueError(f"Argument `version` must be one of 'small', 'large'. Received: version={version}")
    arrays = stored.load_npz(stored.fetch(path, "california_housing.npz"))
    count = 600 if version == "small" else None
    x, y = stored.shuffled(seed, arrays["x"][:count], arrays["y"][:count])
    return stored.split(x, y, test_split)
