"""Zero-intelligence traders on the raw face: a tick drawn evenly, within the budget (ZI-C) or anywhere (ZI-U).

Gode, Sunder: Allocative efficiency of markets with zero-intelligence traders, J. Polit. Econ. 101:119, 1993. The policy
`gridbid.agents.baselines.zero_intelligence` is ZI-C on the policies' face: it offers in shares of the need and of the
band; here a trader names a tick, as far as its limit, which is the worst tick at which it does not lose.
"""

from gridbid.agents.traders.streams import Streams, draw_below
from gridbid.market.kernel import kernel
from gridbid.market.types import Side

_BUY = int(Side.BUY)


@kernel
def unconstrained_tick(n_ticks: int, streams: Streams, stream: int) -> int:
    """ZI-U: any tick, 0..n_ticks-1."""
    return draw_below(streams, stream, n_ticks)


@kernel
def constrained_tick(side: int, limit_tick: int, n_ticks: int, streams: Streams, stream: int) -> int:
    """ZI-C: a buyer's tick 0..limit, a seller's limit..n_ticks-1."""
    if side == _BUY:
        return draw_below(streams, stream, limit_tick + 1)
    return limit_tick + draw_below(streams, stream, n_ticks - limit_tick)
