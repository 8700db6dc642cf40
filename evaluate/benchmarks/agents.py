"""Speed of policies that are kernels over the batch: the rules beside the same on whole arrays, and traders."""

from collections.abc import Callable

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.baselines.smart_rule import SmartRulePolicy
from gridbid.agents.policy import Actions, Observations
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.fields import METERED
from gridbid.evaluate.benchmarks.measure import Measure, Work, compare
from gridbid.evaluate.benchmarks.numpy_rules import act_by_rule, act_by_smart_rule
from gridbid.evaluate.benchmarks.traders import trader_measures

BATCH, WARM_STEPS = 256, 48
"""Communities of `rural`, and slots that are played before: then stores, cars and books are in use."""

_CALLS = 4

Act = Callable[[Observations], Actions]


def rule_measures(batch: int = BATCH) -> list[Measure]:
    """`rule` and `smart_rule` on the same observations of so many communities."""
    observations = _observations(batch)
    rules: dict[str, tuple[Act, Act]] = {
        "rule": (RulePolicy().act, act_by_rule),
        "smart_rule": (SmartRulePolicy().act, act_by_smart_rule),
    }
    return [
        compare(
            f"{name}, B = {batch} (beside NumPy)",
            "ns/agent-step",
            _acting(ours, observations),
            _acting(yardstick, observations),
        )
        for name, (ours, yardstick) in rules.items()
    ]


AGENTS: dict[str, Callable[[], list[Measure]]] = {"rules": rule_measures, "traders": trader_measures}
"""What is measured, each beside its yardstick."""


def _observations(batch: int) -> Observations:
    """What metered agents see at noon of an episode's first day."""
    env = BatchEnv("rural", batch, n_slots=2 * WARM_STEPS)
    policy, observations = SmartRulePolicy(), env.reset()
    for _ in range(WARM_STEPS):
        observations, _, _ = env.step(policy.act(observations))
    return {kind: observations[kind] for kind in METERED}


def _acting(act: Act, observations: Observations) -> Work:
    n_rows = sum(rows.shape[0] * rows.shape[1] for rows in observations.values())

    def work() -> float:
        for _ in range(_CALLS):
            act(observations)
        return float(_CALLS * n_rows)

    return work
