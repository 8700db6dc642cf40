"""A ledger on the core's own book: the dry run, with no chain at all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gridbid.chain.errors import ledger_error
from gridbid.chain.ledgers.conditions import PPM, UNSTATED, Conditions
from gridbid.chain.ledgers.events import Cancelled, Event, Placed, Published, Reduced, Settled, Traded
from gridbid.chain.ledgers.ledger import EventPage, OrderRequest, Quote
from gridbid.market.exchange import Exchange
from gridbid.market.records import PlaceResult, Position
from gridbid.market.types import DEFAULT_TICK_SIZE, OpenOrder, Quality, Side, Terms
from gridbid.market.units import MAX_QUANTITY_WH


class MemoryLedger:
    """A Ledger; ``deadline_seconds`` after a slot's end a missing reading may be substituted."""

    def __init__(
        self,
        slot_seconds: int = 900,
        tick_size: int = DEFAULT_TICK_SIZE,
        deadline_seconds: int = 3_600,
        now: int = 0,
    ) -> None:
        self._supplier_paid_in_neur = 0
        self.exchange = Exchange(slot_seconds=slot_seconds, tick_size=tick_size, now=now)
        self.deadline_seconds = deadline_seconds
        self._readings: dict[tuple[int, int], dict[Quality, int]] = {}
        """Wh by quality, by participant and slot."""
        self._events: list[Event] = []

    @property
    def slot_seconds(self) -> int:
        """Length of a slot, seconds."""
        return self.exchange.slot_seconds

    @property
    def tick_size(self) -> int:
        """Price step, nEUR/Wh."""
        return self.exchange.tick_size

    def now(self) -> int:
        """Time of the ledger, seconds."""
        return self.exchange.now

    def advance_to(self, seconds: int) -> None:
        """Set the clock, never back."""
        self.exchange.now = seconds

    # --- participants

    def register(self) -> int:
        """Admit one participant more; return its number, from 1."""
        participant = len(self.exchange.balances) + 1
        self.exchange.register(participant)
        return participant

    def suspend(self, participant: int) -> None:
        """Keep a participant from placing orders."""
        self._require_account(participant)
        self.exchange.suspended.add(participant)

    def reinstate(self, participant: int) -> None:
        """Let a suspended participant trade again."""
        self._require_account(participant)
        self.exchange.suspended.discard(participant)

    def deposit(self, participant: int, amount_neur: int) -> None:
        """Pay into a participant's account."""
        self._require_account(participant)
        _require_amount(amount_neur)
        self.exchange.deposit(participant, amount_neur)

    def withdraw(self, participant: int, amount_neur: int) -> bool:
        """Pay unlocked credit out; False when there is not enough."""
        self._require_account(participant)
        _require_amount(amount_neur)
        return self.exchange.withdraw(participant, amount_neur)

    def balance(self, participant: int) -> int:
        """A participant's credit; negative: its debt."""
        self._require_account(participant)
        return self.exchange.balances[participant]

    def available(self, participant: int) -> int:
        """Credit that no order and no fill holds."""
        self._require_account(participant)
        return self.exchange.available(participant)

    def deposit_supplier(self, amount_neur: int) -> None:
        """Pay into the supplier's account. Here it may owe, so nothing waits for it."""
        _require_amount(amount_neur)
        self._supplier_paid_in_neur += amount_neur

    def supplier_balance(self) -> int:
        """The supplier's account; negative: what it owes."""
        return self._supplier_paid_in_neur + self.exchange.supplier_neur

    def operator_balance(self) -> int:
        """The operator's account: the fees."""
        return self.exchange.operator_neur

    # --- slots

    def publish(
        self,
        slot: int,
        terms: Terms,
        import_limit_wh: Mapping[int, int],
        export_limit_wh: Mapping[int, int],
        credit_line_neur: Mapping[int, int] = {},
        conditions: Conditions = UNSTATED,
    ) -> Terms:
        """Open a slot's book, with each participant's envelope; return the terms as published."""
        if not self.exchange.gate_open(slot):
            raise ledger_error("GateClosed", f"slot {slot} began at {slot * self.slot_seconds}")
        if slot in self.exchange.slots:
            raise ledger_error("AlreadyPublished", f"slot {slot}")
        for participant in sorted({*import_limit_wh, *export_limit_wh, *credit_line_neur}):
            self._require_account(participant)
        _require_share(conditions.renewable_ppm)
        published = self.exchange.publish(slot, terms, import_limit_wh, export_limit_wh, credit_line_neur)
        self._events.append(Published(slot, published, conditions))
        return published

    def terms(self, slot: int) -> Terms:
        """What is published for a slot. Raises SkipError when nothing is."""
        self._require_published(slot)
        return self.exchange.slots[slot].terms

    def book(self, slot: int, side: Side) -> list[tuple[int, list[OpenOrder]]]:
        """Occupied ticks of a side, best first, each with its orders, oldest first."""
        self._require_published(slot)
        return self.exchange.levels(slot, side)

    def best(self, slot: int) -> tuple[Quote | None, Quote | None]:
        """Best bid and best ask; None where nobody bids or asks."""
        return self._best_of(slot, Side.BUY), self._best_of(slot, Side.SELL)

    def position(self, slot: int, participant: int) -> Position:
        """What a participant has traded and holds open in a slot."""
        self._require_published(slot)
        return replace(self.exchange.position(slot, participant))

    # --- orders

    def place(
        self, slot: int, participant: int, side: Side, tick: int, quantity_wh: int, rest: bool = True
    ) -> PlaceResult:
        """Place an order; the result tells its fills, what rests of it, or why it was not admitted."""
        self._require_account(participant)
        result = self.exchange.place(slot, participant, side, tick, quantity_wh, rest)
        for fill in result.fills:
            self._events.append(
                Traded(slot, fill.maker_order, fill.maker, fill.taker, fill.tick, fill.quantity_wh)
            )
        if result.resting_wh:
            self._events.append(Placed(slot, result.order, participant, result.resting_wh))
        return result

    def place_many(self, participant: int, requests: Sequence[OrderRequest]) -> list[PlaceResult]:
        """Place several orders of one participant, one after the other."""
        return [
            self.place(
                request.slot, participant, request.side, request.tick, request.quantity_wh, request.rest
            )
            for request in requests
        ]

    def cancel(self, slot: int, participant: int, order: int) -> bool:
        """Cancel a resting order of one's own; False when there is none or the gate has closed."""
        resting_wh = self._resting_wh(slot, order)
        if not self.exchange.cancel(slot, participant, order):
            return False
        self._events.append(Cancelled(slot, order, participant, resting_wh))
        return True

    def reduce(self, slot: int, participant: int, order: int, by_wh: int) -> bool:
        """Take by_wh off a resting order of one's own, which keeps its place; False when it can't be."""
        resting_wh = self._resting_wh(slot, order)
        if not self.exchange.reduce(slot, participant, order, by_wh):
            return False
        self._events.append(Reduced(slot, order, participant, by_wh, resting_wh - by_wh))
        return True

    # --- settlement

    def submit_reading(self, slot: int, participant: int, reading_wh: int) -> None:
        """Bring a meter's reading."""
        self._check_reading(slot, participant, reading_wh)
        known = self._readings_of(slot, participant)
        if Quality.METERED in known:
            raise ledger_error("AlreadyRead", f"participant {participant}, slot {slot}")
        known[Quality.METERED] = reading_wh

    def correct_reading(self, slot: int, participant: int, reading_wh: int) -> None:
        """Bring a meter's reading once more, corrected."""
        known = self._readings_of(slot, participant)
        if Quality.METERED not in known:
            raise ledger_error("NothingToCorrect", f"participant {participant}, slot {slot}")
        self._check_reading(slot, participant, reading_wh)
        known[Quality.METERED] = reading_wh

    def substitute_reading(self, slot: int, participant: int, reading_wh: int) -> None:
        """Stand in for a missing reading, after its deadline."""
        self._check_reading(slot, participant, reading_wh, self.deadline_seconds)
        known = self._readings_of(slot, participant)
        if known:
            raise ledger_error("AlreadyRead", f"participant {participant}, slot {slot}")
        known[Quality.SUBSTITUTE] = reading_wh

    def rule_reading(self, slot: int, participant: int, reading_wh: int) -> None:
        """Rule on a reading that the participant disputes, once; that holds, whatever the meter says later."""
        known = self._readings_of(slot, participant)
        if not known:
            raise ledger_error("NothingToChallenge", f"participant {participant}, slot {slot}")
        if Quality.RULED in known:
            raise ledger_error("AlreadyChallenged", f"participant {participant}, slot {slot}")
        self._check_reading(slot, participant, reading_wh)
        known[Quality.RULED] = reading_wh

    def settle(self, slot: int, participant: int) -> int:
        """Settle by the reading there is, or by its difference to the one before; return the change of the balance."""
        self._require_published(slot)
        self._require_account(participant)
        known = self._readings_of(slot, participant)
        quality = max(known, default=Quality.NONE)
        position = self.exchange.position(slot, participant)
        if not known or (quality, known[quality]) == (position.quality, position.reading_wh):
            raise ledger_error("NothingToSettle", f"participant {participant}, slot {slot}")
        change_neur = self.exchange.settle(slot, participant, known[quality], quality)
        substituted = quality == Quality.SUBSTITUTE
        self._events.append(Settled(slot, participant, known[quality], substituted, change_neur))
        return change_neur

    def events(self, cursor: int = 0) -> EventPage:
        """What has happened since a cursor; 0 is the beginning."""
        return EventPage(self._events[cursor:], len(self._events))

    def _readings_of(self, slot: int, participant: int) -> dict[Quality, int]:
        """What has been brought, to which more may be added."""
        self._require_account(participant)
        return self._readings.setdefault((participant, slot), {})

    def _check_reading(self, slot: int, participant: int, reading_wh: int, delay_seconds: int = 0) -> None:
        """Refuse what the oracle refuses."""
        self._require_account(participant)
        first = (slot + 1) * self.slot_seconds + delay_seconds
        if self.now() < first:
            raise ledger_error("TooEarly", f"slot {slot}: not before {first}")
        if not -MAX_QUANTITY_WH < reading_wh < MAX_QUANTITY_WH:
            raise ledger_error(
                "ReadingOutOfRange", f"{reading_wh} Wh; it must be within +-{MAX_QUANTITY_WH - 1}"
            )

    def _best_of(self, slot: int, side: Side) -> Quote | None:
        levels = self.book(slot, side)
        if not levels:
            return None
        tick, orders = levels[0]
        return Quote(tick, sum(order.quantity_wh for order in orders))

    def _resting_wh(self, slot: int, order: int) -> int:
        if slot not in self.exchange.slots:
            return 0
        resting = self.exchange.slots[slot].find(order)
        return 0 if resting is None else resting.quantity_wh

    def _require_account(self, participant: int) -> None:
        if participant not in self.exchange.balances:
            raise ledger_error("UnknownParticipant", f"{participant}")

    def _require_published(self, slot: int) -> None:
        if slot not in self.exchange.slots:
            raise ledger_error("NotPublished", f"slot {slot}")


def _require_share(renewable_ppm: int) -> None:
    if not 0 <= renewable_ppm <= PPM:
        raise ledger_error("BadConditions", f"renewable_ppm is {renewable_ppm}; it must be within 0 to {PPM}")


def _require_amount(amount_neur: int) -> None:
    if amount_neur < 0:
        raise ledger_error("BadArgument", f"amount_neur is {amount_neur}; it must not be negative")
