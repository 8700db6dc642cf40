"""The issued forecast against its formula, and against what is known when it is issued."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridbid.market.forecast import deviation, deviation_decay, hour_forecast, slot_forecast

unhurried = settings(deadline=None)
"""The first call of a kernel loads or compiles it."""

DAY, DECAY = 96, 0.9
T = 4 * DAY
LEFT = deviation_decay(DAY)
SLOTS = st.integers(2 * DAY, T - DAY - 1)
AHEAD = st.integers(-1, DAY - 1)
HOURS = st.integers(0, 23)
SEEDS = st.integers(0, 2**32 - 1)


def random_series(seed):
    return np.random.default_rng(seed).uniform(-10.0, 10.0, (T, 3)).astype(np.float32)


def hourly(series_kw):
    """Mean of the four slots from each on; the last ones of what is left."""
    return np.array([series_kw[t : t + 4].mean(axis=0, dtype=np.float64) for t in range(T)], np.float32)


def an_hour(series_kw, slot, hour, column):
    """The issued forecast of an hour."""
    moved_kw = deviation(series_kw, LEFT, slot, column)
    return hour_forecast(hourly(series_kw), LEFT, slot, hour, column, moved_kw)


def lag(ahead):
    """Days back to the newest slot that is known for a slot so far ahead, in slots."""
    return DAY if ahead - DAY <= -2 else 2 * DAY


@unhurried
@given(SEEDS, SLOTS, AHEAD, st.integers(0, 2))
def test_a_slot_is_yesterdays_moved_by_todays_deviation(seed, slot, ahead, column):
    series_kw = random_series(seed)
    kw = [float(value) for value in series_kw[:, column]]
    expected = kw[slot + ahead - lag(ahead)] + DECAY ** (ahead + 2) * (kw[slot - 2] - kw[slot - 2 - DAY])
    assert slot_forecast(series_kw, LEFT, slot, ahead, column) == pytest.approx(
        expected, rel=1e-12, abs=1e-12
    )


@unhurried
@given(SEEDS, SLOTS, HOURS, st.integers(0, 2))
def test_an_hour_is_yesterdays_moved_by_todays_deviation(seed, slot, hour, column):
    series_kw, ahead = random_series(seed), 4 * hour
    kw = [float(value) for value in series_kw[:, column]]
    four = [kw[slot + ahead + n - lag(ahead + 3)] for n in range(4)]
    expected = sum(four) / 4 + DECAY ** (ahead + 2) * (kw[slot - 2] - kw[slot - 2 - DAY])
    issued = an_hour(series_kw, slot, hour, column)
    assert issued == pytest.approx(expected, rel=1e-5, abs=1e-5)


@unhurried
@given(SEEDS, SLOTS, AHEAD, HOURS)
def test_no_reading_later_than_two_slots_ago_is_used(seed, slot, ahead, hour):
    series_kw = random_series(seed)
    other_kw = series_kw.copy()
    other_kw[slot - 1 :] += 100.0
    assert slot_forecast(series_kw, LEFT, slot, ahead, 1) == slot_forecast(other_kw, LEFT, slot, ahead, 1)
    issued = [an_hour(kw, slot, hour, 1) for kw in (series_kw, other_kw)]
    assert issued[0] == issued[1]


@unhurried
@given(SEEDS, SLOTS, AHEAD)
def test_the_last_known_reading_counts_by_how_far_it_is(seed, slot, ahead):
    series_kw = random_series(seed)
    other_kw = series_kw.copy()
    other_kw[slot - 2] += 1.0
    moved = slot_forecast(other_kw, LEFT, slot, ahead, 0) - slot_forecast(series_kw, LEFT, slot, ahead, 0)
    own_value = 1.0 if slot + ahead - lag(ahead) == slot - 2 else 0.0
    assert moved == pytest.approx(own_value + DECAY ** (ahead + 2), abs=1e-5)


@unhurried
@given(SEEDS, SLOTS, AHEAD, HOURS)
def test_days_that_repeat_are_forecast_exactly(seed, slot, ahead, hour):
    series_kw = np.tile(random_series(seed)[:DAY], (4, 1))
    assert slot_forecast(series_kw, LEFT, slot, ahead, 2) == series_kw[slot + ahead, 2]
    begin = slot + 4 * hour
    mean_kw = series_kw[begin : begin + 4, 2].mean()
    issued = an_hour(series_kw, slot, hour, 2)
    assert issued == pytest.approx(mean_kw, rel=1e-4, abs=1e-4)


@unhurried
@given(SEEDS, SLOTS, AHEAD)
def test_a_column_knows_nothing_of_the_others(seed, slot, ahead):
    series_kw = random_series(seed)
    alone = np.ascontiguousarray(series_kw[:, 1:2])
    assert slot_forecast(series_kw, LEFT, slot, ahead, 1) == slot_forecast(alone, LEFT, slot, ahead, 0)
