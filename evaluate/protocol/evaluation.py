"""The experiment: every controller on the same held-out weeks, the bound beside them, and S with its interval.

Common random numbers: weeks, prices, cars and arrival orders are the same for all. Evaluation seeds begin at FIRST_SEED,
above what training uses; the split moves the streams of prices and cars as well. What is played is frozen in a manifest
before the first week is.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.baselines.nothing import NothingPolicy
from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.named import named_utility
from gridbid.agents.policy import Informed, Policy
from gridbid.envs.batch_env import slots_per_week
from gridbid.envs.compile import CompiledScenario, compile_community
from gridbid.envs.fields import UTILITY
from gridbid.envs.scenario import Scenario, load_scenario
from gridbid.envs.timeline.year import weeks_of
from gridbid.evaluate.protocol.bounds import Bound, named_bounds
from gridbid.evaluate.protocol.claims import Claim, Verdict, check_claims, verdict
from gridbid.evaluate.protocol.manifest import Manifest, freeze
from gridbid.evaluate.protocol.memory import MOST_GB
from gridbid.evaluate.protocol.methods import Method, as_method, check_names
from gridbid.evaluate.protocol.playing import Outcome, play_all
from gridbid.evaluate.protocol.standings import Comparison, Standing, compare, standing
from gridbid.evaluate.protocol.tables import Yardsticks, runs_eur, total_figures, typical_run, weekly_figures
from gridbid.evaluate.records import playback
from gridbid.evaluate.records.record import WeekRecord
from gridbid.evaluate.records.rollout import Cases, OnProgress
from gridbid.evaluate.statistics import Interval, mean_difference, score
from gridbid.market.errors import InputError

FIRST_SEED = 1_000_000_000
NOTHING, RULE, OPTIMUM = NothingPolicy.name, RulePolicy.name, playback.NAME
YARDSTICKS = (RULE, "mpc")
"""Controllers that all others are compared with by week, as far as they play."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What an experiment found; weeks are in the order of ``weeks``."""

    compiled: CompiledScenario
    """The scenario with the samples of prices and cars that were met."""
    weeks: tuple[int, ...]
    """Local weeks."""
    manifest: Manifest
    """What was frozen before the first week was played."""
    j_eur: dict[str, Floats]
    """J by controller and week (weeks,), summed over samples, the mean over runs; the optimum's is the bound."""
    runs_eur: dict[str, Floats]
    """J by controller (runs, samples, weeks)."""
    weekly: dict[str, dict[str, Floats]]
    """Key figures by controller (runs, weeks)."""
    table: dict[str, dict[str, float]]
    """Key figures by controller over all weeks, means over runs; nan where one has no meaning."""
    scores: dict[str, Interval]
    """S by controller, with its paired bootstrap interval by week, and by run where a method has several."""
    standings: dict[str, Standing]
    """Aggregates of weekly scores by controller; without those that have none."""
    comparisons: dict[str, dict[str, Comparison]]
    """By controller and yardstick."""
    claims: tuple[Claim, ...]
    """The promise of less cost and carbon, against every rung."""
    verdicts: tuple[Verdict, ...]
    """Whether it holds as a whole, by controller that it was checked for."""
    residuals: dict[str, int]
    """What the books of all controllers left unaccounted for: 0 when they close."""
    seconds: dict[str, float]
    """Time that playing took by controller, all runs; controllers play side by side, so the sum is more than what passed."""
    records: dict[str, tuple[WeekRecord, ...]]
    """Every recorded week by controller; of a method with several runs, those of the run whose cost is the median."""

    def difference(self, first: str, second: str) -> Interval:
        """Mean weekly J of ``first`` less that of ``second``, EUR, with its paired interval."""
        return mean_difference(self.runs_eur[first].mean(axis=1), self.runs_eur[second].mean(axis=1))


