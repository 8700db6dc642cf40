"""What batteries went through, and what cars and homes went without."""

import numpy as np

from gridbid.evaluate.kpis.figure import Floats, Kpi, Weeks, ratio, sum_of
from gridbid.evaluate.records.record import WeekRecord
from gridbid.market.types import Device

_NOTICED_KWH = 0.001
"""A car that lacks less than a Wh lacks nothing."""


def _battery_out_kwh(weeks: Weeks) -> float:
    return weeks.total(lambda r: -np.minimum(0.0, r.device_kwh[:, :, Device.BATTERY]).sum())


def _full_cycles(weeks: Weeks) -> float:
    devices = weeks.community.devices

    def cycled_kwh(record: WeekRecord) -> float:
        ac_kwh = record.device_kwh[:, :, Device.BATTERY]
        stored_kwh = np.maximum(0.0, ac_kwh) * devices.charge_efficiency
        taken_kwh = np.maximum(0.0, -ac_kwh) / devices.discharge_efficiency
        return float((stored_kwh + taken_kwh).sum()) / 2.0

    return ratio(weeks.total(cycled_kwh), float(devices.battery_kwh.sum()))


def _leaves(weeks: Weeks, record: WeekRecord) -> Floats:
    """1 where a member's car departs at the slot's end, else 0, (T, N)."""
    series = weeks.community.series
    slots = np.arange(record.start, record.start + record.feeder_kw.size)
    departs = series.car_departure[record.sample, slots] == slots[:, None] + 1
    leaves = np.zeros((slots.size, series.car_column.size))
    charge_points = np.flatnonzero(series.car_column >= 0)
    leaves[:, charge_points] = departs[:, series.car_column[charge_points]]
    return leaves


def _departures(weeks: Weeks) -> float:
    return weeks.total(lambda record: _leaves(weeks, record).sum())


def _short_departures(weeks: Weeks) -> float:
    short = weeks.total(lambda record: (record.unmet_kwh > _NOTICED_KWH).sum())
    return ratio(short, _departures(weeks))


def _departure_shortfall(weeks: Weeks) -> float:
    car_kwh = np.where(weeks.community.series.car_column >= 0, weeks.community.devices.car_kwh, np.inf)
    return ratio(weeks.total(lambda record: (record.unmet_kwh / car_kwh).sum()), _departures(weeks))


DEVICES = (
    Kpi(*("battery_out_kwh", "kWh", "none"), "energy discharged from stationary batteries", _battery_out_kwh),
    Kpi(
        *("full_cycles", "1", "none"),
        "equivalent full cycles of the stationary batteries: half of all that was stored and taken, over their capacity",
        _full_cycles,
    ),
    Kpi("unmet_ev_kwh", "kWh", "lower", "energy missing in cars at departure", sum_of("unmet_kwh")),
    Kpi("departures", "1", "none", "cars that departed", _departures),
    Kpi("short_departures", "1", "lower", "share of departures with a Wh missing or more", _short_departures),
    Kpi(
        *("departure_shortfall", "1", "lower"),
        "state of charge missing at departure, mean over all departures",
        _departure_shortfall,
    ),
    Kpi("unserved_heat_kwh", "kWh", "lower", "heat demand not served, thermal", sum_of("unserved_kwh")),
)
