"""Rows by name in kernels: an observation in the units of the table, an action in the unit box, one float at a time.

What `columns.py` is for arrays. A kernel says ``value(rows, m, columns.battery_kw)``: where a field lies and how it is
scaled follows from `gridbid.envs.fields` alone, and a field that a kind lacks is 0.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.fields import METERED, action_fields, action_index, observation_fields, observation_index
from gridbid.market.kernel import kernel

Singles = NDArray[np.float32]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_LACKS = -1


class Columns(NamedTuple):
    """Where observation fields that rules look at begin in a kind's row; -1 where the kind lacks one."""

    retail_ct: int
    feed_in_ct: int
    fee_ct: int
    site_kw: int
    reading_2: int
    position: int
    community_net: int
    battery_kw: int
    battery_hours: int
    battery_soc: int
    battery_least: int
    battery_most: int
    charger_kw: int
    car_plugged: int
    car_due: int
    car_departure: int
    car_least: int
    car_most: int
    heat_pump_kw: int
    heat_least: int
    heat_most: int
    net_forecast: int


class Rows(NamedTuple):
    """Observations float32 (rows, observation), and the scale of every entry (observation,)."""

    values: Singles
    scale: Floats


class Plan(NamedTuple):
    """A metered seat's action in the ranges of the table: its fields, by their names."""

    offer: float
    limit: float
    follow: float
    battery: float
    charger: float
    heat_pump: float
    curtail: float


class Outlets(NamedTuple):
    """Where the fields of a `Plan` go in a kind's action, -1 where it lacks one, and their ranges; (fields,) each."""

    column: Integers
    low: Floats
    high: Floats


def _columns(kind: str) -> Columns:
    index = observation_index(kind)
    return Columns(*(index[name].start if name in index else _LACKS for name in Columns._fields))


def _scale(kind: str) -> Floats:
    return np.concatenate([np.full(field.size, float(field.scale)) for field in observation_fields(kind)])


def _outlets(kind: str) -> Outlets:
    index, fields = action_index(kind), {field.name: field for field in action_fields(kind)}
    return Outlets(
        np.array([index[name].start if name in index else _LACKS for name in Plan._fields]),
        np.array([fields[name].low if name in fields else 0.0 for name in Plan._fields], np.float64),
        np.array([fields[name].high if name in fields else 0.0 for name in Plan._fields], np.float64),
    )


COLUMNS = {kind: _columns(kind) for kind in METERED}
OUTLETS = {kind: _outlets(kind) for kind in METERED}
_SCALES = {kind: _scale(kind) for kind in METERED}


def rows_of(kind: str, observations: Singles) -> Rows:
    """Observations (..., observation) of a kind as rows; a view of them where they lie in one piece."""
    values = np.ascontiguousarray(observations, np.float32)
    return Rows(values.reshape(-1, values.shape[-1]), _SCALES[kind])


@kernel
def value(rows: Rows, m: int, column: int) -> float:
    """A field of row m in the table's unit, of a run its first; 0 where the kind lacks it."""
    return np.float64(rows.values[m, column]) * rows.scale[column] if column >= 0 else 0.0


@kernel
def value_at(rows: Rows, m: int, column: int, place: int) -> float:
    """One of a run of values that begins in ``column``, which the kind has."""
    return np.float64(rows.values[m, column + place]) * rows.scale[column + place]


@kernel
def clipped(wanted: float, least: float, most: float) -> float:
    """``wanted``, kept between ``least`` and ``most``."""
    return min(max(wanted, least), most)


@kernel
def limit_at(rows: Rows, columns: Columns, m: int, price_ct: float) -> float:
    """The limit that stands for a price of energy in ct/kWh, fee not included; kept in the band, 0 where it has no width."""
    feed_in_ct = value(rows, m, columns.feed_in_ct)
    width_ct = value(rows, m, columns.retail_ct) - value(rows, m, columns.fee_ct) - feed_in_ct
    return clipped((price_ct - feed_in_ct) / width_ct, 0.0, 1.0) if width_ct > 0.0 else 0.0


@kernel
def write_plan(outlets: Outlets, actions: Singles, m: int, plan: Plan) -> None:
    """Write row m of ``actions`` (rows, action): the plan, kept in the table's ranges, in the unit box."""
    for field in range(outlets.column.size):
        column, low, high = outlets.column[field], outlets.low[field], outlets.high[field]
        if column >= 0:
            actions[m, column] = 2.0 * (clipped(plan[field], low, high) - low) / (high - low) - 1.0
