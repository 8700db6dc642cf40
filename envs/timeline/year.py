"""Everything that happens in a scenario's year, as contiguous arrays by slot: what the engine is fed with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.scenario import Scenario
from gridbid.envs.timeline.calendar import (
    EPISODE_SECONDS,
    Calendar,
    complete_weeks,
    window_calendar,
    year_calendar,
)
from gridbid.envs.timeline.hidden_weeks import visible_times
from gridbid.envs.timeline.memory import MOST_GB, check_memory
from gridbid.envs.timeline.prices import real_series, sampled_series
from gridbid.envs.timeline.randomness import SPLITS
from gridbid.envs.timeline.real_prices import PriceFile
from gridbid.envs.timeline.real_sessions import SessionFile
from gridbid.envs.timeline.sessions import real_cars, sampled_cars
from gridbid.envs.timeline.site_series import site_series
from gridbid.market.errors import InputError


@dataclass(frozen=True, kw_only=True, eq=False)
class YearData(Calendar):
    """A calendar and what happens in it.

    T slots, N metered seats in seat order, S samples, C charge points.
    """

    split: str
    """What the year is for: train, validation or test."""
    hidden: Mapping[int, str]
    """Weeks that it may not meet and the splits that they belong to; the series of other weeks stand in for theirs."""
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

    def week_start(self, week: int) -> int:
        """First slot of a local week: Monday 00:00. InputError for a week that is hidden, or can't be played here."""
        if week in self.hidden:
            raise InputError(
                f"week: {week} is a {self.hidden[week]} week, held out from this year for {self.split}; "
                f"build one with split={self.hidden[week]!r}"
            )
        return super().week_start(week)


def build_year(
    scenario: Scenario,
    seeds: Sequence[int],
    *,
    split: str = "train",
    weeks: Sequence[int] | None = None,
    n_slots: int | None = None,
    prices: PriceFile | Path | None = None,
    sessions: SessionFile | Path | None = None,
    most_gb: float = MOST_GB,
) -> YearData:
    """The year of a scenario with one sample of prices and charging sessions for each seed.

    - ``split`` says what the year is for. It chooses the random streams and the users of real sessions; and in a year for
      training, the series of validation and test weeks are hidden (see `gridbid.envs.timeline.hidden_weeks`), in one for
      validation those of test weeks.
    - ``weeks`` builds only the part of the year that episodes of these weeks need, from any of their days on, ``n_slots``
      (a week by default) each; what is in it is the same as in the whole year.
    - ``prices`` and ``sessions`` name Parquet files with real series (see `gridbid.envs.timeline.real_prices` and
      `gridbid.envs.timeline.real_sessions`); without them those that the scenario names are taken, and else both are sampled.

    InputError for a wrong argument, for weeks that the split may not meet, and where more than ``most_gb`` would be needed.
    """
    if split not in SPLITS:
        raise InputError(f"split: {split!r}; expected one of {', '.join(SPLITS)}")
    if not seeds or min(seeds) < 0:
        raise InputError(f"seeds: {list(seeds)!r}; expected at least one, none negative")
    prices = scenario.price_file if prices is None else prices
    sessions = scenario.session_file if sessions is None else sessions
    if weeks is not None:
        check_weeks(scenario, split, weeks)
    episode_s = EPISODE_SECONDS if n_slots is None else n_slots * scenario.slot_seconds
    check_memory(scenario, len(seeds), weeks, episode_s, most_gb)
    place = (scenario.year, scenario.timezone, scenario.slot_seconds)
    calendar = year_calendar(*place) if weeks is None else window_calendar(*place, weeks, episode_s)
    hidden = hidden_from(scenario, split)
    wholesale = (
        sampled_series(calendar, seeds, split)
        if prices is None
        else real_series(calendar, seeds, split, prices, visible_times(calendar, hidden))
    )
    points = [seat.charge_point for seat in scenario.metered if seat.charge_point is not None]
    cars = (
        sampled_cars(calendar, points, seeds, split)
        if sessions is None
        else real_cars(calendar, points, seeds, split, sessions)
    )
    sites = site_series(scenario, calendar, hidden)
    return YearData(
        **{field.name: getattr(calendar, field.name) for field in fields(Calendar)},
        split=split,
        hidden=hidden,
        load_kw=sites.load_kw,
        pv_kw=sites.pv_kw,
        heat_kw=sites.heat_kw,
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
    complete = complete_weeks(scenario.year, scenario.timezone)
    return tuple(week for week in complete if week not in scenario.splits.test + scenario.splits.validation)


def hidden_from(scenario: Scenario, split: str) -> dict[int, str]:
    """Weeks that a split may not meet, each with the split that it belongs to: training none that is held out, validation
    no test week."""
    keepers = {"train": ("validation", "test"), "validation": ("test",), "test": ()}[split]
    return {week: keeper for keeper in keepers for week in weeks_of(scenario, keeper)}


def check_weeks(scenario: Scenario, split: str, weeks: Sequence[int]) -> None:
    """InputError that names the weeks which the split may not meet."""
    hidden = hidden_from(scenario, split)
    wrong = [f"{week} ({hidden[week]})" for week in sorted(set(weeks)) if week in hidden]
    if wrong:
        own = ", ".join(map(str, weeks_of(scenario, split)))
        raise InputError(
            f"weeks: {', '.join(wrong)} are held out from the split {split!r}; its weeks are {own}"
        )


def _ev_column(scenario: Scenario) -> NDArray[np.int64]:
    present = np.array([seat.charge_point is not None for seat in scenario.metered])
    return np.where(present, np.cumsum(present) - 1, -1).astype(np.int64)
