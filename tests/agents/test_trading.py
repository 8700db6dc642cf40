"""Seated traders from outside: exact ticks, no losses, the same on a ledger, and memories that begin and end as told."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.bots.day import DayPlan, run_in_environment, run_on_ledger
from gridbid.agents.named import named_policy
from gridbid.agents.policy import Remembers
from gridbid.agents.seated_traders.aa import AaPolicy
from gridbid.agents.seated_traders.band import Band, limit_for, tick_at
from gridbid.agents.seated_traders.gd import GdPolicy
from gridbid.agents.seated_traders.plain import TruthfulPolicy, ZiCPolicy, ZiUPolicy
from gridbid.agents.seated_traders.zip import ZipPolicy
from gridbid.chain.ledgers.memory_ledger import MemoryLedger
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.faces.single_agent import single_agent_env
from gridbid.envs.fields import METERED, action_fields, action_index
from gridbid.envs.scenario import load_scenario
from gridbid.envs.signals.actions import decode
from gridbid.envs.signals.raw_orders import RawOrders
from gridbid.evaluate.parity import compare_day
from gridbid.market.rules import limit_tick
from gridbid.market.types import Side

DAY, WEEK, SUNDAY = 96, 24, 6
POLICIES = (TruthfulPolicy, ZiUPolicy, ZiCPolicy, ZipPolicy, GdPolicy, AaPolicy)
LEARNERS = (ZipPolicy, GdPolicy, AaPolicy)
REGISTERED = ("zi_u", "truthful", "zip", "gd", "aa")


def compiled(name, rounds):
    scenario = load_scenario(name)
    return compile_community(
        replace(scenario, market=replace(scenario.market, rounds=rounds)), [0, 1], split="test"
    )


@pytest.fixture(scope="module")
def rural_1():
    return compiled("rural", 1)


@pytest.fixture(scope="module")
def rural_3():
    return compiled("rural", 3)


@pytest.fixture(params=[1, 3], ids=lambda rounds: f"{rounds}-rounds")
def rural(request, rural_1, rural_3):
    return {1: rural_1, 3: rural_3}[request.param]


def begun(community, batch=2, n_slots=DAY, seed=1, week=WEEK, samples=0):
    env = BatchEnv(community, batch, split="test", weeks=[week], n_slots=n_slots, seed=seed)
    observations = env.reset(weeks=week, samples=samples, day=SUNDAY)
    return env, metered(observations)


def metered(observations):
    return {kind: rows for kind, rows in observations.items() if kind in METERED}


def named_of(env, policy):
    """Named sides and ticks in the engine's columns, (B, N) each."""
    side, tick = (np.zeros((env.batch, env.community.n_participants), np.int64) for _ in range(2))
    for kind, named in policy.named.items():
        side[:, env.seats[kind]], tick[:, env.seats[kind]] = named
    return side, tick


# --- the tick that is named is the tick of the order


