"""Which local day a slot belongs to, and where on that day's clock it stands."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridbid.market.demand_response.types import Bytes, Words
from gridbid.market.errors import InputError

N_KINDS = 2
"""Kinds of days that are not compared with each other: business days, and weekends with holidays."""


class LocalDays(NamedTuple):
    """T slots by the local calendar.

    - ``day``: int32 (T,), local day, rising by one from day to day.
    - ``clock``: int32 (T,), slot of that day by the clock, 0 to slots_per_day - 1. In spring some are skipped, in autumn some
      come twice; so a day has the same ``slots_per_day`` places the year round.
    - ``kind``: int8 (T,), 0 on business days, 1 on weekends and holidays.
    """

    day: Words
    clock: Words
    kind: Bytes
    slots_per_day: int


def local_days(local_hour: ArrayLike, rest_day: ArrayLike, slots_per_day: int) -> LocalDays:
    """Days from hours since local midnight, (T,), by the clock, and whether a slot's day is a weekend or holiday, (T,).

    A day begins where the clock goes back by half a day or more. InputError names what doesn't fit.
    """
    hours = np.asarray(local_hour, np.float64)
    rest = np.asarray(rest_day, np.bool_)
    faults = _faults(hours, rest, slots_per_day)
    if faults:
        raise InputError("; ".join(faults))
    new_day = np.diff(hours, prepend=hours[:1]) <= -12.0
    day = np.cumsum(new_day).astype(np.int32)
    clock = np.floor(hours * slots_per_day / 24.0 + 1e-3).astype(np.int32)  # hours may be single precision
    return LocalDays(day, clock, rest.astype(np.int8), int(slots_per_day))


def even_days(n_days: int, slots_per_day: int, first_weekday: int = 0) -> LocalDays:
    """Days without changes of the clock or holidays; ``first_weekday`` is 0 for Monday."""
    slots = np.arange(n_days * slots_per_day)
    hours = (slots % slots_per_day) * 24.0 / slots_per_day
    return local_days(hours, (slots // slots_per_day + first_weekday) % 7 >= 5, slots_per_day)


def _faults(hours: NDArray[np.float64], rest: NDArray[np.bool_], slots_per_day: int) -> list[str]:
    faults = []
    if slots_per_day < 24 or slots_per_day % 24:
        faults.append(f"slots_per_day is {slots_per_day}; it must be a multiple of 24")
    if hours.ndim != 1 or hours.size == 0:
        faults.append(f"local_hour has shape {hours.shape}; it must be (T,) with T > 0")
    elif not ((hours >= 0.0) & (hours < 24.0)).all():
        faults.append(f"local_hour is {hours.min()} to {hours.max()}; it must be in 0 to 24, 24 excluded")
    if rest.shape != hours.shape:
        faults.append(f"rest_day has shape {rest.shape}; it must be that of local_hour, {hours.shape}")
    return faults
