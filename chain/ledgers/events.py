"""What happened on a ledger, in the order in which it happened; every backend tells it in the same words."""

from dataclasses import dataclass

from gridbid.chain.ledgers.conditions import UNSTATED, Conditions
from gridbid.market.types import Terms


@dataclass(frozen=True)
class Event:
    """Something that happened in a slot."""

    slot: int


@dataclass(frozen=True)
class Published(Event):
    """The slot's book was opened under these terms, feed-in lowered where it had to be."""

    terms: Terms
    conditions: Conditions = UNSTATED


@dataclass(frozen=True)
class Placed(Event):
    """An order, or what was left of it, came to rest."""

    order: int
    participant: int
    quantity_wh: int


@dataclass(frozen=True)
class Traded(Event):
    """A taker's order met a resting one, at the latter's tick."""

    maker_order: int
    maker: int
    taker: int
    tick: int
    quantity_wh: int


@dataclass(frozen=True)
class AuctionTraded(Event):
    """The closing auction matched two sealed orders, at its one price."""

    buyer: int
    seller: int
    tick: int
    quantity_wh: int


@dataclass(frozen=True)
class Reduced(Event):
    """A resting order lost `by_wh` and kept its place."""

    order: int
    participant: int
    by_wh: int
    left_wh: int


@dataclass(frozen=True)
class Cancelled(Event):
    """A resting order was cancelled."""

    order: int
    participant: int
    quantity_wh: int


@dataclass(frozen=True)
class Settled(Event):
    """A participant's slot was settled, or a substituted reading corrected; its balance changed by that."""

    participant: int
    reading_wh: int
    substituted: bool
    change_neur: int
