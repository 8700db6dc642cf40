"""From a CityLearn data set (``schema.json``) to a scenario folder, with its prices, carbon and charging sessions.

A building becomes a prosumer: ``non_shiftable_load`` and, over their COPs, cooling and heating are its load; PV, battery
and the first charger are its own, a further charger is an ev seat. Hot water with a storage is a heat pump with a
store. Beside the scenario stand ``prices.parquet`` (retail price as wholesale price, so the tariff adds nothing, and
CityLearn pays nothing for feed-in) and ``sessions.parquet``, for ``--prices`` and ``--sessions``.

Not carried over: efficiency and power curves and ageing of batteries (efficiency and depth of discharge are), thermal
dynamics, comfort bands, occupants, cold and heat storages, appliances, outages, phases, the limits of charging below
the greatest power, reward functions, and the grid, which CityLearn doesn't have.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gridbid.envs.format.tariff_specification import DayAheadPrice, FixedFeedIn, FixedLocalFee, TariffSpec
from gridbid.envs.importers.citylearn_files import (
    Building,
    Charger,
    CityLearn,
    read_citylearn,
)
from gridbid.envs.importers.clocks import check_zone
from gridbid.envs.importers.feeders import NO_GRID, read_feeder
from gridbid.envs.importers.findings import Findings, findings_for
from gridbid.envs.importers.folders import SLOT_S, Imported, write_folder
from gridbid.envs.importers.local_year import best_year, lay_on_year, plan_days, tell_plan
from gridbid.envs.importers.meter_data import RegularSeries
from gridbid.envs.importers.sites import (
    Devices,
    SiteRow,
    UnitProfile,
    place,
    profile_columns,
    prosumer,
    rated_kw,
    sized_profile,
    unit_profile,
    with_limits,
)
from gridbid.envs.specification import (
    Battery,
    ChargePoint,
    HeatPump,
    Licence,
    Seat,
    Splits,
)
from gridbid.envs.timeline.calendar import SECONDS_PER_HOUR, Calendar, year_calendar
from gridbid.envs.timeline.real_sessions import SPLIT_OF_TENTHS, split_of

PRICES, SESSIONS = "prices.parquet", "sessions.parquet"
EUR_PER_MWH, G_PER_KG = 1_000.0, 1_000.0
WATTS_PER_KW = 1_000.0
ZERO_CELSIUS_K = 273.15
MOST_COP = 20.0
"""CityLearn's own cap of its Carnot formula (energy_model.HeatPump.get_cop)."""
HEATER_EFFICIENCY, PUMP_EFFICIENCY, HOT_C, COLD_C = 0.95, 0.25, 47.5, 8.5
"""Middles of the ranges from which CityLearn draws what a schema leaves out."""
BATTERY_EFFICIENCY = 0.9
STORE_HOURS = 2.0
PRICE_ALONE = TariffSpec(
    energy=DayAheadPrice(adder_ct_per_kwh=0.0),
    feed_in=FixedFeedIn(price_ct_per_kwh=0.0),
    local_fee=FixedLocalFee(price_ct_per_kwh=0.0),
)
"""Retail is the price of the data set; nothing is paid for feed-in, nothing is asked for local energy."""
CAR_KWH, CHARGER_KW = 75.0, 50.0
PLUGGED_IN, INCOMING = "1", "2"

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class CityLearnOptions:
    """What a data set doesn't say; every field is an option of the command."""

    grid: str = NO_GRID
    """As for meters: a scenario, a pandapower JSON file, a SimBench code, or none."""
    timezone: str = "UTC"
    """Zone of the scenario: UTC keeps the data set's clock, which has no zone, as it is."""
    year: int | None = None
    """Local year of the scenario; None: the one of which the data have most days."""
    seed: int = 0
    """Of the buildings' buses."""
    title: str | None = None
    """One line for reports."""
    licence: str = "not stated; CityLearn's own data sets name theirs"
    """Terms of the data."""


@dataclass(frozen=True)
class _Stay:
    """A car's stay at a charger, in time steps, and what it wants."""

    begin: int
    end: int
    energy_kwh: float


