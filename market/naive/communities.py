"""Random communities: odd devices, tight envelopes, cars that come and go, for tests and benchmarks."""

import numpy as np

from gridbid.market.community import Community, Devices, MarketRules, Penalties, Series, Sites
from gridbid.market.forecast import (
    error_growth,
    hour_means,
    noisy_forecast,
    perfect_forecast,
    persistence_forecast,
)
from gridbid.market.forecast_errors import draw_errors
from gridbid.market.grid.network import Network
from gridbid.market.presence import always_present, without_absent
from gridbid.market.types import DEFAULT_TICK_SIZE, N_TICKS, ForecastKind


def random_network(random: np.random.Generator, n_buses: int) -> Network:
    """A random tree of low-voltage branches on a base of 100 kVA."""
    parent = np.array([-1, *(random.integers(0, bus) for bus in range(1, n_buses))], np.int32)
    series = np.r_[0.0, random.uniform(1e-4, 2e-3, n_buses - 1)]
    rating = np.r_[np.inf, random.uniform(20.0, 200.0, n_buses - 1)]
    zeros = np.zeros(n_buses)
    return Network(parent, series, 0.4 * series, zeros, zeros.copy(), rating, 100.0, 1.0)


def random_devices(random: np.random.Generator, n: int) -> Devices:
    """Devices by participant; each is missing now and then."""

    def some(low: float, high: float) -> np.ndarray:
        return random.uniform(low, high, n) * (random.random(n) < 0.6)

    battery_kwh, charger_kw = some(1.0, 20.0), some(2.0, 22.0)
    has_battery, has_charger = battery_kwh > 0, charger_kw > 0
    heat_pump_kw = some(1.0, 8.0)
    return Devices(
        battery_kwh=battery_kwh,
        battery_kw=random.uniform(0.5, 10.0, n) * has_battery,
        battery_initial_kwh=random.random(n) * battery_kwh,
        charge_efficiency=random.uniform(0.8, 1.0, n),
        discharge_efficiency=random.uniform(0.8, 1.0, n),
        wear_eur_per_kwh=random.uniform(0.0, 0.05, n),
        charger_kw=charger_kw,
        charger_v2g_kw=charger_kw * (random.random(n) < 0.5),
        charger_efficiency=random.uniform(0.8, 1.0, n),
        car_kwh=random.uniform(20.0, 80.0, n) * has_charger,
        heat_pump_kw=heat_pump_kw,
        cop=random.uniform(2.0, 5.0, n),
        heat_store_kwh=random.uniform(1.0, 20.0, n) * (heat_pump_kw > 0),
        heat_loss_per_h=random.uniform(0.0, 0.05, n),
    )


