"""`tf.Print`: a tensor that says what others are each time it is computed.

Source: https://www.tensorflow.org/api_docs/python/tf/compat/v1/Print
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from thalweg.engine.core import context, convert
from thalweg.engine.core.context import local
from thalweg.engine.core.tensor import EagerTensor
from thalweg.engine.execution.printing_ops import _number
from thalweg.engine.execution.python_calls import HostOp
from thalweg.engine.ops.shaping import identity


def _element(x: Any) -> str:
    return x.decode("utf-8", "backslashreplace") if isinstance(x, bytes) else _number(x)


def summarized(array: np.ndarray, limit: int) -> str:
    """The first `limit` elements, in brackets as they are nested; of a longer tensor with dots."""
    if array.ndim == 0:
        return _element(array.item() if array.dtype == object else array[()])
    parts: list[str] = []
    left = [max(limit, 0)]

    def walk(a: np.ndarray, top: bool) -> None:
        if a.ndim == 1:
            for i in range(len(a)):
                if not left[0]:
                    parts.append("" if top else "...")
                    return
                parts.append((" " if i else "") + _element(a[i]))
                left[0] -= 1
            return
        for row in a:
            if not left[0]:
                return
            parts.append("[")
            walk(row, False)
            parts.append("]")

    walk(array, True)
    return "".join(parts) + ("..." if array.size > limit else "")


class _Message:
    """What is printed, and how often it was."""

    def __init__(self, message: str, first_n: int, summarize: int):
        self._message, self._left, self._limit = message, first_n, summarize

    def __call__(self, arrays: Any) -> None:
        if self._left == 0:
            return
        self._left -= 1
        print(self._message + "".join(f"[{summarized(np.asarray(a), self._limit)}]" for a in arrays), file=sys.stderr, flush=True)


def _run(xp: Any, *arrays: Any, say: _Message) -> Any:
    say(arrays)
    return ()


print_op = HostOp(_run, "Print", lambda attrs: [])


def Print(
    input_: Any, data: Any, message: str | None = None, first_n: int | None = None, summarize: int | None = None,
    name: str | None = None,
) -> Any:  # fmt: skip
    """`input_`; whenever it is computed, `message` and the `data` go to standard error, at most `first_n` times.

    Of each tensor the first `summarize` (3) elements are shown.
    """
    say = _Message(message or "", -1 if first_n is None else first_n, 3 if summarize is None else summarize)
    value = convert.convert_to_tensor(input_)
    tensors = [convert.convert_to_tensor(x) for x in data]
    if local.graph is None and isinstance(value, EagerTensor):
        say([t.numpy() for t in tensors])
        return identity(value)
    graph = local.graph if local.graph is not None else value.graph
    with context.building(graph):
        printed = print_op(*tensors, say=say, name=f"{name or 'Print'}/data")
        with graph.control_dependencies([printed]):
            return identity(value, name=name or "Print")
