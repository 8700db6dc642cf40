"""Several runs' ladders side by side."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.figure import Figure

from gridbid.evaluate.report.charts.axes import rows
from gridbid.evaluate.report.charts.canvas import Chart, chart
from gridbid.evaluate.report.charts.palette import LIGHT

_IN_A_LINE = 3


class Column(NamedTuple):
    """One run: its name, and a value for each controller, None where it has none."""

    title: str
    values: Sequence[float | None]


def comparison_chart(columns: Sequence[Column], labels: Sequence[str], what: str, alt: str) -> Chart:
    """A panel for each run with a dot for each controller; all panels have the same scale."""

    def plot(figure: Figure, wide: bool) -> None:
        across = min(_IN_A_LINE, len(columns)) if wide else 1
        down = -(-len(columns) // across)
        axes = figure.subplots(down, across, squeeze=False, sharex=True).ravel()
        for at, (axis, column) in enumerate(zip(axes, columns, strict=False)):
            rows(axis, labels, labelled=at % across == 0)
            for row, value in enumerate(column.values):
                if value is not None:
                    axis.plot([0, value], [row, row], color=LIGHT["rule"], linewidth=1)
                    axis.plot(value, row, "o", markersize=7, color=LIGHT["learned"])
            axis.axvline(0, color=LIGHT["muted"], linewidth=0.8)
            axis.margins(x=0.1)
            axis.set_title(column.title)
        for axis in axes[len(columns) :]:
            axis.set_visible(False)
        figure.supxlabel(what, fontsize=11, color=LIGHT["muted"])

    height = 44 + 26 * len(labels)
    return chart(
        "comparison",
        alt,
        plot,
        wide_px=height * -(-len(columns) // _IN_A_LINE) + 20,
        narrow_px=height * len(columns) + 20,
    )
