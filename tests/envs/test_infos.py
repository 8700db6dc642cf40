"""What agents are told about a step, recomputed from what the engine traded and delivered."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.market.types import Cost, Reject

WEEK = 22
AT = fields.info_index()
COSTS = [AT[name] for name in fields.COST_INFOS]


@pytest.fixture(scope="module")
def rural():
    compiled = compile_community("rural", [0, 1])
    rules = compiled.community.rules._replace(rounds=2)
    return replace(compiled, community=compiled.community._replace(rules=rules))


def random_actions(env, random):
    return {
        kind: random.uniform(
            -1.0, 1.0, (env.batch, len(env.agents[kind]), *fields.action_space(kind).shape)
        ).astype(np.float32)
        for kind in env.kinds
    }


def by_seat(env, b=0):
    """Infos of a community's metered seats, (N, infos)."""
    rows = np.empty((env.community.n_participants, len(fields.INFOS)))
    for kind, seats in env.seats.items():
        if kind != fields.UTILITY:
            rows[seats] = env.info[kind][b]
    return rows


def test_the_table_is_well_formed():
    names = [info.name for info in fields.INFOS]
    assert len(set(names)) == len(names)
    assert list(fields.COST_INFOS) == names[: len(fields.COST_INFOS)]
    assert len(fields.COST_INFOS) == 8
    assert all(info.unit and info.meaning for info in fields.INFOS)


def test_parts_sum_to_minus_the_own_reward(rural):
    env = BatchEnv(rural, 3, seed=1, n_slots=20)
    env.reset(weeks=WEEK)
    random, paid = np.random.default_rng(1), 0.0
    for _ in range(40):
        _, rewards, _ = env.step(random_actions(env, random))
        for kind in env.kinds:
            parts = env.info[kind][..., COSTS].sum(axis=-1)
            np.testing.assert_allclose(parts, -rewards[kind], rtol=1e-6, atol=1e-9)
            paid += np.abs(parts).sum()
    assert paid > 0.0


class Ledger:
    """What a step should be told about its delivery, from the engine after each delivery, summed over the step."""

    def __init__(self):
        self.sums = defaultdict(float)
        self.slots = []

    def __call__(self, engine):
        delivered = engine.state.delivered
        self.slots.append(int(delivered.slot[0]))
        for name in ("cut", "breach", "curtailed", "unmet", "unserved"):
            self.sums[f"{name}_kwh"] += getattr(delivered, f"{name}_kwh")[0].copy()
        for name in ("reading", "imbalance"):
            self.sums[f"{name}_kwh"] += getattr(delivered, f"{name}_wh")[0] / 1000
        self.sums["fee_eur"] += delivered.fee_neur[0] / 1e9
        self.sums["bill_eur"] -= delivered.cash_neur[0] / 1e9


