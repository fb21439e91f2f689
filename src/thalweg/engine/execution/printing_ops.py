"""`tf.print`: text on a stream, now or each time a graph runs. Source: https://www.tensorflow.org/api_docs/python/tf/print"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from thalweg.engine.core import convert
from thalweg.engine.core.context import local
from thalweg.engine.core.tensor import SymbolicTensor, Tensor
from thalweg.engine.execution.python_calls import HostOp


class _Place:
    """Where a tensor's text goes in the message."""

    def __init__(self, index: int):
        self.index = index


# -- values as text ----------------------------------------------------------------------------------------------


def _number(x: Any) -> str:
    """A scalar as TensorFlow's C++ writes it: few digits if they are enough, else as many as tell it from its neighbours."""
    if isinstance(x, (bool, np.bool_)):
        return str(int(x))
    if isinstance(x, bytes):
        return '"' + x.decode("utf-8", "backslashreplace") + '"'
    if isinstance(x, (complex, np.complexfloating)):
        kind = np.float32 if x.dtype == np.complex64 else np.float64  # type: ignore[union-attr]
        return f"({_number(kind(x.real))},{_number(kind(x.imag))})"
    if isinstance(x, np.floating):
        few, many = (15, 17) if x.dtype == np.float64 else (6, 9)
        text = f"{float(x):.{few}g}"
        return text if type(x)(float(text)) == x or not np.isfinite(x) else f"{float(x):.{many}g}"
    if hasattr(x, "dtype") and x.dtype.kind == "V":  # bfloat16
        return _number(np.float32(x))
    return str(x)


def tensor_text(array: np.ndarray, summarize: int = 3) -> str:
    """An array's values; of longer axes the first and last `summarize`, of all if that is -1."""
    if array.ndim == 0:
        return _number(array.item() if array.dtype == object else array[()])
    return _rows(array, summarize, array.ndim)


def _rows(array: np.ndarray, summarize: int, rank: int) -> str:
    count = len(array)
    cut = 0 <= 2 * summarize < count
    shown = [*range(summarize), *range(count - summarize, count)] if cut else range(count)
    parts = [_number(array[i]) if array.ndim == 1 else _rows(array[i], summarize, rank) for i in shown]
    if cut:
        parts.insert(summarize, "...")
    between = " " if array.ndim == 1 else "\n" * (array.ndim - 1) + " " * (rank - array.ndim + 1)
    return "[" + between.join(parts) + "]"


def _layout(x: Any, tensors: list[Any], top: bool = True) -> list[Any]:
    """Pieces of text and places of tensors."""
    if isinstance(x, Tensor) or hasattr(x, "_read") or convert.is_convertible_object(x):
        tensors.append(convert.convert_to_tensor(x))
        return [_Place(len(tensors) - 1)]
    if isinstance(x, dict):
        pieces: list[Any] = ["{"]
        for i, (k, v) in enumerate(sorted(x.items(), key=lambda item: str(item[0]))):
            pieces += [", " * bool(i) + repr(k) + ": ", *_layout(v, tensors, False)]
        return [*pieces, "}"]
    if isinstance(x, (list, tuple)):
        pieces = ["(" if isinstance(x, tuple) else "["]
        for i, v in enumerate(x):
            pieces += [", " * bool(i), *_layout(v, tensors, False)]
        return [*pieces, ("," if len(x) == 1 else "") + ")" if isinstance(x, tuple) else "]"]
    return [x if isinstance(x, str) and top else repr(x)]


# -- printing ----------------------------------------------------------------------------------------------------


def _write(text: str, stream: Any) -> None:
    if isinstance(stream, str) and stream.startswith("file://"):
        with open(stream.removeprefix("file://"), "a") as f:
            f.write(text)
        return
    # Looked up now: tests and notebooks put others in their place.
    target = sys.stdout if stream == "stdout" else sys.stderr if stream == "stderr" else stream
    if callable(target):
        target(text.removesuffix("\n"))
        return
    target.write(text)
    target.flush()


def _fill(pieces: list[Any], arrays: Any, summarize: int) -> str:
    return "".join([tensor_text(np.asarray(arrays[p.index]), summarize) if isinstance(p, _Place) else p for p in pieces])


def _run(xp: Any, *arrays: Any, pieces: list[Any], stream: Any, summarize: int) -> Any:
    _write(_fill(pieces, arrays, summarize), stream)
    return ()


print_op = HostOp(_run, "PrintV2", lambda attrs: [])


def print_(*inputs: Any, **kwargs: Any) -> Any:
    """Write tensors and Python values, separated by `sep`, to `output_stream`: by default standard error.

    output_stream: `sys.stdout`, `sys.stderr`, a logging function, or "file://" and a path. summarize: how many values are shown
    at each end of an axis, -1 for all. In a graph it prints each time it runs.
    """
    stream = kwargs.pop("output_stream", sys.stderr)
    sep, end, summarize = kwargs.pop("sep", " "), kwargs.pop("end", "\n"), kwargs.pop("summarize", 3)
    name = kwargs.pop("name", None)
    if kwargs:
        raise ValueError(f"Unrecognized keyword arguments for tf.print: {', '.join(kwargs)}")
    stream = "stdout" if stream is sys.stdout else "stderr" if stream is sys.stderr else stream
    if isinstance(stream, str) and stream not in ("stdout", "stderr") and not stream.startswith("file://"):
        raise ValueError(
            f"Unsupported output stream, logging level, or file.{stream}. Use sys.stdout, sys.stderr or file://<path>."
        )
    summarize = 3 if summarize is None else summarize
    tensors: list[Any] = []
    pieces: list[Any] = []
    for i, x in enumerate(inputs):
        pieces += [sep * bool(i), *_layout(x, tensors)]
    pieces.append(end)
    if local.graph is not None or any(isinstance(t, SymbolicTensor) for t in tensors):
        return print_op(*tensors, pieces=pieces, stream=stream, summarize=summarize, name=name)
    _write(_fill(pieces, [t._array for t in tensors], summarize), stream)
    return None
