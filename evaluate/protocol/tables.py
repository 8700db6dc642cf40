"""Key figures of what was played: over all weeks, and by run and week."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.compile import CompiledScenario
from gridbid.evaluate.bills import alone_eur
from gridbid.evaluate.kpis import PLACES, compare_members, kpis
from gridbid.evaluate.protocol.playing import Outcome
from gridbid.evaluate.records.record import WeekRecord
from gridbid.market.types import Cost

Floats = NDArray[np.float64]


class Yardsticks(NamedTuple):
    """What key figures compare with: the records of `nothing` and of the rule, over the same weeks."""

    compiled: CompiledScenario
    nothing: Sequence[WeekRecord]
    rule: Sequence[WeekRecord]

    def figures(self, records: Sequence[WeekRecord], span: slice = slice(None)) -> dict[str, float]:
        """Key figures of a span of records; members' base is the rule without a market."""
        kinds = [seat.kind for seat in self.compiled.scenario.metered]
        alone = alone_eur(self.rule[span])
        return kpis(records[span], self.compiled.community, kinds=kinds, alone_eur=alone)


def total_figures(outcomes: Sequence[Outcome], yardsticks: Yardsticks) -> dict[str, float]:
    """Key figures over all weeks, means over a method's runs; nan where one has no meaning, as a mean of places has none."""
    by_run = [
        yardsticks.figures(outcome.records)
        | compare_members(outcome.records, yardsticks.nothing)
        | _costs(outcome.parts_eur, outcome.j_eur)
        for outcome in outcomes
    ]
    return {name: _over_runs(name, [figures[name] for figures in by_run]) for name in by_run[0]}


def weekly_figures(outcomes: Sequence[Outcome], samples: int, yardsticks: Yardsticks) -> dict[str, Floats]:
    """Key figures by run and week (runs, weeks), each over the samples of its week."""
    by_run = [_weeks(outcome, samples, yardsticks) for outcome in outcomes]
    return {name: np.array([[week[name] for week in weeks] for weeks in by_run]) for name in by_run[0][0]}


def runs_eur(outcomes: Sequence[Outcome], samples: int) -> Floats:
    """J (runs, samples, weeks)."""
    return np.array([outcome.j_eur.reshape(-1, samples).T for outcome in outcomes])


def typical_run(outcomes: Sequence[Outcome]) -> Outcome:
    """The run whose cost is the median, the lower of two."""
    ordered = sorted(outcomes, key=lambda outcome: float(outcome.j_eur.sum()))
    return ordered[(len(ordered) - 1) // 2]


def _over_runs(name: str, figures: Sequence[float]) -> float:
    if name in PLACES and len(set(figures)) > 1:
        return float("nan")
    return float(np.mean(figures))


def _weeks(outcome: Outcome, samples: int, yardsticks: Yardsticks) -> list[dict[str, float]]:
    spans = [slice(begin, begin + samples) for begin in range(0, len(outcome.records), samples)]
    return [
        yardsticks.figures(outcome.records, span) | _costs(outcome.parts_eur[span], outcome.j_eur[span])
        for span in spans
    ]


def _costs(parts_eur: Floats, j_eur: Floats) -> dict[str, float]:
    """J and its parts as they count: a bound's are its program's, which its playback may miss by a little."""
    parts = parts_eur.sum(axis=0)
    return {"j_eur": float(j_eur.sum()), **{f"{part.name.lower()}_eur": float(parts[part]) for part in Cost}}
