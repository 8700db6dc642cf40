"""What is allowed in a scenario and yet unusual: hints for whoever fills one in, none of them a fault."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.format.tariff_specification import TimeVariableNetworkFee
from gridbid.envs.format.windows import minutes_of_day
from gridbid.envs.scenario import Scenario
from gridbid.envs.specification import Seat
from gridbid.envs.timeline.calendar import window_calendar
from gridbid.envs.timeline.prices import sampled_series
from gridbid.envs.timeline.tariffs import tariff_prices
from gridbid.envs.timeline.year import weeks_of
from gridbid.market.grid.limits import HIGHEST_PU, LOWEST_PU
from gridbid.market.grid.power_flow import solve

Floats = NDArray[np.float64]

OUTLIER = 20.0
"""A profile's peak over its 99th percentile, above which a row stands out."""
FULL_LOAD_HOURS = (500.0, 2_600.0)
"""Of PV, from a shaded roof to a tracked desert."""
STORED_HOURS = (0.25, 12.0)
"""Capacity over power of a battery."""


class Hint(NamedTuple):
    """Something unusual: where, what is there, and what would be usual."""

    field: str
    value: str
    usual: str

    def __str__(self) -> str:
        return f"{self.field}: {self.value}; usual {self.usual}"


def unusual(scenario: Scenario) -> list[Hint]:
    """Everything in a scenario that is worth a second look."""
    return [*_profiles(scenario), *_seats(scenario), *_feeder(scenario), *_tariff(scenario), *_book(scenario)]


def _profiles(scenario: Scenario) -> Iterator[Hint]:
    used = {
        part.profile
        for seat in scenario.seats
        for part in (seat.load, seat.pv, seat.heat_pump)
        if part is not None
    }
    for name, values in scenario.profiles.items():
        where, high = f"profiles.parquet column {name}", float(np.quantile(values, 0.99))
        if name not in used:
            yield Hint(where, "no seat uses it", "columns that are used")
        if values.max() > OUTLIER * max(high, 1e-9):
            row = int(values.argmax())
            yield Hint(
                where,
                f"{values[row]:g} in row {row}, 99 % of the rows stay below {high:g}",
                "no row that stands out",
            )
        if values.max() == values.min():
            yield Hint(where, f"{values[0]:g} in every row", "a profile that changes")
    hours = scenario.profile_seconds / 3_600.0
    for name in sorted({seat.pv.profile for seat in scenario.seats if seat.pv}):
        full_load_h = float(scenario.profiles[name].sum(dtype=np.float64)) * hours
        if not FULL_LOAD_HOURS[0] <= full_load_h <= FULL_LOAD_HOURS[1]:
            low, high = FULL_LOAD_HOURS
            yield Hint(
                f"profiles.parquet column {name}",
                f"{full_load_h:.0f} full-load hours of PV",
                f"{low:g} to {high:g}",
            )


def _seats(scenario: Scenario) -> Iterator[Hint]:
    for i, (written, seat) in enumerate(zip(scenario.seats, scenario.metered, strict=False)):
        where = f"seats[{i}]"
        if seat.kind == "prosumer" and seat.load is None:
            yield Hint(f"{where}.load", f"{seat.name} draws nothing of its own", "a load")
        if seat.kind != "prosumer" and seat != written:
            yield Hint(where, f"{seat.name} has a rating of 0 and does nothing", "a rating above 0")
        if seat.bus == 0:
            yield Hint(f"{where}.bus", f"{seat.name} is at the source", "a bus of the feeder")
        yield from _limits(seat, where)
        if seat.battery is not None:
            hours = seat.battery.capacity_kwh / seat.battery.power_kw
            if not STORED_HOURS[0] <= hours <= STORED_HOURS[1]:
                low, high = STORED_HOURS
                yield Hint(f"{where}.battery", f"{hours:.2g} h of its power", f"{low:g} to {high:g} h")


def _limits(seat: Seat, where: str) -> Iterator[Hint]:
    """Connections that a single device can exceed."""
    devices_kw = {
        "battery": seat.battery.power_kw if seat.battery else 0.0,
        "charge point": seat.charge_point.power_kw if seat.charge_point else 0.0,
        "heat pump": seat.heat_pump.power_kw if seat.heat_pump else 0.0,
    }
    for device, power_kw in devices_kw.items():
        if power_kw > seat.import_limit_kw:
            yield Hint(
                f"{where}.import_limit_kw",
                f"{seat.import_limit_kw:g}, and the {device} draws up to {power_kw:g}",
                "room for each device",
            )
    if seat.pv is not None and seat.pv.peak_kw > seat.export_limit_kw:
        yield Hint(
            f"{where}.export_limit_kw",
            f"{seat.export_limit_kw:g}, and the PV gives up to {seat.pv.peak_kw:g}",
            "room for the PV",
        )


