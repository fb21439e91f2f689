"""What is known of symbolic values before anything runs: shapes as values, and arithmetic on them.

So `tf.reshape(x, [tf.shape(x)[0], 10])` has the static shape `(None, 10)`. An integer value with unknown elements is
held as float64 with NaN for each of them: the ops' own kernels then carry it through, and what they make of an unknown
is unknown again.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import registry
from thalweg.engine.core.context import run_quietly
from thalweg.engine.core.registry import HOST, INTEGER, REGISTRY, static_value
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor, Tensor

# Larger values are data, not shapes.
_MOST_ELEMENTS = 1024
_DEEPEST = 64

# Ops that compute with partly unknown values as they are.
_PARTLY = frozenset({
    "Pack", "Unpack", "ConcatV2", "Split", "SplitV", "StridedSlice", "Slice", "GatherV2", "Reshape", "Squeeze",
    "ExpandDims", "Transpose", "ReverseV2", "Tile", "BroadcastTo", "Fill", "Identity", "StopGradient",
    "PreventGradient", "EnsureShape", "AddV2", "Add", "Sub", "Mul", "FloorDiv", "Neg", "Maximum", "Minimum", "Sum",
    "Prod", "KeptDims",
})  # fmt: skip
# Ops whose result is known when all their inputs are.
_WHOLLY = _PARTLY | frozenset({
    "Range", "Cast", "Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual", "LogicalAnd", "LogicalOr",
    "LogicalNot", "SelectV2", "Select", "Max", "Min", "All", "Any", "FloorMod", "Mod", "TruncateDiv", "TruncateMod",
    "RealDiv", "Div", "Floor", "Ceil", "Round", "Abs", "Sign", "Square", "Cumsum", "ArgMax", "ArgMin",
    "InvertPermutation", "BroadcastGradientArgs", "BroadcastArgs", "ZerosLike", "OnesLike", "Where",
    "UnsortedSegmentSum", "LinSpace",
})  # fmt: skip
# Inputs that are places to look at, not values to carry.
_PLACES = {"GatherV2": (1,)}


def evaluate(tensor: SymbolicTensor, depth: int = 0) -> np.ndarray | None:
    """The value as an array, NaN for unknown integers; None if even the number of elements is unknown."""
    cached = tensor.__dict__.get("_static")
    if cached is not None:
        return cached
    value = _computed(tensor, depth) if depth < _DEEPEST else None
    if value is None:
        return _unknown(tensor)
    if not _is_partial(value):
        tensor.__dict__["_static"] = value
    return value


def _unknown(tensor: SymbolicTensor) -> np.ndarray | None:
    count = tensor.shape.num_elements()
    if count is None or count > _MOST_ELEMENTS or tensor.dtype not in INTEGER:
        return None
    return np.full(tensor.shape.as_list(), np.nan)  # type: ignore[arg-type]


def _computed(tensor: SymbolicTensor, depth: int) -> np.ndarray | None:
    op = tensor.op
    if op.type == "Const":
        return op.get_attr("value")
    if op.type in _OF_SHAPES:
        return _OF_SHAPES[op.type](op.inputs[0].shape, tensor.dtype.np_dtype)
    if op.type not in _WHOLLY:
        return None
    values = [evaluate(x, depth + 1) for x in op.inputs]
    if any(v is None or v.size > _MOST_ELEMENTS for v in values):
        return None
    return _run(tensor, values)


def _run(tensor: SymbolicTensor, values: list[Any]) -> np.ndarray | None:
    """The op's kernel on what is known of its inputs."""
    op = tensor.op
    if op.type == "Cast" and _is_partial(values[0]):
        return values[0] if tensor.dtype in INTEGER else None
    places = [op.record.type_of_input(i, len(values)) == HOST or i in _PLACES.get(op.type, ()) for i in range(len(values))]
    partial = [_is_partial(v) for v in values]
    if any(p and place for p, place in zip(partial, places)) or (any(partial) and op.type not in _PARTLY):
        return None
    if any(partial):
        values = [v if place else v.astype(np.float64) for v, place in zip(values, places)]
    try:
        out = run_quietly(op.record.kernel, np, *values, **op._attrs)
    except Exception:  # what cannot be computed now is unknown; running the graph will say why
        return None
    out = np.asarray(out[tensor.value_index] if isinstance(out, (tuple, list)) else out)
    if out.size > _MOST_ELEMENTS:
        return None
    if tensor.dtype in INTEGER and any(partial) and not _is_partial(out):
        return out.astype(tensor.dtype.np_dtype)
    return out


def _is_partial(value: np.ndarray) -> bool:
    return value.dtype == np.float64 and bool(np.isnan(value).any())


def _sizes(shape: TensorShape, dtype: np.dtype) -> np.ndarray | None:
    if shape.rank is None:
        return None
    if shape.is_fully_defined():
        return np.array(shape.as_list(), dtype)
    return np.array([np.nan if d is None else d for d in shape.as_list()], np.float64)


_OF_SHAPES = {
    "Shape": _sizes,
    "Size": lambda shape, dtype: None if shape.num_elements() is None else np.array(shape.num_elements(), dtype),
    "Rank": lambda shape, dtype: None if shape.rank is None else np.array(shape.rank, dtype),
}


def _plain(tensor: SymbolicTensor) -> Any:
    """For shape rules: ints and lists, None for what is unknown."""
    value = evaluate(tensor)
    if value is None:
        return None
    if not _is_partial(value) or tensor.dtype not in INTEGER:
        return value.tolist()
    return _with_none(value.tolist())


def _with_none(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_none(v) for v in value]
    return None if value != value else int(value)


registry.set_static_evaluator(_plain)


def known(x: Any) -> Any:
    """The value of a HOST input as plain Python if all of it is known, else None."""
    value = static_value(x)
    return None if value is None or _has_none(value) else value


def _has_none(value: Any) -> bool:
    return any(_has_none(v) for v in value) if isinstance(value, list) else value is None


def shape_of(x: Any) -> Any:
    """The shape of a tensor for another op's shape input: plain sizes where they are known, else a tensor."""
    shape = x.shape
    return shape.as_list() if shape.is_fully_defined() else REGISTRY["Shape"](x)


def get_static_value(tensor: Any, partial: bool = False) -> Any:
    """The value of a tensor as a NumPy array if it can be told without running anything, else None.

    With `partial`, an array of objects that holds None for each unknown element.

    >>> tf.get_static_value(tf.constant([1, 2]))
    array([1, 2], dtype=int32)
    """
    if isinstance(tensor, EagerTensor):
        return tensor.numpy()
    if not isinstance(tensor, Tensor):
        return tensor
    value = evaluate(tensor)  # type: ignore[arg-type]
    if value is None:
        return None
    if _is_partial(value) and tensor.dtype in INTEGER:
        if not partial or np.isnan(value).all():
            return None
        return np.array(_with_none(value.tolist()), object)
    return np.array(value)


constant_value = get_static_value
