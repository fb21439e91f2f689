"""`tf.profiler.experimental`: record a profile, for TensorBoard's Profile tab or for Perfetto.

A profile lies in `LOGDIR/plugins/profile/TIME/`: an `.xplane.pb` file for the Profile tab (`pip install xprof` adds it to
TensorBoard) and a `.trace.json.gz` file that https://ui.perfetto.dev and Chrome's `about:tracing` open.
"""

from __future__ import annotations

import glob
import importlib.util
import os
import shutil
import tempfile
from typing import Any

from thalweg.engine.core import errors
from thalweg.engine.xp import jax

_recording: dict[str, str] = {}


class ProfilerOptions:
    """How to profile. Accepted as TensorFlow's are; JAX's profiler decides by itself."""

    def __init__(self, host_tracer_level: int = 2, python_tracer_level: int = 0, device_tracer_level: int = 1,
                 delay_ms: int | None = None):  # fmt: skip
        self.host_tracer_level, self.python_tracer_level = host_tracer_level, python_tracer_level
        self.device_tracer_level, self.delay_ms = device_tracer_level, delay_ms


def start(logdir: Any = None, options: Any = None) -> None:
    """Begin to record a profile into `logdir`. Raises AlreadyExistsError where one is being recorded."""
    if _recording:
        raise errors.AlreadyExistsError(None, None, "Another profiler is running.")
    folder = os.fspath(logdir) if logdir else ""
    target = folder or tempfile.mkdtemp()
    try:
        jax().profiler.start_trace(target)
    except RuntimeError as error:
        raise errors.AlreadyExistsError(None, None, f"Another profiler is running ({error}).") from None
    _recording.update(folder=folder, target=target)


def stop(logdir: Any = None, save: bool = True) -> None:
    """End the profile and write it. Raises UnavailableError where none is being recorded."""
    if not _recording:
        raise errors.UnavailableError(None, None, "Cannot export profiling results. No profiler is running.")
    folder, target = _recording["folder"], _recording["target"]
    _recording.clear()
    jax().profiler.stop_trace()
    if not folder:  # it was not said where to at the start
        if save and logdir:
            shutil.copytree(target, os.fspath(logdir), dirs_exist_ok=True)
            folder = os.fspath(logdir)
        shutil.rmtree(target, ignore_errors=True)
    if save and folder:
        _hint(folder)


def _hint(folder: str) -> None:
    """Where the profile can be looked at, if TensorBoard cannot show it."""
    if importlib.util.find_spec("xprof") or importlib.util.find_spec("tensorboard_plugin_profile"):
        return
    found = sorted(glob.glob(os.path.join(folder, "plugins", "profile", "*", "*.trace.json.gz")))
    if found:
        print(f"Profile: open {os.path.abspath(found[-1])} at https://ui.perfetto.dev, or pip install xprof for TensorBoard's tab.")


class Profile:
    """Record a profile of what runs inside: `with tf.profiler.experimental.Profile("logs"): ...`"""

    def __init__(self, logdir: Any, options: Any = None):
        self._logdir, self._options = logdir, options

    def __enter__(self) -> Profile:
        start(self._logdir, self._options)
        return self

    def __exit__(self, *exc: Any) -> None:
        stop()


class Trace:
    """A named part of a profile, such as a step: `with Trace("train", step_num=i, _r=1): ...`"""

    def __init__(self, name: str, **kwargs: Any):
        profiler = jax().profiler
        step = kwargs.get("step_num")
        self._annotation = (
            profiler.TraceAnnotation(name) if step is None else profiler.StepTraceAnnotation(name, step_num=int(step))
        )

    def __enter__(self) -> Trace:
        self._annotation.__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        self._annotation.__exit__(*exc)


def server(port: int) -> None:
    """Let others ask this process for profiles, at a port."""
    jax().profiler.start_server(port)
