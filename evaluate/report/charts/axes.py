"""What charts of rows have in common."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from gridbid.evaluate.report.charts.palette import LIGHT


def rows(axis: Axes, labels: Sequence[str], *, labelled: bool) -> None:
    axis.set_yticks(range(len(labels)), labels if labelled else [""] * len(labels))
    axis.tick_params(axis="y", labelcolor=LIGHT["ink"], labelsize=12)
    axis.set_ylim(len(labels) - 0.5, -0.5)
    axis.grid(visible=False, axis="y")
    axis.grid(visible=True, axis="x")
    axis.xaxis.set_major_locator(MaxNLocator(5))
    axis.xaxis.set_major_formatter(_tick_text)
    axis.spines["bottom"].set_visible(False)


def _tick_text(value: float, _position: float) -> str:
    """A round number beside an axis, written as in the tables."""
    return f"{value:,.10g}".replace(",", "\u202f").replace("-", "−")


def right_note(axis: Axes, row: float, text: str, color: str) -> None:
    """Text in a column right of the panel, on the height of a row."""
    at_right_edge = axis.get_yaxis_transform()
    place = axis.annotate(text, (1, row), xycoords=at_right_edge, xytext=(48, 0), textcoords="offset points")
    place.set(color=color, size=11, va="center", ha="right")


def panel_heading(axis: Axes, title: str, wide: bool) -> None:
    """Title on the left; the legend on the same line where there is room, else under the title."""
    named = bool(axis.get_legend_handles_labels()[1])
    axis.set_title(title, pad=6 if wide or not named else 20)
    if not named:
        return
    position = {"loc": "lower right", "bbox_to_anchor": (1, 1)}
    if not wide:
        position = {"loc": "lower left", "bbox_to_anchor": (-0.02, 0.97)}
    axis.legend(ncols=4, **position)


def hour_axis(axis: Axes, wide: bool) -> None:
    """Hours of the day."""
    axis.set_xlim(-0.6, 23.6)
    axis.set_xticks(range(0, 24, 3 if wide else 6))
    axis.set_xlabel("hour of the day")
