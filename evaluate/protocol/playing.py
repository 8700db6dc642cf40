"""Plays all methods and bounds of an evaluation, in threads: kernels, networks and linear programs run side by side."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, CancelledError, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.named import named_utility
from gridbid.agents.policy import Policy
from gridbid.envs.compile import CompiledScenario
from gridbid.evaluate.protocol.bounds import Bound
from gridbid.evaluate.protocol.memory import MOST_GB, Budget
from gridbid.evaluate.protocol.methods import Method
from gridbid.evaluate.records.record import WeekRecord
from gridbid.evaluate.records.rollout import Cases, OnProgress, Rollout, run_policy

Floats = NDArray[np.float64]


class Outcome(NamedTuple):
    """What one run of a method, or a bound, came to in all cases."""

    records: tuple[WeekRecord, ...]
    residuals: dict[str, int]
    parts_eur: Floats
    """J by case and part (cases, costs); a bound's are its program's, not those of its playback."""
    j_eur: Floats
    """J by case (cases,)."""
    seconds: float = 0.0
    """Time that it took; what others did beside it counts in it."""


class _Job(NamedTuple):
    """Work that is done by one thread, under a controller's name."""

    name: str
    work: Callable[[], Outcome]

    def timed(self) -> Outcome:
        """Do it, and take the time."""
        begin = time.perf_counter()
        outcome = self.work()
        return outcome._replace(seconds=time.perf_counter() - begin)


def play_all(
    compiled: CompiledScenario,
    methods: Sequence[Method],
    bounds: Sequence[Bound],
    cases: Cases,
    *,
    workers: int,
    utility: str | None = None,
    most_gb: float = MOST_GB,
    on_progress: OnProgress | None = None,
) -> dict[str, tuple[Outcome, ...]]:
    """Outcomes by name: a method's in the order of its runs, a bound's alone.

    What comes out depends neither on who else plays, nor on ``workers``, nor on ``most_gb``, beyond which weeks are played
    in parts and records go to a file.
    """
    n_rollouts = sum(len(method.policies) for method in methods) + len(bounds)
    budget, watch = Budget(compiled, cases, n_rollouts, workers, most_gb), _Watch(on_progress)
    stage = _Stage(compiled, utility, budget, watch)
    outcomes = _work([*stage.runs(methods, cases), *stage.solutions(bounds, cases)], workers, watch)
    joined = {bound.name: (_join(outcomes[bound.name]),) for bound in bounds}
    return {name: tuple(found) for name, found in outcomes.items()} | joined


class _Stage(NamedTuple):
    """What all that plays has in common."""

    compiled: CompiledScenario
    utility: str | None
    budget: Budget
    watch: "_Watch"

    def runs(self, methods: Sequence[Method], cases: Cases) -> Iterator[_Job]:
        """A job for each run of each method."""
        for method in methods:
            for policy in method.policies:
                parts = [
                    (part, self.watch.task(method.name, part.weeks.size)) for part in self.budget.parts(cases)
                ]
                yield _Job(method.name, partial(self.play, method.name, policy, parts))

    def solutions(self, bounds: Sequence[Bound], cases: Cases) -> Iterator[_Job]:
        """A job for each week of each bound."""
        for bound in bounds:
            for case in cases.parts(1):
                yield _Job(bound.name, partial(self.solve, bound, case, self.watch.task(bound.name, 1)))

    def play(self, name: str, policy: Policy, parts: Sequence[tuple[Cases, OnProgress]]) -> Outcome:
        """A run, part by part; the utility, where there is one, is a fresh one: it may learn."""
        utility = None if self.utility is None else named_utility(self.utility)
        rollouts = (run_policy(self.compiled, policy, part, tell, utility=utility) for part, tell in parts)
        return _join([_outcome(name, rollout, self.budget) for rollout in rollouts])

    def solve(self, bound: Bound, case: Cases, tell: OnProgress) -> Outcome:
        """A bound's week: solved, then played back."""
        tell(bound.name, 0.0)
        start = self.compiled.year.week_start(int(case.weeks[0]))
        solved = bound.solve(self.compiled.community, start, case.n_slots, int(case.samples[0]))
        played = _outcome(bound.name, bound.play(self.compiled, [solved], case.weeks), self.budget)
        tell(bound.name, 1.0)
        parts_eur = solved.parts_eur[None, :]
        return played._replace(parts_eur=parts_eur, j_eur=parts_eur.sum(axis=1))


def _outcome(name: str, rollout: Rollout, budget: Budget) -> Outcome:
    named = [replace(record, controller=name) for record in rollout.records]
    parts_eur = np.array([record.cost_eur.sum(axis=0) for record in named])
    j_eur = np.array([record.j_eur for record in named])
    return Outcome(budget.keep(named), rollout.residuals, parts_eur, j_eur)


def _join(outcomes: Sequence[Outcome]) -> Outcome:
    """Parts of the cases as a whole."""
    return Outcome(
        records=tuple(record for outcome in outcomes for record in outcome.records),
        residuals={key: sum(outcome.residuals[key] for outcome in outcomes) for key in outcomes[0].residuals},
        parts_eur=np.concatenate([outcome.parts_eur for outcome in outcomes]),
        j_eur=np.concatenate([outcome.j_eur for outcome in outcomes]),
        seconds=sum(outcome.seconds for outcome in outcomes),
    )


def _work(jobs: Sequence[_Job], workers: int, watch: "_Watch") -> dict[str, list[Outcome]]:
    """What the jobs give, by name in their order; the first that fails, or an interruption, stops all."""
    pool = ThreadPoolExecutor(workers)
    try:
        futures = [pool.submit(job.timed) for job in jobs]
        for future in wait(futures, return_when=FIRST_EXCEPTION).done:
            future.result()
        outcomes: dict[str, list[Outcome]] = {}
        for job, future in zip(jobs, futures, strict=True):
            outcomes.setdefault(job.name, []).append(future.result())
        return outcomes
    finally:
        watch.stop()
        pool.shutdown(wait=False, cancel_futures=True)


class _Watch:
    """Tells progress for all threads, one at a time; once stopped, whoever tells of progress is stopped too."""

    def __init__(self, on_progress: OnProgress | None) -> None:
        self._on_progress, self._lock, self._stopped = on_progress, Lock(), False
        self._tasks: dict[str, list[tuple[int, float]]] = {}

    def task(self, name: str, size: int) -> OnProgress:
        """What to call with the share done of a task of a controller, which has ``size`` cases; all before any begins."""
        tasks = self._tasks.setdefault(name, [])
        place = len(tasks)
        tasks.append((size, 0.0))

        def tell(_: str, share: float) -> None:
            with self._lock:
                if self._stopped:
                    raise CancelledError(name)
                tasks[place] = (size, share)
                if self._on_progress is not None:
                    done = sum(cases * of_them for cases, of_them in tasks)
                    self._on_progress(name, done / sum(cases for cases, _ in tasks))

        return tell

    def stop(self) -> None:
        """Let nobody go on."""
        with self._lock:
            self._stopped = True