def import_citylearn(path: Path, folder: Path, options: CityLearnOptions) -> Imported:
    """Write the scenario of a schema.json. InputError lists every fault; nothing is written then."""
    check_zone(options.timezone)
    feeder = read_feeder(options.grid)
    findings = findings_for(path)
    data = read_citylearn(path, findings)
    findings.refuse_faults()
    assert data is not None  # without a fault there are data
    laid = _Laid(data, options, findings)
    rows: dict[str, SiteRow] = {}
    buses = place([building.name for building in data.buildings], rows, feeder, options.seed)
    seats: list[Seat] = []
    points: list[Seat] = []
    used: list[UnitProfile | None] = []
    for building in data.buildings:
        seat, more, profiles = _seats(building, buses[building.name], data, laid, findings)
        seats.append(seat)
        points += more
        used += profiles
    stays = {c.name: _stays(c, data, findings) for building in data.buildings for c in building.chargers}
    made = write_folder(
        folder,
        title=options.title
        or f"{len(seats)} buildings of the CityLearn data set {path.resolve().parent.name}",
        timezone=options.timezone,
        year=laid.calendar.year,
        slot_seconds=SLOT_S,
        profile_seconds=laid.calendar.slot_seconds,
        feeder=feeder,
        seats=[*seats, *points],
        profiles=profile_columns(used),
        licences=(Licence("profiles, devices, prices, sessions", options.licence, "CityLearn data set"),),
        tariff=PRICE_ALONE,
        findings=_with_notes(findings, data, stays),
    )
    _write_prices(folder / PRICES, data.buildings[0], laid)
    _write_sessions(folder / SESSIONS, stays, data)
    return made


class _Laid:
    """Lays the data set's series on the scenario's year, all by one plan of days."""

    def __init__(self, data: CityLearn, options: CityLearnOptions, findings: Findings) -> None:
        self._data = data
        n_steps = data.buildings[0].series["hour"].size
        empty = RegularSeries(data.start_s, data.step_s, np.zeros((n_steps, 1)))
        year = options.year or best_year(empty, "UTC")
        # The data set's clock knows no change: its days are planned in UTC and read as local days.
        self.calendar: Calendar = year_calendar(year, options.timezone)
        plan = plan_days(empty, replace(self.calendar, timezone="UTC"), findings)
        findings.refuse_faults()
        assert plan is not None  # without a fault there is a plan
        self._plan = plan
        tell_plan(plan, self.calendar, Splits(), findings)

    def lay(self, values: Floats) -> Floats:
        """Values by step as means by slot of the year, (T,)."""
        series = RegularSeries(self._data.start_s, self._data.step_s, values[:, None])
        clock = replace(self.calendar, timezone="UTC", utc_start=self.calendar.local_start)
        laid: Floats = lay_on_year(series, self._plan, clock)[:, 0]
        return laid


def _seats(
    building: Building, bus: int, data: CityLearn, laid: _Laid, findings: Findings
) -> tuple[Seat, list[Seat], list[UnitProfile | None]]:
    """The building's prosumer, seats of its further chargers, and the profiles."""
    hours = data.step_s / 3_600.0
    load_kw = laid.lay(_electric_load_kwh(building, findings) / hours)
    load = sized_profile(f"load_{building.name}", load_kw) if load_kw.any() else None
    peak_kw, pv_profile = _pv(building, hours, laid, findings)
    pump, heat_profile = _heat_pump(building, hours, laid, findings)
    seat = prosumer(bus, load, Devices(pv_kwp=peak_kw), pv_profile, pump)
    points = [_charge_point(charger, data, findings) for charger in building.chargers]
    own = points[0] if points else None
    seat = replace(seat, battery=_battery(building, findings), charge_point=own)
    ev = Seat(name="ev", kind="ev", bus=bus, import_limit_kw=0.0, export_limit_kw=0.0)
    others = [with_limits(replace(ev, charge_point=point)) for point in points[1:]]
    return with_limits(seat, load), others, [load.profile if load else None, pv_profile, heat_profile]


def _electric_load_kwh(building: Building, findings: Findings) -> Floats:
    """Inflexible electricity by step: appliances, cooling and heating over their COPs, hot water without a storage."""
    total = building.series["non_shiftable_load"].copy()
    stored = bool(building.schema.get("dhw_storage"))
    for demand, device in (
        ("cooling_demand", "cooling_device"),
        ("heating_demand", "heating_device"),
        *(() if stored else (("dhw_demand", "dhw_device"),)),
    ):
        if building.series[demand].any():
            total += building.series[demand] / _cop(building, device, findings)
    return total


def _cop(building: Building, device: str, findings: Findings) -> Floats:
    """Heat or cold over electricity by step, as CityLearn has it: a heater's efficiency, or a share of Carnot's."""
    schema = building.schema.get(device) or {}
    attributes = schema.get("attributes") or {}
    outdoor_c = building.series.get("outdoor_dry_bulb_temperature")
    n_steps = building.series["hour"].size
    if str(schema.get("type", "")).endswith("ElectricHeater") or outdoor_c is None:
        return np.full(n_steps, float(attributes.get("efficiency") or HEATER_EFFICIENCY))
    if not schema:
        findings.warn(
            f"buildings.{building.name}.{device}",
            "none, though there is a demand",
            "a usual heat pump was assumed",
        )
    efficiency = float(attributes.get("efficiency") or PUMP_EFFICIENCY)
    if device == "cooling_device":
        wanted_c = float(attributes.get("target_cooling_temperature") or COLD_C)
        lift = outdoor_c - wanted_c
    else:
        wanted_c = float(attributes.get("target_heating_temperature") or HOT_C)
        lift = wanted_c - outdoor_c
    cop = efficiency * (wanted_c + ZERO_CELSIUS_K) / np.where(lift == 0.0, np.inf, lift)
    return np.where((cop <= 0.0) | (cop > MOST_COP), MOST_COP, cop)


