"""PettingZoo's face: its own tests, and the batch face behind it."""

import copy
import pickle

import numpy as np
import pytest
from pettingzoo.test import parallel_api_test, parallel_seed_test

from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.parallel import parallel_env
from gridbid.market.types import Cost

COMPILED = {name: compile_community(name, [0, 1]) for name in ("tiny", "rural")}
NAMES = list(COMPILED)


def random_actions(env, random):
    return {
        agent: random.uniform(-1.0, 1.0, env.action_space(agent).shape).astype(np.float32)
        for agent in env.agents
    }


def play(env, seed, n_steps):
    random = np.random.default_rng(seed)
    return [env.step(random_actions(env, random)) for _ in range(n_steps)]


def told(steps):
    """Everything that steps returned, comparable."""
    return [
        {agent: (rows[agent].tobytes(), rewards[agent], truncated[agent], infos[agent]) for agent in rows}
        for rows, rewards, _, truncated, infos in steps
    ]


@pytest.mark.parametrize("name", NAMES)
def test_pettingzoos_api_test(name):
    parallel_api_test(parallel_env(COMPILED[name], n_slots=12), num_cycles=60)


@pytest.mark.parametrize("name", NAMES)
def test_pettingzoos_seed_test(name):
    parallel_seed_test(lambda: parallel_env(COMPILED[name], n_slots=12), num_cycles=24)


def test_agents_are_named_by_kind_and_number():
    env = parallel_env("tiny", samples=1)
    assert env.possible_agents == ["prosumer_0", "battery_0", "ev_0", "utility_0"]
    assert env.agents == []
    env.reset()
    assert env.agents == env.possible_agents


@pytest.mark.parametrize("name", NAMES)
def test_infos_hold_the_parts_of_the_reward(name):
    env = parallel_env(COMPILED[name], n_slots=40)
    env.reset(seed=1)
    for _, rewards, _, _, infos in play(env, 1, 40):
        for agent, parts in infos.items():
            if agent != "utility_0":
                assert set(parts) == {part.name.lower() for part in Cost}
                assert sum(parts.values()) == pytest.approx(-rewards[agent], rel=1e-6, abs=1e-9)
        metered = [parts for agent, parts in infos.items() if agent != "utility_0"]
        mean = sum(sum(parts.values()) for parts in metered) / len(metered)
        assert rewards["utility_0"] == pytest.approx(-mean, rel=1e-6, abs=1e-9)
        assert infos["utility_0"] == {}


@pytest.mark.parametrize("name", NAMES)
def test_it_is_the_batch_face_by_agent(name):
    env, batch = (
        parallel_env(COMPILED[name], n_slots=12, seed=3),
        BatchEnv(COMPILED[name], 1, n_slots=12, seed=3),
    )
    seen, _ = env.reset()
    by_kind, random = batch.reset(), np.random.default_rng(3)
    for _ in range(12):
        for kind, agents in batch.agents.items():
            for n, agent in enumerate(agents):
                np.testing.assert_array_equal(seen[agent], by_kind[kind][0, n])
        actions = random_actions(env, random)
        seen, rewards, _, _, _ = env.step(actions)
        stacked = {
            kind: np.stack([actions[agent] for agent in agents])[None]
            for kind, agents in batch.agents.items()
        }
        by_kind, batch_rewards, _ = batch.step(stacked)
        assert list(rewards.values()) == [float(r) for kind in batch.kinds for r in batch_rewards[kind][0]]


def test_everybody_is_truncated_at_the_end_and_nobody_dies_before():
    env = parallel_env(COMPILED["tiny"], n_slots=5)
    env.reset(seed=2)
    *before, (_, _, terminated, truncated, _) = play(env, 2, 5)
    assert not any(any(step[2].values()) or any(step[3].values()) for step in before)
    assert set(truncated) == set(env.possible_agents)
    assert all(truncated.values()) and not any(terminated.values())
    assert env.agents == []


def test_options_choose_the_episode():
    env = parallel_env(COMPILED["tiny"], n_slots=5)
    env.reset(options={"week": 9, "sample": 1, "day": 2})
    clock = env.batch.engine.state.clock
    assert int(clock.start[0]) == COMPILED["tiny"].year.week_start(9) + 2 * 96
    assert int(clock.sample[0]) == 1


def test_an_agent_that_does_not_act_is_named():
    env = parallel_env(COMPILED["tiny"], n_slots=5)
    env.reset()
    actions = random_actions(env, np.random.default_rng(0))
    del actions["ev_0"], actions["utility_0"]
    with pytest.raises(ValueError, match="ev_0, utility_0 did not act"):
        env.step(actions)


def test_a_step_without_an_episode_is_refused():
    env = parallel_env(COMPILED["tiny"], n_slots=1)
    with pytest.raises(RuntimeError, match="no episode is running: reset first"):
        env.step({})
    env.reset()
    play(env, 0, 1)
    with pytest.raises(RuntimeError, match="no episode is running: reset first"):
        env.step({})


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_a_copy_goes_on_as_the_original_and_apart_from_it(duplicate):
    env = parallel_env(COMPILED["tiny"], n_slots=20)
    env.reset(seed=5)
    play(env, 5, 7)
    twin, reference = duplicate(env), duplicate(env)
    expected = told(play(reference, 6, 13))
    assert told(play(twin, 6, 13)) == expected
    assert (
        env.agents and int(env.batch.engine.state.clock.slot[0] - env.batch.engine.state.clock.start[0]) == 7
    )
    assert told(play(env, 6, 13)) == expected
    for one in (env, twin):
        one.reset()
    assert told(play(env, 7, 20)) == told(play(twin, 7, 20))
