"""The same (seed, actions) give the same bits: whatever the batch, the order of communities, or the CPU."""

import hashlib
import os
import subprocess
import sys
from operator import attrgetter

import numpy as np
import pytest

from gridbid.market.demand_response.history import allocate_history
from gridbid.market.demand_response.types import BaselineRules, Method
from gridbid.market.engine import Engine
from gridbid.market.naive.communities import random_community
from gridbid.market.response import ResponseRules, response_arrays
from gridbid.market.types import Control

N, N_SLOTS = 6, 24
RULES = ResponseRules(
    lead=4, n_slots=2, notice=1, opt_out=1, recovery=1, baseline=BaselineRules(int(Method.ROLLING))
)
BOOKED = ("bought_wh", "sold_wh", "paid_neur", "received_neur")
CARRIED = [
    *(f"clock.{name}" for name in ("start", "end", "slot", "round", "sample", "identity", "closing")),
    *(
        f"{book}.{name}"
        for book in ("trading", "delivery")
        for name in (*BOOKED, "plan_kwh", "curtail", "follow", "trimmed_kwh")
    ),
    *(f"orders.{name}" for name in ("side", "tick", "quantity_wh", "rejected")),
    *("last_price", "tariff_shift", "shift_room", "stored_value_eur", "reading_history_wh", "cost_eur"),
    *(f"outlook.{name}" for name in ("net_kwh", "pv_kwh", "least_kwh", "most_kwh")),
    *(f"stores.{name}" for name in ("battery_kwh", "car_kwh", "heat_kwh")),
    *(
        f"delivered.{name}"
        for name in (
            *("slot", "reading_wh", "imbalance_wh", "cash_neur", "fee_neur", "net_kwh"),
            *(
                "curtailed_kwh",
                "cut_kwh",
                "breach_kwh",
                "unmet_kwh",
                "unserved_kwh",
                "throughput_kwh",
                "voltage_pu",
                "device_kwh",
            ),
            *("feeder_kw", "losses_kwh", "overload_kwh"),
        )
    ),
    *(
        f"totals.{name}"
        for name in (
            *("cash_neur", "reading_wh", "imbalance_wh", "bought_wh", "sold_wh", "register_kwh"),
            "accounts_neur",
        )
    ),
]
"""Every array of a state that is more than scratch, by name; the first axis is the community."""

FILLS = [f"fills.{name}" for name in ("taker", "maker", "tick", "quantity_wh")]


SCRATCH = {"books"}
"""Links of orders long gone: what rests shows in the fills that follow."""


def play(identities, seed=5, **arguments):
    """An episode of communities by identity, on which all that is drawn depends; SHA-256 of each one's state, step by step.

    ``arguments`` are the engine's own beside the community, the batch and the seed.
    """
    community = random_community(np.random.default_rng(5), n=N, n_buses=7, rounds=2)
    identities = np.asarray(identities)
    engine = Engine(community, identities.size, seed, response=RULES, **arguments)
    engine.reset(
        220 + identities % 250, N_SLOTS, identities % 2, identity=identities, history=rolling_history()
    )
    decisions = Decisions(identities)
    hashes = [hashlib.sha256() for _ in identities]
    while not engine.finished.all():
        engine.announce(decisions.shift())
        engine.call_events(*decisions.calls())
        engine.step(*decisions.draw())
        for b, running in enumerate(hashes):
            add_state(running, engine, b)
    assert engine.response.core.events.paid_neur.any() or identities.size < N
    return [running.hexdigest() for running in hashes]


def rolling_history():
    """Past days that give everybody a baseline."""
    history = allocate_history(1, N, 96, Method.ROLLING)
    history.rolling_mwh[:] = np.random.default_rng(7).integers(100_000, 2_000_000, history.rolling_mwh.shape)
    history.rolling_days[:] = 10
    return history


class Decisions:
    """What communities decide, drawn from their identity alone."""

    def __init__(self, identities):
        self._randoms = [np.random.default_rng(int(identity)) for identity in identities]

    def shift(self):
        return np.array([random.integers(-30_000, 30_000) for random in self._randoms])

    def calls(self):
        """Targets, Wh, and rates, nEUR/Wh."""
        drawn = np.array([random.integers((-6_000, 0), (2_000, 500_000)) for random in self._randoms])
        return np.ascontiguousarray(drawn.T)

    def draw(self):
        """Offer, limit, follow (B, N) and controls (B, N, controls)."""
        drawn = np.stack([random.random((N, 3 + len(Control))) for random in self._randoms])
        offer, limit, follow = (np.ascontiguousarray(drawn[:, :, k]) for k in range(3))
        return 1.5 * offer, limit, np.round(follow), 2.0 * drawn[:, :, 3:] - 1.0


def add_state(running, engine, b):
    """Feed all of community b's state to a hash, and all of its demand response."""
    state = engine.state
    for name in CARRIED:
        running.update(np.ascontiguousarray(attrgetter(name)(state)[b]).tobytes())
    n_fills = int(state.fills.fills[b])
    for name in FILLS:
        running.update(attrgetter(name)(state)[b, :n_fills].tobytes())
    for array in response_arrays(engine.response):
        running.update(array[b].tobytes())


WAYS = pytest.mark.parametrize("arguments", [{"threads": 1}, {"threads": 2}], ids=str)
"""Arguments of the engine that must not change a bit."""


def test_no_array_of_the_state_is_left_out():
    engine = Engine(random_community(np.random.default_rng(5), n=N), 2)
    compared = {name.split(".")[0] for name in CARRIED + FILLS}
    assert compared | SCRATCH == set(engine.state._fields)
    for name in compared - {"fills"}:
        record = getattr(engine.state, name)
        parts = {f"{name}.{part}" for part in record._fields} if isinstance(record, tuple) else {name}
        assert parts <= set(CARRIED)


@WAYS
def test_the_same_seed_and_actions_replay_bit_for_bit(arguments):
    hashes = play(range(5), **arguments)
    assert hashes == play(range(5))
    assert len(set(hashes)) == 5


@WAYS
def test_a_community_among_1024_is_the_one_that_plays_alone(arguments):
    together = play(range(1_024), **arguments)
    for identity in (0, 31, 32, 517, 1_023):
        assert play([identity], **arguments) == [together[identity]]


@WAYS
def test_the_order_of_communities_does_not_matter(arguments):
    identities = np.random.default_rng(3).permutation(70)
    in_order, shuffled = play(range(70), **arguments), play(identities, **arguments)
    assert shuffled == [in_order[identity] for identity in identities]


def test_another_seed_gives_other_arrivals():
    assert not set(play(range(5))) & set(play(range(5), seed=6))


@pytest.mark.slow
def test_another_cpu_gives_the_same_bits(tmp_path):
    """Kernels compiled for a processor without vector extensions, in a process and a cache of their own."""
    script = f"""
import runpy
import numba

assert numba.config.CPU_NAME == "generic" and not numba.config.CPU_FEATURES
print(*runpy.run_path({__file__!r})["play"](range(40)), sep="\\n")
"""
    environment = {**os.environ, "NUMBA_CPU_NAME": "generic", "NUMBA_CACHE_DIR": str(tmp_path)}
    environment.pop("NUMBA_CPU_FEATURES", None)
    told = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == play(range(40))
    assert any(path.is_file() for path in tmp_path.rglob("*")), "the kernels were not compiled anew"
