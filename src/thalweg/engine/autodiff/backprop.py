"""Reverse mode: one walk over recorded calls, used by the tape and by `tf.gradients`.

Knows no op by name but the addition that sums gradients; every rule comes from the op's own record.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import numpy as np

from thalweg.engine.core.cell import Cell
from thalweg.engine.core.context import local
from thalweg.engine.core.registry import Op
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor
from thalweg.engine.ops.gradients import add_gradients, ones_like, zeros_like

# One recorded call: op, inputs, attributes, outputs; a tensor, or a tuple of them for an op with several outputs.
# A plain tuple, since one is made for each op that runs under a tape.
Call = tuple[Op, tuple[Any, ...], dict[str, Any], Any]


def backprop(calls: Iterable[Call], gradients: dict[int, list[Any]], wanted: set[int], sources: set[int]) -> None:
    """Walk `calls` (the last one first) and add to `gradients` (id of a tensor -> its gradient's terms).

    `wanted` holds the ids of all tensors on a path from a source; `sources` those whose terms must be kept.
    """
    for op, inputs, attrs, outputs in calls:
        if type(outputs) is tuple:
            g = _gradients_of_many(op, outputs, gradients, sources)
            if g is None:
                continue
        else:
            terms = gradients.get(id(outputs))
            if not terms:
                continue
            g = terms[0] if len(terms) == 1 else add_gradients(terms)
            if id(outputs) not in sources:
                del gradients[id(outputs)]
        rule = op.vjp_function
        if rule is None:
            continue
        if local.graph is None:
            deltas = rule(outputs, g, *inputs, **attrs)
        else:
            deltas = _under_forward_name(rule, outputs, g, inputs, attrs, wanted)
        if type(deltas) is not tuple and type(deltas) is not list:
            deltas = (deltas,)
        for x, d in zip(inputs, deltas):
            if d is None or id(x) not in wanted:
                continue
            if type(d) is not EagerTensor and callable(d):
                d = d()
                if d is None:
                    continue
            terms = gradients.get(id(x))
            if terms is None:
                gradients[id(x)] = [d]
            else:
                terms.append(d)


def _under_forward_name(rule: Any, outputs: Any, g: Any, inputs: tuple[Any, ...], attrs: dict[str, Any], wanted: set[int]) -> Any:
    """An op's gradients in a graph, in a scope that is called as the op is, so that a picture tells what is whose."""
    first = outputs[0] if type(outputs) is tuple and outputs else outputs
    graph = local.graph
    if type(first) is not SymbolicTensor or first.graph is not graph:
        return rule(outputs, g, *inputs, **attrs)
    scope = graph.get_name_scope()
    with graph.name_scope(f"{scope}/{first.op.name}_grad/" if scope else f"{first.op.name}_grad/"):
        deltas = rule(outputs, g, *inputs, **attrs)
        if type(deltas) is not tuple and type(deltas) is not list:
            deltas = (deltas,)
        return [d() if id(x) in wanted and d is not None and type(d) is not EagerTensor and callable(d) else d
                for x, d in zip(inputs, deltas)]  # fmt: skip


def _gradients_of_many(op: Op, outputs: tuple[Any, ...], gradients: dict[int, list[Any]], sources: set[int]) -> Any:
    """What arrived at the outputs of one call, a tuple; None if nothing did."""
    arriving = [gradients.get(id(y)) for y in outputs]
    if not any(arriving):
        return None
    g = tuple(add_gradients(terms) if terms else None for terms in arriving)
    for y in outputs:
        if id(y) not in sources:
            gradients.pop(id(y), None)
    if op.takes_missing_gradients:
        return g
    return tuple(zeros_like(y) if d is None and _differentiable(y) else d for d, y in zip(g, outputs))


def _differentiable(y: Any) -> bool:
    return y.dtype.is_floating or y.dtype.is_complex


def seed(y: Any, given: Any = None) -> Any:
    """The gradient to start from at a target: what the caller gave, or ones."""
    if given is not None:
        return given
    if type(y) is EagerTensor and not y._array.ndim:  # a loss, nearly always
        return EagerTensor(_one(y._array.dtype))
    return ones_like(y)


@functools.cache
def _one(dtype: np.dtype) -> np.ndarray:
    """A scalar one. Shared by all tensors that start from it: no kernel writes into its inputs."""
    return np.ones((), dtype)


def source_key(x: Any) -> int:
    """The id under which gradients for a source arrive: a variable's handle, or the tensor itself."""
    return id(x) if type(x) is EagerTensor else id(getattr(x, "handle", x))


__all__ = ["Call", "Cell", "EagerTensor", "backprop", "seed", "source_key"]
