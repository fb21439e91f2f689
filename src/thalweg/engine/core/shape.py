"""Shapes that may be partly unknown.

Source: https://www.tensorflow.org/api_docs/python/tf/TensorShape
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


class Dimension:
    """One size of a shape, maybe unknown: what indexing a TensorShape gives in TensorFlow 1."""

    __slots__ = ("value",)

    def __init__(self, value: Any):
        self.value = _size(value)

    def is_compatible_with(self, other: Any) -> bool:
        other = Dimension(other)
        return self.value is None or other.value is None or self.value == other.value

    def merge_with(self, other: Any) -> Dimension:
        other = Dimension(other)
        if not self.is_compatible_with(other):
            raise ValueError(f"Dimensions {self} and {other} are not compatible")
        return Dimension(other.value if self.value is None else self.value)

    def __int__(self) -> Any:
        return self.value

    def __index__(self) -> Any:
        return self.value

    def __eq__(self, other: Any) -> Any:
        try:
            other = Dimension(other)
        except (TypeError, ValueError):
            return NotImplemented
        return None if self.value is None or other.value is None else self.value == other.value

    def __ne__(self, other: Any) -> Any:
        equal = self.__eq__(other)
        return equal if equal is None or equal is NotImplemented else not equal

    def __hash__(self) -> int:
        return hash(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def _with(self, other: Any, compute: Any) -> Any:
        try:
            other = Dimension(other)
        except (TypeError, ValueError):
            return NotImplemented
        if self.value is None or other.value is None:
            return Dimension(None)
        return Dimension(compute(self.value, other.value))

    def __add__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: a + b)

    def __radd__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: b + a)

    def __sub__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: a - b)

    def __rsub__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: b - a)

    def __mul__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: a * b)

    def __rmul__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: b * a)

    def __floordiv__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: a // b)

    def __rfloordiv__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: b // a)

    __div__ = __truediv__ = __floordiv__

    def __mod__(self, other: Any) -> Any:
        return self._with(other, lambda a, b: a % b)

    def __lt__(self, other: Any) -> Any:
        return self._compare(other, lambda a, b: a < b)

    def __le__(self, other: Any) -> Any:
        return self._compare(other, lambda a, b: a <= b)

    def __gt__(self, other: Any) -> Any:
        return self._compare(other, lambda a, b: a > b)

    def __ge__(self, other: Any) -> Any:
        return self._compare(other, lambda a, b: a >= b)

    def _compare(self, other: Any, compare: Any) -> Any:
        other = Dimension(other)
        return None if self.value is None or other.value is None else compare(self.value, other.value)

    def __str__(self) -> str:
        return "?" if self.value is None else str(self.value)

    def __repr__(self) -> str:
        return f"Dimension({self.value})"


def _size(value: Any) -> int | None:
    if value is None:
        return None
    if type(value) is int:
        size = value
    elif isinstance(value, Dimension):
        return value.value
    else:
        try:
            size = value.__index__()
        except AttributeError:
            raise TypeError(
                f"Dimension value must be integer or None or have an __index__ method, got value '{value!r}' "
                f"with type '{type(value)!r}'"
            ) from None
    if size < 0:
        raise ValueError(f"Dimension {size} must be >= 0")
    return size


class TensorShape:
    """The shape of a tensor: known, partly known, or of unknown rank.

    >>> tf.TensorShape([None, 3]).merge_with([2, None])
    TensorShape([2, 3])
    """

    __slots__ = ("_dims",)
    # TensorFlow 1 programs see Dimension objects; set by `tf.disable_v2_tensorshape()`.
    v2_behavior = True

    def __init__(self, dims: Any):
        if type(dims) is tuple and all(type(d) is int and d >= 0 for d in dims):  # the common case
            self._dims: tuple[int | None, ...] | None = dims
        elif dims is None:
            self._dims = None
        elif isinstance(dims, TensorShape):
            self._dims = dims._dims
        elif hasattr(dims, "dim") and hasattr(dims, "unknown_rank"):  # a TensorShapeProto
            self._dims = None if dims.unknown_rank else tuple(None if d.size == -1 else int(d.size) for d in dims.dim)
        elif isinstance(dims, (str, bytes)):
            raise TypeError(f"A shape must be a list of sizes, not {dims!r}.")
        else:
            try:
                items: Iterable[Any] = iter(dims)
            except TypeError:
                items = (dims,)
            self._dims = tuple(map(_size, items))

    # -- reading ----------------------------------------------------------------------------------------

    @property
    def rank(self) -> int | None:
        return None if self._dims is None else len(self._dims)

    ndims = rank

    @property
    def dims(self) -> list[Dimension] | None:
        return None if self._dims is None else [Dimension(d) for d in self._dims]

    def as_list(self) -> list[Any]:
        if self._dims is None:
            raise ValueError("as_list() is not defined on an unknown TensorShape.")
        return list(self._dims)

    def is_fully_defined(self) -> bool:
        return self._dims is not None and None not in self._dims

    def num_elements(self) -> int | None:
        if not self.is_fully_defined():
            return None
        n = 1
        for d in self._dims or ():
            n *= d or 0
        return n

    def __len__(self) -> int:
        if self._dims is None:
            raise ValueError("Cannot take the length of shape with unknown rank.")
        return len(self._dims)

    def __bool__(self) -> bool:
        return self._dims is not None

    def __iter__(self) -> Iterator[Any]:
        if self._dims is None:
            raise ValueError("Cannot iterate over a shape with unknown rank.")
        return iter(self._dims) if TensorShape.v2_behavior else iter([Dimension(d) for d in self._dims])

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            if self._dims is not None:
                return TensorShape(self._dims[key])
            start, stop, step = key.start or 0, key.stop, key.step or 1
            if stop is None or start < 0 or stop < 0 or step != 1:
                return TensorShape(None)
            return TensorShape([None] * max(stop - start, 0))
        if self._dims is None:
            value = None
        else:
            value = self._dims[key]
        return value if TensorShape.v2_behavior else Dimension(value)

    # -- combining --------------------------------------------------------------------------------------

    def is_compatible_with(self, other: Any) -> bool:
        """Whether some fully known shape fits both."""
        a, b = self._dims, TensorShape(other)._dims
        if a is None or b is None:
            return True
        return len(a) == len(b) and all(x is None or y is None or x == y for x, y in zip(a, b))

    def is_subtype_of(self, other: Any) -> bool:
        a, b = self._dims, TensorShape(other)._dims
        if b is None:
            return True
        return a is not None and len(a) == len(b) and all(y is None or x == y for x, y in zip(a, b))

    def most_specific_compatible_shape(self, other: Any) -> TensorShape:
        """What is known of both: where they differ, unknown."""
        a, b = self._dims, TensorShape(other)._dims
        if a is None or b is None or len(a) != len(b):
            return TensorShape(None)
        return TensorShape([x if x == y else None for x, y in zip(a, b)])

    def merge_with(self, other: Any) -> TensorShape:
        """All that either knows. Raises ValueError when they contradict each other."""
        other = TensorShape(other)
        if self._dims is None:
            return other
        if other._dims is None:
            return self
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are not compatible")
        return TensorShape([y if x is None else x for x, y in zip(self._dims, other._dims)])

    def concatenate(self, other: Any) -> TensorShape:
        other = TensorShape(other)
        if self._dims is None or other._dims is None:
            return TensorShape(None)
        return TensorShape(self._dims + other._dims)

    def with_rank(self, rank: int) -> TensorShape:
        try:
            return self.merge_with([None] * rank)
        except ValueError:
            raise ValueError(f"Shape {self} must have rank {rank}") from None

    def with_rank_at_least(self, rank: int) -> TensorShape:
        if self._dims is not None and len(self._dims) < rank:
            raise ValueError(f"Shape {self} must have rank at least {rank}")
        return self

    def with_rank_at_most(self, rank: int) -> TensorShape:
        if self._dims is not None and len(self._dims) > rank:
            raise ValueError(f"Shape {self} must have rank at most {rank}")
        return self

    def assert_is_compatible_with(self, other: Any) -> None:
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {TensorShape(other)} are incompatible")

    def assert_has_rank(self, rank: int) -> None:
        if self.rank not in (None, rank):
            raise ValueError(f"Shape {self} must have rank {rank}")

    def assert_same_rank(self, other: Any) -> None:
        other = TensorShape(other)
        if None not in (self.rank, other.rank) and self.rank != other.rank:
            raise ValueError(f"Shapes {self} and {other} must have the same rank")

    def assert_is_fully_defined(self) -> None:
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined")

    def __add__(self, other: Any) -> TensorShape:
        return self.concatenate(other)

    def __radd__(self, other: Any) -> TensorShape:
        return TensorShape(other).concatenate(self)

    # -- identity ---------------------------------------------------------------------------------------

    def __eq__(self, other: object) -> Any:
        try:
            return self._dims == TensorShape(other)._dims
        except (TypeError, ValueError):
            return NotImplemented

    def __hash__(self) -> int:
        return hash(self._dims)

    def __reduce__(self) -> Any:
        return TensorShape, (self._dims if self._dims is None else list(self._dims),)

    def __str__(self) -> str:
        if self._dims is None:
            return "<unknown>"
        if len(self._dims) == 1:
            return f"({self._dims[0]},)"
        return "(" + ", ".join(map(str, self._dims)) + ")"

    def __repr__(self) -> str:
        if self._dims is None:
            return "TensorShape(None)"
        return f"TensorShape([{', '.join(map(str, self._dims))}])"


UNKNOWN = TensorShape(None)
SCALAR = TensorShape(())


def as_shape(value: Any) -> TensorShape:
    return value if type(value) is TensorShape else TensorShape(value)


def broadcast(a: TensorShape, b: TensorShape) -> TensorShape:
    """The shape of `a + b`. Raises ValueError when the shapes cannot be broadcast together."""
    if a._dims is None or b._dims is None:
        return UNKNOWN
    if a._dims == b._dims and None not in a._dims:
        return a
    n = max(len(a._dims), len(b._dims))
    left = (1,) * (n - len(a._dims)) + a._dims
    right = (1,) * (n - len(b._dims)) + b._dims
    sizes: list[int | None] = []
    for x, y in zip(left, right):
        if x == y:
            sizes.append(x)
        elif x == 1:
            sizes.append(y)
        elif y == 1:
            sizes.append(x)
        elif x is None:
            sizes.append(y)
        elif y is None:
            sizes.append(x)
        else:
            raise ValueError(f"Incompatible shapes: {a.as_list()} vs. {b.as_list()}")
    return TensorShape(sizes)
