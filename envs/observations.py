"""Writes the observations that `fields.OBSERVATIONS` describes, for a batch; what is written and the table agree by test.

Nothing here reads the reading of slot t - 1 or the future: series are read at t only where they are published (prices,
carbon intensity), and through the issued forecast otherwise.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.fields import BATTERY, EV, KINDS, PROSUMER
from gridbid.market.book import Book, best_level, to_level
from gridbid.market.community import Community
from gridbid.market.delivery import N_DEVICES
from gridbid.market.forecast import hour_forecast
from gridbid.market.kernel import allocating_kernel, kernel
from gridbid.market.planning import car_at_start, feed_in_price, plan_limits, seen_car
from gridbid.market.rules import tick_price
from gridbid.market.state import HISTORY, NO_PRICE, State
from gridbid.market.trading import book_of
from gridbid.market.types import Device
from gridbid.market.units import NEUR_PER_WH_PER_CT_PER_KWH, WH_PER_KWH

KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}
_PROSUMER, _BATTERY_KIND, _EV = KIND_CODE[PROSUMER], KIND_CODE[BATTERY], KIND_CODE[EV]
_BATTERY, _CHARGER, _HEAT_PUMP = int(Device.BATTERY), int(Device.CHARGER), int(Device.HEAT_PUMP)
_HOURS = 24
_NO_QUOTE = -0.5
_DAY = 96
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
def view_books(community: Community, state: State, view: BookView) -> None:
    """See the engine's own books."""
    rules = community.rules
    batch, n_participants = view.open_wh.shape
    for b in range(batch):
        book = book_of(state.books, b)
        floor = feed_in_price(community, state, b, state.clock.slot[b])
        view.best_bid[b], view.bid_depth_wh[b] = _quote(book, 0, floor, rules.tick_size)
        view.best_ask[b], view.ask_depth_wh[b] = _quote(book, 1, floor, rules.tick_size)
        for i in range(n_participants):
            view.open_wh[b, i] = book.quantity_wh[i] if book.side[i] == 0 else -book.quantity_wh[i]


@kernel
def _common(
    community: Community, state: State, tables: Tables, b: int, slot: int, out: Singles, at: int
) -> int:
    series, rules = community.series, community.rules
    hour = series.local_hour[slot] * (2.0 * math.pi / 24.0)
    day = series.day_of_year[slot] * (2.0 * math.pi / 366.0)
    out[at], out[at + 1] = math.sin(hour), math.cos(hour)
    out[at + 2], out[at + 3] = math.sin(day), math.cos(day)
    out[at + 4] = 1.0 if series.weekend[slot] else 0.0
    out[at + 5] = state.clock.round[b] / rules.rounds
    at += 6
    sample, last = state.clock.sample[b], tables.retail_hour.shape[1] - 1
    for h in range(_HOURS):
        ahead = min(slot + 4 * h, last)
        shift = 0.0
        for quarter in range(4):
            shift += state.tariff_shift[b, (slot + 4 * h + quarter) & (HISTORY - 1)]
        out[at + h] = (tables.retail_hour[sample, ahead] + shift / 4.0) / _CT / 40.0
    at += _HOURS
    out[at] = feed_in_price(community, state, b, slot) / _CT / 40.0
    out[at + 1] = rules.fee / _CT / 40.0
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
    for lag in (2, 3, _DAY):
        known = slot - lag >= start
        out[at] = history[b, (slot - lag) & (HISTORY - 1), i] * share_per_wh if known else 0.0
        at += 1
    position_wh = trading.bought_wh[b, i] - trading.sold_wh[b, i]
    out[at] = position_wh * share_per_wh
    out[at + 1] = (delivery.bought_wh[b, i] - delivery.sold_wh[b, i]) * share_per_wh
    out[at + 2] = delivery.plan_kwh[b, i].sum() * WH_PER_KWH * share_per_wh
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
    net_wh = state.reading_history_wh[b, (slot - 2) & (HISTORY - 1)].sum() if known else 0
    out[at + 5] = net_wh * kw_per_wh / 100.0
    out[at + 6] = view.age_slots[b] / 8.0
    return at + 7


@kernel
def _battery(
    community: Community,
    state: State,
    tables: Tables,
    b: int,
    i: int,
    least: float,
    most: float,
    out: Singles,
    at: int,
) -> int:
    devices = community.devices
    out[at : at + 5] = 0.0
    if devices.battery_kw[i] > 0.0:
        reach_kwh = devices.battery_kw[i] * community.rules.slot_h
        out[at] = devices.battery_kw[i] / tables.site_kw[i]
        out[at + 1] = devices.battery_kwh[i] / devices.battery_kw[i] / 4.0
        out[at + 2] = state.stores.battery_kwh[b, i] / devices.battery_kwh[i]
        out[at + 3] = least / reach_kwh
        out[at + 4] = most / reach_kwh
    return at + 5


