"""The ladder: what each controller cost, and its score."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gridbid.evaluate.report.charts.axes import rows
from gridbid.evaluate.report.charts.canvas import Chart, chart
from gridbid.evaluate.report.charts.palette import LIGHT
from gridbid.evaluate.report.formatting import number


class Rung(NamedTuple):
    """A controller on the ladder: its cost J (EUR), its score S and interval, its colour in the palette."""

    label: str
    j_eur: float
    score: float | None
    interval: tuple[float, float] | None
    color: str


def ladder_chart(rungs: Sequence[Rung], alt: str) -> Chart:
    """Costs as bars and scores as dots with their intervals, the first rung on top."""
    scored = any(rung.score is not None for rung in rungs)

    def plot(figure: Figure, wide: bool) -> None:
        n_panels = 2 if scored else 1
        grid = (1, n_panels) if wide else (n_panels, 1)
        axes = figure.subplots(*grid, squeeze=False).ravel()
        for panel, axis in enumerate(axes):
            rows(axis, [rung.label for rung in rungs], labelled=panel == 0 or not wide)
        _cost_bars(axes[0], rungs)
        if scored:
            _score_dots(axes[1], rungs)

    height = 46 + 30 * len(rungs)
    return chart("ladder", alt, plot, wide_px=height, narrow_px=height * (2 if scored else 1))


def _cost_bars(axis: Axes, rungs: Sequence[Rung]) -> None:
    costs = [rung.j_eur for rung in rungs]
    axis.barh(range(len(rungs)), costs, height=0.55, color=[LIGHT[rung.color] for rung in rungs])
    axis.axvline(0, color=LIGHT["muted"], linewidth=0.8)
    for row, cost in enumerate(costs):
        axis.annotate(
            number(cost),
            (max(cost, 0.0), row),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
        )
    axis.margins(x=0.16)
    axis.set_title("Cost J, EUR (less is better)")


def _score_dots(axis: Axes, rungs: Sequence[Rung]) -> None:
    for at in (0.0, 1.0):
        axis.axvline(at, color=LIGHT["muted"], linewidth=0.8)
    for row, rung in enumerate(rungs):
        if rung.score is None:
            continue
        color = LIGHT[rung.color]
        axis.plot([0, rung.score], [row, row], color=color, linewidth=1)
        axis.plot(rung.score, row, "o", markersize=8, color=color)
        if rung.interval is not None:
            axis.plot(rung.interval, [row, row], color=color, linewidth=6, alpha=0.35)
    axis.margins(x=0.12)
    axis.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 5, 10]))
    axis.set_title("Score S (0: rule, 1: optimum)")
