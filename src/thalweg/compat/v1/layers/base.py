"""`tf.layers.Layer`: the base of TensorFlow 1's layers, whose variables come from `get_variable`.

Source: https://www.tensorflow.org/versions/r1.15/api_docs/python/tf/layers/Layer
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from thalweg.compat.v1.graph import GraphKeys
from thalweg.compat.v1.variable_scope import VariableScope, get_variable, variable_scope
from thalweg.engine.core import convert, dtypes, nest
from thalweg.engine.core.context import local
from thalweg.engine.core.graph import get_default_graph, name_scope
from thalweg.engine.core.shape import TensorShape
from thalweg.engine.core.tensor import Tensor
from thalweg.engine.execution.conditional import cond
from thalweg.engine.execution.variables import Variable
from thalweg.engine.ops.shaping import cast, shape as shape_of
from thalweg.engine.ops.static import get_static_value


class Layer:
    """A function with variables of its own: `build` makes them at the first call, `call` computes.

    The variables are named after the layer's scope: the layer's name made unique, or `_scope` just so.
    """

    def __init__(self, trainable: bool = True, name: Any = None, dtype: Any = None, **kwargs: Any):
        scope, self._reuse = kwargs.pop("_scope", None), kwargs.pop("_reuse", None)
        self.activity_regularizer = kwargs.pop("activity_regularizer", None)
        for unused in ("input_shape", "batch_input_shape", "autocast", "dynamic"):
            kwargs.pop(unused, None)
        if kwargs:
            raise TypeError(f"Keyword argument not understood: {', '.join(kwargs)}")
        self._base_name = name.name if isinstance(name, VariableScope) else name or snake_case(type(self).__name__)
        self.trainable, self.built, self.input_spec = trainable, False, None
        self._dtype = None if dtype is None else dtypes.as_dtype(dtype).name
        self._weights: list[Any] = []
        self._losses: list[Any] = []
        self._updates: list[Any] = []
        self._scope: Any = None
        if scope:
            with variable_scope(scope) as self._scope:
                pass

    # -- what subclasses define -------------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Make the variables, now that the input's shape is known."""
        self.built = True

    def call(self, inputs: Any, **kwargs: Any) -> Any:
        """What the layer computes."""
        return inputs

    # -- calling ----------------------------------------------------------------------------------------

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        self._set_scope(kwargs.pop("scope", None))
        reuse = True if self.built else self._reuse
        with variable_scope(self._scope, reuse=reuse, auxiliary_name_scope=False), self._name_scope():
            inputs = nest.map_structure(_as_tensor, inputs)
            if not self.built:
                first = nest.flatten(inputs)[0]
                if self._dtype is None:
                    self._dtype = first.dtype.base_dtype.name
                shapes = nest.map_structure(lambda x: x.shape, inputs)
                self.build(shapes)
                self.built = True
            outputs = self.call(inputs, *args, **kwargs)
            if self.activity_regularizer is not None:
                for y in nest.flatten(outputs):
                    loss = self.activity_regularizer(y)
                    self.add_loss(loss / cast(shape_of(y)[0], loss.dtype))  # the mean over the batch, as Keras has it
        return outputs

    apply = __call__

    def _set_scope(self, scope: Any) -> None:
        if self._scope is not None:
            return
        if self._reuse:
            with variable_scope(scope if scope is not None else self._base_name) as self._scope:
                pass
        else:
            with variable_scope(scope, default_name=self._base_name) as self._scope:
                pass

    def _name_scope(self) -> Any:
        return name_scope(self._scope.original_name_scope or f"{self._scope.name}/")

    # -- variables, losses, updates ---------------------------------------------------------------------

    def add_weight(
        self, name: str, shape: Any, dtype: Any = None, initializer: Any = None, regularizer: Any = None, trainable: bool = True,
        constraint: Any = None, **kwargs: Any,
    ) -> Any:  # fmt: skip
        """A variable of this layer; made, or found where the scope reuses."""
        self._set_scope(None)
        reuse = True if self.built else self._reuse
        with variable_scope(self._scope, reuse=reuse, auxiliary_name_scope=False):
            variable = get_variable(
                name, shape=shape, dtype=dtype or self._dtype or dtypes.float32, initializer=initializer, regularizer=regularizer,
                trainable=trainable and self.trainable, constraint=constraint, partitioner=kwargs.get("partitioner"),
            )  # fmt: skip
        if not any(variable is w for w in self._weights):
            self._weights.append(variable)
        return variable

    add_variable = add_weight

    def add_loss(self, losses: Any, inputs: Any = None) -> None:
        """Losses that `tf.losses.get_regularization_losses` finds."""
        for loss in nest.flatten(losses):
            self._losses.append(loss)
            if local.graph is not None:
                get_default_graph().add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss)

    def add_update(self, updates: Any, inputs: Any = None) -> None:
        """Operations that a training step must run too: they go to the collection UPDATE_OPS."""
        for update in nest.flatten(updates):
            self._updates.append(update)
            if local.graph is not None:
                get_default_graph().add_to_collection(GraphKeys.UPDATE_OPS, update)

    # -- what it is -------------------------------------------------------------------------------------

    name = property(lambda self: self._scope.name.split("/")[-1] if self._scope is not None else self._base_name)
    dtype = property(lambda self: self._dtype)
    weights = variables = property(lambda self: list(self._weights))
    trainable_weights = trainable_variables = property(lambda self: [w for w in self._weights if w.trainable])
    non_trainable_weights = non_trainable_variables = property(lambda self: [w for w in self._weights if not w.trainable])
    losses = property(lambda self: list(self._losses))
    updates = property(lambda self: list(self._updates))

    @property
    def scope_name(self) -> str:
        """The name of the layer's variable scope. Raises ValueError before the first call."""
        if self._scope is None:
            raise ValueError(f'No name available for layer scope because the layer "{self._base_name}" has not been used yet.')
        return self._scope.name

    def count_params(self) -> int:
        """How many numbers the variables hold. Raises ValueError before the layer is built."""
        if not self.built:
            raise ValueError(f"You tried to call `count_params` on {self._base_name}, but the layer isn't built: call it first.")
        return sum(math.prod(w.shape.as_list()) for w in self._weights)


