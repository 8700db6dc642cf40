"""PettingZoo's turn-taking face: its own tests, the plain twin of the book, and the batch face beside it."""

import copy
import pickle
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import numpy as np
import pettingzoo
import pytest
from pettingzoo.test import api_test, seed_test
from pettingzoo.test.max_cycles_test import max_cycles_test
from pettingzoo.test.render_test import render_test

from gridbid.agents.baselines.columns import unit_box
from gridbid.envs import aec_env, load_scenario, parallel_env, scenario_names
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.faces.others import still_action
from gridbid.envs.fields import observation_index
from gridbid.market.errors import InputError
from gridbid.market.naive.book import NaiveBook
from gridbid.market.types import Side

TINY = compile_community("tiny", [0, 1])
# PettingZoo says so of every environment whose agents see different things, but for its own, which it knows by name.
agents_differ = [
    pytest.mark.filterwarnings("ignore:Observations are different shapes"),
    pytest.mark.filterwarnings("ignore:Agents have different observation space sizes"),
]


@pytest.fixture(scope="module", params=scenario_names())
def compiled(request):
    return compile_community(request.param, [0])


@pytest.fixture(scope="module")
def three_rounds():
    scenario = load_scenario("rural")
    return compile_community(replace(scenario, market=replace(scenario.market, rounds=3)), [0])


def draw(env, agent, random):
    return random.uniform(-1.0, 1.0, env.action_space(agent).shape).astype(np.float32)


def play_round(env, random):
    """One turn for everybody; actions by agent."""
    actions = {}
    for _ in env.agents:
        agent = env.agent_selection
        actions[agent] = draw(env, agent, random)
        env.step(actions[agent])
    return actions


def told(env):
    """All that an environment tells, comparable."""
    return [
        {agent: env.observe(agent).tobytes() for agent in env.agents},
        dict(env.rewards),
        dict(env._cumulative_rewards),
        {agent: dict(info) for agent, info in env.infos.items()},
        env.agent_selection,
    ]


class TestPettingZoo:
    """What PettingZoo checks."""

    pytestmark = agents_differ

    def test_api(self, compiled):
        api_test(aec_env(compiled, n_slots=12), num_cycles=60)

    def test_seed(self, compiled):
        seed_test(lambda: aec_env(compiled, n_slots=12), num_cycles=6)

    def test_max_cycles(self, compiled):
        faces = SimpleNamespace(parallel_env=partial(parallel_env, compiled), env=partial(aec_env, compiled))
        max_cycles_test(faces)

    def test_render(self, compiled):
        render_test(partial(aec_env, compiled, n_slots=12))

    def test_it_is_made_by_name(self):
        env = pettingzoo.make("aec", "gridbid/Market-v0", scenario=TINY, max_cycles=3)
        env.reset(seed=1)
        assert [*env.agent_iter(1)] == ["utility_0"]


def test_with_actions_that_ignore_the_book_it_is_the_batch_face(compiled):
    env, batch = aec_env(compiled, n_slots=30, seed=3), BatchEnv(compiled, 1, n_slots=30, seed=3)
    env.reset(seed=5)
    batch.reset(seed=5)
    random, fills = np.random.default_rng(2), 0
    for _ in range(30):
        actions = play_round(env, random)
        by_kind = {
            kind: np.stack([actions[agent] for agent in agents])[None]
            for kind, agents in batch.agents.items()
        }
        seen, rewards, done = batch.step(by_kind)
        fills += int(batch.engine.state.fills.fills[0])
        # All but the books: with one round they are empty when it is over, and what lies there is scratch.
        arenas = (env.batch.engine.arena._asdict(), batch.engine.arena._asdict())
        for name in arenas[0].keys() - {"books"}:
            np.testing.assert_array_equal(*(arena[name] for arena in arenas), err_msg=name)
        for kind, agents in batch.agents.items():
            for place, agent in enumerate(agents):
                np.testing.assert_array_equal(env.observe(agent), seen[kind][0, place])
                assert env.rewards[agent] == rewards[kind][0, place]
                assert list(env.infos[agent].values()) == [True, *batch.info[kind][0, place].tolist()]
                np.testing.assert_array_equal(env.action_mask(agent), batch.action_mask[kind][0, place])
                assert env.truncations[agent] == done[0]
    assert fills > 0


def test_whoever_acts_sees_the_orders_before():
    compiled = compile_community("rural", [0])
    env = aec_env(compiled, n_slots=30)
    env.reset(seed=5)
    state, rules = env.batch.engine.state, compiled.community.rules
    names = [seat.name for seat in compiled.scenario.metered]
    random, changes = np.random.default_rng(2), 0
    for slot in range(20):
        book, looks = NaiveBook(slot), set()
        for _ in env.agents:
            agent = env.agent_selection
            seen, index = env.observe(agent), observation_index(agent.rsplit("_", 1)[0])
            for side, price, depth in (
                (Side.BUY, "best_bid", "bid_depth"),
                (Side.SELL, "best_ask", "ask_depth"),
            ):
                levels = book.levels(side)
                tick, orders = levels[0] if levels else (None, [])
                above_ct = tick * rules.tick_size / 10_000 if levels else -20.0
                power_kw = sum(order.quantity_wh for order in orders) / 1_000 / rules.slot_h
                assert seen[index[price]] * 40.0 == pytest.approx([above_ct], abs=1e-4)
                assert seen[index[depth]] * 100.0 == pytest.approx([power_kw], abs=1e-4)
            looks.add(tuple(seen[index["best_bid"].start : index["ask_depth"].stop]))
            env.step(draw(env, agent, random))
            if agent in names:
                i = names.index(agent)
                if state.orders.quantity_wh[0, i] > 0 and state.orders.rejected[0, i] == 0:
                    book.place(i, *(int(x[0, i]) for x in state.orders[:3]))
        changes += len(looks) - 1
    assert changes > 20


