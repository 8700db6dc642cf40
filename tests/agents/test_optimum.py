"""The bound against brute force, against the engine that plays its schedule, and against whatever else can be done."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridbid.agents.programs.feeder_tangents import branch_tangents
from gridbid.agents.programs.optimum import solve_week
from gridbid.agents.programs.outlook import perfect_outlook
from gridbid.market.community import Community
from gridbid.market.engine import Engine
from gridbid.market.grid.power_flow import solve
from gridbid.market.naive.communities import random_community, with_absences
from gridbid.market.types import Control, Cost
from gridbid.market.units import NEUR_PER_EUR

START = 200
QUANTUM_KWH = 0.25
METERING_EUR = 0.01
"""What whole Wh can make of a day's bill at these prices."""


def small_community() -> Community:
    """A battery at one meter, load and PV at two, a car at a third; every energy is a multiple of QUANTUM_KWH."""
    community = random_community(np.random.default_rng(0), n=3, n_buses=3)
    zeros, ones = np.zeros(3), np.ones(3)
    devices = community.devices._replace(
        **dict.fromkeys(community.devices._fields, zeros),
    )
    devices = devices._replace(
        battery_kwh=np.array([0.5, 0.0, 0.0]),
        battery_kw=np.array([1.0, 0.0, 0.0]),
        battery_initial_kwh=np.array([0.25, 0.0, 0.0]),
        charge_efficiency=ones,
        discharge_efficiency=ones,
        wear_eur_per_kwh=np.full(3, 0.01),
        charger_kw=np.array([0.0, 0.0, 2.0]),
        charger_efficiency=ones,
        car_kwh=np.array([0.0, 0.0, 3.0]),
        cop=ones,
    )
    series = community.series
    load_kw, pv_kw = np.zeros_like(series.load_kw), np.zeros_like(series.pv_kw)
    load_kw[START : START + 4, 0] = [1.0, 2.0, 0.0, 1.0]
    pv_kw[START : START + 4, 1] = [0.0, 3.0, 2.0, 0.0]
    retail, feed_in = series.retail.copy(), series.feed_in.copy()
    retail[0, START : START + 4] = [300_000, 250_000, 200_000, 450_000]
    feed_in[0, START : START + 4] = [80_000, 80_000, 60_000, 80_000]
    slots = series.load_kw.shape[0]
    fee = np.full(slots, 50_000)
    fee[START : START + 4] = [50_000, 30_000, 90_000, 40_000]
    feed_in = np.minimum(feed_in, retail - fee)
    departure = np.full((2, slots, 1), -1, np.int32)
    arrival_kwh, target_kwh = np.full((2, slots, 1), -1.0, np.float32), np.zeros((2, slots, 1), np.float32)
    departure[:, START + 1 : START + 4] = START + 4
    arrival_kwh[:, START + 1] = 1.0
    target_kwh[:, START + 1 : START + 4] = 1.75
    return community._replace(
        devices=devices,
        sites=community.sites._replace(import_limit_wh=np.full(3, 9_000), export_limit_wh=np.full(3, 9_000)),
        series=series._replace(
            load_kw=load_kw,
            pv_kw=pv_kw,
            net_kw=load_kw - pv_kw,
            heat_kw=np.zeros_like(load_kw),
            retail=retail,
            feed_in=feed_in,
            fee=fee,
            car_column=np.array([-1, -1, 0]),
            car_departure=departure,
            car_arrival_kwh=arrival_kwh,
            car_target_kwh=target_kwh,
        ),
        network=community.network._replace(rating_kva=np.full(3, np.inf)),
    )


def brute_force_eur(community: Community) -> float:
    """The least J over all schedules in steps of QUANTUM_KWH, with every local trade made one by one."""
    series = community.series
    best = np.inf
    for battery in itertools.product([-0.25, 0.0, 0.25], repeat=4):
        levels = 0.25 + np.cumsum(battery)
        if levels.min() < 0.0 or levels.max() > 0.5:
            continue
        for car in itertools.product([0.0, 0.25, 0.5], repeat=3):
            if sum(car) < 0.75:
                continue
            j_eur = 0.01 * np.abs(battery).sum() - 0.15 * (levels[-1] - 0.25)
            for t, drawn in enumerate((0.0, *car)):
                net = (series.net_kw[START + t] * 0.25).astype(float) + np.array([battery[t], 0.0, drawn])
                needs, surpluses = np.maximum(0.0, net).sum(), np.maximum(0.0, -net).sum()
                traded = min(needs, surpluses)
                retail, feed_in = series.retail[0, START + t] / 1e6, series.feed_in[0, START + t] / 1e6
                fee = series.fee[START + t] / 1e6
                j_eur += fee * traded + retail * (needs - traded) - feed_in * (surpluses - traded)
            best = min(best, j_eur)
    return best


