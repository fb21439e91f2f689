"""Pictures of models: `plot_model`, by Graphviz where it is installed and by our own SVG otherwise."""

from __future__ import annotations

import html
import os
import shutil
import subprocess
from typing import Any

from thalweg.keras.engine.node import node_of
from thalweg.keras.engine.op_layer import OpLayer
from thalweg.keras.engine.shapes import shapes_of

_LINE, _PAD, _GAP_X, _GAP_Y, _CHARACTER = 17, 9, 26, 34, 7.2
_STYLE = (
    "text{font-family:Helvetica,Arial,sans-serif;font-size:13px;fill:#1d2733}.kind{font-weight:bold}.detail{fill:#5b6b7b}"
    "rect{fill:#fff;stroke:#8fa3b8;stroke-width:1.2}path{fill:none;stroke:#5b6b7b;stroke-width:1.2}"
)


class Drawing:
    """The layers of a model as boxes, and the arrows between them. Shows itself in a notebook."""

    def __init__(self, boxes: list[tuple[str, list[str]]], arrows: list[tuple[int, int]], rankdir: str, dpi: int):
        self.boxes, self.arrows, self.rankdir, self.dpi = boxes, arrows, rankdir, dpi

    def dot(self) -> str:
        """In Graphviz' language."""
        lines = ["digraph model {", f"rankdir={self.rankdir}; dpi={self.dpi};", 'node [shape=box, fontname="Helvetica"];']
        for i, (_, texts) in enumerate(self.boxes):
            label = "\\n".join(text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
            lines.append(f'{i} [label="{label}"];')
        lines += [f"{a} -> {b};" for a, b in self.arrows]
        return "\n".join([*lines, "}"])

    to_string = dot

    def svg(self) -> str:
        """As SVG: rows of boxes in the order of the layers, each below what it takes."""
        ranks = _ranks(len(self.boxes), self.arrows)
        sizes: list[tuple[float, float]] = [
            (max(len(text) for text in texts) * _CHARACTER + 2 * _PAD, len(texts) * _LINE + 2 * _PAD - 4)
            for _, texts in self.boxes
        ]
        down = self.rankdir not in ("LR", "RL")
        places, width, height = _arranged(ranks, sizes, self.arrows, down)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="0 0 {width:.0f} {height:.0f}"><style>{_STYLE}</style>',
            '<defs><marker id="tip" markerWidth="9" markerHeight="9" refX="8" refY="4" orient="auto">'
            '<path d="M1,1 L8,4 L1,7" /></marker></defs>',
        ]
        for a, b in self.arrows:
            (x1, y1), (w1, h1), (x2, y2), (w2, h2) = places[a], sizes[a], places[b], sizes[b]
            if down:
                start, end = (x1 + w1 / 2, y1 + h1), (x2 + w2 / 2, y2)
                middle = (start[1] + end[1]) / 2
                bend = f"{start[0]:.1f},{middle:.1f} {end[0]:.1f},{middle:.1f}"
            else:
                start, end = (x1 + w1, y1 + h1 / 2), (x2, y2 + h2 / 2)
                middle = (start[0] + end[0]) / 2
                bend = f"{middle:.1f},{start[1]:.1f} {middle:.1f},{end[1]:.1f}"
            parts.append(f'<path d="M{start[0]:.1f},{start[1]:.1f} C{bend} {end[0]:.1f},{end[1]:.1f}" marker-end="url(#tip)"/>')
        for (name, texts), (x, y), (w, h) in zip(self.boxes, places, sizes):
            box = f'x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h}" rx="4"'
            parts.append(f"<g><title>{html.escape(name)}</title><rect {box}/>")
            for i, text in enumerate(texts):
                style = "kind" if i == 0 else "detail"
                place = f'x="{x + w / 2:.1f}" y="{y + _PAD + 11 + i * _LINE:.1f}"'
                parts.append(f'<text class="{style}" {place} text-anchor="middle">{html.escape(text)}</text>')
            parts.append("</g>")
        return "".join([*parts, "</svg>"])

    def _repr_svg_(self) -> str:
        return self.svg()

    def write(self, path: str) -> None:
        """Write a file: SVG by ourselves, anything else by Graphviz. Raises ImportError where that is needed and missing."""
        ending = os.path.splitext(path)[1].lstrip(".").lower() or "svg"
        if ending == "dot":
            with open(path, "w", encoding="utf-8") as file:
                file.write(self.dot())
        elif shutil.which("dot"):
            subprocess.run(["dot", f"-T{ending}", "-o", path], input=self.dot().encode(), check=True)
        elif ending == "svg":
            with open(path, "w", encoding="utf-8") as file:
                file.write(self.svg())
        else:
            raise ImportError(
                f"A picture in the format {ending!r} needs Graphviz, which is not installed: write to a file ending in '.svg', or "
                "install it (for example: apt install graphviz)."
            )


def _ranks(count: int, arrows: list[tuple[int, int]]) -> list[int]:
    """How many arrows lead to each box at most. Boxes come in an order in which arrows point ahead."""
    ranks = [0] * count
    for a, b in sorted(arrows, key=lambda arrow: arrow[0]):
        ranks[b] = max(ranks[b], ranks[a] + 1)
    return ranks


