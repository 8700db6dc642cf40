"""Order books that others publish, each with the few lines that play a flow through it.

None knows rules 3 and 4: where every order has an owner of its own, and no order meets more than 64 others, they trade as ours.
A book gets the events as plain tuples (order, side, tick, Wh), grouped by book, and notes its trades in a list; cancels of orders
that are gone don't reach it.

Left out: limit-order-book, which doesn't tell its fills; nanobook 0.19.2, which never comes back from an order that meets a
cancelled one.
"""

import heapq
import importlib
from collections import deque
from collections.abc import Callable
from datetime import datetime
from operator import methodcaller
from typing import Any, NamedTuple

from gridbid.evaluate.benchmarks.order_flow import Flow
from gridbid.evaluate.benchmarks.yardsticks import importable, installed

Books = list[list[tuple[int, int, int, int]]]
"""Events (order, side, tick, quantity; 0: cancel) by book."""

Trades = list[tuple[int, int, int, int]]
"""Taker, maker, tick, quantity."""

Play = Callable[[Books], Trades]


class PeerBook(NamedTuple):
    """A published book: its name, what pip installs for it, how many events it gets, and how to make its player."""

    name: str
    requirements: tuple[str, ...]
    n_events: int
    load: Callable[[], Play]

    def player(self) -> Play:
        """Its player; raise Unavailable if the book can't be installed."""
        if not self.requirements:
            return self.load()
        with importable(installed(self.requirements)):
            return self.load()


def books_of(flow: Flow, n_events: int) -> Books:
    """The first events of a flow as the players want them."""
    events = [(order, side, tick, wh) for order, _, side, tick, wh, _ in flow.events[:n_events].tolist()]
    return [events[first : first + flow.per_book] for first in range(0, n_events, flow.per_book)]


def _heap_and_dict() -> Play:
    """The standard library: a heap of ticks and a queue each; what is cancelled stays in its queue with 0 Wh."""

    def play(books: Books) -> Trades:
        trades: Trades = []
        for events in books:
            heaps: tuple[list[int], list[int]] = ([], [])
            queues: tuple[dict[int, deque[list[int]]], ...] = ({}, {})
            placed: dict[int, list[int]] = {}
            for order, side, tick, left in events:
                if left == 0:
                    if order in placed:
                        placed[order][1] = 0
                    continue
                heap, levels = heaps[1 - side], queues[1 - side]
                limit = tick if side == 0 else -tick
                while left and heap and heap[0] <= limit:
                    queue = levels[heap[0]]
                    while left and queue:
                        maker = queue[0]
                        quantity = min(left, maker[1])
                        if quantity:
                            trades.append((order, maker[0], abs(heap[0]), quantity))
                            left -= quantity
                            maker[1] -= quantity
                        if not maker[1]:
                            queue.popleft()
                    if not queue:
                        del levels[heapq.heappop(heap)]
                if left:
                    levels = queues[side]
                    key = tick if side else -tick
                    if key not in levels:
                        heapq.heappush(heaps[side], key)
                        levels[key] = deque()
                    placed[order] = [order, left]
                    levels[key].append(placed[order])
        return trades

    return play


def _sorted_queues(
    new_levels: Callable[[], Any], first: Callable[[Any], tuple[int, deque[list[int]]]]
) -> Play:
    """A sorted dictionary of queues, lowest key first; what is cancelled stays in its queue with 0 Wh."""

    def play(books: Books) -> Trades:
        trades: Trades = []
        for events in books:
            sides = (new_levels(), new_levels())
            placed: dict[int, list[int]] = {}
            for order, side, tick, left in events:
                if left == 0:
                    if order in placed:
                        placed[order][1] = 0
                    continue
                levels = sides[1 - side]
                limit = tick if side == 0 else -tick
                while left and levels:
                    key, queue = first(levels)
                    if key > limit:
                        break
                    while left and queue:
                        maker = queue[0]
                        quantity = min(left, maker[1])
                        if quantity:
                            trades.append((order, maker[0], abs(key), quantity))
                            left -= quantity
                            maker[1] -= quantity
                        if not maker[1]:
                            queue.popleft()
                    if not queue:
                        del levels[key]
                if left:
                    levels = sides[side]
                    key = tick if side else -tick
                    if key not in levels:
                        levels[key] = deque()
                    placed[order] = [order, left]
                    levels[key].append(placed[order])
        return trades

    return play


