"""Where a step's time goes: the parts of a step with one round, each timed for all communities at once.

Played part by part, a step leaves the same state as in one call, where a tile goes through all parts before the next one does.
"""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from gridbid.evaluate.benchmarks.whole_step import WholeStep
from gridbid.market import step as steps
from gridbid.market.book import clear
from gridbid.market.community import Community
from gridbid.market.grid.feeder import flow_tile
from gridbid.market.grid.vectors import ALL_LANES, LANES
from gridbid.market.kernel import allocating_kernel
from gridbid.market.operation import deliver_participant
from gridbid.market.scratch import Scratch, make_scratch
from gridbid.market.settlement import settle_slot
from gridbid.market.state import Arena, state_of
from gridbid.market.trading import trade_round

_STEPS = 60
_OUTLOOK, _MOVE_ON = "outlook on the next slot", "hand over"


class Part(NamedTuple):
    """A part of the step and its nanoseconds of CPU an agent-step, a median over steps."""

    name: str
    ns: float


@allocating_kernel
def trade_all(community: Community, arena: Arena, scratch: Scratch, seed: int) -> None:
    """Every community's only round, in the worker's book."""
    state = state_of(arena)
    for b in range(state.clock.slot.size):
        state.fills.fills[b] = 0
        trade_round(community, state, scratch, scratch.book, seed, b)
        clear(scratch.book)


@allocating_kernel
def deliver_all(community: Community, arena: Arena, scratch: Scratch) -> None:
    """Every participant's delivery of the slot before the one that trades."""
    state = state_of(arena)
    for b in range(state.clock.slot.size):
        state.cost_eur[b, :, :] = 0.0
        state.delivered.slot[b] = state.clock.slot[b] - 1
        state.clock.closing[b] = 1
        for i in range(community.sites.bus.size):
            deliver_participant(community, state, scratch, b, i, state.clock.slot[b] - 1)


@allocating_kernel
def settle_all(community: Community, arena: Arena) -> None:
    """Every community's settlement of what was delivered."""
    state = state_of(arena)
    for b in range(state.clock.slot.size):
        settle_slot(community, state, b, state.delivered.slot[b])


@allocating_kernel
def flow_all(community: Community, arena: Arena, scratch: Scratch) -> None:
    """Every tile's power flow; the batch fills its tiles."""
    state = state_of(arena)
    for tile in range(state.clock.slot.size // LANES):
        flow_tile(community, state, scratch.grid, tile, ALL_LANES)


class Stopwatch:
    """Seconds of CPU by part, one a step."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {}

    @contextmanager
    def time(self, part: str) -> Iterator[None]:
        """Time what runs inside."""
        begin = time.thread_time()
        yield
        self.taken.setdefault(part, []).append(time.thread_time() - begin)


def profile_step(n: int = 100) -> list[Part]:
    """The parts of the whole step with N participants in order, then what the engine's takes in one call; one thread, R = 1."""
    whole, watch = WholeStep(n, rounds=1), Stopwatch()
    together, scratch = whole.make_engine(), make_scratch(whole.community)
    for engine in (whole.engine, together):  # an episode's first slot has none before it to deliver
        engine.step(*whole.decode(0))
    for turn in range(_STEPS):
        play_in_parts(whole, scratch, turn, watch)
        with watch.time("the engine's step in one call"):
            together.step(*whole.decision)
    agents = whole.batch * n
    parts = {name: statistics.median(taken[2:]) / agents * 1e9 for name, taken in watch.taken.items()}
    parts[_MOVE_ON] -= parts[_OUTLOOK]
    return [Part(name, ns) for name, ns in parts.items()]


def play_in_parts(whole: WholeStep, scratch: Scratch, turn: int, watch: Stopwatch) -> None:
    """One step that isn't an episode's first, each part timed."""
    engine, community = whole.engine, whole.community
    with watch.time("decode actions"):
        decision = whole.decode(turn)
    with watch.time("commit plans, write orders"):
        engine.commit(*decision)
    with watch.time("trade"):
        trade_all(community, engine.arena, scratch, engine.seed)
    with watch.time("deliver"):
        deliver_all(community, engine.arena, scratch)
    with watch.time("settle"):
        settle_all(community, engine.arena)
    with watch.time("power flow"):
        flow_all(community, engine.arena, scratch)
    with watch.time(_MOVE_ON):  # and the outlook, whose own time is taken off
        steps.move_on(community, engine.arena, scratch)
    with watch.time(_OUTLOOK):
        engine.refresh()
    with watch.time("observe"):
        whole.observe()
    with watch.time("reward"):
        whole.reward()
