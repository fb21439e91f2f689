"""What estimators are told: modes, specs, settings of runs."""

from __future__ import annotations

import copy
import json
import os
from collections import namedtuple
from typing import Any

from thalweg.compat import v1 as tf
from thalweg.train.initializing import VocabInfo as VocabInfo


class ModeKeys:
    """What a model function is called for."""

    TRAIN, EVAL, PREDICT = "train", "eval", "infer"


_Spec = namedtuple(
    "_Spec",
    (
        "mode", "predictions", "loss", "train_op", "eval_metric_ops", "export_outputs", "training_chief_hooks", "training_hooks",
        "scaffold", "evaluation_hooks", "prediction_hooks",
    ),
)  # fmt: skip


class EstimatorSpec(_Spec):
    """What a model function gives: predictions, a loss, an operation that trains, metrics.

    Raises ValueError for what the mode needs and is missing, TypeError for what is of the wrong kind.
    """

    def __new__(
        cls, mode: str, predictions: Any = None, loss: Any = None, train_op: Any = None, eval_metric_ops: Any = None,
        export_outputs: Any = None, training_chief_hooks: Any = None, training_hooks: Any = None, scaffold: Any = None,
        evaluation_hooks: Any = None, prediction_hooks: Any = None,
    ) -> EstimatorSpec:  # fmt: skip
        if mode == ModeKeys.TRAIN and train_op is None:
            raise ValueError("Missing train_op.")
        if mode in (ModeKeys.TRAIN, ModeKeys.EVAL) and loss is None:
            raise ValueError("Missing loss.")
        if mode == ModeKeys.PREDICT and predictions is None:
            raise ValueError("Missing predictions.")
        if loss is not None:
            loss = tf.convert_to_tensor(loss)
            if loss.shape.num_elements() not in (None, 1):
                raise ValueError(f"Loss must be scalar, given: {loss}")
            if loss.shape.ndims:
                loss = tf.reshape(loss, [])
        for name, metric in (eval_metric_ops or {}).items():
            if not (isinstance(metric, tuple) and len(metric) == 2) and not hasattr(metric, "updates"):
                raise TypeError(
                    f"Values of eval_metric_ops must be (metric_value, update_op) tuples, given: {metric} for key: {name}"
                )
        listed = [tuple(hooks or ()) for hooks in (training_chief_hooks, training_hooks, evaluation_hooks, prediction_hooks)]
        return super().__new__(
            cls, mode, {} if predictions is None else predictions, loss, train_op, dict(eval_metric_ops or {}), export_outputs,
            listed[0], listed[1], scaffold or tf.train.Scaffold(), listed[2], listed[3],
        )  # fmt: skip


_UNSET: Any = object()


class RunConfig:
    """Settings of runs: where the model is kept, how often it is saved, the random seed."""

    def __init__(
        self, model_dir: Any = None, tf_random_seed: int | None = None, save_summary_steps: int = 100,
        save_checkpoints_steps: Any = _UNSET, save_checkpoints_secs: Any = _UNSET, session_config: Any = None,
        keep_checkpoint_max: int | None = 5, keep_checkpoint_every_n_hours: float = 10000, log_step_count_steps: int = 100,
        train_distribute: Any = None, device_fn: Any = None, protocol: Any = None, eval_distribute: Any = None,
        experimental_distribute: Any = None, experimental_max_worker_delay_secs: Any = None,
        session_creation_timeout_secs: int = 7200,
        checkpoint_save_graph_def: bool = True, **_: Any,
    ):  # fmt: skip
        if save_checkpoints_steps is _UNSET and save_checkpoints_secs is _UNSET:
            save_checkpoints_steps, save_checkpoints_secs = None, 600
        elif save_checkpoints_secs is _UNSET:
            save_checkpoints_secs = None
        elif save_checkpoints_steps is _UNSET:
            save_checkpoints_steps = None
        elif save_checkpoints_steps is not None and save_checkpoints_secs is not None:
            raise ValueError("`save_checkpoints_steps` and `save_checkpoints_secs` cannot be both set.")
        cluster = json.loads(os.environ.get("TF_CONFIG") or "{}")
        self.model_dir = model_dir if model_dir is not None else cluster.get("model_dir")
        self.tf_random_seed, self.save_summary_steps = tf_random_seed, save_summary_steps
        self.save_checkpoints_steps, self.save_checkpoints_secs = save_checkpoints_steps, save_checkpoints_secs
        self.session_config, self.keep_checkpoint_max = session_config, keep_checkpoint_max
        self.keep_checkpoint_every_n_hours, self.log_step_count_steps = keep_checkpoint_every_n_hours, log_step_count_steps
        self.train_distribute, self.device_fn, self.protocol, self.eval_distribute = (
            train_distribute,
            device_fn,
            protocol,
            eval_distribute,
        )
        self.task_type, self.task_id, self.master, self.evaluation_master = "worker", 0, "", ""
        self.is_chief, self.num_ps_replicas, self.num_worker_replicas, self.global_id_in_cluster = True, 0, 1, 0
        self.cluster_spec, self.service = tf.train.ClusterSpec({}), None

    def replace(self, **kwargs: Any) -> RunConfig:
        """A copy with some settings changed."""
        new = copy.copy(self)
        for name, value in kwargs.items():
            if not hasattr(self, name):
                raise ValueError(f"Replacing {name} is not supported: RunConfig has no such setting.")
            setattr(new, name, value)
            if name == "save_checkpoints_steps" and value is not None and "save_checkpoints_secs" not in kwargs:
                new.save_checkpoints_secs = None
            if name == "save_checkpoints_secs" and value is not None and "save_checkpoints_steps" not in kwargs:
                new.save_checkpoints_steps = None
        return new
