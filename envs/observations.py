"""Writes the observations that `fields.OBSERVATIONS` describes, for a batch; what is written and the table agree by test.

Nothing here reads the reading of slot t - 1 or the future: series are read at t only where they are published (prices,
carbon intensity), and through the issued forecast otherwise.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.book import Book, best_level, to_level
from gridbid.market.community import Community
from gridbid.market.forecast import deviation, hour_forecast
from gridbid.market.kernel import allocating_kernel, kernel
from gridbid.market.outlook import car_at_start, seen_car
from gridbid.market.rules import tick_price
from gridbid.market.state import NO_PRICE, Arena, State, state_of
from gridbid.market.tariff import feed_in_price
from gridbid.market.trading import book_of
from gridbid.market.types import Device
from gridbid.market.units import NEUR_PER_WH_PER_CT_PER_KWH, WH_PER_KWH

_BATTERY, _CHARGER, _HEAT_PUMP = int(Device.BATTERY), int(Device.CHARGER), int(Device.HEAT_PUMP)
_N_DEVICES = len(Device)
_HOURS = 24
_NO_QUOTE = -0.5
_CT = float(NEUR_PER_WH_PER_CT_PER_KWH)

Singles = NDArray[np.float32]


class Tables(NamedTuple):
    """What observations need beside the community, fixed for a scenario.

    ``site_kw`` (N,): largest rating of each seat; ``retail_hour`` float32 (S, T): mean retail price of the four slots
    from t on, nEUR/Wh; ``feeder_kw``, ``feeder_hour_kw`` float32 (T, 1): inflexible load of all, and its hourly mean.
    """

    site_kw: NDArray[np.float64]
    retail_hour: Singles
    feeder_kw: Singles
    feeder_hour_kw: Singles


class BookView(NamedTuple):
    """A book as somebody sees it: quotes in nEUR/Wh (B,) (NO_PRICE: none), depths in Wh (B,), own orders in Wh (B, N).

    ``age_slots`` (B,): how old the view is; an environment's is fresh, a bot's may not be.
    """

    best_bid: NDArray[np.int64]
    best_ask: NDArray[np.int64]
    bid_depth_wh: NDArray[np.int64]
    ask_depth_wh: NDArray[np.int64]
    open_wh: NDArray[np.int64]
    age_slots: NDArray[np.float64]


def make_book_view(batch: int, n_participants: int) -> BookView:
    """A view of empty books."""
    return BookView(
        best_bid=np.full(batch, NO_PRICE, np.int64),
        best_ask=np.full(batch, NO_PRICE, np.int64),
        bid_depth_wh=np.zeros(batch, np.int64),
        ask_depth_wh=np.zeros(batch, np.int64),
        open_wh=np.zeros((batch, n_participants), np.int64),
        age_slots=np.zeros(batch),
    )


@kernel
def _quote(book: Book, side: int, floor: int, tick_size: int) -> tuple[int, int]:
    level = best_level(book, side)
    if level < 0:
        return NO_PRICE, 0
    n_ticks = book.head.size // 2
    depth_wh, order = 0, book.head[side * n_ticks + level]
    while order >= 0:
        depth_wh += book.quantity_wh[order]
        order = book.next[order]
    return tick_price(floor, tick_size, to_level(book, side, level)), depth_wh


@allocating_kernel
def _view_book(community: Community, state: State, view: BookView, b: int) -> None:
    """See community b's own book."""
    book, tick_size = book_of(state.books, b), community.rules.tick_size
    floor = feed_in_price(community, state, b, state.clock.slot[b])
    view.best_bid[b], view.bid_depth_wh[b] = _quote(book, 0, floor, tick_size)
    view.best_ask[b], view.ask_depth_wh[b] = _quote(book, 1, floor, tick_size)
    for i in range(view.open_wh.shape[1]):
        view.open_wh[b, i] = book.quantity_wh[i] if book.side[i] == 0 else -book.quantity_wh[i]


