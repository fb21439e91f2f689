"""The common look of all pictures: colours that hold on light and dark paper, quiet axes, short labels."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Role -> (on light paper, on dark paper). The light one is drawn; a page puts its CSS variable of the role in place of it.
# Each is told from the paper by a contrast of at least 3, text by 4.5 (WCAG 2.2), and the series from each other also by those
# who see no red or green.
COLOURS = {
    "paper": ("#ffffff", "#161d25"),
    "ink": ("#1b2733", "#e4ebf1"),
    "faint": ("#586574", "#9dabb9"),
    "grid": ("#e3e8ed", "#2a3540"),
    "accent": ("#0b6e99", "#55b6de"),
    "signal": ("#c8374d", "#ff8591"),
    "past": ("#7c8fa3", "#8295a8"),
    "series-1": ("#0b6f9a", "#54b5dd"),
    "series-2": ("#c65a1e", "#f0976a"),
    "series-3": ("#2a8a57", "#5cc98e"),
    "series-4": ("#7d55b5", "#b89aec"),
    "series-5": ("#96720a", "#d9b545"),
    "series-6": ("#b5437b", "#ee8aba"),
    "series-7": ("#4a5866", "#a9b8c6"),
    "series-8": ("#147c7a", "#4fc7c4"),
}
PAPER, INK, FAINT, GRID, ACCENT, SIGNAL, PAST = (COLOURS[role][0] for role in (
    "paper", "ink", "faint", "grid", "accent", "signal", "past"))
SERIES = [light for role, (light, _) in COLOURS.items() if role.startswith("series")]
DASHES: list[Any] = ["-", (0, (5, 2)), (0, (2, 1.5)), (0, (7, 2, 1.5, 2)), "-", (0, (5, 2)), (0, (2, 1.5)), (0, (7, 2, 1.5, 2))]
SMALL = 9.5                # size in points of the words in a picture that is 340 points wide


def quiet(axes: Axes, grid: str = "both") -> None:
    """No frame, no tick marks, a faint grid behind ("x", "y", "both" or "" for none)."""
    if grid:
        axes.grid(True, axis=grid, color=GRID, linewidth=0.8)       # type: ignore[arg-type]
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
    axes.tick_params(which="both", length=0, labelcolor=FAINT, labelsize=SMALL, pad=4)


def name_axes(axes: Axes, across: str = "", up: str = "") -> None:
    """Words on what the axes hold."""
    axes.set_xlabel(short(across, 60), color=FAINT, fontsize=SMALL, labelpad=4)
    axes.set_ylabel(short(up, 40), color=FAINT, fontsize=SMALL, labelpad=4)


def few_ticks(axes: Axes, across: int = 5, up: int = 5, whole: bool = False) -> None:
    """At most so many ticks, at round numbers; `whole`: at whole ones across."""
    from matplotlib.ticker import MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(across, integer=whole))
    axes.yaxis.set_major_locator(MaxNLocator(up))


def plain_numbers(*axes: Any) -> None:
    """Numbers on these axes as people write them: 20,000 or 1.5M, not 2e4."""
    for axis in axes:
        axis.set_major_formatter(lambda value, _: compact(value).replace("-", "−"))


def in_percent(*axes: Any) -> None:
    """Shares on these axes in per cent."""
    for axis in axes:
        axis.set_major_formatter(lambda value, _: f"{100 * value:.3g}%")


def compact(value: float) -> str:
    """A number in few characters.

    >>> [compact(number) for number in (0, 0.25, 1234, 206855, 2_500_000)]
    ['0', '0.25', '1,234', '207K', '2.5M']
    """
    size = abs(value)
    for unit, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if size >= max(unit, 1e4):
            return f"{value / unit:.3g}{letter}"
    return f"{value:,.0f}" if size >= 1000 else f"{value:.3g}"


def percent(share: float) -> str:
    """A share in per cent, with as many digits as tell something."""
    return f"{100 * share:.1f}%" if share >= 0.001 or not share else f"{100 * share:.1g}%" if share >= 1e-5 else "under 0.001%"


def short(text: object, most: int = 18) -> str:
    """Text in one line, without characters that no picture or page can hold, cut where it is long."""
    plain = re.sub(r"[\x00-\x1f\x7f\ud800-\udfff￾￿]+", " ", str(text)).strip()
    return plain if len(plain) <= most else plain[:most - 1].rstrip() + "…"


def legend(axes: Axes, **options: Any) -> None:
    """A legend without a frame."""
    axes.legend(**{"frameon": False, "labelcolor": INK, "fontsize": SMALL, "handlelength": 1.8, "borderaxespad": 0.3,
                   "labelspacing": 0.35, **options})


def reach(*values: Iterable[float], margin: float = 0.06) -> tuple[float, float]:
    """From a little below the smallest finite value to a little above the largest."""
    known = np.concatenate([np.asarray(list(part), float) for part in values])
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    room = margin * (high - low) or abs(high) * margin or 1.0
    return low - room, high + room
