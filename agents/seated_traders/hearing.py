"""What a row has heard since it acted last: deals, and offers that nobody took.

A row sees the last price, the best quotes, and its own position. From these:

- A deal is a last price that is new, or the last price where its own position has moved. Several deals between two acts are heard
  as the last one; whose offer was taken isn't seen.
- In the rounds after the first, the best bid and the best ask are offers that nobody took so far.
- When a slot is over, its own offer is one that nobody took if most of its need is left.

Prices are shares of the band of the slot in which they were said.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.seated_traders.band import Band, HourPrices, forget_hour, make_hour_prices, share_of
from gridbid.market.kernel import kernel
from gridbid.market.types import Side

_BUY = int(Side.BUY)

NOTHING = np.nan
"""In place of a price that was not heard."""

_MOVED, _LEFT = 1e-6, 0.5
_SAME_NEUR = 0.5

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Past(NamedTuple):
    """What rows remember of their last act, (rows,) each.

    - ``started``: whether there was one in this episode
    - ``floor``, ``width``: the band it was in, nEUR/Wh
    - ``last_price``: nEUR/Wh, nan before the first deal
    - ``position``: share of site_kw; ``need``: the same, signed
    - ``side``, ``share``: of the offer that it made, a share of the band
    - ``round_share``: what share of a slot's trading a round is; 1 until a second round is seen
    - ``hours``: what `band.py` remembers
    """

    started: NDArray[np.bool_]
    floor: Floats
    width: Floats
    last_price: Floats
    position: Floats
    need: Floats
    side: Integers
    share: Floats
    round_share: Floats
    hours: HourPrices


class Heard(NamedTuple):
    """Prices that a row heard since its last act, `NOTHING` where there was none.

    ``bid`` and ``ask`` wait in the book, ``own`` was its own offer of the slot before.
    """

    deal: float
    bid: float
    ask: float
    own: float


class View(NamedTuple):
    """What a row sees of the market now: prices in nEUR/Wh, nan where there is none; positions in shares of site_kw."""

    band: Band
    round: float
    best_bid: float
    best_ask: float
    last_price: float
    position: float
    delivery_position: float


def make_past(n_rows: int) -> Past:
    """Rows that haven't acted."""
    floor, width, last_price, position, need, share = (np.zeros(n_rows) for _ in range(6))
    return Past(
        started=np.zeros(n_rows, np.bool_),
        floor=floor,
        width=width,
        last_price=last_price,
        position=position,
        need=need,
        side=np.zeros(n_rows, np.int64),
        share=share,
        round_share=np.ones(n_rows),
        hours=make_hour_prices(n_rows),
    )


@kernel
def begin(past: Past, m: int) -> None:
    """Let row m begin an episode."""
    past.last_price[m] = NOTHING
    past.round_share[m] = 1.0
    forget_hour(past.hours, m)


@kernel
def hear(past: Past, m: int, view: View) -> Heard:
    """What row m has heard since it acted last; nothing to go by if it hasn't acted."""
    floor, width = past.floor[m], past.width[m]
    if width <= 0.0:
        return Heard(NOTHING, NOTHING, NOTHING, NOTHING)
    new_slot = view.round == 0.0
    moved = (view.delivery_position if new_slot else view.position) - past.position[m]
    deal, own = NOTHING, NOTHING
    known = past.last_price[m]
    if not np.isnan(view.last_price) and (
        np.isnan(known) or abs(view.last_price - known) > _SAME_NEUR or abs(moved) > _MOVED
    ):
        deal = share_of(view.last_price, floor, width)
    if new_slot:
        wanted = past.need[m]
        if abs(wanted) > _MOVED and abs(wanted - moved) > _LEFT * abs(wanted):
            own = past.share[m]
        return Heard(deal, NOTHING, NOTHING, own)
    return Heard(deal, share_of(view.best_bid, floor, width), share_of(view.best_ask, floor, width), own)


@kernel
def note(past: Past, m: int, view: View, need: float, side: int, share: float) -> None:
    """Remember what row m sees and offers."""
    past.started[m] = True
    past.floor[m] = view.band.floor
    past.width[m] = view.band.width
    past.last_price[m] = view.last_price
    past.position[m] = view.position
    past.need[m] = need
    past.side[m] = side
    past.share[m] = share
    if 0.0 < view.round < past.round_share[m]:
        past.round_share[m] = view.round


@kernel
def rounds_left(past: Past, m: int, view: View) -> float:
    """Rounds that are left of the slot's trading with this one, as far as row m has seen; 1 in the last."""
    return np.rint((1.0 - view.round) / past.round_share[m])


@kernel
def gain_at(share: float, side: int) -> float:
    """What a price leaves a trader of a side, as a share of the band."""
    return 1.0 - share if side == _BUY else share
