"""One community's market on the Numba kernels: accounts, admission and settlement (rules 6 to 9).

The face of a dry run. Energy is in Wh, prices are in nEUR/Wh, cash is in nEUR as Python integers, time is in seconds;
slot s is delivered in [s * slot_seconds, (s + 1) * slot_seconds) and its gate closes when delivery begins.
A call that is wrong in itself (an unknown slot or account, a negative amount) raises ValueError and changes nothing;
an order that the rules refuse comes back with its reason.
"""

from collections.abc import Mapping
from operator import index

from gridbid.market.position_settlement import settle_position
from gridbid.market.records import PlaceResult, Position
from gridbid.market.rules import allowed_feed_in, check_order, envelope_room_wh
from gridbid.market.slot_market import SlotMarket
from gridbid.market.types import (
    DEFAULT_TICK_SIZE,
    MAX_FILLS,
    N_TICKS,
    OpenOrder,
    Quality,
    Reject,
    Side,
    Terms,
)
from gridbid.market.units import MAX_CREDIT_LINE_NEUR, MAX_PRICE, MAX_QUANTITY_WH
from gridbid.market.validation_faults import Faults, Range

MAX_N_TICKS = 256
"""An order id has 8 bits for the tick."""

_AT_LEAST_1 = Range(1)
_PRICE = Range(-MAX_PRICE, MAX_PRICE)
_CREDIT_LINE = Range(0, MAX_CREDIT_LINE_NEUR)
INT64 = range(-(1 << 63), 1 << 63)


def _to_int64(value: int) -> int:
    """The nearest value that a kernel takes; no check of rule 6 tells the two apart."""
    return max(INT64[0], min(index(value), INT64[-1]))


def _check_lines(credit_line_neur: Mapping[int, int]) -> None:
    faults = Faults()
    for participant, line_neur in credit_line_neur.items():
        faults.check_integer(f"participant {participant}'s credit line", line_neur, _CREDIT_LINE)
    faults.raise_any("these credit lines can't be published (nEUR)")


