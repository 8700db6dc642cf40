"""The local rule of delivery: how energy is shared out, how envelopes cut, and that short slots change nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridbid.market.delivery import device_limits, keep_envelope, share_out
from gridbid.market.engine import Engine
from gridbid.market.forecast import persistence_forecast
from gridbid.market.naive.communities import random_community
from gridbid.market.types import Control, Cost

unhurried = settings(deadline=None)
"""The first call of a kernel loads or compiles it."""

ENERGIES = st.floats(-20.0, 20.0)
AMOUNTS = st.floats(0.0, 20.0)
THREE = st.lists(ENERGIES, min_size=3, max_size=3)
LIMITS = st.lists(st.tuples(st.floats(-10.0, 10.0), AMOUNTS), min_size=3, max_size=3)


def arrays(limits):
    least = np.array([low for low, _ in limits])
    return least, least + np.array([width for _, width in limits])


def shared_out(plan, limits, flexible):
    energy = np.full(3, np.nan)
    share_out(np.array(plan), *arrays(limits), flexible, energy)
    return energy


# --- sharing out


@unhurried
@given(THREE, LIMITS, ENERGIES)
def test_sharing_out_gives_all_that_the_limits_allow(plan, limits, flexible):
    least, most = arrays(limits)
    energy = shared_out(plan, limits, flexible)
    assert (energy >= least - 1e-12).all() and (energy <= most + 1e-12).all()
    assert energy.sum() == pytest.approx(np.clip(flexible, least.sum(), most.sum()), abs=1e-9)


@unhurried
@given(THREE, LIMITS)
def test_what_was_planned_is_delivered_when_it_can_be(plan, limits):
    least, most = arrays(limits)
    feasible = np.clip(plan, least, most)
    np.testing.assert_allclose(shared_out(plan, limits, feasible.sum()), feasible, atol=1e-9)


@unhurried
@given(THREE, LIMITS, ENERGIES)
def test_a_deviation_is_taken_by_the_first_device_that_can(plan, limits, flexible):
    """A device moves off its plan only when all before it stand at the bound on that side."""
    least, most = arrays(limits)
    feasible, energy = np.clip(plan, least, most), shared_out(plan, limits, flexible)
    bound = most if flexible > feasible.sum() else least
    for d in range(1, 3):
        if abs(energy[d] - feasible[d]) > 1e-9:
            np.testing.assert_allclose(energy[:d], bound[:d], atol=1e-9)


# --- envelopes


@st.composite
def breaches(draw):
    """Energies inside their limits, the inflexible rest, PV left to hold back, and an envelope."""
    least, most = arrays(draw(LIMITS))
    shares = np.array(draw(st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3)))
    curtailable = draw(AMOUNTS)
    inflexible = draw(AMOUNTS) - curtailable
    return least + shares * (most - least), least, inflexible, curtailable, draw(AMOUNTS), draw(AMOUNTS)


def kept(case):
    energy, least, *rest = case
    after = energy.copy()
    return after, keep_envelope(after, least, *rest)


@unhurried
@given(breaches())
def test_what_is_cut_is_accounted_for(case):
    """The net load moves by what was cut, into the envelope or as near as it gets; inside it nothing changes."""
    energy, _, inflexible, curtailable, import_kwh, export_kwh = case
    after, (held_back, cut, breach) = kept(case)
    before_net, net = inflexible + energy.sum(), inflexible + held_back + after.sum()
    assert 0.0 <= held_back <= curtailable and cut >= 0.0 and breach >= 0.0
    assert abs(net - before_net) == pytest.approx(cut, abs=1e-9)
    assert breach == pytest.approx(max(0.0, net - import_kwh, -export_kwh - net), abs=1e-9)
    if -export_kwh <= before_net <= import_kwh:
        assert cut == 0.0
        np.testing.assert_array_equal(after, energy)


@unhurried
@given(breaches())
def test_an_import_breach_cuts_charging_down_to_what_is_owed(case):
    energy, least, inflexible, _, import_kwh, _ = case
    after, (held_back, _, breach) = kept(case)
    if inflexible + energy.sum() <= import_kwh:
        return
    owed = np.minimum(energy, np.maximum(least, 0.0))
    assert held_back == 0.0
    assert (after <= energy).all() and (after >= owed - 1e-12).all()
    if breach > 1e-9:
        np.testing.assert_allclose(after, owed, atol=1e-9)
    assert_in_order(energy, after, owed)


@unhurried
@given(breaches())
def test_an_export_breach_cuts_discharge_and_then_pv(case):
    energy, _, inflexible, curtailable, _, export_kwh = case
    after, (held_back, _, breach) = kept(case)
    if inflexible + energy.sum() >= -export_kwh:
        return
    stopped = np.maximum(energy, 0.0)
    assert (after >= energy).all() and (after <= stopped + 1e-12).all()
    if held_back > 1e-9:
        np.testing.assert_allclose(after, stopped, atol=1e-9)
    if breach > 1e-9:
        assert held_back == curtailable
    assert_in_order(energy, after, stopped)


def assert_in_order(before, after, end):
    """A device is touched only when all before it have gone to their end."""
    for d in range(1, 3):
        if abs(after[d] - before[d]) > 1e-9:
            np.testing.assert_allclose(after[:d], end[:d], atol=1e-9)


def test_an_envelope_never_makes_a_device_run_the_other_way():
    discharging = np.array([-2.0, 3.0, 0.0])
    assert keep_envelope(discharging, np.array([-5.0, 0.0, 0.0]), 10.0, 0.0, 4.0, 4.0) == (0.0, 3.0, 4.0)
    assert discharging.tolist() == [-2.0, 0.0, 0.0]


# --- limits of all devices at once


@unhurried
@given(st.integers(0, 2**32 - 1))
def test_devices_have_the_limits_of_their_own_kind(seed):
    random = np.random.default_rng(seed)
    devices = random_community(random, n=1, n_slots=250).devices
    one = {name: float(values[0]) for name, values in devices._asdict().items()}
    battery_kwh, car_kwh = random.random() * one["battery_kwh"], random.random() * one["car_kwh"]
    heat_kwh, demand_kwh = random.random() * one["heat_store_kwh"], random.uniform(0.0, 3.0)
    target_kwh, slots_after = random.random() * one["car_kwh"], int(random.integers(-1, 20))
    least, most = np.full(3, np.nan), np.full(3, np.nan)
    device_limits(
        devices, 0, battery_kwh, car_kwh, target_kwh, slots_after, heat_kwh, demand_kwh, 0.25, least, most
    )
    limits = [
        battery_limits(one, battery_kwh),
        charger_limits(one, car_kwh, target_kwh, slots_after),
        heat_pump_limits(one, heat_kwh, demand_kwh),
    ]
    np.testing.assert_allclose(np.transpose([least, most]), limits, atol=1e-12)


def battery_limits(one, stored_kwh):
    reach = one["battery_kw"] / 4
    room = (one["battery_kwh"] - stored_kwh) / one["charge_efficiency"]
    return -min(reach, stored_kwh * one["discharge_efficiency"]), min(reach, room)


def charger_limits(one, stored_kwh, target_kwh, slots_after):
    if slots_after < 0:
        return 0.0, 0.0
    eta, full = one["charger_efficiency"], one["charger_kw"] / 4
    most = min(full, (one["car_kwh"] - stored_kwh) / eta)
    due = target_kwh - stored_kwh - slots_after * full * eta
    due = due / eta if due > 0 else due * eta
    return min(max(-min(one["charger_v2g_kw"] / 4, stored_kwh * eta), due), most), most


def heat_pump_limits(one, stored_kwh, demand_kwh):
    if one["heat_pump_kw"] == 0.0:
        return 0.0, 0.0
    kept_kwh = stored_kwh * (1 - one["heat_loss_per_h"] / 4)
    most = min(one["heat_pump_kw"] / 4, (one["heat_store_kwh"] - kept_kwh + demand_kwh) / one["cop"])
    return min(max(0.0, demand_kwh - kept_kwh) / one["cop"], most), most


# --- the length of a slot


BEGIN_H, LENGTH_H = 100, 24


def community_in_slots_of(minutes):
    """Homes with batteries, amply connected, whose load, PV and prices are steady by the half hour."""
    community = random_community(np.random.default_rng(21), n=8, n_slots=300, slots_per_day=48)
    slots_per_day = 24 * 60 // minutes
    n, times = community.n_participants, 30 // minutes
    absent = np.zeros(n)
    wide = np.full(n, 10**7)
    return community._replace(
        rules=community.rules._replace(slot_h=minutes / 60, slots_per_day=slots_per_day),
        devices=community.devices._replace(charger_kw=absent, heat_pump_kw=absent, heat_store_kwh=absent),
        sites=community.sites._replace(import_limit_wh=wide, export_limit_wh=wide),
        series=drawn_out(community.series, times)._replace(
            car_column=np.full(n, -1), forecast=persistence_forecast(slots_per_day)
        ),
    )


def drawn_out(series, times):
    """Every slot's values ``times`` times over; no heat is asked for, and no car comes."""
    by_slot = ("load_kw", "pv_kw", "net_kw", "net_hour_kw", "fee", "local_hour", "day_of_year", "weekend")
    by_sample = ("retail", "feed_in", "wholesale", "carbon_g_per_kwh")
    repeated = {name: np.repeat(getattr(series, name), times, axis=0) for name in by_slot}
    repeated |= {name: np.repeat(getattr(series, name), times, axis=1) for name in by_sample}
    no_car = np.full((*repeated["retail"].shape, 1), -1)
    return series._replace(
        **repeated,
        heat_kw=np.zeros_like(repeated["load_kw"]),
        car_departure=no_car.astype(np.int32),
        car_arrival_kwh=no_car.astype(np.float32),
        car_target_kwh=np.zeros_like(no_car, np.float32),
    )


