"""The experiment on a few days of `tiny`: what is recorded, what is compared, what is written."""

import json
import math
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

from gridbid.agents.baselines.nothing import NothingPolicy
from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.baselines.zero_intelligence import ZeroIntelligencePolicy
from gridbid.agents.named import named_policy
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.scenario import load_scenario
from gridbid.evaluate.bills import alone_eur
from gridbid.evaluate.kpis import KPIS, community_kwh, kpis
from gridbid.evaluate.protocol import FIRST_SEED, evaluate
from gridbid.evaluate.protocol.methods import Method
from gridbid.evaluate.records.rollout import Cases, run_policy
from gridbid.evaluate.traces import BILLS, MEMBERS, summary, trace_table, write_traces
from gridbid.market.conservation import residuals
from gridbid.market.errors import InputError
from gridbid.market.types import Cost

WEEKS, SAMPLES, N_SLOTS = (20, 7), 2, 192


@pytest.fixture(scope="module")
def progress():
    return []


@pytest.fixture(scope="module")
def found(progress):
    return evaluate(
        "tiny",
        [ZeroIntelligencePolicy()],
        weeks=WEEKS,
        samples=SAMPLES,
        n_slots=N_SLOTS,
        on_progress=lambda *told: progress.append(told),
        workers=2,
    )


def test_the_ladder_has_both_ends(found):
    assert list(found.table) == ["nothing", "rule", "zero_intelligence", "optimum"]
    assert found.scores["rule"] == (0.0, 0.0, 0.0)
    assert found.scores["optimum"] == (1.0, 1.0, 1.0)


def test_nobody_beats_the_bound_in_any_week(found):
    assert all((found.j_eur["optimum"] <= j + 0.01).all() for j in found.j_eur.values())


def test_scores_are_ratios_of_sums(found):
    rule, ours, optimum = (found.j_eur[name].sum() for name in ("rule", "zero_intelligence", "optimum"))
    assert found.scores["zero_intelligence"].estimate == pytest.approx((rule - ours) / (rule - optimum))
    assert found.table["rule"]["j_eur"] == pytest.approx(rule)
    difference = found.difference("zero_intelligence", "rule")
    assert difference.estimate == pytest.approx((ours - rule) / (len(WEEKS) * SAMPLES))


def test_books_close(found):
    assert found.residuals == {"energy_wh": 0, "cash_neur": 0}


def test_every_controller_meets_the_same_weeks(found):
    cases = [(20, 0), (20, 1), (7, 0), (7, 1)]
    for records in found.records.values():
        assert [(record.week, record.sample) for record in records] == cases
    for records in zip(*found.records.values(), strict=True):
        assert all((record.retail_ct == records[0].retail_ct).all() for record in records)
        assert all((record.load_kwh == records[0].load_kwh).all() for record in records)


def test_the_optimum_played_costs_its_bound(found):
    played = sum(record.j_eur for record in found.records["optimum"])
    assert played == pytest.approx(found.j_eur["optimum"].sum(), abs=0.05)
    parts = sum(found.table["optimum"][f"{part.name.lower()}_eur"] for part in Cost)
    assert found.table["optimum"]["j_eur"] == pytest.approx(parts)


def test_a_record_agrees_with_the_engine():
    """Sums over a record are the engine's totals, and its cost is what the rewards were."""
    compiled = compile_community("tiny", [FIRST_SEED], split="test")
    cases = Cases(np.array([20]), np.array([0]), N_SLOTS, 5)
    rollout = run_policy(compiled, RulePolicy(), cases)
    record = rollout.records[0]
    env = BatchEnv(compiled, 1, seed=5, weeks=[20], n_slots=N_SLOTS)
    observations, policy, rewards, fills = env.reset(weeks=20, samples=0), RulePolicy(), 0.0, 0
    for _ in range(N_SLOTS):
        observations, reward, done = env.step(policy.act(observations))
        rewards += sum(float(reward[kind].sum()) for kind in ("prosumer", "battery", "ev"))
        fills += int(env.engine.state.fills.fills[0])
    totals = env.engine.state.totals
    assert done.all()
    assert record.j_eur == pytest.approx(-rewards, abs=1e-3)
    assert record.fills.sum() == fills
    for name in ("reading_wh", "bought_wh", "sold_wh"):
        assert getattr(record, name).sum(axis=0).tolist() == getattr(totals, name)[0].tolist()
    assert rollout.residuals == residuals(env.engine)
    assert record.reading_wh.sum(axis=0) == pytest.approx(record.net_kwh.sum(axis=0) * 1_000, abs=1.0)
    bill_eur = (record.cost_eur[:, Cost.BILL]).sum()
    assert bill_eur == pytest.approx(-float(totals.cash_neur.sum()) / 1e9)


