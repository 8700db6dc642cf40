"""Seeded generators for what is random in a year: a stream for each purpose, so none disturbs another."""

import numpy as np

PRICES, SESSIONS, FORECASTS = "prices", "sessions", "forecasts"
SPLITS = ("train", "validation", "test")
_STREAMS = (PRICES, SESSIONS, FORECASTS)


def generator(seed: int, split: str, stream: str, column: int = 0) -> np.random.Generator:
    """Generator of (seed, split, stream, column) alone: the same seed gives each split a world of its own."""
    key = np.random.SeedSequence([seed, SPLITS.index(split), _STREAMS.index(stream), column])
    return np.random.Generator(np.random.Philox(key))
