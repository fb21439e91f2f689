"""Partitioners of variables. They are accepted: a variable is kept whole here, on one device, under its own name.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/fixed_size_partitioner
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

Partitioner = Callable[..., list[int]]


def fixed_size_partitioner(num_shards: int, axis: int = 0) -> Partitioner:
    """A fixed number of parts along an axis, fewer where there are fewer rows."""

    def partitioner(shape: Any, **_: Any) -> list[int]:
        parts = [1] * len(shape)
        parts[axis] = min(num_shards, int(shape[axis]))
        return parts

    return partitioner


def variable_axis_size_partitioner(
    max_shard_bytes: int, axis: int = 0, bytes_per_string_element: int = 16, max_shards: int | None = None
) -> Partitioner:
    """Parts of at most `max_shard_bytes` along an axis. Raises ValueError for a limit that is not positive."""
    if max_shard_bytes < 1:
        raise ValueError(f"Argument `max_shard_bytes` must be positive. Received: {max_shard_bytes}")
    if max_shards and max_shards < 1:
        raise ValueError(f"Argument `max_shards` must be positive. Received: {max_shards}")

    def partitioner(shape: Any, dtype: Any, **_: Any) -> list[int]:
        sizes = [int(n) for n in shape]
        each = bytes_per_string_element if dtype.name == "string" else dtype.size
        row = math.prod(sizes) // max(sizes[axis], 1) * each
        parts = [1] * len(sizes)
        count = math.ceil(sizes[axis] / max(1, max_shard_bytes // max(row, 1)))
        parts[axis] = max(1, min(count, sizes[axis], max_shards or count))
        return parts

    return partitioner


def min_max_variable_partitioner(
    max_partitions: int = 1, axis: int = 0, min_slice_size: int = 256 << 10, bytes_per_string_element: int = 16
) -> Partitioner:
    """Parts of at least `min_slice_size` bytes, at most `max_partitions`. Raises ValueError for no partition."""
    if max_partitions < 1:
        raise ValueError(f"Argument `max_partitions` must be positive. Received: {max_partitions}")

    def partitioner(shape: Any, dtype: Any, **_: Any) -> list[int]:
        sizes = [int(n) for n in shape]
        each = bytes_per_string_element if dtype.name == "string" else dtype.size
        parts = [1] * len(sizes)
        parts[axis] = max(1, min(sizes[axis], max_partitions, math.prod(sizes) * each // min_slice_size))
        return parts

    return partitioner
