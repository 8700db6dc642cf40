"""One delivery slot of a community on the Numba book: its terms, orders, positions, and what they hold of credit."""

from collections.abc import Mapping

from gridbid.market.book import (
    Book,
    best_level,
    grow,
    make_book,
    make_fills,
    place,
    remove,
    resting_handles,
    to_level,
)
from gridbid.market.records import PlaceResult, Position
from gridbid.market.rules import tick_price, unit_lock
from gridbid.market.types import Fill, OpenOrder, Reject, Side, Terms, order_id
from gridbid.market.units import CREDIT_LINE_STEP

FIRST_CAPACITY = 32
"""Orders that a new book has room for; it doubles when they all rest."""


class SlotMarket:
    """A slot's book and positions. It admits nothing and checks no gate: the exchange does, before it calls.

    Every participant of an order has its entry in ``positions`` before the order is placed.
    """

    def __init__(
        self,
        slot: int,
        terms: Terms,
        import_limit_wh: Mapping[int, int],
        export_limit_wh: Mapping[int, int],
        credit_line_neur: Mapping[int, int],
        *,
        tick_size: int,
        n_ticks: int,
        max_fills: int,
    ) -> None:
        """Envelopes and credit lines are by participant; who is missing has none. Lines are rounded down."""
        self.slot = slot
        self.terms = terms
        self.import_limit_wh = dict(import_limit_wh)
        self.export_limit_wh = dict(export_limit_wh)
        self.credit_line_neur = {
            participant: line_neur - line_neur % CREDIT_LINE_STEP
            for participant, line_neur in credit_line_neur.items()
        }
        self.positions: dict[int, Position] = {}
        self._tick_size = tick_size
        self._max_fills = max_fills
        self._fills = make_fills(max_fills)
        self._book: Book = make_book(FIRST_CAPACITY, n_ticks)
        self._free_handles = list(range(FIRST_CAPACITY))
        self._owners: dict[int, int] = {}
        """What the book calls a participant: its numbers are small, a participant's may be any."""
        self._participants: list[int] = []
        """Participant by owner."""
        self._orders = [0] * FIRST_CAPACITY
        """Order id by handle; it stays after the order is gone, until the handle names another one."""
        self._handles: dict[int, int] = {}
        """Handle by order id, of what rests."""
        self._arrivals: dict[tuple[int, int], int] = {}
        """How many orders have rested so far, by side and tick: the next one's sequence."""

    def price(self, tick: int) -> int:
        """Price of a tick, nEUR/Wh."""
        return tick_price(self.terms.floor, self._tick_size, tick)

    def unit_lock(self, side: int, tick: int) -> int:
        """Worst case of one Wh at a tick, nEUR."""
        return unit_lock(side, self.price(tick), self.terms.fee, self.terms.price_cap)

    def levels(self, side: int) -> list[tuple[int, list[OpenOrder]]]:
        """Occupied ticks of a side, best first, each with its orders, oldest first."""
        return [
            (tick, [self._open_order(handle) for handle in handles])
            for tick, handles in resting_handles(self._book, side)
        ]

    def best_tick(self, side: int) -> int | None:
        """Tick of a side's best resting order, or None."""
        level = best_level(self._book, side)
        return None if level < 0 else to_level(self._book, side, level)

    def find(self, order: int) -> OpenOrder | None:
        """A resting order, or None."""
        handle = self._handles.get(order)
        return None if handle is None else self._open_order(handle)

    def place(self, participant: int, side: int, tick: int, quantity_wh: int, rest: bool) -> PlaceResult:
        """Match an admitted order, book its fills, and let the remainder rest if it may."""
        handle = self._take_handle()
        self._fills.count[0] = 0
        owner = self._owner(participant)
        resting_wh = place(
            self._book, self._fills, handle, owner, side, tick, quantity_wh, rest, self._max_fills
        )
        fills = self._book_fills(participant, side)
        if resting_wh == 0:
            self._free_handles.append(handle)
            return PlaceResult(fills=fills)
        order = self._name(handle, side, tick)
        self._hold_open(participant, side, tick, resting_wh)
        return PlaceResult(Reject.NONE, fills, order, resting_wh)

    def reduce(self, order: int, by_wh: int) -> None:
        """Take ``by_wh``, at most what is left, off a resting order; it keeps its place until nothing is left."""
        handle = self._handles[order]
        participant, quantity_wh = self._open_order(handle)
        side = int(self._book.side[handle])
        tick = to_level(self._book, side, int(self._book.level[handle]))
        if by_wh == quantity_wh:
            remove(self._book, handle)
            self._forget(handle)
        else:
            self._book.quantity_wh[handle] -= by_wh
        self._hold_open(participant, side, tick, -by_wh)

    def _owner(self, participant: int) -> int:
        if participant not in self._owners:
            self._owners[participant] = len(self._participants)
            self._participants.append(participant)
        return self._owners[participant]

    def _open_order(self, handle: int) -> OpenOrder:
        return OpenOrder(self._participants[self._book.owner[handle]], int(self._book.quantity_wh[handle]))

    def _take_handle(self) -> int:
        """A free handle; the book doubles when there is none."""
        if not self._free_handles:
            capacity = len(self._orders)
            self._book = grow(self._book, 2 * capacity)
            self._orders += [0] * capacity
            self._free_handles += range(capacity, 2 * capacity)
        return self._free_handles.pop()

    def _name(self, handle: int, side: int, tick: int) -> int:
        """Give the order that has just come to rest under a handle its id."""
        sequence = self._arrivals.get((side, tick), 0)
        self._arrivals[side, tick] = sequence + 1
        order = order_id(self.slot, side, tick, sequence)
        self._orders[handle] = order
        self._handles[order] = handle
        return order

    def _forget(self, handle: int) -> None:
        """Free the handle of an order that rests no more."""
        del self._handles[self._orders[handle]]
        self._free_handles.append(handle)

    def _book_fills(self, taker: int, taker_side: int) -> list[Fill]:
        """Read the fills that the book has just written, and enter each on both sides."""
        count = int(self._fills.count[0])
        handles, ticks, quantities = (array[:count].tolist() for array in self._fills[:3])
        return [
            self._book_fill(taker, taker_side, handle, tick, quantity_wh)
            for handle, tick, quantity_wh in zip(handles, ticks, quantities, strict=True)
        ]

    def _book_fill(self, taker: int, taker_side: int, handle: int, tick: int, quantity_wh: int) -> Fill:
        maker, left_wh = self._open_order(handle)
        maker_side = 1 - taker_side
        self._trade(taker, taker_side, tick, quantity_wh)
        self._trade(maker, maker_side, tick, quantity_wh)
        self._hold_open(maker, maker_side, tick, -quantity_wh)
        fill = Fill(self._orders[handle], taker, maker, tick, quantity_wh)
        if left_wh == 0:
            self._forget(handle)
        return fill

    def _trade(self, participant: int, side: int, tick: int, quantity_wh: int) -> None:
        """Enter one side of a fill in its position, with its cash and its worst case."""
        position = self.positions[participant]
        if side == Side.BUY:
            position.bought_wh += quantity_wh
            position.paid_neur += quantity_wh * self.price(tick)
        else:
            position.sold_wh += quantity_wh
            position.received_neur += quantity_wh * self.price(tick)
        position.fill_lock_neur += quantity_wh * self.unit_lock(side, tick)

    def _hold_open(self, participant: int, side: int, tick: int, quantity_wh: int) -> None:
        """Add to what a participant holds open on a side, or release it (negative)."""
        position = self.positions[participant]
        if side == Side.BUY:
            position.open_buy_wh += quantity_wh
        else:
            position.open_sell_wh += quantity_wh
        position.open_lock_neur += quantity_wh * self.unit_lock(side, tick)
