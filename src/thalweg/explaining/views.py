"""What is shown at once: a computation's nodes, or, of a big one, its scopes folded; and each scope opened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from thalweg.explaining.explanation import Explanation, Node

LIMIT = 16  # with more nodes than this, scopes are folded


@dataclass
class Item:
    """A box of a picture: one node, or a scope with all nodes in it.

    outside: the box lies outside the scope that is shown, and is there only for its edges.
    """

    key: str
    nodes: tuple[int, ...]
    path: str = ""
    outside: bool = False

    @property
    def is_fold(self) -> bool:
        return bool(self.path)


@dataclass
class View:
    """The boxes of one picture, in forward order, and its edges: from a box to a box that uses it, and the nodes behind it."""

    path: str
    items: list[Item]
    edges: dict[tuple[str, str], list[tuple[int, int]]] = field(default_factory=dict)

    def item_of(self, number: int) -> Item | None:
        return next((i for i in self.items if number in i.nodes), None)


def views(explanation: Explanation) -> dict[str, View]:
    """The whole as one view under "", and one for each folded scope under its name."""
    found: dict[str, View] = {}
    pending = [""]
    while pending:
        path = pending.pop(0)
        view = found[path] = _view(explanation, path)
        pending += [i.path for i in view.items if i.is_fold]
    return found


def _view(explanation: Explanation, path: str) -> View:
    inside = [n for n in explanation.nodes if _lies_in(n, path)]
    items = _boxes(inside, path, fold=len(inside) > LIMIT)
    while any(i.is_fold for i in items) and len(opened := _opened(explanation, items)) <= LIMIT:
        items = opened
    if path:
        numbers = {n.number for n in inside}
        items = [*_boxes_around(explanation, numbers), *items]
    view = View(path, items)
    box = {number: item for item in items for number in item.nodes}
    for node in explanation.nodes:
        for used in node.inputs:
            a, b = box.get(used), box.get(node.number)
            if a is not None and b is not None and a is not b and not (a.outside and b.outside):
                view.edges.setdefault((a.key, b.key), []).append((used, node.number))
    return view


def _opened(explanation: Explanation, items: list[Item]) -> list[Item]:
    """The boxes with all folded scopes opened by one level."""
    boxes = [b for i in items for b in (_boxes([explanation[n] for n in i.nodes], i.path, fold=True) if i.is_fold else [i])]
    return sorted(boxes, key=lambda item: max(item.nodes))


def _lies_in(node: Node, path: str) -> bool:
    return not path or node.name.startswith(path + "/") or node.name == path


def _boxes(nodes: Iterable[Node], path: str, fold: bool) -> list[Item]:
    """A box for each scope right below `path` that holds several nodes, and for each other node."""
    depth = len(path.split("/")) if path else 0
    groups: dict[str, list[Node]] = {}
    for node in nodes:
        words = node.name.split("/")
        scope = "/".join(words[: depth + 1]) if fold and len(words) > depth + 1 and node.kind != "input" else f"#{node.number}"
        groups.setdefault(scope, []).append(node)
    items = []
    for scope, members in groups.items():
        if len(members) == 1 or scope.startswith("#"):
            items += [Item(f"n{n.number}", (n.number,)) for n in members]
        else:
            numbers = tuple(n.number for n in members)
            items.append(Item(f"s{numbers[0]}-{numbers[-1]}", numbers, scope))
    return sorted(items, key=lambda item: max(item.nodes))


def _boxes_around(explanation: Explanation, inside: set[int]) -> list[Item]:
    """The nodes outside that ones inside use, or that use ones inside."""
    around = set()
    for node in explanation.nodes:
        for used in node.inputs:
            if (used in inside) != (node.number in inside):
                around.add(used if node.number in inside else node.number)
    return [Item(f"n{i}", (i,), outside=True) for i in sorted(around)]


def result_of(item: Item, explanation: Explanation) -> Node:
    """The node that a box stands for: itself, or of a scope the last one that is used outside."""
    if not item.is_fold:
        return explanation[item.nodes[0]]
    inside = set(item.nodes)
    used = {u for n in explanation.nodes if n.number not in inside for u in n.inputs} | set(explanation.targets)
    return explanation[max(inside & used or inside)]
