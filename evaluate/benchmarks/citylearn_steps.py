"""CityLearn's side of the benchmark: a script that runs in a virtual environment of its own, without gridbid.

``python citylearn_steps.py FOLDER BUILDINGS`` writes a schema and its series to FOLDER, makes the environment, and then
answers each number of steps on its input with the CPU seconds that they took. Every building has a battery and PV; actions
are random, drawn beforehand; an hour a step, as in CityLearn's own data sets.
"""

import csv
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

_HOURS = 24 * 28
_SHARED = (
    "month",
    "day_type",
    "hour",
    "outdoor_dry_bulb_temperature",
    "diffuse_solar_irradiance",
    "direct_solar_irradiance",
    "carbon_intensity",
    "electricity_pricing",
    "electricity_pricing_predicted_1",
)
_OWN = (
    "indoor_dry_bulb_temperature",
    "non_shiftable_load",
    "solar_generation",
    "electrical_storage_soc",
    "net_electricity_consumption",
)
_BUILDING = {
    "energy_simulation": "building.csv",
    "weather": "weather.csv",
    "carbon_intensity": "carbon_intensity.csv",
    "pricing": "pricing.csv",
    "electrical_storage": {
        "type": "citylearn.energy_model.Battery",
        "attributes": {"capacity": 6.4, "nominal_power": 5.0, "efficiency": 0.95, "loss_coefficient": 0.0},
    },
    "pv": {"type": "citylearn.energy_model.PV", "attributes": {"nominal_power": 4.0}},
}


def main(folder: Path, n_buildings: int) -> None:
    """Answer each number of steps with the CPU seconds that they took."""
    environment = make_environment(folder, n_buildings)
    actions = [
        [[random.uniform(-1.0, 1.0) for _ in space.low] for space in environment.action_space]
        for _ in range(16)
    ]
    environment.reset()
    answer(0.0)
    for line in sys.stdin:
        taken = 0.0
        for step in range(int(line)):
            if environment.terminated or environment.truncated:
                environment.reset()
            begin = time.process_time()
            environment.step(actions[step % len(actions)])
            taken += time.process_time() - begin
        answer(taken)


def answer(seconds: float) -> None:
    """One line of output: a mark, since the library prints as well, and CPU seconds."""
    print(f"seconds {seconds}", flush=True)


def make_environment(folder: Path, n_buildings: int) -> Any:
    """An environment of buildings that each act for themselves."""
    random.seed(0)
    write_series(folder)
    schema = {
        "random_seed": 0,
        "root_directory": str(folder),
        "central_agent": False,
        "simulation_start_time_step": 0,
        "simulation_end_time_step": _HOURS - 1,
        "episode_time_steps": _HOURS,
        "rolling_episode_split": False,
        "random_episode_split": False,
        "seconds_per_time_step": 3600,
        "observations": {
            name: {"active": True, "shared_in_central_agent": name in _SHARED} for name in _SHARED + _OWN
        },
        "actions": {"electrical_storage": {"active": True}},
        "agent": {"type": "citylearn.agents.base.Agent", "attributes": {}},
        "reward_function": {"type": "citylearn.reward_function.RewardFunction", "attributes": None},
        "buildings": {f"Building_{n}": {"include": True, **_BUILDING} for n in range(n_buildings)},
    }
    path = folder / "schema.json"
    path.write_text(json.dumps(schema), encoding="utf-8")
    from citylearn.citylearn import CityLearnEnv  # type: ignore[import-not-found]  # not where gridbid is

    return CityLearnEnv(path)


def write_series(folder: Path) -> None:
    """Four weeks of plausible hours; all buildings read the same file."""
    hours = range(_HOURS)
    write_table(
        folder / "building.csv",
        {
            "month": [6] * _HOURS,
            "hour": [hour % 24 + 1 for hour in hours],
            "day_type": [hour // 24 % 7 + 1 for hour in hours],
            "indoor_dry_bulb_temperature": [21.0] * _HOURS,
            "non_shiftable_load": [random.uniform(0.1, 2.0) for _ in hours],
            "dhw_demand": [0.0] * _HOURS,
            "cooling_demand": [0.0] * _HOURS,
            "heating_demand": [0.0] * _HOURS,
            "solar_generation": [max(0.0, 600.0 - 100.0 * abs(hour % 24 - 12)) for hour in hours],
        },
    )
    weather = (
        "outdoor_dry_bulb_temperature",
        "outdoor_relative_humidity",
        "diffuse_solar_irradiance",
        "direct_solar_irradiance",
    )
    names = [name + ending for name in weather for ending in ("", *(f"_predicted_{n}" for n in (1, 2, 3)))]
    write_table(folder / "weather.csv", {name: [random.uniform(10.0, 30.0) for _ in hours] for name in names})
    write_table(folder / "carbon_intensity.csv", {"carbon_intensity": [0.3] * _HOURS})
    prices = ["electricity_pricing", *(f"electricity_pricing_predicted_{n}" for n in (1, 2, 3))]
    write_table(folder / "pricing.csv", {name: [random.uniform(0.1, 0.5) for _ in hours] for name in prices})


def write_table(path: Path, columns: dict[str, list[Any]]) -> None:
    """Columns by name, as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
