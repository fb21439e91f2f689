"""`tf.estimator.tpu` and `tf.contrib.tpu`: estimators of TPU programs, run on this machine.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/estimator/tpu/TPUEstimator
"""

from __future__ import annotations

import inspect
from collections import namedtuple
from types import SimpleNamespace
from typing import Any

from thalweg.compat import v1 as tf
from thalweg.compat.v1.tpu import CrossShardOptimizer as CrossShardOptimizer
from thalweg.distribute.cluster_resolver import TPUClusterResolver as TPUClusterResolver
from thalweg.estimator.estimator import Estimator
from thalweg.estimator.types import EstimatorSpec, RunConfig as _RunConfig


class InputPipelineConfig:
    """Where inputs are read."""

    PER_SHARD_V1, PER_HOST_V1, PER_HOST_V2, BROADCAST, SLICED = 1, 2, 3, 4, 5


TPUConfig = namedtuple(
    "TPUConfig",
    ("iterations_per_loop", "num_shards", "num_cores_per_replica", "per_host_input_for_training", "tpu_job_name",
     "initial_infeed_sleep_secs", "input_partition_dims", "eval_training_input_configuration",
     "experimental_host_call_every_n_steps"),
    defaults=(2, None, None, True, None, None, None, InputPipelineConfig.PER_HOST_V1, 1),
)  # fmt: skip


class RunConfig(_RunConfig):
    """Settings of runs, with those of TPUs, which are kept."""

    def __init__(
        self, tpu_config: Any = None, evaluation_master: Any = None, master: Any = None, cluster: Any = None, **kwargs: Any
    ):
        super().__init__(**kwargs)
        self.tpu_config, self.cluster = tpu_config or TPUConfig(), cluster


class TPUEstimatorSpec(
    namedtuple(
        "TPUEstimatorSpec",
        ("mode", "predictions", "loss", "train_op", "eval_metrics", "export_outputs", "scaffold_fn", "host_call", "training_hooks",
         "evaluation_hooks", "prediction_hooks"),
        defaults=(None, None, None, None, None, None, None, None, None, None),
    )
):  # fmt: skip
    """What a TPU program's model function gives: metrics are a function and its tensors."""

    def as_estimator_spec(self) -> EstimatorSpec:
        """The same for any machine."""
        metrics = None
        if self.eval_metrics is not None:
            function, tensors = self.eval_metrics
            metrics = function(**tensors) if isinstance(tensors, dict) else function(*tensors)
        hooks = list(self.training_hooks or [])
        if self.host_call is not None:
            function, tensors = self.host_call
            made = function(**tensors) if isinstance(tensors, dict) else function(*tensors)
            hooks.append(_Running(made))
        return EstimatorSpec(
            self.mode, self.predictions, self.loss, self.train_op, metrics, self.export_outputs, training_hooks=hooks,
            scaffold=self.scaffold_fn() if self.scaffold_fn else None, evaluation_hooks=self.evaluation_hooks,
            prediction_hooks=self.prediction_hooks,
        )  # fmt: skip


class _Running(tf.train.SessionRunHook):
    """Runs what a host call gives at each step."""

    def __init__(self, fetches: Any):
        self._fetches = fetches

    def before_run(self, run_context: Any) -> Any:
        return tf.train.SessionRunArgs(self._fetches)


class TPUEstimator(Estimator):
    """An Estimator with a TPU program's arguments. The batch size comes to the functions as `params["batch_size"]`.

    `use_tpu` is accepted: there is no TPU, and the program runs on this machine.
    """

    def __init__(
        self, model_fn: Any = None, model_dir: Any = None, config: Any = None, params: Any = None, use_tpu: bool = True,
        train_batch_size: int | None = None, eval_batch_size: int | None = None, predict_batch_size: int | None = None,
        batch_axis: Any = None, eval_on_tpu: bool = True, export_to_tpu: bool = True, export_to_cpu: bool = True,
        warm_start_from: Any = None, **_: Any,
    ):  # fmt: skip
        if params is not None and "batch_size" in params:
            raise ValueError("batch_size are reserved keys by TPUEstimator: give train_batch_size, eval_batch_size.")
        self._sizes = {
            "train": train_batch_size,
            "eval": eval_batch_size or train_batch_size,
            "infer": predict_batch_size or eval_batch_size,
        }
        self._mode = "train"
        super().__init__(model_fn, model_dir, config, dict(params or {}), warm_start_from)

    @property
    def params(self) -> Any:  # type: ignore[override]
        found = dict(self._params)
        if self._sizes.get(self._mode) is not None:
            found["batch_size"] = self._sizes[self._mode]
        return found

    def _input(self, input_fn: Any, mode: str) -> Any:
        self._mode = mode
        return super()._input(input_fn, mode)

    def _call_model_fn(self, features: Any, labels: Any, mode: str) -> Any:
        self._mode = mode
        given = self._model_fn_given

        def as_any(*args: Any, **kwargs: Any) -> Any:
            spec = given(*args, **kwargs)
            return spec.as_estimator_spec() if isinstance(spec, TPUEstimatorSpec) else spec

        as_any.__signature__ = inspect.signature(given)  # type: ignore[attr-defined]
        self._model_fn_given = as_any
        try:
            return super()._call_model_fn(features, labels, mode)
        finally:
            self._model_fn_given = given


class _EmbeddingConfigSpec:
    """Embeddings on TPUs. Raises NotImplementedError: use tf.feature_column.embedding_column."""

    def __init__(self, *args: Any, **kwargs: Any):
        raise NotImplementedError("Embeddings on TPUs are not offered: use tf.feature_column.embedding_column.")


experimental = SimpleNamespace(EmbeddingConfigSpec=_EmbeddingConfigSpec)
