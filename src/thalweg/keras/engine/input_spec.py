"""What a layer expects of its inputs, and the sentence when it gets something else."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras.config import standardize_dtype
from thalweg.keras.engine.shapes import Shape, as_shape, shape_of


class InputSpec:
    """The dtype, rank, shape, or size along some axes, of one input. Source: `tf.keras.layers.InputSpec`.

    shape: a tuple with None for any size. axes: sizes by axis. allow_last_axis_squeeze: a last dimension of 1 may be
    there or not. optional: None may be passed instead of a tensor.
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Any = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: dict[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ):
        self.dtype = None if dtype is None else standardize_dtype(dtype)
        self.shape = as_shape(shape)
        self.ndim = ndim if self.shape is None else len(self.shape)
        self.max_ndim, self.min_ndim, self.name, self.optional = max_ndim, min_ndim, name, optional
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        try:
            self.axes = {int(axis): size for axis, size in (axes or {}).items()}
        except (ValueError, TypeError):
            raise TypeError(f"`axes` must be a dict with integer keys, but it is {axes!r}.") from None
        limit = self.ndim or self.max_ndim
        if self.axes and limit and max(self.axes) >= limit:
            raise ValueError(f"Axis {max(self.axes)} is greater than the maximum allowed value: {limit - 1}")

    def problem_with(self, x: Any) -> str | None:
        """What is wrong with a tensor as this input, in a few words; None if nothing."""
        shape = shape_of(x)
        if self.dtype is not None and standardize_dtype(x.dtype) != self.dtype:
            return f"expected dtype={self.dtype}, found dtype={standardize_dtype(x.dtype)}"
        if shape is None:
            return None
        rank = len(shape)
        if self.ndim is not None and not self.allow_last_axis_squeeze and rank != self.ndim:
            return f"expected ndim={self.ndim}, found ndim={rank}. Full shape received: {tuple(shape)}"
        if self.max_ndim is not None and rank > self.max_ndim:
            return f"expected max_ndim={self.max_ndim}, found ndim={rank}. Full shape received: {tuple(shape)}"
        if self.min_ndim is not None and rank < self.min_ndim:
            return f"expected min_ndim={self.min_ndim}, found ndim={rank}. Full shape received: {tuple(shape)}"
        for axis, size in self.axes.items():
            if size is not None and shape[axis] not in (size, None):
                return (
                    f"expected axis {axis} of input shape to have value {size}, but received input with shape "
                    f"{tuple(shape)}"
                )
        if self.shape is not None and not self._fits(shape):
            return f"expected shape={tuple(self.shape)}, found shape={tuple(shape)}"
        return None

    def _fits(self, shape: Shape) -> bool:
        expected = self.shape or Shape()
        if self.allow_last_axis_squeeze:
            expected, shape = _squeezed(expected), _squeezed(shape)
            if len(expected) != len(shape):
                return False
        return all(want is None or dim is None or want == dim for want, dim in zip(expected, shape))

    def get_config(self) -> dict[str, Any]:
        return {
            "dtype": self.dtype,
            "shape": self.shape,
            "ndim": self.ndim,
            "max_ndim": self.max_ndim,
            "min_ndim": self.min_ndim,
            "axes": self.axes,
            "optional": self.optional,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> InputSpec:
        return cls(**config)

    def __repr__(self) -> str:
        names = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes")
        return f"InputSpec({', '.join(f'{name}={getattr(self, name)}' for name in names if getattr(self, name))})"


def _squeezed(shape: Shape) -> Shape:
    return shape[:-1] if shape and shape[-1] == 1 else shape


def check_inputs(spec: Any, inputs: Any, layer_name: str) -> None:
    """Raise ValueError unless `inputs`, a tensor or a nest of them, fit a layer's `input_spec`."""
    if isinstance(spec, InputSpec) and hasattr(inputs, "shape"):  # the common case, kept short
        problem = spec.problem_with(inputs)
        if problem:
            raise ValueError(f"Input 0 of layer {layer_name!r} is incompatible with the layer: {problem}.")
        return
    specs = tf.nest.flatten(spec)
    if isinstance(inputs, dict) and all(s is not None and s.name for s in specs):
        missing = [s.name for s in specs if s.name not in inputs]
        if missing:
            raise ValueError(
                f"Missing data for input {missing[0]!r} of layer {layer_name!r}. You passed a dict with the keys "
                f"{list(inputs)}; expected are {[s.name for s in specs]}."
            )
        inputs = [inputs[s.name] for s in specs]
    flat = tf.nest.flatten(inputs)
    if len(flat) != len(specs):
        raise ValueError(
            f"Layer {layer_name!r} expects {len(specs)} input(s), but it received {len(flat)} input tensors. "
            f"Inputs received: {flat}"
        )
    for i, (x, expected) in enumerate(zip(flat, specs)):
        if expected is None or (x is None and expected.optional):
            continue
        if not hasattr(x, "shape"):
            raise ValueError(
                f"Inputs to a layer should be tensors. Got {x!r} (of type {type(x).__name__}) as input {i} of layer "
                f"{layer_name!r}."
            )
        problem = expected.problem_with(x)
        if problem:
            named = f" with name {expected.name!r}" if expected.name else ""
            raise ValueError(f"Input {i}{named} of layer {layer_name!r} is incompatible with the layer: {problem}.")
