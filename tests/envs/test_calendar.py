"""The calendar against pandas and against days counted by hand."""

import numpy as np
import pandas as pd
import pytest

from gridbid.envs.timeline.calendar import (
    complete_weeks,
    midnights_s,
    utc_offsets,
    weeks_later,
    window_calendar,
    year_calendar,
    year_seconds,
)

BERLIN = "Europe/Berlin"
SLOTS_PER_DAY, WEEK_SLOTS = 96, 672
ARRAYS = ("utc_start", "local_start", "local_hour", "weekday", "day_of_year", "week")


@pytest.mark.parametrize(
    ("year", "timezone", "slot_seconds"),
    [
        (2016, BERLIN, 900),
        (2023, BERLIN, 900),
        (2024, "America/New_York", 900),
        (2021, "UTC", 900),
        (2024, BERLIN, 3600),
        (2024, "Asia/Kolkata", 1200),
        (2023, "Australia/Lord_Howe", 600),
        (2025, BERLIN, 60),
    ],
)
def test_every_slot_is_as_pandas_counts_it(year: int, timezone: str, slot_seconds: int) -> None:
    """Lord Howe's clock changes by half an hour, Kolkata is half an hour off."""
    calendar = year_calendar(year, timezone, slot_seconds)
    begin, end = (pd.Timestamp(f"{y}-01-01", tz=timezone) for y in (year, year + 1))
    stamps = pd.date_range(begin, end, freq=f"{slot_seconds}s", inclusive="left")
    naive = stamps.tz_localize(None)
    iso = stamps.isocalendar()
    assert calendar.n_slots == len(stamps)
    assert (calendar.utc_start == stamps.tz_convert("UTC").tz_localize(None).to_numpy()).all()
    assert (calendar.local_start == naive.to_numpy()).all()
    assert (calendar.local_hour == (stamps.hour + stamps.minute / 60).astype(np.float32)).all()
    assert (calendar.weekday == stamps.weekday).all()
    assert (calendar.day_of_year == stamps.dayofyear).all()
    assert (calendar.week == np.where(iso["year"] == year, iso["week"], 0)).all()


def test_the_clock_skips_an_hour_in_spring_and_repeats_one_in_autumn() -> None:
    calendar = year_calendar(2016, BERLIN)
    spring = calendar.local_start.astype("datetime64[D]") == np.datetime64("2016-03-27")
    autumn = calendar.local_start.astype("datetime64[D]") == np.datetime64("2016-10-30")
    assert spring.sum() == 92 and 2.0 not in calendar.local_hour[spring]
    assert autumn.sum() == 100 and (calendar.local_hour[autumn] == 2.0).sum() == 2


def test_a_week_starts_on_local_monday_midnight() -> None:
    calendar = year_calendar(2016, BERLIN)
    for week in calendar.complete_weeks():
        start = calendar.week_start(week)
        assert (calendar.weekday[start], calendar.local_hour[start], calendar.week[start]) == (0, 0.0, week)
    lengths = np.diff([calendar.week_start(week) for week in calendar.complete_weeks()])
    assert sorted(set(lengths)) == [668, WEEK_SLOTS, 676]
    assert lengths[11] == 668 and lengths[42] == 676  # weeks 12 and 43: the clocks change on their Sundays


@pytest.mark.parametrize("year", range(2010, 2031))
def test_an_episode_has_two_days_before_and_one_after_in_any_year(year: int) -> None:
    calendar = year_calendar(year, BERLIN)
    weeks = calendar.complete_weeks()
    assert len(weeks) in (50, 51, 52)
    assert calendar.week_start(weeks[0]) >= 2 * SLOTS_PER_DAY
    assert calendar.week_start(weeks[-1]) + WEEK_SLOTS + SLOTS_PER_DAY <= calendar.n_slots


def test_an_incomplete_week_is_refused() -> None:
    with pytest.raises(ValueError, match="week: 52 isn't complete in 2016; choose 1 to 51"):
        year_calendar(2016, BERLIN).week_start(52)


