"""CityLearn data sets in both forms of its headers, written here as CityLearn's own files are."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from gridbid.envs.importers.citylearn import CityLearnOptions, import_citylearn
from gridbid.envs.scenario import Scenario, load_scenario
from gridbid.envs.timeline.calendar import year_calendar
from gridbid.envs.timeline.year import build_year

HOURS = 8760
OLD = {
    "month": "Month",
    "hour": "Hour",
    "day_type": "Day Type",
    "non_shiftable_load": "Equipment Electric Power [kWh]",
    "dhw_demand": "DHW Heating [kWh]",
    "cooling_demand": "Cooling Load [kWh]",
    "heating_demand": "Heating Load [kWh]",
    "solar_generation": "Solar Generation [W/kW]",
    "electricity_pricing": "Electricity Pricing [$]",
    "carbon_intensity": "kg_CO2/kWh",
}
BATTERY = {
    "capacity": 6.4,
    "efficiency": 0.9,
    "capacity_loss_coefficient": 1e-05,
    "loss_coefficient": 0.0,
    "nominal_power": 5.0,
}


def device(kind: str, **attributes: Any) -> dict[str, Any]:
    return {"type": f"citylearn.energy_model.{kind}", "autosize": False, "attributes": attributes}


class DataSet:
    """A data set in CityLearn's format: hours from a Monday, 1 August, on, as those of the challenge of 2022."""

    def __init__(self, folder: Path, n_hours: int = HOURS) -> None:
        self.folder = folder
        self.times = pd.date_range("2022-08-01", periods=n_hours, freq="1h")
        random = np.random.default_rng(0)
        self.load = np.round(random.gamma(2.0, 0.5, (2, n_hours)), 4)
        self.solar = np.maximum(0.0, 800.0 * np.sin((self.times.hour.to_numpy() - 6) / 12 * np.pi))
        self.price = np.where(self.times.hour < 16, 0.21, 0.54)
        self.carbon = np.round(0.15 + 0.05 * random.random(n_hours), 6)
        self.columns: dict[str, Any] = {}
        self.schema: dict[str, Any] = {
            "root_directory": None,
            "central_agent": False,
            "simulation_start_time_step": 0,
            "simulation_end_time_step": n_hours - 1,
            "seconds_per_time_step": 3600,
            "buildings": {
                name: {
                    "include": True,
                    "energy_simulation": f"{name}.csv",
                    "weather": "weather.csv",
                    "carbon_intensity": "carbon_intensity.csv",
                    "pricing": "pricing.csv",
                    "electrical_storage": device("Battery", **BATTERY),
                    "pv": device("PV", nominal_power=4.0),
                }
                for name in ("Building_1", "Building_2")
            },
        }

    def write(self, *, old: bool = False, first_hour: int = 0) -> Path:
        zero = np.zeros(self.times.size)
        clock = self.times.hour.to_numpy()
        hour = (
            clock if first_hour == 0 else np.where(clock == 0, 24, clock) if first_hour == 24 else clock + 1
        )
        for b, name in enumerate(("Building_1", "Building_2")):
            self._table(
                f"{name}.csv",
                {
                    "month": self.times.month,
                    "hour": hour,
                    "day_type": self.times.weekday + 1,
                    "non_shiftable_load": self.load[b],
                    "dhw_demand": zero,
                    "cooling_demand": zero,
                    "heating_demand": zero,
                    "solar_generation": self.solar,
                }
                | self.columns,
                old,
            )
        self._table("pricing.csv", {"electricity_pricing": self.price}, old)
        self._table("carbon_intensity.csv", {"carbon_intensity": self.carbon}, old)
        self._table("weather.csv", {"outdoor_dry_bulb_temperature": zero + 7.5}, False)
        path = self.folder / "schema.json"
        path.write_text(json.dumps(self.schema), encoding="utf-8")
        return path

    def _table(self, name: str, columns: dict[str, Any], old: bool) -> None:
        named = {OLD[key] if old else key: values for key, values in columns.items()}
        pd.DataFrame(named).to_csv(self.folder / name, index=False)


@pytest.fixture
def data(tmp_path: Path) -> DataSet:
    (tmp_path / "set").mkdir()
    return DataSet(tmp_path / "set")


def imported(path: Path, **options: Any) -> Scenario:
    return load_scenario(
        import_citylearn(path, path.parent.parent / "mine", CityLearnOptions(**options)).folder
    )


def by_day(scenario: Scenario, data: DataSet) -> pd.DatetimeIndex:
    """The data set's hour that each hour of the scenario's year has to show: the same date, or 52 weeks away."""
    hours = pd.DatetimeIndex(year_calendar(scenario.year, "UTC").utc_start[::4])
    inside = (hours >= data.times[0]) & (hours <= data.times[-1])
    return pd.DatetimeIndex(np.where(inside, hours, hours - pd.Timedelta(weeks=52)))


