"""Statistics against published vectors, closed forms and plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binomtest, bootstrap, mannwhitneyu, norm, permutation_test, trim_mean
from scipy.stats import t as student

from gridbid.evaluate.statistics import (
    Interval,
    improvement,
    interquartile_mean,
    mean_difference,
    optimality_gap,
    paired_bootstrap,
    paired_difference,
    percent_less,
    performance_profile,
    probability_of_improvement,
    score,
    sign_flip_p,
    stratified_bootstrap,
)
from gridbid.evaluate.statistics.interval import TAILS, expanded_tails

FIGURES = st.floats(-1e3, 1e3)
TABLES = arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 6)), elements=FIGURES)


def mean_of_tables(tables):
    return tables.mean(axis=(-2, -1))


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
    assert stratified_bootstrap(scores, mean_of_tables, resamples=50) == Interval(500.5, 500.5, 500.5)


def test_stratified_bootstrap_covers_the_mean_of_normal_runs():
    """The bootstrap interval of a mean of n normal draws is about value +- 1.96 sigma / sqrt(n)."""
    draws = np.random.default_rng(5).normal(10.0, 2.0, (400, 1))
    interval = stratified_bootstrap(draws, mean_of_tables, resamples=4_000)
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


def test_a_rule_that_has_reached_the_bound_but_for_rounding_leaves_nothing_to_gain():
    assert np.isnan(score([1.0, 2.0], [3.0, 4.0], [1.0 - 1e-13, 2.0]).estimate)
    assert np.isnan(score([1.0, 2.0], [3.0, 4.0], [1.1, 2.0]).estimate)


def test_score_means_nothing_where_the_rule_is_optimal():
    assert np.isnan(score([1.0, 2.0], [3.0, 4.0], [1.0, 2.0]).estimate)


def test_mean_difference_is_paired():
    """Weeks differ widely, controllers by a steady euro: the paired interval sees it."""
    weeks = np.array([10.0, 500.0, 1_200.0, 90.0])
    steady = mean_difference(weeks + 1.0, weeks)
    assert steady == pytest.approx((1.0, 1.0, 1.0))
    assert steady.excludes_zero
    assert not mean_difference(weeks, weeks[::-1]).excludes_zero


def test_iqm_interval_agrees_with_scipys_bootstrap_of_one_week():
    runs = np.random.default_rng(8).gamma(2.0, 1.0, 12)
    ours = stratified_bootstrap(runs[:, None])
    theirs = bootstrap(
        (runs,),
        lambda drawn, axis: trim_mean(drawn, 0.25, axis=axis),
        method="percentile",
        rng=np.random.default_rng(4),
    ).confidence_interval
    assert ours.low == pytest.approx(theirs.low, abs=0.03)
    assert ours.high == pytest.approx(theirs.high, abs=0.03)


def test_mean_difference_agrees_with_scipys_bootstrap():
    """At the tails of the expanded percentile interval for eight weeks: Phi(-sqrt(8 / 7) t_7(0.975))."""
    tail = norm.cdf(-np.sqrt(8 / 7) * student.ppf(0.975, 7))
    difference = np.random.default_rng(6).normal(1.0, 2.0, 8)
    ours = mean_difference(difference, np.zeros(8))
    theirs = bootstrap(
        (difference,),
        np.mean,
        method="percentile",
        confidence_level=1.0 - 2.0 * tail,
        rng=np.random.default_rng(4),
    ).confidence_interval
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.12)


def test_tails_are_the_plain_ones_for_many_weeks_and_further_out_for_few():
    assert expanded_tails(10**7) == pytest.approx(TAILS, abs=1e-6)
    lows = [expanded_tails(n)[0] for n in (2, 3, 5, 8, 20, 100)]
    assert lows == sorted(lows)
    assert expanded_tails(8) == pytest.approx((0.00573, 0.99427), abs=1e-5)


def test_an_interval_of_eight_normal_weeks_covers_their_mean_as_often_as_it_says():
    weeks = np.random.default_rng(17).normal(0.0, 1.0, (600, 8))
    found = [mean_difference(differences, np.zeros(8), resamples=1_000) for differences in weeks]
    covered = np.mean([interval.low <= 0.0 <= interval.high for interval in found])
    assert 0.925 < covered < 0.975


def test_a_large_bootstrap_in_blocks_draws_what_a_plain_loop_draws():
    """Blocks bound memory; the stream of draws runs on through them."""
    table = np.random.default_rng(2).random((700, 20))
    rows = np.random.default_rng(3).integers(700, size=(500, 700, 20))
    means = [table[row, np.arange(20)].mean() for row in rows]
    found = stratified_bootstrap(table, mean_of_tables, seed=3, resamples=500)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])))


@given(TABLES, st.floats(-10.0, 10.0), st.floats(0.1, 10.0))
def test_intervals_shift_and_scale_with_the_scores(table, shift, scale):
    plain = stratified_bootstrap(table, resamples=60)
    moved = stratified_bootstrap(scale * table + shift, resamples=60)
    assert moved == pytest.approx([scale * end + shift for end in plain], abs=1e-6)
    assert plain.low <= plain.high


@given(TABLES)
def test_the_order_of_weeks_changes_no_aggregate(table):
    turned = table[::-1, ::-1]
    assert interquartile_mean(turned) == pytest.approx(interquartile_mean(table), abs=1e-9)
    assert optimality_gap(turned) == pytest.approx(optimality_gap(table), abs=1e-9)
    assert probability_of_improvement(turned, table[:, ::-1]) == pytest.approx(0.5)


def test_optimality_gap_counts_what_is_missing():
    assert optimality_gap([0.25, 1.0, 3.0, -1.0]) == pytest.approx((0.75 + 0 + 0 + 2.0) / 4)
    assert optimality_gap([[3.0]], target=5.0) == 2.0


def test_runs_are_drawn_with_all_their_weeks():
    """Two runs that differ by a steady euro, two alike weeks: a drawn mean is 0, a half or 1, whatever the weeks."""
    drawn = paired_bootstrap([[[0.0, 0.0], [1.0, 1.0]]], lambda table: table.mean(axis=-1))
    assert drawn == (0.5, 0.0, 1.0)
    steady = mean_difference([[1.0, 2.0], [1.0, 2.0]], [1.0, 2.0])
    assert steady == (0.0, 0.0, 0.0)


def test_more_runs_of_one_method_narrow_its_interval():
    random = np.random.default_rng(11)
    weeks = np.linspace(50.0, 90.0, 8)
    few = random.normal(-5.0, 4.0, (3, 1)) + weeks
    many = random.normal(-5.0, 4.0, (60, 1)) + weeks
    widths = [(found.high - found.low) for found in (mean_difference(runs, weeks) for runs in (few, many))]
    assert widths[1] < widths[0]


def test_percent_less_is_a_ratio_of_sums():
    assert percent_less([60.0, 20.0], [100.0, 25.0]).estimate == pytest.approx(100 * 45 / 125)
    assert percent_less([8.5, 17.0], [10.0, 20.0]) == pytest.approx((15.0, 15.0, 15.0))


def test_there_is_no_percentage_of_what_may_be_an_income():
    assert np.isnan(percent_less([1.0, 2.0], [-1.0, 0.5]).estimate)
    open_ended = percent_less([1.0, 2.0], [-1.0, 5.0])
    assert open_ended.estimate == pytest.approx(25.0)
    assert np.isnan(open_ended.low)


@pytest.mark.parametrize("n_weeks", [4, 8])
def test_the_sign_flip_test_is_scipys(n_weeks):
    first, second = np.random.default_rng(n_weeks).normal([[0.0], [0.8]], 1.0, (2, n_weeks))
    theirs = permutation_test(
        (first, second),
        lambda x, y, axis: (x - y).mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
    )
    assert sign_flip_p(first - second) == pytest.approx(theirs.pvalue)


def test_eight_weeks_of_one_sign_are_the_surest_that_they_can_be():
    """Then the test is the sign test, whose p is 2 / 2**8."""
    assert sign_flip_p(np.full(8, -3.0)) == binomtest(8, 8).pvalue == 2 / 256
    assert sign_flip_p([0.1, 0.2, 0.3]) == 0.25
    assert sign_flip_p([1.0, -1.0]) == 1.0


def test_many_weeks_are_tested_by_drawn_signs():
    figures = np.random.default_rng(3).normal(0.45, 1.0, 18)
    bits = np.arange(2**18)[:, None] >> np.arange(18) & 1
    exact = np.mean(np.abs(np.where(bits == 1, 1.0, -1.0) @ figures) >= abs(figures.sum()) - 1e-9)
    assert sign_flip_p(figures) == pytest.approx(exact, abs=0.01)


@given(arrays(np.float64, st.integers(1, 9), elements=FIGURES))
def test_p_is_two_sided_and_never_below_what_the_weeks_allow(figures):
    assert sign_flip_p(figures) == sign_flip_p(-figures)
    assert 2 / 2**figures.size <= sign_flip_p(figures) <= 1.0


def test_a_paired_difference_tells_each_week():
    found = paired_difference([[1.0, 5.0], [3.0, 5.0]], [4.0, 4.0])
    assert found.by_week.tolist() == [-2.0, 1.0]
    assert found.mean.estimate == -0.5
    assert found.weeks_below == 1
    assert found.p_value == 1.0


def test_probability_of_improvement_is_mann_whitneys_in_each_week():
    ours, theirs = np.random.default_rng(9).integers(0, 6, (2, 7, 3)).astype(float)
    expected = [
        mannwhitneyu(ours[:, week], theirs[:, week]).statistic / ours[:, week].size ** 2 for week in range(3)
    ]
    assert probability_of_improvement(ours, theirs) == pytest.approx(np.mean(expected))


def test_improvement_has_an_interval_of_runs_and_weeks():
    one_run = improvement([[1.0, 1.0, 1.0, 0.0]], [[0.0, 0.0, 0.0, 1.0]])
    assert one_run.estimate == 0.75
    assert (one_run.low, one_run.high) == (0.0, 1.0)
    assert improvement([[2.0], [3.0]], [[1.0], [1.5]]) == (1.0, 1.0, 1.0)
    twins = np.random.default_rng(1).random((2, 6, 5))
    plain = improvement(*twins)
    assert plain.low < plain.estimate == probability_of_improvement(*twins) < plain.high


def test_a_profile_is_the_share_above_each_level():
    scores, levels = np.array([[0.1, 0.9], [0.5, 0.7]]), [0.0, 0.1, 0.6, 0.9]
    profile = performance_profile(scores, levels, resamples=500)
    assert profile.share.tolist() == [1.0, 0.75, 0.5, 0.0]
    assert (profile.low <= profile.share).all()
    assert (profile.share <= profile.high).all()
    assert (np.diff(profile.low) <= 0).all()
    assert profile.low[0] == profile.high[0] == 1.0


def test_a_profiles_band_is_that_of_a_share_of_weeks():
    """One run: above a level lie 4 of 8 weeks, and a drawn share is a binomial one."""
    profile = performance_profile(np.arange(8.0)[None, :], [3.5])
    wins = np.random.default_rng(2).binomial(8, 0.5, 100_000) / 8
    assert (profile.low[0], profile.high[0]) == tuple(np.quantile(wins, expanded_tails(8)))


def test_intervals_follow_from_the_seed():
    rule, ours, optimum = np.random.default_rng(1).random((3, 8))
    assert score(rule, ours, optimum, seed=3) == score(rule, ours, optimum, seed=3)
