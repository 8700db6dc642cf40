"""Claims, feeder, bills, carbon, fairness, robustness and exploitability, as the report shows them."""

import json
import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gridbid.evaluate.kpis import KPIS
from gridbid.evaluate.report.folder.node import ReportError
from gridbid.evaluate.report.folder.run import Run
from gridbid.evaluate.report.sections.bills import bills
from gridbid.evaluate.report.sections.chain import chain
from gridbid.evaluate.report.sections.fairness import fairness
from gridbid.evaluate.report.sections.feeder import feeder
from gridbid.evaluate.report.sections.robustness import robustness


def section(page, name):
    """Visible text of a section."""
    source = re.search(rf'<section id="{name}">.*?</section>', page.source, re.DOTALL)
    assert source is not None
    bare = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", source[0], flags=re.DOTALL)
    joined = " ".join(bare.replace("\u202f", "").replace("\u00a0", " ").split())
    return re.sub(r"\s+([.,:;])", r"\1", joined)


def test_the_summary_answers_a_layman_s_questions(whole):
    header = re.search(r"<header>.*?</header>", whole.source, re.DOTALL)[0]
    terms = re.findall(r"<dt>(.*?)</dt>", header)
    assert terms[:5] == [
        "What it costs and saves",
        "For whom",
        "For grid and climate",
        "Can it be trusted?",
        "Where it falls short",
    ]
    saved = (1559.48 - 1388.66) / 3 / 21
    assert f"That is {saved:.2f} EUR less for a member in a week." in whole.text
    assert f"{1410.05 - 1318.25:.0f} EUR lie between it and perfect foresight." in whole.text
    assert "That all promises hold can’t be claimed: the ladder says why." in whole.text
    assert "A member who leaves it for its own good gains up to 0.45 ct/kWh." in whole.text


def test_claims_are_shown_with_what_was_found_and_why(sample, whole):
    text = section(whole, "ladder")
    for against, _, promised, found, holds, reason in sample.claims:
        cell = f"{'✓' if holds else '✗'} {found:.1f}% {found - 2:.1f} to {found + 2:.1f}"
        assert f"{against.capitalize()} {cell}" in text
        assert f"promised {promised:.0f}%" in text
        assert reason in text


def test_weeks_are_compared_in_pairs(sample, whole):
    cost = {name: figures["j_eur"] for name, figures in sample.summary["controllers"].items()}
    mean = (cost["learned"] - cost["rule"]) / 3
    assert f"Learned −{abs(mean):.1f} " in section(whole, "ladder")
    assert "3 of 3 weeks 94% 0.63 0.50 to 0.74" in section(whole, "ladder")


def test_the_feeder_is_drawn_at_its_worst_moments(sample, whole_run):
    shown = feeder(Run.read(whole_run))
    trace = sample.trace(sample.worst_week, 0.0, 0)
    worst = int(np.argmax(trace["feeder_kw"]))
    moment = next(moment for moment in shown.moments if "the rule draws most" in moment.title)
    assert [picture.controller for picture in moment.pictures] == ["rule", "learned"]
    kw = trace["feeder_kw"][worst]
    assert moment.pictures[0].words.startswith(f"{kw:.0f} kW drawn; transformer at {kw:.0f}")
    assert moment.pictures[0].svg.count("<circle") == 10
    assert moment.pictures[0].svg.count("<path") == 10
    assert 'stroke: var(--bad); stroke-width: 4"><title>Branch to bus 1:' in moment.pictures[0].svg


def test_flows_that_lack_a_bus_are_refused(sample, whole_run, tmp_path):
    sample.write_summary(tmp_path, sample.add_extras)
    sample.write_traces(tmp_path)
    sample.write_feeder(tmp_path, sample.worst_week)
    path = tmp_path / "traces" / "flows.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)
    with pytest.raises(ReportError, match=r"flows\.parquet: 7391 rows of rule in its week; expected 7392"):
        feeder(Run.read(tmp_path))