def play(community: Community, result, engine: Engine):
    """Run a schedule through the engine, every need met by a surplus where there is one, and add up what it costs."""
    engine.reset(result.start, result.net_kwh.shape[0], result.sample)
    cost_eur, delivered_kwh = np.zeros(len(Cost)), []
    trading = engine.state.trading
    for t, net_kwh in enumerate(result.net_kwh):
        pv_kwh = community.series.pv_kw[result.start + t] * community.rules.slot_h
        trading.plan_kwh[0] = result.device_kwh[t]
        trading.curtail[0] = result.curtailed_kwh[t] / np.where(pv_kwh > 0.0, pv_kwh, 1.0)
        bought, sold = trade_wh(np.floor(net_kwh * 1_000.0).astype(int))
        trading.bought_wh[0], trading.sold_wh[0] = bought, sold
        engine.close(lambda e: delivered_kwh.append(e.state.delivered.device_kwh[0].copy()))
        cost_eur += engine.state.cost_eur[0].sum(axis=0)
    return cost_eur, np.array(delivered_kwh)


def trade_wh(net_wh):
    """Serve buyers from sellers in turn until one side is done: free of charge, since prices cancel."""
    bought, sold = np.zeros_like(net_wh), np.zeros_like(net_wh)
    for buyer, seller in itertools.product(np.flatnonzero(net_wh > 0), np.flatnonzero(net_wh < 0)):
        quantity = min(net_wh[buyer] - bought[buyer], -net_wh[seller] - sold[seller])
        bought[buyer] += quantity
        sold[seller] += quantity
    return bought, sold


def random_play_eur(
    community: Community, sample: int, n_slots: int, random: np.random.Generator
) -> np.ndarray:
    """J of 6 copies of a community whose members act at random, some of them greedily."""
    engine, n = Engine(community, 6, seed=1), community.n_participants
    engine.reset(START, n_slots, sample)
    cost_eur = np.zeros(6)
    for _ in range(n_slots * community.rules.rounds):
        controls = random.uniform(-1.0, 1.0, (6, n, len(Control)))
        limit = random.choice([0.0, 0.5, 1.0], (6, n))
        engine.step(np.full((6, n), 1.0), limit, random.choice([0.0, 1.0], (6, n)), controls)
        cost_eur += engine.state.cost_eur.sum(axis=(1, 2))
    return cost_eur


def test_brute_force_finds_the_same_cost():
    community = small_community()
    result = solve_week(community, START, 4)
    assert result.j_eur == pytest.approx(brute_force_eur(community), abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 1))
def test_nobody_beats_the_bound(seed, sample):
    """Random communities, with negative prices, tight envelopes and feeders, under random members."""
    random = np.random.default_rng(seed)
    community = random_community(random, n=5)
    result = solve_week(community, START, 24, sample)
    assert result.j_eur <= random_play_eur(community, sample, 24, random).min() + METERING_EUR


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_the_schedule_played_costs_what_it_said(seed):
    """Where nothing pays to be wasted and no envelope binds, the engine delivers the schedule and agrees on J's parts."""
    random = np.random.default_rng(seed)
    community = random_community(random, n=5)
    wide = np.full(5, 60_000)
    community = community._replace(
        devices=community.devices._replace(wear_eur_per_kwh=np.full(5, 0.08)),
        sites=community.sites._replace(import_limit_wh=wide, export_limit_wh=wide),
    )
    series = community.series
    retail = np.maximum(series.retail, series.fee + 50_000)
    feed_in = np.minimum(np.maximum(series.feed_in, 10_000), retail - series.fee)
    community = community._replace(series=series._replace(retail=retail, feed_in=feed_in))
    result = solve_week(community, START, 24)
    cost_eur, delivered_kwh = play(community, result, Engine(community))
    assert result.wasted_kwh == pytest.approx(0.0, abs=1e-6)
    assert delivered_kwh == pytest.approx(result.device_kwh, abs=1e-5)
    assert cost_eur == pytest.approx(result.parts_eur, abs=0.6)
    spread = (retail - feed_in)[0, START : START + 24].sum()  # nEUR/Wh
    metering_eur = (
        0.5 * 5 * float(spread) / NEUR_PER_EUR
    )  # whole Wh: a meter and slot is off by a third of one in the mean
    assert cost_eur[Cost.BILL] == pytest.approx(result.parts_eur[Cost.BILL], abs=metering_eur)