def _feeder(scenario: Scenario) -> Iterator[Hint]:
    """Voltages and loadings where what can't be moved draws most, and where it gives most."""
    for when, row in zip(("highest draw", "highest feed-in"), _extreme_rows(scenario), strict=True):
        p_kw, q_kvar = _bus_powers(scenario, row)
        flow = solve(scenario.network, p_kw, q_kvar)
        if not flow.converged:
            yield Hint(
                "grid.parquet", f"no power flow at the {when} of loads and PV", "a feeder that carries it"
            )
            continue
        magnitude = np.abs(flow.voltage_pu)
        for bus in (int(magnitude.argmin()), int(magnitude.argmax())):
            if not LOWEST_PU <= magnitude[bus] <= HIGHEST_PU:
                yield Hint(
                    f"grid.parquet bus {bus}",
                    f"{magnitude[bus]:.3f} pu at the {when} of loads and PV (row {row})",
                    f"{LOWEST_PU:g} to {HIGHEST_PU:g} pu",
                )
        worst = int(flow.loading.argmax())
        if flow.loading[worst] > 1.0:
            name = "the transformer" if worst == 1 else f"the branch to bus {worst}"
            yield Hint(
                f"grid.parquet bus {worst}",
                f"{name} carries {100 * flow.loading[worst]:.0f} % of its rating at the {when} of loads and PV",
                "100 % at most",
            )


def _extreme_rows(scenario: Scenario) -> tuple[int, int]:
    """Rows of the profiles at which loads and heat pumps less PV draw most, and least."""
    weights: dict[str, float] = {}
    for seat in scenario.metered:
        for profile, power_kw in _parts(seat):
            weights[profile] = weights.get(profile, 0.0) + power_kw
    total_kw: Floats = np.zeros(next(iter(scenario.profiles.values())).size)
    for profile, power_kw in weights.items():
        total_kw += power_kw * scenario.profiles[profile]
    return int(total_kw.argmax()), int(total_kw.argmin())


def _bus_powers(scenario: Scenario, row: int) -> tuple[Floats, Floats]:
    p_kw, q_kvar = np.zeros((2, scenario.network.parent.size))
    for seat in scenario.metered:
        p_kw[seat.bus] += sum(power_kw * scenario.profiles[name][row] for name, power_kw in _parts(seat))
        if seat.load is not None:
            load_kw = seat.load.rated_kw * scenario.profiles[seat.load.profile][row]
            q_kvar[seat.bus] += scenario.grid.load_tan_phi * load_kw
    return p_kw, q_kvar


def _parts(seat: Seat) -> Iterator[tuple[str, float]]:
    """Profiles of a seat and its power at 1, consumption positive."""
    if seat.load is not None:
        yield seat.load.profile, seat.load.rated_kw
    if seat.pv is not None:
        yield seat.pv.profile, -seat.pv.peak_kw
    if seat.heat_pump is not None:
        yield seat.heat_pump.profile, seat.heat_pump.power_kw


def _tariff(scenario: Scenario) -> Iterator[Hint]:
    """Where a time-variable network fee leaves what module 3 under § 14a EnWG allows."""
    fee = scenario.tariff.network_fee
    if not isinstance(fee, TimeVariableNetworkFee):
        return
    where, standard = "tariff.network_fee", fee.standard_ct_per_kwh
    if fee.high_ct_per_kwh > 2.0 * standard:
        yield Hint(f"{where}.high_ct_per_kwh", f"{fee.high_ct_per_kwh:g}", "at most twice the standard level")
    if not 0.1 * standard <= fee.low_ct_per_kwh <= 0.4 * standard:
        yield Hint(f"{where}.low_ct_per_kwh", f"{fee.low_ct_per_kwh:g}", "10 to 40 % of the standard level")
    quarters = {quarter for window in fee.windows for quarter in window.quarters}
    if len(quarters) < 2:
        yield Hint(f"{where}.windows", f"{len(quarters)} quarters", "at least two quarters of the year")
    for i, window in enumerate(fee.windows):
        hours = minutes_of_day(window.high).sum() / 60.0
        if hours < 2.0:
            yield Hint(f"{where}.windows[{i}].high", f"{hours:g} h a day", "at least 2 h a day")


def _book(scenario: Scenario) -> Iterator[Hint]:
    """Slots in which the price levels of a book don't reach from feed-in to retail less the fee."""
    week = weeks_of(scenario, "train")[0]
    calendar = window_calendar(scenario.year, scenario.timezone, scenario.slot_seconds, [week])
    prices = tariff_prices(scenario.tariff, calendar, sampled_series(calendar, [0], "train").spot_ct)
    market = scenario.market
    band = (market.n_ticks - 1) * market.tick_size_neur_per_wh
    width = prices.retail - prices.fee - prices.feed_in
    share = float((width > band).mean())
    if share > 0.0:
        enough = math.ceil(width.max() / market.tick_size_neur_per_wh) + 1
        yield Hint(
            "market.n_ticks",
            f"{market.n_ticks} levels don't reach the highest limit in {100 * share:.0f} % of week {week}",
            f"{enough} levels, or a larger tick_size_neur_per_wh",
        )
    if (width == 0).mean() > 0.5:
        yield Hint("tariff", "feed-in and local fee leave nothing below retail", "a price range to trade in")
