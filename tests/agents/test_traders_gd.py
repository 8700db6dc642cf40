"""GD traders against a plain twin that counts as the source's definitions say, and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridbid.agents.traders.gd import (
    DEALS,
    NO_QUOTE,
    believe,
    forget_shouts,
    gd_tick,
    make_beliefs,
    make_shout_memory,
    remember_deal,
    remember_shout,
)
from gridbid.agents.traders.truthful import truthful_tick
from gridbid.market.types import Side

BUY, SELL = Side.BUY, Side.SELL
TICKS = 40

sides = st.sampled_from(list(Side))
ticks = st.integers(0, TICKS - 1)
events = st.lists(st.tuples(sides, ticks, st.booleans()), max_size=60)
quotes = st.one_of(st.just(NO_QUOTE), ticks)


class PlainGd:
    """Gjerstad and Dickhaut's definitions, one list of shouts and a loop over it for every count."""

    def __init__(self):
        self.shouts, self.deals = [], 0

    def hear(self, side, tick, deal):
        """A shout that waits, or a deal at a price that ``side`` shouted."""
        waiting = [
            shout
            for shout in self.shouts
            if shout["side"] == side
            and shout["tick"] == tick
            and not shout["taken"]
            and shout["before"] > self.deals - DEALS  # remembered, once this deal counts
        ]
        if not deal or not waiting:
            self.shouts.append({"side": side, "tick": tick, "taken": deal, "before": self.deals})
        else:
            waiting[-1]["taken"] = True
        self.deals += deal

    def known(self, side, best_other):
        """Belief at the prices that were shouted lately, and at the ends."""
        lately = [shout for shout in self.shouts if shout["before"] >= self.deals - DEALS]
        easier = (lambda a, b: a <= b) if side == SELL else (lambda a, b: a >= b)
        known = {}
        for price in {shout["tick"] for shout in lately}:
            taken = sum(s["taken"] and s["side"] == side and easier(price, s["tick"]) for s in lately)
            others = sum(s["side"] != side and easier(price, s["tick"]) for s in lately)
            refused = sum(not s["taken"] and s["side"] == side and easier(s["tick"], price) for s in lately)
            known[price] = (taken + others) / (taken + others + refused)
        if best_other != NO_QUOTE:
            known |= {price: 1.0 for price in range(TICKS) if easier(price, best_other)}
        return {-1: 1.0 if side == SELL else 0.0, TICKS: 0.0 if side == SELL else 1.0} | known

    def belief(self, side, price, known):
        if price in known:
            return known[price]
        low, high = max(d for d in known if d < price), min(d for d in known if d > price)
        # The cubic a x^3 + b x^2 + c x + d through both values with slope 0 at both ends.
        matrix = [[d**3, d**2, d, 1] for d in (0, 1)] + [[3 * d**2, 2 * d, 1, 0] for d in (0, 1)]
        cubic = np.linalg.solve(np.array(matrix, float), [known[low], known[high], 0, 0])
        return float(np.polyval(cubic, (price - low) / (high - low)))

    def gains(self, side, limit, best_other, to_better):
        """Expected gain by price, of the prices that may be shouted."""
        known, sign = self.known(side, best_other), 1 if side == SELL else -1
        return {
            price: sign * (price - limit) * self.belief(side, price, known)
            for price in range(TICKS)
            if sign * (price - limit) >= 0 and (to_better == NO_QUOTE or sign * (to_better - price) > 0)
        }


def heard(history):
    memory, twin = make_shout_memory(1), PlainGd()
    for side, tick, deal in history:
        (remember_deal if deal else remember_shout)(memory, 0, int(side), tick)
        twin.hear(side, tick, deal)
    return memory, twin


@given(side=sides, history=events, best_other=quotes)
def test_beliefs_are_those_of_the_plain_twin(side, history, best_other):
    memory, twin = heard(history)
    beliefs = make_beliefs(TICKS)
    believe(memory, 0, int(side), best_other, beliefs)
    known = twin.known(side, best_other)
    expected = [twin.belief(side, price, known) for price in range(TICKS)]
    assert beliefs.belief.tolist() == pytest.approx(expected, abs=1e-12)


@given(side=sides, history=events, best_other=quotes)
def test_the_more_one_asks_for_the_less_one_believes(side, history, best_other):
    memory, _ = heard(history)
    beliefs = make_beliefs(TICKS)
    believe(memory, 0, int(side), best_other, beliefs)
    steps = np.diff(beliefs.belief) * (1 if side == BUY else -1)
    assert (steps >= -1e-12).all()
    assert ((beliefs.belief >= 0.0) & (beliefs.belief <= 1.0)).all()


