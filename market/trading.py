"""A round of trading: a community's orders, in the order in which they arrive, through its book."""

from gridbid.market import book as double_auction
from gridbid.market.book import Book
from gridbid.market.community import Community
from gridbid.market.kernel import allocating_kernel, kernel
from gridbid.market.presence import is_present
from gridbid.market.randomness import arrival_order
from gridbid.market.rules import check_order, envelope_room_wh, tick_price
from gridbid.market.scratch import Scratch
from gridbid.market.state import FillLog, SlotBooks, State
from gridbid.market.tariff import feed_in_price
from gridbid.market.types import Reject

_NO_LIMIT = 1 << 62
_NONE, _NOT_REGISTERED = int(Reject.NONE), int(Reject.NOT_REGISTERED)


@allocating_kernel
def book_of(books: Book, b: int) -> Book:
    """Community b's book: views into the batch's arrays."""
    return Book(
        books.quantity_wh[b],
        books.owner[b],
        books.side[b],
        books.level[b],
        books.next[b],
        books.previous[b],
        books.head[b],
        books.tail[b],
        books.bits[b],
    )


@kernel
def enter_fill(
    trading: SlotBooks, b: int, taker: int, maker: int, taker_side: int, quantity_wh: int, price: int
) -> None:
    """Enter one fill in both positions; energy cash only, the fee is settled with the slot."""
    buyer = taker if taker_side == 0 else maker
    seller = maker if taker_side == 0 else taker
    trading.bought_wh[b, buyer] += quantity_wh
    trading.paid_neur[b, buyer] += quantity_wh * price
    trading.sold_wh[b, seller] += quantity_wh
    trading.received_neur[b, seller] += quantity_wh * price


@kernel
def log_fill(log: FillLog, b: int, taker: int, maker: int, tick: int, quantity_wh: int) -> None:
    """Write one fill to the round's log."""
    n = log.fills[b]
    log.taker[b, n] = taker
    log.maker[b, n] = maker
    log.tick[b, n] = tick
    log.quantity_wh[b, n] = quantity_wh
    log.fills[b] = n + 1


@kernel
def keeps_its_place(book: Book, order: int, side: int, tick: int, quantity_wh: int) -> bool:
    """Whether a new order is the resting one, reduced (rule 5): then it is changed where it stands."""
    level = double_auction.to_level(book, side, tick)
    resting_wh = book.quantity_wh[order]
    return book.side[order] == side and book.level[order] == level and 0 < quantity_wh <= resting_wh


@kernel
def begin_round(state: State, b: int) -> None:
    """Set back what community b's last round reported: its fills, and what was rejected."""
    state.fills.fills[b] = 0
    state.orders.rejected[b, :] = _NONE


@kernel
def trade_round(community: Community, state: State, scratch: Scratch, book: Book, seed: int, b: int) -> None:
    """Process the orders of a round that has begun, in community b's book, in the order of their arrival (rule 11)."""
    slot = state.clock.slot[b]
    floor = feed_in_price(community, state, b, slot)
    arrival_order(seed, state.clock.identity[b], slot, state.clock.round[b], scratch.arrivals)
    for i in scratch.arrivals:
        process_order(community, state, scratch, book, floor, b, i)


@kernel
def process_order(
    community: Community, state: State, scratch: Scratch, book: Book, floor: int, b: int, i: int
) -> None:
    """Process participant i's order in community b's book (rules 1 to 6); one of 0 Wh cancels.

    ``floor`` is the book's, nEUR/Wh. The fills join the round's log."""
    rules, trading, orders, fills = community.rules, state.trading, state.orders, scratch.fills
    side, tick, quantity_wh = orders.side[b, i], orders.tick[b, i], orders.quantity_wh[b, i]
    orders.rejected[b, i] = _NONE
    if book.quantity_wh[i] > 0:
        if keeps_its_place(book, i, side, tick, quantity_wh):
            book.quantity_wh[i] = quantity_wh
            return
        double_auction.remove(book, i)
    if quantity_wh == 0:
        return
    if not is_present(community.series.present, state.clock.slot[b], i):
        orders.rejected[b, i] = _NOT_REGISTERED
        return
    position_wh = trading.bought_wh[b, i] - trading.sold_wh[b, i]
    reach_wh = community.sites.import_limit_wh[i] if side == 0 else community.sites.export_limit_wh[i]
    room_wh = envelope_room_wh(side, position_wh, 0, reach_wh)
    reject = check_order(tick, rules.n_ticks, quantity_wh, room_wh, 0, _NO_LIMIT)
    if reject != _NONE:
        orders.rejected[b, i] = reject
        return
    fills.count[0] = 0
    double_auction.place(book, fills, i, i, side, tick, quantity_wh, True, rules.max_fills)
    for f in range(fills.count[0]):
        price = tick_price(floor, rules.tick_size, fills.tick[f])
        enter_fill(trading, b, i, fills.maker_order[f], side, fills.quantity_wh[f], price)
        log_fill(state.fills, b, i, fills.maker_order[f], fills.tick[f], fills.quantity_wh[f])
        state.last_price[b] = price
