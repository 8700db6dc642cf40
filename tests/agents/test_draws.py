"""Keyed random numbers: even, replayable, and the same whatever the batch."""

import numpy as np
import pytest
from scipy.stats import kstest

from gridbid.agents.baselines.draws import mix, row_draws, row_key, row_keys
from gridbid.agents.traders.streams import draw_share
from gridbid.market.randomness import mix as mix_kernel

ROWS = np.random.default_rng(0).normal(size=(500, 7, 20)).astype(np.float32)


def test_mix_is_the_markets_splitmix64():
    states = np.random.default_rng(1).integers(0, 2**64, 100, dtype=np.uint64)
    assert mix(states).tolist() == [int(mix_kernel(state)) for state in states]


def test_draws_are_even_and_uncorrelated():
    draws = row_draws(5, ROWS, 3)
    assert draws.shape == (500, 7, 3)
    assert kstest(draws.ravel(), "uniform").pvalue > 0.01
    assert np.abs(np.corrcoef(draws.reshape(-1, 3).T) - np.eye(3)).max() < 0.05


def test_draws_follow_from_seed_and_row_alone():
    assert (row_draws(5, ROWS, 2) == row_draws(5, ROWS, 2)).all()
    assert (row_draws(5, ROWS[123:124, 4:5], 2)[0, 0] == row_draws(5, ROWS, 2)[123, 4]).all()
    assert (row_draws(6, ROWS, 2) != row_draws(5, ROWS, 2)).all()


def test_a_kernel_draws_the_same():
    keys, stream = row_keys(5, ROWS), np.zeros(1, np.uint64)
    for m in (0, 8, 3_499):
        stream[0] = row_key(keys, m)
        drawn = [draw_share(stream, 0) for _ in range(3)]
        assert drawn == row_draws(5, ROWS, 3).reshape(-1, 3)[m].tolist()


def test_the_last_bit_of_an_observation_matters():
    moved = ROWS.copy()
    moved[:, :, 4] = np.nextafter(moved[:, :, 4], np.float32(np.inf))
    assert (row_draws(5, moved, 1) != row_draws(5, ROWS, 1)).all()


@pytest.mark.parametrize("seed", [-1, 1 << 64])
def test_a_seed_outside_64_bits_is_refused(seed):
    with pytest.raises(ValueError, match=f"seed: {seed}"):
        row_draws(seed, ROWS, 1)
