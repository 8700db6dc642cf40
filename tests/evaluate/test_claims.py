"""The promise of less cost and carbon on cases made for it: what holds, what doesn't, and the sentence that says why."""

import numpy as np
import pytest

from gridbid.evaluate.protocol.claims import PROMISES, SIDE_EFFECTS, check_claims, side_effects, verdict

QUIET = dict.fromkeys(SIDE_EFFECTS, 10.0)
WEEKS = np.array([100.0, 140.0, 90.0, 120.0, 80.0, 110.0, 130.0, 95.0])
"""What a rung came to in eight weeks."""


def weekly(*, bill=1.0, j=1.0, carbon=1.0, weeks=WEEKS):
    """Figures (runs, weeks) with a factor, or a factor a week, on each."""
    factors = {"bill_eur": bill, "j_eur": j, "co2_kg": carbon}
    return {figure: np.atleast_2d(weeks * factor) for figure, factor in factors.items()}


def claims_of(ours, *, rungs=("rule",), effects=None, weeks=WEEKS):
    """Claims of `mine`, by rung and figure."""
    figures = {rung: weekly(weeks=weeks) for rung in rungs} | {"mine": ours}
    table = dict.fromkeys(rungs, QUIET) | {"mine": QUIET | (effects or {})}
    found = check_claims(figures, table, ["mine"], [*rungs, "mine"])
    return {(claim.against, claim.figure): claim for claim in found}, found


def test_a_steady_saving_beyond_the_promise_holds():
    by_name, _ = claims_of(weekly(bill=0.8, j=0.82, carbon=0.85))
    bill = by_name["rule", "bill_eur"]
    assert bill.holds
    assert tuple(bill.reduction) == pytest.approx((20.0, 20.0, 20.0))
    assert bill.proven_percent == pytest.approx(20.0)
    assert bill.reason.startswith("The bill is 20.0 % lower than with rule")
    assert by_name["rule", "j_eur"].holds
    assert by_name["rule", "co2_kg"].holds


def test_every_rung_is_asked_for_every_figure():
    by_name, found = claims_of(weekly(), rungs=("nothing", "rule", "smart_rule", "mpc"))
    assert len(found) == 4 * len(PROMISES)
    assert {rung for rung, _ in by_name} == {"nothing", "rule", "smart_rule", "mpc"}
    assert {claim.promised_percent for claim in found if claim.figure == "co2_kg"} == {10.0}
    assert {claim.promised_percent for claim in found if claim.figure != "co2_kg"} == {15.0}


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (1.1, "that is more, not less"),
        (0.9, "less than the 15 % promised"),
        (np.array([0.5, 1.4, 0.6, 1.3, 0.7, 1.2, 0.8, 1.1]), "the interval includes 0"),
        (
            np.array([0.55, 0.9, 0.95, 0.6, 0.9, 0.95, 0.7, 0.9]),
            "the interval begins below the 15 % promised",
        ),
    ],
    ids=["dearer", "too little", "chance", "not sure of it"],
)
def test_a_saving_that_is_too_small_or_unsure_does_not_hold(factor, words):
    by_name, _ = claims_of(weekly(bill=factor))
    claim = by_name["rule", "bill_eur"]
    assert not claim.holds
    assert words in claim.reason


def test_what_is_proven_is_the_intervals_low_end():
    by_name, _ = claims_of(weekly(bill=np.array([0.85, 0.9, 0.95, 0.88, 0.9, 0.95, 0.87, 0.9])))
    claim = by_name["rule", "bill_eur"]
    assert not claim.holds
    assert 0.0 < claim.proven_percent == claim.reduction.low < claim.reduction.estimate < 15.0


def test_no_saving_is_worth_a_peak():
    by_name, _ = claims_of(weekly(bill=0.7), effects={"peak_kw": 10.3})
    claim = by_name["rule", "bill_eur"]
    assert not claim.holds
    assert claim.proven_percent == 0.0
    assert "the highest power at the transformer rises from 10.0 to 10.3 kW, by more than 1%" in claim.reason


def test_side_effects_may_rise_by_one_percent_and_from_next_to_nothing():
    assert side_effects(QUIET | {"peak_kw": 10.1}, QUIET) == ()
    assert side_effects(QUIET | {"overload_kwh": 0.4}, QUIET | {"overload_kwh": 0.0}) == ()
    assert len(side_effects(QUIET | {"overload_kwh": 0.6}, QUIET | {"overload_kwh": 0.0})) == 1
    assert side_effects({}, QUIET) == ()


def test_a_bill_cut_by_leaving_cars_empty_is_no_saving():
    by_name, _ = claims_of(weekly(bill=0.5), effects={"unmet_ev_kwh": 80.0})
    assert "energy missing in cars rises" in by_name["rule", "bill_eur"].reason


