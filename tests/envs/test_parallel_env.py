"""PettingZoo's face: its own tests for every scenario, the batch face behind it, and what is whose."""

import copy
import pickle
from types import SimpleNamespace

import numpy as np
import pytest
from pettingzoo.test import max_cycles_test, parallel_api_test, parallel_seed_test, render_test
from pettingzoo.test.state_test import test_parallel_env as check_state
from pettingzoo.test.state_test import test_state_space as check_state_space
from pettingzoo.utils import BaseParallelWrapper
from pettingzoo.utils.conversions import parallel_to_aec
from pettingzoo.utils.wrappers import MultiEpisodeParallelEnv

from gridbid.envs import BatchEnv, parallel_env, scenario_names
from gridbid.envs.compile import compile_community
from gridbid.envs.fields import COST_INFOS, INFOS
from gridbid.market.errors import InputError

COMPILED = {name: compile_community(name, [0, 1]) for name in ("tiny", "rural")}
NAMES = list(COMPILED)


def scenario(name):
    return COMPILED.get(name, name)


def random_actions(env, random):
    return {
        agent: random.uniform(-1.0, 1.0, env.action_space(agent).shape).astype(np.float32)
        for agent in env.agents
    }


def play(env, seed, n_steps):
    random = np.random.default_rng(seed)
    return [env.step(random_actions(env, random)) for _ in range(n_steps)]


def told(steps):
    """Everything that steps returned, infos excepted, comparable."""
    return [
        {agent: (rows[agent].tobytes(), rewards[agent], truncated[agent]) for agent in rows}
        for rows, rewards, _, truncated, _ in steps
    ]


def play_and_tell(env, seed, n_steps):
    """The same with the infos of each step, before the next one overwrites them."""
    random, steps = np.random.default_rng(seed), []
    for _ in range(n_steps):
        step = env.step(random_actions(env, random))
        steps.append((told([step]), copy.deepcopy(step[4])))
    return steps


@pytest.mark.parametrize("copies", [True, False])
@pytest.mark.parametrize("name", scenario_names())
def test_pettingzoos_api_test(name, copies):
    parallel_api_test(parallel_env(scenario(name), n_slots=12, copy=copies, samples=1), num_cycles=40)


@pytest.mark.parametrize("name", scenario_names())
def test_pettingzoos_seed_test(name):
    parallel_seed_test(lambda: parallel_env(scenario(name), n_slots=12, samples=1), num_cycles=24)


@pytest.mark.parametrize("name", scenario_names())
def test_pettingzoos_max_cycles_test(name):
    def make(**options):
        return parallel_env(scenario(name), samples=1, **options)

    max_cycles_test(
        SimpleNamespace(parallel_env=make, env=lambda **options: parallel_to_aec(make(**options)))
    )


@pytest.mark.parametrize("name", scenario_names())
def test_pettingzoos_state_tests(name):
    env = parallel_env(scenario(name), n_slots=12, samples=1)
    check_state_space(env)
    check_state(env)


@pytest.mark.parametrize("name", scenario_names())
def test_pettingzoos_render_test(name, capsys):
    def make(**options):
        return parallel_to_aec(parallel_env(scenario(name), n_slots=12, samples=1, **options))

    render_test(make)
    assert capsys.readouterr().out


def test_a_render_mode_is_one_of_those_there_are():
    with pytest.raises(InputError, match="render_mode: 'ansi' is none of human, rgb_array"):
        parallel_env(COMPILED["tiny"], render_mode="ansi")
    with pytest.warns(UserWarning, match="render_mode was not given"):
        assert parallel_env(COMPILED["tiny"]).render() is None


def test_the_live_view_goes_with_every_step(capsys):
    env = parallel_env(COMPILED["tiny"], n_slots=3, render_mode="human")
    env.reset(seed=1)
    play(env, 1, 3)
    env.close()
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_a_copy_of_what_is_shown_is_shown_as_well():
    env = parallel_env(COMPILED["tiny"], n_slots=9, render_mode="rgb_array")
    env.reset(seed=1)
    play(env, 1, 3)
    image = env.render()
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(env)).render(), image)
    np.testing.assert_array_equal(env.clone().render(), image)


def test_agents_are_named_by_kind_and_number():
    env = parallel_env("tiny", samples=1)
    assert env.possible_agents == ["prosumer_0", "battery_0", "ev_0", "utility_0"]
    assert env.agents == []
    env.reset()
    assert env.agents == env.possible_agents