def test_parts_sum_up_and_the_bill_follows_from_the_meters():
    community = random_community(np.random.default_rng(4), n=6)
    result = solve_week(community, START, 96)
    assert result.parts_eur.sum() == pytest.approx(result.j_eur)
    outlook = perfect_outlook(community, START, 96, 0)
    bill_eur = (
        outlook.retail * result.import_kwh
        - outlook.feed_in * result.export_kwh
        + outlook.fee * result.traded_kwh
    ).sum()
    assert bill_eur == pytest.approx(result.parts_eur[Cost.BILL], abs=1e-6)
    needs_kwh, surpluses_kwh = (np.maximum(0.0, sign * result.net_kwh).sum(axis=1) for sign in (1.0, -1.0))
    assert result.traded_kwh == pytest.approx(np.minimum(needs_kwh, surpluses_kwh))


@pytest.mark.parametrize("seed", [0, 2])
def test_who_is_absent_is_left_in_peace(seed):
    """Its stores rest, without losses, and the bound stays below whatever members do."""
    random = np.random.default_rng(seed)
    community, wide = with_absences(random, random_community(random, n=5)), np.full(5, 60_000)
    community = community._replace(
        devices=community.devices._replace(wear_eur_per_kwh=np.full(5, 0.08)),
        sites=community.sites._replace(import_limit_wh=wide, export_limit_wh=wide),
    )
    absent = ~community.series.present[START : START + 24]
    assert absent.any()
    result = solve_week(community, START, 24)
    assert not result.device_kwh[absent].any()
    assert not result.net_kwh[absent].any()
    cost_eur, delivered_kwh = play(community, result, Engine(community))
    assert delivered_kwh == pytest.approx(result.device_kwh, abs=1e-5)
    assert cost_eur[Cost.STORED] == pytest.approx(result.parts_eur[Cost.STORED], abs=1e-6)
    assert result.j_eur <= random_play_eur(community, 0, 24, random).min() + METERING_EUR


def test_a_hopeless_car_and_a_cold_house_cost_what_nobody_can_help():
    """A target out of reach and a demand above the pump's power: their penalties stand in the bound as in the engine."""
    community = random_community(np.random.default_rng(9), n=4)
    series = community.series
    full_kwh = community.devices.car_kwh[series.car_column >= 0]
    target_kwh = np.where(series.car_target_kwh > 0.0, full_kwh, 0.0).astype(np.float32)
    community = community._replace(
        series=series._replace(heat_kw=series.heat_kw * 6.0, car_target_kwh=target_kwh)
    )
    result = solve_week(community, START, 48)
    cost_eur, _ = play(community, result, Engine(community))
    for part in (Cost.UNMET_EV, Cost.DISCOMFORT):
        assert result.parts_eur[part] > 1.0
        assert result.parts_eur[part] == pytest.approx(cost_eur[part], rel=1e-5)


@given(st.integers(0, 10_000))
def test_tangents_touch_the_power_flow_and_never_overstate_it(seed):
    random = np.random.default_rng(seed)
    community = random_community(random, n=4, n_buses=5)
    outlook = perfect_outlook(community, START, 3, 0)
    here_kwh, there_kwh = random.uniform(-4.0, 4.0, (2, 3, 4))
    tangents = branch_tangents(community, outlook, np.arange(3), here_kwh)

    def branch_kva(net_kwh):
        p_kw, q_kvar = np.zeros((3, 5)), np.zeros((3, 5))
        for i, bus in enumerate(community.sites.bus):
            p_kw[:, bus] += net_kwh[:, i] / 0.25
            q_kvar[:, bus] += community.series.load_kw[START : START + 3, i] * community.load_tan_phi
        return solve(community.network, p_kw, q_kvar).branch_kva

    assert tangents.branch_kva == pytest.approx(branch_kva(here_kwh), abs=1e-6)
    along_kva = tangents.branch_kva + np.einsum("tbi,ti->tb", tangents.slope, there_kwh - here_kwh)
    assert (along_kva <= branch_kva(there_kwh) + 0.02).all()
