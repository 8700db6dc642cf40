"""The uniform-price call against its plain twin, a linear program, brute force over prices, and the laws of a call."""

import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from gridbid.market.auctions.call import clear_uniform_call, uniform_call
from gridbid.market.auctions.orders import PriceBand, SealedOrder
from gridbid.market.auctions.records import SealedOrders, make_depth, make_outcome
from gridbid.market.naive import auctions as naive
from gridbid.market.types import Side

BUY, SELL = Side.BUY, Side.SELL
BAND = PriceBand(floor_neur=-7, tick_size_neur=3, n_ticks=12)
MOST_WH = (1 << 30) - 1


def books(n_ticks=12, most_wh=9, most_orders=9):
    """Lists of orders, one a participant, in any order of arrival; most ticks and quantities are shared by several."""
    rows = st.tuples(st.sampled_from([BUY, SELL]), st.integers(0, n_ticks - 1), st.integers(1, most_wh))
    return st.lists(rows, max_size=most_orders).flatmap(
        lambda book: st.permutations([SealedOrder(i, *row) for i, row in enumerate(book)])
    )


def fills(result, orders):
    return {o.participant: int(wh) for o, wh in zip(orders, result.filled_wh, strict=True)}


def positive(filled_wh):
    return {participant: wh for participant, wh in filled_wh.items() if wh}


def assert_equals_twin(orders, band):
    result, twin = uniform_call(orders, band), naive.uniform_call(orders, band)
    assert positive(fills(result, orders)) == positive(twin.filled_wh)
    assert result.buy_price_neur == result.sell_price_neur == twin.buy_price_neur
    assert result.volume_wh == naive.cross(orders).volume_wh


@settings(max_examples=300)
@given(books())
def test_kernel_equals_the_plain_twin(orders):
    assert_equals_twin(orders, BAND)


