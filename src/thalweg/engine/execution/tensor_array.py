"""`tf.TensorArray`: a list of tensors that a loop fills.

Eagerly it is a Python list; in a graph one dense tensor, replaced at each write.

In a graph all elements have one shape. Source: https://www.tensorflow.org/api_docs/python/tf/TensorArray
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.shape import TensorShape, as_shape
from thalweg.engine.core.tensor import EagerTensor, SymbolicTensor
from thalweg.engine.ops import tensor_list
from thalweg.engine.ops.arrays import concat, split, stack, unstack
from thalweg.engine.ops.creation import zeros
from thalweg.engine.ops.indexing import gather
from thalweg.engine.ops.reduce import reduce_sum
from thalweg.engine.ops.shaping import cast, identity, reshape, shape_op
from thalweg.engine.ops.static import get_static_value


class TensorArray:
    """A list of tensors of one dtype, written and read by index; what a loop collects its results in.

    In graphs it is a value: every write returns a new state, `ta = ta.write(i, x)`. Eagerly `clear_after_read` (on by default)
    forgets an element once it was read. Raises ValueError without a `size`.

    >>> ta = tf.TensorArray(tf.float32, size=2)
    >>> ta = ta.write(0, 1.0)
    >>> ta = ta.write(1, 2.0)
    >>> ta.stack().numpy()
    array([1., 2.], dtype=float32)
    """

    dtype: dtypes.DType
    handle = None

    def __new__(cls, dtype: Any, size: Any = None, *args: Any, **kwargs: Any) -> TensorArray:
        in_graph = local.graph is not None or isinstance(size, SymbolicTensor) or kwargs.get("flow") is not None
        return object.__new__(GraphTensorArray if in_graph else EagerTensorArray)

    def __init__(
        self,
        dtype: Any,
        size: Any = None,
        dynamic_size: bool | None = None,
        clear_after_read: bool | None = None,
        tensor_array_name: str | None = None,
        handle: Any = None,
        flow: Any = None,
        infer_shape: bool = True,
        element_shape: Any = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ):
        if handle is not None and flow is None:
            raise ValueError("TensorArray handles are not supported. Make the array with a size.")
        if size is None and flow is None:
            raise ValueError("Argument `size` must be provided if argument `flow` is not provided.")
        self.dtype = dtypes.as_dtype(dtype).base_dtype
        self.dynamic_size = bool(dynamic_size)
        self._start(size, clear_after_read is None or bool(clear_after_read), flow, infer_shape, as_shape(element_shape), name)

    def _start(self, size: Any, clears: bool, flow: Any, infer: bool, element_shape: TensorShape, name: str | None) -> None:
        raise NotImplementedError

    def _value(self, value: Any) -> Any:
        return convert.convert_to_tensor(value, dtype_hint=self.dtype)

    def __len__(self) -> int:
        raise TypeError("A TensorArray has no len(): use its size().")

    def grad(self, source: Any, flow: Any = None, name: str | None = None) -> Any:
        raise NotImplementedError("TensorArray.grad is not needed: gradients go through a TensorArray by themselves.")


# -- eagerly -----------------------------------------------------------------------------------------------


class EagerTensorArray(TensorArray):
    """A Python list of tensors."""

    def _start(self, size: Any, clears: bool, flow: Any, infer: bool, element_shape: TensorShape, name: str | None) -> None:
        self._clears, self._infer, self.element_shape = clears, infer, element_shape
        self._items: list[Any] = [None] * int(size)
        self._read_before: set[int] = set()

    @property
    def flow(self) -> Any:
        return convert.convert_to_tensor(0)

    def identity(self) -> TensorArray:
        return self

    def size(self, name: str | None = None) -> Any:
        return convert.convert_to_tensor(len(self._items))

    def close(self, name: str | None = None) -> None:
        self._items.clear()

    def read(self, index: Any, name: str | None = None) -> Any:
        """Element `index`. Raises OutOfRangeError past the end."""
        i = int(index)
        if i < 0:
            raise errors.OutOfRangeError(None, None, f"Reading from negative indices (index {i}) is not allowed.")
        if i >= len(self._items):
            raise errors.OutOfRangeError(None, None, f"Tried to read from index {i} but array size is: {len(self._items)}")
        if self._items[i] is None and i in self._read_before:
            raise errors.invalid(
                f"Could not read index {i} twice because it was cleared after a previous read "
                "(perhaps try setting clear_after_read = false?)"
            )
        value = self._or_zeros(i)
        if self._clears:
            self._items[i] = None
            self._read_before.add(i)
        return value

    def _or_zeros(self, i: int) -> Any:
        if self._items[i] is None:
            self._items[i] = zeros(self.element_shape, self.dtype)
        return self._items[i]

    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """Set element `index`. Raises OutOfRangeError past the end of an array that may not grow."""
        i = int(index)
        if i < 0:
            raise errors.OutOfRangeError(None, None, f"Writing to negative indices (index {i}) is not allowed.")
        if i >= len(self._items):
            if not self.dynamic_size:
                raise errors.OutOfRangeError(
                    None, None, f"Tried to write to index {i} but array is not resizeable and size is: {len(self._items)}"
                )
            self._items.extend([None] * (i - len(self._items) + 1))
        value = self._value(value)
        if value.dtype is not self.dtype:
            raise errors.invalid(f"TensorArray dtype is {self.dtype.name} but Op is trying to write dtype {value.dtype.name}")
        if not self.element_shape.is_compatible_with(value.shape):
            raise ValueError(f"Incompatible shape for value ({value.shape}), expected ({self.element_shape})")
        if self._infer:
            self.element_shape = self.element_shape.merge_with(value.shape)
        self._items[i] = value
        return self

    def stack(self, name: str | None = None) -> Any:
        """All elements as one tensor, `[size, ...]`."""
        if not self._items and self.element_shape.is_fully_defined():
            return zeros([0, *self.element_shape.as_list()], self.dtype)
        if not self._items:
            return zeros([0], self.dtype)
        return stack([self._or_zeros(i) for i in range(len(self._items))], name=name)

    def gather(self, indices: Any, name: str | None = None) -> Any:
        """The elements at `indices`, stacked."""
        return stack([self._or_zeros(int(i)) for i in np.asarray(indices)], name=name)

    def concat(self, name: str | None = None) -> Any:
        """All elements put end to end along their first dimension."""
        values = [self._or_zeros(i) for i in range(len(self._items))]
        scalar = next((i for i, v in enumerate(values) if v.shape.rank == 0), None)
        if scalar is not None:
            raise errors.invalid(f"Concat saw a scalar shape at index {scalar} but requires at least vectors.")
        return concat(values, 0, name=name)

    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """The rows of `value` as the elements."""
        rows = unstack(self._value(value))
        if len(rows) > len(self._items) and not self.dynamic_size:
            raise ValueError(f"Cannot unstack {len(rows)} tensors into a TensorArray of static size {len(self._items)}")
        self._items = list(rows)
        return self

    def scatter(self, indices: Any, value: Any, name: str | None = None) -> TensorArray:
        """The rows of `value` written at `indices`."""
        for i, row in zip(np.asarray(indices), unstack(self._value(value))):
            self.write(i, row)
        return self

    def split(self, value: Any, lengths: Any, name: str | None = None) -> TensorArray:
        """`value` cut along its first dimension into elements of these lengths."""
        value, sizes = self._value(value), np.asarray(lengths)
        if value.dtype is not self.dtype:
            raise errors.invalid(f"TensorArray dtype is {self.dtype.name} but Op is trying to write dtype {value.dtype.name}")
        if sizes.ndim != 1:
            raise errors.invalid(f"Expected lengths to be a vector, received shape: {list(sizes.shape)}")
        if value.shape.rank == 0:
            raise errors.invalid("Expected value to be at least a vector, but received shape: []")
        if sizes.sum() != value.shape[0]:
            raise errors.invalid(
                f"Expected sum of lengths to be equal to values.shape[0], but sum of lengths is {sizes.sum()} and "
                f"value's shape is: {value.shape.as_list()}"
            )
        if not self.dynamic_size and len(sizes) != len(self._items):
            raise errors.invalid(
                f"TensorArray's size is not equal to the size of lengths ({len(self._items)} vs. {len(sizes)}), and the "
                "TensorArray is not marked as dynamically resizeable."
            )
        self._items = list(split(value, [int(n) for n in sizes]))
        return self


# -- in a graph --------------------------------------------------------------------------------------------


class GraphTensorArray(TensorArray):
    """One dense tensor (`flow`), the number of its rows, and what is known of an element's shape."""

    _element: tensor_list.Element

    def _start(self, size: Any, clears: bool, flow: Any, infer: bool, element_shape: TensorShape, name: str | None) -> None:
        self._element = tensor_list.Element(element_shape, infer)
        if flow is not None:
            self.flow, self._rows, self._declared = flow, shape_op(flow)[0], None
            return
        with name_scope(name or "TensorArrayV2"):
            self._rows = convert.convert_to_tensor(size, dtype_hint=dtypes.int32)
            if self._rows.dtype is not dtypes.int32:
                self._rows = cast(self._rows, dtypes.int32)
            self.flow = tensor_list.reserve(self._rows, element_dtype=self.dtype, element=self._element, grows=self.dynamic_size)
        self._declared = None if self.dynamic_size else self._rows

    @property
    def element_shape(self) -> TensorShape:
        return self._element.shape

    # As a loop variable: the rows, and for an array that may grow their number.

    def _loop_parts(self) -> list[Any]:
        return [self.flow, self._rows] if self.dynamic_size else [self.flow]

    def _with_loop_parts(self, parts: list[Any]) -> TensorArray:
        if self.dynamic_size:
            return self._after(*parts)
        graph = parts[0].graph
        in_reach = self._rows.graph is graph or (graph.building_function and graph._encloses(self._rows.graph))
        return self._after(parts[0], self._rows if in_reach else shape_op(parts[0])[0])

    def _loop_shapes(self) -> list[TensorShape]:
        """The shapes of the parts that hold on every trip."""
        if not self.dynamic_size:
            return [self.flow.shape]
        rows = TensorShape([None]).concatenate(self.flow.shape[1:]) if self.flow.shape.rank else self.flow.shape
        return [rows, TensorShape([])]

    def _after(self, flow: Any, rows: Any = None) -> GraphTensorArray:
        """This array in another state."""
        new = object.__new__(GraphTensorArray)
        new.dtype, new.dynamic_size, new._element, new._declared = self.dtype, self.dynamic_size, self._element, self._declared
        new.flow = flow
        if rows is None:
            rows = shape_op(flow)[0] if self.dynamic_size else self._rows
        new._rows = rows
        return new

    def _checked(self, value: Any, element_shape: Any) -> Any:
        """The value as a tensor whose elements belong here. Raises TypeError or ValueError where they do not."""
        value = self._value(value)
        if value.dtype.base_dtype is not self.dtype:
            raise TypeError(f"Value dtype {value.dtype.name} does not match the TensorArray's: {value} must be {self.dtype.name}.")
        shape = element_shape(value)
        if not shape.is_compatible_with(self._element.shape):
            raise ValueError(f"Inconsistent shapes: saw {shape} but expected {self._element.shape}")
        if self._element.infer:
            self._element.shape = self._element.shape.merge_with(shape)
        return value

    def identity(self) -> TensorArray:
        return self._after(identity(self.flow), self._rows)

    def size(self, name: str | None = None) -> Any:
        return self._declared if self._declared is not None else shape_op(self.flow)[0]

    def close(self, name: str | None = None) -> None:
        return None

    def read(self, index: Any, name: str | None = None) -> Any:
        """Element `index`. Raises InvalidArgumentError past the end when the graph runs."""
        return tensor_list.get_item(self.flow, _index(index), self._rows, element=self._element, name=name or "TensorArrayV2Read")

    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array with element `index` set. Raises InvalidArgumentError past the end of an array that may not grow."""
        value = self._checked(value, lambda v: v.shape)
        name = name or "TensorArrayV2Write"
        return self._after(tensor_list.set_item(self.flow, _index(index), value, self._rows, resize=self.dynamic_size, name=name))

    def stack(self, name: str | None = None) -> Any:
        """All elements as one tensor, `[size, ...]`."""
        size = None if self._declared is None else get_static_value(self._declared)
        size = None if size is None else int(size)
        return tensor_list.stack(self.flow, element=self._element, size=size, name=name or "TensorArrayV2Stack")

    def gather(self, indices: Any, name: str | None = None) -> Any:
        """The elements at `indices`, stacked."""
        return gather(self.stack(), indices, name=name)

    def concat(self, name: str | None = None) -> Any:
        """All elements put end to end along their first dimension."""
        rows = self.stack()
        if rows.shape.rank == 1:
            raise ValueError("Concat saw a scalar shape but requires at least vectors: use stack() for an array of scalars.")
        return reshape(rows, concat([[-1], shape_op(rows)[2:]], 0), name=name)

    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """The rows of `value` as the elements."""
        value = self._checked(value, lambda v: v.shape[1:])
        return self._after(value, shape_op(value)[0])

    def scatter(self, indices: Any, value: Any, name: str | None = None) -> TensorArray:
        """The rows of `value` written at `indices`."""
        value = self._checked(value, lambda v: v.shape[1:])
        name = name or "TensorArrayScatter"
        return self._after(tensor_list.scatter(self.flow, indices, value, self._rows, resize=self.dynamic_size, name=name))

    def split(self, value: Any, lengths: Any, name: str | None = None) -> TensorArray:
        """`value` cut along its first dimension into elements of these lengths, which must be equal in a graph."""
        lengths = convert.convert_to_tensor(lengths, dtype_hint=dtypes.int32)
        known = get_static_value(lengths)
        if known is not None and len(set(np.asarray(known).tolist())) > 1:
            raise ValueError(f"The elements of a TensorArray in a graph have one shape: split cannot make the lengths {known}.")
        each_known = None if known is None or not len(known) else int(known[0])
        value = self._checked(value, lambda v: TensorShape([each_known]).concatenate(v.shape[1:]))
        count, each = shape_op(lengths)[0], reduce_sum(lengths) // shape_op(lengths, out_type=lengths.dtype)[0]
        parts = concat([stack([count, cast(each, dtypes.int32)]), shape_op(value)[1:]], 0)
        return self._after(reshape(value, parts, name=name), count)


def _index(index: Any) -> Any:
    tensor = convert.convert_to_tensor(index, dtype_hint=dtypes.int32)
    return tensor if tensor.dtype is dtypes.int32 else cast(tensor, dtypes.int32)


__all__ = ["EagerTensor", "TensorArray"]
