"""Takes down what a batch of communities does: a few copies a step, written as Parquet parts from time to time."""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gridbid.envs import fields
from gridbid.envs.traces import columns
from gridbid.envs.traces.columns import Seats
from gridbid.envs.traces.files import TraceWriter
from gridbid.envs.traces.frames import ArenaStack, ArrayStack, DeliveryStack, bytes_per_copy
from gridbid.envs.traces.histories import pack_history
from gridbid.envs.traces.metadata import describe
from gridbid.envs.traces.rounds import played, published
from gridbid.envs.traces.tables import OBSERVATIONS, TABLES, schema
from gridbid.market.engine import Engine, OnDelivery

if TYPE_CHECKING:
    from gridbid.envs.batch_env import BatchEnv

BUFFER_BYTES = 32 << 20
"""Memory for what isn't written yet, about."""
MOST_STEPS = 1_024

_NOTED = ("episode", "seed", "shift", "shift_ahead", "in_turns", "raw_orders", "target_wh", "rate", "refused")
"""What is noted of a step beside the arena, a number a community."""

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
        self._seen = _by_kind(env, lambda kind: fields.observation_space(kind).shape)
        action = _by_kind(env, lambda kind: fields.action_space(kind).shape)
        nothing = np.zeros(env.batch, np.int64)
        capacity = _capacity(env, [*self._seen.values(), *action.values()])
        self._steps = ArenaStack(self._engine.arena, capacity)
        self._delivered = DeliveryStack(self._engine, capacity + 2)
        self._seen_stack, self._actions = ArrayStack(self._seen, capacity), ArrayStack(action, capacity)
        self._present = {kind: np.zeros(there.shape, np.bool_) for kind, there in env.present.items()}
        self._present_stack = ArrayStack(self._present, capacity)
        self._rewards = ArrayStack(_by_kind(env, lambda _: ()), capacity)
        self._noted = ArrayStack(dict.fromkeys(_NOTED, nothing), capacity)
        self._still = {kind: np.full_like(rows, np.nan) for kind, rows in action.items()}
        self._episodes: list[dict[str, Any]] = []
        self._episode = np.full(env.batch, -1, np.int64)
        self._count = 0
        self._in_turns = self._raw_orders = False
        self._called = self._no_call = nothing, nothing

    def __reduce__(self) -> tuple[type[None], tuple[()]]:
        """A copy of an environment doesn't record: two can't write one trace."""
        return type(None), ()

    def begin(
        self,
        chosen: NDArray[np.bool_],
        weeks: NDArray[np.integer],
        days: NDArray[np.integer],
        observations: ByKind,
    ) -> None:
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
                    "begins": year.utc_start[start].astype("datetime64[ms]").item(),
                    "history": None,
                }
            )
        self._see(observations)

    def given_history(self, chosen: NDArray[np.bool_], observations: ByKind) -> None:
        """Note the past readings that episodes which have just begun were given, and what everybody sees of them."""
        response = self._engine.response
        for row in self._episodes:
            b = row["community"]
            if response is not None and chosen[b] and row["episode"] == self._episode[b]:
                row["history"] = pack_history(response.core.history, b)
        self._see(observations)

    def acted(self, actions: ByKind) -> None:
        """Note the actions of the step that comes; a kind that is left out keeps still."""
        self._actions.put(self._steps.size, {**self._still, **actions})
        calls = self._env.calls(actions)
        self._called = self._no_call if calls is None else calls

    def saw(self, kind: str, place: int, seen: Singles) -> None:
        """Note what one agent sees at its turn, where agents act one after the other."""
        self._in_turns = True
        self._seen[kind][0, place] = seen

    def traded_raw(self) -> None:
        """Note that in the step that comes some orders are not what the actions would have made."""
        self._raw_orders = True

    def watch(self, on_delivery: OnDelivery | None) -> OnDelivery:
        """What the engine is to call after a delivery: records it, then calls ``on_delivery``."""

        def delivered(engine: Engine) -> None:
            self._delivered.push(self._steps.size, self._episode)
            if on_delivery is not None:
                on_delivery(engine)

        return delivered

    def stepped(self, observations: ByKind, rewards: ByKind) -> None:
        """Record what came of the step, and what everybody sees now."""
        place, arena, state = self._steps.size, self._engine.arena, self._engine.state
        response = self._engine.response
        self._steps.push()
        self._seen_stack.put(place, self._seen)
        self._present_stack.put(place, self._present)
        self._rewards.put(place, rewards)
        kept, rows = arena.tariff_shift.shape[1] - 1, np.arange(self._env.batch)
        slot = state.clock.slot - state.clock.closing
        ahead = slot + self._engine.community.rules.slots_per_day
        self._noted.put(
            place,
            {
                "in_turns": np.asarray(self._in_turns),
                "raw_orders": np.asarray(self._raw_orders),
                "target_wh": self._called[0],
                "rate": self._called[1],
                "refused": self._no_call[0] if response is None else response.refused,
                "episode": self._episode,
                "seed": np.asarray(self._engine.seed),
                "shift": arena.tariff_shift[rows, slot & kept],
                "shift_ahead": arena.tariff_shift[rows, ahead & kept],
            },
        )
        self._in_turns = self._raw_orders = False
        self._see(observations)
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

    def _see(self, observations: ByKind) -> None:
        for kind, rows in observations.items():
            self._seen[kind][:] = rows
            self._present[kind][:] = self._env.present[kind]

    def _tables(self) -> dict[str, pa.Table]:
        size, state, community = self._steps.size, self._steps.state, self._engine.community
        noted, utc_start = self._noted.first(size), self._env.compiled.year.utc_start
        rounds = played(state.clock, community, noted["seed"], noted["episode"], utc_start)
        prices = published(community, state.clock.sample, rounds.slot, noted["shift"], noted["shift_ahead"])
        told = columns.Told(self._seats, community, rounds, prices, state)
        delivered, came = self._delivered.deliveries(utc_start), self._delivered.state
        parts = {
            "episodes": _columns_of(self._episodes),
            "steps": columns.steps_columns(told, noted),
            "agents": columns.agents_columns(
                told, self._present_stack.first(size), self._actions.first(size), self._rewards.first(size)
            ),
            "fills": columns.fills_columns(told),
            "deliveries": columns.deliveries_columns(self._seats, delivered, came),
            "feeder": columns.feeder_columns(delivered, came),
        }
        for kind, seen in self._seen_stack.first(size).items():
            parts[OBSERVATIONS[kind]] = columns.observations_columns(told, kind, seen)
        return {name: columns.table(name, part) for name, part in parts.items()}


def _by_kind(env: "BatchEnv", shape: Callable[[str], tuple[int, ...]]) -> dict[str, Singles]:
    """Room for a number of each agent, or for an array of the shape that its kind has."""
    return {
        kind: np.zeros((env.batch, len(names), *shape(kind)), np.float32)
        for kind, names in env.agents.items()
    }


def _columns_of(rows: list[dict[str, Any]]) -> columns.Columns:
    """Columns of ``episodes``."""
    given = schema("episodes")
    return {name: pa.array([row[name] for row in rows], given.field(name).type) for name in given.names}


def _capacity(env: "BatchEnv", arrays: list[Singles]) -> int:
    """Steps between two parts, so that the buffers take about BUFFER_BYTES."""
    each = 2 * bytes_per_copy(env.engine.arena) + sum(array.nbytes for array in arrays)
    return max(1, min(MOST_STEPS, BUFFER_BYTES // each))
