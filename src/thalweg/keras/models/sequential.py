"""`Sequential`: layers one after another."""

from __future__ import annotations

from typing import Any

import thalweg as tf
from thalweg.keras.engine import calls, symbolic
from thalweg.keras.engine.input_layer import InputLayer
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import Shape, as_shape, shape_of
from thalweg.keras.models.functional import LayerGraph
from thalweg.keras.models.model import Model


class Sequential(Model):
    """A model whose layers follow one another.

    layers: a list of layers; the shape of the inputs comes from an `Input` at its head, from the first layer's
    `input_shape`, or from the first data. Source: `tf.keras.Sequential`.

    >>> model = tf.keras.Sequential([tf.keras.Input(shape=(3,)), tf.keras.layers.Dense(2)])
    >>> model.output_shape
    (None, 2)
    """

    def __init__(self, layers: Any = None, trainable: bool = True, name: str | None = None, **kwargs: Any):
        if isinstance(layers, str) and name is None:
            layers, name = None, layers
        super().__init__(trainable=trainable, name=name, **kwargs)
        self._stack: list[Layer] = []
        self.__dict__["_input_layer"] = None
        for layer in [] if layers is None else layers if isinstance(layers, (list, tuple)) else [layers]:
            self.add(layer)

    # -- layers ---------------------------------------------------------------------------------------------

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Put a layer at the end. Raises TypeError for anything else, ValueError for a second input."""
        if symbolic.is_keras_tensor(layer) and isinstance(getattr(layer, "_keras_history", [None])[0], InputLayer):
            layer = layer._keras_history[0]
        if not isinstance(layer, Layer):
            if not callable(layer) or isinstance(layer, type):
                raise TypeError(
                    f"Only instances of `keras.Layer` can be added to a Sequential model. Received: {layer!r} (of type "
                    f"{type(layer).__name__})"
                )
            from thalweg.keras.layers.core import Lambda

            layer = Lambda(layer)
        if any(layer.name == other.name for other in self._stack):
            raise ValueError(
                f"All layers added to a Sequential model should have unique names. Name {layer.name!r} is already the "
                f"name of a layer in this model: give one of them another `name`."
            )
        if isinstance(layer, InputLayer):
            if self._stack or self._input_layer is not None:
                raise ValueError(
                    f"Sequential model {self.name!r} has already been configured to use input shape "
                    f"{self._known_shape()}. You cannot add a different Input layer to it."
                )
            self._begin(layer)
            return
        if not self._stack and self._input_layer is None:
            shape, dtype = _input_of(layer)
            if shape is not None:
                self._begin(InputLayer(batch_shape=shape, dtype=dtype))
        self._stack.append(layer)
        if self._input_layer is not None:
            self._extend([layer])

    def pop(self, rebuild: bool = True) -> Any:
        """Take the last layer away and return it."""
        if not self._stack:
            raise TypeError("There are no layers in the model.")
        layer = self._stack.pop()
        if self._input_layer is not None:
            layer._inbound_nodes.clear()
            self.__dict__["_last"] = self._stack[-1]._inbound_nodes[-1].outputs_nest if self._stack else (
                self._input_layer.output
            )
            self._set_graph()
        return layer

    @property
    def layers(self) -> list[Any]:
        return list(self._stack)

    @property
    def operations(self) -> list[Any]:
        return list(self._stack)

    def _known_shape(self) -> Any:
        return None if self._input_layer is None else tuple(self._input_layer.batch_shape)

    # -- the symbolic side ----------------------------------------------------------------------------------

    def _begin(self, input_layer: InputLayer) -> None:
        self.__dict__["_input_layer"] = input_layer
        self.__dict__["_last"] = input_layer.output
        self.__dict__["_build_shape"] = {"input_shape": input_layer.batch_shape}

    def _extend(self, layers: list[Layer]) -> None:
        """Call layers on the symbolic output so far: this builds them."""
        for layer in layers:
            y = layer(self._last)
            if not symbolic.is_keras_tensor(y):
                raise ValueError(
                    "All layers in a Sequential model should have a single output tensor, but "
                    f"{layer.name!r} gives {y!r}. Use the functional API for several outputs."
                )
            self.__dict__["_last"] = y
        self._set_graph()

    def _set_graph(self) -> None:
        self.built = bool(self._stack)
        graph = LayerGraph(self._input_layer.output, self._last) if self._stack else None
        self.__dict__["_graph"] = graph

    def build(self, input_shape: Any = None) -> None:
        """Make the weights for inputs of this shape, with the batch."""
        shape = as_shape(input_shape)
        if self.built or shape is None:
            return
        if not self._stack:
            raise ValueError(
                f"Sequential model {self.name!r} cannot be built because it has no layers. Call `model.add(layer)`."
            )
        self._build_on(shape, _input_of(self._stack[0])[1])
        self.built = True

    def _build_on(self, shape: Shape, dtype: Any) -> None:
        self._begin(InputLayer(batch_shape=Shape((None,)) + shape[1:], dtype=dtype))
        try:
            with calls.scope(self.name):
                self._extend(self._stack)
        except (NotImplementedError, tf.errors.OperatorNotAllowedInGraphError):
            # A layer that can only run on values: it builds itself in its first call.
            self.__dict__.update(_input_layer=None, _graph=None)

    def _run(self, args: Any, kwargs: Any) -> Any:
        if args and isinstance(args[0], (list, tuple)) and len(args[0]) == 1:
            args = (args[0][0], *args[1:])
        if args and self._graph is None and self._stack:
            args = (_with_features(args[0], self._stack[0]), *args[1:])
        if args and self.__dict__.get("_shape_of_data") and isinstance(args[0], tf.Tensor):
            self._loosen(args[0])
        return super()._run(args, kwargs)

    def _loosen(self, x: Any) -> None:
        """The input shape was that of the first data. Where other data has another size, let it be any, if the layers do."""
        given, expected = shape_of(x), self._input_layer.batch_shape
        if given is None or len(given) != len(expected) or x.shape.is_compatible_with(expected):
            return
        before = {name: self.__dict__[name] for name in ("_input_layer", "_last", "_build_shape", "_graph")}
        try:
            with tf.init_scope():
                self._build_on(Shape(a if a == b else None for a, b in zip(given, expected)), self._input_layer.dtype)
        except ValueError:
            self.__dict__.update(before)  # a layer wants that size: the model says so in its own words

    def _build_for(self, signature: Any, args: Any, kwargs: Any) -> None:
        x = signature.given("inputs", args, kwargs)
        shape = shape_of(x) if hasattr(x, "shape") else None
        self.__dict__["_build_shape"] = {"input_shape": shape}
        if shape is not None and self._stack:
            with tf.init_scope():
                self._build_on(shape, x.dtype)
            self.__dict__["_shape_of_data"] = self._input_layer is not None
        self.built = True
        self._set_initial_weights()

    # -- calling --------------------------------------------------------------------------------------------

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        if mask is not None and calls.mask_of(inputs) is None:
            inputs._keras_mask = mask
        x = inputs
        if self._graph is not None and isinstance(inputs, tf.Tensor):
            x = self._graph.arrange(inputs, self.name)[0]
        for layer in self._stack:
            x = layer(x)
        return x

    # -- config ---------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        from thalweg.keras.models.configs import sequential_config

        return sequential_config(self)

    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = None) -> Any:
        from thalweg.keras.models.configs import sequential_from_config
        from thalweg.keras.saving import registration

        with registration.CustomObjectScope(custom_objects):
            return sequential_from_config(cls, config)


def _input_of(layer: Any) -> tuple[Shape | None, Any]:
    """The shape and dtype of the inputs that a layer says it takes."""
    if layer._batch_input_shape is not None:
        return layer._batch_input_shape, getattr(layer, "_expected_input_dtype", layer.compute_dtype)
    graph = getattr(layer, "_graph", None)
    if graph is not None and len(graph.inputs) == 1:
        return shape_of(graph.inputs[0]), graph.inputs[0].dtype
    return None, getattr(layer, "_expected_input_dtype", layer.compute_dtype)


def _with_features(x: Any, layer: Any) -> Any:
    """`x` with a last dimension of 1 where it is a vector and the first layer takes rows, as Keras 2 does."""
    needs_rows = (getattr(layer.input_spec, "min_ndim", None) or getattr(layer.input_spec, "ndim", None)) == 2
    if needs_rows and isinstance(x, tf.Tensor) and x.shape.rank == 1:
        return tf.expand_dims(x, -1)
    return x
