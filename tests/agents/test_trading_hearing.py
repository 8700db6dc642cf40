"""What a seated trader makes of a row: the slot's band, what was heard since, and prices that follow the band."""

import math

import numpy as np
import pytest

from gridbid.agents.baselines.rows import rows_of
from gridbid.agents.seated_traders.aa import AaPolicy
from gridbid.agents.seated_traders.band import Band, band_of, make_hour_prices
from gridbid.agents.seated_traders.gd import GdPolicy
from gridbid.agents.seated_traders.hearing import View, begin, gain_at, hear, make_past, note, rounds_left
from gridbid.agents.seated_traders.market_rows import MARKET_COLUMNS
from gridbid.agents.seated_traders.zip import ZipPolicy
from gridbid.envs.fields import action_index, observation_fields, observation_index, observation_space
from gridbid.market.types import Side

BUY, SELL = int(Side.BUY), int(Side.SELL)
NAN = np.nan
LEARNERS = (ZipPolicy, GdPolicy, AaPolicy)
TICK = 2_000
NO_QUOTE_CT = -20.0


def row(hour=0.0, **fields):
    """Observations (1, 1, observation) of a prosumer, each field in its unit."""
    index, scales = observation_index("prosumer"), {f.name: f.scale for f in observation_fields("prosumer")}
    values = np.zeros(observation_space("prosumer").shape[0], np.float32)
    empty = dict.fromkeys(("best_bid", "best_ask", "last_price"), NO_QUOTE_CT)
    angle = hour * math.pi / 12.0
    clock = {"hour_sin": math.sin(angle), "hour_cos": math.cos(angle)}
    for name, value in (empty | clock | fields).items():
        values[index[name]] = np.asarray(value) / scales[name]
    return values[None, None]


# --- the band


def bands(*seen):
    hours = make_hour_prices(1)
    columns = MARKET_COLUMNS["prosumer"]
    return [band_of(rows_of("prosumer", one), columns, hours, 0, TICK, 224) for one in seen]


def hourly(now_ct, next_ct, passed):
    """Means of the hours that begin ``passed`` of an hour after a full one, as a row shows them."""
    return np.array([(1 - passed) * now_ct + passed * next_ct, next_ct] + [next_ct] * 22)


