"""Strategies of one replica."""

from __future__ import annotations

import contextlib
import enum
import threading
from collections.abc import Callable, Iterator
from typing import Any

import thalweg as tf
from thalweg.engine.core import nest


class ReduceOp(enum.Enum):
    """How values of replicas become one."""

    SUM, MEAN = "SUM", "MEAN"

    @staticmethod
    def from_variable_aggregation(aggregation: Any) -> ReduceOp:
        return ReduceOp.MEAN if aggregation is tf.VariableAggregation.MEAN else ReduceOp.SUM


class InputReplicationMode(enum.Enum):
    PER_WORKER, PER_REPLICA = "PER_WORKER", "PER_REPLICA"


class DistributedValues:
    """Values of several replicas. With one replica values are what they are."""


class _Current(threading.local):
    def __init__(self) -> None:
        self.strategies: list[Strategy] = []
        self.in_replica = False


_current = _Current()
_global: list[Any] = []


class InputContext:
    """Which part of the input a pipeline should read: all of it."""

    def __init__(self, num_input_pipelines: int = 1, input_pipeline_id: int = 0, num_replicas_in_sync: int = 1):
        self.num_input_pipelines, self.input_pipeline_id = num_input_pipelines, input_pipeline_id
        self.num_replicas_in_sync = num_replicas_in_sync

    def get_per_replica_batch_size(self, global_batch_size: int) -> int:
        """A replica's part of a batch. Raises ValueError if it does not divide."""
        if global_batch_size % self.num_replicas_in_sync:
            raise ValueError(f"The `global_batch_size` {global_batch_size} is not divisible by `num_replicas_in_sync` "
                             f"{self.num_replicas_in_sync}.")  # fmt: skip
        return global_batch_size // self.num_replicas_in_sync


class InputOptions:
    """How input is distributed; there is nothing to distribute."""

    def __init__(self, experimental_fetch_to_device: Any = None,
        experimental_replication_mode: Any = InputReplicationMode.PER_WORKER,
                 experimental_place_dataset_on_device: bool = False, experimental_per_replica_buffer_size: int = 1):  # fmt: skip
        self.experimental_fetch_to_device, self.experimental_replication_mode = (
            experimental_fetch_to_device,
            experimental_replication_mode,
        )


class RunOptions:
    """Settings of `Strategy.run`."""

    def __init__(self, experimental_enable_dynamic_batch_size: bool = True, experimental_bucketizing_dynamic_shape: bool = False,
                 experimental_xla_options: Any = None):  # fmt: skip
        self.experimental_enable_dynamic_batch_size = experimental_enable_dynamic_batch_size


class CrossDeviceOps:
    """How replicas exchange values; one replica has nobody to exchange with."""

    def __init__(self, *args: Any, **kwargs: Any):
        pass

    def reduce(self, reduce_op: Any, per_replica_value: Any, destinations: Any = None, options: Any = None) -> Any:
        return per_replica_value

    def broadcast(self, tensor: Any, destinations: Any = None) -> Any:
        return tensor


class HierarchicalCopyAllReduce(CrossDeviceOps):
    """Accepted: there is one replica."""


class NcclAllReduce(CrossDeviceOps):
    """Accepted: there is one replica."""


class ReductionToOneDevice(CrossDeviceOps):
    """Accepted: there is one replica."""


class ReplicaContext:
    """What a function in `Strategy.run` may ask."""

    def __init__(self, strategy: Strategy, replica_id_in_sync_group: int = 0):
        self.strategy, self.replica_id_in_sync_group = strategy, replica_id_in_sync_group
        self.num_replicas_in_sync, self.devices = strategy.num_replicas_in_sync, ("",)

    def all_reduce(self, reduce_op: Any, value: Any, options: Any = None) -> Any:
        """The sum or mean over the replicas: the value."""
        ReduceOp(reduce_op.upper() if isinstance(reduce_op, str) else reduce_op)
        return nest.map_structure(tf.convert_to_tensor, value)

    def all_gather(self, value: Any, axis: Any, options: Any = None) -> Any:
        return nest.map_structure(tf.convert_to_tensor, value)

    def merge_call(self, merge_fn: Callable[..., Any], args: Any = (), kwargs: Any = None) -> Any:
        """`merge_fn(strategy, ...)`, outside of the replica."""
        before, _current.in_replica = _current.in_replica, False
        try:
            return merge_fn(self.strategy, *args, **(kwargs or {}))
        finally:
            _current.in_replica = before

    def __enter__(self) -> ReplicaContext:
        self._before, _current.in_replica = _current.in_replica, True
        return self

    def __exit__(self, *exc: Any) -> None:
        _current.in_replica = self._before


