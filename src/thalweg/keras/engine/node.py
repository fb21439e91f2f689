"""A call of a layer on symbolic tensors, kept so that it can be made again on values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import thalweg as tf
from thalweg.keras.engine.shapes import shapes_of
from thalweg.keras.engine.symbolic import History, KerasTensor


class Node:
    """One call: which layer, with which arguments, gave which tensors.

    Makes itself known to the layer (`layer._inbound_nodes`) and to the tensors (`tensor._keras_history`).
    """

    def __init__(self, operation: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], outputs: Any):
        self.operation, self.args, self.kwargs, self.outputs_nest = operation, args, dict(kwargs), outputs
        self.inputs = [x for x in tf.nest.flatten((args, self.kwargs)) if isinstance(x, KerasTensor)]
        self.outputs = [y for y in tf.nest.flatten(outputs) if isinstance(y, KerasTensor)]
        index = len(operation._inbound_nodes)
        operation._inbound_nodes.append(self)
        for x in self.inputs:
            parent = node_of(x)
            if parent is not None:
                parent.operation._outbound_nodes.append(self)
        for i, y in enumerate(self.outputs):
            y._keras_history = History(operation, index, i)

    @property
    def is_input(self) -> bool:
        """Whether this is where a model begins: the call of an `InputLayer`."""
        return self.operation.begins_models

    @property
    def parent_nodes(self) -> list[Node]:
        return [parent for parent in map(node_of, self.inputs) if parent is not None]

    # -- Keras' names ---------------------------------------------------------------------------------------

    @property
    def layer(self) -> Any:
        return self.operation

    outbound_layer = layer

    @property
    def input_tensors(self) -> Any:
        return self.inputs[0] if len(self.inputs) == 1 else list(self.inputs)

    @property
    def output_tensors(self) -> Any:
        return self.outputs_nest

    @property
    def input_shapes(self) -> Any:
        return shapes_of(self.input_tensors)

    @property
    def output_shapes(self) -> Any:
        return shapes_of(self.outputs_nest)

    @property
    def inbound_layers(self) -> Any:
        layers = [node.operation for node in self.parent_nodes]
        return layers[0] if len(layers) == 1 else layers

    def __repr__(self) -> str:
        return f"<Node of {self.operation.name!r}: {self.inputs} -> {self.outputs}>"


def node_of(x: KerasTensor) -> Node | None:
    """The call that gave `x`; None for a tensor that no layer gave (the output of a `tf` function)."""
    history = getattr(x, "_keras_history", None)
    return None if history is None else history.operation._inbound_nodes[history.node_index]
