"""The words that name an order, or tell of one in an event.

An order's name is slot 32 | side 8 | tick 8 | sequence 32 bits (see gridbid.market.types.order_id). Events of the
contract put it before participants and quantities of 32 bits each.
"""

from typing import NamedTuple

from gridbid.market.types import Fill

_MASK = 0xFFFF_FFFF
_AMOUNT_MASK = (1 << 128) - 1


def slot_of(order: int) -> int:
    """Slot of an order."""
    return order >> 48


def tick_of(order: int) -> int:
    """Tick of an order."""
    return (order >> 32) & 0xFF


def unpack_order(word: int) -> tuple[int, int, int]:
    """Order, participant and Wh of a Placed or Cancelled event."""
    return word >> 64, (word >> 32) & _MASK, word & _MASK


def unpack_fill(word: int) -> Fill:
    """The fill of a Traded event: maker's order | maker | taker | Wh."""
    order = word >> 96
    return Fill(order, (word >> 32) & _MASK, (word >> 64) & _MASK, tick_of(order), word & _MASK)


class Settling(NamedTuple):
    """What a Settled event tells; of the amounts, nEUR, the sum is the cash of the seat's trades."""

    participant: int
    slot: int
    reading_wh: int
    quality: int
    change_neur: int
    """Of the participant's balance."""
    supplier_neur: int
    """What the supplier received; below zero, what it paid."""
    operator_neur: int


def unpack_settling(word: int, amounts: int) -> Settling:
    """The two words of a Settled event."""
    return Settling(
        participant=word >> 200,
        slot=(word >> 168) & _MASK,
        reading_wh=_signed((word >> 136) & _MASK, 32),
        quality=(word >> 128) & 0xFF,
        change_neur=_signed(amounts >> 128, 128),
        supplier_neur=_signed(amounts & _AMOUNT_MASK, 128),
        operator_neur=word & _AMOUNT_MASK,
    )


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value