def snake_case(name: str) -> str:
    """`MaxPooling2D` as `max_pooling2d`."""
    spaced = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", spaced).lower()


def smart_cond(predicate: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """One of two functions: chosen now if `predicate` is known, else by a cond in the graph."""
    known = predicate if isinstance(predicate, (bool, int)) else get_static_value(predicate)
    if known is None:
        return cond(predicate, true_fn, false_fn)
    return true_fn() if known else false_fn()


def activation_of(activation: Any) -> Any:
    """A function for an activation given as one or by name (`"relu"`)."""
    if activation is None or callable(activation):
        return activation
    from thalweg import nn

    if activation == "linear":
        return None
    found = getattr(nn, activation, None)
    if found is None:
        raise ValueError(f"Unknown activation function: {activation!r}")
    return found


def channels_axis(data_format: str) -> int:
    """Where channels stand. Raises ValueError unless it is channels_last or channels_first."""
    if data_format not in ("channels_last", "channels_first"):
        raise ValueError(f"The `data_format` argument must be one of 'channels_first', 'channels_last'. Received: {data_format}")
    return -1 if data_format == "channels_last" else 1


def known_size(shape: TensorShape, axis: int, what: str) -> int:
    """A size that a layer's variables depend on. Raises ValueError where it is unknown."""
    size = None if shape.rank is None else shape.as_list()[axis]
    if size is None:
        raise ValueError(f"The {what} of the inputs to a layer should be defined. Found `None`: give the placeholder that size.")
    return size


def as_tuple(value: Any, n: int, name: str) -> tuple[int, ...]:
    """An integer or a sequence of `n` as a tuple of `n`."""
    if isinstance(value, int):
        return (value,) * n
    found = tuple(int(v) for v in value)
    if len(found) != n:
        raise ValueError(f"The `{name}` argument must be a tuple of {n} integers. Received: {value}")
    return found


def _as_tensor(x: Any) -> Any:
    return x if isinstance(x, Tensor) else x._read() if isinstance(x, Variable) else convert.convert_to_tensor(x)
