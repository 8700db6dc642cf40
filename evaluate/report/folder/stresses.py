"""Reads ``robustness.json``: every controller's weeks again, each time with one thing gone wrong."""

from dataclasses import dataclass
from pathlib import Path

from gridbid.evaluate.report.folder.node import Node, read_document

AS_IS = "as_is"


@dataclass(frozen=True)
class Stress:
    """One thing that goes wrong, and each controller's sums over the weeks; ``j_eur`` is by week."""

    name: str
    title: str
    meaning: str
    j_eur: dict[str, tuple[float, ...]]
    bill_eur: dict[str, float]
    unmet_ev_kwh: dict[str, float]


def read_stresses(path: Path) -> tuple[Stress, ...]:
    """All stresses, the undisturbed weeks first; none where the file is absent. ReportError at the first fault."""
    if not path.exists():
        return ()
    root = read_document(path)
    stresses = tuple(_stress(node) for node in root.field("stresses").items())
    if not stresses or stresses[0].name != AS_IS:
        raise root.field("stresses").refusal(f"an array whose first item is {AS_IS}")
    return stresses


def _stress(node: Node) -> Stress:
    return Stress(
        name=node.field("name").text(),
        title=node.field("title").text(),
        meaning=node.field("meaning").text(),
        j_eur={
            controller: tuple(week.number() for week in weeks.items())
            for controller, weeks in node.field("j_eur").fields().items()
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
