"""`model.summary()`: the layers as a table, laid out as Keras 3 does."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Callable
from typing import Any

import thalweg as tf
from thalweg.keras.engine.node import node_of
from thalweg.keras.engine.op_layer import OpLayer
from thalweg.keras.engine.shapes import is_shape, shapes_of
from thalweg.keras.utils.messages import print_msg

_HEADER = ["Layer (type)", "Output Shape", "Param #", "Connected to"]
_UNITS = ("B", "KB", "MB", "GB", "TB", "PB")


def print_summary(
    model: Any,
    line_length: int | None = None,
    positions: Any = None,
    print_fn: Callable[[str], Any] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Any = None,
) -> None:
    """Print a model's layers with output shapes and numbers of parameters.

    line_length: the width of the table. positions: where columns end, as shares of it. print_fn: gets the text instead of
    the screen. layer_range: patterns for the first and the last layer to show.
    """
    text = summary_text(model, line_length, positions, expand_nested, show_trainable, layer_range)
    if print_fn is None:
        print_msg(text, line_break=False)
    else:
        print_fn(text)


def summary_text(
    model: Any, line_length: int | None = None, positions: Any = None, expand_nested: bool = False,
    show_trainable: bool = False, layer_range: Any = None,
) -> str:  # fmt: skip
    """What `print_summary` prints."""
    linear = _is_linear(model)
    layers = _in_range(model.operations, layer_range)
    columns = 3 if linear else 4
    positions = list(positions or ([0.45, 0.80, 1.0] if linear else [0.3, 0.56, 0.74, 1.0]))
    header, align = _HEADER[:columns], ["<", "<", ">", "<"][:columns]
    length = 88 if linear else 108
    if show_trainable:
        length += 12
        positions = [p * 0.90 for p in positions] + [1.0]
        header, align = [*header, "Trainable"], [*align, "^"]
    length = line_length or min(length, shutil.get_terminal_size().columns - 4)
    widths = _widths(positions, length)
    rows = [row for layer in layers for row in _rows(model, layer, linear, expand_nested, show_trainable)]
    return "\n".join([f'Model: "{model.name}"', *_table(header, rows, widths, align), *_totals(model), ""])


# -- what is said of a layer ------------------------------------------------------------------------------------


def _rows(model: Any, layer: Any, linear: bool, expand: bool, trainable: bool, level: int = 0) -> list[list[str]]:
    prefix = "   " * level + "└ " if level else ""
    row = [f"{prefix}{layer.name} ({_kind(layer)})", _output_shape(layer), _parameters(layer)]
    if not linear:
        row.append(_connections(model, layer))
    if trainable:
        row.append(("Y" if layer.trainable else "N") if layer.weights else "-")
    rows = [row]
    if expand:
        for inner in getattr(layer, "layers", []):
            rows += _rows(model, inner, linear, expand, trainable, level + 1)
    return rows


def _kind(layer: Any) -> str:
    return layer.type if isinstance(layer, OpLayer) else type(layer).__name__


def _parameters(layer: Any) -> str:
    return f"{layer.count_params():,}" if layer.built else "0 (unbuilt)"


def _output_shape(layer: Any) -> str:
    if layer._inbound_nodes:
        shapes = shapes_of(layer._inbound_nodes[-1].outputs_nest)
    elif layer._build_shape and None not in layer._build_shape.values():
        try:
            shapes = layer.compute_output_shape(*layer._build_shape.values())
        except (NotImplementedError, TypeError, ValueError, tf.errors.OpError):
            return "?"
    else:
        return "?"
    return _shape_text(shapes)


def _shape_text(shapes: Any) -> str:
    if shapes is None:
        return "?"
    if is_shape(shapes):
        return f"({', '.join(map(str, shapes))})"
    if isinstance(shapes, dict):
        return "{" + ", ".join(f"{key}: {_shape_text(shape)}" for key, shape in shapes.items()) + "}"
    texts = [_shape_text(shape) for shape in shapes]
    if len(texts) == 1:
        return texts[0]
    return f"[{', '.join(texts)}]" if isinstance(shapes, list) else f"({', '.join(texts)})"


def _connections(model: Any, layer: Any) -> str:
    relevant = {id(node) for node in model._graph.nodes}
    found = []
    for node in layer._inbound_nodes:
        if id(node) in relevant:
            for x in node.inputs:
                if node_of(x) is not None:
                    operation, node_index, tensor_index = x._keras_history
                    found.append(f"{operation.name}[{node_index}][{tensor_index}]")
    return ", ".join(found) or "-"


def _is_linear(model: Any) -> bool:
    """Whether each layer just takes the output of the one before it."""
    graph = model._graph
    if graph is None or not hasattr(model, "_operations"):
        return True
    if any(len(nodes) > 1 or len(nodes[0].inputs) > 1 for nodes in graph.nodes_by_depth.values()):
        return False
    relevant = {id(node) for node in graph.nodes}
    return all(sum(id(node) in relevant for node in layer._inbound_nodes) <= 1 for layer in model.layers)


def _in_range(layers: list[Any], layer_range: Any) -> list[Any]:
    if layer_range is None:
        return layers
    if len(layer_range) != 2:
        raise ValueError(f"`layer_range` must be two patterns for layer names, but it is {layer_range!r}.")
    places = [[i for i, layer in enumerate(layers) if re.match(pattern, layer.name)] for pattern in layer_range]
    if not places[0] or not places[1]:
        raise ValueError(f"Passed layer_names do not match the layer names in the model. Received: {layer_range}")
    first, last = places
    if min(first) > max(last):
        return layers[min(last) : max(first) + 1]
    return layers[min(first) : max(last) + 1]


def _totals(model: Any) -> list[str]:
    groups = {
        "Trainable": model.trainable_weights,
        "Non-trainable": model.non_trainable_weights,
    }
    optimizer = getattr(model, "optimizer", None)
    if model.compiled and optimizer is not None and optimizer.built:
        groups["Optimizer"] = list(optimizer.variables)
    counts = {name: (_count(weights), _bytes(weights)) for name, weights in groups.items()}
    total = tuple(sum(count[i] for count in counts.values()) for i in (0, 1))
    lines = {"Total": total, **counts}
    return [f" {name} params: {count:,} ({_readable(size)})" for name, (count, size) in lines.items()]


def _count(weights: list[Any]) -> int:
    return sum(math.prod(w.shape.as_list()) for w in weights)


def _bytes(weights: list[Any]) -> int:
    return sum(math.prod(w.shape.as_list()) * w.dtype.size for w in weights)


def _readable(size: float) -> str:
    for unit in _UNITS:
        if size < 1024 or unit == _UNITS[-1]:
            return f"{size:.2f} {unit}"
        size /= 1024
    return ""


# -- the table ----------------------------------------------------------------------------------------------------


def _widths(positions: list[float], length: int) -> list[int]:
    """The widths of the columns between their bars, as the library behind Keras' table shares them out."""
    ends = [int(p * length) for p in positions]
    widths = [end - start for start, end in zip([0, *ends], ends)]
    if min(widths) < 4:
        raise ValueError("Insufficient console width to print summary.")
    excess, left = sum(widths) + 3 * len(widths) + 1 - length, len(widths)
    shared = []
    for width in widths:
        take = round(excess / left)
        shared.append(width + 2 - take)
        excess, left = excess - take, left - 1
    return shared


