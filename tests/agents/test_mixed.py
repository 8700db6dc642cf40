"""Several policies in one community: each acts on its own rows as if it were alone, whoever sits beside it."""

import numpy as np
import pytest

from gridbid.agents.baselines.nothing import NothingPolicy
from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.baselines.smart_rule import SmartRulePolicy
from gridbid.agents.baselines.zero_intelligence import ZeroIntelligencePolicy
from gridbid.agents.mixed import SeatedPolicies
from gridbid.agents.named import named_utility
from gridbid.agents.planners.facts import facts_of
from gridbid.agents.policy import Configured, Informed, Remembers
from gridbid.envs import single_agent_env, vector_env
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.faces.others import still_action
from gridbid.envs.fields import UTILITY, action_space
from gridbid.evaluate.records.rollout import Cases, run_policy
from gridbid.market.errors import InputError


class Counting:
    """Remembers how often it was asked, row by row, and plays that as its action; knows whom it was attached to."""

    name = "counting"

    def __init__(self):
        self.env, self.facts, self.asked, self.seeds = None, None, {}, []

    def reset(self, seed):
        self.seeds.append(seed)
        self.asked = {}

    def forget(self, mask):
        for count in self.asked.values():
            count[mask] = 0.0

    def attach(self, env):
        self.env = env

    def configure(self, facts):
        self.facts = facts

    def act(self, observations):
        actions = {}
        for kind, rows in observations.items():
            count = self.asked.setdefault(kind, np.zeros(rows.shape[:2], np.float32))
            count += 0.01
            actions[kind] = np.repeat(count[..., None], action_space(kind).shape[0], axis=-1)
        return actions


@pytest.fixture(scope="module")
def compiled():
    return compile_community("rural", [0], split="validation")


@pytest.fixture
def env(compiled):
    return BatchEnv(compiled, 3, weeks=(11, 24, 37), n_slots=24)


def metered(observations):
    return {kind: rows for kind, rows in observations.items() if kind != UTILITY}


def test_each_acts_on_its_rows_as_if_alone(env):
    """Name before kind before everybody else, in a played episode."""
    rule, random, smart = RulePolicy(), ZeroIntelligencePolicy(), SmartRulePolicy()
    chosen = {"*": rule, "ev": random, "prosumer_3": smart, "ev_2": smart, "prosumer_5": random}
    mixed, alone = SeatedPolicies(chosen, "rural"), ZeroIntelligencePolicy()
    mixed.reset(7), alone.reset(7)
    observations = env.reset()
    for _ in range(20):
        actions, rows = mixed.act(metered(observations)), metered(observations)
        by_rule, by_smart, by_random = (policy.act(rows) for policy in (rule, smart, alone))
        expected = {kind: done.copy() for kind, done in by_rule.items()}
        expected["ev"] = by_random["ev"].copy()
        expected["ev"][:, 2], expected["prosumer"][:, 3] = by_smart["ev"][:, 2], by_smart["prosumer"][:, 3]
        expected["prosumer"][:, 5] = by_random["prosumer"][:, 5]
        assert set(actions) == set(expected)
        for kind, done in actions.items():
            np.testing.assert_array_equal(done, expected[kind])
        observations, _, _ = env.step(actions)


def test_one_policy_in_all_seats_is_that_policy(env):
    rows = metered(env.reset())
    mixed, alone = (
        SeatedPolicies({"*": SmartRulePolicy()}, env.compiled).act(rows),
        SmartRulePolicy().act(rows),
    )
    assert set(mixed) == set(alone)
    for kind, done in mixed.items():
        np.testing.assert_array_equal(done, alone[kind])


def test_who_has_no_policy_keeps_still(env):
    rows = env.reset()
    actions = SeatedPolicies({"prosumer_0": RulePolicy()}, env.scenario).act(rows)
    assert set(actions) == {"prosumer"}
    still = still_action("prosumer")
    assert (actions["prosumer"][:, 1:] == still).all()
    assert (actions["prosumer"][:, 0] != still).any()


