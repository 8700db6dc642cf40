"""The yardstick of a dict face: a ParallelEnv written plainly, in which nothing happens."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pettingzoo import ParallelEnv

_OBSERVATION, _ACTION = 20, 7

Singles = NDArray[np.float32]


class NoOpEnv(ParallelEnv):  # type: ignore[misc]  # PettingZoo's generic base is untyped here
    """Views of 20 floats for each of n agents; a comprehension for each of the five dictionaries."""

    metadata = {"name": "no_op_v0"}  # noqa: RUF012  # PettingZoo's face

    def __init__(self, n: int) -> None:
        self.possible_agents = [f"agent_{i}" for i in range(n)]
        self.agents = list(self.possible_agents)
        self._rows = np.zeros((n, _OBSERVATION), np.float32)
        self._actions = np.zeros((n, _ACTION), np.float32)

    def step(
        self, actions: dict[str, Singles]
    ) -> tuple[
        dict[str, Singles], dict[str, float], dict[str, bool], dict[str, bool], dict[str, dict[str, Any]]
    ]:
        """Look at no action, and return what PettingZoo wants."""
        rows = self._rows
        return (
            {agent: rows[i] for i, agent in enumerate(self.agents)},
            {agent: 0.0 for agent in self.agents},
            {agent: False for agent in self.agents},
            {agent: False for agent in self.agents},
            {agent: {} for agent in self.agents},
        )

    def act(self) -> dict[str, Singles]:
        """A new dictionary of views, as a policy would make it."""
        return {agent: self._actions[i] for i, agent in enumerate(self.agents)}
