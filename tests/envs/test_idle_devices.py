"""Devices with a rating of 0 and sites without load: a community runs as if they were not there."""

from dataclasses import replace

import numpy as np
import pytest

from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.fields import action_space
from gridbid.envs.scenario import Scenario, load_scenario, save_scenario
from gridbid.envs.specification import Battery, ChargePoint, HeatPump, Load, Pv, without_idle_devices

DEVICES = ("load", "pv", "battery", "charge_point", "heat_pump")


@pytest.fixture(scope="module")
def tiny() -> Scenario:
    return load_scenario("tiny")


def idle_home(tiny):
    """The household with every rating at 0, one of a battery's and a car's at a time."""
    return replace(
        tiny.seats[0],
        load=Load(rated_kw=0.0, profile="H0-C"),
        pv=Pv(peak_kw=0.0, profile="PV6"),
        battery=Battery(capacity_kwh=10.0, power_kw=0.0),
        charge_point=ChargePoint(battery_kwh=0.0),
        heat_pump=HeatPump(power_kw=0.0, cop=3.0, store_kwh=5.0, profile="Soil_Alternative_2"),
    )


def played(scenario, slots=8):
    """Readings and costs of some slots with everybody acting."""
    env = BatchEnv(scenario, 1, seed=3, samples=1, n_slots=slots)
    env.reset(weeks=12, samples=0)
    random = np.random.default_rng(5)
    readings, costs = [], []
    while not env.engine.finished.all():
        sizes = {kind: (1, len(env.agents[kind]), *action_space(kind).shape) for kind in env.kinds}
        actions = {kind: random.uniform(-1, 1, size).astype(np.float32) for kind, size in sizes.items()}
        observations, rewards, _ = env.step(
            actions, lambda engine: readings.append(engine.state.delivered.reading_wh.copy())
        )
        assert all(np.isfinite(part).all() for part in (*observations.values(), *rewards.values()))
        costs.append(env.engine.state.cost_eur.sum(axis=2))
    return np.array(readings), np.array(costs)


def test_each_rating_of_0_makes_its_device_absent(tiny):
    home = without_idle_devices(idle_home(tiny))
    assert [getattr(home, device) for device in DEVICES] == [None] * 5
    assert without_idle_devices(tiny.seats[0]) == tiny.seats[0]
    no_capacity = replace(tiny.seats[1], battery=Battery(capacity_kwh=0.0, power_kw=5.0))
    assert without_idle_devices(no_capacity).battery is None
    no_power = replace(tiny.seats[2], charge_point=ChargePoint(power_kw=0.0))
    assert without_idle_devices(no_power).charge_point is None


def test_a_community_runs_the_same_with_idle_devices_and_without_them(tiny):
    idle = idle_home(tiny)
    absent = replace(idle, **dict.fromkeys(DEVICES))
    readings, costs = zip(
        *(played(replace(tiny, seats=(home, *tiny.seats[1:]))) for home in (idle, absent)), strict=True
    )
    assert np.array_equal(readings[0], readings[1]) and np.array_equal(costs[0], costs[1])
    assert (readings[0][:, 0, 0] == 0).all()
    assert (readings[0][:, 0, 1] != 0).any()


def test_seats_of_their_own_may_be_idle_too(tiny):
    """A battery and a charge point that are out of service keep their seats and do nothing."""
    battery = replace(tiny.seats[1], battery=Battery(capacity_kwh=0.0, power_kw=0.0))
    point = replace(tiny.seats[2], charge_point=ChargePoint(power_kw=0.0))
    readings, _ = played(replace(tiny, seats=(tiny.seats[0], battery, point, tiny.seats[3])))
    assert (readings[:, 0, 1:] == 0).all() and (readings[:, 0, 0] != 0).any()


def test_a_site_without_load_is_a_scenario_and_keeps_what_was_written(tiny, tmp_path):
    home = replace(idle_home(tiny), pv=tiny.seats[0].pv)
    for i, load in enumerate((home.load, None)):
        seats = (replace(home, load=load), *tiny.seats[1:])
        folder = save_scenario(
            tmp_path / str(i), replace(tiny, seats=seats), tiny.network, tiny.profiles, "free"
        )
        loaded = load_scenario(folder)
        assert loaded.seats == seats
    series = compile_community(loaded, [0]).community.series
    assert (series.load_kw[:, 0] == 0.0).all() and (series.pv_kw[:, 0] > 0.0).any()
    assert (series.heat_kw[:, 0] == 0.0).all()
    assert series.car_column.tolist() == [-1, -1, 0]