@kernel
def _published(
    community: Community, state: State, tables: Tables, b: int, slot: int, out: Singles, at: int
) -> int:
    """The time, and what is published."""
    series, rules = community.series, community.rules
    hour = series.local_hour[slot] * (2.0 * math.pi / 24.0)
    day = series.day_of_year[slot] * (2.0 * math.pi / 366.0)
    out[at], out[at + 1] = math.sin(hour), math.cos(hour)
    out[at + 2], out[at + 3] = math.sin(day), math.cos(day)
    out[at + 4] = 1.0 if series.weekend[slot] else 0.0
    out[at + 5] = state.clock.round[b] / rules.rounds
    at += 6
    sample, last = state.clock.sample[b], tables.retail_hour.shape[1] - 1
    per_hour, kept = rules.slots_per_day // _HOURS, state.tariff_shift.shape[1] - 1
    for h in range(_HOURS):
        ahead, shift = slot + per_hour * h, 0.0
        for n in range(per_hour):
            shift += state.tariff_shift[b, (ahead + n) & kept]
        out[at + h] = (tables.retail_hour[sample, min(ahead, last)] + shift / per_hour) / _CT / 40.0
    at += _HOURS
    out[at] = feed_in_price(community, state, b, slot) / _CT / 40.0
    out[at + 1] = series.fee[slot] / _CT / 40.0
    out[at + 2] = series.carbon_g_per_kwh[sample, slot] / 500.0
    return at + 3


@kernel
def _own(
    community: Community,
    state: State,
    tables: Tables,
    view: BookView,
    b: int,
    i: int,
    slot: int,
    out: Singles,
    at: int,
) -> int:
    rules, trading, delivery, sites = community.rules, state.trading, state.delivery, community.sites
    site_kw = tables.site_kw[i]
    share_per_wh = 1.0 / (WH_PER_KWH * rules.slot_h * site_kw)
    history, start = state.reading_history_wh, state.clock.start[b]
    out[at] = site_kw / 100.0
    at += 1
    for lag in (2, 3, rules.slots_per_day):
        known = slot - lag >= start
        out[at] = history[b, (slot - lag) & (history.shape[1] - 1), i] * share_per_wh if known else 0.0
        at += 1
    position_wh = trading.bought_wh[b, i] - trading.sold_wh[b, i]
    planned_kwh = 0.0
    for d in range(_N_DEVICES):
        planned_kwh += delivery.plan_kwh[b, i, d]
    out[at] = position_wh * share_per_wh
    out[at + 1] = (delivery.bought_wh[b, i] - delivery.sold_wh[b, i]) * share_per_wh
    out[at + 2] = planned_kwh * WH_PER_KWH * share_per_wh
    out[at + 3] = view.open_wh[b, i] * share_per_wh
    out[at + 4] = (sites.import_limit_wh[i] - position_wh) * share_per_wh
    out[at + 5] = (sites.export_limit_wh[i] + position_wh) * share_per_wh
    voltage_pu = state.delivered.voltage_pu[b, i]
    if math.isnan(voltage_pu):  # the feeder collapsed, and a clip would let nan through
        voltage_pu = 0.0
    out[at + 6] = (voltage_pu - 1.0) / 0.1
    return at + 7


@kernel
def _price_above(price: int, floor: int) -> float:
    return (price - floor) / _CT / 40.0 if price != NO_PRICE else _NO_QUOTE


@kernel
def _market(
    community: Community, state: State, view: BookView, b: int, slot: int, out: Singles, at: int
) -> int:
    floor = feed_in_price(community, state, b, slot)
    kw_per_wh = 1.0 / (WH_PER_KWH * community.rules.slot_h)
    out[at] = _price_above(view.best_bid[b], floor)
    out[at + 1] = _price_above(view.best_ask[b], floor)
    out[at + 2] = view.bid_depth_wh[b] * kw_per_wh / 100.0
    out[at + 3] = view.ask_depth_wh[b] * kw_per_wh / 100.0
    out[at + 4] = _price_above(state.last_price[b], floor)
    known = slot - 2 >= state.clock.start[b]
    net_wh, history = 0, state.reading_history_wh
    if known:
        for i in range(history.shape[2]):
            net_wh += history[b, (slot - 2) & (history.shape[1] - 1), i]
    out[at + 5] = net_wh * kw_per_wh / 100.0
    out[at + 6] = view.age_slots[b] / 8.0
    return at + 7


