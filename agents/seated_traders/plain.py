"""Seated traders that learn nothing: truthful and zero intelligence."""

from typing import Any

from gridbid.agents.baselines.draws import row_key
from gridbid.agents.seated_traders.desk import Desk, look, needed, offer
from gridbid.agents.seated_traders.policy import TraderPolicy
from gridbid.agents.traders.truthful import truthful_tick
from gridbid.agents.traders.zero_intelligence import constrained_tick, unconstrained_tick
from gridbid.market.kernel import kernel
from gridbid.market.types import Side

_BUY = int(Side.BUY)


class TruthfulPolicy(TraderPolicy):
    """Everybody names its limit: a buyer the highest tick below retail less the fee, a seller the feed-in price.

    With the rule's devices that is what the rule does; here it stands among the traders.
    """

    name = "truthful"

    def _decide(self, desk: Desk, minds: Any) -> None:
        _name_limits(desk)


class ZiCPolicy(TraderPolicy):
    """Zero intelligence within the budget: any tick between feed-in and retail less the fee, each as likely."""

    name = "zi_c"

    def _decide(self, desk: Desk, minds: Any) -> None:
        _draw_constrained(desk)


class ZiUPolicy(TraderPolicy):
    """Zero intelligence without a budget: any tick of the book, each as likely.

    An action's box ends at retail less the fee, so a tick above it is cut to the highest inside, and nobody loses; on the
    raw face, ``named`` has what was drawn.
    """

    name = "zi_u"

    def _decide(self, desk: Desk, minds: Any) -> None:
        _draw_unconstrained(desk)


@kernel
def _name_limits(desk: Desk) -> None:
    for m in range(desk.ticks.size):
        view, needs = look(desk, m), needed(desk, m)
        limit_tick = view.band.highest_tick if needs.side == _BUY else 0
        offer(desk, m, view, needs, truthful_tick(limit_tick))


@kernel
def _draw_constrained(desk: Desk) -> None:
    for m in range(desk.ticks.size):
        view, needs = look(desk, m), needed(desk, m)
        desk.streams[0] = row_key(desk.keys, m)
        limit_tick = view.band.highest_tick if needs.side == _BUY else 0
        tick = constrained_tick(needs.side, limit_tick, view.band.highest_tick + 1, desk.streams, 0)
        offer(desk, m, view, needs, tick)


@kernel
def _draw_unconstrained(desk: Desk) -> None:
    for m in range(desk.ticks.size):
        view, needs = look(desk, m), needed(desk, m)
        desk.streams[0] = row_key(desk.keys, m)
        offer(desk, m, view, needs, unconstrained_tick(desk.n_ticks, desk.streams, 0))
