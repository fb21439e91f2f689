"""One call from a table to a fitted model: what `thalweg fit` and `thalweg.tabular.fit` do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .preparing import prepare
from .result import Fitted
from .running import Epoch
from .training import train


def fit(frame: Any, target: str, *, on_epoch: Callable[[Epoch], None] | None = None, seeds: int = 1, **options: Any) -> Fitted:
    """Train a neural network to predict one column of a table from the others.

    frame: a pandas or polars frame, or what one can be made of; target: the column's name; task: "classification" or
    "regression", where the target does not say; on_epoch: called after each epoch; options: those of `prepare`, and
    `hidden`, `activation`, `optimizer`, `learning_rate`, `epochs`, `batch_size`, `dropout`, `seed` and the other fields of
    `Settings`. Raises TableError where the table cannot be learned from.

    >>> table = tf.tabular.simulated_california().head(2000)
    >>> fitted = tf.tabular.fit(table, "ocean_proximity", hidden=[32], epochs=20)
    >>> fitted.metrics["test"]["accuracy"] > 0.7
    True
    """
    return train(prepare(frame, target, **options), on_epoch, seeds=seeds)