def _pv(
    building: Building, hours: float, laid: _Laid, findings: Findings
) -> tuple[float, UnitProfile | None]:
    attributes = _attributes(building, "pv")
    if attributes is None:
        return 0.0, None
    peak_kw = float(attributes.get("nominal_power") or 0.0)
    generation = building.series["solar_generation"]
    if peak_kw <= 0.0 or not generation.any():
        _tell_left_out(building, "pv", f"nominal_power {attributes.get('nominal_power')}", findings)
        return 0.0, None
    is_absolute = str(attributes.get("generation_mode") or "").startswith("absolute")
    per_kw = generation / hours / peak_kw if is_absolute else generation / WATTS_PER_KW
    profile = unit_profile(f"pv_{building.name}", np.maximum(0.0, laid.lay(per_kw)), 1.0)
    return peak_kw, profile


def _heat_pump(
    building: Building, hours: float, laid: _Laid, findings: Findings
) -> tuple[HeatPump | None, UnitProfile | None]:
    """Hot water from a device with a storage; the COP is the mean over the demand."""
    storage = _attributes(building, "dhw_storage")
    demand = building.series["dhw_demand"]
    if storage is None or not demand.any():
        return None, None
    electric_kwh = demand / _cop(building, "dhw_device", findings)
    cop = float(demand.sum() / electric_kwh.sum())
    electric_kw = laid.lay(electric_kwh / hours)
    given_kw = float((_attributes(building, "dhw_device") or {}).get("nominal_power") or 0.0)
    power_kw = max(given_kw, rated_kw(electric_kw))
    store_kwh = float(storage.get("capacity") or 0.0)
    if store_kwh <= 0.0:
        store_kwh = STORE_HOURS * power_kw * cop
        findings.note(
            f"buildings.{building.name}.dhw_storage.capacity",
            "not given",
            f"{STORE_HOURS:g} h of full output assumed",
        )
    loss = min(1.0, float(storage.get("loss_coefficient") or 0.0) / hours)
    profile = unit_profile(f"dhw_{building.name}", np.maximum(0.0, electric_kw), power_kw)
    pump = HeatPump(round(power_kw, 3), round(cop, 3), round(store_kwh, 3), profile.name, loss_per_h=loss)
    return pump, profile


def _battery(building: Building, findings: Findings) -> Battery | None:
    """Usable capacity is that within the depth of discharge; CityLearn takes the root of the efficiency each way."""
    attributes = _attributes(building, "electrical_storage")
    if attributes is None:
        return None
    depth = float(attributes.get("depth_of_discharge") or 1.0)
    capacity_kwh = float(attributes.get("capacity") or 0.0) * depth
    power_kw = float(attributes.get("nominal_power") or 0.0)
    if capacity_kwh <= 0.0 or power_kw <= 0.0:
        shown = f"capacity {attributes.get('capacity')}, nominal_power {attributes.get('nominal_power')}"
        _tell_left_out(building, "electrical_storage", shown, findings)
        return None
    one_way = round(math.sqrt(float(attributes.get("efficiency") or BATTERY_EFFICIENCY)), 6)
    soc = max(0.0, (float(attributes.get("initial_soc") or 0.0) - (1.0 - depth)) / depth)
    return Battery(round(capacity_kwh, 6), power_kw, one_way, one_way, initial_soc=soc)


def _charge_point(charger: Charger, data: CityLearn, findings: Findings) -> ChargePoint:
    attributes = charger.attributes
    power_kw = float(attributes.get("max_charging_power") or attributes.get("nominal_power") or CHARGER_KW)
    n_days = _days(data)
    n_stays = len(_stays(charger, data, Findings(charger.name)))
    return ChargePoint(
        power_kw=power_kw,
        v2g_power_kw=float(attributes.get("max_discharging_power") or 0.0),
        battery_kwh=_car_kwh(charger, data),
        efficiency=float(attributes.get("efficiency") or BATTERY_EFFICIENCY),
        sessions_per_day=min(1.0, round(n_stays / n_days, 3)),
    )


def _days(data: CityLearn) -> float:
    """Days of the data set."""
    return data.buildings[0].series["hour"].size * data.step_s / 86_400.0


