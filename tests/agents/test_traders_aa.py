"""AA traders against a plain twin with the source's formulas, and by hand."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import brentq

from gridbid.agents.traders.aa import (
    PRICES,
    aa_price,
    aggressiveness_of,
    bend,
    equilibrium_estimate,
    hear_deal,
    hear_refusal,
    make_aa_traders,
    shape_for,
    start_aa_trader,
    target_of,
    volatility,
)
from gridbid.agents.traders.streams import start_streams
from gridbid.market.types import Side

BUY, SELL = Side.BUY, Side.SELL
HIGHEST, ETA = 400.0, 3.0

sides = st.sampled_from(list(Side))
prices = st.integers(1, 399).map(float)
shapes = st.floats(-8.0, 2.0)
urges = st.floats(-1.0, 1.0)


def started(seed=0):
    traders, streams = make_aa_traders(1), np.zeros(1, np.uint64)
    start_streams(streams, seed, 0)
    start_aa_trader(traders, 0, streams, 0)
    return traders


def plain_slope(shape):
    return 1.0 if abs(shape) < 1e-9 else shape / (math.exp(shape) - 1)


def plain_holding_shape(shape, to_limit, to_end):
    """Where pressing and holding back have the same slope; the slope is told apart from 1e-9 to 30."""
    slope = min(max(plain_slope(shape) * to_limit / to_end, 1e-9), 30.0)
    return brentq(lambda one: plain_slope(one) - slope, -31.0, 30.0, xtol=1e-13, rtol=1e-14)


def plain_target(side, limit, estimate, r, shape):
    """The source's equations, each case spelled out for a buyer and for a seller."""
    if r < 0 and side == BUY and limit > estimate:
        shape = plain_holding_shape(shape, limit - estimate, estimate)
    if r < 0 and side == SELL and limit < estimate:
        shape = plain_holding_shape(shape, estimate - limit, HIGHEST - estimate)

    def share(x):
        return x if abs(shape) < 1e-9 else (math.exp(x * shape) - 1) / (math.exp(shape) - 1)

    if side == BUY:
        if limit > estimate:  # the estimate leaves it something
            return estimate + (limit - estimate) * share(r) if r >= 0 else estimate * (1 - share(-r))
        return limit if r >= 0 else limit * (1 - share(-r))
    if limit < estimate:
        if r >= 0:
            return limit + (estimate - limit) * (1 - share(r))
        return estimate + (HIGHEST - estimate) * share(-r)
    return limit if r >= 0 else limit + (HIGHEST - limit) * share(-r)


@given(side=sides, limit=prices, estimate=prices, r=urges, shape=shapes)
def test_targets_are_those_of_the_source(side, limit, estimate, r, shape):
    assume(abs(shape) > 1e-3)
    target = target_of(side, limit, estimate, HIGHEST, r, shape)
    assert target == pytest.approx(plain_target(side, limit, estimate, r, shape), rel=1e-9, abs=1e-6)
    assert target <= limit if side == BUY else target >= limit


@given(side=sides, limit=prices, estimate=prices, shape=shapes)
def test_targets_at_the_ends_and_in_the_middle(side, limit, estimate, shape):
    middle = min(limit, estimate) if side == BUY else max(limit, estimate)
    ends = [target_of(side, limit, estimate, HIGHEST, r, shape) for r in (-1.0, 0.0, 1.0)]
    assert ends == pytest.approx([0.0 if side == BUY else HIGHEST, middle, limit], abs=1e-9)


@given(side=sides, limit=prices, estimate=prices, r=urges, shape=st.floats(-4.0, 2.0))
def test_aggressiveness_is_the_inverse_of_the_target(side, limit, estimate, r, shape):
    target = target_of(side, limit, estimate, HIGHEST, r, shape)
    again = aggressiveness_of(side, limit, estimate, HIGHEST, target, shape)
    same = target_of(side, limit, estimate, HIGHEST, again, shape)
    assert same == pytest.approx(target, abs=1e-6)


@given(limit=prices, estimate=prices, shape=shapes)
def test_pressing_and_holding_back_meet_with_one_slope(limit, estimate, shape):
    assume(limit > estimate and plain_slope(shape) * (limit - estimate) / estimate < 25.0)
    step = 1e-6
    below, at, above = (target_of(BUY, limit, estimate, HIGHEST, r, shape) for r in (-step, 0.0, step))
    assert at - below == pytest.approx(above - at, rel=1e-3)


def test_a_shape_of_nought_is_a_straight_line():
    assert bend(0.3, 0.0) == 0.3
    assert bend(0.3, 1e-5) == pytest.approx(0.3, abs=1e-5)
    assert target_of(BUY, 300.0, 200.0, HIGHEST, 0.5, 0.0) == 250.0
    assert target_of(SELL, 100.0, 250.0, HIGHEST, -0.25, 0.0) == pytest.approx(287.5)  # as far to either end


def test_the_target_by_hand():
    """A buyer at 300 that estimates 200, θ = ln 2: (2^0.5 - 1) / (2 - 1) of the way; as far either way, one shape."""
    target = target_of(BUY, 300.0, 200.0, HIGHEST, 0.5, math.log(2.0))
    assert target == pytest.approx(200.0 + 100.0 * (math.sqrt(2.0) - 1.0))
    holds_back = target_of(SELL, 0.0, 200.0, HIGHEST, -0.5, math.log(2.0))
    assert holds_back == pytest.approx(200.0 + 200.0 * (math.sqrt(2.0) - 1.0))


