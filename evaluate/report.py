"""The report of a run: one HTML file that needs nothing else, drawn from what the run left in its folder.

Read are ``summary.json`` (required), ``traces/<controller>.parquet``, ``traces/members.parquet`` and
``chain/fills.parquet``; what is absent is left out with a sentence, what is malformed is refused with one.
The words stand in ``templates/``, the charts in :mod:`gridbid.evaluate.charts`.
"""

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gridbid.evaluate import charts
from gridbid.evaluate.charts import Chart, number
from gridbid.evaluate.report_figures import (
    CONTROLLERS,
    MAIN_FIGURES,
    controller_label,
    figure_rows,
    other_figures,
)
from gridbid.evaluate.report_sections import market_day, members, week_story
from gridbid.evaluate.run_folder import SCORE_TOLERANCE, LearningPoint, Parity, Summary, read_summary


class Badge(NamedTuple):
    """A check of the books: ``state`` is good, bad or unknown."""

    state: str
    figure: str
    meaning: str


def write_report(run: Path) -> Path:
    """Write ``run/report.html`` from what the run left in its folder, and return its path.

    Raises:
        ReportError: a file is missing, unreadable or holds a wrong value, which the message names.
            An older report stays as it was.
    """
    page = _page(run)
    path = run / "report.html"
    temporary = run / f".report.{os.getpid()}.html"
    try:
        temporary.write_text(page, encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _page(run: Path) -> str:
    """The whole page as text."""
    summary = read_summary(run / "summary.json")
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=number,
        quantity=_quantity,
        rough_digits=_rough_digits,
        percent=_percent,
        duration=_duration,
        capital=_capital,
        label=controller_label,
    )
    return environment.get_template("report.html.j2").render(
        run=run.resolve().name,
        summary=summary,
        palette=charts.PALETTE,
        meanings={name: CONTROLLERS[name] for name in summary.controllers if name in CONTROLLERS},
        verdict=_verdict(summary),
        main_figures=figure_rows(summary, MAIN_FIGURES),
        other_figures=figure_rows(summary, other_figures(summary)),
        ladder=_ladder(summary),
        learning=_learning(summary),
        still_learning=_still_learning(summary.learning),
        story=week_story(run / "traces", summary),
        market=market_day(run / "chain" / "fills.parquet"),
        members=members(run / "traces" / "members.parquet", summary),
        badges=_badges(summary),
    )


def _verdict(summary: Summary) -> str:
    """What the score says, in one word that the template turns into sentences.

    One of ``unscored``, ``impossible`` (above the bound), ``unclear`` (the interval holds 0), ``better`` and
    ``worse``.
    """
    score = summary.score
    if score is None:
        return "unscored"
    if score > 1 + SCORE_TOLERANCE:
        return "impossible"
    lowest, highest = summary.score_interval or (score, score)
    if lowest <= 0 <= highest:
        return "unclear"
    return "better" if score > 0 else "worse"


def _ladder(summary: Summary) -> Chart:
    colors = {summary.featured: "learned", "optimum": "bound"}
    rungs = [
        charts.Rung(
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
    return charts.ladder_chart(rungs, alt)


def _learning(summary: Summary) -> Chart | None:
    points = summary.learning
    if len(points) < 2:
        return None
    kinds = [kind for kind in points[0].returns if all(kind in point.returns for point in points)]
    if not kinds:
        return None
    returns = {kind: np.array([point.returns[kind] for point in points]) for kind in kinds}
    ends = ", ".join(f"{kind} from {number(r[0], 2)} to {number(r[-1], 2)}" for kind, r in returns.items())
    minutes = np.array([point.seconds for point in points]) / 60
    return charts.learning_chart(minutes, returns, f"Mean return in EUR over training: {ends}")


def _still_learning(points: tuple[LearningPoint, ...]) -> bool:
    """Whether any kind gained more than a twentieth of its whole range in the last quarter of training."""
    quarter = len(points) // 4
    if quarter == 0:
        return False
    for kind in points[0].returns:
        returns = np.array([point.returns.get(kind, np.nan) for point in points])
        gain = returns[-quarter:].mean() - returns[-2 * quarter : -quarter].mean()
        if gain > np.ptp(returns) / 20:
            return True
    return False


def _badges(summary: Summary) -> list[Badge]:
    """Checks of the books; what was not measured says so instead of looking fine."""
    badges = [_parity_badge(summary.parity)]
    if not summary.residuals:
        badges.append(Badge("unknown", "not measured", "Whether energy and cash add up was not recorded."))
    for name, residual in summary.residuals.items():
        quantity, _, unit = name.rpartition("_")
        state = "bad" if residual else "good"
        unit = {"wh": "Wh", "neur": "nEUR"}.get(unit, unit)
        meaning = f"What is left of all {quantity} once every account is added up."
        badges.append(Badge(state, f"{number(residual)} {unit}", meaning))
    return badges


def _parity_badge(parity: Parity | None) -> Badge:
    if parity is None or not parity.fills:
        return Badge("unknown", "not compared", "No trade was replayed on the chain’s market.")
    state = "bad" if parity.mismatches else "good"
    noun = "mismatch" if parity.mismatches == 1 else "mismatches"
    meaning = f"Between simulator and contract, in {number(parity.fills)} trades."
    return Badge(state, f"{number(parity.mismatches)} {noun}", meaning)


def _quantity(value: float | None, unit: str, digits: int = 0) -> str:
    """A number with its unit, never broken over two lines."""
    return f"{number(value, digits)}\u00a0{unit}"


def _rough_digits(value: float, fine: int) -> int:
    """Digits for a reader in a hurry: none after the point of a large number, ``fine`` of a small one."""
    return 0 if abs(value) >= 100 else fine


def _percent(share: float, digits: int = 0) -> str:
    return f"{number(100 * share, digits)}\u202f%"


def _capital(text: str) -> str:
    """The text as a sentence begins; Jinja's own filter makes the rest small."""
    return text[:1].upper() + text[1:]


def _duration(seconds: float) -> str:
    if seconds < 120:
        return _quantity(seconds, "s", 1)
    return _quantity(seconds / 60, "min", 1)
