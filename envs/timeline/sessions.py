"""Charging sessions at home: a seeded sampler fitted to published statistics, or real sessions from a file.

Both come to the same arrays. A session is a stay (arrival and departure, in seconds of the year) and the energy drawn; the
car's battery is laid around it: the energy wanted at departure is TARGET_SHARE of the battery, or the energy drawn where
that is more. Energy is cut to what full power brings in the stay, so every target can be met.

A car is there from the slot in which it arrives on, for its stay in slots, rounded up: so what it is due doesn't depend on
the slot's length. Sessions are drawn for the whole year and don't depend on the window of it that is built.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from gridbid.envs.specification import ChargePoint
from gridbid.envs.timeline.calendar import SECONDS_PER_HOUR, Calendar, midnights_s, year_seconds
from gridbid.envs.timeline.randomness import SESSIONS, generator
from gridbid.envs.timeline.real_sessions import SessionFile, read_sessions, weeks_of_users

ARRIVAL_PERCENT = (
    1.2, 0.6, 0.4, 0.3, 0.2, 0.3, 0.7, 1.2, 1.8, 2.2, 2.7, 3.2,
    3.9, 4.0, 4.5, 6.0, 8.3, 12.1, 17.0, 11.5, 7.0, 4.9, 3.6, 2.4,
)  # fmt: skip
"""Arrivals by local hour: 17 to 19 as ElaadNL publishes for home charging, the rest drawn in smoothly."""
STAY_QUANTILES = (0.0, 0.1, 0.5, 0.9, 1.0)
STAY_HOURS = (0.5, 1.5, 11.0, 20.3, 36.0)
"""Connection times: ElaadNL's p10, median and p90; the ends are set for a mean near its 11.8 h."""
ENERGY_SCALE_KWH, ENERGY_SHAPE = 26.1, 1.232
"""Weibull through ElaadNL's median (19.4 kWh) and p90 (51.4); its mean is 24.4 (ElaadNL: 23.9), its p10
4.2 (3.3)."""
STAY_ENERGY_CORRELATION = 0.5
"""Rank correlation (of a Gaussian copula) of stay and energy: an assumption, nothing is published."""
TARGET_SHARE = 0.8
"""State of charge wanted at departure, where the session's energy doesn't ask for more."""
QUARTER_SECONDS = 900
"""Drawn cars come and go on quarter hours, whatever the slot."""
FEASIBLE = 1.0 - 1e-5
"""Energy is cut to this share of what full power brings: rounding to float32 must not make it unreachable."""


class Sessions(NamedTuple):
    """Sessions of one charge point in order of time, arrays (K,); they don't overlap. Times are seconds of the year."""

    arrival_s: NDArray[np.int64]
    """When the car is plugged in."""
    departure_s: NDArray[np.int64]
    """When it is gone."""
    energy_kwh: NDArray[np.float64]
    """AC energy drawn."""


class CarSeries(NamedTuple):
    """Cars by sample, slot and charge point, (S, T, C)."""

    departure: NDArray[np.int32]
    """Slot in which the car has gone, while it is plugged in; else -1."""
    arrival_kwh: NDArray[np.float32]
    """Battery energy at the start of the slot in which it plugs in; else -1."""
    target_kwh: NDArray[np.float32]
    """Battery energy wanted at departure while plugged in; else 0."""


def sampled_cars(
    calendar: Calendar, points: Sequence[ChargePoint], seeds: Sequence[int], split: str
) -> CarSeries:
    """Cars of the published statistics; each (seed, split, charge point) has its own draws."""
    cars = empty_cars(len(seeds), calendar.n_slots, len(points))
    for s, seed in enumerate(seeds):
        for c, point in enumerate(points):
            sessions = draw_sessions(calendar, point.sessions_per_day, generator(seed, split, SESSIONS, c))
            lay_sessions(cars, s, c, sessions, point, calendar)
    return cars


def real_cars(
    calendar: Calendar,
    points: Sequence[ChargePoint],
    seeds: Sequence[int],
    split: str,
    file: SessionFile | Path,
) -> CarSeries:
    """Cars of real sessions: each local week a charge point takes that week of a user, drawn by the seed.

    Users are divided between the splits, so those of the test weeks are never met in training.
    """
    weeks = weeks_of_users(read_sessions(file, calendar.timezone), calendar, split)
    end_s = year_seconds(calendar.year, calendar.timezone)
    cars = empty_cars(len(seeds), calendar.n_slots, len(points))
    for s, seed in enumerate(seeds):
        for c, point in enumerate(points):
            random = generator(seed, split, SESSIONS, c)
            drawn = [users[random.integers(len(users))] for users in weeks]
            arrival_s, departure_s, energy_kwh = (np.concatenate(parts) for parts in zip(*drawn, strict=True))
            sessions = without_overlap(Sessions(arrival_s, departure_s, energy_kwh), end_s)
            lay_sessions(cars, s, c, sessions, point, calendar)
    return cars


