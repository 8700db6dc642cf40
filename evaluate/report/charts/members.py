"""What members pay under one controller and under another."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.figure import Figure

from gridbid.evaluate.report.charts.axes import right_note, rows
from gridbid.evaluate.report.charts.canvas import Chart, chart
from gridbid.evaluate.report.charts.palette import LIGHT
from gridbid.evaluate.report.formatting import signed

CENT_EUR = 0.01
"""Differences up to this are none."""


class Member(NamedTuple):
    """One member's bill (EUR) under the rule and under the controller that is compared with it."""

    name: str
    rule_eur: float
    bill_eur: float

    @property
    def change_eur(self) -> float:
        """How much higher the bill is than under the rule; up to a cent is no change."""
        change = self.bill_eur - self.rule_eur
        return change if abs(change) > CENT_EUR else 0.0


def members_chart(members: Sequence[Member], best_label: str, alt: str) -> Chart:
    """Bills as dumbbells, the first member on top: from the rule (grey) to the controller (red if higher)."""

    def plot(figure: Figure, wide: bool) -> None:
        axis = figure.subplots()
        rows(axis, [member.name for member in members], labelled=True)
        for row, member in enumerate(members):
            change = member.change_eur
            color = LIGHT["bad" if change > 0 else "good" if change < 0 else "muted"]
            axis.plot([member.rule_eur, member.bill_eur], [row, row], color=color, linewidth=2, zorder=2)
            axis.plot(member.rule_eur, row, "o", markersize=5, color=LIGHT["rule"], zorder=3)
            axis.plot(member.bill_eur, row, "^" if change > 0 else "o", markersize=7, color=color, zorder=4)
            right_note(axis, row, signed(change), color)
        right_note(axis, -1, "change", LIGHT["muted"])
        axis.axvline(0, color=LIGHT["muted"], linewidth=0.8, zorder=1)
        axis.set_xlabel(f"bill, EUR: rule (grey) to {best_label.lower()} (coloured)" if wide else "bill, EUR")

    height = 44 + 22 * len(members)
    return chart("members", alt, plot, wide_px=height, narrow_px=height)
