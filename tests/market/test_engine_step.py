"""However a step is made, it is the same step: in one call or in phases, by one thread or more, after a copy or not."""

import copy
import pickle

import numpy as np
import pytest
from numba.core.runtime import rtsys
from numba.core.runtime._nrt_python import memsys_disable_stats, memsys_enable_stats

from gridbid.market.engine import Engine
from gridbid.market.errors import InputError
from gridbid.market.naive.communities import random_community
from gridbid.market.state import arrays_of
from gridbid.market.types import Control

START, N = 200, 6


def community(rounds=2):
    return random_community(np.random.default_rng(5), n=N, rounds=rounds)


def engine_of(batch=70, rounds=2, threads=1, n_slots=30):
    engine = Engine(community(rounds), batch, 3, threads)
    engine.reset(START + np.arange(batch) % 7, n_slots, np.arange(batch) % 2)
    return engine


def decisions(batch, n_steps):
    random = np.random.default_rng(9)
    for _ in range(n_steps):
        yield (
            (
                random.uniform(0.0, 1.5, (batch, N)),
                random.uniform(0.0, 1.0, (batch, N)),
                random.choice([0.0, 0.3, 1.0], (batch, N)),
                random.uniform(-1.0, 1.0, (batch, N, len(Control))),
            ),
            random.integers(-30_000, 30_000, batch),
        )


def bits(engine):
    return [array.tobytes() for array in arrays_of(engine.arena)]


def play(engine, n_steps=66):
    for decision, shift in decisions(engine.batch, n_steps):
        engine.step(*decision, shift=shift)


def test_a_step_in_one_call_is_its_phases():
    whole, phases = engine_of(), engine_of()
    delivered = []
    for decision, shift in decisions(70, 66):
        whole.step(*decision, shift=shift)
        phases.step(
            *decision, lambda engine: delivered.append(engine.state.delivered.slot.max()), shift=shift
        )
    assert whole.finished.all()
    assert delivered
    assert bits(whole) == bits(phases)


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_threads_change_nothing(threads):
    alone, together = engine_of(), engine_of(threads=threads)
    play(alone)
    play(together)
    assert bits(alone) == bits(together)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda engine: pickle.loads(pickle.dumps(engine))])
def test_a_copied_engine_goes_on_as_the_original_would(copied):
    engine = engine_of(threads=2)
    play(engine, 20)
    other = copied(engine)
    play(engine, 10)
    assert bits(other) != bits(engine)
    play(other, 10)
    assert bits(other) == bits(engine)
    assert np.shares_memory(other.state.stores.battery_kwh, other.arena.floats)


def test_a_restored_snapshot_replays():
    engine = engine_of()
    play(engine, 20)
    snapshot = engine.snapshot()
    play(engine, 15)
    after = bits(engine)
    engine.restore(snapshot)
    assert bits(engine) != after
    play(engine, 15)
    assert bits(engine) == after


def allocations(batch, rounds, n_steps):
    """How often Numba's runtime allocates and frees in so many steps."""
    engine = engine_of(batch, rounds, n_slots=100)
    play(engine, 3)
    memsys_enable_stats()
    try:
        before = rtsys.get_allocation_stats()
        play(engine, n_steps)
        after = rtsys.get_allocation_stats()
    finally:
        memsys_disable_stats()
    assert after.alloc - before.alloc == after.free - before.free
    return after.alloc - before.alloc


def test_a_step_allocates_nothing():
    """What the runtime counts are handles of the arrays that a call is given: as many whatever the work."""
    few = allocations(1, 1, 1)
    assert allocations(1, 1, 20) == 20 * few
    assert allocations(100, 1, 20) == 20 * few
    assert allocations(100, 3, 20) == 20 * few


def test_what_is_written_to_a_store_shows_after_a_refresh():
    engine = engine_of(1)
    full = engine.community.devices.battery_kwh
    engine.state.stores.battery_kwh[0] = full
    engine.refresh()
    np.testing.assert_array_equal(engine.state.outlook.most_kwh[0, :, 0], 0.0)


def test_an_engine_of_nobody_is_refused():
    with pytest.raises(InputError, match="batch=0"):
        Engine(community(), 0)
    with pytest.raises(InputError, match="threads=0"):
        Engine(community(), 1, threads=0)
