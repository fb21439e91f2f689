"""Hooks: what happens around each step of a training loop.

Source: https://www.tensorflow.org/api_docs/python/tf/estimator/SessionRunHook
"""

from __future__ import annotations

import os
import time
from collections import namedtuple
from typing import Any

import numpy as np

from thalweg.compat import v1 as tf

SessionRunArgs = namedtuple("SessionRunArgs", ("fetches", "feed_dict", "options"), defaults=(None, None))
SessionRunValues = namedtuple("SessionRunValues", ("results", "options", "run_metadata"))


class SessionRunContext:
    """What a hook may look at, and ask: `request_stop()`."""

    def __init__(self, original_args: Any, session: Any):
        self._original_args, self._session, self._stop = original_args, session, False

    original_args = property(lambda self: self._original_args)
    session = property(lambda self: self._session)
    stop_requested = property(lambda self: self._stop)

    def request_stop(self) -> None:
        self._stop = True


class SessionRunHook:
    """Base of hooks. Every method may be left out."""

    def begin(self) -> None:
        """Called once, before the session is made: the graph may still grow."""

    def after_create_session(self, session: Any, coord: Any) -> None:
        """Called when a session is made; the graph is finished."""

    def before_run(self, run_context: Any) -> Any:
        """Called before each step; may give `SessionRunArgs`, more to fetch and feed."""
        return None

    def after_run(self, run_context: Any, run_values: Any) -> None:
        """Called after each step, with what the hook's own fetches gave."""

    def end(self, session: Any) -> None:
        """Called at the end, unless an exception ended the loop."""


class NanLossDuringTrainingError(RuntimeError):
    """The loss became NaN."""

    def __str__(self) -> str:
        return "NaN loss during training."


class SecondOrStepTimer:
    """Says when the next `every_secs` seconds or `every_steps` steps are over."""

    def __init__(self, every_secs: float | None = None, every_steps: int | None = None):
        if every_secs is None and every_steps is None:
            raise ValueError("Either every_secs or every_steps should be provided.")
        if every_secs is not None and every_steps is not None:
            raise ValueError("Can not provide both every_secs and every_steps.")
        self._secs, self._steps = every_secs, every_steps
        self.reset()

    def reset(self) -> None:
        self._last_time: float | None = None
        self._last_step: int | None = None

    def should_trigger_for_step(self, step: int) -> bool:
        if self._last_step is None:
            return True
        if self._last_step == step:
            return False
        if self._secs is not None:
            return time.time() >= self._last_time + self._secs  # type: ignore[operator]
        return step >= self._last_step + self._steps  # type: ignore[operator]

    def update_last_triggered_step(self, step: int) -> tuple[float | None, int | None]:
        """Seconds and steps since the last time; None the first time."""
        now = time.time()
        since = (None, None) if self._last_time is None else (now - self._last_time, step - self._last_step)  # type: ignore[operator]
        self._last_time, self._last_step = now, step
        return since

    def last_triggered_step(self) -> int | None:
        return self._last_step


def _counter() -> Any:
    """The global step's tensor. Raises RuntimeError if the graph has none."""
    step = tf.train.get_global_step()
    if step is None:
        raise RuntimeError("Global step should be created: call tf.train.get_or_create_global_step().")
    return step


class LoggingTensorHook(SessionRunHook):
    """Logs tensors by name, every so many steps or seconds, or at the end."""

    def __init__(
        self, tensors: Any, every_n_iter: int | None = None, every_n_secs: float | None = None, at_end: bool = False,
        formatter: Any = None,
    ):  # fmt: skip
        only_end = at_end and every_n_iter is None and every_n_secs is None
        if not only_end and (every_n_iter is None) == (every_n_secs is None):
            raise ValueError("either at_end and/or exactly one of every_n_iter and every_n_secs must be provided.")
        if every_n_iter is not None and every_n_iter <= 0:
            raise ValueError(f"invalid every_n_iter={every_n_iter}.")
        if isinstance(tensors, dict):
            self._tensors, self._order = dict(tensors), sorted(tensors)
        else:
            names = [t if isinstance(t, str) else t.name for t in tensors]
            self._tensors, self._order = dict(zip(names, tensors)), names
        self._formatter, self._at_end = formatter, at_end
        self._timer = None if only_end else SecondOrStepTimer(every_n_secs, every_n_iter)

    def begin(self) -> None:
        if self._timer is not None:
            self._timer.reset()
        self._count = 0
        graph = tf.get_default_graph()
        self._current = {k: graph.as_graph_element(t if isinstance(t, str) and ":" in t else t + ":0" if isinstance(t, str) else t)
                         for k, t in self._tensors.items()}  # fmt: skip

    def before_run(self, run_context: Any) -> Any:
        self._due = self._timer is not None and self._timer.should_trigger_for_step(self._count)
        return SessionRunArgs(self._current) if self._due else None

    def _log(self, values: dict[str, Any]) -> None:
        elapsed = None if self._timer is None else self._timer.update_last_triggered_step(self._count)[0]
        if self._formatter is not None:
            tf.logging.info(self._formatter(values))
            return
        text = ", ".join(f"{k} = {values[k]}" for k in self._order)
        tf.logging.info("%s (%.3f sec)" % (text, elapsed) if elapsed is not None else text)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        if self._due:
            self._log(run_values.results)
        self._count += 1

    def end(self, session: Any) -> None:
        if self._at_end:
            self._log(session.run(self._current))


