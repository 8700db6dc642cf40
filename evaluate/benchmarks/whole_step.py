"""What the whole step is timed on: a generated community, random actions, and the step as an environment makes it."""

import numpy as np
from numpy.typing import NDArray

from gridbid.envs import fields
from gridbid.envs.signals.actions import Decision, columns_of, decode_into, make_decision
from gridbid.envs.signals.market_view import make_view
from gridbid.envs.signals.observations import SHARED_SIZE, Rows, Tables, write_observations
from gridbid.envs.signals.rewards import Rewards, write_rewards
from gridbid.envs.signals.seating import make_seating
from gridbid.market.community import Community
from gridbid.market.engine import Engine
from gridbid.market.grid.network import Network
from gridbid.market.grid.vectors import LANES
from gridbid.market.naive.communities import random_community

AGENTS = 20_000
"""About how many participants step together."""
START, N_SLOTS = 200, 390
DROP_PU, SITE_KW = 0.05, 4.0
"""The feeder's lowest voltage lies about so far below the source's when every participant takes so much."""

_ACTIONS = 8


def batch_of(n: int) -> int:
    """Communities of n participants that step together: whole tiles of the power flow."""
    return max(1, round(AGENTS / n / LANES)) * LANES


def make_community(n: int, rounds: int) -> Community:
    """Prosumers: six in ten have a battery, a charge point or a heat pump, half have PV; a bus for every two of them.

    Every slot's loads, PV and prices are drawn anew, cars come and go, and many envelopes bind.
    """
    n_buses = max(5, n // 2)
    community = random_community(np.random.default_rng(2), n, n_buses, rounds)
    network, participants = community.network, np.bincount(community.sites.bus, minlength=n_buses)
    scale = DROP_PU / _largest_drop_pu(network, SITE_KW * participants.astype(np.float64))
    return community._replace(network=network._replace(r_pu=scale * network.r_pu, x_pu=scale * network.x_pu))


def _largest_drop_pu(network: Network, load_kw: NDArray[np.float64]) -> float:
    """Linear estimate of the largest voltage drop along a feeder."""
    flow_pu, drop_pu = load_kw / network.base_kva, np.zeros(load_kw.size)
    for bus in range(load_kw.size - 1, 0, -1):
        flow_pu[network.parent[bus]] += flow_pu[bus]
    for bus in range(1, load_kw.size):
        drop_pu[bus] = drop_pu[network.parent[bus]] + network.r_pu[bus] * flow_pu[bus]
    return float(drop_pu.max())


class WholeStep:
    """A batch of communities of prosumers, stepped as `gridbid.envs.BatchEnv` does it, with the same kernels.

    Random actions are drawn beforehand; observations and rewards are fresh arrays in each step.
    """

    def __init__(self, n: int, rounds: int) -> None:
        self.n, self.batch = n, batch_of(n)
        self.community = make_community(n, rounds)
        self.engine = self.make_engine()
        self.seats, self.columns = np.arange(n), columns_of(fields.PROSUMER)
        random, shape = np.random.default_rng(3), (self.batch, n, self.columns.column.size)
        self.actions = [random.uniform(-1.0, 1.0, shape).astype(np.float32) for _ in range(_ACTIONS)]
        self.decision = make_decision((self.batch, n))
        self.seating = make_seating({fields.PROSUMER: self.seats})
        self.tables = make_tables(self.community)
        self.view = make_view(self.batch, n)
        self.shared = np.zeros(SHARED_SIZE, np.float32)

    def make_engine(self, threads: int = 1) -> Engine:
        """An engine of these communities, at the beginning of an episode that outlasts the benchmark."""
        engine = Engine(self.community, self.batch, threads=threads)
        engine.reset(START, N_SLOTS)
        return engine

    def decisions(self) -> list[Decision]:
        """All turns' actions, decoded."""
        return [Decision(*(array.copy() for array in self.decode(turn))) for turn in range(_ACTIONS)]

    def step(self, turn: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Decode a turn's actions, play the round, observe and reward: (B, N, observation) and (B, N)."""
        self.engine.step(*self.decode(turn))
        return self.observe(), self.reward()

    def decode(self, turn: int) -> Decision:
        """A turn's actions from the unit box to the engine's columns: reused arrays."""
        decode_into(self.columns, self.seats, self.actions[turn % _ACTIONS], self.decision)
        return self.decision

    def observe(self) -> NDArray[np.float32]:
        """Everybody's observation."""
        sizes = [low.size for low in self.seating.low]
        prosumers = np.empty((self.batch, self.n, sizes[0]), np.float32)
        rows = Rows(prosumers, *(np.empty((self.batch, 0, size), np.float32) for size in sizes[1:]))
        write_observations(
            self.community,
            self.engine.arena,
            self.tables,
            self.view,
            True,
            self.seating,
            self.shared,
            rows,
        )
        return prosumers

    def reward(self) -> NDArray[np.float32]:
        """Everybody's reward."""
        prosumers = np.empty((self.batch, self.n), np.float32)
        rewards = Rewards(prosumers, *(np.empty((self.batch, 0), np.float32) for _ in range(3)))
        state, present = self.engine.state, self.community.series.present
        write_rewards(state.cost_eur, state.delivered.slot, present, 0.0, self.seating, rewards)
        return prosumers


def make_tables(community: Community) -> Tables:
    """What observations of a generated community take beside it."""
    devices, series = community.devices, community.series
    ratings = (devices.battery_kw, devices.charger_kw, devices.heat_pump_kw, series.load_kw.max(axis=0))
    feeder_kw = series.net_kw.sum(axis=1, keepdims=True)
    return Tables(
        site_kw=np.maximum(1.0, np.max(ratings, axis=0)),
        retail_hour=series.retail.astype(np.float32),
        feeder_kw=feeder_kw,
        feeder_hour_kw=feeder_kw,
    )
