"""Arrays that the auctions read and write, for B communities of N participants each."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class SealedOrders(NamedTuple):
    """One limit order a participant, int64 (B, N) each; a quantity of 0 is no order, whatever its tick.

    A column is a participant: where a rule needs an order among equals, the lower column comes first.
    """

    side: NDArray[np.int64]
    tick: NDArray[np.int64]
    quantity_wh: NDArray[np.int64]


class Outcome(NamedTuple):
    """What an auction decides: each participant's fill, int64 (B, N), and for each community, int64 (B,), the rest.

    Buyers pay ``buy_price_neur`` and sellers get ``sell_price_neur``, nEUR/Wh; volume x their difference is the surplus of
    money, never below 0. Where nothing trades, volume and prices are 0.
    """

    filled_wh: NDArray[np.int64]
    volume_wh: NDArray[np.int64]
    buy_price_neur: NDArray[np.int64]
    sell_price_neur: NDArray[np.int64]


def make_outcome(batch: int, n_participants: int) -> Outcome:
    """Room for the outcomes of a batch."""
    return Outcome(
        filled_wh=np.zeros((batch, n_participants), np.int64),
        volume_wh=np.zeros(batch, np.int64),
        buy_price_neur=np.zeros(batch, np.int64),
        sell_price_neur=np.zeros(batch, np.int64),
    )


def make_depth(n_ticks: int) -> NDArray[np.int64]:
    """Scratch of an auction, int64 (2, n_ticks): one for each thread."""
    return np.zeros((2, n_ticks), np.int64)
