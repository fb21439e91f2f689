"""Batches of elements padded to one shape."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from thalweg.data import structure
from thalweg.data.batching import batches_of, check_batch_size
from thalweg.data.cursors import Cursor, OneInput, Scope
from thalweg.data.dataset import Dataset, static
from thalweg.data.structure import Components
from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor, Tensor
from thalweg.engine.execution.tensor_spec import TensorSpec


class PaddedBatchCursor(OneInput):
    """`shapes` has -1 where the largest of the batch decides."""

    def __init__(self, input_cursor: Cursor, size: int, drop_remainder: bool, shapes: list[list[int]], values: list[np.ndarray]):
        super().__init__(input_cursor)
        self.size, self.drop_remainder, self.shapes, self.values = size, drop_remainder, shapes, values

    def __next__(self) -> Components:
        rows = list(itertools.islice(self.input, self.size))
        if not rows or (self.drop_remainder and len(rows) < self.size):
            raise StopIteration
        columns = zip(zip(*rows), self.shapes, self.values)
        return tuple([_padded(arrays, shape, value, i) for i, (arrays, shape, value) in enumerate(columns)])


def _padded(arrays: tuple[np.ndarray, ...], wanted: list[int], value: np.ndarray, component: int) -> np.ndarray:
    for n, a in enumerate(arrays):
        if a.ndim != len(wanted):
            raise errors.invalid(
                f"All elements in a batch must have the same rank as the padded shape for component{component}: "
                f"expected rank {len(wanted)} "
                f"but got element with rank {a.ndim} (element {n} of the batch)"
            )
    largest = [max(sizes) for sizes in zip(*[a.shape for a in arrays])]
    shape = []
    for axis, (w, most) in enumerate(zip(wanted, largest)):
        if w >= 0 and most > w:
            raise errors.DataLossError(
                None, None,
                f"Attempted to pad to a smaller size than the input element: component {component} has size {most} in "
                f"dimension {axis}, "
                f"the padded shape {w}.",
            )  # fmt: skip
        shape.append(most if w < 0 else w)
    out = np.empty((len(arrays), *shape), arrays[0].dtype)
    out[...] = value
    for n, a in enumerate(arrays):
        out[n, ...][tuple([slice(0, d) for d in a.shape])] = a
    return out


class PaddedBatchDataset(Dataset):
    """Batches of elements that may differ in shape."""

    def __init__(self, dataset: Dataset, batch_size: Any, padded_shapes: Any, padding_values: Any, drop_remainder: Any):
        self._inputs = (dataset,)
        self._drop_remainder = bool(drop_remainder)
        spec, form = dataset.element_spec, dataset._form
        if not form.is_plain:
            raise TypeError(f"`padded_batch` is only supported for datasets that produce tensor elements, not {spec!r}.")
        if padded_shapes is None:
            for i, s in enumerate(form.flat):
                if s.shape.rank is None:
                    raise ValueError(f"You must provide `padded_shapes` argument because component {i} has unknown rank.")
            padded_shapes = structure.map_structure(lambda s: s.shape, spec)
        shapes = [_shape(s, t) for s, t in zip(_flat_shapes(spec, padded_shapes), form.flat)]
        values = _values(spec, padding_values, form.flat)
        self._shape_lengths = [len(s) for s in shapes]
        self._size = check_batch_size(batch_size)
        self._parameters = (self._size, *values, *[d for s in shapes for d in s])
        size = static(self._size) if self._drop_remainder else None
        self._element_spec = structure.pack(
            spec,
            [
                TensorSpec([size, *[None if not isinstance(d, int) or d < 0 else d for d in s]], t.dtype)
                for s, t in zip(shapes, form.flat)
            ],
        )

    def _cursor(self, scope: Scope) -> Cursor:
        n = len(self._shape_lengths)
        values = [scope.array(v) for v in self._parameters[1 : n + 1]]
        dims = iter([scope.number(d) for d in self._parameters[n + 1 :]])
        shapes = [list(itertools.islice(dims, length)) for length in self._shape_lengths]
        size = check_batch_size(scope.number(self._size))
        return PaddedBatchCursor(self._inputs[0]._cursor(scope), size, self._drop_remainder, shapes, values)

    def _count(self) -> int:
        return batches_of(self._inputs[0]._count(), static(self._size), self._drop_remainder)


def _flat_shapes(spec: Any, shapes: Any) -> list[Any]:
    """The shape given for each leaf. A shape is a list, a tuple of numbers, a TensorShape or a tensor."""
    if not structure.is_nested(spec):
        return [shapes]
    return structure.flatten_up_to(spec, shapes)


def _shape(shape: Any, spec: TensorSpec) -> list[Any]:
    """The padded shape as a list of ints (-1: as large as needed) and symbolic scalars."""
    if isinstance(shape, SymbolicTensor):
        count = shape.shape[0] if shape.shape.rank else None
        if count is None:
            raise ValueError(f"The padded shape {shape} must have a known number of dimensions.")
        return [shape[i] for i in range(count)]  # type: ignore[index]
    if isinstance(shape, Tensor):
        shape = np.asarray(shape).tolist()  # type: ignore[call-overload]
    if isinstance(shape, (list, tuple)) and any(isinstance(d, Tensor) for d in shape):
        dims = [int(d) if isinstance(d, EagerTensor) else -1 if d is None else d for d in shape]
    else:
        listed = shape.as_list() if isinstance(shape, TensorShape) else list(np.atleast_1d(np.asarray(shape, object)))
        dims = [-1 if d is None or int(d) < 0 else int(d) for d in listed]
    known = TensorShape([d if isinstance(d, int) and d >= 0 else None for d in dims])
    inner = spec.shape
    if inner.rank is not None and (
        len(dims) != inner.rank or any(p is not None and d is not None and p < d for p, d in zip(known.as_list(), inner.as_list()))
    ):
        raise ValueError(f"The padded shape {known} is not compatible with the shape {inner} of the corresponding input component.")
    return dims


def _values(spec: Any, values: Any, flat: list[TensorSpec]) -> list[Any]:
    """What to pad each leaf with, as tensors: zeros, empty strings, unless told otherwise."""
    if structure.is_nested(spec) and values is not None and not structure.is_nested(values):
        given = [values] * len(flat)
    else:
        given = [None] * len(flat) if values is None else structure.flatten_up_to(spec, values)
    return [_value(v, s.dtype) for v, s in zip(given, flat)]


def _value(value: Any, dtype: dtypes.DType) -> Any:
    if value is None:
        value = b"" if dtype is dtypes.string else 0 if not dtype.is_bool else False
    if isinstance(value, (Tensor, np.ndarray, np.generic)):
        tensor = value if isinstance(value, Tensor) else EagerTensor(convert.to_array(value))
        if tensor.dtype.base_dtype is not dtype:
            raise TypeError(
                f"Mismatched type between padding value and input dataset's component: {tensor.dtype.name} vs. {dtype.name}."
            )
    else:
        tensor = EagerTensor(convert.to_array(value, dtype))
    if tensor.shape.rank not in (None, 0):
        raise ValueError(f"Padding value should be a scalar, but got {value!r}.")
    return tensor
