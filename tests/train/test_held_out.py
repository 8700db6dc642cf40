"""Nothing that training sees or learns from depends on held-out weeks: whatever they hold, it comes out the same.

Held-out weeks are filled with nonsense, in the profiles and in a real price series; years, potentials, costs that are taken
out of rewards, demonstrations and the scales of networks must not change by a bit.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gridbid.agents.baselines.smart_rule import SmartRulePolicy
from gridbid.envs.compile import compile_community
from gridbid.envs.scenario import load_scenario
from gridbid.envs.timeline.calendar import utc_offsets, year_calendar
from gridbid.train.actor_critic import ActorCritic
from gridbid.train.algorithm import module_specs
from gridbid.train.config import TrainConfig
from gridbid.train.inherent_cost import inherent_cost_eur
from gridbid.train.lessons import Lessons
from gridbid.train.potential import stored_worths
from gridbid.train.warm_start import demonstrate, measure_scales


@pytest.fixture(scope="module")
def clean():
    """Tiny, with a seat that lives other weeks of its season and lags by some rows."""
    tiny = load_scenario("tiny")
    first = tiny.seats[0]
    seat = replace(
        first,
        load=replace(first.load, lag_rows=5, week_shift=2),
        heat_pump=replace(first.heat_pump, lag_rows=3, week_shift=1),
    )
    return replace(tiny, seats=(seat, *tiny.seats[1:]))


def held_out(scenario):
    return scenario.splits.test + scenario.splits.validation


@pytest.fixture(scope="module")
def poisoned(clean):
    rows = np.isin(year_calendar(clean.year, clean.timezone).week, held_out(clean))
    profiles = {name: np.where(rows, 7.0 - values, values) for name, values in clean.profiles.items()}
    return replace(clean, profiles={name: values.astype(np.float32) for name, values in profiles.items()})


@pytest.fixture(scope="module")
def prices(clean, tmp_path_factory):
    """Two files of the scenario's own year: as drawn, and with nonsense in the held-out weeks."""
    hours = year_calendar(clean.year, clean.timezone, 3_600)
    price = np.random.default_rng(0).normal(60.0, 40.0, hours.n_slots)
    carbon = np.full(hours.n_slots, 300.0)
    wrong = np.isin(hours.week, held_out(clean))
    files = []
    for name, columns in (
        ("clean", (price, carbon)),
        ("poisoned", (np.where(wrong, -400.0, price), np.where(wrong, 9.0, carbon))),
    ):
        path = tmp_path_factory.mktemp("prices") / f"{name}.parquet"
        time_utc = pa.array(hours.utc_start, pa.timestamp("s", "UTC"))
        table = {"time_utc": time_utc, "price_eur_per_mwh": columns[0], "ci_g_per_kwh": columns[1]}
        pq.write_table(pa.table(table), path)
        files.append(path)
    assert (utc_offsets(hours.utc_start, clean.timezone).astype(int) >= 3_600).all()
    return files


def everything(compiled):
    """All arrays of a compiled year, by name."""
    arrays = {name: value for name, value in vars(compiled.year).items() if isinstance(value, np.ndarray)}
    series = compiled.community.series._asdict()
    arrays |= series | series.pop("forecast")._asdict() | compiled.tables._asdict()
    return arrays


def test_a_year_for_training_holds_nothing_of_held_out_weeks(clean, poisoned, prices):
    ours, theirs = (
        everything(compile_community(scenario, [0, 1], prices=file))
        for scenario, file in zip((clean, poisoned), prices, strict=True)
    )
    for name, array in ours.items():
        assert np.array_equal(array, theirs[name]), name


def test_a_year_for_validation_holds_nothing_of_test_weeks(clean, poisoned, prices):
    compiled = [
        compile_community(scenario, [0], split="validation", prices=file)
        for scenario, file in zip((clean, poisoned), prices, strict=True)
    ]
    ours, theirs = (everything(one) for one in compiled)
    differs = np.unique(compiled[0].year.week[(ours["load_kw"] != theirs["load_kw"]).any(axis=1)])
    # A seat that lags takes a few rows of a validation week into the week after it.
    assert set(differs.tolist()) <= {week + late for week in clean.splits.validation for late in (0, 1)}
    assert set(clean.splits.validation) <= set(differs.tolist())


def test_a_year_for_the_test_has_them(clean, poisoned):
    ours, theirs = (compile_community(scenario, [0], split="test").year for scenario in (clean, poisoned))
    for week in held_out(clean):
        slots = ours.week == week
        assert (ours.pv_kw[slots] != theirs.pv_kw[slots]).any()


def lessons_of(scenario, file):
    return Lessons(scenario=scenario, batch=6, seed=4, days=1, samples=2, gamma=0.998, prices=file)


def test_potentials_and_inherent_costs_are_the_same(clean, poisoned, prices):
    both = [
        lessons_of(scenario, file).compiled.community
        for scenario, file in zip((clean, poisoned), prices, strict=True)
    ]
    costs = [inherent_cost_eur(community) for community in both]
    worths = [stored_worths(community) for community in both]
    assert np.array_equal(*costs)
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(*worths, strict=True))


def test_demonstrations_and_scales_are_the_same(clean, poisoned, prices):
    """Means and spreads that normalise observations, and the scale of rewards, are measured on training weeks alone."""
    shown, scales = [], []
    for scenario, file in zip((clean, poisoned), prices, strict=True):
        lessons = lessons_of(scenario, file)
        seen = demonstrate(lessons, SmartRulePolicy(), 100, 0.1, 7)
        kinds = tuple(lessons.agents)
        modules: dict[str, ActorCritic] = {
            kind: spec.build() for kind, spec in module_specs(TrainConfig(), kinds).items()
        }
        for kind, module in modules.items():
            measure_scales(module, seen[kind], 0.998)
        shown.append(seen)
        scales.append(
            {kind: [b.numpy().copy() for b in module.buffers()] for kind, module in modules.items()}
        )
    for kind in shown[0]:
        for ours, theirs in zip(shown[0][kind], shown[1][kind], strict=True):
            assert np.array_equal(ours, theirs)
        assert all(np.array_equal(*pair) for pair in zip(scales[0][kind], scales[1][kind], strict=True))
        assert any((buffer != 0.0).any() and (buffer != 1.0).any() for buffer in scales[0][kind])
