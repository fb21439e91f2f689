"""Pieces of the page: text made safe, tables, tiles, bars, pictures."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from ..figures.look import percent as percent, short

Cell = object


def esc(text: object, most: int = 200) -> str:
    """Text that is shown as it is, whatever it holds, in one line and not too long."""
    return html.escape(short(text, most), quote=True)


def number(value: float) -> str:
    """A figure in a table: four decimals below 100, thousands apart above."""
    if value != value:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.1f}" if abs(value) >= 100 else f"{value:.4f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "", caption: str = "") -> str:
    """A table in a box that scrolls sideways where it is too wide. Cells are HTML; those after the first stand to the right
    unless `kind` holds "words"."""
    title = f"<caption>{esc(caption)}</caption>" if caption else ""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f'<th scope="row">{cell}</th>' if place == 0 else f"<td>{cell}</td>"
                                    for place, cell in enumerate(row)) + "</tr>" for row in rows)
    return (f'<div class="scroll" tabindex="0" role="region" aria-label="{esc(caption or "table")}"><table class="{kind}">{title}'
            f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>")


def bar(share: float, text: str) -> str:
    """A figure with a bar behind it, `share` of the cell long."""
    return f'<span class="bar" style="--share:{min(max(share, 0.0), 1.0):.4f}">{esc(text)}</span>'


def tiles(entries: Iterable[tuple[str, str, str]]) -> str:
    """Headline figures: (name, figure, remark)."""
    return '<dl class="tiles">' + "".join(
        f"<div><dt>{esc(name)}</dt><dd><b>{esc(figure)}</b><small>{esc(remark)}</small></dd></div>"
        for name, figure, remark in entries) + "</dl>"


def pairs(entries: Iterable[tuple[str, object]]) -> str:
    """Names with what they are, side by side."""
    return '<dl class="pairs">' + "".join(
        f"<div><dt>{esc(name)}</dt><dd>{esc(value, 400)}</dd></div>" for name, value in entries) + "</dl>"


def card(title: str, body: str, reading: str = "", wide: bool = False) -> str:
    """A box with a title, a picture or a table, and a sentence on how to read it."""
    below = f"<figcaption>{esc(reading, 600)}</figcaption>" if reading else ""
    return f'<figure class="card{" wide" if wide else ""}"><h3>{esc(title)}</h3>{body}{below}</figure>'


def grid(*cards: str, kind: str = "") -> str:
    """Boxes beside each other where there is room."""
    return f'<div class="grid {kind}">{"".join(cards)}</div>'


def section(name: str, title: str, lead: str, *content: str) -> str:
    """A part of the page. `lead` is HTML."""
    return f'<section id="{name}" aria-labelledby="{name}-title"><h2 id="{name}-title">{esc(title)}</h2><p>{lead}</p>' \
           f'{"".join(content)}</section>'
