"""Runs one policy over weeks, all at once; every controller meets the same weeks, prices, cars and arrival orders."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.planners.facts import facts_of
from gridbid.agents.policy import Configured, Informed, Observations, Policy
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import CompiledScenario
from gridbid.envs.fields import UTILITY
from gridbid.evaluate.records.record import Recorder, WeekRecord
from gridbid.evaluate.records.rounds import AlterOrders, leave_orders, play_round
from gridbid.market.conservation import residuals
from gridbid.market.errors import InputError

OnProgress = Callable[[str, float], None]
"""Told the controller's name and the share of its work that is done, 0 to 1."""

_PROGRESS_EVERY = 96


class Cases(NamedTuple):
    """Episodes to run: ``weeks`` and ``samples`` int64 (B,), ``n_slots`` each; ``seed`` keys arrival orders and draws."""

    weeks: NDArray[np.int64]
    samples: NDArray[np.int64]
    n_slots: int
    seed: int
    first: int = 0
    """Number of the first case among those that these are a part of: arrival orders are keyed by it."""

    def parts(self, size: int) -> "Iterator[Cases]":
        """The cases in parts of at most ``size``, which come to the same as the whole."""
        for begin in range(0, self.weeks.size, size):
            chosen = slice(begin, begin + size)
            yield self._replace(
                weeks=self.weeks[chosen], samples=self.samples[chosen], first=self.first + begin
            )


class Rollout(NamedTuple):
    """What a controller did: a record for each case, and what its books left unaccounted for (0 when they close)."""

    records: tuple[WeekRecord, ...]
    residuals: dict[str, int]


def run_policy(
    compiled: CompiledScenario,
    policy: Policy,
    cases: Cases,
    on_progress: OnProgress | None = None,
    alter: AlterOrders = leave_orders,
    utility: Policy | None = None,
) -> Rollout:
    """Play every case with one policy in all metered seats.

    ``alter`` may change the orders of every round before the book sees them. ``utility`` has the utility's seat; without one
    it isn't asked, and the tariff stays as published. InputError when the scenario has no such seat.
    """
    env = BatchEnv(
        compiled, cases.weeks.size, seed=cases.seed, weeks=tuple(cases.weeks.tolist()), n_slots=cases.n_slots
    )
    env.engine.state.clock.identity[:] = cases.first + np.arange(cases.weeks.size)
    recorder = Recorder(compiled, cases.weeks.size, cases.n_slots)
    if utility is not None and UTILITY not in env.agents:
        raise InputError(f"utility {utility.name!r}: {compiled.scenario.name} has no seat for it")
    for player in (policy, utility):
        if player is not None:
            introduce(player, env)
            player.reset(cases.seed)
    observations: Observations = env.reset(weeks=cases.weeks, samples=cases.samples)
    n_steps = cases.n_slots * compiled.community.rules.rounds
    for step in range(n_steps):
        metered = {kind: rows for kind, rows in observations.items() if kind != UTILITY}
        actions = policy.act(metered)
        if utility is not None:
            actions = actions | utility.act({UTILITY: observations[UTILITY]})
        observations = play_round(env, actions, alter, recorder.traded, recorder.delivered)
        recorder.stepped(env.engine)
        done = step + 1
        if on_progress is not None and (done % _PROGRESS_EVERY == 0 or done == n_steps):
            on_progress(policy.name, done / n_steps)
    return Rollout(recorder.records(policy.name, cases.weeks, env.engine), residuals(env.engine))


def introduce(player: Policy, env: BatchEnv) -> None:
    """Tell a policy what it may know of the environment, before it begins."""
    if isinstance(player, Configured):
        player.configure(facts_of(env.community))
    if isinstance(player, Informed):
        player.attach(env)
