"""The rule kernels and the units against figures worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridbid.market.rules import (
    allowed_feed_in,
    check_order,
    envelope_room_wh,
    imbalance_neur,
    limit_tick,
    tick_price,
    unit_lock,
)
from gridbid.market.types import Reject
from gridbid.market.units import (
    MAX_QUANTITY_WH,
    ct_per_kwh_to_neur_per_wh,
    floor_wh,
    neur_per_wh_to_ct_per_kwh,
    neur_to_eur,
    register_wh,
)

BUY, SELL = 0, 1
PRICES = st.integers(-(1 << 32), 1 << 32)


@pytest.mark.parametrize(
    ("price", "side", "floor", "expected"),
    [
        (100_000, BUY, 0, 50),  # on a tick: both sides alike
        (100_000, SELL, 0, 50),
        (101_999, BUY, 0, 50),  # between ticks: a buy down, a sell up
        (100_001, SELL, 0, 51),
        (-3_000, BUY, -10_000, 3),  # negative prices in a band that starts below zero
        (-3_000, SELL, -10_000, 4),
        (-10_001, BUY, -10_000, 0),  # below the band
        (-99_999, SELL, -10_000, 0),
        (9_999_999, BUY, 0, 223),  # above the band
        (9_999_999, SELL, 0, 223),
    ],
)
def test_limit_rounds_away_from_the_trade_and_stays_in_the_band(
    price: int, side: int, floor: int, expected: int
) -> None:
    assert limit_tick(price, side, floor, 2_000, 224) == expected


@given(PRICES, PRICES, st.integers(1, 10_000), st.integers(1, 400))
def test_limit_tick_is_never_worse_than_the_limit_inside_the_band(
    price: int, floor: int, tick_size: int, n_ticks: int
) -> None:
    top = floor + (n_ticks - 1) * tick_size
    buy, sell = (limit_tick(price, side, floor, tick_size, n_ticks) for side in (BUY, SELL))
    assert 0 <= buy <= sell < n_ticks
    if floor <= price <= top:
        assert price - tick_size < tick_price(floor, tick_size, buy) <= price
        assert price <= tick_price(floor, tick_size, sell) < price + tick_size


@pytest.mark.parametrize(
    ("floor", "tick", "expected"), [(0, 0, 0), (0, 223, 446_000), (-50_000, 10, -30_000), (-50_000, 25, 0)]
)
def test_price_of_a_tick(floor: int, tick: int, expected: int) -> None:
    assert tick_price(floor, 2_000, tick) == expected


@pytest.mark.parametrize(
    ("retail", "feed_in", "fee", "expected"),
    [
        (350_000, 78_600, 50_000, 78_600),  # there is room
        (128_600, 78_600, 50_000, 78_600),  # just
        (100_000, 78_600, 50_000, 50_000),  # lowered
        (20_000, 78_600, 50_000, -30_000),  # lowered below zero
        (-40_000, 78_600, 50_000, -90_000),
    ],
)
def test_feed_in_is_lowered_until_a_phantom_trade_gains_nothing(
    retail: int, feed_in: int, fee: int, expected: int
) -> None:
    assert allowed_feed_in(retail, feed_in, fee) == expected


@pytest.mark.parametrize(
    ("side", "price", "expected"),
    [
        (BUY, 100_000, 150_000),
        (BUY, -30_000, 20_000),
        (BUY, -60_000, 0),  # a buyer who is paid more than the fee can't come to owe
        (SELL, 100_000, 300_000),
        (SELL, -30_000, 430_000),
        (SELL, 450_000, 0),  # a seller who gets more than a shortage costs can't either
    ],
)
def test_worst_case_of_a_watt_hour(side: int, price: int, expected: int) -> None:
    assert unit_lock(side, price, 50_000, 400_000) == expected


@pytest.mark.parametrize(
    ("side", "position_wh", "open_wh", "limit_wh", "expected"),
    [
        (BUY, 0, 0, 1_000, 1_000),
        (BUY, 300, 200, 1_000, 500),
        (BUY, -300, 0, 1_000, 1_300),  # what was sold may be bought back
        (SELL, 300, 200, 1_000, 1_100),
        (SELL, -900, 200, 1_000, -100),
        (BUY, 0, 0, 1 << 40, MAX_QUANTITY_WH - 1),
        (SELL, -5, 0, 1 << 40, MAX_QUANTITY_WH - 6),
    ],
)
def test_room_in_the_envelope(
    side: int, position_wh: int, open_wh: int, limit_wh: int, expected: int
) -> None:
    assert envelope_room_wh(side, position_wh, open_wh, limit_wh) == expected


@pytest.mark.parametrize(
    ("tick", "quantity_wh", "room_wh", "available_neur", "expected"),
    [
        (0, 1, 1, 7, Reject.NONE),
        (223, 10, 10, 70, Reject.NONE),
        (0, 0, 10, 70, Reject.BAD_QUANTITY),
        (0, -1, 10, 70, Reject.BAD_QUANTITY),
        (0, MAX_QUANTITY_WH, 1 << 40, 1 << 60, Reject.BAD_QUANTITY),
        (0, MAX_QUANTITY_WH - 1, 1 << 40, 1 << 60, Reject.NONE),
        (-1, 10, 10, 70, Reject.BAD_TICK),
        (224, 10, 10, 70, Reject.BAD_TICK),
        (0, 10, 9, 70, Reject.ENVELOPE),
        (0, 10, 10, 69, Reject.CREDIT),
        (224, 0, 0, 0, Reject.BAD_QUANTITY),  # the first reason is told
        (224, 10, 9, 0, Reject.BAD_TICK),
        (0, 10, 9, 0, Reject.ENVELOPE),
    ],
)
def test_order_is_refused_for_the_first_reason(
    tick: int, quantity_wh: int, room_wh: int, available_neur: int, expected: Reject
) -> None:
    assert check_order(tick, 224, quantity_wh, room_wh, 7, available_neur) == expected


@pytest.mark.parametrize(
    ("imbalance_wh", "feed_in", "expected"),
    [
        (0, 78_600, 0),
        (10, 78_600, 3_500_000),
        (-10, 78_600, -786_000),
        (-10, -20_000, 200_000),  # a surplus at a negative price costs
    ],
)
def test_shortage_is_bought_at_retail_and_surplus_sold_at_feed_in(
    imbalance_wh: int, feed_in: int, expected: int
) -> None:
    assert imbalance_neur(imbalance_wh, 350_000, feed_in) == expected


def test_prices_and_cash_convert() -> None:
    assert ct_per_kwh_to_neur_per_wh(1.0) == 10_000
    assert ct_per_kwh_to_neur_per_wh(7.86) == 78_600
    assert ct_per_kwh_to_neur_per_wh(-0.2) == -2_000
    assert neur_per_wh_to_ct_per_kwh(350_000) == 35.0
    assert neur_to_eur(1_500_000_000) == 1.5


@pytest.mark.parametrize(("energy_kwh", "expected_wh"), [(0.0, 0), (1.5, 1_500), (0.0019, 1), (-0.0001, -1)])
def test_energy_rounds_down_to_watt_hours(energy_kwh: float, expected_wh: int) -> None:
    assert floor_wh(energy_kwh) == expected_wh
    assert register_wh(energy_kwh) == expected_wh


@given(st.lists(st.floats(-5.0, 5.0), min_size=1, max_size=50))
def test_readings_from_a_rounded_register_never_drift(slots_kwh: list[float]) -> None:
    register_kwh, before_wh, total_wh = 0.0, 0, 0
    for energy_kwh in slots_kwh:
        register_kwh += energy_kwh
        total_wh += register_wh(register_kwh) - before_wh
        before_wh = register_wh(register_kwh)
    assert abs(total_wh - 1_000 * register_kwh) <= 1.0
