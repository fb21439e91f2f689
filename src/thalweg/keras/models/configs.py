"""Models as plain values and back: layers, and which of their calls feeds which. In Keras 3's form; Keras 2's is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import thalweg as tf
from thalweg.keras.engine.input_layer import InputLayer
from thalweg.keras.engine.layer import Layer
from thalweg.keras.engine.node import Node
from thalweg.keras.engine.op_layer import OpLayer
from thalweg.keras.engine.shapes import shape_of
from thalweg.keras.engine.symbolic import KerasTensor
from thalweg.keras.models import op_configs
from thalweg.keras.models.functional import LayerGraph
from thalweg.keras.models.model import Functional, Model
from thalweg.keras.models.sequential import Sequential
from thalweg.keras.saving import registration


def _read_layer(config: dict[str, Any]) -> Any:
    from thalweg.keras import layers

    if isinstance(config, dict) and op_configs.is_op_config(config, layers.__dict__):
        return op_configs.read(config)
    return layers.deserialize(config)


# -- sequential ------------------------------------------------------------------------------------------------


def sequential_config(model: Sequential) -> dict[str, Any]:
    """The layers of a `Sequential` model, its input first where the shape is known."""
    known = model._input_layer is not None
    layers = [model._input_layer] * known + model.layers
    config = {
        "name": model.name,
        "trainable": model.trainable,
        "dtype": model.dtype_policy.name,
        "layers": [registration.serialize_keras_object(layer) for layer in layers],
    }
    if known:
        config["build_input_shape"] = list(model._input_layer.batch_shape)
    return config


def sequential_from_config(cls: type, config: Any) -> Any:
    """The model that `sequential_config` described. A list of layer configs is Keras 1's form of it."""
    if isinstance(config, (list, tuple)):
        config = {"name": None, "layers": config}
    if not isinstance(config, dict) or "layers" not in config:
        raise ValueError(f"A Sequential model's config must be a dict with the key 'layers', but it is {config!r}.")
    model = cls(name=config.get("name"))
    for layer in config["layers"]:
        model.add(_read_layer(layer))
    if not model.built and config.get("build_input_shape"):
        model.build(config["build_input_shape"])
    return model


# -- functional ------------------------------------------------------------------------------------------------


def is_functional_config(config: Any) -> bool:
    return isinstance(config, dict) and {"layers", "input_layers", "output_layers"} <= set(config)


def functional_config(model: Any) -> dict[str, Any]:
    """The layers of a functional model, the calls of each, and which tensors are inputs and outputs."""
    graph = model._graph
    numbers = _numbers(graph)
    layers = []
    for operation in graph.operations:
        calls = [node for node in operation._inbound_nodes if id(node) in numbers and not node.is_input]
        is_op = isinstance(operation, OpLayer)
        layers.append(
            (op_configs.written(operation) if is_op else registration.serialize_keras_object(operation))
            | {"name": operation.name, "inbound_nodes": [_node_config(node, numbers) for node in calls]}
        )

    def place(tensor: KerasTensor) -> list[Any]:
        operation, index, tensor_index = tensor._keras_history
        # Keras counts the calls of a nested functional model from 1 here.
        shift = 1 if isinstance(operation, Functional) else 0
        return [operation.name, numbers[id(operation._inbound_nodes[index])] + shift, tensor_index]

    return {
        "name": model.name,
        "trainable": model.trainable,
        "layers": layers,
        "input_layers": tf.nest.map_structure(place, graph.input_nest),
        "output_layers": tf.nest.map_structure(place, graph.output_nest),
    }


def _numbers(graph: LayerGraph) -> dict[int, int]:
    """The number of each call among those of its layer that belong to the model."""
    relevant = {id(node) for node in graph.nodes}
    return {
        id(node): number
        for operation in graph.operations
        for number, node in enumerate(n for n in operation._inbound_nodes if id(n) in relevant)
    }


