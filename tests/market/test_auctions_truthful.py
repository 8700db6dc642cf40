"""McAfee, trade reduction, SBBA and VCG: plain twins, published figures, and brute force over every misreport."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridbid.evaluate.reproduce.truthfulness import (
    TWO_BY_TWO,
    Game,
    profitable_lies,
    profitable_vcg_lies,
    random_efficiencies,
)
from gridbid.market.auctions.call import clear_uniform_call, uniform_call
from gridbid.market.auctions.mcafee import clear_mcafee, mcafee
from gridbid.market.auctions.orders import PriceBand, SealedOrder
from gridbid.market.auctions.records import SealedOrders, make_depth, make_outcome
from gridbid.market.auctions.sbba import clear_sbba, sbba
from gridbid.market.auctions.trade_reduction import clear_trade_reduction, trade_reduction
from gridbid.market.naive import auctions as naive
from gridbid.market.types import Side

BUY, SELL = Side.BUY, Side.SELL
BAND = PriceBand(floor_neur=-7, tick_size_neur=3, n_ticks=12)
ONE_SIZE = [(mcafee, naive.mcafee), (trade_reduction, naive.trade_reduction), (sbba, naive.sbba)]
LOT_WH = 2_520
"""Divisible by every number of sellers up to ten: then SBBA's shares are whole."""


def books(sizes, n_ticks=12, most_orders=10):
    """Lists of orders, one a participant, in any order of arrival."""
    rows = st.tuples(st.sampled_from([BUY, SELL]), st.integers(0, n_ticks - 1), sizes)
    return st.lists(rows, max_size=most_orders).flatmap(
        lambda book: st.permutations([SealedOrder(i, *row) for i, row in enumerate(book)])
    )


def books_of_one_size(most_wh=9):
    return st.integers(1, most_wh).flatmap(lambda size: books(st.just(size)))


def fills(result, orders):
    return {o.participant: int(wh) for o, wh in zip(orders, result.filled_wh, strict=True)}


def positive(filled_wh):
    return {participant: wh for participant, wh in filled_wh.items() if wh}


def assert_equals_twin(auction, twin, orders, band=BAND):
    result, expected = auction(orders, band), twin(orders, band)
    assert positive(fills(result, orders)) == positive(expected.filled_wh)
    assert (result.buy_price_neur, result.sell_price_neur) == expected[1:]


def unit_orders(bids, asks):
    orders = [SealedOrder(i, BUY, int(tick), 1) for i, tick in enumerate(bids)]
    return orders + [SealedOrder(len(bids) + i, SELL, int(tick), 1) for i, tick in enumerate(asks)]


# --- plain twins


@pytest.mark.parametrize(("auction", "twin"), ONE_SIZE)
@settings(max_examples=200)
@given(orders=books_of_one_size())
def test_kernels_equal_their_twins_on_orders_of_one_size(auction, twin, orders):
    assert_equals_twin(auction, twin, orders)


@settings(max_examples=200)
@given(books(st.integers(1, 9)))
def test_trade_reduction_equals_its_twin_on_any_orders(orders):
    assert_equals_twin(trade_reduction, naive.trade_reduction, orders)


@settings(max_examples=60)
@given(st.sampled_from([1, 2, 64, 224, 400]), st.randoms(use_true_random=False))
def test_twins_agree_for_any_number_of_ticks_and_large_quantities(n_ticks, draw):
    band = PriceBand(draw.randint(-1_000_000, 1_000_000), draw.randint(1, 5_000), n_ticks)
    most_wh = (1 << 30) // 8
    rows = [(draw.choice([BUY, SELL]), draw.randrange(n_ticks)) for _ in range(draw.randint(0, 16))]
    mixed = [SealedOrder(i, *row, draw.randint(1, most_wh - 1)) for i, row in enumerate(rows)]
    assert_equals_twin(trade_reduction, naive.trade_reduction, mixed, band)
    lots = [SealedOrder(i, *row, most_wh - 1) for i, row in enumerate(rows)]
    for auction, twin in ONE_SIZE:
        assert_equals_twin(auction, twin, lots, band)


@pytest.mark.parametrize(
    ("clear", "twin"),
    [
        (clear_mcafee, naive.mcafee),
        (clear_trade_reduction, naive.trade_reduction),
        (clear_sbba, naive.sbba),
    ],
)
@settings(max_examples=40)
@given(st.lists(books(st.just(4), most_orders=6), min_size=1, max_size=5))
def test_a_batch_clears_each_community_by_itself(clear, twin, batch):
    table, size = table_of(batch)
    outcome, depth = make_outcome(len(batch), size), make_depth(BAND.n_ticks)
    outcome.filled_wh[:] = -1  # whatever was there is overwritten
    for b in range(len(batch)):
        clear(table, b, BAND.floor_neur, BAND.tick_size_neur, depth, outcome)
    for b, orders in enumerate(batch):
        expected = twin(orders, BAND)
        assert outcome.filled_wh[b].tolist() == [expected.filled_wh.get(i, 0) for i in range(size)]
        assert outcome.buy_price_neur[b] == (expected.buy_price_neur or 0)
        assert outcome.sell_price_neur[b] == (expected.sell_price_neur or 0)


