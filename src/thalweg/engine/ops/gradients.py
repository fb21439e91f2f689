"""What automatic differentiation itself needs: sums of gradients, ones and zeros."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core.cell import Cell
from thalweg.engine.core.indexed_slices import IndexedSlices
from thalweg.engine.core.registry import BASIC, NUMERIC, Sample, op
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.tensor import EagerTensor
from thalweg.engine.ops.elementwise import add_v2
from thalweg.engine.ops.families import same_shape


def _add_n_shape(*shapes: TensorShape) -> TensorShape:
    merged = shapes[0]
    for s in shapes[1:]:
        merged = merged.merge_with(s)
    return merged


@op("AddN", types=("T*",), dtypes=NUMERIC, shape=_add_n_shape, samples=[Sample((2, 3), (2, 3), (2, 3)), Sample((2,))],
    vjp=lambda y, g, *inputs: (g,) * len(inputs))
def add_n_op(xp: Any, *inputs: Any) -> Any:
    total = inputs[0]
    for x in inputs[1:]:
        total = total + x
    return total


@op("OnesLike", dtypes=BASIC, shape=same_shape, samples=[Sample((2, 3))])
def ones_like(xp: Any, x: Any) -> Any:
    return xp.ones(x.shape, x.dtype)


@op("ZerosLike", dtypes=BASIC, shape=same_shape, samples=[Sample((2, 3))])
def zeros_like_op(xp: Any, x: Any) -> Any:
    return xp.zeros(x.shape, x.dtype)


def zeros_like(x: Any) -> Any:
    """Zeros shaped like a tensor, or like a variable's value where a cell stands for it."""
    if isinstance(x, Cell):
        return EagerTensor(np.zeros(x.array().shape, x.dtype.np_dtype))
    return zeros_like_op(x)


def add_gradients(terms: list[Any]) -> Any:
    """The sum of a tensor's gradient terms. Sparse terms (IndexedSlices) are put end to end while all are sparse."""
    if len(terms) == 1:
        return terms[0]
    if all(isinstance(t, IndexedSlices) for t in terms):
        return IndexedSlices.concatenate(terms)
    total = terms[0]
    for t in terms[1:]:
        total = add_v2(total, t)
    terms[:] = [total]
    return total
