"""Series laid on a local year: weekdays, clock, energy and the data's own days stay."""

import numpy as np
import pandas as pd
import pytest

from gridbid.envs.importers.findings import Findings
from gridbid.envs.importers.local_year import best_year, complete_days, lay_on_year, plan_days, tell_plan
from gridbid.envs.importers.meter_data import RegularSeries
from gridbid.envs.specification import Splits
from gridbid.envs.timeline.calendar import year_calendar

ZONE = "Europe/Berlin"


def series(
    begin: str, end: str, step: str = "15min", zone: str = ZONE
) -> tuple[RegularSeries, pd.DatetimeIndex]:
    """A series whose value tells its own local weekday and clock: 100 x weekday + hour."""
    times = pd.date_range(begin, end, freq=step, tz=zone, inclusive="left")
    value = times.weekday * 100.0 + times.hour + times.minute / 60.0
    step_s = int(pd.Timedelta(step).total_seconds())
    return RegularSeries(int(times[0].timestamp()), step_s, value.to_numpy()[:, None]), times


def lay(data: RegularSeries, year: int, zone: str = ZONE) -> np.ndarray:
    calendar = year_calendar(year, zone)
    plan = plan_days(data, calendar, Findings("x"))
    assert plan is not None
    return lay_on_year(data, plan, calendar)[:, 0]


@pytest.mark.parametrize("year", [2022, 2023, 2024])
def test_data_of_the_year_itself_are_kept_with_both_changes_of_clocks(year: int) -> None:
    data, times = series(f"{year}-01-01", f"{year + 1}-01-01")
    laid = lay(data, year)
    np.testing.assert_allclose(laid, data.kw[:, 0], atol=1e-6)
    assert laid.size == times.size


@pytest.mark.parametrize(("have", "want"), [(2023, 2024), (2024, 2023), (2019, 2016), (2024, 2028)])
def test_another_year_keeps_weekday_and_clock_of_every_slot(have: int, want: int) -> None:
    """But for the hour that a source day skips, where the hour before stands in."""
    data, _ = series(f"{have}-01-01", f"{have + 1}-01-01")
    calendar = year_calendar(want, ZONE)
    expected = calendar.weekday * 100.0 + calendar.local_hour
    wrong = np.abs(lay(data, want) - expected) > 1e-6
    assert wrong.sum() <= 4
    assert np.all(np.floor(calendar.local_hour[wrong]) == 2.0)


def test_each_day_takes_one_near_by_season() -> None:
    data, _ = series("2023-01-01", "2024-01-01")
    calendar = year_calendar(2024, ZONE)
    plan = plan_days(data, calendar, Findings("x"))
    assert plan is not None
    apart = np.abs((plan.sources - plan.days) / np.timedelta64(1, "D"))
    by_season = np.abs((apart + 182.625) % 365.25 - 182.625)
    assert by_season.max() <= 4.0


def test_a_part_of_a_year_stands_for_the_rest_and_the_leak_into_training_is_told() -> None:
    data, _ = series("2023-05-01", "2023-07-10")
    calendar = year_calendar(2023, ZONE)
    findings = Findings("x")
    plan = plan_days(data, calendar, findings)
    assert plan is not None
    assert plan.n_own == 70
    own = np.isin(plan.days, complete_days(data, ZONE))
    assert (plan.sources[own] == plan.days[own]).all()
    tell_plan(plan, calendar, Splits(), findings)
    (warning,) = findings.of("warning")
    assert "held-out days are in training as well" in warning.remedy
    assert not Findings("x").of("warning")


def test_less_than_a_week_is_refused() -> None:
    data, _ = series("2023-05-01", "2023-05-07")
    findings = Findings("x")
    assert plan_days(data, year_calendar(2023, ZONE), findings) is None
    assert "at least a week" in findings.of("fault")[0].remedy


@pytest.mark.parametrize("step", ["1min", "5min", "15min", "30min", "1h"])
def test_energy_is_kept_at_every_resolution(step: str) -> None:
    times = pd.date_range("2023-01-01", "2024-01-01", freq=step, tz=ZONE, inclusive="left")
    kw = np.random.default_rng(1).gamma(1.0, 1.0, times.size)
    step_s = int(pd.Timedelta(step).total_seconds())
    laid = lay(RegularSeries(int(times[0].timestamp()), step_s, kw[:, None]), 2023)
    by_pandas = pd.Series(kw, index=times).resample("15min").mean().ffill()
    assert laid.sum() * 0.25 == pytest.approx(kw.sum() * step_s / 3600.0)
    np.testing.assert_allclose(laid[: by_pandas.size], by_pandas.to_numpy(), atol=1e-9)


def test_a_zone_with_half_an_hour_and_one_without_changes() -> None:
    for zone in ("Asia/Kolkata", "UTC", "Australia/Adelaide"):
        data, _ = series("2023-01-01", "2024-01-01", zone=zone)
        calendar = year_calendar(2023, zone)
        expected = calendar.weekday * 100.0 + calendar.local_hour
        np.testing.assert_allclose(lay(data, 2023, zone), expected, atol=1e-6)


def test_the_year_with_most_days_is_chosen() -> None:
    data, _ = series("2022-11-01", "2023-12-15")
    assert best_year(data, ZONE) == 2023
