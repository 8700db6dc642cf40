"""The rules that are arithmetic: admission (6), prices (8), settlement (9). Scalar kernels, integers throughout."""

from gridbid.market.kernel import kernel
from gridbid.market.types import Reject
from gridbid.market.units import MAX_QUANTITY_WH

_NONE, _ENVELOPE, _CREDIT = int(Reject.NONE), int(Reject.ENVELOPE), int(Reject.CREDIT)
_BAD_QUANTITY, _BAD_TICK = int(Reject.BAD_QUANTITY), int(Reject.BAD_TICK)


@kernel
def allowed_feed_in(retail: int, feed_in: int, fee: int) -> int:
    """Feed-in price as published: lowered until feed_in + fee <= retail, or phantom trades would pump money."""
    return min(feed_in, retail - fee)


@kernel
def tick_price(floor: int, tick_size: int, tick: int) -> int:
    """Price of a tick, nEUR/Wh."""
    return floor + tick * tick_size


@kernel
def limit_tick(price: int, side: int, floor: int, tick_size: int, n_ticks: int) -> int:
    """Tick of a limit price: buys round down, sells round up, both are clamped to the band."""
    above = price - floor
    tick = above // tick_size if side == 0 else -((-above) // tick_size)
    return min(max(tick, 0), n_ticks - 1)


@kernel
def unit_lock(side: int, price: int, fee: int, price_cap: int) -> int:
    """Worst case of one Wh, nEUR: what a buyer pays with the fee, what a seller may come to owe for a shortage."""
    return max(0, price + fee) if side == 0 else max(0, price_cap - price)


@kernel
def envelope_room_wh(side: int, position_wh: int, open_side_wh: int, limit_wh: int) -> int:
    """Wh that an order may still add on a side, given the position, what is open on that side and the envelope."""
    toward = position_wh if side == 0 else -position_wh
    return min(limit_wh, MAX_QUANTITY_WH - 1) - toward - open_side_wh


@kernel
def check_order(
    tick: int, n_ticks: int, quantity_wh: int, room_wh: int, lock_neur: int, available_neur: int
) -> int:
    """First of rule 6's checks on the order itself that fails, or NONE.

    ``lock_neur`` is the worst case of one Wh at the order's limit.
    """
    if quantity_wh <= 0 or quantity_wh >= MAX_QUANTITY_WH:
        return _BAD_QUANTITY
    if tick < 0 or tick >= n_ticks:
        return _BAD_TICK
    if quantity_wh > room_wh:
        return _ENVELOPE
    if quantity_wh * lock_neur > available_neur:
        return _CREDIT
    return _NONE


@kernel
def imbalance_neur(imbalance_wh: int, retail: int, feed_in: int) -> int:
    """What a participant pays the supplier for reading minus position: a shortage at retail, a surplus at feed-in."""
    return imbalance_wh * retail if imbalance_wh > 0 else imbalance_wh * feed_in
