"""PettingZoo's parallel face: one community, dictionaries by agent."""

from copy import deepcopy
from typing import Any

import numpy as np
from gymnasium.spaces import Box
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import CompiledScenario
from gridbid.envs.scenario import Scenario
from gridbid.market.errors import InputError
from gridbid.market.types import Cost

Singles = NDArray[np.float32]


class MarketEnv(ParallelEnv):  # type: ignore[misc]  # PettingZoo's generic base is untyped here
    """A community as a PettingZoo ParallelEnv; a batch of one behind dictionaries.

    Agents are named ``<kind>_<number>``; observations and actions are described in `gridbid.envs.fields`. Nobody dies
    within an episode: it is truncated for all after ``n_slots`` slots.
    """

    metadata = {"name": "gridbid_v0", "render_modes": [], "is_parallelizable": True}  # noqa: RUF012  # PettingZoo's face
    render_mode = None

    def __init__(self, scenario: Scenario | str | CompiledScenario = "rural", **options: Any) -> None:
        self.batch = BatchEnv(scenario, 1, **options)
        self._kind = {name: kind for kind, names in self.batch.agents.items() for name in names}
        self._place = {name: n for names in self.batch.agents.values() for n, name in enumerate(names)}
        self.possible_agents = list(self._kind)
        self.agents: list[str] = []
        # The table's spaces are shared; copies, because a space that is sampled holds a generator of its own.
        self.observation_spaces = {
            name: deepcopy(fields.observation_space(kind)) for name, kind in self._kind.items()
        }
        self.action_spaces = {name: deepcopy(fields.action_space(kind)) for name, kind in self._kind.items()}

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
        return self._by_agent(observations), {name: {} for name in self.agents}

    def step(
        self, actions: dict[str, Singles]
    ) -> tuple[
        dict[str, Singles], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]
    ]:
        """One round; every agent acts. Infos hold the parts of J that the step brought, EUR."""
        agents = self.agents
        observations, rewards, done = self.batch.step(self._by_kind(actions))
        ended = bool(done[0])
        infos = self._infos()
        if ended:
            self.agents = []
        return (
            self._by_agent(observations),
            {name: float(rewards[self._kind[name]][0, self._place[name]]) for name in agents},
            dict.fromkeys(agents, False),
            dict.fromkeys(agents, ended),
            infos,
        )

    def render(self) -> None:
        """Nothing to render yet."""

    def close(self) -> None:
        """Nothing to release."""

    def _by_agent(self, by_kind: dict[str, Singles]) -> dict[str, Singles]:
        return {name: by_kind[kind][0, self._place[name]] for name, kind in self._kind.items()}

    def _by_kind(self, actions: dict[str, Singles]) -> dict[str, Singles]:
        if not self.agents:
            raise RuntimeError("no episode is running: reset first")
        missing = [name for name in self.agents if name not in actions]
        if missing:
            raise InputError(f"actions: {', '.join(missing)} did not act; every agent acts in every step")
        return {
            kind: np.stack([np.asarray(actions[name], np.float32) for name in names])[None]
            for kind, names in self.batch.agents.items()
        }

    def _infos(self) -> dict[str, dict[str, Any]]:
        cost = self.batch.engine.state.cost_eur[0]
        infos: dict[str, dict[str, Any]] = {name: {} for name in self._kind}
        for kind, seats in self.batch.seats.items():
            for name, seat in zip(self.batch.agents[kind], seats, strict=False):
                infos[name] = {part.name.lower(): float(cost[seat, part]) for part in Cost}
        return infos


def parallel_env(scenario: Scenario | str | CompiledScenario = "rural", **options: Any) -> MarketEnv:
    """A community as a PettingZoo ParallelEnv; ``options`` are those of `gridbid.envs.batch_env.BatchEnv`."""
    return MarketEnv(scenario, **options)
