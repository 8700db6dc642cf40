"""Everything that happens in a scenario's year, as contiguous arrays by slot: what the engine is fed with."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.calendar import Calendar, year_calendar
from gridbid.envs.prices import real_series, sampled_series
from gridbid.envs.randomness import SPLITS
from gridbid.envs.scenario import Scenario
from gridbid.envs.sessions import real_cars, sampled_cars
from gridbid.envs.specification import HeatPump, Load
from gridbid.envs.week_shift import shifted_rows
from gridbid.market.errors import InputError


@dataclass(frozen=True, kw_only=True, eq=False)
class YearData(Calendar):
    """A calendar and what happens in it.

    T slots, N metered seats in seat order, S samples, C charge points.
    """

    load_kw: NDArray[np.float32]
    """Base load, (T, N), at least 0 but for oddities of the data."""
    pv_kw: NDArray[np.float32]
    """Available generation, (T, N), at least 0."""
    heat_kw: NDArray[np.float32]
    """Heat demand, thermal, (T, N), at least 0."""
    spot_ct: NDArray[np.float32]
    """Wholesale price, ct/kWh, (S, T)."""
    carbon_g: NDArray[np.float32]
    """Carbon intensity, gCO2e/kWh, (S, T)."""
    ev_column: NDArray[np.int64]
    """Column of each seat's charge point in the ev arrays, (N,); -1 without one."""
    ev_departure: NDArray[np.int32]
    """Slot in which the car has gone, while it is plugged in, (S, T, C); else -1."""
    ev_arrival_kwh: NDArray[np.float32]
    """Battery energy at the start of the slot in which a car plugs in, (S, T, C); else -1."""
    ev_target_kwh: NDArray[np.float32]
    """Battery energy wanted at departure while plugged in, (S, T, C); else 0. Feasible at full power."""


def build_year(
    scenario: Scenario,
    seeds: Sequence[int],
    *,
    split: str = "train",
    prices: Path | None = None,
    sessions: Path | None = None,
) -> YearData:
    """The year of a scenario with one sample of prices and charging sessions for each seed.

    ``prices`` and ``sessions`` name Parquet files with real series (see
    :func:`gridbid.envs.prices.real_series` and :func:`gridbid.envs.real_sessions.read_sessions`); without
    them both are sampled. The split chooses the random streams and the users of real sessions; loads,
    generation and heat are the same in every split. ValueError for a wrong argument.
    """
    if split not in SPLITS:
        raise InputError(f"split: {split!r}; expected one of {', '.join(SPLITS)}")
    if not seeds or min(seeds) < 0:
        raise InputError(f"seeds: {list(seeds)!r}; expected at least one, none negative")
    calendar = year_calendar(scenario.year, scenario.timezone)
    wholesale = (
        sampled_series(calendar, seeds, split)
        if prices is None
        else real_series(calendar, prices, len(seeds))
    )
    points = [seat.charge_point for seat in scenario.metered if seat.charge_point is not None]
    cars = (
        sampled_cars(calendar, points, seeds, split)
        if sessions is None
        else real_cars(calendar, points, seeds, split, sessions)
    )
    return YearData(
        **{field.name: getattr(calendar, field.name) for field in fields(Calendar)},
        load_kw=_load_kw(scenario, calendar),
        pv_kw=_pv_kw(scenario),
        heat_kw=_heat_kw(scenario, calendar),
        spot_ct=wholesale.spot_ct,
        carbon_g=wholesale.carbon_g,
        ev_column=_ev_column(scenario),
        ev_departure=cars.departure,
        ev_arrival_kwh=cars.arrival_kwh,
        ev_target_kwh=cars.target_kwh,
    )


def weeks_of(scenario: Scenario, split: str) -> tuple[int, ...]:
    """Local weeks of a split; training has every complete week that isn't held out."""
    held_out = {"test": scenario.splits.test, "validation": scenario.splits.validation}
    if split in held_out:
        return held_out[split]
    if split != "train":
        raise InputError(f"split: {split!r}; expected one of {', '.join(SPLITS)}")
    complete = year_calendar(scenario.year, scenario.timezone).complete_weeks()
    return tuple(week for week in complete if week not in scenario.splits.test + scenario.splits.validation)


def _load_kw(scenario: Scenario, calendar: Calendar) -> NDArray[np.float32]:
    columns = _zeros(scenario)
    for i, seat in enumerate(scenario.metered):
        if (load := seat.load) is not None:
            columns[:, i] = load.rated_kw * _own_profile(scenario, calendar, load)
    return columns


def _own_profile(scenario: Scenario, calendar: Calendar, part: Load | HeatPump) -> NDArray[np.float32]:
    """The profile as this seat has it: other weeks of the season first, then some slots later."""
    profile = scenario.profiles[part.profile]
    if part.week_shift:
        held_out = (scenario.splits.test, scenario.splits.validation)
        profile = profile[shifted_rows(calendar.week, held_out, part.week_shift)]
    return np.roll(profile, part.lag_slots)


def _pv_kw(scenario: Scenario) -> NDArray[np.float32]:
    columns = _zeros(scenario)
    for i, seat in enumerate(scenario.metered):
        if (pv := seat.pv) is not None:
            columns[:, i] = pv.peak_kw * scenario.profiles[pv.profile]
    return columns


def _heat_kw(scenario: Scenario, calendar: Calendar) -> NDArray[np.float32]:
    columns = _zeros(scenario)
    for i, seat in enumerate(scenario.metered):
        if (pump := seat.heat_pump) is not None:
            columns[:, i] = pump.power_kw * pump.cop * _own_profile(scenario, calendar, pump)
    return columns


def _ev_column(scenario: Scenario) -> NDArray[np.int64]:
    present = np.array([seat.charge_point is not None for seat in scenario.metered])
    return np.where(present, np.cumsum(present) - 1, -1).astype(np.int64)


def _zeros(scenario: Scenario) -> NDArray[np.float32]:
    n_slots = next(iter(scenario.profiles.values())).size
    return np.zeros((n_slots, len(scenario.metered)), np.float32)
