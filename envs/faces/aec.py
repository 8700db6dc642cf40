"""PettingZoo's turn-taking face: agents act one after the other, and see the book as those before them left it."""

from typing import Any

import numpy as np
from gymnasium.spaces import Box
from numpy.typing import NDArray
from pettingzoo import AECEnv

from gridbid.envs import fields
from gridbid.envs.faces.episodes import AnyScenario, chosen_episode, one_community
from gridbid.envs.faces.glance import Glance
from gridbid.envs.faces.naming import places, spaces_by_agent
from gridbid.envs.faces.screen import RENDERING, Screen
from gridbid.envs.signals.actions import columns_of, decode_into, make_decision
from gridbid.market.errors import InputError

Singles = NDArray[np.float32]

_INFOS = tuple(info.name for info in fields.INFOS)
_SEAT = np.zeros(1, np.int64)


class TurnsEnv(AECEnv):  # type: ignore[misc]  # PettingZoo's generic base is untyped here
    """A community as a PettingZoo AECEnv: the continuous double auction, with each order at its own moment.

    - In every round the utility acts first, then the others in the order in which orders arrive (rule 11).
    - Whoever acts sees best bid, best ask, depth and its own position as the orders before it left them.
    - Rewards and infos come with the turn that ends a round, when what was due has been delivered.
    - An episode is truncated for all after ``n_slots`` slots, or ``max_cycles`` rounds; nobody dies before.
    """

    metadata = {"name": "gridbid_v0", "is_parallelizable": False, **RENDERING}  # noqa: RUF012  # PettingZoo's face
    agent_selection: str

    def __init__(
        self,
        scenario: AnyScenario = "rural",
        *,
        max_cycles: int | None = None,
        render_mode: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__()
        self.batch = one_community(scenario, max_cycles, options)
        self.render_mode = render_mode
        self._screen = Screen(self.batch, render_mode, in_turns=True)
        agents = self.batch.agents
        self._where = places(agents)
        self._glances = {kind: Glance(self.batch, kind) for kind in agents}
        self._columns = {kind: columns_of(kind) for kind in agents if kind != fields.UTILITY}
        self._actions = {
            kind: np.zeros((1, len(names), *fields.action_space(kind).shape), np.float32)
            for kind, names in agents.items()
        }
        self._decisions = {kind: make_decision((1, 1)) for kind in self._columns}
        self._by_seat = {
            int(seat): name
            for kind, seats in self.batch.seats.items()
            for seat, name in zip(seats, agents[kind], strict=kind != fields.UTILITY)
        }
        self.possible_agents = list(self._where)
        self.agents: list[str] = []
        self.observation_spaces, self.action_spaces = spaces_by_agent(agents)
        self.state_space = self.batch.state_space

    def observation_space(self, agent: str) -> Box:
        """An agent's observation box; the same object on every call."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> Box:
        """An agent's action box; the same object on every call."""
        return self.action_spaces[agent]

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        """Begin an episode; ``options`` may hold "week", "sample" and "day" to choose it."""
        self.batch.reset(seed=seed, **chosen_episode(options))
        self.agents = list(self.possible_agents)
        self.rewards = dict.fromkeys(self.agents, 0.0)
        self._cumulative_rewards = dict.fromkeys(self.agents, 0.0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos: dict[str, dict[str, Any]] = {name: {} for name in self.agents}
        self._take_turns()
        self._screen.refresh()

    def step(self, action: Singles | None) -> None:
        """The selected agent acts; after the end of an episode its only action is None."""
        if not self.agents:
            raise RuntimeError("no episode is running: reset first")
        agent = self.agent_selection
        if self.truncations[agent]:
            self._was_dead_step(action)
            return
        if self._turn == 0:
            # Until somebody acts, the last round can be looked at: its rewards, fills and rejections.
            self._clear_rewards()
            self.batch.engine.begin_round()
        self._act(agent, action)
        self._cumulative_rewards[agent] = 0.0
        self._turn += 1
        if self._turn < len(self._order):
            self.agent_selection = self._order[self._turn]
        else:
            self._end_round()
        self._screen.refresh()

    def observe(self, agent: str) -> Singles:
        """What an agent sees now: all orders so far, and what it knew when the round began."""
        kind, place = self._where[agent]
        return self._glances[kind].look(place)

    def action_mask(self, agent: str) -> NDArray[np.bool_]:
        """Which entries of an agent's next action do anything, bool (action,)."""
        kind, place = self._where[agent]
        return self.batch.action_mask[kind][0, place].copy()

    def state(self) -> Singles:
        """The global state now, as `gridbid.envs.signals.global_state` lays it out."""
        return self.batch.state()[0]

    def render(self) -> Any:
        """The community now: "rgb_array" returns a picture, "human" writes to the terminal, after every turn as well."""
        return self._screen.render()

    def close(self) -> None:
        """Give back the terminal, and end the trace if there is one."""
        self._screen.close()

    def _take_turns(self) -> None:
        """The order of the round to come."""
        arrivals = [self._by_seat[seat] for seat in self.batch.engine.arrivals().tolist()]
        self._order = [*self.batch.agents.get(fields.UTILITY, ()), *arrivals]
        self._turn = 0
        self.agent_selection = self._order[0]

    def _act(self, agent: str, action: Singles | None) -> None:
        """Let the utility pull its levers, or a participant commit its plan and trade."""
        kind, place = self._where[agent]
        self.batch.note_turn(kind, place, self._glances[kind].look)
        entries = np.asarray(action, np.float32)
        if entries.shape != self.action_spaces[agent].shape or not np.isfinite(entries).all():
            shape = self.action_spaces[agent].shape
            raise InputError(f"action of {agent}: {action!r}; it should be {shape[0]} finite numbers")
        self._actions[kind][0, place] = entries
        if kind == fields.UTILITY:
            self.batch.pull_levers({kind: entries[None, None]})
            return
        offer, limit, follow, controls = self._decisions[kind]
        decode_into(self._columns[kind], _SEAT, entries[None, None], self._decisions[kind])
        seat = int(self.batch.seats[kind][place])
        self.batch.engine.commit_one(seat, offer[0, 0], limit[0, 0], follow[0, 0], controls[0, 0])
        self.batch.engine.trade_one(seat)

    def _end_round(self) -> None:
        """Deliver what is due; tell everybody what the round brought."""
        _, rewards, done = self.batch.close(self._actions)
        for kind, names in self.batch.agents.items():
            self.rewards.update(zip(names, rewards[kind][0].tolist(), strict=True))
            told = self.batch.info[kind][0].tolist()
            active = self.batch.present[kind][0].tolist()
            for name, row, there in zip(names, told, active, strict=True):
                self.infos[name] = {"active": there, **dict(zip(_INFOS, row, strict=True))}
        self._accumulate_rewards()
        self._take_turns()
        if done[0]:
            self.truncations = dict.fromkeys(self.agents, True)


def aec_env(scenario: AnyScenario = "rural", **options: Any) -> TurnsEnv:
    """A community as a PettingZoo AECEnv; ``options`` are those of `TurnsEnv` and of `BatchEnv`."""
    return TurnsEnv(scenario, **options)