@given(
    width=st.integers(0, 700_000),
    floor=st.integers(-100_000, 200_000),
    tick_size=st.sampled_from([500, 2_000, 10_000]),
    side=st.sampled_from(list(Side)),
    place=st.floats(0, 1),
    kind=st.sampled_from(sorted(METERED)),
)
def test_every_tick_of_the_box_can_be_asked_for(width, floor, tick_size, side, place, kind):
    """Through the action's float32 and the engine's rounding (design section 5)."""
    band = Band(float(floor), float(width), min(width // tick_size, 223))
    tick = round(place * band.highest_tick)
    limit = limit_for(tick, int(side), band, tick_size)
    action = np.zeros(len(action_fields(kind)), np.float32)
    action[action_index(kind)["limit"].start] = 2.0 * limit - 1.0
    offset = float(decode(kind, action).limit) * width
    price = floor + int(np.floor(offset) if side == Side.BUY else np.ceil(offset))
    assert limit_tick(price, int(side), floor, tick_size, 224) == tick


@given(width=st.integers(1, 700_000), share=st.floats(-1, 2))
def test_a_share_is_the_nearest_tick_inside_the_band(width, share):
    band = Band(0.0, float(width), min(width // 2_000, 223))
    tick = tick_at(share, band, 2_000)
    distances = np.abs(np.arange(band.highest_tick + 1) * 2_000 - share * width)
    assert distances[tick] == distances.min()


@pytest.mark.parametrize("policy", [ZiCPolicy, ZipPolicy, AaPolicy])
def test_orders_have_the_ticks_that_were_named(rural, policy):
    """In every slot of a day, whatever part of an hour it begins in."""
    env, observations = begun(rural)
    trader = policy()
    checked = 0
    for _ in range(DAY * rural.community.rules.rounds):
        env.step(trader.act(observations))
        orders = env.engine.state.orders
        side, tick = named_of(env, trader)
        placed = orders.quantity_wh > 0
        assert (orders.tick[placed] == tick[placed]).all()
        assert (orders.side[placed] == side[placed]).all()
        checked += placed.sum()
        observations = metered(env.observe())
    assert checked > 500


def test_zi_u_names_any_tick_and_asks_for_the_nearest_in_the_box(rural_3):
    env, observations = begun(rural_3)
    trader = ZiUPolicy()
    drawn, beyond = [], 0
    for _ in range(DAY):
        observations, _, _ = env.step(trader.act(metered(observations)))
        orders, (_, tick) = env.engine.state.orders, named_of(env, trader)
        placed = orders.quantity_wh > 0
        assert (orders.tick[placed] <= tick[placed]).all()
        beyond += (orders.tick[placed] < tick[placed]).sum()
        drawn += tick[placed].tolist()
    assert beyond > 0
    assert min(drawn) < 10 and max(drawn) > 213


# --- what they do in a market


@pytest.mark.parametrize("policy", POLICIES)
def test_nobody_trades_at_a_loss(rural, policy):
    """No fill above retail less the fee or below feed-in, none beyond what the taker named."""
    env, observations = begun(rural)
    trader, rules, fills = policy(), rural.community.rules, 0
    for _ in range(DAY * rules.rounds):
        slot = env.engine.state.clock.slot[0]
        retail, fee = env.engine.retail_neur()[0], rural.community.series.fee[slot]
        floor = min(rural.community.series.feed_in[0, slot], retail - fee)
        observations, _, _ = env.step(trader.act(metered(observations)))
        side, tick = named_of(env, trader)
        log = env.engine.state.fills
        for b in range(env.batch):
            for n in range(log.fills[b]):
                taker, price_tick = log.taker[b, n], log.tick[b, n]
                assert 0 <= price_tick * rules.tick_size <= retail - fee - floor
                if policy is not ZiUPolicy:
                    better = (
                        price_tick <= tick[b, taker]
                        if side[b, taker] == Side.BUY
                        else price_tick >= tick[b, taker]
                    )
                    assert better
            fills += log.fills[b]
    assert fills > 10


def test_the_truthful_do_what_the_rule_does(rural_3):
    runs = []
    for policy in (TruthfulPolicy(), RulePolicy()):
        env, observations = begun(rural_3)
        for _ in range(DAY):
            observations, _, _ = env.step(policy.act(metered(observations)))
        runs.append([array.tobytes() for array in env.engine.arrays()])
    assert runs[0] == runs[1]


@pytest.mark.parametrize("policy", [ZiCPolicy, *LEARNERS])
def test_from_where_others_stand_the_truthful_would_trade_as_much_or_more(rural_1, policy):
    """Everybody at its limit: all of the scarcer side is matched, which in a slot of one round nobody can better."""
    env, observations = begun(rural_1, batch=1)
    trader, truthful, matched_wh = policy(), TruthfulPolicy(), []
    for _ in range(DAY - 1):
        kept = env.snapshot()
        truthful.reset(0)
        env.step(truthful.act(observations))
        most_wh = env.engine.state.delivery.bought_wh.sum()
        env.restore(kept)
        observations = metered(env.step(trader.act(observations))[0])
        matched_wh.append((env.engine.state.delivery.bought_wh.sum(), most_wh))
    ours, most = np.array(matched_wh).T
    assert (ours <= most).all()
    assert 0.5 < ours.sum() / most.sum() < 1.0


def day_cost_eur(community, policy, trades=True):
    """J of a Saturday of two weeks and two samples, everybody alike; without trading nobody places an order."""
    env = BatchEnv(community, 4, split="test", weeks=[20, 33], n_slots=DAY, seed=1)
    observations = env.reset(weeks=np.array([20, 33, 20, 33]), samples=np.array([0, 0, 1, 1]), day=5)
    trader, cost_eur = policy(), 0.0
    for _ in range(DAY * community.community.rules.rounds):
        actions = trader.act(metered(observations))
        nothing = {
            kind: RawOrders(*[np.zeros(rows.shape[:2], np.int64)] * 3) for kind, rows in actions.items()
        }
        observations, _, _ = env.step(actions, orders=None if trades else nothing)
        cost_eur += env.engine.state.cost_eur.sum()
    return cost_eur


def efficiencies(community):
    """Share of what truthful trading saves the community."""
    alone, truthful = (day_cost_eur(community, TruthfulPolicy, trades) for trades in (False, True))
    return {
        policy: (alone - day_cost_eur(community, policy)) / (alone - truthful)
        for policy in (ZiCPolicy, *LEARNERS)
    }


def test_the_order_of_allocative_efficiency_in_a_played_market(rural_1, rural_3):
    """With one chance learning beats drawing, and nothing beats the truth; with three even who draws finds a partner."""
    once, thrice = efficiencies(rural_1), efficiencies(rural_3)
    assert all(0.6 < efficiency < 1.0 for efficiency in once.values())
    assert min(once[ZipPolicy], once[AaPolicy]) > once[ZiCPolicy] + 0.02
    assert all(0.8 < efficiency < 1.05 for efficiency in thrice.values())
    assert all(thrice[policy] > once[policy] + 0.03 for policy in (ZiCPolicy, ZipPolicy, GdPolicy))


# --- seats, seeds, memories


@pytest.mark.parametrize("policy", POLICIES)
def test_permuted_communities_are_given_permuted_actions(rural_3, policy):
    straight, turned = policy(), policy()
    env, observations = begun(rural_3, batch=3, samples=np.array([0, 1, 0]))
    order = np.array([2, 0, 1])
    for _ in range(12):
        actions = straight.act(observations)
        moved = turned.act({kind: rows[order] for kind, rows in observations.items()})
        for kind, rows in actions.items():
            assert (moved[kind] == rows[order]).all()
        observations = metered(env.step(actions)[0])


@pytest.mark.parametrize("policy", POLICIES)
def test_the_seed_determines_everything(rural_3, policy):
    def played(seed):
        env, observations = begun(rural_3, batch=1)
        trader, written = policy(), b""
        trader.reset(seed)
        for _ in range(120):
            actions = trader.act(observations)
            written += b"".join(rows.tobytes() for rows in actions.values())
            observations = metered(env.step(actions)[0])
        return written

    assert played(3) == played(3)
    drawn = policy not in (TruthfulPolicy, GdPolicy)
    assert (played(3) != played(4)) == drawn


@pytest.mark.parametrize("policy", LEARNERS)
def test_forget_restarts_the_masked_and_nobody_else(rural_3, policy):
    env, observations = begun(rural_3, batch=2)
    trader, undisturbed = policy(), policy()
    assert isinstance(trader, Remembers)
    for _ in range(30):
        actions = trader.act(observations)
        undisturbed.act(observations)
        observations = metered(env.step(actions)[0])
    trader.forget(np.array([True, False]))
    fresh, after, before = policy().act(observations), trader.act(observations), undisturbed.act(observations)
    assert any((before[kind] != fresh[kind]).any() for kind in before)
    for kind, rows in after.items():
        assert (rows[0] == fresh[kind][0]).all()
        assert (rows[1] == before[kind][1]).all()


def test_other_rows_than_before_are_refused(rural_3):
    _, observations = begun(rural_3, batch=2)
    trader = ZipPolicy()
    trader.act(observations)
    with pytest.raises(
        ValueError, match=r"observations\['prosumer'\] have 13 rows; since the last reset they had 26"
    ):
        trader.act({kind: rows[:1] for kind, rows in observations.items()})
    trader.reset(0)
    trader.act({kind: rows[:1] for kind, rows in observations.items()})


@pytest.mark.parametrize("name", REGISTERED)
def test_a_ledger_gives_what_the_environment_gives(rural, name):
    """Each bot remembers for itself what the environment's rows do."""
    start = rural.year.week_start(WEEK) + DAY * SUNDAY + 36
    plan = DayPlan(rural, start, 8, seed=3)
    ledger = run_on_ledger(plan, named_policy(name), MemoryLedger())
    parity = compare_day(name, run_in_environment(plan, named_policy(name)), ledger)
    assert parity.examples == ()
    assert parity.fills > 0


@pytest.mark.parametrize("name", REGISTERED)
def test_traders_sit_beside_a_learner(name):
    assert named_policy(name).name == name
    env = single_agent_env("tiny", "battery_0", others=named_policy(name), n_slots=8)
    env.reset(seed=1)
    rewards = [env.step(env.action_space.sample())[1] for _ in range(8)]
    assert np.isfinite(rewards).all()
