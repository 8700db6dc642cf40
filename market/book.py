"""The order book on Numba: a continuous double auction for one slot, rules 1 to 5.

Layout: an order is a handle 0..capacity-1 into flat arrays; a tick's queue is a doubly linked list; occupied ticks
are bits. The sell side is mirrored (level = n_ticks - 1 - tick), so that on both sides the best level is the highest
set bit and one code path serves buys and sells. Indices are unsigned: signed ones cost a wraparound check each.
"""

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba.core import types as nbtypes
from numba.extending import intrinsic
from numpy.typing import NDArray

from gridbid.market.kernel import kernel
from gridbid.market.types import N_TICKS

NO_ORDER = -1


class Book(NamedTuple):
    """State of a book for ``capacity`` orders and ``n_ticks`` price levels.

    - ``quantity_wh``, ``owner``, ``side``, ``level``, ``next``, ``previous``: int64 (capacity,), by order handle;
      quantity 0 marks a handle that doesn't rest, NO_ORDER ends a queue.
    - ``head``, ``tail``: int64 (2 * n_ticks,), oldest and newest handle of a level; valid only where its bit is set.
    - ``bits``: uint64 (2 * words,), occupied levels of the buy side, then of the sell side.
    """

    quantity_wh: NDArray[np.int64]
    owner: NDArray[np.int64]
    side: NDArray[np.int64]
    level: NDArray[np.int64]
    next: NDArray[np.int64]
    previous: NDArray[np.int64]
    head: NDArray[np.int64]
    tail: NDArray[np.int64]
    bits: NDArray[np.uint64]


class Fills(NamedTuple):
    """Where a book writes its fills: int64 (capacity,) each, and how many there are (1,)."""

    maker_order: NDArray[np.int64]
    tick: NDArray[np.int64]
    quantity_wh: NDArray[np.int64]
    count: NDArray[np.int64]  # type: ignore[assignment]  # hides tuple.count, which means nothing here


def make_book(capacity: int, n_ticks: int = N_TICKS) -> Book:
    """An empty book."""
    words = (n_ticks + 63) // 64
    return Book(
        quantity_wh=np.zeros(capacity, np.int64),
        owner=np.zeros(capacity, np.int64),
        side=np.zeros(capacity, np.int64),
        level=np.zeros(capacity, np.int64),
        next=np.zeros(capacity, np.int64),
        previous=np.zeros(capacity, np.int64),
        head=np.zeros(2 * n_ticks, np.int64),
        tail=np.zeros(2 * n_ticks, np.int64),
        bits=np.zeros(2 * words, np.uint64),
    )


