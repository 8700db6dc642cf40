"""The environment as training meets it: where episodes lie, when they are cut, and what is earned."""

import numpy as np
import pytest

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.year import weeks_of
from gridbid.train.lessons import Lessons


def play(lessons, n_steps):
    """Savings by kind, summed over steps, and the steps after which an episode was cut."""
    policy, cuts, total = RulePolicy(), [], dict.fromkeys(lessons.agents, 0.0)
    for step in range(n_steps):
        rewards, last_seen = lessons.step(policy.act(lessons.observations))
        if last_seen is not None:
            cuts.append(step)
        for kind in total:
            total[kind] = total[kind] + rewards[kind]
    return total, cuts


def test_episodes_are_cut_after_their_days_and_begin_anew():
    lessons = Lessons(scenario="tiny", batch=3, days=1)
    _, cuts = play(lessons, 200)
    assert cuts == [95, 191]


def test_every_slot_played_lies_in_a_training_week():
    lessons = Lessons(scenario="tiny", batch=50, days=2, seed=3)
    year = lessons.compiled.year
    starts = [year.week_start(week) for week in weeks_of(lessons.compiled.scenario, "train")]
    trained = np.concatenate([np.arange(start, start + 672) for start in starts])
    clock = lessons._env.engine.state.clock
    for _ in range(3):
        assert np.isin(clock.slot, trained).all() and np.isin(clock.slot + 2 * 96 - 1, trained).all()
        assert len(np.unique(clock.slot)) > 10
        play(lessons, 2 * 96)


def test_savings_are_the_rewards_and_the_inherent_cost():
    """Over an episode, against the batch environment run beside it with the same draws."""
    lessons = Lessons(scenario="tiny", batch=2, days=1, seed=5)
    clock = lessons._env.engine.state.clock
    starts, samples = clock.start.copy(), clock.sample.copy()
    total, _ = play(lessons, 95)
    twin = BatchEnv("tiny", 2, seed=5, n_slots=97)
    twin.engine.seed = lessons._env.engine.seed
    twin.reset()
    twin.engine.reset(starts, 97, samples)
    policy, observations = RulePolicy(), twin.observe()
    earned = dict.fromkeys(lessons.agents, 0.0)
    for _ in range(95):
        observations, rewards, _ = twin.step(policy.act(observations))
        for kind in earned:
            earned[kind] = earned[kind] + rewards[kind]
    for kind, seats in lessons.agents.items():
        excused = np.zeros((2, len(seats)))
        for b in range(2):
            slots = np.arange(starts[b], starts[b] + 94)
            excused[b] = lessons._inherent_eur[samples[b], slots][:, twin.seats[kind]].sum(axis=0)
        np.testing.assert_allclose(total[kind] - earned[kind], excused, atol=1e-3)


def test_the_same_seed_begins_the_same_episodes_and_another_one_others():
    first, same, other = (Lessons(scenario="tiny", batch=8, days=1, seed=seed) for seed in (1, 1, 2))
    for kind in first.agents:
        np.testing.assert_array_equal(first.observations[kind], same.observations[kind])
        assert not np.array_equal(first.observations[kind], other.observations[kind])


def test_days_that_do_not_fit_a_week_are_refused():
    with pytest.raises(ValueError, match="days: 7; an episode of training has 1 to 6"):
        Lessons(scenario="tiny", batch=1, days=7)