def test_a_slots_energy_balances_at_the_meter(found):
    for record in found.records["zero_intelligence"]:
        devices = record.device_kwh.sum(axis=2)
        assert record.net_kwh == pytest.approx(
            record.load_kwh - record.pv_kwh + record.curtailed_kwh + devices, abs=1e-5
        )
        feeder_kwh = record.feeder_kw * record.slot_h
        assert feeder_kwh == pytest.approx(community_kwh(record) + record.losses_kwh, abs=1e-5)


def test_weeks_run_alone_or_together_cost_the_same(found):
    alone = evaluate("tiny", weeks=WEEKS[:1], samples=1, n_slots=N_SLOTS)
    first = found.records["rule"][0]
    assert alone.records["rule"][0].j_eur == first.j_eur
    assert (alone.records["rule"][0].reading_wh == first.reading_wh).all()


class Watching:
    """A policy that acts as another does, and takes down what it meets."""

    def __init__(self, name, policy):
        self.name, self._policy = name, policy
        self.met = []

    def attach(self, env):
        self._engine = env.engine

    def reset(self, seed):
        self._policy.reset(seed)

    def act(self, observations):
        engine = self._engine
        arrivals = [engine.arrivals(b).tolist() for b in range(engine.batch)]
        clock, series = engine.state.clock, engine.community.series
        cars = series.car_departure[clock.sample, clock.slot].tolist()
        prices = series.retail[clock.sample, clock.slot].tolist()
        self.met.append((arrivals, clock.slot.tolist(), prices, cars))
        return self._policy.act(observations)


def test_weeks_prices_cars_and_arrivals_are_the_same_whoever_plays():
    watching = [
        Watching("a", NothingPolicy()),
        Watching("b", ZeroIntelligencePolicy()),
        Watching("c", RulePolicy()),
    ]
    evaluate("tiny", watching, weeks=WEEKS, samples=SAMPLES, n_slots=24)
    first, second, third = (policy.met for policy in watching)
    assert len(first) >= 24
    assert first == second == third
    assert len({str(arrivals) for arrivals, *_ in first}) > 12


def test_the_bound_of_each_site_alone_stands_beside_on_demand():
    found = evaluate("tiny", weeks=WEEKS, n_slots=96, bounds=["alone"])
    assert list(found.table) == ["nothing", "rule", "optimum", "alone"]
    assert (found.j_eur["optimum"] <= found.j_eur["alone"] + 0.01).all()
    assert found.table["alone"]["traded_kwh"] == 0.0
    assert found.table["alone"]["j_eur"] == pytest.approx(found.j_eur["alone"].sum())
    assert [entry.name for entry in found.manifest.controllers if entry.role == "bound"] == [
        "optimum",
        "alone",
    ]


def test_a_utility_sits_beside_every_controller():
    """A flat utility shifts nothing, so nothing changes but what is frozen; one by time of use does, a day ahead."""
    options = {"weeks": [46], "n_slots": 192}
    usual, flat, by_hour = (
        evaluate("tiny", **options, utility=utility) for utility in (None, "flat", "time_of_use")
    )
    assert flat.manifest.utility == "flat"
    assert (flat.j_eur["rule"] == usual.j_eur["rule"]).all()
    assert (by_hour.j_eur["rule"] != usual.j_eur["rule"]).any()
    assert (by_hour.j_eur["nothing"] != usual.j_eur["nothing"]).any()


