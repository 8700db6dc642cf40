"""What stresses did to policies, by week; differences stand beside the weeks as they are and beside the rule."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.evaluate.robustness.stress import AS_IS, Stress
from gridbid.evaluate.statistics import Interval, mean_difference

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

RULE = RulePolicy.name


@dataclass(frozen=True, kw_only=True)
class StressOutcome:
    """One stress; figures by controller and week, means over samples: float64 (weeks,) or (weeks, N)."""

    stress: Stress
    tested: Flags
    """Whom the controllers play (N,)."""
    members_eur: dict[str, Floats]
    """J by member (weeks, N)."""
    bill_eur: dict[str, Floats]
    """Bills of the community (weeks,)."""
    unmet_ev_kwh: dict[str, Floats]
    """Energy that cars lacked at departure (weeks,)."""
    optimum_eur: Floats | None
    """The bound on J of the community (weeks,); None where nobody asked for it."""
    residuals: dict[str, int]
    """What the books of all controllers left unaccounted for: 0 when they close."""

    def j_eur(self, controller: str) -> Floats:
        """J of the community (weeks,)."""
        return np.asarray(self.members_eur[controller].sum(axis=1))


@dataclass(frozen=True, kw_only=True)
class Robustness:
    """All stresses, the weeks as they are first."""

    weeks: tuple[int, ...]
    controllers: tuple[str, ...]
    outcomes: tuple[StressOutcome, ...]

    def outcome(self, stress: str) -> StressOutcome:
        """That of a stress by its name."""
        return next(outcome for outcome in self.outcomes if outcome.stress.name == stress)

    def tested_eur(self, stress: str, controller: str, of: str | None = None) -> Floats:
        """J under a stress (weeks,) of the members whom it tests, or of those whom the stress ``of`` tests."""
        tested = self.outcome(of or stress).tested
        return np.asarray(self.outcome(stress).members_eur[controller][:, tested].sum(axis=1))

    def degradation(self, stress: str, controller: str) -> Interval:
        """Mean weekly J of the tested members less that of the same members in the weeks as they are, EUR; paired."""
        return mean_difference(
            self.tested_eur(stress, controller), self.tested_eur(AS_IS.name, controller, stress)
        )

    def beside_rule(self, stress: str, controller: str) -> Interval:
        """Mean weekly J of the tested members less what the rule makes of the same stress, EUR; paired."""
        return mean_difference(self.tested_eur(stress, controller), self.tested_eur(stress, RULE))

    def as_dict(self) -> dict[str, Any]:
        """For JSON: ``robustness.json`` of a run's folder."""
        return {
            "weeks": list(self.weeks),
            "stresses": [self._told(outcome) for outcome in self.outcomes],
        }

    def _told(self, outcome: StressOutcome) -> dict[str, Any]:
        name = outcome.stress.name
        return {
            "name": name,
            "title": outcome.stress.title,
            "meaning": outcome.stress.meaning,
            "members_tested": int(outcome.tested.sum()),
            "j_eur": {c: outcome.j_eur(c).tolist() for c in self.controllers},
            "tested_j_eur": {c: self.tested_eur(name, c).tolist() for c in self.controllers},
            "bill_eur": _listed(outcome.bill_eur),
            "unmet_ev_kwh": _listed(outcome.unmet_ev_kwh),
            "optimum_eur": None if outcome.optimum_eur is None else outcome.optimum_eur.tolist(),
            "degradation_eur": {c: self.degradation(name, c)._asdict() for c in self.controllers},
            "beside_rule_eur": {c: self.beside_rule(name, c)._asdict() for c in self.controllers},
            "residuals": outcome.residuals,
        }


def _listed(figures: dict[str, Floats]) -> dict[str, list[float]]:
    return {controller: by_week.tolist() for controller, by_week in figures.items()}
