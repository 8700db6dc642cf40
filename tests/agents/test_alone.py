"""Each site alone against brute force, against communities of one, and against the engine that plays its schedule."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridbid.agents.programs.alone import solve_alone
from gridbid.agents.programs.optimum import solve_week
from gridbid.envs.compile import compile_community
from gridbid.evaluate.records.playback import play_optimum
from gridbid.market.community import Community
from gridbid.market.engine import Engine
from gridbid.market.naive.communities import random_community
from gridbid.market.types import Cost

START, N_SLOTS = 200, 24


def only(community: Community, i: int) -> Community:
    """The community with nobody but i in it."""
    mine = np.arange(community.n_participants) == i
    ratings = ("battery_kwh", "battery_kw", "battery_initial_kwh", "heat_pump_kw")
    devices = community.devices._replace(
        **{name: np.where(mine, getattr(community.devices, name), 0.0) for name in ratings}
    )
    series = community.series
    column = series.car_column[i]
    departure = np.where(np.arange(series.car_departure.shape[2]) == column, series.car_departure, -1)
    return community._replace(
        devices=devices,
        series=series._replace(
            load_kw=series.load_kw * mine.astype(np.float32),
            pv_kw=series.pv_kw * mine.astype(np.float32),
            net_kw=series.net_kw * mine.astype(np.float32),
            heat_kw=series.heat_kw * mine.astype(np.float32),
            car_departure=departure.astype(np.int32),
            car_arrival_kwh=np.where(departure >= 0, series.car_arrival_kwh, -1.0).astype(np.float32),
        ),
    )


def without_feeder(community: Community) -> Community:
    """Branches of any rating."""
    rating_kva = np.full_like(community.network.rating_kva, np.inf)
    return community._replace(network=community.network._replace(rating_kva=rating_kva))


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_alone_is_the_sum_of_communities_of_one(seed):
    """Who is by himself has nobody to trade with: the community's program and the sites' agree."""
    community = without_feeder(random_community(np.random.default_rng(seed), n=4))
    alone = solve_alone(community, START, N_SLOTS)
    each = [solve_week(only(community, i), START, N_SLOTS) for i in range(4)]
    assert alone.j_eur == pytest.approx(sum(one.j_eur for one in each), abs=1e-5)
    together = solve_week(community, START, N_SLOTS)
    assert together.j_eur <= alone.j_eur + 1e-6
    assert not alone.traded_kwh.any()


def test_homes_without_devices_pay_what_their_meters_say():
    community = without_feeder(random_community(np.random.default_rng(1), n=3))
    ratings = ("battery_kwh", "battery_kw", "battery_initial_kwh", "charger_kw", "heat_pump_kw")
    series, span = community.series, slice(START, START + N_SLOTS)
    bare = community._replace(
        devices=community.devices._replace(**dict.fromkeys(ratings, np.zeros(3))),
        series=series._replace(
            net_kw=series.load_kw,
            pv_kw=np.zeros_like(series.pv_kw),
            heat_kw=np.zeros_like(series.heat_kw),
            car_column=np.full(3, -1),
        ),
    )
    taken_wh = 1_000.0 * community.rules.slot_h * series.load_kw[span].astype(np.float64).sum(axis=1)
    bill_eur = float(taken_wh @ series.retail[0, span]) / 1e9
    alone = solve_alone(bare, START, N_SLOTS)
    assert alone.parts_eur[Cost.BILL] == pytest.approx(bill_eur)


def test_brute_force_finds_the_same_cost():
    """A battery behind a load over four slots, in steps of a quarter of a kWh."""
    community = without_feeder(random_community(np.random.default_rng(0), n=1, n_buses=2))
    none, one = np.zeros(1), np.ones(1)
    devices = community.devices._replace(**dict.fromkeys(community.devices._fields, none))._replace(
        battery_kwh=0.5 * one,
        battery_kw=one,
        battery_initial_kwh=0.25 * one,
        charge_efficiency=one,
        discharge_efficiency=one,
        wear_eur_per_kwh=0.01 * one,
        charger_efficiency=one,
        cop=one,
    )
    series = community.series
    net_kw = np.zeros_like(series.net_kw)
    net_kw[START : START + 4, 0] = [1.0, -2.0, 0.0, 3.0]
    retail, feed_in = series.retail.copy(), series.feed_in.copy()
    retail[0, START : START + 4] = [250_000, 200_000, 220_000, 450_000]
    feed_in[0, START : START + 4] = 80_000
    community = community._replace(
        devices=devices,
        series=series._replace(
            net_kw=net_kw,
            load_kw=np.maximum(net_kw, 0.0),
            pv_kw=np.maximum(-net_kw, 0.0),
            heat_kw=np.zeros_like(net_kw),
            retail=retail,
            feed_in=np.minimum(feed_in, retail - 50_000),
            fee=np.full_like(series.fee, 50_000),
            car_column=np.array([-1]),
        ),
    )
    best = np.inf
    for charged in itertools.product([-0.25, 0.0, 0.25], repeat=4):
        levels = 0.25 + np.cumsum(charged)
        if levels.min() < 0.0 or levels.max() > 0.5:
            continue
        net_kwh = net_kw[START : START + 4, 0] * 0.25 + charged
        prices = np.where(net_kwh > 0.0, retail[0, START : START + 4], 80_000) / 1e6
        value = community.penalties.stored_energy_value
        best = min(best, prices @ net_kwh + 0.01 * np.abs(charged).sum() - value * (levels[-1] - 0.25))
    assert solve_alone(community, START, 4).j_eur == pytest.approx(best, abs=1e-6)


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_the_schedule_played_costs_what_it_said(seed):
    """Where nothing pays to be wasted and no envelope binds; nobody trades, and who overloads the feeder isn't asked."""
    community = random_community(np.random.default_rng(seed), n=3)
    wide = np.full(3, 60_000)
    community = without_feeder(community)._replace(
        devices=community.devices._replace(wear_eur_per_kwh=np.full(3, 0.08)),
        sites=community.sites._replace(import_limit_wh=wide, export_limit_wh=wide),
    )
    series = community.series
    retail = np.maximum(series.retail, series.fee + 50_000)
    feed_in = np.minimum(np.maximum(series.feed_in, 10_000), retail - series.fee)
    community = community._replace(series=series._replace(retail=retail, feed_in=feed_in))
    result = solve_alone(community, START, N_SLOTS)
    engine = Engine(community)
    engine.reset(START, N_SLOTS)
    cost_eur = np.zeros(len(Cost))
    for t in range(N_SLOTS):
        pv_kwh = community.series.pv_kw[START + t] * community.rules.slot_h
        engine.state.trading.plan_kwh[0] = result.device_kwh[t]
        engine.state.trading.curtail[0] = result.curtailed_kwh[t] / np.where(pv_kwh > 0.0, pv_kwh, 1.0)
        engine.close()
        cost_eur += engine.state.cost_eur[0].sum(axis=0)
    assert result.wasted_kwh == pytest.approx(0.0, abs=1e-6)
    assert cost_eur == pytest.approx(result.parts_eur, abs=0.05)


def test_it_is_recorded_like_any_controller():
    """Played through the engine under its own name, with nothing traded, and the books closed."""
    compiled = compile_community("tiny", [1_000_000_000], split="validation")
    result = solve_alone(compiled.community, compiled.year.week_start(24), 96)
    rollout = play_optimum(compiled, [result], np.array([24]), "alone")
    record = rollout.records[0]
    assert record.controller == "alone"
    assert record.j_eur == pytest.approx(result.j_eur, abs=0.05)
    assert not record.bought_wh.any()
    assert set(rollout.residuals.values()) == {0}
