"""Who gains how much: members as bars, the greatest gain on top."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from gridbid.evaluate.report.charts.axes import right_note, rows
from gridbid.evaluate.report.charts.canvas import Chart, chart
from gridbid.evaluate.report.charts.members import CENT_EUR
from gridbid.evaluate.report.charts.palette import LIGHT
from gridbid.evaluate.report.formatting import signed


def gains_chart(gains_eur: Sequence[tuple[str, float]], alt: str) -> Chart:
    """Bars of (member, gain in EUR), the first on top; losses are red."""

    def plot(figure: Figure, wide: bool) -> None:
        axis = figure.subplots()
        rows(axis, [name for name, _ in gains_eur], labelled=True)
        for row, (_, gain) in enumerate(gains_eur):
            color = LIGHT["bad" if gain < -CENT_EUR else "learned"]
            axis.barh(row, gain, height=0.6, color=color)
            right_note(axis, row, signed(gain), color)
        axis.axvline(0, color=LIGHT["muted"], linewidth=0.8)
        axis.set_xlabel("gain, EUR")

    height = 36 + 20 * len(gains_eur)
    return chart("gains", alt, plot, wide_px=height, narrow_px=height)
