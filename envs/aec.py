"""PettingZoo's turn-taking face: agents act one after the other and see the book as those before them left it."""

from copy import deepcopy
from typing import Any

import numpy as np
from gymnasium.spaces import Box
from numpy.typing import NDArray
from pettingzoo import AECEnv

from gridbid.envs import fields
from gridbid.envs.actions import columns_of, decode_into, make_decision
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import CompiledScenario
from gridbid.envs.episodes import chosen_episode, limit_cycles
from gridbid.envs.glance import Glance
from gridbid.envs.scenario import Scenario
from gridbid.market.errors import InputError

Singles = NDArray[np.float32]

_INFOS = tuple(info.name for info in fields.INFOS)
_SCALED = make_decision((1, 1))


class TurnsEnv(AECEnv):  # type: ignore[misc]  # PettingZoo's generic base is untyped here
    """A community as a PettingZoo AECEnv: the continuous double auction with everybody's order at its own moment.

    In each round the utility acts first, then the others in the order in which orders arrive (rule 11). Whoever acts sees
    best bid, best ask, depth and its own position as the orders before it left them. Rewards and infos come with the turn
    that ends a round, when what is due has been delivered. An episode is truncated for all after ``n_slots`` slots, or
    ``max_cycles`` rounds.
    """

    metadata = {"name": "gridbid_v0", "render_modes": [], "is_parallelizable": True}  # noqa: RUF012  # PettingZoo's face
    render_mode = None

    def __init__(
        self,
        scenario: Scenario | str | CompiledScenario = "rural",
        *,
        max_cycles: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__()
        self.batch = BatchEnv(scenario, 1, **options)
        limit_cycles(self.batch, max_cycles)
        self._kind = {name: kind for kind, names in self.batch.agents.items() for name in names}
        self._seat = {
            name: int(seat)
            for kind, seats in self.batch.seats.items()
            for name, seat in zip(self.batch.agents[kind], seats, strict=True)
        }
        self._glances = {kind: Glance(self.batch, kind) for kind in self.batch.kinds}
        self.possible_agents = list(self._kind)
        self.agents: list[str] = []
        # The table's spaces are shared; copies, because a space that is sampled holds a generator of its own.
        self.observation_spaces = {
            name: deepcopy(fields.observation_space(kind)) for name, kind in self._kind.items()
        }
        self.action_spaces = {name: deepcopy(fields.action_space(kind)) for name, kind in self._kind.items()}
