"""What a year's series must hold: shapes that agree, finite values, prices by rule 8, cars that come and go in order."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridbid.market.community import Devices, Series
from gridbid.market.units import MAX_PRICE
from gridbid.market.validation_faults import AT_LEAST_0, FINITE, Faults, Range
from gridbid.market.validation_forecast import check_forecast

_BY_PARTICIPANT = ("load_kw", "pv_kw", "heat_kw", "net_kw", "net_hour_kw")
_PRICES = ("retail", "feed_in", "wholesale")
_ABSENT_USE = ("load_kw", "pv_kw", "heat_kw", "net_kw")
_BY_SLOT = ("local_hour", "day_of_year")
_CARS = {"car_departure": np.int32, "car_arrival_kwh": np.float32, "car_target_kwh": np.float32}

_PRICE = Range(-MAX_PRICE, MAX_PRICE)
_RANGES = {
    "load_kw": FINITE,
    "pv_kw": AT_LEAST_0,
    "heat_kw": AT_LEAST_0,
    "net_kw": FINITE,
    "net_hour_kw": FINITE,
    **dict.fromkeys(_PRICES, _PRICE),
    "fee": Range(0, MAX_PRICE),
    "carbon_g_per_kwh": AT_LEAST_0,
    "car_target_kwh": AT_LEAST_0,
    "local_hour": Range(0.0, 24.0),
    "day_of_year": AT_LEAST_0,
}

_ROUNDING = 1e-5
"""Of float32, relative to the values: what sums and copies of them may differ by."""


def check_series(series: Series, n_participants: int, slots_per_day: int, faults: Faults) -> set[str]:
    """Note every fault of the series among themselves; returns those whose values can be used."""
    n_slots, n_samples = _length(series.load_kw, 0), _length(series.retail, 0)
    sound = _sound_shapes(series, n_samples, n_slots, n_participants, faults)
    check_forecast(series.forecast, n_slots, n_participants, slots_per_day, faults)
    for name, allowed in _RANGES.items():
        if name in sound:
            faults.check_range(f"series.{name}", getattr(series, name), allowed)
    if {"load_kw", "pv_kw", "net_kw"} <= sound:
        _check_net(series, faults)
    if {"retail", "feed_in", "fee"} <= sound:
        _check_feed_in(series, faults)
    if {"car_column", "car_departure"} <= sound:
        _check_columns(series, faults)
    if {"car_departure", "car_arrival_kwh"} <= sound:
        _check_stays(series, faults)
    _check_presence(series, n_slots, n_participants, sound, faults)
    return sound


def check_fit(
    series: Series, devices: Devices, sound: set[str], sound_devices: set[str], faults: Faults
) -> None:
    """Note where series and devices don't fit together, as far as both are sound by themselves."""
    if "heat_kw" in sound and "heat_pump_kw" in sound_devices:
        without = devices.heat_pump_kw == 0.0
        faults.add_where(
            "series.heat_kw",
            series.heat_kw,
            (series.heat_kw > 0.0) & without,
            "0, as the participant has no heat pump",
        )
    if "car_column" in sound and "charger_kw" in sound_devices:
        without = (series.car_column >= 0) & (devices.charger_kw == 0.0)
        faults.add_where(
            "series.car_column", series.car_column, without, "-1, as the participant has no charge point"
        )
    if sound.issuperset(_CARS) and "car_column" in sound and "car_kwh" in sound_devices:
        _check_batteries(series, devices, faults)


def _length(values: object, axis: int) -> int:
    return values.shape[axis] if isinstance(values, np.ndarray) and values.ndim > axis else 0


def _sound_shapes(
    series: Series, n_samples: int, n_slots: int, n_participants: int, faults: Faults
) -> set[str]:
    """Names of the arrays that have the shape and type they should."""
    if n_slots == 0:
        faults.add("series.load_kw", "empty", "at least one slot")
    if n_samples == 0:
        faults.add("series.retail", "empty", "at least one sample")
    n_columns = _length(series.car_departure, 2)
    by_sample, cars = (n_samples, n_slots), (n_samples, n_slots, n_columns)
    expected: dict[str, tuple[Any, tuple[int, ...]]] = {
        **dict.fromkeys(_BY_PARTICIPANT, (np.float32, (n_slots, n_participants))),
        **dict.fromkeys(_PRICES, (np.int64, by_sample)),
        "fee": (np.int64, (n_slots,)),
        "carbon_g_per_kwh": (np.float32, by_sample),
        "car_column": (np.int64, (n_participants,)),
        **{name: (dtype, cars) for name, dtype in _CARS.items()},
        **dict.fromkeys(_BY_SLOT, (np.float32, (n_slots,))),
        "weekend": (np.bool_, (n_slots,)),
    }
    return {
        name
        for name, (dtype, shape) in expected.items()
        if faults.check_array(f"series.{name}", getattr(series, name), dtype, shape)
    }


