"""What happens to each controller when something goes wrong."""

from dataclasses import dataclass

from gridbid.evaluate.report.controllers import RULE
from gridbid.evaluate.report.folder.run import Run
from gridbid.evaluate.report.folder.stresses import Stress


@dataclass(frozen=True)
class Cell:
    """A controller under a stress: J over all weeks, and by how much it rose against the undisturbed weeks (EUR)."""

    j_eur: float
    rise_eur: float


@dataclass(frozen=True)
class Row:
    """One stress: a cell for each controller, and how the featured controller then stands to the rule."""

    title: str
    meaning: str
    cells: list[Cell | None]
    subject: Cell | None
    beats_rule: bool | None
    cheaper_weeks: int
    n_weeks: int
    unmet_ev_kwh: float | None


@dataclass(frozen=True)
class Robustness:
    """Stresses as rows, controllers as columns; ``subject`` is the controller that the sentences are about."""

    weeks: tuple[str, ...]
    controllers: list[str]
    subject: str
    rows: list[Row]
    lost_lead: list[str]
    """Titles of the stresses under which the subject costs at least as much as the rule, having led before."""


def robustness(run: Run) -> Robustness | None:
    """The section of a run; None if no stress was tried."""
    if run.stresses is None:
        return None
    stresses = run.stresses.tried
    tried = stresses[0].j_eur
    controllers = [name for name in run.summary.columns if name in tried]
    controllers += [name for name in tried if name not in controllers]
    others = [name for name in controllers if name != RULE]
    if not others:
        return None
    subject = run.summary.featured if run.summary.featured in tried else others[0]
    assert subject is not None
    rows = [_row(stress, stresses[0], controllers, subject) for stress in stresses]
    lost = [row.title for row in rows[1:] if rows[0].beats_rule and row.beats_rule is False]
    return Robustness(run.stresses.weeks, controllers, subject, rows, lost)


def _row(stress: Stress, as_is: Stress, controllers: list[str], subject: str) -> Row:
    cells = {name: _cell(stress, as_is, name) for name in controllers}
    ours, rules = stress.j_eur.get(subject, ()), stress.j_eur.get(RULE, ())
    comparable = bool(ours) and len(ours) == len(rules)
    return Row(
        title=stress.title,
        meaning=stress.meaning,
        cells=list(cells.values()),
        subject=cells[subject],
        beats_rule=sum(ours) < sum(rules) if comparable else None,
        cheaper_weeks=sum(our < rule for our, rule in zip(ours, rules, strict=True)) if comparable else 0,
        n_weeks=len(ours),
        unmet_ev_kwh=stress.unmet_ev_kwh.get(subject),
    )


def _cell(stress: Stress, as_is: Stress, controller: str) -> Cell | None:
    if controller not in stress.j_eur:
        return None
    j_eur, rise_eur = sum(stress.j_eur[controller]), stress.rise_eur[controller]
    return Cell(j_eur, j_eur - sum(as_is.j_eur.get(controller, ())) if rise_eur is None else rise_eur)
