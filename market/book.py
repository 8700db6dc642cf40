"""The order book on Numba: a continuous double auction for one slot, rules 1 to 5.

Layout: an order is a handle 0..capacity-1 into flat arrays; a tick's queue is a doubly linked list; occupied ticks are bits,
and the best one is kept beside them. The sell side is mirrored (level = n_ticks - 1 - tick), so that on both sides the best
level is the highest set bit and one code path serves buys and sells.

Two thirds of an order's time go into branches that the processor guesses wrong (16 ns on random flow, 6 ns when the same 300
events repeat), so the kernels spare branches where that costs nothing; without any, joining and leaving a queue took longer.
Indices are unsigned, since Numba wraps signed ones around with a test each; constants are too, since uint64 with a literal
gives int64. The yardstick is the same ladder in C (evaluate/benchmarks/ladder.c).
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
_NOTHING, _ONE, _WORD_BITS = np.uint64(0), np.uint64(1), np.uint64(64)
_WORD, _BIT = np.uint64(6), np.uint64(63)
"""A level's word is ``level >> _WORD``, its bit in there ``level & _BIT``."""

Indices = NDArray[np.signedinteger[Any]]
"""int16 where that holds every index, else int32: a small book stays in the fastest cache."""


class Book(NamedTuple):
    """State of a book for ``capacity`` orders and ``n_ticks`` price levels; all zeros is the empty book.

    - ``quantity_wh``, ``owner`` (int32), ``side`` (int8), ``level``, ``next``, ``previous`` (Indices): (capacity,), by order
      handle; quantity 0 marks a handle that doesn't rest, NO_ORDER ends a queue.
    - ``head``, ``tail``: Indices (2 * n_ticks,), oldest and newest handle of a level; valid only where its bit is set.
    - ``bits``: uint64 (2 * (1 + words),), for the buy side, then for the sell side: rank of the best level (level + 1;
      0 where there is none), then the occupied levels.

    Quantities stay under 2^30 Wh (rule 6) and owners under 2^31.
    """

    quantity_wh: NDArray[np.int32]
    owner: NDArray[np.int32]
    side: NDArray[np.int8]
    level: Indices
    next: Indices
    previous: Indices
    head: Indices
    tail: Indices
    bits: NDArray[np.uint64]


class Fills(NamedTuple):
    """Where a book writes its fills: int32 (capacity,) each, and how many there are, int64 (1,)."""

    maker_order: NDArray[np.int32]
    tick: NDArray[np.int32]
    quantity_wh: NDArray[np.int32]
    count: NDArray[np.int64]  # type: ignore[assignment]  # hides tuple.count, which means nothing here


def make_book(capacity: int, n_ticks: int = N_TICKS) -> Book:
    """An empty book."""
    handle, level = _index_type(capacity), _index_type(n_ticks)
    words = (n_ticks + 63) // 64
    return Book(
        quantity_wh=np.zeros(capacity, np.int32),
        owner=np.zeros(capacity, np.int32),
        side=np.zeros(capacity, np.int8),
        level=np.zeros(capacity, level),
        next=np.zeros(capacity, handle),
        previous=np.zeros(capacity, handle),
        head=np.zeros(2 * n_ticks, handle),
        tail=np.zeros(2 * n_ticks, handle),
        bits=np.zeros(2 * (1 + words), np.uint64),
    )


def _index_type(size: int) -> type[np.signedinteger[Any]]:
    """Smallest type that holds every index of an array."""
    return np.int16 if size <= 1 << 15 else np.int32


