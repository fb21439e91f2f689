"""Shapes as layers see them: tuples, as Keras 3 gives them, with the methods of Keras 2's `TensorShape`."""

from __future__ import annotations

import math
from typing import Any

import thalweg as tf


class Shape(tuple):
    """A shape: a tuple of ints and None, so `shape[1:] + (3,)` works, as do `shape.as_list()` and `shape.rank`."""

    __slots__ = ()

    @property
    def rank(self) -> int:
        return len(self)

    ndims = rank

    @property
    def dims(self) -> list[int | None]:
        return list(self)

    def as_list(self) -> list[int | None]:
        return list(self)

    def is_fully_defined(self) -> bool:
        return None not in self

    def num_elements(self) -> int | None:
        return math.prod(self) if None not in self else None

    def __getitem__(self, key: Any) -> Any:
        found = tuple.__getitem__(self, key)
        return Shape(found) if isinstance(key, slice) else found

    def __add__(self, other: Any) -> Shape:
        return Shape(tuple.__add__(self, tuple(other)))

    def __radd__(self, other: Any) -> Shape:
        return Shape(tuple(other) + tuple(self))


def as_shape(shape: Any) -> Any:
    """A `Shape` of a tuple, a list, an int or a `TensorShape`; None if the rank is not known."""
    if shape is None:
        return None
    if isinstance(shape, tf.TensorShape):
        return None if shape.rank is None else Shape(shape.as_list())
    if hasattr(shape, "__index__"):
        return Shape((int(shape),))
    return Shape(None if dim is None else int(dim) for dim in shape)


def shape_of(x: Any) -> Any:
    """What is known of the shape of a tensor, variable or array; None if not even the rank."""
    return as_shape(x.shape)


def shapes_of(structure: Any) -> Any:
    """The shapes of a nest of tensors, in the same nest. Leaves without a shape become None."""
    if hasattr(structure, "shape"):
        return shape_of(structure)
    return tf.nest.map_structure(lambda x: shape_of(x) if hasattr(x, "shape") else None, structure)


def is_shape(x: Any) -> bool:
    """Whether `x` is one shape, and not a list or dict of shapes."""
    if isinstance(x, tf.TensorShape):
        return True
    return isinstance(x, (tuple, list)) and all(dim is None or hasattr(dim, "__index__") for dim in x)


def map_shapes(function: Any, shapes: Any) -> Any:
    """`function` applied to every shape of a nest of shapes."""
    if is_shape(shapes):
        return function(shapes)
    if isinstance(shapes, dict):
        return {key: map_shapes(function, value) for key, value in shapes.items()}
    return [map_shapes(function, item) for item in shapes]
