"""Environments in threads and in spawned processes play what they play alone."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from gymnasium.utils.env_checker import data_equivalence

from gridbid.envs import parallel_env
from gridbid.envs.compile import compile_community

COMPILED = compile_community("rural", [0])
STEPS = 40


def plain(step):
    """What a step returned, with infos as plain dictionaries."""
    *told, infos = step
    return (*told, {agent: dict(info) for agent, info in infos.items()})


def play(env, seed):
    """Rewards of an episode, and its last observations, as bytes."""
    observations, _ = env.reset(seed=seed)
    random, rewards = np.random.default_rng(seed), []
    while env.agents:
        actions = {
            agent: random.uniform(-1.0, 1.0, env.action_space(agent).shape).astype(np.float32)
            for agent in env.agents
        }
        observations, earned, *_ = env.step(actions)
        rewards.append(list(earned.values()))
    return rewards, {agent: row.tobytes() for agent, row in observations.items()}


@pytest.mark.parametrize("copies", [True, False])
def test_threads_with_an_environment_each_play_the_same_bits(copies):
    def run(seed):
        return play(parallel_env(COMPILED, max_cycles=STEPS, copy=copies), seed)

    alone = [run(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(run, range(4))) == alone


def test_a_spawned_process_makes_an_environment_and_steps_one_that_is_sent_to_it():
    here = parallel_env("tiny", max_cycles=STEPS, samples=1)
    here.reset(seed=3)
    random = np.random.default_rng(3)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        made = pool.submit(parallel_env, "tiny", max_cycles=STEPS, samples=1).result()
        for _ in range(5):
            actions = {
                agent: random.uniform(-1.0, 1.0, space.shape).astype(np.float32)
                for agent, space in here.action_spaces.items()
            }
            there = pool.submit(here.step, actions).result()
            assert data_equivalence(there, plain(here.step(actions)))
    assert play(made, 4) == play(here, 4)
