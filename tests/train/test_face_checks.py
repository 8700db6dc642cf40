"""Other libraries' checks of the faces, and a short training through each."""

import copy

import numpy as np
import pytest
from ray.rllib.env.wrappers.pettingzoo_env import ParallelPettingZooEnv, PettingZooEnv
from ray.rllib.utils.pre_checks.env import check_multiagent_environments
from stable_baselines3 import PPO
from stable_baselines3.common.env_checker import check_env
from stable_baselines3.common.vec_env import DummyVecEnv, VecMonitor

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.envs import aec_env, community_env, parallel_env, scenario_names, single_agent_env, vector_env
from gridbid.envs.compile import compile_community
from gridbid.envs.fields import KINDS
from gridbid.market.errors import InputError
from gridbid.train.sb3_vec_env import MarketVecEnv

SHORT = {"n_steps": 16, "batch_size": 16, "n_epochs": 1, "policy_kwargs": {"net_arch": [8]}, "seed": 0}


@pytest.fixture(scope="module", params=scenario_names())
def compiled(request):
    return compile_community(request.param, [0])


def weights(model):
    return copy.deepcopy(model.policy.state_dict())


def learns(model, n_steps):
    """Whether a short training leaves finite weights, and others than before."""
    before = weights(model)
    model.learn(n_steps)
    after = weights(model)
    assert all(value.isfinite().all() for value in after.values())
    return any(not before[name].equal(value) for name, value in after.items())


@pytest.mark.parametrize("kind", KINDS)
def test_stable_baselines_check_of_an_agent_of_each_kind(kind):
    check_env(single_agent_env("tiny", f"{kind}_0", RulePolicy(), n_slots=6))


def test_stable_baselines_check_of_a_single_agent(compiled):
    check_env(single_agent_env(compiled, "prosumer_0", RulePolicy(), n_slots=6))


def test_stable_baselines_check_of_a_community(compiled):
    check_env(community_env(compiled, n_slots=6))


def test_rllibs_check_of_the_parallel_face(compiled):
    check_multiagent_environments(ParallelPettingZooEnv(parallel_env(compiled, n_slots=6)))


def test_rllibs_check_of_the_face_in_turns(compiled):
    env = PettingZooEnv(aec_env(compiled, n_slots=3))
    check_multiagent_environments(env)
    seen, _ = env.reset(seed=1)
    steps, ended = 0, {"__all__": False}
    while not ended["__all__"]:
        (agent,) = seen
        seen, rewards, _, ended, _ = env.step({agent: env.action_spaces[agent].sample()})
        assert all(env.observation_spaces[name].contains(row) for name, row in seen.items())
        assert set(rewards) == set(seen)
        steps += 1
    assert steps == 3 * len(env.possible_agents)


def test_stable_baselines_learns_as_one_agent():
    envs = DummyVecEnv(
        [
            lambda n=n: single_agent_env("tiny", "battery_0", RulePolicy(), n_slots=10, seed=n)
            for n in range(2)
        ]
    )
    assert learns(PPO("MlpPolicy", envs, **SHORT), 64)


def test_stable_baselines_learns_as_all_agents_of_a_kind():
    compiled = compile_community("rural", [0])
    envs = VecMonitor(MarketVecEnv(vector_env(compiled, 26, "prosumer", RulePolicy(), n_slots=10)))
    model = PPO("MlpPolicy", envs, **SHORT)
    assert learns(model, 16 * 26)
    assert len(model.ep_info_buffer) == 26 and all(ep["l"] == 10 for ep in model.ep_info_buffer)


def test_rows_for_stable_baselines_are_those_of_gymnasium():
    compiled = compile_community("tiny", [0])
    ours, theirs = (vector_env(compiled, 3, "battery", RulePolicy(), n_slots=4) for _ in range(2))
    adapted = MarketVecEnv(ours)
    adapted.seed(7)
    np.testing.assert_array_equal(adapted.reset(), theirs.reset(seed=7)[0])
    random = np.random.default_rng(0)
    for n in range(9):
        actions = random.uniform(-1.0, 1.0, (3, 4)).astype(np.float32)
        rows, rewards, done, infos = adapted.step(actions)
        expected = theirs.step(actions)
        np.testing.assert_array_equal(rows, expected[0])
        np.testing.assert_array_equal(rewards, expected[1])
        assert done.tolist() == expected[3].tolist() == [n % 4 == 3] * 3
        for row, info in enumerate(infos):
            assert info.get("TimeLimit.truncated", False) == done[row]
            if done[row]:
                np.testing.assert_array_equal(info["terminal_observation"], expected[4]["final_obs"][row])


def test_stable_baselines_needs_episodes_to_begin_in_the_step_that_ends_them():
    with pytest.raises(InputError, match="Stable-Baselines3 needs SAME_STEP"):
        MarketVecEnv(vector_env("tiny", 2, "battery", autoreset_mode="NextStep"))