class StopAtStepHook(SessionRunHook):
    """Stops at a step, or after so many steps. Raises ValueError unless one of the two is given."""

    def __init__(self, num_steps: int | None = None, last_step: int | None = None):
        if (num_steps is None) == (last_step is None):
            raise ValueError("One of num_steps or last_step must be specified.")
        self._num, self._last = num_steps, last_step

    def begin(self) -> None:
        self._step = _counter()

    def after_create_session(self, session: Any, coord: Any) -> None:
        if self._last is None:
            self._last = int(session.run(self._step)) + self._num  # type: ignore[operator]

    def before_run(self, run_context: Any) -> Any:
        return SessionRunArgs(self._step)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        step = int(run_values.results) + 1
        if step >= self._last and int(run_context.session.run(self._step)) >= self._last:  # type: ignore[operator]
            run_context.request_stop()


class NanTensorHook(SessionRunHook):
    """Stops, or raises NanLossDuringTrainingError, when a tensor is NaN."""

    def __init__(self, loss_tensor: Any, fail_on_nan_loss: bool = True):
        self._tensor, self._fails = loss_tensor, fail_on_nan_loss

    def before_run(self, run_context: Any) -> Any:
        return SessionRunArgs(self._tensor)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        if np.isnan(run_values.results).any():
            if self._fails:
                tf.logging.error("Model diverged with loss = NaN.")
                raise NanLossDuringTrainingError
            tf.logging.warning("Model diverged with loss = NaN.")
            run_context.request_stop()


class CheckpointSaverListener:
    """What happens around each save of a `CheckpointSaverHook`."""

    def begin(self) -> None:
        """Called once, before the session is made."""

    def before_save(self, session: Any, global_step_value: Any) -> None:
        """Called before each save."""

    def after_save(self, session: Any, global_step_value: Any) -> Any:
        """Called after each save; True stops the loop."""

    def end(self, session: Any, global_step_value: Any) -> None:
        """Called at the end."""


class CheckpointSaverHook(SessionRunHook):
    """Saves checkpoints every so many steps or seconds, first and last."""

    def __init__(
        self, checkpoint_dir: Any, save_secs: float | None = None, save_steps: int | None = None, saver: Any = None,
        checkpoint_basename: str = "model.ckpt", scaffold: Any = None, listeners: Any = None, save_graph_def: bool = True,
    ):  # fmt: skip
        if saver is not None and scaffold is not None:
            raise ValueError("You cannot provide both saver and scaffold.")
        self._path = os.path.join(os.fspath(checkpoint_dir), checkpoint_basename)
        self._saver, self._scaffold, self._listeners = saver, scaffold, list(listeners or [])
        self._timer = SecondOrStepTimer(save_secs, save_steps)

    def begin(self) -> None:
        self._step = _counter()
        for listener in self._listeners:
            listener.begin()

    def _get_saver(self) -> Any:
        if self._saver is None:
            self._saver = self._scaffold.saver if self._scaffold is not None else tf.train.Saver()
        return self._saver

    def after_create_session(self, session: Any, coord: Any) -> None:
        step = int(session.run(self._step))
        self._save(session, step)
        self._timer.update_last_triggered_step(step)

    def before_run(self, run_context: Any) -> Any:
        return SessionRunArgs(self._step)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        if self._timer.should_trigger_for_step(int(run_values.results) + 1):
            step = int(run_context.session.run(self._step))
            if self._timer.should_trigger_for_step(step):
                self._timer.update_last_triggered_step(step)
                if self._save(run_context.session, step):
                    run_context.request_stop()

    def end(self, session: Any) -> None:
        step = int(session.run(self._step))
        if step != self._timer.last_triggered_step():
            self._save(session, step)
        for listener in self._listeners:
            listener.end(session, step)

    def _save(self, session: Any, step: int) -> bool:
        for listener in self._listeners:
            listener.before_save(session, step)
        os.makedirs(os.path.dirname(self._path) or ".", exist_ok=True)
        self._get_saver().save(_raw(session), self._path, global_step=step)
        answers = [listener.after_save(session, step) for listener in self._listeners]
        return any(answers)