def test_the_utility_has_a_seat_like_any_other(env):
    utility = named_utility("time_of_use")
    rows = env.reset()
    actions = SeatedPolicies({"utility_0": utility, "*": RulePolicy()}, "rural").act(rows)
    assert set(actions) == set(rows)
    np.testing.assert_array_equal(actions[UTILITY], utility.act({UTILITY: rows[UTILITY]})[UTILITY])


def test_a_memory_is_that_of_ones_own_rows_and_is_forgotten_by_community(env):
    counting = Counting()
    mixed = SeatedPolicies({"ev": counting, "battery": counting, "*": RulePolicy()}, "rural")
    assert isinstance(mixed, Remembers)
    mixed.reset(3)
    rows = metered(env.reset())
    mixed.act(rows), mixed.act(rows)
    mixed.forget(np.array([True, False, False]))
    actions = mixed.act(rows)
    assert counting.seeds == [3]
    for kind in ("ev", "battery"):
        assert actions[kind][:, 0, 0] == pytest.approx([0.01, 0.03, 0.03])
    assert counting.asked["ev"].shape == (3, 7)


def test_who_is_informed_is_attached_and_has_a_whole_kind(compiled, env):
    counting = Counting()
    mixed = SeatedPolicies({"ev": counting, "*": RulePolicy()}, compiled)
    assert isinstance(mixed, Informed)
    mixed.attach(env)
    assert counting.env is env
    with pytest.raises(InputError, match=r"'counting' has 1 of 7 agents of kind ev"):
        SeatedPolicies({"ev_0": counting}, compiled)


def test_who_goes_by_constants_is_told_them(compiled):
    counting = Counting()
    mixed = SeatedPolicies({"ev": counting, "*": RulePolicy()}, compiled)
    assert isinstance(mixed, Configured)
    mixed.configure(facts_of(compiled.community))
    assert counting.facts.transformer_kva == 160.0


def test_it_is_evaluated_like_any_policy(compiled):
    """Batteries that serve neighbours among sites for themselves: cheaper than the rule, and the books close."""
    cases = Cases(np.array([11]), np.array([0]), 96, 0)
    mixed = SeatedPolicies({"battery": SmartRulePolicy(), "*": RulePolicy()}, compiled, name="one_smart")
    found, rule = (run_policy(compiled, policy, cases) for policy in (mixed, RulePolicy()))
    assert found.records[0].controller == "one_smart"
    assert found.records[0].j_eur != rule.records[0].j_eur
    assert found.residuals == {"energy_wh": 0, "cash_neur": 0}


def test_the_others_of_gymnasiums_faces_may_be_mixed(compiled):
    """What a learner meets is what it would meet if each of the others were played apart."""
    mixed = SeatedPolicies({"ev": NothingPolicy(), "*": RulePolicy()}, compiled)

    class Apart:
        def reset(self, seed):
            pass

        def act(self, observations):
            by_nothing = NothingPolicy().act(observations)
            return RulePolicy().act(observations) | {"ev": by_nothing["ev"]}

    for make in (
        lambda others: vector_env(compiled, 2, "battery", others, weeks=(11,), n_slots=12, seed=1),
        lambda others: single_agent_env(compiled, "prosumer_2", others, weeks=(11,), n_slots=12, seed=1),
    ):
        ours, theirs = make(mixed), make(Apart())
        ours.reset(seed=5), theirs.reset(seed=5)
        actions = np.zeros(ours.action_space.shape, np.float32)
        for _ in range(8):
            (seen, earned, *_), (also_seen, also_earned, *_) = ours.step(actions), theirs.step(actions)
            np.testing.assert_array_equal(seen, also_seen)
            np.testing.assert_array_equal(earned, also_earned)


def test_what_nobody_answers_to_is_named():
    with pytest.raises(InputError, match=r"'ev_99', 'wind' is no agent or kind .* kinds prosumer"):
        SeatedPolicies({"wind": RulePolicy(), "ev_99": RulePolicy()}, "tiny")


def test_rows_of_another_scenario_are_refused(env):
    mixed = SeatedPolicies({"*": RulePolicy()}, "tiny", name="mine")
    with pytest.raises(InputError, match=r"policy 'mine'.*prosumer: 13 rows a community, expected 1"):
        mixed.act(metered(env.reset()))