def _node_config(node: Node, numbers: dict[int, int]) -> dict[str, Any]:
    def plain(x: Any) -> Any:
        if not isinstance(x, KerasTensor):
            return registration.serialize_keras_object(x)
        operation, index, tensor_index = x._keras_history
        history = [operation.name, numbers[id(operation._inbound_nodes[index])], tensor_index]
        config = {"shape": list(shape_of(x)), "dtype": x.dtype.name, "keras_history": history}
        return {"class_name": "__keras_tensor__", "config": config}

    given = op_configs.arguments(node.operation, list(node.args)) if isinstance(node.operation, OpLayer) else list(node.args)
    args, kwargs = tf.nest.map_structure(plain, (given, node.kwargs))
    return {"args": args, "kwargs": kwargs}


def functional_from_config(cls: type, config: dict[str, Any], make_layer: Callable[[Any], Any] = _read_layer) -> Any:
    """The model that `functional_config` described. `make_layer` makes a layer of its config."""
    config = dict(config)
    layer_configs = config.pop("layers")
    layers: dict[str, Any] = {}
    waiting: list[tuple[Any, list[Any]]] = []
    for layer_config in layer_configs:
        layer = make_layer(layer_config)
        if not isinstance(layer, Layer):
            raise TypeError(f"A model's config holds layers, but one is {layer!r}.")
        layers[layer_config["name"]] = layer
        waiting.append((layer, list(layer_config.get("inbound_nodes") or [])))
    _make_calls(waiting, layers)
    inputs = _tensors(config.pop("input_layers"), layers)
    outputs = _tensors(config.pop("output_layers"), layers)
    trainable = config.pop("trainable", None)
    model = cls(inputs=inputs, outputs=outputs, name=config.pop("name", None), **config)
    if trainable is False:
        model.trainable = False
    return model


def _make_calls(waiting: list[tuple[Any, list[Any]]], layers: dict[str, Any]) -> None:
    """Call the layers as the config says, each call when the tensors that it takes are there."""
    while any(calls for _, calls in waiting):
        progress = False
        for layer, calls in waiting:
            while calls:
                try:
                    args, kwargs = _arguments(calls[0], layers)
                except _NotYet:
                    break
                layer(*args, **kwargs)
                calls.pop(0)
                progress = True
        if not progress:
            stuck = [layer.name for layer, calls in waiting if calls]
            raise ValueError(
                f"The model's config cannot be followed: layers {stuck} wait for tensors that no layer gives (a loop, or a "
                "missing layer)."
            )


class _NotYet(Exception):
    """A tensor is asked for whose call has not been made."""


def _tensor(layers: dict[str, Any], name: Any, node_index: int, tensor_index: int) -> Any:
    layer = layers.get(name)
    if layer is None:
        raise ValueError(f"The model's config refers to a layer {name!r}, which is not in it.")
    if not 0 <= node_index < len(layer._inbound_nodes):
        raise _NotYet
    return layer._inbound_nodes[node_index].outputs[tensor_index]