@pytest.mark.parametrize(("left_eur", "holds"), [(9.0, True), (9.3, False)])
def test_neither_bill_nor_carbon_is_cut_by_emptying_stores(left_eur, holds):
    """Beside a J of 120 EUR, 1.2 EUR may be missing in stores; J itself counts them."""
    figures = {"rule": weekly(), "mine": weekly(bill=0.7, j=0.7, carbon=0.7)}
    table = {"rule": QUIET | {"stored_eur": 8.0, "j_eur": 120.0}, "mine": QUIET | {"stored_eur": left_eur}}
    by_figure = {claim.figure: claim for claim in check_claims(figures, table, ["mine"], ["rule"])}
    assert by_figure["j_eur"].holds
    for figure in ("bill_eur", "co2_kg"):
        assert by_figure[figure].holds is holds
        assert (by_figure[figure].proven_percent > 0.0) is holds
    assert ("worth 1.3 EUR less, beside a J of 120.0 EUR" in by_figure["bill_eur"].reason) is not holds


def test_what_was_played_may_be_unfit_for_claims():
    figures = {"rule": weekly(), "mine": weekly(bill=0.7, j=0.7, carbon=0.7)}
    table = dict.fromkeys(figures, QUIET)
    for claim in check_claims(figures, table, ["mine"], ["rule"], "they trained in these weeks"):
        assert not claim.holds
        assert claim.proven_percent == 0.0
        assert claim.reason.endswith("but they trained in these weeks.")


def test_few_weeks_carry_no_claim():
    by_name, _ = claims_of(weekly(bill=0.5, weeks=WEEKS[:4]), weeks=WEEKS[:4])
    claim = by_name["rule", "bill_eur"]
    assert not claim.holds
    assert claim.proven_percent == 0.0
    assert "4 weeks are too few" in claim.reason


def test_an_income_has_no_percentage():
    earning = WEEKS - 115.0
    by_name, _ = claims_of(weekly(bill=0.5, weeks=earning), weeks=earning)
    claim = by_name["rule", "bill_eur"]
    assert not claim.holds
    assert "can't be compared" in claim.reason


def test_runs_that_disagree_widen_the_interval():
    runs = {figure: np.stack([0.6 * WEEKS, 1.0 * WEEKS, 0.8 * WEEKS]) for figure in PROMISES}
    by_name, _ = claims_of(runs)
    claim = by_name["rule", "bill_eur"]
    assert claim.reduction.estimate == pytest.approx(20.0)
    assert claim.reduction.low < 10.0
    assert not claim.holds


def test_the_promise_must_hold_against_the_rule_and_persistence():
    good = weekly(bill=0.7, j=0.7, carbon=0.7)
    _, found = claims_of(good, rungs=("nothing", "rule", "mpc_persistence"))
    held = verdict(found, "mine", 0.83)
    assert held.holds
    assert held.against == ("rule", "mpc_persistence")
    assert held.s == 0.83
    assert "S is 0.83" in held.reason


def test_the_verdict_says_where_a_promise_fails():
    figures = {
        "rule": weekly(),
        "mpc_persistence": weekly(bill=0.7),
        "mine": weekly(bill=0.7, j=0.7, carbon=0.7),
    }
    table = dict.fromkeys(figures, QUIET)
    found = verdict(check_claims(figures, table, ["mine"], list(figures)), "mine", np.nan)
    assert not found.holds
    assert found.s is None
    assert found.reason.startswith("Against mpc_persistence: The bill")


def test_a_promise_that_was_not_held_against_persistence_is_not_kept():
    good = weekly(bill=0.7, j=0.7, carbon=0.7)
    _, found = claims_of(good, rungs=("nothing", "rule"))
    assert all(claim.holds for claim in found)
    open_yet = verdict(found, "mine", 0.83)
    assert not open_yet.holds
    assert open_yet.against == ("rule",)
    assert open_yet.reason == "It wasn't held against mpc_persistence, which must be played too."


def test_nobody_is_held_against_itself():
    figures = {"rule": weekly(), "mpc_persistence": weekly(bill=0.7, j=0.7, carbon=0.7)}
    claims = check_claims(figures, dict.fromkeys(figures, QUIET), ["mpc_persistence"], list(figures))
    assert verdict(claims, "mpc_persistence", 0.5).holds


def test_nothing_is_promised_without_the_rule():
    _, found = claims_of(weekly(bill=0.1, j=0.1, carbon=0.1), rungs=("nothing",))
    assert not verdict(found, "mine", 0.5).holds