def _check_net(series: Series, faults: Faults) -> None:
    with np.errstate(invalid="ignore"):  # of what isn't finite, which is told already
        difference_kw = np.abs(series.load_kw - series.pv_kw - series.net_kw)
        wrong = difference_kw > _ROUNDING * (1.0 + np.abs(series.load_kw) + series.pv_kw)
    faults.add_where("series.net_kw", series.net_kw, wrong, "load_kw - pv_kw of the same slot")


def _check_feed_in(series: Series, faults: Faults) -> None:
    wrong = series.feed_in > series.retail - series.fee
    expected = "at most retail - fee of the same slot (rule 8)"
    faults.add_where("series.feed_in", series.feed_in, wrong, expected)


def _check_presence(
    series: Series, n_slots: int, n_participants: int, sound: set[str], faults: Faults
) -> None:
    """Flags of the right shape; who is absent uses nothing and has no car."""
    shape = (1 if np.shape(series.present)[:1] == (1,) else n_slots, n_participants)
    if not faults.check_array("series.present", series.present, np.bool_, shape):
        return
    sound.add("present")
    absent = ~series.present
    if not absent.any():
        return
    for name in sound.intersection(_ABSENT_USE):
        used = getattr(series, name)
        faults.add_where(f"series.{name}", used, absent & (used != 0.0), "0, as the participant is absent")
    if {"car_departure", "car_column"} <= sound:
        _check_cars_of_absent(series, absent, faults)


def _check_cars_of_absent(series: Series, absent: NDArray[np.bool_], faults: Faults) -> None:
    columns, departure = series.car_column, series.car_departure
    owners = np.flatnonzero((columns >= 0) & (columns < departure.shape[2]))
    wrong = np.zeros(departure.shape, np.bool_)
    wrong[:, :, columns[owners]] = (departure[:, :, columns[owners]] != -1) & absent[:, owners]
    faults.add_where("series.car_departure", departure, wrong, "-1, as the participant is absent")


def _check_columns(series: Series, faults: Faults) -> None:
    """A column belongs to one participant."""
    columns, n_columns = series.car_column, series.car_departure.shape[2]
    outside = (columns < -1) | (columns >= n_columns)
    expected = "-1, or a column of car_departure" + (f", 0 to {n_columns - 1}" if n_columns else "")
    faults.add_where("series.car_column", columns, outside, expected)
    _, first, which = np.unique(columns, return_index=True, return_inverse=True)
    again = (columns >= 0) & (first[which] != np.arange(columns.size))
    faults.add_where("series.car_column", columns, again, "a column that no other participant has")


def _check_stays(series: Series, faults: Faults) -> None:
    """While a car is there its departure stands; it brings its energy in its first slot, and none later."""
    departure, arrival_kwh = series.car_departure, series.car_arrival_kwh
    n_slots = departure.shape[1]
    slots = np.arange(n_slots, dtype=np.int32)[:, np.newaxis]
    plugged_in = departure != -1
    wrong = plugged_in & ((departure <= slots) | (departure > n_slots))
    faults.add_where("series.car_departure", departure, wrong, f"-1, or a later slot, at most {n_slots}")
    differs = np.ones_like(plugged_in)
    differs[:, 1:] = departure[:, 1:] != departure[:, :-1]
    changed = differs.copy()
    changed[:, 0] = False
    changed[:, 1:] &= departure[:, :-1] > slots[1:]
    faults.add_where(
        "series.car_departure", departure, changed, "what it was the slot before: the car is there"
    )
    begins = plugged_in & differs
    faults.add_where(
        "series.car_arrival_kwh",
        arrival_kwh,
        begins & ~(arrival_kwh >= 0.0),
        "at least 0, as a car plugs in here",
    )
    elsewhere = ~begins & (arrival_kwh != -1.0)
    faults.add_where("series.car_arrival_kwh", arrival_kwh, elsewhere, "-1, as no car plugs in here")


def _check_batteries(series: Series, devices: Devices, faults: Faults) -> None:
    """What a car brings and wants fits into its battery."""
    # A column that nobody has takes any car; so does a battery beyond float32.
    with np.errstate(over="ignore"):
        most_kwh = (_capacity_by_column(series, devices) * (1.0 + _ROUNDING)).astype(np.float32)
    for name in ("car_arrival_kwh", "car_target_kwh"):
        energy_kwh = getattr(series, name)
        faults.add_where(
            f"series.{name}", energy_kwh, energy_kwh > most_kwh, "at most car_kwh of the participant"
        )


def _capacity_by_column(series: Series, devices: Devices) -> NDArray[np.float64]:
    capacity_kwh = np.full(series.car_departure.shape[2], np.inf)
    used = (series.car_column >= 0) & (series.car_column < capacity_kwh.size)
    capacity_kwh[series.car_column[used]] = devices.car_kwh[used]
    return capacity_kwh
