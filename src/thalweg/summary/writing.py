"""Writers, and what every summary goes through: the default writer, the step, whether to record.

Source: https://www.tensorflow.org/api_docs/python/tf/summary
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from thalweg.engine.core import context, convert, dtypes
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import current_name_scope
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor
from thalweg.engine.execution.python_calls import HostOp
from thalweg.engine.execution.tensor_spec import TensorSpec
from thalweg.engine.formats.event_file import EventFileWriter, event_bytes, field, flush_all
from thalweg.engine.formats.summaries import scalar_field, summary_field, tensor_bytes

_TRUE, _FALSE = EagerTensor(np.array(True)), EagerTensor(np.array(False))
_SUMMARIES_OF_GRAPH = "_SUMMARY_V2"


class _State(threading.local):
    """What is current in this thread."""

    def __init__(self) -> None:
        self.writer: SummaryWriter | None = None
        self.step: Any = None
        self.recording: Any = None  # None: yes; else a bool, a function or a tensor


_state = _State()


class SummaryWriter:
    """Where summaries go. Made by `create_file_writer` and `create_noop_writer`.

    >>> writer = tf.summary.create_noop_writer()
    >>> with writer.as_default():
    ...     bool(tf.summary.scalar("loss", 0.5, step=1))
    True
    """

    @contextlib.contextmanager
    def as_default(self, step: Any = None) -> Iterator[SummaryWriter]:
        """Summaries made inside go to this writer, under `step` if it is given."""
        before, _state.writer = _state.writer, self
        before_step = _state.step
        if step is not None:
            _state.step = step
        try:
            yield self
            if local.graph is None:
                self.flush()
        finally:
            _state.writer, _state.step = before, before_step

    def set_as_default(self, step: Any = None) -> None:
        """Summaries of this thread go to this writer from now on."""
        _state.writer = self
        if step is not None:
            _state.step = step

    def init(self) -> Any:
        """Make the writer ready. Accepted: it is ready when it is made."""
        return None if local.graph is None else _on_host(lambda: None, "init")

    def flush(self) -> Any:
        """Put all summaries so far into the file."""
        return None

    def close(self) -> Any:
        """Write the rest, and close."""
        return None

    def add_scalar(self, tag: str, value: float, step: int, description: str = "") -> None:
        """A number, by the short way."""

    def add_tensor(self, tag: str, array: np.ndarray, step: int, described: bytes) -> None:
        """A tensor with its serialized metadata."""

    def add_event(self, step: int, fields: bytes) -> None:
        """An event from serialized fields."""


class _NoopWriter(SummaryWriter):
    """Takes summaries and keeps none."""


class FileSummaryWriter(SummaryWriter):
    """Writes summaries into an event file under a folder."""

    def __init__(self, folder: str, suffix: str, interval: float):
        self.folder = folder
        self._file = EventFileWriter(folder, suffix, interval)
        self._file.open()

    def flush(self) -> Any:
        if local.graph is not None:
            return _on_host(self._file.flush, "flush")
        if not self._file.closed:
            self._file.flush()
        return None

    def close(self) -> Any:
        if local.graph is not None:
            return _on_host(self._file.close, "close")
        self._file.close()
        return None

    def add_scalar(self, tag: str, value: float, step: int, description: str = "") -> None:
        self._file.add_scalar(time.time(), step, scalar_field(tag, description), value)

    def add_tensor(self, tag: str, array: np.ndarray, step: int, described: bytes) -> None:
        self._file.add(event_bytes(time.time(), step, summary_field(tag, tensor_bytes(array), described)))

    def add_event(self, step: int, fields: bytes) -> None:
        self._file.add(event_bytes(time.time(), step, fields))

    def __repr__(self) -> str:
        return f"<FileSummaryWriter {self.folder}>"


def _on_host(function: Callable[[], None], name: str) -> Any:
    """A node of the graph being built that calls a function."""

    def run(xp: Any) -> tuple[()]:
        function()
        return ()

    return HostOp(run, "SummaryWriterCall", lambda attrs: [])(name=name)


def create_file_writer(
    logdir: Any, max_queue: Any = None, flush_millis: Any = None, filename_suffix: str | None = None, name: str | None = None,
    experimental_trackable: bool = False,
) -> SummaryWriter:  # fmt: skip
    """A writer of event files under `logdir`, a file of its own each.

    Events reach the file within a second, or every `flush_millis` if that is less; `max_queue` needs no setting here. Raises
    ValueError without a folder, NotFoundError or PermissionDeniedError where it cannot be made.
    """
    if logdir is None:
        raise ValueError("Argument `logdir` cannot be None: name the folder that TensorBoard will be told to read.")
    folder = os.fspath(logdir.numpy() if hasattr(logdir, "numpy") else logdir)
    interval = 1.0 if flush_millis is None else min(1.0, max(0.01, float(flush_millis) / 1000.0))
    return FileSummaryWriter(os.fsdecode(folder), ".v2" if filename_suffix is None else filename_suffix, interval)


def create_noop_writer() -> SummaryWriter:
    """A writer that keeps nothing: for programs that may or may not log."""
    return _NoopWriter()


def flush(writer: SummaryWriter | None = None, name: str | None = None) -> Any:
    """Put what a writer, or the default one, has so far into its file."""
    writer = _state.writer if writer is None else writer
    return None if writer is None else writer.flush()


def flush_writers() -> None:
    """Put what any writer still holds into the files."""
    flush_all()


# -- the step, and whether to record --------------------------------------------------------------------------


def get_step() -> Any:
    """The step that summaries get where none is given; None if there is none."""
    return _state.step


def set_step(step: Any) -> None:
    """Set the step that summaries get where none is given: a number, a variable, or None."""
    _state.step = step


def default_writer() -> SummaryWriter | None:
    return _state.writer


@contextlib.contextmanager
def record_if(condition: Any) -> Iterator[None]:
    """Record the summaries made inside only if `condition` holds: a bool, a boolean tensor, or a function that gives one."""
    before, _state.recording = _state.recording, condition
    try:
        yield
    finally:
        _state.recording = before


def should_record_summaries() -> Any:
    """Whether a summary made here would be recorded: a bool, or a tensor where a graph is being built."""
    if _state.writer is None:
        return False
    condition = _state.recording
    if callable(condition):
        condition = condition()
    return True if condition is None else condition


class summary_scope:
    """Names a summary by the scopes around it: `with summary_scope("loss") as (tag, scope)`."""

    def __init__(self, name: str, default_name: str = "summary", values: Any = None):
        self._name = name or default_name

    def __enter__(self) -> tuple[str, str]:
        tag = tag_of(self._name)
        return tag, tag + "/"

    def __exit__(self, *exc: Any) -> None:
        pass


def tag_of(name: Any) -> str:
    """A summary's name behind the name scopes around it."""
    scope = current_name_scope()
    return f"{scope}/{name}" if scope else str(name)


