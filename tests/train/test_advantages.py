"""Generalised advantage estimation against its definition: the discounted sum of what surprised from there on."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gridbid.train.advantages import estimate_advantages


def plain_advantages(rewards, values, next_values, cuts, gamma, lam):
    """Equation 16 by its sum, step by step and row by row; an episode's cut ends the sum."""
    n_steps, n_rows = rewards.shape
    advantages = np.zeros((n_steps, n_rows))
    for row in range(n_rows):
        for step in range(n_steps):
            weight = 1.0
            for later in range(step, n_steps):
                surprise = rewards[later, row] + gamma * next_values[later, row] - values[later, row]
                advantages[step, row] += weight * surprise
                weight *= gamma * lam
                if cuts[later]:
                    break
    return advantages


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_steps=st.integers(1, 12),
    n_rows=st.integers(1, 4),
    gamma=st.sampled_from([0.0, 0.5, 0.99, 1.0]),
    lam=st.sampled_from([0.0, 0.9, 1.0]),
    share_cut=st.sampled_from([0.0, 0.3, 1.0]),
)
def test_it_equals_the_sum(seed, n_steps, n_rows, gamma, lam, share_cut):
    random = np.random.default_rng(seed)
    rewards, values, next_values = random.normal(size=(3, n_steps, n_rows)).astype(np.float32)
    cuts = random.random(n_steps) < share_cut
    advantages = np.empty_like(rewards)
    estimate_advantages(rewards, values, next_values, cuts, gamma, lam, advantages)
    expected = plain_advantages(rewards, values, next_values, cuts, gamma, lam)
    np.testing.assert_allclose(advantages, expected, rtol=1e-4, atol=1e-5)
