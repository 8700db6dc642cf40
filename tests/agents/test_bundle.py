"""Bundles: what comes back is what was written, and what was changed or doesn't fit is refused in one line."""

import json

import numpy as np
import pytest
from eth_account import Account
from onnx import TensorProto, helper, numpy_helper

from gridbid.agents.bundle import BundleError, BundleFacts, load_bundle, sign_bundle, write_bundle
from gridbid.agents.bundle_policy import BLOCK_ROWS
from gridbid.envs.fields import action_space, observation_space

KEY = "0x" + "11" * 32
FACTS = BundleFacts(
    scenario="tiny", scenario_digest="ab" * 32, commit="unknown", config={"seed": 1}, figures={"j_eur": 2.5}
)


def weights_of(kind, seed=0):
    shape = (observation_space(kind).shape[0], action_space(kind).shape[0])
    return np.random.default_rng(seed).normal(0.0, 0.1, shape).astype(np.float32)


def linear_network(weights):
    """ONNX of clip(observations @ weights, -1, 1)."""
    bounds = [
        numpy_helper.from_array(np.float32(bound), name) for bound, name in ((-1.0, "low"), (1.0, "high"))
    ]
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["observations", "weights"], ["product"]),
            helper.make_node("Clip", ["product", "low", "high"], ["actions"]),
        ],
        "linear",
        [helper.make_tensor_value_info("observations", TensorProto.FLOAT, ["rows", weights.shape[0]])],
        [helper.make_tensor_value_info("actions", TensorProto.FLOAT, ["rows", weights.shape[1]])],
        [numpy_helper.from_array(weights, "weights"), *bounds],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model.SerializeToString()


@pytest.fixture
def bundle(tmp_path):
    networks = {kind: linear_network(weights_of(kind)) for kind in ("prosumer", "ev")}
    return write_bundle(tmp_path / "bundle", networks, FACTS)


def observations(kind, batch, agents, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(batch, agents, observation_space(kind).shape[0])).astype(np.float32)


def edit_facts(folder, **changes):
    path = folder / "bundle.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_it_decides_as_its_networks_do(bundle):
    seen = {kind: observations(kind, 3, 5) for kind in ("prosumer", "ev")}
    actions = load_bundle(bundle).act(seen)
    for kind, rows in seen.items():
        expected = np.clip(rows.astype(np.float64) @ weights_of(kind), -1.0, 1.0)
        np.testing.assert_allclose(actions[kind], expected, atol=1e-5)
        assert actions[kind].dtype == np.float32


@pytest.mark.parametrize("batch", [1, 2, 7, 31])
def test_a_row_gets_the_same_bits_whatever_stands_beside_it(bundle, batch):
    policy = load_bundle(bundle)
    rows = observations("prosumer", batch, 13)
    together = policy.act({"prosumer": rows})["prosumer"]
    alone = [
        [policy.act({"prosumer": rows[b : b + 1, i : i + 1]})["prosumer"][0, 0] for i in range(13)]
        for b in range(batch)
    ]
    np.testing.assert_array_equal(together, np.array(alone))


def test_rows_that_round_differently_together_run_one_by_one(bundle, monkeypatch):
    """A session whose products depend on the number of rows is found out when it is opened."""
    from gridbid.agents.bundle_policy import Network

    class Uneven:
        def run(self, outputs, inputs):
            rows = inputs["observations"]
            return [rows[:, :2] + np.float32(len(rows) > 1)]

    network = Network(Uneven(), n_seen=4, n_actions=2)
    rows = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert network.block_rows == 1
    np.testing.assert_array_equal(network(rows), rows[:, :2])


def test_more_rows_than_a_block_are_all_answered(bundle):
    rows = observations("ev", BLOCK_ROWS + 1, 2)
    expected = np.clip(rows.astype(np.float64) @ weights_of("ev"), -1.0, 1.0)
    np.testing.assert_allclose(load_bundle(bundle).act({"ev": rows})["ev"], expected, atol=1e-5)


def test_the_utility_keeps_still(bundle):
    assert load_bundle(bundle).act({"utility": observations("utility", 1, 1)}) == {}


def test_a_bundle_that_is_written_again_is_replaced_whole(bundle):
    write_bundle(bundle, {"ev": linear_network(weights_of("ev", seed=1))}, FACTS)
    assert load_bundle(bundle).kinds == ("ev",)
    assert sorted(path.name for path in bundle.iterdir()) == ["bundle.json", "ev.onnx"]
    assert [path.name for path in bundle.parent.iterdir()] == ["bundle"]