def test_the_utility_acts_first_then_all_by_arrival(compiled):
    env = aec_env(compiled, n_slots=8)
    env.reset(seed=1)
    seats = [seat.name for seat in compiled.scenario.metered]
    orders = []
    for _ in range(8):
        expected = ["utility_0", *(seats[i] for i in env.batch.engine.arrivals())]
        assert list(play_round(env, np.random.default_rng(0))) == expected
        orders.append(tuple(expected))
    assert len(set(orders)) > 1


def test_rewards_come_when_a_slot_is_delivered_and_add_up(three_rounds):
    env = aec_env(three_rounds, n_slots=5)
    env.reset(seed=3)
    random, got, told_rewards = np.random.default_rng(4), dict.fromkeys(env.agents, 0.0), []
    for agent in env.agent_iter():
        _, reward, _, truncated, _ = env.last(observe=False)
        got[agent] += reward
        before = env.batch.engine.state.clock.slot[0]
        env.step(None if truncated else draw(env, agent, random))
        if not truncated and (any(env.rewards.values()) or env.batch.engine.state.clock.slot[0] != before):
            told_rewards.append(dict(env.rewards))
    batch = BatchEnv(three_rounds, 1, n_slots=5)
    assert len(told_rewards) == 5 and batch.agents.keys() == env.batch.agents.keys()
    total = {agent: sum(rewards[agent] for rewards in told_rewards) for agent in got}
    assert got == pytest.approx(total)
    assert all(value == 0.0 for value in told_rewards[0].values()) and any(told_rewards[1].values())


def test_what_rests_is_seen_in_the_next_round(three_rounds):
    env = aec_env(three_rounds, n_slots=5)
    env.reset(seed=3)
    buys = {kind: unit_box(kind, (), {"offer": 0.5, "limit": 0.5}) for kind in ("prosumer", "battery", "ev")}
    quotes = []
    for _ in range(3):
        for _ in env.agents:
            agent = env.agent_selection
            kind = agent.rsplit("_", 1)[0]
            if agent == "utility_0":
                quotes.append(float(env.observe(agent)[observation_index(kind)["best_bid"]][0]))
            env.step(buys.get(kind, still_action(kind)))
    assert quotes[0] == -0.5 and quotes[1] > 0.0 and quotes[2] > 0.0


def test_a_fill_changes_the_position_of_who_acts_later(three_rounds):
    env = aec_env(three_rounds, n_slots=50)
    env.reset(seed=3)
    random, moved = np.random.default_rng(4), 0
    for _ in range(60):
        round_of = observation_index("prosumer")["round"].start
        before = {agent: env.observe(agent) for agent in env.agents}
        for _ in env.agents:
            agent = env.agent_selection
            if agent != "utility_0" and before[agent][round_of] > 0.0:
                position = observation_index(agent.rsplit("_", 1)[0])["position"].start
                moved += env.observe(agent)[position] != before[agent][position]
            env.step(draw(env, agent, random))
    assert moved > 0


def test_max_cycles_are_whole_slots(three_rounds):
    assert aec_env(three_rounds, max_cycles=6).batch.n_slots == 2
    for max_cycles in (0, 7):
        with pytest.raises(InputError, match=rf"max_cycles={max_cycles}: .* multiple of the 3 round"):
            aec_env(three_rounds, max_cycles=max_cycles)


@pytest.mark.parametrize(
    "action", [np.zeros(4, np.float32), np.full(3, np.nan, np.float32), None, np.zeros((1, 3), np.float32)]
)
def test_an_action_that_isnt_one_is_refused(action):
    env = aec_env(TINY, n_slots=5)
    env.reset()
    with pytest.raises(InputError, match=r"action of utility_0: .* it should be 3 finite numbers"):
        env.step(action)


def test_a_step_without_an_episode_is_refused():
    env = aec_env(TINY, n_slots=1)
    with pytest.raises(RuntimeError, match="no episode is running: reset first"):
        env.step(still_action("utility"))


def test_state_is_that_of_the_batch_face():
    env = aec_env(TINY, n_slots=5)
    env.reset(seed=2)
    np.testing.assert_array_equal(env.state(), env.batch.state()[0])


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_a_copy_goes_on_in_the_middle_of_a_round(duplicate):
    env = aec_env(TINY, n_slots=9)
    env.reset(seed=2)
    random = np.random.default_rng(4)
    for _ in range(6):
        env.step(draw(env, env.agent_selection, random))
    twins = [duplicate(env), duplicate(env), env]
    results = []
    for twin in twins:
        random = np.random.default_rng(5)
        results.append([])
        for _ in range(12):
            twin.step(draw(twin, twin.agent_selection, random))
            results[-1].append(told(twin))
    assert results[0] == results[1] == results[2]
