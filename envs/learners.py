"""Which of a community's agents one policy plays: some of a kind, or everybody. What it sees and does comes in rows.

Rows go community by community, ``count`` in each.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Protocol

import numpy as np
from gymnasium.spaces import Box
from numpy.typing import NDArray

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.others import still_action
from gridbid.market.errors import InputError
from gridbid.market.types import Cost

Singles = NDArray[np.float32]
Floats = NDArray[np.float64]
ByKind = Mapping[str, Singles]

PARTS = tuple(part.name.lower() for part in Cost)


class Learner(Protocol):
    """One policy's part in a batch of communities."""

    count: int
    """Rows of a community."""
    observation_space: Box
    """Of one row."""
    action_space: Box
    """Of one row."""
    left_to_others: tuple[str, ...]
    """Kinds with agents that it doesn't play."""

    def observe(self, observations: ByKind) -> Singles:
        """Rows (B x count, observation)."""

    def act(self, actions: Singles, others: ByKind) -> dict[str, Singles]:
        """Actions by kind, from the rows (B x count, action) and what the others do."""

    def rewards(self, rewards: ByKind) -> Floats:
        """Rows (B x count,), EUR."""

    def parts(self, cost_eur: Floats) -> Floats:
        """What the step brought by part of J, rows (B x count, parts), EUR, from (B, N, parts)."""


def kind_and_place(batch: BatchEnv, agent: str) -> tuple[str, int]:
    """Where an agent is found in the arrays by kind."""
    for kind, names in batch.agents.items():
        if agent in names:
            return kind, names.index(agent)
    known = ", ".join(name for names in batch.agents.values() for name in names)
    raise InputError(f"agent: the scenario has no {agent!r}; it has {known}")


class AgentsLearner:
    """A row for every agent of a kind, or for one of them, at ``place``."""

    def __init__(self, batch: BatchEnv, kind: str, place: int | None = None) -> None:
        if kind not in batch.agents:
            raise InputError(f"kind: the scenario has no {kind!r}; it has {', '.join(batch.kinds)}")
        n_agents = len(batch.agents[kind])
        self._kind = kind
        self._places = slice(0, n_agents) if place is None else slice(place, place + 1)
        self._shape = (batch.batch, n_agents, *fields.action_space(kind).shape)
        self._seats = batch.seats[kind][self._places]
        self.count = self._places.stop - self._places.start
        self.observation_space = deepcopy(fields.observation_space(kind))
        self.action_space = deepcopy(fields.action_space(kind))
        plays_all = self.count == n_agents
        self.left_to_others = tuple(other for other in batch.kinds if other != kind or not plays_all)

    def observe(self, observations: ByKind) -> Singles:
        """Own rows of the kind's."""
        rows = observations[self._kind][:, self._places]
        return rows.reshape(-1, rows.shape[-1])

    def act(self, actions: Singles, others: ByKind) -> dict[str, Singles]:
        """Own rows among those that the others play; where they play none, a peer keeps still."""
        by_kind = dict(others)
        peers = by_kind.get(self._kind, still_action(self._kind))
        every = np.array(np.broadcast_to(peers, self._shape))
        every[:, self._places] = actions.reshape(-1, self.count, self._shape[-1])
        by_kind[self._kind] = every
        return by_kind

    def rewards(self, rewards: ByKind) -> Floats:
        """Own rewards."""
        return rewards[self._kind][:, self._places].reshape(-1).astype(np.float64)

    def parts(self, cost_eur: Floats) -> Floats:
        """Own costs; none for the utility, which has no meter."""
        own = cost_eur[:, self._seats]
        return own.reshape(-1, own.shape[-1])


class CommunityLearner:
    """One row for the whole community: everybody's observations, and everybody's actions, one after the other."""

    count = 1
    left_to_others: tuple[str, ...] = ()

    def __init__(self, batch: BatchEnv) -> None:
        self._agents = {kind: len(names) for kind, names in batch.agents.items()}
        spaces = [fields.observation_space(kind) for kind, n in self._agents.items() for _ in range(n)]
        low, high = (np.concatenate([getattr(space, end) for space in spaces]) for end in ("low", "high"))
        self._sizes = {kind: n * fields.action_space(kind).shape[0] for kind, n in self._agents.items()}
        self.observation_space = Box(low, high, dtype=np.float32)
        self.action_space = Box(-1.0, 1.0, (sum(self._sizes.values()),), np.float32)

    def observe(self, observations: ByKind) -> Singles:
        """Everybody's, by kind and place."""
        return np.concatenate(
            [observations[kind].reshape(len(observations[kind]), -1) for kind in self._agents], axis=1
        )

    def act(self, actions: Singles, others: ByKind) -> dict[str, Singles]:
        """Cut up again."""
        by_kind, begin = {}, 0
        for kind, n in self._agents.items():
            end = begin + self._sizes[kind]
            by_kind[kind] = actions[:, begin:end].reshape(len(actions), n, -1)
            begin = end
        return by_kind

    def rewards(self, rewards: ByKind) -> Floats:
        """Minus the increase of the community's J: the sum over its members."""
        members = [rows for kind, rows in rewards.items() if kind != fields.UTILITY]
        return np.sum([rows.sum(axis=1, dtype=np.float64) for rows in members], axis=0)

    def parts(self, cost_eur: Floats) -> Floats:
        """Sums over the members."""
        return cost_eur.sum(axis=1)
