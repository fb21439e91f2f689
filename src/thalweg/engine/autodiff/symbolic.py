"""`tf.gradients`: derivatives of graph tensors, as new nodes of the graph.

Source: https://www.tensorflow.org/api_docs/python/tf/gradients
"""

from __future__ import annotations

from typing import Any

from thalweg.engine.autodiff.backprop import Call, backprop, seed
from thalweg.engine.autodiff.tape import UnconnectedGradients
from thalweg.engine.core import context, convert, nest
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import CELL, Graph, Operation
from thalweg.engine.core.indexed_slices import IndexedSlices
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor
from thalweg.engine.ops.gradients import add_gradients, zeros_like


def calls_between(graph: Graph, ys: list[SymbolicTensor], source_ids: set[int], stop: set[int]) -> tuple[list[Call], set[int]]:
    """The calls on some path from a source to a target, last first; and the ids of the tensors on these paths.

    Paths end at tensors in `stop`: they count as given. An op with several outputs has all of them in `stop`, or none.
    """
    ancestors: dict[int, Operation] = {}
    pending = [y.op for y in ys]
    while pending:
        op = pending.pop()
        if id(op) in ancestors:
            continue
        ancestors[id(op)] = op
        if op.outputs and all(id(t) in stop for t in op.outputs):
            continue
        pending.extend(t.op for t in op._inputs)
    reached = set(source_ids)
    calls: list[Call] = []
    for op in sorted(ancestors.values(), key=lambda op: op._id):
        if op.record.vjp_function is None or (op.outputs and all(id(t) in stop for t in op.outputs)):
            continue
        if any(id(t) in reached for t in op._inputs):
            reached.update(id(t) for t in op.outputs)
            outputs: Any = op.outputs[0] if op.record._result_is_single(op) else tuple(op.outputs)
            calls.append((op.record, tuple(op._inputs), op._attrs, outputs))
    calls.reverse()
    return calls, reached


def gradients_of(graph: Graph, ys: list[Any], xs: list[Any], grad_ys: list[Any], stop: set[int] = frozenset()) -> list[Any]:  # type: ignore[assignment]
    """One gradient (a tensor, IndexedSlices or None) for each of `xs`; all of them tensors of `graph`."""
    source_ids = {id(x) for x in xs}
    calls, reached = calls_between(graph, ys, source_ids, stop)
    terms: dict[int, list[Any]] = {}
    for y, g in zip(ys, grad_ys):
        if id(y) in reached:
            terms.setdefault(id(y), []).append(seed(y, g))
    backprop(calls, terms, reached, source_ids)
    return [add_gradients(list(terms[id(x)])) if id(x) in terms else None for x in xs]


def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    name: str = "gradients",
    gate_gradients: bool = False,
    aggregation_method: Any = None,
    stop_gradients: Any = None,
    unconnected_gradients: Any = UnconnectedGradients.NONE,
    colocate_gradients_with_ops: bool = False,
) -> list[Any]:
    """The derivatives of the sum of `ys` for each of `xs`, as tensors of the graph (None where unconnected).

    Raises RuntimeError for eager tensors: use tf.GradientTape there.
    """
    flat_ys = list(ys if isinstance(ys, (list, tuple)) else [ys])
    single = xs if isinstance(xs, (list, tuple)) else [xs]
    flat_ys = [_as_graph_tensor(y) for y in flat_ys]
    graph = next((t.graph for t in flat_ys if isinstance(t, SymbolicTensor)), local.graph)
    if graph is None or any(isinstance(y, EagerTensor) for y in flat_ys):
        raise RuntimeError("tf.gradients is not supported when eager execution is enabled. Use tf.GradientTape instead.")
    given = [None] * len(flat_ys) if grad_ys is None else list(grad_ys if isinstance(grad_ys, (list, tuple)) else [grad_ys])
    if len(given) != len(flat_ys):
        raise ValueError(f"`grad_ys` has {len(given)} entries for {len(flat_ys)} `ys`.")
    stops = {id(_source(s, graph)) for s in nest.flatten(stop_gradients)} if stop_gradients is not None else set()
    sources = [_source(x, graph) for x in single]
    with context.building(graph), graph.name_scope(name) as scope:
        for y in flat_ys:
            if not (y.dtype.is_floating or y.dtype.is_complex):
                import warnings

                warnings.warn(f"tf.gradients: {y.name} has dtype {y.dtype.name}, which has no gradient", stacklevel=2)
        given = [
            None
            if g is None
            else g
            if isinstance(g, IndexedSlices)
            else convert.convert_to_tensor(g, dtype=y.dtype.base_dtype, name=f"grad_ys_{i}")
            for i, (g, y) in enumerate(zip(given, flat_ys))
        ]
        del scope
        result = gradients_of(graph, flat_ys, sources, given, stops)
        if unconnected_gradients == UnconnectedGradients.ZERO:
            result = [zeros_like(x) if g is None else g for g, x in zip(result, single)]
    return result


def _as_graph_tensor(y: Any) -> Any:
    if isinstance(y, (SymbolicTensor, EagerTensor)):
        return y
    return convert.convert_to_tensor(y)


def _source(x: Any, graph: Graph) -> Any:
    """The tensor that stands for a source in the graph: a variable's handle, or the tensor itself."""
    handle = getattr(x, "handle", None)
    if handle is None:
        return x
    return handle if isinstance(handle, SymbolicTensor) else graph.capture_cell(handle)


__all__ = ["CELL", "gradients", "gradients_of"]