def a_day_of(community, follow, set_point):
    """A day in which nobody trades: J by part (EUR), battery energy stored, readings (Wh), battery throughput (kWh)."""
    n, per_hour = community.n_participants, round(1 / community.rules.slot_h)
    engine = Engine(community)
    engine.reset(BEGIN_H * per_hour, LENGTH_H * per_hour)
    still, controls = np.zeros((1, n)), np.zeros((1, n, len(Control)))
    controls[..., Control.BATTERY] = set_point
    cost_eur, throughput_kwh = np.zeros((n, len(Cost))), np.zeros(n)

    def add(engine):
        throughput_kwh[:] += engine.state.delivered.throughput_kwh[0]

    for _ in range(LENGTH_H * per_hour):
        engine.step(still, still, still + follow, controls, add)
        cost_eur += engine.state.cost_eur[0]
    return cost_eur, engine.state.stores.battery_kwh[0], engine.state.totals.reading_wh[0], throughput_kwh


@pytest.mark.parametrize("follow", [0.0, 1.0])
@pytest.mark.parametrize("set_point", [0.6, -0.4])
def test_halving_the_slot_leaves_energies_and_costs_the_same(follow, set_point):
    """Costs to a cent: where a battery fills up within a slot, halves net import and export at two prices, not one."""
    whole, half = (a_day_of(community_in_slots_of(minutes), follow, set_point) for minutes in (30, 15))
    for ours, theirs, tolerance in zip(whole, half, (1e-2, 1e-6, 1, 1e-6), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance)
    assert whole[3].max() > 1.0


