"""Random numbers keyed by what a row sees, so that a draw depends neither on the batch nor on earlier draws.

splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market import randomness
from gridbid.market.kernel import kernel

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


class RowKeys(NamedTuple):
    """What keys rows: their bits, uint32 (rows, values), a weight for each place, uint64 (values,), and the seed."""

    bits: NDArray[np.uint32]
    weights: NDArray[np.uint64]
    seed: np.uint64


def row_keys(seed: int, rows: NDArray[np.float32]) -> RowKeys:
    """What keys rows (..., values) under a seed of 64 bits."""
    return RowKeys(_bits(rows).reshape(-1, rows.shape[-1]), _weights(seed, rows.shape[-1]), np.uint64(seed))


@kernel
def row_key(keys: RowKeys, m: int) -> np.uint64:
    """Row m's key: a stream (`gridbid.agents.traders.streams`) that starts there draws what `row_draws` does."""
    total = np.uint64(0)
    for n in range(keys.weights.size):
        total += np.uint64(keys.bits[m, n]) * keys.weights[n]
    return randomness.mix(total + keys.seed)


def row_draws(seed: int, rows: NDArray[np.float32], n_draws: int) -> NDArray[np.float64]:
    """Uniform [0, 1) numbers (communities, agents, n_draws) for rows (communities, agents, values).

    Keys are the seed (64 bits) and the bits of the row: a bot that sees one row draws what a batch of them would.
    """
    bits = _bits(rows).astype(np.uint64)
    keys = mix((bits * _weights(seed, rows.shape[-1])).sum(axis=-1, dtype=np.uint64) + np.uint64(seed))
    steps = np.arange(1, n_draws + 1, dtype=np.uint64) * _GOLDEN
    return (mix(keys[..., None] + steps) >> np.uint64(11)) / float(1 << 53)


def mix(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Splitmix64's output function, on arrays: they wrap around in silence, as intended."""
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    return state ^ (state >> np.uint64(31))


def _bits(rows: NDArray[np.float32]) -> NDArray[np.uint32]:
    return np.ascontiguousarray(rows, np.float32).view(np.uint32)


def _weights(seed: int, n_values: int) -> NDArray[np.uint64]:
    """Odd numbers that follow from the seed, one a place."""
    if not 0 <= seed < 1 << 64:
        raise ValueError(f"seed: {seed} is outside 0 to 2^64 - 1")
    places = np.arange(n_values, dtype=np.uint64)
    return mix(np.uint64(seed) + _GOLDEN * (places + np.uint64(1))) | np.uint64(1)
