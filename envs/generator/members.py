"""Members of a generated community: homes modelled on those of a scenario, with devices drawn for them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gridbid.envs.importers.connections import CONNECTION_KW
from gridbid.envs.importers.shared_profiles import LATEST_LAG
from gridbid.envs.scenario import Scenario
from gridbid.envs.specification import Battery, ChargePoint, HeatPump, Kind, Load, Population, Pv, Seat

PV_KWP = (4.0, 15.0)
"""Rooftop plants, drawn evenly between."""
BATTERY_HOURS = 2.0
"""Capacity over power of batteries."""
BATTERY_KWH_PER_KWP = 1.0
"""Home batteries are sized to the plant."""
HOME_WITHOUT_PV_KWH = 8.0
COMMUNITY_BATTERY_KWH = 1.0
"""Of a feeder's own battery, for each of its members."""
HEAT_PUMP_KW = (2.0, 5.0)
STORE_HOURS = 2.0
"""Heat store in hours of full output."""
WEEK_SHIFTS = 12


def draw_members(population: Population, source: Scenario, counts: Sequence[int]) -> list[Seat]:
    """Metered seats, feeder by feeder, ``counts`` each; buses and names are still to be given.

    Every feeder of four members or more has a battery of its own, which is one of its members. Then come charge points
    with their own meters, then homes.
    """
    random = np.random.default_rng(population.seed)
    models = _Models(source)
    seats: list[Seat] = []
    for count in counts:
        batteries = 1 if count >= 4 else 0
        points = min(round(population.charge_point_share * count), count - batteries - 1)
        homes = count - batteries - points
        members = [_feeder_battery(count)] * batteries + [_charge_point()] * points
        members += [_home(population, models, random) for _ in range(homes)]
        seats += [members[n] for n in random.permutation(count)]
    return seats


class _Models:
    """What homes are modelled on."""

    def __init__(self, source: Scenario) -> None:
        self.loads = [seat.load for seat in source.metered if seat.load]
        self.plants = sorted({seat.pv.profile for seat in source.metered if seat.pv})
        self.pumps = [seat.heat_pump for seat in source.metered if seat.heat_pump]


def _home(population: Population, models: _Models, random: np.random.Generator) -> Seat:
    load = models.loads[random.integers(len(models.loads))]
    size = float(random.lognormal(-(population.load_spread**2) / 2.0, population.load_spread))
    week_shift, lag = int(random.integers(WEEK_SHIFTS)), int(random.integers(LATEST_LAG + 1))
    has_pv, has_battery, has_pump = random.random(3) < (
        population.pv_share,
        population.battery_share,
        population.heat_pump_share,
    )
    peak_kw = round(float(random.uniform(*PV_KWP)), 1)
    plant = models.plants[random.integers(len(models.plants))]
    pump = models.pumps[random.integers(len(models.pumps))]
    pump_kw = round(float(random.uniform(*HEAT_PUMP_KW)), 1)
    battery_kwh = BATTERY_KWH_PER_KWP * peak_kw if has_pv else HOME_WITHOUT_PV_KWH
    return _seat(
        "prosumer",
        load=Load(round(load.rated_kw * size, 3), load.profile, lag, week_shift),
        pv=Pv(peak_kw, plant) if has_pv else None,
        battery=_battery(battery_kwh) if has_battery else None,
        heat_pump=_heat_pump(pump, pump_kw, lag, week_shift) if has_pump else None,
    )


def _heat_pump(model: HeatPump, power_kw: float, lag: int, week_shift: int) -> HeatPump:
    store_kwh = round(STORE_HOURS * power_kw * model.cop, 3)
    return replace(model, power_kw=power_kw, store_kwh=store_kwh, lag_rows=lag, week_shift=week_shift)


def _feeder_battery(members: int) -> Seat:
    return _seat("battery", battery=_battery(COMMUNITY_BATTERY_KWH * members))


def _battery(capacity_kwh: float) -> Battery:
    return Battery(capacity_kwh=capacity_kwh, power_kw=round(capacity_kwh / BATTERY_HOURS, 3))


def _charge_point() -> Seat:
    return _seat("ev", charge_point=ChargePoint())


def _seat(kind: Kind, **devices: object) -> Seat:
    seat = Seat(name=kind, kind=kind, bus=0, import_limit_kw=0.0, export_limit_kw=0.0, **devices)  # type: ignore[arg-type]  # by name
    battery_kw = seat.battery.power_kw if seat.battery else 0.0
    limit_kw = max(CONNECTION_KW, battery_kw)
    return replace(seat, import_limit_kw=limit_kw, export_limit_kw=limit_kw)
