"""Symbolic tensors of the functional API: `KerasTensor`, and the graphs they live in.

A `KerasTensor` is a symbolic tensor of one graph that keeps nothing: its operations live as long as tensors that lead
to them. So every `tf.*` function works on it, by the same switch as anywhere (a symbolic input makes a symbolic
output), and models that are dropped are collected. A layer's outputs are worked out in a scratch graph that is thrown
away; only their shapes and dtypes come back.

This file stands on the engine below the public names, since it makes a kind of tensor; so does `models/steps.py`, which
runs programs. Nothing else of layers and models does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import thalweg as tf
from thalweg.engine.core.tensor import SymbolicTensor
from thalweg.engine.ops.state import placeholder_record
from thalweg.keras import naming


class History(NamedTuple):
    """Where a `KerasTensor` came from: a layer, which of its calls, which of the outputs of that call."""

    operation: Any
    node_index: int
    tensor_index: int

    @property
    def layer(self) -> Any:
        return self.operation


class KerasTensor(SymbolicTensor):
    """A symbolic tensor between layers of a functional model: what `Input` gives and layers pass on."""

    __slots__ = ()

    @property
    def name(self) -> str:
        return self._op.name

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype.name}, name={self.name}>"

    __str__ = __repr__


class _Tracing(tf.Graph):
    """A graph as a function being traced has it: variables made meanwhile are made outside it."""

    building_function = True
    outer = None


class _Functional(_Tracing):
    """The graph of all functional models. It keeps no list of its operations and does not number their names."""

    def _add(self, op: Any) -> int:
        return 0

    def unique_name(self, name: str, mark_as_used: bool = True) -> str:
        return name.removesuffix("/")

    def create_op(
        self, record: Any, inputs: Any, attrs: dict[str, Any], name: str | None, out_dtypes: Any, out_shapes: Any
    ) -> Any:
        op = tf.Operation(self, record, inputs, attrs, name or record.name)
        op.outputs = [KerasTensor(op, i, dtype, shape) for i, (dtype, shape) in enumerate(zip(out_dtypes, out_shapes))]
        return op

    def capture_cell(self, cell: Any) -> Any:
        self._cells.clear()  # what is remembered here would be kept for good
        return super().capture_cell(cell)


_functional = _Functional()


def make_tensor(shape: Any, dtype: Any, name: str | None = None) -> KerasTensor:
    """A new symbolic tensor of the functional API."""
    with _functional.as_default():
        return _placeholder(shape, dtype, name or naming.auto_name("keras_tensor"))


def _placeholder(shape: Any, dtype: Any, name: str) -> Any:
    return placeholder_record(dtype=tf.as_dtype(dtype), shape=tf.TensorShape(shape), name=name)


def is_keras_tensor(x: Any) -> bool:
    """Whether `x` is a symbolic tensor of the functional API."""
    return isinstance(x, KerasTensor)


def holds_keras_tensor(*structures: Any) -> bool:
    """Whether a `KerasTensor` is anywhere in these nests."""
    return any(isinstance(x, KerasTensor) for x in tf.nest.flatten(structures))


def infer_outputs(function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """What `function(args, kwargs)` would give for these arguments, with `KerasTensor`s in the place of tensors.

    It runs once, on placeholders in a graph that is thrown away.
    """

    def stand_in(x: Any) -> Any:
        if not isinstance(x, KerasTensor):
            return x
        return _placeholder(x.shape, x.dtype, "input")

    with _Tracing().as_default():
        args, kwargs = tf.nest.map_structure(stand_in, (args, kwargs))
        outputs = function(args, kwargs)
    return tf.nest.map_structure(
        lambda y: make_tensor(y.shape, y.dtype) if isinstance(y, tf.Tensor) else y, outputs
    )
