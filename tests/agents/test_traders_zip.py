"""ZIP traders against a plain twin that has the source's rules as a table, and by hand."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridbid.agents.traders.streams import draw_share, start_streams
from gridbid.agents.traders.zip import (
    Shout,
    hear,
    make_zip_traders,
    start_zip_trader,
    zip_price,
    zip_quote,
    zip_tick,
)
from gridbid.market.types import Side

BUY, SELL = Side.BUY, Side.SELL
STEP = 5.0

sides = st.sampled_from(list(Side))
limits = st.integers(1, 400)


@st.composite
def shouts(draw):
    return Shout(int(draw(sides)), float(draw(limits)), draw(st.booleans()))


@dataclass
class PlainZip:
    """Cliff 1997, as the report's figure tells it; each rule spelled out for buyers and for sellers."""

    side: int
    limit: float
    margin: float
    change: float
    learning_rate: float
    momentum: float

    @property
    def price(self):
        return self.limit * (1 + self.margin)

    def wanted(self, shout, has_units):
        """+1 to raise the margin, -1 to lower it, 0 to leave it."""
        quote, said = math.floor(self.price + 0.5), shout.price
        if self.side == SELL:
            if shout.accepted:
                if quote <= said:
                    return +1
                return -1 if shout.side == BUY and has_units else 0
            return -1 if shout.side == SELL and has_units and quote >= said else 0
        if shout.accepted:
            if quote >= said:
                return +1
            return -1 if shout.side == SELL and has_units else 0
        return -1 if shout.side == BUY and has_units and quote <= said else 0

    def hear(self, shout, has_units, draws):
        wanted = self.wanted(shout, has_units)
        if not wanted:
            return
        up = wanted if self.side == SELL else -wanted
        relative, absolute = 1 + up * 0.05 * next(draws), up * STEP * next(draws)
        target = relative * shout.price + absolute
        price = self.price
        self.change = self.momentum * self.change + (1 - self.momentum) * (
            self.learning_rate * (target - price)
        )
        self.margin = (price + self.change) / self.limit - 1
        if self.side == SELL:
            self.margin = max(self.margin, 0.0)
        else:
            self.margin = min(max(self.margin, -1.0), 0.0)


def started(side, seed):
    traders, streams = make_zip_traders(1), np.zeros(1, np.uint64)
    start_streams(streams, seed, 0)
    start_zip_trader(traders, 0, side, streams, 0)
    return traders, streams


def draws_from(streams):
    while True:
        yield draw_share(streams, 0)


@given(
    side=sides,
    limit=limits,
    seed=st.integers(0, 1 << 40),
    heard=st.lists(st.tuples(shouts(), st.booleans()), max_size=30),
)
def test_a_trader_learns_as_its_plain_twin(side, limit, seed, heard):
    traders, streams = started(side, seed)
    twin = PlainZip(side, limit, *(float(values[0]) for values in traders))
    draws = draws_from(streams.copy())
    for shout, has_units in heard:
        hear(traders, 0, side, float(limit), has_units, shout, STEP, streams, 0)
        twin.hear(shout, has_units, draws)
        assert traders.margin[0] == pytest.approx(twin.margin, rel=1e-12, abs=1e-12)
        assert traders.change[0] == pytest.approx(twin.change, rel=1e-12, abs=1e-12)


@given(
    side=sides,
    limit=limits,
    seed=st.integers(0, 1 << 40),
    heard=st.lists(shouts(), max_size=30),
)
def test_nobody_quotes_beyond_its_limit_or_the_band(side, limit, seed, heard):
    traders, streams = started(side, seed)
    for shout in heard:
        hear(traders, 0, side, float(limit), True, shout, STEP, streams, 0)
        tick = zip_tick(traders, 0, limit - 1, 400, 1)
        assert 0 <= tick < 400
        assert tick + 1 <= limit if side == BUY else tick + 1 >= limit


