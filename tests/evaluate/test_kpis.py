"""Key figures of weeks that are small enough to be worked out by hand."""

import dataclasses
import math

import numpy as np
import pytest

from gridbid.evaluate.kpis import KPIS, compare_members, kpis
from gridbid.evaluate.record import WeekRecord
from gridbid.market.types import Account, Cost, Device

SLOTS, MEMBERS = 4, 2


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
        start=192,
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
        curtailed_kwh=curtailed_kwh,
        breach_kwh=zeros,
        unmet_kwh=np.array([[0.0, 0.0], [0.0, 0.0], [0.0, 0.8], [0.0, 0.0]]),
        unserved_kwh=zeros,
        voltage_pu=np.array([[1.0, 0.89], [1.11, 1.0], [1.0, 1.0], [1.0, 0.95]]),
        cost_eur=cost_eur,
        cash_neur=np.zeros(MEMBERS, np.int64),
        accounts_neur=np.zeros(len(Account), np.int64),
    )


# Net by slot: member 0 is 1, -3, -2.5, 1; member 1 is 1, 1, 3, 1; the community 2, -2, 0.5, 2.
EXPECTED = {
    "j_eur": -1.0 + 3.0 + 0.25 + 0.5 - 0.125,
    "bill_eur": 2.0,
    "wear_eur": 0.25,
    "discomfort_eur": 0.0,
    "unmet_ev_eur": 0.5,
    "violation_eur": 0.0,
    "stored_eur": -0.125,
    "co2_kg": (400 * 2 + 200 * 0.5 + 500 * 2) / 1_000,
    "import_kwh": 4.5,
    "export_kwh": 2.0,
    "peak_kw": 2.2,
    "mean_daily_peak_kw": 2.2,
    "export_peak_kw": 1.9,
    "ramping_kw": 4.0 + 2.5 + 1.6,
    "self_consumption": 1 - 2.0 / 8.0,
    "self_sufficiency": 1 - 4.5 / (6.0 + 2.0 + 2.0),
    "overload_kwh": 0.3,
    "losses_kwh": 0.5,
    "breach_kwh": 0.0,
    "voltage_hours": 2.0,
    "unmet_ev_kwh": 0.8,
    "unserved_heat_kwh": 0.0,
    "curtailed_kwh": 1.0,
    "battery_out_kwh": 0.5,
    "traded_kwh": 1.5,
    "match_share": 1.5 / (1.0 + 2.5),
    "mean_price_ct": 12.0,
    "fills": 3.0,
}


def test_every_figure_by_hand():
    assert kpis([make_record()]) == pytest.approx(EXPECTED)


def test_every_figure_is_named_once_with_unit_and_meaning():
    assert len({kpi.name for kpi in KPIS}) == len(KPIS)
    assert all(kpi.unit and kpi.meaning for kpi in KPIS)


def test_weeks_add_up_shares_stay_and_peaks_are_the_highest():
    week = make_record()
    higher = dataclasses.replace(week, feeder_kw=week.feeder_kw + 1.0)
    both, one = kpis([week, higher]), kpis([week])
    for name in ("j_eur", "co2_kg", "import_kwh", "traded_kwh", "fills", "overload_kwh"):
        assert both[name] == pytest.approx(2 * one[name])
    for name in ("self_consumption", "self_sufficiency", "match_share", "mean_price_ct"):
        assert both[name] == pytest.approx(one[name])
    assert both["peak_kw"] == pytest.approx(3.2)
    assert both["mean_daily_peak_kw"] == pytest.approx(2.7)


def test_figures_without_a_meaning_are_nan():
    week = make_record()
    idle = dataclasses.replace(
        week,
        bought_wh=np.zeros_like(week.bought_wh),
        pv_kwh=np.zeros_like(week.pv_kwh),
        curtailed_kwh=week.pv_kwh * 0.0,
    )
    figures = kpis([idle])
    assert math.isnan(figures["mean_price_ct"])
    assert math.isnan(figures["self_consumption"])
    assert figures["traded_kwh"] == 0.0


def test_members_are_compared_one_by_one():
    week = make_record()
    shift = np.zeros_like(week.cost_eur)
    shift[:, Cost.BILL] = [0.5, -2.0]
    moved = dataclasses.replace(week, cost_eur=week.cost_eur + shift)
    assert compare_members([moved], [week]) == {"worse_off": 0.5, "worst_member_eur": pytest.approx(0.5)}
    assert compare_members([week], [week]) == {"worse_off": 0.0, "worst_member_eur": 0.0}


def test_no_weeks_are_refused():
    with pytest.raises(ValueError, match="records: empty"):
        kpis([])