def _table(header: list[str], rows: list[list[str]], widths: list[int], align: list[str]) -> list[str]:
    def rule(start: str, line: str, cross: str, end: str) -> str:
        return start + cross.join(line * width for width in widths) + end

    def cells(texts: list[str], bar: str) -> list[str]:
        wrapped = [_wrap(text, width - 2) for text, width in zip(texts, widths)]
        height = max(map(len, wrapped))
        lines = []
        for i in range(height):
            parts = [
                f" {(lines_of[i] if i < len(lines_of) else ''):{side}{width - 2}} "
                for lines_of, width, side in zip(wrapped, widths, align)
            ]
            lines.append(bar + bar.join(parts) + bar)
        return lines

    text = [rule("┏", "━", "┳", "┓"), *cells(header, "┃"), rule("┡", "━", "╇", "┩")]
    for i, row in enumerate(rows):
        text += [rule("├", "─", "┼", "┤")] * bool(i) + cells(row, "│")
    return [*text, rule("└", "─", "┴", "┘")]


def _wrap(text: str, width: int) -> list[str]:
    """Lines of whole words; a word that is too long is cut with an ellipsis."""
    lines, line = [], ""
    for word in re.findall(r"\s*\S+\s*", text):
        if line and len(line) + len(word.rstrip()) > width:
            lines.append(line)
            line = word
        else:
            line += word
    lines = [one.rstrip() for one in [*lines, line]]
    return [one if len(one) <= width else one[: width - 1] + "…" for one in lines]
