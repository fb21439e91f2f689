"""`tf.estimator.train_and_evaluate`: training with evaluations between, and exporters after them.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/estimator/train_and_evaluate
"""

from __future__ import annotations

import os
import shutil
from collections import namedtuple
from collections.abc import Callable
from typing import Any

from thalweg.compat import v1 as tf


class TrainSpec(namedtuple("TrainSpec", ("input_fn", "max_steps", "hooks", "saving_listeners"))):
    """What to train on, and for how long."""

    def __new__(cls, input_fn: Any, max_steps: int | None = None, hooks: Any = None, saving_listeners: Any = None) -> TrainSpec:
        if max_steps is not None and max_steps <= 0:
            raise ValueError(f"Must specify max_steps > 0, given: {max_steps}")
        return super().__new__(cls, input_fn, max_steps, tuple(hooks or ()), tuple(saving_listeners or ()))


class EvalSpec(namedtuple("EvalSpec", ("input_fn", "steps", "name", "hooks", "exporters", "start_delay_secs", "throttle_secs"))):
    """What to evaluate on, how long, how often, and what to export."""

    def __new__(
        cls, input_fn: Any, steps: int | None = 100, name: str | None = None, hooks: Any = None, exporters: Any = None,
        start_delay_secs: int = 120, throttle_secs: int = 600,
    ) -> EvalSpec:  # fmt: skip
        if steps is not None and steps <= 0:
            raise ValueError(f"Must specify steps > 0, given: {steps}")
        listed = () if exporters is None else tuple(exporters) if isinstance(exporters, (list, tuple)) else (exporters,)
        return super().__new__(cls, input_fn, steps, name, tuple(hooks or ()), listed, start_delay_secs, throttle_secs)


class Exporter:
    """Base of exporters."""

    name = "exporter"

    def export(self, estimator: Any, export_path: str, checkpoint_path: Any, eval_result: Any, is_the_final_export: bool) -> Any:
        raise NotImplementedError


class LatestExporter(Exporter):
    """Exports after each evaluation; keeps the last few."""

    def __init__(self, name: str, serving_input_receiver_fn: Callable[[], Any], assets_extra: Any = None, as_text: bool = False,
                 exports_to_keep: int | None = 5):  # fmt: skip
        self.name, self._receiver, self._as_text, self._keep = name, serving_input_receiver_fn, as_text, exports_to_keep

    def export(self, estimator: Any, export_path: str, checkpoint_path: Any, eval_result: Any, is_the_final_export: bool) -> Any:
        made = estimator.export_saved_model(export_path, self._receiver, None, self._as_text, checkpoint_path)
        if self._keep:
            for old in sorted((d for d in os.listdir(export_path) if d.isdigit()), key=int)[: -self._keep]:
                shutil.rmtree(os.path.join(export_path, old))
        return made


class FinalExporter(LatestExporter):
    """Exports once, at the end."""

    def __init__(self, name: str, serving_input_receiver_fn: Callable[[], Any], assets_extra: Any = None, as_text: bool = False):
        super().__init__(name, serving_input_receiver_fn, assets_extra, as_text, None)

    def export(self, estimator: Any, export_path: str, checkpoint_path: Any, eval_result: Any, is_the_final_export: bool) -> Any:
        if not is_the_final_export:
            return None
        return super().export(estimator, export_path, checkpoint_path, eval_result, is_the_final_export)


def _smaller_loss(best_eval_result: Any, current_eval_result: Any) -> bool:
    return current_eval_result["loss"] < best_eval_result["loss"]


class BestExporter(LatestExporter):
    """Exports when an evaluation is better than all before: by a smaller loss, unless told otherwise."""

    def __init__(
        self, name: str = "best_exporter", serving_input_receiver_fn: Any = None, event_file_pattern: Any = None,
        compare_fn: Callable[..., bool] = _smaller_loss, assets_extra: Any = None, as_text: bool = False, exports_to_keep: int = 5,
    ):  # fmt: skip
        super().__init__(name, serving_input_receiver_fn, assets_extra, as_text, exports_to_keep)
        self._better, self._best = compare_fn, None

    def export(self, estimator: Any, export_path: str, checkpoint_path: Any, eval_result: Any, is_the_final_export: bool) -> Any:
        if self._best is not None and not self._better(best_eval_result=self._best, current_eval_result=eval_result):
            return None
        self._best = eval_result
        return super().export(estimator, export_path, checkpoint_path, eval_result, is_the_final_export)


class _Evaluating(tf.train.CheckpointSaverListener):
    """Evaluates after a checkpoint, when `throttle_secs` have passed since the last time."""

    def __init__(self, estimator: Any, spec: EvalSpec, max_steps: int | None):
        self._estimator, self._spec, self._max = estimator, spec, max_steps
        self._timer = tf.train.SecondOrStepTimer(every_secs=spec.throttle_secs)
        self.result: Any = None
        self._step: int | None = None

    def before_save(self, session: Any, global_step_value: Any) -> None:
        if self._step is None:
            self._timer.update_last_triggered_step(global_step_value)
            self._step = global_step_value

    def after_save(self, session: Any, global_step_value: Any) -> None:
        done = self._max is not None and global_step_value >= self._max
        if not done and self._timer.should_trigger_for_step(global_step_value):
            self._timer.update_last_triggered_step(global_step_value)
            self.evaluate(False)

    def evaluate(self, final: bool) -> Any:
        """Evaluate the last checkpoint, and let the exporters see it."""
        spec, path = self._spec, self._estimator.latest_checkpoint()
        self.result = self._estimator.evaluate(spec.input_fn, spec.steps, spec.hooks, path, spec.name)
        exports = [
            e.export(self._estimator, os.path.join(self._estimator.model_dir, "export", e.name), path, self.result, final)
            for e in spec.exporters
        ]
        return self.result, exports


def train_and_evaluate(estimator: Any, train_spec: TrainSpec, eval_spec: EvalSpec) -> Any:
    """Train up to `max_steps`, evaluating after checkpoints and at the end. Returns the last metrics and exports."""
    if not isinstance(train_spec, TrainSpec):
        raise TypeError(f"`train_spec` must be `tf.estimator.TrainSpec`. Given: {type(train_spec)}")
    if not isinstance(eval_spec, EvalSpec):
        raise TypeError(f"`eval_spec` must be `tf.estimator.EvalSpec`. Given: {type(eval_spec)}")
    listener = _Evaluating(estimator, eval_spec, train_spec.max_steps)
    estimator.train(
        train_spec.input_fn, train_spec.hooks, max_steps=train_spec.max_steps,
        saving_listeners=[*train_spec.saving_listeners, listener],
    )  # fmt: skip
    return listener.evaluate(True)
