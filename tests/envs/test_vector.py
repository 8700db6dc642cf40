"""Gymnasium's vector face: the batch engine behind it, and Gymnasium's own vector environments beside it."""

import copy
import pickle
from functools import partial

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv
from gymnasium.wrappers.vector import NormalizeObservation, RecordEpisodeStatistics

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.baselines.zero_intelligence import ZeroIntelligencePolicy
from gridbid.envs import single_agent_env, vector_env
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.faces.vector import community_vector_env, single_agent_vector_env
from gridbid.envs.fields import COST_INFOS, INFOS
from gridbid.market.errors import InputError

COMPILED = {name: compile_community(name, [0, 1]) for name in ("tiny", "rural")}


def play(env, n_steps, seed=0):
    random = np.random.default_rng(seed)
    shape = env.action_space.shape
    return [env.step(random.uniform(-1.0, 1.0, shape).astype(np.float32)) for _ in range(n_steps)]


def episodes(env, n_steps, seed=0):
    return [env.reset(seed=seed), *play(env, n_steps, seed)]


@pytest.mark.parametrize("kind", ["prosumer", "battery", "ev", "utility"])
def test_rows_are_those_of_the_batch_face(kind):
    compiled, policy = COMPILED["rural"], RulePolicy()
    batch = BatchEnv(compiled, 3, n_slots=6)
    n_agents = len(batch.agents[kind])
    env = vector_env(compiled, 3 * n_agents, kind, policy, n_slots=6)
    rows, _ = env.reset(seed=4)
    seen = batch.reset(seed=4)
    assert rows.shape == env.observation_space.shape
    for _ in range(5):
        np.testing.assert_array_equal(rows, seen[kind].reshape(3 * n_agents, -1))
        actions = env.action_space.sample()
        others = policy.act({other: seen[other] for other in seen if other != kind})
        rows, rewards, terminated, truncated, infos = env.step(actions)
        seen, batch_rewards, _ = batch.step(others | {kind: actions.reshape(3, n_agents, -1)})
        np.testing.assert_array_equal(rewards, batch_rewards[kind].ravel())
        assert not terminated.any() and not truncated.any()
        told = np.stack([infos[info.name] for info in INFOS], axis=1)
        np.testing.assert_array_equal(told, batch.info[kind].reshape(3 * n_agents, -1))
        np.testing.assert_array_equal(infos["action_mask"], batch.action_mask[kind].reshape(3 * n_agents, -1))
        np.testing.assert_array_equal(infos["active"], batch.present[kind].ravel())
        assert all(rows.all() for name, rows in infos.items() if name.startswith("_"))


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP])
def test_episodes_end_and_begin_as_in_gymnasiums_vector_env(mode):
    make = partial(single_agent_env, COMPILED["tiny"], "battery_0", RulePolicy(), n_slots=4)
    theirs = SyncVectorEnv([make], autoreset_mode=mode)
    ours = single_agent_vector_env(
        COMPILED["tiny"], 1, "battery_0", RulePolicy(), n_slots=4, autoreset_mode=mode
    )
    assert ours.metadata["autoreset_mode"] is mode
    for mine, reference in zip(episodes(ours, 17), episodes(theirs, 17), strict=True):
        assert data_equivalence(mine, reference, exact=True)


def test_without_autoreset_a_mask_begins_episodes():
    env = vector_env("tiny", 3, "battery", n_slots=3, autoreset_mode="Disabled")
    env.reset(seed=1)
    assert play(env, 3)[-1][3].all()
    with pytest.raises(RuntimeError, match=r"communities \[0, 1, 2\] are done: reset them first"):
        play(env, 1)
    env.reset(options={"reset_mask": np.ones(3, bool)})
    play(env, 1)
    env.reset(options={"reset_mask": np.array([False, True, False]), "week": 9})
    assert [step[3].tolist() for step in play(env, 2)] == [[False] * 3, [True, False, True]]
    env.reset(options={"reset_mask": np.array([True, False, True])})
    assert play(env, 1)[-1][3].tolist() == [False, True, False]


def test_communities_out_of_step_are_told_apart():
    env = vector_env("tiny", 2, "battery", RulePolicy(), n_slots=4)
    env.reset(seed=1)
    play(env, 3)
    env.reset(options={"reset_mask": np.array([False, True])})
    rows, rewards, _, truncated, infos = play(env, 1)[0]
    assert truncated.tolist() == [True, False]
    assert infos["final_obs"][1] is None and not np.array_equal(infos["final_obs"][0], rows[0])
    assert infos["_final_info"].tolist() == infos["final_info"]["_energy_eur"].tolist() == [True, False]
    assert infos["_energy_eur"].tolist() == [False, True]
    total = sum(infos[part] + infos["final_info"][part] for part in COST_INFOS)
    np.testing.assert_allclose(total, -rewards, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.ones(7, bool), r"reset_mask has shape \(7,\); it should be \(26,\)"),
        (np.arange(26) < 5, "the 13 rows of a community begin together"),
    ],
)
def test_a_reset_mask_must_fit(mask, message):
    env = vector_env(COMPILED["rural"], 26, "prosumer", n_slots=3)
    with pytest.raises(InputError, match=message):
        env.reset(options={"reset_mask": mask})


