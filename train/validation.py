"""The yardstick of training: J on the validation weeks, which are neither trained on nor reported."""

from pathlib import Path

import numpy as np

from gridbid.agents.policy import Policy
from gridbid.envs.batch_env import slots_per_week
from gridbid.envs.compile import compile_community
from gridbid.envs.scenario import Scenario
from gridbid.envs.timeline.year import weeks_of
from gridbid.evaluate.records.rollout import Cases, run_policy


class Validation:
    """One sample of prices and cars on every validation week of a scenario."""

    def __init__(
        self, scenario: Scenario | str, seed: int, prices: Path | None = None, sessions: Path | None = None
    ) -> None:
        self._compiled = compile_community(
            scenario, [seed], split="validation", prices=prices, sessions=sessions
        )
        weeks = np.array(weeks_of(self._compiled.scenario, "validation"), np.int64)
        n_slots = slots_per_week(self._compiled.community)
        self._cases = Cases(weeks, np.zeros(weeks.size, np.int64), n_slots, seed)

    def j_eur(self, policy: Policy) -> float:
        """Mean J of a week, EUR."""
        records = run_policy(self._compiled, policy, self._cases).records
        return float(np.mean([record.j_eur for record in records]))
