"""The Ledger: what a bot needs of a market, whatever executes it.

Backends: ``memory_ledger`` (the core's own book: a dry run), ``embedded_ledger`` (the contracts, on an EVM within
the process) and ``contract_ledger`` (the contracts, on any node). Energy is in Wh, prices are in nEUR/Wh, cash is in
nEUR, time is in seconds; slot s is delivered from s * slot_seconds on, when its gate closes.

An order that the rules refuse comes back with its reason. Other refusals are errors of ``gridbid.chain.errors``,
sorted by what the caller should do next.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from gridbid.chain.ledgers.conditions import UNSTATED, Conditions
from gridbid.chain.ledgers.events import Event
from gridbid.market.records import PlaceResult, Position
from gridbid.market.types import OpenOrder, Side, Terms


class OrderRequest(NamedTuple):
    """An order to be placed; what doesn't match at once rests, or is cancelled."""

    slot: int
    side: Side
    tick: int
    quantity_wh: int
    rest: bool = True


class Quote(NamedTuple):
    """The best tick of a side, and what rests there."""

    tick: int
    quantity_wh: int


class EventPage(NamedTuple):
    """Events since a cursor, and the cursor from which to ask next."""

    events: list[Event]
    cursor: int


class Ledger(Protocol):
    """A market with its accounts and its clock."""

    @property
    def slot_seconds(self) -> int:
        """Length of a slot, seconds."""
        ...

    @property
    def tick_size(self) -> int:
        """Price step, nEUR/Wh."""
        ...

    def now(self) -> int:
        """Time of the ledger, seconds."""
        ...

    def advance_to(self, seconds: int) -> None:
        """Let it be that time: set the clock where it can be set, wait where it can't."""
        ...

    # --- participants

    def register(self) -> int:
        """Admit one participant more; return its number, from 1."""
        ...

    def suspend(self, participant: int) -> None:
        """Keep a participant from placing orders."""
        ...

    def reinstate(self, participant: int) -> None:
        """Let a suspended participant trade again."""
        ...

    def deposit(self, participant: int, amount_neur: int) -> None:
        """Pay into a participant's account."""
        ...

    def withdraw(self, participant: int, amount_neur: int) -> bool:
        """Pay unlocked credit out; False when there is not enough."""
        ...

    def balance(self, participant: int) -> int:
        """A participant's credit; negative: its debt."""
        ...

    def available(self, participant: int) -> int:
        """Credit that no order and no fill holds."""
        ...

    def deposit_supplier(self, amount_neur: int) -> None:
        """Pay into the supplier's account: what surpluses earn is paid from it."""
        ...

    def supplier_balance(self) -> int:
        """The supplier's account; negative: what it owes."""
        ...

    def operator_balance(self) -> int:
        """The operator's account: the fees."""
        ...

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
        """Open a slot's book, with each participant's envelope; return the terms, feed-in lowered if need be.

        A credit line, rounded down to whole CREDIT_LINE_STEP, is how much of a participant's worst case in this slot
        the supplier answers for. Raises SkipError when the slot is published already, or its gate has closed.
        """
        ...

    def terms(self, slot: int) -> Terms:
        """What is published for a slot. Raises SkipError when nothing is."""
        ...

    def book(self, slot: int, side: Side) -> list[tuple[int, list[OpenOrder]]]:
        """Occupied ticks of a side, best first, each with its orders, oldest first."""
        ...

    def best(self, slot: int) -> tuple[Quote | None, Quote | None]:
        """Best bid and best ask; None where nobody bids or asks."""
        ...

    def position(self, slot: int, participant: int) -> Position:
        """What a participant has traded and holds open in a slot."""
        ...

    # --- orders

    def place(
        self, slot: int, participant: int, side: Side, tick: int, quantity_wh: int, rest: bool = True
    ) -> PlaceResult:
        """Place an order; the result tells its fills, what rests of it, or why it was not admitted."""
        ...

    def place_many(self, participant: int, requests: Sequence[OrderRequest]) -> list[PlaceResult]:
        """Place several orders of one participant, one after the other."""
        ...

    def cancel(self, slot: int, participant: int, order: int) -> bool:
        """Cancel a resting order of one's own; False when there is none or the gate has closed."""
        ...

    def reduce(self, slot: int, participant: int, order: int, by_wh: int) -> bool:
        """Take by_wh off a resting order of one's own, which keeps its place; False when it can't be."""
        ...

    # --- settlement

    def submit_reading(self, slot: int, participant: int, reading_wh: int) -> None:
        """Bring a meter's reading. Raises RetryError before the slot has ended, SkipError for a second one."""
        ...

    def substitute_reading(self, slot: int, participant: int, reading_wh: int) -> None:
        """Stand in for a missing reading. Raises RetryError before the deadline, SkipError when there is one."""
        ...

    def settle(self, slot: int, participant: int) -> int:
        """Settle by the reading there is, or by its difference to the one before; return the change of the balance.

        Raises SkipError when there is nothing to settle.
        """
        ...

    def events(self, cursor: int = 0) -> EventPage:
        """What has happened since a cursor; 0 is the beginning."""
        ...
