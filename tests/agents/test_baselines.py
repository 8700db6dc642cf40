"""What the baselines do, seen from outside: in an environment, and on rows of the observation table."""

import numpy as np
import pytest

from gridbid.agents.baselines.columns import Seen
from gridbid.agents.baselines.nothing import NothingPolicy
from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.baselines.smart_rule import SmartRulePolicy
from gridbid.agents.baselines.thresholds import ThresholdsPolicy
from gridbid.agents.baselines.zero_intelligence import ZeroIntelligencePolicy
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.fields import METERED, action_index, observation_index, observation_space
from gridbid.market.types import Device

DAY = 96
POLICIES = (NothingPolicy, RulePolicy, SmartRulePolicy, ThresholdsPolicy, ZeroIntelligencePolicy)


def act_on(policy, kind, **values):
    """Actions (agents, action) of a policy on one community whose observations are zero but for some columns."""
    n_agents = max(np.size(value) for value in values.values())
    rows = np.zeros((1, n_agents, observation_space(kind).shape[0]), np.float32)
    for name, value in values.items():
        rows[0, :, observation_index(kind)[name].start] = value
    return policy.act({kind: rows})[kind][0]


def column(kind, name, action):
    return action[:, action_index(kind)[name].start]


class Day:
    """One day of a scenario under a policy: what was delivered and filled."""

    def __init__(self, scenario, policy, week=20, seed=0):
        env = BatchEnv(scenario, 1, samples=1, split="test", weeks=[week], n_slots=DAY, seed=seed)
        policy.reset(seed)
        self.env, self.fills, self.j_eur = env, [], 0.0
        self.device_kwh, self.reading_wh, self.bought_wh = [], [], []
        observations = env.reset(weeks=week, samples=0)
        for _ in range(DAY):
            slot = int(env.engine.state.clock.slot[0])
            observations, _, _ = env.step(policy.act(observations), self._delivered)
            self.j_eur += env.engine.state.cost_eur.sum()
            self._read_fills(slot)

    def _delivered(self, engine):
        self.device_kwh.append(engine.state.delivered.device_kwh[0].copy())
        self.reading_wh.append(engine.state.delivered.reading_wh[0].copy())
        self.bought_wh.append(engine.state.delivery.bought_wh[0].copy())

    def _read_fills(self, slot):
        series, log = self.env.community.series, self.env.engine.state.fills
        top = int(series.retail[0, slot]) - int(series.fee[slot])
        floor = min(int(series.feed_in[0, slot]), top)
        for f in range(int(log.fills[0])):
            price = floor + int(log.tick[0, f]) * self.env.community.rules.tick_size
            self.fills.append((slot, int(log.taker[0, f]), int(log.maker[0, f]), floor, price, top))


@pytest.fixture(scope="module")
def days():
    return {policy.name: Day("rural", policy()) for policy in POLICIES}


@pytest.mark.parametrize("policy", POLICIES)
def test_the_utility_is_never_asked_for(policy):
    rows = {
        kind: np.zeros((2, 3, observation_space(kind).shape[0]), np.float32) for kind in (*METERED, "utility")
    }
    chosen = policy()
    chosen.reset(1)
    actions = chosen.act(rows)
    assert set(actions) == set(METERED)
    assert all(np.isfinite(action).all() and np.abs(action).max() <= 1.0 for action in actions.values())


def test_nothing_neither_trades_nor_moves_a_battery(days):
    day = days["nothing"]
    assert day.fills == []
    assert np.array(day.device_kwh)[:, :, Device.BATTERY].any() is np.False_


def test_nothing_charges_cars_at_full_power_until_they_are_full():
    """From the second slot on: a car is a surprise in the slot in which it comes."""
    env = BatchEnv("tiny", 1, samples=1, split="test", weeks=[20], n_slots=7 * DAY)
    series, devices = env.community.series, env.community.devices
    owner = int(np.flatnonzero(series.car_column >= 0)[0])
    policy, charged_kwh = NothingPolicy(), []

    def delivered(engine):
        slot = int(engine.state.delivered.slot[0])
        stays = (
            series.car_departure[0, slot, 0] >= 0
            and (series.car_arrival_kwh[0, slot - 1 : slot + 1, 0] < 0.0).all()
        )
        if stays and engine.state.stores.car_kwh[0, owner] < devices.car_kwh[owner]:
            charged_kwh.append(engine.state.delivered.device_kwh[0, owner, Device.CHARGER])

    observations = env.reset(weeks=20, samples=0)
    for _ in range(7 * DAY):
        observations, _, _ = env.step(policy.act(observations), delivered)
    assert len(charged_kwh) > 10
    assert charged_kwh == pytest.approx(
        [devices.charger_kw[owner] * env.community.rules.slot_h] * len(charged_kwh)
    )


