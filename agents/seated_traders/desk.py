"""A row's desk: what a seated trader sees, and the action that its tick becomes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.baselines.draws import RowKeys
from gridbid.agents.baselines.rows import Columns, Outlets, Plan, Rows, Singles, value, write_plan
from gridbid.agents.baselines.rule import NO_CURTAILMENT, NO_HEAT, full_power, need_of, self_consumption
from gridbid.agents.seated_traders.band import band_of, limit_for
from gridbid.agents.seated_traders.hearing import Past, View, begin, note
from gridbid.agents.seated_traders.market_rows import MarketColumns
from gridbid.agents.traders.streams import Streams
from gridbid.market.kernel import kernel
from gridbid.market.types import Side
from gridbid.market.units import NEUR_PER_WH_PER_CT_PER_KWH

_BUY, _SELL = int(Side.BUY), int(Side.SELL)
_CT = float(NEUR_PER_WH_PER_CT_PER_KWH)

Integers = NDArray[np.int64]


class Desk(NamedTuple):
    """All rows of a kind: what they see and remember, the market's rules, and where actions are written.

    - ``keys``: what is drawn follows from them, so that a bot that sees one row draws what a batch would
    - ``streams`` (1,): where the draws of the row that is at work stand
    - ``sides``, ``ticks`` (rows,): what was named; ``actions`` (rows, action)
    """

    rows: Rows
    columns: Columns
    market: MarketColumns
    no_quote_ct: float
    keys: RowKeys
    streams: Streams
    tick_size: int
    n_ticks: int
    past: Past
    sides: Integers
    ticks: Integers
    outlets: Outlets
    actions: Singles


class Need(NamedTuple):
    """A row's need (share of site_kw, buys positive), its side, and the rule's set points that leave it."""

    need: float
    side: int
    battery: float
    charger: float


@kernel
def look(desk: Desk, m: int) -> View:
    """What row m sees of the market; one whose episode begins has no past."""
    rows, market = desk.rows, desk.market
    if not desk.past.started[m]:
        begin(desk.past, m)
    band = band_of(rows, market, desk.past.hours, m, desk.tick_size, desk.n_ticks)
    return View(
        band,
        value(rows, m, market.round),
        _price(desk, m, market.best_bid, band.floor),
        _price(desk, m, market.best_ask, band.floor),
        _price(desk, m, market.last_price, band.floor),
        value(rows, m, market.position),
        value(rows, m, market.delivery_position),
    )


@kernel
def _price(desk: Desk, m: int, column: int, floor: float) -> float:
    above_ct = value(desk.rows, m, column)
    return np.nan if above_ct == desk.no_quote_ct else np.rint(above_ct * _CT) + floor


@kernel
def needed(desk: Desk, m: int) -> Need:
    """What row m has to trade when its devices go by the rule."""
    charger = full_power(desk.rows, desk.columns, m)
    battery = self_consumption(desk.rows, desk.columns, m, charger)
    need = need_of(desk.rows, desk.columns, m, battery, charger)
    return Need(need, _BUY if need > 0.0 else _SELL, battery, charger)


@kernel
def offer(desk: Desk, m: int, view: View, needs: Need, tick: int) -> None:
    """Offer row m's whole need at a tick, as near to it as the action's box comes, and remember it."""
    inside = min(max(tick, 0), view.band.highest_tick)
    limit = limit_for(inside, needs.side, view.band, desk.tick_size)
    follow = 1.0 - value(desk.rows, m, desk.market.car_plugged)
    plan = Plan(1.0, limit, follow, needs.battery, needs.charger, NO_HEAT, NO_CURTAILMENT)
    write_plan(desk.outlets, desk.actions, m, plan)
    desk.sides[m] = needs.side
    desk.ticks[m] = tick
    share = inside * desk.tick_size / view.band.width if view.band.width > 0.0 else 0.0
    note(desk.past, m, view, needs.need, needs.side, share)
