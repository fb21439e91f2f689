"""Elements gathered into datasets: window, group_by_window, buckets of lengths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import thalweg as tf
from thalweg.data import structure
from thalweg.data.cursors import Cursor, OneInput, Renewing, Scope
from thalweg.data.dataset import INFINITE, UNKNOWN, Dataset, parameter, static
from thalweg.data.functions import ElementFunction
from thalweg.data.sources import ListDataset
from thalweg.data.structure import Components, DatasetSpec
from thalweg.data.variants import Bound, bound_of, boxed
from thalweg.engine.core import dtypes, errors
from thalweg.engine.execution.tensor_spec import TensorSpec


class WindowCursor(OneInput):
    fields = ("buffer", "ended")

    def __init__(self, input_cursor: Cursor, size: int, shift: int, stride: int, drop_remainder: bool, specs: list[Any]):
        super().__init__(input_cursor)
        self.size, self.shift, self.stride, self.drop_remainder, self.specs = size, shift, stride, drop_remainder, specs
        self.buffer: list[Components] = []
        self.ended = False

    def __next__(self) -> Components:
        target = (self.size - 1) * self.stride + 1
        self._fill(target)
        buffer = self.buffer
        if not buffer or (self.drop_remainder and len(buffer) < target):
            raise StopIteration
        window = buffer[: target : self.stride]
        if self.shift >= len(buffer):
            missing = self.shift - len(buffer)
            self.buffer = []
            for _ in range(missing):
                if next(self.input, None) is None:
                    self.ended = True
                    break
        else:
            self.buffer = buffer[self.shift :]
        return self._datasets(window)

    def _fill(self, target: int) -> None:
        while not self.ended and len(self.buffer) < target:
            components = next(self.input, None)
            if components is None:
                self.ended = True
            else:
                self.buffer.append(components)

    def _datasets(self, window: list[Components]) -> Components:
        """One dataset for each leaf."""
        made, at = [], 0
        for spec in self.specs:
            width = len(structure.component_specs(spec))
            made.append(boxed(Bound(ListDataset([row[at : at + width] for row in window], spec), {})))
            at += width
        return tuple(made)


class WindowDataset(Dataset):
    """Datasets of neighbouring elements."""

    def __init__(self, dataset: Dataset, size: Any, shift: Any, stride: Any, drop_remainder: bool):
        self._inputs = (dataset,)
        numbers = {"size": size, "shift": size if shift is None else shift, "stride": stride}
        self._parameters = tuple(parameter(v, what) for what, v in numbers.items())
        for what, v in zip(numbers, self._parameters):
            if isinstance(v, int) and v < 1:
                raise errors.invalid(f"Window {what} must be greater than zero.")
        self._drop_remainder = bool(drop_remainder)
        self._element_spec = structure.map_structure(DatasetSpec, dataset.element_spec)

    def _cursor(self, scope: Scope) -> Cursor:
        size, shift, stride = (scope.number(p) for p in self._parameters)
        specs = self._inputs[0]._form.specs
        return WindowCursor(self._inputs[0]._cursor(scope), size, shift, stride, self._drop_remainder, specs)

    def _count(self) -> int:
        count = self._inputs[0]._count()
        size, shift, stride = (static(p) for p in self._parameters)
        if count < 0 or size is None or shift is None or stride is None:
            return INFINITE if count == INFINITE else UNKNOWN
        if not self._drop_remainder:
            return -(-count // shift)
        target = (size - 1) * stride + 1
        return 0 if count < target else (count - target) // shift + 1


# -- groups ----------------------------------------------------------------------------------------------------


def int64_scalar(function: Callable[..., Any], spec: Any, what: str, name: str) -> ElementFunction:
    """A function that gives one int64. Raises ValueError if it gives something else."""

    def as_int64(*args: Any) -> Any:
        found = function(*args)
        return found if isinstance(found, tf.Tensor) else tf.convert_to_tensor(found, tf.int64)

    traced = ElementFunction(as_int64, spec, what)
    if traced.spec != TensorSpec([], dtypes.int64) and not (
        isinstance(traced.spec, TensorSpec) and traced.spec.dtype is dtypes.int64 and traced.spec.shape.rank is None
    ):
        raise ValueError(
            f"Invalid `{name}`. `{name}` must return a single `tf.int64` scalar tensor but its return type is {traced.spec}."
        )
    return traced


class GroupCursor(Renewing):
    fields = ("groups", "sizes", "flushed", "ended")
    inputs = ("input",)

    def __init__(self, input_cursor: Cursor, key: Any, reduce: Any, size: Any, scope: Scope, spec: Any):
        self.input, self.key, self.reduce, self.size, self.scope, self.spec = input_cursor, key, reduce, size, scope, spec
        self.groups: dict[int, list[Components]] = {}
        self.sizes: dict[int, int] = {}
        self.flushed: Any = None  # the key and the elements of the group that is being given
        self.ended = False

    def make(self) -> Cursor:
        key, elements = self.flushed
        window = boxed(Bound(ListDataset([tuple(e) for e in elements], self.spec), {}))
        return bound_of(self.reduce((np.array(key, np.int64), window))[0]).cursor(self.scope)

    def __next__(self) -> Components:
        while True:
            if self.current is not None:
                for components in self.current:
                    return components
                self.current = self.flushed = None
            key = self._full_group()
            if key is None:
                raise StopIteration
            self.flushed = (key, self.groups.pop(key))
            self.current = self.make()

    def _full_group(self) -> int | None:
        """The key of the group to give next: the first that is full, and at the end what is left, the smallest key first."""
        while not self.ended:
            components = next(self.input, None)
            if components is None:
                self.ended = True
                break
            key = int(self.key(components)[0])
            if key not in self.sizes:
                self.sizes[key] = int(self.size((np.array(key, np.int64),))[0])
                if self.sizes[key] < 1:
                    raise errors.invalid(f"Window size must be greater than zero, but got {self.sizes[key]}.")
            group = self.groups.setdefault(key, [])
            group.append(components)
            if len(group) == self.sizes[key]:
                return key
        return min(self.groups, default=None)


class GroupByWindowDataset(Dataset):
    """What a function makes of the elements of one key, so many at a time."""

    def __init__(
        self,
        dataset: Dataset,
        key_func: Callable[..., Any],
        reduce_func: Callable[..., Any],
        window_size: Any,
        window_size_func: Any,
    ):
        if (window_size is None) == (window_size_func is None):
            raise ValueError("Either the `window_size` argument or the `window_size_func` argument must be specified.")
        what, spec = "Dataset.group_by_window()", dataset.element_spec
        if window_size is not None:
            window_size_func = _constant(window_size)
        self._inputs = (dataset,)
        self._key = int64_scalar(key_func, spec, what, "key_func")
        self._size = int64_scalar(window_size_func, TensorSpec([], dtypes.int64), what, "window_size_func")
        self._reduce = ElementFunction(reduce_func, (TensorSpec([], dtypes.int64), DatasetSpec(spec)), what)
        if not isinstance(self._reduce.spec, DatasetSpec):
            raise TypeError(
                "Invalid `reduce_func`. `reduce_func` must return a single `tf.data.Dataset` object but its return type is "
                f"{self._reduce.spec}."
            )
        self._functions = (self._key, self._size, self._reduce)
        self._element_spec = self._reduce.spec.element_spec

    def _cursor(self, scope: Scope) -> Cursor:
        key, size, reduce = (f.bind(scope) for f in self._functions)
        return GroupCursor(self._inputs[0]._cursor(scope), key, reduce, size, scope, self._inputs[0].element_spec)


def _constant(value: Any) -> Callable[[Any], Any]:
    return lambda key: tf.cast(value, tf.int64) if isinstance(value, tf.Tensor) else tf.constant(value, tf.int64)


def bucket_by_sequence_length(
    dataset: Dataset, element_length_func: Callable[..., Any], bucket_boundaries: Any, bucket_batch_sizes: Any, padded_shapes: Any,
    padding_values: Any, pad_to_bucket_boundary: bool, no_padding: bool, drop_remainder: bool,
) -> Dataset:  # fmt: skip
    """`Dataset.bucket_by_sequence_length`."""
    boundaries, sizes = list(bucket_boundaries), list(bucket_batch_sizes)
    if len(sizes) != len(boundaries) + 1:
        raise ValueError(
            f"`len(bucket_batch_sizes)` must equal `len(bucket_boundaries) + 1` but `len(bucket_batch_sizes)={len(sizes)}` and "
            f"`len(bucket_boundaries)={len(boundaries)}`."
        )

    def bucket_of(*args: Any) -> Any:
        length = tf.cast(element_length_func(*args), tf.int64)
        return (
            tf.reduce_sum(tf.cast(length >= tf.constant(boundaries, tf.int64), tf.int64))
            if boundaries
            else tf.constant(0, tf.int64)
        )

    def size_of(bucket: Any) -> Any:
        return tf.gather(tf.constant(sizes, tf.int64), bucket)

    def shapes_of(group: Dataset, length: Any) -> Any:
        shapes = padded_shapes if padded_shapes is not None else structure.map_structure(lambda s: s.shape, group.element_spec)
        flat_shapes = [tf.TensorShape(s) for s in structure.flatten_up_to(group.element_spec, shapes)]
        if any(s.rank is None for s in flat_shapes):
            raise ValueError("You must provide `padded_shapes` argument because a component has unknown rank.")
        return structure.pack(group.element_spec, [[length if d is None else d for d in s.as_list()] for s in flat_shapes])

    def batch(bucket: Any, group: Dataset) -> Dataset:
        size = size_of(bucket)
        if no_padding:
            return group.batch(size, drop_remainder)
        filler: Any = None
        if pad_to_bucket_boundary:
            check = tf.debugging.assert_less(
                bucket, tf.constant(len(boundaries), tf.int64),
                message="When pad_to_bucket_boundary=True, elements must have length < max(bucket_boundaries).",
            )  # fmt: skip
            with tf.compat.v1.control_dependencies([check] if check is not None else []):
                filler = tf.gather(tf.constant(boundaries, tf.int64), bucket) - 1
        return group.padded_batch(size, shapes_of(group, filler), padding_values, drop_remainder)

    return dataset.group_by_window(bucket_of, batch, window_size_func=size_of)