def test_infos_hold_what_the_step_delivered(rural):
    env = BatchEnv(rural, 1, seed=2, n_slots=30)
    env.reset(weeks=WEEK)
    random, delivered = np.random.default_rng(2), []
    for _ in range(60):
        ledger = Ledger()
        env.step(random_actions(env, random), ledger)
        rows = by_seat(env)
        for name in ("cut", "breach", "curtailed", "unmet", "unserved", "reading", "imbalance"):
            expected = ledger.sums[f"{name}_kwh"]
            np.testing.assert_allclose(rows[:, AT[f"{name}_kwh"]], expected, rtol=1e-12, atol=1e-12)
        bill_eur = rows[:, [AT["energy_eur"], AT["fee_eur"], AT["response_eur"]]].sum(axis=1)
        np.testing.assert_allclose(bill_eur, ledger.sums["bill_eur"], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(rows[:, AT["fee_eur"]], ledger.sums["fee_eur"], rtol=1e-12)
        cost_eur = env.engine.state.cost_eur[0]
        for name, part in (("wear", Cost.WEAR), ("comfort", Cost.DISCOMFORT), ("stored", Cost.STORED)):
            np.testing.assert_array_equal(rows[:, AT[f"{name}_eur"]], cost_eur[:, part])
        delivered.append(len(ledger.slots))
    assert sum(delivered) == 30
    assert delivered[-1] == 2, "the last step brings two slots, and infos hold both"


def test_a_step_without_a_callback_tells_the_same(rural):
    told = []
    for on_delivery in (None, lambda engine: None):
        env, random = BatchEnv(rural, 2, seed=3, n_slots=8), np.random.default_rng(3)
        env.reset(weeks=WEEK)
        for _ in range(16):
            env.step(random_actions(env, random), on_delivery)
            told.append({kind: rows.copy() for kind, rows in env.info.items()})
    for mine, theirs in zip(told[:16], told[16:], strict=True):
        for kind in mine:
            np.testing.assert_array_equal(mine[kind], theirs[kind])


def test_fills_of_a_round_are_the_change_of_positions(rural):
    env = BatchEnv(rural, 1, seed=4, n_slots=40)
    env.reset(weeks=WEEK)
    random, filled = np.random.default_rng(4), 0.0
    for step in range(40):
        trading = env.engine.state.trading
        before = trading.bought_wh[0] - trading.sold_wh[0]
        env.step(random_actions(env, random))
        book = env.engine.state.trading if step % 2 == 0 else env.engine.state.delivery
        rows = by_seat(env)
        net_wh = 1000 * (rows[:, AT["bought_kwh"]] - rows[:, AT["sold_kwh"]])
        np.testing.assert_array_equal(np.rint(net_wh), book.bought_wh[0] - book.sold_wh[0] - before)
        assert rows[:, AT["bought_kwh"]].sum() == pytest.approx(rows[:, AT["sold_kwh"]].sum())
        filled += rows[:, AT["bought_kwh"]].sum()
    assert filled > 0.0


def test_set_points_that_cannot_be_followed_are_told(rural):
    """Everybody asks for all that its battery can charge, until it is full: what is trimmed grows to the rating."""
    env = BatchEnv(rural, 1, seed=4, n_slots=96)
    env.reset(weeks=WEEK)
    actions = {"battery": np.ones((1, len(env.agents["battery"]), 4), np.float32)}
    actions["battery"][..., fields.action_index("battery")["follow"].start] = -1.0
    reach_kwh = env.community.devices.battery_kw[env.seats["battery"]] * 0.25
    told = []
    for _ in range(192):
        least, most = (
            limits[0, env.seats["battery"], 0].copy()
            for limits in (env.engine.state.outlook.least_kwh, env.engine.state.outlook.most_kwh)
        )
        env.step(actions)
        told.append(env.info["battery"][0, :, AT["trimmed_kwh"]].copy())
        expected = reach_kwh - np.clip(reach_kwh, least, most)
        np.testing.assert_allclose(env.info["battery"][0, :, AT["trimmed_kwh"]], expected, atol=1e-12)
    assert told[0] < 0.1 * reach_kwh and told[-1] == pytest.approx(reach_kwh)


def test_a_rejected_order_is_told_with_its_reason(rural):
    env = BatchEnv(rural, 1, seed=4, n_slots=4)
    env.reset(weeks=WEEK)
    decision = env.decide({})
    env.engine.commit(*decision)
    orders = env.engine.state.orders
    orders.quantity_wh[0, :3], orders.side[0, :3], orders.tick[0, :3] = (10, 1 << 29, 10), 0, (3, 3, 999)
    env.engine.trade()
    env.close({})
    expected = [Reject.NONE, Reject.ENVELOPE, Reject.BAD_TICK]
    assert by_seat(env)[:3, AT["rejected"]].tolist() == expected
    env.step({})
    assert not by_seat(env)[:, AT["rejected"]].any()


def test_the_utility_is_told_the_means(rural):
    env = BatchEnv(rural, 1, seed=5, n_slots=20)
    env.reset(weeks=WEEK)
    random = np.random.default_rng(5)
    for _ in range(40):
        env.step(random_actions(env, random))
        means = by_seat(env).mean(axis=0)
        means[AT["rejected"]] = 0.0
        np.testing.assert_allclose(env.info["utility"][0, 0], means, rtol=1e-12, atol=1e-12)


def test_arrays_stay_the_same_and_a_reset_clears_its_communities(rural):
    env = BatchEnv(rural, 2, seed=6, n_slots=20)
    arrays = {kind: (env.info[kind], env.present[kind], env.action_mask[kind]) for kind in env.kinds}
    env.reset(weeks=WEEK)
    random = np.random.default_rng(6)
    for _ in range(9):
        env.step(random_actions(env, random))
    kept = {kind: rows.copy() for kind, rows in env.info.items()}
    env.reset(np.array([True, False]))
    for kind in env.kinds:
        assert not env.info[kind][0].any()
        np.testing.assert_array_equal(env.info[kind][1], kept[kind][1])
        assert all(
            mine is theirs
            for mine, theirs in zip(
                arrays[kind], (env.info[kind], env.present[kind], env.action_mask[kind]), strict=True
            )
        )