@kernel
def _blank(out: Singles, at: int, size: int) -> None:
    for n in range(at, at + size):
        out[n] = 0.0


@kernel
def _battery(
    community: Community,
    state: State,
    tables: Tables,
    b: int,
    i: int,
    out: Singles,
    at: int,
) -> int:
    devices = community.devices
    _blank(out, at, 5)
    if devices.battery_kw[i] > 0.0:
        reach_kwh = devices.battery_kw[i] * community.rules.slot_h
        out[at] = devices.battery_kw[i] / tables.site_kw[i]
        out[at + 1] = devices.battery_kwh[i] / devices.battery_kw[i] / 4.0
        out[at + 2] = state.stores.battery_kwh[b, i] / devices.battery_kwh[i]
        out[at + 3] = state.outlook.least_kwh[b, i, _BATTERY] / reach_kwh
        out[at + 4] = state.outlook.most_kwh[b, i, _BATTERY] / reach_kwh
    return at + 5


@kernel
def _car(
    community: Community,
    state: State,
    tables: Tables,
    b: int,
    i: int,
    slot: int,
    out: Singles,
    at: int,
) -> int:
    devices, hours = community.devices, community.rules.slot_h
    _blank(out, at, 8)
    if community.series.car_column[i] < 0:
        return at + 8
    out[at] = devices.charger_kw[i] / tables.site_kw[i]
    departure, target_kwh = seen_car(community, state, b, i, slot)
    if departure > slot:
        car_kwh = car_at_start(community, state, b, i, max(slot - 1, state.clock.start[b]))
        due_h = max(0.0, target_kwh - car_kwh) / (devices.charger_efficiency[i] * devices.charger_kw[i])
        departure_h = (departure - slot) * hours
        reach_kwh = devices.charger_kw[i] * hours
        out[at + 1] = 1.0
        out[at + 2] = car_kwh / devices.car_kwh[i]
        out[at + 3] = due_h / 10.0
        out[at + 4] = departure_h / 12.0
        out[at + 5] = (departure_h - due_h) / 12.0
        out[at + 6] = state.outlook.least_kwh[b, i, _CHARGER] / reach_kwh
        out[at + 7] = state.outlook.most_kwh[b, i, _CHARGER] / reach_kwh
    return at + 8


@kernel
def _heat(
    community: Community,
    state: State,
    tables: Tables,
    b: int,
    i: int,
    out: Singles,
    at: int,
) -> int:
    devices = community.devices
    _blank(out, at, 4)
    if devices.heat_pump_kw[i] > 0.0:
        reach_kwh = devices.heat_pump_kw[i] * community.rules.slot_h
        out[at] = devices.heat_pump_kw[i] / tables.site_kw[i]
        out[at + 1] = state.stores.heat_kwh[b, i] / devices.heat_store_kwh[i]
        out[at + 2] = state.outlook.least_kwh[b, i, _HEAT_PUMP] / reach_kwh
        out[at + 3] = state.outlook.most_kwh[b, i, _HEAT_PUMP] / reach_kwh
    return at + 4


@kernel
def _net_forecast(
    community: Community, state: State, tables: Tables, b: int, i: int, slot: int, out: Singles, at: int
) -> int:
    series, share_per_kw = community.series, 1.0 / tables.site_kw[i]
    out[at] = state.outlook.pv_kwh[b, i] / community.rules.slot_h * share_per_kw
    out[at + 1] = state.outlook.net_kwh[b, i] / community.rules.slot_h * share_per_kw
    at += 2
    deviation_kw = deviation(series.net_kw, series.deviation_decay, slot, i)
    for h in range(_HOURS):
        hour_kw = hour_forecast(series.net_hour_kw, series.deviation_decay, slot, h, i, deviation_kw)
        out[at + h] = hour_kw * share_per_kw
    return at + _HOURS