@given(seed=st.integers(0, 1 << 40))
def test_first_margins_and_parameters_lie_where_the_source_draws_them(seed):
    for side, sign in ((BUY, -1), (SELL, 1)):
        traders, _ = started(side, seed)
        assert 0.05 <= sign * traders.margin[0] < 0.35
        assert 0.1 <= traders.learning_rate[0] < 0.5
        assert 0.0 <= traders.momentum[0] < 0.1
        assert traders.change[0] == 0.0


def by_hand(side, margin):
    """A trader with limit 200, learning rate 0.5 and no momentum."""
    traders, streams = started(side, 0)
    traders.margin[0], traders.learning_rate[0], traders.momentum[0] = margin, 0.5, 0.0
    return traders, streams


@pytest.mark.parametrize(
    ("side", "margin", "shout", "has_units", "lowest", "highest"),
    [
        # A seller at 220 hears of a deal at 240: its target lies 0 to 12 + 5 above that, it goes half way.
        (SELL, 0.1, Shout(BUY, 240.0, True), False, 230.0, 238.5),
        # A bid of 210 was accepted: 220 would have been too much; its target lies 0 to 10.5 + 5 below.
        (SELL, 0.1, Shout(BUY, 210.0, True), True, 207.25, 215.0),
        # Another's ask at 210 found nobody.
        (SELL, 0.1, Shout(SELL, 210.0, False), True, 207.25, 215.0),
        # A buyer at 180 hears of a deal at 160.
        (BUY, -0.1, Shout(SELL, 160.0, True), False, 163.5, 170.0),
        # An ask of 190 was accepted, and a bid of 190 found nobody: 180 is too little.
        (BUY, -0.1, Shout(SELL, 190.0, True), True, 185.0, 192.25),
        (BUY, -0.1, Shout(BUY, 190.0, False), True, 185.0, 192.25),
    ],
)
def test_prices_move_half_way_to_the_target(side, margin, shout, has_units, lowest, highest):
    traders, streams = by_hand(side, margin)
    hear(traders, 0, side, 200.0, has_units, shout, STEP, streams, 0)
    assert lowest <= zip_price(traders, 0, 200.0) <= highest


@pytest.mark.parametrize(
    ("side", "margin", "shout", "has_units"),
    [
        (SELL, 0.1, Shout(BUY, 210.0, True), False),  # nothing left to sell
        (SELL, 0.1, Shout(SELL, 210.0, True), True),  # another seller was accepted, at less
        (SELL, 0.1, Shout(SELL, 230.0, False), True),  # asked more than it would
        (SELL, 0.1, Shout(BUY, 100.0, False), True),  # a bid that nobody took
        (BUY, -0.1, Shout(BUY, 190.0, True), True),
        (BUY, -0.1, Shout(BUY, 170.0, False), True),
        (BUY, -0.1, Shout(SELL, 300.0, False), True),
    ],
)
def test_other_shouts_leave_a_trader_as_it_is(side, margin, shout, has_units):
    traders, streams = by_hand(side, margin)
    before = [values.copy() for values in traders], streams.copy()
    hear(traders, 0, side, 200.0, has_units, shout, STEP, streams, 0)
    assert all((old == new).all() for old, new in zip(before[0], traders, strict=True))
    assert (streams == before[1]).all()


def test_momentum_carries_a_share_of_the_last_change():
    traders, streams = by_hand(SELL, 0.1)
    traders.momentum[0], traders.change[0] = 0.25, 8.0
    hear(traders, 0, SELL, 200.0, True, Shout(BUY, 220.0, True), 0.0, streams, 0)
    lowest, highest = 0.25 * 8.0, 0.25 * 8.0 + 0.75 * 0.5 * 220.0 * 0.05
    assert lowest <= traders.change[0] <= highest


def test_a_quote_is_the_nearest_tick():
    traders, _ = by_hand(BUY, -0.1026)
    assert zip_price(traders, 0, 200.0) == pytest.approx(179.48)
    assert zip_quote(traders, 0, 200.0) == 179.0
    assert zip_tick(traders, 0, 199, 400, 1) == 178
