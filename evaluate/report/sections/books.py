"""Whether simulator and contract agree, and whether energy and cash add up."""

from typing import NamedTuple

from gridbid.evaluate.report.folder.run import Run
from gridbid.evaluate.report.folder.summary import Parity
from gridbid.evaluate.report.formatting import number

_UNITS = {"wh": "Wh", "neur": "nEUR"}


class Badge(NamedTuple):
    """A check of the books: ``state`` is good, bad or unknown."""

    state: str
    figure: str
    meaning: str


def books(run: Run) -> list[Badge]:
    """Checks of the books; what was not measured says so instead of looking fine."""
    badges = [_parity_badge(run.summary.parity)]
    if not run.summary.residuals:
        badges.append(Badge("unknown", "not measured", "Whether energy and cash add up was not recorded."))
    for name, residual in run.summary.residuals.items():
        amount, _, unit = name.rpartition("_")
        state = "bad" if residual else "good"
        meaning = f"What is left of all {amount} once every account is added up."
        badges.append(Badge(state, f"{number(residual)} {_UNITS.get(unit, unit)}", meaning))
    return badges


def _parity_badge(parity: Parity | None) -> Badge:
    if parity is None or not parity.fills:
        return Badge("unknown", "not compared", "No trade was replayed on the chain’s market.")
    state = "bad" if parity.mismatches else "good"
    noun = "mismatch" if parity.mismatches == 1 else "mismatches"
    meaning = f"Between simulator and contract, in {number(parity.fills)} trades."
    return Badge(state, f"{number(parity.mismatches)} {noun}", meaning)
