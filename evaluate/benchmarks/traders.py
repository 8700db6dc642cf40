"""Speed of seated traders: kernels over the batch, beside zero intelligence on whole arrays."""

from collections.abc import Sequence

from gridbid.agents.named import named_policy
from gridbid.agents.policy import Observations, Policy
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.fields import METERED
from gridbid.evaluate.benchmarks.measure import Measure, Work, compare
from gridbid.evaluate.benchmarks.numpy_traders import act_by_zero_intelligence

BATCH, WARM_STEPS, STEPS = 256, 40, 8
"""Communities of `rural`, slots that are played before, and slots that are decided: traders hear as they go."""

TRADERS = ("zero_intelligence", "truthful", "zi_u", "zip", "gd", "aa")


def trader_measures() -> list[Measure]:
    """Every registered trader on the same run of observations."""
    story = _story()
    return [
        compare(
            f"{name}, B = {BATCH} (beside ZI-C in NumPy)",
            "ns/agent-step",
            _trading(named_policy(name), story),
            _drawing(story),
        )
        for name in TRADERS
    ]


def _story() -> Sequence[Observations]:
    """What metered agents see in consecutive slots about noon."""
    env, policy = BatchEnv("rural", BATCH, n_slots=WARM_STEPS + STEPS), named_policy("zero_intelligence")
    observations, story = env.reset(), []
    for step in range(WARM_STEPS + STEPS - 1):
        observations, _, _ = env.step(policy.act(observations))
        if step >= WARM_STEPS - 1:
            story.append({kind: observations[kind] for kind in METERED})
    return story


def _rows(story: Sequence[Observations]) -> float:
    return float(sum(rows.shape[0] * rows.shape[1] for seen in story for rows in seen.values()))


def _trading(policy: Policy, story: Sequence[Observations]) -> Work:
    def work() -> float:
        policy.reset(0)
        for seen in story:
            policy.act(seen)
        return _rows(story)

    return work


def _drawing(story: Sequence[Observations]) -> Work:
    def work() -> float:
        for seen in story:
            act_by_zero_intelligence(seen)
        return _rows(story)

    return work
