"""The benchmark of environments: what is timed is what a user would run, and measures say what was beside what."""

import pytest

from gridbid.evaluate.benchmarks import envs
from gridbid.evaluate.benchmarks.no_op_env import NoOpEnv


def test_generated_communities_are_environments_of_so_many_agents():
    env = envs.generate(12).make_env()
    assert len(env.possible_agents) == 12
    assert env.possible_agents[-1] == "utility_0"


def test_the_dictionaries_alone_are_those_of_the_last_step():
    community = envs.generate(5)
    env = community.make_env()
    observations, rewards, *_ = env.step(community.act())
    env.batch = envs.StandStill(env.batch)
    for _ in range(2):
        _, alone, terminated, truncated, _ = env.step(community.act())
        assert alone == rewards
        assert not any(terminated.values()) and not any(truncated.values())
    assert list(observations) == env.agents


def test_the_yardstick_returns_what_pettingzoo_wants():
    env = NoOpEnv(3)
    told = env.step(env.act())
    assert [list(part) for part in told] == [env.agents] * 5
    assert told[0]["agent_1"].shape == (20,)


def test_measures_say_what_was_beside_what(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(envs, "_BLOCK", 400)
    monkeypatch.setattr(envs, "LIMITED_FROM", 5)
    measures = [*envs.measure_dictionaries(5), *envs.measure_whole_step(5)]
    beside = "N = 5 (beside a no-op ParallelEnv)"
    assert [measure.name for measure in measures] == [
        f"dictionaries, safe copies, {beside}",
        "the same, N = 5 (beside its limit)",
        f"dictionaries, safe copies, 100 steps kept, {beside}",
        f"dictionaries, copy=False, {beside}",
        "the same, N = 5 (beside its limit)",
        f"whole step by arrays, {beside}",
        f"whole step by dictionaries, safe copies, {beside}",
        f"whole step by dictionaries, copy=False, {beside}",
    ]
    for measure in measures:
        assert measure.ratio == measure.yardstick / measure.ours
        assert measure.unit == "ns/agent-step"
