"""A page, complete in itself, on which one steps forward and backward through both sweeps."""

from __future__ import annotations

import json
from html import escape
from importlib.resources import files
from typing import Any

from thalweg.explaining import wording
from thalweg.explaining.drawing import STYLE, picture
from thalweg.explaining.explanation import Explanation, Node
from thalweg.explaining.views import Item, View, result_of, views


def page(explanation: Explanation, title: str = "Reverse-mode differentiation") -> str:
    """The HTML text. Nothing in it is loaded from elsewhere."""
    shown = {
        path: {"svg": picture(explanation, view), "steps": _steps(explanation, view)} for path, view in views(explanation).items()
    }
    data = json.dumps(shown, ensure_ascii=False).replace("</", "<\\/")
    assets = files("thalweg.explaining") / "assets"
    text = (assets / "page.html").read_text(encoding="utf-8")
    for mark, part in {
        "/*PICTURE*/": STYLE, "/*STYLE*/": (assets / "page.css").read_text(encoding="utf-8"),
        "/*SCRIPT*/": (assets / "page.js").read_text(encoding="utf-8"), "TITLE": escape(title), "/*DATA*/": data,
    }.items():  # fmt: skip
        text = text.replace(mark, part)
    return text


def _steps(explanation: Explanation, view: View) -> list[dict[str, Any]]:
    """What one sees step by step: each box gets its value, then, from the result down, its derivative."""
    inside = [i for i in view.items if not i.outside]
    forward = [_step("forward", explanation, view, i) for i in inside]
    falling = sorted(inside, key=lambda i: -result_of(i, explanation).number)
    sources = [i for i in falling if result_of(i, explanation).kind != "step"]
    backward = [i for i in falling if i not in sources] + sources
    return forward + [
        _step("backward", explanation, view, i) for i in backward if result_of(i, explanation).derivative is not None
    ]


def _step(sweep: str, explanation: Explanation, view: View, item: Item) -> dict[str, Any]:
    node = result_of(item, explanation)
    forward = sweep == "forward"
    edges = [key for key in view.edges if key[1 if forward else 0] == item.key]
    return {
        "sweep": sweep, "box": item.key, "edges": [f"e-{a}-{b}" for a, b in edges],
        "name": item.path or node.name,
        "lines": _forward_lines(node, item, explanation) if forward else _backward_lines(node, explanation),
        "facts": wording.statistics(node.value if forward or node.derivative is None else node.derivative),
        "place": "" if item.is_fold else node.made_at,
    }  # fmt: skip


def _forward_lines(node: Node, item: Item, explanation: Explanation) -> list[str]:
    if item.is_fold:
        ending = f"{node.label} = {wording.formula(node, explanation.nodes)}"
        return [f"{len(item.nodes)} nodes, ending in {ending}", f"= {wording.amount(node.value)}"]
    made = wording.formula(node, explanation.nodes)
    first = f"{node.label} = {made}" if made else node.label
    taken = [explanation[i].value for i in node.inputs]
    lines = [first]
    if node.kind == "step" and taken and all(not v.ndim for v in taken):
        numbers = {explanation[i].label: wording.number(explanation[i].value[()]) for i in node.inputs}
        lines.append("= " + " ".join(numbers.get(word, word) for word in made.split(" ")))
    return [*lines, f"= {wording.amount(node.value)}"]


def _backward_lines(node: Node, explanation: Explanation) -> list[str]:
    if not node.parts:
        return [f"{wording.by(node)} = {wording.amount(node.derivative)}", "The result by itself: the sweep starts here."]  # type: ignore[arg-type]
    terms = [wording.term(p, node, explanation.nodes) for p in node.parts]
    lines = [f"{wording.by(node)} = {' + '.join(t[0] for t in terms)}"]
    if len(terms) > 1 or node.parts[0].local is not None:
        lines.append("= " + " + ".join(t[1] for t in terms))
    return [*lines, f"= {wording.amount(node.derivative)}"]  # type: ignore[arg-type]