def empty_cars(n_samples: int, n_slots: int, n_points: int) -> CarSeries:
    """No car anywhere."""
    shape = (n_samples, n_slots, n_points)
    return CarSeries(
        np.full(shape, -1, np.int32), np.full(shape, -1.0, np.float32), np.zeros(shape, np.float32)
    )


def draw_sessions(calendar: Calendar, sessions_per_day: float, random: np.random.Generator) -> Sessions:
    """A year's sessions of one charge point; a car that would come while another is there stays away."""
    midnights = midnights_s(calendar.year, calendar.timezone)
    days = midnights[random.random(midnights.size) < sessions_per_day]
    hour = random.choice(24, size=days.size, p=np.array(ARRIVAL_PERCENT) / sum(ARRIVAL_PERCENT))
    quarter = random.integers(SECONDS_PER_HOUR // QUARTER_SECONDS, size=days.size)
    arrival_s = days + hour * SECONDS_PER_HOUR + quarter * QUARTER_SECONDS
    stay_rank, energy_rank = _coupled_ranks(days.size, random)
    stay_quarters = np.round(np.interp(stay_rank, STAY_QUANTILES, STAY_HOURS) * 4.0).astype(np.int64)
    energy_kwh = ENERGY_SCALE_KWH * (-np.log1p(-energy_rank)) ** (1.0 / ENERGY_SHAPE)
    sessions = Sessions(arrival_s, arrival_s + stay_quarters * QUARTER_SECONDS, energy_kwh)
    return without_overlap(sessions, year_seconds(calendar.year, calendar.timezone))


def without_overlap(sessions: Sessions, end_s: int) -> Sessions:
    """Sessions within the year in order of time; one that begins before the last has gone is left out."""
    keep: list[int] = []
    free_from = 0
    arrival, departure = sessions.arrival_s.tolist(), sessions.departure_s.tolist()
    for k in np.argsort(sessions.arrival_s, kind="stable").tolist():
        if free_from <= arrival[k] < departure[k] <= end_s:
            keep.append(k)
            free_from = departure[k]
    return Sessions(sessions.arrival_s[keep], sessions.departure_s[keep], sessions.energy_kwh[keep])


def lay_sessions(
    cars: CarSeries, sample: int, column: int, sessions: Sessions, point: ChargePoint, calendar: Calendar
) -> None:
    """Write the sessions that lie in the calendar into the arrays, energy cut to what can be charged."""
    begins, ends = _stays(sessions, calendar.slot_seconds)
    stay_s = np.minimum(sessions.departure_s - sessions.arrival_s, (ends - begins) * calendar.slot_seconds)
    stay_h = stay_s / SECONDS_PER_HOUR
    most_kwh = np.minimum(point.battery_kwh, FEASIBLE * point.power_kw * stay_h * point.efficiency)
    due_kwh = np.minimum(sessions.energy_kwh * point.efficiency, most_kwh)
    target_kwh = np.maximum(due_kwh, TARGET_SHARE * point.battery_kwh)
    begins, ends = begins - calendar.first_slot, ends - calendar.first_slot
    here = (begins < ends) & (begins >= 0) & (ends <= calendar.n_slots)
    begins, ends, due_kwh, target_kwh = begins[here], ends[here], due_kwh[here], target_kwh[here]
    lengths = ends - begins
    last = np.cumsum(lengths)
    slots = np.arange(lengths.sum()) + np.repeat(ends - last, lengths)
    cars.departure[sample, slots, column] = np.repeat(ends, lengths)
    cars.target_kwh[sample, slots, column] = np.repeat(target_kwh, lengths)
    cars.arrival_kwh[sample, begins, column] = target_kwh - due_kwh


def _stays(sessions: Sessions, slot_seconds: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First slot plugged in and first slot gone; a car waits for the slot in which the one before it has gone."""
    begins = sessions.arrival_s // slot_seconds
    ends = begins + -((sessions.arrival_s - sessions.departure_s) // slot_seconds)
    # Stays that don't overlap do so by one slot at most when rounded up.
    begins[1:] = np.maximum(begins[1:], ends[:-1])
    return begins, ends


def _coupled_ranks(
    count: int, random: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two uniform ranks coupled by a Gaussian copula, each (count,)."""
    first, second = random.standard_normal((2, count))
    rho = STAY_ENERGY_CORRELATION
    return ndtr(first), ndtr(rho * first + np.sqrt(1.0 - rho**2) * second)
