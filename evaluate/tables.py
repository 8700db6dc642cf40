"""Key figures of what was played: over all weeks, and by run and week."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.compile import CompiledScenario
from gridbid.evaluate.bills import alone_eur
from gridbid.evaluate.kpis import compare_members, kpis
from gridbid.evaluate.playing import Outcome
from gridbid.evaluate.record import WeekRecord
from gridbid.market.types import Cost

Floats = NDArray[np.float64]


class KeyFigures:
    """Key figures of what was played, beside the yardsticks that some of them are told against."""

    def __init__(
        self,
        compiled: CompiledScenario,
        samples: int,
        nothing: Sequence[WeekRecord],
        rule: Sequence[WeekRecord],
    ) -> None:
        self._community, self._samples = compiled.community, samples
        self._nothing, self._rule = nothing, rule
        self._kinds = [seat.kind for seat in compiled.scenario.metered]

    def total(self, outcomes: Sequence[Outcome]) -> dict[str, float]:
        """Over all weeks, means over a method's runs; nan where one has no meaning."""
        everything = slice(None)
        by_run = [
            self._figures(outcome, everything) | compare_members(outcome.records, self._nothing)
            for outcome in outcomes
        ]
        return {name: float(np.mean([figures[name] for figures in by_run])) for name in by_run[0]}

    def weekly(self, outcomes: Sequence[Outcome]) -> dict[str, Floats]:
        """By run and week (runs, weeks), each over the samples of its week."""
        spans = [slice(at, at + self._samples) for at in range(0, len(self._rule), self._samples)]
        by_run = [[self._figures(outcome, span) for span in spans] for outcome in outcomes]
        return {name: np.array([[week[name] for week in weeks] for weeks in by_run]) for name in by_run[0][0]}

    def _figures(self, outcome: Outcome, span: slice) -> dict[str, float]:
        base_eur = alone_eur(self._rule[span])
        found = kpis(outcome.records[span], self._community, kinds=self._kinds, alone_eur=base_eur)
        return found | _costs(outcome.parts_eur[span], outcome.j_eur[span])


def runs_eur(outcomes: Sequence[Outcome], samples: int) -> Floats:
    """J (runs, samples, weeks)."""
    return np.array([outcome.j_eur.reshape(-1, samples).T for outcome in outcomes])


def typical_run(outcomes: Sequence[Outcome]) -> Outcome:
    """The run whose cost is the median, the lower of two."""
    ordered = sorted(outcomes, key=lambda outcome: float(outcome.j_eur.sum()))
    return ordered[(len(ordered) - 1) // 2]


def _costs(parts_eur: Floats, j_eur: Floats) -> dict[str, float]:
    """J and its parts as they count: a bound's are its program's, which its playback may miss by a little."""
    parts = parts_eur.sum(axis=0)
    return {"j_eur": float(j_eur.sum()), **{f"{part.name.lower()}_eur": float(parts[part]) for part in Cost}}
