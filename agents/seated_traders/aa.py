"""AA traders, seated: `gridbid.agents.traders.aa` on gains.

As with ZIP a row has a buyer and a seller, both of them sellers to the kernel: a self's limit is a price of 1 (a gain
of 0), the end of the band one of 2. Volatility is thus measured beside a price of 1 to 2. With fewer than η rounds left
a trader steps as far as brings it to its target in the last, where there is no next chance.
"""

from typing import Any

import numpy as np

from gridbid.agents.baselines.draws import row_key
from gridbid.agents.seated_traders.band import share_of, tick_at
from gridbid.agents.seated_traders.desk import Desk, look, needed, offer
from gridbid.agents.seated_traders.hearing import Heard, View, gain_at, hear, rounds_left
from gridbid.agents.seated_traders.policy import TraderPolicy
from gridbid.agents.traders.aa import (
    STEPS_TO_TARGET,
    AaTraders,
    aa_price,
    hear_deal,
    hear_refusal,
    make_aa_traders,
    start_aa_trader,
)
from gridbid.market.kernel import kernel
from gridbid.market.types import Side

_BUY, _SELL = int(Side.BUY), int(Side.SELL)

_LIMIT, _HIGHEST = 1.0, 2.0
_ABSOLUTE_STEP = 0.01


class AaPolicy(TraderPolicy):
    """Everybody estimates the price, learns how hard to press, and steps towards its target."""

    name = "aa"

    def _make_minds(self, n_rows: int) -> AaTraders:
        return make_aa_traders(2 * n_rows)

    def _decide(self, desk: Desk, minds: Any) -> None:
        _decide_rows(desk, minds)


@kernel
def _decide_rows(desk: Desk, traders: AaTraders) -> None:
    for m in range(desk.ticks.size):
        new = not desk.past.started[m]
        view, needs = look(desk, m), needed(desk, m)
        desk.streams[0] = row_key(desk.keys, m)
        heard = hear(desk.past, m, view)
        for side in (_BUY, _SELL):
            self = 2 * m + side
            if new:
                start_aa_trader(traders, self, desk.streams, 0)
            else:
                had_units = desk.past.side[m] == side and desk.past.need[m] != 0.0
                _listen(traders, self, side, had_units, heard)
        offer(desk, m, view, needs, _chosen_tick(desk, traders, m, view, needs.side))


@kernel
def _chosen_tick(desk: Desk, traders: AaTraders, m: int, view: View, side: int) -> int:
    own, other = (view.best_bid, view.best_ask) if side == _BUY else (view.best_ask, view.best_bid)
    steps = min(rounds_left(desk.past, m, view), STEPS_TO_TARGET)
    price = aa_price(
        traders,
        2 * m + side,
        _SELL,
        _LIMIT,
        _HIGHEST,
        _told(other, side, view, 0.0),
        _told(own, side, view, _HIGHEST),
        _ABSOLUTE_STEP,
        steps,
    )
    return tick_at(gain_at(min(price, _HIGHEST) - _LIMIT, side), view.band, desk.tick_size)


@kernel
def _told(price: float, side: int, view: View, otherwise: float) -> float:
    """A quote as the kernel's seller hears it."""
    if np.isnan(price) or view.band.width <= 0.0:
        return otherwise
    return _LIMIT + gain_at(share_of(price, view.band.floor, view.band.width), side)


@kernel
def _listen(traders: AaTraders, self: int, side: int, had_units: bool, heard: Heard) -> None:
    if not np.isnan(heard.deal):
        hear_deal(traders, self, _SELL, _LIMIT, _HIGHEST, _price_of(heard.deal, side))
    if had_units:
        quote = heard.bid if side == _BUY else heard.ask
        for share in (quote, heard.own):
            if not np.isnan(share):
                hear_refusal(traders, self, _SELL, _LIMIT, _HIGHEST, _SELL, _price_of(share, side))


@kernel
def _price_of(share: float, side: int) -> float:
    """A share of the band as the kernel's seller hears it; the raw face may bid above the band, where a seller's ends."""
    return min(_LIMIT + gain_at(share, side), _HIGHEST)
