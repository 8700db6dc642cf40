"""Snapshots: restored, the same actions give the same bits, whatever was played in between."""

import copy
import pickle

import numpy as np
import pytest

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.market.errors import InputError


@pytest.fixture(scope="module")
def tiny():
    return compile_community("tiny", [0, 1])


def random_actions(env, random):
    shapes = {
        kind: (env.batch, len(env.agents[kind]), *fields.action_space(kind).shape) for kind in env.kinds
    }
    return {kind: random.uniform(-1.0, 1.0, shape).astype(np.float32) for kind, shape in shapes.items()}


def play(env, seed, n_steps):
    """Bytes of all that is told in some steps; whoever is done begins anew."""
    random, told = np.random.default_rng(seed), []
    for _ in range(n_steps):
        observations, rewards, done = env.step(random_actions(env, random))
        by_kind = (observations, rewards, env.info, env.action_mask, env.present)
        told += [rows.tobytes() for arrays in by_kind for rows in arrays.values()] + [done.tobytes()]
        if done.any():
            told += [rows.tobytes() for rows in env.reset(done).values()]
    return told


@pytest.mark.parametrize("steps_before", [0, 7, 19])
def test_a_restored_environment_goes_on_as_it_did(tiny, steps_before):
    env = BatchEnv(tiny, 3, seed=1, n_slots=20)
    env.reset()
    play(env, 1, steps_before)
    snapshot = env.snapshot()
    expected = play(env, 2, 45)
    env.reset(seed=99)
    play(env, 3, 11)
    for _ in range(2):
        env.restore(snapshot)
        assert play(env, 2, 45) == expected


def test_another_environment_takes_a_snapshot_over(tiny):
    env, other = BatchEnv(tiny, 2, seed=1, n_slots=20), BatchEnv(tiny, 2, seed=5, n_slots=20)
    env.reset()
    play(env, 1, 9)
    other.restore(pickle.loads(pickle.dumps(env.snapshot())))
    assert play(other, 2, 30) == play(env, 2, 30)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_a_copy_writes_to_arrays_of_its_own(tiny, duplicate):
    env = BatchEnv(tiny, 2, seed=1, n_slots=20)
    env.reset()
    play(env, 1, 9)
    twin = duplicate(env)
    kept = {kind: rows.copy() for kind, rows in env.info.items()}
    expected = play(twin, 2, 30)
    assert all(np.array_equal(env.info[kind], kept[kind]) for kind in kept)
    assert play(env, 2, 30) == expected


def test_a_snapshot_of_another_batch_is_refused(tiny):
    env, other = BatchEnv(tiny, 1, n_slots=4), BatchEnv(tiny, 3, n_slots=4)
    with pytest.raises(InputError, match="snapshot: it is that of another scenario, batch or rules"):
        other.restore(env.snapshot())
