"""What is seen of the market beside the state: books and events, the engine's own or as a bot reads them from a ledger."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.signals.response_view import ResponseView, make_response_view
from gridbid.market.book import Book, best_level, to_level
from gridbid.market.community import Community
from gridbid.market.kernel import allocating_kernel, kernel
from gridbid.market.rules import tick_price
from gridbid.market.state import NO_PRICE, State
from gridbid.market.tariff import feed_in_price
from gridbid.market.trading import book_of


class MarketView(NamedTuple):
    """Books as somebody sees them: quotes in nEUR/Wh (B,) (NO_PRICE: none), depths in Wh (B,), own orders in Wh (B, N).

    ``age_slots`` (B,): how old the view is; an environment's is fresh, a bot's may not be. ``response``: events and baselines.
    """

    best_bid: NDArray[np.int64]
    best_ask: NDArray[np.int64]
    bid_depth_wh: NDArray[np.int64]
    ask_depth_wh: NDArray[np.int64]
    open_wh: NDArray[np.int64]
    age_slots: NDArray[np.float64]
    response: ResponseView


def make_view(batch: int, n_participants: int) -> MarketView:
    """A view of empty books, without a programme of demand response."""
    return MarketView(
        best_bid=np.full(batch, NO_PRICE, np.int64),
        best_ask=np.full(batch, NO_PRICE, np.int64),
        bid_depth_wh=np.zeros(batch, np.int64),
        ask_depth_wh=np.zeros(batch, np.int64),
        open_wh=np.zeros((batch, n_participants), np.int64),
        age_slots=np.zeros(batch),
        response=make_response_view(batch, n_participants),
    )


@allocating_kernel
def view_book(community: Community, state: State, view: MarketView, b: int) -> None:
    """See community b's own book."""
    book, tick_size = book_of(state.books, b), community.rules.tick_size
    floor = feed_in_price(community, state, b, state.clock.slot[b])
    view.best_bid[b], view.bid_depth_wh[b] = _quote(book, 0, floor, tick_size)
    view.best_ask[b], view.ask_depth_wh[b] = _quote(book, 1, floor, tick_size)
    for i in range(view.open_wh.shape[1]):
        view.open_wh[b, i] = book.quantity_wh[i] if book.side[i] == 0 else -book.quantity_wh[i]


@kernel
def _quote(book: Book, side: int, floor: int, tick_size: int) -> tuple[int, int]:
    level = best_level(book, side)
    if level < 0:
        return NO_PRICE, 0
    n_ticks = book.head.size // 2
    depth_wh, order = 0, book.head[side * n_ticks + level]
    while order >= 0:
        depth_wh += book.quantity_wh[order]
        order = book.next[order]
    return tick_price(floor, tick_size, to_level(book, side, level)), depth_wh