def _car_kwh(charger: Charger, data: CityLearn) -> float:
    """Capacity of the car that is there most."""
    known = [data.cars_kwh[name] for name in charger.car if data.cars_kwh.get(name)]
    return max(set(known), key=known.count) if known else CAR_KWH


def _stays(charger: Charger, data: CityLearn, findings: Findings) -> list[_Stay]:
    """Stays of cars: runs of rows in which one is plugged in, with the energy from its arrival's charge to the wanted."""
    plugged = np.array([state == PLUGGED_IN for state in charger.state], bool)
    same = np.array(charger.car[1:]) == np.array(charger.car[:-1])
    begins = np.flatnonzero(plugged & ~np.concatenate(([False], plugged[:-1] & same)))
    ends = np.flatnonzero(plugged & ~np.concatenate((plugged[1:] & same, [False]))) + 1
    efficiency = float(charger.attributes.get("efficiency") or BATTERY_EFFICIENCY)
    stays = []
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        is_announced = begin > 0 and charger.state[begin - 1] == INCOMING
        arrival = charger.arrival_soc[begin - 1] if is_announced else math.nan
        capacity_kwh = data.cars_kwh.get(charger.car[begin]) or CAR_KWH
        energy_kwh = (charger.wanted_soc[end - 1] - arrival) * capacity_kwh / efficiency
        if energy_kwh > 0.0:
            stays.append(_Stay(begin, end, float(energy_kwh)))
    if len(stays) < begins.size:
        findings.note(
            f"charger {charger.name}",
            f"{begins.size - len(stays)} stays",
            "left out: no charge at arrival is known, or none is wanted",
        )
    return stays


def _attributes(building: Building, device: str) -> Mapping[str, Any] | None:
    entry = building.schema.get(device)
    return (entry.get("attributes") or {}) if entry else None


def _tell_left_out(building: Building, device: str, value: str, findings: Findings) -> None:
    autosized = bool((building.schema.get(device) or {}).get("autosize"))
    why = (
        "its size is drawn by CityLearn (autosize): write it into the schema"
        if autosized
        else "no size: left out"
    )
    (findings.warn if autosized else findings.note)(f"buildings.{building.name}.{device}", value, why)


def _with_notes(findings: Findings, data: CityLearn, stays: Mapping[str, list[_Stay]]) -> Findings:
    ignored = sorted(
        {key for building in data.buildings for key in building.schema}
        & {"cooling_storage", "heating_storage", "dynamics", "occupant", "deferrable_appliances", "washing_machine",
           "washing_machines", "escalators", "power_outage", "charging_constraints", "electrical_service"}
    )  # fmt: skip
    if ignored:
        findings.note("buildings", ", ".join(ignored), "not carried over")
    without = [split for split in SPLIT_OF_TENTHS if not any(split_of(name) == split for name in stays)]
    if stays and without:
        findings.warn(
            SESSIONS,
            f"no charger's sessions fall into {', '.join(without)}",
            "they are divided by the charger's name: without --sessions, cars are drawn at each charger's own rate",
        )
    return findings


def _write_prices(path: Path, building: Building, laid: _Laid) -> None:
    """Hourly price and carbon intensity on the scenario's year, as ``--prices`` wants them."""
    n_steps = building.series["hour"].size
    nothing = np.zeros(n_steps)
    utc = laid.calendar.utc_start
    per_hour = SECONDS_PER_HOUR // laid.calendar.slot_seconds
    price, carbon = (
        laid.lay(building.series.get(name, nothing)).reshape(-1, per_hour).mean(axis=1)
        for name in ("electricity_pricing", "carbon_intensity")
    )
    table = {
        "time_utc": pa.array(utc[::per_hour], pa.timestamp("s", "UTC")),
        "price_eur_per_mwh": pa.array(price * EUR_PER_MWH),
        "ci_g_per_kwh": pa.array(carbon * G_PER_KG),
    }
    pq.write_table(pa.table(table), path)


def _write_sessions(path: Path, stays: Mapping[str, list[_Stay]], data: CityLearn) -> None:
    """Sessions on the data set's own time, as ``--sessions`` wants them; no file where there are none."""
    rows = [(name, stay) for name, found in stays.items() for stay in found]
    if not rows:
        return
    seconds = [
        [data.start_s + getattr(stay, edge) * data.step_s for _, stay in rows] for edge in ("begin", "end")
    ]
    table = {
        "user": pa.array([name for name, _ in rows]),
        "plug_in_utc": pa.array(seconds[0], pa.int64()).cast(pa.timestamp("s", "UTC")),
        "plug_out_utc": pa.array(seconds[1], pa.int64()).cast(pa.timestamp("s", "UTC")),
        "energy_kwh": pa.array([stay.energy_kwh for _, stay in rows]),
    }
    pq.write_table(pa.table(table), path)