def _raw(session: Any) -> Any:
    """The session below a monitored one."""
    return getattr(session, "raw_session", lambda: session)()


class StepCounterHook(SessionRunHook):
    """Writes and logs steps a second."""

    def __init__(
        self, every_n_steps: int | None = 100, every_n_secs: float | None = None, output_dir: Any = None, summary_writer: Any = None
    ):
        if (every_n_steps is None) == (every_n_secs is None):
            raise ValueError("exactly one of every_n_steps and every_n_secs should be provided.")
        self._timer = SecondOrStepTimer(every_n_secs, every_n_steps)
        self._dir, self._writer = output_dir, summary_writer

    def begin(self) -> None:
        if self._writer is None and self._dir:
            self._writer = tf.summary.FileWriterCache.get(self._dir)
        self._step = _counter()

    def before_run(self, run_context: Any) -> Any:
        return SessionRunArgs(self._step)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        step = int(run_values.results) + 1
        if self._timer.should_trigger_for_step(step):
            seconds, steps = self._timer.update_last_triggered_step(step)
            if seconds:
                rate = steps / seconds  # type: ignore[operator]
                tf.logging.info("%s: %g", "global_step/sec", rate)
                if self._writer is not None:
                    value = tf.Summary.Value(tag="global_step/sec", simple_value=rate)
                    self._writer.add_summary(tf.Summary(value=[value]), step)


class SummarySaverHook(SessionRunHook):
    """Writes summaries every so many steps or seconds."""

    def __init__(
        self, save_steps: int | None = None, save_secs: float | None = None, output_dir: Any = None, summary_writer: Any = None,
        scaffold: Any = None, summary_op: Any = None,
    ):  # fmt: skip
        if (scaffold is None) == (summary_op is None):
            raise ValueError("Exactly one of scaffold or summary_op must be provided.")
        self._timer = SecondOrStepTimer(save_secs, save_steps)
        self._dir, self._writer, self._scaffold, self._op = output_dir, summary_writer, scaffold, summary_op

    def begin(self) -> None:
        if self._writer is None and self._dir:
            self._writer = tf.summary.FileWriterCache.get(self._dir)
        self._next: int | None = None
        self._step = _counter()

    def _summaries(self) -> Any:
        found = self._op if self._op is not None else self._scaffold.summary_op
        return None if found is None else found if isinstance(found, list) else [found]

    def before_run(self, run_context: Any) -> Any:
        self._due = self._next is None or self._timer.should_trigger_for_step(self._next)
        fetches = {"global_step": self._step}
        summaries = self._summaries()
        if self._due and summaries is not None:
            fetches["summary"] = summaries
        return SessionRunArgs(fetches)

    def after_run(self, run_context: Any, run_values: Any) -> None:
        if self._writer is None:
            return
        step = int(run_values.results["global_step"])
        if self._next is None or self._due:
            step = int(run_context.session.run(self._step))
        if self._due:
            self._timer.update_last_triggered_step(step)
            for summary in run_values.results.get("summary", []):
                self._writer.add_summary(summary, step)
        self._next = step + 1

    def end(self, session: Any = None) -> None:
        if self._writer is not None:
            self._writer.flush()


class GlobalStepWaiterHook(SessionRunHook):
    """Waits until the global step reaches `wait_until_step`."""

    def __init__(self, wait_until_step: int):
        self._wait = wait_until_step

    def begin(self) -> None:
        self._step = _counter()

    def before_run(self, run_context: Any) -> Any:
        while self._wait > 0 and int(run_context.session.run(self._step)) < self._wait:
            time.sleep(0.5)
        return None


class FinalOpsHook(SessionRunHook):
    """Runs operations at the end: `final_ops_values`."""

    def __init__(self, final_ops: Any, final_ops_feed_dict: Any = None):
        self._ops, self._feeds, self.final_ops_values = final_ops, final_ops_feed_dict, None

    def end(self, session: Any) -> None:
        if self._ops is not None:
            self.final_ops_values = session.run(self._ops, self._feeds)


class FeedFnHook(SessionRunHook):
    """Feeds what a function gives at each step."""

    def __init__(self, feed_fn: Any):
        self.feed_fn = feed_fn

    def before_run(self, run_context: Any) -> Any:
        return SessionRunArgs(None, self.feed_fn())


class ProfilerHook(SessionRunHook):
    """Accepted; steps are profiled by `tf.profiler.experimental`, whose traces TensorBoard shows."""

    def __init__(self, save_steps: Any = None, save_secs: Any = None, output_dir: str = "", show_dataflow: bool = True,
                 show_memory: bool = False):  # fmt: skip
        self._timer = SecondOrStepTimer(save_secs, save_steps)
