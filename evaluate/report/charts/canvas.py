"""Draws charts as inline SVG whose colours and fonts are the page's.

A chart is drawn twice, for a desk and for a phone; the page shows the one that fits, so that text keeps its size.
"""

import io
import re
from collections.abc import Callable
from html import escape
from typing import Any, NamedTuple

from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from gridbid.evaluate.report.charts.palette import LIGHT, PALETTE

_WIDE_PX = 760
_NARROW_PX = 343
_DOTS_PER_INCH = 72
"""One point of the figure, and so one dot, is one CSS pixel of the page."""

_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "font.size": 12,
    "text.color": LIGHT["ink"],
    "text.parse_math": False,
    "axes.edgecolor": LIGHT["hairline"],
    "axes.facecolor": "none",
    "axes.labelcolor": LIGHT["muted"],
    "axes.labelsize": 11,
    "axes.titlesize": 12,
    "axes.titlecolor": LIGHT["ink"],
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": LIGHT["hairline"],
    "grid.linewidth": 0.7,
    "xtick.color": LIGHT["hairline"],
    "ytick.color": LIGHT["hairline"],
    "xtick.labelcolor": LIGHT["muted"],
    "ytick.labelcolor": LIGHT["muted"],
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 11,
    "legend.handlelength": 1.2,
    "legend.columnspacing": 1.2,
    "legend.borderaxespad": 0.2,
    "lines.linewidth": 1.4,
    "lines.solid_capstyle": "round",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
}


class Chart(NamedTuple):
    """One chart as SVG elements: for wide and for narrow pages."""

    wide: str
    narrow: str


def chart(
    name: str, alt: str, plot: Callable[[Figure, bool], None], *, wide_px: float, narrow_px: float
) -> Chart:
    """Draw a chart for both widths; ``wide_px`` and ``narrow_px`` are heights."""
    return Chart(
        wide=_svg(f"{name}-wide", alt, lambda figure: plot(figure, True), (_WIDE_PX, wide_px)),
        narrow=_svg(f"{name}-narrow", alt, lambda figure: plot(figure, False), (_NARROW_PX, narrow_px)),
    )


def _svg(name: str, alt: str, plot: Callable[[Figure], None], size_px: tuple[float, float]) -> str:
    """One figure as an SVG element; ``name`` keeps its ids apart from those of other charts on the page."""
    with rc_context({**_STYLE, "svg.hashsalt": name}):
        figure = Figure(
            figsize=(size_px[0] / _DOTS_PER_INCH, size_px[1] / _DOTS_PER_INCH), dpi=_DOTS_PER_INCH
        )
        canvas = FigureCanvasSVG(figure)
        plot(figure)
        # Laid out once, here: savefig would draw everything twice for it.
        ConstrainedLayoutEngine(wspace=0.06, hspace=0.06).execute(figure)
        text = io.StringIO()
        canvas.print_svg(text, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    return _inline(text.getvalue(), name, alt, size_px)


def _inline(document: str, name: str, alt: str, size_px: tuple[float, float]) -> str:
    """An SVG document as an element of the page: its colours and fonts are the page's, its numbers short."""
    body = document[document.index("<svg") :]
    body = body[body.index(">") + 1 :]
    body = re.sub(r"<!--.*?-->|<defs>\s*<style.*?</style>\s*</defs>", "", body, flags=re.DOTALL)
    body = re.sub(r'<g id="[^"]*"', "<g", body)
    body = body.replace("xlink:href", "href")
    body = re.sub(r' transform="rotate\(-?0 [^"]*"', "", body)
    body = re.sub(r"font-family: [^;\"]*;? ?", "", body)
    body = re.sub(r"font: ((?:\w+ )*)([\d.]+px) [^;\"]*", _own_font, body)
    body = re.sub(r'(?<= d=")[^"]*|(?<= [xy]=")[^"]*', _short_numbers, body)
    body = re.sub(r"<g( clip-path=[^>]*)>((?:\s*<use [^>]*>)+)", _shared_style, body)
    for color, (light, _) in PALETTE.items():
        body = body.replace(light, f"var(--{color})")
    kind = name.rsplit("-", 1)[1]
    width, height = size_px
    opening = f'<svg class="{kind}" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(alt)}">'
    return opening + re.sub(r"\s*\n\s*", "\n", body).strip()


def _own_font(match: re.Match[str]) -> str:
    """Keep a text's weight and size where Matplotlib writes them together with the family (before 3.11)."""
    weight = "font-weight: 700; " if "bold" in match[1] or "700" in match[1] else ""
    return f"{weight}font-size: {match[2]}"


def _shared_style(match: re.Match[str]) -> str:
    """The style of many equal markers, written once: at their group."""
    styles = set(re.findall(r' style="[^"]*"', match[2]))
    if len(styles) != 1:
        return match[0]
    style = styles.pop()
    return f"<g{match[1]}{style}>{match[2].replace(style, '')}"


def _short_numbers(match: re.Match[str]) -> str:
    """Coordinates to a tenth of a pixel."""
    text = re.sub(r"-?\d+\.\d{2,}", lambda number: f"{float(number[0]):.1f}", match[0])
    return " ".join(text.split())