def test_the_order_of_policies_changes_nothing():
    options = {"weeks": WEEKS, "samples": SAMPLES, "n_slots": 24}
    ahead = evaluate("tiny", [ZeroIntelligencePolicy(), Watching("b", RulePolicy())], **options)
    behind = evaluate("tiny", [Watching("b", RulePolicy()), ZeroIntelligencePolicy()], **options)
    for name, figures in ahead.table.items():
        assert list(figures.values()) == pytest.approx(
            list(behind.table[name].values()), abs=0.0, nan_ok=True
        )
        assert ahead.scores[name] == behind.scores[name]
    assert (ahead.j_eur["b"] == ahead.j_eur["rule"]).all()


def test_several_trainings_are_runs_of_one_method():
    """Figures are means over runs, S is that of the mean cost, what is traced is the run in the middle."""
    runs = Method("mixed", (RulePolicy(), NothingPolicy(), ZeroIntelligencePolicy()))
    found = evaluate("tiny", [runs], weeks=WEEKS, samples=SAMPLES, n_slots=48)
    alone = evaluate("tiny", [ZeroIntelligencePolicy()], weeks=WEEKS, samples=SAMPLES, n_slots=48)
    parts = ("rule", "nothing", "zero_intelligence")
    for figure in ("j_eur", "bill_eur", "co2_kg"):
        assert found.table["mixed"][figure] == pytest.approx(
            np.mean([alone.table[name][figure] for name in parts])
        )
    assert found.runs_eur["mixed"].shape == (3, SAMPLES, len(WEEKS))
    assert found.weekly["mixed"]["peak_kw"].shape == (3, len(WEEKS))
    rule, optimum = (found.j_eur[name].sum() for name in ("rule", "optimum"))
    mean = found.runs_eur["mixed"].sum(axis=(1, 2)).mean()
    assert found.scores["mixed"].estimate == pytest.approx((rule - mean) / (rule - optimum))
    middle = sorted(parts, key=lambda name: alone.j_eur[name].sum())[1]
    assert found.records["mixed"][0].controller == "mixed"
    assert (found.records["mixed"][0].net_kwh == alone.records[middle][0].net_kwh).all()
    assert len({alone.table[name]["least_gain_seat"] for name in parts}) > 1
    assert math.isnan(found.table["mixed"]["least_gain_seat"])
    assert found.standings["mixed"].rows == "runs"
    assert found.standings["rule"].rows == "samples"


def test_weekly_figures_are_those_of_each_week(found):
    for name, figures in found.weekly.items():
        assert figures["j_eur"].sum() == pytest.approx(found.table[name]["j_eur"])
        assert (figures["j_eur"][0] == found.j_eur[name]).all()
        assert figures["bill_eur"].sum() == pytest.approx(found.table[name]["bill_eur"])
        assert figures["peak_kw"].max() == found.table[name]["peak_kw"]


def test_standings_and_comparisons_hang_together(found):
    assert found.standings["optimum"].iqm.estimate == pytest.approx(1.0, abs=0.05)
    assert found.standings["rule"].iqm == (0.0, 0.0, 0.0)
    assert found.standings["rule"].optimality_gap == 1.0
    comparison = found.comparisons["zero_intelligence"]["rule"]
    difference = (found.j_eur["zero_intelligence"] - found.j_eur["rule"]) / SAMPLES
    assert comparison.difference.by_week.tolist() == pytest.approx(difference.tolist())
    assert comparison.improvement.estimate == np.mean(difference < 0.0)
    assert found.difference("zero_intelligence", "rule") == comparison.difference.mean
    assert "rule" not in found.comparisons["rule"]


