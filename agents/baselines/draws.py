"""Random numbers keyed by what a row sees, so that a draw depends neither on the batch nor on earlier draws.

splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
"""

import numpy as np
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def row_draws(seed: int, rows: NDArray[np.float32], n_draws: int) -> NDArray[np.float64]:
    """Uniform [0, 1) numbers (communities, agents, n_draws) for rows (communities, agents, values).

    Keys are the seed (64 bits) and the bits of the row: a bot that sees one row draws what a batch of them would.
    """
    if not 0 <= seed < 1 << 64:
        raise ValueError(f"seed: {seed} is outside 0 to 2^64 - 1")
    bits = np.ascontiguousarray(rows).view(np.uint32).astype(np.uint64)
    places = np.arange(bits.shape[-1], dtype=np.uint64)
    weights = mix(np.uint64(seed) + _GOLDEN * (places + np.uint64(1))) | np.uint64(1)
    keys = mix((bits * weights).sum(axis=-1, dtype=np.uint64) + np.uint64(seed))
    steps = np.arange(1, n_draws + 1, dtype=np.uint64) * _GOLDEN
    return (mix(keys[..., None] + steps) >> np.uint64(11)) / float(1 << 53)


def mix(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Splitmix64's output function, on arrays: they wrap around in silence, as intended."""
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    return state ^ (state >> np.uint64(31))
