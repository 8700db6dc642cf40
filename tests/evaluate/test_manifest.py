"""An evaluation is frozen before it is played, repeats to the bit, and refuses what has changed since."""

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.bundle import BundleFacts, write_bundle
from gridbid.agents.planners.selfish_lp import SelfishPolicy
from gridbid.envs.scenario import load_scenario, save_scenario
from gridbid.evaluate.protocol import evaluate
from gridbid.evaluate.protocol.findings import findings
from gridbid.evaluate.protocol.manifest import check_same, other_program, read_manifest
from gridbid.evaluate.protocol.methods import load_method
from gridbid.evaluate.protocol.repeat import changed_figures, read_figures, repeat
from gridbid.market.errors import InputError

N_SLOTS = 24


class Stop(Exception):
    """Raised where an evaluation must have gone no further."""


@pytest.fixture
def folder(tmp_path, networks, monkeypatch):
    """A scenario of one's own, and two trainings of a method."""
    monkeypatch.chdir(tmp_path)
    tiny = load_scenario("tiny")
    save_scenario(Path("mine"), tiny, tiny.network, tiny.profiles, "CC0")
    for seed, kinds in enumerate((("prosumer", "battery", "ev"), ("ev", "battery", "prosumer"))):
        facts = BundleFacts(
            scenario="mine", scenario_digest="0" * 64, commit="unknown", config={"seed": seed}, figures={}
        )
        write_bundle(Path("runs") / f"seed{seed}", {kind: networks[kind] for kind in kinds}, facts)
    return tmp_path


def play(**options):
    return evaluate(
        "mine", [load_method("ours=runs/seed*")], weeks=[20, 7], samples=2, n_slots=N_SLOTS, **options
    )


def frozen():
    """The manifest alone: nothing is played."""
    kept = []

    def stop(manifest):
        kept.append(manifest)
        raise Stop

    with pytest.raises(Stop):
        play(on_manifest=stop)
    return kept[0]


def test_it_is_given_before_anything_is_played(folder):
    played = []

    def check(manifest):
        assert played == []
        manifest.write(folder / "run" / "manifest.json")

    evaluation = play(on_manifest=check, on_progress=lambda *told: played.append(told))
    assert played
    assert read_manifest(folder / "run" / "manifest.json") == evaluation.manifest


def test_it_names_all_that_entered(folder):
    manifest = frozen()
    assert (manifest.split, manifest.weeks, manifest.samples) == ("test", (20, 7), 2)
    assert (manifest.seed, manifest.n_slots) == (0, N_SLOTS)
    assert manifest.scenario.digest == load_scenario("mine").digest
    assert [(entry.name, entry.role) for entry in manifest.controllers] == [
        ("nothing", "policy"),
        ("rule", "policy"),
        ("ours", "policy"),
        ("optimum", "bound"),
    ]
    assert manifest.controllers[2].sources == ("runs/seed0", "runs/seed1")
    by_part = {file.part: file for file in manifest.files}
    assert {"scenario/scenario.yaml", "scenario/grid.parquet", "scenario/profiles.parquet"} < set(by_part)
    assert {"prices", "ours[0]/bundle.json", "ours[1]/prosumer.onnx"} < set(by_part)
    network = folder / "runs" / "seed1" / "prosumer.onnx"
    assert by_part["ours[1]/prosumer.onnx"].sha256 == hashlib.sha256(network.read_bytes()).hexdigest()
    assert {"python", "numpy", "gridbid"} < set(manifest.versions)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", manifest.created)


def test_two_evaluations_of_one_manifest_are_the_same_to_the_bit(folder):
    first = play(workers=1)
    again = repeat(first.manifest, workers=2)
    before, after = findings(first), findings(again)
    for document in (before, after):
        del document["seconds"], document["manifest"]["created"]
    assert json.dumps(after) == json.dumps(before)
    assert changed_figures(before["controllers"], after["controllers"]) == ()


def test_a_changed_figure_is_named():
    before = {"rule": {"j_eur": 1.0, "fills": None}, "mpc": {"j_eur": 2.0}}
    assert changed_figures(before, {"rule": {"j_eur": 1.5, "fills": None}}) == ("rule.j_eur", "mpc.j_eur")


