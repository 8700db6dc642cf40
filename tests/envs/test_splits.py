"""Held-out weeks: who may play them, and what stands in for them in a year for training."""

from dataclasses import replace

import numpy as np
import pytest

from gridbid.envs import parallel_env
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.scenario import load_scenario
from gridbid.envs.timeline.calendar import year_calendar
from gridbid.envs.timeline.hidden_weeks import stand_in, visible_times
from gridbid.envs.timeline.year import build_year, check_weeks, hidden_from, weeks_of

BERLIN = "Europe/Berlin"
TEST, VALIDATION = (3, 7, 16, 20, 29, 33, 42, 46), (11, 24, 37, 50)


@pytest.fixture(scope="module")
def tiny():
    return load_scenario("tiny")


@pytest.mark.parametrize("make", [BatchEnv, parallel_env])
@pytest.mark.parametrize(
    ("split", "weeks", "message"),
    [
        ("train", [3], r"weeks: 3 \(test\) are held out from the split 'train'; its weeks are 1, 2, 4, 5"),
        ("train", [4, 46, 11], r"weeks: 11 \(validation\), 46 \(test\) are held out"),
        (
            "validation",
            [11, 20],
            r"weeks: 20 \(test\) are held out from the split 'validation'; its weeks are 11, 24",
        ),
    ],
)
def test_held_out_weeks_are_not_handed_to_training(make, split, weeks, message):
    with pytest.raises(ValueError, match=message):
        make("tiny", split=split, weeks=weeks)


def test_a_compiled_year_keeps_to_its_split(tiny):
    """Whatever the batch is told: at its making, and at every reset."""
    compiled = compile_community(tiny, [0])
    with pytest.raises(ValueError, match=r"weeks: 3 \(test\)"):
        BatchEnv(compiled, weeks=[3])
    with pytest.raises(ValueError, match="held out from the split 'train'"):
        BatchEnv(compiled, split="test")
    env = BatchEnv(compiled)
    with pytest.raises(
        ValueError, match="week: 20 is a test week, held out from this year for train; build one with"
    ):
        env.reset(weeks=20)
    BatchEnv(compile_community(tiny, [0], split="test"), weeks=[3, 4, 11]).reset(weeks=11)


def test_who_may_meet_what(tiny):
    assert set(hidden_from(tiny, "train")) == set(TEST + VALIDATION)
    assert set(hidden_from(tiny, "validation")) == set(TEST) and not hidden_from(tiny, "test")
    for split in ("train", "validation", "test"):
        check_weeks(tiny, split, weeks_of(tiny, split))
    check_weeks(tiny, "validation", weeks_of(tiny, "train"))


def test_the_nearest_week_stands_in():
    assert stand_in(2016, BERLIN, 20, TEST + VALIDATION) == 19
    assert stand_in(2016, BERLIN, 1, (1, 2)) == 3
    assert stand_in(2016, BERLIN, 51, (50, 51)) == 49


def test_what_stands_in_has_the_weekday_and_the_hour():
    """In weeks that change the clock as well: of the hour that it skips the one before, of its two both."""
    calendar = year_calendar(2016, BERLIN)
    for hidden in (TEST, (12, 13), (43,), (44,)):
        times = visible_times(calendar, hidden)
        slots = np.searchsorted(calendar.utc_start, times)
        assert (calendar.utc_start[slots] == times).all()
        assert not np.isin(calendar.week[slots], hidden).any()
        assert (calendar.weekday[slots] == calendar.weekday).all()
        hours = (calendar.local_hour[slots] - calendar.local_hour) % 24
        assert (hours != 0.0).sum() <= 4 and set(hours.tolist()) <= {0.0, 23.0}
        untouched = ~np.isin(calendar.week, hidden)
        assert (slots[untouched] == np.flatnonzero(untouched)).all()


@pytest.mark.parametrize("name", ["tiny", "suburb"])
def test_training_has_its_own_weeks_as_they_are(name):
    scenario = load_scenario(name)
    train, test = (build_year(scenario, [0], split=split) for split in ("train", "test"))
    own = np.isin(train.week, weeks_of(scenario, "train"))
    for power in ("load_kw", "pv_kw", "heat_kw"):
        ours, theirs = getattr(train, power), getattr(test, power)
        # A seat that lags takes the first rows of a week from the one before, which may be hidden.
        assert (ours[own] == theirs[own]).mean() > 0.999
        hidden = np.isin(train.week, TEST)
        assert (ours[hidden] != theirs[hidden]).any() or not theirs.any()


def test_weeks_without_any_of_the_split_are_refused(tiny):
    with pytest.raises(ValueError, match="split: 'exam'"):
        BatchEnv(replace(tiny, name="other"), split="exam")
