"""Battery, charge point and heat pump against plain formulas and against what physics asks of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridbid.market.devices import battery, charge_point, heat_pump

unhurried = settings(deadline=None)
"""The first call of a kernel loads or compiles it."""

SLOT_H = 0.25
SHARES = st.floats(0.0, 1.0)
EFFICIENCIES = st.floats(0.7, 1.0)
POWERS = st.floats(0.1, 50.0)
CAPACITIES = st.floats(0.5, 100.0)
HOURS = st.sampled_from([1.0, 0.5, 0.25, 1 / 12])
SLOTS_AFTER = st.integers(0, 40)


def between(limits, share):
    least, most = limits
    return least + share * (most - least)


# --- battery


@unhurried
@given(CAPACITIES, SHARES, POWERS, EFFICIENCIES, EFFICIENCIES, HOURS)
def test_a_battery_is_bound_by_power_and_by_what_is_stored(capacity, soc, power, eta_in, eta_out, hours):
    stored = soc * capacity
    least, most = battery.limits_kwh(stored, capacity, power, eta_in, eta_out, hours)
    assert most == pytest.approx(min(power * hours, (capacity - stored) / eta_in))
    assert least == pytest.approx(-min(power * hours, stored * eta_out))


@unhurried
@given(CAPACITIES, SHARES, POWERS, EFFICIENCIES, EFFICIENCIES, SHARES)
def test_inside_its_limits_a_battery_loses_its_efficiencies_and_nothing_else(
    capacity, soc, power, eta_in, eta_out, share
):
    stored = soc * capacity
    energy = between(battery.limits_kwh(stored, capacity, power, eta_in, eta_out, SLOT_H), share)
    after = battery.stored_after_kwh(stored, energy, capacity, eta_in, eta_out)
    assert after - stored == pytest.approx(energy * eta_in if energy > 0 else energy / eta_out, abs=1e-9)
    assert 0.0 <= after <= capacity


@unhurried
@given(CAPACITIES, SHARES, POWERS, EFFICIENCIES, EFFICIENCIES, st.floats(-1.0, 1.0), HOURS)
def test_halving_the_slot_leaves_a_batterys_energy_equal(
    capacity, soc, power, eta_in, eta_out, set_point, hours
):
    """The same set point, cut to the limits, through one slot or through two of half the length."""
    stored, drawn = {}, {}
    for parts in (1, 2):
        stored[parts], drawn[parts] = soc * capacity, 0.0
        for _ in range(parts):
            least, most = battery.limits_kwh(stored[parts], capacity, power, eta_in, eta_out, hours / parts)
            energy = min(max(set_point * power * hours / parts, least), most)
            stored[parts] = battery.stored_after_kwh(stored[parts], energy, capacity, eta_in, eta_out)
            drawn[parts] += energy
    assert stored[1] == pytest.approx(stored[2], abs=1e-9)
    assert drawn[1] == pytest.approx(drawn[2], abs=1e-9)


@unhurried
@given(CAPACITIES, POWERS, EFFICIENCIES, EFFICIENCIES)
def test_a_round_trip_gives_back_the_product_of_the_efficiencies(capacity, power, eta_in, eta_out):
    _, charged = battery.limits_kwh(0.0, capacity, power, eta_in, eta_out, SLOT_H)
    stored = battery.stored_after_kwh(0.0, charged, capacity, eta_in, eta_out)
    least, _ = battery.limits_kwh(stored, capacity, power, eta_in, eta_out, SLOT_H)
    if power * SLOT_H * eta_in * eta_out <= power * SLOT_H:
        assert -least == pytest.approx(charged * eta_in * eta_out, abs=1e-9)


@unhurried
@given(EFFICIENCIES, EFFICIENCIES)
def test_without_a_battery_nothing_moves(eta_in, eta_out):
    assert battery.limits_kwh(0.0, 0.0, 0.0, eta_in, eta_out, SLOT_H) == (0.0, 0.0)
    assert battery.stored_after_kwh(0.0, 0.0, 0.0, eta_in, eta_out) == 0.0


# --- charge point


@unhurried
@given(CAPACITIES, SHARES, SHARES, SLOTS_AFTER, POWERS, SHARES, EFFICIENCIES, SHARES)
def test_a_target_within_reach_stays_within_reach(car, soc, target_soc, slots, power, v2g, efficiency, share):
    """Whatever is chosen inside the limits; and when it is out of reach, full power is all that is left."""
    stored, target = soc * car, target_soc * car
    least, most = charge_point.limits_kwh(stored, car, target, slots, power, v2g * power, efficiency, SLOT_H)
    assert least <= most
    full = power * SLOT_H * efficiency
    if target - stored > (slots + 1) * full:
        assert least == most == pytest.approx(min(power * SLOT_H, (car - stored) / efficiency))
    else:
        after = charge_point.stored_after_kwh(stored, between((least, most), share), car, efficiency)
        assert after + slots * full >= target - 1e-9
        assert 0.0 <= after <= car


@unhurried
@given(CAPACITIES, SHARES, SHARES, SLOTS_AFTER, POWERS, SHARES, EFFICIENCIES)
def test_no_more_is_demanded_than_is_due(car, soc, target_soc, slots, power, v2g, efficiency):
    """At the least energy either nothing more can be fed back, or the target is met by full power from then on."""
    stored, target = soc * car, target_soc * car
    least, _ = charge_point.limits_kwh(stored, car, target, slots, power, v2g * power, efficiency, SLOT_H)
    full = power * SLOT_H * efficiency
    fed_back = min(v2g * power * SLOT_H, stored * efficiency)
    if target - stored <= (slots + 1) * full and least > -fed_back + 1e-9:
        after = charge_point.stored_after_kwh(stored, least, car, efficiency)
        assert after + slots * full == pytest.approx(target, abs=1e-9)


@unhurried
@given(CAPACITIES, SHARES, SLOTS_AFTER, POWERS, EFFICIENCIES)
def test_a_car_without_v2g_never_feeds_back(car, soc, slots, power, efficiency):
    least, _ = charge_point.limits_kwh(soc * car, car, 0.0, slots, power, 0.0, efficiency, SLOT_H)
    assert least == 0.0


@unhurried
@given(CAPACITIES, SHARES, SHARES, SLOTS_AFTER, POWERS, EFFICIENCIES, st.booleans(), HOURS)
def test_halving_the_slot_leaves_a_cars_energy_equal(
    car, soc, target_soc, slots, power, efficiency, eager, hours
):
    """Full power, or as little as is due."""
    stored, target = {}, target_soc * car
    for parts in (1, 2):
        stored[parts] = soc * car
        for part in range(parts):
            after = (slots + 1) * parts - part - 1
            limits = charge_point.limits_kwh(
                stored[parts], car, target, after, power, 0.0, efficiency, hours / parts
            )
            stored[parts] = charge_point.stored_after_kwh(stored[parts], limits[int(eager)], car, efficiency)
    assert stored[1] == pytest.approx(stored[2], abs=1e-9)


# --- heat pump


LOSSES = st.floats(0.0, 0.05)
COPS = st.floats(1.5, 5.0)
DEMANDS = st.floats(0.0, 5.0)


@unhurried
@given(CAPACITIES, SHARES, DEMANDS, LOSSES, POWERS, COPS, SHARES)
def test_comfort_holds_inside_the_limits_whenever_it_can(store, level, demand, loss, power, cop, share):
    stored = level * store
    least, most = heat_pump.limits_kwh(stored, demand, store, loss, power, cop, SLOT_H)
    assert 0.0 <= least <= most <= power * SLOT_H
    energy = between((least, most), share)
    after, unserved = heat_pump.stored_after_kwh(stored, energy, demand, store, loss, cop, SLOT_H)
    kept = stored * (1 - loss * SLOT_H)
    most_served = kept + power * SLOT_H * cop
    assert unserved == pytest.approx(max(0.0, demand - most_served), abs=1e-9)
    assert after - unserved == pytest.approx(kept + energy * cop - demand, abs=1e-9)
    assert 0.0 <= after <= store


@unhurried
@given(CAPACITIES, SHARES, DEMANDS, LOSSES, POWERS, COPS)
def test_the_least_is_no_more_than_comfort_needs(store, level, demand, loss, power, cop):
    stored = level * store
    least, _ = heat_pump.limits_kwh(stored, demand, store, loss, power, cop, SLOT_H)
    after, _ = heat_pump.stored_after_kwh(stored, least, demand, store, loss, cop, SLOT_H)
    assert least == 0.0 or after == pytest.approx(0.0, abs=1e-9)


@unhurried
@given(CAPACITIES, SHARES, DEMANDS, LOSSES, POWERS, COPS, HOURS)
def test_halving_the_slot_leaves_the_heat_equal_within_the_interest_on_losses(
    store, level, demand, loss, power, cop, hours
):
    """Running flat out; what is lost is a share of what is stored, so half slots lose a trifle less."""
    stored, used, unserved = {}, {}, {}
    for parts in (1, 2):
        stored[parts], used[parts], unserved[parts] = level * store, 0.0, 0.0
        h = hours / parts
        for _ in range(parts):
            share = demand * h
            _, most = heat_pump.limits_kwh(stored[parts], share, store, loss, power, cop, h)
            stored[parts], missing = heat_pump.stored_after_kwh(
                stored[parts], most, share, store, loss, cop, h
            )
            used[parts] += most
            unserved[parts] += missing
    flows_kwh = store + (power * cop + demand) * hours
    tolerance = loss * hours * flows_kwh + 1e-9
    for values in (stored, used, unserved):
        assert values[1] == pytest.approx(values[2], abs=tolerance)


def test_without_a_heat_pump_nothing_runs():
    assert heat_pump.limits_kwh(0.0, 1.0, 0.0, 0.01, 0.0, 1.0, SLOT_H) == (0.0, 0.0)
