"""What an order's name tells: slot 32 | side 8 | tick 8 | sequence 32 bits (see gridbid.market.types.order_id)."""


def slot_of(order: int) -> int:
    """Slot of an order."""
    return order >> 48


def tick_of(order: int) -> int:
    """Tick of an order."""
    return (order >> 32) & 0xFF
