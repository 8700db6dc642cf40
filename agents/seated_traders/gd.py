"""GD traders, seated: `gridbid.agents.traders.gd` on a grid of prices from feed-in to retail less the fee.

Each row has a memory of its own, since each may have its own times of listening. Only the price of a deal is heard, so it
counts as a bid and an ask that were both taken. A trader that takes the best quote of the other side names its very tick.
"""

from typing import Any, NamedTuple

import numpy as np

from gridbid.agents.seated_traders.band import share_of, tick_at
from gridbid.agents.seated_traders.desk import Desk, look, needed, offer
from gridbid.agents.seated_traders.hearing import Heard, View, hear
from gridbid.agents.seated_traders.policy import TraderPolicy
from gridbid.agents.traders.gd import (
    NO_QUOTE,
    Beliefs,
    ShoutMemory,
    forget_shouts,
    gd_tick,
    make_beliefs,
    make_shout_memory,
    remember_price,
    remember_shout,
)
from gridbid.market.kernel import kernel
from gridbid.market.types import Side

_BUY, _SELL = int(Side.BUY), int(Side.SELL)

PRICES = 101
"""Prices that a trader weighs: each percent of the band."""

SHOUTS = 32
"""Shouts that a row remembers at most."""


class GdMinds(NamedTuple):
    """What rows remember of shouts, and where beliefs are worked out."""

    shouts: ShoutMemory
    beliefs: Beliefs


class GdPolicy(TraderPolicy):
    """Everybody believes what it heard lately, and names the price that gains most in expectation."""

    name = "gd"

    def _make_minds(self, n_rows: int) -> GdMinds:
        return GdMinds(make_shout_memory(n_rows, SHOUTS), make_beliefs(PRICES))

    def _decide(self, desk: Desk, minds: Any) -> None:
        _decide_rows(desk, minds)


@kernel
def _decide_rows(desk: Desk, minds: GdMinds) -> None:
    for m in range(desk.ticks.size):
        new = not desk.past.started[m]
        view, needs = look(desk, m), needed(desk, m)
        if new:
            forget_shouts(minds.shouts, m)
        else:
            _listen(minds.shouts, m, desk.past.side[m], hear(desk.past, m, view))
        offer(desk, m, view, needs, _chosen_tick(desk, minds, m, view, needs.side))


@kernel
def _chosen_tick(desk: Desk, minds: GdMinds, m: int, view: View, side: int) -> int:
    limit, other = (PRICES - 1, view.best_ask) if side == _BUY else (0, view.best_bid)
    if np.isnan(other) or view.band.width <= 0.0:
        price = gd_tick(minds.shouts, m, side, limit, NO_QUOTE, NO_QUOTE, minds.beliefs)
        return tick_at(price / (PRICES - 1), view.band, desk.tick_size)
    share = share_of(other, view.band.floor, view.band.width)
    quoted = _price_at(share)
    price = gd_tick(minds.shouts, m, side, limit, quoted, NO_QUOTE, minds.beliefs)
    takes = price >= quoted if side == _BUY else price <= quoted
    return tick_at(share if takes else price / (PRICES - 1), view.band, desk.tick_size)


@kernel
def _price_at(share: float) -> int:
    """The price of the grid that is nearest to a share of the band."""
    return min(max(int(np.rint(share * (PRICES - 1))), 0), PRICES - 1)


@kernel
def _listen(shouts: ShoutMemory, m: int, own_side: int, heard: Heard) -> None:
    if not np.isnan(heard.deal):
        remember_price(shouts, m, _price_at(heard.deal))
    if not np.isnan(heard.bid):
        remember_shout(shouts, m, _BUY, _price_at(heard.bid))
    if not np.isnan(heard.ask):
        remember_shout(shouts, m, _SELL, _price_at(heard.ask))
    if not np.isnan(heard.own):
        remember_shout(shouts, m, own_side, _price_at(heard.own))
