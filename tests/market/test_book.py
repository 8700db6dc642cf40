"""The book on Numba against its plain twin, after every event, and against the rules read off the listing before it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridbid.market.book import (
    NO_ORDER,
    Book,
    Fills,
    best_level,
    clear,
    grow,
    make_book,
    make_fills,
    place,
    remove,
    resting_handles,
    to_level,
)
from gridbid.market.naive.book import NaiveBook
from gridbid.market.types import Fill, order_id

BUY, SELL = 0, 1
TICK_COUNTS = [1, 2, 63, 64, 65, 128, 224, 401, 1_024]
FILL_LIMITS = [1, 2, 3, 64]

Listing = list[tuple[int, list[tuple[int, int, int]]]]
"""Ticks of a side, best first, each with (order id, participant, Wh) of its orders, oldest first."""


@dataclass(frozen=True)
class Place:
    owner: int
    side: int
    tick: int
    quantity_wh: int
    rest: bool = True


@dataclass(frozen=True)
class Cancel:
    pick: int
    """Which of the resting orders, modulo their number."""


Event = Place | Cancel


@dataclass
class Twins:
    """Both books, fed the same events."""

    n_ticks: int
    max_fills: int
    capacity: int
    book: Book = field(init=False)
    fills: Fills = field(init=False)
    naive: NaiveBook = field(init=False)
    orders: dict[int, int] = field(default_factory=dict)
    """Order id by handle, of what was ever placed; ids are unique within a side and tick."""
    n_fills: int = 0

    def __post_init__(self) -> None:
        self.book = make_book(self.capacity, self.n_ticks)
        self.fills = make_fills(self.max_fills)
        self.naive = NaiveBook(0, self.n_ticks, self.max_fills)

    def apply(self, event: Event) -> None:
        if isinstance(event, Place):
            self.place(event)
        else:
            self.cancel(event)
        self.check()

    def place(self, order: Place) -> None:
        before = self.listing(1 - order.side)
        handle = self.book.quantity_wh.tolist().index(0)
        self.fills.count[0] = 0
        resting_wh = place(
            self.book,
            self.fills,
            handle,
            order.owner,
            order.side,
            order.tick,
            order.quantity_wh,
            order.rest,
            self.max_fills,
        )
        expected, expected_resting_wh, name = self.naive.place(
            order.owner, order.side, order.tick, order.quantity_wh, order.rest
        )
        fills = self.read_fills(order.owner)
        assert fills == expected
        assert resting_wh == expected_resting_wh
        if resting_wh:
            self.orders[handle] = name
        self.check_priority(order, before, fills, resting_wh)
        self.n_fills += len(fills)

    def read_fills(self, taker: int) -> list[Fill]:
        count = int(self.fills.count[0])
        handles, ticks, quantities = (array[:count].tolist() for array in self.fills[:3])
        return [
            Fill(self.orders[handle], taker, int(self.book.owner[handle]), tick, quantity_wh)
            for handle, tick, quantity_wh in zip(handles, ticks, quantities, strict=True)
        ]

    def check_priority(self, order: Place, before: Listing, fills: list[Fill], resting_wh: int) -> None:
        """Rules 2 to 5, read off the opposite side as it stood: the queue in order, up to what stops the walk."""
        crosses = (
            (lambda tick: tick <= order.tick) if order.side == BUY else (lambda tick: tick >= order.tick)
        )
        queue = [(tick, *entry) for tick, entries in before if crosses(tick) for entry in entries]
        left = order.quantity_wh
        expected = []
        stopped = False
        for tick, name, maker, quantity_wh in queue:
            if left == 0:
                break
            if maker == order.owner or len(expected) == self.max_fills:
                stopped = True
                break
            quantity = min(left, quantity_wh)
            expected.append(Fill(name, order.owner, maker, tick, quantity))
            left -= quantity
        assert fills == expected
        assert resting_wh == (left if order.rest and not stopped else 0)

    def cancel(self, cancel: Cancel) -> None:
        resting = [
            (side, tick, h)
            for side in (BUY, SELL)
            for tick, hs in resting_handles(self.book, side)
            for h in hs
        ]
        if not resting:
            return
        side, tick, handle = resting[cancel.pick % len(resting)]
        remove(self.book, handle)
        # By its own queue: ids of ticks above 255 repeat those of other queues.
        queue = self.naive.queues[side, tick]
        (gone,) = (order for order in queue if order.order == self.orders[handle])
        queue.remove(gone)

    def listing(self, side: int) -> Listing:
        owner, quantity_wh = self.book.owner.tolist(), self.book.quantity_wh.tolist()
        return [
            (tick, [(self.orders[h], owner[h], quantity_wh[h]) for h in handles])
            for tick, handles in resting_handles(self.book, side)
        ]

    def naive_listing(self, side: int) -> Listing:
        queues = {tick: queue for (s, tick), queue in self.naive.queues.items() if s == side and queue}
        return [
            (tick, [(o.order, o.participant, o.quantity_wh) for o in queues[tick]])
            for tick in sorted(queues, reverse=side == BUY)
        ]

    def check(self) -> None:
        bids, asks = (self.check_side(side) for side in (BUY, SELL))
        assert sum(len(orders) for _, orders in bids + asks) == np.count_nonzero(self.book.quantity_wh)
        assert not bids or not asks or bids[0][0] < asks[0][0]

    def check_side(self, side: int) -> Listing:
        """The twin's listing, the best level at hand, queues linked both ways on ticks that there are."""
        listing = self.listing(side)
        assert listing == self.naive_listing(side)
        assert best_level(self.book, side) == (self.level(side, listing[0][0]) if listing else -1)
        for tick, handles in resting_handles(self.book, side):
            assert 0 <= tick < self.n_ticks
            assert self.book.tail[side * self.n_ticks + self.level(side, tick)] == handles[-1]
            assert [self.book.previous[h] for h in handles] == [NO_ORDER, *handles[:-1]]
        return listing

    def level(self, side: int, tick: int) -> int:
        return tick if side == BUY else self.n_ticks - 1 - tick


