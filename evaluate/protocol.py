"""The experiment: every controller on the same held-out weeks, the bound beside them, and S with its interval.

Common random numbers: weeks, prices, cars and arrival orders are the same for all. Evaluation seeds begin at FIRST_SEED,
above what training uses; the split moves the streams of prices and cars as well.
"""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.baselines.nothing import NothingPolicy
from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.policy import Policy
from gridbid.agents.programs.optimum import OptimumResult, solve_week
from gridbid.envs.batch_env import slots_per_week
from gridbid.envs.compile import CompiledScenario, compile_community
from gridbid.envs.scenario import Scenario
from gridbid.envs.timeline.year import weeks_of
from gridbid.evaluate import playback
from gridbid.evaluate.bills import alone_eur
from gridbid.evaluate.kpis import compare_members, kpis
from gridbid.evaluate.record import WeekRecord
from gridbid.evaluate.rollout import Cases, OnProgress, Rollout, run_policy
from gridbid.evaluate.statistics import Interval, mean_difference, score
from gridbid.market.errors import InputError
from gridbid.market.types import Cost

FIRST_SEED = 1_000_000_000
NOTHING, RULE, OPTIMUM = NothingPolicy.name, RulePolicy.name, playback.NAME

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What an experiment found; weeks are in the order of ``weeks``."""

    compiled: CompiledScenario
    """The scenario with the samples of prices and cars that were met."""
    weeks: tuple[int, ...]
    """Local weeks."""
    j_eur: dict[str, Floats]
    """J by controller and week (weeks,), summed over samples; the optimum's is the bound."""
    table: dict[str, dict[str, float]]
    """Key figures by controller over all weeks; nan where one has no meaning."""
    scores: dict[str, Interval]
    """S by controller, with its paired bootstrap interval by week."""
    residuals: dict[str, int]
    """What the books of all controllers left unaccounted for: 0 when they close."""
    records: dict[str, tuple[WeekRecord, ...]]
    """Every recorded week by controller."""

    def difference(self, first: str, second: str) -> Interval:
        """Mean weekly J of ``first`` less that of ``second``, EUR, with its paired interval."""
        return mean_difference(self.j_eur[first], self.j_eur[second])


def evaluate(
    scenario: Scenario | str | os.PathLike[str],
    policies: Sequence[Policy] = (),
    *,
    split: str = "test",
    weeks: Sequence[int] | None = None,
    samples: int = 1,
    seed: int = 0,
    n_slots: int | None = None,
    prices: Path | None = None,
    sessions: Path | None = None,
    on_progress: OnProgress | None = None,
    workers: int | None = None,
) -> Evaluation:
    """Run `nothing`, `rule`, the policies and the optimum on the split's weeks, ``samples`` times each.

    An episode has ``n_slots`` slots, a week's by default. ``prices`` and ``sessions`` are as in
    `gridbid.envs.compile.compile_community`; ``workers`` threads solve the optimum.
    """
    controllers = _with_yardsticks(policies)
    seeds = [FIRST_SEED + 1_000 * seed + n for n in range(samples)]
    compiled = compile_community(scenario, seeds, split=split, prices=prices, sessions=sessions)
    chosen = tuple(weeks) if weeks is not None else weeks_of(compiled.scenario, split)
    if not chosen:
        raise InputError("weeks: none; expected at least one local week")
    cases = _cases(chosen, samples, n_slots or slots_per_week(compiled.community), seed)
    results = _solve(compiled, cases, on_progress, workers or os.cpu_count() or 1)
    rollouts = {policy.name: run_policy(compiled, policy, cases, on_progress) for policy in controllers}
    rollouts[OPTIMUM] = playback.play_optimum(compiled, results, cases.weeks)
    j_eur = {
        name: _by_week([r.j_eur for r in rollout.records], samples) for name, rollout in rollouts.items()
    }
    j_eur[OPTIMUM] = _by_week([result.j_eur for result in results], samples)
    return Evaluation(
        compiled=compiled,
        weeks=chosen,
        j_eur=j_eur,
        table=_table(compiled, rollouts, results),
        scores={name: score(j_eur[RULE], j, j_eur[OPTIMUM]) for name, j in j_eur.items()},
        residuals=_sum_residuals(rollouts.values()),
        records={name: rollout.records for name, rollout in rollouts.items()},
    )


def _with_yardsticks(policies: Sequence[Policy]) -> tuple[Policy, ...]:
    names = [policy.name for policy in policies]
    taken = sorted({name for name in names if names.count(name) > 1 or name == OPTIMUM})
    if taken:
        raise InputError(
            f"policies: the names {taken} are used twice or kept for the bound; expected one each"
        )
    yardsticks: tuple[Policy, ...] = (NothingPolicy(), RulePolicy())
    return (*(yardstick for yardstick in yardsticks if yardstick.name not in names), *policies)


def _cases(weeks: tuple[int, ...], samples: int, n_slots: int, seed: int) -> Cases:
    """A week's samples stand side by side."""
    by_week = np.repeat(np.array(weeks, np.int64), samples)
    return Cases(by_week, np.tile(np.arange(samples), len(weeks)), n_slots, seed)


def _solve(
    compiled: CompiledScenario, cases: Cases, on_progress: OnProgress | None, workers: int
) -> list[OptimumResult]:
    def solve(case: tuple[int, int]) -> OptimumResult:
        week, sample = case
        return solve_week(compiled.community, compiled.year.week_start(week), cases.n_slots, sample)

    results: list[OptimumResult] = []
    with ThreadPoolExecutor(workers) as pool:
        for result in pool.map(solve, zip(cases.weeks.tolist(), cases.samples.tolist(), strict=True)):
            results.append(result)
            if on_progress is not None:
                on_progress(OPTIMUM, len(results) / cases.weeks.size)
    return results


def _by_week(figures: Sequence[float], samples: int) -> Floats:
    return np.array(figures).reshape(-1, samples).sum(axis=1)


def _table(
    compiled: CompiledScenario, rollouts: dict[str, Rollout], results: Sequence[OptimumResult]
) -> dict[str, dict[str, float]]:
    nothing, base_eur = rollouts[NOTHING].records, alone_eur(rollouts[RULE].records)
    kinds = [seat.kind for seat in compiled.scenario.metered]
    table = {
        name: kpis(rollout.records, compiled.community, kinds=kinds, alone_eur=base_eur)
        | compare_members(rollout.records, nothing)
        for name, rollout in rollouts.items()
    }
    parts_eur = np.sum([result.parts_eur for result in results], axis=0)
    bound = {f"{part.name.lower()}_eur": float(parts_eur[part]) for part in Cost}
    table[OPTIMUM] |= {"j_eur": float(parts_eur.sum()), **bound}
    return table


def _sum_residuals(rollouts: Iterable[Rollout]) -> dict[str, int]:
    total = {"energy_wh": 0, "cash_neur": 0}
    for rollout in rollouts:
        for name in total:
            total[name] += rollout.residuals[name]
    return total
