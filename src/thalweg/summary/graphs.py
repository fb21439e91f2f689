"""Graphs for TensorBoard: those of sessions and functions, Keras models as their layers, and traces of what ran.

Source: https://www.tensorflow.org/tensorboard/graphs
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from thalweg.engine.core.graph import Graph
from thalweg.engine.execution.concrete import ConcreteFunction
from thalweg.engine.formats.event_file import field
from thalweg.engine.formats.summaries import metadata
from thalweg.summary.writing import default_writer, number_of


def _graph_def(graph_data: Any) -> Any:
    """The GraphDef, with shapes, of a graph, a traced function, or a GraphDef."""
    graph = getattr(graph_data, "graph", graph_data)
    if hasattr(graph, "as_graph_def"):
        return graph.as_graph_def(add_shapes=True)
    if hasattr(graph, "library") and hasattr(graph, "SerializeToString"):
        return graph
    raise ValueError(f"'graph_data' is not tf.Graph or tf.compat.v1.GraphDef, but {type(graph_data).__name__}.")


def graph(graph_data: Any) -> bool:
    """Write a graph (a `tf.Graph`, a function's, or a `GraphDef`) for the Graphs dashboard; gives whether there was a writer."""
    writer = default_writer()
    if writer is None:
        return False
    writer.add_event(0, field(4, _graph_def(graph_data).SerializeToString()))
    return True


def _text(data: bytes) -> np.ndarray:
    out = np.empty((), object)
    out[()] = data
    return out


def keras_model(name: str, data: Any, step: Any = None) -> bool:
    """Write a Keras model as a graph of its layers; gives False where it has no configuration to write, or without a writer."""
    writer = default_writer()
    if writer is None:
        return False
    try:
        described = data.to_json()
    except (NotImplementedError, ValueError, TypeError):
        return False
    writer.add_tensor(name, _text(described.encode()), number_of(step), metadata("graph_keras_model", b"1"))
    return True


# -- traces -------------------------------------------------------------------------------------------------


class _Trace:
    """Which functions have run since `trace_on`, and where a profile is being recorded."""

    def __init__(self, graph: bool, profile: bool, folder: str | None):
        self.graph, self.profile, self.folder = graph, profile, folder
        self.graphs: dict[int, Graph] = {}
        self.call = ConcreteFunction._call


_trace: _Trace | None = None


def trace_on(graph: bool = True, profiler: bool = False, profiler_outdir: str | None = None) -> None:
    """Begin to note the functions that run (`graph`), and to record a profile (`profiler`) for `trace_export`."""
    global _trace
    if _trace is not None:
        import warnings

        warnings.warn("Trace already enabled", stacklevel=2)
        return
    trace = _trace = _Trace(graph, profiler, profiler_outdir)
    if graph:

        def noted(self: ConcreteFunction, arguments: list[Any]) -> Any:
            trace.graphs.setdefault(id(self.graph), self.graph)
            return trace.call(self, arguments)

        ConcreteFunction._call = noted  # type: ignore[method-assign]  # calls cost nothing more while no trace is on
    if profiler:
        from thalweg.profiler import experimental

        experimental.start(profiler_outdir)


def trace_off() -> None:
    """Stop the trace, and throw away what it noted."""
    global _trace
    if _trace is None:
        return
    ConcreteFunction._call = _trace.call  # type: ignore[method-assign]
    if _trace.profile:
        from thalweg.profiler import experimental

        with contextlib.suppress(Exception):
            experimental.stop(save=False)
    _trace = None


def trace_export(name: str, step: Any = None, profiler_outdir: str | None = None) -> None:
    """Write the graphs of the functions that ran since `trace_on` under `name`, and the profile; then stop the trace.

    Raises ValueError where no trace is on.
    """
    if _trace is None:
        raise ValueError("Must enable trace before export through tf.summary.trace_on.")
    trace, writer = _trace, default_writer()
    if trace.profile:
        from thalweg.profiler import experimental

        trace.profile = False
        experimental.stop(profiler_outdir or trace.folder or getattr(writer, "folder", None))
    if trace.graph and writer is not None:
        from thalweg.engine.formats.messages import RunMetadata

        data = RunMetadata()
        for found in trace.graphs.values():
            proto = found.as_graph_def(add_shapes=True)
            entry = data.function_graphs.add()
            entry.pre_optimization_graph.CopyFrom(proto)
            entry.post_optimization_graph.CopyFrom(proto)
        run_metadata_graphs(name, data, step)
    trace_off()


def run_metadata_graphs(name: str, data: Any, step: Any = None) -> bool:
    """Write a RunMetadata for the graphs in it."""
    return _run_metadata("graph_run_metadata_graph", name, data, step)


def run_metadata(name: str, data: Any, step: Any = None) -> bool:
    """Write a RunMetadata for the time and memory of each op in it."""
    return _run_metadata("graph_run_metadata", name, data, step)


def _run_metadata(plugin: str, name: str, data: Any, step: Any) -> bool:
    writer = default_writer()
    if writer is None:
        return False
    writer.add_tensor(name, _text(data.SerializeToString()), number_of(step), metadata(plugin, b"1"))
    return True


@contextlib.contextmanager
def traced(name: str, step: Any) -> Iterator[None]:
    """Note the functions that run inside, and write their graphs."""
    trace_on(graph=True)
    try:
        yield
        trace_export(name, step)
    finally:
        trace_off()
