"""`tf.tpu`: the names of TPU programs, as what they are on this machine.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/tpu
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from thalweg.compat.v1.train.optimizer import Optimizer


class CrossShardOptimizer(Optimizer):
    """An optimizer that averages gradients over shards: there is one, so it is the optimizer itself."""

    def __init__(self, opt: Any, reduction: Any = "weighted_mean", name: str = "CrossShardOptimizer", group_assignment: Any = None):
        super().__init__(False, name)
        self._opt = opt

    def compute_gradients(self, loss: Any, var_list: Any = None, *args: Any, **kwargs: Any) -> Any:
        return self._opt.compute_gradients(loss, var_list, *args, **kwargs)

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: Any = None) -> Any:
        return self._opt.apply_gradients(grads_and_vars, global_step, name)

    def get_slot(self, *args: Any, **kwargs: Any) -> Any:
        return self._opt.get_slot(*args, **kwargs)

    def get_slot_names(self, *args: Any, **kwargs: Any) -> Any:
        return self._opt.get_slot_names(*args, **kwargs)

    def variables(self) -> Any:
        return self._opt.variables()


def cross_replica_sum(x: Any, group_assignment: Any = None, name: str | None = None) -> Any:
    """The sum over the replicas: of one."""
    return x


def initialize_system(*args: Any, **kwargs: Any) -> Any:
    """An operation that does nothing."""
    from thalweg.compat.v1.graph import no_op

    return no_op()


shutdown_system = initialize_system


def rewrite(computation: Callable[..., Any], inputs: Any = None, *args: Any, **kwargs: Any) -> Any:
    """`computation(*inputs)`."""
    return computation(*(inputs or []))


def shard(computation: Callable[..., Any], inputs: Any = None, num_shards: int = 1, *args: Any, **kwargs: Any) -> Any:
    """`computation(*inputs)`: in one shard."""
    return computation(*(inputs or []))


batch_parallel = shard


def replicate(computation: Callable[..., Any], inputs: Any = None, *args: Any, **kwargs: Any) -> Any:
    """`computation` for each list of inputs."""
    return [computation(*i) for i in (inputs or [[]])]


def outside_compilation(computation: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return computation(*args, **kwargs)


def core(num: int) -> str:
    return f"device:CPU:{num}"


@contextlib.contextmanager
def bfloat16_scope(name: str | None = None) -> Iterator[Any]:
    """A variable scope whose variables are float32 and are read as bfloat16."""
    from thalweg.compat.v1 import bfloat16, cast, float32, get_variable_scope, variable_scope

    def getter(next_getter: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("dtype") is bfloat16:
            return cast(next_getter(*args, **{**kwargs, "dtype": float32}), bfloat16)
        return next_getter(*args, **kwargs)

    with variable_scope(name or get_variable_scope(), custom_getter=getter) as scope:
        yield scope