def test_the_rule_stores_surplus_and_serves_need():
    values = {"battery_kw": 1.0, "battery_least": -0.5, "battery_most": 0.25}
    action = act_on(RulePolicy(), "prosumer", net_forecast=np.array([-0.1, -0.9, 0.2, 0.9]), **values)
    assert column("prosumer", "battery", action) == pytest.approx([0.1, 0.25, -0.2, -0.5])


def test_the_rule_offers_its_whole_need_at_its_true_value():
    action = act_on(RulePolicy(), "prosumer", net_forecast=np.array([0.3, -0.3]))
    assert column("prosumer", "limit", action) == pytest.approx([1.0, -1.0])
    assert column("prosumer", "offer", action) == pytest.approx([1.0 / 0.75 - 1.0] * 2)
    assert column("prosumer", "follow", action) == pytest.approx([1.0, 1.0])


def test_the_rule_counts_what_it_has_already_traded():
    """Bought more than it needs: the rest is for sale."""
    action = act_on(RulePolicy(), "prosumer", net_forecast=np.array([0.3]), position=np.array([0.5]))
    assert column("prosumer", "limit", action) == pytest.approx([-1.0])


def test_the_rule_charges_a_car_at_once_and_doesnt_let_the_position_cut_it():
    action = act_on(
        RulePolicy(), "ev", charger_kw=1.0, car_plugged=np.array([1.0, 0.0]), car_most=np.array([1.0, 0.0])
    )
    assert column("ev", "charger", action) == pytest.approx([1.0, 0.0])
    assert column("ev", "follow", action) == pytest.approx([-1.0, 1.0])
    assert column("ev", "limit", action)[0] == 1.0


def test_the_rule_leaves_a_battery_without_a_site_idle(days):
    day = days["rule"]
    alone = day.env.seats["battery"]
    assert not np.array(day.device_kwh)[:, alone, Device.BATTERY].any()


def test_the_rule_is_cheaper_than_nothing(days):
    assert days["rule"].j_eur < days["nothing"].j_eur
    assert days["rule"].fills


def test_zero_intelligence_makes_a_busy_book(days):
    assert len(days["zero_intelligence"].fills) >= 100


@pytest.mark.parametrize("name", ["rule", "smart_rule", "thresholds", "zero_intelligence"])
def test_every_trade_beats_the_supplier(days, name):
    """No buyer pays more than retail less the fee, no seller gets less than feed-in."""
    assert all(floor <= price <= top for _, _, _, floor, price, top in days[name].fills)


def test_zero_intelligence_spreads_its_prices(days):
    places = [
        (price - floor) / (top - floor) for _, _, _, floor, price, top in days["zero_intelligence"].fills
    ]
    assert np.quantile(places, 0.1) < 0.4
    assert np.quantile(places, 0.9) > 0.6


def test_zero_intelligence_replays_from_its_seed(days):
    first, again = days["zero_intelligence"], Day("rural", ZeroIntelligencePolicy())
    assert again.fills == first.fills
    assert (np.array(again.reading_wh) == np.array(first.reading_wh)).all()
    other = ZeroIntelligencePolicy()
    other.reset(99)
    rows = {"battery": first.env.observe()["battery"]}
    mine = ZeroIntelligencePolicy()
    mine.reset(0)
    assert (other.act(rows)["battery"] != mine.act(rows)["battery"]).any()


def test_zero_intelligence_stays_within_what_devices_can_do():
    random = np.random.default_rng(2)
    least, most = np.sort(random.uniform(-1.0, 1.0, (2, 200)), axis=0)
    policy = ZeroIntelligencePolicy()
    policy.reset(4)
    action = act_on(policy, "battery", battery_kw=1.0, battery_least=least, battery_most=most)
    chosen = column("battery", "battery", action)
    assert (chosen >= least - 1e-6).all() and (chosen <= most + 1e-6).all()
    share = (chosen - least) / (most - least)
    assert 0.4 < share.mean() < 0.6


def test_seen_and_acted_on_are_the_same_columns():
    """The limit's sign of a real observation: buyers bid the top, sellers ask the floor."""
    env = BatchEnv("rural", 1, samples=1, split="test", weeks=[20], n_slots=DAY)
    observations = env.reset(weeks=20, samples=0)
    seen = Seen("prosumer", observations["prosumer"])
    idle = (seen["battery_kw"] == 0.0) & (seen["heat_pump_kw"] == 0.0)
    limit = column("prosumer", "limit", RulePolicy().act(observations)["prosumer"][0])
    assert idle.any()
    assert (np.sign(limit[idle[0]]) == np.where(seen["net_forecast"][idle] > 0.0, 1.0, -1.0)).all()
