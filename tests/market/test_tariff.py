"""The utility's shifts of the announced tariff against their rule, told day by day."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridbid.market.engine import Engine
from gridbid.market.naive.communities import random_community
from gridbid.market.tariff import MAX_SHIFT

START, AHEAD = 210, 96
COMMUNITY = random_community(np.random.default_rng(4), n=2, rounds=2)
SHIFTS = st.lists(st.integers(-3 * MAX_SHIFT, 3 * MAX_SHIFT), min_size=1, max_size=250)


def announced(engine, b=0):
    """Shift of the slot a day ahead, nEUR/Wh."""
    return int(engine.retail_neur(AHEAD)[b] - published(engine, AHEAD)[b])


def published(engine, ahead=0):
    clock = engine.state.clock
    return engine.community.series.retail[clock.sample, clock.slot + ahead]


def pass_slot(engine):
    still = np.zeros((engine.batch, engine.community.n_participants))
    for _ in range(engine.community.rules.rounds):
        engine.step(still, still, still, np.zeros((*still.shape, 4)))


def allowed(wanted, days):
    """Plain rule: within the bounds, and no day's sum so far above zero."""
    sums, shifts = {}, []
    for shift, day in zip(wanted, days, strict=True):
        shift = min(max(shift, -MAX_SHIFT), MAX_SHIFT, -sums.get(day, 0))
        sums[day] = sums.get(day, 0) + shift
        shifts.append(shift)
    return shifts


@settings(deadline=None, max_examples=25)
@given(SHIFTS, st.integers(0, 95))
def test_shifts_follow_the_rule(wanted, offset):
    engine = Engine(COMMUNITY)
    engine.reset(START + offset, len(wanted) + 1)
    first, got = START + offset + AHEAD, []
    for shift in wanted:
        engine.announce(np.array([shift]))
        got.append(announced(engine))
        pass_slot(engine)
    days = COMMUNITY.series.day_of_year[first : first + len(wanted)].tolist()
    assert got == allowed(wanted, days)


def test_each_community_has_its_own_tariff():
    engine = Engine(COMMUNITY, 3)
    engine.reset(START, 50, np.array([0, 1, 0]))
    wanted = np.random.default_rng(2).integers(-MAX_SHIFT, MAX_SHIFT, (50, 3))
    got = []
    for shifts in wanted:
        engine.announce(shifts)
        got.append([announced(engine, b) for b in range(3)])
        pass_slot(engine)
    days = COMMUNITY.series.day_of_year[START + AHEAD : START + AHEAD + 50].tolist()
    for b in range(3):
        assert [row[b] for row in got] == allowed(wanted[:, b].tolist(), days)


def test_the_feed_in_price_gives_way_to_a_lower_tariff():
    """Rule 8: feed-in and fee never exceed retail, so a shift may lower what is paid for feed-in, and the book's floor."""
    fee, slot = 50_000, START + AHEAD
    retail = np.full_like(COMMUNITY.series.retail, 110_000)
    series = COMMUNITY.series._replace(
        retail=retail, feed_in=np.full_like(retail, 55_000), fee=np.full_like(retail[0], fee)
    )
    community = COMMUNITY._replace(series=series, rules=COMMUNITY.rules._replace(rounds=1))
    cash = {}
    for shift in (0, -MAX_SHIFT):
        engine = Engine(community)
        engine.reset(START, AHEAD + 1)
        engine.announce(np.array([shift]))
        for _ in range(AHEAD + 1):
            pass_slot(engine)
        delivered = engine.state.delivered
        assert delivered.slot[0] == slot
        feed_in = min(55_000, 110_000 + shift - fee)
        prices = [110_000 + shift if wh > 0 else feed_in for wh in delivered.imbalance_wh[0]]
        expected = [-int(wh) * price for wh, price in zip(delivered.imbalance_wh[0], prices, strict=True)]
        assert delivered.cash_neur[0].tolist() == expected
        cash[shift] = expected
    assert cash[0] != cash[-MAX_SHIFT]


def test_later_rounds_do_not_announce():
    engine = Engine(COMMUNITY)
    engine.reset(START, 3)
    engine.announce(np.array([-7]))
    still = np.zeros((1, 2))
    engine.step(still, still, still, np.zeros((1, 2, 4)))
    engine.announce(np.array([-9]))
    assert announced(engine) == -7


def test_a_new_episode_begins_with_the_published_tariff():
    engine = Engine(COMMUNITY)
    engine.reset(START, 3)
    engine.announce(np.array([-MAX_SHIFT]))
    engine.reset(START, 3)
    assert announced(engine) == 0
    engine.announce(np.array([5]))
    assert announced(engine) == 0, "what the last episode lowered gives no room"


def test_nothing_is_announced_beyond_the_year():
    engine, last = Engine(COMMUNITY), COMMUNITY.series.retail.shape[1] - 2
    engine.reset(last, 1)
    before = engine.state.tariff_shift.copy()
    engine.announce(np.array([-MAX_SHIFT]))
    np.testing.assert_array_equal(engine.state.tariff_shift, before)


@pytest.mark.parametrize("skipped", [0, 4])
def test_a_day_begins_even_where_the_clock_skips_midnight(skipped):
    """In some zones clocks change at midnight, and a day begins at 01:00."""
    series = COMMUNITY.series
    local_hour, day = series.local_hour.copy(), series.day_of_year.copy()
    midnight = START + AHEAD + int(np.argmax(local_hour[START + AHEAD :] == 0.0))
    local_hour[midnight : midnight + 92] += skipped / 4
    community = COMMUNITY._replace(series=series._replace(local_hour=local_hour))
    engine = Engine(community)
    n_slots = midnight - AHEAD - START + 3
    engine.reset(START, n_slots)
    got = {}
    for slot in range(START, START + n_slots):
        engine.announce(np.array([-100 if slot + AHEAD == midnight - 1 else 100]))
        got[slot + AHEAD] = announced(engine)
        pass_slot(engine)
    assert got[midnight - 1] == -100
    assert got[midnight] == 0, "the day before gives no room"
    assert day[midnight] != day[midnight - 1]
