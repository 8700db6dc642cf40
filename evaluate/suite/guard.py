"""Whether a task still meets the data that it was frozen with: the scenario's digest, and what its seeded series sum to."""

import math

import numpy as np

from gridbid.envs.compile import CompiledScenario, compile_community
from gridbid.envs.scenario import load_scenario
from gridbid.evaluate.protocol import FIRST_SEED
from gridbid.evaluate.suite.definition import Suite, Task
from gridbid.market.errors import InputError
from gridbid.market.units import NEUR_PER_WH_PER_CT_PER_KWH

TOLERANCE = 1e-6
"""Relative; processors may differ in the last bits of a logarithm."""

_DIGITS = 9


def check_digests(tasks: tuple[Task, ...]) -> None:
    """InputError naming every scenario whose digest isn't the frozen one, with both digests."""
    found = {task.scenario: load_scenario(task.scenario).digest for task in tasks}
    faults = [
        f"- {task.name}: scenario {task.scenario} has the digest {found[task.scenario]}, the suite was frozen with "
        f"{task.scenario_sha256}"
        for task in tasks
        if found[task.scenario] != task.scenario_sha256
    ]
    if faults:
        raise InputError("\n".join(["these scenarios are not those of the suite:", *faults]))


def check_series(suite: Suite, task: Task) -> None:
    """InputError when prices, weather, loads or cars aren't those that the suite was frozen with."""
    found = measure_series(suite, task)
    faults = [
        f"- {name}: {found.get(name)}, frozen {frozen}"
        for name, frozen in task.series.items()
        if not math.isclose(found.get(name, math.nan), frozen, rel_tol=TOLERANCE)
    ]
    if faults:
        raise InputError("\n".join([f"{task.name}: its series are not those of the suite:", *faults]))


def measure_series(suite: Suite, task: Task) -> dict[str, float]:
    """Sums and means of what the task's episodes meet, by name."""
    seeds = [FIRST_SEED + 1_000 * suite.seed + n for n in range(suite.samples)]
    compiled = compile_community(task.scenario, seeds, split=suite.split)
    slots = _slots(compiled, task)
    series, slot_h = compiled.community.series, compiled.community.rules.slot_h
    arrivals_kwh = series.car_arrival_kwh[:, slots]
    figures = {
        "load_kwh": series.load_kw[slots].sum(dtype=np.float64) * slot_h,
        "pv_kwh": series.pv_kw[slots].sum(dtype=np.float64) * slot_h,
        "mean_retail_ct": series.retail[:, slots].mean() / NEUR_PER_WH_PER_CT_PER_KWH,
        "mean_carbon_g": series.carbon_g_per_kwh[:, slots].mean(dtype=np.float64),
        "car_slots": (series.car_departure[:, slots] >= 0).sum(),
        "car_arrival_kwh": np.maximum(0.0, arrivals_kwh).sum(dtype=np.float64),
    }
    return {name: float(f"{figure:.{_DIGITS}g}") for name, figure in figures.items()}


def _slots(compiled: CompiledScenario, task: Task) -> np.ndarray:
    starts = [compiled.year.week_start(week) for week in task.weeks]
    return np.concatenate([np.arange(start, start + task.n_slots) for start in starts])
