"""Who trades in a session with induced values: what each kind shouts, and what it hears."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.traders.aa import (
    STEPS_TO_TARGET,
    AaTraders,
    aa_price,
    hear_deal,
    hear_refusal,
    make_aa_traders,
    start_aa_trader,
)
from gridbid.agents.traders.gd import (
    NO_QUOTE,
    Beliefs,
    ShoutMemory,
    forget_shouts,
    gd_tick,
    make_beliefs,
    make_shout_memory,
    remember_deal,
    remember_shout,
)
from gridbid.agents.traders.streams import Streams
from gridbid.agents.traders.truthful import truthful_tick
from gridbid.agents.traders.zero_intelligence import constrained_tick, unconstrained_tick
from gridbid.agents.traders.zip import Shout, ZipTraders, hear, make_zip_traders, start_zip_trader, zip_tick
from gridbid.market.kernel import kernel
from gridbid.market.types import Side

Integers = NDArray[np.int64]

_BUY = int(Side.BUY)


class Trader(IntEnum):
    """Kinds of traders."""

    ZI_U = 0
    ZI_C = 1
    ZIP = 2
    TRUTHFUL = 3
    GD = 4
    AA = 5


_ZI_U, _ZI_C, _ZIP, _TRUTHFUL, _GD, _AA = (int(kind) for kind in Trader)


class Minds(NamedTuple):
    """What traders remember. All hear the same, so GD traders share one memory of shouts."""

    zip_traders: ZipTraders
    aa_traders: AaTraders
    shouts: ShoutMemory
    beliefs: Beliefs


class Quotes(NamedTuple):
    """What a trader sees before it shouts, ticks or `NO_QUOTE`.

    ``best_own``, ``best_other``: the best that waits on its side and on the other; ``to_better``: what the book rule makes
    it better.
    """

    best_own: int
    best_other: int
    to_better: int


def make_minds(n_traders: int, n_ticks: int) -> Minds:
    """Room for ``n_traders`` of any kind; `start_minds` makes them ready."""
    return Minds(
        make_zip_traders(n_traders),
        make_aa_traders(n_traders),
        make_shout_memory(1),
        make_beliefs(n_ticks),
    )


@kernel
def start_minds(minds: Minds, kind: Integers, side: Integers, streams: Streams) -> None:
    """Let everybody begin anew."""
    forget_shouts(minds.shouts, 0)
    for i in range(kind.size):
        if kind[i] == _ZIP:
            start_zip_trader(minds.zip_traders, i, side[i], streams, 0)
        elif kind[i] == _AA:
            start_aa_trader(minds.aa_traders, i, streams, 0)


@kernel
def shouted_tick(
    minds: Minds,
    kind: int,
    i: int,
    side: int,
    limit_tick: int,
    n_ticks: int,
    quotes: Quotes,
    absolute_step: float,
    streams: Streams,
) -> int:
    """The tick that trader i shouts for a unit with this limit."""
    if kind == _ZI_U:
        return unconstrained_tick(n_ticks, streams, 0)
    if kind == _ZI_C:
        return constrained_tick(side, limit_tick, n_ticks, streams, 0)
    if kind == _ZIP:
        return zip_tick(minds.zip_traders, i, limit_tick, n_ticks, 1)
    if kind == _TRUTHFUL:
        return truthful_tick(limit_tick)
    if kind == _GD:
        return gd_tick(minds.shouts, 0, side, limit_tick, quotes.best_other, quotes.to_better, minds.beliefs)
    return _aa_tick(minds.aa_traders, i, side, limit_tick, n_ticks, quotes, absolute_step)


@kernel
def _aa_tick(
    traders: AaTraders,
    i: int,
    side: int,
    limit_tick: int,
    n_ticks: int,
    quotes: Quotes,
    absolute_step: float,
) -> int:
    """AA's price as a tick: rounded towards the other side, or a step below half a tick would never better a quote."""
    bid, ask = quotes.best_own, quotes.best_other
    if side != _BUY:
        bid, ask = ask, bid
    best_bid = 0.0 if bid == NO_QUOTE else bid + 1.0
    best_ask = np.float64(n_ticks) if ask == NO_QUOTE else ask + 1.0
    price = aa_price(
        traders,
        i,
        side,
        limit_tick + 1.0,
        np.float64(n_ticks),
        best_bid,
        best_ask,
        absolute_step,
        STEPS_TO_TARGET,
    )
    if side == _BUY:
        return min(max(int(np.ceil(price)) - 1, 0), limit_tick)
    return max(min(int(np.floor(price)) - 1, n_ticks - 1), limit_tick)


@kernel
def remember(minds: Minds, shout: Shout) -> None:
    """What the common memory keeps of a shout; its price is that of a tick plus 1."""
    tick = int(shout.price) - 1
    if shout.accepted:
        remember_deal(minds.shouts, 0, shout.side, tick)
    else:
        remember_shout(minds.shouts, 0, shout.side, tick)


@kernel
def listen(
    minds: Minds,
    kind: int,
    i: int,
    side: int,
    limit: float,
    has_units: bool,
    highest: float,
    shout: Shout,
    absolute_step: float,
    streams: Streams,
) -> None:
    """Let trader i hear a shout; ``limit`` is that of its next unit, or of its last if it has none."""
    if kind == _ZIP:
        hear(minds.zip_traders, i, side, limit, has_units, shout, absolute_step, streams, 0)
    elif kind == _AA and shout.accepted:
        hear_deal(minds.aa_traders, i, side, limit, highest, shout.price)
    elif kind == _AA and has_units:
        hear_refusal(minds.aa_traders, i, side, limit, highest, shout.side, shout.price)
