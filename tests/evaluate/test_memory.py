"""Weeks in parts and records in a file: the same figures to the bit, in the memory that was told."""

import tracemalloc
from dataclasses import fields

import numpy as np
import pytest

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.baselines.zero_intelligence import ZeroIntelligencePolicy
from gridbid.envs.compile import compile_community
from gridbid.evaluate.protocol import FIRST_SEED, evaluate
from gridbid.evaluate.protocol.findings import findings
from gridbid.evaluate.protocol.memory import Budget, record_bytes, to_disk
from gridbid.evaluate.protocol.methods import load_method
from gridbid.evaluate.records.rollout import Cases, run_policy

N_SLOTS = 96


def play(**options):
    return evaluate(
        "tiny", [ZeroIntelligencePolicy()], weeks=[20, 7, 42], samples=2, n_slots=N_SLOTS, **options
    )


@pytest.fixture(scope="module")
def whole():
    return play()


@pytest.fixture(scope="module")
def in_parts():
    return play(most_gb=1e-9, workers=3)


def told(evaluation):
    """All that was found, but for the time that it took."""
    found = findings(evaluation)
    return {name: found[name] for name in found if name not in ("seconds", "manifest")}


def test_parts_come_to_the_same_as_the_whole(whole, in_parts):
    assert told(in_parts) == told(whole)
    for name, records in whole.records.items():
        assert (in_parts.j_eur[name] == whole.j_eur[name]).all()
        for one, other in zip(records, in_parts.records[name], strict=True):
            for field in fields(one):
                ours, theirs = getattr(one, field.name), getattr(other, field.name)
                if isinstance(ours, np.ndarray):
                    assert np.array_equal(ours, theirs, equal_nan=ours.dtype.kind == "f"), field.name
                elif isinstance(ours, str | int | float):
                    assert ours == theirs


@pytest.mark.parametrize("name", ["mpc", "selfish_lp"])
def test_a_policy_that_begins_from_its_last_solution_forgets_it_between_parts(name):
    """Else a program with several optima would have another in each part, and in each evaluation."""
    method = load_method(name)
    options = {"weeks": [20, 7], "samples": 2, "n_slots": 20}
    first = evaluate("tiny", [method], **options)
    again = evaluate("tiny", [method], **options, most_gb=1e-9, workers=1)
    assert told(again) == told(first)


def test_records_beyond_the_limit_are_mapped_from_a_file(whole, in_parts):
    assert all(_is_mapped(record.net_kwh) for record in in_parts.records["rule"])
    assert not any(_is_mapped(record.net_kwh) for record in whole.records["rule"])


def _is_mapped(array):
    while isinstance(array, np.ndarray):
        if isinstance(array, np.memmap):
            return True
        array = array.base
    return False


def test_what_is_mapped_cannot_be_written(whole):
    (record,) = to_disk(whole.records["rule"][:1])
    with pytest.raises(ValueError, match="read-only"):
        record.net_kwh[0, 0] = 1.0


def test_parts_are_as_large_as_there_is_room_for(whole):
    compiled = whole.compiled
    cases = Cases(np.arange(10), np.zeros(10, np.int64), N_SLOTS, 0)
    each_gb = record_bytes(compiled, N_SLOTS) / 1e9

    def sizes(most_gb):
        budget = Budget(compiled, cases, n_rollouts=2, workers=1, most_gb=most_gb)
        return [part.weeks.size for part in budget.parts(cases)], budget.on_disk

    assert sizes(20.01 * each_gb) == ([10], False)
    assert sizes(8.01 * each_gb) == ([4, 4, 2], True)
    assert sizes(0.0) == ([1] * 10, True)
    firsts = [part.first for part in Budget(compiled, cases, 2, 1, 8.01 * each_gb).parts(cases)]
    assert firsts == [0, 4, 8]


def test_a_record_takes_about_what_is_told():
    compiled = compile_community("rural", [FIRST_SEED], split="test")
    cases = Cases(np.array([20, 7]), np.zeros(2, np.int64), N_SLOTS, 0)
    run_policy(compiled, RulePolicy(), cases._replace(n_slots=2))
    tracemalloc.start()
    rollout = run_policy(compiled, RulePolicy(), cases)
    kept_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(rollout.records) == 2
    assert kept_bytes / 2 == pytest.approx(record_bytes(compiled, N_SLOTS), rel=0.4)
