"""Energy of the community as one: what it draws and feeds in, how much of its sun it uses, and the carbon of it."""

import numpy as np

from gridbid.evaluate.kpis.figure import Floats, Kpi, Weeks, community_kwh, ratio, sum_of
from gridbid.evaluate.records.record import WeekRecord
from gridbid.market.types import Device

_G_PER_KG = 1_000.0


def generation_kwh(record: WeekRecord) -> Floats:
    """PV that was used or fed in, (T,)."""
    return (record.pv_kwh - record.curtailed_kwh).sum(axis=1)


def consumption_kwh(record: WeekRecord) -> Floats:
    """Base load, cars and heat pumps; not what batteries shift, (T,)."""
    devices = record.device_kwh[:, :, [Device.CHARGER, Device.HEAT_PUMP]].sum(axis=(1, 2))
    return record.load_kwh.sum(axis=1) + devices


def _import_kwh(weeks: Weeks) -> float:
    return weeks.total(lambda r: np.maximum(0.0, community_kwh(r)).sum())


def _export_kwh(weeks: Weeks) -> float:
    return weeks.total(lambda r: np.maximum(0.0, -community_kwh(r)).sum())


def _co2_kg(weeks: Weeks) -> float:
    return weeks.total(lambda r: (r.carbon_g * np.maximum(0.0, community_kwh(r))).sum()) / _G_PER_KG


def _self_consumption(weeks: Weeks) -> float:
    def exported_sun_kwh(record: WeekRecord) -> float:
        return float(np.clip(-community_kwh(record), 0.0, generation_kwh(record)).sum())

    generation = weeks.total(lambda r: generation_kwh(r).sum())
    return ratio(generation - weeks.total(exported_sun_kwh), generation)


def _self_sufficiency(weeks: Weeks) -> float:
    def imported_need_kwh(record: WeekRecord) -> float:
        return float(np.clip(community_kwh(record), 0.0, consumption_kwh(record)).sum())

    consumption = weeks.total(lambda r: consumption_kwh(r).sum())
    return ratio(consumption - weeks.total(imported_need_kwh), consumption)


ENERGY = (
    Kpi(
        *("co2_kg", "kg", "lower"),
        "average carbon intensity of the grid's mix x net import of the community, slot by slot; slots of net export count as 0, "
        "so nothing is credited",
        _co2_kg,
    ),
    Kpi("import_kwh", "kWh", "lower", "net import of the community", _import_kwh),
    Kpi("export_kwh", "kWh", "none", "net export of the community", _export_kwh),
    Kpi(
        *("self_consumption", "1", "higher"),
        "1 - net export / generation, of each slot's export what was generated in it",
        _self_consumption,
    ),
    Kpi(
        *("self_sufficiency", "1", "higher"),
        "1 - net import / consumption (base load, cars, heat pumps), of each slot's import what was consumed in it",
        _self_sufficiency,
    ),
    Kpi("curtailed_kwh", "kWh", "lower", "PV held back", sum_of("curtailed_kwh")),
)
