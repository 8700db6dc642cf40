"""What enters the core: every fault is told, with its field, its value and what would be right."""

import re
from operator import attrgetter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridbid.market.community import Devices, MarketRules, Penalties, Series, Sites
from gridbid.market.errors import InputError
from gridbid.market.forecast import Forecast
from gridbid.market.naive.communities import random_community, with_forecast
from gridbid.market.types import ForecastKind
from gridbid.market.validation import check_community, check_orders
from gridbid.market.validation_faults import LISTED, Faults, Range

N, N_BUSES, N_SLOTS = 6, 5, 200
OWNER, OTHER = 1, 2
"""Participants with every device; their cars have the columns 0 and 1."""
ARRIVAL, DEPARTURE = 10, 20
"""The first car's stay."""


def community():
    """Six participants of which two have everything, and one car that comes once."""
    random = random_community(np.random.default_rng(5), n=N, n_buses=N_BUSES, n_slots=N_SLOTS)
    has = np.isin(np.arange(N), (OWNER, OTHER))
    devices = Devices(
        battery_kwh=12.5 * has,
        battery_kw=5.0 * has,
        battery_initial_kwh=6.0 * has,
        charge_efficiency=np.full(N, 0.95),
        discharge_efficiency=np.full(N, 0.95),
        wear_eur_per_kwh=0.028 * has,
        charger_kw=11.0 * has,
        charger_v2g_kw=5.0 * has,
        charger_efficiency=np.full(N, 0.95),
        car_kwh=60.0 * has,
        heat_pump_kw=3.0 * has,
        cop=3.0 * has,
        heat_store_kwh=10.0 * has,
        heat_loss_per_h=0.01 * has,
    )
    shape = (2, N_SLOTS, 2)
    departure, arrival_kwh = np.full(shape, -1, np.int32), np.full(shape, -1.0, np.float32)
    target_kwh = np.zeros(shape, np.float32)
    departure[:, ARRIVAL:DEPARTURE, 0] = DEPARTURE
    arrival_kwh[:, ARRIVAL, 0] = 20.0
    target_kwh[:, ARRIVAL:DEPARTURE, 0] = 40.0
    series = random.series._replace(
        heat_kw=np.full((N_SLOTS, N), 2.0, np.float32) * has.astype(np.float32),
        car_column=np.array([-1, 0, 1, -1, -1, -1]),
        car_departure=departure,
        car_arrival_kwh=arrival_kwh,
        car_target_kwh=target_kwh,
    )
    whole = random._replace(devices=devices, series=series)
    return with_forecast(np.random.default_rng(6), whole, ForecastKind.NOISY)


def changed(whole, field, index, value):
    """A copy of a community in which one value is another."""
    name, _, rest = field.partition(".")
    if rest:
        new = changed(getattr(whole, name), rest, index, value)
    elif index is None:
        new = value
    else:
        new = getattr(whole, name).copy()
        new[index] = value
    return whole._replace(**{name: new})


def told(whole):
    """The message of a community's faults."""
    with pytest.raises(InputError) as caught:
        check_community(whole)
    return str(caught.value)


AT_LEAST_0 = "a finite number, at least 0"
SHARE = "a finite number, above 0 and at most 1"
ENVELOPE = "a finite number, at least 0 and at most 1073741823"
PRICE = "a finite number, at least -4294967296 and at most 4294967296"
NAN, INF = float("nan"), float("inf")

