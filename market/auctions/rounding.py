"""Divisions of the auctions and pools: every name says which way it rounds. Integers that fit in int64 throughout.

Bounds, checked at the edge: a quantity is below 2^30 Wh, a side's sum below 2^31 Wh, a price within ±2^30 nEUR/Wh.
"""

from gridbid.market.kernel import kernel

MAX_SIDE_WH = 1 << 31
"""What one side of a slot offers together stays below this: then a product of two sums fits in int64."""

MAX_PRICE = 1 << 30
"""Prices stay within this either way, that is 107 374 ct/kWh: then a price x a side's sum fits in int64."""

_SUM_BITS = 31


@kernel
def midpoint_down(low: int, high: int) -> int:
    """Half of the way from low to high, rounded down (toward minus infinity): (low + high) >> 1."""
    return (low + high) >> 1


@kernel
def share_by_running_sum(before_wh: int, quantity_wh: int, part_wh: int, whole_wh: int) -> int:
    """What a quantity gets when ``part_wh`` is shared out over ``whole_wh`` in proportion; part <= whole, whole > 0.

    The running sum of the shares is rounded down, and a share is the difference of two: the shares add up to the part,
    and each is less than 1 Wh from its proportion and no more than its quantity. ``before_wh`` is the sum of the
    quantities whose turn came earlier.
    """
    return (before_wh + quantity_wh) * part_wh // whole_wh - before_wh * part_wh // whole_wh


@kernel
def share_of_cash_down(quantity_wh: int, cash_neur: int, whole_wh: int) -> int:
    """quantity / whole of an amount, rounded down: what somebody receives. 0 <= quantity <= whole, whole > 0."""
    price, rest = cash_neur // whole_wh, cash_neur % whole_wh
    return quantity_wh * price + quantity_wh * rest // whole_wh


@kernel
def share_of_cash_up(quantity_wh: int, cash_neur: int, whole_wh: int) -> int:
    """quantity / whole of an amount, rounded up: what somebody pays."""
    return -share_of_cash_down(quantity_wh, -cash_neur, whole_wh)


@kernel
def multiply_divide_down(factor_wh: int, product: int, divisor: int) -> int:
    """factor x product / divisor, rounded down, where factor x product may need more than 63 bits.

    0 <= factor < 2^31, 0 <= product < 2^62, 0 < divisor < 2^61, and the result fits in int64. Long multiplication, bit by
    bit, that keeps quotient and rest apart; where 256 bits are at hand, one multiplication and one division do.
    """
    whole, rest = product // divisor, product % divisor
    quotient = remainder = 0
    for position in range(_SUM_BITS - 1, -1, -1):
        bit = (factor_wh >> position) & 1
        remainder = 2 * remainder + bit * rest
        carried = remainder // divisor
        remainder -= carried * divisor
        quotient = 2 * quotient + bit * whole + carried
    return quotient
