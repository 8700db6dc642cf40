"""Depth: how many Wh each side offers at a price or better, and where the two sides cross.

The sell side is mirrored as in the book (level = n_ticks - 1 - tick), so that on both sides a higher level is a better
price. Every walk is bounded by the number of ticks or of participants, so that a contract can take the same steps.
"""

import numpy as np
from numpy.typing import NDArray

from gridbid.market.auctions.records import SealedOrders
from gridbid.market.kernel import kernel

Depth = NDArray[np.int64]


@kernel
def to_level(side: int, tick: int, n_ticks: int) -> int:
    """Level of a tick. Its own inverse."""
    return tick if side == 0 else n_ticks - 1 - tick


@kernel
def add_up(orders: SealedOrders, b: int, depth: Depth) -> None:
    """Fill depth (2, n_ticks) with the Wh that community b's buys and sells offer at each level or a better one."""
    n_ticks = depth.shape[1]
    depth[:, :] = 0
    for i in range(orders.side.shape[1]):
        if orders.quantity_wh[b, i] > 0:
            side = orders.side[b, i]
            depth[side, to_level(side, orders.tick[b, i], n_ticks)] += orders.quantity_wh[b, i]
    for side in range(2):
        for level in range(n_ticks - 2, -1, -1):
            depth[side, level] += depth[side, level + 1]


@kernel
def largest_volume(depth: Depth) -> int:
    """The most Wh that can trade at one price."""
    n_ticks = depth.shape[1]
    volume_wh = 0
    for tick in range(n_ticks):
        volume_wh = max(volume_wh, min(depth[0, tick], depth[1, n_ticks - 1 - tick]))
    return volume_wh


@kernel
def level_of(depth: Depth, side: int, wh: int) -> int:
    """Level of a side's wh-th Wh, the best first; -1 where the side offers less."""
    level = depth.shape[1] - 1
    while level >= 0 and depth[side, level] < wh:
        level -= 1
    return level


@kernel
def bid_tick(depth: Depth, wh: int) -> int:
    """Tick of the wh-th Wh bid for, the dearest first; -1 where there is none."""
    return level_of(depth, 0, wh)


@kernel
def ask_tick(depth: Depth, wh: int) -> int:
    """Tick of the wh-th Wh on offer, the cheapest first; n_ticks where there is none."""
    return depth.shape[1] - 1 - level_of(depth, 1, wh)