def test_what_cannot_be_written_leaves_what_was_there(bundle):
    before = {path.name: path.read_bytes() for path in bundle.iterdir()}
    facts = BundleFacts(
        scenario="tiny", scenario_digest="", commit="", config={}, figures={"j_eur": float("nan")}
    )
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_bundle(bundle, {"ev": linear_network(weights_of("ev"))}, facts)
    assert {path.name: path.read_bytes() for path in bundle.iterdir()} == before
    assert [path.name for path in bundle.parent.iterdir()] == ["bundle"]


def test_its_signature_names_who_signed(bundle):
    sign_bundle(bundle, KEY)
    signer = Account.from_key(KEY).address
    assert load_bundle(bundle, expected_signer=signer).kinds == ("prosumer", "ev")
    assert load_bundle(bundle, expected_signer=signer.lower()).kinds == ("prosumer", "ev")


def test_another_signer_is_refused(bundle):
    sign_bundle(bundle, "0x" + "22" * 32)
    with pytest.raises(BundleError, match=r"signed by 0x.*, expected 0x"):
        load_bundle(bundle, expected_signer=Account.from_key(KEY).address)


def test_facts_changed_after_signing_are_refused(bundle):
    sign_bundle(bundle, KEY)
    edit_facts(bundle, figures={"j_eur": -1000.0})
    with pytest.raises(BundleError, match="over this content"):
        load_bundle(bundle, expected_signer=Account.from_key(KEY).address)


def test_a_missing_signature_is_refused_when_one_is_expected(bundle):
    with pytest.raises(BundleError, match="not signed, expected the signature of 0xabc"):
        load_bundle(bundle, expected_signer="0xabc")


def test_another_schema_is_refused(bundle):
    edit_facts(bundle, schema="0" * 64)
    with pytest.raises(BundleError, match="made for schema 000000000000, this program has"):
        load_bundle(bundle)


def test_a_changed_network_is_refused(bundle):
    path = bundle / "ev.onnx"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(BundleError, match=r"ev\.onnx: its SHA-256 is .* the file was changed"):
        load_bundle(bundle)


def test_a_missing_network_is_refused(bundle):
    (bundle / "ev.onnx").unlink()
    with pytest.raises(BundleError, match=r"ev\.onnx: missing"):
        load_bundle(bundle)


def test_a_kind_without_a_network_is_refused_when_it_is_asked_for(bundle):
    with pytest.raises(BundleError, match="no network for kind 'battery', only for prosumer, ev"):
        load_bundle(bundle).act({"battery": observations("battery", 1, 1)})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[]", "expected format 1"),
        ('{"format": 2}', "expected format 1"),
        ('{"format": 1}', "expected format 1"),
    ],
)
def test_malformed_facts_are_refused(bundle, text, message):
    (bundle / "bundle.json").write_text(text)
    with pytest.raises(BundleError, match=message):
        load_bundle(bundle)


@pytest.mark.parametrize("networks", [[], {}, {"utility": "00"}])
def test_facts_that_list_no_network_of_a_metered_kind_are_refused(bundle, networks):
    edit_facts(bundle, networks=networks)
    with pytest.raises(
        BundleError, match=r"networks is .*; expected a hash for some of prosumer, battery, ev"
    ):
        load_bundle(bundle)


def test_a_folder_without_facts_is_no_bundle(tmp_path):
    with pytest.raises(BundleError, match=r"no bundle, bundle\.json is missing"):
        load_bundle(tmp_path)


@pytest.mark.parametrize("content", [b"", b"no network"])
def test_what_is_no_network_is_refused(tmp_path, content):
    folder = write_bundle(tmp_path / "bundle", {"ev": content}, FACTS)
    with pytest.raises(BundleError, match="network of kind 'ev': not an ONNX file"):
        load_bundle(folder)


def test_a_network_of_another_shape_is_refused(tmp_path):
    folder = write_bundle(tmp_path / "bundle", {"ev": linear_network(weights_of("battery"))}, FACTS)
    with pytest.raises(BundleError, match="network of kind 'ev': takes and gives"):
        load_bundle(folder)


def test_networks_of_unknown_kinds_are_not_written(tmp_path):
    with pytest.raises(BundleError, match=r"networks: .*boat"):
        write_bundle(tmp_path / "bundle", {"boat": b""}, FACTS)
    assert not (tmp_path / "bundle").exists()
