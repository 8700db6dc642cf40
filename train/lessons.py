"""The environment as training meets it: short stretches of the training weeks, and rewards that tell at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import CompiledScenario
from gridbid.envs.fields import UTILITY
from gridbid.envs.scenario import Scenario, load_scenario
from gridbid.envs.timeline.calendar import DAYS_PER_WEEK, SECONDS_PER_DAY
from gridbid.market.engine import Engine
from gridbid.train.inherent_cost import inherent_cost_eur
from gridbid.train.potential import stored_worths, write_potentials

Singles = NDArray[np.float32]


class Course(Protocol):
    """What a runner steps and a demonstration is made from: lessons for all learned kinds, or for some seats."""

    batch: int
    agents: dict[str, tuple[str, ...]]
    days_per_step: float

    @property
    def observations(self) -> dict[str, Singles]:
        """What the learners see now, by kind (communities, agents, observation)."""

    def reseed(self, seed: int) -> None:
        """Which weeks, days and samples come next follows from ``seed``."""

    def step(self, actions: Mapping[str, Singles]) -> tuple[dict[str, Singles], dict[str, Singles] | None]:
        """Play one round; return savings by kind, and what was seen last if an episode was cut."""


class Lessons:
    """``batch`` communities in lockstep through episodes of ``days`` days inside the training weeks, each its own.

    - An episode is cut, not ended: the closing of the books is no part of the task, what follows counts by its value.
    - Rewards are what a participant saved: minus the increase of J, plus the inherent cost of what was delivered
      (`inherent_cost`) and the increase of what its stores are worth to a learner that discounts by ``gamma``
      (`potential`). ``community_weight`` mixes own and community as in `BatchEnv`.
    - The utility keeps its tariff.
    """

    def __init__(
        self,
        *,
        scenario: Scenario | str | CompiledScenario,
        batch: int,
        seed: int = 0,
        days: int = 3,
        samples: int = 4,
        community_weight: float = 0.0,
        gamma: float = 1.0,
        prices: Path | None = None,
        sessions: Path | None = None,
    ) -> None:
        if not 1 <= days <= DAYS_PER_WEEK - 1:
            raise ValueError(f"days: {days}; an episode of training has 1 to {DAYS_PER_WEEK - 1}")
        scenario = load_scenario(scenario) if isinstance(scenario, str) else scenario
        slots_per_day = SECONDS_PER_DAY // _slot_seconds(scenario)
        self.env = BatchEnv(
            scenario,
            batch,
            seed=seed,
            samples=samples,
            # One slot more than is played, so that the engine never closes the books.
            n_slots=days * slots_per_day + 1,
            prices=prices,
            sessions=sessions,
            community_weight=community_weight,
        )
        self.batch = batch
        self.agents = {kind: names for kind, names in self.env.agents.items() if kind != UTILITY}
        self.compiled = self.env.compiled
        rounds = self.compiled.community.rules.rounds
        self.days_per_step = 1.0 / (slots_per_day * rounds)
        self._steps_per_episode = days * slots_per_day * rounds
        self._last_first_day = DAYS_PER_WEEK - days
        self._inherent_eur = inherent_cost_eur(self.compiled.community)
        self._worths = stored_worths(self.compiled.community)
        people = (batch, self.compiled.community.n_participants)
        self._added_eur, self._potential_eur, self._before_eur, self._held_eur = np.zeros((4, *people))
        self._holding_cost = 1.0 - gamma
        self._step = 0
        self.reseed(seed)
        self.observations: dict[str, Singles] = self._begin()

    def reseed(self, seed: int) -> None:
        """Which weeks, days and samples come next follows from ``seed``."""
        self._random = np.random.default_rng(seed)

    @property
    def engine(self) -> Engine:
        """The communities' engine."""
        return self.env.engine

    def step(self, actions: Mapping[str, Singles]) -> tuple[dict[str, Singles], dict[str, Singles] | None]:
        """Play one round; return savings by kind, EUR (communities, agents), and what was seen last if an episode was cut.

        ``observations`` holds what is seen next, after a cut the beginning of other episodes.
        """
        self._added_eur[:] = 0.0
        self.observations, rewards, _ = self.env.step(actions, self._delivered)
        mixed = self._mixed().astype(np.float32)
        for kind in self.agents:
            rewards[kind] += mixed[:, self.env.seats[kind]]
        self._step += 1
        if self._step < self._steps_per_episode:
            return rewards, None
        last_seen = self.observations
        self.observations = self._begin()
        return rewards, last_seen

    def _begin(self) -> dict[str, Singles]:
        self._step = 0
        day = self._random.integers(self._last_first_day, size=self.batch, endpoint=True)
        observations = self.env.reset(seed=int(self._random.integers(1 << 31)), day=day)
        self._write_potentials(self.engine.state.clock.start - 1)
        return observations

    def _write_potentials(self, slots: NDArray[np.int64]) -> None:
        community, state = self.compiled.community, self.engine.state
        write_potentials(community, state, self._worths, slots, self._potential_eur, self._held_eur)

    def _delivered(self, engine: Engine) -> None:
        state = engine.state
        slot, sample = state.delivered.slot, state.clock.sample
        done = slot >= 0
        self._before_eur[:] = self._potential_eur
        self._write_potentials(slot)
        self._added_eur[done] += self._inherent_eur[sample[done], slot[done]]
        gained_eur = self._potential_eur - self._before_eur - self._holding_cost * self._held_eur
        self._added_eur[done] += gained_eur[done]

    def _mixed(self) -> NDArray[np.float64]:
        weight = self.env.community_weight
        return (1.0 - weight) * self._added_eur + weight * self._added_eur.mean(axis=1, keepdims=True)


def _slot_seconds(scenario: Scenario | CompiledScenario) -> int:
    return (scenario.scenario if isinstance(scenario, CompiledScenario) else scenario).slot_seconds
