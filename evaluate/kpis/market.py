"""How well the market did: what it made of the slots, at which prices, and how its book looked.

What a participant's Wh is worth, and the equilibrium of a slot, are defined in `gridbid.evaluate.kpis.slot_market`.
"""

import math
from collections.abc import Callable

import numpy as np

from gridbid.evaluate.kpis.figure import Floats, Kpi, Weeks, mean, ratio, sum_of
from gridbid.evaluate.kpis.slot_market import SlotMarkets
from gridbid.evaluate.market_metrics import smiths_alpha
from gridbid.evaluate.records.record import WeekRecord
from gridbid.market.units import NEUR_PER_EUR, NEUR_PER_WH_PER_CT_PER_KWH, WH_PER_KWH

_NEUR_PER_CT = NEUR_PER_EUR / 100.0


def mean_price_ct(record: WeekRecord) -> Floats:
    """Mean price of each slot's fills, ct/kWh (T,); nan without a fill."""
    bought_wh, paid_neur = record.bought_wh.sum(axis=1), record.paid_neur.sum(axis=1)
    per_wh = np.divide(paid_neur, bought_wh, out=np.full(bought_wh.size, np.nan), where=bought_wh > 0)
    return per_wh / NEUR_PER_WH_PER_CT_PER_KWH


def _slots(weeks: Weeks, track: Callable[[WeekRecord], Floats]) -> Floats:
    """A figure by slot, record after record."""
    return np.concatenate([track(record) for record in weeks.records])


def _share_of_surplus(amount_neur: Callable[[SlotMarkets], Floats]) -> Callable[[Weeks], float]:
    """An amount by slot, over all that trade could have brought."""

    def compute(weeks: Weeks) -> float:
        surplus_neur = sum(float(market.equilibria.surplus.sum()) for market in weeks.markets)
        return ratio(sum(float(amount_neur(market).sum()) for market in weeks.markets), surplus_neur)

    return compute


def _alpha(weeks: Weeks) -> float:
    """From each slot's mean price and the deviation about it: half of the energy a deviation above, half below it."""
    ideal = np.concatenate([market.equilibria.price for market in weeks.markets])
    price_ct, deviation_ct = _slots(weeks, mean_price_ct), _slots(weeks, lambda r: r.price_deviation_ct)
    bought_wh = _slots(weeks, lambda r: r.bought_wh.sum(axis=1))
    weights = np.where(np.isnan(deviation_ct) | np.isnan(ideal), 0.0, bought_wh)
    prices_ct = np.concatenate([price_ct - deviation_ct, price_ct + deviation_ct])
    ideal_ct = np.tile(ideal / NEUR_PER_WH_PER_CT_PER_KWH, 2)
    return float(smiths_alpha(prices_ct, ideal_ct, weights=np.tile(weights, 2)))


def _dispersion_ct(weeks: Weeks) -> float:
    """Slots have the same members, so the mean over all of them is that of the slots' means."""
    by_slot = np.concatenate([market.dispersion_neur[market.active] for market in weeks.markets])
    return math.sqrt(mean(by_slot**2)) / _NEUR_PER_CT


def _traded_kwh(weeks: Weeks) -> float:
    return weeks.total(lambda record: record.bought_wh.sum()) / WH_PER_KWH


def _tradable_kwh(weeks: Weeks) -> float:
    def tradable(record: WeekRecord) -> float:
        needs, surpluses = (np.maximum(0.0, sign * record.net_kwh).sum(axis=1) for sign in (1.0, -1.0))
        return float(np.minimum(needs, surpluses).sum())

    return weeks.total(tradable)


def _match_share(weeks: Weeks) -> float:
    return ratio(_traded_kwh(weeks), _tradable_kwh(weeks))


def _mean_price_ct(weeks: Weeks) -> float:
    paid_neur = weeks.total(lambda record: record.paid_neur.sum())
    bought_wh = weeks.total(lambda record: record.bought_wh.sum())
    return ratio(paid_neur, bought_wh) / NEUR_PER_WH_PER_CT_PER_KWH


def _spread_ct(weeks: Weeks) -> float:
    return mean(_slots(weeks, lambda record: record.best_ask_ct - record.best_bid_ct))


def _depth_kwh(weeks: Weeks) -> float:
    return mean(_slots(weeks, lambda record: record.bid_depth_wh + record.ask_depth_wh)) / WH_PER_KWH


def _fill_rate(weeks: Weeks) -> float:
    traded_wh = 2.0 * weeks.total(lambda record: record.bought_wh.sum())
    return ratio(traded_wh, traded_wh + weeks.total(lambda r: (r.open_bid_wh + r.open_ask_wh).sum()))


def _share_of_orders(name: str) -> Callable[[Weeks], float]:
    return lambda weeks: ratio(sum_of(name)(weeks), sum_of("orders_placed")(weeks))


MARKET = (
    Kpi("traded_kwh", "kWh", "none", "energy traded in the community", _traded_kwh),
    Kpi(
        *("match_share", "1", "higher"),
        "traded energy over what needs and surpluses at the meters would have allowed, slot by slot; above 1 where more was traded "
        "than was needed",
        _match_share,
    ),
    Kpi("mean_price_ct", "ct/kWh", "none", "mean price of what was traded", _mean_price_ct),
    Kpi("fills", "1", "none", "fills in the book", sum_of("fills")),
    Kpi(
        *("efficiency", "1", "higher"),
        "allocative efficiency: what trading brought all members over TS*, the most that it could have brought; below 0 where "
        "trade destroyed value",
        _share_of_surplus(lambda market: market.gain_neur.astype(np.float64)),
    ),
    Kpi(
        *("untraded_loss", "1", "lower"),
        "share of TS* that is lost since Wh that were needed here and left over there were not traded",
        _share_of_surplus(lambda market: market.untraded_neur),
    ),
    Kpi(
        *("overtraded_loss", "1", "lower"),
        "share of TS* that is lost since more was traded than was needed or left over; efficiency and both losses sum to 1",
        _share_of_surplus(lambda market: market.equilibria.surplus - market.untraded_neur - market.gain_neur),
    ),
    Kpi(
        *("alpha", "%", "lower"),
        "Smith's alpha: root mean square of the distance of fills' prices from the slot's equilibrium price P*, by energy, "
        "in percent of the mean P*",
        _alpha,
    ),
    Kpi(
        *("profit_dispersion_ct", "ct", "lower"),
        "root mean square, over members and over slots with something to gain or to trade, of what trading brought less what it "
        "would have brought at P*",
        _dispersion_ct,
    ),
    Kpi(
        *("spread_ct", "ct/kWh", "lower"),
        "best ask less best bid when the gate closes, mean over slots that have both",
        _spread_ct,
    ),
    Kpi(
        *("depth_kwh", "kWh", "higher"),
        "energy that rests at the best bid and at the best ask when the gate closes, mean over slots",
        _depth_kwh,
    ),
    Kpi(
        *("fill_rate", "1", "higher"),
        "energy that was traded over that and what still rests at the gate, both sides",
        _fill_rate,
    ),
    Kpi("orders", "1", "none", "orders that were sent, over all rounds", sum_of("orders_placed")),
    Kpi(
        *("orders_filled_share", "1", "higher"),
        "share of orders whose sender traded in the same round",
        _share_of_orders("orders_filled"),
    ),
    Kpi(
        *("orders_rejected_share", "1", "lower"),
        "share of orders that were not admitted",
        _share_of_orders("orders_rejected"),
    ),
)