def _arranged(
    ranks: list[int], sizes: list[tuple[float, float]], arrows: list[tuple[int, int]], down: bool
) -> tuple[list[tuple[float, float]], float, float]:
    """The corner of each box and the size of all: rows by rank, boxes of a row ordered by where their inputs are."""
    rows: list[list[int]] = [[] for _ in range(max(ranks, default=0) + 1)]
    for i, rank in enumerate(ranks):
        rows[rank].append(i)
    order = {i: float(k) for row in rows for k, i in enumerate(row)}
    sources: dict[int, list[int]] = {}
    for a, b in arrows:
        sources.setdefault(b, []).append(a)
    for row in rows:
        row.sort(key=lambda i: sum(order[a] for a in sources[i]) / len(sources[i]) if i in sources else order[i])
        order.update({i: float(k) for k, i in enumerate(row)})
    along, across = (0, 1) if down else (1, 0)
    gap_along, gap_across = (_GAP_X, _GAP_Y) if down else (_GAP_Y / 2, _GAP_X * 1.6)
    lengths = [sum(sizes[i][along] for i in row) + gap_along * (len(row) - 1) for row in rows]
    longest, place = max(lengths, default=0.0), 6.0
    places: list[tuple[float, float]] = [(0.0, 0.0)] * len(ranks)
    for row, length in zip(rows, lengths):
        offset, depth = 6 + (longest - length) / 2, max(sizes[i][across] for i in row)
        for i in row:
            shift = place + (depth - sizes[i][across]) / 2
            places[i] = (offset, shift) if down else (shift, offset)
            offset += sizes[i][along] + gap_along
        place += depth + gap_across
    total = longest + 12, place - gap_across + 6
    return (places, *total) if down else (places, total[1], total[0])


# -- models ------------------------------------------------------------------------------------------------------


def model_to_dot(
    model: Any, show_shapes: bool = False, show_dtype: bool = False, show_layer_names: bool = True, rankdir: str = "TB",
    expand_nested: bool = False, dpi: int = 200, subgraph: bool = False, show_layer_activations: bool = False,
    show_trainable: bool = False, **kwargs: Any,
) -> Drawing:  # fmt: skip
    """The layers of a model as boxes with arrows. Raises ValueError for a model that is not built."""
    if not model.built:
        raise ValueError("This model has not yet been built. Build the model first by calling `build()` or by calling it on data.")
    boxes: list[tuple[str, list[str]]] = []
    arrows: list[tuple[int, int]] = []
    options = (show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable)
    _draw(model, expand_nested, options, boxes, arrows, None)
    return Drawing(boxes, arrows, rankdir, dpi)


def _draw(
    model: Any, expand: bool, options: tuple[bool, ...], boxes: list[tuple[str, list[str]]], arrows: list[tuple[int, int]],
    before: list[int] | None,
) -> list[int]:  # fmt: skip
    """Add the boxes of a model; `before` are the boxes that its inputs come from. Gives the boxes of its outputs."""
    graph = getattr(model, "_graph", None)
    if graph is None:  # a subclassed model: its layers, without arrows that nobody knows
        ends = []
        for layer in model.layers:
            boxes.append((layer.name, _texts(layer, options)))
            ends.append(len(boxes) - 1)
        return ends
    made: dict[int, list[int]] = {}
    inputs = iter(before or [])
    for node in graph.nodes:
        layer = node.operation
        sources = [i for x in node.inputs for i in made.get(id(node_of(x)), [])]
        if node.is_input and before:
            made[id(node)] = [next(inputs, before[0])]
            continue
        if expand and getattr(layer, "_graph", None) is not None:
            made[id(node)] = _draw(layer, expand, options, boxes, arrows, sources)
            continue
        boxes.append((layer.name, _texts(layer, options, node)))
        made[id(node)] = [len(boxes) - 1]
        arrows += [(a, len(boxes) - 1) for a in dict.fromkeys(sources)]
    return [i for y in graph.outputs for i in made[id(node_of(y))]]


def _texts(layer: Any, options: tuple[bool, ...], node: Any = None) -> list[str]:
    shapes, dtypes, names, activations, trainable = options
    kind = layer.type if isinstance(layer, OpLayer) else type(layer).__name__
    activation = getattr(getattr(layer, "activation", None), "__name__", None)
    texts = [f"{kind} · {activation}" if activations and activation and activation != "linear" else kind]
    if names:
        texts.append(layer.name)
    if shapes and node is not None:
        given = f"{_shape(node.inputs)} → " if node.inputs else ""
        texts.append(f"{given}{_shape(node.outputs)}")
    if dtypes and node is not None:
        texts.append(", ".join(dict.fromkeys(y.dtype.name for y in node.outputs)))
    if trainable and layer.weights:
        texts.append("trainable" if layer.trainable else "frozen")
    return texts


def _shape(tensors: list[Any]) -> str:
    return ", ".join(f"({', '.join('?' if n is None else str(n) for n in shapes_of(x) or ())})" for x in tensors)


def plot_model(
    model: Any, to_file: Any = "model.png", show_shapes: bool = False, show_dtype: bool = False,
    show_layer_names: bool = False, rankdir: str = "TB", expand_nested: bool = False, dpi: int = 200,
    show_layer_activations: bool = False, show_trainable: bool = False, **kwargs: Any,
) -> Drawing:  # fmt: skip
    """Draw a model into a file, and give the drawing, which a notebook shows.

    to_file: the ending says the format; without Graphviz, a `.png` becomes an `.svg` beside it. None writes no file.
    show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable: what the boxes say. rankdir: 'TB' from
    top to bottom, 'LR' from left to right. expand_nested: draw what is in models inside. Source: `tf.keras.utils.plot_model`.
    """
    drawing = model_to_dot(
        model, show_shapes, show_dtype, show_layer_names, rankdir, expand_nested, dpi,
        show_layer_activations=show_layer_activations, show_trainable=show_trainable,
    )  # fmt: skip
    if to_file is not None:
        path = os.fspath(to_file)
        base, ending = os.path.splitext(path)
        if ending.lower() == ".png" and not shutil.which("dot"):
            path = f"{base}.svg"
        drawing.write(path)
    return drawing
