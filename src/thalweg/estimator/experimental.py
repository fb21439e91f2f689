"""`tf.estimator.experimental`: hooks that stop training early, and linear models by SDCA.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/estimator/experimental
"""

from __future__ import annotations

import operator
import os
from collections.abc import Callable
from typing import Any

from thalweg.compat import v1 as tf


class _StopWhen(tf.train.SessionRunHook):
    def __init__(self, should_stop_fn: Callable[[], bool], secs: float | None, steps: int | None):
        self._should_stop, self._timer = should_stop_fn, tf.train.SecondOrStepTimer(secs, steps)

    def begin(self) -> None:
        self._step = tf.train.get_global_step()

    def before_run(self, run_context: Any) -> Any:
        return tf.train.SessionRunArgs(self._step)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        step = int(run_values.results)
        if self._timer.should_trigger_for_step(step):
            self._timer.update_last_triggered_step(step)
            if self._should_stop():
                tf.logging.info("Requesting early stopping at global step %d", step)
                run_context.request_stop()


def make_early_stopping_hook(
    estimator: Any, should_stop_fn: Callable[[], bool], run_every_secs: float | None = 60, run_every_steps: int | None = None
) -> Any:
    """A hook that stops when a function says so. Raises TypeError for what is no function."""
    if not callable(should_stop_fn):
        raise TypeError("`should_stop_fn` must be callable.")
    return _StopWhen(should_stop_fn, None if run_every_steps else run_every_secs, run_every_steps)


def _results(folder: str) -> list[tuple[int, dict[str, float]]]:
    """The metrics that evaluations wrote, by step."""
    import glob

    found: dict[int, dict[str, float]] = {}
    for path in sorted(glob.glob(os.path.join(glob.escape(folder), "*.tfevents.*"))):
        for event in tf.train.summary_iterator(path):
            for value in event.summary.value:
                if value.HasField("simple_value"):
                    found.setdefault(event.step, {})[value.tag] = value.simple_value
    return sorted(found.items())


def _no_better(estimator: Any, metric: str, max_steps: int, better: Any, folder: str | None, min_steps: int, **timing: Any) -> Any:
    folder = folder or estimator.eval_dir()

    def should_stop() -> bool:
        best, best_step = None, 0
        for step, metrics in _results(folder):
            if step < min_steps or metric not in metrics:
                continue
            if best is None or better(metrics[metric], best):
                best, best_step = metrics[metric], step
            if step - best_step >= max_steps:
                return True
        return False

    return make_early_stopping_hook(estimator, should_stop, **timing)


def stop_if_no_increase_hook(estimator: Any, metric_name: str, max_steps_without_increase: int, eval_dir: Any = None,
    min_steps: int = 0,
                             run_every_secs: float | None = 60, run_every_steps: int | None = None) -> Any:  # fmt: skip
    """A hook that stops when an evaluation's metric has not grown for so many steps."""
    return _no_better(estimator, metric_name, max_steps_without_increase, operator.gt, eval_dir, min_steps,
                      run_every_secs=run_every_secs, run_every_steps=run_every_steps)  # fmt: skip


def stop_if_no_decrease_hook(estimator: Any, metric_name: str, max_steps_without_decrease: int, eval_dir: Any = None,
    min_steps: int = 0,
                             run_every_secs: float | None = 60, run_every_steps: int | None = None) -> Any:  # fmt: skip
    """A hook that stops when an evaluation's metric has not fallen for so many steps."""
    return _no_better(estimator, metric_name, max_steps_without_decrease, operator.lt, eval_dir, min_steps,
                      run_every_secs=run_every_secs, run_every_steps=run_every_steps)  # fmt: skip


def stop_if_higher_hook(estimator: Any, metric_name: str, threshold: float, eval_dir: Any = None, min_steps: int = 0,
                        run_every_secs: float | None = 60, run_every_steps: int | None = None) -> Any:  # fmt: skip
    """A hook that stops when an evaluation's metric is above a threshold."""
    folder = eval_dir or estimator.eval_dir()
    above = lambda: any(s >= min_steps and m.get(metric_name, threshold) > threshold for s, m in _results(folder))
    return make_early_stopping_hook(estimator, above, run_every_secs, run_every_steps)


class InMemoryEvaluatorHook(tf.train.SessionRunHook):
    """Evaluates the last checkpoint every so many steps."""

    def __init__(self, estimator: Any, input_fn: Any, steps: int | None = None, hooks: Any = None, name: str | None = None,
                 every_n_iter: int = 100):  # fmt: skip
        self._estimator, self._arguments, self._every, self._count = (
            estimator,
            (input_fn, steps, hooks, None, name),
            every_n_iter,
            0,
        )

    def after_run(self, run_context: Any, run_values: Any) -> None:
        self._count += 1
        if self._count % self._every == 0 and self._estimator.latest_checkpoint():
            self._estimator.evaluate(*self._arguments)