@pytest.mark.parametrize("name", NAMES)
def test_infos_hold_the_parts_of_the_reward(name):
    env = parallel_env(COMPILED[name], n_slots=40)
    _, infos = env.reset(seed=1)
    assert {tuple(info) for info in infos.values()} == {("active", *(info.name for info in INFOS))}
    random = np.random.default_rng(1)
    while env.agents:
        _, rewards, _, _, infos = env.step(random_actions(env, random))
        for agent, info in infos.items():
            cost_eur = sum(info[part] for part in COST_INFOS)
            assert cost_eur == pytest.approx(-rewards[agent], rel=1e-6, abs=1e-9)
            assert info["active"] is True


@pytest.mark.parametrize("name", NAMES)
def test_it_is_the_batch_face_by_agent(name):
    env, batch = (
        parallel_env(COMPILED[name], n_slots=12, seed=3),
        BatchEnv(COMPILED[name], 1, n_slots=12, seed=3),
    )
    seen, _ = env.reset()
    by_kind, random = batch.reset(), np.random.default_rng(3)
    for _ in range(12):
        np.testing.assert_array_equal(env.state(), batch.state()[0])
        for kind, agents in batch.agents.items():
            for n, agent in enumerate(agents):
                np.testing.assert_array_equal(seen[agent], by_kind[kind][0, n])
                np.testing.assert_array_equal(env.action_mask(agent), batch.action_mask[kind][0, n])
        actions = random_actions(env, random)
        seen, rewards, _, _, infos = env.step(actions)
        stacked = {
            kind: np.stack([actions[agent] for agent in agents])[None]
            for kind, agents in batch.agents.items()
        }
        by_kind, batch_rewards, _ = batch.step(stacked)
        assert list(rewards.values()) == [float(r) for kind in batch.kinds for r in batch_rewards[kind][0]]
        for kind, agents in batch.agents.items():
            for n, agent in enumerate(agents):
                assert [infos[agent][info.name] for info in INFOS] == batch.info[kind][0, n].tolist()


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


def test_a_seed_begins_the_draws_anew_and_without_one_they_go_on():
    env = parallel_env(COMPILED["tiny"], n_slots=5)

    def starts(n, **first):
        clock, found = env.batch.engine.state.clock, []
        for turn in range(n):
            env.reset(**(first if turn == 0 else {}))
            found.append((int(clock.start[0]), int(clock.sample[0])))
        return found

    assert starts(6, seed=4) == starts(6, seed=4)
    assert len(set(starts(6, seed=4))) > 1


def test_a_step_without_an_episode_is_refused():
    env = parallel_env(COMPILED["tiny"], n_slots=1)
    with pytest.raises(RuntimeError, match="no episode is running: reset first"):
        env.step({})
    env.reset()
    play(env, 0, 1)
    with pytest.raises(RuntimeError, match="no episode is running: reset first"):
        env.step({})


def test_a_value_that_is_not_finite_is_named_and_nothing_is_played():
    env = parallel_env(COMPILED["tiny"], n_slots=5)
    env.reset(seed=0)
    actions = random_actions(env, np.random.default_rng(0))
    actions["ev_0"][1], actions["utility_0"][0] = np.nan, np.inf
    slot = int(env.batch.engine.state.clock.slot[0])
    with pytest.raises(InputError, match=r"ev_0's action is \[.*nan.*\].*; utility_0's action is \[inf, "):
        env.step(actions)
    assert int(env.batch.engine.state.clock.slot[0]) == slot
    play(env, 0, 5)


def test_what_is_kept_of_safe_copies_never_changes():
    env = parallel_env(COMPILED["rural"], n_slots=30)
    observations, _ = env.reset(seed=6)
    kept = [(observations, copy.deepcopy(observations))]
    views = []
    for step in range(30):
        observations, *_ = env.step(random_actions(env, np.random.default_rng(step)))
        if step % 3 == 0:
            kept.append((observations, copy.deepcopy(observations)))
        elif step % 3 == 1:  # a part of a row alone
            part = observations["prosumer_3"][5:9]
            views.append((part, part.copy()))
    for observations, then in kept:
        for agent, row in observations.items():
            np.testing.assert_array_equal(row, then[agent])
    for part, then in views:
        np.testing.assert_array_equal(part, then)


@pytest.mark.parametrize("copies", [True, False])
def test_what_nobody_holds_is_used_again(copies):
    env = parallel_env(COMPILED["tiny"], n_slots=30, copy=copies)
    env.reset(seed=6)
    places = set()
    for _ in range(30):
        observations, *_ = env.step(random_actions(env, np.random.default_rng(0)))
        places.add(observations["ev_0"].ctypes.data)
    assert len(places) == 2