def grow(book: Book, capacity: int) -> Book:
    """A copy of a book with room for more orders; handles keep their meaning."""
    grown = make_book(capacity, book.head.size // 2)
    for field in Book._fields:
        old = getattr(book, field)
        getattr(grown, field)[: old.size] = old
    return grown


def make_fills(capacity: int) -> Fills:
    """Room for ``capacity`` fills: ``max_fills`` for each order that is placed before ``count`` is set back."""
    return Fills(
        maker_order=np.zeros(capacity, np.int32),
        tick=np.zeros(capacity, np.int32),
        quantity_wh=np.zeros(capacity, np.int32),
        count=np.zeros(1, np.int64),
    )


@intrinsic
def count_leading_zeros(typing_context: Any, value: Any) -> Any:
    """Leading zero bits (uint64) of a uint64 that isn't zero, in one instruction."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return nbtypes.uint64(nbtypes.uint64), generate


@kernel
def clear(book: Book) -> None:
    """Empty the book: no level is occupied, no handle rests; links are left as they are, for nothing reads them."""
    book.bits[:] = _NOTHING
    book.quantity_wh[:] = 0


@kernel
def best_level(book: Book, side: int) -> int:
    """Highest occupied level of a side, or -1."""
    return int(np.int64(book.bits[_rank_place(book, side)])) - 1


@kernel
def to_level(book: Book, side: int, tick: int) -> int:
    """Level of a tick: the better the price, the higher the level. Its own inverse."""
    return tick if side == 0 else book.head.size // 2 - 1 - tick


@kernel
def _rank_place(book: Book, side: int) -> np.uint64:
    """Where ``bits`` holds a side's best rank; its words follow. A choice is quicker than a multiplication."""
    return _NOTHING if side == 0 else np.uint64(book.bits.size // 2)


@kernel
def _first_queue(book: Book, side: int) -> np.uint64:
    """Index of a side's level 0 in ``head`` and ``tail``."""
    return _NOTHING if side == 0 else np.uint64(book.head.size // 2)


@kernel
def _vacate(book: Book, ranks: np.uint64, level: np.uint64) -> np.uint64:
    """Clear a level's bit and return what is left of its word; the best rank is left to the caller."""
    word = ranks + _ONE + (level >> _WORD)
    bits = book.bits[word] & ~(_ONE << (level & _BIT))
    book.bits[word] = bits
    return bits


@kernel
def _highest_rank(book: Book, ranks: np.uint64, level: np.uint64, bits: np.uint64) -> np.uint64:
    """Rank of the highest level in ``bits``, which is the word of ``level``, or else below that word; 0 if there is none."""
    word = (level >> _WORD) + _ONE
    while bits == _NOTHING:
        word -= _ONE
        if word == _NOTHING:
            return _NOTHING
        bits = book.bits[ranks + word]
    return word * _WORD_BITS - count_leading_zeros(bits)


@kernel
def _append(book: Book, order: int, side: int, level: int) -> None:
    """Join the end of a level's queue."""
    handle, at, ranks = np.uint64(order), np.uint64(level), _rank_place(book, side)
    queue = _first_queue(book, side) + at
    word, bit = ranks + _ONE + (at >> _WORD), _ONE << (at & _BIT)
    book.side[handle] = side
    book.level[handle] = level
    book.next[handle] = NO_ORDER
    if book.bits[word] & bit:
        last = book.tail[queue]
        book.next[np.uint64(last)] = order
        book.previous[handle] = last
    else:
        book.bits[word] |= bit
        book.bits[ranks] = max(book.bits[ranks], at + _ONE)  # an if would be guessed wrong often
        book.head[queue] = order
        book.previous[handle] = NO_ORDER
    book.tail[queue] = order


@kernel
def remove(book: Book, order: int) -> None:
    """Take a resting order out of its queue. The handle must rest: a free one would break a queue."""
    handle = np.uint64(order)
    side, level = book.side[handle], np.uint64(book.level[handle])
    before, after = book.previous[handle], book.next[handle]
    queue = _first_queue(book, side) + level
    book.quantity_wh[handle] = 0
    if before >= 0:
        book.next[np.uint64(before)] = after
    else:
        book.head[queue] = after
    if after >= 0:
        book.previous[np.uint64(after)] = before
    else:
        book.tail[queue] = before
    if before < 0 and after < 0:
        ranks = _rank_place(book, side)
        bits = _vacate(book, ranks, level)
        if book.bits[ranks] == level + _ONE:
            book.bits[ranks] = _highest_rank(book, ranks, level, bits)


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
    worst_level = np.uint64(to_level(book, opposite, tick))
    ranks, first_queue = _rank_place(book, opposite), _first_queue(book, opposite)
    best_rank = book.bits[ranks]
    record = np.uint64(fills.count[0])
    last_record = record + np.uint64(max_fills)
    left = quantity_wh
    while left > 0 and best_rank > worst_level:
        level = best_rank - _ONE
        maker = book.head[first_queue + level]
        handle = np.uint64(maker)
        if book.owner[handle] == owner or record == last_record:
            left = 0  # rules 3 and 4: the remainder is cancelled
            break
        resting = book.quantity_wh[handle]
        fills.maker_order[record] = maker
        fills.tick[record] = to_level(book, opposite, np.int64(level))
        fills.quantity_wh[record] = min(left, resting)
        record += _ONE
        left -= resting
        if left < 0:  # one test tells whether the maker stays and the order is done
            book.quantity_wh[handle] = -left
            left = 0
            break
        book.quantity_wh[handle] = 0
        after = book.next[handle]
        if after >= 0:
            book.head[first_queue + level] = after
            book.previous[np.uint64(after)] = NO_ORDER
        else:
            best_rank = _highest_rank(book, ranks, level, _vacate(book, ranks, level))
            book.bits[ranks] = best_rank
    fills.count[0] = record
    if left == 0 or not rest:
        return 0
    handle = np.uint64(order)
    book.quantity_wh[handle] = left
    book.owner[handle] = owner
    _append(book, order, side, to_level(book, side, tick))
    return left


def resting_handles(book: Book, side: int) -> list[tuple[int, list[int]]]:
    """Occupied ticks of a side, best first, each with its orders' handles, oldest first. Plain Python: for listings."""
    last = book.head.size // 2 - 1
    return [
        (level if side == 0 else last - level, _queue(book, side, level))
        for level in _occupied_levels(book, side)
    ]


def _occupied_levels(book: Book, side: int) -> list[int]:
    """Best first."""
    stride = book.bits.size // 2
    words = book.bits[side * stride + 1 : (side + 1) * stride]
    octets = words.astype("<u8").view(np.uint8)
    ascending: list[int] = np.flatnonzero(np.unpackbits(octets, bitorder="little")).tolist()
    return ascending[::-1]


def _queue(book: Book, side: int, level: int) -> list[int]:
    handles = []
    handle = int(book.head[side * (book.head.size // 2) + level])
    while handle != NO_ORDER:
        handles.append(handle)
        handle = int(book.next[handle])
    return handles