def test_figures_stand_beside_a_manifest_in_a_result(folder):
    manifest = frozen()
    (folder / "out.json").write_text(
        json.dumps({"controllers": {"rule": {"j_eur": 1.0}}, "manifest": manifest.as_dict()}),
        encoding="utf-8",
    )
    assert read_manifest(folder / "out.json") == manifest
    assert read_figures(folder / "out.json") == {"rule": {"j_eur": 1.0}}
    assert read_figures(manifest.write(folder / "manifest.json")) is None


def test_a_changed_bundle_is_refused_with_both_hashes(folder, networks):
    manifest = frozen()
    facts = BundleFacts(scenario="mine", scenario_digest="0" * 64, commit="later", config={}, figures={})
    write_bundle(folder / "runs" / "seed1", networks, facts)
    now = hashlib.sha256((folder / "runs" / "seed1" / "bundle.json").read_bytes()).hexdigest()
    then = {file.part: file.sha256 for file in manifest.files}["ours[1]/bundle.json"]
    with pytest.raises(InputError, match=f"runs/seed1/bundle.json.*{now}; expected {then}"):
        repeat(manifest)


def test_a_changed_scenario_is_refused(folder):
    manifest = frozen()
    tiny = load_scenario("mine")
    profiles = {name: values * 1.01 for name, values in tiny.profiles.items()}
    save_scenario(Path("mine"), tiny, tiny.network, profiles, "CC0")
    with pytest.raises(InputError) as refused:
        repeat(manifest)
    assert "mine/profiles.parquet" in str(refused.value)
    assert "mine/scenario.yaml" in str(refused.value)
    assert "grid.parquet" not in str(refused.value)


def test_a_file_that_came_or_went_is_refused(folder):
    manifest = frozen()
    with pytest.raises(InputError, match="doesn't have it"):
        check_same(
            manifest, replace(manifest, files=(*manifest.files, replace(manifest.files[0], part="more")))
        )
    with pytest.raises(InputError, match="no such file"):
        check_same(manifest, replace(manifest, files=manifest.files[1:]))


def test_other_draws_and_parameters_are_refused(folder):
    manifest = frozen()
    entry = replace(manifest.controllers[0], parameters={"horizon": "24"})
    other = replace(manifest, draws="0" * 64, controllers=(entry, *manifest.controllers[1:]))
    with pytest.raises(InputError, match=r"(?s)draws is 0000.*parameters is .*horizon"):
        check_same(manifest, other)


def test_how_many_threads_plan_is_no_parameter():
    """A planner has as many as there are processors: the same evaluation on another machine is the same."""
    one, three = (
        evaluate("tiny", [SelfishPolicy(workers=workers)], weeks=[20], n_slots=4).manifest
        for workers in (1, 3)
    )
    check_same(one, three)


def test_another_program_is_told_not_refused(folder):
    manifest = frozen()
    assert other_program(manifest) == ()
    older = replace(manifest, versions={**manifest.versions, "numpy": "1.0"})
    assert other_program(older) == (f"numpy was 1.0, is {manifest.versions['numpy']}",)
    check_same(manifest, older)


def test_an_object_of_a_program_cannot_be_repeated_from_a_file():
    policy = RulePolicy()
    policy.name = "mine"
    manifest = evaluate("tiny", [policy], weeks=[20], n_slots=4).manifest
    with pytest.raises(InputError, match="'mine' was given as an object"):
        repeat(manifest)


def test_a_file_that_is_no_manifest_names_every_fault(tmp_path):
    path = tmp_path / "manifest.json"
    path.write_text('{"format": 2, "weeks": ["soon"], "samples": 0}', encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_manifest(path)
    for words in ("format: 2", "weeks[0]: 'soon'", "samples: 0", "draws: missing"):
        assert words in str(refused.value)
    path.write_text("weeks = 1", encoding="utf-8")
    with pytest.raises(InputError, match="not JSON"):
        read_manifest(path)
