"""Statistics against published vectors, closed forms and plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import trim_mean

from gridbid.evaluate.statistics import (
    Interval,
    interquartile_mean,
    mean_difference,
    probability_of_improvement,
    score,
    stratified_bootstrap,
)

FIGURES = st.floats(-1e3, 1e3)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.0, 0.0, 100.0], 0.0),
        ([5.0, 5.0, 5.0, 5.0], 5.0),
        ([0.1, 0.5, 0.6, 0.62, 0.65, 0.7, 0.72, 0.75, 0.9, 3.0], 0.67333),
    ],
)
def test_interquartile_mean_of_known_vectors(values, expected):
    assert interquartile_mean(values) == pytest.approx(expected, abs=1e-5)


@given(arrays(np.float64, st.integers(1, 40), elements=FIGURES))
def test_interquartile_mean_is_a_trimmed_mean(values):
    assert interquartile_mean(values) == pytest.approx(trim_mean(values, 0.25), abs=1e-9)


def test_probability_of_improvement_counts_ties_half():
    assert probability_of_improvement([1.0, 2.0], [1.0, 3.0]) == pytest.approx((0.5 + 0 + 1 + 0) / 4)


def test_stratified_bootstrap_stays_within_each_task():
    """Runs of a task that are all alike can't vary, whatever the other tasks hold."""
    scores = np.repeat([[1.0, 1_000.0]], 6, axis=0)
    assert stratified_bootstrap(scores, lambda table: float(table.mean()), resamples=50) == Interval(
        500.5, 500.5, 500.5
    )


def test_stratified_bootstrap_covers_the_mean_of_normal_runs():
    """The bootstrap interval of a mean of n normal draws is about value +- 1.96 sigma / sqrt(n)."""
    draws = np.random.default_rng(5).normal(10.0, 2.0, (400, 1))
    interval = stratified_bootstrap(draws, lambda table: float(table.mean()), resamples=4_000)
    half = 1.96 * draws.std() / np.sqrt(400)
    assert interval.low == pytest.approx(interval.estimate - half, abs=0.1 * half)
    assert interval.high == pytest.approx(interval.estimate + half, abs=0.1 * half)


def test_score_is_a_ratio_of_sums():
    rule, ours, optimum = [10.0, 30.0], [9.0, 20.0], [5.0, 15.0]
    assert score(rule, ours, optimum).estimate == pytest.approx((1 + 10) / (5 + 15))


def test_score_interval_keeps_weeks_together():
    """With two weeks a resample is one of {aa, ab, ba, bb}: the ends are the weeks' own scores."""
    interval = score([10.0, 30.0], [9.0, 20.0], [5.0, 15.0])
    assert interval.low == pytest.approx(1 / 5)
    assert interval.high == pytest.approx(10 / 15)


def test_rule_scores_zero_and_bound_one():
    rule, optimum = np.array([10.0, 30.0, 7.0]), np.array([5.0, 15.0, 1.0])
    assert score(rule, rule, optimum) == (0.0, 0.0, 0.0)
    assert score(rule, optimum, optimum) == (1.0, 1.0, 1.0)


def test_score_means_nothing_where_the_rule_is_optimal():
    assert np.isnan(score([1.0, 2.0], [3.0, 4.0], [1.0, 2.0]).estimate)


def test_mean_difference_is_paired():
    """Weeks differ widely, controllers by a steady euro: the paired interval sees it."""
    weeks = np.array([10.0, 500.0, 1_200.0, 90.0])
    steady = mean_difference(weeks + 1.0, weeks)
    assert steady == pytest.approx((1.0, 1.0, 1.0))
    assert steady.excludes_zero
    assert not mean_difference(weeks, weeks[::-1]).excludes_zero


def test_intervals_follow_from_the_seed():
    rule, ours, optimum = np.random.default_rng(1).random((3, 8))
    assert score(rule, ours, optimum, seed=3) == score(rule, ours, optimum, seed=3)
