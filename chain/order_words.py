"""The words that name an order, or tell of one in an event.

An order's name is slot 32 | side 8 | tick 8 | sequence 32 bits (see gridbid.market.types.order_id). Events of the
contract put it before participants and quantities of 32 bits each.
"""

from gridbid.market.types import Fill

_MASK = 0xFFFF_FFFF


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
