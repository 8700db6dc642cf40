"""Key figures of weeks that are small enough to be worked out by hand."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridbid.evaluate.kpis import KPIS, SUBJECTS, compare_members, kpis, profits_eur
from gridbid.evaluate.kpis.fairness import gini, jains_index
from gridbid.evaluate.records.event_record import EventRecord
from gridbid.evaluate.records.record import WeekRecord
from gridbid.market.errors import InputError
from gridbid.market.naive.communities import random_community
from gridbid.market.types import Account, Cost, Device

SLOTS, MEMBERS, START = 4, 2, 192
KINDS = ("prosumer", "ev")
ALONE_EUR = np.array([1.0, 2.5])


def make_community():
    """A battery of 4 kWh, and a car of 40 kWh that leaves twice; midnight is in the middle; the feeder may carry 5 kVA."""
    community = random_community(np.random.default_rng(0), n=MEMBERS, n_buses=3, slots_per_day=24)
    n_slots = community.series.load_kw.shape[0]
    departure = np.full((2, n_slots, 1), -1, np.int32)
    departure[0, START : START + 2], departure[0, START + 2] = START + 2, START + 3
    return community._replace(
        devices=community.devices._replace(
            battery_kwh=np.array([4.0, 0.0]),
            charge_efficiency=np.array([0.8, 1.0]),
            discharge_efficiency=np.array([0.5, 1.0]),
            car_kwh=np.array([0.0, 40.0]),
        ),
        series=community.series._replace(
            car_column=np.array([-1, 0]),
            car_departure=departure,
            day_of_year=((np.arange(n_slots) - START + 22) // 24).astype(np.float32),
        ),
        network=community.network._replace(
            parent=np.array([-1, 0, 1], np.int32), rating_kva=np.array([np.inf, 5.0, 7.0])
        ),
    )


COMMUNITY = make_community()


def figures_of(*records, **more):
    return kpis(records, COMMUNITY, **more)


def make_record() -> WeekRecord:
    """Two members, four hours: member 0 has PV and a battery, member 1 a car and a heat pump."""
    device_kwh = np.zeros((SLOTS, MEMBERS, len(Device)))
    device_kwh[:, 0, Device.BATTERY] = [0.0, 1.0, -0.5, 0.0]
    device_kwh[:, 1, Device.CHARGER] = [0.0, 0.0, 2.0, 0.0]
    device_kwh[:, 1, Device.HEAT_PUMP] = [0.5, 0.5, 0.5, 0.5]
    load_kwh = np.array([[1.0, 0.5], [1.0, 0.5], [1.0, 0.5], [1.0, 0.5]])
    pv_kwh = np.array([[0.0, 0.0], [6.0, 0.0], [3.0, 0.0], [0.0, 0.0]])
    curtailed_kwh = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    net_kwh = load_kwh - pv_kwh + curtailed_kwh + device_kwh.sum(axis=2)
    cost_eur = np.zeros((MEMBERS, len(Cost)))
    cost_eur[0, Cost.BILL], cost_eur[1, Cost.BILL] = -1.0, 3.0
    cost_eur[0, Cost.WEAR], cost_eur[1, Cost.UNMET_EV] = 0.25, 0.5
    cost_eur[0, Cost.STORED] = -0.125
    zeros = np.zeros((SLOTS, MEMBERS))
    return WeekRecord(
        controller="by hand",
        week=7,
        sample=0,
        start=START,
        slot_h=1.0,
        retail_neur=np.full(SLOTS, 300_000),
        feed_in_neur=np.full(SLOTS, 80_000),
        fee_neur=np.full(SLOTS, 50_000),
        wholesale_neur=np.full(SLOTS, 100_000),
        carbon_g=np.array([400.0, 100.0, 200.0, 500.0]),
        load_kwh=load_kwh,
        pv_kwh=pv_kwh,
        feeder_kw=np.array([2.1, -1.9, 0.6, 2.2]),
        losses_kwh=np.array([0.1, 0.1, 0.1, 0.2]),
        overload_kwh=np.array([0.0, 0.0, 0.0, 0.3]),
        fills=np.array([0, 1, 2, 0]),
        price_deviation_ct=np.array([np.nan, 0.0, 3.0, np.nan]),
        best_bid_ct=np.array([9.0, np.nan, 12.0, 10.0]),
        best_ask_ct=np.array([np.nan, 15.0, 15.5, 11.5]),
        bid_depth_wh=np.array([400.0, 0.0, 100.0, 200.0]),
        ask_depth_wh=np.array([0.0, 300.0, 500.0, 100.0]),
        open_bid_wh=np.array([1_000.0, 0.0, 100.0, 500.0]),
        open_ask_wh=np.array([0.0, 600.0, 500.0, 300.0]),
        orders_placed=np.array([2.0, 2.0, 2.0, 2.0]),
        orders_rejected=np.array([1.0, 0.0, 0.0, 0.0]),
        orders_filled=np.array([0.0, 2.0, 2.0, 0.0]),
        reading_wh=(net_kwh * 1_000).astype(np.int64),
        bought_wh=np.array([[0, 0], [0, 1_000], [0, 500], [0, 0]]),
        sold_wh=np.array([[0, 0], [1_000, 0], [500, 0], [0, 0]]),
        paid_neur=np.array([[0, 0], [0, 100_000_000], [0, 80_000_000], [0, 0]]),
        received_neur=np.array([[0, 0], [100_000_000, 0], [80_000_000, 0], [0, 0]]),
        net_kwh=net_kwh,
        device_kwh=device_kwh,
        battery_kwh=zeros,
        car_kwh=zeros,
        curtailed_kwh=curtailed_kwh,
        breach_kwh=zeros,
        unmet_kwh=np.array([[0.0, 0.0], [0.0, 0.0], [0.0, 0.8], [0.0, 0.0]]),
        unserved_kwh=zeros,
        voltage_pu=np.array([[1.0, 0.89], [1.11, 1.0], [1.0, 1.0], [1.0, 0.95]]),
        cost_eur=cost_eur,
        cash_neur=np.zeros(MEMBERS, np.int64),
        accounts_neur=np.zeros(len(Account), np.int64),
    )


def make_event() -> EventRecord:
    """Two slots from the second on; asked for 500, 500 and for 0, 300 Wh."""
    return EventRecord(
        start=START + 1,
        rate_neur=1_000_000,
        takes_part=np.array([True, True]),
        instructed_wh=np.array([[500, 0], [500, 300]]),
        baseline_wh=np.array([[1_200, 500], [1_500, 800]]),
        reading_wh=np.array([[900, 500], [1_200, 600]]),
        delivered_wh=np.array([600, 200]),
        paid_neur=np.array([400_000_000, -100_000_000]),
    )


def make_quiet_record() -> WeekRecord:
    """The same week without the event: the baselines are off by 200, 0, 0 and -200 Wh of 1000 Wh in the mean."""
    reading_wh = np.array([[0, 0], [1_000, 500], [1_500, 1_000], [0, 0]])
    return dataclasses.replace(make_record(), reading_wh=reading_wh)


# Net by slot: member 0 is 1, -3, -2.5, 1; member 1 is 1, 1, 3, 1; the community 2, -2, 0.5, 2.
# A Wh is worth 30 - 5 = 25 ct/kWh to who needs it and costs 8 to who has it. In slot 1 need 1 < surplus 3 kWh: P* = 8, and
# TS* = 17 ct; in slot 2 need 3 > surplus 2.5: P* = 25, TS* = 42.5 ct. Slot 1 trades 1 kWh at 10: the seller gains 2 ct (0 at
# P*), the buyer 15 (17). Slot 2 trades 0.5 kWh at 16: the seller gains 4 (42.5), the buyer 4.5 (0).
EXPECTED = {
    "j_eur": -1.0 + 3.0 + 0.25 + 0.5 - 0.125,
    "bill_eur": 2.0,
    "wear_eur": 0.25,
    "discomfort_eur": 0.0,
    "unmet_ev_eur": 0.5,
    "violation_eur": 0.0,
    "stored_eur": -0.125,
    "profit_eur": 0.255,
    "profit_prosumer_eur": 0.06,
    "profit_battery_eur": math.nan,
    "profit_ev_eur": 0.195,
    "local_fee_eur": 1.5 * 0.05,
    "co2_kg": (400 * 2 + 200 * 0.5 + 500 * 2) / 1_000,
    "import_kwh": 4.5,
    "export_kwh": 2.0,
    "self_consumption": 1 - 2.0 / 8.0,
    "self_sufficiency": 1 - 4.5 / (6.0 + 2.0 + 2.0),
    "curtailed_kwh": 1.0,
    "peak_kw": 2.2,
    "mean_daily_peak_kw": (2.1 + 2.2) / 2,
    "export_peak_kw": 1.9,
    "ramping_kw": 4.0 + 2.5 + 1.6,
    "one_less_load_factor": 1 - 0.75 / 2.2,
    "daily_one_less_load_factor": ((1 - 0.1 / 2.1) + (1 - 1.4 / 2.2)) / 2,
    "overload_kwh": 0.3,
    "overload_percent_h": 6.0,
    "voltage_hours": 2.0,
    "voltage_pu_h": 0.02,
    "lowest_voltage_pu": 0.89,
    "highest_voltage_pu": 1.11,
    "losses_kwh": 0.5,
    "breach_kwh": 0.0,
    "battery_out_kwh": 0.5,
    "full_cycles": (1.0 * 0.8 + 0.5 / 0.5) / 2 / 4,
    "unmet_ev_kwh": 0.8,
    "departures": 2.0,
    "short_departures": 0.5,
    "departure_shortfall": (0.0 + 0.8 / 40) / 2,
    "unserved_heat_kwh": 0.0,
    "traded_kwh": 1.5,
    "match_share": 1.5 / (1.0 + 2.5),
    "mean_price_ct": 12.0,
    "fills": 3.0,
    "efficiency": (2 + 15 + 4 + 4.5) / (17 + 42.5),
    "untraded_loss": 17 * (2.5 - 0.5) / (17 + 42.5),
    "overtraded_loss": 0.0,
    "alpha": 100 * math.sqrt((1.0 * 2**2 + 0.5 * (9**2 + 3**2)) / 1.5) / ((1.0 * 8 + 0.5 * 25) / 1.5),
    "profit_dispersion_ct": math.sqrt((2**2 + 2**2 + 38.5**2 + 4.5**2) / 4),
    "spread_ct": (3.5 + 1.5) / 2,
    "depth_kwh": (0.4 + 0.3 + 0.6 + 0.3) / 4,
    "fill_rate": 3.0 / (3.0 + 1.6 + 1.4),
    "orders": 8.0,
    "orders_filled_share": 0.5,
    "orders_rejected_share": 0.125,
    "events": 1.0,
    "response_asked_kwh": 1.3,
    "delivery_ratio": 0.8 / 1.3,
    "response_eur": 0.3,
    "baseline_rrmse": math.sqrt(2 * 200**2 / 4) / 1_000,
    "baseline_bias": 0.0,
    "gain_eur": 1.875 - 1.0,
    "jain": 0.5,
    "gini": 0.5,
    "worse_off_alone": 0.5,
    "least_gain_eur": -1.0,
    "least_gain_seat": 1.0,
}


def test_every_figure_by_hand():
    week = dataclasses.replace(make_record(), events=(make_event(),))
    found = figures_of(week, kinds=KINDS, alone_eur=ALONE_EUR, without_events=[make_quiet_record()])
    assert list(found) == list(EXPECTED)
    assert found == pytest.approx(EXPECTED, nan_ok=True)


def test_every_figure_is_named_once_with_unit_and_meaning():
    assert len({kpi.name for kpi in KPIS}) == len(KPIS)
    assert all(kpi.unit and kpi.meaning for kpi in KPIS)
    assert {kpi.better for kpi in KPIS} == {"lower", "higher", "none"}
    assert sum(len(figures) for figures in SUBJECTS.values()) == len(KPIS)


def test_weeks_add_up_shares_stay_and_peaks_are_the_highest():
    week = make_record()
    higher = dataclasses.replace(week, feeder_kw=week.feeder_kw + 1.0)
    both, one = figures_of(week, higher), figures_of(week)
    for name in ("j_eur", "co2_kg", "import_kwh", "traded_kwh", "fills", "overload_kwh", "profit_eur"):
        assert both[name] == pytest.approx(2 * one[name])
    for name in ("self_consumption", "self_sufficiency", "match_share", "mean_price_ct"):
        assert both[name] == pytest.approx(one[name])
    for name in ("efficiency", "alpha", "profit_dispersion_ct", "spread_ct", "fill_rate", "short_departures"):
        assert both[name] == pytest.approx(one[name])
    assert both["peak_kw"] == pytest.approx(3.2)
    assert both["mean_daily_peak_kw"] == pytest.approx(2.65)


def test_figures_without_a_meaning_are_nan():
    week = make_record()
    idle = dataclasses.replace(
        week,
        bought_wh=np.zeros_like(week.bought_wh),
        sold_wh=np.zeros_like(week.sold_wh),
        paid_neur=np.zeros_like(week.paid_neur),
        received_neur=np.zeros_like(week.received_neur),
        pv_kwh=np.zeros_like(week.pv_kwh),
        curtailed_kwh=week.pv_kwh * 0.0,
    )
    figures = figures_of(idle)
    for name in ("mean_price_ct", "self_consumption", "alpha", "delivery_ratio", "baseline_rrmse", "jain"):
        assert math.isnan(figures[name])
    for name in ("traded_kwh", "efficiency", "profit_eur", "events", "response_eur"):
        assert figures[name] == 0.0


def test_a_week_without_a_book_has_no_figures_of_it():
    nothing = np.full(SLOTS, np.nan)
    names = ("best_bid_ct", "best_ask_ct", "bid_depth_wh", "ask_depth_wh", "open_bid_wh", "open_ask_wh")
    names += ("orders_placed", "orders_rejected", "orders_filled", "price_deviation_ct")
    figures = figures_of(dataclasses.replace(make_record(), **dict.fromkeys(names, nothing)))
    for name in ("spread_ct", "depth_kwh", "fill_rate", "orders", "orders_filled_share", "alpha"):
        assert math.isnan(figures[name])
    assert figures["efficiency"] == pytest.approx(EXPECTED["efficiency"])


def test_what_was_bought_beyond_the_need_is_worth_feed_in_only():
    """Both draw 1 kWh less than they bought, or feed in less than they sold: trade destroys the fee, then retail - feed_in."""
    week = make_record()
    overdone = dataclasses.replace(week, reading_wh=np.array([[0, 0], [-1_000, 0], [0, 500], [0, 0]]))
    figures = figures_of(overdone)
    assert figures["profit_eur"] == pytest.approx((-5 * 1.0 - 5 * 0.5) / 100)
    assert math.isnan(figures["efficiency"])


def test_what_is_lost_was_not_traded_or_traded_in_vain():
    """Slot 1: 1 kWh is bought and 0.6 needed, so TS* is 10.2 ct, and 0.4 kWh cost their fee for nothing. Slot 2: all is lost."""
    week = make_record()
    changed = dataclasses.replace(
        week,
        reading_wh=np.array([[0, 0], [-3_000, 600], [-100, 500], [0, 0]]),
        bought_wh=np.array([[0, 0], [0, 1_000], [0, 0], [0, 0]]),
        sold_wh=np.array([[0, 0], [1_000, 0], [0, 0], [0, 0]]),
        paid_neur=np.array([[0, 0], [0, 100_000_000], [0, 0], [0, 0]]),
        received_neur=np.array([[0, 0], [100_000_000, 0], [0, 0], [0, 0]]),
    )
    figures = figures_of(changed)
    assert figures["efficiency"] == pytest.approx((10.2 - 5 * 0.4) / (10.2 + 1.7))
    assert figures["overtraded_loss"] == pytest.approx(5 * 0.4 / (10.2 + 1.7))
    assert figures["untraded_loss"] == pytest.approx(1.7 / (10.2 + 1.7))


def test_an_unknown_rating_gives_no_share_of_it():
    unknown = COMMUNITY._replace(network=COMMUNITY.network._replace(rating_kva=np.full(3, np.inf)))
    assert math.isnan(kpis([make_record()], unknown)["overload_percent_h"])


def test_a_feeder_that_collapsed_is_out_of_band():
    voltage_pu = np.array([[1.0, 1.0], [np.nan, np.nan], [1.0, 1.0], [1.0, 1.0]])
    figures = figures_of(dataclasses.replace(make_record(), voltage_pu=voltage_pu))
    assert figures["voltage_hours"] == 2.0
    assert figures["voltage_pu_h"] == pytest.approx(0.9)
    assert figures["lowest_voltage_pu"] == 0.0


def test_members_are_compared_one_by_one():
    week = make_record()
    shift = np.zeros_like(week.cost_eur)
    shift[:, Cost.BILL] = [0.5, -2.0]
    moved = dataclasses.replace(week, cost_eur=week.cost_eur + shift)
    assert compare_members([moved], [week]) == {"worse_off": 0.5, "worst_member_eur": pytest.approx(0.5)}
    assert compare_members([week], [week]) == {"worse_off": 0.0, "worst_member_eur": 0.0}


def test_own_profits_are_told_by_member():
    assert profits_eur([make_record(), make_record()]) == pytest.approx([0.12, 0.39])


def test_jains_index_and_gini_of_known_shares():
    assert jains_index(np.array([1.0, 2.0, 3.0, 4.0])) == pytest.approx(100 / (4 * 30))
    assert gini(np.array([4.0, 1.0, 3.0, 2.0])) == pytest.approx(20 / (2 * 4 * 10))
    for share in (0.5, 7.0):
        assert jains_index(np.full(5, share)) == pytest.approx(1.0)
        assert gini(np.full(5, share)) == pytest.approx(0.0)
    assert jains_index(np.array([0.0, 0.0, 9.0])) == pytest.approx(1 / 3)
    assert gini(np.array([0.0, 0.0, 9.0])) == pytest.approx(1 - 1 / 3)
    assert math.isnan(jains_index(np.zeros(3)))
    assert math.isnan(gini(np.zeros(3)))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=7).filter(any))
def test_gini_is_the_mean_difference_of_two(shares):
    differences = sum(abs(one - other) for one in shares for other in shares)
    assert gini(np.array(shares, np.float64)) == pytest.approx(
        differences / (2 * len(shares) * sum(shares)), abs=1e-12
    )


def test_baselines_are_checked_against_the_same_week_only():
    week = dataclasses.replace(make_record(), events=(make_event(),))
    with pytest.raises(InputError, match="without_events: start, sample and shape"):
        figures_of(week, without_events=[dataclasses.replace(make_quiet_record(), sample=1)])
    with pytest.raises(InputError, match=r"with 1 event\(s\)"):
        figures_of(week, without_events=[week])


def test_no_weeks_are_refused():
    with pytest.raises(ValueError, match="records: empty"):
        figures_of()