class StrategyExtended:
    """Parts of strategies that libraries use."""

    def __init__(self, strategy: Strategy):
        self._strategy = strategy
        self.worker_devices = self.parameter_devices = ("/device:CPU:0",)
        self.experimental_require_static_shapes = False

    @contextlib.contextmanager
    def colocate_vars_with(self, colocate_with_variable: Any) -> Iterator[None]:
        yield

    def update(self, var: Any, fn: Callable[..., Any], args: Any = (), kwargs: Any = None, group: bool = True) -> Any:
        return fn(var, *args, **(kwargs or {}))

    def reduce_to(self, reduce_op: Any, value: Any, destinations: Any = None, options: Any = None) -> Any:
        return value

    def batch_reduce_to(self, reduce_op: Any, value_destination_pairs: Any, options: Any = None) -> list[Any]:
        return [v for v, _ in value_destination_pairs]

    def value_container(self, value: Any) -> Any:
        return value

    def call_for_each_replica(self, fn: Callable[..., Any], args: Any = (), kwargs: Any = None) -> Any:
        return self._strategy.run(fn, args, kwargs)


class Strategy:
    """The default strategy: one replica, here."""

    def __init__(self, extended: Any = None):
        self.extended = StrategyExtended(self)

    num_replicas_in_sync = 1
    cluster_resolver: Any = None

    @contextlib.contextmanager
    def scope(self) -> Iterator[Strategy]:
        """A context in which variables belong to the strategy."""
        _current.strategies.append(self)
        before, _current.in_replica = _current.in_replica, False
        try:
            yield self
        finally:
            _current.in_replica = before
            _current.strategies.remove(self)

    def run(self, fn: Callable[..., Any], args: Any = (), kwargs: Any = None, options: Any = None) -> Any:
        """`fn(*args, **kwargs)`, as the replica."""
        with _in_scope(self), ReplicaContext(self):
            return fn(*args, **(kwargs or {}))

    experimental_run_v2 = run

    def reduce(self, reduce_op: Any, value: Any, axis: Any = None) -> Any:
        """The value of the one replica; with `axis` reduced along it too. Raises ValueError for what is no reduction."""
        kind = ReduceOp(reduce_op.upper()) if isinstance(reduce_op, str) else reduce_op
        if not isinstance(kind, ReduceOp):
            raise ValueError(f"reduce_op must be tf.distribute.ReduceOp.SUM or MEAN, not {reduce_op!r}.")
        if axis is None:
            return value
        axes = list(axis) if isinstance(axis, (list, tuple)) else [axis]
        function = tf.reduce_sum if kind is ReduceOp.SUM else tf.reduce_mean
        return nest.map_structure(lambda v: function(v, axis=axes), value)

    def gather(self, value: Any, axis: int) -> Any:
        return value

    def experimental_distribute_dataset(self, dataset: Any, options: Any = None) -> Any:
        """The dataset."""
        return dataset

    def distribute_datasets_from_function(self, dataset_fn: Callable[..., Any], options: Any = None) -> Any:
        """The dataset that the function gives."""
        return dataset_fn(InputContext())

    experimental_distribute_datasets_from_function = distribute_datasets_from_function

    def make_dataset_iterator(self, dataset: Any) -> Any:
        from thalweg.data.graph_iterators import make_initializable_iterator

        return make_initializable_iterator(dataset)

    def experimental_distribute_values_from_function(self, value_fn: Callable[..., Any]) -> Any:
        return value_fn(ReplicaContext(self))

    def experimental_local_results(self, value: Any) -> tuple[Any, ...]:
        """The replicas' values: one."""
        return (value,)

    unwrap = experimental_local_results

    def experimental_make_numpy_dataset(self, numpy_input: Any) -> Any:
        return tf.data.Dataset.from_tensor_slices(numpy_input)

    def configure(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to configure."""

    def update_config_proto(self, config_proto: Any) -> Any:
        return config_proto


@contextlib.contextmanager
def _in_scope(strategy: Strategy) -> Iterator[None]:
    if _current.strategies and _current.strategies[-1] is strategy:
        yield
    else:
        with strategy.scope():
            yield


class MirroredStrategy(Strategy):
    """A replica for each device. Raises NotImplementedError for more than one device: there is one replica here."""

    def __init__(
        self, devices: Any = None, cross_device_ops: Any = None, num_gpus: Any = None, num_gpus_per_worker: Any = None, **_: Any
    ):
        listed = [devices] if isinstance(devices, str) else list(devices or [])
        if len(listed) > 1:
            raise NotImplementedError(
                f"MirroredStrategy has one replica, but {len(listed)} devices are named: leave `devices` out. The step runs on one "
                "device, and XLA uses all its cores."
            )
        super().__init__()


class OneDeviceStrategy(Strategy):
    """One replica on one device."""

    def __init__(self, device: str = "/cpu:0"):
        super().__init__()
        self._device = device


class TPUStrategy(Strategy):
    """Accepted where a program's TPU strategy has one replica to run on: this machine."""

    def __init__(self, tpu_cluster_resolver: Any = None, experimental_device_assignment: Any = None, *args: Any, **kwargs: Any):
        super().__init__()
        self.cluster_resolver = tpu_cluster_resolver


class CentralStorageStrategy(Strategy):
    """Variables on the host, one replica."""

    def __init__(self, compute_devices: Any = None, parameter_device: Any = None):
        super().__init__()


class MultiWorkerMirroredStrategy(Strategy):
    """Several machines. Raises NotImplementedError where TF_CONFIG names more than one worker."""

    def __init__(self, cluster_resolver: Any = None, communication_options: Any = None, *args: Any, **kwargs: Any):
        from thalweg.distribute.cluster_resolver import TFConfigClusterResolver

        resolver = cluster_resolver or TFConfigClusterResolver()
        workers = sum(resolver.cluster_spec().num_tasks(j) for j in resolver.cluster_spec().jobs if j in ("worker", "chief"))
        if workers > 1:
            raise NotImplementedError(
                "Training on several machines by TF_CONFIG is not offered: start processes under `jax.distributed.initialize()`, "
                "or run on one machine without TF_CONFIG."
            )
        super().__init__()
        self.cluster_resolver = resolver


class ParameterServerStrategy(Strategy):
    """Not offered: raises NotImplementedError."""

    def __init__(self, *args: Any, **kwargs: Any):
        raise NotImplementedError(
            "Parameter servers are not offered: use tf.distribute.MirroredStrategy(), which runs on this machine."
        )


# -- what is current ------------------------------------------------------------------------------------------

_default = Strategy()


def get_strategy() -> Strategy:
    """The current strategy; the default one outside of any scope."""
    if _current.strategies:
        return _current.strategies[-1]
    return _global[-1] if _global else _default


def has_strategy() -> bool:
    """Whether a strategy other than the default is current."""
    return get_strategy() is not _default


def in_cross_replica_context() -> bool:
    """Whether this is in a scope, outside of `run`."""
    return bool(_current.strategies or _global) and not _current.in_replica


def get_replica_context() -> ReplicaContext | None:
    """The replica's context; None in a scope outside of `run`."""
    return None if in_cross_replica_context() else ReplicaContext(get_strategy())


def experimental_set_strategy(strategy: Strategy | None) -> None:
    """Make a strategy current for good."""
    _global[:] = [] if strategy is None else [strategy]


def get_loss_reduction() -> ReduceOp:
    """How a loss is reduced over the replicas."""
    return ReduceOp.SUM