def evaluate(
    scenario: Scenario | str | os.PathLike[str],
    policies: Sequence[Policy | Method] = (),
    *,
    split: str = "test",
    weeks: Sequence[int] | None = None,
    samples: int = 1,
    seed: int = 0,
    n_slots: int | None = None,
    prices: Path | None = None,
    sessions: Path | None = None,
    bounds: Sequence[str] = (OPTIMUM,),
    utility: str | None = None,
    on_manifest: Callable[[Manifest], None] | None = None,
    on_progress: OnProgress | None = None,
    workers: int | None = None,
    most_gb: float = MOST_GB,
) -> Evaluation:
    """Run `nothing`, `rule`, the policies and the bounds on the split's weeks, ``samples`` times each.

    - An episode has ``n_slots`` slots, a week's by default. ``prices`` and ``sessions`` are as in
      `gridbid.envs.compile.compile_community`.
    - ``utility`` names who has the utility's seat beside every controller; without it the tariff stays as published, and S
      means what it says: the bounds know of no utility.
    - ``on_manifest`` is given the frozen configuration before anything is played; what it raises ends the evaluation.
    - ``workers`` threads play, as many as there are processors by default; beyond ``most_gb`` of records weeks are played
      in parts and records are mapped from a temporary file. Neither changes a figure.
    """
    chosen_bounds = named_bounds(bounds)
    methods = _with_yardsticks([as_method(policy) for policy in policies], chosen_bounds)
    source = "" if isinstance(scenario, Scenario) else str(scenario)
    loaded = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    chosen = choose_weeks(loaded, split, weeks)
    seeds = [FIRST_SEED + 1_000 * seed + n for n in range(samples)]
    compiled = compile_community(loaded, seeds, split=split, prices=prices, sessions=sessions)
    cases = _cases(chosen, samples, n_slots or slots_per_week(compiled.community), seed)
    check_utility(loaded, utility)
    manifest = freeze(
        compiled,
        methods,
        [bound.name for bound in chosen_bounds],
        cases,
        source=source or str(loaded.folder),
        prices=prices,
        sessions=sessions,
        utility=utility,
    )
    if on_manifest is not None:
        on_manifest(manifest)
    outcomes = play_all(
        compiled,
        methods,
        chosen_bounds,
        cases,
        utility=utility,
        workers=workers or os.cpu_count() or 1,
        most_gb=most_gb,
        on_progress=on_progress,
    )
    return _assemble(compiled, manifest, methods, outcomes)


def check_utility(scenario: Scenario, utility: str | None) -> None:
    """InputError when there is no such utility, or no seat for one."""
    if utility is None:
        return
    named_utility(utility)
    if not any(seat.kind == UTILITY for seat in scenario.seats):
        raise InputError(f"utility {utility!r}: scenario {scenario.name!r} has no seat for it")


def choose_weeks(scenario: Scenario, split: str, weeks: Sequence[int] | None) -> tuple[int, ...]:
    """The split's weeks, or those of them that are asked for. InputError when there are none, or one isn't the split's."""
    own = weeks_of(scenario, split)
    if not own:
        raise InputError(
            f"split: scenario {scenario.name!r} has no {split} weeks; name some under splits.{split}"
        )
    if weeks is None:
        return own
    if not weeks:
        raise InputError("weeks: none; expected at least one local week")
    strange = sorted(set(weeks) - set(own))
    if strange or len(set(weeks)) < len(weeks):
        raise InputError(
            f"weeks: {strange or list(weeks)}; expected each once, of the {split} weeks {', '.join(map(str, own))}"
        )
    return tuple(weeks)


def _with_yardsticks(methods: Sequence[Method], bounds: Sequence[Bound]) -> tuple[Method, ...]:
    check_names(methods, [bound.name for bound in bounds])
    names = [method.name for method in methods]
    yardsticks = (NothingPolicy(), RulePolicy())
    missing = [Method(one.name, (one,), (one.name,)) for one in yardsticks if one.name not in names]
    return (*missing, *methods)