def _arguments(call: Any, layers: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The arguments of a call, from either generation's config."""
    if isinstance(call, dict):
        return _revive(call["args"], layers), _revive(call["kwargs"], layers)
    if isinstance(call, (list, tuple)) and call and isinstance(call[0], str):
        call = [call]
    kwargs: dict[str, Any] = {}

    def argument(entry: Any) -> Any:
        """Keras 2's first argument: a place with the other arguments behind it, or a nest of places."""
        if isinstance(entry, dict):
            return {key: argument(item) for key, item in entry.items()}
        if not entry or not isinstance(entry[0], str):
            return [argument(item) for item in entry]
        kwargs.update({key: _revive_old(value, layers) for key, value in (entry[3] if len(entry) > 3 else {}).items()})
        return entry[2] if entry[0] == _CONSTANT else _old_tensor(entry, layers)

    first = argument(call)
    return [first[0] if isinstance(first, list) and len(first) == 1 else first], kwargs


_CONSTANT = "_CONSTANT_VALUE"


def _is_place(value: Any) -> bool:
    """Whether a value is the name of a layer, the number of a call of it, the number of a tensor of that."""
    return isinstance(value, (list, tuple)) and len(value) == 3 and isinstance(value[0], str) and (
        all(isinstance(number, int) for number in value[1:])
    )


def _old_tensor(place: Any, layers: dict[str, Any]) -> Any:
    """A tensor by its place in a config of Keras 2, which counts the calls of a model from 1."""
    name, node_index, tensor_index = place[:3]
    return _tensor(layers, name, node_index - isinstance(layers.get(name), Model), tensor_index)


def _revive_old(value: Any, layers: dict[str, Any]) -> Any:
    if _is_place(value) and value[0] in layers:
        return _old_tensor(value, layers)
    if isinstance(value, (list, tuple)):
        return [_revive_old(item, layers) for item in value]
    return registration.deserialize_keras_object(value)


def _revive(value: Any, layers: dict[str, Any]) -> Any:
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        return _tensor(layers, *value["config"]["keras_history"])
    if isinstance(value, dict) and "class_name" not in value:
        return {key: _revive(item, layers) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_revive(item, layers) for item in value]
    return registration.deserialize_keras_object(value)


def _tensors(places: Any, layers: dict[str, Any]) -> Any:
    if _is_place(places):
        name, node_index, tensor_index = places
        shift = 1 if isinstance(layers.get(name), Model) and node_index > 0 else 0
        return _tensor(layers, name, node_index - shift, tensor_index)
    if isinstance(places, dict):
        return {key: _tensors(place, layers) for key, place in places.items()}
    found = [_tensors(place, layers) for place in places]
    return found


# -- clones ----------------------------------------------------------------------------------------------------


def clone_model(model: Any, input_tensors: Any = None, clone_function: Callable[[Any], Any] | None = None) -> Any:
    """A model of the same architecture with layers and weights of its own.

    clone_function: makes the copy of a layer. input_tensors: symbolic inputs to build the copy on.
    Raises ValueError for a subclassed model without a config.

    >>> model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
    >>> tf.keras.models.clone_model(model).count_params()
    8
    """
    def copy(layer: Any) -> Any:
        return type(layer).from_config(layer.get_config())

    make = clone_function or copy
    if isinstance(model, Sequential):
        return _clone_sequential(model, make, input_tensors)
    if getattr(model, "_graph", None) is None:
        return copy(model)
    return _clone_functional(model, make, input_tensors)


def _clone_sequential(model: Sequential, make: Callable[[Any], Any], input_tensors: Any) -> Sequential:
    copy = type(model)(name=model.name)
    if input_tensors is not None:
        copy.add(tf.nest.flatten(input_tensors)[0])
    elif model._input_layer is not None:
        copy.add(InputLayer.from_config(model._input_layer.get_config()))
    for layer in model.layers:
        copy.add(make(layer))
    return copy


def _clone_functional(model: Any, make: Callable[[Any], Any], input_tensors: Any) -> Any:
    """The calls of the model made again on copies of its layers."""
    graph = model._graph
    given = [] if input_tensors is None else tf.nest.flatten(input_tensors)
    tensors = {id(x): y for x, y in zip(graph.inputs, given)}
    copies: dict[int, Any] = {}

    def replaced(x: Any) -> Any:
        return tensors[id(x)] if isinstance(x, KerasTensor) else x

    for node in graph.nodes:
        layer = node.operation
        if all(id(y) in tensors for y in node.outputs):
            continue
        if id(layer) not in copies:
            is_fixed = isinstance(layer, OpLayer)
            copies[id(layer)] = layer if is_fixed else (
                InputLayer.from_config(layer.get_config()) if isinstance(layer, InputLayer) else make(layer)
            )
        copy = copies[id(layer)]
        if node.is_input:
            outputs = copy._inbound_nodes[0].outputs
        else:
            args, kwargs = tf.nest.map_structure(replaced, (node.args, node.kwargs))
            outputs = [y for y in tf.nest.flatten(copy(*args, **kwargs)) if isinstance(y, KerasTensor)]
        tensors.update(zip(map(id, node.outputs), outputs))
    inputs, outputs = tf.nest.map_structure(replaced, (graph.input_nest, graph.output_nest))
    cls = type(model) if type(model).__init__ in (Model.__init__,) else Functional
    return cls(inputs, outputs, name=model.name)


def model_from_config(config: dict[str, Any], custom_objects: Any = None) -> Any:
    """The model that `registration.serialize_keras_object(model)` described."""
    return registration.deserialize_keras_object(config, custom_objects)


def model_from_json(json_string: str, custom_objects: Any = None) -> Any:
    """The model whose `to_json()` gave this text."""
    import json

    return model_from_config(json.loads(json_string), custom_objects)