@kernel
def _copy(source: Singles, first: int, last: int, out: Singles, at: int) -> int:
    for n in range(first, last):
        out[at + n - first] = source[n]
    return at + last - first


@kernel
def _clip(row: Singles, low: Singles, high: Singles) -> None:
    for j in range(row.size):
        row[j] = min(max(row[j], low[j]), high[j])


class Rows(NamedTuple):
    """Observations to be written, float32 (B, seats, observation) by kind; no seats where a kind is absent."""

    prosumer: Singles
    battery: Singles
    ev: Singles
    utility: Singles


class Seating(NamedTuple):
    """Who sits where, and within which bounds observations lie: participants (seats,), bounds (observation,), by kind."""

    prosumers: NDArray[np.int64]
    batteries: NDArray[np.int64]
    evs: NDArray[np.int64]
    low: Rows
    high: Rows


@allocating_kernel
def write_observations(
    community: Community,
    arena: Arena,
    tables: Tables,
    view: BookView,
    own_books: bool,
    seating: Seating,
    shared: Singles,
    rows: Rows,
) -> None:
    """Write everybody's observations; with ``own_books`` the engine's books are viewed first.

    ``shared`` (64,) is scratch: what all of a community see is written once and copied.
    """
    state = state_of(arena)
    for b in range(state.clock.slot.size):
        slot = state.clock.slot[b]
        if own_books:
            _view_book(community, state, view, b)
        published = _published(community, state, tables, b, slot, shared, 0)
        seen = _market(community, state, view, b, slot, shared, published)
        for n in range(seating.prosumers.size):
            i, row = seating.prosumers[n], rows.prosumer[b, n]
            at = _copy(shared, 0, published, row, 0)
            at = _own(community, state, tables, view, b, i, slot, row, at)
            at = _copy(shared, published, seen, row, at)
            at = _battery(community, state, tables, b, i, row, at)
            at = _car(community, state, tables, b, i, slot, row, at)
            at = _heat(community, state, tables, b, i, row, at)
            _net_forecast(community, state, tables, b, i, slot, row, at)
            _clip(row, seating.low.prosumer, seating.high.prosumer)
        for n in range(seating.batteries.size):
            i, row = seating.batteries[n], rows.battery[b, n]
            at = _copy(shared, 0, published, row, 0)
            at = _own(community, state, tables, view, b, i, slot, row, at)
            at = _copy(shared, published, seen, row, at)
            _battery(community, state, tables, b, i, row, at)
            _clip(row, seating.low.battery, seating.high.battery)
        for n in range(seating.evs.size):
            i, row = seating.evs[n], rows.ev[b, n]
            at = _copy(shared, 0, published, row, 0)
            at = _own(community, state, tables, view, b, i, slot, row, at)
            at = _copy(shared, published, seen, row, at)
            _car(community, state, tables, b, i, slot, row, at)
            _clip(row, seating.low.ev, seating.high.ev)
        for n in range(rows.utility.shape[1]):
            row = rows.utility[b, n]
            at = _copy(shared, 0, seen, row, 0)
            _utility(community, state, tables, b, slot, row, at)
            _clip(row, seating.low.utility, seating.high.utility)


@kernel
def _utility(
    community: Community, state: State, tables: Tables, b: int, slot: int, out: Singles, at: int
) -> None:
    """Aggregates, no homes."""
    rating_kva, decay = community.network.rating_kva[1], community.series.deviation_decay
    out[at] = state.delivered.feeder_kw[b] / rating_kva
    deviation_kw = deviation(tables.feeder_kw, decay, slot, 0)
    for h in range(_HOURS):
        hour_kw = hour_forecast(tables.feeder_hour_kw, decay, slot, h, 0, deviation_kw)
        out[at + 1 + h] = hour_kw / rating_kva
    at += 1 + _HOURS
    out[at] = state.delivered.overload_kwh[b] / 10.0
    out[at + 1] = community.series.wholesale[state.clock.sample[b], slot] / _CT / 40.0
    out[at + 2] = state.shift_room[b] / _CT / 20.0
