"""A view as SVG: boxes with formula, value and derivative; edges up with values, down with derivatives."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from itertools import pairwise

from thalweg.explaining import wording
from thalweg.explaining.explanation import Explanation, Node
from thalweg.explaining.layout import HEIGHT, Layout, arrange
from thalweg.explaining.views import Item, View, result_of

_MARGIN, _LETTER = 16, 7.3
_CROWD = 12  # with more edges than this a page shows the numbers of the current ones alone

# Colours are variables, so that the page that the picture stands in, or the reader's theme, decides.
STYLE = (files("thalweg.explaining") / "assets" / "picture.css").read_text(encoding="utf-8")


def picture(explanation: Explanation, view: View, alone: bool = False) -> str:
    """The view as one `<svg>`. alone: with its style and ground, to stand in a file of its own."""
    lines = {item.key: _lines(item, explanation) for item in view.items}
    widths = {key: max(92.0, max(len(text) for text in texts) * _LETTER + 26) for key, texts in lines.items()}
    layout = arrange(widths, list(view.edges))
    width, height = layout.width + 2 * _MARGIN, layout.height + 2 * _MARGIN
    edges = [_edge(explanation, key, pairs, layout) for key, pairs in view.edges.items() if key in layout.route]
    boxes = [_box(explanation, item, lines[item.key], layout) for item in view.items]
    sheet = f'<rect x="{-_MARGIN}" y="{-_MARGIN}" width="100%" height="100%" fill="var(--paper)"/>'
    ground = f"<style>{STYLE}</style>{sheet}" if alone else ""
    kind = "explain crowded" if len(edges) > _CROWD else "explain"
    label = f"Computation of {len(explanation.nodes)} nodes" + (f", scope {view.path}" if view.path else "")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" role="img" aria-label="{escape(label)}" width="{width:.0f}" '
        f'height="{height:.0f}" viewBox="{-_MARGIN} {-_MARGIN} {width:.0f} {height:.0f}">'
        f"{ground}{''.join(edges)}{''.join(boxes)}</svg>"
    )


def _lines(item: Item, explanation: Explanation) -> tuple[str, str, str]:
    """The three lines of a box: what it is, its value, its derivative."""
    node = result_of(item, explanation)
    if item.is_fold:
        first = f"{item.path.rsplit('/', 1)[-1]}  ({len(item.nodes)})"
    else:
        made = wording.formula(node, explanation.nodes)
        first = f"{node.label} = {made}" if made else node.label
    back = "" if node.derivative is None else f"{wording.by(node)} = {wording.amount(node.derivative)}"
    return first, wording.amount(node.value), back


def _box(explanation: Explanation, item: Item, lines: tuple[str, str, str], layout: Layout) -> str:
    x, y, width = layout.box[item.key]
    node = result_of(item, explanation)
    kinds = ["box", "fold" if item.is_fold else node.kind]
    kinds += ["target"] * (node.number in explanation.targets) + ["outside"] * item.outside
    middle = x + width / 2
    name = item.path if item.is_fold else node.name
    path = escape(item.path)
    opened = f' data-open="{path}" tabindex="0" role="button" aria-label="Open {path}"' if item.is_fold else ""
    return (
        f'<g id="{item.key}" class="{" ".join(kinds)}"{opened}><title>{escape(_hover(node, name))}</title>'
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{HEIGHT}" rx="9"/>'
        + "".join(
            f'<text class="{kind}" x="{middle:.1f}" y="{y + 19 + 19 * i:.1f}" text-anchor="middle">{escape(text)}</text>'
            for i, (kind, text) in enumerate(zip(("what", "value", "derivative"), lines))
        )
        + "</g>"
    )


def _hover(node: Node, name: str) -> str:
    facts = [f"{k} {v}" for k, v in wording.statistics(node.value).items()]
    return "\n".join([name, node.op, *facts])


def _edge(explanation: Explanation, key: tuple[str, str], pairs: list[tuple[int, int]], layout: Layout) -> str:
    points = layout.route[key]
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x0, y0), (x1, y1) in pairwise(points):
        half = (y0 + y1) / 2
        path += f"C{x0:.1f} {half:.1f} {x1:.1f} {half:.1f} {x1:.1f} {y1:.1f}" if x0 != x1 else f"L{x1:.1f} {y1:.1f}"
    locals_ = [p.local for a, b in dict.fromkeys(pairs) for p in explanation[a].parts if p.consumer == b]
    said = [wording.number(v[()]) for v in locals_ if v is not None]
    text = ""
    if said and len(said) == len(locals_):
        (x0, y0), (x1, y1) = points[-2], points[-1]
        text = f'<text x="{(x0 + x1) / 2 + 5:.1f}" y="{(y0 + y1) / 2 + 4:.1f}">× {escape(" + ".join(said))}</text>'
    return f'<g class="edge" id="e-{key[0]}-{key[1]}"><path d="{path}"/>{text}</g>'
