"""Layers that make one tensor of several: `Add`, `Concatenate`, `Dot`, ..."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import thalweg as tf
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import Shape, as_shape, is_shape


def _shapes(input_shape: Any, layer: str) -> list[Shape]:
    if is_shape(input_shape) or not input_shape:
        raise ValueError(
            f"A merge layer should be called on a list of at least 1 input, but {layer!r} got one of shape {input_shape}."
        )
    return [as_shape(shape) for shape in input_shape]


class _Merge(Layer):
    """Elementwise on a list of tensors; those of a lower rank get dimensions of 1 after the batch."""

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        shapes = _shapes(input_shape, self.name)
        batches = {shape[0] for shape in shapes if shape} - {None}
        if len(batches) > 1:
            raise ValueError(
                f"Cannot merge tensors with different batch sizes. Received tensors with shapes {[*map(tuple, shapes)]}"
            )
        self.compute_output_shape(input_shape)
        self.built = True

    def compute_output_shape(self, input_shape: Any) -> Any:
        shapes = _shapes(input_shape, self.name)
        merged = shapes[0][1:]
        for shape in shapes[1:]:
            merged = _broadcast(merged, shape[1:], shapes)
        batches = [shape[0] for shape in shapes if shape[0] is not None]
        return Shape((batches[0] if batches else None,)) + merged

    def call(self, inputs: Any) -> Any:
        if not isinstance(inputs, (list, tuple)):
            raise ValueError(f"A merge layer should be called on a list of inputs. Received: inputs={inputs}")
        rank = max(x.shape.rank for x in inputs)
        expanded = []
        for x in inputs:
            for _ in range(rank - x.shape.rank):
                x = tf.expand_dims(x, 1)
            expanded.append(x)
        return self._merge(expanded)

    def _merge(self, inputs: list[Any]) -> Any:
        raise NotImplementedError

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None or any(m is None for m in mask):
            return None
        return _fold(tf.logical_or, list(mask))

    def get_config(self) -> dict[str, Any]:
        return super().get_config()


def _broadcast(a: Shape, b: Shape, shapes: list[Shape]) -> Shape:
    if len(a) < len(b):
        a, b = b, a
    merged = list(a[: len(a) - len(b)])
    for i, j in zip(a[len(a) - len(b) :], b):
        if i is None or j is None:
            merged.append(None)
        elif i == j or 1 in (i, j):
            merged.append(max(i, j) if 0 not in (i, j) else 0)
        else:
            raise ValueError(f"Inputs have incompatible shapes. Received shapes {[*map(tuple, shapes)]}")
    return Shape(merged)


def _fold(function: Callable[[Any, Any], Any], items: list[Any]) -> Any:
    result = items[0]
    for item in items[1:]:
        result = function(result, item)
    return result


class Add(_Merge):
    """The sum of the inputs.

    >>> tf.keras.layers.Add()([tf.constant([1.0]), tf.constant([2.0])]).numpy()
    array([3.], dtype=float32)
    """

    def _merge(self, inputs: list[Any]) -> Any:
        return _fold(tf.add, inputs)


class Subtract(_Merge):
    """The first of two inputs minus the second."""

    def build(self, input_shape: Any) -> None:
        if len(_shapes(input_shape, self.name)) != 2:
            raise ValueError(
                f"A `Subtract` layer should be called on exactly 2 inputs. Received: input_shape={input_shape}"
            )
        super().build(input_shape)

    def _merge(self, inputs: list[Any]) -> Any:
        if len(inputs) != 2:
            raise ValueError(f"A `Subtract` layer should be called on exactly 2 inputs. Received: inputs={inputs}")
        return inputs[0] - inputs[1]


class Multiply(_Merge):
    """The product of the inputs."""

    def _merge(self, inputs: list[Any]) -> Any:
        return _fold(tf.multiply, inputs)


class Average(_Merge):
    """The mean of the inputs."""

    def _merge(self, inputs: list[Any]) -> Any:
        return _fold(tf.add, inputs) / len(inputs)


class Maximum(_Merge):
    """The largest of the inputs, entry by entry."""

    def _merge(self, inputs: list[Any]) -> Any:
        return _fold(tf.maximum, inputs)


class Minimum(_Merge):
    """The smallest of the inputs, entry by entry."""

    def _merge(self, inputs: list[Any]) -> Any:
        return _fold(tf.minimum, inputs)


class Concatenate(Layer):
    """The inputs one after the other along `axis`.

    >>> tf.keras.layers.Concatenate()([tf.zeros([2, 3]), tf.zeros([2, 4])]).shape
    TensorShape([2, 7])
    """

    _config_names = ("axis",)

    def __init__(self, axis: int = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = axis
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        self.compute_output_shape(input_shape)
        self.built = True

    def compute_output_shape(self, input_shape: Any) -> Any:
        shapes = _shapes(input_shape, self.name)
        merged = list(shapes[0])
        axis = self.axis % len(merged)
        for shape in shapes[1:]:
            if len(shape) != len(merged):
                self._refuse(shapes)
            for i, size in enumerate(shape):
                if i == axis:
                    merged[i] = None if None in (merged[i], size) else merged[i] + size
                elif None not in (merged[i], size) and merged[i] != size:
                    self._refuse(shapes)
                else:
                    merged[i] = size if merged[i] is None else merged[i]
        return Shape(merged)

    def _refuse(self, shapes: list[Shape]) -> None:
        raise ValueError(
            "A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis. "
            f"Received: input_shape={[*map(tuple, shapes)]}"
        )

    def call(self, inputs: Any) -> Any:
        if not isinstance(inputs, (list, tuple)):
            raise ValueError(f"A merge layer should be called on a list of inputs. Received: inputs={inputs}")
        return tf.concat(list(inputs), self.axis)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        if mask is None or all(m is None for m in mask):
            return None
        masks = []
        for x, m in zip(inputs, mask):
            if m is None:
                m = tf.ones_like(x, dtype=tf.bool)
            elif m.shape.rank < x.shape.rank:
                m = tf.logical_or(tf.expand_dims(m, -1), tf.zeros_like(x, dtype=tf.bool))
            masks.append(m)
        return tf.reduce_any(tf.concat(masks, self.axis), axis=-1)


class Dot(Layer):
    """The products of two inputs, sample by sample, summed along one axis of each.

    axes: one for both, or a pair; the batch cannot be one. normalize: to length 1 before, for cosines.
    """

    _config_names = ("axes", "normalize")

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        if not isinstance(axes, (int, list, tuple)):
            raise TypeError(f"Invalid type for argument `axes`: it should be a list or an int. Received: axes={axes}")
        if not isinstance(axes, int) and (len(axes) != 2 or not all(isinstance(axis, int) for axis in axes)):
            raise ValueError(f"Invalid format for argument `axes`: it should contain two integers. Received: axes={axes}")
        self.axes, self.normalize = axes, normalize
        self.supports_masking = True

    def _pair(self, ranks: tuple[int, int]) -> tuple[int, int]:
        a, b = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
        return a % ranks[0], b % ranks[1]

    def build(self, input_shape: Any) -> None:
        self.compute_output_shape(input_shape)
        self.built = True

    def compute_output_shape(self, input_shape: Any) -> Any:
        shapes = _shapes(input_shape, self.name)
        if len(shapes) != 2:
            raise ValueError(f"A `Dot` layer should be called on a list of 2 inputs. Received: input_shape={input_shape}")
        a, b = shapes
        i, j = self._pair((len(a), len(b)))
        if None not in (a[i], b[j]) and a[i] != b[j]:
            raise ValueError(
                f"Incompatible input shapes: axis values {a[i]} (at axis {i}) != {b[j]} (at axis {j}). "
                f"Full input shapes: {tuple(a)}, {tuple(b)}"
            )
        merged = a[:i] + a[i + 1 :] + b[1:j] + b[j + 1 :]
        return merged if len(merged) > 1 else merged + (1,)

    def call(self, inputs: Any) -> Any:
        if not isinstance(inputs, (list, tuple)) or len(inputs) != 2:
            raise ValueError(f"A `Dot` layer should be called on exactly 2 inputs. Received: inputs={inputs}")
        a, b = inputs
        i, j = self._pair((a.shape.rank, b.shape.rank))
        if self.normalize:
            a, b = tf.math.l2_normalize(a, axis=i), tf.math.l2_normalize(b, axis=j)
        # In letters: the batch is shared, the two axes are summed, the others follow one another.
        letters = "abcdefghijklmnop"
        first = letters[: a.shape.rank]
        rest = letters[a.shape.rank : a.shape.rank + b.shape.rank]
        second = "".join("a" if n == 0 else first[i] if n == j else rest[n] for n in range(b.shape.rank))
        out = first.replace(first[i], "") + second[1:].replace(first[i], "")
        y = tf.einsum(f"{first},{second}->{out}", a, b)
        return y if y.shape.rank != 1 else tf.expand_dims(y, 1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None


# -- as functions ------------------------------------------------------------------------------------------------


def add(inputs: Any, **kwargs: Any) -> Any:
    """`Add` as a function of a list of tensors."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Any, **kwargs: Any) -> Any:
    """`Subtract` as a function of a list of two tensors."""
    return Subtract(**kwargs)(inputs)


def multiply(inputs: Any, **kwargs: Any) -> Any:
    """`Multiply` as a function of a list of tensors."""
    return Multiply(**kwargs)(inputs)


def average(inputs: Any, **kwargs: Any) -> Any:
    """`Average` as a function of a list of tensors."""
    return Average(**kwargs)(inputs)


def maximum(inputs: Any, **kwargs: Any) -> Any:
    """`Maximum` as a function of a list of tensors."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Any, **kwargs: Any) -> Any:
    """`Minimum` as a function of a list of tensors."""
    return Minimum(**kwargs)(inputs)


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """`Concatenate` as a function of a list of tensors."""
    return Concatenate(axis=axis, **kwargs)(inputs)


def dot(inputs: Any, axes: Any, normalize: bool = False, **kwargs: Any) -> Any:
    """`Dot` as a function of a list of two tensors."""
    return Dot(axes=axes, normalize=normalize, **kwargs)(inputs)