def test_offsets_follow_the_season() -> None:
    utc = np.array(["2016-03-27T00:59:59", "2016-03-27T01:00:00", "2016-10-30T01:00:00"], "datetime64[s]")
    assert utc_offsets(utc, BERLIN).astype(int).tolist() == [3600, 7200, 3600]


def test_a_leap_year_has_a_day_more() -> None:
    assert year_seconds(2024, BERLIN) == 366 * 86_400 and year_seconds(2025, BERLIN) == 365 * 86_400
    leap = year_calendar(2024, BERLIN)
    day = leap.local_start.astype("datetime64[D]") == np.datetime64("2024-02-29")
    assert day.sum() == SLOTS_PER_DAY and set(leap.day_of_year[day].tolist()) == {60}


@pytest.mark.parametrize("slot_seconds", [60, 720, 900, 3600])
def test_weeks_dont_depend_on_the_slot(slot_seconds: int) -> None:
    calendar = year_calendar(2016, BERLIN, slot_seconds)
    assert calendar.complete_weeks() == complete_weeks(2016, BERLIN) == tuple(range(1, 52))
    for week in (1, 12, 13, 43, 44, 51):
        monday = np.datetime64(pd.Timestamp.fromisocalendar(2016, week, 1), "s")
        assert calendar.local_start[calendar.week_start(week)] == monday


@pytest.mark.parametrize(
    ("weeks", "slot_seconds", "episode_s"),
    [([20], 900, 604_800), ([1, 2], 3600, 86_400), ([50, 51], 300, 604_800), ([12], 60, 3_600)],
)
def test_a_window_is_a_part_of_the_year(weeks: list[int], slot_seconds: int, episode_s: int) -> None:
    year = year_calendar(2016, BERLIN, slot_seconds)
    window = window_calendar(2016, BERLIN, slot_seconds, weeks, episode_s)
    part = slice(window.first_slot, window.first_slot + window.n_slots)
    assert window.n_slots < year.n_slots / 10
    for name in ARRAYS:
        assert np.array_equal(getattr(window, name), getattr(year, name)[part]), name
    for week in weeks:
        assert window.week_start(week) + window.first_slot == year.week_start(week)
    per_day = 86_400 // slot_seconds
    assert window.week_start(weeks[0]) >= 2 * per_day
    latest_end = window.week_start(weeks[-1]) + 6 * per_day + episode_s // slot_seconds
    assert latest_end + per_day <= window.n_slots or window.first_slot + window.n_slots == year.n_slots
    assert set(weeks) <= set(window.complete_weeks()) <= set(year.complete_weeks())


def test_a_window_holds_no_other_weeks() -> None:
    window = window_calendar(2016, BERLIN, 900, [20])
    with pytest.raises(ValueError, match="week: 30 isn't complete in this window of 2016; choose 20 to "):
        window.week_start(30)
    with pytest.raises(ValueError, match=r"weeks: \[0, 52\] not complete in 2016; expected some of 1 to 51"):
        window_calendar(2016, BERLIN, 900, [0, 20, 52])
    with pytest.raises(ValueError, match="weeks: none"):
        window_calendar(2016, BERLIN, 900, [])


def test_midnights_are_the_first_slots_of_days() -> None:
    for zone in (BERLIN, "America/New_York"):
        calendar = year_calendar(2023, zone)
        first = np.flatnonzero(np.diff(calendar.day_of_year, prepend=0))
        assert (midnights_s(2023, zone) == first * 900).all()


def test_a_week_later_is_the_same_time_by_the_clock() -> None:
    """Over the change of clocks too; of 2016-03-27 02:30, which the clock skips, the hour before."""
    utc = np.array(["2016-03-21T11:00", "2016-03-20T01:30", "2016-10-24T11:00"], "datetime64[s]")
    later = weeks_later(utc, 1, BERLIN)
    assert later.astype(str).tolist() == ["2016-03-28T10:00:00", "2016-03-27T00:30:00", "2016-10-31T12:00:00"]
