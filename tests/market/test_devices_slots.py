"""Devices over a whole day, by plain loops over their kernels: in slots of any length, and whatever is asked of them.

Powers are those of a representative home (NREL ATB 2024: battery 5 kW, 12.5 kWh). What may differ between slot lengths is
stated at each test; where nothing is stated, nothing but rounding may.
"""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from gridbid.market.delivery import device_limits, feasible_kwh, keep_envelope, share_out
from gridbid.market.devices import battery, charge_point, heat_pump
from gridbid.market.naive.communities import random_devices

HOURS = 24
MINUTES = (60, 30, 15, 5)
"""Slot lengths that are compared with slots of a minute."""
SEEDS = st.integers(0, 2**32 - 1)
few = settings(max_examples=25, deadline=None)
"""A day in slots of a minute is 1 440 steps."""


def by_slot(hourly, minutes):
    """Powers by the hour as powers by the slot, and the slot's length in hours."""
    return np.repeat(hourly, 60 // minutes), minutes / 60.0


def by_hour(values, minutes):
    """Energies by the slot as energies by the hour."""
    return np.reshape(values, (HOURS, 60 // minutes)).sum(axis=1)


# --- battery


class Battery(NamedTuple):
    capacity_kwh: float = 12.5
    power_kw: float = 5.0
    eta_in: float = 0.95
    eta_out: float = 0.95


def run_battery(plan_kw, hours, stored_kwh, kind=Battery()):  # noqa: B008
    """AC energy by slot, and what is stored after each, when a plan is cut to what is possible."""
    energies_kwh, levels_kwh = [], []
    for power_kw in plan_kw:
        least, most = battery.limits_kwh(
            stored_kwh, kind.capacity_kwh, kind.power_kw, kind.eta_in, kind.eta_out, hours
        )
        energies_kwh.append(min(max(power_kw * hours, least), most))
        stored_kwh = battery.stored_after_kwh(
            stored_kwh, energies_kwh[-1], kind.capacity_kwh, kind.eta_in, kind.eta_out
        )
        levels_kwh.append(stored_kwh)
    return np.array(energies_kwh), np.array(levels_kwh)


@pytest.mark.parametrize("minutes", MINUTES)
@few
@given(SEEDS)
def test_a_batterys_day_is_the_same_in_slots_of_any_length(minutes, seed):
    random = np.random.default_rng(seed)
    plan_kw, stored_kwh = random.uniform(-7.0, 7.0, HOURS), random.uniform(0.0, 12.5)
    days = [run_battery(*by_slot(plan_kw, m), stored_kwh) for m in (minutes, 1)]
    (energy, level), (energy_1, level_1) = days
    np.testing.assert_allclose(by_hour(energy, minutes), by_hour(energy_1, 1), atol=1e-9)
    np.testing.assert_allclose(level[60 // minutes - 1 :: 60 // minutes], level_1[59::60], atol=1e-9)
    # Wear is a price for each kWh of throughput, and the bill one for each kWh.
    assert np.abs(energy).sum() == pytest.approx(np.abs(energy_1).sum(), abs=1e-9)


@pytest.mark.parametrize("minutes", [60, 15, 1])
def test_a_full_cycle_moves_the_capacity_and_its_losses(minutes):
    """Full, empty, full by hand: 12.5 kWh behind 0.95 each way."""
    plan_kw, hours = by_slot(np.repeat([5.0, -5.0, 5.0], 8), minutes)
    energy, level = run_battery(plan_kw, hours, 0.0)
    thirds = energy.reshape(3, -1).sum(axis=1)
    np.testing.assert_allclose(thirds, [12.5 / 0.95, -12.5 * 0.95, 12.5 / 0.95], rtol=1e-12)
    assert (level.min(), level.max()) == (0.0, 12.5)


# --- charge point


class Car(NamedTuple):
    capacity_kwh: float = 60.0
    power_kw: float = 11.0
    v2g_kw: float = 0.0
    efficiency: float = 0.95


def run_car(plan_kw, hours, stored_kwh, target_kwh, kind):
    """AC energy by slot, and what is stored after each; the car leaves with the last slot."""
    energies_kwh, levels_kwh = [], []
    for slot, power_kw in enumerate(plan_kw):
        least, most = charge_point.limits_kwh(
            stored_kwh, kind.capacity_kwh, target_kwh, len(plan_kw) - slot - 1, kind.power_kw, kind.v2g_kw,
            kind.efficiency, hours,
        )  # fmt: skip
        energies_kwh.append(min(max(power_kw * hours, least), most))
        stored_kwh = charge_point.stored_after_kwh(
            stored_kwh, energies_kwh[-1], kind.capacity_kwh, kind.efficiency
        )
        levels_kwh.append(stored_kwh)
    return np.array(energies_kwh), np.array(levels_kwh)


@pytest.mark.parametrize("minutes", MINUTES)
@few
@given(SEEDS)
def test_a_cars_day_is_the_same_in_slots_of_any_length(minutes, seed):
    random, kind = np.random.default_rng(seed), Car()
    plan_kw = random.uniform(0.0, 14.0, HOURS) * (random.random(HOURS) < 0.3)
    stored_kwh, target_kwh = random.uniform(0.0, 60.0, 2)
    (energy, level), (energy_1, level_1) = (
        run_car(*by_slot(plan_kw, m), stored_kwh, target_kwh, kind) for m in (minutes, 1)
    )
    np.testing.assert_allclose(by_hour(energy, minutes), by_hour(energy_1, 1), atol=1e-9)
    np.testing.assert_allclose(level[60 // minutes - 1 :: 60 // minutes], level_1[59::60], atol=1e-9)


@pytest.mark.parametrize("minutes", MINUTES)
@few
@given(SEEDS)
def test_a_car_that_feeds_back_is_as_full_in_slots_of_any_length(minutes, seed):
    """Stored energy is the same; of AC energy, one slot's cycling losses may differ.

    When the energy due allows no more feeding back within a slot, a short slot turns to full power there; a long one, which
    has one power only, comes to the same level by the difference of the two, and spares the losses of the turn: of a day's
    energy at most 0.4 % in slots of an hour, 0.1 % in quarter hours.
    """
    random, kind = np.random.default_rng(seed), Car(v2g_kw=10.0)
    plan_kw = random.uniform(-12.0, 12.0, HOURS)
    stored_kwh, target_kwh = random.uniform(0.0, 60.0, 2)
    (energy, level), (energy_1, level_1) = (
        run_car(*by_slot(plan_kw, m), stored_kwh, target_kwh, kind) for m in (minutes, 1)
    )
    np.testing.assert_allclose(level[60 // minutes - 1 :: 60 // minutes], level_1[59::60], atol=1e-9)
    losses_kwh = kind.power_kw * minutes / 60.0 * (1.0 - kind.efficiency**2)
    assert abs(energy.sum() - energy_1.sum()) <= losses_kwh + 1e-9


@st.composite
def stays(draw):
    """A car, what it brings and wants (perhaps more than it holds), how long it stays (perhaps one slot), and any plan."""
    capacity_kwh = draw(st.floats(5.0, 100.0))
    kind = Car(
        capacity_kwh,
        draw(st.floats(1.0, 22.0)),
        draw(st.sampled_from([0.0, 3.7, 22.0])),
        draw(st.floats(0.7, 1.0)),
    )
    plan_kw = draw(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
    brings_kwh, wants_kwh = draw(st.floats(0.0, 1.0)) * capacity_kwh, draw(st.floats(0.0, 1.3)) * capacity_kwh
    return kind, plan_kw, brings_kwh, wants_kwh, draw(st.sampled_from([60, 15, 1])) / 60.0


@settings(deadline=None)
@given(stays())
def test_energy_due_is_met_whenever_full_power_from_arrival_meets_it(stay):
    """Whatever is planned; and where it can't be met, the car has all that full power from arrival would have given it."""
    kind, plan_kw, brings_kwh, wants_kwh, hours = stay
    _, level = run_car(plan_kw, hours, brings_kwh, wants_kwh, kind)
    reach_kwh = brings_kwh
    for _ in plan_kw:
        reach_kwh = min(kind.capacity_kwh, reach_kwh + kind.power_kw * hours * kind.efficiency)
    assert level[-1] >= min(wants_kwh, reach_kwh) - 1e-9
    assert (level >= 0.0).all() and (level <= kind.capacity_kwh).all()


@settings(deadline=None)
@given(stays())
def test_a_car_keeps_to_its_power_and_its_losses(stay):
    kind, plan_kw, brings_kwh, wants_kwh, hours = stay
    energy, level = run_car(plan_kw, hours, brings_kwh, wants_kwh, kind)
    assert (energy <= kind.power_kw * hours + 1e-12).all() and (energy >= -kind.v2g_kw * hours - 1e-12).all()
    change = np.where(energy > 0.0, energy * kind.efficiency, energy / kind.efficiency)
    np.testing.assert_allclose(np.diff(level, prepend=brings_kwh), change, atol=1e-9)


def test_a_car_that_leaves_with_its_first_slot_gets_all_there_is():
    energy, level = run_car([-5.0], 0.25, 10.0, 50.0, Car(v2g_kw=5.0))
    assert energy.tolist() == [11.0 * 0.25] and level[0] == pytest.approx(10.0 + 2.75 * 0.95)


# --- heat pump


class Pump(NamedTuple):
    store_kwh: float = 15.0
    power_kw: float = 4.0
    cop: float = 3.0
    loss_per_h: float = 0.01


def run_pump(plan_kw, demand_kw, hours, stored_kwh, kind):
    """Electric energy, heat stored and heat unserved by slot."""
    days = []
    for power_kw, heat_kw in zip(plan_kw, demand_kw, strict=True):
        least, most = heat_pump.limits_kwh(
            stored_kwh, heat_kw * hours, kind.store_kwh, kind.loss_per_h, kind.power_kw, kind.cop, hours
        )
        energy_kwh = min(max(power_kw * hours, least), most)
        stored_kwh, unserved_kwh = heat_pump.stored_after_kwh(
            stored_kwh, energy_kwh, heat_kw * hours, kind.store_kwh, kind.loss_per_h, kind.cop, hours
        )
        days.append((energy_kwh, stored_kwh, unserved_kwh))
    return np.transpose(days)


def pump_days(seed, minutes, kind, most_demand_kw):
    """A day in slots of ``minutes``, and the same in slots of a minute."""
    random = np.random.default_rng(seed)
    plan_kw, stored_kwh = random.uniform(-1.0, 5.0, HOURS), random.uniform(0.0, kind.store_kwh)
    demand_kw = random.uniform(0.0, most_demand_kw, HOURS)
    return (run_pump(by_slot(plan_kw, m)[0], *by_slot(demand_kw, m), stored_kwh, kind) for m in (minutes, 1))


@pytest.mark.parametrize("minutes", MINUTES)
@few
@given(SEEDS)
def test_a_heat_pumps_day_is_the_same_in_slots_of_any_length(minutes, seed):
    """Without losses, and with a demand that the pump can follow."""
    kind = Pump(loss_per_h=0.0)
    (energy, level, unserved), (energy_1, level_1, unserved_1) = pump_days(seed, minutes, kind, 12.0)
    np.testing.assert_allclose(by_hour(energy, minutes), by_hour(energy_1, 1), atol=1e-9)
    np.testing.assert_allclose(level[60 // minutes - 1 :: 60 // minutes], level_1[59::60], atol=1e-9)
    assert unserved.sum() == pytest.approx(0.0, abs=1e-9) and unserved_1.sum() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("minutes", MINUTES)
@few
@given(SEEDS, st.floats(0.0, 0.05))
def test_losses_differ_by_what_a_full_store_loses_in_a_slot(minutes, seed, loss_per_h):
    """A slot loses a share of what was stored when it began: heat that comes in it loses nothing until the next.

    At 1 %/h a day of heating takes 0.07 % more or less electricity in slots of an hour, 0.01 % in quarter hours.
    """
    kind = Pump(loss_per_h=loss_per_h)
    (energy, level, _), (energy_1, level_1, _) = pump_days(seed, minutes, kind, 12.0)
    lost_kwh = loss_per_h * minutes / 60.0 * kind.store_kwh
    assert abs(energy.sum() - energy_1.sum()) * kind.cop <= lost_kwh + 1e-9
    gap_kwh = np.abs(level[60 // minutes - 1 :: 60 // minutes] - level_1[59::60]).max()
    assert gap_kwh <= lost_kwh + 1e-9


@pytest.mark.parametrize("minutes", MINUTES)
@few
@given(SEEDS)
def test_discomfort_differs_by_what_a_slot_foresees(minutes, seed):
    """Where the demand exceeds the pump, a long slot sees its end from its beginning: one slot of full power at most, each
    time that the store runs empty."""
    kind = Pump(loss_per_h=0.0)
    (_, level, unserved), (_, level_1, unserved_1) = pump_days(seed, minutes, kind, 24.0)
    is_empty = level_1 == 0.0
    times = np.count_nonzero(is_empty & ~np.r_[False, is_empty[:-1]])
    full_kwh = kind.power_kw * kind.cop * minutes / 60.0
    assert -1e-9 <= unserved_1.sum() - unserved.sum() <= times * full_kwh + 1e-9


@settings(deadline=None)
@given(SEEDS, st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_comfort_holds_in_every_slot_in_which_full_power_holds_it(seed, plan_kw):
    """Whatever is planned before and now."""
    random = np.random.default_rng(seed)
    kind, hours = Pump(loss_per_h=random.uniform(0.0, 0.05)), 0.25
    demand_kw, stored_kwh = random.uniform(0.0, 24.0, len(plan_kw)), random.uniform(0.0, kind.store_kwh)
    energy, level, unserved = run_pump(plan_kw, demand_kw, hours, stored_kwh, kind)
    before = np.r_[stored_kwh, level[:-1]] * (1.0 - kind.loss_per_h * hours)
    lacking = demand_kw * hours - before - kind.power_kw * hours * kind.cop
    np.testing.assert_allclose(unserved, np.maximum(0.0, lacking), atol=1e-9)
    assert (level >= 0.0).all() and (level <= kind.store_kwh).all()
    assert (energy >= 0.0).all() and (energy <= kind.power_kw * hours).all()


@few
@given(SEEDS)
def test_full_power_serves_all_the_heat_that_any_plan_could(seed):
    """Against the linear program of least discomfort, which knows the whole day."""
    random = np.random.default_rng(seed)
    kind, hours, n = Pump(loss_per_h=random.uniform(0.0, 0.05)), 1.0, HOURS
    demand_kw, stored_kwh = random.uniform(0.0, 24.0, n), random.uniform(0.0, kind.store_kwh)
    _, _, unserved = run_pump(np.full(n, kind.power_kw), demand_kw, hours, stored_kwh, kind)
    # level[t] - keep x level[t - 1] - cop x energy[t] - unserved[t] = -demand[t]
    keep = 1.0 - kind.loss_per_h * hours
    levels = np.eye(n) - keep * np.eye(n, k=-1)
    balance = np.hstack([levels, -kind.cop * np.eye(n), -np.eye(n)])
    right = -demand_kw * hours
    right[0] += keep * stored_kwh
    bounds = [(0.0, kind.store_kwh)] * n + [(0.0, kind.power_kw * hours)] * n + [(0.0, None)] * n
    best = linprog(np.r_[np.zeros(2 * n), np.ones(n)], A_eq=balance, b_eq=right, bounds=bounds)
    assert unserved.sum() == pytest.approx(best.fun, abs=1e-6)


# --- all devices behind a meter, with PV, whatever is asked of them


class Site(NamedTuple):
    """One participant's day: devices of a random community, steady by the hour."""

    devices: object
    load_kw: np.ndarray
    pv_kw: np.ndarray
    heat_kw: np.ndarray
    leaves: np.ndarray
    """Hour in which the car has gone, while it is there; else -1."""
    brings_kwh: np.ndarray
    wants_kwh: np.ndarray
    import_kw: float
    export_kw: float


def random_site(random):
    devices = random_devices(random, 1)
    leaves, brings_kwh = np.full(HOURS, -1), np.full(HOURS, -1.0)
    wants_kwh = np.zeros(HOURS)
    begin, end = sorted(random.choice(np.arange(HOURS + 1), 2, replace=False))
    if devices.charger_kw[0] > 0.0:
        leaves[begin:end] = end
        brings_kwh[begin], wants_kwh[begin:end] = random.uniform(0.0, 1.2, 2) * devices.car_kwh[0]
        brings_kwh[begin] = min(brings_kwh[begin], devices.car_kwh[0])
    return Site(
        devices,
        load_kw=random.uniform(0.0, 6.0, HOURS),
        pv_kw=random.uniform(0.0, 12.0, HOURS) * random.integers(0, 2),
        heat_kw=random.uniform(0.0, 10.0, HOURS) * (devices.heat_pump_kw[0] > 0.0),
        leaves=leaves,
        brings_kwh=brings_kwh,
        wants_kwh=wants_kwh,
        import_kw=random.uniform(2.0, 30.0),
        export_kw=random.uniform(0.0, 20.0),
    )


class Step(NamedTuple):
    """What a slot came to."""

    energy: np.ndarray
    stores: tuple[float, float, float]
    unserved: float
    net: float
    curtailed: float
    breach: float
    fits: bool
    """Whether each energy lay inside its device's limits."""


def run_site(site, minutes, plan_kw, curtail, follow, position_kw):
    """The local rule over a day; ``plan_kw`` (slots, devices), the rest by slot."""
    devices, hours = site.devices, minutes / 60.0
    battery_kwh, heat_kwh, car_kwh = devices.battery_initial_kwh[0], 0.5 * devices.heat_store_kwh[0], 0.0
    least, most, energy = np.zeros(3), np.zeros(3), np.zeros(3)
    steps = []
    per_hour = 60 // minutes
    for slot in range(HOURS * per_hour):
        hour = slot // per_hour
        if slot % per_hour == 0 and site.brings_kwh[hour] >= 0.0:
            car_kwh = site.brings_kwh[hour]
        slots_after = site.leaves[hour] * per_hour - slot - 1 if site.leaves[hour] >= 0 else -1
        demand_kwh, pv_kwh = site.heat_kw[hour] * hours, site.pv_kw[hour] * hours
        device_limits(
            devices, 0, battery_kwh, car_kwh, site.wants_kwh[hour], slots_after, heat_kwh, demand_kwh, hours,
            least, most,
        )  # fmt: skip
        plan = plan_kw[slot] * hours
        curtailed = curtail[slot] * pv_kwh
        inflexible = site.load_kw[hour] * hours - pv_kwh + curtailed
        wanted = (1.0 - follow[slot]) * feasible_kwh(plan, least, most)
        wanted += follow[slot] * (position_kw[slot] * hours - inflexible)
        share_out(plan, least, most, wanted, energy)
        held_back, _, breach = keep_envelope(
            energy, least, inflexible, pv_kwh - curtailed, site.import_kw * hours, site.export_kw * hours
        )
        # The envelope may stop what a device does, never turn it round.
        fits = (energy <= most + 1e-9).all() and (energy >= np.minimum(least, 0.0) - 1e-9).all()
        battery_kwh = battery.stored_after_kwh(
            battery_kwh, energy[0], devices.battery_kwh[0], devices.charge_efficiency[0],
            devices.discharge_efficiency[0],
        )  # fmt: skip
        if slots_after >= 0:
            car_kwh = charge_point.stored_after_kwh(
                car_kwh, energy[1], devices.car_kwh[0], devices.charger_efficiency[0]
            )
        heat_kwh, unserved = heat_pump.stored_after_kwh(
            heat_kwh, energy[2], demand_kwh, devices.heat_store_kwh[0], devices.heat_loss_per_h[0],
            devices.cop[0], hours,
        )  # fmt: skip
        steps.append(
            Step(
                energy.copy(), (battery_kwh, car_kwh, heat_kwh), unserved, inflexible + held_back + energy.sum(),
                curtailed + held_back, breach, fits,
            )
        )  # fmt: skip
    return steps


@settings(deadline=None, max_examples=60)
@given(SEEDS, st.sampled_from([60, 15, 5]), st.sampled_from([1.0, 30.0, 1e6]))
def test_nothing_that_is_asked_of_a_site_breaks_a_bound(seed, minutes, scale):
    """State of charge, power, comfort, the energy due and the envelope, under plans and positions without measure."""
    random = np.random.default_rng(seed)
    site, n = random_site(random), HOURS * 60 // minutes
    steps = run_site(
        site,
        minutes,
        scale * random.standard_normal((n, 3)),
        random.choice([0.0, 0.3, 1.0], n),
        random.choice([0.0, 0.5, 1.0], n),
        scale * random.standard_normal(n),
    )
    devices, hours = site.devices, minutes / 60.0
    stores = np.array([step.stores for step in steps])
    capacity = [devices.battery_kwh[0], devices.car_kwh[0], devices.heat_store_kwh[0]]
    assert (stores >= 0.0).all() and (stores <= capacity).all()
    energy = np.array([step.energy for step in steps])
    most_kw = [devices.battery_kw[0], devices.charger_kw[0], devices.heat_pump_kw[0]]
    least_kw = [-devices.battery_kw[0], -devices.charger_v2g_kw[0], 0.0]
    assert (energy <= np.array(most_kw) * hours + 1e-9).all()
    assert (energy >= np.array(least_kw) * hours - 1e-9).all()
    assert all(step.fits for step in steps)
    assert_comfort(site, minutes, steps)
    assert_energy_due(site, minutes, steps)
    for slot, step in enumerate(steps):
        assert 0.0 <= step.curtailed <= site.pv_kw[slot * minutes // 60] * hours + 1e-9
        outside = max(step.net - site.import_kw * hours, -site.export_kw * hours - step.net, 0.0)
        assert step.breach == pytest.approx(outside, abs=1e-9)


def assert_comfort(site, minutes, steps):
    """Heat is lacking only where full power lacks it."""
    devices, hours = site.devices, minutes / 60.0
    heat_kwh = 0.5 * devices.heat_store_kwh[0]
    for slot, step in enumerate(steps):
        kept_kwh = heat_kwh * (1.0 - devices.heat_loss_per_h[0] * hours)
        lacking_kwh = site.heat_kw[slot * minutes // 60] * hours - kept_kwh
        lacking_kwh -= devices.heat_pump_kw[0] * hours * devices.cop[0]
        assert step.unserved == pytest.approx(max(0.0, lacking_kwh), abs=1e-9)
        heat_kwh = step.stores[2]


def assert_energy_due(site, minutes, steps):
    """The car leaves with what it wants, or with all that full power from arrival gives."""
    arrivals = np.flatnonzero(site.brings_kwh >= 0.0)
    for arrival in arrivals:
        leaves = site.leaves[arrival]
        full_kwh = site.devices.charger_kw[0] * site.devices.charger_efficiency[0] * (leaves - arrival)
        reach_kwh = min(site.devices.car_kwh[0], site.brings_kwh[arrival] + full_kwh)
        leaves_with_kwh = steps[leaves * 60 // minutes - 1].stores[1]
        assert leaves_with_kwh >= min(site.wants_kwh[arrival], reach_kwh) - 1e-9


PRICE_EUR_PER_KWH = 0.3


def day_of_site(site, minutes, plan_kw, curtail):
    """Energy of devices by the hour, PV held back, and the day's cost with wear, for a plan by the hour that is followed."""
    n = HOURS * 60 // minutes
    plan = np.repeat(plan_kw, 60 // minutes, axis=0)
    steps = run_site(site, minutes, plan, np.repeat(curtail, 60 // minutes), np.zeros(n), np.zeros(n))
    energy = np.array([step.energy for step in steps])
    wear_eur = site.devices.wear_eur_per_kwh[0] * np.abs(energy[:, 0]).sum()
    cost_eur = PRICE_EUR_PER_KWH * sum(step.net for step in steps) + wear_eur
    hourly = energy.reshape(HOURS, -1, 3).sum(axis=1)
    return hourly, sum(step.curtailed for step in steps), cost_eur


@pytest.mark.parametrize("minutes", MINUTES)
@few
@given(SEEDS)
def test_a_sites_day_is_the_same_in_slots_of_any_length(minutes, seed):
    """Battery, car, heat pump and PV together, where the envelope is wide and heat neither lacks nor is lost: to rounding."""
    random = np.random.default_rng(seed)
    site = random_site(random)
    no_loss = np.zeros(1)
    site = site._replace(
        devices=site.devices._replace(heat_loss_per_h=no_loss, charger_v2g_kw=no_loss),
        heat_kw=np.minimum(site.heat_kw, site.devices.heat_pump_kw[0] * site.devices.cop[0]),
        import_kw=1e3,
        export_kw=1e3,
    )
    plan_kw, curtail = random.uniform(-8.0, 12.0, (HOURS, 3)), random.choice([0.0, 0.4], HOURS)
    (energy, held, cost), (energy_1, held_1, cost_1) = (
        day_of_site(site, m, plan_kw, curtail) for m in (minutes, 1)
    )
    np.testing.assert_allclose(energy, energy_1, atol=1e-8)
    assert held == pytest.approx(held_1, abs=1e-8) and cost == pytest.approx(cost_1, abs=1e-8)
