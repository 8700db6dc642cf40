"""Strongly budget-balanced double auction, for orders of one size: truthful, one price, no money left over.

k pairs of orders cross. If the first rejected ask is at most the k-th bid, all k pairs trade at that ask. Else the price is
the k-th bid, the k-th buyer is left out, and k - 1 orders' worth is bought. The source draws the seller who is left out by
lot; energy can be divided, so here the k sellers share k - 1 orders in proportion, which is what the lot gives on average.
Source: E. Segal-Halevi, A. Hassidim, Y. Aumann, SBBA: a strongly-budget-balanced double-auction mechanism, 2016.
"""

from numpy.typing import ArrayLike

from gridbid.market.auctions.depth import Depth, add_up, ask_tick, largest_volume
from gridbid.market.auctions.margin import fill_line, order_at, trade_nothing
from gridbid.market.auctions.orders import AuctionResult, PriceBand, result_of, sealed_orders
from gridbid.market.auctions.records import Outcome, SealedOrders, make_depth, make_outcome
from gridbid.market.kernel import kernel
from gridbid.market.rules import tick_price


@kernel
def clear_sbba(
    orders: SealedOrders, b: int, floor_neur: int, tick_size_neur: int, depth: Depth, outcome: Outcome
) -> None:
    """Clear community b's orders, all of one size, into ``outcome``; ``depth`` (2, n_ticks) is scratch."""
    add_up(orders, b, depth)
    n_ticks = depth.shape[1]
    crossing_wh = largest_volume(depth)
    if crossing_wh == 0:
        trade_nothing(b, outcome)
        return
    buyer, seller = order_at(orders, b, depth, 0, crossing_wh), order_at(orders, b, depth, 1, crossing_wh)
    bid, ask = orders.tick[b, buyer], ask_tick(depth, crossing_wh + 1)
    with_buyer = ask <= bid
    volume_wh = crossing_wh if with_buyer else crossing_wh - orders.quantity_wh[b, buyer]
    if volume_wh == 0:
        trade_nothing(b, outcome)
        return
    price_neur = tick_price(floor_neur, tick_size_neur, min(bid, ask))
    outcome.volume_wh[b] = volume_wh
    outcome.buy_price_neur[b] = outcome.sell_price_neur[b] = price_neur
    fill_line(orders, b, buyer, with_buyer, volume_wh, volume_wh, n_ticks, outcome)
    fill_line(orders, b, seller, True, crossing_wh, volume_wh, n_ticks, outcome)


def sbba(orders: ArrayLike, band: PriceBand) -> AuctionResult:
    """Clear orders of one size, rows of (participant, side, tick, quantity_wh), one a participant, at one truthful price.

    Raises InputError, naming every fault.
    """
    table, turns = sealed_orders(orders, band, one_size=True)
    outcome = make_outcome(1, turns.size)
    clear_sbba(table, 0, band.floor_neur, band.tick_size_neur, make_depth(band.n_ticks), outcome)
    return result_of(outcome, table, turns)