@pytest.mark.parametrize(("old", "first_hour"), [(True, 0), (False, 1), (False, 24)])
def test_loads_generation_and_prices_are_those_of_the_files(
    data: DataSet, old: bool, first_hour: int
) -> None:
    """Whatever the generation of headers, and whether hours count from 0, from 1, or to 24."""
    scenario = imported(data.write(old=old, first_hour=first_hour))
    assert (scenario.year, scenario.timezone) == (2023, "UTC")
    place = data.times.get_indexer(by_day(scenario, data))
    for b, seat in enumerate(scenario.metered):
        assert seat.load is not None and seat.pv is not None
        load_kw = seat.load.rated_kw * scenario.profiles[seat.load.profile]
        np.testing.assert_allclose(load_kw, np.repeat(data.load[b][place], 4), rtol=1e-5, atol=1e-5)
        pv_kw = seat.pv.peak_kw * scenario.profiles[seat.pv.profile]
        np.testing.assert_allclose(pv_kw, np.repeat(4.0 * data.solar[place] / 1000.0, 4), atol=1e-5)
    prices = pq.read_table(data.folder.parent / "mine" / "prices.parquet")
    np.testing.assert_allclose(prices["price_eur_per_mwh"].to_numpy(), data.price[place] * 1000.0)
    np.testing.assert_allclose(prices["ci_g_per_kwh"].to_numpy(), data.carbon[place] * 1000.0)


def test_batteries_are_carried_over_with_citylearns_one_way_efficiency(data: DataSet) -> None:
    data.schema["buildings"]["Building_2"]["electrical_storage"] = device(
        "Battery", capacity=10.0, nominal_power=3.0, efficiency=0.81, depth_of_discharge=0.8, initial_soc=0.6
    )
    first, second = (seat.battery for seat in imported(data.write()).metered)
    assert first is not None and second is not None
    assert (first.capacity_kwh, first.power_kw, first.initial_soc) == (6.4, 5.0, 0.0)
    assert first.charge_efficiency == first.discharge_efficiency == pytest.approx(0.9**0.5, abs=1e-6)
    assert (second.capacity_kwh, second.charge_efficiency) == (8.0, pytest.approx(0.9))
    assert second.initial_soc == pytest.approx(0.5)


def charger_file(n_hours: int) -> pd.DataFrame:
    """A car that is there from 18 to 7: percent, empty cells and noise columns as in CityLearn's own files."""
    hour = np.arange(n_hours) % 24
    there, coming = (hour >= 18) | (hour < 7), hour == 17
    return pd.DataFrame(
        {
            "electric_vehicle_charger_state": np.where(there, 1, np.where(coming, 2, 3)),
            "electric_vehicle_id": np.where(there | coming, "Electric_Vehicle_1", ""),
            "electric_vehicle_departure_time": np.where(there, (6 - hour) % 24, np.nan),
            "electric_vehicle_required_soc_departure": np.where(there, 86.0, np.nan),
            "electric_vehicle_estimated_arrival_time": np.where(coming, 0.0, np.nan),
            "electric_vehicle_estimated_soc_arrival": np.where(coming, 46.0, np.nan),
        }
    )


def with_chargers(data: DataSet) -> None:
    chargers = {
        f"charger_1_{n}": {
            "charger_simulation": f"charger_1_{n}.csv",
            "type": "citylearn.electric_vehicle_charger.Charger",
            "attributes": {"efficiency": 0.95, "max_charging_power": 7.4 * n, "max_discharging_power": 7.4},
        }
        for n in (1, 2)
    }
    data.schema["buildings"]["Building_1"]["chargers"] = chargers
    data.schema["electric_vehicles_def"] = {
        "Electric_Vehicle_1": {"include": True, "battery": device("Battery", capacity=40, nominal_power=50)}
    }
    for n in (1, 2):
        charger_file(data.times.size).to_csv(data.folder / f"charger_1_{n}.csv", index=False)


def test_chargers_become_charge_points_and_sessions(data: DataSet) -> None:
    with_chargers(data)
    scenario = imported(data.write())
    prosumer, ev = scenario.metered[0], scenario.metered[2]
    assert [seat.kind for seat in scenario.metered] == ["prosumer", "prosumer", "ev"]
    assert prosumer.charge_point is not None and ev.charge_point is not None
    assert (prosumer.charge_point.power_kw, prosumer.charge_point.v2g_power_kw) == (7.4, 7.4)
    assert (ev.charge_point.power_kw, ev.charge_point.battery_kwh) == (14.8, 40.0)
    assert (ev.bus, ev.charge_point.sessions_per_day) == (prosumer.bus, pytest.approx(1.0, abs=0.01))
    sessions = pq.read_table(data.folder.parent / "mine" / "sessions.parquet").to_pandas()
    one = sessions[sessions.user == "Building_1/charger_1_1"]
    assert len(one) == 365  # the first night has no arrival; the last is cut by the end
    assert set(one.plug_in_utc.dt.hour) == {18}
    assert (one.plug_out_utc - one.plug_in_utc).dt.total_seconds().max() == 13 * 3600
    assert one.energy_kwh.to_numpy() == pytest.approx((0.86 - 0.46) * 40.0 / 0.95)


