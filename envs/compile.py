"""From a scenario and its year to the arrays that the engine and the observations run on."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.envelopes import scenario_envelopes
from gridbid.envs.format.membership import members_present
from gridbid.envs.format.response_programme import response_rules
from gridbid.envs.scenario import Scenario, load_scenario
from gridbid.envs.signals.observations import Tables
from gridbid.envs.specification import Seat
from gridbid.envs.timeline.calendar import SECONDS_PER_DAY, SECONDS_PER_HOUR
from gridbid.envs.timeline.forecast_model import forecast_model
from gridbid.envs.timeline.memory import MOST_GB
from gridbid.envs.timeline.real_prices import PriceFile
from gridbid.envs.timeline.real_sessions import SessionFile
from gridbid.envs.timeline.resampling import hour_means
from gridbid.envs.timeline.tariffs import TariffPrices, tariff_prices
from gridbid.envs.timeline.year import YearData, build_year
from gridbid.market.community import Community, Devices, MarketRules, Penalties, Series, Sites
from gridbid.market.forecast import persistence_forecast
from gridbid.market.presence import without_absent
from gridbid.market.response import ResponseRules
from gridbid.market.units import floor_wh

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
    response: ResponseRules | None = None
    """Its programme of demand response, where it has one."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Itself: nobody writes to it, and its year is large."""
        return self


def compile_community(
    scenario: Scenario | str | os.PathLike[str],
    seeds: Sequence[int],
    *,
    split: str = "train",
    weeks: Sequence[int] | None = None,
    n_slots: int | None = None,
    prices: PriceFile | Path | None = None,
    sessions: SessionFile | Path | None = None,
    most_gb: float = MOST_GB,
) -> CompiledScenario:
    """Compile a scenario with one sample of prices and cars for each seed; see `gridbid.envs.timeline.year.build_year`."""
    if not isinstance(scenario, Scenario):
        scenario = load_scenario(scenario)
    year = build_year(
        scenario,
        seeds,
        split=split,
        weeks=weeks,
        n_slots=n_slots,
        prices=prices,
        sessions=sessions,
        most_gb=most_gb,
    )
    return compile_year(scenario, year)


def compile_year(scenario: Scenario, year: YearData) -> CompiledScenario:
    """Compile a scenario with a year that is given."""
    prices = tariff_prices(scenario.tariff, year, year.spot_ct)
    rules = _rules(scenario)
    series = _series(scenario, year, prices, rules)
    community = Community(
        devices=_devices(scenario),
        sites=_sites(scenario),
        penalties=_penalties(scenario),
        rules=rules,
        series=series,
        network=scenario.network,
        load_tan_phi=scenario.grid.load_tan_phi,
    )
    programme = scenario.response
    response = None if programme is None else response_rules(programme, scenario.slot_seconds)
    return CompiledScenario(scenario, year, community, _tables(scenario, series), response)


def with_series(compiled: CompiledScenario, series: Series) -> CompiledScenario:
    """The same scenario with other series; hourly means, and what observations take, are made of them anew."""
    slots_per_hour = compiled.community.rules.slots_per_day // 24
    series = series._replace(net_hour_kw=hour_means(series.net_kw, slots_per_hour))
    return replace(
        compiled,
        community=compiled.community._replace(series=series),
        tables=_tables(compiled.scenario, series),
    )


def _tables(scenario: Scenario, series: Series) -> Tables:
    slots_per_hour = SECONDS_PER_HOUR // scenario.slot_seconds
    feeder_kw = series.net_kw.sum(axis=1, keepdims=True, dtype=np.float32)
    return Tables(
        site_kw=np.array([site_power_kw(seat) for seat in scenario.metered]),
        retail_hour=np.ascontiguousarray(hour_means(series.retail.T, slots_per_hour).T),
        feeder_kw=feeder_kw,
        feeder_hour_kw=hour_means(feeder_kw, slots_per_hour),
    )


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
    hours = scenario.slot_seconds / SECONDS_PER_HOUR
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
        slot_h=scenario.slot_seconds / SECONDS_PER_HOUR,
        slots_per_day=SECONDS_PER_DAY // scenario.slot_seconds,
        n_ticks=market.n_ticks,
        tick_size=market.tick_size_neur_per_wh,
        max_fills=market.max_fills,
        rounds=market.rounds,
    )


def _series(scenario: Scenario, year: YearData, prices: TariffPrices, rules: MarketRules) -> Series:
    net_kw, slots_per_hour = year.load_kw - year.pv_kw, rules.slots_per_day // 24
    series = Series(
        load_kw=year.load_kw,
        pv_kw=year.pv_kw,
        heat_kw=year.heat_kw,
        net_kw=net_kw,
        net_hour_kw=hour_means(net_kw, slots_per_hour),
        forecast=persistence_forecast(rules.slots_per_day),
        retail=prices.retail,
        feed_in=prices.feed_in,
        wholesale=prices.wholesale,
        fee=prices.fee,
        carbon_g_per_kwh=year.carbon_g,
        present=members_present([seat.membership for seat in scenario.metered], year),
        car_column=year.ev_column,
        car_departure=year.ev_departure,
        car_arrival_kwh=year.ev_arrival_kwh,
        car_target_kwh=year.ev_target_kwh,
        local_hour=year.local_hour,
        day_of_year=year.day_of_year.astype(np.float32),
        weekend=year.weekday >= 5,
    )
    if not series.present.all():
        series = without_absent(series)
        series = series._replace(net_hour_kw=hour_means(series.net_kw, slots_per_hour))
    return series._replace(
        forecast=forecast_model(scenario.forecast, series, rules.slots_per_day, year.split)
    )
