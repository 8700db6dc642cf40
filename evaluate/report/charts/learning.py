"""How returns rose in training."""

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from gridbid.evaluate.report.charts.canvas import Chart, chart
from gridbid.evaluate.report.charts.palette import LIGHT


def learning_chart(minutes: NDArray[Any], returns: Mapping[str, NDArray[Any]], alt: str) -> Chart:
    """Mean return of an episode by kind, over training; ``minutes`` and all ``returns`` are (points,)."""

    def plot(figure: Figure, wide: bool) -> None:
        n_kinds = len(returns)
        grid = (1, n_kinds) if wide else (n_kinds, 1)
        axes = figure.subplots(*grid, squeeze=False, sharex=True).ravel()
        for axis, (kind, values) in zip(axes, returns.items(), strict=True):
            axis.plot(minutes, values, color=LIGHT["learned"])
            axis.plot(minutes[-1:], values[-1:], "o", markersize=4, color=LIGHT["learned"])
            axis.set_title(f"{kind}, EUR")
            axis.yaxis.set_major_locator(MaxNLocator(4))
            axis.xaxis.set_major_locator(MaxNLocator(4))
        for axis in axes if wide else axes[-1:]:
            axis.set_xlabel("minutes of training")

    return chart("learning", alt, plot, wide_px=190, narrow_px=30 + 130 * len(returns))