# -- recording ----------------------------------------------------------------------------------------------


def number_of(step: Any) -> int:
    """The step as a number. Raises ValueError where there is none."""
    if type(step) is int:
        return step
    if step is None:
        step = _state.step
        if step is None:
            raise ValueError(
                "No step set. Please specify one either through the `step` argument or through tf.summary.experimental.set_step()."
            )
    return int(np.asarray(step.numpy() if hasattr(step, "numpy") else step).item())


def scalar(name: str, data: Any, step: Any = None, description: str | None = None) -> Any:
    """Write a number, `data`, under `name` at `step`: for the Scalars and Time Series dashboards.

    Gives whether there was a writer to take it. Raises ValueError for what is no single number, and without a step.
    """
    state = _state
    writer = state.writer
    if local.graph is None and type(data) is not SymbolicTensor:
        if writer is None:
            return _FALSE
        if state.recording is not None and not should_record_summaries():
            return _TRUE
        value = data if type(data) is float else float(_single(data))
        writer.add_scalar(
            tag_of(name), value, step if type(step) is int else number_of(step), "" if description is None else description
        )
        return _TRUE
    legacy = legacy_summary("scalar", name, data)
    if legacy is not None:
        return legacy
    described = "" if description is None else description
    return record(name, data, step, lambda writer, tag, array, number: writer.add_scalar(tag, float(array), number, described),
                  shape=[])  # fmt: skip


def _single(data: Any) -> Any:
    array = np.asarray(data.numpy() if hasattr(data, "numpy") else data)
    if array.ndim:
        raise ValueError(f"A scalar summary is one number, not an array of shape {array.shape}: use tf.reduce_mean or the like.")
    return array


