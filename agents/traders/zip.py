"""Zero-intelligence-plus traders (ZIP): a profit margin that follows what is shouted and traded.

Cliff: Minimal-intelligence agents for bargaining behaviors in market-based environments, HP Laboratories report
HPL-97-91, 1997. Letters of the source: limit λ, margin μ, price p = λ (1 + μ), last shout q, target τ, learning rate β,
momentum γ, change Γ.

Prices are counted in ticks from a zero of money, as floats: a trader's margin is a share of its limit, so limits must
be above 0. ``first_price`` is the price of tick 0 in this measure.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.traders.streams import Streams, draw_share
from gridbid.market.kernel import kernel
from gridbid.market.types import Side

_BUY = int(Side.BUY)

LEAST_MARGIN, MARGIN_RANGE = 0.05, 0.30
"""First margins, as a share of the limit: ±(0.05 + U[0, 0.3])."""

LEAST_RATE, RATE_RANGE = 0.1, 0.4
"""Learning rates: 0.1 + U[0, 0.4]."""

MOMENTUM_RANGE = 0.1
"""Momenta: U[0, 0.1]."""

RELATIVE_STEP = 0.05
"""Targets lie up to this share beyond the price heard ..."""


class ZipTraders(NamedTuple):
    """What ZIP traders remember, float64 (traders,) each.

    - ``margin``: share of the limit, 0 or more for sellers, -1 to 0 for buyers
    - ``change``: last change of price, in ticks, that momentum carries on
    - ``learning_rate``, ``momentum``: drawn once
    """

    margin: NDArray[np.float64]
    change: NDArray[np.float64]
    learning_rate: NDArray[np.float64]
    momentum: NDArray[np.float64]


def make_zip_traders(n_traders: int) -> ZipTraders:
    """Room for ``n_traders``; `start_zip_trader` makes each ready."""
    return ZipTraders(*(np.zeros(n_traders) for _ in ZipTraders._fields))


class Shout(NamedTuple):
    """What everybody heard last: whose side spoke, at what price (in ticks), and whether it was accepted."""

    side: int
    price: float
    accepted: bool


@kernel
def start_zip_trader(traders: ZipTraders, i: int, side: int, streams: Streams, stream: int) -> None:
    """Draw trader i's first margin and its parameters, and let it forget what it heard."""
    margin = LEAST_MARGIN + MARGIN_RANGE * draw_share(streams, stream)
    traders.margin[i] = -margin if side == _BUY else margin
    traders.change[i] = 0.0
    traders.learning_rate[i] = LEAST_RATE + RATE_RANGE * draw_share(streams, stream)
    traders.momentum[i] = MOMENTUM_RANGE * draw_share(streams, stream)


@kernel
def zip_price(traders: ZipTraders, i: int, limit: float) -> float:
    """What trader i has in mind for a unit with this limit."""
    return limit * (1.0 + traders.margin[i])


@kernel
def zip_quote(traders: ZipTraders, i: int, limit: float) -> float:
    """What trader i shouts: its price, rounded to a tick; never worse than its limit, which is a whole number."""
    return np.floor(zip_price(traders, i, limit) + 0.5)


@kernel
def zip_tick(traders: ZipTraders, i: int, limit_tick: int, n_ticks: int, first_price: int) -> int:
    """The tick that trader i shouts: its quote, kept in the band."""
    quote = zip_quote(traders, i, np.float64(limit_tick + first_price))
    tick = int(quote) - first_price
    return min(max(tick, 0), n_ticks - 1)


@kernel
def hear(
    traders: ZipTraders,
    i: int,
    side: int,
    limit: float,
    has_units: bool,
    shout: Shout,
    absolute_step: float,
    streams: Streams,
    stream: int,
) -> None:
    """Let trader i, on ``side`` and with ``limit``, learn from the last shout.

    It aims for more when a deal was struck at a price that its own would have reached. Having units, it aims for less
    when a shout of the other side was accepted, or one of its own side was not, that is no worse than its own price.
    Targets lie up to ``RELATIVE_STEP`` of the price and ``absolute_step`` ticks beyond it.
    """
    price, quote = zip_price(traders, i, limit), zip_quote(traders, i, limit)
    upward = -1.0 if side == _BUY else 1.0  # the rules are the source's for a seller; a buyer mirrors them
    if shout.accepted and upward * quote <= upward * shout.price:
        direction = upward
    elif has_units and upward * quote >= upward * shout.price and shout.accepted == (shout.side != side):
        direction = -upward
    else:
        return
    relative = 1.0 + direction * RELATIVE_STEP * draw_share(streams, stream)
    absolute = direction * absolute_step * draw_share(streams, stream)
    target = relative * shout.price + absolute
    step = traders.learning_rate[i] * (target - price)
    momentum = traders.momentum[i]
    traders.change[i] = momentum * traders.change[i] + (1.0 - momentum) * step
    margin = (price + traders.change[i]) / limit - 1.0
    traders.margin[i] = min(max(margin, -1.0), 0.0) if side == _BUY else max(margin, 0.0)
