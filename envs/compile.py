"""From a scenario and its year to the arrays that the engine and the observations run on."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.envelopes import scenario_envelopes
from gridbid.envs.observations import Tables
from gridbid.envs.scenario import Scenario, load_scenario
from gridbid.envs.specification import Seat
from gridbid.envs.year import YearData, build_year
from gridbid.market.community import Community, Devices, MarketRules, Penalties, Series, Sites
from gridbid.market.forecast import persistence_forecast
from gridbid.market.presence import always_present
from gridbid.market.units import MINUTES_PER_DAY, ct_per_kwh_to_neur_per_wh, floor_wh

_SLOTS_PER_HOUR = 4
_CT_PER_EUR = 100.0


@dataclass(frozen=True)
class CompiledScenario:
    """A scenario ready to run."""

    scenario: Scenario
    """What it was made of."""
    year: YearData
    """Its year, with the calendar."""
    community: Community
    """What the engine takes."""
    tables: Tables
    """What observations take beside it."""


def compile_community(
    scenario: Scenario | str | os.PathLike[str],
    seeds: Sequence[int],
    *,
    split: str = "train",
    prices: Path | None = None,
    sessions: Path | None = None,
) -> CompiledScenario:
    """Compile a scenario with one sample of prices and cars for each seed; see `gridbid.envs.year.build_year`."""
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario)
    return compile_year(scenario, build_year(scenario, seeds, split=split, prices=prices, sessions=sessions))


def compile_year(scenario: Scenario, year: YearData) -> CompiledScenario:
    """Compile a scenario with a year that is given."""
    series = _series(scenario, year)
    community = Community(
        devices=_devices(scenario),
        sites=_sites(scenario),
        penalties=_penalties(scenario),
        rules=_rules(scenario),
        series=series,
        network=scenario.network,
        load_tan_phi=scenario.grid.load_tan_phi,
    )
    feeder_kw = series.net_kw.sum(axis=1, keepdims=True, dtype=np.float32)
    tables = Tables(
        site_kw=np.array([site_power_kw(seat) for seat in scenario.metered]),
        retail_hour=_hourly(series.retail.T).T.astype(np.float32),
        feeder_kw=feeder_kw,
        feeder_hour_kw=_hourly(feeder_kw),
    )
    return CompiledScenario(scenario, year, community, tables)


def site_power_kw(seat: Seat) -> float:
    """Largest rating of a seat, at least 1 kW: what its observations are relative to."""
    ratings = [
        seat.load.rated_kw if seat.load else 0.0,
        seat.pv.peak_kw if seat.pv else 0.0,
        seat.battery.power_kw if seat.battery else 0.0,
        seat.charge_point.power_kw if seat.charge_point else 0.0,
        seat.heat_pump.power_kw if seat.heat_pump else 0.0,
    ]
    return max(1.0, *ratings)


def _devices(scenario: Scenario) -> Devices:
    seats = scenario.metered

    def column(read: Callable[[Seat], float], default: float = 0.0) -> NDArray[np.float64]:
        return np.array([read(seat) or default for seat in seats], np.float64)

    return Devices(
        battery_kwh=column(lambda s: s.battery.capacity_kwh if s.battery else 0.0),
        battery_kw=column(lambda s: s.battery.power_kw if s.battery else 0.0),
        battery_initial_kwh=column(
            lambda s: s.battery.initial_soc * s.battery.capacity_kwh if s.battery else 0.0
        ),
        charge_efficiency=column(lambda s: s.battery.charge_efficiency if s.battery else 1.0),
        discharge_efficiency=column(lambda s: s.battery.discharge_efficiency if s.battery else 1.0),
        wear_eur_per_kwh=column(lambda s: s.battery.wear_ct_per_kwh / _CT_PER_EUR if s.battery else 0.0),
        charger_kw=column(lambda s: s.charge_point.power_kw if s.charge_point else 0.0),
        charger_v2g_kw=column(lambda s: s.charge_point.v2g_power_kw if s.charge_point else 0.0),
        charger_efficiency=column(lambda s: s.charge_point.efficiency if s.charge_point else 1.0),
        car_kwh=column(lambda s: s.charge_point.battery_kwh if s.charge_point else 0.0),
        heat_pump_kw=column(lambda s: s.heat_pump.power_kw if s.heat_pump else 0.0),
        cop=column(lambda s: s.heat_pump.cop if s.heat_pump else 1.0),
        heat_store_kwh=column(lambda s: s.heat_pump.store_kwh if s.heat_pump else 0.0),
        heat_loss_per_h=column(lambda s: s.heat_pump.loss_per_h if s.heat_pump else 0.0),
    )


def _sites(scenario: Scenario) -> Sites:
    hours = scenario.slot_minutes / 60.0
    seats, allocation = scenario.metered, scenario.market.envelopes
    bus = np.array([seat.bus for seat in seats], np.int64)
    if allocation is not None:
        envelopes = scenario_envelopes(scenario, allocation)
        return Sites(bus, envelopes.import_limit_wh, envelopes.export_limit_wh)
    return Sites(
        bus=bus,
        import_limit_wh=np.array([floor_wh(seat.import_limit_kw * hours) for seat in seats], np.int64),
        export_limit_wh=np.array([floor_wh(seat.export_limit_kw * hours) for seat in seats], np.int64),
    )


def _penalties(scenario: Scenario) -> Penalties:
    prices = scenario.penalties
    return Penalties(
        unmet_ev=prices.unmet_ev_eur_per_kwh,
        discomfort=prices.discomfort_eur_per_kwh_th,
        envelope=prices.envelope_eur_per_kwh,
        overload=prices.overload_eur_per_kwh,
        stored_energy_value=prices.stored_energy_value_ct_per_kwh / _CT_PER_EUR,
    )


def _rules(scenario: Scenario) -> MarketRules:
    market = scenario.market
    return MarketRules(
        slot_h=scenario.slot_minutes / 60.0,
        slots_per_day=MINUTES_PER_DAY // scenario.slot_minutes,
        n_ticks=market.n_ticks,
        tick_size=market.tick_size_neur_per_wh,
        max_fills=market.max_fills,
        rounds=market.rounds,
    )


def _series(scenario: Scenario, year: YearData) -> Series:
    tariff, rules = scenario.tariff, _rules(scenario)
    wholesale = _prices_neur(year.spot_ct)
    retail = _prices_neur(year.spot_ct + np.float32(tariff.adder_ct_per_kwh))
    fee = np.full(retail.shape[1], ct_per_kwh_to_neur_per_wh(tariff.local_fee_ct_per_kwh), np.int64)
    feed_in = np.minimum(ct_per_kwh_to_neur_per_wh(tariff.feed_in_ct_per_kwh), retail - fee)
    net_kw = year.load_kw - year.pv_kw
    return Series(
        load_kw=year.load_kw,
        pv_kw=year.pv_kw,
        heat_kw=year.heat_kw,
        net_kw=net_kw,
        net_hour_kw=_hourly(net_kw),
        forecast=persistence_forecast(rules.slots_per_day),
        retail=retail,
        feed_in=feed_in,
        wholesale=wholesale,
        fee=fee,
        carbon_g_per_kwh=year.carbon_g,
        present=always_present(year.load_kw.shape[1]),
        car_column=year.ev_column,
        car_departure=year.ev_departure,
        car_arrival_kwh=year.ev_arrival_kwh,
        car_target_kwh=year.ev_target_kwh,
        local_hour=year.local_hour,
        day_of_year=year.day_of_year.astype(np.float32),
        weekend=year.weekday >= 5,
    )


def _prices_neur(price_ct: NDArray[np.float32]) -> NDArray[np.int64]:
    """Prices in ct/kWh as integers in nEUR/Wh."""
    return np.rint(price_ct.astype(np.float64) * ct_per_kwh_to_neur_per_wh(1.0)).astype(np.int64)


def _hourly(series: NDArray[np.generic]) -> NDArray[np.float32]:
    """Mean of the four slots from each one on, along the first axis; the year's last slot stands for what follows."""
    last = np.repeat(series[-1:], _SLOTS_PER_HOUR - 1, axis=0)
    padded = np.concatenate([series, last]).astype(np.float64)
    return np.mean([padded[k : k + series.shape[0]] for k in range(_SLOTS_PER_HOUR)], axis=0).astype(
        np.float32
    )