def test_lines_of_a_bill_come_to_its_total(whole_run):
    found = bills(Run.read(whole_run))
    members = pq.read_table(whole_run / "traces" / "members.parquet").to_pylist()
    settled = {(row["controller"], row["member"]): row["bill_eur"] for row in members}
    assert len(found.bills) == 21
    assert found.all_add_up
    for bill in found.bills:
        name = bill.member.replace(" ", "_")
        for controller, total, side in (
            ("rule", bill.rule_eur, "rule"),
            ("learned", bill.featured_eur, "featured"),
        ):
            assert total == pytest.approx(settled[controller, name])
            shown = sum(getattr(line, side).amount_eur for line in bill.lines)
            assert shown == pytest.approx(total, abs=0.011)
    supplier = found.bills[0].lines[0]
    assert supplier.name == "Bought from the supplier"
    assert supplier.rule.price_ct == pytest.approx(29.0)
    assert supplier.rule.amount_eur == pytest.approx(supplier.rule.energy_kwh * 0.29)


def test_every_member_has_a_bill_to_open(sample, whole):
    names = re.findall(r'<details class="bill">\s*<summary><span>(.*?)</span>', whole.source)
    assert names == ["all members", *(name.replace("_", " ") for name in sample.kinds)]
    assert whole.source.count('<tr><th scope="row">Total</th>') == 22
    assert "The lines of every bill come to what was settled, to the cent." in whole.text


def test_a_bill_whose_lines_don_t_add_up_says_so(sample, tmp_path):
    sample.write_summary(tmp_path)
    sample.write_traces(tmp_path)
    sample.write_bills(tmp_path)
    path = tmp_path / "traces" / "bills.parquet"
    rows = pq.read_table(path).to_pylist()
    next(row for row in rows if row["controller"] == "learned")["amount_eur"] += 1.0
    pq.write_table(pa.Table.from_pylist(rows), path)
    found = bills(Run.read(tmp_path))
    assert found.all_add_up is False
    assert [bill.adds_up for bill in found.bills].count(False) == 1


def test_bills_of_a_first_draw_aren_t_held_against_sums_over_all(sample, tmp_path):
    sample.write_summary(tmp_path, lambda summary: summary.update(samples=2))
    sample.write_traces(tmp_path)
    sample.write_bills(tmp_path)
    assert bills(Run.read(tmp_path)).all_add_up is None


def test_carbon_is_told_against_the_rule(whole):
    text = section(whole, "carbon")
    assert "Learned 2107.3 −7.6% Rule 2280.4 0.0%" in text
    assert "Nothing 2411.6 +5.8%" in text


def test_gains_are_ranked_and_losers_counted(sample, tmp_path):
    sample.write_summary(tmp_path)
    (tmp_path / "traces").mkdir()
    gains = {"a_0": 30.0, "b_1": 10.0, "c_2": 0.005, "d_3": -4.0}
    rows = [
        {"controller": controller, "member": name, "kind": "x", "bill_eur": 50.0 - gain, "wear_eur": 1.0}
        for controller, scale in (("nothing", 0.0), ("learned", 1.0))
        for name, gain in ((name, scale * gain) for name, gain in gains.items())
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "traces" / "members.parquet")
    found = fairness(Run.read(tmp_path))
    assert found.yardstick == "nothing"
    assert found.losers == ["d 3"]
    assert found.best == ("a 0", pytest.approx(30.0))
    assert found.worst == ("d 3", pytest.approx(-4.0))
    assert found.half_share == 0.25


def test_a_lead_that_is_lost_under_stress_is_named(whole_run, whole):
    found = robustness(Run.read(whole_run))
    assert [row.title for row in found.rows] == ["As it is", "Price shock", "Forecasts lost"]
    assert found.lost_lead == ["Forecasts lost"]
    assert found.rows[2].subject.rise_eur == pytest.approx(0.3 * 1410.05)
    text = section(whole, "robustness")
    assert "“Learned” costs less than the rule undisturbed, and no longer with: forecasts lost." in text
    assert (
        "Price shock. The cost of “Learned” rises by 141 EUR; it is less than the rule’s in 3 of 3 weeks"
        in text
    )


