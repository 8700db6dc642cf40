"""Takes down what a batch of communities does: a few copies a step, written as Parquet parts from time to time."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gridbid.envs import fields
from gridbid.envs.traces import columns
from gridbid.envs.traces.columns import Deliveries, Seats
from gridbid.envs.traces.files import TraceWriter
from gridbid.envs.traces.frames import ArenaStack, ArrayStack, bytes_per_copy
from gridbid.envs.traces.metadata import describe
from gridbid.envs.traces.rounds import Published, Rounds, played, published
from gridbid.envs.traces.tables import OBSERVATIONS, TABLES
from gridbid.market.engine import Engine, OnDelivery

if TYPE_CHECKING:
    from gridbid.envs.batch_env import BatchEnv

BUFFER_BYTES = 32 << 20
"""Memory for what isn't written yet, about."""
MOST_STEPS = 1_024

Singles = NDArray[np.float32]
ByKind = Mapping[str, Singles]


class Recorder:
    """Records a BatchEnv into a folder: :meth:`begin` after a reset; around a step :meth:`acted`, :meth:`watch`, :meth:`stepped`.

    What is finished is written when an episode ends, when the buffer is full, and by :meth:`close`.
    """

    def __init__(self, folder: str | os.PathLike[str], env: "BatchEnv", options: Mapping[str, Any]) -> None:
        self._env, self._engine = env, env.engine
        scenario = env.scenario
        kinds = tuple(seat.kind for seat in scenario.seats)
        self._seats = Seats(tuple(seat.name for seat in scenario.seats), kinds, env.seats, env.agents)
        absent = {OBSERVATIONS[kind] for kind in fields.KINDS if kind not in env.kinds}
        tables = tuple(name for name in TABLES if name not in absent)
        self._writer = TraceWriter(folder, describe(env, options, tables))
        shapes = {
            kind: (fields.observation_space(kind).shape[0], fields.action_space(kind).shape[0])
            for kind in env.kinds
        }
        self._seen = {
            kind: np.zeros((env.batch, len(env.agents[kind]), shapes[kind][0]), np.float32)
            for kind in env.kinds
        }
        action = {
            kind: np.zeros((env.batch, len(env.agents[kind]), shapes[kind][1]), np.float32)
            for kind in env.kinds
        }
        reward = {kind: np.zeros((env.batch, len(env.agents[kind])), np.float32) for kind in env.kinds}
        number = np.zeros(env.batch, np.int64)
        own = {name: number for name in ("episode", "seed", "shift", "shift_ahead", "in_turns")}
        capacity = _capacity(env, [*self._seen.values(), *action.values()])
        self._steps = ArenaStack(self._engine.arena, capacity)
        self._delivered = ArenaStack(self._engine.arena, capacity + 2)
        self._seen_stack, self._actions = ArrayStack(self._seen, capacity), ArrayStack(action, capacity)
        self._rewards, self._own = ArrayStack(reward, capacity), ArrayStack(own, capacity)
        self._delivered_episode = np.zeros((capacity + 2, env.batch), np.int64)
        self._response_neur = np.zeros((capacity + 2, *self._engine.state.orders.side.shape), np.int64)
        self._delivered_step = np.zeros(capacity + 2, np.int64)
        self._still = {kind: np.full_like(rows, np.nan) for kind, rows in action.items()}
        self._episodes: list[dict[str, Any]] = []
        self._episode = np.full(env.batch, -1, np.int64)
        self._count = 0
        self._in_turns = False

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        """A copy of an environment doesn't record: two can't write one trace."""
        return type(None), ()

    def begin(self, chosen: NDArray[np.bool_], weeks: NDArray[np.integer], days: NDArray[np.integer]) -> None:
        """Note the episodes that have begun in the chosen communities, and what everybody sees."""
        clock, year = self._engine.state.clock, self._env.compiled.year
        for b in np.flatnonzero(chosen):
            self._episode[b] = self._count
            self._count += 1
            start = int(clock.start[b])
            self._episodes.append(
                {
                    "episode": int(self._episode[b]),
                    "community": int(b),
                    "identity": int(clock.identity[b]),
                    "seed": self._engine.seed,
                    "week": int(weeks[b]),
                    "day": int(days[b]),
                    "sample": int(clock.sample[b]),
                    "start": start,
                    "n_slots": int(clock.end[b]) - start,
                    "begins": year.utc_start[start],
                }
            )
        self._see()

    def acted(self, actions: ByKind) -> None:
        """Note the actions of the step that comes; a kind that is left out keeps still."""
        self._actions.put(self._steps.size, {**self._still, **actions})

    def saw(self, kind: str, place: int, seen: Singles) -> None:
        """Note what one agent sees at its turn, where agents act one after the other."""
        self._in_turns = True
        self._seen[kind][0, place] = seen

    def watch(self, on_delivery: OnDelivery | None) -> OnDelivery:
        """What the engine is to call after a delivery: records it, then calls ``on_delivery``."""

        def delivered(engine: Engine) -> None:
            place = self._delivered.size
            self._delivered.push()
            self._delivered_episode[place] = self._episode
            self._delivered_step[place] = self._steps.size
            if engine.response is not None:
                self._response_neur[place] = engine.response.paid_neur
            if on_delivery is not None:
                on_delivery(engine)

        return delivered

    def stepped(self) -> None:
        """Record what came of the step, and what everybody sees now."""
        place, arena, state = self._steps.size, self._engine.arena, self._engine.state
        self._steps.push()
        self._seen_stack.put(place, self._seen)
        self._rewards.put(place, self._env.rewards())
        kept, rows = arena.tariff_shift.shape[1] - 1, np.arange(self._env.batch)
        slot = state.clock.slot - state.clock.closing
        ahead = slot + self._engine.community.rules.slots_per_day
        self._own.put(
            place,
            {
                "in_turns": np.asarray(self._in_turns),
                "episode": self._episode,
                "seed": np.asarray(self._engine.seed),
                "shift": arena.tariff_shift[rows, slot & kept],
                "shift_ahead": arena.tariff_shift[rows, ahead & kept],
            },
        )
        self._in_turns = False
        self._see()
        full = self._steps.size == self._steps.capacity or self._delivered.size >= self._steps.capacity
        if full or self._engine.finished.any():
            self.flush()

    def flush(self) -> None:
        """Write what there is."""
        if self._steps.size == 0 and not self._episodes:
            return
        self._writer.write(self._tables())
        self._steps.clear()
        self._delivered.clear()
        self._episodes.clear()

    def close(self) -> None:
        """Write what is left; the trace ends here."""
        self.flush()

    def _see(self) -> None:
        for kind, rows in self._env.observe().items():
            self._seen[kind][:] = rows

    def _tables(self) -> dict[str, pa.Table]:
        size, state, community = self._steps.size, self._steps.state, self._engine.community
        own, seen = self._own.first(size), self._seen_stack.first(size)
        rounds, prices = self._rounds(state, own)
        delivered, came = self._deliveries(), self._delivered.state
        parts = {
            "episodes": _columns_of(self._episodes),
            "steps": columns.steps_columns(rounds, prices, state, own["in_turns"]),
            "agents": columns.agents_columns(
                self._seats,
                community,
                rounds,
                prices,
                state,
                self._actions.first(size),
                self._rewards.first(size),
            ),
            "fills": columns.fills_columns(self._seats, community, rounds, prices, state),
            "deliveries": columns.deliveries_columns(self._seats, delivered, came),
            "feeder": columns.feeder_columns(delivered, came),
        }
        for kind, observation in seen.items():
            parts[OBSERVATIONS[kind]] = columns.observations_columns(self._seats, kind, rounds, observation)
        return {name: columns.table(name, part) for name, part in parts.items()}

    def _rounds(self, state: Any, own: Mapping[str, NDArray[Any]]) -> tuple[Rounds, Published]:
        community, year = self._engine.community, self._env.compiled.year
        rounds = played(
            state.clock,
            community.rules.rounds,
            own["seed"],
            own["episode"],
            year.utc_start,
            community.n_participants,
        )
        return rounds, published(community, state.clock.sample, rounds.slot, own["shift"], own["shift_ahead"])

    def _deliveries(self) -> Deliveries:
        """Delivered slots in order, and what each cost: the second delivery of a step tells the sum of both."""
        state, step = self._delivered.state, self._delivered_step[: self._delivered.size]
        slot, cost_eur = state.delivered.slot, state.cost_eur
        frame, community = np.nonzero(slot >= 0)
        cost = cost_eur[frame, community]
        before = np.maximum(frame - 1, 0)
        second = (frame > 0) & (step[before] == step[frame]) & (slot[before, community] >= 0)
        cost[second] -= cost_eur[before[second], community[second]]
        begins = self._env.compiled.year.utc_start[slot[frame, community]]
        at = frame, community
        return Deliveries(*at, self._delivered_episode[at], begins, cost, self._response_neur[at])


def _columns_of(rows: list[dict[str, Any]]) -> dict[str, NDArray[Any]]:
    names = [column.name for column in TABLES["episodes"]]
    return {
        name: np.array([row[name] for row in rows], "datetime64[s]" if name == "begins" else np.int64)
        for name in names
    }


def _capacity(env: "BatchEnv", arrays: list[Singles]) -> int:
    """Steps between two parts, so that the buffers take about BUFFER_BYTES."""
    each = 2 * bytes_per_copy(env.engine.arena) + sum(array.nbytes for array in arrays)
    return max(1, min(MOST_STEPS, BUFFER_BYTES // each))
