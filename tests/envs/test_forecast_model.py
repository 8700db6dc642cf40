"""Forecasts that a scenario chooses: what the engine is given, and that errors are as large as the scenario says."""

from dataclasses import replace

import numpy as np
import pytest

from gridbid.envs.compile import compile_year
from gridbid.envs.format.forecast_specification import NoisyForecast, PerfectForecast, PersistenceForecast
from gridbid.envs.scenario import load_scenario, save_scenario
from gridbid.envs.timeline.year import build_year
from gridbid.market.types import ForecastKind


@pytest.fixture(scope="module")
def tiny():
    return load_scenario("tiny")


@pytest.fixture(scope="module")
def year(tiny):
    return build_year(tiny, [0])


def model(tiny, year, chosen):
    return compile_year(replace(tiny, forecast=chosen), year).community.series.forecast


@pytest.mark.parametrize(
    ("chosen", "kind"),
    [
        (None, ForecastKind.PERSISTENCE),
        (PersistenceForecast(), ForecastKind.PERSISTENCE),
        (PerfectForecast(), ForecastKind.PERFECT),
        (NoisyForecast(), ForecastKind.NOISY),
    ],
)
def test_each_kind_comes_to_the_engine(tiny, year, chosen, kind):
    assert model(tiny, year, chosen).kind == kind


def test_errors_have_the_size_and_the_memory_that_the_scenario_says(tiny, year):
    forecast = model(tiny, year, NoisyForecast(error_share=0.2, correlation_h=4.0))
    load_kw, pv_kw = year.load_kw[:, 0].astype(float), year.pv_kw[:, 0].astype(float)
    # What isn't PV's in the net load's error is the load's: a share of its mean.
    load_error = (forecast.net_error_kw[:, 0] + forecast.pv_error_kw[:, 0]) / load_kw.mean()
    assert load_error.std() == pytest.approx(0.2, rel=0.05)
    lag = 16  # 4 h of quarter hours
    assert np.corrcoef(load_error[:-lag], load_error[lag:])[0, 1] == pytest.approx(np.exp(-1.0), abs=0.06)
    sunny = pv_kw > 0.1
    assert (forecast.pv_error_kw[sunny, 0] / pv_kw[sunny]).std() == pytest.approx(0.2, rel=0.06)
    assert (forecast.pv_error_kw[pv_kw == 0.0, 0] == 0.0).all()


def test_errors_are_the_seeds_and_the_splits(tiny, year):
    first, again, other = (model(tiny, year, NoisyForecast(seed=seed)).net_error_kw for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    test = compile_year(replace(tiny, forecast=NoisyForecast(seed=1)), build_year(tiny, [0], split="test"))
    assert not np.array_equal(first, test.community.series.forecast.net_error_kw)


def test_a_forecast_is_written_and_read(tiny, tmp_path):
    chosen = NoisyForecast(error_share=0.1, correlation_h=2.0, seed=5)
    folder = save_scenario(
        tmp_path / "mine", replace(tiny, forecast=chosen), tiny.network, tiny.profiles, "free"
    )
    assert load_scenario(folder).forecast == chosen
