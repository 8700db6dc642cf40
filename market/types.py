"""The words of the market: sides, reasons, and what is published for a slot."""

from enum import IntEnum
from typing import NamedTuple

N_TICKS = 224
"""Price levels of a book: price bits and an epoch fill one EVM word."""

MAX_FILLS = 64
"""An order's fills, at most; then its remainder is cancelled (rule 4)."""

DEFAULT_TICK_SIZE = 2_000
"""nEUR/Wh, that is 0.2 ct/kWh."""


class Side(IntEnum):
    """Side of an order."""

    BUY = 0
    SELL = 1


class Reject(IntEnum):
    """Why an order was not admitted (rule 6), in the order in which the checks are made."""

    NONE = 0
    NOT_PUBLISHED = 1
    GATE_CLOSED = 2
    NOT_REGISTERED = 3
    SUSPENDED = 4
    IN_DEBT = 5
    BAD_QUANTITY = 6
    BAD_TICK = 7
    ENVELOPE = 8
    CREDIT = 9


class Quality(IntEnum):
    """What a reading rests on, in rising order (rule 9); the numbers are the oracle's."""

    NONE = 0
    SUBSTITUTE = 1
    METERED = 2
    RULED = 3


class Terms(NamedTuple):
    """What the keeper publishes for a slot before it trades (rule 8); prices in nEUR/Wh."""

    retail: int
    feed_in: int
    fee: int
    floor: int
    price_cap: int
    """The supplier's highest price for a shortage: what a seller may come to owe for each Wh."""


class Fill(NamedTuple):
    """One fill, at the resting order's price (rule 2)."""

    maker_order: int
    taker: int
    maker: int
    tick: int
    quantity_wh: int


class OpenOrder(NamedTuple):
    """One resting order, as a book lists it."""

    participant: int
    quantity_wh: int


def order_id(slot: int, side: int, tick: int, sequence: int) -> int:
    """Name of an order: slot 32 | side 8 | tick 8 | sequence 32 bits; sequence counts a tick's orders."""
    return (slot << 48) | (side << 40) | (tick << 32) | sequence


class Device(IntEnum):
    """Flexible devices behind a meter, in the order in which a deviation is shared out."""

    BATTERY = 0
    CHARGER = 1
    HEAT_PUMP = 2


class Control(IntEnum):
    """Columns of a control array: one set point for each device, and PV curtailment."""

    BATTERY = 0
    CHARGER = 1
    HEAT_PUMP = 2
    CURTAIL = 3


class Cost(IntEnum):
    """Parts of J, EUR; STORED is minus the increase of the value of the energy in stores."""

    BILL = 0
    WEAR = 1
    DISCOMFORT = 2
    UNMET_EV = 3
    VIOLATION = 4
    STORED = 5


class ForecastKind(IntEnum):
    """Models of the forecasts that are issued."""

    PERSISTENCE = 0
    PERFECT = 1
    NOISY = 2


class Account(IntEnum):
    """Accounts beside the participants' own."""

    SUPPLIER = 0
    OPERATOR = 1
    OUTSIDE = 2
    RESIDUE = 3
