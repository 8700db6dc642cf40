"""The raw face: orders by side, tick and quantity in place of those that actions would have made."""

from dataclasses import replace

import numpy as np
import pytest

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.baselines.zero_intelligence import ZeroIntelligencePolicy
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.fields import METERED
from gridbid.envs.scenario import load_scenario
from gridbid.envs.signals.raw_orders import KEEP, RawOrders, resting_orders
from gridbid.envs.traces.files import Trace
from gridbid.envs.traces.replay import replay
from gridbid.market.errors import InputError
from gridbid.market.types import Reject, Side

WEEK, ROUNDS = 20, 3
BUY, SELL = int(Side.BUY), int(Side.SELL)


def with_rounds(name, rounds=ROUNDS):
    scenario = load_scenario(name)
    return replace(scenario, market=replace(scenario.market, rounds=rounds))


@pytest.fixture(scope="module")
def rural():
    return compile_community(with_rounds("rural"), [0], split="test")


@pytest.fixture(scope="module")
def tiny():
    return compile_community(with_rounds("tiny"), [0], split="test")


def begun(compiled, batch=2, n_slots=12, day=5, **options):
    env = BatchEnv(compiled, batch, split="test", weeks=[WEEK], n_slots=n_slots, seed=3, **options)
    return env, env.reset(weeks=WEEK, samples=0, day=day)


def no_orders(env, **given):
    """Nobody places anything but those given: (agents,) of a kind, the same in all communities."""
    orders = {}
    for kind in METERED:
        shape = env.batch, len(env.agents[kind])
        columns = given.get(kind, (0, 0, 0))
        orders[kind] = RawOrders(*(np.broadcast_to(np.int64(column), shape) for column in columns))
    return orders


def as_raw(env):
    """The orders that stand in the engine, by kind."""
    orders = env.engine.state.orders
    return {
        kind: RawOrders(*(column[:, env.seats[kind]].copy() for column in orders[:3])) for kind in METERED
    }


def bits(env, *more):
    arrays = [*env.engine.arrays(), *(array for mapping in more for array in mapping.values())]
    return [array.tobytes() for array in arrays]


@pytest.mark.parametrize("batch", [1, 2])
def test_orders_that_are_those_of_the_actions_give_the_same_bits(rural, batch):
    ours, observations = begun(rural, batch)
    theirs, _ = begun(rural, batch)
    policy = ZeroIntelligencePolicy()
    policy.reset(0)
    for _ in range(12 * ROUNDS):
        actions = policy.act(observations)
        theirs.engine.commit(*theirs.decide(actions))
        raw = as_raw(theirs)
        theirs.engine.trade()
        seen, rewards, done = theirs.close(actions)
        observations, earned, finished = ours.step(actions, orders=raw)
        assert bits(ours, observations, earned, ours.info) == bits(theirs, seen, rewards, theirs.info)
        assert (finished == done).all()
    assert ours.engine.state.totals.bought_wh.any()


def test_only_the_kinds_that_are_named_trade_on_the_raw_face(rural):
    env, observations = begun(rural)
    actions = RulePolicy().act(observations)
    env.step(actions, orders={"prosumer": no_orders(env)["prosumer"]})
    quantity_wh = env.engine.state.orders.quantity_wh
    assert not quantity_wh[:, env.seats["prosumer"]].any()
    others = np.concatenate([env.seats["battery"], env.seats["ev"]])
    by_action, _ = begun(rural)
    by_action.step(actions)
    assert (quantity_wh[:, others] == by_action.engine.state.orders.quantity_wh[:, others]).all()


def test_devices_still_follow_the_action(rural):
    env, observations = begun(rural)
    by_action, _ = begun(rural)
    actions = RulePolicy().act(observations)
    env.step(actions, orders=no_orders(env))
    by_action.step(actions)
    ours, theirs = (one.engine.state.trading for one in (env, by_action))
    assert (ours.plan_kwh == theirs.plan_kwh).all() and (ours.follow == theirs.follow).all()


def prosumers(env, **by_place):
    """Columns of the prosumers' orders from place=(side, tick, Wh)."""
    columns = np.zeros((3, len(env.agents["prosumer"])), np.int64)
    for place, order in by_place.items():
        columns[:, int(place[1:])] = order
    return no_orders(env, prosumer=tuple(columns))


def test_what_is_kept_keeps_its_place_in_the_queue(rural):
    """Two ask at the same tick, the first keeps, or says the same anew, or leaves and returns: who is taken first?"""

    def first_taken(then):
        env, _ = begun(rural, batch=1, n_slots=2)
        env.step({}, orders=prosumers(env, _0=(SELL, 30, 50)))
        env.step({}, orders=prosumers(env, _0=(0, 0, KEEP), _1=(SELL, 30, 50)))
        env.step({}, orders=prosumers(env, _0=then, _1=(0, 0, KEEP), _2=(BUY, 30, 20)))
        sold = env.engine.state.delivery.sold_wh[0, env.seats["prosumer"][:2]]
        return sold.tolist()

    assert first_taken((0, 0, KEEP)) == [20, 0]
    assert first_taken((SELL, 30, 50)) == [20, 0]
    assert first_taken((0, 0, 0)) == [0, 20]


def test_a_place_is_lost_by_any_other_change(rural):
    env, _ = begun(rural, batch=1, n_slots=2)
    env.step({}, orders=prosumers(env, _0=(SELL, 30, 50), _1=(SELL, 31, 50)))
    env.step({}, orders=prosumers(env, _0=(SELL, 31, 50), _1=(0, 0, KEEP)))
    env.step({}, orders=prosumers(env, _0=(0, 0, KEEP), _1=(0, 0, KEEP), _2=(BUY, 31, 20)))
    assert env.engine.state.delivery.sold_wh[0, env.seats["prosumer"][:2]].tolist() == [0, 20]


