"""Members who join and leave: who is absent sees only what all see, can do nothing, and is paid and charged nothing."""

from dataclasses import replace

import numpy as np
import pytest

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.market.presence import without_absent

WEEK, N_SLOTS = 21, 60


def with_present(compiled, present):
    series = without_absent(compiled.community.series._replace(present=present))
    return replace(compiled, community=compiled.community._replace(series=series))


@pytest.fixture(scope="module")
def coming_and_going():
    """Rural, where a third of the seats is absent for a while in the episode, at random."""
    compiled = compile_community("rural", [0])
    start, n = compiled.year.week_start(WEEK), compiled.community.n_participants
    present, random = np.ones((compiled.year.n_slots, n), np.bool_), np.random.default_rng(1)
    for i in random.choice(n, n // 3, replace=False):
        first, last = np.sort(random.integers(0, N_SLOTS, 2))
        present[start + first : start + last + 1, i] = False
    return with_present(compiled, present)


def random_actions(env, random):
    shapes = {
        kind: (env.batch, len(env.agents[kind]), *fields.action_space(kind).shape) for kind in env.kinds
    }
    return {kind: random.uniform(-1.0, 1.0, shape).astype(np.float32) for kind, shape in shapes.items()}


@pytest.mark.parametrize("weight", [0.0, 0.4])
def test_an_absent_member_sees_does_and_gets_nothing_of_its_own(coming_and_going, weight):
    env = BatchEnv(coming_and_going, 2, seed=1, n_slots=N_SLOTS, community_weight=weight)
    present = coming_and_going.community.series.present
    observations, random, absences = env.reset(weeks=WEEK), np.random.default_rng(1), 0
    for _ in range(N_SLOTS - 1):
        slot = int(env.engine.state.clock.slot[0])
        for kind in fields.METERED:
            own = np.concatenate(
                [
                    np.arange(span.start, span.stop)
                    for span, field in zip(
                        fields.observation_index(kind).values(), fields.observation_fields(kind), strict=True
                    )
                    if field.kinds != fields.KINDS
                ]
            )
            at = fields.observation_index(kind)["present"].start
            for n, i in enumerate(env.seats[kind]):
                here = bool(present[slot, i])
                assert (env.present[kind][:, n] == here).all()
                assert (observations[kind][:, n, at] == here).all()
                if not here:
                    absences += 1
                    assert not observations[kind][:, n, own].any()
                    assert not env.action_mask[kind][:, n].any()
        observations, rewards, _ = env.step(random_actions(env, random))
        for kind in fields.METERED:
            absent = ~present[slot - 1, env.seats[kind]]
            assert not rewards[kind][:, absent].any()
            names = ("reading_kwh", "cut_kwh", *fields.COST_INFOS)
            told = env.info[kind][..., [fields.info_index()[name] for name in names]]
            assert not told[:, absent].any()
            assert weight == 0.0 or slot == env.engine.state.clock.start[0] or rewards[kind][:, ~absent].all()
    assert absences > 100
    assert env.present["utility"].all()


def test_what_all_see_reaches_those_who_are_absent(coming_and_going):
    env = BatchEnv(coming_and_going, 1, seed=1, n_slots=N_SLOTS)
    observations, random = env.reset(weeks=WEEK), np.random.default_rng(1)
    for _ in range(N_SLOTS - 1):
        for field in fields.OBSERVATIONS:
            if field.kinds == fields.KINDS:
                values = [
                    observations[kind][0, n, fields.observation_index(kind)[field.name]]
                    for kind in env.kinds
                    for n in range(len(env.agents[kind]))
                ]
                assert all(np.array_equal(value, values[0]) for value in values), field.name
        observations, _, _ = env.step(random_actions(env, random))