def grow(book: Book, capacity: int) -> Book:
    """A copy of a book with room for more orders; handles keep their meaning."""
    grown = make_book(capacity, book.head.size // 2)
    for old, new in zip(book, grown, strict=True):
        new[: old.size] = old
    return grown


def make_fills(capacity: int) -> Fills:
    """Room for ``capacity`` fills: ``max_fills`` for each order that is placed before ``count`` is set back."""
    return Fills(
        maker_order=np.zeros(capacity, np.int64),
        tick=np.zeros(capacity, np.int64),
        quantity_wh=np.zeros(capacity, np.int64),
        count=np.zeros(1, np.int64),
    )


@intrinsic
def count_leading_zeros(typing_context: Any, value: Any) -> Any:
    """Leading zero bits (int64) of a uint64 that isn't zero, in one instruction."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return nbtypes.int64(nbtypes.uint64), generate


@kernel
def clear(book: Book) -> None:
    """Empty the book: no level is occupied, no handle rests; links are left as they are, for nothing reads them."""
    book.bits[:] = np.uint64(0)
    book.quantity_wh[:] = 0


@kernel
def best_level(book: Book, side: int) -> int:
    """Highest occupied level of a side, or -1."""
    words = book.bits.size // 2
    for word in range(words - 1, -1, -1):
        bits = book.bits[np.uint64(side * words + word)]
        if bits != np.uint64(0):
            return word * 64 + 63 - count_leading_zeros(bits)
    return -1


@kernel
def to_level(book: Book, side: int, tick: int) -> int:
    """Level of a tick: the better the price, the higher the level. Its own inverse."""
    return tick if side == 0 else book.head.size // 2 - 1 - tick


@kernel
def _append(book: Book, order: int, side: int, level: int) -> None:
    """Join the end of a level's queue."""
    n_ticks, words = book.head.size // 2, book.bits.size // 2
    place = np.uint64(side * n_ticks + level)
    word = np.uint64(side * words + (level >> 6))
    bit = np.uint64(1) << np.uint64(level & 63)
    book.next[np.uint64(order)] = NO_ORDER
    if book.bits[word] & bit:
        last = book.tail[place]
        book.next[np.uint64(last)] = order
        book.previous[np.uint64(order)] = last
    else:
        book.bits[word] |= bit
        book.head[place] = order
        book.previous[np.uint64(order)] = NO_ORDER
    book.tail[place] = order


@kernel
def remove(book: Book, order: int) -> None:
    """Take a resting order out of its queue. The handle must rest: a free one would break a queue."""
    n_ticks, words = book.head.size // 2, book.bits.size // 2
    handle = np.uint64(order)
    side, level = book.side[handle], book.level[handle]
    before, after = book.previous[handle], book.next[handle]
    place = np.uint64(side * n_ticks + level)
    if before >= 0:
        book.next[np.uint64(before)] = after
    else:
        book.head[place] = after
    if after >= 0:
        book.previous[np.uint64(after)] = before
    else:
        book.tail[place] = before
    if before < 0 and after < 0:
        word = np.uint64(side * words + (level >> 6))
        book.bits[word] &= ~(np.uint64(1) << np.uint64(level & 63))
    book.quantity_wh[handle] = 0


@kernel
def place(
    book: Book,
    fills: Fills,
    order: int,
    owner: int,
    side: int,
    tick: int,
    quantity_wh: int,
    rest: bool,
    max_fills: int,
) -> int:
    """Match an admitted order under a free handle and let the rest join its tick; return what rests, in Wh.

    The fills are appended to ``fills``, which must have room for ``max_fills`` more, best price and oldest order
    first, at the resting orders' ticks. A maker that is filled whole has quantity 0 afterwards: its handle is free.
    """
    opposite = 1 - side
    n_ticks = book.head.size // 2
    worst_level = to_level(book, opposite, tick)
    left, n_fills = quantity_wh, 0
    while left > 0:
        level = best_level(book, opposite)
        if level < worst_level:
            break
        maker = book.head[np.uint64(opposite * n_ticks + level)]
        handle = np.uint64(maker)
        if book.owner[handle] == owner or n_fills == max_fills:
            left = 0  # rules 3 and 4: the remainder is cancelled
            break
        quantity = min(left, book.quantity_wh[handle])
        record = np.uint64(fills.count[0])
        fills.maker_order[record] = maker
        fills.tick[record] = to_level(book, opposite, level)
        fills.quantity_wh[record] = quantity
        fills.count[0] += 1
        n_fills += 1
        left -= quantity
        if quantity == book.quantity_wh[handle]:
            remove(book, maker)
        else:
            book.quantity_wh[handle] -= quantity
    if left == 0 or not rest:
        return 0
    handle = np.uint64(order)
    level = to_level(book, side, tick)
    book.quantity_wh[handle] = left
    book.owner[handle] = owner
    book.side[handle] = side
    book.level[handle] = level
    _append(book, order, side, level)
    return left


def resting_handles(book: Book, side: int) -> list[tuple[int, list[int]]]:
    """Occupied ticks of a side, best first, each with its orders' handles, oldest first. Plain Python: for listings."""
    return [
        (to_level(book, side, level), _queue(book, side, level)) for level in _occupied_levels(book, side)
    ]


def _occupied_levels(book: Book, side: int) -> list[int]:
    words = book.bits.size // 2
    octets = book.bits[side * words : (side + 1) * words].astype("<u8").view(np.uint8)
    ascending: list[int] = np.flatnonzero(np.unpackbits(octets, bitorder="little")).tolist()
    return ascending[::-1]


def _queue(book: Book, side: int, level: int) -> list[int]:
    handles = []
    handle = int(book.head[side * (book.head.size // 2) + level])
    while handle != NO_ORDER:
        handles.append(handle)
        handle = int(book.next[handle])
    return handles