@given(heard=st.lists(prices, min_size=1, max_size=50))
def test_the_estimate_weighs_what_is_recent_most(heard):
    traders = started()
    for price in heard:
        hear_deal(traders, 0, BUY, 200.0, HIGHEST, price)
    last = heard[::-1][:PRICES]
    weights = [0.9**n for n in range(len(last))]
    estimate = sum(w * p for w, p in zip(weights, last, strict=True)) / sum(weights)
    assert equilibrium_estimate(traders, 0) == pytest.approx(estimate)
    alpha = math.sqrt(sum((p - estimate) ** 2 for p in last) / len(last)) / estimate
    assert volatility(traders, 0, estimate) == pytest.approx(alpha, abs=1e-12)


def test_the_shape_follows_the_volatility():
    assert shape_for(0.1, 0.1, 0.3) == 2.0
    assert shape_for(0.3, 0.1, 0.3) == pytest.approx(-8.0)
    assert shape_for(0.2, 0.1, 0.3) == pytest.approx(10.0 * (1.0 - 0.5 * math.exp(-1.0)) - 8.0)


def test_first_values_lie_where_they_are_drawn():
    for seed in range(200):
        traders = started(seed)
        assert -0.3 < traders.aggressiveness[0] <= 0.0
        assert -5.0 < traders.shape[0] <= 0.0
        assert 0.1 <= traders.fast_rate[0] < 0.5
        assert 0.1 <= traders.slow_rate[0] < 0.5


def after_deals(side, limit, r, *deals, shape=-1.0):
    traders = started()
    for price in deals:
        hear_deal(traders, 0, side, limit, HIGHEST, price)
    traders.aggressiveness[0], traders.shape[0] = r, shape
    traders.fast_rate[0], traders.slow_rate[0] = 0.5, 0.5
    return traders


def test_learning_by_hand():
    """A buyer at 300, r = 0, its estimate 200: a deal at 200 says that it could ask for as much, a dearer one not."""
    cheap = after_deals(BUY, 300.0, 0.0, 200.0)
    hear_deal(cheap, 0, BUY, 300.0, HIGHEST, 200.0)
    assert cheap.aggressiveness[0] == pytest.approx(0.5 * -0.01)  # halfway to 0 - λ_a
    dear = after_deals(BUY, 300.0, 0.0, 200.0)
    hear_deal(dear, 0, BUY, 300.0, HIGHEST, 240.0)
    estimate = (240.0 + 0.9 * 200.0) / 1.9
    shouted = math.log(1.0 + (240.0 - estimate) / (300.0 - estimate) * (math.exp(-1.0) - 1.0)) / -1.0
    assert dear.aggressiveness[0] == pytest.approx(0.5 * (1.02 * shouted + 0.01))


def test_a_refused_shout_of_its_own_side_makes_it_press():
    for side, limit, better, worse in ((BUY, 300.0, 210.0, 190.0), (SELL, 100.0, 190.0, 210.0)):
        traders = after_deals(side, limit, 0.0, 200.0)
        hear_refusal(traders, 0, side, limit, HIGHEST, side, worse)
        hear_refusal(traders, 0, side, limit, HIGHEST, 1 - side, better)
        assert traders.aggressiveness[0] == 0.0
        hear_refusal(traders, 0, side, limit, HIGHEST, side, better)
        assert traders.aggressiveness[0] > 0.0


def test_shouts_by_hand():
    calm = after_deals(BUY, 300.0, 0.0, 200.0)
    assert aa_price(calm, 0, BUY, 300.0, HIGHEST, 170.0, 230.0, 5.0, 1.0) == 200.0  # no next chance
    assert (
        aa_price(calm, 0, BUY, 300.0, HIGHEST, 170.0, 230.0, 5.0, ETA) == 180.0
    )  # a third of the way to 200
    assert (
        aa_price(calm, 0, BUY, 300.0, HIGHEST, 170.0, 195.0, 5.0, ETA) == 195.0
    )  # takes what reaches the target
    assert aa_price(calm, 0, BUY, 150.0, HIGHEST, 170.0, 230.0, 5.0, ETA) == 150.0  # cannot better the best
    seller = after_deals(SELL, 100.0, 0.0, 200.0)
    assert aa_price(seller, 0, SELL, 100.0, HIGHEST, 170.0, 230.0, 5.0, ETA) == 220.0
    assert aa_price(seller, 0, SELL, 100.0, HIGHEST, 205.0, 230.0, 5.0, ETA) == 205.0
    new = started()
    assert aa_price(new, 0, BUY, 300.0, HIGHEST, 0.0, 100.0, 5.0, ETA) == pytest.approx(107.0 / 3.0)
    assert aa_price(new, 0, BUY, 90.0, HIGHEST, 0.0, 100.0, 5.0, ETA) == 30.0
    assert aa_price(new, 0, SELL, 10.0, HIGHEST, 50.0, 200.0, 5.0, ETA) == pytest.approx(200.0 - 156.0 / 3.0)


@given(
    side=sides,
    limit=prices,
    seed=st.integers(0, 1 << 30),
    heard=st.lists(st.tuples(st.booleans(), sides, prices), max_size=40),
    bid=st.floats(0.0, HIGHEST),
    ask=st.floats(0.0, HIGHEST),
)
def test_nobody_goes_beyond_its_limit_whatever_it_hears(side, limit, seed, heard, bid, ask):
    traders = started(seed)
    for deal, who, price in heard:
        if deal:
            hear_deal(traders, 0, side, limit, HIGHEST, price)
        else:
            hear_refusal(traders, 0, side, limit, HIGHEST, int(who), price)
        assert -1.0 <= traders.aggressiveness[0] <= 1.0
        assert -8.0 <= traders.shape[0] <= 2.0
    price = aa_price(traders, 0, side, limit, HIGHEST, bid, ask, 5.0, ETA)
    assert math.isfinite(price)
    assert price <= limit + 1e-9 if side == BUY else price >= limit - 1e-9
