"""PettingZoo's parallel face: one community, dictionaries by agent."""

from copy import deepcopy
from itertools import chain
from typing import Any

import numpy as np
from gymnasium.spaces import Box
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from gridbid.envs import fields
from gridbid.envs.action_reader import ActionReader
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import CompiledScenario
from gridbid.envs.info import Info
from gridbid.envs.scenario import Scenario
from gridbid.market.errors import InputError
from gridbid.market.types import Cost

Singles = NDArray[np.float32]
Step = tuple[dict[str, Singles], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]]
"""Observations, rewards in EUR, terminations, truncations and infos by agent."""


class MarketEnv(ParallelEnv):  # type: ignore[misc]  # PettingZoo's generic base is untyped here
    """A community as a PettingZoo ParallelEnv; a batch of one behind dictionaries.

    Agents are named ``<kind>_<number>``; observations and actions are described in `gridbid.envs.fields`. Nobody dies
    within an episode: it is truncated for all after ``n_slots`` slots.
    """

    metadata = {"name": "gridbid_v0", "render_modes": [], "is_parallelizable": True}  # noqa: RUF012  # PettingZoo's face
    render_mode = None

    def __init__(
        self, scenario: Scenario | str | CompiledScenario = "rural", *, copy: bool = True, **options: Any
    ) -> None:
        self.batch = BatchEnv(scenario, 1, **options)
        self.copy = copy
        self.possible_agents = list(chain(*self.batch.agents.values()))
        self.agents: list[str] = []
        kinds = {name: kind for kind, names in self.batch.agents.items() for name in names}
        # The table's spaces are shared; copies, because a space that is sampled holds a generator of its own.
        self.observation_spaces = {
            name: deepcopy(fields.observation_space(kind)) for name, kind in kinds.items()
        }
        self.action_spaces = {name: deepcopy(fields.action_space(kind)) for name, kind in kinds.items()}
        self._build()

    def _build(self):
        self._actions = ActionReader(self.batch.agents)
        self._zeros = dict.fromkeys(self.possible_agents, 0.0)
        self._no = dict.fromkeys(self.possible_agents, False)
        self._rows = [self.batch.make_rows() for _ in range(2)]
        self._views = [self._by_agent({k: getattr(r, k) for k in self.batch.kinds}) for r in self._rows]
        self._turn = 0
        self._infos = self._make_infos()

    def observation_space(self, agent: str) -> Box:
        """An agent's observation box; the same object on every call."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Box:
        """An agent's action box; the same object on every call."""
        return self.action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Singles], dict[str, dict[str, Any]]]:
        """Begin an episode; ``options`` may hold "week", "sample" and "day" to choose it."""
        chosen = options or {}
        observations = self.batch.reset(
            seed=seed, weeks=chosen.get("week"), samples=chosen.get("sample"), day=chosen.get("day", 0)
        )
        self.agents = list(self.possible_agents)
        self._infos = self._make_infos()
        return self._observe(), self._infos.copy()

    def step(self, actions: dict[str, Singles]) -> Step:
        """One round; every agent acts. Infos hold the parts of J that the step brought, EUR."""
        if not self.agents:
            raise RuntimeError("no episode is running: reset first")
        self.batch.play(self._actions.read(actions))
        observations = self._observe()
        rewards = self._zeros.copy()
        for kind, values in self.batch.rewards().items():
            rewards.update(zip(self.batch.agents[kind], values[0].tolist()))
        ended = bool(self.batch._finished[0])
        truncations = self._no.copy()
        if ended:
            truncations = dict.fromkeys(self.agents, True)
            self.agents = []
        return observations, rewards, self._no.copy(), truncations, self._infos.copy()

    def _observe(self) -> dict[str, Singles]:
        if self.copy:
            return self._by_agent(self.batch.observe())
        self._turn = 1 - self._turn
        self.batch.observe(rows=self._rows[self._turn])
        return self._views[self._turn].copy()

    def render(self) -> None:
        """Nothing to render yet."""

    def close(self) -> None:
        """Nothing to release."""

    def _by_agent(self, by_kind: dict[str, Singles]) -> dict[str, Singles]:
        observations = self._zeros.copy()
        for kind, rows in by_kind.items():
            observations.update(zip(self.batch.agents[kind], rows[0]))
        return observations

    def _make_infos(self) -> dict[str, dict[str, Any]]:
        cost = self.batch.engine.state.cost_eur[0]
        infos: dict[str, dict[str, Any]] = {name: {} for name in self.possible_agents}
        for kind, seats in self.batch.seats.items():
            for name, seat in zip(self.batch.agents[kind], seats, strict=False):
                infos[name] = Info((part.name.lower(), cost[seat, part, ...]) for part in Cost)
        return infos


def parallel_env(scenario: Scenario | str | CompiledScenario = "rural", **options: Any) -> MarketEnv:
    """A community as a PettingZoo ParallelEnv; ``options`` are those of `gridbid.envs.batch_env.BatchEnv`."""
    return MarketEnv(scenario, **options)
