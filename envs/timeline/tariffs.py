"""Tariffs as prices by slot: pure functions of the specification, the calendar and the wholesale price.

A price is the exact sum of its lines, integers in nEUR/Wh, so a bill can be read line by line. Each line is rounded to the
nearest integer, halves to even.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.format.tariff_specification import (
    DayAheadPrice,
    FixedFeedIn,
    FixedLocalFee,
    FlatNetworkFee,
    FlatPrice,
    PriceWindow,
    SpotFeedIn,
    TariffSpec,
    TimeOfUsePrice,
    TimeVariableNetworkFee,
)
from gridbid.envs.format.windows import MINUTES_PER_DAY, MONTHS, minutes_of_day, places
from gridbid.envs.timeline.calendar import Calendar
from gridbid.market.units import ct_per_kwh_to_neur_per_wh

DAY_AHEAD, ADDER, ENERGY, NETWORK_FEE, VAT = "day-ahead price", "adder", "energy", "network fee", "VAT"
LINES = (DAY_AHEAD, ADDER, ENERGY, NETWORK_FEE, VAT)
"""Names that lines of the format's own have; components have the scenario's."""
_DAYS = {"all": np.array([0, 1]), "weekdays": np.array([0]), "weekend": np.array([1])}

Integers = NDArray[np.int64]
Singles = NDArray[np.float32]


class TariffPrices(NamedTuple):
    """Prices in nEUR/Wh, int64."""

    retail: Integers
    """What the supplier asks, (S, T)."""
    feed_in: Integers
    """What the supplier pays, (S, T); feed_in + fee <= retail (rule 8)."""
    fee: Integers
    """What a buyer pays on local energy on top of its price, (T,)."""
    wholesale: Integers
    """The day-ahead price, (S, T)."""
    lines: Mapping[str, Integers]
    """Lines of the retail price in order, each (S, T); their sum is ``retail``."""


def tariff_prices(tariff: TariffSpec, calendar: Calendar, spot_ct: Singles) -> TariffPrices:
    """Prices of all slots, given the wholesale price in ct/kWh, float32 (S, T)."""
    lines = retail_lines(tariff, calendar, spot_ct)
    retail = np.sum(list(lines.values()), axis=0)
    fee = local_fee(tariff, calendar)
    feed_in = np.minimum(feed_in_price(tariff.feed_in, spot_ct), retail - fee)
    return TariffPrices(retail, feed_in, fee, neur_per_wh(spot_ct), lines)


def retail_lines(tariff: TariffSpec, calendar: Calendar, spot_ct: Singles) -> dict[str, Integers]:
    """Lines of the retail price in nEUR/Wh by name, each (S, T)."""
    lines = _energy_lines(tariff, calendar, spot_ct)
    if tariff.network_fee is not None:
        lines[NETWORK_FEE] = network_fee(tariff.network_fee, calendar)
    for name, price_ct in tariff.components_ct_per_kwh.items():
        lines[name] = np.array(ct_per_kwh_to_neur_per_wh(price_ct))
    lines = {name: np.broadcast_to(line, spot_ct.shape) for name, line in lines.items()}
    if tariff.vat_share > 0.0:
        lines[VAT] = np.rint(np.sum(list(lines.values()), axis=0) * tariff.vat_share).astype(np.int64)
    return lines


def network_fee(fee: FlatNetworkFee | TimeVariableNetworkFee, calendar: Calendar) -> Integers:
    """Network fee of each slot in nEUR/Wh, (T,)."""
    if isinstance(fee, FlatNetworkFee):
        return np.full(calendar.n_slots, ct_per_kwh_to_neur_per_wh(fee.price_ct_per_kwh), np.int64)
    standard = ct_per_kwh_to_neur_per_wh(fee.standard_ct_per_kwh)
    table = np.full((MONTHS, MINUTES_PER_DAY), standard, np.int64)
    for window in fee.windows:
        months = np.array([3 * quarter - month for quarter in window.quarters for month in (3, 2, 1)], int)
        for hours, price_ct in ((window.high, fee.high_ct_per_kwh), (window.low, fee.low_ct_per_kwh)):
            table[np.ix_(months, minutes_of_day(hours))] = ct_per_kwh_to_neur_per_wh(price_ct)
    place = places(calendar)
    return table[place.month, place.minute]


def local_fee(tariff: TariffSpec, calendar: Calendar) -> Integers:
    """Fee on local energy in each slot in nEUR/Wh, (T,); a share of no network fee is none."""
    if isinstance(tariff.local_fee, FixedLocalFee):
        fee = ct_per_kwh_to_neur_per_wh(tariff.local_fee.price_ct_per_kwh)
        return np.full(calendar.n_slots, fee, np.int64)
    if tariff.network_fee is None:
        return np.zeros(calendar.n_slots, np.int64)
    return np.rint(network_fee(tariff.network_fee, calendar) * tariff.local_fee.share).astype(np.int64)


def feed_in_price(feed_in: FixedFeedIn | SpotFeedIn, spot_ct: Singles) -> Integers:
    """What the supplier pays before rule 8, in nEUR/Wh, (S, T)."""
    if isinstance(feed_in, FixedFeedIn):
        price = np.full(spot_ct.shape, ct_per_kwh_to_neur_per_wh(feed_in.price_ct_per_kwh), np.int64)
    else:
        price = neur_per_wh(spot_ct) - ct_per_kwh_to_neur_per_wh(feed_in.margin_ct_per_kwh)
    return np.where(spot_ct < 0.0, 0, price) if feed_in.unpaid_when_negative else price


def first_windows(windows: Sequence[PriceWindow]) -> Integers:
    """Index of the first window that holds, by (month, kind of day, minute) as in `gridbid.envs.format.windows`; -1 for none."""
    table = np.full((MONTHS, 2, MINUTES_PER_DAY), -1, np.int64)
    for i, window in reversed(list(enumerate(windows))):
        months = np.array(window.months or range(1, MONTHS + 1)) - 1
        minutes = minutes_of_day(window.hours or ["00:00-24:00"])
        table[np.ix_(months, _DAYS[window.days], minutes)] = i
    return table


def neur_per_wh(price_ct: Singles) -> Integers:
    """Prices in ct/kWh as integers in nEUR/Wh."""
    return np.rint(price_ct.astype(np.float64) * ct_per_kwh_to_neur_per_wh(1.0)).astype(np.int64)


def _energy_lines(tariff: TariffSpec, calendar: Calendar, spot_ct: Singles) -> dict[str, Integers]:
    energy = tariff.energy
    if isinstance(energy, DayAheadPrice):
        spot, both = neur_per_wh(spot_ct), neur_per_wh(spot_ct + np.float32(energy.adder_ct_per_kwh))
        return {DAY_AHEAD: spot, ADDER: both - spot}
    if isinstance(energy, FlatPrice):
        return {ENERGY: np.array(ct_per_kwh_to_neur_per_wh(energy.price_ct_per_kwh))}
    return {ENERGY: _time_of_use(energy, calendar)}


def _time_of_use(energy: TimeOfUsePrice, calendar: Calendar) -> Integers:
    prices = [ct_per_kwh_to_neur_per_wh(window.price_ct_per_kwh) for window in energy.windows]
    return np.array(prices, np.int64)[first_windows(energy.windows)[places(calendar)]]
