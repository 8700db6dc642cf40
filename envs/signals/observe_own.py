"""What a seat sees of itself beside its devices, and what the utility sees of the feeder."""

import math

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.signals.market_view import MarketView
from gridbid.envs.signals.observe_published import HOURS, Tables
from gridbid.envs.signals.response_view import ResponseView
from gridbid.market.community import Community
from gridbid.market.forecast import deviation, hour_forecast
from gridbid.market.grid.network import source_rating_kva
from gridbid.market.kernel import kernel
from gridbid.market.state import State
from gridbid.market.types import Device
from gridbid.market.units import NEUR_PER_WH_PER_CT_PER_KWH, WH_PER_KWH

_N_DEVICES = len(Device)
_CT = float(NEUR_PER_WH_PER_CT_PER_KWH)

Singles = NDArray[np.float32]


@kernel
def write_own(
    community: Community,
    state: State,
    tables: Tables,
    view: MarketView,
    response: ResponseView,
    b: int,
    i: int,
    slot: int,
    out: Singles,
    at: int,
) -> int:
    """Readings, position, plan, room, voltage, and the part in an event."""
    rules, trading, delivery, sites = community.rules, state.trading, state.delivery, community.sites
    site_kw = tables.site_kw[i]
    share_per_wh = 1.0 / (WH_PER_KWH * rules.slot_h * site_kw)
    history, start = state.reading_history_wh, state.clock.start[b]
    out[at] = 1.0
    out[at + 1] = site_kw / 100.0
    at += 2
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
    out[at + 7] = response.takes_part[b, i]
    out[at + 8] = response.asked_wh[b, i] * share_per_wh
    out[at + 9] = response.left_wh[b, i] / (WH_PER_KWH * site_kw) / 4.0
    out[at + 10] = response.baseline_wh[b, i] * share_per_wh
    return at + 11


@kernel
def write_net_forecast(
    community: Community, state: State, tables: Tables, b: int, i: int, slot: int, out: Singles, at: int
) -> int:
    """The issued forecasts of PV and of the inflexible net load."""
    series, share_per_kw = community.series, 1.0 / tables.site_kw[i]
    out[at] = state.outlook.pv_kwh[b, i] / community.rules.slot_h * share_per_kw
    out[at + 1] = state.outlook.net_kwh[b, i] / community.rules.slot_h * share_per_kw
    at += 2
    forecast, deviation_kw = series.forecast, deviation(series.forecast, series.net_kw, slot, i)
    for h in range(HOURS):
        # Whether the seat will still be a member then is not known.
        hour_kw = hour_forecast(
            forecast, series.net_hour_kw, forecast.net_error_hour_kw, slot, h, i, deviation_kw
        )
        out[at + h] = hour_kw * share_per_kw
    return at + HOURS


@kernel
def write_utility(
    community: Community,
    state: State,
    tables: Tables,
    response: ResponseView,
    b: int,
    slot: int,
    out: Singles,
    at: int,
) -> None:
    """Aggregates, no homes."""
    rating_kva, forecast = source_rating_kva(community.network), community.series.forecast
    out[at] = state.delivered.feeder_kw[b] / rating_kva
    error_kw, deviation_kw = forecast.total_error_hour_kw, deviation(forecast, tables.feeder_kw, slot, 0)
    for h in range(HOURS):
        hour_kw = hour_forecast(forecast, tables.feeder_hour_kw, error_kw, slot, h, 0, deviation_kw)
        out[at + 1 + h] = hour_kw / rating_kva
    at += 1 + HOURS
    out[at] = state.delivered.overload_kwh[b] / 10.0
    out[at + 1] = community.series.wholesale[state.clock.sample[b], slot] / _CT / 40.0
    out[at + 2] = state.shift_room[b] / _CT / 20.0
    asked_wh, baseline_wh = 0, 0
    for i in range(response.asked_wh.shape[1]):
        asked_wh += response.asked_wh[b, i]
        baseline_wh += response.baseline_wh[b, i]
    share_per_wh = 1.0 / (WH_PER_KWH * community.rules.slot_h * rating_kva)
    out[at + 3] = asked_wh * share_per_wh
    out[at + 4] = baseline_wh * share_per_wh
