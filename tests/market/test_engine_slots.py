"""The same hours in slots of another length: energies and costs stay what they are, within what the shorter steps see."""

import numpy as np
import pytest

from gridbid.market.conservation import residuals
from gridbid.market.engine import Engine
from gridbid.market.forecast import persistence_forecast
from gridbid.market.naive.communities import random_community
from gridbid.market.types import Control, Cost

N, HOURS, FIRST_HOUR = 8, 24, 48


def hourly_community():
    """One day again and again, so that forecasts come true, and no cars: one that arrives is seen a slot later."""
    community = random_community(
        np.random.default_rng(21), n=N, n_slots=24 * 5, n_samples=1, slots_per_day=24
    )
    series = community.series
    daily = {
        name: np.tile(getattr(series, name)[:24], (5, 1))
        for name in ("load_kw", "pv_kw", "heat_kw", "net_kw", "net_hour_kw")
    }
    return community._replace(series=series._replace(car_column=np.full(N, -1), **daily))


HOURLY = hourly_community()


def refined(per_hour, hours):
    """The hourly community in slots of 1 / ``per_hour`` hours: every hour, of ``hours``, is a run of equal slots."""
    series, sites = first_hours(HOURLY.series, hours), HOURLY.sites

    def spread(values, axis=0):
        return np.ascontiguousarray(np.repeat(values, per_hour, axis=axis))

    arrival_kwh = np.full(
        (1, series.retail.shape[1] * per_hour, series.car_departure.shape[2]), -1.0, np.float32
    )
    arrival_kwh[:, ::per_hour] = series.car_arrival_kwh
    return HOURLY._replace(
        rules=HOURLY.rules._replace(slot_h=1.0 / per_hour, slots_per_day=24 * per_hour),
        sites=sites._replace(
            import_limit_wh=np.full(N, 200_000 // per_hour), export_limit_wh=np.full(N, 200_000 // per_hour)
        ),
        series=series._replace(
            **{
                name: spread(getattr(series, name))
                for name in ("load_kw", "pv_kw", "heat_kw", "net_kw", "net_hour_kw")
            },
            **{
                name: spread(getattr(series, name), 1)
                for name in ("retail", "feed_in", "wholesale", "carbon_g_per_kwh")
            },
            fee=spread(series.fee),
            forecast=persistence_forecast(24 * per_hour),
            car_departure=np.where(
                spread(series.car_departure, 1) < 0, -1, spread(series.car_departure, 1) * per_hour
            ),
            car_arrival_kwh=arrival_kwh,
            car_target_kwh=spread(series.car_target_kwh, 1),
            local_hour=np.arange(series.retail.shape[1] * per_hour, dtype=np.float32) / per_hour % 24,
            day_of_year=spread(series.day_of_year),
            weekend=spread(series.weekend),
        ),
    )


def first_hours(series, hours):
    """The beginning of the hourly series."""
    by_slot = ("load_kw", "pv_kw", "heat_kw", "net_kw", "net_hour_kw", "fee")
    by_sample = ("retail", "feed_in", "wholesale", "carbon_g_per_kwh")
    cars = ("car_departure", "car_arrival_kwh", "car_target_kwh")
    return series._replace(
        **{name: getattr(series, name)[:hours] for name in (*by_slot, "day_of_year", "weekend")},
        **{name: getattr(series, name)[:, :hours] for name in by_sample},
        **{name: getattr(series, name)[:, :hours, :0] for name in cars},
    )


def day(per_hour, follow, hours=HOURS):
    """Parts of J by participant and metered energy of a day, devices at an hourly plan, nobody trading."""
    community = refined(per_hour, FIRST_HOUR + hours + 1)
    engine = Engine(community)
    engine.reset(FIRST_HOUR * per_hour, hours * per_hour)
    random = np.random.default_rng(4)
    cost_eur, nobody = np.zeros((N, len(Cost))), np.zeros((1, N))
    for _ in range(hours):
        controls = random.uniform(-0.3, 0.3, (1, N, len(Control)))
        for _ in range(per_hour):
            engine.step(nobody, nobody, np.full((1, N), follow), controls)
            cost_eur += engine.state.cost_eur[0]
    assert engine.finished.all()
    assert residuals(engine) == {"energy_wh": 0, "cash_neur": 0}
    return cost_eur, engine.state.totals.reading_wh[0].astype(float)


@pytest.mark.parametrize("follow", [0.0, 1.0])
@pytest.mark.parametrize("per_hour", [2, 4, 12, 60])
def test_a_day_costs_the_same_in_slots_of_another_length(per_hour, follow):
    hourly_eur, hourly_wh = day(1, follow)
    cost_eur, wh = day(per_hour, follow)
    np.testing.assert_allclose(wh, hourly_wh, rtol=0.003)
    assert cost_eur.sum() == pytest.approx(hourly_eur.sum(), rel=0.002)


@pytest.mark.parametrize("follow", [0.0, 1.0])
def test_hours_cost_the_same_in_seconds_as_in_minutes(follow):
    """Two hours alone: too short a time for what is lost from heat stores to even out beside slots of an hour."""
    cost_by_minutes_eur, by_minutes_wh = day(60, follow, hours=2)
    cost_eur, wh = day(3_600, follow, hours=2)
    np.testing.assert_allclose(wh, by_minutes_wh, rtol=0.003, atol=1.0)
    assert cost_eur.sum() == pytest.approx(cost_by_minutes_eur.sum(), rel=0.002)


@pytest.mark.parametrize("per_hour", [1, 4, 12, 60, 3_600])
def test_readings_of_short_slots_do_not_drift(per_hour):
    """1.2345 kW for three hours is 3 703 Wh, in whatever slots it is read."""
    community = refined(per_hour, FIRST_HOUR + 4)
    kw = np.full_like(community.series.load_kw, 1.2345)
    nothing = {name: np.zeros_like(kw) for name in ("pv_kw", "heat_kw")}
    steady = community.series._replace(load_kw=kw, net_kw=kw, net_hour_kw=kw, **nothing)
    engine, nobody = Engine(community._replace(series=steady)), np.zeros((1, N))
    engine.reset(FIRST_HOUR * per_hour, 3 * per_hour)
    controls = np.zeros((1, N, len(Control)))
    while not engine.finished.all():
        engine.step(nobody, nobody, nobody, controls)
        engine.state.stores.heat_kwh[:] = 0.0
    assert residuals(engine) == {"energy_wh": 0, "cash_neur": 0}
    np.testing.assert_allclose(engine.state.totals.reading_wh, 3_703, rtol=0.0, atol=1)
