"""Reverse mode: one walk over recorded calls, used by the tape and by `tf.gradients`.

Knows no op by name but the addition that sums gradients; every rule comes from the op's own record.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from thalweg.engine.core.cell import Cell
from thalweg.engine.core.registry import Op
from thalweg.engine.core.tensor import EagerTensor
from thalweg.engine.ops.gradients import add_gradients, ones_like, zeros_like


class Call(NamedTuple):
    """One recorded call: `outputs` is a tensor, or a tuple of them for an op with several outputs."""

    op: Op
    inputs: tuple[Any, ...]
    attrs: dict[str, Any]
    outputs: Any


def backprop(calls: Iterable[Call], gradients: dict[int, list[Any]], wanted: set[int], sources: set[int]) -> None:
    """Walk `calls` (the last one first) and add to `gradients` (id of a tensor -> its gradient's terms).

    `wanted` holds the ids of all tensors on a path from a source; `sources` those whose terms must be kept.
    """
    for call in calls:
        op, inputs, attrs, outputs = call
        many = isinstance(outputs, tuple)
        arriving = [gradients.get(id(y)) for y in outputs] if many else gradients.get(id(outputs))
        if not arriving or (many and not any(arriving)):
            continue
        if many:
            g: Any = tuple(add_gradients(terms) if terms else None for terms in arriving)
            if not op.takes_missing_gradients:
                g = tuple(zeros_like(y) if d is None and _differentiable(y) else d for d, y in zip(g, outputs))
            used: Any = outputs
        else:
            g, used = add_gradients(arriving), (outputs,)
        for y in used:
            if id(y) not in sources:
                gradients.pop(id(y), None)
        rule = op.vjp_function
        if rule is None:
            continue
        deltas = rule(outputs, g, *inputs, **attrs)
        if not isinstance(deltas, (tuple, list)):
            deltas = (deltas,)
        for x, d in zip(inputs, deltas):
            if d is None or id(x) not in wanted:
                continue
            if callable(d):
                d = d()
                if d is None:
                    continue
            terms = gradients.get(id(x))
            if terms is None:
                gradients[id(x)] = [d]
            else:
                terms.append(d)


def _differentiable(y: Any) -> bool:
    return y.dtype.is_floating or y.dtype.is_complex


def seed(y: Any, given: Any = None) -> Any:
    """The gradient to start from at a target: what the caller gave, or ones."""
    return ones_like(y) if given is None else given


def source_key(x: Any) -> int:
    """The id under which gradients for a source arrive: a variable's handle, or the tensor itself."""
    return id(getattr(x, "handle", x))


__all__ = ["Call", "Cell", "EagerTensor", "backprop", "seed", "source_key"]
