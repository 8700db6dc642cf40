"""The benchmark suite: what is frozen, what is kept, what a row says. Two days of `tiny` stand for all tasks."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from gridbid.envs.scenario import load_scenario
from gridbid.evaluate.protocol import evaluate
from gridbid.evaluate.protocol.methods import load_method
from gridbid.evaluate.statistics import interquartile_mean
from gridbid.evaluate.suite import definition
from gridbid.evaluate.suite.definition import LATEST, as_document, load_suite, suite_from
from gridbid.evaluate.suite.freeze import DRAFT, freeze, write_version
from gridbid.evaluate.suite.guard import check_digests, check_series
from gridbid.evaluate.suite.leaderboard import (
    leaderboard_rows,
    markdown_rows,
    read_exploitability,
    write_leaderboard,
)
from gridbid.evaluate.suite.play import play_suite, play_task
from gridbid.evaluate.suite.results import FIGURES, read_result, write_result
from gridbid.market.errors import InputError

SCHEMA = json.loads((Path(definition.__file__).parent / "row.schema.json").read_text(encoding="utf-8"))
METHODS = (load_method("zero_intelligence"),)


def two_tasks():
    """The quick suite with a second task, so that there is something to interrupt."""
    suite = load_suite()
    (task,) = suite.of_size("quick")
    other = replace(task, name="again", weeks=(3, 29))
    suite = replace(suite, tasks=(task, other), sizes={"quick": ("quick", "again")})
    return freeze(suite)


@pytest.fixture(scope="module")
def suite():
    return two_tasks()


@pytest.fixture(scope="module")
def played(suite, tmp_path_factory):
    out = tmp_path_factory.mktemp("suite")
    return out, play_suite(suite, "quick", METHODS, out)


def without_seconds(document):
    """A document without wall times."""
    if isinstance(document, dict):
        return {key: without_seconds(value) for key, value in document.items() if key != "seconds"}
    return document


def lines_without_seconds(path):
    return [without_seconds(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


# --- what is frozen


def test_the_version_is_what_the_scenarios_are():
    suite = load_suite()
    check_digests(suite.tasks)
    for task in suite.tasks:
        check_series(suite, task)
    bare = [replace(task, scenario_sha256="", series={}) for task in suite.tasks]
    assert replace(suite, tasks=tuple(bare)) == DRAFT


def test_every_task_plays_test_weeks_of_its_scenario():
    suite = load_suite()
    for task in suite.tasks:
        assert set(task.weeks) <= set(load_scenario(task.scenario).splits.test)
    assert {task.name for task in suite.tasks} == {name for names in suite.sizes.values() for name in names}


def test_a_changed_file_is_refused(tmp_path):
    document = as_document(load_suite()) | {"seed": 1}
    (tmp_path / f"{LATEST}.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(InputError, match=r"hash [0-9a-f]{64}, but it says [0-9a-f]{64}"):
        load_suite(folder=tmp_path)


def test_a_frozen_version_is_never_replaced(tmp_path):
    write_version(load_suite(), tmp_path)
    assert load_suite(folder=tmp_path) == load_suite()
    with pytest.raises(InputError, match="frozen"):
        write_version(load_suite(), tmp_path)


def test_an_unknown_version_and_size_are_named():
    with pytest.raises(InputError, match=f"gridbid-1999.*{LATEST}"):
        load_suite("gridbid-1999")
    with pytest.raises(InputError, match=r"huge.*small"):
        load_suite().of_size("huge")
    with pytest.raises(InputError, match=r"town.*small has tiny, rural"):
        load_suite().of_size("small", ["town"])
    assert [task.name for task in load_suite().of_size("full", ["town", "rural"])] == ["rural", "town"]


def test_another_scenario_is_refused_with_both_digests_before_anything_is_played(suite, tmp_path):
    changed = replace(suite.tasks[1], scenario_sha256="0" * 64)
    with pytest.raises(InputError) as refused:
        play_suite(replace(suite, tasks=(suite.tasks[0], changed)), "quick", METHODS, tmp_path)
    assert "0" * 64 in str(refused.value)
    assert load_scenario("tiny").digest in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_other_prices_are_refused_though_the_scenario_is_the_same(suite):
    other = replace(suite, seed=suite.seed + 1)
    with pytest.raises(InputError, match="mean_retail_ct"):
        play_task(other, other.tasks[0], (), "commit")


# --- what is played


def test_a_result_is_that_of_the_protocol(suite, played):
    task = suite.tasks[0]
    found = evaluate(task.scenario, weeks=task.weeks, n_slots=task.n_slots, seed=suite.seed)
    result = played[1][0]
    assert list(result.controllers) == ["nothing", "rule", "zero_intelligence", "optimum"]
    for name in ("nothing", "rule", "optimum"):
        ours = result.controllers[name]
        assert ours.j_eur == pytest.approx(found.j_eur[name], abs=1e-6)
        assert ours.s == pytest.approx(found.scores[name], abs=1e-6)
        assert ours.figures["peak_kw"] == pytest.approx(found.table[name]["peak_kw"])
        assert set(ours.figures) == set(FIGURES)


def test_the_interquartile_mean_is_that_of_the_weeks_own_scores(played):
    result = played[1][0]
    j = {name: np.array(one.j_eur) for name, one in result.controllers.items()}
    weekly = (j["rule"] - j["nothing"]) / (j["rule"] - j["optimum"])
    assert result.controllers["nothing"].iqm_s.estimate == pytest.approx(interquartile_mean(weekly))
    assert result.weekly_s("optimum").tolist() == [1.0] * len(weekly)


def test_a_result_is_read_back_as_it_was_written(played, tmp_path):
    for result in played[1]:
        again = read_result(write_result(result, tmp_path))
        assert (
            write_result(again, tmp_path / "again").read_bytes()
            == (tmp_path / f"{result.task.name}.json").read_bytes()
        )
        assert again.task == result.task


def test_a_result_of_another_format_is_refused_unless_it_is_played_anew(suite, tmp_path):
    (tmp_path / "quick.json").write_text("{}", encoding="utf-8")
    one = replace(suite, sizes={"quick": ("quick",)})
    with pytest.raises(InputError, match=r"quick\.json.*format 1"):
        play_suite(one, "quick", (), tmp_path)
    play_suite(one, "quick", (), tmp_path, anew=True)
    assert read_result(tmp_path / "quick.json").task == suite.tasks[0]


def test_a_second_run_writes_the_same_but_for_times(suite, played, tmp_path):
    play_suite(suite, "quick", METHODS, tmp_path)
    for path in played[0].glob("*.json"):
        first, second = (json.loads((out / path.name).read_text("utf-8")) for out in (played[0], tmp_path))
        assert json.dumps(without_seconds(first)) == json.dumps(without_seconds(second))


def test_an_interrupted_suite_goes_on_where_it_stopped(suite, played, tmp_path):
    class Interrupted(Exception):
        pass

    def stop_at_the_second(task, result):
        told.append((task.name, result is not None))
        if len(told) == 3:
            raise Interrupted

    told = []
    with pytest.raises(Interrupted):
        play_suite(suite, "quick", METHODS, tmp_path, on_task=stop_at_the_second)
    assert [path.name for path in tmp_path.iterdir()] == ["quick.json"]
    kept = (tmp_path / "quick.json").read_bytes()

    told.clear()
    resumed = play_suite(
        suite,
        "quick",
        METHODS,
        tmp_path,
        on_task=lambda task, result: told.append((task.name, result is not None)),
    )
    assert told == [("quick", True), ("again", False), ("again", True)]
    assert (tmp_path / "quick.json").read_bytes() == kept
    rows = [
        write_leaderboard(leaderboard_rows(results, "quick"), out)[0]
        for results, out in ((played[1], played[0]), (resumed, tmp_path))
    ]
    assert lines_without_seconds(rows[0]) == lines_without_seconds(rows[1])


@pytest.mark.parametrize("changed", ["entrants", "suite", "anew"])
def test_what_was_played_otherwise_is_played_again(changed, suite, played, tmp_path):
    one = replace(suite, sizes={"quick": ("quick",)})
    write_result(replace(played[1][0], suite_sha256=one.sha256), tmp_path)
    begun = []
    play_suite(
        replace(one, version="another") if changed == "suite" else one,
        "quick",
        () if changed == "entrants" else METHODS,
        tmp_path,
        anew=changed == "anew",
        on_task=lambda task, result: begun.append(result),
    )
    assert begun[0] is None


# --- what a row says


def test_every_row_has_the_form_that_is_published(played):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    gains = {"rule": {"max_ct_per_kwh": 1.25, "mean_ct_per_kwh": 0.5}}
    rows = leaderboard_rows(played[1], "quick", gains)
    for row in rows:
        jsonschema.validate(json.loads(json.dumps(row)), SCHEMA)
        assert list(row["tasks"]) == ["quick", "again"]
    by_name = {row["name"]: row for row in rows}
    assert rows[0]["name"] == "optimum"
    assert by_name["optimum"]["iqm_s"] == [1.0, 1.0, 1.0]
    assert by_name["rule"]["exploitability"] == gains["rule"]
    assert by_name["nothing"]["exploitability"] is None
    for task, result in zip(("quick", "again"), played[1], strict=True):
        assert by_name["nothing"]["tasks"][task]["j_eur"] == pytest.approx(
            sum(result.controllers["nothing"].j_eur)
        )


def test_only_who_played_all_tasks_has_a_row(played):
    first, second = played[1]
    fewer = {name: one for name, one in second.controllers.items() if name != "zero_intelligence"}
    rows = leaderboard_rows([first, replace(second, controllers=fewer)], "quick")
    assert {row["name"] for row in rows} == {"nothing", "rule", "optimum"}


def test_the_markdown_has_a_line_for_every_row(played):
    rows = leaderboard_rows(played[1], "quick", {"rule": {"max_ct_per_kwh": 1.25, "mean_ct_per_kwh": 0.5}})
    lines = markdown_rows(rows).splitlines()
    assert len(lines) == 2 + len(rows)
    assert len({line.count("|") for line in lines}) == 1
    (rule,) = [line for line in lines if line.startswith("| rule |")]
    assert "| 1.25 |" in rule
    assert f"| {load_suite().version} |" in rule


def test_exploitability_is_read_from_a_run(tmp_path):
    path = tmp_path / "exploitability.json"
    document = {"policy": "rule", "weeks": [3], "rows": [], "max_ct_per_kwh": 0.5, "mean_ct_per_kwh": 0.1}
    path.write_text(json.dumps(document), encoding="utf-8")
    assert read_exploitability(path) == ("rule", {"max_ct_per_kwh": 0.5, "mean_ct_per_kwh": 0.1})
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="policy, max_ct_per_kwh, mean_ct_per_kwh missing"):
        read_exploitability(path)


def test_exploitability_of_somebody_who_does_not_play_is_refused(played):
    with pytest.raises(InputError, match="genius"):
        leaderboard_rows(played[1], "quick", {"genius": {"max_ct_per_kwh": 0.0, "mean_ct_per_kwh": 0.0}})


def test_a_suite_survives_its_document():
    suite = load_suite()
    document = json.loads(json.dumps(as_document(suite)))
    assert document.pop("sha256") == suite.sha256
    assert suite_from(document) == suite
