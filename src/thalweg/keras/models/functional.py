"""The graph of layers behind a functional model: found from its outputs, run in order on values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import thalweg as tf
from thalweg.keras.engine import symbolic
from thalweg.keras.engine.node import Node, node_of
from thalweg.keras.engine.op_layer import add_op_layers
from thalweg.keras.engine.shapes import shape_of
from thalweg.keras.engine.symbolic import KerasTensor


class LayerGraph:
    """The calls of layers between symbolic inputs and outputs, in the order in which Keras lists them.

    inputs, outputs: a `KerasTensor` or a nest of them. Raises ValueError when an output does not depend on the inputs
    alone, or two layers share a name.
    """

    def __init__(self, inputs: Any, outputs: Any):
        self.input_nest, self.output_nest = inputs, outputs
        self.inputs: list[KerasTensor] = tf.nest.flatten(inputs)
        self.outputs: list[KerasTensor] = tf.nest.flatten(outputs)
        _check_symbolic(self.inputs, "inputs")
        _check_symbolic(self.outputs, "outputs")
        add_op_layers(_op_tensors(self.outputs, {id(x) for x in self.inputs}))
        order = _visit(self.inputs, self.outputs)
        self.nodes_by_depth, self.operations = _sort(order, self.inputs)
        self.nodes = [node for depth in sorted(self.nodes_by_depth, reverse=True) for node in self.nodes_by_depth[depth]]
        self.input_names = [_layer_name(x) for x in self.inputs]
        self.output_names = _unique_names([_layer_name(y) for y in self.outputs])
        _check_names(self.operations)
        self._compile()

    def _compile(self) -> None:
        """Number the tensors, so that running is a loop over calls with places to read from and to write to."""
        place: dict[int, int] = {}
        for x in self.inputs:
            place[id(x)] = len(place)
        self._calls: list[tuple[Any, int | None, Any, list[int]]] = []
        for node in self.nodes:
            if all(id(y) in place for y in node.outputs):
                continue  # an input of the model, or a layer whose outputs are all given
            missing = [x for x in node.inputs if id(x) not in place]
            if missing or node.is_input:
                raise ValueError(
                    f"Graph disconnected: tensor {(missing or node.outputs)[0]} at layer {node.operation.name!r} does not come "
                    f"from the model's inputs {self.input_names}. Add what it comes from to `inputs`."
                )
            arguments = _filler(node, place)
            for y in node.outputs:
                place.setdefault(id(y), len(place))
            self._calls.append((node.operation, *arguments, [place[id(y)] for y in node.outputs]))
        self._size = len(place)
        self._out = [place[id(y)] for y in self.outputs]
        # A list of one output is that output, as in Keras.
        self._gives_one = len(self.outputs) == 1 and isinstance(self.output_nest, (KerasTensor, list, tuple))

    def run(self, flat_inputs: list[Any]) -> Any:
        """The outputs for values of the inputs."""
        values = flat_inputs + [None] * (self._size - len(flat_inputs))
        for operation, place, fill, out in self._calls:
            if place is not None:
                y = operation(values[place])
            else:
                args, kwargs = fill(values)
                y = operation(*args, **kwargs)
            if len(out) == 1 and isinstance(y, tf.Tensor):
                values[out[0]] = y
            else:
                for i, one in zip(out, tf.nest.flatten(y)):
                    values[i] = one
        if self._gives_one:
            return values[self._out[0]]
        return tf.nest.pack_sequence_as(self.output_nest, [values[i] for i in self._out])

    # -- inputs as they may be given ------------------------------------------------------------------------

    def arrange(self, inputs: Any, model_name: str) -> list[Any]:
        """The inputs of a call as a flat list of tensors, in order, with the ranks the model has.

        A dict may be keyed by the names of the inputs. Raises ValueError when number, names or shapes do not fit.
        """
        if isinstance(inputs, dict) and not isinstance(self.input_nest, dict):
            missing = [name for name in self.input_names if name not in inputs]
            if missing:
                raise ValueError(
                    f"Missing data for input {missing[0]!r} of model {model_name!r}: it was given a dict with the keys "
                    f"{list(inputs)}, and its inputs are {self.input_names}."
                )
            flat = [inputs[name] for name in self.input_names]
        elif isinstance(self.input_nest, dict) and isinstance(inputs, dict):
            missing = [key for key in self.input_nest if key not in inputs]
            if missing:
                raise ValueError(
                    f"Missing data for input {missing[0]!r} of model {model_name!r}: it was given the keys {list(inputs)}."
                )
            flat = tf.nest.flatten({key: inputs[key] for key in self.input_nest})
        else:
            flat = [inputs] if isinstance(inputs, tf.Tensor) else tf.nest.flatten(inputs)
        if len(flat) != len(self.inputs):
            raise ValueError(
                f"Model {model_name!r} has {len(self.inputs)} input(s), {self.input_names}, but it received {len(flat)} "
                "tensor(s)."
            )
        return [self._fit(x, i, model_name) for i, x in enumerate(flat)]

    def _fit(self, x: Any, i: int, model_name: str) -> Any:
        expected = self.inputs[i]
        if x is None:
            return x
        mask = getattr(x, "_keras_mask", None)
        given = x
        if x.dtype != expected.dtype:
            x = tf.cast(x, expected.dtype)
        if x.shape.rank is not None and expected.shape.rank is not None:
            if x.shape.rank == expected.shape.rank + 1 and x.shape[-1] == 1:
                x = tf.squeeze(x, -1)
            elif x.shape.rank == expected.shape.rank - 1 and expected.shape[-1] == 1:
                x = tf.expand_dims(x, -1)
        if not x.shape.is_compatible_with(expected.shape):
            raise ValueError(
                f"Input {i} of model {model_name!r} ({self.input_names[i]!r}) must have the shape {tuple(shape_of(expected))}, "
                f"but it received {tuple(shape_of(given))}."
            )
        if mask is not None and x is not given:
            x._keras_mask = mask
        return x


# -- finding the calls -----------------------------------------------------------------------------------------


def _check_symbolic(tensors: list[Any], what: str) -> None:
    for x in tensors:
        if not symbolic.is_keras_tensor(x):
            raise ValueError(
                f"All `{what}` values of a functional model must be KerasTensors, made by `tf.keras.Input` and layers "
                f"called on it, but one is {x!r}."
            )


def _op_tensors(outputs: list[KerasTensor], stop: set[int]) -> list[KerasTensor]:
    """The tensors on the way back from the outputs, before the inputs, that no layer made."""
    found: list[Any] = []
    seen, waiting = set(stop), list[Any](outputs)
    while waiting:
        x = waiting.pop()
        if id(x) in seen:
            continue
        seen.add(id(x))
        node = node_of(x)
        if node is None:
            found.append(x)
            waiting.extend(x.op.inputs)
        else:
            waiting.extend(node.inputs)
    return [x for x in found if x.op.type != "Const" and "cell" not in x.op._attrs]


def _visit(inputs: list[KerasTensor], outputs: list[KerasTensor]) -> list[tuple[Node, int]]:
    """The calls on the way to the outputs, depth first, each after those it needs; with the rank of its layer.

    The rank is the turn at which the walk back from the outputs first met the layer: Keras lists by it.
    """
    given = {id(x) for x in inputs}
    met: dict[int, int] = {}
    order: list[tuple[Node, int]] = []
    done: set[int] = set()
    for output in outputs:
        stack: list[tuple[KerasTensor, bool]] = [(output, False)]
        while stack:
            tensor, leaving = stack.pop()
            node = node_of(tensor)
            if node is None or id(node) in done:
                continue
            if leaving:
                done.add(id(node))
                order.append((node, met[id(node.operation)]))
                continue
            if id(tensor) in given and not node.is_input:
                continue  # the model begins here; what made this tensor is outside it
            met.setdefault(id(node.operation), len(met))
            stack.append((tensor, True))
            stack.extend((x, False) for x in reversed(node.inputs))
    return order


def _sort(order: list[tuple[Node, int]], inputs: list[KerasTensor]) -> tuple[dict[int, list[Node]], list[Any]]:
    """Calls by depth, which is how far they are from the end, and layers by depth and then by when they were met."""
    depth: dict[int, int] = {}
    layer_depth: dict[int, int] = {}
    met = {id(node.operation): i for node, i in order}
    present = {id(node) for node, _ in order}
    for node, _ in reversed(order):
        own = max(depth.get(id(node), 0), layer_depth.get(id(node.operation), 0))
        depth[id(node)] = layer_depth[id(node.operation)] = own
        for parent in node.parent_nodes:
            if id(parent) in present:
                depth[id(parent)] = max(own + 1, depth.get(id(parent), 0))
    nodes = {id(node): node for node, _ in reversed(order)}
    for x in inputs:  # inputs that nothing uses
        unused = node_of(x)
        if unused is not None and unused.is_input and id(unused) not in depth:
            nodes[id(unused)] = unused
            depth[id(unused)] = layer_depth.setdefault(id(unused.operation), 0)
            met.setdefault(id(unused.operation), -1)
    by_depth: dict[int, list[Node]] = {}
    for key, node in nodes.items():
        by_depth.setdefault(depth[key], []).append(node)
    layers = {id(node.operation): node.operation for node in nodes.values()}
    keys = sorted(layers, key=lambda key: (-layer_depth[key], met[key]))
    return by_depth, [layers[key] for key in keys]


def _filler(node: Node, place: dict[int, int]) -> tuple[int | None, Callable[[list[Any]], Any] | None]:
    """Where the only argument of a call is, or a function that puts all of them together."""
    if not node.kwargs and len(node.args) == 1 and isinstance(node.args[0], KerasTensor):
        return place[id(node.args[0])], None
    places = tf.nest.map_structure(
        lambda x: _Place(place[id(x)]) if isinstance(x, KerasTensor) else x, (node.args, node.kwargs)
    )

    def fill(values: list[Any]) -> Any:
        return tf.nest.map_structure(lambda x: values[x.index] if isinstance(x, _Place) else x, places)

    return None, fill


class _Place:
    """Stands for a tensor in the arguments of a call."""

    def __init__(self, index: int):
        self.index = index


def _layer_name(tensor: KerasTensor) -> str:
    node = node_of(tensor)
    return tensor.name if node is None else node.operation.name


def _unique_names(names: list[str]) -> list[str]:
    """Names of outputs: a layer with several outputs gives its name to each, with `_1`, `_2`, ..."""
    counts: dict[str, int] = {}
    result = []
    for name in names:
        n = counts[name] = counts.get(name, -1) + 1
        result.append(f"{name}_{n}" if n else name)
    return result


def _check_names(operations: list[Any]) -> None:
    seen: set[str] = set()
    for operation in operations:
        if operation.name in seen:
            raise ValueError(
                f"The name {operation.name!r} is used more than once in the model: all layer names must be unique. "
                "Give one of the layers another `name`."
            )
        seen.add(operation.name)