VALUES = [
    # field, index, faulty value, what would be right
    ("devices.battery_kwh", 1, -1.0, AT_LEAST_0),
    ("devices.battery_kwh", 1, 0.0, "above 0, as battery_kw is: power needs a capacity"),
    ("devices.battery_kw", 3, NAN, AT_LEAST_0),
    ("devices.battery_initial_kwh", 1, 12.6, "at most devices.battery_kwh of the same participant"),
    ("devices.battery_initial_kwh", 1, -0.1, AT_LEAST_0),
    ("devices.charge_efficiency", 0, 0.0, SHARE),
    ("devices.charge_efficiency", 0, 1.01, SHARE),
    ("devices.discharge_efficiency", 1, -0.5, SHARE),
    ("devices.discharge_efficiency", 1, NAN, SHARE),
    ("devices.wear_eur_per_kwh", 1, -0.02, AT_LEAST_0),
    ("devices.charger_kw", 2, INF, AT_LEAST_0),
    ("devices.charger_v2g_kw", 1, -3.0, AT_LEAST_0),
    ("devices.charger_efficiency", 5, 95.0, SHARE),
    ("devices.car_kwh", 2, 0.0, "above 0, as charger_kw is: a charge point needs a car"),
    ("devices.car_kwh", 2, NAN, AT_LEAST_0),
    ("devices.heat_pump_kw", 1, -2.0, AT_LEAST_0),
    ("devices.cop", 1, 0.0, "above 0, as heat_pump_kw is: a heat pump needs a COP"),
    ("devices.cop", 1, -3.0, AT_LEAST_0),
    ("devices.heat_store_kwh", 1, NAN, AT_LEAST_0),
    ("devices.heat_loss_per_h", 1, -0.1, AT_LEAST_0),
    ("devices.heat_loss_per_h", 1, 4.5, "at most 4: all of it in a slot"),
    ("sites.bus", 4, -1, "a finite number, at least 0 and at most 4"),
    ("sites.bus", 4, N_BUSES, "a finite number, at least 0 and at most 4"),
    ("sites.import_limit_wh", 0, 1 << 30, ENVELOPE),
    ("sites.export_limit_wh", 0, -1, ENVELOPE),
    ("penalties.unmet_ev", None, -0.6, AT_LEAST_0),
    ("penalties.discomfort", None, NAN, AT_LEAST_0),
    ("penalties.envelope", None, INF, AT_LEAST_0),
    ("penalties.overload", None, -1, AT_LEAST_0),
    ("penalties.stored_energy_value", None, "much", AT_LEAST_0),
    ("rules.slot_h", None, 0.0, "a finite number, above 0"),
    ("rules.slot_h", None, 0.7, "a whole part of an hour, 1 second or more, as 0.25"),
    ("rules.slot_h", None, 2.0, "a whole part of an hour, 1 second or more, as 0.25"),
    ("rules.slot_h", None, 1 / 7200, "a whole part of an hour, 1 second or more, as 0.25"),
    ("rules.slots_per_day", None, 95, "96: slots of 0.25 h"),
    ("rules.slots_per_day", None, 96.0, "an integer, at least 24 and at most 86400"),
    ("series.forecast.kind", None, 3, "an integer, at least 0 and at most 2"),
    ("series.forecast.kind", None, 1.0, "an integer, at least 0 and at most 2"),
    ("series.forecast.decay", 3, 1.5, "a finite number, at least 0 and at most 1"),
    ("series.forecast.growth", 3, NAN, "a finite number, at least 0 and at most 1"),
    ("series.forecast.growth", 0, 0.5, "0, as the reading is known"),
    ("series.forecast.growth", 5, 0.01, "at least what it is a slot less ahead"),
    ("series.forecast.net_error_kw", (7, 0), NAN, "a finite number"),
    ("series.forecast.pv_error_kw", (7, 0), INF, "a finite number"),
    ("series.forecast.heat_error_kw", (7, 0), NAN, "a finite number"),
    ("series.forecast.net_error_hour_kw", (7, 0), NAN, "a finite number"),
    ("series.forecast.total_error_hour_kw", (7, 0), NAN, "a finite number"),
    ("rules.n_ticks", None, 0, "an integer, at least 1 and at most 1048576"),
    ("rules.n_ticks", None, 224.0, "an integer, at least 1 and at most 1048576"),
    ("rules.tick_size", None, 0, "an integer, at least 1 and at most 4294967296"),
    ("rules.max_fills", None, -64, "an integer, at least 1 and at most 1048576"),
    ("rules.rounds", None, 0, "an integer, at least 1 and at most 3600"),
    ("rules.rounds", None, True, "an integer, at least 1 and at most 3600"),
    ("series.load_kw", (7, 0), NAN, "a finite number"),
    ("series.load_kw", (7, 0), INF, "a finite number"),
    ("series.pv_kw", (7, 0), -1.0, AT_LEAST_0),
    ("series.heat_kw", (7, 1), -1.0, AT_LEAST_0),
    ("series.heat_kw", (7, 0), 1.0, "0, as the participant has no heat pump"),
    ("series.net_kw", (7, 0), -INF, "a finite number"),
    ("series.net_kw", (7, 0), 99.0, "load_kw - pv_kw of the same slot"),
    ("series.net_hour_kw", (7, 0), NAN, "a finite number"),
    ("series.retail", (1, 7), 1 << 33, PRICE),
    ("series.feed_in", (1, 7), -(1 << 33), PRICE),
    ("series.feed_in", (1, 7), 1 << 22, "at most retail - fee of the same slot (rule 8)"),
    ("series.fee", 7, -1, "a finite number, at least 0 and at most 4294967296"),
    ("series.fee", 7, (1 << 32) + 1, "a finite number, at least 0 and at most 4294967296"),
    ("series.wholesale", (1, 7), 1 << 33, PRICE),
    ("series.carbon_g_per_kwh", (1, 7), -1.0, AT_LEAST_0),
    ("series.car_column", 0, 2, "-1, or a column of car_departure, 0 to 1"),
    ("series.car_column", 1, -2, "-1, or a column of car_departure, 0 to 1"),
    ("series.car_column", 2, 0, "a column that no other participant has"),
    ("series.car_column", 3, 1, "-1, as the participant has no charge point"),
    ("series.car_departure", (0, 15, 0), 15, f"-1, or a later slot, at most {N_SLOTS}"),
    ("series.car_departure", (0, 19, 0), N_SLOTS + 1, f"-1, or a later slot, at most {N_SLOTS}"),
    ("series.car_arrival_kwh", (0, ARRIVAL, 0), -1.0, "at least 0, as a car plugs in here"),
    ("series.car_arrival_kwh", (0, ARRIVAL, 0), NAN, "at least 0, as a car plugs in here"),
    ("series.car_arrival_kwh", (0, ARRIVAL, 0), 61.0, "at most car_kwh of the participant"),
    ("series.car_arrival_kwh", (1, 12, 0), 5.0, "-1, as no car plugs in here"),
    ("series.car_arrival_kwh", (1, 50, 0), NAN, "-1, as no car plugs in here"),
    ("series.car_target_kwh", (1, 12, 0), 61.0, "at most car_kwh of the participant"),
    ("series.car_target_kwh", (1, 12, 0), NAN, AT_LEAST_0),
    ("series.local_hour", 3, 25.0, "a finite number, at least 0 and at most 24"),
    ("series.day_of_year", 3, -1.0, AT_LEAST_0),
    ("load_tan_phi", None, NAN, "a finite number"),
]


