"""Reads ``robustness.json``: every controller's weeks again, each time with one thing gone wrong."""

from dataclasses import dataclass
from pathlib import Path

from gridbid.evaluate.report.folder.node import Node, read_document

AS_IS = "as_is"


@dataclass(frozen=True)
class Stress:
    """One thing that goes wrong: J by controller and week, and sums over the weeks.

    ``j_eur`` is of the members whom the stress leaves under test; ``rise_eur`` is by how much more they cost than in the
    undisturbed weeks, all weeks together (None where the file doesn't tell).
    """

    name: str
    title: str
    meaning: str
    j_eur: dict[str, tuple[float, ...]]
    rise_eur: dict[str, float | None]
    bill_eur: dict[str, float]
    unmet_ev_kwh: dict[str, float]


@dataclass(frozen=True)
class Stresses:
    """The weeks that were played under stress, and all stresses, the undisturbed weeks first."""

    weeks: tuple[str, ...]
    tried: tuple[Stress, ...]


def read_stresses(path: Path) -> Stresses | None:
    """All stresses; None where the file is absent. ReportError at the first fault."""
    if not path.exists():
        return None
    root = read_document(path)
    stresses = tuple(_stress(node) for node in root.field("stresses").items())
    if not stresses or stresses[0].name != AS_IS:
        raise root.field("stresses").refusal(f"an array whose first item is {AS_IS}")
    return Stresses(tuple(week.text() for week in root.field("weeks").items()), stresses)


def _stress(node: Node) -> Stress:
    tested = node.field("tested_j_eur")
    j_eur = {
        controller: tuple(week.number() for week in weeks.items())
        for controller, weeks in (tested if tested.value is not None else node.field("j_eur"))
        .fields()
        .items()
    }
    rises = node.field("degradation_eur").fields()
    return Stress(
        name=node.field("name").text(),
        title=node.field("title").text(),
        meaning=node.field("meaning").text(),
        j_eur=j_eur,
        rise_eur={
            controller: rises[controller].field("estimate").number() * len(weeks)
            if controller in rises
            else None
            for controller, weeks in j_eur.items()
        },
        bill_eur=_sums(node.field("bill_eur")),
        unmet_ev_kwh=_sums(node.field("unmet_ev_kwh")),
    )


def _sums(node: Node) -> dict[str, float]:
    """Sums over weeks by controller, where figures stand for a week each or for all."""
    return {
        controller: sum(week.number() for week in value.items())
        if isinstance(value.value, list)
        else value.number()
        for controller, value in node.fields().items()
    }
