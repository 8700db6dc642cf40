"""What the smart rule does, on rows and in a community: cars wait for cheap hours, batteries serve neighbours."""

import numpy as np
import pytest

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.baselines.smart_rule import SmartRulePolicy
from gridbid.envs.compile import compile_community
from gridbid.envs.fields import ACTIONS, OBSERVATIONS, action_index, observation_index, observation_space
from gridbid.evaluate.records.rollout import Cases, run_policy
from gridbid.market.types import Device

FLAT = np.full(24, 30.0)
SCALES = {field.name: field.scale for field in OBSERVATIONS}


def act_on(kind, **values):
    """The action, by name in the table's ranges, on a row of zeros but for some fields in the table's units."""
    row = np.zeros((1, 1, *observation_space(kind).shape), np.float32)
    for name, value in values.items():
        row[..., observation_index(kind)[name]] = np.asarray(value) / SCALES[name]
    action = SmartRulePolicy().act({kind: row})[kind][0, 0].astype(np.float64)
    ranges = {field.name: (field.low, field.high) for field in ACTIONS}
    return {
        name: ranges[name][0] + (action[place.start] + 1.0) * (ranges[name][1] - ranges[name][0]) / 2.0
        for name, place in action_index(kind).items()
    }


def act_as_battery(**values):
    """A battery of 20 kW and 40 kWh, half full."""
    own = {"site_kw": 20.0, "battery_kw": 1.0, "battery_hours": 2.0, "battery_soc": 0.5}
    able = {"battery_least": -1.0, "battery_most": 1.0}
    return act_on("battery", **{"retail_ct": FLAT, "feed_in_ct": 8.0, "fee_ct": 5.0, **own, **able, **values})


@pytest.mark.parametrize(("due_h", "charges"), [(1.0, 0.0), (2.0, 0.0), (2.5, 0.5), (3.0, 1.0)])
def test_a_car_charges_in_the_cheapest_hours_of_its_stay(due_h, charges):
    """Two hours of a stay of six are cheaper than the first; cheaper ones after it don't count."""
    price_ct = np.full(24, 36.0)
    price_ct[[0, 2, 4, 10, 11]] = [28.0, 20.0, 24.0, 4.0, 4.0]
    seen = {
        "retail_ct": price_ct,
        "car_due": due_h,
        "car_departure": 6.0,
        "car_plugged": 1.0,
        "car_most": 1.0,
    }
    assert act_on("ev", **seen)["charger"] == pytest.approx(charges, abs=1e-6)


def test_a_battery_leans_against_the_communitys_net_load():
    surplus, need = (act_as_battery(community_net=net_kw) for net_kw in (-8.0, 8.0))
    assert surplus["battery"] == pytest.approx(0.25 * 8.0 / 20.0)
    assert need["battery"] == pytest.approx(-0.25 * 8.0 / 20.0)
    assert surplus["follow"] == need["follow"] == 1.0


def test_a_battery_goes_on_with_what_it_did_when_nothing_is_left_to_do():
    assert act_as_battery(community_net=0.0, reading_2=-0.3)["battery"] == pytest.approx(-0.3)


def test_the_net_load_counts_in_kw_whatever_the_size_of_the_battery():
    """The same surplus is four times the share for a battery of a quarter of the size."""
    small = act_as_battery(community_net=-8.0, site_kw=5.0)["battery"]
    assert small == pytest.approx(4.0 * act_as_battery(community_net=-8.0)["battery"])


def test_a_store_that_dearer_hours_will_empty_is_kept_for_them():
    evening = np.array([25.0, *[35.0] * 3, 20.0, *[30.0] * 19])
    seen = {"community_net": 20.0, "retail_ct": evening}
    assert act_as_battery(**seen, battery_soc=1.0)["battery"] == 0.0
    assert act_as_battery(**seen, battery_soc=0.2, battery_hours=20.0)["battery"] < 0.0
    evening[1:4] = 24.0
    assert act_as_battery(**seen, battery_soc=1.0)["battery"] < 0.0


def test_a_battery_bids_what_its_content_will_bring_and_asks_what_filling_it_costs():
    """In the band from 8 to 30 - 5 = 25 ct/kWh."""
    dear = np.array([30.0, *[40.0] * 23])
    bid_ct = (40.0 - 5.0) * 0.9 - 5.5 - 5.0
    ask_ct = (8.0 + 5.0) / 0.9 + 5.5
    assert act_as_battery(community_net=-8.0, retail_ct=dear)["limit"] == pytest.approx((bid_ct - 8.0) / 17.0)
    assert act_as_battery(community_net=8.0)["limit"] == pytest.approx((ask_ct - 8.0) / 17.0)


def test_a_site_without_devices_offers_its_need_at_its_true_value():
    for net, limit in ((0.3, 1.0), (-0.3, 0.0)):
        action = act_on("prosumer", net_forecast=net, retail_ct=FLAT, community_net=-80.0)
        assert (action["offer"], action["limit"]) == pytest.approx((1.0, limit))


@pytest.fixture(scope="module")
def weeks():
    """A validation week of `rural` under both rules."""
    compiled = compile_community("rural", [7], split="validation")
    cases = Cases(np.array([37]), np.array([0]), 7 * 96, 0)
    return compiled, {
        policy.name: run_policy(compiled, policy, cases).records[0]
        for policy in (RulePolicy(), SmartRulePolicy())
    }


@pytest.mark.parametrize("name", ["rule", "smart_rule"])
def test_nobody_does_worse_in_the_book_than_with_the_supplier(weeks, name):
    """Slot by slot a member pays at most retail less the fee for what it buys, and gets at least feed-in: in whole nEUR."""
    compiled, records = weeks
    record, series = records[name], compiled.community.series
    span = slice(record.start, record.start + len(record.retail_ct))
    top = (series.retail[0, span] - series.fee[span])[:, None]
    floor = np.minimum(series.feed_in[0, span][:, None], top)
    assert record.bought_wh.sum() > 0
    assert (record.paid_neur <= record.bought_wh * top).all()
    assert (record.received_neur >= record.sold_wh * floor).all()


def test_batteries_store_what_neighbours_have_and_give_it_back(weeks):
    """The rule leaves nearly everything to the supplier; here batteries turn over their content several times a week."""
    compiled, records = weeks
    charged_kwh = {
        name: np.maximum(record.device_kwh[:, :, Device.BATTERY], 0.0).sum()
        for name, record in records.items()
    }
    assert charged_kwh["smart_rule"] > 3.0 * compiled.community.devices.battery_kwh.sum()
    assert charged_kwh["smart_rule"] > 20.0 * charged_kwh["rule"]


def test_cars_pay_less_and_leave_with_what_they_need(weeks):
    _, records = weeks
    price_ct = {}
    for name, record in records.items():
        charged_kwh = record.device_kwh[:, :, Device.CHARGER].sum(axis=1)
        price_ct[name] = charged_kwh @ record.retail_ct / charged_kwh.sum()
        assert record.unmet_kwh.sum() == pytest.approx(0.0, abs=1e-9)
    assert price_ct["smart_rule"] < price_ct["rule"] - 2.0


def test_the_community_pays_less(weeks):
    _, records = weeks
    assert records["smart_rule"].j_eur < records["rule"].j_eur - 50.0