def test_a_sound_community_passes():
    check_community(community())


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.sampled_from([24, 48, 96, 288, 1_440]))
def test_random_communities_pass(seed, n, slots_per_day):
    check_community(
        random_community(np.random.default_rng(seed), n=n, n_slots=250, slots_per_day=slots_per_day)
    )


@pytest.mark.parametrize(("field", "index", "value", "expected"), VALUES)
def test_a_faulty_value_is_told(field, index, value, expected):
    wrong = changed(community(), field, index, value)
    found = f"{field} is {value!r}"
    if index is not None:
        place = ", ".join(str(i) for i in np.atleast_1d(index))
        found = f"{field}[{place}] is {attrgetter(field)(wrong)[index]}"
    assert f"{found}, expected {expected}" in told(wrong)


def test_every_field_has_a_faulty_value_above():
    """Or is of booleans, of which none is wrong."""
    tables = {
        "devices": Devices,
        "sites": Sites,
        "penalties": Penalties,
        "rules": MarketRules,
        "series": Series,
        "series.forecast": Forecast,
    }
    fields = {f"{table}.{name}" for table, kind in tables.items() for name in kind._fields}
    faulty = {field for field, *_ in VALUES}
    assert fields - faulty == {"series.forecast", "series.present", "series.weekend"}


ARRAYS = [
    (table, name)
    for table, kind in (
        *(("devices", Devices), ("sites", Sites)),
        *(("series", Series), ("series.forecast", Forecast)),
    )
    for name in kind._fields
    if name not in ("forecast", "kind")
]


