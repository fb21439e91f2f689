"""`tf.distribute.cluster_resolver`: which machines there are.

Source: https://www.tensorflow.org/api_docs/python/tf/distribute/cluster_resolver
"""

from __future__ import annotations

import json
import os
from typing import Any

from thalweg.train.clusters import ClusterSpec


class ClusterResolver:
    """Base of resolvers."""

    task_type: str | None = None
    task_id: int | None = None
    rpc_layer: str | None = None
    environment = ""

    def cluster_spec(self) -> ClusterSpec:
        raise NotImplementedError

    def master(self, task_type: Any = None, task_id: Any = None, rpc_layer: Any = None) -> str:
        """The address of the master: of this process."""
        return ""

    get_master = master

    def num_accelerators(self, task_type: Any = None, task_id: Any = None, config_proto: Any = None) -> dict[str, int]:
        return {}


class SimpleClusterResolver(ClusterResolver):
    """The cluster that it is given."""

    def __init__(self, cluster_spec: Any, master: str = "", task_type: Any = None, task_id: Any = None, environment: str = "",
                 num_accelerators: Any = None, rpc_layer: Any = None):  # fmt: skip
        self._spec, self._master = ClusterSpec(cluster_spec), master
        self.task_type, self.task_id, self.environment, self.rpc_layer = task_type, task_id, environment, rpc_layer

    def cluster_spec(self) -> ClusterSpec:
        return self._spec

    def master(self, task_type: Any = None, task_id: Any = None, rpc_layer: Any = None) -> str:
        return self._spec.task_address(task_type, task_id) if task_type is not None and task_id is not None else self._master


class TFConfigClusterResolver(ClusterResolver):
    """The cluster that the environment variable TF_CONFIG describes."""

    def __init__(self, task_type: Any = None, task_id: Any = None, rpc_layer: Any = None, environment: Any = None):
        found = json.loads(os.environ.get("TF_CONFIG") or "{}")
        task = found.get("task", {})
        self._spec = ClusterSpec(found.get("cluster", {}))
        self.task_type = task_type if task_type is not None else task.get("type")
        self.task_id = task_id if task_id is not None else int(task["index"]) if "index" in task else None
        self.environment, self.rpc_layer = environment or found.get("environment", ""), rpc_layer

    def cluster_spec(self) -> ClusterSpec:
        return self._spec


class UnionResolver(ClusterResolver):
    """Several resolvers' clusters together."""

    def __init__(self, *args: Any, **kwargs: Any):
        self._resolvers = args

    def cluster_spec(self) -> ClusterSpec:
        jobs: dict[str, list[Any]] = {}
        for resolver in self._resolvers:
            for job, tasks in resolver.cluster_spec().as_dict().items():
                jobs.setdefault(job, []).extend(tasks)
        return ClusterSpec(jobs)


class TPUClusterResolver(ClusterResolver):
    """Names a TPU. There is none here: a program's steps run on this machine.

    Raises ValueError where a TPU is asked for by name, as TensorFlow does where there is none.
    """

    def __init__(self, tpu: Any = None, zone: Any = None, project: Any = None, job_name: str = "worker", *args: Any, **kwargs: Any):
        if tpu and tpu != "local":
            raise ValueError(f"There is no TPU called {tpu!r}: leave `tpu` out (and use_tpu=False) to run on this machine.")
        self._spec = ClusterSpec({})

    @staticmethod
    def connect(tpu: Any = None, zone: Any = None, project: Any = None) -> TPUClusterResolver:
        return TPUClusterResolver(tpu, zone, project)

    def cluster_spec(self) -> ClusterSpec:
        return self._spec


def _elsewhere(name: str) -> type:
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        raise NotImplementedError(f"{name} is not offered: describe the cluster by SimpleClusterResolver or TF_CONFIG.")

    return type(name, (ClusterResolver,), {"__init__": init, "__doc__": "Not offered."})


GCEClusterResolver, KubernetesClusterResolver = _elsewhere("GCEClusterResolver"), _elsewhere("KubernetesClusterResolver")
SlurmClusterResolver, SageMakerClusterResolver = _elsewhere("SlurmClusterResolver"), _elsewhere("SageMakerClusterResolver")