def places(n_ticks: int, owners: int, ticks: st.SearchStrategy[int]) -> st.SearchStrategy[Place]:
    return st.builds(
        Place, st.integers(1, owners), st.sampled_from([BUY, SELL]), ticks, st.integers(1, 5), st.booleans()
    )


@st.composite
def streams(draw: st.DrawFn) -> tuple[int, int, list[Event]]:
    """A number of ticks, a fill limit, and events: over the band, at its edges, or tied on two ticks."""
    n_ticks = draw(st.sampled_from(TICK_COUNTS))
    middle = n_ticks // 2
    ticks = draw(
        st.sampled_from(
            [
                st.integers(0, n_ticks - 1),
                st.sampled_from([0, n_ticks - 1]),
                st.integers(max(0, middle - 1), min(n_ticks - 1, middle + 1)),
                st.sampled_from([tick for tick in (0, 63, 64, 127, 128, 255, 256, 1_023) if tick < n_ticks]),
            ]
        )
    )
    orders = places(n_ticks, draw(st.integers(1, 5)), ticks)
    events = st.one_of(orders, orders, orders, st.builds(Cancel, st.integers(0, 99)))
    return n_ticks, draw(st.sampled_from(FILL_LIMITS)), draw(st.lists(events, max_size=60))


@settings(max_examples=300, deadline=None)
@given(streams())
def test_book_is_its_twin_after_every_event(stream: tuple[int, int, list[Event]]) -> None:
    n_ticks, max_fills, events = stream
    twins = Twins(n_ticks, max_fills, capacity=len(events) + 1)
    for event in events:
        twins.apply(event)


def random_events(n_events: int, n_ticks: int, seed: int) -> Iterator[Event]:
    """Flow about a middle price that wanders over the whole band; a tenth are cancels."""
    draw = random.Random(seed)
    middle = n_ticks // 2
    for _ in range(n_events):
        middle = min(max(middle + draw.choice((-1, 0, 1)), 0), n_ticks - 1)
        if draw.random() < 0.1:
            yield Cancel(draw.randrange(1_000))
            continue
        side = draw.choice((BUY, SELL))
        edge = draw.choice((-3, -2, -1, 0, 1, 2))
        tick = min(max(middle + (edge if side == BUY else -edge), 0), n_ticks - 1)
        yield Place(draw.randint(1, 20), side, tick, draw.randint(1, 9), draw.random() < 0.7)


