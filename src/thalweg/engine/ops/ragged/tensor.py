"""RaggedTensor: a tensor whose rows may have different lengths, and its type.

It holds all values end to end and the row splits that divide them; the values may be ragged again.
Source: https://www.tensorflow.org/api_docs/python/tf/RaggedTensor
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.composite import CompositeTensor
from thalweg.engine.core.registry import static_value
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.tensor import EagerTensor, Tensor
from thalweg.engine.ops.arrays import concat, stack
from thalweg.engine.ops.creation import range_, zeros
from thalweg.engine.ops.indexing import gather
from thalweg.engine.ops.ragged import splits as sp
from thalweg.engine.ops.ragged.printing import symbolic_text, value_text
from thalweg.engine.ops.shaping import cast, reshape, shape as shape_of


class RaggedTensorValue:
    """What a fetched RaggedTensor gives, and what may be fed for one: arrays."""

    def __init__(self, values: Any, row_splits: Any):
        self._values = values if isinstance(values, RaggedTensorValue) else np.asarray(values)
        self._row_splits = np.asarray(row_splits)

    values = property(lambda self: self._values)
    row_splits = property(lambda self: self._row_splits)
    dtype = property(lambda self: self._values.dtype)

    @property
    def flat_values(self) -> Any:
        return self._values.flat_values if isinstance(self._values, RaggedTensorValue) else self._values

    @property
    def nested_row_splits(self) -> tuple[Any, ...]:
        inner = self._values.nested_row_splits if isinstance(self._values, RaggedTensorValue) else ()
        return (self._row_splits, *inner)

    @property
    def ragged_rank(self) -> int:
        return len(self.nested_row_splits)

    @property
    def shape(self) -> tuple[int | None, ...]:
        return (len(self._row_splits) - 1, None, *self._values.shape[1:])

    def to_list(self) -> list[Any]:
        values = self._values.to_list() if isinstance(self._values, RaggedTensorValue) else self._values.tolist()
        return [values[a:b] for a, b in zip(self._row_splits[:-1], self._row_splits[1:])]

    def __repr__(self) -> str:
        return f"tf.RaggedTensorValue(values={self._values!r}, row_splits={self._row_splits!r})"

    def __str__(self) -> str:
        return f"<tf.RaggedTensorValue {self.to_list()}>"


def _converted(values: Any, name: str = "values") -> Any:
    """Values of a ragged tensor: a tensor of one dimension at least, or ragged themselves."""
    if isinstance(values, RaggedTensor):
        return values
    if isinstance(values, RaggedTensorValue):
        return RaggedTensor.from_nested_row_splits(values.flat_values, values.nested_row_splits)
    t = convert.convert_to_tensor(values, name=name)
    if t.shape.rank == 0:
        raise ValueError(f"Shape must be at least rank 1 but is rank 0 for the values of a RaggedTensor: {t}")
    return t


def _count(values: Any, dtype: Any) -> Any:
    return values.nrows(dtype) if isinstance(values, RaggedTensor) else shape_of(values, out_type=dtype)[0]


def _known_count(values: Any) -> int | None:
    return values.shape[0] if values.shape.rank else None


class RaggedTensor(CompositeTensor):
    """A tensor with ragged dimensions. Make one with `tf.ragged.constant` or a class method `from_...`.

    >>> rt = tf.RaggedTensor.from_row_splits([3, 1, 4, 1, 5], [0, 2, 2, 5])
    >>> rt
    <tf.RaggedTensor [[3, 1], [], [4, 1, 5]]>
    >>> rt + 1
    <tf.RaggedTensor [[4, 2], [], [5, 2, 6]]>
    """

    __array_priority__ = 100

    def __init__(self, values: Any, row_splits: Any, uniform_row_length: int | None = None, _made: bool = False):
        if not _made:
            raise ValueError("RaggedTensor constructor is private; please use one of the factory methods (e.g. from_row_splits).")
        self._values, self._row_splits, self._uniform = values, row_splits, uniform_row_length
        if isinstance(values, RaggedTensor) and values.row_splits.dtype is not row_splits.dtype:
            wide = values.row_splits.dtype if values.row_splits.dtype is dtypes.int64 else row_splits.dtype
            self._values = values.with_row_splits_dtype(wide)
            self._row_splits = cast(row_splits, wide)

    # -- making one -------------------------------------------------------------------------------------

    @classmethod
    def from_row_splits(cls, values: Any, row_splits: Any, name: str | None = None, validate: bool = True) -> RaggedTensor:
        """Row `i` holds `values[row_splits[i]:row_splits[i + 1]]`. Raises InvalidArgumentError for splits that do not fit."""
        values, splits = _converted(values), sp.index_tensor(row_splits, "row_splits")
        if splits.shape.rank not in (1, None):
            raise ValueError(f"Shape must be rank 1 but is rank {splits.shape.rank} for row_splits")
        if splits.shape.rank and splits.shape[0] == 0:
            raise ValueError("row_splits tensor may not be empty.")
        if validate:
            splits = sp.checked(splits, _count(values, splits.dtype), "from_row_splits")
        return cls(values, splits, _made=True)

    @classmethod
    def from_row_lengths(cls, values: Any, row_lengths: Any, name: str | None = None, validate: bool = True) -> RaggedTensor:
        """Rows of these lengths, one after the other."""
        values, lengths = _converted(values), sp.index_tensor(row_lengths, "row_lengths")
        splits = sp.from_lengths(lengths)
        if validate:
            splits = sp.checked(splits, _count(values, splits.dtype), "from_row_lengths")
        return cls(values, splits, _made=True)

    @classmethod
    def from_row_starts(cls, values: Any, row_starts: Any, name: str | None = None, validate: bool = True) -> RaggedTensor:
        """Rows that begin at these values."""
        values, starts = _converted(values), sp.index_tensor(row_starts, "row_starts")
        count = _count(values, starts.dtype)
        splits = concat([starts, reshape(count, [1])], 0)
        return cls(values, sp.checked(splits, count, "from_row_starts") if validate else splits, _made=True)

    @classmethod
    def from_row_limits(cls, values: Any, row_limits: Any, name: str | None = None, validate: bool = True) -> RaggedTensor:
        """Rows that end before these values."""
        values, limits = _converted(values), sp.index_tensor(row_limits, "row_limits")
        splits = concat([zeros([1], limits.dtype), limits], 0)
        return cls(values, sp.checked(splits, _count(values, limits.dtype), "from_row_limits") if validate else splits, _made=True)

    @classmethod
    def from_value_rowids(
        cls, values: Any, value_rowids: Any, nrows: Any = None, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """The row of each value, not decreasing. nrows: how many rows there are, by default up to the last value's."""
        values, rows = _converted(values), sp.index_tensor(value_rowids, "value_rowids")
        if nrows is None:
            nrows = concat([zeros([1], rows.dtype), rows[-1:] + 1], 0)[-1]
        else:
            nrows = cast(nrows, rows.dtype)
        if validate:
            how = "Arguments to from_value_rowids do not form a valid RaggedTensor:"
            count = _count(values, rows.dtype)
            sp.require(sp.equal(shape_of(rows, out_type=rows.dtype)[0], count), f"{how} there must be one row for each value.")
            sp.require(rows[1:] >= rows[:-1], f"{how} the rows must not decrease.")
            sp.require(rows >= 0, f"{how} the rows must not be negative.")
            sp.require(rows < nrows, f"{how} the rows must be below nrows.")
        return cls(values, sp.from_rowids(rows, nrows), _made=True)

    @classmethod
    def from_uniform_row_length(
        cls, values: Any, uniform_row_length: Any, nrows: Any = None, validate: bool = True, name: str | None = None
    ) -> RaggedTensor:
        """Rows of one length. nrows is needed where that is 0."""
        values = _converted(values)
        length = static_value(convert.convert_to_tensor(uniform_row_length))
        if length is None:
            raise ValueError("from_uniform_row_length needs a row length that is known: a number.")
        dtype = getattr(uniform_row_length, "dtype", dtypes.int64)
        dtype = dtype if dtype in sp.INDEX_TYPES else dtypes.int64
        length, count, known = int(length), _count(values, dtype), _known_count(values)
        if validate and nrows is None and known is not None and length and known % length:
            raise ValueError(f"The {known} values do not divide into rows of {length}.")
        if nrows is None:
            nrows = count // max(length, 1)
        nrows = cast(nrows, dtype)
        if validate:
            sp.require(length >= 0, "uniform_row_length must be non-negative.")
            sp.require(sp.equal(nrows * length, count), f"The values do not divide into rows of {length}.")
        splits = range_(nrows + 1, dtype=dtype) * length
        if known is not None and length and not isinstance(splits, EagerTensor):
            splits.set_shape([known // length + 1])
        return cls(values, splits, length, _made=True)

    @classmethod
    def from_nested_row_splits(
        cls, flat_values: Any, nested_row_splits: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Ragged several times, by the splits of each dimension, the outermost first."""
        return cls._nested(flat_values, nested_row_splits, cls.from_row_splits, "nested_row_splits", validate)

    @classmethod
    def from_nested_row_lengths(
        cls, flat_values: Any, nested_row_lengths: Any, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Ragged several times, by the lengths of each dimension, the outermost first."""
        return cls._nested(flat_values, nested_row_lengths, cls.from_row_lengths, "nested_row_lengths", validate)

    @classmethod
    def from_nested_value_rowids(
        cls, flat_values: Any, nested_value_rowids: Any, nested_nrows: Any = None, name: str | None = None, validate: bool = True
    ) -> RaggedTensor:
        """Ragged several times, by the rows of each dimension, the outermost first."""
        counts = [None] * len(nested_value_rowids) if nested_nrows is None else list(nested_nrows)
        if len(counts) != len(nested_value_rowids):
            raise ValueError("nested_nrows must have the same length as nested_value_rowids")
        for rows, count in reversed(list(zip(nested_value_rowids, counts))):
            flat_values = cls.from_value_rowids(flat_values, rows, count, validate=validate)
        return flat_values

    @staticmethod
    def _nested(values: Any, nested: Any, make: Any, what: str, validate: bool) -> Any:
        if isinstance(nested, Tensor):
            raise TypeError(f"Argument `{what}` must be a list of Tensors, not a Tensor.")
        for part in reversed(list(nested)):
            values = make(values, part, validate=validate)
        return values

    @classmethod
    def from_tensor(
        cls, tensor: Any, lengths: Any = None, padding: Any = None, ragged_rank: int = 1, name: str | None = None,
        row_splits_dtype: Any = dtypes.int64,
    ) -> Any:  # fmt: skip
        """A tensor's rows, cut to `lengths` or at trailing `padding`. Raises ValueError if both are given."""
        from thalweg.engine.ops.ragged.conversion import from_tensor

        return from_tensor(tensor, lengths, padding, ragged_rank, dtypes.as_dtype(row_splits_dtype))

    @classmethod
    def from_sparse(cls, st_input: Any, name: str | None = None, row_splits_dtype: Any = dtypes.int64) -> RaggedTensor:
        """The values of a sparse matrix whose rows are filled from the left. Raises InvalidArgumentError for holes."""
        from thalweg.engine.ops.ragged.conversion import from_sparse

        return from_sparse(st_input, dtypes.as_dtype(row_splits_dtype))

    # -- what it is -------------------------------------------------------------------------------------

    @property
    def dtype(self) -> dtypes.DType:
        return self._values.dtype

    @property
    def shape(self) -> TensorShape:
        nrows = self._row_splits.shape[0] if self._row_splits.shape.rank else None
        inner = self._values.shape[1:] if self._values.shape.rank is not None else TensorShape(None)
        return TensorShape([None if nrows is None else nrows - 1, self._uniform]).concatenate(inner)

    def get_shape(self) -> TensorShape:
        return self.shape

    @property
    def ndim(self) -> int | None:
        return self.shape.rank

    @property
    def ragged_rank(self) -> int:
        return 1 + (self._values.ragged_rank if isinstance(self._values, RaggedTensor) else 0)

    @property
    def values(self) -> Any:
        return self._values

    @property
    def flat_values(self) -> Any:
        return self._values.flat_values if isinstance(self._values, RaggedTensor) else self._values

    @property
    def row_splits(self) -> Any:
        return self._row_splits

    @property
    def nested_row_splits(self) -> tuple[Any, ...]:
        inner = self._values.nested_row_splits if isinstance(self._values, RaggedTensor) else ()
        return (self._row_splits, *inner)

    @property
    def uniform_row_length(self) -> Any:
        return None if self._uniform is None else convert.convert_to_tensor(self._uniform, dtype=self._row_splits.dtype)

    def value_rowids(self, name: str | None = None) -> Any:
        """The row of each value."""
        return sp.rowids(self._row_splits, _count(self._values, self._row_splits.dtype))

    def nested_value_rowids(self, name: str | None = None) -> tuple[Any, ...]:
        inner = self._values.nested_value_rowids() if isinstance(self._values, RaggedTensor) else ()
        return (self.value_rowids(), *inner)

    def nrows(self, out_type: Any = None, name: str | None = None) -> Any:
        """The number of rows."""
        dtype = self._row_splits.dtype if out_type is None else dtypes.as_dtype(out_type)
        return cast(shape_of(self._row_splits, out_type=self._row_splits.dtype)[0] - 1, dtype)

    def row_starts(self, name: str | None = None) -> Any:
        return self._row_splits[:-1]

    def row_limits(self, name: str | None = None) -> Any:
        return self._row_splits[1:]

    def row_lengths(self, axis: int = 1, name: str | None = None) -> Any:
        """The lengths of the rows in dimension `axis`: a vector for 1, ragged for inner ones."""
        if axis == 0:
            return self.nrows()
        if axis == 1:
            return sp.lengths(self._row_splits)
        if not isinstance(self._values, RaggedTensor):
            inner = shape_of(self._values, out_type=self._row_splits.dtype)
            return self.with_values(zeros([_count(self._values, dtypes.int64)], self._row_splits.dtype) + inner[axis - 1])
        return self.with_values(self._values.row_lengths(axis - 1))

    def nested_row_lengths(self, name: str | None = None) -> tuple[Any, ...]:
        inner = self._values.nested_row_lengths() if isinstance(self._values, RaggedTensor) else ()
        return (self.row_lengths(), *inner)

    def bounding_shape(self, axis: Any = None, name: str | None = None, out_type: Any = None) -> Any:
        """The shape of the smallest tensor that holds it."""
        dtype = self._row_splits.dtype if out_type is None else dtypes.as_dtype(out_type)
        sizes = [self.nrows(), sp.longest(self._row_splits)]
        if isinstance(self._values, RaggedTensor):
            inner = self._values.bounding_shape(out_type=self._row_splits.dtype)[1:]
        else:
            inner = shape_of(self._values, out_type=self._row_splits.dtype)[1:]
        whole = cast(concat([stack(sizes), inner], 0), dtype)
        return whole if axis is None else gather(whole, axis)

    # -- like it, with something else -------------------------------------------------------------------

    def with_values(self, new_values: Any) -> RaggedTensor:
        """The same rows around other values, as many as before."""
        return RaggedTensor(_converted(new_values), self._row_splits, self._uniform, _made=True)

    def with_flat_values(self, new_values: Any) -> RaggedTensor:
        """The same rows, at every level, around other innermost values."""
        inner = self._values.with_flat_values(new_values) if isinstance(self._values, RaggedTensor) else new_values
        return self.with_values(inner)

    def with_row_splits_dtype(self, dtype: Any) -> RaggedTensor:
        dtype = dtypes.as_dtype(dtype)
        if dtype not in sp.INDEX_TYPES:
            raise ValueError(f"Argument `row_splits` dtype must be int32 or int64. Received {dtype.name}.")
        if dtype is self._row_splits.dtype:
            return self
        inner = self._values.with_row_splits_dtype(dtype) if isinstance(self._values, RaggedTensor) else self._values
        return RaggedTensor(inner, cast(self._row_splits, dtype), self._uniform, _made=True)

    def merge_dims(self, outer_axis: int, inner_axis: int) -> Any:
        """Several neighbouring dimensions made one."""
        from thalweg.engine.ops.ragged.conversion import merge_dims

        return merge_dims(self, outer_axis, inner_axis)

    # -- to other kinds ---------------------------------------------------------------------------------

    def to_tensor(self, default_value: Any = None, name: str | None = None, shape: Any = None) -> Any:
        """A tensor in which short rows are filled up with `default_value` (0, "" or False).

        shape: the size wanted, None for a dimension that shall fit; what does not fit is cut off.

        >>> tf.ragged.constant([[1, 2], [3]]).to_tensor().numpy()
        array([[1, 2],
               [3, 0]], dtype=int32)
        """
        from thalweg.engine.ops.ragged.conversion import to_tensor

        return to_tensor(self, default_value, shape)

    def to_sparse(self, name: str | None = None) -> Any:
        """A SparseTensor of all values at their places."""
        from thalweg.engine.ops.ragged.conversion import to_sparse

        return to_sparse(self)

    def _eager(self, what: str) -> None:
        if not isinstance(self._row_splits, EagerTensor):
            raise ValueError(f"RaggedTensor.{what}() is only supported in eager mode; in graph mode, evaluate it first.")

    def numpy(self) -> Any:
        """An array of rows: of objects where their lengths differ."""
        self._eager("numpy")
        values, splits = self._values.numpy(), self._row_splits.numpy()
        rows = np.split(values, splits[1:-1]) if len(splits) > 1 else []
        if not rows:
            return np.array([], dtype=values.dtype)
        if all(len(row) == len(rows[0]) for row in rows):
            return np.array(rows)
        out = np.empty(len(rows), object)
        out[:] = rows
        return out

    def to_list(self) -> list[Any]:
        """Python lists in lists. Raises ValueError in a graph."""
        self._eager("to_list")
        values = self._values.to_list() if isinstance(self._values, RaggedTensor) else self._values.numpy().tolist()
        edges = self._row_splits.numpy().tolist()
        return [values[a:b] for a, b in itertools.pairwise(edges)]

    # -- types and running ------------------------------------------------------------------------------

    @property
    def _type_spec(self) -> Any:
        from thalweg.engine.ops.ragged.spec import RaggedTensorSpec

        return RaggedTensorSpec.from_value(self)

    def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> Any:
        raise ValueError("A ragged tensor does not become a tensor by itself: use its to_tensor().")

    def _dispatch_function(self, function: Any, args: Any, kwargs: Any) -> Any:
        from thalweg.engine.ops.ragged.functions import dispatch

        return dispatch(function, args, kwargs)

    def _dispatch_op(self, op: Any, inputs: Any, attrs: Any, name: str | None) -> Any:
        from thalweg.engine.ops.ragged.functions import dispatch_op

        return dispatch_op(op, inputs, attrs, name)

    @property
    def graph(self) -> Any:
        return self._row_splits.graph

    def consumers(self) -> Any:
        return [op for t in (self.flat_values, *self.nested_row_splits) for op in t.consumers()]

    def eval(self, feed_dict: Any = None, session: Any = None) -> RaggedTensorValue:
        """The value, computed by `session` or the default one."""
        return self.graph.session_for_eval(session, "evaluate tensor", "eval()").run(self, feed_dict)

    def _fetch_parts(self) -> Any:
        def made(parts: Any) -> RaggedTensorValue:
            value = parts[0]
            for edges in reversed(parts[1:]):
                value = RaggedTensorValue(value, edges)
            return value

        return [self.flat_values, *self.nested_row_splits], made

    # -- Python -----------------------------------------------------------------------------------------

    def __getitem__(self, key: Any) -> Any:
        from thalweg.engine.ops.ragged.getitem import getitem

        return getitem(self, key)

    def __len__(self) -> int:
        known = self.shape[0]
        if known is None:
            raise TypeError("The number of rows is not known here: use rt.nrows().")
        return known

    def __iter__(self) -> Any:
        self._eager("__iter__")
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        raise TypeError("RaggedTensor may not be used as a boolean.")

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"<tf.RaggedTensor {value_text(self.numpy())}>" if isinstance(self._row_splits, EagerTensor) else symbolic_text(self)

    __str__ = __repr__


def match_row_splits_dtypes(*tensors: Any) -> list[Any]:
    """Ragged tensors among these with int64 row splits, if any has them."""
    ragged = [t for t in tensors if isinstance(t, RaggedTensor)]
    if len({t.row_splits.dtype for t in ragged}) < 2:
        return list(tensors)
    return [t.with_row_splits_dtype(dtypes.int64) if isinstance(t, RaggedTensor) else t for t in tensors]

