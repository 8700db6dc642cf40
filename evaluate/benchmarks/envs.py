"""Speed of the faces of environments: what dictionaries by agent cost, beside a ParallelEnv that does nothing."""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import CompiledScenario, compile_community
from gridbid.envs.faces.parallel import MarketEnv
from gridbid.evaluate.benchmarks.measure import Measure, Work, compare
from gridbid.evaluate.benchmarks.no_op_env import NoOpEnv
from gridbid.evaluate.benchmarks.whole_step import make_community, make_tables

SIZES = (10, 100, 1_000)
LIMITED_FROM = 100
"""The limits hold from so many agents on."""
KEPT_LIMIT_NS, VIEWS_LIMIT_NS = 220.0, 130.0
"""What the dictionaries may cost an agent and step: with rows that are the caller's to keep, and with views."""
NO_OP_NS = 526.0
"""What the yardstick took where the limits were set, at 100 agents: so the ratios to reach are 2.4 and 4."""

_UNIT = "ns/agent-step"
_BLOCK = 50_000
"""Agent-steps in a block of time."""
_WEEK, _N_SLOTS = 1, 150
_WARM_STEPS = 30

Singles = NDArray[np.float32]
Actions = dict[str, Singles]


def parallel_measures() -> list[Measure]:
    """The parallel face: its dictionaries alone, and around the step of a community."""
    return [measure for n in SIZES for measure in (*measure_dictionaries(n), *measure_whole_step(n))]


FACES: dict[str, Callable[[], list[Measure]]] = {"parallel_env": parallel_measures}
"""What is measured, each beside its yardstick."""


class Community(NamedTuple):
    """A community of prosumers with its utility, and random actions by kind."""

    compiled: CompiledScenario
    names: list[str]
    actions: Actions

    def make_env(self, copy: bool = True) -> MarketEnv:
        """The community at the beginning of an episode that outlasts a measurement."""
        env = MarketEnv(self.compiled, copy=copy, n_slots=_N_SLOTS)
        env.reset(seed=0, options={"week": _WEEK})
        return env

    def act(self) -> Actions:
        """A new dictionary of views, as a policy would make it."""
        return dict(zip(self.names, (row for rows in self.actions.values() for row in rows[0]), strict=True))


def generate(n: int) -> Community:
    """A generated community of n agents."""
    tiny = compile_community("tiny", [0])
    prosumer, *_, utility = tiny.scenario.seats
    seats = (*(replace(prosumer, name=f"prosumer_{i}") for i in range(n - 1)), utility)
    community = make_community(n - 1, rounds=1)
    scenario = replace(tiny.scenario, seats=seats)
    compiled = replace(tiny, scenario=scenario, community=community, tables=make_tables(community))
    random = np.random.default_rng(4)
    actions = {
        kind: random.uniform(-1.0, 1.0, (1, members, *fields.action_space(kind).shape)).astype(np.float32)
        for kind, members in ((fields.PROSUMER, n - 1), (fields.UTILITY, 1))
    }
    return Community(compiled, [seat.name for seat in seats], actions)


class StandStill:
    """In a batch face's place: a round in which nothing happens."""

    def __init__(self, batch: BatchEnv) -> None:
        rewards = {kind: np.zeros((1, len(names)), np.float32) for kind, names in batch.agents.items()}
        self._outcome: tuple[Actions, Actions, NDArray[np.bool_]] = {}, rewards, np.zeros(1, np.bool_)

    def step(self, actions: Actions, **_: Any) -> tuple[Actions, Actions, NDArray[np.bool_]]:
        """What a step returns; observations stay as they were written."""
        return self._outcome


def measure_dictionaries(n: int) -> list[Measure]:
    """Dictionaries alone, around a round in which nothing happens: the yardstick has nothing behind it either."""
    community, measures = generate(n), []
    for what, copy, n_kept, limit_ns in (
        ("safe copies", True, 0, KEPT_LIMIT_NS),
        ("safe copies, 100 steps kept", True, 100, None),
        ("copy=False", False, 0, VIEWS_LIMIT_NS),
    ):
        env = community.make_env(copy)
        env.batch = cast(BatchEnv, StandStill(env.batch))
        measure = compare(
            f"dictionaries, {what}, N = {n} (beside a no-op ParallelEnv)",
            _UNIT,
            _stepping(env, community.act(), n_kept),
            _doing_nothing(n),
            NO_OP_NS / limit_ns if limit_ns is not None and n >= LIMITED_FROM else None,
        )
        measures.append(measure)
        if limit_ns is not None and n >= LIMITED_FROM:
            name = f"the same, N = {n} (beside its limit)"
            measures.append(Measure(name, measure.ours, limit_ns, _UNIT, limit_ns / measure.ours, 1.0))
    return measures


def _stepping(env: MarketEnv, actions: Actions, n_kept: int) -> Work:
    """Steps, the last ``n_kept`` of whose observations are held."""
    n = len(actions)

    def work() -> float:
        kept: list[Any] = [None] * max(1, n_kept)
        for turn in range(_BLOCK // n):
            kept[turn % len(kept)] = env.step(actions)[0]
        return float(_BLOCK // n * n)

    return work


def _doing_nothing(n: int) -> Work:
    env = NoOpEnv(n)

    def work() -> float:
        for _ in range(_BLOCK // n):
            env.step(env.act())
        return float(_BLOCK // n * n)

    return work


def measure_whole_step(n: int) -> list[Measure]:
    """The step of a community by dictionaries, and by arrays: the engine's step, observations, rewards and infos.

    Medians of single steps taken in turn; making the dictionary of actions is left out of ours.
    """
    community, no_op = generate(n), NoOpEnv(n)
    kept, views, batch = (
        community.make_env(),
        community.make_env(copy=False),
        community.make_env().batch,
    )
    steps: dict[str, Callable[[Actions], Any]] = {
        "no-op": lambda _: no_op.step(no_op.act()),
        "by arrays": lambda _: batch.step(community.actions),
        "by dictionaries, safe copies": kept.step,
        "by dictionaries, copy=False": views.step,
    }
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(_N_SLOTS - 1):
        for name, step in steps.items():
            actions = community.act()
            begin = time.process_time_ns()
            step(actions)
            taken[name].append((time.process_time_ns() - begin) / n)
    medians = {name: statistics.median(times[_WARM_STEPS:]) for name, times in taken.items()}
    yardstick = medians.pop("no-op")
    return [
        Measure(
            f"whole step {name}, N = {n} (beside a no-op ParallelEnv)",
            ns,
            yardstick,
            _UNIT,
            yardstick / ns,
            None,
        )
        for name, ns in medians.items()
    ]
