"""The issued forecasts against their formulas, and persistence against what is known when it is issued."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridbid.market.forecast import (
    LAST_KNOWN,
    ForecastErrors,
    deviation,
    error_growth,
    hour_forecast,
    hour_means,
    noisy_forecast,
    perfect_forecast,
    persistence_forecast,
)
from gridbid.market.forecast import slot_forecast as issued
from gridbid.market.forecast_errors import draw_errors, error_path

unhurried = settings(deadline=None)
"""The first call of a kernel loads or compiles it."""

DAY, DECAY = 96, 0.9
T = 4 * DAY
PERSISTENCE, PERFECT = persistence_forecast(DAY), perfect_forecast(DAY)
NONE = np.zeros((0, 0), np.float32)
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
    moved_kw = deviation(PERSISTENCE, series_kw, slot, column)
    return hour_forecast(PERSISTENCE, hourly(series_kw), NONE, slot, hour, column, moved_kw)


def slot_forecast(series_kw, slot, ahead, column):
    """The issued forecast of a slot."""
    return issued(PERSISTENCE, series_kw, NONE, slot, ahead, column)


def lag(ahead):
    """Days back to the newest slot that is known for a slot so far ahead, in slots."""
    return DAY if ahead - DAY <= -2 else 2 * DAY


@unhurried
@given(SEEDS, SLOTS, AHEAD, st.integers(0, 2))
def test_a_slot_is_yesterdays_moved_by_todays_deviation(seed, slot, ahead, column):
    series_kw = random_series(seed)
    kw = [float(value) for value in series_kw[:, column]]
    expected = kw[slot + ahead - lag(ahead)] + DECAY ** (ahead + 2) * (kw[slot - 2] - kw[slot - 2 - DAY])
    assert slot_forecast(series_kw, slot, ahead, column) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@unhurried
@given(SEEDS, SLOTS, HOURS, st.integers(0, 2))
def test_an_hour_is_yesterdays_moved_by_todays_deviation(seed, slot, hour, column):
    series_kw, ahead = random_series(seed), 4 * hour
    kw = [float(value) for value in series_kw[:, column]]
    four = [kw[slot + ahead + n - lag(ahead + 3)] for n in range(4)]
    expected = sum(four) / 4 + DECAY ** (ahead + 2) * (kw[slot - 2] - kw[slot - 2 - DAY])
    told = an_hour(series_kw, slot, hour, column)
    assert told == pytest.approx(expected, rel=1e-5, abs=1e-5)


@unhurried
@given(SEEDS, SLOTS, AHEAD, HOURS)
def test_no_reading_later_than_two_slots_ago_is_used(seed, slot, ahead, hour):
    series_kw = random_series(seed)
    other_kw = series_kw.copy()
    other_kw[slot - 1 :] += 100.0
    assert slot_forecast(series_kw, slot, ahead, 1) == slot_forecast(other_kw, slot, ahead, 1)
    told = [an_hour(kw, slot, hour, 1) for kw in (series_kw, other_kw)]
    assert told[0] == told[1]


@unhurried
@given(SEEDS, SLOTS, AHEAD)
def test_the_last_known_reading_counts_by_how_far_it_is(seed, slot, ahead):
    series_kw = random_series(seed)
    other_kw = series_kw.copy()
    other_kw[slot - 2] += 1.0
    moved = slot_forecast(other_kw, slot, ahead, 0) - slot_forecast(series_kw, slot, ahead, 0)
    own_value = 1.0 if slot + ahead - lag(ahead) == slot - 2 else 0.0
    assert moved == pytest.approx(own_value + DECAY ** (ahead + 2), abs=1e-5)


@unhurried
@given(SEEDS, SLOTS, AHEAD, HOURS)
def test_days_that_repeat_are_forecast_exactly(seed, slot, ahead, hour):
    series_kw = np.tile(random_series(seed)[:DAY], (4, 1))
    assert slot_forecast(series_kw, slot, ahead, 2) == series_kw[slot + ahead, 2]
    begin = slot + 4 * hour
    mean_kw = series_kw[begin : begin + 4, 2].mean()
    told = an_hour(series_kw, slot, hour, 2)
    assert told == pytest.approx(mean_kw, rel=1e-4, abs=1e-4)


@unhurried
@given(SEEDS, SLOTS, AHEAD)
def test_a_column_knows_nothing_of_the_others(seed, slot, ahead):
    series_kw = random_series(seed)
    alone = np.ascontiguousarray(series_kw[:, 1:2])
    assert slot_forecast(series_kw, slot, ahead, 1) == slot_forecast(alone, slot, ahead, 0)


# --- perfect


@unhurried
@given(SEEDS, SLOTS, AHEAD, HOURS, st.integers(0, 2))
def test_a_perfect_forecast_is_the_series(seed, slot, ahead, hour, column):
    series_kw = random_series(seed)
    assert issued(PERFECT, series_kw, NONE, slot, ahead, column) == series_kw[slot + ahead, column]
    hourly_kw = hourly(series_kw)
    moved_kw = deviation(PERFECT, series_kw, slot, column)
    told = hour_forecast(PERFECT, hourly_kw, NONE, slot, hour, column, moved_kw)
    assert told == hourly_kw[slot + 4 * hour, column]


def test_the_last_slot_stands_for_what_follows_the_year():
    series_kw = random_series(1)
    assert issued(PERFECT, series_kw, NONE, T - 1, 5, 0) == series_kw[-1, 0]


# --- noisy

GROWTH = error_growth(DAY, 4.0)


def noisy(net_kw):
    """A forecast with these errors of net load and none of the rest."""
    nothing = np.zeros_like(net_kw)
    return noisy_forecast(DAY, ForecastErrors(net_kw, nothing, nothing), GROWTH)


@unhurried
@given(SEEDS, SLOTS, AHEAD, HOURS, st.integers(0, 2))
def test_a_noisy_forecast_is_the_series_and_what_has_come_of_the_error(seed, slot, ahead, hour, column):
    series_kw, error_kw = random_series(seed), random_series(seed + 1)
    forecast, at = noisy(error_kw), slot + ahead
    expected = float(series_kw[at, column]) + GROWTH[ahead + 2] * float(error_kw[at, column])
    assert issued(forecast, series_kw, error_kw, slot, ahead, column) == pytest.approx(expected, abs=1e-12)
    begin, grown = slot + 4 * hour, GROWTH[4 * hour + 2]
    mean_kw, off_kw = (kw[begin : begin + 4, column].mean(dtype=np.float64) for kw in (series_kw, error_kw))
    errors_kw = forecast.net_error_hour_kw
    told = hour_forecast(forecast, hourly(series_kw), errors_kw, slot, hour, column, 0.0)
    assert told == pytest.approx(mean_kw + grown * off_kw, abs=1e-5)


def test_the_error_grows_with_the_horizon_from_nothing_at_what_is_known():
    random, slots = np.random.default_rng(3), 30 * DAY
    series_kw = random.uniform(0.0, 5.0, (slots, 1)).astype(np.float32)
    error_kw = error_path(random, (slots, 1), 4.0, 0.25).astype(np.float32)
    forecast = noisy(error_kw)
    spread = []
    for ahead in (-1, 0, 3, 12, 40, DAY - 1):
        told = [issued(forecast, series_kw, error_kw, slot, ahead, 0) for slot in range(DAY, 28 * DAY)]
        spread.append(np.std(np.array(told) - series_kw[DAY + ahead : 28 * DAY + ahead, 0]))
    assert GROWTH[0] == 0.0, "the reading of t - 2 is known"
    assert (np.diff(spread) > 0.0).all()
    np.testing.assert_allclose(spread, GROWTH[[1, 2, 5, 14, 42, DAY + 1]], rtol=0.06)


def test_a_growth_is_that_of_the_best_forecast_of_the_path():
    """Whoever knows the path up to a slot expects it to fade; what he errs by is the growth."""
    path = error_path(np.random.default_rng(5), (100_000,), 2.0, 0.25)
    growth = error_growth(DAY, 2.0)
    for ahead in (1, 4, 16):
        fades = np.exp(-ahead * 0.25 / 2.0)
        missed = path[ahead:] - fades * path[:-ahead]
        assert missed.std() == pytest.approx(growth[ahead], rel=0.02)


@pytest.mark.parametrize("slots_per_day", [24, 96, 1_440])
def test_growth_begins_at_nothing_and_never_falls(slots_per_day):
    growth = error_growth(slots_per_day, 6.0)
    assert growth.shape == (slots_per_day + LAST_KNOWN,)
    assert growth[0] == 0.0
    assert (np.diff(growth) > 0.0).all()
    assert growth[-1] < 1.0
    per_hour = slots_per_day // 24
    assert growth[6 * per_hour] == pytest.approx(np.sqrt(1.0 - np.exp(-2.0)))


def test_errors_are_as_large_as_asked_for_and_where_there_is_something_to_forecast():
    random, slots = np.random.default_rng(8), 40_000
    load_kw = random.uniform(0.5, 1.5, (slots, 3)).astype(np.float32)
    pv_kw = (random.uniform(0.0, 4.0, (slots, 3)) * (np.arange(slots) % 96 > 48)[:, None]).astype(np.float32)
    heat_kw = (random.uniform(0.0, 3.0, (slots, 3)) * [1, 0, 1]).astype(np.float32)
    present = np.array([[True, True, False]])
    errors = draw_errors(random, load_kw, pv_kw, heat_kw, present, share=0.3, correlation_h=1.0, slot_h=0.25)
    assert all(kw.dtype == np.float32 and not kw[:, 2].any() for kw in errors)
    load_error_kw = (errors.net_kw + errors.pv_kw)[:, 0]
    assert load_error_kw.std() == pytest.approx(0.3, rel=0.05)
    assert not errors.pv_kw[pv_kw == 0.0].any()
    assert (pv_kw + errors.pv_kw >= 0.0).all()
    assert (heat_kw + errors.heat_kw >= -1e-6).all()
    assert not errors.heat_kw[:, 1].any()
    assert errors.heat_kw[:, 0].any()
    shares = errors.pv_kw[:, 0][pv_kw[:, 0] > 0.0] / pv_kw[:, 0][pv_kw[:, 0] > 0.0]
    assert shares.std() == pytest.approx(0.3, rel=0.05)


def test_all_errors_together_are_the_sum_of_each():
    error_kw = random_series(4)
    forecast = noisy(error_kw)
    np.testing.assert_allclose(
        forecast.total_error_hour_kw[:, 0], forecast.net_error_hour_kw.sum(axis=1), atol=1e-4
    )


@pytest.mark.parametrize("per_hour", [1, 4, 60])
def test_the_mean_of_an_hour_of_slots(per_hour):
    series_kw = random_series(9)
    means = hour_means(series_kw, per_hour)
    for slot in (0, 17, T - per_hour):
        np.testing.assert_allclose(means[slot], series_kw[slot : slot + per_hour].mean(axis=0), atol=1e-5)
    np.testing.assert_array_equal(means[-1], series_kw[-1])