def test_robustness_begins_with_the_weeks_as_they_are(sample, tmp_path):
    sample.write_summary(tmp_path)
    sample.write_trials(tmp_path)
    path = tmp_path / "robustness.json"
    document = json.loads(path.read_text())
    del document["stresses"][0]
    path.write_text(json.dumps(document))
    with pytest.raises(ReportError, match=r"robustness\.json: stresses is .*it must be an array whose first"):
        robustness(Run.read(tmp_path))


def test_best_responses_are_shown_by_member(whole):
    text = section(whole, "exploitability")
    assert "leaves “Learned” and plays in its own interest, in the same weeks" in text
    assert "1 of 2 members can gain, up to 0.45 ct/kWh and 0.23 ct/kWh in the mean" in text
    assert "with other bids alone up to 0.10 ct/kWh" in text
    assert "1 way changes what a member bids" in text
    assert "1 takes the whole seat, devices and all: ZIP." in text
    assert "prosumer 0 ZIP 0.45 4.50 9.0% prosumer 1 policy itself 0.00 0.00 0.0%" in text


def test_trials_of_another_controller_or_in_other_weeks_say_so(sample, tmp_path):
    sample.write_summary(tmp_path)
    sample.write_trials(tmp_path)
    for name, changes in (("robustness", {"weeks": [11]}), ("exploitability", {"policy": "smart_rule"})):
        path = tmp_path / f"{name}.json"
        document = json.loads(path.read_text()) | changes
        for stress in document.get("stresses", ()):
            stress["j_eur"] = {"rule": stress["j_eur"]["rule"], "smart_rule": stress["j_eur"]["learned"]}
        path.write_text(json.dumps(document))
    page = sample.page(tmp_path)
    assert "one thing goes wrong, in week 11 instead of this run’s" in page.text
    assert "What happens when something goes wrong was tried with “Smart rule”, not with it." in page.text
    assert "Whether a member can gain by gaming it was tried with “Smart rule” in its place." in page.text


def test_method_tells_the_manifest_and_defines_every_figure(sample, whole):
    text = section(whole, "method")
    for fact in (
        sample.manifest["draws"],
        "ab12" * 16,
        "0123abcd",
        "runs/demo/bundle",
        "2026-02-03T04:05:06",
    ):
        assert fact in text
    present = {name for figures in sample.summary["controllers"].values() for name in figures}
    for kpi in KPIS:
        assert (f"( {kpi.name} )" in text) == (kpi.name in present)


def test_what_this_run_didn_t_try_is_said(sample, tmp_path):
    page = sample.bare_page(tmp_path)
    for sentence in (
        "This run checked no claims.",
        "This run kept no traces with trades among members.",
        "This run kept no bills line by line.",
        "This run kept no costs by member, so it can’t be said who gains.",
        "This run didn’t try what happens when something goes wrong.",
        "This run didn’t try whether a member gains by leaving the policy.",
        "This run kept no manifest",
        "What happens when something goes wrong was not tried.",
        "Whether a member can gain by gaming it was not tried.",
    ):
        assert sentence in page.text


@pytest.mark.parametrize(("slot_h", "hour"), [(0.25, 12.5), (0.5, 1.0), (1.0, 2.0)])
def test_fills_may_be_of_any_slot_length(sample, tmp_path, slot_h, hour):
    sample.write_summary(tmp_path)
    (tmp_path / "chain").mkdir()
    slot = round(24 / slot_h) + round(hour / slot_h)
    row = {"day": "one", "slot": slot, "taker": "a", "maker": "b", "tick": 5, "quantity_wh": 700}
    table = pa.Table.from_pylist([row | {"price_ct": 12.0, "slot_h": slot_h}])
    pq.write_table(table, tmp_path / "chain" / "fills.parquet")
    shown = chain(Run.read(tmp_path))
    assert f"kWh each {60 * slot_h:g} minutes" in shown.chart.wide
    assert (shown.n_fills, shown.energy_kwh, shown.n_traders) == (1, 0.7, 2)
