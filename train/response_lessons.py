"""Lessons for one seat of each community: everybody else, and what is learned from, is a policy that stays as it is."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.policy import Actions, Observations, Policy, Remembers
from gridbid.evaluate.exploitability import Seat
from gridbid.evaluate.records.rollout import introduce
from gridbid.evaluate.records.rounds import everybodys_actions
from gridbid.market.errors import InputError
from gridbid.train.lessons import Lessons

Singles = NDArray[np.float32]


class ResponseLessons:
    """What a runner steps: observations, actions and savings are those of one seat a community, (communities, 1, ...).

    ``seats`` are of one kind; community b has the one at b modulo their number.
    """

    def __init__(self, lessons: Lessons, policy: Policy, seats: Sequence[Seat], seed: int = 0) -> None:
        kinds = sorted({seat.kind for seat in seats})
        if len(kinds) != 1:
            raise InputError(f"seats: of the kinds {kinds}; expected some of one kind")
        self._lessons, self._policy, self._kind = lessons, policy, kinds[0]
        self._communities = np.arange(lessons.batch)
        self._places = np.array([seats[b % len(seats)].place for b in range(lessons.batch)])
        self.batch, self.days_per_step = lessons.batch, lessons.days_per_step
        self.agents: dict[str, tuple[str, ...]] = {self._kind: ("responder",)}
        introduce(policy, lessons.env)
        policy.reset(seed)
        self._policys = self._act()

    @property
    def observations(self) -> dict[str, Singles]:
        """What the learning seats see now."""
        return {self._kind: self._own(self._lessons.observations[self._kind])}

    def reseed(self, seed: int) -> None:
        """Which weeks, days and samples come next follows from ``seed``."""
        self._lessons.reseed(seed)

    def step(self, actions: Mapping[str, Singles]) -> tuple[dict[str, Singles], dict[str, Singles] | None]:
        """Play one round; return what the learning seats saved, and what they saw last if an episode was cut."""
        played = self._policys
        played[self._kind][self._communities, self._places] = actions[self._kind][:, 0]
        savings, last_seen = self._lessons.step(played)
        if last_seen is not None and isinstance(self._policy, Remembers):
            self._policy.forget(np.ones(self.batch, np.bool_))
        self._policys = self._act()
        own_last = None if last_seen is None else {self._kind: self._own(last_seen[self._kind])}
        return {self._kind: self._own(savings[self._kind])}, own_last

    def policys_own(self) -> dict[str, Singles]:
        """What the policy would do now in the learning seats."""
        return {self._kind: self._own(self._policys[self._kind])}

    def _own(self, rows: Singles) -> Singles:
        return rows[self._communities, self._places][:, np.newaxis]

    def _act(self) -> dict[str, Singles]:
        """What the policy does everywhere; the learning seats' part is overwritten when they act."""
        seen = {kind: self._lessons.observations[kind] for kind in self._lessons.agents}
        return everybodys_actions(self._policy, seen)


class OwnTeacher:
    """Teaches what the policy would do in the learning seats."""

    name = "own"

    def __init__(self, lessons: ResponseLessons) -> None:
        self._lessons = lessons

    def reset(self, seed: int) -> None:
        """The lessons have begun the policy's episodes."""

    def act(self, observations: Observations) -> Actions:
        """The policy's actions, whatever is seen: they are those of the step that the lessons are at."""
        return self._lessons.policys_own()
