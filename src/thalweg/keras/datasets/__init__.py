"""Well-known data sets: each has `load_data()`. They are found on this machine or fetched once, see `keras.utils.get_file`."""

from thalweg.keras.datasets import (
    boston_housing,
    california_housing,
    cifar10,
    cifar100,
    fashion_mnist,
    imdb,
    mnist,
    reuters,
)

__all__ = [
    "boston_housing", "california_housing", "cifar10", "cifar100", "fashion_mnist", "imdb", "mnist", "reuters",
]  # fmt: skip
