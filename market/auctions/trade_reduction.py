"""Trade reduction for orders of any size: the last order that would trade on each side sets its side's price and is left out.

Nobody who trades sets a price, so no other limit than one's true value pays better; a false quantity can. The rest of the
longer side is rationed in proportion over all of it, whatever its limits, since a rank that paid would be lied for.
Source: P. Huang, A. Scheller-Wolf, K. Sycara, Design of a multi-unit double auction e-market, Computational Intelligence
18(4), 2002; they share what is cut off equally instead of in proportion.
"""

from numpy.typing import ArrayLike

from gridbid.market.auctions.depth import Depth, add_up, largest_volume
from gridbid.market.auctions.margin import fill_line, offered_before, order_at, trade_nothing
from gridbid.market.auctions.orders import AuctionResult, PriceBand, result_of, sealed_orders
from gridbid.market.auctions.records import Outcome, SealedOrders, make_depth, make_outcome
from gridbid.market.kernel import kernel
from gridbid.market.rules import tick_price


@kernel
def clear_trade_reduction(
    orders: SealedOrders, b: int, floor_neur: int, tick_size_neur: int, depth: Depth, outcome: Outcome
) -> None:
    """Clear community b's orders into ``outcome``; ``depth`` (2, n_ticks) is scratch."""
    add_up(orders, b, depth)
    volume_wh = largest_volume(depth)
    if volume_wh == 0:
        trade_nothing(b, outcome)
        return
    buyer, seller = order_at(orders, b, depth, 0, volume_wh), order_at(orders, b, depth, 1, volume_wh)
    reduce_trade(orders, b, buyer, seller, floor_neur, tick_size_neur, depth.shape[1], outcome)


@kernel
def reduce_trade(
    orders: SealedOrders,
    b: int,
    buyer: int,
    seller: int,
    floor_neur: int,
    tick_size_neur: int,
    n_ticks: int,
    outcome: Outcome,
) -> None:
    """Leave out the last buyer and the last seller; the others trade at these two's limits."""
    wanted_wh = offered_before(orders, b, buyer, n_ticks)
    offered_wh = offered_before(orders, b, seller, n_ticks)
    volume_wh = min(wanted_wh, offered_wh)
    if volume_wh == 0:
        trade_nothing(b, outcome)
        return
    outcome.volume_wh[b] = volume_wh
    outcome.buy_price_neur[b] = tick_price(floor_neur, tick_size_neur, orders.tick[b, buyer])
    outcome.sell_price_neur[b] = tick_price(floor_neur, tick_size_neur, orders.tick[b, seller])
    fill_line(orders, b, buyer, False, wanted_wh, volume_wh, n_ticks, outcome)
    fill_line(orders, b, seller, False, offered_wh, volume_wh, n_ticks, outcome)


def trade_reduction(orders: ArrayLike, band: PriceBand) -> AuctionResult:
    """Clear orders, rows of (participant, side, tick, quantity_wh), one a participant, by trade reduction.

    Raises InputError, naming every fault. ``surplus_neur`` of the result goes to the operator.
    """
    table, turns = sealed_orders(orders, band)
    outcome = make_outcome(1, turns.size)
    clear_trade_reduction(table, 0, band.floor_neur, band.tick_size_neur, make_depth(band.n_ticks), outcome)
    return result_of(outcome, table, turns)
