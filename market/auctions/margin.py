"""The line of a side's orders, the best price first, within a tick by participant; where it is cut, and fills up to there.

The truthful auctions take their prices from the last order that would trade, and leave it out.
"""

from gridbid.market.auctions.depth import Depth, level_of, to_level
from gridbid.market.auctions.records import Outcome, SealedOrders
from gridbid.market.auctions.rounding import share_by_running_sum
from gridbid.market.kernel import kernel


@kernel
def order_at(orders: SealedOrders, b: int, depth: Depth, side: int, wh: int) -> int:
    """Who holds the wh-th Wh of a side's line; 0 < wh <= what the side offers."""
    n_ticks = depth.shape[1]
    level = level_of(depth, side, wh)
    passed_wh = depth[side, level + 1] if level + 1 < n_ticks else 0
    holder = -1
    while passed_wh < wh:
        holder += 1
        if orders.side[b, holder] == side and to_level(side, orders.tick[b, holder], n_ticks) == level:
            passed_wh += orders.quantity_wh[b, holder]
    return holder


@kernel
def stands_before(orders: SealedOrders, b: int, i: int, other: int, n_ticks: int) -> bool:
    """Whether order i stands before another of its side in the line."""
    side = orders.side[b, other]
    level, other_level = (
        to_level(side, orders.tick[b, i], n_ticks),
        to_level(side, orders.tick[b, other], n_ticks),
    )
    return orders.side[b, i] == side and (level > other_level or (level == other_level and i < other))


@kernel
def offered_before(orders: SealedOrders, b: int, other: int, n_ticks: int) -> int:
    """Wh of the orders that stand before another one in the line."""
    offered_wh = 0
    for i in range(orders.side.shape[1]):
        if stands_before(orders, b, i, other, n_ticks):
            offered_wh += orders.quantity_wh[b, i]
    return offered_wh


@kernel
def fill_line(
    orders: SealedOrders,
    b: int,
    last: int,
    with_last: bool,
    offered_wh: int,
    volume_wh: int,
    n_ticks: int,
    outcome: Outcome,
) -> None:
    """Share ``volume_wh`` in proportion over the line before an order, or up to it; they offer ``offered_wh`` together."""
    passed_wh = 0
    for i in range(orders.side.shape[1]):
        if orders.side[b, i] != orders.side[b, last]:
            continue
        quantity_wh = orders.quantity_wh[b, i]
        in_line = stands_before(orders, b, i, last, n_ticks) or (with_last and i == last)
        if in_line and quantity_wh > 0:
            outcome.filled_wh[b, i] = share_by_running_sum(passed_wh, quantity_wh, volume_wh, offered_wh)
            passed_wh += quantity_wh
        else:
            outcome.filled_wh[b, i] = 0


@kernel
def trade_nothing(b: int, outcome: Outcome) -> None:
    """Write the outcome of orders that don't cross."""
    outcome.volume_wh[b] = outcome.buy_price_neur[b] = outcome.sell_price_neur[b] = 0
    for i in range(outcome.filled_wh.shape[1]):
        outcome.filled_wh[b, i] = 0