def test_promises_are_checked_for_whom_was_brought_along(found):
    assert {claim.controller for claim in found.claims} == {"zero_intelligence"}
    assert {claim.against for claim in found.claims} == {"nothing", "rule"}
    assert [verdict.holds for verdict in found.verdicts] == [False]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"split": "validation", "n_slots": 12}, "validation weeks carry no claim"),
        ({"weeks": [3, 7, 16, 20, 29, 33, 42, 46], "n_slots": 12}, "shorter than a week"),
    ],
)
def test_only_whole_weeks_of_the_test_carry_a_claim(options, words):
    found = evaluate("tiny", [named_policy("smart_rule")], **options)
    told = [claim.reason for claim in found.claims if not math.isnan(claim.reduction.low)]
    assert told
    assert all(words in reason for reason in told)
    assert not any(claim.holds or claim.proven_percent for claim in found.claims)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"weeks": [5, 20]}, r"weeks: \[5\]; .* of the test weeks 3, 7"),
        ({"weeks": [20, 20]}, r"weeks: \[20, 20\]; expected each once"),
        ({"weeks": [11], "split": "train"}, r"weeks: \[11\]"),
        ({"utility": "generous"}, r"utility 'generous'.*flat"),
        ({"bounds": ["alone together"]}, r"bounds: .*alone together.*optimum"),
    ],
)
def test_what_cannot_be_evaluated_is_said(options, words):
    with pytest.raises(ValueError, match=words):
        evaluate("tiny", **options)


def test_nobody_who_looks_into_the_future_is_promised_anything():
    found = evaluate("tiny", [named_policy("mpc_perfect"), named_policy("smart_rule")], weeks=[20], n_slots=4)
    assert {claim.controller for claim in found.claims} == {"smart_rule"}
    assert {claim.against for claim in found.claims} == {"nothing", "rule", "mpc_perfect"}


def test_a_scenario_without_test_weeks_says_so():
    scenario = load_scenario("tiny")
    bare = replace(scenario, splits=replace(scenario.splits, test=()))
    with pytest.raises(ValueError, match=r"no test weeks; name some under splits\.test"):
        evaluate(bare)


def test_a_controller_that_fails_ends_the_evaluation():
    class Faulty(RulePolicy):
        name = "faulty"

        def act(self, observations):
            raise InputError("faulty: no idea")

    with pytest.raises(InputError, match="no idea"):
        evaluate("tiny", [Faulty()], weeks=[20], n_slots=24)


def test_the_tables_hold_every_figure(found):
    for figures in found.table.values():
        assert {kpi.name for kpi in KPIS} < set(figures)
        assert 0.0 <= figures["worse_off"] <= 1.0
    assert found.table["nothing"]["worse_off"] == 0.0
    anew = kpis(
        found.records["rule"],
        found.compiled.community,
        kinds=("prosumer", "battery", "ev"),
        alone_eur=alone_eur(found.records["rule"]),
    )
    assert found.table["rule"] == pytest.approx(found.table["rule"] | anew, nan_ok=True, rel=0.0)


def test_progress_is_told_for_every_controller(progress):
    for name in ("nothing", "rule", "zero_intelligence", "optimum"):
        shares = [share for told, share in progress if told == name]
        assert shares == sorted(shares)
        assert shares[-1] == 1.0


def test_a_name_stands_for_one_policy():
    with pytest.raises(ValueError, match=r"policies: the names \['rule'\]"):
        evaluate("tiny", [RulePolicy(), RulePolicy()], weeks=[20])


def test_an_evaluation_needs_weeks():
    with pytest.raises(ValueError, match="weeks: none"):
        evaluate("tiny", weeks=[])


def test_traces_are_one_row_a_slot(found, tmp_path):
    paths = write_traces(found, tmp_path)
    assert {path.name for path in paths} == {path.name for path in tmp_path.iterdir()}
    table = pq.read_table(tmp_path / "rule.parquet")
    assert table.num_rows == len(WEEKS) * N_SLOTS
    record = found.records["rule"][0]
    assert table["feeder_kw"].to_numpy()[:N_SLOTS] == pytest.approx(record.feeder_kw, rel=1e-5)
    assert table["local_time"][0].as_py().isoformat() == "2016-05-16T00:00:00"
    assert table["traded_wh"].to_pylist()[:N_SLOTS] == record.bought_wh.sum(axis=1).tolist()
    assert [price is None for price in table["mean_price_ct"].to_pylist()[:N_SLOTS]] == [
        bought == 0 for bought in record.bought_wh.sum(axis=1)
    ]
    assert max(table["battery_soc"].to_pylist()) <= 1.0