@pytest.mark.parametrize(("table", "name"), ARRAYS)
def test_an_array_of_another_type_or_shape_is_told(table, name):
    whole = community()
    right = attrgetter(f"{table}.{name}")(whole)
    other = np.dtype(np.complex128)
    expected = re.escape(f"expected {right.dtype} of shape {right.shape}")
    field = f"{table}.{name}"
    assert re.search(
        re.escape(f"{field} is complex128 of shape {right.shape}, ") + expected,
        told(changed(whole, field, None, right.astype(other))),
    )
    assert f"{field} is a list, expected an array of {right.dtype}" in told(
        changed(whole, field, None, right.tolist())
    )
    if field not in (
        "sites.bus",
        "series.load_kw",
        "series.retail",
        "series.car_departure",
    ):  # they set the shape
        short = right[..., :-1] if right.ndim < 3 else right[:, :-1]
        message = told(changed(whole, field, None, short))
        assert re.search(re.escape(f"{field} is {right.dtype} of shape {short.shape}, ") + expected, message)


def test_a_car_that_leaves_before_its_departure_is_told():
    whole = community()
    departure = whole.series.car_departure.copy()
    departure[0, 15:DEPARTURE, 0] = -1
    message = told(changed(whole, "series.car_departure", None, departure))
    assert (
        "series.car_departure[0, 15, 0] is -1, expected what it was the slot before: the car is there"
        in message
    )


def test_cars_may_follow_at_once_and_be_there_at_the_beginning():
    whole = community()
    departure, arrival_kwh = whole.series.car_departure.copy(), whole.series.car_arrival_kwh.copy()
    departure[:, :ARRIVAL, 0], arrival_kwh[:, 0, 0] = ARRIVAL, 5.0
    departure[:, DEPARTURE:, 0], arrival_kwh[:, DEPARTURE, 0] = N_SLOTS, 7.0
    check_community(
        whole._replace(series=whole.series._replace(car_departure=departure, car_arrival_kwh=arrival_kwh))
    )


def test_a_faulty_network_is_told_with_its_own_faults():
    whole = community()
    parent = whole.network.parent.copy()
    parent[2] = 3
    message = told(whole._replace(network=whole.network._replace(parent=parent)))
    assert "network is faulty" in message and "parent[2] is 3" in message


def test_an_empty_community_is_told():
    whole = community()
    none = whole._replace(sites=Sites(*(np.zeros(0, np.int64) for _ in Sites._fields)))
    assert "sites.bus is empty, expected at least one participant" in told(none)
    no_slots = changed(whole, "series.load_kw", None, np.zeros((0, N), np.float32))
    assert "series.load_kw is empty, expected at least one slot" in told(no_slots)
    no_samples = changed(whole, "series.retail", None, np.zeros((0, N_SLOTS), np.int64))
    assert "series.retail is empty, expected at least one sample" in told(no_samples)


def test_a_band_beyond_all_prices_is_told():
    wide = changed(changed(community(), "rules.n_ticks", None, 1_000), "rules.tick_size", None, 1 << 30)
    assert "rules.n_ticks x rules.tick_size is 1000 x 1073741824, expected a band of at most" in told(wide)


def test_all_faults_are_told_at_once():
    whole = community()
    for field, index, value in [
        ("devices.battery_kwh", 1, -1.0),
        ("sites.bus", 0, 77),
        ("penalties.unmet_ev", None, -1.0),
        ("rules.rounds", None, 0),
        ("series.fee", 4, -5),
        ("series.pv_kw", (0, 0), NAN),
        ("series.car_target_kwh", (0, 0, 0), -4.0),
        ("load_tan_phi", None, INF),
    ]:
        whole = changed(whole, field, index, value)
    message = told(whole)
    for fault in (
        "devices.battery_kwh[1] is -1.0", "sites.bus[0] is 77", "penalties.unmet_ev is -1.0", "rules.rounds is 0",
        "series.fee[4] is -5", "series.pv_kw[0, 0] is nan", "series.car_target_kwh[0, 0, 0] is -4.0", "load_tan_phi is inf",
    ):  # fmt: skip
        assert fault in message