def replay(n_events: int, n_ticks: int, max_fills: int, seed: int) -> Twins:
    twins = Twins(n_ticks, max_fills, capacity=128)
    for event in random_events(n_events, n_ticks, seed):
        twins.apply(event)
        if sum(len(queue) for queue in twins.naive.queues.values()) > 60:
            for _ in range(40):  # a deep book makes the twin slow; the cancels are events too
                twins.apply(Cancel(seed))
    return twins


def test_book_is_its_twin_over_50_000_random_events() -> None:
    assert replay(50_000, 224, 64, 1).n_fills > 10_000


@pytest.mark.parametrize("n_ticks", TICK_COUNTS)
def test_book_of_any_size_is_its_twin_over_random_events(n_ticks: int) -> None:
    assert replay(1_000, n_ticks, 64, n_ticks).n_fills > 100


@pytest.mark.parametrize(("max_fills", "seed"), [(1, 2), (2, 3), (3, 4)])
def test_book_of_another_fill_limit_is_its_twin_over_random_events(max_fills: int, seed: int) -> None:
    assert replay(2_000, 224, max_fills, seed).n_fills > 250


@pytest.mark.slow
def test_book_is_its_twin_over_a_million_random_events() -> None:
    assert replay(1_000_000, 224, 64, 5).n_fills > 100_000


@pytest.mark.slow
@pytest.mark.parametrize("n_ticks", [n_ticks for n_ticks in TICK_COUNTS if n_ticks != 224])
def test_book_of_any_size_is_its_twin_over_50_000_random_events(n_ticks: int) -> None:
    assert replay(50_000, n_ticks, 64, n_ticks).n_fills > 5_000


def run(events: list[Event], n_ticks: int = 224, max_fills: int = 64) -> Twins:
    twins = Twins(n_ticks, max_fills, capacity=len(events) + 1)
    for event in events:
        twins.apply(event)
    return twins


def test_best_price_then_oldest_order_fills_at_the_resting_price() -> None:
    twins = run([Place(1, SELL, 12, 5), Place(2, SELL, 10, 5), Place(3, SELL, 10, 5), Place(4, BUY, 15, 12)])
    assert twins.read_fills(4) == [
        Fill(order_id(0, SELL, 10, 0), 4, 2, 10, 5),
        Fill(order_id(0, SELL, 10, 1), 4, 3, 10, 5),
        Fill(order_id(0, SELL, 12, 0), 4, 1, 12, 2),
    ]
    assert twins.listing(SELL) == [(12, [(order_id(0, SELL, 12, 0), 1, 3)])]
    assert twins.listing(BUY) == []


def test_self_trade_cancels_the_remainder_and_nothing_else() -> None:
    twins = run([Place(2, BUY, 9, 3), Place(1, BUY, 8, 4), Place(1, SELL, 8, 10)])
    assert twins.n_fills == 1
    assert twins.listing(BUY) == [(8, [(order_id(0, BUY, 8, 0), 1, 4)])]
    assert twins.listing(SELL) == []


@pytest.mark.parametrize(("third_tick", "rests_wh"), [(10, 0), (11, 3)])
def test_remainder_past_the_fill_limit_rests_only_if_nothing_more_matches(
    third_tick: int, rests_wh: int
) -> None:
    events = [
        Place(1, SELL, 10, 1),
        Place(2, SELL, 10, 1),
        Place(3, SELL, third_tick, 1),
        Place(4, BUY, 10, 5),
    ]
    twins = run(events, max_fills=2)
    assert twins.n_fills == 2
    assert sum(wh for _, orders in twins.listing(BUY) for _, _, wh in orders) == rests_wh


def test_immediate_or_cancel_never_rests() -> None:
    twins = run([Place(1, SELL, 10, 2), Place(2, BUY, 10, 5, rest=False)])
    assert twins.n_fills == 1
    assert twins.listing(BUY) == twins.listing(SELL) == []


