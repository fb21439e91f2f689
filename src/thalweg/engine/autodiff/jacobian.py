"""Jacobians: one backward walk per element of the target.

Source: https://www.tensorflow.org/api_docs/python/tf/GradientTape#jacobian
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import nest
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.core.tensor import Tensor, static_shape


def _known_size(target: Any) -> int:
    size = static_shape(target).num_elements()
    if size is None:
        raise ValueError(f"The jacobian of a tensor of unknown shape {target.shape} cannot be built: give it a known shape.")
    return size


def _rows(tape: Any, target: Any, sources: Any, unconnected: Any) -> list[list[Any]]:
    """Gradients of each element of `target` for the flat sources."""
    if not tape._persistent and static_shape(target).num_elements() != 1:
        tape = _reusable(tape)
    size = _known_size(target)
    shape = target.shape.as_list()
    rows = []
    for i in range(size):
        pick = np.zeros(size, target.dtype.as_numpy_dtype)
        pick[i] = 1
        rows.append(
            nest.flatten(
                tape.gradient(target, sources, output_gradients=pick_tensor(pick.reshape(shape)), unconnected_gradients=unconnected)
            )
        )
    return rows


def pick_tensor(array: np.ndarray) -> Any:
    from thalweg.engine.core.convert import convert_to_tensor

    return convert_to_tensor(array)


class _reusable:
    def __init__(self, tape: Any):
        self._tape = tape

    def gradient(self, *args: Any, **kwargs: Any) -> Any:
        tape = self._tape
        if tape._calls is None:
            raise RuntimeError("A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)")
        before, tape._persistent = tape._persistent, True
        was_recording = tape._recording
        if was_recording:
            tape._stop()
        try:
            return tape.gradient(*args, **kwargs)
        finally:
            tape._persistent = before


def jacobian(tape: Any, target: Any, sources: Any, unconnected: Any) -> Any:
    flat = nest.flatten(sources)
    rows = _rows(tape, target, sources, unconnected)
    result = []
    for j, source in enumerate(flat):
        column = [row[j] for row in rows]
        if not column:
            source_shape = static_shape(source) if isinstance(source, Tensor) else source.shape
            zeros = np.zeros(target.shape.as_list() + source_shape.as_list(), target.dtype.as_numpy_dtype)
            result.append(pick_tensor(zeros))
        elif column[0] is None:
            result.append(None)
        else:
            stacked = REGISTRY["Pack"](*column, axis=0)
            result.append(REGISTRY["Reshape"](stacked, target.shape.as_list() + stacked.shape.as_list()[1:]))
    if not tape._persistent:
        tape._calls = None
    return nest.pack_sequence_as(sources, result)


def batch_jacobian(tape: Any, target: Any, source: Any, unconnected: Any) -> Any:
    """Row `i` of the target depends on row `i` of the source alone: sum over rows, then a jacobian per element of a row."""
    target_shape, source_shape = target.shape.as_list(), source.shape.as_list()
    if not target_shape or not source_shape or target_shape[0] != source_shape[0]:
        raise ValueError(f"Need first dimension of target shape ({target.shape}) and source shape ({source.shape}) to match.")
    per_row = int(np.prod(target_shape[1:]))
    view = tape if tape._persistent else _reusable(tape)
    columns = []
    for i in range(per_row):
        pick = np.zeros((target_shape[0], per_row), target.dtype.as_numpy_dtype)
        pick[:, i] = 1
        g = view.gradient(
            target, source, output_gradients=pick_tensor(pick.reshape(target_shape)), unconnected_gradients=unconnected
        )
        columns.append(g)
    if not tape._persistent:
        tape._calls = None
    if any(c is None for c in columns):
        return None
    if not columns:
        return pick_tensor(np.zeros(target_shape + source_shape[1:], target.dtype.as_numpy_dtype))
    stacked = REGISTRY["Pack"](*columns, axis=1)
    return REGISTRY["Reshape"](stacked, target_shape + source_shape[1:])