def test_a_wrong_table_does_not_hide_the_others():
    whole = changed(community(), "devices.cop", None, np.zeros(2))
    message = told(changed(whole, "series.car_column", 3, 1))
    assert "devices.cop is float64 of shape (2,), expected float64 of shape (6,)" in message
    assert "series.car_column[3] is 1, expected -1, as the participant has no charge point" in message


def test_long_lists_are_cut():
    whole = community()
    message = told(changed(whole, "series.load_kw", None, np.full((N_SLOTS, N), NAN, np.float32)))
    assert (
        f"series.load_kw[0, 2] is nan, expected a finite number (as in {N_SLOTS * N - 3} more of its entries)"
        in message
    )
    faults = Faults()
    for n in range(LISTED + 17):
        faults.add(f"field {n}", 0, "1")
    with pytest.raises(
        InputError, match=rf"^it: field 0 is 0, .*; field {LISTED - 1} is 0, expected 1; and 17 more$"
    ):
        faults.raise_any("it")


@given(
    st.lists(st.floats(width=32) | st.sampled_from([-1.0, 0.0, 1.0]), max_size=5),
    st.sampled_from(
        [Range(), Range(0.0), Range(0.0, above=True), Range(-1.0, 1.0), Range(0.0, 1.0, above=True)]
    ),
)
def test_a_range_holds_an_array_when_it_holds_each_number(numbers, allowed):
    def within(x):
        return (
            np.isfinite(x) and (x > allowed.low if allowed.above else x >= allowed.low) and x <= allowed.high
        )

    values = np.array(numbers, np.float32)
    assert allowed.holds_each(values).tolist() == [within(x) for x in numbers]
    assert allowed.holds(values) == all(within(x) for x in numbers)


# --- raw orders


ORDER_FAULTS = [
    ("side", 2, "0 (buy) or 1 (sell)"),
    ("side", -1, "0 (buy) or 1 (sell)"),
    ("tick", 224, "an integer from 0 to 223"),
    ("tick", -1, "an integer from 0 to 223"),
    ("quantity_wh", -5, "an integer from 0 to 1073741823"),
    ("quantity_wh", 1 << 30, "an integer from 0 to 1073741823"),
]


def orders(dtype=np.int64):
    return {name: np.ones((3, N), dtype) for name in ("side", "tick", "quantity_wh")}


def told_of(given):
    with pytest.raises(InputError) as caught:
        check_orders(**given, community=community())
    return str(caught.value)


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.int64, np.uint16])
def test_sound_orders_pass(dtype):
    check_orders(**orders(dtype), community=community())


def test_what_stands_beside_no_quantity_is_no_order():
    given = orders()
    given["side"][0, 0], given["tick"][0, 0], given["quantity_wh"][0, 0] = 9, -9, 0
    check_orders(**given, community=community())


@pytest.mark.parametrize(("name", "value", "expected"), ORDER_FAULTS)
def test_a_faulty_order_is_told(name, value, expected):
    given = orders()
    given[name][2, 4] = value
    assert f"{name}[2, 4] is {value}, expected {expected}" in told_of(given)


def test_all_faulty_orders_are_told_at_once():
    given = orders()
    for name, value, _ in ORDER_FAULTS[::2]:
        given[name][0, 1] = value
    message = told_of(given)
    assert all(f"{name}[0, 1] is {value}" in message for name, value, _ in ORDER_FAULTS[::2])


def test_orders_of_another_kind_or_shape_are_told():
    given = orders()
    given["tick"], given["quantity_wh"] = given["tick"].astype(float), given["quantity_wh"][:2]
    message = told_of(given)
    assert "tick is float64 of shape (3, 6), expected integers of the shape of side, (B, N)" in message
    assert "quantity_wh is int64 of shape (2, 6), expected integers of the shape of side, (B, N)" in message
    flat = {name: values[0] for name, values in orders().items()}
    assert "side is int64 of shape (6,), expected integers of (B, 6)" in told_of(flat)
    assert "side is list of shape (1, 6), expected integers" in told_of({**orders(), "side": [[0] * N]})
