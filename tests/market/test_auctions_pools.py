"""Pools and sharing keys against their plain twins, published figures, and the laws of money and energy."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridbid.market.auctions.mid_market import mid_market_price_down, mid_market_rate
from gridbid.market.auctions.pool import PoolTerms, settle_pool
from gridbid.market.auctions.rounding import (
    midpoint_down,
    multiply_divide_down,
    share_by_running_sum,
    share_of_cash_down,
    share_of_cash_up,
)
from gridbid.market.auctions.sharing import (
    dynamic_key,
    iterated_static_key,
    settle_shares,
    share_dynamic_down,
    share_static_down,
    share_static_in_rounds_down,
    static_key,
)
from gridbid.market.auctions.supply_demand import supply_demand_price_down, supply_demand_ratio
from gridbid.market.naive import pools as naive
from gridbid.market.types import Account

MOST_WH = (1 << 30) - 1
READINGS = st.lists(st.integers(-60, 60) | st.just(0), max_size=9)
LARGE_READINGS = st.lists(st.integers(-MOST_WH, MOST_WH), max_size=2)
POOLS = [(mid_market_rate, naive.mid_market_price), (supply_demand_ratio, naive.supply_demand_price)]


@st.composite
def terms(draw, most=1_000):
    """Terms that rule 8 allows, with negative and equal prices among them."""
    feed_in = draw(st.integers(-most, most))
    fee = draw(st.integers(0, most // 2))
    return PoolTerms(feed_in + fee + draw(st.integers(0, most)), feed_in, fee)


@st.composite
def keyed_readings(draw):
    """Readings, and keys that sum to at most a million."""
    net_wh = draw(READINGS)
    weights = draw(st.lists(st.integers(0, 9), min_size=len(net_wh), max_size=len(net_wh)))
    whole = max(1, sum(weights) + draw(st.integers(0, 3)))
    return net_wh, [1_000_000 * weight // whole for weight in weights]


def sides(net_wh):
    return sum(wh for wh in net_wh if wh > 0), -sum(wh for wh in net_wh if wh < 0)


# --- divisions


@settings(max_examples=150)
@given(st.integers(0, (1 << 31) - 1), st.integers(0, (1 << 62) - 1), st.integers(1, (1 << 61) - 1))
def test_multiply_divide_is_exact(factor, product, divisor):
    expected = factor * product // divisor
    if expected < 1 << 63:
        assert multiply_divide_down(factor, product, divisor) == expected


@given(st.integers(-(1 << 61), 1 << 61), st.integers(1, (1 << 31) - 1), st.data())
def test_shares_of_cash_round_as_they_say(cash, whole, data):
    quantity = data.draw(st.integers(0, min(whole, MOST_WH)))
    share = Fraction(cash * quantity, whole)
    assert share_of_cash_down(quantity, cash, whole) == share.__floor__()
    assert share_of_cash_up(quantity, cash, whole) == share.__ceil__()


@given(st.lists(st.integers(1, MOST_WH), min_size=1, max_size=2), st.data())
def test_running_sums_share_out_all_of_it(quantities, data):
    whole = sum(quantities)
    part = data.draw(st.integers(0, whole))
    passed, shares = 0, []
    for quantity in quantities:
        shares.append(share_by_running_sum(passed, quantity, part, whole))
        passed += quantity
    assert sum(shares) == part
    for share, quantity in zip(shares, quantities, strict=True):
        assert 0 <= share <= quantity
        assert abs(share - Fraction(quantity * part, whole)) < 1


@given(st.integers(-(1 << 40), 1 << 40), st.integers(-(1 << 40), 1 << 40))
def test_the_middle_is_rounded_down(low, high):
    assert midpoint_down(low, high) == Fraction(low + high, 2).__floor__()


# --- pools against their twins


@pytest.mark.parametrize(("pool", "exact_price"), POOLS)
@settings(max_examples=200)
@given(net_wh=READINGS, prices=terms())
def test_pools_equal_their_twins(pool, exact_price, net_wh, prices):
    assert_equals_twin(pool, exact_price, net_wh, prices)


@pytest.mark.parametrize(("pool", "exact_price"), POOLS)
@settings(max_examples=60)
@given(net_wh=LARGE_READINGS, prices=terms(most=(1 << 30) // 3))
def test_pools_equal_their_twins_up_to_the_largest_numbers(pool, exact_price, net_wh, prices):
    assert_equals_twin(pool, exact_price, net_wh, prices)


def assert_equals_twin(pool, exact_price, net_wh, prices):
    result = pool(net_wh, prices)
    price = exact_price(*sides(net_wh), prices).__floor__()
    twin = naive.settle_pool(net_wh, price, prices)
    assert result.local_price_neur == price
    assert result.local_wh == min(sides(net_wh))
    assert result.cash_neur.tolist() == twin.cash_neur
    assert (result.supplier_neur, result.operator_neur, result.residue_neur) == twin[1:]


@given(st.lists(st.tuples(*[st.integers(-50, 50)] * 5), min_size=1, max_size=4), terms())
def test_a_batch_settles_each_community_by_itself(batch, prices):
    net_wh = np.array(batch, np.int64)
    cash, accounts = np.full_like(net_wh, -1), np.full((len(batch), len(Account)), -1, np.int64)
    for b in range(len(batch)):
        settle_pool(net_wh, b, prices.feed_in_neur, prices, cash, accounts)
    for b, readings in enumerate(batch):
        twin = naive.settle_pool(list(readings), prices.feed_in_neur, prices)
        assert cash[b].tolist() == twin.cash_neur
        assert accounts[b].tolist() == [twin.supplier_neur, twin.operator_neur, 0, twin.residue_neur]


# --- published figures: supplier sells at 40 and buys at 8

CENTS = PoolTerms(retail_neur=400_000, feed_in_neur=80_000)
SCARCE, AMPLE = [50, -30], [30, -50]


@pytest.mark.parametrize(
    ("pool", "net_wh", "buy", "sell"),
    [
        (mid_market_rate, SCARCE, 30.4, 24.0),
        (mid_market_rate, AMPLE, 24.0, 17.6),
        (mid_market_rate, [40, -40], 24.0, 24.0),
        (supply_demand_ratio, SCARCE, 23.0588, 11.7647),
        (supply_demand_ratio, AMPLE, 8.0, 8.0),
    ],
)
def test_published_average_prices(pool, net_wh, buy, sell):
    paid, received = pool(net_wh, CENTS).cash_neur.tolist()
    assert -paid / net_wh[0] / 10_000 == pytest.approx(buy, abs=1e-4)
    assert received / -net_wh[1] / 10_000 == pytest.approx(sell, abs=1e-4)


# --- laws of pools


@pytest.mark.parametrize(("pool", "exact_price"), POOLS)
@given(net_wh=READINGS, prices=terms())
def test_i12_all_cash_sums_to_zero_and_the_residue_is_small(pool, exact_price, net_wh, prices):
    check_money(pool(net_wh, prices), net_wh)


def check_money(result, net_wh):
    assert result.cash_neur.sum() + result.supplier_neur + result.operator_neur + result.residue_neur == 0
    assert 0 <= result.residue_neur < max(1, sum(wh != 0 for wh in net_wh))


@pytest.mark.parametrize(("pool", "exact_price"), POOLS)
@given(net_wh=READINGS, prices=terms())
def test_nobody_is_worse_off_than_with_the_supplier_alone(pool, exact_price, net_wh, prices):
    assert_nobody_loses(pool(net_wh, prices), net_wh, prices)


def assert_nobody_loses(result, net_wh, prices):
    for wh, cash in zip(net_wh, result.cash_neur.tolist(), strict=True):
        assert cash >= -wh * (prices.retail_neur if wh > 0 else prices.feed_in_neur)


@given(READINGS, terms())
def test_the_supplier_sees_the_community_as_one_customer(net_wh, prices):
    """What buyers pay less what sellers get is what one customer would owe for the net, and the fee."""
    net = sum(net_wh)
    owed = net * (prices.retail_neur if net > 0 else prices.feed_in_neur)
    for pool, _ in POOLS:
        result = pool(net_wh, prices)
        assert result.supplier_neur == owed
        assert result.operator_neur == result.local_wh * prices.fee_neur


@given(st.integers(0, 10_000), st.integers(0, 10_000), terms())
def test_local_prices_stay_between_feed_in_and_retail_less_the_fee(demand_wh, supply_wh, prices):
    for price_of in (mid_market_price_down, supply_demand_price_down):
        price = price_of(demand_wh, supply_wh, prices)
        assert prices.feed_in_neur <= price <= prices.retail_neur - prices.fee_neur


@given(st.integers(1, 10_000), st.integers(0, 10_000), st.integers(0, 10_000), terms())
def test_the_price_by_supply_and_demand_falls_as_supply_grows(demand_wh, supply_wh, more_wh, prices):
    now = supply_demand_price_down(demand_wh, supply_wh, prices)
    assert supply_demand_price_down(demand_wh, supply_wh + more_wh, prices) <= now
    assert supply_demand_price_down(demand_wh + more_wh, supply_wh, prices) >= now


@given(st.integers(1, 10_000), st.integers(1, 1_000), st.integers(0, 1_000))
def test_the_price_by_supply_and_demand_starts_at_retail_and_ends_at_feed_in(demand_wh, feed_in, spread):
    prices = PoolTerms(feed_in + spread, feed_in)
    assert supply_demand_price_down(demand_wh, 0, prices) == prices.retail_neur
    assert supply_demand_price_down(demand_wh, demand_wh, prices) == feed_in


# --- sharing keys


@settings(max_examples=150)
@given(keyed_readings(), terms(), st.data())
def test_keys_equal_their_twins(keyed, prices, data):
    net_wh, key = keyed
    price = data.draw(st.integers(prices.feed_in_neur, prices.retail_neur - prices.fee_neur))
    for result, allotted in (
        (static_key(net_wh, key, price, prices), naive.share_static(net_wh, key)),
        (iterated_static_key(net_wh, key, price, prices), naive.share_static_in_rounds(net_wh, key)),
        (dynamic_key(net_wh, price, prices), naive.share_dynamic(net_wh)),
    ):
        assert result.allotted_wh.tolist() == allotted
        twin = naive.settle_shares(net_wh, allotted, price, prices)
        settlement = result.settlement
        assert settlement.cash_neur.tolist() == twin.cash_neur
        assert (settlement.supplier_neur, settlement.operator_neur, settlement.residue_neur) == twin[1:]
        check_key(result, net_wh, prices)


def check_key(result, net_wh, prices):
    """No more is allotted than is fed in, nobody is allotted more than the reading, and money adds up."""
    _, supply_wh = sides(net_wh)
    assert result.allotted_wh.sum() + result.surplus_wh == supply_wh
    assert result.surplus_wh >= 0
    assert all(
        0 <= share <= max(wh, 0) for share, wh in zip(result.allotted_wh.tolist(), net_wh, strict=True)
    )
    check_money(result.settlement, net_wh)
    assert_nobody_loses(result.settlement, net_wh, prices)


@given(READINGS)
def test_the_dynamic_key_shares_all_there_is_in_proportion_to_consumption(net_wh):
    demand_wh, supply_wh = sides(net_wh)
    allotted = dynamic_key(net_wh, CENTS.feed_in_neur, CENTS).allotted_wh.tolist()
    for wh, share in zip(net_wh, allotted, strict=True):
        exact = Fraction(max(wh, 0) * min(demand_wh, supply_wh), max(demand_wh, 1))
        assert 0 <= exact - share < 1


@given(keyed_readings())
def test_rounds_fill_every_need_to_one_level(keyed):
    """Exact water-filling: everybody has min(need, level x key), and the level uses up the supply or serves all needs."""
    net_wh, key = keyed
    _, supply_wh = sides(net_wh)
    allotted = iterated_static_key(net_wh, key, CENTS.feed_in_neur, CENTS).allotted_wh.tolist()
    needs = [(max(wh, 0), k) for wh, k in zip(net_wh, key, strict=True) if k > 0]
    levels = sorted(Fraction(need, k) for need, k in needs)
    level = Fraction(0)
    for candidate in levels:
        if sum(min(Fraction(need), candidate * k) for need, k in needs) > supply_wh:
            break
        level = candidate
    short = [k for need, k in needs if need > level * k]
    if short:
        used = sum(min(Fraction(need), level * k) for need, k in needs)
        level += (supply_wh - used) / sum(short)
    for wh, k, share in zip(net_wh, key, allotted, strict=True):
        assert abs(share - min(Fraction(max(wh, 0)), level * k)) < len(net_wh)


@given(keyed_readings())
def test_rounds_never_leave_less_to_anybody_than_one_round(keyed):
    net_wh, key = keyed
    once = static_key(net_wh, key, CENTS.feed_in_neur, CENTS).allotted_wh
    rounds = iterated_static_key(net_wh, key, CENTS.feed_in_neur, CENTS).allotted_wh
    assert (rounds >= once).all()


QUARTERS = [250_000] * 4 + [0]


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (lambda net: static_key(net, QUARTERS, 200_000, CENTS), [10, 30, 30, 30, 0]),
        (lambda net: iterated_static_key(net, QUARTERS, 200_000, CENTS), [10, 36, 36, 36, 0]),
        (lambda net: dynamic_key(net, 200_000, CENTS), [4, 23, 46, 46, 0]),
    ],
)
def test_keys_by_hand(share, expected):
    """120 Wh for needs of 10, 50, 100 and 100, a quarter each: 30; (120 - 10) / 3 = 36.67; 120 / 260 of each need."""
    result = share([10, 50, 100, 100, -120])
    assert result.allotted_wh.tolist() == expected
    assert result.surplus_wh == 120 - sum(expected)


def test_a_need_met_to_the_watt_hour_makes_another_round():
    """3 Wh, a half each: both get 1 Wh, which is all that the first needs, so the third goes to the second."""
    assert iterated_static_key([1, 5, -3], [500_000, 500_000, 0], 200_000, CENTS).allotted_wh.tolist() == [
        1,
        2,
        0,
    ]


def test_a_shared_watt_hour_costs_the_agreed_price():
    """Retail 40, feed-in 8, agreed 20, fee 5 ct/kWh; 10 Wh of 20 are shared with the consumer, 10 are surplus."""
    prices = PoolTerms(400_000, 80_000, 50_000)
    bill = static_key([30, -20], [500_000, 0], 200_000, prices).settlement
    assert bill.cash_neur.tolist() == [-(10 * 250_000 + 20 * 400_000), 10 * 200_000 + 10 * 80_000]
    assert (bill.supplier_neur, bill.operator_neur, bill.residue_neur) == (
        20 * 400_000 - 10 * 80_000,
        10 * 50_000,
        0,
    )


@given(st.lists(st.tuples(*[st.integers(-50, 50)] * 4), min_size=1, max_size=4), terms())
def test_a_batch_shares_each_community_by_itself(batch, prices):
    net_wh, key = np.array(batch, np.int64), np.array([100_000, 300_000, 0, 600_000])
    allotted, cash = np.full_like(net_wh, -1), np.full_like(net_wh, -1)
    accounts = np.full((len(batch), len(Account)), -1, np.int64)
    for b, readings in enumerate(map(list, batch)):
        share_static_down(net_wh, b, key, allotted)
        assert allotted[b].tolist() == naive.share_static(readings, key.tolist())
        share_static_in_rounds_down(net_wh, b, key, allotted)
        assert allotted[b].tolist() == naive.share_static_in_rounds(readings, key.tolist())
        share_dynamic_down(net_wh, b, allotted)
        assert allotted[b].tolist() == naive.share_dynamic(readings)
    for b, readings in enumerate(map(list, batch)):
        settle_shares(net_wh, b, allotted, prices.feed_in_neur, prices, cash, accounts)
        twin = naive.settle_shares(readings, allotted[b].tolist(), prices.feed_in_neur, prices)
        assert cash[b].tolist() == twin.cash_neur
        assert accounts[b].tolist() == [twin.supplier_neur, twin.operator_neur, 0, twin.residue_neur]