def test_a_band_is_retail_less_fee_less_feed_in():
    [band] = bands(row(retail_ct=np.full(24, 31.2345), feed_in_ct=7.86, fee_ct=5.0))
    assert band == Band(78_600.0, 312_345.0 - 50_000.0 - 78_600.0, (312_345 - 128_600) // TICK)


def test_prices_of_whole_hours_are_known_all_through_the_hour():
    seen = [
        row(hour=7 + n / 4, retail_ct=hourly(30.1234, 41.9876, n / 4), feed_in_ct=7.86, fee_ct=5.0)
        for n in range(4)
    ]
    assert [band.width for band in bands(*seen)] == [301_234.0 - 128_600.0] * 4


def test_where_prices_do_not_stand_for_hours_the_mean_stands_in():
    begins, later = (
        row(hour=7 + n / 4, retail_ct=np.full(24, price), feed_in_ct=7.0, fee_ct=5.0)
        for n, price in ((0, 30.0), (1, 33.0))
    )
    assert [band.width for band in bands(begins, later)] == [180_000.0, 210_000.0]
    assert [band.width for band in bands(later)] == [210_000.0]  # nobody saw the hour begin


def test_a_band_has_no_more_ticks_than_the_book_and_may_be_empty():
    wide, none = bands(
        row(retail_ct=np.full(24, 90.0)), row(retail_ct=np.full(24, 12.0), feed_in_ct=7.0, fee_ct=5.0)
    )
    assert wide.highest_tick == 223
    assert (none.width, none.highest_tick) == (0.0, 0)


# --- what was heard

BAND = Band(100_000.0, 200_000.0, 100)


def view(round_=0.0, bid=NAN, ask=NAN, last=NAN, position=0.0, delivery=0.0, band=BAND):
    return View(band, round_, bid, ask, last, position, delivery)


def after(first, need=0.5, side=BUY, share=0.4):
    past = make_past(1)
    begin(past, 0)
    note(past, 0, first, need, side, share)
    return past


def heard(first, then, **offer):
    return [None if np.isnan(price) else price for price in hear(after(first, **offer), 0, then)]


def test_a_new_last_price_is_a_deal():
    assert heard(view(), view(0.5, last=150_000.0)) == [0.25, None, None, None]
    assert heard(view(last=150_000.0), view(0.5, last=160_000.0))[0] == pytest.approx(0.3)
    assert heard(view(last=150_000.0), view(0.5, last=150_000.0))[0] is None


def test_the_same_price_is_a_deal_where_the_own_position_moved():
    assert heard(view(last=150_000.0), view(0.5, last=150_000.0, position=0.1))[0] == 0.25
    assert heard(view(last=150_000.0, position=0.1), view(0.0, last=150_000.0, delivery=0.3))[0] == 0.25


def test_a_deal_of_the_slot_before_lies_in_the_band_of_that_slot():
    moved = Band(50_000.0, 300_000.0, 150)
    assert heard(view(), view(last=150_000.0, delivery=0.5, band=moved))[0] == 0.25


def test_quotes_are_heard_within_a_slot():
    assert heard(view(), view(0.5, bid=120_000.0, ask=260_000.0)) == [None, 0.1, 0.8, None]


def test_the_own_offer_failed_if_most_of_the_need_is_left_when_the_slot_is_over():
    assert heard(view(), view(delivery=0.1))[3] == 0.4
    assert heard(view(), view(delivery=0.4))[3] is None
    assert heard(view(), view(0.5))[3] is None  # it still waits
    assert heard(view(), view(delivery=-0.1), need=-0.5, side=SELL)[3] == 0.4
    assert heard(view(), view(delivery=-0.5), need=-0.5, side=SELL)[3] is None
    assert heard(view(), view(), need=0.0)[3] is None


def test_nothing_is_heard_of_an_empty_band():
    assert heard(view(band=Band(0.0, 0.0, 0)), view(last=1.0)) == [None] * 4


def test_rounds_are_counted_as_they_are_seen():
    past = after(view())
    assert rounds_left(past, 0, view()) == 1
    note(past, 0, view(np.float32(1 / 3)), 0.5, BUY, 0.4)
    assert [rounds_left(past, 0, view(np.float32(r / 3))) for r in range(3)] == [3, 2, 1]


def test_a_gain_is_what_a_price_leaves():
    assert gain_at(0.3, SELL) == 0.3
    assert gain_at(0.3, BUY) == 0.7


# --- what they make of it


def named_share(policy, seen):
    action = policy.act({"prosumer": seen})["prosumer"][0, 0]
    limit = (action[action_index("prosumer")["limit"].start] + 1.0) / 2.0
    return float(limit)


def slots(feed_in_ct, band_ct, last_share, net=1.0, n=12, filled=0.0):
    """Slots of one round, each with a deal about a share of the band, and a share of the need filled.

    Prices differ by half a percent, or nobody could tell a new deal from an old one.
    """
    fee = 5.0
    return [
        row(
            hour=n / 4,
            retail_ct=np.full(24, feed_in_ct + band_ct + fee),
            feed_in_ct=feed_in_ct,
            fee_ct=fee,
            site_kw=10.0,
            net_forecast=net,
            last_price=(last_share + 0.005 * (k % 2)) * band_ct if k else NO_QUOTE_CT,
            delivery_position=filled * net if k else 0.0,
        )
        for k in range(n)
    ]


@pytest.mark.parametrize("policy", LEARNERS)
@pytest.mark.parametrize("net", [1.0, -1.0])
def test_what_is_learnt_is_a_share_of_the_band(policy, net):
    """The same story in a band twice as wide, and elsewhere: the same shares, to the rounding of a tick."""
    stories = [slots(7.0, 20.0, 0.4, net, 40), slots(3.0, 40.0, 0.4, net, 40)]
    shares = []
    for story in stories:
        trader = policy()
        shares.append([named_share(trader, seen) for seen in story])
    # What is drawn follows from the row, so first margins differ; after forty deals at 0.4 they matter little.
    tolerance = 0.01 if policy is GdPolicy else 0.1
    assert shares[0][-1] == pytest.approx(shares[1][-1], abs=tolerance)


@pytest.mark.parametrize("policy", LEARNERS)
@pytest.mark.parametrize("net", [1.0, -1.0])
def test_who_is_left_with_its_need_gives_way_until_it_would_trade(policy, net):
    """First deals are struck in the middle, and it gets them; then they leave its side little, and pass it by."""
    trader = policy()
    price = 0.95 if net > 0.0 else 0.05
    before = [named_share(trader, seen) for seen in slots(7.0, 20.0, 0.5, net, n=40, filled=1.0)]
    after_ = [named_share(trader, seen) for seen in slots(7.0, 20.0, price, net, n=40)]
    assert before[-1] == pytest.approx(0.5, abs=0.1)
    assert after_[-1] == pytest.approx(price, abs=0.05)


@pytest.mark.parametrize("policy", LEARNERS)
def test_who_always_trades_asks_for_more(policy):
    """A seller that names the floor's neighbourhood while deals are struck at 0.8 learns to ask for more."""
    trader = policy()
    shares = [named_share(trader, seen) for seen in slots(7.0, 20.0, 0.8, -1.0, n=40, filled=1.0)]
    assert shares[-1] > 0.6


def test_a_home_that_changes_sides_remembers_what_it_learnt():
    """It heard deals at 0.8 while it bought; as a seller it asks for about as much at once."""
    for policy in (ZipPolicy, AaPolicy):
        trader = policy()
        for seen in slots(7.0, 20.0, 0.8, 1.0, n=40, filled=1.0):
            trader.act({"prosumer": seen})
        [_, last] = slots(7.0, 20.0, 0.8, -1.0, n=2)
        assert named_share(trader, last) > 0.6


@pytest.mark.parametrize("policy", LEARNERS)
@pytest.mark.parametrize("net", [1.0, -1.0])
def test_deals_beyond_the_band_disturb_nobody_for_good(policy, net):
    """Orders on the raw face may bid above the band. Then deals come back inside, and traders do, too."""
    trader = policy()
    for share in (0.3, 0.9, 1.02, 1.02, 1.5, 1.6, -0.2, 0.4):
        for seen in slots(7.0, 20.0, share, net, n=30, filled=1.0):
            assert 0.0 <= named_share(trader, seen) <= 1.0
    assert 0.2 < named_share(trader, slots(7.0, 20.0, 0.4, net, n=2)[-1]) < 0.6
