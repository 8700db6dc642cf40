"""Many logs, in as many processes as are wanted; what is played depends on the seed and the number of events alone."""

import multiprocessing
from collections.abc import Callable, Iterator
from functools import cache

from gridbid.chain.fuzz.compare import Match
from gridbid.chain.fuzz.events import Log
from gridbid.chain.fuzz.generator import Generator
from gridbid.chain.fuzz.players.contract_player import ContractPlayer
from gridbid.chain.fuzz.players.core_player import CorePlayer
from gridbid.chain.fuzz.players.twin_player import TwinPlayer
from gridbid.chain.fuzz.situations import Situations
from gridbid.chain.fuzz.tally import Tally
from gridbid.market.naive.exchange import NaiveExchange

EVENTS_A_LOG = 250
"""Long enough for slots to be traded, delivered, settled and recycled."""


def match_of_all(twin: TwinPlayer | None = None) -> Match:
    """The twin, which is the rule, the core and the contracts."""
    return Match([twin or TwinPlayer(), CorePlayer(), ContractPlayer()])


def play_random_log(match: Match, seed: str, n_events: int) -> Tally:
    """Draw and play one log; ``match``'s first player is a twin."""
    twin = match.players[0]
    assert isinstance(twin, TwinPlayer)
    tally, log, before = Tally(), Log(), dict(match.seconds)
    match.reset()
    generator = Generator(seed, twin)
    assert isinstance(twin.exchange, NaiveExchange)
    situations = Situations(twin.exchange)
    for _ in range(n_events):
        event = generator.draw()
        log.append(event)
        outcome, mismatch = match.apply(event)
        tally.note(event, outcome)
        tally.situations.update(situations.of(event, outcome))
        if mismatch is not None:
            tally.fail(log, mismatch)
            break
        generator.observe(event, outcome)
    tally.player_seconds.update(
        {name: spent - before.get(name, 0.0) for name, spent in match.seconds.items()}
    )
    return tally


def run(
    n_events: int, seed: int, processes: int = 1, on_progress: Callable[[Tally], None] | None = None
) -> Tally:
    """Play ``n_events`` in logs of EVENTS_A_LOG; ``on_progress`` is told after each log."""
    total = Tally()
    for tally in _tallies(_log_seeds(n_events, seed), processes):
        total.add(tally)
        if on_progress is not None:
            on_progress(total)
    return total


def _tallies(logs: list[tuple[str, int]], processes: int) -> Iterator[Tally]:
    if processes == 1:
        yield from map(_play_here, logs)
        return
    # Spawned, not forked: the EVM and Numba keep threads and handles that a fork would share.
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap(_play_here, logs, chunksize=4)


def _log_seeds(n_events: int, seed: int) -> list[tuple[str, int]]:
    """Each log's seed and length."""
    starts = range(0, n_events, EVENTS_A_LOG)
    return [(f"{seed}/{index}", min(EVENTS_A_LOG, n_events - start)) for index, start in enumerate(starts)]


@cache
def _match_of_this_process() -> Match:
    return match_of_all()


def _play_here(log: tuple[str, int]) -> Tally:
    return play_random_log(_match_of_this_process(), *log)