# --- wear


@pytest.mark.parametrize(
    ("price_eur_per_kwh", "cycles", "ct_per_kwh_discharged"),
    [(300, 6_000, 5.6), (500, 6_000, 9.3), (700, 4_000, 19.4)],
)
def test_wear_over_a_life_is_what_the_battery_cost(price_eur_per_kwh, cycles, ct_per_kwh_discharged):
    """Linear degradation: price / (cycles x depth) for each kWh discharged, half of it for each kWh of throughput.

    A battery of 5 kW and 12.5 kWh, full and empty four times in a day; at its meter a cycle moves 1/0.95 in and 0.95 out.
    """
    depth, capacity_kwh, efficiency = 0.9, 12.5, 0.95
    wear_eur_per_kwh = price_eur_per_kwh / (cycles * depth) / 2
    assert 200 * wear_eur_per_kwh == pytest.approx(ct_per_kwh_discharged, abs=0.06)
    community = community_in_slots_of(15)
    n = community.n_participants
    every = {
        "battery_kwh": capacity_kwh, "battery_kw": 5.0, "battery_initial_kwh": 0.0, "charge_efficiency": efficiency,
        "discharge_efficiency": efficiency, "wear_eur_per_kwh": wear_eur_per_kwh,
    }  # fmt: skip
    devices = community.devices._replace(**{name: np.full(n, value) for name, value in every.items()})
    engine = Engine(community._replace(devices=devices))
    engine.reset(BEGIN_H * 4, LENGTH_H * 4)
    still, controls, wear_eur = np.zeros((1, n)), np.zeros((1, n, len(Control))), np.zeros(n)
    for slot in range(LENGTH_H * 4):
        controls[..., Control.BATTERY] = 1.0 if slot % 24 < 12 else -1.0
        engine.step(still, still, still, controls)
        wear_eur += engine.state.cost_eur[0, :, Cost.WEAR]
    lives = 4 / (cycles * depth)
    at_the_meter = (1 / efficiency + efficiency) / 2
    np.testing.assert_allclose(wear_eur, lives * price_eur_per_kwh * capacity_kwh * at_the_meter, rtol=1e-9)
