"""Where boxes stand: in layers, each above all that it is made of, with few crossings.

The layered drawing of Sugiyama, Tagawa and Toda (1981) in its simplest form: layers by longest path, order by the mean place of
the neighbours, places that pull connected boxes into line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

GAP, HEIGHT, RISE = 28, 66, 56  # between boxes of a layer; of a box; between layers


@dataclass
class Layout:
    """box: the left and upper corner and the width of each box. route: the points that each edge passes, from the top down."""

    width: float
    height: float
    box: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    route: dict[tuple[str, str], list[tuple[float, float]]] = field(default_factory=dict)


def arrange(widths: dict[str, float], edges: list[tuple[str, str]]) -> Layout:
    """Place boxes of these widths; an edge goes from a box to one that uses it, which stands above it."""
    layer = _layers(list(widths), edges)
    chains, size = _chains(layer, edges), dict(widths)
    for chain in chains.values():
        size.update(dict.fromkeys(chain[1:-1], 2.0))
    level = {**layer, **{bend: layer[a] + i for (a, _), chain in chains.items() for i, bend in enumerate(chain[1:-1], 1)}}
    links = [pair for chain in chains.values() for pair in pairwise(chain)]
    rows: list[list[str]] = [[] for _ in range(max(level.values(), default=0) + 1)]
    for name, at in level.items():
        rows[at].append(name)
    neighbours: dict[str, list[str]] = {name: [] for name in level}
    for a, b in links:
        neighbours[a].append(b)
        neighbours[b].append(a)
    _order(rows, level, neighbours)
    middle = _places(rows, size, neighbours)
    left = min((middle[n] - size[n] / 2 for n in middle), default=0.0)
    height = len(rows) * HEIGHT + (len(rows) - 1) * RISE
    top = {name: height - HEIGHT - at * (HEIGHT + RISE) for name, at in level.items()}
    layout = Layout(max((middle[n] + size[n] / 2 for n in middle), default=0.0) - left, height)
    for name in widths:
        layout.box[name] = (middle[name] - size[name] / 2 - left, top[name], size[name])
    for (a, b), chain in chains.items():
        bends = [(middle[n] - left, y) for n in reversed(chain[1:-1]) for y in (top[n], top[n] + HEIGHT)]
        layout.route[a, b] = [(middle[b] - left, top[b] + HEIGHT), *bends, (middle[a] - left, top[a])]
    return layout


def _layers(names: list[str], edges: list[tuple[str, str]]) -> dict[str, int]:
    """The layer of each box: one above the highest that it uses. What uses nothing stands right below its first user."""
    below: dict[str, list[str]] = {n: [] for n in names}
    above: dict[str, list[str]] = {n: [] for n in names}
    for a, b in edges:
        below[b].append(a)
        above[a].append(b)
    layer: dict[str, int] = {}
    for name in names:  # in forward order: what a box uses comes before it
        layer[name] = max((layer.get(a, 0) + 1 for a in below[name]), default=0)
    for name in names:
        if not below[name] and above[name]:
            layer[name] = max(0, min(layer[b] for b in above[name]) - 1)
    return layer


def _chains(layer: dict[str, int], edges: list[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
    """Each edge with a bend in every layer that it passes."""
    rising = [(a, b) for a, b in dict.fromkeys(edges) if layer[b] > layer[a]]
    return {(a, b): [a, *[f"{a}>{b}@{i}" for i in range(layer[a] + 1, layer[b])], b] for a, b in rising}


def _order(rows: list[list[str]], level: dict[str, int], neighbours: dict[str, list[str]]) -> None:
    place = {name: float(i) for row in rows for i, name in enumerate(row)}
    for sweep in range(12):
        step = 1 if sweep % 2 == 0 else -1
        for row in rows[::step]:
            at = level[row[0]] if row else 0
            wish = {}
            for name in row:
                near = [place[m] for m in neighbours[name] if level[m] == at - step]
                wish[name] = sum(near) / len(near) if near else place[name]
            row.sort(key=wish.__getitem__)
            place.update({name: float(i) for i, name in enumerate(row)})


def _places(rows: list[list[str]], size: dict[str, float], neighbours: dict[str, list[str]]) -> dict[str, float]:
    """The middle of each box: drawn to the mean of its neighbours, as far as the boxes beside it let it."""
    middle: dict[str, float] = {}
    for row in rows:
        x = 0.0
        for name in row:
            middle[name] = x + size[name] / 2
            x += size[name] + GAP
    for sweep in range(24):
        for row in rows if sweep % 2 else rows[::-1]:
            wish = [sum(middle[m] for m in neighbours[n]) / len(neighbours[n]) if neighbours[n] else middle[n] for n in row]
            _settle(row, wish, size, middle)
    return middle


def _settle(row: list[str], wish: list[float], size: dict[str, float], middle: dict[str, float]) -> None:
    """Places near the wished ones, in order, without overlap: the mean of what pushing right and pushing left give."""
    right, left = wish.copy(), wish.copy()
    for i in range(1, len(row)):
        right[i] = max(right[i], right[i - 1] + (size[row[i - 1]] + size[row[i]]) / 2 + GAP)
    for i in range(len(row) - 2, -1, -1):
        left[i] = min(left[i], left[i + 1] - (size[row[i]] + size[row[i + 1]]) / 2 - GAP)
    for name, a, b in zip(row, right, left):
        middle[name] = (a + b) / 2