@settings(max_examples=60)
@given(st.sampled_from([1, 2, 63, 224, 400]), st.randoms(use_true_random=False))
def test_twins_agree_for_any_number_of_ticks_and_large_quantities(n_ticks, draw):
    band = PriceBand(draw.randint(-1_000_000, 1_000_000), draw.randint(1, 5_000), n_ticks)
    most_wh = draw.choice([3, 10_000, MOST_WH // 8])
    orders = [
        SealedOrder(i, draw.choice([BUY, SELL]), draw.randrange(n_ticks), draw.randint(1, most_wh))
        for i in range(draw.randint(0, 16))
    ]
    assert_equals_twin(orders, band)


def test_the_largest_orders_that_are_admitted_do_not_overflow():
    orders = [
        SealedOrder(0, BUY, 5, MOST_WH),
        SealedOrder(1, BUY, 5, MOST_WH),
        SealedOrder(2, SELL, 5, MOST_WH),
        SealedOrder(3, SELL, 4, MOST_WH - 1),
    ]
    band = PriceBand((1 << 30) - 11 * 1_000, 1_000, 12)
    assert_equals_twin(orders, band)
    result = uniform_call(orders, band)
    assert sum(int(cash) for cash in result.cash_neur) == 0
    assert result.cash_neur.tolist() == [
        (1 if order.side == SELL else -1) * int(wh) * result.buy_price_neur
        for order, wh in zip(orders, result.filled_wh, strict=True)
    ]


@settings(max_examples=60)
@given(st.lists(books(most_orders=6), min_size=1, max_size=5))
def test_a_batch_clears_each_community_by_itself(batch):
    size = max(map(len, batch))
    table = SealedOrders(*(np.zeros((len(batch), size), np.int64) for _ in range(3)))
    table.tick[:] = 1 << 40  # nobody looks where there is no order
    for b, orders in enumerate(batch):
        for order in orders:
            for array, value in zip(table, order[1:], strict=True):
                array[b, order.participant] = value
    outcome, depth = make_outcome(len(batch), size), make_depth(BAND.n_ticks)
    outcome.filled_wh[:] = -1  # whatever was there is overwritten
    for b in range(len(batch)):
        clear_uniform_call(table, b, BAND.floor_neur, BAND.tick_size_neur, depth, outcome)
    for b, orders in enumerate(batch):
        twin = naive.uniform_call(orders, BAND)
        expected = [twin.filled_wh.get(i, 0) for i in range(size)]
        assert outcome.filled_wh[b].tolist() == expected
        assert outcome.buy_price_neur[b] == outcome.sell_price_neur[b] == (twin.buy_price_neur or 0)


# --- published and worked out by hand


def test_published_five_by_five():
    """Bids 100, 90, 80, 70, 60 and asks 80, 85, 95, 100, 110, one unit each: two trades at 87.5."""
    bids, asks = [100, 90, 80, 70, 60], [80, 85, 95, 100, 110]
    orders = [SealedOrder(i, BUY, tick, 1) for i, tick in enumerate(bids)]
    orders += [SealedOrder(10 + i, SELL, tick, 1) for i, tick in enumerate(asks)]
    result = uniform_call(orders, PriceBand(0, 2, 120))  # half units, so that 87.5 is a whole number
    assert result.volume_wh == 2
    assert result.buy_price_neur == 175
    assert positive(fills(result, orders)) == {0: 1, 1: 1, 10: 1, 11: 1}


@pytest.mark.parametrize(
    ("rows", "volume_wh", "price_neur", "filled_wh"),
    [
        ([], 0, None, []),
        ([(BUY, 5, 3)], 0, None, [0]),
        ([(BUY, 4, 3), (SELL, 5, 3)], 0, None, [0, 0]),
        ([(BUY, 5, 3), (SELL, 5, 2)], 2, 50, [2, 2]),  # at one tick: it trades, though nobody gains
        ([(BUY, 8, 3), (SELL, 3, 3)], 3, 55, [3, 3]),  # nobody is rejected: half of the way, 5.5 ticks
        ([(BUY, 8, 5), (SELL, 3, 3)], 3, 80, [3, 3]),  # demand is long: the rejected bid sets the price
        ([(BUY, 8, 3), (SELL, 3, 5)], 3, 30, [3, 3]),  # supply is long: the rejected ask does
        ([(BUY, 8, 3), (BUY, 6, 9), (SELL, 3, 3)], 3, 70, [3, 0, 3]),  # between 6 and 8
        ([(BUY, 6, 4), (BUY, 6, 2), (SELL, 3, 3)], 3, 60, [2, 1, 3]),  # one tick, in proportion
        ([(BUY, 6, 1), (BUY, 6, 1), (BUY, 6, 1), (SELL, 3, 2)], 2, 60, [0, 1, 1, 2]),  # a Wh can't be split
        ([(BUY, 9, 1), (BUY, 6, 1), (SELL, 3, 1), (SELL, 5, 4)], 2, 50, [1, 1, 1, 1]),
    ],
)
def test_outcomes_by_hand(rows, volume_wh, price_neur, filled_wh):
    orders = [SealedOrder(i, *row) for i, row in enumerate(rows)]
    result = uniform_call(orders, PriceBand(0, 10, 10))
    assert (result.volume_wh, result.buy_price_neur) == (volume_wh, price_neur)
    assert result.filled_wh.tolist() == filled_wh


@pytest.mark.parametrize(("floor", "expected"), [(0, 1), (-3, -2), (-2, -1), (-1, 0)])
def test_the_middle_is_rounded_down(floor, expected):
    """Ticks 1 apart, 0 and 3: the middle is floor + 1.5."""
    orders = [SealedOrder(0, BUY, 3, 1), SealedOrder(1, SELL, 0, 1)]
    assert uniform_call(orders, PriceBand(floor, 1, 4)).buy_price_neur == expected


# --- laws


@given(books())
def test_energy_and_cash_sum_to_zero_and_nobody_trades_beyond_the_limit(orders):
    result = uniform_call(orders, BAND)
    filled = fills(result, orders)
    for side in (BUY, SELL):
        assert sum(filled[o.participant] for o in orders if o.side == side) == result.volume_wh
    assert result.cash_neur.sum() == 0
    assert result.surplus_neur == 0
    for order in orders:
        assert 0 <= filled[order.participant] <= order.quantity_wh
        if filled[order.participant]:
            limit = naive.price(BAND, order.tick)
            assert result.buy_price_neur <= limit if order.side == BUY else result.sell_price_neur >= limit


@given(books())
def test_i10_the_order_of_arrival_means_nothing(orders):
    shuffled = random.Random(len(orders)).sample(orders, len(orders))
    assert fills(uniform_call(orders, BAND), orders) == fills(uniform_call(shuffled, BAND), shuffled)


@given(books(most_orders=8), st.sampled_from([BUY, SELL]), st.integers(0, 11), st.integers(1, 9))
def test_i11_another_order_never_lowers_the_volume(orders, side, tick, quantity_wh):
    more = [*orders, SealedOrder(99, side, tick, quantity_wh)]
    assert uniform_call(more, BAND).volume_wh >= uniform_call(orders, BAND).volume_wh


@given(books(), st.integers(0, 8), st.integers(1, 3))
def test_a_better_limit_never_lowers_the_volume_nor_ones_own_fill(orders, pick, ticks):
    if not orders:
        return
    old = orders[pick % len(orders)]
    tick = min(old.tick + ticks, 11) if old.side == BUY else max(old.tick - ticks, 0)
    changed = [old._replace(tick=tick) if o is old else o for o in orders]
    before, after = uniform_call(orders, BAND), uniform_call(changed, BAND)
    assert after.volume_wh >= before.volume_wh
    assert fills(after, changed)[old.participant] >= fills(before, orders)[old.participant]


def most_welfare(orders):
    """Largest welfare of any matching, by a linear program over all pairs of a buy and a sell."""
    buys = [o for o in orders if o.side == BUY]
    sells = [o for o in orders if o.side == SELL]
    if not buys or not sells:
        return 0.0
    gains = np.array([[BAND.tick_size_neur * (buy.tick - sell.tick) for sell in sells] for buy in buys])
    rows = [np.repeat(np.arange(len(buys)) == i, len(sells)) for i in range(len(buys))]
    columns = [np.tile(np.arange(len(sells)) == j, len(buys)) for j in range(len(sells))]
    limits = [o.quantity_wh for o in buys + sells]
    solution = linprog(-gains.ravel(), A_ub=np.array(rows + columns, float), b_ub=limits)
    assert solution.status == 0
    return -solution.fun


@settings(max_examples=60)
@given(books())
def test_i14_no_matching_has_a_higher_welfare(orders):
    reached = naive.welfare(orders, fills(uniform_call(orders, BAND), orders), BAND)
    assert reached == pytest.approx(most_welfare(orders), abs=1e-6)


def supports(price_neur, orders, filled):
    """Whether nobody, at a price, would want another fill than the one given."""
    for order in orders:
        gain = naive.price(BAND, order.tick) - price_neur
        gain = gain if order.side == BUY else -gain
        if (gain > 0 and filled[order.participant] < order.quantity_wh) or (
            gain < 0 and filled[order.participant] > 0
        ):
            return False
    return True


@given(books())
def test_the_price_is_the_middle_of_all_that_support_the_fills(orders):
    result = uniform_call(orders, BAND)
    filled = fills(result, orders)
    if result.volume_wh == 0:
        return
    top = naive.price(BAND, BAND.n_ticks)
    supporting = [p for p in range(BAND.floor_neur - 5, top + 5) if supports(p, orders, filled)]
    assert result.buy_price_neur == (supporting[0] + supporting[-1]) // 2
    assert len(supporting) == supporting[-1] - supporting[0] + 1


@given(books())
def test_equal_limits_are_filled_in_proportion_to_less_than_a_watt_hour(orders):
    filled = fills(uniform_call(orders, BAND), orders)
    for side, tick in {(o.side, o.tick) for o in orders}:
        level = [o for o in orders if (o.side, o.tick) == (side, tick)]
        share = Fraction(sum(filled[o.participant] for o in level), sum(o.quantity_wh for o in level))
        assert all(abs(filled[o.participant] - share * o.quantity_wh) < 1 for o in level)


@given(books())
def test_mirrored_orders_have_the_mirrored_outcome(orders):
    """Buys become sells at the mirrored tick; the middle rounds the other way, so a band of even prices has none."""
    even = PriceBand(0, 2, 12)
    mirrored = [o._replace(side=1 - o.side, tick=11 - o.tick) for o in orders]
    result, mirror = uniform_call(orders, even), uniform_call(mirrored, even)
    assert mirror.filled_wh.tolist() == result.filled_wh.tolist()
    if result.volume_wh:
        assert mirror.buy_price_neur == 22 - result.buy_price_neur


@given(books(), st.integers(2, 1_000))
def test_scaled_quantities_have_the_same_price_and_a_scaled_volume(orders, factor):
    scaled = [o._replace(quantity_wh=factor * o.quantity_wh) for o in orders]
    result, large = uniform_call(orders, BAND), uniform_call(scaled, BAND)
    assert large.buy_price_neur == result.buy_price_neur
    assert large.volume_wh == factor * result.volume_wh
