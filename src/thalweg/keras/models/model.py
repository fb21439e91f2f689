"""`Model`: layers together, trained and asked for predictions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import thalweg as tf
from thalweg.keras.engine import calls, symbolic
from thalweg.keras.engine.input_spec import InputSpec
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.shapes import map_shapes, shapes_of
from thalweg.keras.models.functional import LayerGraph
from thalweg.keras.models.trainer import Trainer


class Model(Trainer, Layer):
    """Layers as one, with training and prediction.

    `Model(inputs, outputs)` makes a functional model from symbolic tensors (`tf.keras.Input`, and what layers make of
    it), one or a list or a dict of them. A subclass instead makes its layers in `__init__` and uses them in
    `call(inputs, training=None)`. Source: `tf.keras.Model`.

    >>> x = tf.keras.Input(shape=(4,))
    >>> model = tf.keras.Model(x, tf.keras.layers.Dense(1)(x))
    >>> model(tf.zeros([2, 4])).shape
    TensorShape([2, 1])
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Model and _is_functional(args, kwargs):
            cls = Functional
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any):
        graph = None
        if _is_functional(args, kwargs):
            inputs, outputs, args, kwargs = _split(args, kwargs)
            graph = LayerGraph(inputs, outputs)
        self._init_trainer()
        super().__init__(*args, **kwargs)
        self.__dict__["_graph"] = graph
        if graph is not None:
            self._operations = list(graph.operations)
            self.built = True

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "layers":
            raise AttributeError("`Model.layers` is what Keras finds in the model: keep your layers under another name.")
        if "_name" not in self.__dict__ and isinstance(value, (Layer, tf.Variable)):
            raise RuntimeError(
                f"It looks like you are subclassing `Model` and forgot to call `super().__init__()`: do so in "
                f"{type(self).__name__}.__init__() before setting attributes."
            )
        super().__setattr__(name, value)

    # -- what it is made of ---------------------------------------------------------------------------------

    @property
    def layers(self) -> list[Any]:
        """The layers directly in the model, in order."""
        return [layer for layer in self._layers if isinstance(layer, Layer) and not _is_op(layer)]

    @property
    def operations(self) -> list[Any]:
        """The layers, and the `tf` functions between them, in order."""
        return list(self._operations) if self._graph is not None else self.layers

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """A layer by its name or its place. Raises ValueError when there is none."""
        if (name is None) == (index is None):
            raise ValueError("Provide either a layer name or a layer index at `get_layer`, and not both.")
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ValueError(
                    f"Was asked to retrieve layer at index {index} but model only has {len(layers)} layers."
                )
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        raise ValueError(f"No such layer: {name}. Existing layers are: {[layer.name for layer in layers]}.")

    def _symbolic_graph(self, what: str) -> LayerGraph:
        if self._graph is None:
            raise AttributeError(
                f"The model {self.name!r} ({type(self).__name__}) has no {what} known yet: only functional models, and "
                "Sequential ones that know their input shape, have one."
            )
        return self._graph

    @property
    def inputs(self) -> list[Any]:
        return list(self._symbolic_graph("inputs").inputs)

    @property
    def outputs(self) -> list[Any]:
        return list(self._symbolic_graph("outputs").outputs)

    @property
    def input(self) -> Any:
        return self._symbolic_graph("input").input_nest

    @property
    def output(self) -> Any:
        return self._symbolic_graph("output").output_nest

    @property
    def input_names(self) -> list[str]:
        return list(self._symbolic_graph("input_names").input_names)

    @property
    def output_names(self) -> list[str]:
        return list(self._symbolic_graph("output_names").output_names)

    @property
    def input_shape(self) -> Any:
        return _one(shapes_of(self._symbolic_graph("input_shape").input_nest))

    @property
    def output_shape(self) -> Any:
        return _one(shapes_of(self._symbolic_graph("output_shape").output_nest))

    # -- calling --------------------------------------------------------------------------------------------

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """The outputs for inputs. A subclass that is not functional overrides it."""
        if self._graph is None:
            raise NotImplementedError(
                f"Model {type(self).__name__} does not have a `call()` method implemented: write one, or make the model "
                "from `inputs` and `outputs`."
            )
        flat = self._graph.arrange(inputs, self.name)
        if mask is not None:
            for x, one in zip(flat, tf.nest.flatten(mask)):
                if one is not None and calls.mask_of(x) is None:
                    x._keras_mask = one
        return self._graph.run(flat)

    def _to_tensors(self, args: Any, kwargs: Any) -> Any:
        """As for any layer; the inputs of a functional model keep the dtype that its `Input` says."""
        if self.__dict__.get("_graph") is None:
            return super()._to_tensors(args, kwargs)
        autocast, self.__dict__["autocast"] = self.autocast, False
        try:
            return super()._to_tensors(args, kwargs)
        finally:
            self.__dict__["autocast"] = autocast

    def build(self, input_shape: Any = None) -> None:
        """Make the weights for inputs of this shape, or nest of shapes, by calling the model on symbolic inputs."""
        if self._graph is None and input_shape is not None and type(self).call is not Model.call and not self.built:
            inputs = map_shapes(lambda shape: symbolic.make_tensor(tuple(shape), self.compute_dtype), input_shape)
            self.built = True  # the call below must not come back here
            try:
                self._infer((inputs,), {})
            except BaseException:
                self.built = False
                raise
        self.built = True

    def _build_for(self, signature: Any, args: Any, kwargs: Any) -> None:
        if type(self).build is Model.build:  # the layers inside build themselves as they are called
            given = signature.bound(args, kwargs)
            first = next(iter(given.values()), None)
            self.__dict__["_build_shape"] = {"input_shape": shapes_of(first)} if first is not None else None
            self.built = True
            self._set_initial_weights()
        else:
            super()._build_for(signature, args, kwargs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        if self._graph is not None and len(self._graph.inputs) == 1:
            dtype = self._graph.inputs[0].dtype
            inputs = map_shapes(lambda shape: symbolic.make_tensor(tuple(shape), dtype), input_shape)
            return shapes_of(self._infer((inputs,), {}))
        return super().compute_output_shape(input_shape)

    @property
    def state_updates(self) -> list[Any]:
        return []

    def reset_states(self) -> None:
        """Forget the state of stateful layers."""
        for layer in self._flatten_layers(include_self=False):
            if layer.stateful and hasattr(layer, "reset_states"):
                layer.reset_states()

    # -- showing --------------------------------------------------------------------------------------------

    def summary(
        self,
        line_length: int | None = None,
        positions: Any = None,
        print_fn: Any = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
    ) -> None:
        """Print the layers with their output shapes and numbers of parameters."""
        from thalweg.keras.models.summary import print_summary

        print_summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)

    # -- saving ---------------------------------------------------------------------------------------------

    def save(
        self, filepath: Any, overwrite: bool = True, zipped: bool | None = None, include_optimizer: bool = True,
        save_format: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        """Write the whole model, with its optimizer and compile arguments, to a `.keras` or `.h5` file."""
        from thalweg.keras.saving import saving_api

        saving_api.save_model(self, filepath, overwrite, include_optimizer, save_format)

    def export(
        self, filepath: Any, format: str = "tf_saved_model", verbose: Any = None, input_signature: Any = None, **kwargs: Any
    ) -> None:
        """Write what the model answers as a SavedModel for serving; `tf.saved_model.load` reads it, here and there."""
        from thalweg.keras.saving.export import export

        export(self, filepath, format, verbose, input_signature)

    def save_weights(
        self, filepath: Any, overwrite: bool = True, save_format: str | None = None, options: Any = None, **kwargs: Any
    ) -> None:
        """Write the weights: to `.weights.h5`, `.h5`, `.npz`, or to a checkpoint of any other name."""
        from thalweg.keras.saving import saving_api

        saving_api.save_weights(self, filepath, overwrite, save_format, options)

    def load_weights(
        self, filepath: Any, skip_mismatch: bool = False, by_name: bool = False, options: Any = None, **kwargs: Any
    ) -> Any:
        """Read weights that `save_weights` or `save` wrote into this model. Gives the status of a checkpoint's restore."""
        from thalweg.keras.saving import saving_api

        return saving_api.load_weights(self, os.fspath(filepath), skip_mismatch, by_name)

    def _trackable_children(self) -> dict[str, Any]:
        """What a `tf.train.Checkpoint` saves, under Keras 2's names: layers by number, then what users named."""
        children: dict[str, Any] = {}
        if self._graph is not None or hasattr(self, "_stack"):
            with_weights = 0
            for i, layer in enumerate(self.layers):
                if layer.weights:
                    children[f"layer_with_weights-{with_weights}"] = layer
                    with_weights += 1
                children[f"layer-{i}"] = layer
        children |= super()._trackable_children()
        if self.optimizer is not None:
            children["optimizer"] = self.optimizer
        return children

    def to_json(self, **kwargs: Any) -> str:
        """The architecture as JSON text; `tf.keras.models.model_from_json` reads it."""
        import json

        from thalweg.keras.saving import registration

        return json.dumps(registration.serialize_keras_object(self), **kwargs)

    def get_config(self) -> dict[str, Any]:
        if self._graph is not None and type(self).__init__ in (Model.__init__, Functional.__init__):
            from thalweg.keras.models.configs import functional_config

            return functional_config(self)
        return super().get_config()

    def _has_no_config(self) -> bool:
        return type(self).get_config is Model.get_config and type(self).__init__ is not Model.__init__

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """The model that `get_config` described."""
        from thalweg.keras.models.configs import functional_from_config, is_functional_config
        from thalweg.keras.saving import registration

        with registration.CustomObjectScope(custom_objects):
            if is_functional_config(config):
                return functional_from_config(cls, config)
            return super().from_config(config)

    def __iter__(self) -> Iterator[Any]:
        raise TypeError(f"{type(self).__name__} object is not iterable: iterate over `model.layers`.")


class Functional(Model):
    """What `Model(inputs, outputs)` makes."""


def _is_op(layer: Any) -> bool:
    from thalweg.keras.engine.op_layer import OpLayer

    return isinstance(layer, OpLayer)


def _one(shapes: Any) -> Any:
    """A list of one shape is that shape, as in Keras."""
    return shapes[0] if isinstance(shapes, list) and len(shapes) == 1 else shapes


def _is_functional(args: Any, kwargs: Any) -> bool:
    """Whether the arguments are `inputs, outputs`, by place or by name."""
    return (
        len(args) >= 2
        or (len(args) == 1 and "outputs" in kwargs)
        or ("inputs" in kwargs and "outputs" in kwargs)
    )


def _split(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any, tuple[Any, ...], dict[str, Any]]:
    kwargs = dict(kwargs)
    inputs = args[0] if args else kwargs.pop("inputs")
    outputs = args[1] if len(args) > 1 else kwargs.pop("outputs")
    if len(args) > 2:
        kwargs["name"] = args[2]
    return inputs, outputs, (), kwargs
