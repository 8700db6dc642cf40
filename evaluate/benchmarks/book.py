"""Speed of the order book: beside the same ladder in C, and beside the books that others publish."""

import logging

import numpy as np
from numpy.typing import NDArray

from gridbid.evaluate.benchmarks.ladder import Ladder
from gridbid.evaluate.benchmarks.measure import Measure, compare
from gridbid.evaluate.benchmarks.order_flow import Flow, Trades, random_flow
from gridbid.evaluate.benchmarks.peer_books import PEER_BOOKS, STANDARD_LIBRARY, Books, PeerBook, books_of
from gridbid.evaluate.benchmarks.yardsticks import Unavailable
from gridbid.market.book import Book, Fills, clear, make_book, make_fills, place, remove
from gridbid.market.kernel import kernel
from gridbid.market.types import MAX_FILLS, N_TICKS

N_EVENTS = 200_000
"""A shorter stream is partly learned by heart by the processor, which flatters whoever plays it."""

REPEATS = 5
"""Our plays in a block of time."""

LADDER_REACH, PEER_REACH = 0.95, 50.0

_log = logging.getLogger(__name__)


def book_measures() -> list[Measure]:
    """All measures of the book; a yardstick that can't be had is named in a warning and left out."""
    measures: list[Measure] = []
    try:
        measures += [measure_beside_ladder(per_book) for per_book in (10, 100, 1_000, 10_000)]
    except Unavailable as missing:
        _log.warning("left out: %s", missing)
    measures += measure_beside_peer(STANDARD_LIBRARY, reach=None)
    for peer in PEER_BOOKS:
        try:
            measures += measure_beside_peer(peer, PEER_REACH)
        except Unavailable as missing:
            _log.warning("left out: %s", missing)
    return measures


class OurBook:
    """Our book with a flow to play, and room for the fills."""

    def __init__(self, flow: Flow, max_fills: int = MAX_FILLS) -> None:
        self.flow = flow
        self._max_fills = max_fills
        self._book = make_book(flow.per_book, N_TICKS)
        # Every fill uses up an order, the maker or the taker.
        self._fills = make_fills(2 * len(flow.events))
        self._ends = np.zeros(len(flow.events), np.int32)

    def play(self) -> int:
        """Play the whole flow; return its number of events."""
        self._fills.count[0] = 0
        _play(self._book, self._fills, self.flow.events, self.flow.per_book, self._max_fills, self._ends)
        return len(self.flow.events)

    def trades(self, n_events: int | None = None) -> Trades:
        """What the last play traded in its first ``n_events``, or in all of them."""
        ends = self._ends[:n_events]
        maker, tick, quantity_wh = (array[: ends[-1]] for array in self._fills[:3])
        taker = np.repeat(self.flow.events[:n_events, 0], np.diff(ends, prepend=0))
        return Trades(taker, maker, tick, quantity_wh)


@kernel
def _play(
    book: Book,
    fills: Fills,
    events: NDArray[np.int32],
    per_book: int,
    max_fills: int,
    ends: NDArray[np.int32],
) -> None:
    """Play the events of a flow; ``ends`` tells how many fills there were after each."""
    due = 0
    for n in range(np.uint64(len(events))):
        if due == 0:
            clear(book)
            due = per_book
        due -= 1
        order, owner, side, tick, quantity_wh, rest = events[n]
        if quantity_wh > 0:
            place(book, fills, order, owner, side, tick, quantity_wh, rest != 0, max_fills)
        elif book.quantity_wh[np.uint64(order)] > 0:
            remove(book, order)
        ends[n] = fills.count[0]


def measure_beside_ladder(per_book: int) -> Measure:
    """Random flow beside the C ladder, fill for fill the same."""
    flow = random_flow(per_book, N_EVENTS, n_owners=max(per_book, 20))
    ours, ladder = OurBook(flow), Ladder(flow)
    ours.play(), ladder.play()
    require_same_trades("the C ladder", ours.trades(), ladder.trades())

    def play_ours() -> float:
        return sum(ours.play() for _ in range(REPEATS))

    def play_ladder() -> float:
        return sum(ladder.play() for _ in range(REPEATS))

    name = f"order book, {per_book} events a book (beside a C ladder)"
    return compare(name, "ns/event", play_ours, play_ladder, LADDER_REACH)


def measure_beside_peer(peer: PeerBook, reach: float | None) -> list[Measure]:
    """Random flow beside a published book, which gets the beginning of it; fill for fill the same so far."""
    play_peer = peer.player()
    measures = []
    for per_book in (10, 100, 1_000):
        flow = random_flow(per_book, N_EVENTS)
        ours, books = OurBook(flow), books_of(flow, peer.n_events)
        ours.play()
        theirs = Trades(*np.array(play_peer(books)).reshape(-1, 4).T)
        require_same_trades(peer.name, ours.trades(peer.n_events), theirs)

        def play_ours(ours: OurBook = ours) -> float:
            return sum(ours.play() for _ in range(REPEATS))

        def yardstick(books: Books = books) -> float:
            play_peer(books)
            return peer.n_events

        name = f"order book, {per_book} events a book (beside {peer.name})"
        measures.append(compare(name, "ns/event", play_ours, yardstick, reach))
    return measures


def require_same_trades(name: str, ours: Trades, theirs: Trades) -> None:
    """Raise RuntimeError unless every fill is the same."""
    if not all(np.array_equal(mine, other) for mine, other in zip(ours, theirs, strict=True)):
        raise RuntimeError(f"{name} trades otherwise than our book: a comparison of speed would mean nothing")
