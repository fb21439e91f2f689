"""What an explanation holds: nodes with their values and derivatives, and the terms that each derivative is the sum of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from thalweg.explaining import wording


@dataclass(frozen=True)
class Part:
    """One term of a chain-rule sum: what flows back to a node from one use of it.

    consumer: the node that uses it, as its input number `position`. value: the term, shaped as the node's value. local: the
    derivative of the consumer by this input alone, where both are scalars; then `value` is the consumer's derivative times it.
    """

    consumer: int
    position: int
    value: np.ndarray
    local: np.ndarray | None


@dataclass
class Node:
    """A step of the computation.

    number: its place in the forward order, from 1. name: its name in the program, with its scopes. kind: "input", "variable",
    "constant" or "step". op: the op's type. inputs: the numbers of the nodes it takes. given: settings that are not nodes (an
    axis). value: what the forward sweep gives. derivative: of the result by it, None where nothing flows back. made_at: the
    file and line. title: its name with as many of its scopes as tell it from its like.
    """

    number: int
    name: str
    kind: str
    op: str
    inputs: tuple[int, ...]
    given: dict[str, Any]
    value: np.ndarray
    made_at: str = ""
    title: str = ""
    derivative: np.ndarray | None = None
    parts: list[Part] = field(default_factory=list)

    @property
    def label(self) -> str:
        """What it is called for short: n5."""
        return f"n{self.number}"

    @property
    def scope(self) -> tuple[str, ...]:
        return tuple(self.name.split("/")[:-1])


@dataclass
class Explanation:
    """A computation with both its sweeps.

    nodes: in forward order; `nodes[i]` has number `i + 1`. targets: the numbers of the results; what flows back is the derivative
    of their sum. `print` it, show it in a notebook, or take `text()`, `svg()`, `html()`.

    >>> print(tf.explain(lambda x, y: x * x * y + y + 2, 3.0, 4.0).derivatives)
    {'x': array(24., dtype=float32), 'y': array(10., dtype=float32)}
    """

    nodes: list[Node]
    targets: tuple[int, ...]

    def __getitem__(self, key: int | str) -> Node:
        """A node by its number, its short name (n5) or its name in the program. Raises KeyError."""
        for node in self.nodes:
            if key in (node.number, node.label, node.name):
                return node
        raise KeyError(key)

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    @property
    def values(self) -> list[np.ndarray]:
        """The results."""
        return [self[t].value for t in self.targets]

    @property
    def derivatives(self) -> dict[str, np.ndarray]:
        """Of the result, by each input and variable that it depends on: what `tape.gradient` gives."""
        return {n.name: n.derivative for n in self.nodes if n.kind in ("input", "variable") and n.derivative is not None}

    @property
    def backward(self) -> list[Node]:
        """The nodes that something flows back to, in the order in which their derivatives are complete."""
        return [n for n in reversed(self.nodes) if n.derivative is not None]

    def text(self) -> str:
        """Both sweeps, a line for each node and each term."""
        return wording.sweeps(self)

    __str__ = text

    def svg(self) -> str:
        """The computation as a picture, complete in itself. Scopes of a big one are folded."""
        from thalweg.explaining.drawing import picture
        from thalweg.explaining.views import views

        return picture(self, next(iter(views(self).values())), alone=True)

    def html(self) -> str:
        """A page, complete in itself, on which one steps through both sweeps."""
        from thalweg.explaining.page import page

        return page(self)

    _repr_svg_ = svg

    def __repr__(self) -> str:
        results = ", ".join(wording.amount(v) for v in self.values)
        return f"<Explanation of {len(self.nodes)} nodes, result {results}>"