class Exchange:
    """One community's market; participants are numbered from 1, as their registration tokens are.

    ``balances`` (nEUR by participant), ``suspended``, ``slots``, ``supplier_neur`` and ``operator_neur`` may be read;
    ``suspended`` may be changed.
    """

    def __init__(
        self,
        slot_seconds: int = 900,
        tick_size: int = DEFAULT_TICK_SIZE,
        n_ticks: int = N_TICKS,
        max_fills: int = MAX_FILLS,
        now: int = 0,
    ) -> None:
        """``tick_size`` is in nEUR/Wh; ``now`` is the time at the start."""
        faults = Faults()
        faults.check_integer("slot_seconds", slot_seconds, _AT_LEAST_1)
        faults.check_integer("tick_size", tick_size, _AT_LEAST_1)
        faults.check_integer("max_fills", max_fills, _AT_LEAST_1)
        faults.check_integer("n_ticks", n_ticks, Range(1, MAX_N_TICKS))
        faults.raise_any("no exchange can be opened")
        self.slot_seconds = slot_seconds
        self.tick_size = tick_size
        self.n_ticks = n_ticks
        self.max_fills = max_fills
        self.balances: dict[int, int] = {}
        self.suspended: set[int] = set()
        self.slots: dict[int, SlotMarket] = {}
        self.supplier_neur = 0
        self.operator_neur = 0
        self._now = now
        self._unsettled: dict[int, dict[int, Position]] = {}
        """By participant and slot: the positions that may still hold credit."""

    # --- time

    @property
    def now(self) -> int:
        """Time in seconds; it may be set, never back, since what a gate has released stays released."""
        return self._now

    @now.setter
    def now(self, seconds: int) -> None:
        if seconds < self._now:
            raise ValueError(f"now is set to {seconds}; it must not be before {self._now}")
        self._now = seconds

    def gate_open(self, slot: int) -> bool:
        """Whether a slot's book still takes orders: until its delivery begins."""
        return self._now < slot * self.slot_seconds

    # --- accounts

    def register(self, participant: int) -> None:
        """Open an account, if there is none yet."""
        if not 1 <= participant <= INT64[-1]:
            raise ValueError(f"participant is {participant}; participants are numbered from 1")
        self.balances.setdefault(participant, 0)

    def deposit(self, participant: int, amount_neur: int) -> None:
        """Add credit to an account."""
        self._check_transfer(participant, amount_neur)
        self.balances[participant] += index(amount_neur)

    def withdraw(self, participant: int, amount_neur: int) -> bool:
        """Pay out unlocked credit; False when there is not enough."""
        self._check_transfer(participant, amount_neur)
        if amount_neur > self.available(participant):
            return False
        self.balances[participant] -= index(amount_neur)
        return True

    def available(self, participant: int) -> int:
        """Credit that no order and no fill holds, nEUR; orders hold until the gate, fills until settlement."""
        self._check_account(participant)
        unsettled = self._unsettled.get(participant, {})
        held_neur = sum(max(0, self._beyond_line(slot, participant)) for slot in unsettled)
        return self.balances[participant] - held_neur

    def _beyond_line(self, slot: int, participant: int) -> int:
        """What orders and fills of a slot hold beyond the participant's credit line, nEUR; below 0: what it leaves."""
        market = self.slots[slot]
        position = market.positions[participant]
        lock_neur = position.fill_lock_neur + (position.open_lock_neur if self.gate_open(slot) else 0)
        return lock_neur - market.credit_line_neur.get(participant, 0)

    def _check_account(self, participant: int) -> None:
        if participant not in self.balances:
            raise ValueError(f"participant {participant} is not registered")

    def _check_transfer(self, participant: int, amount_neur: int) -> None:
        self._check_account(participant)
        if amount_neur < 0:
            raise ValueError(f"amount_neur is {amount_neur}; it must not be negative")

    # --- slots

    def publish(
        self,
        slot: int,
        terms: Terms,
        import_limit_wh: Mapping[int, int],
        export_limit_wh: Mapping[int, int],
        credit_line_neur: Mapping[int, int] = {},
    ) -> Terms:
        """Open a slot's book under its terms (rule 8), once; return them, feed-in lowered to retail - fee at most.

        ``credit_line_neur``, rounded down to whole CREDIT_LINE_STEP, is how much of a participant's worst case in
        this slot the supplier answers for.
        """
        if slot in self.slots:
            raise ValueError(f"slot {slot} is published already; its terms can't change")
        self._check_prices(terms)
        _check_lines(credit_line_neur)
        terms = terms._replace(feed_in=allowed_feed_in(terms.retail, terms.feed_in, terms.fee))
        self.slots[slot] = SlotMarket(
            slot,
            terms,
            import_limit_wh,
            export_limit_wh,
            credit_line_neur,
            tick_size=self.tick_size,
            n_ticks=self.n_ticks,
            max_fills=self.max_fills,
        )
        return terms

    def _check_prices(self, terms: Terms) -> None:
        faults = Faults()
        for name, price in terms._asdict().items():
            faults.check_integer(name, price, _PRICE)
        ceiling = terms.floor + (self.n_ticks - 1) * self.tick_size
        faults.check_integer("the highest tick's price", ceiling, _PRICE)
        if terms.price_cap < terms.retail:
            faults.add(
                "price_cap", terms.price_cap, f"at least retail, {terms.retail}: what a shortage costs"
            )
        faults.raise_any("these terms can't be published (nEUR/Wh)")

    def price(self, slot: int, tick: int) -> int:
        """Price of a tick, nEUR/Wh."""
        return self._market(slot).price(tick)

    def unit_lock(self, slot: int, side: int, tick: int) -> int:
        """Worst case of one Wh at a tick: what a buyer pays with the fee, what a seller may come to owe."""
        return self._market(slot).unit_lock(int(Side(side)), tick)

    def levels(self, slot: int, side: int) -> list[tuple[int, list[OpenOrder]]]:
        """Occupied ticks of a side, best first, each with its orders, oldest first."""
        return self._market(slot).levels(int(Side(side)))

    def best(self, slot: int) -> tuple[int | None, int | None]:
        """Ticks of the best bid and the best ask; None where nobody bids or asks."""
        market = self._market(slot)
        return market.best_tick(int(Side.BUY)), market.best_tick(int(Side.SELL))

    def position(self, slot: int, participant: int) -> Position:
        """A participant's position in a slot, made when first asked for."""
        positions = self._market(slot).positions
        if participant not in positions:
            positions[participant] = Position()
            self._unsettled.setdefault(participant, {})[slot] = positions[participant]
        return positions[participant]

    def _market(self, slot: int) -> SlotMarket:
        if slot not in self.slots:
            raise ValueError(f"slot {slot} is not published")
        return self.slots[slot]

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
        return self._check_order(slot, participant, int(Side(side)), _to_int64(tick), _to_int64(quantity_wh))

    def _check_order(self, slot: int, participant: int, side: int, tick: int, quantity_wh: int) -> Reject:
        """Rule 6's checks on the order itself: its quantity, tick, envelope and credit."""
        market = self.slots[slot]
        position = self.position(slot, participant)
        if side == Side.BUY:
            limit_wh, open_wh = market.import_limit_wh.get(participant, 0), position.open_buy_wh
        else:
            limit_wh, open_wh = market.export_limit_wh.get(participant, 0), position.open_sell_wh
        room_wh = envelope_room_wh(side, position.net_wh, open_wh, _to_int64(limit_wh))
        lock_neur = market.unit_lock(side, tick)
        available_neur = self.available(participant)
        if available_neur >= 0:
            available_neur += max(0, -self._beyond_line(market.slot, participant))
        return Reject(
            check_order(tick, self.n_ticks, quantity_wh, room_wh, lock_neur, _to_int64(available_neur))
        )

    def place(
        self, slot: int, participant: int, side: int, tick: int, quantity_wh: int, rest: bool = True
    ) -> PlaceResult:
        """Admit, match and perhaps rest one order."""
        reject = self.admission(slot, participant, side, tick, quantity_wh)
        if reject != Reject.NONE:
            return PlaceResult(reject)
        return self.slots[slot].place(participant, int(side), index(tick), index(quantity_wh), bool(rest))

    def reduce(self, slot: int, participant: int, order: int, by_wh: int) -> bool:
        """Take by_wh off a resting order, which keeps its place (rule 5); all of it cancels. False: not there."""
        resting = self._own_order(slot, participant, order)
        if resting is None or not 0 < by_wh <= resting.quantity_wh:
            return False
        self.slots[slot].reduce(order, index(by_wh))
        return True

    def cancel(self, slot: int, participant: int, order: int) -> bool:
        """Cancel a resting order of one's own; False when there is none or the gate has closed."""
        resting = self._own_order(slot, participant, order)
        if resting is None:
            return False
        self.slots[slot].reduce(order, resting.quantity_wh)
        return True

    def _own_order(self, slot: int, participant: int, order: int) -> OpenOrder | None:
        """A participant's own order that rests in a slot whose gate is open, or None."""
        if slot not in self.slots or not self.gate_open(slot):
            return None
        resting = self.slots[slot].find(order)
        return resting if resting is not None and resting.participant == participant else None

    # --- settlement

    def settle(self, slot: int, participant: int, reading_wh: int, quality: Quality = Quality.METERED) -> int:
        """Settle one participant's slot by its reading (rule 9); return the change of its balance, nEUR.

        Nobody waits for anybody: each reading settles alone. Another reading of the same quality, or of a higher one,
        settles the difference, so that the same again changes nothing. One of a lower quality, of none, or from
        before the slot's end raises ValueError.
        """
        self._check_reading(slot, participant, reading_wh, quality)
        position = self.position(slot, participant)
        settlement = settle_position(position, self.slots[slot].terms, index(reading_wh), Quality(quality))
        self.balances[participant] += settlement.change_neur
        self.operator_neur += settlement.fee_neur
        self.supplier_neur += settlement.imbalance_neur
        self._unsettled[participant].pop(slot, None)
        return settlement.change_neur

    def _check_reading(self, slot: int, participant: int, reading_wh: int, quality: int) -> None:
        positions = self._market(slot).positions
        self._check_account(participant)
        if self._now < (slot + 1) * self.slot_seconds:
            raise ValueError(f"slot {slot} has not ended")
        if not -MAX_QUANTITY_WH < reading_wh < MAX_QUANTITY_WH:
            raise ValueError(f"reading_wh is {reading_wh}; it must be within +-{MAX_QUANTITY_WH - 1}")
        if quality not in (Quality.SUBSTITUTE, Quality.METERED, Quality.RULED):
            raise ValueError(f"quality is {quality}; a reading is a substitute, metered or ruled")
        if participant in positions and quality < positions[participant].quality:
            settled_by = positions[participant].quality.name
            raise ValueError(
                f"participant {participant} is settled in slot {slot}, by a {settled_by} reading"
            )