def _cases(weeks: tuple[int, ...], samples: int, n_slots: int, seed: int) -> Cases:
    """A week's samples stand side by side."""
    by_week = np.repeat(np.array(weeks, np.int64), samples)
    return Cases(by_week, np.tile(np.arange(samples), len(weeks)), n_slots, seed)


def _assemble(
    compiled: CompiledScenario,
    manifest: Manifest,
    methods: Sequence[Method],
    outcomes: Mapping[str, tuple[Outcome, ...]],
) -> Evaluation:
    samples, weeks = manifest.samples, manifest.weeks
    by_runs = {name: runs_eur(runs, samples) for name, runs in outcomes.items()}
    costs = {name: runs.sum(axis=1) for name, runs in by_runs.items()}
    scores = {name: score(costs[RULE], cost, costs[OPTIMUM]) for name, cost in costs.items()}
    yardsticks = Yardsticks(compiled, outcomes[NOTHING][0].records, outcomes[RULE][0].records)
    weekly = {name: weekly_figures(runs, samples, yardsticks) for name, runs in outcomes.items()}
    table = {name: total_figures(runs, yardsticks) for name, runs in outcomes.items()}
    subjects, seats = _subjects(methods), [method.name for method in methods]
    claims = check_claims(weekly, table, subjects, seats, _unfit(compiled, manifest))
    return Evaluation(
        compiled=compiled,
        weeks=weeks,
        manifest=manifest,
        j_eur={name: cost.mean(axis=0) for name, cost in costs.items()},
        runs_eur=by_runs,
        weekly=weekly,
        table=table,
        scores=scores,
        standings=_standings(by_runs, weeks),
        comparisons=_comparisons(by_runs),
        claims=claims,
        verdicts=tuple(verdict(claims, name, scores[name].estimate) for name in subjects),
        residuals=_sum_residuals(run for runs in outcomes.values() for run in runs),
        seconds={name: sum(run.seconds for run in runs) for name, runs in outcomes.items()},
        records={name: typical_run(runs).records for name, runs in outcomes.items()},
    )


def _unfit(compiled: CompiledScenario, manifest: Manifest) -> str | None:
    """Why what was played can't carry a claim, however many weeks it has; None where it can."""
    if manifest.split != "test":
        return f"{manifest.split} weeks carry no claim, which needs test weeks"
    if manifest.n_slots < slots_per_week(compiled.community):
        return "episodes shorter than a week carry no claim"
    if manifest.utility is not None:
        return "a claim needs the tariff as published, and a utility could move it"
    return None


def _subjects(methods: Sequence[Method]) -> list[str]:
    """Whom promises are checked for: who was brought along; where nobody was, all but the yardsticks."""
    seats = [method for method in methods if not isinstance(method.policies[0], Informed)]
    brought = [method.name for method in seats if method.folders or not method.sources]
    return brought or [method.name for method in seats if method.name not in (NOTHING, RULE)]


def _standings(by_runs: Mapping[str, Floats], weeks: tuple[int, ...]) -> dict[str, Standing]:
    found = {
        name: standing(ours, by_runs[RULE][0], by_runs[OPTIMUM][0], weeks) for name, ours in by_runs.items()
    }
    return {name: one for name, one in found.items() if one is not None}


def _comparisons(by_runs: Mapping[str, Floats]) -> dict[str, dict[str, Comparison]]:
    return {
        name: {
            other: compare(ours, by_runs[other]) for other in YARDSTICKS if other in by_runs and other != name
        }
        for name, ours in by_runs.items()
    }


def _sum_residuals(outcomes: Iterable[Outcome]) -> dict[str, int]:
    total = {"energy_wh": 0, "cash_neur": 0}
    for outcome in outcomes:
        for name in total:
            total[name] += outcome.residuals[name]
    return total
