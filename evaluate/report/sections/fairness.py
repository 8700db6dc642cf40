"""Who gains: every member against what it would pay without its neighbours, and how evenly that is shared."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridbid.evaluate.report.charts.canvas import Chart
from gridbid.evaluate.report.charts.gains import gains_chart
from gridbid.evaluate.report.charts.members import CENT_EUR
from gridbid.evaluate.report.controllers import ALONE, NOTHING, RULE, controller_label
from gridbid.evaluate.report.figures import FAIRNESS_FIGURES, FigureRow, figure_rows
from gridbid.evaluate.report.folder.run import Run
from gridbid.evaluate.report.formatting import number
from gridbid.evaluate.report.sections.members import costs_eur, rows_by_member


@dataclass(frozen=True)
class Fairness:
    """Gains (J of the yardstick less J, EUR) by member, the greatest first; ``figures`` are the summary's."""

    chart: Chart
    yardstick: str
    n_members: int
    losers: list[str]
    best: tuple[str, float]
    worst: tuple[str, float]
    half_share: float | None
    figures: list[FigureRow]


def fairness(run: Run) -> Fairness | None:
    """The section of a run; None if it kept no costs by member of a yardstick and another controller."""
    table, featured = run.members, run.summary.featured
    if table is None or featured is None:
        return None
    known = set(table["controller"])
    yardstick = next((name for name in (ALONE, NOTHING, RULE) if name in known and name != featured), None)
    if yardstick is None:
        return None
    before, after = rows_by_member(table, yardstick), rows_by_member(table, featured)
    cost_eur = costs_eur(table)
    gains = {name: float(cost_eur[before[name]] - cost_eur[after[name]]) for name in after if name in before}
    if not gains:
        return None
    ranked = sorted(
        ((name.replace("_", " "), gain) for name, gain in gains.items()), key=lambda item: -item[1]
    )
    losers = [name for name, gain in ranked if gain < -CENT_EUR]
    alt = (
        f"Gain of {len(ranked)} members with {controller_label(featured)} against {controller_label(yardstick)}: "
        f"from {number(ranked[-1][1], 2)} to {number(ranked[0][1], 2)} EUR, {len(losers)} of them lose"
    )
    return Fairness(
        chart=gains_chart(ranked, alt),
        yardstick=yardstick,
        n_members=len(ranked),
        losers=losers,
        best=ranked[0],
        worst=ranked[-1],
        half_share=_half_share(np.array([gain for _, gain in ranked])),
        figures=figure_rows(run.summary, FAIRNESS_FIGURES),
    )


def _half_share(gains_eur: NDArray[np.float64]) -> float | None:
    """Share of members that together take half of all gains, the greatest first; None where nobody gains."""
    positive = np.sort(gains_eur[gains_eur > 0])[::-1]
    if not positive.size:
        return None
    needed = int(np.searchsorted(np.cumsum(positive), positive.sum() / 2)) + 1
    return needed / gains_eur.size