def test_heat_is_turned_into_electricity_by_citylearns_formula(data: DataSet) -> None:
    """Hot water with a storage is a heat pump; cooling and heating join the load. Outdoor 7.5 C throughout."""
    dhw = np.where(data.times.hour < 6, 3.0, 0.0)
    heating = np.where(data.times.month < 4, 2.0, 0.0)
    data.columns = {"dhw_demand": dhw, "heating_demand": heating}
    for building in data.schema["buildings"].values():
        building["dhw_device"] = device(
            "HeatPump", nominal_power=2.5, efficiency=0.25, target_heating_temperature=47.5
        )
        building["dhw_storage"] = device("StorageTank", capacity=9.0, loss_coefficient=0.003)
        building["heating_device"] = device("ElectricHeater", efficiency=0.9)
    scenario = imported(data.write())
    seat = scenario.metered[0]
    assert seat.heat_pump is not None and seat.load is not None
    cop = 0.25 * (47.5 + 273.15) / (47.5 - 7.5)
    assert seat.heat_pump.cop == pytest.approx(cop, abs=1e-3)
    assert (seat.heat_pump.power_kw, seat.heat_pump.store_kwh, seat.heat_pump.loss_per_h) == (2.5, 9.0, 0.003)
    heat_kw = seat.heat_pump.power_kw * seat.heat_pump.cop * scenario.profiles[seat.heat_pump.profile]
    assert heat_kw.sum() / 4 == pytest.approx(dhw.sum(), rel=1e-3)
    load_kwh = seat.load.rated_kw * scenario.profiles[seat.load.profile].astype(float).sum() / 4
    place = data.times.get_indexer(by_day(scenario, data))
    assert load_kwh == pytest.approx(data.load[0][place].sum() + heating[place].sum() / 0.9, rel=1e-4)


def test_the_scenario_reads_its_own_prices(data: DataSet) -> None:
    scenario = imported(data.write())
    year = build_year(scenario, (0,), prices=data.folder.parent / "mine" / "prices.parquet")
    np.testing.assert_allclose(year.spot_ct[0], np.where(year.local_hour < 16, 21.0, 54.0), rtol=1e-6)


def test_a_short_data_set_stands_for_the_year_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    data = DataSet(tmp_path / "set", 24 * 28)
    made = import_citylearn(data.write(), tmp_path / "mine", CityLearnOptions())
    assert any("28 days of data" in warning.value for warning in made.findings.of("warning"))
    assert load_scenario(made.folder).year == 2022


def lose_file(data: DataSet) -> str:
    data.schema["buildings"]["Building_1"]["pricing"] = "nowhere.csv"
    return r"buildings.Building_1.pricing: nowhere.csv"


def lose_column(data: DataSet) -> str:
    data.schema["buildings"]["Building_1"]["energy_simulation"] = "pricing.csv"
    return "no month, hour, day_type, non_shiftable_load"


def shorten_a_file(data: DataSet) -> str:
    data.schema["buildings"]["Building_1"]["carbon_intensity"] = "short.csv"
    (data.folder / "short.csv").write_text("carbon_intensity\n0.1\n0.2\n", encoding="utf-8")
    return "expected the same number in every file"


def leave_all_out(data: DataSet) -> str:
    for building in data.schema["buildings"].values():
        building["include"] = False
    return "expected at least one with include"


def odd_step(data: DataSet) -> str:
    data.schema["seconds_per_time_step"] = 7200
    return "seconds_per_time_step: 7200"


@pytest.mark.parametrize("spoil", [lose_file, lose_column, shorten_a_file, leave_all_out, odd_step])
def test_what_is_wrong_is_refused_by_name_and_nothing_is_written(data: DataSet, spoil: Any) -> None:
    words = spoil(data)
    with pytest.raises(ValueError, match=words):
        imported(data.write())
    assert not (data.folder.parent / "mine").exists()


def test_an_empty_cell_is_named_with_its_row(data: DataSet) -> None:
    data.load[0][17] = np.nan
    with pytest.raises(ValueError, match=r"Building_1.csv: column non_shiftable_load, row 19: nothing"):
        imported(data.write())


def test_zero_sizes_are_no_devices(data: DataSet) -> None:
    building = data.schema["buildings"]["Building_1"]
    building["pv"] = device("PV", nominal_power=0.0)
    building["electrical_storage"] = device("Battery", capacity=0.0, nominal_power=0.0)
    seat = imported(data.write()).metered[0]
    assert (seat.pv, seat.battery) == (None, None)
