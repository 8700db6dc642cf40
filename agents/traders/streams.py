"""Random numbers for traders: splitmix64 streams whose states lie in an array, so that a run replays and can be cloned."""

import numpy as np
from numpy.typing import NDArray

from gridbid.market.kernel import kernel
from gridbid.market.randomness import key, mix

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_STEP_OF_SHARES = 1.0 / (1 << 53)

Streams = NDArray[np.uint64]
"""State of each stream, uint64 (streams,)."""


@kernel
def start_streams(streams: Streams, seed: int, run: int) -> None:
    """Set every stream back to what follows from (seed, run, its place)."""
    for place in range(streams.size):
        streams[place] = key(seed, run, place, 0)


@kernel
def draw_below(streams: Streams, stream: int, bound: int) -> np.int64:
    """An integer 0..bound-1, by multiply-shift from 32 bits: its bias is below bound / 2^32."""
    streams[stream] += _GOLDEN
    bits = mix(streams[stream]) >> np.uint64(32)
    return np.int64((bits * np.uint64(bound)) >> np.uint64(32))


@kernel
def draw_share(streams: Streams, stream: int) -> float:
    """A float in [0, 1), from 53 bits."""
    streams[stream] += _GOLDEN
    return np.float64(mix(streams[stream]) >> np.uint64(11)) * _STEP_OF_SHARES
