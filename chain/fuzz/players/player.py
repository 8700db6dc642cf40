"""What the three players have in common."""

from typing import Any, Protocol

from gridbid.chain.fuzz.events import Event
from gridbid.market.records import PlaceResult, Position
from gridbid.market.types import Reject

Outcome = Any
"""What an event led to, as JSON data: an order's fills, whether an order was cancelled, a balance's change, ..."""

State = dict[str, tuple[Any, ...]]
"""All that can be seen of a market, by name of the part."""

POSITION_FIELDS = (
    "bought_wh",
    "sold_wh",
    "paid_neur",
    "received_neur",
    "open_buy_wh",
    "open_sell_wh",
    "fill_lock_neur",
    "open_lock_neur",
    "settled",
    "quality",
    "reading_wh",
    "settled_cash_neur",
)


UNCOVERED = "uncovered"
"""The part that only the contracts show: what accounts hold or owe beyond their balances, which they find out late."""


class Player(Protocol):
    """A market that executes events."""

    name: str

    def reset(self) -> None:
        """Begin anew: participants with their first deposits, and no slot."""
        ...

    def apply(self, event: Event) -> Outcome:
        """Execute one event."""
        ...

    def state(self) -> State:
        """All that there is to compare."""
        ...


def error(name: str) -> Outcome:
    """The outcome of a call that is refused with that error."""
    return {"error": name}


def told(result: PlaceResult) -> Outcome:
    """What became of an order, as an outcome."""
    fills = [[fill.maker_order, fill.maker, fill.tick, fill.quantity_wh] for fill in result.fills]
    return [Reject(result.reject).name, fills, result.order, result.resting_wh]


def position_values(position: Position) -> tuple[int, ...]:
    """A position as a state shows it, in the order of POSITION_FIELDS."""
    return (
        position.bought_wh,
        position.sold_wh,
        position.paid_neur,
        position.received_neur,
        position.open_buy_wh,
        position.open_sell_wh,
        position.fill_lock_neur,
        position.open_lock_neur,
        int(position.reading_wh is not None),
        int(position.quality),
        position.reading_wh or 0,
        position.settled_cash_neur,
    )
