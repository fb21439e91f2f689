"""A picture: drawn once with Matplotlib, without touching its global state, and given as PNG, SVG, or part of a page."""

from __future__ import annotations

import contextlib
import html
import io
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..problems import TableError
from .look import COLOURS, FAINT, INK, PAPER, SMALL, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 340.0               # points: about a phone's width, so that text is read there as it is drawn
HEADING = 38.0              # points above the axes, for title and subtitle
DOTS = 160                  # an inch, in a PNG: 800 pixels across


@dataclass(frozen=True)
class Picture:
    """One pair of axes with what is told by them.

    `draw` draws into axes; `height` is that of the whole below the heading, in points where the width is 340. `subtitle` goes
    below the title in a file; `reading` is the sentence under the picture on a page: how it is read. `heard` is what is
    said to those who do not see it.
    """

    name: str
    title: str
    subtitle: str
    draw: Callable[[Axes], None] = field(repr=False)
    reading: str = ""
    heard: str = ""
    height: float = 250.0

    def figure(self) -> Figure:
        """The picture as a Matplotlib figure, with its heading."""
        tall = self.height + HEADING
        with _drawing():
            from matplotlib.backends.backend_agg import FigureCanvasAgg
            from matplotlib.figure import Figure

            figure = Figure(figsize=(WIDTH / 72, tall / 72), facecolor=PAPER, dpi=DOTS)
            FigureCanvasAgg(figure)
            for text, below, size, weight, colour in ((self.title, 7, 12, "bold", INK),
                                                      (self.subtitle, 23, SMALL, "normal", FAINT)):
                figure.text(10 / WIDTH, 1 - below / tall, short(text, 90), fontsize=size, fontweight=weight, color=colour, va="top",
                            gid="heading")
            axes = figure.add_subplot(facecolor="none")
            self.draw(axes)
            _fit_margins(figure, axes, tall)
        figure._repr_png_ = lambda: _png(figure)        # type: ignore[attr-defined]  # how a notebook shows it
        return figure

    def files(self) -> dict[str, bytes]:
        """`NAME.svg` and `NAME.png`."""
        figure = self.figure()
        return {f"{self.name}.svg": _svg(figure, self.name), f"{self.name}.png": _png(figure)}

    def inline(self, svg: bytes) -> str:
        """The SVG file as part of a page: without its heading, in the page's colours and font."""
        text = svg.decode()
        text = re.sub(r"(?s)^.*?<svg[^>]*>", "", text)
        text = re.sub(r'(?s)<g id="heading">.*?</g>', "", text)
        text = re.sub(r'(?s)<style type="text/css">.*?</style>', "", text)
        text = re.sub(r'<g id="[^"]*"', "<g", text)
        text = re.sub(r"font-family: [^;\"]*;? ?", "", text)
        text = re.sub(r"<[^>]*>", lambda tag: re.sub(r"(\.\d\d)\d+", r"\1", tag[0]), text)
        text = re.sub(r"#[0-9a-f]{6}", lambda found: _VARIABLES.get(found[0], found[0]), text)
        text = re.sub(r"\s*\n\s*", " ", text)
        said = html.escape(short(self.heard or f"{self.title}. {self.reading}", 600), quote=True)
        return ('<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
                f'aria-label="{said}" viewBox="0 {HEADING:g} {WIDTH:g} {self.height:g}">{text}')


_VARIABLES = {light: f"var(--{role})" for role, (light, _) in COLOURS.items()}


@contextlib.contextmanager
def _drawing() -> Iterator[None]:
    """Names of columns are no formulas, a letter that a font lacks is no reason to complain, and one picture is one file."""
    try:
        import matplotlib
    except ImportError:
        raise TableError("the pictures need Matplotlib; install it with: pip install 'thalweg[tabular]'.") from None
    with matplotlib.rc_context({"text.parse_math": False, "svg.fonttype": "none", "svg.hashsalt": "thalweg",
                                "axes.unicode_minus": True}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")
        yield


def _fit_margins(figure: Figure, axes: Axes, tall: float) -> None:
    """Make the axes as large as their labels leave room for. One pass: Matplotlib's own layout takes as long as the drawing."""
    top, gap = tall - HEADING, 9.0
    axes.set_position((0.15, 0.15, 0.7, 0.7 * top / tall))
    renderer: Any = figure.canvas.get_renderer()                    # type: ignore[attr-defined]
    scale = 72 / figure.dpi
    outer, inner = axes.get_tightbbox(renderer), axes.get_window_extent(renderer)
    assert outer is not None
    left, right = max(inner.x0 - outer.x0, 0) * scale + gap, max(outer.x1 - inner.x1, 0) * scale + gap
    below, above = max(inner.y0 - outer.y0, 0) * scale + gap, max(outer.y1 - inner.y1, 0) * scale + gap
    axes.set_position((left / WIDTH, below / tall, max(WIDTH - left - right, 60) / WIDTH, max(top - below - above, 40) / tall))


def _svg(figure: Figure, name: str) -> bytes:
    file = io.BytesIO()
    with _drawing():
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None, "Title": name},
                       facecolor=PAPER)
    return re.sub(rb"(?s)\s*<metadata>.*?</metadata>", b"", file.getvalue())


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    with _drawing():
        figure.savefig(file, format="png", dpi=DOTS, facecolor=PAPER, pil_kwargs={"compress_level": 3})
    return file.getvalue()
