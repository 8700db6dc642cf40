"""The calendar against pandas and against days counted by hand."""

import numpy as np
import pandas as pd
import pytest

from gridbid.envs.calendar import SLOTS_PER_DAY, WEEK_SLOTS, utc_offsets, year_calendar


@pytest.mark.parametrize(
    ("year", "timezone"),
    [(2016, "Europe/Berlin"), (2023, "Europe/Berlin"), (2024, "America/New_York"), (2021, "UTC")],
)
def test_every_slot_is_as_pandas_counts_it(year: int, timezone: str) -> None:
    calendar = year_calendar(year, timezone)
    begin, end = (pd.Timestamp(f"{y}-01-01", tz=timezone) for y in (year, year + 1))
    stamps = pd.date_range(begin, end, freq="15min", inclusive="left")
    naive = stamps.tz_localize(None)
    iso = stamps.isocalendar()
    assert calendar.n_slots == len(stamps)
    assert (calendar.utc_start == stamps.tz_convert("UTC").tz_localize(None).to_numpy()).all()
    assert (calendar.local_start == naive.to_numpy()).all()
    assert (calendar.local_hour == stamps.hour + stamps.minute / 60).all()
    assert (calendar.weekday == stamps.weekday).all()
    assert (calendar.day_of_year == stamps.dayofyear).all()
    assert (calendar.week == np.where(iso["year"] == year, iso["week"], 0)).all()


def test_the_clock_skips_an_hour_in_spring_and_repeats_one_in_autumn() -> None:
    calendar = year_calendar(2016, "Europe/Berlin")
    spring = calendar.local_start.astype("datetime64[D]") == np.datetime64("2016-03-27")
    autumn = calendar.local_start.astype("datetime64[D]") == np.datetime64("2016-10-30")
    assert spring.sum() == 92 and 2.0 not in calendar.local_hour[spring]
    assert autumn.sum() == 100 and (calendar.local_hour[autumn] == 2.0).sum() == 2


def test_a_week_starts_on_local_monday_midnight() -> None:
    calendar = year_calendar(2016, "Europe/Berlin")
    for week in calendar.complete_weeks():
        start = calendar.week_start(week)
        assert (calendar.weekday[start], calendar.local_hour[start], calendar.week[start]) == (0, 0.0, week)
    lengths = np.diff([calendar.week_start(week) for week in calendar.complete_weeks()])
    assert sorted(set(lengths)) == [668, WEEK_SLOTS, 676]
    assert lengths[11] == 668 and lengths[42] == 676  # weeks 12 and 43: the clocks change on their Sundays


@pytest.mark.parametrize("year", range(2010, 2031))
def test_an_episode_has_two_days_before_and_one_after_in_any_year(year: int) -> None:
    calendar = year_calendar(year, "Europe/Berlin")
    weeks = calendar.complete_weeks()
    assert len(weeks) in (50, 51, 52)
    assert calendar.week_start(weeks[0]) >= 2 * SLOTS_PER_DAY
    assert calendar.week_start(weeks[-1]) + WEEK_SLOTS + SLOTS_PER_DAY <= calendar.n_slots


def test_an_incomplete_week_is_refused() -> None:
    with pytest.raises(ValueError, match="week: 52 isn't complete in 2016; choose 1 to 51"):
        year_calendar(2016, "Europe/Berlin").week_start(52)


def test_offsets_follow_the_season() -> None:
    utc = np.array(["2016-03-27T00:59:59", "2016-03-27T01:00:00", "2016-10-30T01:00:00"], "datetime64[s]")
    assert utc_offsets(utc, "Europe/Berlin").astype(int).tolist() == [3600, 7200, 3600]
