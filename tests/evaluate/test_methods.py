"""Who plays under which name: policies, bundles, several trainings of one method."""

import json
import os

import pytest

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.bundle import BundleError, BundleFacts, write_bundle
from gridbid.evaluate.protocol.methods import Method, as_method, load_method
from gridbid.market.errors import InputError


@pytest.fixture
def trainings(tmp_path, networks, monkeypatch):
    """Three trainings of one method, their bundles inside, and a folder that is none."""
    for seed in range(3):
        write_bundle(tmp_path / "ppo" / f"seed{seed}" / "bundle", networks, FACTS)
    (tmp_path / "ppo" / "notes").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


FACTS = BundleFacts(scenario="tiny", scenario_digest="0" * 64, commit="unknown", config={}, figures={})


def test_a_name_is_a_method_of_one_policy():
    method = load_method("rule")
    assert (method.name, method.sources, method.folders) == ("rule", ("rule",), ())
    assert isinstance(method.policies[0], RulePolicy)
    assert as_method(method) is method


def test_an_object_has_its_own_name_and_no_source():
    policy = RulePolicy()
    assert as_method(policy) == Method("rule", (policy,), ())


def test_a_pattern_stands_for_all_bundles(trainings):
    method = load_method("mine=ppo/*")
    assert method.name == "mine"
    assert [os.fspath(folder) for folder in method.folders] == [f"ppo/seed{n}/bundle" for n in range(3)]
    assert len({id(policy) for policy in method.policies}) == 3
    assert load_method("ppo/seed*").name == "learned"
    assert len(load_method(f"mine={trainings}/ppo/seed[01]").policies) == 2


def test_folders_are_listed_with_commas(trainings):
    assert load_method("mine=ppo/seed0,ppo/seed2/bundle").sources == ("ppo/seed0/bundle", "ppo/seed2/bundle")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ruel", "did you mean 'rule'"),
        ("mine=genius", "genius"),
        ("mine=", "NAME=SOURCES"),
        ("my policy=rule", "NAME=SOURCES"),
        ("ppo/run*", "no folder with a bundle"),
        ("ppo/notes", "no bundle"),
    ],
)
def test_what_cannot_be_loaded_is_said(trainings, text, words):
    with pytest.raises((InputError, BundleError), match=words):
        load_method(text)


def test_a_bundle_of_another_schema_is_refused(trainings):
    facts = trainings / "ppo" / "seed1" / "bundle" / "bundle.json"
    document = json.loads(facts.read_text(encoding="utf-8"))
    facts.write_text(json.dumps(document | {"schema": "0" * 64}), encoding="utf-8")
    with pytest.raises(BundleError, match=r"seed1.bundle: made for schema"):
        load_method("ppo/*")
