"""Inflating a baseline: the cap makes it worth less, others are not touched, and the page shows what was measured."""

from pathlib import Path

import pytest

from gridbid.evaluate.reproduce.baseline_gaming import (
    accuracy_table,
    baseline_accuracy,
    baseline_gaming,
    best_responses,
    bests_table,
    gains_table,
)
from gridbid.market.errors import InputError

PAGE = (Path(__file__).parents[2] / "docs" / "demand-response.md").read_text(encoding="utf-8")
CAPPED, UNCAPPED = 20, 1_000_000


@pytest.fixture(scope="module")
def gains():
    return {(gain.cap_percent, gain.cuts, gain.inflation_percent): gain for gain in baseline_gaming()}


@pytest.mark.parametrize("cuts", [True, False])
@pytest.mark.parametrize("percent", [10, 20, 40])
def test_the_cap_makes_inflating_worth_less(gains, cuts, percent):
    with_cap, without = gains[CAPPED, cuts, percent], gains[UNCAPPED, cuts, percent]
    assert 0.0 < with_cap.gain_eur.sum() < without.gain_eur.sum()
    assert (with_cap.cost_eur == without.cost_eur).all()


def test_who_knows_best_gains_less_under_the_cap(gains):
    bests = best_responses(list(gains.values()))
    by_case = {(best.cap_percent, best.cuts, best.rate_eur_per_kwh): best.net_gain_eur for best in bests}
    for cuts in (True, False):
        for rate in (1.0, 3.0):
            assert 0.0 <= by_case[CAPPED, cuts, rate] < by_case[UNCAPPED, cuts, rate]


def test_the_control_group_is_paid_the_same_to_the_unit(gains):
    for gain in gains.values():
        assert (gain.control_gain_eur == 0.0).all()


def test_without_inflation_nothing_is_gained_or_spent(gains):
    for (_, _, percent), gain in gains.items():
        if percent == 0:
            assert (gain.gain_eur == 0.0).all()
            assert (gain.cost_eur == 0.0).all()


def test_nobody_is_paid_more_than_what_was_asked(gains):
    for gain in gains.values():
        assert (gain.payment_eur >= 0.0).all()
        assert (gain.payment_eur <= gain.asked_eur + 1e-9).all()


def test_the_page_shows_these_figures(gains):
    inflating = [gain for gain in gains.values() if gain.inflation_percent]
    assert gains_table(inflating) in PAGE
    assert bests_table(best_responses(list(gains.values()))) in PAGE
    assert accuracy_table(baseline_accuracy()) in PAGE
    honest = gains[CAPPED, True, 0]
    paid_ct, asked_ct = (100 * float(eur.mean()) for eur in (honest.honest_eur, honest.asked_eur))
    assert f"are paid {paid_ct:.0f} of {asked_ct:.0f} ct" in PAGE


def test_the_number_of_events_is_checked():
    with pytest.raises(InputError, match=r"n_events is 99; the year has 1 to \d+"):
        baseline_gaming(99)
