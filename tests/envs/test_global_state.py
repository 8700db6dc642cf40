"""The global state: everything that the observations hold, and nothing twice."""

import numpy as np
import pytest

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.signals.global_state import SHARED, state_index


@pytest.fixture(scope="module")
def env():
    return BatchEnv(compile_community("rural", [0]), 2, n_slots=40)


def expected(env, observations, b):
    """A state written down field by field."""
    first = observations[env.kinds[0]][b, 0]
    state = [
        first[fields.observation_index(env.kinds[0])[field.name]]
        for field in fields.OBSERVATIONS
        if len(field.kinds) == len(fields.KINDS)
    ]
    for kind in env.kinds:
        for row in observations[kind][b]:
            state += [
                row[fields.observation_index(kind)[field.name]]
                for field in fields.observation_fields(kind)
                if len(field.kinds) < len(fields.KINDS)
            ]
    return np.concatenate(state)


def test_it_holds_what_all_see_once_and_then_each_agents_own(env):
    observations = env.reset(weeks=21)
    for _ in range(12):
        state = env.state(observations)
        assert state.dtype == np.float32
        assert env.state_space.shape == state[0].shape
        for b in range(2):
            assert env.state_space.contains(state[b])
            np.testing.assert_array_equal(state[b], expected(env, observations, b))
        np.testing.assert_array_equal(env.state(), state)
        observations, _, _ = env.step({})


def test_what_all_see_is_the_same_for_all(env):
    """Or else one copy of it would not be enough."""
    observations = env.reset(weeks=21)
    for _ in range(5):
        for field in fields.OBSERVATIONS:
            if field.kinds == fields.KINDS:
                values = [
                    rows[:, n, fields.observation_index(kind)[field.name]]
                    for kind, rows in observations.items()
                    for n in range(rows.shape[1])
                ]
                assert all(np.array_equal(value, values[0]) for value in values), field.name
        observations, _, _ = env.step({})


def test_places_follow_each_other_and_fill_the_space(env):
    index = state_index(env.agents)
    names = [SHARED, *(name for names in env.agents.values() for name in names)]
    assert list(index) == names
    ends = [0, *(span.stop for span in index.values())]
    assert [span.start for span in index.values()] == ends[:-1]
    assert ends[-1] == env.state_space.shape[0]
