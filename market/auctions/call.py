"""Uniform-price call auction, k = 1/2: everybody who trades does so at one price.

The volume V is the largest that one price allows. The best V Wh of each side trade, so no other trades among these orders
have a higher welfare. Any price from max(last accepted ask, first rejected bid) to min(last accepted bid, first rejected
ask) supports them; the price is the middle, rounded down to a whole nEUR/Wh. At most one side has more at its last accepted
tick than trades: that tick is shared in proportion to quantity, so the order of arrival means nothing.
"""

from numpy.typing import ArrayLike

from gridbid.market.auctions.depth import (
    Depth,
    add_up,
    ask_tick,
    bid_tick,
    largest_volume,
    level_of,
    to_level,
)
from gridbid.market.auctions.orders import AuctionResult, PriceBand, result_of, sealed_orders
from gridbid.market.auctions.records import Outcome, SealedOrders, make_depth, make_outcome
from gridbid.market.auctions.rounding import midpoint_down, share_by_running_sum
from gridbid.market.kernel import kernel
from gridbid.market.rules import tick_price


@kernel
def clear_uniform_call(
    orders: SealedOrders, b: int, floor_neur: int, tick_size_neur: int, depth: Depth, outcome: Outcome
) -> None:
    """Clear community b's orders into ``outcome``; ``depth`` (2, n_ticks) is scratch."""
    add_up(orders, b, depth)
    volume_wh = largest_volume(depth)
    low_tick = max(ask_tick(depth, volume_wh), bid_tick(depth, volume_wh + 1))
    high_tick = min(bid_tick(depth, volume_wh), ask_tick(depth, volume_wh + 1))
    price_neur = midpoint_down(
        tick_price(floor_neur, tick_size_neur, low_tick), tick_price(floor_neur, tick_size_neur, high_tick)
    )
    outcome.volume_wh[b] = volume_wh
    outcome.buy_price_neur[b] = outcome.sell_price_neur[b] = price_neur if volume_wh > 0 else 0
    for side in range(2):
        _fill_best(orders, b, side, depth, volume_wh, outcome)


@kernel
def _fill_best(
    orders: SealedOrders, b: int, side: int, depth: Depth, volume_wh: int, outcome: Outcome
) -> None:
    """Fill a side's best ``volume_wh``: better levels than the last one whole, the last one in proportion."""
    n_ticks = depth.shape[1]
    last = level_of(depth, side, volume_wh)
    better_wh = depth[side, last + 1] if last + 1 < n_ticks else 0
    before_wh = 0
    for i in range(orders.side.shape[1]):
        if orders.side[b, i] != side:
            continue
        level = to_level(side, orders.tick[b, i], n_ticks)
        quantity_wh = orders.quantity_wh[b, i]
        if level < last or quantity_wh == 0:
            outcome.filled_wh[b, i] = 0
        elif level > last:
            outcome.filled_wh[b, i] = quantity_wh
        else:
            outcome.filled_wh[b, i] = share_by_running_sum(
                before_wh, quantity_wh, volume_wh - better_wh, depth[side, last] - better_wh
            )
            before_wh += quantity_wh


def uniform_call(orders: ArrayLike, band: PriceBand) -> AuctionResult:
    """Clear orders, rows of (participant, side, tick, quantity_wh), one a participant, at one price.

    Raises InputError, naming every fault. Fills are in the order of the rows and don't depend on it.
    """
    table, turns = sealed_orders(orders, band)
    outcome = make_outcome(1, turns.size)
    clear_uniform_call(table, 0, band.floor_neur, band.tick_size_neur, make_depth(band.n_ticks), outcome)
    return result_of(outcome, table, turns)
