"""Random numbers that replay: splitmix64 keyed by (seed, community, slot, round), whatever the threads or the batch.

Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014.
"""

import numpy as np
from numpy.typing import NDArray

from gridbid.market.kernel import kernel

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@kernel
def mix(state: np.uint64) -> np.uint64:
    """Splitmix64's output function."""
    z = state
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel
def key(seed: int, community: int, slot: int, round_: int) -> np.uint64:
    """State from which a round's permutation is drawn."""
    state = np.uint64(seed)
    for part in (community, slot, round_):
        state = mix(state + _GOLDEN) ^ np.uint64(part)
    return state


@kernel
def arrival_order(seed: int, community: int, slot: int, round_: int, order: NDArray[np.int64]) -> None:
    """Fill ``order`` with a permutation of its indices: the order in which a round's orders arrive (rule 11).

    Fisher-Yates; an index is drawn by multiply-shift from 32 bits, so its bias is below n / 2^32.
    """
    for i in range(order.size):
        order[i] = i
    state = key(seed, community, slot, round_)
    for i in range(order.size - 1, 0, -1):
        state += _GOLDEN
        draw = mix(state) >> np.uint64(32)
        j = np.int64((draw * np.uint64(i + 1)) >> np.uint64(32))
        order[i], order[j] = order[j], order[i]