def test_without_copies_the_numbers_are_the_same_and_hold_until_the_step_after_the_next():
    safe, bare = (parallel_env(COMPILED["rural"], n_slots=12, copy=copies) for copies in (True, False))
    for env in (safe, bare):
        env.reset(seed=7)
    before = None
    for step in range(12):
        actions = random_actions(safe, np.random.default_rng(step))
        mine, theirs = safe.step(actions), bare.step(actions)
        assert told([mine]) == told([theirs])
        assert mine[4] == theirs[4]
        if before is not None:
            assert {agent: row.tobytes() for agent, row in before[0].items()} == before[1]
        before = theirs[0], {agent: row.tobytes() for agent, row in mine[0].items()}


def test_what_a_caller_does_to_the_dictionaries_stays_with_him():
    env = parallel_env(COMPILED["tiny"], n_slots=5)
    observations, infos = env.reset(seed=1)
    for told_to in (observations, infos, *env.step(random_actions(env, np.random.default_rng(0)))):
        told_to["__all__"] = True
        del told_to["ev_0"]
    for told_to in env.step(random_actions(env, np.random.default_rng(0))):
        assert list(told_to) == env.possible_agents


def test_what_a_wrapper_adds_to_an_info_is_gone_with_the_episode():
    env = parallel_env(COMPILED["tiny"], n_slots=2)
    env.reset(seed=1)
    *_, infos = play(env, 0, 2)[-1]
    infos["ev_0"]["episode"] = {"r": 1.0}
    assert "episode" in infos["ev_0"]
    _, infos = env.reset()
    assert "episode" not in infos["ev_0"]


@pytest.mark.parametrize(
    "duplicate",
    [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env)), lambda env: env.clone()],
    ids=["deepcopy", "pickle", "clone"],
)
@pytest.mark.parametrize("copies", [True, False])
def test_a_copy_goes_on_as_the_original_and_apart_from_it(duplicate, copies):
    env = parallel_env(COMPILED["tiny"], n_slots=20, copy=copies)
    env.reset(seed=5)
    play(env, 5, 7)
    twin, reference = duplicate(env), duplicate(env)
    expected = play_and_tell(reference, 6, 13)
    assert play_and_tell(twin, 6, 13) == expected
    assert (
        env.agents and int(env.batch.engine.state.clock.slot[0] - env.batch.engine.state.clock.start[0]) == 7
    )
    assert play_and_tell(env, 6, 13) == expected
    for one in (env, twin):
        one.reset()
    assert play_and_tell(env, 7, 20) == play_and_tell(twin, 7, 20)


def test_clones_share_the_scenario():
    env = parallel_env(COMPILED["rural"], n_slots=5)
    assert env.clone().batch.compiled is env.batch.compiled
    assert env.clone().batch.engine.community is env.batch.engine.community


def test_going_back_to_a_snapshot_plays_the_same_again():
    env = parallel_env(COMPILED["rural"], n_slots=20)
    env.reset(seed=5)
    (observations, *_), *_ = play(env, 5, 7)[-1:]
    snapshot = env.snapshot()
    first = play_and_tell(env, 6, 13)
    assert env.agents == []
    back = env.restore(snapshot)
    for agent, row in observations.items():
        np.testing.assert_array_equal(back[agent], row)
    assert env.agents == env.possible_agents
    assert play_and_tell(env, 6, 13) == first


def test_wrappers_and_the_turn_taking_form_stand_on_it():
    env = MultiEpisodeParallelEnv(BaseParallelWrapper(parallel_env(COMPILED["tiny"], n_slots=3)), 2)
    env.reset(seed=1)
    assert len(play(env, 1, 6)) == 6
    assert env.agents == []
    plain, turns = (parallel_env(COMPILED["tiny"], n_slots=6) for _ in range(2))
    plain.reset(seed=2)
    turns = parallel_to_aec(turns)
    turns.reset(seed=2)
    random = np.random.default_rng(2)
    while plain.agents:
        actions = random_actions(plain, random)
        observations, rewards, *_ = plain.step(actions)
        for agent in plain.possible_agents:
            assert turns.agent_selection == agent
            turns.step(actions[agent])
        for agent in plain.possible_agents:
            np.testing.assert_array_equal(turns.observe(agent), observations[agent])
            assert turns.rewards[agent] == rewards[agent]
    assert all(turns.truncations.values())
