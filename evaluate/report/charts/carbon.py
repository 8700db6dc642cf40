"""When the community draws, and how clean the grid is then."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from gridbid.evaluate.report.charts.axes import hour_axis, panel_heading
from gridbid.evaluate.report.charts.canvas import Chart, chart
from gridbid.evaluate.report.charts.palette import LIGHT


def carbon_chart(
    carbon_g: NDArray[Any], rule_kw: NDArray[Any], best_kw: NDArray[Any], best_label: str, alt: str
) -> Chart:
    """Means by hour of the day, each (24,): carbon intensity above, what is drawn under both controllers below."""

    def plot(figure: Figure, wide: bool) -> None:
        intensity, draws = figure.subplots(2, 1, sharex=True, height_ratios=[1, 1.4])
        intensity.step(range(24), carbon_g, where="mid", color=LIGHT["ink"], linewidth=1.1)
        draws.step(range(24), rule_kw, where="mid", color=LIGHT["rule"], linewidth=1.3, label="rule")
        draws.step(range(24), best_kw, where="mid", color=LIGHT["learned"], label=best_label.lower())
        draws.set_ylim(bottom=0)
        intensity.set_title("Carbon of the grid, g CO₂/kWh", pad=6)
        panel_heading(draws, "Drawn from the grid, kW", wide)
        for axis in (intensity, draws):
            axis.yaxis.set_major_locator(MaxNLocator(4))
        hour_axis(draws, wide)

    return chart("carbon", alt, plot, wide_px=270, narrow_px=300)