def test_members_add_up_to_the_community(found, tmp_path):
    write_traces(found, tmp_path)
    rows = pq.read_table(tmp_path / MEMBERS).to_pylist()
    assert [row["member"] for row in rows[:3]] == ["prosumer_0", "battery_0", "ev_0"]
    bill_eur = sum(row["bill_eur"] for row in rows if row["controller"] == "zero_intelligence")
    assert bill_eur == pytest.approx(found.table["zero_intelligence"]["bill_eur"])


def test_bills_are_written_line_by_line(found, tmp_path):
    write_traces(found, tmp_path)
    table = pq.read_table(tmp_path / BILLS)
    assert table.column_names == [
        *("controller", "week", "member", "line", "energy_kwh", "price_ct", "amount_eur"),
    ]
    record = found.records["zero_intelligence"][2]
    rows = [
        row
        for row in table.to_pylist()
        if (row["controller"], row["week"], row["member"]) == ("zero_intelligence", record.week, "ev_0")
    ]
    assert sum(row["amount_eur"] for row in rows) == pytest.approx(-record.cash_neur[2] / 1e9)
    for row in rows:
        assert (row["price_ct"] is None) == (row["energy_kwh"] == 0.0)
        if row["energy_kwh"] > 0.0:
            assert abs(row["amount_eur"]) == pytest.approx(abs(row["price_ct"]) * row["energy_kwh"] / 100)


def test_a_failed_write_leaves_what_was_there(found, tmp_path):
    """The target is a folder: the move fails, and nothing half-written stays."""
    write_traces(found, tmp_path)
    before = (tmp_path / MEMBERS).read_bytes()
    (tmp_path / "nothing.parquet").unlink()
    (tmp_path / "nothing.parquet").mkdir()
    with pytest.raises(OSError, match="nothing"):
        write_traces(found, tmp_path)
    assert (tmp_path / MEMBERS).read_bytes() == before
    assert not list(tmp_path.glob(".*"))


def test_a_battery_trace_needs_a_battery(found):
    devices = found.compiled.community.devices
    bare = found.compiled.community._replace(devices=devices._replace(battery_kwh=np.zeros(3)))
    stripped = type(found.compiled)(found.compiled.scenario, found.compiled.year, bare, found.compiled.tables)
    assert trace_table(stripped, found.records["rule"][0])["battery_soc"].null_count == N_SLOTS


def test_a_summary_is_plain_json(found):
    text = json.dumps(summary(found), allow_nan=False)
    told = json.loads(text)
    assert told["weeks"] == list(WEEKS)
    assert told["samples"] == SAMPLES
    assert told["scenario"]["n_members"] == 3
    assert told["scenario"]["transformer_kva"] == 160.0
    assert told["controllers"]["nothing"]["mean_price_ct"] is None
    assert math.isclose(told["scores"]["optimum"]["estimate"], 1.0)
    assert told["residuals"] == {"energy_wh": 0, "cash_neur": 0}


@pytest.mark.parametrize(
    ("ratings_kva", "told_kva"), [((100.0, 60.0), 160.0), ((100.0, math.inf), None)], ids=["known", "unknown"]
)
def test_the_transformers_rating_is_that_of_all_branches_from_the_source(found, ratings_kva, told_kva):
    """The first two buses hang at the source, the others at the first."""
    scenario = found.compiled.scenario
    n_buses = scenario.network.parent.size
    parent = np.array([-1, 0, 0, *[1] * (n_buses - 3)], np.int32)
    rating_kva = np.array([math.inf, *ratings_kva, *[7.0] * (n_buses - 3)])
    network = scenario.network._replace(parent=parent, rating_kva=rating_kva)
    compiled = replace(found.compiled, scenario=replace(scenario, network=network))
    told = summary(replace(found, compiled=compiled))
    assert told["scenario"]["transformer_kva"] == told_kva