@pytest.mark.parametrize("n_ticks", TICK_COUNTS)
def test_level_is_the_tick_for_buys_and_its_mirror_for_sells(n_ticks: int) -> None:
    book = make_book(1, n_ticks)
    for tick in {0, n_ticks // 2, n_ticks - 1}:
        assert to_level(book, BUY, tick) == tick
        assert to_level(book, SELL, tick) == n_ticks - 1 - tick
        assert to_level(book, SELL, to_level(book, SELL, tick)) == tick


def test_cleared_book_is_empty_and_as_good_as_new() -> None:
    twins = run([Place(1, BUY, 0, 5), Place(2, BUY, 223, 5), Place(1, BUY, 223, 5)])
    clear(twins.book)
    assert best_level(twins.book, BUY) == best_level(twins.book, SELL) == -1
    assert not twins.book.quantity_wh.any()
    twins.naive, twins.orders = NaiveBook(0), {}
    for event in [Place(3, SELL, 223, 2), Place(4, BUY, 223, 3), Place(5, SELL, 0, 9)]:
        twins.apply(event)
    assert twins.n_fills == 2


def test_grown_book_keeps_its_orders_and_leaves_the_old_one_alone() -> None:
    twins = run([Place(1, BUY, 7, 5), Place(2, BUY, 7, 6), Place(3, SELL, 9, 4)])
    old, before = twins.book, twins.listing(BUY)
    twins.book, twins.capacity = grow(old, 10), 10
    twins.check()
    twins.apply(Place(4, SELL, 7, 20))
    assert int(old.quantity_wh.sum()) == 15
    assert before != twins.listing(BUY)


def test_zeroed_arrays_are_the_empty_book() -> None:
    """A batch of books is allocated as zeros, and emptied by zeroing quantities and bits."""
    twins = run([Place(1, BUY, 0, 5), Place(2, SELL, 200, 5), Place(1, SELL, 223, 5)])
    twins.book.quantity_wh[:] = 0
    twins.book.bits[:] = 0
    assert best_level(twins.book, BUY) == best_level(twins.book, SELL) == -1
    twins.naive, twins.orders = NaiveBook(0), {}
    for event in [Place(3, SELL, 200, 2), Place(4, BUY, 223, 3), Place(5, SELL, 0, 9)]:
        twins.apply(event)
    assert twins.n_fills == 2


@pytest.mark.parametrize(("capacity", "index_type"), [(1 << 15, np.int16), ((1 << 15) + 1, np.int32)])
def test_handles_and_levels_up_to_the_last_one_work(capacity: int, index_type: type) -> None:
    """Indices are two bytes wide where that is enough, four where it isn't; n_ticks is as large as the capacity here."""
    book, fills, last = make_book(capacity, capacity), make_fills(8), capacity - 1
    assert {array.dtype.type for array in (book.next, book.previous, book.head, book.tail)} == {index_type}
    assert book.level.dtype == index_type
    place(book, fills, last, 1, BUY, last, 5, True, 64)
    place(book, fills, 0, 2, BUY, last, 5, True, 64)
    place(book, fills, 1, 3, SELL, 0, 5, True, 64)
    place(book, fills, 2, 3, SELL, last, 6, True, 64)
    assert fills.maker_order[: fills.count[0]].tolist() == [last, 0]
    assert fills.tick[: fills.count[0]].tolist() == [last, last]
    assert resting_handles(book, BUY) == []
    assert resting_handles(book, SELL) == [(last, [2])]


def test_book_keeps_its_orders_when_it_outgrows_its_indices() -> None:
    """Doubling past 2^15 orders changes the type of the indices."""
    book, fills = make_book(1 << 15), make_fills(8)
    for handle, tick in ((0, 7), ((1 << 15) - 1, 7), (5, 9)):
        place(book, fills, handle, handle, BUY, tick, 4, True, 64)
    grown = grow(book, 1 << 16)
    assert grown.next.dtype == np.int32
    place(grown, fills, (1 << 16) - 1, 1, BUY, 7, 4, True, 64)
    assert resting_handles(grown, BUY) == [(9, [5]), (7, [0, (1 << 15) - 1, (1 << 16) - 1])]
