"""Rules that are kernels against plain twins on arrays, bit by bit, on rows of a played week and on rows of noise."""

import numpy as np
import pytest

from gridbid.agents.baselines.columns import Seen, unit_box
from gridbid.agents.baselines.nothing import NothingPolicy
from gridbid.agents.baselines.rows import COLUMNS, Columns, rows_of, value, value_at
from gridbid.agents.baselines.rule import RulePolicy, need_share, rule_set_points
from gridbid.agents.baselines.smart_rule import SmartRulePolicy
from gridbid.agents.baselines.thresholds import Thresholds, ThresholdsPolicy
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.fields import METERED, action_space, observation_space
from gridbid.evaluate.benchmarks.numpy_rules import need, rule, set_points, smart_rule, truthful

SIZES = {"prosumer": 13, "battery": 1, "ev": 7}


def noise():
    """Observations all over their boxes, by kind."""
    random = np.random.default_rng(5)
    seen = {}
    for kind in METERED:
        box = observation_space(kind)
        low, high = np.maximum(box.low, -4.0), np.minimum(box.high, 4.0)
        seen[kind] = random.uniform(low, high, (40, SIZES[kind], low.size)).astype(np.float32)
    return seen


def played():
    """Observations of six communities under random actions: every eighth step of two days, by kind."""
    env = BatchEnv("rural", 6, samples=2, split="train", n_slots=192, seed=3)
    random, kept = np.random.default_rng(4), []
    observations = env.reset()
    for step in range(190):
        actions = {
            kind: random.uniform(-1.0, 1.0, (6, len(env.agents[kind]), *action_space(kind).shape)).astype(
                np.float32
            )
            for kind in METERED
        }
        observations, _, _ = env.step(actions)
        if step % 8 == 0:
            kept.append({kind: observations[kind] for kind in METERED})
    return {kind: np.concatenate([rows[kind] for rows in kept]) for kind in METERED}


@pytest.fixture(scope="module", params=[noise, played], ids=["noise", "played"])
def observations(request):
    return request.param()


# --- the twins


def nothing(seen):
    return {"charger": 1.0}


def thresholds(seen):
    chosen, price = Thresholds(), seen["retail_ct"]
    cheaper, dearer = ((sign * price < sign * price[..., :1]).mean(axis=-1) for sign in (1, -1))
    spread = price.max(axis=-1) - price[..., 0]
    stores = (cheaper < chosen.charge_below) & (spread >= chosen.spread_ct)
    sells = ~stores & (dearer < 1.0 - chosen.discharge_above)
    wanted = np.where(stores, chosen.power, np.where(sells, -1.0, 0.0))
    battery = np.clip(wanted, seen.get("battery_least"), seen.get("battery_most"))
    wanted = np.where(cheaper < chosen.car_below, 1.0, 0.0)
    charger = np.clip(wanted, seen.get("car_least"), seen.get("car_most"))
    follow = np.where(stores, 0.0, 1.0 - seen.get("car_plugged"))
    return {**truthful(seen, battery, charger), "follow": follow}


PAIRS = (
    (NothingPolicy, nothing),
    (RulePolicy, rule),
    (SmartRulePolicy, smart_rule),
    (ThresholdsPolicy, thresholds),
)


@pytest.mark.parametrize(("policy", "twin"), PAIRS, ids=lambda one: getattr(one, "__name__", None))
def test_a_kernel_acts_as_its_twin(observations, policy, twin):
    actions = policy().act(observations)
    assert set(actions) == set(METERED)
    for kind, rows in observations.items():
        seen = Seen(kind, rows)
        np.testing.assert_array_equal(actions[kind], unit_box(kind, seen.shape, twin(seen)))


@pytest.mark.parametrize("policy", [policy for policy, _ in PAIRS])
def test_a_row_decides_alone_and_wherever_it_lies(observations, policy):
    """One by one, backwards, and from memory that isn't in one piece."""
    for kind, rows in observations.items():
        together = policy().act({kind: rows})[kind]
        alone = [policy().act({kind: rows[b : b + 1, :1]})[kind][0, 0] for b in range(0, len(rows), 7)]
        np.testing.assert_array_equal(together[::7, 0], alone)
        np.testing.assert_array_equal(policy().act({kind: rows[::-1]})[kind], together[::-1])


def test_the_rules_parts_for_arrays_are_those_of_the_kernel(observations):
    for kind, rows in observations.items():
        seen = Seen(kind, rows)
        battery, charger = set_points(seen)
        found = rule_set_points(seen)
        np.testing.assert_array_equal(found["battery"], battery)
        np.testing.assert_array_equal(found["charger"], charger)
        np.testing.assert_array_equal(need_share(seen, found), need(seen, battery, charger))


def test_set_points_may_be_any_array_of_numbers(observations):
    """Transposed, of another type: what is needed is the same."""
    seen = Seen("prosumer", observations["prosumer"])
    battery = np.asfortranarray(np.full(seen.shape, 0.25, np.float32))
    charger = np.zeros(seen.shape)
    found = need_share(seen, {"battery": battery, "charger": charger})
    np.testing.assert_array_equal(found, need(seen, 0.25, charger))


# --- rows by name


@pytest.mark.parametrize("kind", METERED)
def test_rows_are_read_in_the_units_of_the_table(kind):
    rows = np.random.default_rng(0).uniform(-1.0, 1.0, (3, 2, *observation_space(kind).shape))
    seen, read = Seen(kind, rows.astype(np.float32)), rows_of(kind, rows.astype(np.float32))
    for name in Columns._fields:
        column = getattr(COLUMNS[kind], name)
        expected = seen.get(name).reshape(6, -1)
        for m in range(6):
            assert value(read, m, column) == expected[m, 0]
            if column >= 0:
                assert value_at(read, m, column, expected.shape[1] - 1) == expected[m, -1]
