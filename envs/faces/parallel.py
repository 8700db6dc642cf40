"""PettingZoo's parallel face: one community, dictionaries by agent."""

import copy as copies
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from gymnasium.spaces import Box
from numpy.typing import ArrayLike, NDArray
from pettingzoo import ParallelEnv

from gridbid.envs import fields
from gridbid.envs.batch_env import Snapshot
from gridbid.envs.faces.action_reader import ActionReader
from gridbid.envs.faces.episodes import AnyScenario, chosen_episode, one_community
from gridbid.envs.faces.info import Info
from gridbid.envs.faces.naming import spaces_by_agent
from gridbid.envs.faces.observation_rows import RowPool
from gridbid.envs.faces.screen import RENDERING, Screen
from gridbid.market.errors import InputError

Singles = NDArray[np.float32]
Observations = dict[str, Singles]
Infos = dict[str, Info]

_BUILT = ("_reader", "_pool", "_rewards", "_terminations", "_truncations", "_masks", "_infos")
Step = tuple[Observations, dict[str, float], dict[str, bool], dict[str, bool], Infos]
"""Observations, rewards in EUR, terminations, truncations and infos, by agent."""


@dataclass(frozen=True, eq=False)
class MarketSnapshot:
    """All that changes in a `MarketEnv`."""

    batch: Snapshot
    agents: tuple[str, ...]


class MarketEnv(ParallelEnv):  # type: ignore[misc]  # PettingZoo's generic base is untyped here
    """A community as a PettingZoo ParallelEnv: a batch of one behind dictionaries; a step is a round.

    Observations and actions are described in `gridbid.envs.fields`. Nobody dies within an episode: it is truncated for
    all after ``max_cycles`` steps, or ``n_slots`` slots (a week if neither is given).

    With ``copy``, whatever a step returns is the caller's to keep, infos excepted. Without, dictionaries and rows are the
    environment's own: they are read until the step after the next, and nothing is written to them.
    """

    metadata = {"name": "gridbid_v0", "is_parallelizable": True, **RENDERING}  # noqa: RUF012  # PettingZoo's face

    def __init__(
        self,
        scenario: AnyScenario = "rural",
        *,
        copy: bool = True,
        max_cycles: int | None = None,
        render_mode: str | None = None,
        **options: Any,
    ) -> None:
        self.batch = one_community(scenario, max_cycles, options)
        self.copy, self.render_mode = copy, render_mode
        self._screen = Screen(self.batch, render_mode)
        self.agents: list[str] = []
        self._begins = True
        self.observation_spaces, self.action_spaces = spaces_by_agent(self.batch.agents)
        self.possible_agents = list(self.action_spaces)
        self.state_space = self.batch.state_space
        self._build()

    def observation_space(self, agent: str) -> Box:
        """An agent's observation box; the same object on every call."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Box:
        """An agent's action box; the same object on every call."""
        return self.action_spaces[agent]

    def action_mask(self, agent: str) -> NDArray[np.bool_]:
        """Which entries of an agent's next action do anything, bool (action,): a view that every step writes anew."""
        return self._masks[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observations, Infos]:
        """Begin an episode; without a ``seed`` the draws go on. ``options`` may hold "week", "sample" and "day"."""
        rows = self._pool.take()
        self.batch.reset(seed=seed, rows=rows.arrays, **chosen_episode(options))
        self.agents = list(self.possible_agents)
        self._begins = True
        self._infos = self._make_infos()
        self._screen.refresh()
        return rows.by_agent.copy(), self._infos.copy()

    def step(self, actions: Mapping[str, ArrayLike]) -> Step:
        """One round: every agent acts, in the unit box; infos are described in `fields.INFOS`."""
        if not self.agents:
            raise RuntimeError("no episode is running: reset first")
        by_kind = self._reader.read(actions, sizes=self._begins, types=self._begins or self.copy)
        self._begins = False
        rows = self._pool.take()
        try:
            _, earned, done = self.batch.step(by_kind, rows=rows.arrays)
        except InputError:
            self._reader.require_finite()
            raise
        rewards_eur: list[float] = []
        for rewards in earned.values():
            rewards_eur += rewards[0].tolist()
        self._rewards.update(zip(self.possible_agents, rewards_eur, strict=True))
        truncations = self._truncations
        if done[0]:
            truncations = dict.fromkeys(self.possible_agents, True)
            self.agents = []
        self._screen.refresh()
        if not self.copy:
            return rows.by_agent, self._rewards, self._terminations, truncations, self._infos
        return (
            rows.by_agent.copy(),
            self._rewards.copy(),
            self._terminations.copy(),
            truncations.copy(),
            self._infos.copy(),
        )

    def state(self) -> Singles:
        """The global state for a centralised critic, (state,), as `gridbid.envs.signals.global_state` lays it out."""
        return self.batch.state()[0]

    def snapshot(self) -> MarketSnapshot:
        """A copy of all that changes, for :meth:`restore`."""
        return MarketSnapshot(self.batch.snapshot(), tuple(self.agents))

    def restore(self, snapshot: MarketSnapshot) -> Observations:
        """Go back to a snapshot of this environment or of one of the same scenario; everybody's observations there."""
        self.batch.restore(snapshot.batch)
        self.agents = list(snapshot.agents)
        rows = self._pool.take()
        self.batch.observe(rows=rows.arrays)
        return rows.by_agent.copy()

    def clone(self) -> Self:
        """Another environment that stands where this one does; both share the scenario, which nobody writes to."""
        return copies.deepcopy(self)

    def render(self) -> Any:
        """The community now: "rgb_array" returns a picture, "human" writes to the terminal, after every step as well."""
        return self._screen.render()

    def close(self) -> None:
        """Give back the terminal, and end the trace if there is one."""
        self._screen.close()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in _BUILT}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        self.__dict__.update(kept)
        self._build()

    def _build(self) -> None:
        """Make what refers to the batch's arrays, or is made again as easily as copied."""
        self._reader = ActionReader(self.batch.agents)
        self._pool = RowPool(self.batch, keep=self.copy)
        self._rewards = dict.fromkeys(self.possible_agents, 0.0)
        self._terminations = dict.fromkeys(self.possible_agents, False)
        self._truncations = dict.fromkeys(self.possible_agents, False)
        self._masks = self._by_agent(self.batch.action_mask)
        self._infos = self._make_infos()

    def _make_infos(self) -> dict[str, Info]:
        """Views of what the batch tells: new ones for each episode, so that what wrappers add doesn't outlive it."""
        names = [info.name for info in fields.INFOS]
        told, active = self._by_agent(self.batch.info), self._by_agent(self.batch.present)
        return {
            agent: Info({"active": active[agent], **{name: row[n, ...] for n, name in enumerate(names)}})
            for agent, row in told.items()
        }

    def _by_agent(self, by_kind: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """A view of each agent's part in arrays (1, agents, ...)."""
        return {
            name: by_kind[kind][0, n, ...]
            for kind, names in self.batch.agents.items()
            for n, name in enumerate(names)
        }


def parallel_env(scenario: AnyScenario = "rural", **options: Any) -> MarketEnv:
    """A community as a PettingZoo ParallelEnv; ``options`` are those of `MarketEnv` and of `BatchEnv`."""
    return MarketEnv(scenario, **options)