def random_cars(
    random: np.random.Generator, devices: Devices, n_samples: int, n_slots: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Columns, departures, arrival and target energies of cars that come and go (shapes as in Series)."""
    owners = np.flatnonzero(devices.charger_kw > 0)
    columns = np.full(devices.charger_kw.size, -1, np.int64)
    columns[owners] = np.arange(owners.size)
    shape = (n_samples, n_slots, max(1, owners.size))
    departure = np.full(shape, -1, np.int32)
    arrival_kwh, target_kwh = np.full(shape, -1.0, np.float32), np.zeros(shape, np.float32)
    for sample in range(n_samples):
        for column, owner in enumerate(owners):
            slot = int(random.integers(0, 20))
            while slot < n_slots:
                gone = min(slot + int(random.integers(1, 40)), n_slots)
                brings = float(random.uniform(0.0, devices.car_kwh[owner]))
                departure[sample, slot:gone, column] = gone
                arrival_kwh[sample, slot, column] = brings
                target_kwh[sample, slot:gone, column] = random.uniform(brings, devices.car_kwh[owner])
                slot = gone + int(random.integers(0, 30))
    return columns, departure, arrival_kwh, target_kwh


def random_series(
    random: np.random.Generator,
    devices: Devices,
    most_fee: int,
    n_slots: int,
    n_samples: int,
    slots_per_day: int,
) -> Series:
    """A random stretch of slots, with negative and very high prices among them, and a fee of its own in each."""
    n = devices.battery_kwh.size
    load_kw = random.uniform(0.0, 6.0, (n_slots, n)).astype(np.float32)
    pv_kw = (random.uniform(0.0, 12.0, (n_slots, n)) * (random.random(n) < 0.5)).astype(np.float32)
    heat_kw = (random.uniform(0.0, 10.0, (n_slots, n)) * (devices.heat_pump_kw > 0)).astype(np.float32)
    net_kw = load_kw - pv_kw
    per_hour = slots_per_day // 24
    wholesale = random.integers(-200_000, 500_000, (n_samples, n_slots))
    retail = wholesale + random.integers(0, 300_000)
    fee = random.spawn(1)[0].integers(0, most_fee + 1, n_slots)
    feed_in = np.minimum(random.integers(0, 100_000), retail - fee)
    columns, departure, arrival_kwh, target_kwh = random_cars(random, devices, n_samples, n_slots)
    days, slot_of_day = np.divmod(np.arange(n_slots), slots_per_day)
    return Series(
        load_kw=load_kw,
        pv_kw=pv_kw,
        heat_kw=heat_kw,
        net_kw=net_kw,
        net_hour_kw=hour_means(net_kw, per_hour),
        forecast=persistence_forecast(slots_per_day),
        retail=retail,
        feed_in=feed_in,
        wholesale=wholesale,
        fee=fee,
        present=always_present(n),
        carbon_g_per_kwh=random.uniform(50.0, 800.0, (n_samples, n_slots)).astype(np.float32),
        car_column=columns,
        car_departure=departure,
        car_arrival_kwh=arrival_kwh,
        car_target_kwh=target_kwh,
        local_hour=(slot_of_day / per_hour).astype(np.float32),
        day_of_year=days.astype(np.float32),
        weekend=days % 7 >= 5,
    )


def random_community(
    random: np.random.Generator,
    n: int = 8,
    n_buses: int = 6,
    rounds: int = 1,
    n_slots: int = 600,
    n_samples: int = 2,
    slots_per_day: int = 96,
) -> Community:
    """A community of ``n`` participants on a random feeder."""
    devices = random_devices(random, n)
    most_fee = int(random.integers(0, 60_000))
    return Community(
        devices=devices,
        sites=Sites(
            bus=random.integers(1, n_buses, n),
            import_limit_wh=random.integers(500, 12_000, n),
            export_limit_wh=random.integers(500, 12_000, n),
        ),
        penalties=Penalties(0.6, 0.5, 1.0, 1.0, 0.15),
        rules=MarketRules(24.0 / slots_per_day, slots_per_day, N_TICKS, DEFAULT_TICK_SIZE, 64, rounds),
        series=random_series(random, devices, most_fee, n_slots, n_samples, slots_per_day),
        network=random_network(random, n_buses),
        load_tan_phi=0.25,
    )


def with_absences(random: np.random.Generator, community: Community) -> Community:
    """A community whose members come and go: some stay away for stretches of slots, some altogether."""
    slots, n = community.series.load_kw.shape
    present = np.ones((slots, n), np.bool_)
    for i in range(n):
        for slot in random.integers(0, slots, random.integers(0, 12)):
            present[slot : slot + random.integers(1, 30), i] = False
        present[:, i] &= random.random() < 0.9
    return community._replace(series=without_absent(community.series._replace(present=present)))


def with_forecast(random: np.random.Generator, community: Community, kind: ForecastKind) -> Community:
    """A community whose forecasts come from a model; large errors if that is noisy."""
    series, rules = community.series, community.rules
    if kind == ForecastKind.NOISY:
        errors = draw_errors(
            random,
            series.load_kw,
            series.pv_kw,
            series.heat_kw,
            series.present,
            share=0.8,
            correlation_h=3.0,
            slot_h=rules.slot_h,
        )
        forecast = noisy_forecast(rules.slots_per_day, errors, error_growth(rules.slots_per_day, 3.0))
    else:
        make = perfect_forecast if kind == ForecastKind.PERFECT else persistence_forecast
        forecast = make(rules.slots_per_day)
    return community._replace(series=series._replace(forecast=forecast))