def _sortedcontainers() -> Play:
    return _sorted_queues(importlib.import_module("sortedcontainers").SortedDict, methodcaller("peekitem", 0))


def _order_book() -> Play:
    """order-book is a sorted dictionary in C, without matching."""
    return _sorted_queues(importlib.import_module("order_book").SortedDict, methodcaller("index", 0))


def _lightmatchingengine() -> Play:
    engine = importlib.import_module("lightmatchingengine.lightmatchingengine").LightMatchingEngine

    def play(books: Books) -> Trades:
        trades: Trades = []
        for events in books:
            book = engine()
            names: dict[int, int] = {}
            placed: dict[int, Any] = {}
            for order, side, tick, wh in events:
                if wh == 0:
                    old = placed.pop(order, None)
                    if old is not None and old.leaves_qty:
                        book.cancel_order(old.order_id, "")
                    continue
                new, fills = book.add_order("", tick, wh, side + 1)
                names[new.order_id], placed[order] = order, new
                for fill in fills:
                    if fill.trade_side != side + 1:  # the maker's report; the taker's covers a whole tick
                        trades.append((order, names[fill.order_id], fill.trade_price, fill.trade_qty))
        return trades

    return play


def _pyorderbook() -> Play:
    library = importlib.import_module("pyorderbook")
    makes = (library.bid, library.ask)

    def play(books: Books) -> Trades:
        trades: Trades = []
        for events in books:
            book = library.Book()
            names: dict[Any, int] = {}
            placed: dict[int, Any] = {}
            for order, side, tick, wh in events:
                if wh == 0:
                    old = placed.pop(order, None)
                    if old is not None and old.quantity:
                        book.cancel(old)
                    continue
                new = makes[side]("", tick, wh)
                names[new.id], placed[order] = order, new
                for trade in book.match(new).trades:
                    maker = names[trade.standing_order_id]
                    trades.append((order, maker, int(trade.fill_price), trade.fill_quantity))
        return trades

    return play


def _order_matching() -> Play:
    importlib.import_module("loguru").logger.disable("order_matching")
    engine = importlib.import_module("order_matching.matching_engine").MatchingEngine
    orders = importlib.import_module("order_matching.orders").Orders
    limit_order = importlib.import_module("order_matching.order").LimitOrder
    sides = importlib.import_module("order_matching.enums").Side
    makes = (sides.BUY, sides.SELL)
    now = datetime(2025, 1, 1)

    def play(books: Books) -> Trades:
        trades: Trades = []
        for events in books:
            book = engine()
            placed: dict[int, Any] = {}
            for order, side, tick, wh in events:
                if wh == 0:
                    old = placed.pop(order, None)
                    if old is not None and old.size:
                        book.cancel_order(old.order_id)
                    continue
                new = limit_order(
                    side=makes[side], price=tick, size=wh, timestamp=now, order_id=str(order), trader_id=""
                )
                placed[order] = new
                book.place(orders([new]))
                for trade in book.match(now).trades:
                    trades.append((order, int(trade.book_order_id), int(trade.price), int(trade.size)))
        return trades

    return play


STANDARD_LIBRARY = PeerBook("heapq and dict, standard library", (), 20_000, _heap_and_dict)

PEER_BOOKS = [
    PeerBook("order-book 0.6.1 and deque", ("order-book==0.6.1",), 10_000, _order_book),
    PeerBook("sortedcontainers 2.4.0 and deque", ("sortedcontainers==2.4.0",), 10_000, _sortedcontainers),
    PeerBook(
        "lightmatchingengine 2019.1.4", ("lightmatchingengine==2019.1.4",), 10_000, _lightmatchingengine
    ),
    PeerBook("pyorderbook 0.4.9", ("pyorderbook==0.4.9",), 5_000, _pyorderbook),
    PeerBook(
        "order-matching 0.12.0",
        ("order-matching==0.12.0", "polars", "pandera[polars]"),  # it imports both, and asks for neither
        1_000,
        _order_matching,
    ),
]
