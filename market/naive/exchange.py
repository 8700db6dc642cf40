"""Plain twin of a whole market: rules 1 to 10 for one community, its accounts and its settlement.

This is the executable statement of the rules: the Numba exchange and the contract are checked against it after
every event. All amounts are integers: Wh, nEUR, nEUR/Wh. Time is in seconds; slot s is delivered in
[s * slot_seconds, (s + 1) * slot_seconds) and its gate closes when delivery begins.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gridbid.market.naive.book import NaiveBook
from gridbid.market.records import PlaceResult, Position
from gridbid.market.types import (
    DEFAULT_TICK_SIZE,
    MAX_FILLS,
    N_TICKS,
    Fill,
    OpenOrder,
    Quality,
    Reject,
    Side,
    Terms,
)
from gridbid.market.units import CREDIT_LINE_STEP, MAX_QUANTITY_WH


@dataclass
class SlotMarket:
    """One slot: its terms, envelopes, credit lines, book and positions."""

    terms: Terms
    import_limit_wh: dict[int, int]
    export_limit_wh: dict[int, int]
    credit_line_neur: dict[int, int]
    book: NaiveBook
    positions: dict[int, Position] = field(default_factory=dict)


@dataclass
class NaiveExchange:
    """One community's market; participants are numbered from 1, as their registration tokens are."""

    slot_seconds: int = 900
    tick_size: int = DEFAULT_TICK_SIZE
    n_ticks: int = N_TICKS
    max_fills: int = MAX_FILLS
    now: int = 0
    balances: dict[int, int] = field(default_factory=dict)
    suspended: set[int] = field(default_factory=set)
    slots: dict[int, SlotMarket] = field(default_factory=dict)
    supplier_neur: int = 0
    operator_neur: int = 0

    # --- accounts

    def register(self, participant: int) -> None:
        """Open an account."""
        self.balances.setdefault(participant, 0)

    def deposit(self, participant: int, amount_neur: int) -> None:
        """Add credit to an account."""
        self.balances[participant] += amount_neur

    def withdraw(self, participant: int, amount_neur: int) -> bool:
        """Pay out unlocked credit; False when there is not enough."""
        if amount_neur > self.available(participant):
            return False
        self.balances[participant] -= amount_neur
        return True

    def available(self, participant: int) -> int:
        """Credit that no order and no fill holds."""
        return self.balances[participant] - sum(self.held(slot, participant) for slot in self.slots)

    def held(self, slot: int, participant: int, more_neur: int = 0) -> int:
        """What a slot holds of a participant's own credit, or would with ``more_neur``: what its line doesn't cover."""
        market = self.slots[slot]
        position = market.positions.get(participant, Position())
        lock = position.fill_lock_neur + (position.open_lock_neur if self.gate_open(slot) else 0)
        return max(0, lock + more_neur - market.credit_line_neur.get(participant, 0))

    # --- slots

    def gate_open(self, slot: int) -> bool:
        """Whether a slot's book still takes orders: until its delivery begins."""
        return self.now < slot * self.slot_seconds

    def publish(
        self,
        slot: int,
        terms: Terms,
        import_limit_wh: Mapping[int, int],
        export_limit_wh: Mapping[int, int],
        credit_line_neur: Mapping[int, int] = {},
    ) -> Terms:
        """Open a slot's book under its terms (rule 8); feed-in is lowered so that feed_in + fee <= retail."""
        terms = terms._replace(feed_in=min(terms.feed_in, terms.retail - terms.fee))
        book = NaiveBook(slot, self.n_ticks, self.max_fills)
        lines = {
            participant: line - line % CREDIT_LINE_STEP for participant, line in credit_line_neur.items()
        }
        self.slots[slot] = SlotMarket(terms, dict(import_limit_wh), dict(export_limit_wh), lines, book)
        return terms

    def price(self, slot: int, tick: int) -> int:
        """Price of a tick, nEUR/Wh."""
        return self.slots[slot].terms.floor + tick * self.tick_size

    def position(self, slot: int, participant: int) -> Position:
        """A participant's position in a slot, made when first asked for."""
        return self.slots[slot].positions.setdefault(participant, Position())

    def levels(self, slot: int, side: int) -> list[tuple[int, list[OpenOrder]]]:
        """Occupied ticks of a side, best first, each with its orders, oldest first."""
        return self.slots[slot].book.levels(side)

    def best(self, slot: int) -> tuple[int | None, int | None]:
        """Ticks of the best bid and the best ask; None where nobody bids or asks."""
        bids, asks = self.levels(slot, Side.BUY), self.levels(slot, Side.SELL)
        return bids[0][0] if bids else None, asks[0][0] if asks else None

    # --- orders

    def admission(self, slot: int, participant: int, side: int, tick: int, quantity_wh: int) -> Reject:
        """The first check of rule 6 that an order fails, or NONE."""
        if slot not in self.slots:
            return Reject.NOT_PUBLISHED
        if not self.gate_open(slot):
            return Reject.GATE_CLOSED
        if participant not in self.balances:
            return Reject.NOT_REGISTERED
        if participant in self.suspended:
            return Reject.SUSPENDED
        if self.balances[participant] < 0:
            return Reject.IN_DEBT
        if not 0 < quantity_wh < MAX_QUANTITY_WH:
            return Reject.BAD_QUANTITY
        if not 0 <= tick < self.n_ticks:
            return Reject.BAD_TICK
        position = self.position(slot, participant)
        if side == Side.BUY:
            reach = position.net_wh + position.open_buy_wh + quantity_wh
            limit = self.slots[slot].import_limit_wh.get(participant, 0)
        else:
            reach = -position.net_wh + position.open_sell_wh + quantity_wh
            limit = self.slots[slot].export_limit_wh.get(participant, 0)
        if reach > limit or reach >= MAX_QUANTITY_WH:
            return Reject.ENVELOPE
        lock = quantity_wh * self.unit_lock(slot, side, tick)
        if self.held(slot, participant, lock) - self.held(slot, participant) > self.available(participant):
            return Reject.CREDIT
        return Reject.NONE

    def unit_lock(self, slot: int, side: int, tick: int) -> int:
        """Worst case of one Wh at a tick: what a buyer pays with the fee, what a seller may come to owe."""
        terms = self.slots[slot].terms
        price = self.price(slot, tick)
        return max(0, price + terms.fee) if side == Side.BUY else max(0, terms.price_cap - price)

    def place(
        self, slot: int, participant: int, side: int, tick: int, quantity_wh: int, rest: bool = True
    ) -> PlaceResult:
        """Admit, match and perhaps rest one order."""
        reject = self.admission(slot, participant, side, tick, quantity_wh)
        if reject != Reject.NONE:
            return PlaceResult(reject)
        fills, resting_wh, order = self.slots[slot].book.place(participant, side, tick, quantity_wh, rest)
        for fill in fills:
            self._apply(slot, side, fill)
        if resting_wh:
            position = self.position(slot, participant)
            if side == Side.BUY:
                position.open_buy_wh += resting_wh
            else:
                position.open_sell_wh += resting_wh
            position.open_lock_neur += resting_wh * self.unit_lock(slot, side, tick)
        return PlaceResult(Reject.NONE, fills, order, resting_wh)

    def reduce(self, slot: int, participant: int, order: int, by_wh: int) -> bool:
        """Take by_wh off a resting order, which keeps its place (rule 5); all of it cancels. False: not there."""
        if slot not in self.slots or not self.gate_open(slot) or by_wh <= 0:
            return False
        book = self.slots[slot].book
        found = book.find(order)
        if found is None or found[0].participant != participant or by_wh > found[0].quantity_wh:
            return False
        resting, side, tick = found
        resting.quantity_wh -= by_wh
        if resting.quantity_wh == 0:
            book.cancel(order)
        self._release(slot, participant, side, tick, by_wh)
        return True

    def cancel(self, slot: int, participant: int, order: int) -> bool:
        """Cancel a resting order of one's own; False when there is none or the gate has closed."""
        if slot not in self.slots or not self.gate_open(slot):
            return False
        found = self.slots[slot].book.find(order)
        if found is None:
            return False
        return self.reduce(slot, participant, order, found[0].quantity_wh)

    def _apply(self, slot: int, taker_side: int, fill: Fill) -> None:
        price = self.price(slot, fill.tick)
        buyer, seller = (fill.taker, fill.maker) if taker_side == Side.BUY else (fill.maker, fill.taker)
        for participant, side in ((buyer, Side.BUY), (seller, Side.SELL)):
            position = self.position(slot, participant)
            if side == Side.BUY:
                position.bought_wh += fill.quantity_wh
                position.paid_neur += fill.quantity_wh * price
            else:
                position.sold_wh += fill.quantity_wh
                position.received_neur += fill.quantity_wh * price
            position.fill_lock_neur += fill.quantity_wh * self.unit_lock(slot, side, fill.tick)
        maker_side = Side.SELL if taker_side == Side.BUY else Side.BUY
        self._release(slot, fill.maker, maker_side, fill.tick, fill.quantity_wh)

    def _release(self, slot: int, participant: int, side: int, tick: int, quantity_wh: int) -> None:
        position = self.position(slot, participant)
        if side == Side.BUY:
            position.open_buy_wh -= quantity_wh
        else:
            position.open_sell_wh -= quantity_wh
        position.open_lock_neur -= quantity_wh * self.unit_lock(slot, side, tick)

    # --- settlement

    def settle(self, slot: int, participant: int, reading_wh: int, quality: Quality = Quality.METERED) -> int:
        """Settle one participant's slot by its reading (rule 9); return the change of its balance, nEUR.

        Nobody waits for anybody: each reading settles alone. Another reading of the same quality, or of a higher one,
        settles the difference; one of a lower quality, or from before the slot's end, is refused.
        """
        if self.now < (slot + 1) * self.slot_seconds:
            raise ValueError(f"slot {slot} has not ended")
        position = self.position(slot, participant)
        if quality < position.quality:
            raise ValueError(f"participant {participant} is settled in slot {slot}, by a better reading")
        terms = self.slots[slot].terms
        imbalance = reading_wh - position.net_wh
        shortage, surplus = max(0, imbalance), max(0, -imbalance)
        supplier = shortage * terms.retail - surplus * terms.feed_in
        fee = position.bought_wh * terms.fee
        cash = position.received_neur - position.paid_neur - fee - supplier
        change = cash - position.settled_cash_neur
        if position.reading_wh is None:
            self.operator_neur += fee
            self.supplier_neur += supplier
        else:
            self.supplier_neur -= change
        self.balances[participant] += change
        position.settled_cash_neur = cash
        position.reading_wh, position.quality = reading_wh, quality
        position.fill_lock_neur = 0
        return change