def test_next_step_mode_keeps_the_batch_together():
    env = vector_env("tiny", 2, "battery", n_slots=3, autoreset_mode="NextStep")
    with pytest.raises(InputError, match="all communities begin together"):
        env.reset(options={"reset_mask": np.array([False, True])})


@pytest.mark.parametrize(
    ("num_envs", "message"),
    [(20, "multiple of 13, such as 13 or 26"), (5, "such as 13$"), (0, "such as 13$"), (-3, "such as 13$")],
)
def test_num_envs_is_a_multiple_of_the_kinds_agents(num_envs, message):
    with pytest.raises(InputError, match=message):
        vector_env(COMPILED["rural"], num_envs, "prosumer")


def test_unknown_names_are_told():
    with pytest.raises(InputError, match="no 'windmill'; it has prosumer, battery, ev, utility"):
        vector_env("tiny", 2, "windmill")
    with pytest.raises(InputError, match="no 'battery_7'; it has prosumer_0, battery_0, ev_0, utility_0"):
        single_agent_vector_env("tiny", 2, "battery_7")


def test_actions_of_another_shape_are_refused():
    env = vector_env("tiny", 2, "battery")
    env.reset()
    with pytest.raises(InputError, match=r"shape \(4,\); they should have \(2, 4\)"):
        env.step(np.zeros(4, np.float32))


def test_a_community_of_each_row():
    env = community_vector_env(COMPILED["tiny"], 3, n_slots=4)
    batch = BatchEnv(COMPILED["tiny"], 3, n_slots=4)
    rows, _ = env.reset(seed=8)
    by_kind = batch.reset(seed=8)
    np.testing.assert_array_equal(rows, batch.state(by_kind))
    actions = env.action_space.sample()
    parts = np.split(actions, [7, 11, 15], axis=1)
    rows, rewards, _, _, infos = env.step(actions)
    by_kind, _, _ = batch.step({kind: part[:, None] for kind, part in zip(batch.kinds, parts, strict=True)})
    np.testing.assert_array_equal(rows, batch.state(by_kind))
    cost_eur = batch.engine.state.cost_eur.sum(axis=(1, 2))
    np.testing.assert_allclose(sum(infos[part] for part in COST_INFOS), cost_eur, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(rewards, -cost_eur, rtol=1e-6, atol=1e-9)
    assert infos["action_mask"].shape == actions.shape and infos["active"].shape == (3, 4)


def test_gymnasiums_wrappers_take_it():
    env = RecordEpisodeStatistics(vector_env("tiny", 4, "ev", RulePolicy(), n_slots=5))
    steps = episodes(env, 5)[1:]
    episode = steps[-1][4]["episode"]
    assert episode["l"].tolist() == [5] * 4
    np.testing.assert_allclose(episode["r"], sum(step[1] for step in steps))
    normalized = NormalizeObservation(vector_env("tiny", 4, "ev", n_slots=5, autoreset_mode="NextStep"))
    assert all(np.isfinite(step[0]).all() for step in episodes(normalized, 12)[1:])


def test_the_same_seed_gives_the_same_bits():
    make = partial(vector_env, COMPILED["tiny"], 3, "prosumer", ZeroIntelligencePolicy(), n_slots=4)
    one, other = make(), make()
    assert data_equivalence(episodes(one, 9, seed=3), episodes(other, 9, seed=3), exact=True)
    assert data_equivalence(episodes(one, 9, seed=3), episodes(one, 9, seed=3), exact=True)
    assert not data_equivalence(episodes(one, 9, seed=3)[0], episodes(one, 9, seed=4)[0], exact=True)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_a_copy_goes_on_as_the_original_and_apart_from_it(duplicate):
    env = vector_env(COMPILED["tiny"], 3, "prosumer", ZeroIntelligencePolicy(), n_slots=6)
    episodes(env, 4)
    twin = duplicate(env)
    expected = play(duplicate(env), 9)
    assert data_equivalence(play(twin, 9), expected, exact=True)
    assert data_equivalence(play(env, 9), expected, exact=True)


def test_it_lives_in_processes_that_are_spawned():
    make = [partial(single_agent_env, "tiny", "ev_0", RulePolicy(), n_slots=4, seed=n) for n in range(1)]
    spawned = AsyncVectorEnv(make, context="spawn")
    told = episodes(spawned, 7)
    spawned.close()
    assert data_equivalence(told, episodes(SyncVectorEnv(make), 7), exact=True)


def test_it_is_made_by_name():
    env = gymnasium.make_vec(
        "gridbid/Kind-v0",
        num_envs=26,
        vectorization_mode="vector_entry_point",
        scenario=COMPILED["rural"],
        kind="prosumer",
        n_slots=3,
    )
    assert env.num_envs == 26 and env.spec.id == "gridbid/Kind-v0"
    assert data_equivalence(
        episodes(env, 3), episodes(vector_env(COMPILED["rural"], 26, "prosumer", n_slots=3), 3), exact=True
    )
