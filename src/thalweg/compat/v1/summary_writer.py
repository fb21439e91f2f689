"""`tf.summary.FileWriter`: TensorFlow 1's way of writing events, message by message.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/summary/FileWriter
"""

from __future__ import annotations

import os
import threading
import time
import warnings
from typing import Any

from thalweg.engine.core.graph import Graph
from thalweg.engine.formats.event_file import EventFileWriter
from thalweg.engine.formats.messages import Event, GraphDef, MetaGraphDef, Summary


class FileWriter:
    """Writes summaries, graphs and events into a file under `logdir`.

    graph: written at once, if given. flush_secs: how long events may wait, at most a second in any case.

    >>> with tf.compat.v1.summary.FileWriter(folder) as writer:
    ...     writer.add_summary(tf.compat.v1.Summary(value=[{"tag": "loss", "simple_value": 0.5}]), global_step=1)
    """

    def __init__(
        self, logdir: Any, graph: Any = None, max_queue: int = 10, flush_secs: float = 120, graph_def: Any = None,
        filename_suffix: str | None = None, session: Any = None,
    ):  # fmt: skip
        self._logdir, self._suffix, self._interval = os.fspath(logdir), filename_suffix or "", min(1.0, max(0.01, flush_secs))
        self._seen: set[str] = set()
        self._file = EventFileWriter(self._logdir, self._suffix, self._interval)
        self._file.open()
        if graph is not None or graph_def is not None:
            self.add_graph(graph if graph is not None else graph_def)
            proto = _graph_def(graph if graph is not None else graph_def)
            self.add_meta_graph(MetaGraphDef(graph_def=proto))

    def __enter__(self) -> FileWriter:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()

    def get_logdir(self) -> str:
        """The folder that is written to."""
        return self._logdir

    def add_summary(self, summary: Any, global_step: Any = None) -> None:
        """Write a `Summary` message, or one serialized, as `session.run` gives it."""
        if isinstance(summary, (bytes, bytearray)):
            summary = Summary.FromString(bytes(summary))
        else:
            summary = Summary.FromString(summary.SerializeToString())
        for value in summary.value:  # what a tag's dashboard is told is written once
            if value.HasField("metadata"):
                if value.tag in self._seen:
                    value.ClearField("metadata")
                self._seen.add(value.tag)
        self._add(Event(summary=summary), global_step)

    def add_graph(self, graph: Any, global_step: Any = None, graph_def: Any = None) -> None:
        """Write a graph, or a GraphDef, with the shapes on its edges. Raises TypeError for anything else."""
        if graph is not None and graph_def is not None:
            raise ValueError("Please pass only graph, or graph_def (deprecated), but not both.")
        self._add(Event(graph_def=_graph_def(graph if graph is not None else graph_def).SerializeToString()), global_step)

    def add_meta_graph(self, meta_graph_def: Any, global_step: Any = None) -> None:
        """Write a `MetaGraphDef`."""
        if not hasattr(meta_graph_def, "meta_info_def"):
            raise TypeError(f"meta_graph_def must be type MetaGraphDef, saw type: {type(meta_graph_def).__name__}")
        self._add(Event(meta_graph_def=meta_graph_def.SerializeToString()), global_step)

    def add_session_log(self, session_log: Any, global_step: Any = None) -> None:
        """Write a `SessionLog` message."""
        event = Event()
        event.session_log.ParseFromString(session_log.SerializeToString())
        self._add(event, global_step)

    def add_run_metadata(self, run_metadata: Any, tag: str, global_step: Any = None) -> None:
        """Write what a traced `session.run` took, under a tag of its own. Raises ValueError for a tag that is taken."""
        if f"run metadata: {tag}" in self._seen:
            raise ValueError("The provided tag was already used for this event type")
        self._seen.add(f"run metadata: {tag}")
        event = Event()
        event.tagged_run_metadata.tag = tag
        event.tagged_run_metadata.run_metadata = run_metadata.SerializeToString()
        self._add(event, global_step)

    def add_event(self, event: Any) -> None:
        """Write an `Event` message as it is."""
        if self._file.closed:
            warnings.warn("Attempting to use a closed FileWriter. The operation will be a noop unless the FileWriter is reopened.")
            return
        self._file.add(event.SerializeToString())

    def _add(self, event: Any, step: Any) -> None:
        event.wall_time = time.time()
        if step is not None:
            event.step = int(step)
        self.add_event(event)

    def flush(self) -> None:
        """Put all events so far into the file."""
        if not self._file.closed:
            self._file.flush()

    def close(self) -> None:
        """Write the rest, and close the file."""
        self._file.close()

    def reopen(self) -> None:
        """Go on after `close`, in a new file. Does nothing while the writer is open."""
        if self._file.closed:
            self._file = EventFileWriter(self._logdir, self._suffix, self._interval)
            self._file.open()
            self._seen.clear()


def _graph_def(graph: Any) -> Any:
    if isinstance(graph, Graph):
        return graph.as_graph_def(add_shapes=True)
    if hasattr(graph, "library") and hasattr(graph, "SerializeToString"):
        return GraphDef.FromString(graph.SerializeToString())
    raise TypeError(f"A graph must be a tf.Graph or a GraphDef, not {type(graph).__name__}.")


class FileWriterCache:
    """One writer for each folder."""

    _cache: dict[str, FileWriter] = {}
    _lock = threading.RLock()

    @staticmethod
    def clear() -> None:
        """Close the writers, and forget them."""
        with FileWriterCache._lock:
            for writer in FileWriterCache._cache.values():
                writer.close()
            FileWriterCache._cache.clear()

    @staticmethod
    def get(logdir: Any) -> FileWriter:
        """The writer for a folder."""
        with FileWriterCache._lock:
            key = os.fspath(logdir)
            if key not in FileWriterCache._cache:
                FileWriterCache._cache[key] = FileWriter(key)
            return FileWriterCache._cache[key]
