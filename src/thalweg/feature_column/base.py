"""What feature columns are: dense ones give numbers `[batch, n]`, categorical ones ids `[batch, k]`."""

from __future__ import annotations

from typing import Any

from thalweg.compat import v1 as tf


class FeatureColumn:
    """A column, known by its name; what it computes from a batch of features is kept in `cache`."""

    name: str

    def example_features(self) -> dict[str, Any]:
        """What `tf.io.parse_example` must parse for it."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"


class DenseColumn(FeatureColumn):
    """A column of numbers: `dense` gives `[batch, size]`."""

    size: int

    def dense(self, features: dict[str, Any], weights: Any = None) -> Any:
        """The numbers. `weights(name, shape, initializer, trainable)` gives a variable of the column's own."""
        raise NotImplementedError


class CategoricalColumn(FeatureColumn):
    """A column of categories: `ids` gives int64 `[batch, k]`, -1 where there is none."""

    num_buckets: int

    def ids(self, features: dict[str, Any]) -> Any:
        raise NotImplementedError

    def weights(self, features: dict[str, Any]) -> Any:
        """The weight of each id, or None."""
        return None


def feature(features: dict[str, Any], key: str) -> Any:
    """A raw feature. Raises ValueError for one that is not there."""
    if key not in features:
        raise ValueError(f"Feature {key} is not in features dictionary.")
    value = features[key]
    return value if isinstance(value, tf.SparseTensor) else tf.convert_to_tensor(value)


def rows(x: Any, missing: Any) -> Any:
    """A feature as `[batch, k]`: a vector as one column, a sparse tensor filled up."""
    if isinstance(x, tf.SparseTensor):
        x = tf.sparse.to_dense(x, default_value=missing)
    if x.shape.ndims is None:
        raise ValueError("A feature must have a known rank: give the tensor a shape.")
    return tf.expand_dims(x, -1) if x.shape.ndims == 1 else x


def require_categorical(column: Any, what: str) -> None:
    if not isinstance(column, CategoricalColumn):
        raise ValueError(f"{what} needs a categorical column, such as categorical_column_with_*. Given: {column}")
