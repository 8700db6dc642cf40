"""Price thresholds: which hours are cheap and dear, what is done in them, and which thresholds make no sense."""

import numpy as np
import pytest

from gridbid.agents.baselines.thresholds import Thresholds, ThresholdsPolicy
from gridbid.envs.fields import action_index, observation_index, observation_space
from gridbid.market.errors import InputError

DAY_CT = np.arange(24.0) + 20.0
"""A day of 24 prices, all different."""


def act_at(kind, first, thresholds=None, **values):
    """The action in the unit box when the first hour is the one that costs the ``first``-th least, other fields 1."""
    row = np.zeros((1, 1, *observation_space(kind).shape), np.float32)
    index = observation_index(kind)
    row[..., index["retail_ct"]] = np.roll(DAY_CT, -first) / 40.0
    row[..., index["fee_ct"]] = 5.0 / 40.0
    own = {"battery": {"battery_kw": 1.0, "battery_least": -1.0, "battery_most": 1.0}}
    own["ev"] = {"charger_kw": 1.0, "car_plugged": 1.0, "car_least": 0.2, "car_most": 1.0}
    for name, value in {**own[kind], **values}.items():
        row[..., index[name]] = value
    action = ThresholdsPolicy(thresholds).act({kind: row})[kind][0, 0]
    return {name: float(action[place.start]) for name, place in action_index(kind).items()}


def test_a_battery_stores_in_the_cheapest_hours_and_gives_back_in_the_dearest():
    thresholds = Thresholds(charge_below=0.25, discharge_above=0.75, power=0.5, spread_ct=0.0)
    done = [act_at("battery", first, thresholds)["battery"] for first in range(24)]
    assert done == pytest.approx([0.5] * 6 + [0.0] * 12 + [-1.0] * 6)


def test_storing_is_planned_and_giving_back_follows_the_position():
    thresholds = Thresholds(charge_below=0.25, discharge_above=0.75, spread_ct=0.0)
    stores, gives_back = act_at("battery", 0, thresholds), act_at("battery", 23, thresholds)
    assert (stores["follow"], gives_back["follow"]) == (-1.0, 1.0)
    assert (stores["limit"], gives_back["limit"]) == (1.0, -1.0)


def test_a_day_without_a_spread_is_left_alone():
    """The dearest of these hours costs 23 ct/kWh more than the cheapest."""
    assert act_at("battery", 0, Thresholds(spread_ct=22.9))["battery"] > 0.0
    assert act_at("battery", 0, Thresholds(spread_ct=23.1))["battery"] == pytest.approx(0.0, abs=1e-7)


def test_a_car_charges_in_cheap_hours_and_else_what_it_must():
    thresholds = Thresholds(car_below=0.5)
    done = [act_at("ev", first, thresholds)["charger"] for first in range(24)]
    assert done == pytest.approx([1.0] * 12 + [0.2] * 12)


def test_what_devices_can_do_comes_first():
    assert act_at("battery", 0, battery_most=0.1)["battery"] == pytest.approx(0.1)
    assert act_at("battery", 23, battery_least=-0.1)["battery"] == pytest.approx(-0.1)


def test_thresholds_that_make_no_sense_are_named_together():
    with pytest.raises(InputError, match=r"charge_below=1.2: .*car_below=-1: .*charge_below=1.2 lies above"):
        ThresholdsPolicy(Thresholds(charge_below=1.2, car_below=-1))