@kernel
def _car(
    community: Community,
    state: State,
    tables: Tables,
    b: int,
    i: int,
    slot: int,
    least: float,
    most: float,
    out: Singles,
    at: int,
) -> int:
    devices, hours = community.devices, community.rules.slot_h
    out[at : at + 8] = 0.0
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
        out[at + 6] = least / reach_kwh
        out[at + 7] = most / reach_kwh
    return at + 8


@kernel
def _heat(
    community: Community,
    state: State,
    tables: Tables,
    b: int,
    i: int,
    least: float,
    most: float,
    out: Singles,
    at: int,
) -> int:
    devices = community.devices
    out[at : at + 4] = 0.0
    if devices.heat_pump_kw[i] > 0.0:
        reach_kwh = devices.heat_pump_kw[i] * community.rules.slot_h
        out[at] = devices.heat_pump_kw[i] / tables.site_kw[i]
        out[at + 1] = state.stores.heat_kwh[b, i] / devices.heat_store_kwh[i]
        out[at + 2] = least / reach_kwh
        out[at + 3] = most / reach_kwh
    return at + 4


@kernel
def _net_forecast(
    community: Community,
    tables: Tables,
    i: int,
    slot: int,
    net_kwh: float,
    pv_kwh: float,
    out: Singles,
    at: int,
) -> int:
    series, site_kw = community.series, tables.site_kw[i]
    out[at] = pv_kwh / community.rules.slot_h / site_kw
    out[at + 1] = net_kwh / community.rules.slot_h / site_kw
    for h in range(_HOURS):
        out[at + 2 + h] = hour_forecast(series.net_hour_kw, series.net_kw, slot, h, i) / site_kw
    return at + 2 + _HOURS


@kernel
def _clip(row: Singles, low: Singles, high: Singles) -> None:
    for j in range(row.size):
        row[j] = min(max(row[j], low[j]), high[j])


@allocating_kernel
def observe_metered(
    community: Community,
    state: State,
    tables: Tables,
    view: BookView,
    kind: int,
    seats: NDArray[np.int64],
    low: Singles,
    high: Singles,
    out: Singles,
) -> None:
    """Write the observations of the seats of a metered kind, (B, seats, observation)."""
    least, most, energy = np.zeros(N_DEVICES), np.zeros(N_DEVICES), np.zeros(N_DEVICES)
    for b in range(out.shape[0]):
        slot = state.clock.slot[b]
        for n in range(seats.size):
            i, row = seats[n], out[b, n]
            net_kwh, pv_kwh = plan_limits(community, state, b, i, slot, least, most, energy)
            at = _common(community, state, tables, b, slot, row, 0)
            at = _own(community, state, tables, view, b, i, slot, row, at)
            at = _market(community, state, view, b, slot, row, at)
            if kind in (_PROSUMER, _BATTERY_KIND):
                at = _battery(community, state, tables, b, i, least[_BATTERY], most[_BATTERY], row, at)
            if kind in (_PROSUMER, _EV):
                at = _car(community, state, tables, b, i, slot, least[_CHARGER], most[_CHARGER], row, at)
            if kind == _PROSUMER:
                at = _heat(community, state, tables, b, i, least[_HEAT_PUMP], most[_HEAT_PUMP], row, at)
                _net_forecast(community, tables, i, slot, net_kwh, pv_kwh, row, at)
            _clip(row, low, high)


@kernel
def observe_utility(
    community: Community,
    state: State,
    tables: Tables,
    view: BookView,
    shift_room: NDArray[np.int64],
    low: Singles,
    high: Singles,
    out: Singles,
) -> None:
    """Write the utility's observation, (B, 1, observation): aggregates, no homes. ``shift_room`` is (B,), nEUR/Wh."""
    rating_kva = community.network.rating_kva[1]
    for b in range(out.shape[0]):
        slot, row = state.clock.slot[b], out[b, 0]
        at = _common(community, state, tables, b, slot, row, 0)
        at = _market(community, state, view, b, slot, row, at)
        row[at] = state.delivered.feeder_kw[b] / rating_kva
        for h in range(_HOURS):
            row[at + 1 + h] = hour_forecast(tables.feeder_hour_kw, tables.feeder_kw, slot, h, 0) / rating_kva
        at += 1 + _HOURS
        row[at] = state.delivered.overload_kwh[b] / 10.0
        row[at + 1] = community.series.wholesale[state.clock.sample[b], slot] / _CT / 40.0
        row[at + 2] = shift_room[b] / _CT / 20.0
        _clip(row, low, high)
