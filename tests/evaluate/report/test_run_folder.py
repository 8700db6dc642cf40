"""What a run left is read as it stands, and what is malformed is named by one clear error."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gridbid.evaluate.report.folder.columns import FILL_COLUMNS, read_columns
from gridbid.evaluate.report.folder.node import ReportError
from gridbid.evaluate.report.folder.read_summary import read_summary


def read(sample, folder, change):
    """The sample summary, changed by ``change``, as it is read."""
    sample.write_summary(folder, change)
    return read_summary(folder / "summary.json")


def test_scores_follow_from_costs(sample, tmp_path):
    summary = read(sample, tmp_path, None)
    assert summary.featured == "learned"
    assert summary.score == pytest.approx((1587.25 - 1410.05) / (1587.25 - 1318.25))
    assert summary.score_interval == (0.61, 0.7)
    assert summary.score_of("rule") == 0
    assert summary.score_of("optimum") == 1


def test_a_score_needs_both_ends_of_its_scale(sample, tmp_path):
    summary = read(sample, tmp_path, lambda s: s["controllers"].pop("optimum"))
    assert summary.score is None


@pytest.mark.parametrize(
    ("present", "featured"),
    [
        (("nothing", "rule", "zero_intelligence", "learned"), "learned"),
        (("nothing", "rule", "zero_intelligence", "optimum"), "zero_intelligence"),
        (("nothing", "rule", "optimum"), "nothing"),
        (("rule", "optimum"), None),
    ],
)
def test_the_controller_that_was_evaluated_is_the_subject(sample, tmp_path, present, featured):
    def keep_present(summary):
        summary["controllers"] = {name: summary["controllers"][name] for name in present}

    assert read(sample, tmp_path, keep_present).featured == featured


def test_among_several_the_cheapest_is_the_subject(sample, tmp_path):
    def with_planner(summary):
        del summary["controllers"]["learned"]
        summary["controllers"]["mpc"] = {"j_eur": 1500.0, "bill_eur": 1480.0}

    assert read(sample, tmp_path, with_planner).featured == "mpc"


def test_whoever_was_brought_along_is_the_subject_beside_cheaper_planners(sample, tmp_path):
    def with_own_policy(summary):
        del summary["controllers"]["learned"]
        summary["controllers"]["mine"] = {"j_eur": 1550.0, "bill_eur": 1480.0}
        summary["controllers"]["mpc"] = {"j_eur": 1500.0, "bill_eur": 1480.0}
        summary["verdicts"] = [
            {"controller": "mine", "against": ["rule"], "holds": False, "reason": "It isn't."}
        ]

    assert read(sample, tmp_path, with_own_policy).featured == "mine"


def test_a_planner_that_looks_into_the_environment_is_a_yardstick(sample, tmp_path):
    def with_planner(summary):
        del summary["controllers"]["learned"]
        summary["controllers"]["mpc_persistence"] = {"j_eur": 1500.0, "bill_eur": 1480.0}

    assert read(sample, tmp_path, with_planner).featured == "zero_intelligence"


def test_the_highest_load_counts_both_ways(sample, tmp_path):
    def feed_in(summary):
        summary["controllers"]["rule"]["export_peak_kw"] = 225.3
        summary["controllers"]["nothing"]["export_peak_kw"] = 90.0
        del summary["controllers"]["optimum"]["peak_kw"]

    summary = read(sample, tmp_path, feed_in)
    assert summary.highest_load_kw("rule") == 225.3
    assert summary.highest_load_kw("nothing") == 131.2
    assert summary.highest_load_kw("learned") == 103.7
    assert summary.highest_load_kw("optimum") is None


def test_every_sample_of_a_week_counts(sample, tmp_path):
    assert read(sample, tmp_path, None).n_weeks == 3
    assert read(sample, tmp_path, lambda s: s.update(samples=4)).n_weeks == 12


def test_an_absent_table_is_none_and_a_null_is_nan(tmp_path):
    path = tmp_path / "table.parquet"
    assert read_columns(path, ("slot", "mean_price_ct")) is None
    pq.write_table(pa.table({"slot": [0, 1], "mean_price_ct": [None, 9.5]}), path)
    columns = read_columns(path, ("slot", "mean_price_ct"))
    assert columns["slot"].tolist() == [0.0, 1.0]
    assert np.isnan(columns["mean_price_ct"][0])
    assert columns["mean_price_ct"][1] == 9.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("scenario"), "scenario is missing; it must be an object"),
        (lambda s: s["scenario"].pop("title"), "scenario.title is missing; it must be a text"),
        (lambda s: s["scenario"].update(n_members="21"), "scenario.n_members is '21'; it must be an integer"),
        (
            lambda s: s.update(controllers={}),
            "controllers is {}; it must be an object with at least one controller",
        ),
        (
            lambda s: s["controllers"]["rule"].pop("j_eur"),
            "controllers.rule.j_eur is missing; it must be a number",
        ),
        (
            lambda s: s["controllers"]["rule"].update(co2_kg="much"),
            "controllers.rule.co2_kg is 'much'; it must be a number",
        ),
        (
            lambda s: s["controllers"]["rule"].update(co2_kg=float("inf")),
            "controllers.rule.co2_kg is inf; it must be a finite",
        ),
        (lambda s: s.update(S=True), "S is True; it must be a number"),
        (
            lambda s: s.update(S=0.9),
            "S is 0.9; it must be 0.6587 by the costs j_eur of rule, learned and optimum",
        ),
        (
            lambda s: s.update(S_interval=[0.9, 0.1]),
            r"S_interval is \[0.9, 0.1\]; it must be two numbers, the lower first",
        ),
        (lambda s: s.update(S_interval=0.1), "S_interval is 0.1; it must be an array"),
        (lambda s: s.update(samples=0), "samples is 0; it must be at least 1"),
        (lambda s: s["chain"].update(gas_used=0.5), "chain.gas_used is 0.5; it must be an integer"),
        (lambda s: s["parity"].update(fills=2.5), "parity.fills is 2.5; it must be an integer"),
        (
            lambda s: s["residuals"].update(energy_wh=None),
            "residuals.energy_wh is missing; it must be an integer",
        ),
        (
            lambda s: s["learning_curve"][3].pop("seconds"),
            r"learning_curve\[3\].seconds is missing; it must be a number",
        ),
        (
            lambda s: s["chain"].update(gas_by_action=[1]),
            r"chain.gas_by_action is \[1\]; it must be an object",
        ),
    ],
)
def test_a_malformed_summary_gives_one_clear_error(sample, tmp_path, change, message):
    sample.write_summary(tmp_path, change)
    with pytest.raises(ReportError, match=f"summary.json: {message}"):
        read_summary(tmp_path / "summary.json")


def test_a_missing_or_broken_summary_is_named(tmp_path):
    with pytest.raises(ReportError, match=r"summary\.json is missing"):
        read_summary(tmp_path / "summary.json")
    (tmp_path / "summary.json").write_text("{")
    with pytest.raises(ReportError, match=r"summary\.json isn't JSON"):
        read_summary(tmp_path / "summary.json")


def test_malformed_tables_are_named(tmp_path):
    path = tmp_path / "fills.parquet"
    fill = {
        "day": "2025-02-12",
        "slot": 40,
        "taker": "ev_0",
        "maker": "ev_1",
        "tick": 9,
        "quantity_wh": 5,
        "price_ct": 9.5,
    }
    for wrong, message in (
        ({"price_ct": None}, "column price_ct has 1 nulls; it must have none"),
        ({"price_ct": "cheap"}, "column price_ct has type string; it must hold numbers"),
    ):
        pq.write_table(pa.Table.from_pylist([fill | wrong]), path)
        with pytest.raises(ReportError, match=message):
            read_columns(path, FILL_COLUMNS)
    pq.write_table(pa.Table.from_pylist([fill]).drop_columns(["price_ct", "tick"]), path)
    with pytest.raises(ReportError, match=r"fills\.parquet lacks the columns tick, price_ct"):
        read_columns(path, FILL_COLUMNS)
    path.write_bytes(b"not a table")
    with pytest.raises(ReportError, match=r"fills\.parquet isn't a readable Parquet file"):
        read_columns(path, FILL_COLUMNS)
