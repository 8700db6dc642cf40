"""Plays all methods and bounds of an evaluation, in threads: kernels, networks and linear programs run side by side."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, CancelledError, ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.policy import Policy
from gridbid.envs.compile import CompiledScenario
from gridbid.evaluate.bounds import Bound
from gridbid.evaluate.memory import MOST_GB, Budget
from gridbid.evaluate.methods import Method
from gridbid.evaluate.record import WeekRecord
from gridbid.evaluate.rollout import Cases, OnProgress, Rollout, run_policy

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
    """Processor time of its threads."""


class _Job(NamedTuple):
    """Work that is done by one thread, under a controller's name."""

    name: str
    work: Callable[[], Outcome]

    def timed(self) -> Outcome:
        """Do it, and take the time."""
        begin = time.thread_time()
        outcome = self.work()
        return outcome._replace(seconds=time.thread_time() - begin)


def play_all(
    compiled: CompiledScenario,
    methods: Sequence[Method],
    bounds: Sequence[Bound],
    cases: Cases,
    *,
    workers: int,
    most_gb: float = MOST_GB,
    on_progress: OnProgress | None = None,
) -> dict[str, tuple[Outcome, ...]]:
    """Outcomes by name: a method's in the order of its runs, a bound's alone.

    What comes out depends neither on who else plays, nor on ``workers``, nor on ``most_gb``, beyond which weeks are played
    in parts and records go to a file.
    """
    n_rollouts = sum(len(method.policies) for method in methods) + len(bounds)
    budget = Budget(compiled, cases, n_rollouts, workers, most_gb)
    watch = _Watch(on_progress)
    jobs = [
        *_runs(compiled, methods, list(budget.parts(cases)), budget, watch),
        *_solutions(compiled, bounds, list(cases.parts(1)), budget, watch),
    ]
    outcomes = _work(jobs, workers, watch)
    joined = {bound.name: (_join(outcomes[bound.name]),) for bound in bounds}
    return {name: tuple(found) for name, found in outcomes.items()} | joined


def _runs(
    compiled: CompiledScenario, methods: Sequence[Method], parts: list[Cases], budget: Budget, watch: "_Watch"
) -> Iterator[_Job]:
    """A job for each run of each method: it plays its parts one after the other."""
    for method in methods:
        for policy in method.policies:
            tellers = [watch.task(method.name, part.weeks.size) for part in parts]

            def play(
                name: str = method.name, policy: Policy = policy, tellers: list[OnProgress] = tellers
            ) -> Outcome:
                return _join(
                    [
                        _outcome(name, run_policy(compiled, policy, part, tell), budget)
                        for part, tell in zip(parts, tellers, strict=True)
                    ]
                )

            yield _Job(method.name, play)


def _solutions(
    compiled: CompiledScenario, bounds: Sequence[Bound], weeks: list[Cases], budget: Budget, watch: "_Watch"
) -> Iterator[_Job]:
    """A job for each bound's week: it is solved, then played back."""
    for bound in bounds:
        for case in weeks:
            tell = watch.task(bound.name, 1)

            def solve(bound: Bound = bound, case: Cases = case, tell: OnProgress = tell) -> Outcome:
                tell(bound.name, 0.0)
                start = compiled.year.week_start(int(case.weeks[0]))
                solved = bound.solve(compiled.community, start, case.n_slots, int(case.samples[0]))
                played = _outcome(bound.name, bound.play(compiled, [solved], case.weeks), budget)
                tell(bound.name, 1.0)
                parts_eur = solved.parts_eur[None, :]
                return played._replace(parts_eur=parts_eur, j_eur=parts_eur.sum(axis=1))

            yield _Job(bound.name, solve)


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
