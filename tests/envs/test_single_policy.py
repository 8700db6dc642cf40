"""Gymnasium's face, for one agent and for a whole community: the batch engine behind it, and Gymnasium's own checks."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env, data_equivalence

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.baselines.zero_intelligence import ZeroIntelligencePolicy
from gridbid.envs import community_env, scenario_names, single_agent_env
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.faces.others import still_action
from gridbid.envs.fields import COST_INFOS, KINDS
from gridbid.market.errors import InputError

TINY = compile_community("tiny", [0, 1])


@pytest.fixture(scope="module", params=scenario_names())
def compiled(request):
    return compile_community(request.param, [0])


def play(env, n_steps, seed=0):
    random = np.random.default_rng(seed)
    shape = env.action_space.shape
    return [env.step(random.uniform(-1.0, 1.0, shape).astype(np.float32)) for _ in range(n_steps)]


def episode(env, n_steps, seed=0):
    return [env.reset(seed=seed), *play(env, n_steps, seed)]


def row_of(by_kind, agent):
    kind, place = agent.rsplit("_", 1)
    return by_kind[kind][0, int(place)]


def check_single_agent(compiled, agent):
    check_env(
        gymnasium.make(
            "gridbid/SingleAgent-v0", scenario=compiled, agent=agent, others=RulePolicy(), n_slots=6
        ).unwrapped
    )


@pytest.mark.parametrize("kind", KINDS)
def test_gymnasiums_check_of_an_agent_of_each_kind(kind):
    check_single_agent(TINY, f"{kind}_0")


def test_gymnasiums_check_of_a_single_agent(compiled):
    check_single_agent(compiled, "prosumer_0")


def test_gymnasiums_check_of_a_community(compiled):
    check_env(gymnasium.make("gridbid/Community-v0", scenario=compiled, n_slots=6).unwrapped)


@pytest.mark.parametrize("agent", ["prosumer_7", "battery_0", "ev_3", "utility_0"])
def test_one_agent_plays_among_fixed_policies(agent):
    compiled, policy = compile_community("rural", [0, 1]), RulePolicy()
    env = single_agent_env(compiled, agent, policy, n_slots=6)
    batch = BatchEnv(compiled, 1, n_slots=6)
    row, _ = env.reset(seed=4)
    seen = batch.reset(seed=4)
    for n in range(6):
        np.testing.assert_array_equal(row, row_of(seen, agent))
        action = env.action_space.sample()
        actions = {"utility": np.tile(still_action("utility"), (1, 1, 1))} | policy.act(seen)
        row_of(actions, agent)[:] = action
        row, reward, terminated, truncated, info = env.step(action)
        seen, rewards, _ = batch.step(actions)
        assert reward == row_of(rewards, agent)
        assert not terminated and truncated == (n == 5)
        assert sum(info[part] for part in COST_INFOS) == pytest.approx(-reward, rel=1e-6, abs=1e-9)
        assert info["active"] and info["action_mask"].shape == env.action_space.shape


def test_a_learner_that_does_what_the_rule_does_plays_the_rules_game():
    compiled, policy = compile_community("rural", [0, 1]), RulePolicy()
    env = single_agent_env(compiled, "prosumer_4", policy, n_slots=96)
    batch = BatchEnv(compiled, 1, n_slots=96)
    row, _ = env.reset(seed=4)
    seen = batch.reset(seed=4)
    for _ in range(96):
        row, _, _, _, _ = env.step(policy.act({"prosumer": row})["prosumer"])
        seen, _, _ = batch.step(policy.act(seen))
        np.testing.assert_array_equal(row, row_of(seen, "prosumer_4"))


def test_without_others_everybody_else_keeps_still():
    compiled = compile_community("rural", [0, 1])
    env = single_agent_env(compiled, "prosumer_2", n_slots=6)
    episode(env, 4)
    state = env.play.batch.engine.state
    others = np.arange(state.trading.follow.shape[1]) != 2
    assert (state.delivery.plan_kwh[0, others] == 0.0).all() and state.delivery.plan_kwh[0, 2].any()
    assert (state.delivery.follow[0, others] == 0.0).all() and (
        state.orders.quantity_wh[0, others] == 0
    ).all()


def test_one_controller_gets_what_all_members_get():
    compiled = compile_community("rural", [0, 1])
    env, batch = community_env(compiled, n_slots=6), BatchEnv(compiled, 1, n_slots=6, community_weight=0.3)
    row, _ = env.reset(seed=4)
    seen = batch.reset(seed=4)
    assert env.action_space.shape == (13 * 7 + 4 + 7 * 4 + 3,)
    for _ in range(6):
        np.testing.assert_array_equal(row, batch.state(seen)[0])
        action = env.action_space.sample()
        prosumers, battery, evs, utility = np.split(action, [91, 95, 123])
        row, reward, _, _, info = env.step(action)
        seen, rewards, _ = batch.step(
            {
                "prosumer": prosumers.reshape(1, 13, 7),
                "battery": battery.reshape(1, 1, 4),
                "ev": evs.reshape(1, 7, 4),
                "utility": utility.reshape(1, 1, 3),
            }
        )
        members = sum(float(rewards[kind].sum()) for kind in ("prosumer", "battery", "ev"))
        assert reward == pytest.approx(members, rel=1e-5, abs=1e-7)
        assert reward == pytest.approx(-sum(info[part] for part in COST_INFOS), rel=1e-6, abs=1e-9)


def test_options_choose_the_episode():
    env = single_agent_env(TINY, "ev_0", n_slots=5)
    env.reset(options={"week": 9, "sample": 1, "day": 2})
    clock = env.play.batch.engine.state.clock
    assert int(clock.start[0]) == TINY.year.week_start(9) + 2 * 96
    assert int(clock.sample[0]) == 1


def test_an_unknown_agent_is_told():
    with pytest.raises(InputError, match="no 'windmill_0'; it has prosumer_0, battery_0, ev_0, utility_0"):
        single_agent_env(TINY, "windmill_0")


MAKERS = [
    partial(single_agent_env, TINY, "prosumer_0", ZeroIntelligencePolicy(), n_slots=8),
    partial(community_env, TINY, n_slots=8),
]


@pytest.mark.parametrize("make", MAKERS)
def test_the_same_seed_gives_the_same_bits(make):
    one, other = make(), make()
    assert data_equivalence(episode(one, 8, seed=3), episode(other, 8, seed=3), exact=True)
    assert data_equivalence(episode(one, 8, seed=3), episode(one, 8, seed=3), exact=True)
    assert not data_equivalence(episode(one, 8, seed=3)[0], episode(one, 8, seed=4)[0], exact=True)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_a_copy_goes_on_as_the_original_and_apart_from_it(make, duplicate):
    env = make()
    episode(env, 3)
    twin = duplicate(env)
    expected = play(duplicate(env), 5)
    assert data_equivalence(play(twin, 5), expected, exact=True)
    assert data_equivalence(play(env, 5), expected, exact=True)


def test_environments_play_side_by_side_in_threads():
    def told(seed):
        return episode(single_agent_env(TINY, "battery_0", RulePolicy(), n_slots=48), 48, seed)

    alone = [told(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as threads:
        assert data_equivalence(list(threads.map(told, range(4))), alone, exact=True)


@pytest.mark.parametrize("make", MAKERS)
def test_a_render_mode_says_how_it_is_shown(make, capsys):
    silent = make()
    silent.reset(seed=1)
    with pytest.warns(UserWarning, match="render_mode was not given"):
        assert silent.render() is None
    pictures = make(render_mode="rgb_array")
    pictures.reset(seed=1)
    assert pictures.render().shape == (540, 960, 3) and capsys.readouterr().out == ""
    with make(render_mode="human") as watched:
        episode(watched, 3)
    assert len(capsys.readouterr().out.splitlines()) == 4
    with pytest.raises(InputError, match="render_mode: 'ansi' is none of human, rgb_array"):
        make(render_mode="ansi")


def test_a_copy_shows_itself():
    env = single_agent_env(TINY, "ev_0", n_slots=8, render_mode="rgb_array")
    env.reset(seed=1)
    first = env.render()
    twin = copy.deepcopy(env)
    play(env, 4)
    np.testing.assert_array_equal(twin.render(), first)
    assert not np.array_equal(env.render(), first)
