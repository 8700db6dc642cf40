"""The band that a slot's prices lie in, ticks of it, and the action that asks for a tick.

An action's limit is a share of the slot's band, retail less fee less feed-in. A row shows feed-in and fee of the slot, but the
retail price as the mean of the hour that begins with it. Where prices stand for whole hours, as a day-ahead auction's do, the
slot's own price is what was seen when the hour began; a row remembers it, and checks it against the mean. Where they
don't, the mean stands in, and a tick far up the band may be missed by a few.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.baselines.rows import Rows, value
from gridbid.agents.seated_traders.market_rows import MarketColumns
from gridbid.market.kernel import kernel
from gridbid.market.types import Side
from gridbid.market.units import NEUR_PER_WH_PER_CT_PER_KWH

_BUY = int(Side.BUY)
_CT = float(NEUR_PER_WH_PER_CT_PER_KWH)
_SECONDS = 3_600
_CLOSE_NEUR = 0.25
"""A mean of four whole prices differs from another by more, or not at all; float32 is finer."""

Floats = NDArray[np.float64]


class HourPrices(NamedTuple):
    """Retail prices of the hour that each row is in, and of the next, nEUR/Wh (rows,); nan before an hour has begun.

    ``clock`` (3,): sine and cosine of the hour that the last row showed, and what share of it has passed; most rows show
    the same.
    """

    now: Floats
    next: Floats
    clock: Floats


class Band(NamedTuple):
    """A slot's band: feed-in price and width in nEUR/Wh, and the highest tick inside it."""

    floor: float
    width: float
    highest_tick: int


def make_hour_prices(n_rows: int) -> HourPrices:
    """Nothing is known yet."""
    return HourPrices(np.full(n_rows, np.nan), np.full(n_rows, np.nan), np.full(3, np.nan))


@kernel
def forget_hour(hours: HourPrices, m: int) -> None:
    """Let row m begin anew."""
    hours.now[m] = np.nan
    hours.next[m] = np.nan


@kernel
def band_of(
    rows: Rows, columns: MarketColumns, hours: HourPrices, m: int, tick_size: int, n_ticks: int
) -> Band:
    """The band of the slot that row m looks at."""
    floor = np.rint(value(rows, m, columns.feed_in_ct) * _CT)
    fee = np.rint(value(rows, m, columns.fee_ct) * _CT)
    width = max(0.0, np.rint(_retail(rows, columns, hours, m)) - fee - floor)
    return Band(floor, width, min(int(width // tick_size), n_ticks - 1))


@kernel
def _retail(rows: Rows, columns: MarketColumns, hours: HourPrices, m: int) -> float:
    """Retail price of the slot, nEUR/Wh, as far as it can be known."""
    passed = _passed(rows, columns, hours.clock, m)
    mean = value(rows, m, columns.retail_ct) * _CT
    if passed == 0.0:
        hours.now[m] = mean
        hours.next[m] = (
            np.float64(rows.values[m, columns.retail_ct + 1]) * rows.scale[columns.retail_ct + 1] * _CT
        )
        return mean
    expected = (1.0 - passed) * hours.now[m] + passed * hours.next[m]
    return hours.now[m] if abs(mean - expected) < _CLOSE_NEUR else mean


@kernel
def _passed(rows: Rows, columns: MarketColumns, clock: Floats, m: int) -> float:
    """What share of the local hour has passed, to the second."""
    sine, cosine = value(rows, m, columns.hour_sin), value(rows, m, columns.hour_cos)
    if sine != clock[0] or cosine != clock[1]:
        seconds = math.atan2(sine, cosine) * (24 * _SECONDS / (2.0 * math.pi))
        clock[0], clock[1], clock[2] = sine, cosine, (int(np.rint(seconds)) % _SECONDS) / _SECONDS
    return clock[2]


@kernel
def share_of(price: float, floor: float, width: float) -> float:
    """Where a price lies in a band: 0 at feed-in, 1 at retail less the fee; not cut off."""
    return (price - floor) / width


@kernel
def tick_at(share: float, band: Band, tick_size: int) -> int:
    """The tick nearest to a share of the band, inside it."""
    tick = int(np.rint(share * band.width / tick_size))
    return min(max(tick, 0), band.highest_tick)


@kernel
def limit_for(tick: int, side: int, band: Band, tick_size: int) -> float:
    """The action's limit for which the engine names this tick: half a tick off, where rounding can't miss it."""
    if band.width <= 0.0:
        return 1.0 if side == _BUY else 0.0
    half = 0.5 if side == _BUY else -0.5
    return min(max((tick + half) * tick_size / band.width, 0.0), 1.0)
