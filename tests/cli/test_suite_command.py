"""``gridbid bench suite`` as a user meets it: a bundle beside the ladder, rows on disk, a second run that goes on."""

import json
import subprocess
import sys

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from gridbid.agents.bundle import BundleFacts, write_bundle
from gridbid.envs.fields import METERED, action_space, observation_space


def suite(*arguments, cwd):
    command = [sys.executable, "-m", "gridbid.cli", "bench", "suite", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def still_network(kind):
    """ONNX of a policy that always acts 0."""
    n_seen, n_actions = observation_space(kind).shape[0], action_space(kind).shape[0]
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["observations", "weights"], ["actions"])],
        "still",
        [helper.make_tensor_value_info("observations", TensorProto.FLOAT, ["rows", n_seen])],
        [helper.make_tensor_value_info("actions", TensorProto.FLOAT, ["rows", n_actions])],
        [numpy_helper.from_array(np.zeros((n_seen, n_actions), np.float32), "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model.SerializeToString()


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workplace")
    facts = BundleFacts(scenario="tiny", scenario_digest="ab" * 32, commit="unknown", config={}, figures={})
    write_bundle(folder / "bundle", {kind: still_network(kind) for kind in METERED}, facts)
    return folder


@pytest.fixture(scope="module")
def first(workplace):
    told = suite("--quick", "--no-ladder", "--policy", "mine=bundle", "--out", "out", cwd=workplace)
    assert told.returncode == 0, told.stderr
    return told


def test_a_bundle_gets_its_row_beside_the_yardsticks(first, workplace):
    lines = (workplace / "out" / "leaderboard.jsonl").read_text(encoding="utf-8").splitlines()
    rows = {row["name"]: row for row in map(json.loads, lines)}
    assert set(rows) == {"nothing", "rule", "optimum", "mine"}
    assert len(rows["mine"]["bundle_sha256"]) == 64
    assert rows["mine"]["tasks"]["quick"]["j_eur"] > rows["optimum"]["tasks"]["quick"]["j_eur"]
    assert "2 episodes of 96 slots of tiny" in first.stdout
    assert "| mine | gridbid-2026.1 |" in (workplace / "out" / "leaderboard.md").read_text(encoding="utf-8")


def test_a_second_run_plays_nothing_twice(first, workplace):
    kept = (workplace / "out" / "quick.json").read_bytes()
    told = suite("--quick", "--no-ladder", "--policy", "mine=bundle", "--out", "out", cwd=workplace)
    assert told.returncode == 0, told.stderr
    assert "episodes" not in told.stdout
    assert (workplace / "out" / "quick.json").read_bytes() == kept


def test_a_policy_that_is_not_there_is_named(workplace):
    told = suite("--quick", "--policy", "genius", "--out", "none", cwd=workplace)
    assert told.returncode == 2
    assert told.stderr.startswith("gridbid: ")
    assert "genius" in told.stderr
    assert not (workplace / "none").exists()