def table_of(batch):
    """Orders of several communities as arrays, and how many columns they have."""
    size = max(map(len, batch))
    table = SealedOrders(*(np.zeros((len(batch), size), np.int64) for _ in range(3)))
    table.tick[:] = 1 << 40  # nobody looks where there is no order
    for b, orders in enumerate(batch):
        for order in orders:
            for array, value in zip(table, order[1:], strict=True):
                array[b, order.participant] = value
    return table, size


# --- published figures

BIDS, ASKS = [100, 90, 80, 70, 60], [80, 85, 95, 100, 110]
HALVES = PriceBand(0, 2, 120)
"""Prices in half units, so that 87.5 is a whole number."""


def test_published_five_by_five_by_mcafee():
    """p0 = (80 + 95) / 2 = 87.5 lies in [85, 90]: both pairs trade at it."""
    orders = unit_orders(BIDS, ASKS)
    result = mcafee(orders, HALVES)
    assert (result.volume_wh, result.buy_price_neur, result.sell_price_neur) == (2, 175, 175)
    assert positive(fills(result, orders)) == {0: 1, 1: 1, 5: 1, 6: 1}


def test_published_five_by_five_by_trade_reduction_and_sbba():
    """The second pair sets the prices, 90 and 85; the first rejected ask, 95, is above the second bid, 90."""
    orders = unit_orders(BIDS, ASKS)
    reduced = trade_reduction(orders, HALVES)
    assert (reduced.volume_wh, reduced.buy_price_neur, reduced.sell_price_neur) == (1, 180, 170)
    assert reduced.surplus_neur == 10
    balanced = sbba(orders, HALVES)
    assert (balanced.volume_wh, balanced.buy_price_neur, balanced.surplus_neur) == (1, 180, 0)


def test_published_five_by_five_by_vcg():
    """Buyers pay 85, sellers get 90: a deficit of 10."""
    payments = naive.vcg_payments(unit_orders(BIDS, ASKS), PriceBand(0, 1, 120))
    assert positive(payments) == {0: 85, 1: 85, 5: -90, 6: -90}
    assert sum(payments.values()) == -10


@pytest.mark.parametrize(
    ("n", "by_mcafee", "by_reduction", "tolerance"),
    [
        (2, 0.657, 0.158, 0.02),
        (5, 0.928, 0.732, 0.01),
        (10, 0.984, 0.939, 0.004),
        (20, 0.9955, 0.985, 0.002),
        (50, 0.9992, 0.998, 0.001),
    ],
)
def test_published_efficiency_in_random_markets(n, by_mcafee, by_reduction, tolerance):
    ours = random_efficiencies([clear_mcafee, clear_trade_reduction], n, 3_000)
    assert ours == pytest.approx([by_mcafee, by_reduction], abs=tolerance)


@pytest.mark.parametrize(
    ("n", "draws", "deficit", "tolerance"),
    [(2, 1_000, 0.559, 0.03), (5, 500, 0.207, 0.015), (10, 200, 0.098, 0.008), (20, 80, 0.049, 0.004)],
)
def test_published_deficit_of_vcg_in_random_markets(n, draws, deficit, tolerance):
    random, band, shares = np.random.default_rng(n), PriceBand(0, 1, 10_001), []
    for _ in range(draws):
        orders = unit_orders(*random.integers(0, 10_001, (2, n)))
        welfare = naive.welfare(orders, naive.uniform_call(orders, band).filled_wh, band)
        if welfare > 0:
            shares.append(-sum(naive.vcg_payments(orders, band).values()) / welfare)
    assert np.mean(shares) == pytest.approx(deficit, abs=tolerance)


# --- laws


def check_laws(result, orders):
    """Energy balances, cash and surplus sum to zero, the surplus isn't negative, nobody trades at a loss."""
    filled = fills(result, orders)
    for side in (BUY, SELL):
        assert sum(filled[o.participant] for o in orders if o.side == side) == result.volume_wh
    assert result.surplus_neur >= 0
    assert result.cash_neur.sum() + result.surplus_neur == 0
    for order in orders:
        assert 0 <= filled[order.participant] <= order.quantity_wh
        if filled[order.participant]:
            limit = naive.price(BAND, order.tick)
            assert result.buy_price_neur <= limit if order.side == BUY else result.sell_price_neur >= limit


