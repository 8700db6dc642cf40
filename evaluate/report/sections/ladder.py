"""The ladder: every controller's cost and score, its weeks against the rule's, and what may be claimed of it."""

from dataclasses import dataclass

import numpy as np

from gridbid.evaluate.report.charts.canvas import Chart
from gridbid.evaluate.report.charts.ladder import Rung, ladder_chart
from gridbid.evaluate.report.controllers import BOUNDS, CONTROLLERS, RULE, controller_label
from gridbid.evaluate.report.figures import MAIN_FIGURES, FigureRow, figure_rows, other_figures
from gridbid.evaluate.report.folder.run import Run
from gridbid.evaluate.report.folder.summary import Claim, Summary
from gridbid.evaluate.report.formatting import number
from gridbid.evaluate.statistics import mean_difference


@dataclass(frozen=True)
class Paired:
    """A controller's weeks against the rule's: mean difference of J (EUR a week), its interval, weeks that cost less."""

    controller: str
    difference_eur: float
    low_eur: float
    high_eur: float
    cheaper_weeks: int
    n_weeks: int


@dataclass(frozen=True)
class Ladder:
    """What the section shows."""

    chart: Chart
    main_figures: list[FigureRow]
    other_figures: list[FigureRow]
    paired: list[Paired]
    claims: tuple[Claim, ...]
    meanings: dict[str, tuple[str, str]]


def ladder(run: Run) -> Ladder:
    """The section of a run; its claims and its weeks are empty where the run has none."""
    summary = run.summary
    return Ladder(
        chart=_chart(summary),
        main_figures=figure_rows(summary, MAIN_FIGURES),
        other_figures=figure_rows(summary, other_figures(summary)),
        paired=_paired(summary),
        claims=summary.claims,
        meanings={name: CONTROLLERS[name] for name in summary.controllers if name in CONTROLLERS},
    )


def _chart(summary: Summary) -> Chart:
    colors = {bound: "bound" for bound in BOUNDS} | {summary.featured: "learned"}
    rungs = [
        Rung(
            label=controller_label(name),
            j_eur=summary.cost_eur(name),
            score=summary.score_of(name),
            interval=summary.intervals.get(name),
            color=colors.get(name, "rule"),
        )
        for name in summary.controllers
    ]
    alt = "Cost J in EUR of each controller: " + ", ".join(
        f"{rung.label} {number(rung.j_eur)}" for rung in rungs
    )
    return ladder_chart(rungs, alt)


def _paired(summary: Summary) -> list[Paired]:
    """Differences by week; nothing where a run has a single week or didn't tell its weeks apart."""
    rule_eur = np.array(summary.j_eur_by_week.get(RULE, ()))
    if rule_eur.size < 2:
        return []
    rows = []
    for name in summary.columns:
        j_eur = np.array(summary.j_eur_by_week.get(name, ()))
        if name == RULE or j_eur.size != rule_eur.size:
            continue
        estimate, low, high = mean_difference(j_eur, rule_eur)
        rows.append(Paired(name, estimate, low, high, int(np.sum(j_eur < rule_eur)), rule_eur.size))
    return rows
