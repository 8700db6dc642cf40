"""The NumPy step, a yardstick, does the same work as the engine: integers to the unit, physics within tolerance."""

import numpy as np
import pytest

from gridbid.evaluate.benchmarks.numpy_step import NumpyEngine
from gridbid.market.engine import Engine
from gridbid.market.naive.communities import random_community
from gridbid.market.types import Control

BATCH, N, SLOTS = 5, 12, 60


def decisions(random, n_steps):
    for _ in range(n_steps):
        yield (
            random.uniform(0.0, 1.5, (BATCH, N)),
            random.uniform(0.0, 1.0, (BATCH, N)),
            random.choice([0.0, 0.3, 1.0], (BATCH, N)),
            random.uniform(-1.0, 1.0, (BATCH, N, len(Control))),
        )


def check_same(engine, numpy_engine):
    state = engine.state
    for mine, theirs in (
        (state.trading.bought_wh, numpy_engine.trading.bought_wh),
        (state.trading.sold_wh, numpy_engine.trading.sold_wh),
        (state.delivery.paid_neur, numpy_engine.delivery.paid_neur),
        (state.delivery.received_neur, numpy_engine.delivery.received_neur),
        (state.delivered.reading_wh, numpy_engine.reading_wh),
        (state.delivered.imbalance_wh, numpy_engine.imbalance_wh),
        (state.delivered.cash_neur, numpy_engine.cash_neur),
        (state.totals.cash_neur, numpy_engine.cash_total_neur),
        (state.totals.accounts_neur, numpy_engine.accounts_neur.T),
        (state.reading_history_wh, numpy_engine.reading_history_wh),
        (state.last_price, numpy_engine.last_price),
        (state.clock.slot, numpy_engine.slot),
    ):
        np.testing.assert_array_equal(mine, theirs)
    for mine, theirs in (
        *zip(state.stores, numpy_engine.stores, strict=True),
        (state.outlook.net_kwh, numpy_engine.outlook.net_kwh),
        (state.outlook.pv_kwh, numpy_engine.outlook.pv_kwh),
        (state.outlook.least_kwh, np.moveaxis(numpy_engine.outlook.limits.least, 0, -1)),
        (state.outlook.most_kwh, np.moveaxis(numpy_engine.outlook.limits.most, 0, -1)),
        (state.delivered.voltage_pu, numpy_engine.local_voltage_pu),
        (state.delivered.feeder_kw, numpy_engine.feeder_kw),
        (state.delivered.losses_kwh, numpy_engine.losses_kwh),
        (state.delivered.overload_kwh, numpy_engine.overload_kwh),
        (state.cost_eur, np.moveaxis(numpy_engine.cost_eur, 0, -1)),
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=2e-6)


@pytest.mark.parametrize("rounds", [1, 3])
def test_the_numpy_step_is_the_engines(rounds):
    random = np.random.default_rng(rounds)
    fills = 0
    for _ in range(3):
        engine = Engine(random_community(random, n=N, rounds=rounds), BATCH, seed=7)
        engine.reset(200 + np.arange(BATCH), SLOTS + 1, np.arange(BATCH) % 2)
        numpy_engine = NumpyEngine(engine)
        for decision in decisions(random, SLOTS * rounds):
            engine.step(*decision)
            numpy_engine.step(*decision)
            fills += engine.state.fills.fills.sum()
            check_same(engine, numpy_engine)
    assert fills > 1_000