@given(books_of_one_size())
def test_rational_balanced_and_no_more_than_the_call(orders):
    most_wh = uniform_call(orders, BAND).volume_wh
    for auction, _ in ONE_SIZE:
        result = auction(orders, BAND)
        check_laws(result, orders)
        assert result.volume_wh <= most_wh
    assert sbba(orders, BAND).surplus_neur == 0


@given(books(st.integers(1, 9)))
def test_trade_reduction_is_rational_and_balanced_for_any_sizes(orders):
    check_laws(trade_reduction(orders, BAND), orders)


@given(books(st.just(LOT_WH)))
def test_at_most_the_kth_part_of_the_welfare_is_lost(orders):
    """Efficiency >= 1 - 1/k, k the pairs that cross."""
    best = uniform_call(orders, BAND)
    pairs = best.volume_wh // LOT_WH
    most = naive.welfare(orders, fills(best, orders), BAND)
    for auction, _ in ONE_SIZE:
        reached = naive.welfare(orders, fills(auction(orders, BAND), orders), BAND)
        assert pairs * reached >= (pairs - 1) * most


@given(books(st.just(LOT_WH)))
def test_mcafee_reaches_at_least_what_trade_reduction_does(orders):
    by_mcafee, reduced = (
        naive.welfare(orders, fills(auction(orders, BAND), orders), BAND)
        for auction in (mcafee, trade_reduction)
    )
    assert by_mcafee >= reduced


@given(books(st.just(3)))
def test_the_order_of_arrival_means_nothing(orders):
    for auction, _ in ONE_SIZE:
        backwards = orders[::-1]
        assert fills(auction(orders, BAND), orders) == fills(auction(backwards, BAND), backwards)


@given(books(st.integers(1, 5), most_orders=6))
def test_vcg_is_rational_and_never_leaves_money(orders):
    filled_wh = naive.uniform_call(orders, BAND).filled_wh
    payments = naive.vcg_payments(orders, BAND)
    assert sum(payments.values()) <= 0
    for order in orders:
        assert naive.welfare([order], filled_wh, BAND) >= payments[order.participant]


# --- incentives: every truth, every lie

ONE_SIZE_GAMES = [
    TWO_BY_TWO,
    Game((BUY, SELL, BUY, SELL, BUY), (6, 6, 6, 6, 6), 6),
    Game((BUY, BUY, BUY, SELL, SELL, SELL), (3, 3, 3, 3, 3, 3), 5),
]
MIXED_GAMES = [
    Game((BUY, BUY, SELL, SELL), (3, 1, 3, 1), 8),
    Game((BUY, SELL, BUY, SELL, BUY), (5, 4, 1, 2, 3), 6),
    Game((SELL, SELL, SELL, BUY, BUY), (1, 2, 4, 3, 3), 6),
    Game((BUY, BUY, BUY, SELL, SELL, SELL), (4, 1, 2, 2, 3, 1), 5),
]


@pytest.mark.parametrize("game", ONE_SIZE_GAMES)
@pytest.mark.parametrize("clear", [clear_mcafee, clear_trade_reduction, clear_sbba])
def test_no_false_limit_pays(clear, game):
    profitable, lies = profitable_lies(clear, game)
    assert lies > 10_000
    assert profitable == 0


@pytest.mark.parametrize("game", MIXED_GAMES)
def test_no_false_limit_pays_in_trade_reduction_of_any_sizes(game):
    profitable, lies = profitable_lies(clear_trade_reduction, game)
    assert lies > 10_000
    assert profitable == 0


def test_why_mcafee_takes_one_size_only():
    """With sizes 3 and 1, p0 pays for lies: who has 3 Wh can push the other, who sets the price, in front."""
    profitable, _ = profitable_lies(clear_mcafee, MIXED_GAMES[0])
    assert profitable > 0


def test_false_limits_pay_in_a_uniform_price_call():
    profitable, _ = profitable_lies(clear_uniform_call, TWO_BY_TWO)
    assert profitable > 0


def test_vcg_no_false_limit_pays():
    assert profitable_vcg_lies() == (0, 4**4 * 4 * 3)


def test_a_false_quantity_can_pay_in_trade_reduction():
    """The first buyer wants 3 Wh at 9. With 3 it sets the price and trades nothing; with 1 it trades 1 Wh at 6."""
    others = [SealedOrder(1, BUY, 6, 1), SealedOrder(2, SELL, 1, 1), SealedOrder(3, SELL, 2, 2)]
    honest = trade_reduction([SealedOrder(0, BUY, 9, 3), *others], BAND)
    false = trade_reduction([SealedOrder(0, BUY, 9, 1), *others], BAND)
    assert honest.filled_wh[0] == 0
    assert false.filled_wh[0] == 1
    assert false.buy_price_neur < naive.price(BAND, 9)
