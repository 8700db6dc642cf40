"""What the core's player and the twin's share: an exchange, the ring, and what the contracts' widths add to rule 6."""

from abc import ABC, abstractmethod

from gridbid.chain.fuzz.events import PARTICIPANTS, STRANGER, Event, by_participant, terms_of
from gridbid.chain.fuzz.players.player import Outcome, State, error, position_values, told
from gridbid.chain.fuzz.players.ring import Ring
from gridbid.market.exchange import Exchange
from gridbid.market.naive.exchange import NaiveExchange
from gridbid.market.records import PlaceResult
from gridbid.market.types import OpenOrder, Reject, Side
from gridbid.market.units import MAX_QUANTITY_WH

Levels = list[tuple[int, list[OpenOrder]]]


class ExchangePlayer(ABC):
    """Plays a log on an exchange in this process. Readings and settlement are the concrete player's."""

    name: str
    exchange: Exchange | NaiveExchange
    ring: Ring
    tokens_neur: int
    """What was paid in and not paid out: the tokens that the contracts should hold."""

    def open(self, exchange: Exchange | NaiveExchange) -> None:
        """Begin anew on an exchange that has its participants."""
        self.exchange = exchange
        self.tokens_neur = sum(exchange.balances.values()) + exchange.supplier_neur
        self.ring = Ring(
            lambda slot, participant: exchange.position(slot, participant).reading_wh is not None
        )

    def apply(self, event: Event) -> Outcome:
        """Execute one event."""
        return getattr(self, event["kind"])(event)

    def state(self) -> State:
        """Accounts, the tokens behind them, and of each slot in the ring terms, book and positions.

        The supplier of these logs can always pay, so it owes nothing.
        """
        exchange = self.exchange
        state: State = {"supplier and operator": (exchange.supplier_neur, exchange.operator_neur)}
        state["tokens held"] = (self.tokens_neur,)
        state["promised and owed"] = (sum(map(self._promised_neur, self.ring.slots)), 0)
        for participant in PARTICIPANTS:
            state[f"account {participant}"] = (
                exchange.balances[participant],
                exchange.available(participant),
            )
        for slot in self.ring.slots:
            unsettled = len(self.ring.unsettled_seats(slot))
            state[f"slot {slot} terms and unsettled seats"] = (*exchange.slots[slot].terms, unsettled)
            for side in Side:
                levels = exchange.levels(slot, side)
                state[f"slot {slot} {side.name}"] = _orders(levels)
                state[f"slot {slot} best {side.name}"] = _quote(levels)
            for participant in PARTICIPANTS:
                position = exchange.position(slot, participant)
                state[f"slot {slot} position {participant}"] = position_values(position)
        return state

    # --- events

    def advance(self, event: Event) -> Outcome:
        """Set the clock."""
        self.exchange.now = event["to"]

    def publish(self, event: Event) -> Outcome:
        """Open a slot, where the ring has a place for it."""
        slot = event["slot"]
        if not self.exchange.gate_open(slot):
            return error("GateClosed")
        if self.ring.holds(slot):
            return error("AlreadyPublished")
        if self.ring.is_occupied_for(slot):
            return error("RingPlaceOccupied")
        limits = [by_participant(event[name]) for name in ("imports", "exports", "lines")]
        terms = self.exchange.publish(slot, terms_of(event), *limits)
        self.ring.take(slot, {participant for by in limits for participant in by})
        return [list(terms), [self._limits(slot, participant) for participant in PARTICIPANTS]]

    def place(self, event: Event) -> Outcome:
        """Place orders, one after the other."""
        return [told(self._place(event["participant"], *order)) for order in event["orders"]]

    def cancel(self, event: Event) -> Outcome:
        """Cancel orders; tells which did rest."""
        participant = event["participant"]
        return [order for order in event["orders"] if self.exchange.cancel(order >> 48, participant, order)]

    def reduce(self, event: Event) -> Outcome:
        """Reduce an order."""
        order = event["order"]
        return self.exchange.reduce(order >> 48, event["participant"], order, event["by_wh"])

    def deposit(self, event: Event) -> Outcome:
        """Pay in."""
        self.tokens_neur += event["amount_neur"]
        self.exchange.deposit(event["participant"], event["amount_neur"])

    def withdraw(self, event: Event) -> Outcome:
        """Pay out what is free."""
        paid = self.exchange.withdraw(event["participant"], event["amount_neur"])
        self.tokens_neur -= event["amount_neur"] if paid else 0
        return paid

    def suspend(self, event: Event) -> Outcome:
        """Suspend a participant."""
        self.exchange.suspended.add(event["participant"])

    def reinstate(self, event: Event) -> Outcome:
        """Reinstate a participant."""
        self.exchange.suspended.discard(event["participant"])

    @abstractmethod
    def read(self, event: Event) -> Outcome:
        """Bring a metered reading."""

    @abstractmethod
    def correct(self, event: Event) -> Outcome:
        """Bring a metered reading once more."""

    @abstractmethod
    def substitute(self, event: Event) -> Outcome:
        """Bring a substitute."""

    @abstractmethod
    def rule(self, event: Event) -> Outcome:
        """Rule on a reading."""

    @abstractmethod
    def settle(self, event: Event) -> Outcome:
        """Settle by the reading there is."""

    def _promised_neur(self, slot: int) -> int:
        """What the supplier answers for in a slot: the credit lines of its seats that are not settled."""
        lines = self.exchange.slots[slot].credit_line_neur
        return sum(lines.get(participant, 0) for participant in self.ring.unsettled_seats(slot))

    def _limits(self, slot: int, participant: int) -> list[int]:
        """Envelope and credit line as they bind: beyond 2^30 Wh no limit binds differently."""
        market = self.exchange.slots[slot]
        limits_wh = [by.get(participant, 0) for by in (market.import_limit_wh, market.export_limit_wh)]
        binding_wh = [max(1 - MAX_QUANTITY_WH, min(limit, MAX_QUANTITY_WH - 1)) for limit in limits_wh]
        return [*binding_wh, market.credit_line_neur.get(participant, 0)]

    def _place(
        self, participant: int, slot: int, side: int, tick: int, quantity_wh: int, rest: bool
    ) -> PlaceResult:
        if slot in self.exchange.slots and not self.ring.holds(slot):
            remembered = self.ring.remembers_seat(slot, participant)
            return PlaceResult(Reject.GATE_CLOSED if remembered else Reject.NOT_PUBLISHED)
        if self._exceeds_turnover(participant, slot, side, tick, quantity_wh):
            return PlaceResult(Reject.ENVELOPE)
        return self.exchange.place(slot, participant, side, tick, quantity_wh, rest)

    def _exceeds_turnover(self, participant: int, slot: int, side: int, tick: int, quantity_wh: int) -> bool:
        """The contracts' one rule more: what is bought and bid in a slot, or sold and offered, is under 2^30 Wh."""
        if participant == STRANGER or slot not in self.exchange.slots:
            return False
        position = self.exchange.position(slot, participant)
        done_wh = (
            position.bought_wh + position.open_buy_wh
            if side == Side.BUY
            else position.sold_wh + position.open_sell_wh
        )
        if done_wh + quantity_wh < MAX_QUANTITY_WH:
            return False
        reject = self.exchange.admission(slot, participant, side, tick, quantity_wh)
        return reject in (Reject.NONE, Reject.CREDIT)


def _orders(levels: Levels) -> tuple[tuple[int, int, int], ...]:
    """Tick, participant and Wh of each resting order."""
    return tuple((tick, *order) for tick, orders in levels for order in orders)


def _quote(levels: Levels) -> tuple[int, int]:
    """Tick and Wh of the best level; zeros where there is none."""
    return (levels[0][0], sum(order.quantity_wh for order in levels[0][1])) if levels else (0, 0)
