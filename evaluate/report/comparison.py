"""Several runs side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from gridbid.evaluate.report.charts.canvas import Chart
from gridbid.evaluate.report.charts.comparison import Column, comparison_chart
from gridbid.evaluate.report.controllers import controller_label
from gridbid.evaluate.report.figures import MAIN_FIGURES, figure_display
from gridbid.evaluate.report.folder.run import Run
from gridbid.evaluate.report.formatting import number
from gridbid.evaluate.report.sections.exploitability import exploitability
from gridbid.evaluate.report.sections.robustness import robustness


@dataclass(frozen=True)
class Rung:
    """A controller in all runs: its cost, score and interval in each, None where a run doesn't have it."""

    controller: str
    j_eur: list[float | None]
    scores: list[float | None]
    intervals: list[tuple[float, float] | None]


@dataclass(frozen=True)
class Comparison:
    """What the page shows; ``differences`` tells what the runs don't share, so that their figures aren't comparable."""

    chart: Chart
    rungs: list[Rung]
    figures: list[tuple[str, str, list[str]]]
    """Label, unit and each run's value, of its featured controller."""
    checks: list[tuple[str, list[str]]]
    """What was checked, and what came out in each run."""
    differences: list[str]


def compare(runs: Sequence[Run]) -> Comparison:
    """Runs side by side, in the order in which they are given."""
    summaries = [run.summary for run in runs]
    names = dict.fromkeys(name for summary in summaries for name in summary.controllers)
    rungs = [
        Rung(
            name,
            [summary.cost_eur(name) if name in summary.controllers else None for summary in summaries],
            [summary.score_of(name) if name in summary.controllers else None for summary in summaries],
            [summary.intervals.get(name) for summary in summaries],
        )
        for name in names
    ]
    rungs.sort(key=lambda rung: -max(eur for eur in rung.j_eur if eur is not None))
    return Comparison(
        chart=_chart(runs, rungs),
        rungs=rungs,
        figures=_figures(runs),
        checks=_checks(runs),
        differences=_differences(runs),
    )


def _chart(runs: Sequence[Run], rungs: list[Rung]) -> Chart:
    scored = all(any(score is not None for score in rung.scores) for rung in rungs)
    columns = [
        Column(run.name, [(rung.scores if scored else rung.j_eur)[at] for rung in rungs])
        for at, run in enumerate(runs)
    ]
    labels = [controller_label(rung.controller) for rung in rungs]
    what = "Score S" if scored else "Cost J in EUR"
    alt = f"{what} of {len(labels)} controllers in {len(runs)} runs: " + "; ".join(
        f"{column.title} "
        + ", ".join(f"{label} {number(v, 2)}" for label, v in zip(labels, column.values, strict=True))
        for column in columns
    )
    return comparison_chart(columns, labels, what, alt)


def _figures(runs: Sequence[Run]) -> list[tuple[str, str, list[str]]]:
    rows = []
    for name in MAIN_FIGURES:
        display = figure_display(name)
        values = [run.summary.controllers.get(run.summary.featured or "", {}).get(name) for run in runs]
        if any(value is not None for value in values):
            shown = [number(None if v is None else v * display.scale, display.digits) for v in values]
            rows.append((display.label, display.unit, shown))
    return rows


def _checks(runs: Sequence[Run]) -> list[tuple[str, list[str]]]:
    return [
        ("Differences between simulator and contract", [_parity(run) for run in runs]),
        ("Energy and cash left over", [_residuals(run) for run in runs]),
        ("Claims that hold", [_claims(run) for run in runs]),
        ("Stresses that cost the lead over the rule", [_stresses(run) for run in runs]),
        ("Gain of a member who games it, at most", [_exploits(run) for run in runs]),
    ]


def _parity(run: Run) -> str:
    parity = run.summary.parity
    return (
        f"{parity.mismatches} in {number(parity.fills)} trades" if parity and parity.fills else "not compared"
    )


def _residuals(run: Run) -> str:
    residuals = run.summary.residuals
    return ("none" if not any(residuals.values()) else "some") if residuals else "not measured"


def _claims(run: Run) -> str:
    claims = run.summary.claims
    return f"{sum(claim.holds for claim in claims)} of {len(claims)}" if claims else "not checked"


def _stresses(run: Run) -> str:
    found = robustness(run)
    if found is None:
        return "not tried"
    return f"{len(found.lost_lead)} of {len(found.rows) - 1}{_instead(run, found.subject)}"


def _exploits(run: Run) -> str:
    found = exploitability(run)
    if found is None:
        return "not tried"
    return f"{number(found.found.gains.max_ct_per_kwh, 2)} ct/kWh{_instead(run, found.found.policy)}"


def _instead(run: Run, controller: str) -> str:
    """Whom a check was made of, where that isn't whom the run is about."""
    return "" if controller == run.summary.featured else f" ({controller_label(controller)})"


def _differences(runs: Sequence[Run]) -> list[str]:
    """What isn't the same in all runs, as sentences."""
    summaries = [run.summary for run in runs]
    told = []
    for what, values in (
        ("scenario", [summary.sha256 for summary in summaries]),
        ("weeks", [summary.weeks for summary in summaries]),
        ("draws of prices and cars", [summary.samples for summary in summaries]),
        ("costs of the rule", [_known_cost(run) for run in runs]),
    ):
        if len(set(values)) > 1:
            told.append(what)
    return told


def _known_cost(run: Run) -> str:
    return number(run.summary.cost_eur("rule"), 2) if "rule" in run.summary.controllers else "–"
