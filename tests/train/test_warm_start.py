"""Warm starts: scales are those of what was shown, and pupils do and value as they were taught."""

import numpy as np
import pytest
import torch
from ray.rllib.core.columns import Columns

from gridbid.agents.baselines.smart_rule import SmartRulePolicy
from gridbid.envs.fields import action_space, observation_space
from gridbid.train.actor_critic import ActorCritic
from gridbid.train.lessons import Lessons
from gridbid.train.warm_start import Demonstration, clone, demonstrate, measure_scales, teach_values

GAMMA = 0.9


def make_module(kind="battery"):
    torch.manual_seed(0)
    return ActorCritic(
        observation_space=observation_space(kind),
        action_space=action_space(kind),
        model_config={"kind": kind, "hidden": [32], "log_std": -1.0},
    )


def made_up(n_steps=60, n_rows=40):
    """Actions and savings that follow from the first two observations; savings hold for a whole row."""
    random = np.random.default_rng(0)
    n_seen, n_actions = observation_space("battery").shape[0], action_space("battery").shape[0]
    seen = random.normal(0.3, 0.5, (n_steps, n_rows, n_seen)).astype(np.float32)
    seen[:, :, 1] = seen[0, :, 1]
    actions = np.repeat(np.tanh(seen[..., :1]), n_actions, axis=-1)
    return Demonstration(seen, actions, seen[..., 1].copy())


@pytest.fixture(scope="module")
def taught():
    module, shown = make_module(), made_up()
    measure_scales(module, shown, GAMMA)
    return module, shown, clone(module, shown, 600, 0), teach_values(module, shown, 20, GAMMA, 600, 0)


def test_scales_are_those_of_what_was_shown(taught):
    module, shown, _, _ = taught
    rows = shown.observations.reshape(-1, shown.observations.shape[-1])
    np.testing.assert_allclose(module.observation_mean, rows.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(module.observation_std, rows.std(axis=0), atol=1e-5)
    returns, following = np.zeros(shown.savings_eur.shape), 0.0
    for step in reversed(range(len(returns))):
        following = shown.savings_eur[step] + GAMMA * following
        returns[step] = following
    assert float(module.reward_scale) == pytest.approx(returns.std(), rel=1e-5)


def test_the_actor_does_as_it_was_shown(taught):
    module, shown, error, _ = taught
    assert error < 0.01
    with torch.no_grad():
        actions = module.mean_action(torch.from_numpy(shown.observations[0]))
    assert np.abs(actions.numpy() - shown.actions[0]).mean() < 0.1


def test_the_critic_values_what_came_of_it(taught):
    """A row's saving is the same in every step: 20 of them, discounted."""
    module, shown, _, _ = taught
    factor = (1.0 - GAMMA**20) / (1.0 - GAMMA)
    expected = shown.savings_eur[0] * factor / float(module.reward_scale)
    with torch.no_grad():
        values = module.compute_values({Columns.OBS: torch.from_numpy(shown.observations[0])}).numpy()
    assert np.corrcoef(values, expected)[0, 1] > 0.99
    np.testing.assert_allclose(values, expected, atol=0.5)


def test_a_demonstration_shows_what_the_teacher_would_do_undisturbed():
    lessons = Lessons(scenario="tiny", batch=2, days=1)
    shown = demonstrate(lessons, SmartRulePolicy(), 30, 0.3, 0)
    for kind, part in shown.items():
        assert part.observations.shape == (30, 2, observation_space(kind).shape[0])
        expected = SmartRulePolicy().act({kind: part.observations})[kind]
        np.testing.assert_array_equal(part.actions, expected)
        assert part.savings_eur.shape == (30, 2)
