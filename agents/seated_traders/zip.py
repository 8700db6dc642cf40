"""ZIP traders, seated: `gridbid.agents.traders.zip` on gains.

A row has two selves, a buyer and a seller, since a home may be either from slot to slot; both hear everything, and the
one that had something to trade may also give way. Both are sellers to the kernel: what a price leaves a self is told as a
price of ``_BAND`` (its limit, a gain of 0) to 2 ``_BAND`` (all of the band). So a margin is a share of the band.

A deal may raise a margin or lower it, as if it had been the other side's offer that was taken.
"""

from typing import Any

import numpy as np

from gridbid.agents.baselines.draws import row_key
from gridbid.agents.seated_traders.band import tick_at
from gridbid.agents.seated_traders.desk import Desk, look, needed, offer
from gridbid.agents.seated_traders.hearing import Heard, gain_at, hear
from gridbid.agents.seated_traders.policy import TraderPolicy
from gridbid.agents.traders.zip import Shout, ZipTraders, make_zip_traders, start_zip_trader, zip_price
from gridbid.agents.traders.zip import hear as learn
from gridbid.market.kernel import kernel
from gridbid.market.types import Side

_BUY, _SELL = int(Side.BUY), int(Side.SELL)

_BAND = 1_000.0
"""The width of the band in the kernel's prices, whose quotes are whole numbers."""

_ABSOLUTE_STEP = 0.02 * _BAND
"""Targets lie up to this far beyond what was heard: the source's 0.05 in a market 2.50 wide."""


class ZipPolicy(TraderPolicy):
    """Everybody keeps a margin for buying and one for selling, and learns by Cliff's rules what the market bears."""

    name = "zip"

    def _make_minds(self, n_rows: int) -> ZipTraders:
        return make_zip_traders(2 * n_rows)

    def _decide(self, desk: Desk, minds: Any) -> None:
        _decide_rows(desk, minds)


@kernel
def _decide_rows(desk: Desk, traders: ZipTraders) -> None:
    for m in range(desk.ticks.size):
        new = not desk.past.started[m]
        view, needs = look(desk, m), needed(desk, m)
        desk.streams[0] = row_key(desk.keys, m)
        heard = hear(desk.past, m, view)
        for side in (_BUY, _SELL):
            self = 2 * m + side
            if new:
                start_zip_trader(traders, self, _SELL, desk.streams, 0)
            else:
                had_units = desk.past.side[m] == side and desk.past.need[m] != 0.0
                _listen(traders, self, side, had_units, heard, desk)
        gain = min(zip_price(traders, 2 * m + needs.side, _BAND) / _BAND - 1.0, 1.0)
        offer(desk, m, view, needs, tick_at(gain_at(gain, needs.side), view.band, desk.tick_size))


@kernel
def _listen(traders: ZipTraders, self: int, side: int, had_units: bool, heard: Heard, desk: Desk) -> None:
    """Let a self hear: deals first, then what waits on either side, then that its own offer failed."""
    bids, asks = (_SELL, _BUY) if side == _BUY else (_BUY, _SELL)  # as the kernel's seller hears them
    _hear_one(traders, self, side, had_units, heard.deal, _BUY, True, desk)
    _hear_one(traders, self, side, had_units, heard.bid, bids, False, desk)
    _hear_one(traders, self, side, had_units, heard.ask, asks, False, desk)
    if had_units:
        _hear_one(traders, self, side, had_units, heard.own, _SELL, False, desk)


@kernel
def _hear_one(
    traders: ZipTraders,
    self: int,
    side: int,
    had_units: bool,
    share: float,
    who: int,
    accepted: bool,
    desk: Desk,
) -> None:
    if not np.isnan(share):
        shout = Shout(who, _BAND * (1.0 + gain_at(share, side)), accepted)
        learn(traders, self, _SELL, _BAND, had_units, shout, _ABSOLUTE_STEP, desk.streams, 0)
