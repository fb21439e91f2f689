"""`tf.distribute`: strategies, with one replica. A program written for several devices runs on one, with the same results.

What would need several machines raises NotImplementedError and says what to use instead.
Source: https://www.tensorflow.org/api_docs/python/tf/distribute
"""

from __future__ import annotations

from thalweg.distribute import cluster_resolver as cluster_resolver, coordinator as coordinator, experimental as experimental
from thalweg.distribute.strategies import (
    CrossDeviceOps as CrossDeviceOps,
    DistributedValues as DistributedValues,
    HierarchicalCopyAllReduce as HierarchicalCopyAllReduce,
    InputContext as InputContext,
    InputOptions as InputOptions,
    InputReplicationMode as InputReplicationMode,
    MirroredStrategy as MirroredStrategy,
    MultiWorkerMirroredStrategy as MultiWorkerMirroredStrategy,
    NcclAllReduce as NcclAllReduce,
    OneDeviceStrategy as OneDeviceStrategy,
    ParameterServerStrategy as ParameterServerStrategy,
    ReduceOp as ReduceOp,
    ReductionToOneDevice as ReductionToOneDevice,
    ReplicaContext as ReplicaContext,
    RunOptions as RunOptions,
    Strategy as Strategy,
    StrategyExtended as StrategyExtended,
    TPUStrategy as TPUStrategy,
    experimental_set_strategy as experimental_set_strategy,
    get_loss_reduction as get_loss_reduction,
    get_replica_context as get_replica_context,
    get_strategy as get_strategy,
    has_strategy as has_strategy,
    in_cross_replica_context as in_cross_replica_context,
)
from thalweg.train.clusters import Server as Server
