"""Weeks change places within their split and season, and nothing is lost."""

import numpy as np
import pytest

from gridbid.envs.specification import Splits
from gridbid.envs.timeline.calendar import year_calendar
from gridbid.envs.timeline.week_shift import SEASON_WEEKS, shifted_rows

HELD_OUT = (Splits().test, Splits().validation)


@pytest.fixture(scope="module")
def week():
    return year_calendar(2016, "Europe/Berlin").week


def weeks_taken(week, shift):
    """For each week, the week whose rows it takes."""
    rows = shifted_rows(week, HELD_OUT, shift)
    return {int(number): set(week[rows[week == number]].tolist()) for number in np.unique(week)}


@pytest.mark.parametrize("shift", [0, 1, 3, 7, 40])
def test_every_row_is_used_once(week, shift):
    rows = shifted_rows(week, HELD_OUT, shift)
    assert np.array_equal(np.sort(rows), np.arange(week.size))


@pytest.mark.parametrize("shift", [1, 2, 5])
def test_no_week_leaves_its_split_or_its_season(week, shift):
    for number, taken in weeks_taken(week, shift).items():
        (other,) = taken
        assert abs(other - number) <= SEASON_WEEKS
        for split in HELD_OUT:
            assert (number in split) == (other in split)


def test_test_weeks_swap_in_pairs_and_validation_weeks_stay(week):
    taken = weeks_taken(week, 1)
    assert [taken[number] for number in Splits().test] == [{7}, {3}, {20}, {16}, {33}, {29}, {46}, {42}]
    assert all(taken[number] == {number} for number in Splits().validation)


def test_weekday_and_hour_stay(week):
    calendar = year_calendar(2016, "Europe/Berlin")
    rows = shifted_rows(week, HELD_OUT, 2)
    assert np.array_equal(calendar.weekday[rows], calendar.weekday)
    assert np.array_equal(calendar.local_hour[rows], calendar.local_hour)


def test_weeks_that_are_not_whole_stay(week):
    counts = {number: np.count_nonzero(week == number) for number in range(1, 53)}
    changed = [number for number, count in counts.items() if count != 672]
    taken = weeks_taken(week, 1)
    assert changed == [12, 43, 52]  # the last ends on 1 January
    assert all(taken[number] == {number} for number in (*changed, 0))


def test_most_training_weeks_move(week):
    taken = weeks_taken(week, 1)
    held_out = {number for split in HELD_OUT for number in split}
    moved = [number for number, other in taken.items() if number not in held_out and other != {number}]
    assert len(moved) >= 35
