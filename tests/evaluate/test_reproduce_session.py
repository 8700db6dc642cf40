"""Sessions with induced values: the twin of the book agrees at every shout, and a session does what its rules say."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridbid.evaluate.reproduce.induced_value_market import (
    NO_LIMIT,
    Rules,
    make_schedule,
    make_tape,
    play,
)
from gridbid.evaluate.reproduce.outcomes import ideal_profits, outcome, trader_profits
from gridbid.evaluate.reproduce.schedules import FOUR_UNITS, SYMMETRIC, InducedValues
from gridbid.evaluate.reproduce.session_traders import Trader
from gridbid.evaluate.reproduce.structure import find_faults
from gridbid.market.errors import InputError
from gridbid.market.naive.book import NaiveBook
from gridbid.market.types import Side

RULES = Rules(400, clears=False, least_gain=1, patience=NO_LIMIT, most_trades=11, days=1)
CLIFF = make_schedule(SYMMETRIC.values, SYMMETRIC.costs)


@st.composite
def sessions(draw):
    n_ticks = draw(st.integers(1, 30))
    units = draw(st.integers(1, 3))

    def limits():
        one = st.lists(st.integers(1, n_ticks), min_size=units, max_size=units)
        return np.array(draw(st.lists(one, min_size=1, max_size=6)))

    schedule = make_schedule(limits(), limits())
    kinds = draw(
        st.lists(st.sampled_from(list(Trader)), min_size=schedule.side.size, max_size=schedule.side.size)
    )
    rules = Rules(
        n_ticks=n_ticks,
        clears=draw(st.booleans()),
        least_gain=draw(st.integers(-n_ticks, 1)),
        patience=draw(st.integers(1, 60)),
        most_trades=draw(st.integers(1, 20)),
        days=draw(st.integers(1, 3)),
    )
    return schedule, np.array(kinds), rules


class TwinOfASession:
    """The same shouts on the plain book; it says whose shout is taken."""

    def __init__(self, schedule, rules):
        self.schedule, self.rules = schedule, rules
        self.book, self.orders = None, {}

    def begin_day(self):
        self.book, self.orders = NaiveBook(0, self.rules.n_ticks), {}

    def shout(self, trader, tick):
        """Withdraw what the shout replaces, then place it: (taken trader or -1, tick or -1)."""
        side = int(self.schedule.side[trader])
        replaced = [
            who
            for who in self.orders
            if (self.schedule.side[who] == side if self.rules.clears else who == trader)
        ]
        for who in replaced:
            self.book.cancel(self.orders.pop(who))
        fills, resting_wh, order = self.book.place(trader, side, tick, 1)
        if resting_wh:
            self.orders[trader] = order
        if not fills:
            return -1, -1
        [fill] = fills
        del self.orders[fill.maker]
        if self.rules.clears:
            self.begin_day()
        return fill.maker, fill.tick


@settings(max_examples=150)
@given(session=sessions(), seed=st.integers(0, 1 << 40))
def test_every_shout_does_what_the_plain_book_says(session, seed):
    schedule, kinds, rules = session
    tape = make_tape(20_000)
    play(schedule, kinds, rules, runs=1, seed=seed, tape=tape)
    assert tape.length[0] <= tape.trader.size
    twin, day = TwinOfASession(schedule, rules), -1
    for n in range(tape.length[0]):
        if tape.day[n] != day:
            twin.begin_day()
            day = tape.day[n]
        if tape.admitted[n]:
            taken = twin.shout(int(tape.trader[n]), int(tape.tick[n]))
            assert taken == (tape.maker[n], tape.maker_tick[n])


@settings(max_examples=100)
@given(session=sessions(), seed=st.integers(0, 1 << 40))
def test_no_law_of_the_book_is_broken(session, seed):
    schedule, kinds, rules = session
    tape = make_tape(20_000)
    trades = play(schedule, kinds, rules, runs=1, seed=seed, tape=tape)
    faults = find_faults(schedule, rules, tape)
    assert (faults.shouts, faults.trades) == (tape.length[0], trades.count.sum())
    assert (faults.admission, faults.priority, faults.price, faults.crossed) == (0, 0, 0, 0)
    if Trader.ZI_U not in kinds:
        assert faults.loss == 0


@settings(max_examples=100)
@given(session=sessions(), seed=st.integers(0, 1 << 40))
def test_money_and_units_are_kept(session, seed):
    schedule, kinds, rules = session
    trades = play(schedule, kinds, rules, runs=3, seed=seed)
    counted = np.arange(rules.most_trades) < trades.count[..., None]
    gains = np.where(counted, trades.buyer_limit - trades.seller_limit, 0).sum(axis=-1)
    profits = trader_profits(schedule, trades)
    assert (profits.sum(axis=-1) == gains).all()
    assert ((profits >= 0) | (kinds == Trader.ZI_U)).all()
    for run, day in np.ndindex(*trades.count.shape):
        for who, side in ((trades.buyer, Side.BUY), (trades.seller, Side.SELL)):
            units = np.bincount(who[run, day][counted[run, day]], minlength=schedule.side.size)
            assert (units <= schedule.units).all()
            assert (schedule.side[units > 0] == side).all()


@given(session=sessions(), seed=st.integers(0, 1 << 40))
def test_a_run_replays_whatever_stands_beside_it(session, seed):
    schedule, kinds, rules = session
    one, three = (play(schedule, kinds, rules, runs=runs, seed=seed) for runs in (1, 3))
    assert all((a[0] == b[0]).all() for a, b in zip(one, three, strict=True))


def test_other_seeds_and_runs_give_other_trades():
    first = play(CLIFF, Trader.ZI_C, RULES, runs=50)
    other = play(CLIFF, Trader.ZI_C, RULES, runs=50, seed=1)
    both = np.concatenate([first.price[:, 0, :4], other.price[:, 0, :4]])
    assert len(np.unique(both, axis=0)) == 100


@pytest.mark.parametrize("kind", sorted(set(Trader) - {Trader.ZI_U}))
@pytest.mark.parametrize("clears", [False, True])
@pytest.mark.parametrize("least_gain", [0, 1])
def test_a_day_without_limits_goes_on_until_nobody_can_gain(kind, clears, least_gain):
    rules = RULES._replace(clears=clears, least_gain=least_gain, days=3)
    trades = play(CLIFF, kind, rules, runs=50)
    for run, day in np.ndindex(*trades.count.shape):
        done = trades.count[run, day]
        values = sorted(set(SYMMETRIC.values) - set(trades.buyer_limit[run, day, :done]))
        costs = sorted(set(SYMMETRIC.costs) - set(trades.seller_limit[run, day, :done]))
        assert values[-1] - costs[0] < least_gain


def test_patience_and_the_number_of_trades_end_a_day():
    assert play(CLIFF, Trader.ZI_C, RULES._replace(most_trades=3), runs=20).count.max() == 3
    hasty = play(CLIFF, Trader.ZI_C, RULES._replace(patience=1), runs=20)
    assert (hasty.shouts == 1).all() and (hasty.count == 0).all()


def test_units_trade_in_the_order_given():
    induced = InducedValues(np.array([[9, 5, 7]]), np.array([[1, 2, 3]]), 10)
    schedule = make_schedule(induced.values, induced.costs)
    rules = RULES._replace(n_ticks=10, most_trades=3)
    trades = play(schedule, Trader.ZI_C, rules, runs=30)
    assert (trades.count == 3).all()
    assert (trades.buyer_limit == [9, 5, 7]).all() and (trades.seller_limit == [1, 2, 3]).all()
    assert (outcome(induced, schedule, trades).efficiency == 1.0).all()


def test_zip_traders_remember_over_days_and_begin_anew_with_a_run():
    rules = RULES._replace(days=5)
    alpha = outcome(SYMMETRIC, CLIFF, play(CLIFF, Trader.ZIP, rules, runs=200)).alpha
    assert alpha[:, 4].mean() < alpha[:, 0].mean() / 3
    assert alpha[100:, 0].mean() == pytest.approx(alpha[:100, 0].mean(), rel=0.15)


def test_ideal_profits_of_several_units():
    schedule = make_schedule(FOUR_UNITS.values, FOUR_UNITS.costs)
    profits = ideal_profits(schedule, FOUR_UNITS.equilibrium.price)
    assert profits[0] == (150 - 67.5) + (100 - 67.5) + (70 - 67.5)
    assert profits[6] == (67.5 - 10) + (67.5 - 45) + (67.5 - 65)
    assert profits.sum() == FOUR_UNITS.equilibrium.surplus


def taped(clears):
    rules = RULES._replace(clears=clears)
    tape = make_tape(5_000)
    play(CLIFF, Trader.ZI_C, rules, runs=1, tape=tape)
    return rules, tape


def spoil(tape, column, place, value):
    """The tape as far as ``place``, where one column is changed."""
    changed = tape._replace(**{column: getattr(tape, column).copy(), "length": np.array([place + 1])})
    getattr(changed, column)[place] = value
    return changed


@pytest.mark.parametrize("clears", [False, True])
def test_a_spoiled_tape_is_found_out(clears):
    rules, tape = taped(clears)
    assert find_faults(CLIFF, rules, tape).trades > 0
    first = int(np.flatnonzero(tape.maker[: tape.length[0]] >= 0)[0])
    taker, maker, price = tape.trader[first], tape.maker[first], tape.maker_tick[first]
    stranger = next(i for i in range(22) if i not in (taker, maker) and CLIFF.side[i] == CLIFF.side[maker])
    worst_tick = CLIFF.limit[maker, 0] - 1
    loss = -1 if CLIFF.side[maker] == Side.SELL else 1

    def faults(column, value):
        return find_faults(CLIFF, rules, spoil(tape, column, first, value))

    sound = faults("maker", maker)
    assert dataclasses.astuple(sound) == (first + 1, 1, 0, 0, 0, 0, 0)
    assert faults("admitted", 0).admission == 1
    assert faults("maker_tick", price + 1).price == 1
    assert faults("maker", stranger).priority == 1
    assert faults("maker", -1).crossed == 1
    assert faults("maker_tick", worst_tick + loss).loss >= 1


def test_all_faults_of_the_input_are_named_at_once():
    schedule = CLIFF._replace(limit=np.where(CLIFF.limit == 325, 500, CLIFF.limit))
    with pytest.raises(InputError) as raised:
        play(schedule, 7, RULES._replace(days=0, patience=-1), runs=0)
    told = str(raised.value)
    for fault in ("runs: 0", "days: 0", "patience: -1", "limit[0, 0]: 500", "limit[21, 0]: 500", "kinds: 7"):
        assert fault in told


def test_a_market_of_one_side_and_units_without_limits_are_refused():
    one_sided = CLIFF._replace(side=np.zeros_like(CLIFF.side))
    with pytest.raises(InputError, match=r"schedule\.side"):
        play(one_sided, Trader.ZI_C, RULES, runs=1)
    with pytest.raises(InputError, match=r"schedule\.units"):
        play(CLIFF._replace(units=CLIFF.units + 1), Trader.ZI_C, RULES, runs=1)


@pytest.mark.parametrize("kinds", [Trader.ZI_C, [Trader.ZIP] + [Trader.ZI_U] * 21])
def test_a_day_that_would_not_end_is_refused(kinds):
    with pytest.raises(InputError, match="least_gain: -1"):
        play(CLIFF, kinds, RULES._replace(least_gain=-1), runs=1)
    assert play(CLIFF, Trader.ZI_U, RULES._replace(least_gain=-400), runs=1).count == 11


def test_a_schedule_without_sellers_is_refused():
    with pytest.raises(InputError, match="3 and 0 units"):
        make_schedule([3, 2, 1], [])


def test_a_full_tape_only_counts():
    tape = make_tape(3)
    trades = play(CLIFF, Trader.ZI_C, RULES, runs=1, tape=tape)
    assert tape.length[0] == trades.shouts.sum() > 3