def test_what_rests_stays_with_what_others_left_of_it_and_goes_at_nought(rural):
    env, _ = begun(rural, batch=2)
    env.step({}, orders=prosumers(env, _0=(SELL, 30, 50), _3=(BUY, 35, 20)))
    resting_wh = resting_orders(env.engine.state.books)[2][:, env.seats["prosumer"]]
    assert (resting_wh[:, [0, 3]].sum(axis=1) == 30).all()
    env.step({}, orders=no_orders(env, prosumer=(0, 0, KEEP)))
    side, tick, kept_wh = (
        column[:, env.seats["prosumer"]] for column in resting_orders(env.engine.state.books)
    )
    assert (kept_wh == resting_wh).all()
    assert (side[kept_wh > 0] == SELL).all() and (tick[kept_wh > 0] == 30).all()
    env.step({}, orders=no_orders(env))
    assert not resting_orders(env.engine.state.books)[2].any()


def test_nothing_to_keep_is_no_order(rural):
    env, _ = begun(rural)
    env.step({}, orders=no_orders(env, prosumer=(0, 0, KEEP)))
    assert not env.engine.state.orders.quantity_wh.any()
    assert not env.engine.state.orders.rejected.any()


def test_the_engine_still_admits_or_refuses(rural):
    """More than the envelope has room for is rejected whole, as rule 6 says."""
    env, _ = begun(rural)
    env.step({}, orders=prosumers(env, _0=(SELL, 30, (1 << 30) - 1)))
    seat = env.seats["prosumer"][0]
    assert (env.engine.state.orders.rejected[:, seat] == Reject.ENVELOPE).all()


def test_snapshots_and_resets_go_on_as_before(tiny):
    env, _ = begun(tiny)
    kept = env.snapshot()

    def played():
        for side in (BUY, SELL, SELL):
            env.step({}, orders=no_orders(env, prosumer=(side, 20, 30), battery=(1 - side, 20, 10)))
        return bits(env, env.observe())

    first = played()
    env.restore(kept)
    assert played() == first
    env.reset(np.array([True, False]), weeks=WEEK, samples=0, day=5)
    assert env.engine.state.orders.quantity_wh[0].sum() == 0


def test_a_trace_of_raw_orders_is_replayed_to_the_bit(rural, tmp_path):
    env, observations = begun(rural, n_slots=6, record=tmp_path / "trace")
    random, policy = np.random.default_rng(5), RulePolicy()
    for n in range(6 * ROUNDS):
        shape = 2, len(env.agents["prosumer"])
        quantity_wh = random.choice([KEEP, 0, 40, 90], shape)
        raw = RawOrders(random.integers(0, 2, shape), random.integers(0, 60, shape), quantity_wh)
        observations, _, _ = env.step(policy.act(observations), orders={"prosumer": raw} if n % 4 else None)
    env.close_trace()
    trace = Trace(tmp_path / "trace")
    came = trace.table("steps", 1)["raw_orders"].to_pylist()
    assert came == [bool(n % 4) for n in range(6 * ROUNDS)]
    assert trace.table("fills").num_rows > 0
    for episode in (0, 1):
        again = replay(tmp_path / "trace", episode, scenario=rural)
        assert again.difference is None
        assert again.steps == 6 * ROUNDS


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ((2, 0, 1), r"orders\['prosumer'\]\.side\[0, 0\] is 2; it should be 0 \(buy\) or 1 \(sell\)"),
        ((0, 224, 1), r"\.tick\[0, 0\] is 224; it should be 0 to 223"),
        ((0, -1, 1), r"\.tick\[0, 0\] is -1"),
        ((0, 0, -2), r"\.quantity_wh\[0, 0\] is -2; it should be 0 to 1073741823, or -1 to keep"),
        ((0, 0, (1 << 64) - 1), r"\.quantity_wh\[0, 0\] is 18446744073709551615"),
        (((1 << 64) - 1, 0, 1), r"\.side\[0, 0\] is 18446744073709551615"),
        ((0, 0, 1 << 30), r"\.quantity_wh\[0, 0\] is 1073741824"),
        ((0.0, 0, 1), r"\.side has shape \(2, 1\) and type float64; it should hold whole numbers \(2, 1\)"),
    ],
)
def test_orders_out_of_range_are_refused(tiny, order, message):
    env, _ = begun(tiny)
    raw = RawOrders(*(np.full((2, 1), value) for value in order))
    before = bits(env)
    with pytest.raises(InputError, match=message):
        env.step({}, orders={"prosumer": raw})
    assert bits(env) == before


def test_side_and_tick_mean_nothing_without_a_quantity(tiny):
    env, _ = begun(tiny)
    env.step({}, orders=no_orders(env, prosumer=(7, -5, 0), battery=(7, 999, KEEP)))
    assert not env.engine.state.orders.quantity_wh.any()


def test_all_faults_are_named_at_once(tiny):
    env, _ = begun(tiny)
    good, short = np.zeros((2, 1), np.int64), np.zeros((1, 1), np.int64)
    orders = {
        "utility": RawOrders(good, good, good),
        "windmill": RawOrders(good, good, good),
        "battery": RawOrders(good, short, good),
        "ev": RawOrders(good + 9, good - 1, good + 1),
    }
    with pytest.raises(InputError) as raised:
        env.step({}, orders=orders)
    told = str(raised.value)
    for fault in (
        "'utility' has no orders; kinds that trade here: prosumer, battery, ev",
        "'windmill' has no orders",
        "orders['battery'].tick has shape (1, 1)",
        "orders['ev'].side[0, 0] is 9",
        "orders['ev'].tick[0, 0] is -1",
    ):
        assert fault in told