def record(
    name: str, data: Any, step: Any, put: Callable[[SummaryWriter, str, np.ndarray, int], None], shape: Any = None,
    dtype: Any = None, form: str = "",
) -> Any:  # fmt: skip
    """Hand a summary's data to the default writer by `put`, now or each time the graph runs.

    shape: what the data's shape must be, form: how errors call that. Gives whether there was a writer.
    """
    writer = _state.writer
    symbolic = local.graph is not None or type(data) is SymbolicTensor
    if writer is None:
        return convert.convert_to_tensor(False) if symbolic else _FALSE
    tag = tag_of(name)
    if not symbolic:
        if should_record_summaries():
            put(writer, tag, _checked(_array_of(data, dtype), shape, tag, form), number_of(step))
        return _TRUE
    tensor = convert.convert_to_tensor(data, dtype)
    if shape is not None and not tensor.shape.is_compatible_with(shape):
        raise ValueError(f"The summary {tag!r} takes data of the form {form or shape}, not {tensor.shape}.")
    return _record_later(writer, tag, tensor, step, put)


def _array_of(data: Any, dtype: Any) -> np.ndarray:
    if type(data) is EagerTensor:
        return np.asarray(data._array)
    return data if type(data) is np.ndarray and data.dtype.kind in "fiub" else convert.to_array(
        data.numpy() if hasattr(data, "numpy") else data, dtype
    )  # fmt: skip


def _checked(array: np.ndarray, shape: Any, tag: str, form: str) -> np.ndarray:
    if shape is not None and (array.ndim != len(shape) or any(w is not None and w != n for w, n in zip(shape, array.shape))):
        raise ValueError(f"The summary {tag!r} takes data of the form {form or shape}, not {array.shape}.")
    return array


def _record_later(writer: SummaryWriter, tag: str, tensor: Any, step: Any, put: Callable[..., None]) -> Any:
    graph = local.graph if local.graph is not None else tensor.graph
    step = _state.step if step is None else step
    if step is None:
        number_of(None)

    def run(xp: Any, number: Any, wanted: Any, array: Any) -> Any:
        if wanted:
            put(writer, tag, np.asarray(array), int(number))
        return (np.array(True),)

    write = HostOp(run, "WriteSummary", lambda attrs: [TensorSpec([], dtypes.bool)])
    with context.building(graph):
        number = convert.convert_to_tensor(step)
        wanted = convert.convert_to_tensor(should_record_summaries())
        result = write(number, wanted, tensor, name=tag.rsplit("/", 1)[-1])[0]
    if not graph.building_function:
        graph.add_to_collection(_SUMMARIES_OF_GRAPH, result.op)
    return result


def legacy_summary(kind: str, name: str, data: Any, **given: Any) -> Any:
    """TensorFlow 1's summary op where a graph for sessions is built and no TensorFlow 2 writer is there; else None."""
    graph = local.graph if local.graph is not None else data.graph
    if _state.writer is not None or graph.building_function:
        return None
    from thalweg.compat.v1 import summary as v1

    with context.building(graph):
        return getattr(v1, kind)(name, data, **given)


def write(tag: str, tensor: Any, step: Any = None, metadata: Any = None, name: str | None = None) -> Any:
    """Write a tensor as it is, with `metadata`, a SummaryMetadata message that says which dashboard it is for."""
    described = b"" if metadata is None else metadata if isinstance(metadata, bytes) else metadata.SerializeToString()
    if callable(tensor):
        tensor = tensor()
    return record(tag, tensor, step, lambda writer, tag, array, number: writer.add_tensor(tag, array, number, described))


def write_raw_pb(tensor: Any, step: Any = None, name: str | None = None) -> Any:
    """Write serialized `Summary` messages: a string, or a tensor of strings."""

    def put(writer: SummaryWriter, tag: str, array: np.ndarray, number: int) -> None:
        for message in array.ravel().tolist():
            writer.add_event(number, field(5, message))

    return record(name or "write_raw_pb", tensor, step, put, dtype=dtypes.string)


def import_event(tensor: Any, name: str | None = None) -> Any:
    """Write a serialized `Event` message, with its own time and step."""

    def put(writer: SummaryWriter, tag: str, array: np.ndarray, number: int) -> None:
        if isinstance(writer, FileSummaryWriter):
            writer._file.add(array.item())

    return record(name or "import_event", tensor, 0, put, shape=[], dtype=dtypes.string)


def all_summary_ops() -> Any:
    """The operations that TensorFlow 2's summaries have made in the default graph; None where ops run at once."""
    return None if local.graph is None else local.graph.get_collection(_SUMMARIES_OF_GRAPH)
