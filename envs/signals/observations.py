"""Writes the observations that `fields.OBSERVATIONS` describes, for a batch; what is written and the table agree by test.

Nothing here reads the reading of slot t - 1 or the future: series are read at t only where they are published (prices,
carbon intensity, who is a member), and through the issued forecast otherwise.
"""

import numpy as np
from numpy.typing import NDArray

from gridbid.envs import fields
from gridbid.envs.signals.market_view import MarketView, view_book
from gridbid.envs.signals.observe_devices import blank, write_battery, write_car, write_heat
from gridbid.envs.signals.observe_own import write_net_forecast, write_own, write_utility
from gridbid.envs.signals.observe_published import Tables, write_event, write_market, write_published
from gridbid.envs.signals.seating import Rows, Seating
from gridbid.market.community import Community
from gridbid.market.kernel import allocating_kernel, kernel
from gridbid.market.presence import is_present
from gridbid.market.state import Arena, state_of

__all__ = ["SHARED_SIZE", "Rows", "Seating", "Tables", "write_observations"]

Singles = NDArray[np.float32]

SHARED_SIZE = sum(field.size for field in fields.OBSERVATIONS if field.kinds == fields.KINDS)
"""Numbers that all of a community see."""
_OWN_SIZE = sum(field.size for field in fields.OBSERVATIONS if field.kinds == fields.METERED)


@allocating_kernel
def write_observations(
    community: Community,
    arena: Arena,
    tables: Tables,
    view: MarketView,
    own_books: bool,
    seating: Seating,
    shared: Singles,
    rows: Rows,
) -> None:
    """Write everybody's observations; with ``own_books`` the engine's books are viewed first.

    ``shared`` (SHARED_SIZE,) is scratch: what all of a community see is written once and copied. One who is absent sees that
    and nothing else.
    """
    state, present = state_of(arena), community.series.present
    for b in range(state.clock.slot.size):
        slot = state.clock.slot[b]
        if own_books:
            view_book(community, state, view, b)
        published = write_published(community, state, tables, b, slot, shared, 0)
        seen = write_market(community, state, view, b, slot, shared, published)
        seen = write_event(community, view.response, b, slot, shared, seen)
        for n in range(seating.prosumers.size):
            i, row = seating.prosumers[n], rows.prosumer[b, n]
            if not is_present(present, slot, i):
                _write_absent(shared, published, row, seating.low.prosumer, seating.high.prosumer)
                continue
            at = _copy(shared, 0, published, row, 0)
            at = write_own(community, state, tables, view, view.response, b, i, slot, row, at)
            at = _copy(shared, published, seen, row, at)
            at = write_battery(community, state, tables, b, i, row, at)
            at = write_car(community, state, tables, b, i, slot, row, at)
            at = write_heat(community, state, tables, b, i, row, at)
            write_net_forecast(community, state, tables, b, i, slot, row, at)
            _clip(row, seating.low.prosumer, seating.high.prosumer)
        for n in range(seating.batteries.size):
            i, row = seating.batteries[n], rows.battery[b, n]
            if not is_present(present, slot, i):
                _write_absent(shared, published, row, seating.low.battery, seating.high.battery)
                continue
            at = _copy(shared, 0, published, row, 0)
            at = write_own(community, state, tables, view, view.response, b, i, slot, row, at)
            at = _copy(shared, published, seen, row, at)
            write_battery(community, state, tables, b, i, row, at)
            _clip(row, seating.low.battery, seating.high.battery)
        for n in range(seating.evs.size):
            i, row = seating.evs[n], rows.ev[b, n]
            if not is_present(present, slot, i):
                _write_absent(shared, published, row, seating.low.ev, seating.high.ev)
                continue
            at = _copy(shared, 0, published, row, 0)
            at = write_own(community, state, tables, view, view.response, b, i, slot, row, at)
            at = _copy(shared, published, seen, row, at)
            write_car(community, state, tables, b, i, slot, row, at)
            _clip(row, seating.low.ev, seating.high.ev)
        for n in range(rows.utility.shape[1]):
            row = rows.utility[b, n]
            at = _copy(shared, 0, seen, row, 0)
            write_utility(community, state, tables, view.response, b, slot, row, at)
            _clip(row, seating.low.utility, seating.high.utility)


@kernel
def _write_absent(shared: Singles, published: int, row: Singles, low: Singles, high: Singles) -> None:
    blank(row, 0, row.size)
    _copy(shared, 0, published, row, 0)
    _copy(shared, published, SHARED_SIZE, row, published + _OWN_SIZE)
    _clip(row, low, high)


@kernel
def _copy(source: Singles, first: int, last: int, out: Singles, at: int) -> int:
    for n in range(first, last):
        out[at + n - first] = source[n]
    return at + last - first


@kernel
def _clip(row: Singles, low: Singles, high: Singles) -> None:
    for j in range(row.size):
        row[j] = min(max(row[j], low[j]), high[j])
