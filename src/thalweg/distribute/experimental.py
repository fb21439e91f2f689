"""`tf.distribute.experimental`: earlier names of strategies, and their settings."""

from __future__ import annotations

import enum
from types import SimpleNamespace
from typing import Any

from thalweg.distribute import coordinator as coordinator
from thalweg.distribute.strategies import (
    CentralStorageStrategy as CentralStorageStrategy,
    MultiWorkerMirroredStrategy as MultiWorkerMirroredStrategy,
    ParameterServerStrategy as ParameterServerStrategy,
    TPUStrategy as TPUStrategy,
)


class CommunicationImplementation(enum.Enum):
    """How machines exchange values."""

    AUTO, RING, NCCL = "AUTO", "RING", "NCCL"


CollectiveCommunication = CommunicationImplementation


class CommunicationOptions:
    """Settings of exchanges; there are none with one replica."""

    def __init__(self, bytes_per_pack: int = 0, timeout_seconds: float | None = None,
                 implementation: Any = CommunicationImplementation.AUTO):  # fmt: skip
        self.bytes_per_pack, self.timeout_seconds, self.implementation = bytes_per_pack, timeout_seconds, implementation


CollectiveHints = CommunicationOptions


class _Partitioner:
    """Says in how many parts a variable would be kept: one, here."""

    def __init__(self, *args: Any, **kwargs: Any):
        self._arguments = args, kwargs

    def __call__(self, shape: Any, dtype: Any, axis: int = 0) -> list[int]:
        return [1] * len(shape)


class MinSizePartitioner(_Partitioner):
    """Parts of at least a size."""


class MaxSizePartitioner(_Partitioner):
    """Parts of at most a size."""


class FixedShardsPartitioner(_Partitioner):
    """A fixed number of parts."""


partitioners = SimpleNamespace(
    Partitioner=_Partitioner, MinSizePartitioner=MinSizePartitioner, MaxSizePartitioner=MaxSizePartitioner,
    FixedShardsPartitioner=FixedShardsPartitioner,
)  # fmt: skip
