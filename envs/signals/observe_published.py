"""What all of a community see: time, prices, the market, and the event that is under way or announced."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.signals.market_view import MarketView
from gridbid.envs.signals.response_view import ResponseView
from gridbid.market.community import Community
from gridbid.market.kernel import kernel
from gridbid.market.state import NO_PRICE, State
from gridbid.market.tariff import feed_in_price
from gridbid.market.units import NEUR_PER_WH_PER_CT_PER_KWH, WH_PER_KWH

HOURS = 24
_NO_QUOTE = -0.5
_CT = float(NEUR_PER_WH_PER_CT_PER_KWH)

Singles = NDArray[np.float32]


class Tables(NamedTuple):
    """What observations need beside the community, fixed for a scenario.

    ``site_kw`` (N,): largest rating of each seat; ``retail_hour`` float32 (S, T): mean retail price of the hour of slots
    from t on, nEUR/Wh; ``feeder_kw``, ``feeder_hour_kw`` float32 (T, 1): inflexible load of all, and its hourly mean.
    """

    site_kw: NDArray[np.float64]
    retail_hour: Singles
    feeder_kw: Singles
    feeder_hour_kw: Singles


@kernel
def write_published(
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
    per_hour, kept = rules.slots_per_day // HOURS, state.tariff_shift.shape[1] - 1
    for h in range(HOURS):
        ahead, shift = slot + per_hour * h, 0.0
        for n in range(per_hour):
            shift += state.tariff_shift[b, (ahead + n) & kept]
        out[at + h] = (tables.retail_hour[sample, min(ahead, last)] + shift / per_hour) / _CT / 40.0
    at += HOURS
    out[at] = feed_in_price(community, state, b, slot) / _CT / 40.0
    out[at + 1] = series.fee[slot] / _CT / 40.0
    out[at + 2] = series.carbon_g_per_kwh[sample, slot] / 500.0
    return at + 3


@kernel
def write_market(
    community: Community, state: State, view: MarketView, b: int, slot: int, out: Singles, at: int
) -> int:
    """The book, the last trade, and the community's net of the last known slot."""
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
def write_event(
    community: Community, response: ResponseView, b: int, slot: int, out: Singles, at: int
) -> int:
    """The event of demand response that takes place in the slot, or comes next."""
    hours = community.rules.slot_h
    out[at] = response.phase[b] / 4.0
    out[at + 1] = max(0, response.start[b] - slot) * hours / 12.0 if response.phase[b] > 0 else 0.0
    out[at + 2] = (response.end[b] - slot) * hours / 12.0 if response.phase[b] > 0 else 0.0
    out[at + 3] = response.rate[b] / _CT / 100.0
    return at + 4


@kernel
def _price_above(price: int, floor: int) -> float:
    return (price - floor) / _CT / 40.0 if price != NO_PRICE else _NO_QUOTE
