"""Which of a community's agents one policy plays: some of a kind, or everybody. What it sees and does comes in rows.

Rows go community by community, ``count`` in each.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Protocol

import numpy as np
from gymnasium.spaces import Box
from numpy.typing import NDArray

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.faces.others import still_action
from gridbid.market.errors import InputError

Singles = NDArray[np.float32]
Floats = NDArray[np.float64]
ByKind = Mapping[str, Singles]
Told = dict[str, NDArray[Any]]
"""Rows (B x count, ...) by the name of what is told."""

_INFOS = tuple(info.name for info in fields.INFOS)
_SUMS = tuple(n for n, info in enumerate(fields.INFOS) if info.unit != "code")


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

    def flags(self) -> Told:
        """Which entries of the next action do anything, and who is there: "action_mask" and "active"."""

    def infos(self) -> Told:
        """What `gridbid.envs.fields.INFOS` tells of the last step."""


class AgentsLearner:
    """A row for every agent of a kind, or for one of them, at ``place``."""

    def __init__(self, batch: BatchEnv, kind: str, place: int | None = None) -> None:
        if kind not in batch.agents:
            raise InputError(f"kind: the scenario has no {kind!r}; it has {', '.join(batch.kinds)}")
        n_agents = len(batch.agents[kind])
        self._batch, self._kind = batch, kind
        self._places = slice(0, n_agents) if place is None else slice(place, place + 1)
        self._shape = (batch.batch, n_agents, *fields.action_space(kind).shape)
        self.count = self._places.stop - self._places.start
        self.observation_space = deepcopy(fields.observation_space(kind))
        self.action_space = deepcopy(fields.action_space(kind))
        plays_all = self.count == n_agents
        self.left_to_others = tuple(other for other in batch.kinds if other != kind or not plays_all)

    def observe(self, observations: ByKind) -> Singles:
        """Own rows of the kind's."""
        return self._own(observations)

    def act(self, actions: Singles, others: ByKind) -> dict[str, Singles]:
        """Own rows among those that the others play; where they play none, a peer keeps still."""
        if self.count == self._shape[1]:
            return {**others, self._kind: actions.reshape(self._shape)}
        peers = others.get(self._kind, still_action(self._kind))
        everyone = np.array(np.broadcast_to(peers, self._shape))
        everyone[:, self._places] = actions.reshape(-1, self.count, self._shape[-1])
        return {**others, self._kind: everyone}

    def rewards(self, rewards: ByKind) -> Floats:
        """Own rewards."""
        return self._own(rewards).astype(np.float64)

    def flags(self) -> Told:
        """Own flags."""
        return {
            "action_mask": self._own(self._batch.action_mask).copy(),
            "active": self._own(self._batch.present).copy(),
        }

    def infos(self) -> Told:
        """Own infos."""
        columns = self._own(self._batch.info).T.copy()
        return dict(zip(_INFOS, columns, strict=True))

    def _own(self, by_kind: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        mine = by_kind[self._kind][:, self._places]
        return mine.reshape(-1, *mine.shape[2:])


class CommunityLearner:
    """One row for the whole community: its global state, and everybody's actions one after the other, by kind and place."""

    count = 1
    left_to_others: tuple[str, ...] = ()

    def __init__(self, batch: BatchEnv) -> None:
        self._batch = batch
        self._sizes = {
            kind: len(names) * fields.action_space(kind).shape[0] for kind, names in batch.agents.items()
        }
        self.observation_space = deepcopy(batch.state_space)
        self.action_space = Box(-1.0, 1.0, (sum(self._sizes.values()),), np.float32)

    def observe(self, observations: ByKind) -> Singles:
        """The state."""
        return self._batch.state(observations)

    def act(self, actions: Singles, others: ByKind) -> dict[str, Singles]:
        """Cut up again; there are no others."""
        by_kind, begin = {}, 0
        for kind, size in self._sizes.items():
            part = actions[:, begin : begin + size]
            by_kind[kind] = part.reshape(len(actions), len(self._batch.agents[kind]), -1)
            begin += size
        return by_kind

    def rewards(self, rewards: ByKind) -> Floats:
        """Minus the increase of the community's J: the sum over its members."""
        members = [rows for kind, rows in rewards.items() if kind != fields.UTILITY]
        return np.sum([rows.sum(axis=1, dtype=np.float64) for rows in members], axis=0)

    def flags(self) -> Told:
        """Everybody's, by kind and place."""
        return {
            "action_mask": self._row(self._batch.action_mask),
            "active": self._row(self._batch.present),
        }

    def infos(self) -> Told:
        """Sums over the members; what is no amount, a code, is left out."""
        members = [rows for kind, rows in self._batch.info.items() if kind != fields.UTILITY]
        sums = np.sum([rows.sum(axis=1) for rows in members], axis=0)
        return {_INFOS[n]: sums[:, n] for n in _SUMS}

    def _row(self, by_kind: Mapping[str, NDArray[np.bool_]]) -> NDArray[np.bool_]:
        return np.concatenate([flags.reshape(len(flags), -1) for flags in by_kind.values()], axis=1)
