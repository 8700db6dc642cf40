"""Random order flow through many books in a row: what every order book of the benchmark plays."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.types import N_TICKS, Side

BAND_TICKS = 64
"""Orders come on so many ticks in the middle of the book."""

CROSSING_TICKS = 8
"""Buys come so much higher than the band, sells so much lower: 38 to 53 % of the orders match (10 to 10 000 a book)."""

CANCEL_SHARE = 0.1
CANCEL_AMONG = 20
"""A cancel hits one of so many orders placed last; it may be gone, then nothing happens."""


class Flow(NamedTuple):
    """Events, int32 (n, 6): order, owner, side, tick, quantity in Wh, whether it may rest; quantity 0 takes the order out.

    Before every ``per_book`` events the book is emptied; an order's number is its event's place among these.
    """

    events: NDArray[np.int32]
    per_book: int


class Trades(NamedTuple):
    """Fills in order, integers (n,) each: orders by their numbers, the maker's tick, Wh."""

    taker: NDArray[np.int32]
    maker: NDArray[np.int32]
    tick: NDArray[np.int32]
    quantity_wh: NDArray[np.int32]


def random_flow(
    per_book: int, n_events: int, n_owners: int | None = None, resting_share: float = 1.0, seed: int = 0
) -> Flow:
    """Limit orders and cancels. Owners are drawn among ``n_owners``; without it each order has an owner of its own."""
    random = np.random.default_rng(seed)
    place = np.arange(n_events) % per_book
    side = random.integers(0, 2, n_events)
    shift = np.where(side == Side.BUY, CROSSING_TICKS, -CROSSING_TICKS)
    tick = (N_TICKS - BAND_TICKS) // 2 + shift + random.integers(0, BAND_TICKS, n_events)
    quantity_wh = random.integers(1, 2_000, n_events)
    owner = place if n_owners is None else random.integers(0, n_owners, n_events)
    rest = random.random(n_events) < resting_share
    cancels = (random.random(n_events) < CANCEL_SHARE) & (place > 0)
    earlier = np.maximum(place - 1 - random.integers(0, CANCEL_AMONG, n_events), 0)
    columns = [
        np.where(cancels, earlier, place),
        owner,
        side,
        tick,
        np.where(cancels, 0, quantity_wh),
        rest,
    ]
    return Flow(np.stack(columns, axis=1).astype(np.int32), per_book)
