"""The rules' benchmark measures what it says: the same actions, made twice."""

import numpy as np
import pytest

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.baselines.smart_rule import SmartRulePolicy
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.fields import METERED
from gridbid.evaluate.benchmarks.agents import rule_measures
from gridbid.evaluate.benchmarks.numpy_rules import act_by_rule, act_by_smart_rule


def test_both_rules_are_measured_beside_numpy():
    measures = rule_measures(batch=2)
    assert [measure.name.split(",")[0] for measure in measures] == ["rule", "smart_rule"]
    for measure in measures:
        assert measure.ratio == pytest.approx(measure.yardstick / measure.ours)


@pytest.mark.parametrize(
    ("policy", "yardstick"), [(RulePolicy, act_by_rule), (SmartRulePolicy, act_by_smart_rule)]
)
def test_the_yardstick_does_the_same_work(policy, yardstick):
    observations = BatchEnv("rural", 2, n_slots=4).reset()
    metered = {kind: observations[kind] for kind in METERED}
    ours, theirs = policy().act(metered), yardstick(metered)
    assert set(ours) == set(theirs) == set(METERED)
    for kind, actions in ours.items():
        np.testing.assert_array_equal(actions, theirs[kind])
