"""McAfee's double auction, for orders of one size: truthful, and at most the least valuable trade is lost.

k pairs of orders cross. The price p0 is the middle of the first rejected bid and the first rejected ask, rounded down. If
the k-th bid and the k-th ask both accept it, all k pairs trade at p0. Else, or where a side has no rejected order, the k-th
pair is left out and sets the prices: the other buyers pay the k-th bid and the other sellers get the k-th ask.
Source: R. P. McAfee, A dominant strategy double auction, Journal of Economic Theory 56(2), 1992.
"""

from numpy.typing import ArrayLike

from gridbid.market.auctions.depth import Depth, add_up, ask_tick, bid_tick, largest_volume
from gridbid.market.auctions.margin import fill_line, order_at, trade_nothing
from gridbid.market.auctions.orders import AuctionResult, PriceBand, result_of, sealed_orders
from gridbid.market.auctions.records import Outcome, SealedOrders, make_depth, make_outcome
from gridbid.market.auctions.rounding import midpoint_down
from gridbid.market.auctions.trade_reduction import reduce_trade
from gridbid.market.kernel import kernel
from gridbid.market.rules import tick_price


@kernel
def clear_mcafee(
    orders: SealedOrders, b: int, floor_neur: int, tick_size_neur: int, depth: Depth, outcome: Outcome
) -> None:
    """Clear community b's orders, all of one size, into ``outcome``; ``depth`` (2, n_ticks) is scratch."""
    add_up(orders, b, depth)
    n_ticks = depth.shape[1]
    volume_wh = largest_volume(depth)
    if volume_wh == 0:
        trade_nothing(b, outcome)
        return
    buyer, seller = order_at(orders, b, depth, 0, volume_wh), order_at(orders, b, depth, 1, volume_wh)
    bid, ask = bid_tick(depth, volume_wh + 1), ask_tick(depth, volume_wh + 1)
    if bid >= 0 and ask < n_ticks:
        price_neur = midpoint_down(
            tick_price(floor_neur, tick_size_neur, bid), tick_price(floor_neur, tick_size_neur, ask)
        )
        most_neur = tick_price(floor_neur, tick_size_neur, orders.tick[b, buyer])
        least_neur = tick_price(floor_neur, tick_size_neur, orders.tick[b, seller])
        if least_neur <= price_neur <= most_neur:
            outcome.volume_wh[b] = volume_wh
            outcome.buy_price_neur[b] = outcome.sell_price_neur[b] = price_neur
            fill_line(orders, b, buyer, True, volume_wh, volume_wh, n_ticks, outcome)
            fill_line(orders, b, seller, True, volume_wh, volume_wh, n_ticks, outcome)
            return
    reduce_trade(orders, b, buyer, seller, floor_neur, tick_size_neur, n_ticks, outcome)


def mcafee(orders: ArrayLike, band: PriceBand) -> AuctionResult:
    """Clear orders of one size, rows of (participant, side, tick, quantity_wh), one a participant, by McAfee's auction.

    Raises InputError, naming every fault. ``surplus_neur`` of the result goes to the operator.
    """
    table, turns = sealed_orders(orders, band, one_size=True)
    outcome = make_outcome(1, turns.size)
    clear_mcafee(table, 0, band.floor_neur, band.tick_size_neur, make_depth(band.n_ticks), outcome)
    return result_of(outcome, table, turns)
