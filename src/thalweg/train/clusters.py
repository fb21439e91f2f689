"""Names of TensorFlow 1's clusters: a description of machines, and what a single process makes of it.

Several machines work through JAX's runtime; these names run a program's single-machine form.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from thalweg.compat import v1 as tf


class ClusterSpec:
    """Which tasks stand at which addresses, by job."""

    def __init__(self, cluster: Any):
        if isinstance(cluster, ClusterSpec):
            cluster = cluster.as_dict()
        if not isinstance(cluster, dict):
            raise TypeError("`cluster` must be a dictionary mapping one or more job names to lists of network addresses, or a "
                            "`ClusterDef` protocol buffer")  # fmt: skip
        self._jobs: dict[str, dict[int, str]] = {
            job: dict(tasks) if isinstance(tasks, dict) else dict(enumerate(tasks)) for job, tasks in cluster.items()
        }

    def as_dict(self) -> dict[str, Any]:
        return {j: [t[i] for i in sorted(t)] if sorted(t) == list(range(len(t))) else dict(t) for j, t in self._jobs.items()}

    @property
    def jobs(self) -> list[str]:
        return list(self._jobs)

    def num_tasks(self, job_name: str) -> int:
        return len(self._job(job_name))

    def task_indices(self, job_name: str) -> list[int]:
        return sorted(self._job(job_name))

    def task_address(self, job_name: str, task_index: int) -> str:
        try:
            return self._job(job_name)[task_index]
        except KeyError:
            raise ValueError(f"No task with index {task_index!r} in job {job_name!r}") from None

    def job_tasks(self, job_name: str) -> list[str | None]:
        tasks = self._job(job_name)
        return [tasks.get(i) for i in range(max(tasks, default=-1) + 1)]

    def _job(self, name: str) -> dict[int, str]:
        if name not in self._jobs:
            raise ValueError(f"No such job in cluster: {name!r}")
        return self._jobs[name]

    def __bool__(self) -> bool:
        return bool(self._jobs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ClusterSpec) and self._jobs == other._jobs

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"ClusterSpec({self.as_dict()!r})"


ClusterDef = ClusterSpec
JobDef = ServerDef = SimpleNamespace


class Server:
    """The one process: its `target` makes a session here. Raises NotImplementedError for a cluster of several tasks."""

    def __init__(
        self, server_or_cluster_def: Any, job_name: str | None = None, task_index: int | None = None, protocol: Any = None,
        config: Any = None, start: bool = True,
    ):  # fmt: skip
        spec = ClusterSpec(server_or_cluster_def)
        if sum(spec.num_tasks(j) for j in spec.jobs) > 1:
            raise NotImplementedError(
                "TensorFlow 1's servers of several tasks are not offered: run the program on one machine, or train by "
                "`tf.keras` under `jax.distributed`."
            )
        self._spec = spec

    @staticmethod
    def create_local_server(config: Any = None, start: bool = True) -> Server:
        return Server({"localhost": ["localhost:0"]})

    target = property(lambda self: "")
    server_def = property(lambda self: self._spec)

    def start(self) -> None:
        """It runs already."""

    def join(self) -> None:
        """There is nobody to wait for."""


def replica_device_setter(
    ps_tasks: int = 0, ps_device: str = "/job:ps", worker_device: str = "/job:worker", merge_devices: bool = True,
    cluster: Any = None,
    ps_ops: Any = None, ps_strategy: Any = None,
) -> Any:  # fmt: skip
    """A device function that places everything here: there is one machine. None where there are no servers, as in TensorFlow."""
    if cluster is None and not ps_tasks:
        return None
    return lambda op: ""


class SyncReplicasOptimizer(tf.train.Optimizer):
    """An optimizer that averages the gradients of several workers: of one, here."""

    def __init__(
        self, opt: Any, replicas_to_aggregate: int, total_num_replicas: Any = None, variable_averages: Any = None,
        variables_to_average: Any = None, use_locking: bool = False, name: str = "sync_replicas",
    ):  # fmt: skip
        if (total_num_replicas or replicas_to_aggregate) > 1:
            raise NotImplementedError("SyncReplicasOptimizer has one worker here: use replicas_to_aggregate=1.")
        super().__init__(use_locking, name)
        self._opt = opt

    def compute_gradients(self, *args: Any, **kwargs: Any) -> Any:
        return self._opt.compute_gradients(*args, **kwargs)

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: Any = None) -> Any:
        return self._opt.apply_gradients(grads_and_vars, global_step, name)

    def make_session_run_hook(self, is_chief: bool, num_tokens: int = -1) -> Any:
        return tf.train.SessionRunHook()