@given(side=sides, limit=ticks, history=events, best_other=quotes, to_better=quotes)
def test_a_trader_shouts_what_gains_most(side, limit, history, best_other, to_better):
    memory, twin = heard(history)
    tick = gd_tick(memory, 0, int(side), limit, best_other, to_better, make_beliefs(TICKS))
    gains = twin.gains(side, limit, best_other, to_better)
    best = max(gains.values(), default=0.0)
    if best <= 0.0:
        assert tick == truthful_tick(limit) == limit
    else:
        assert gains[tick] == pytest.approx(best, rel=1e-9)


def test_beliefs_by_hand():
    """Asks of 20 were taken and refused, one of 30 was refused, a bid of 10 waits in vain."""
    memory = make_shout_memory(1)
    for side, tick in ((SELL, 20), (SELL, 30), (BUY, 10)):
        remember_shout(memory, 0, side, tick)
    remember_deal(memory, 0, SELL, 20)
    remember_shout(memory, 0, SELL, 20)
    beliefs = make_beliefs(TICKS)
    believe(memory, 0, SELL, NO_QUOTE, beliefs)
    # p(10) = (1 + 1) / 2; p(20) = (1 + 0) / (1 + 0 + 1); p(30) = 0 / (0 + 0 + 2)
    assert beliefs.belief[[10, 20, 30]].tolist() == [1.0, 0.5, 0.0]
    assert beliefs.belief[15] == pytest.approx(0.75)  # halfway between level ends
    believe(memory, 0, BUY, NO_QUOTE, beliefs)
    # q(10) = (0 + 0) / (0 + 0 + 1); q(20) = 2 / (2 + 0); q(30) = 3 / 3
    assert beliefs.belief[[10, 20, 30]].tolist() == [0.0, 1.0, 1.0]
    believe(memory, 0, SELL, 25, beliefs)
    assert beliefs.belief[[20, 25]].tolist() == [1.0, 1.0]


def test_a_trader_without_a_memory_aims_at_the_middle():
    """The cubic from 1 to 0: (p - limit) x belief peaks where its slope is nought."""
    belief = (
        1
        - 3 * (np.arange(1, TICKS + 1) / (TICKS + 1)) ** 2
        + 2 * (np.arange(1, TICKS + 1) / (TICKS + 1)) ** 3
    )
    expected = int(np.argmax(np.arange(TICKS) * belief))
    memory = make_shout_memory(1)
    assert gd_tick(memory, 0, SELL, 0, NO_QUOTE, NO_QUOTE, make_beliefs(TICKS)) == expected
    mirrored = gd_tick(memory, 0, BUY, TICKS - 1, NO_QUOTE, NO_QUOTE, make_beliefs(TICKS))
    assert mirrored == TICKS - 1 - expected


def test_only_what_led_up_to_the_last_deals_is_remembered():
    memory, beliefs = make_shout_memory(1), make_beliefs(TICKS)
    remember_shout(memory, 0, SELL, 5)
    for _ in range(DEALS):
        remember_deal(memory, 0, SELL, 20)
    believe(memory, 0, SELL, NO_QUOTE, beliefs)
    assert beliefs.belief[5] == DEALS / (DEALS + 1)
    remember_deal(memory, 0, SELL, 20)
    believe(memory, 0, SELL, NO_QUOTE, beliefs)
    assert beliefs.belief[5] > 0.99
    forget_shouts(memory, 0)
    believe(memory, 0, SELL, NO_QUOTE, beliefs)
    assert beliefs.belief[20] < 0.6


def test_a_deal_is_remembered_however_long_its_shout_waited():
    memory, beliefs = make_shout_memory(1), make_beliefs(TICKS)
    remember_shout(memory, 0, SELL, 20)
    for _ in range(DEALS + 1):
        remember_deal(memory, 0, SELL, 10)
    remember_deal(memory, 0, SELL, 20)
    believe(memory, 0, SELL, NO_QUOTE, beliefs)
    assert beliefs.belief[20] == 1.0


def test_a_full_memory_loses_the_oldest():
    memory, beliefs = make_shout_memory(1, shouts=3), make_beliefs(TICKS)
    for tick in (35, 20, 20, 20):
        remember_shout(memory, 0, BUY, tick)
    believe(memory, 0, SELL, NO_QUOTE, beliefs)
    assert beliefs.belief[20] == 1.0
    assert beliefs.belief[35] < 0.5  # forgotten: between 1 and the end of the band
