"""`tf.estimator.inputs`: input functions over arrays and tables.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/estimator/inputs
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from thalweg.compat import v1 as tf


def _function(features: dict[str, np.ndarray], targets: Any, single: bool, batch_size: int, num_epochs: int | None, shuffle: bool,
              queue_capacity: int) -> Callable[[], Any]:  # fmt: skip
    """An input function over columns of equal length."""
    counts = {k: len(v) for k, v in features.items()}
    if targets is not None:
        counts["y"] = len(next(iter(targets.values())) if isinstance(targets, dict) else targets)
    if len(set(counts.values())) > 1:
        raise ValueError(f"Length of tensors in x and y is mismatched. All elements in x and y must have the same length: {counts}")

    def input_fn() -> Any:
        whole = (features,) if targets is None else (features, targets)
        data = tf.data.Dataset.from_tensor_slices(whole)
        if shuffle:
            data = data.shuffle(max(queue_capacity, 1), seed=None)
        data = data.repeat(num_epochs).batch(batch_size)
        element = tf.data.make_one_shot_iterator(data).get_next()
        x = element[0]["__only__"] if single else element[0]
        return x if targets is None else (x, element[1])

    return input_fn


def numpy_input_fn(
    x: Any, y: Any = None, batch_size: int = 128, num_epochs: int | None = 1, shuffle: bool | None = None,
    queue_capacity: int = 1000,
    num_threads: int = 1,
) -> Callable[[], Any]:  # fmt: skip
    """Batches of the arrays `x` (one, or a dict) and `y`, `num_epochs` times (None: for ever).

    Raises ValueError where lengths differ, and where `shuffle` is not given.
    """
    if not isinstance(shuffle, bool):
        raise ValueError("shuffle must be provided and explicitly set as boolean (it is recommended to be True for training); "
                         f"got {shuffle}")  # fmt: skip
    single = not isinstance(x, dict)
    if not single and not x:
        raise ValueError("x cannot be an empty dict")
    if isinstance(y, dict) and not y:
        raise ValueError("y cannot be empty dict, use None instead.")
    columns = {"__only__": np.asarray(x)} if single else {k: np.asarray(v) for k, v in x.items()}
    targets = {k: np.asarray(v) for k, v in y.items()} if isinstance(y, dict) else None if y is None else np.asarray(y)
    return _function(columns, targets, single, batch_size, num_epochs, shuffle, queue_capacity)


def pandas_input_fn(
    x: Any, y: Any = None, batch_size: int = 128, num_epochs: int | None = 1, shuffle: bool | None = None,
    queue_capacity: int = 1000,
    num_threads: int = 1, target_column: str = "target",
) -> Callable[[], Any]:  # fmt: skip
    """Batches of a DataFrame's columns and of a Series (or DataFrame) `y`. Raises ValueError where indices differ."""
    if not isinstance(shuffle, bool):
        raise ValueError("shuffle must be provided and explicitly set as boolean (it is recommended to be True for training); "
                         f"got {shuffle}")  # fmt: skip
    columns = {str(name): _column(x[name]) for name in x.columns}
    targets: Any = None
    if y is not None:
        if not np.array_equal(x.index, y.index):
            raise ValueError("Index for x and y are mismatched.")
        targets = {str(name): _column(y[name]) for name in y.columns} if hasattr(y, "columns") else _column(y)
    return _function(columns, targets, False, batch_size, num_epochs, shuffle, queue_capacity)


def _column(series: Any) -> np.ndarray:
    values = series.to_numpy()
    return values.astype(str).astype(object) if values.dtype == object else values
