"""Plays a suite task by task; what is finished is kept, so that an interrupted suite goes on where it stopped."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from gridbid.agents.named import named_policy
from gridbid.agents.policy import Policy
from gridbid.agents.version import program_version
from gridbid.evaluate.protocol import evaluate
from gridbid.evaluate.rollout import OnProgress
from gridbid.evaluate.suite.definition import Suite, Task
from gridbid.evaluate.suite.entrants import Entrant
from gridbid.evaluate.suite.guard import check_digests, check_series
from gridbid.evaluate.suite.results import TaskResult, read_result, task_result, write_result
from gridbid.market.errors import InputError

OnTask = Callable[[Task, TaskResult | None], None]
"""Told a task as it begins, with its result if that is kept from before, and again with its result when it is played."""


class _Stopwatch:
    """Attributes the time between two reports of an evaluation to the controller that reports."""

    def __init__(self, on_progress: OnProgress | None) -> None:
        self._on_progress = on_progress
        self._last = time.monotonic()
        self.seconds: dict[str, float] = {}

    def __call__(self, name: str, share: float) -> None:
        now = time.monotonic()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._last
        self._last = now
        if self._on_progress is not None:
            self._on_progress(name, share)


def play_suite(
    suite: Suite,
    size: str,
    entrants: Sequence[Entrant],
    out: Path,
    *,
    anew: bool = False,
    on_task: OnTask | None = None,
    on_progress: OnProgress | None = None,
) -> list[TaskResult]:
    """Play every task of a size and keep each result in ``out``; a result of the same suite, program and entrants is reused.

    Nothing, rule and the optimum always play. InputError, before anything is played, when a scenario isn't the frozen one.
    """
    tasks, commit = suite.of_size(size), program_version()
    check_digests(tasks)
    results = []
    for task in tasks:
        kept = None if anew else _kept(suite, task, entrants, commit, out)
        if on_task is not None:
            on_task(task, kept)
        if kept is None:
            kept = play_task(suite, task, entrants, commit, on_progress)
            write_result(kept, out)
            if on_task is not None:
                on_task(task, kept)
        results.append(kept)
    return results


def play_task(
    suite: Suite,
    task: Task,
    entrants: Sequence[Entrant],
    commit: str,
    on_progress: OnProgress | None = None,
) -> TaskResult:
    """Play one task with the program as ``commit`` names it. InputError when its scenario or series aren't the frozen ones."""
    check_digests((task,))
    check_series(suite, task)
    watch = _Stopwatch(on_progress)
    evaluation = evaluate(
        task.scenario,
        [_policy(entrant) for entrant in entrants],
        split=suite.split,
        weeks=task.weeks,
        samples=suite.samples,
        seed=suite.seed,
        n_slots=task.n_slots,
        on_progress=watch,
    )
    if any(evaluation.residuals.values()):
        raise InputError(f"{task.name}: the books leave {evaluation.residuals} unaccounted for; expected 0")
    return task_result(
        suite,
        task,
        evaluation,
        commit=commit,
        entrants=_identities(entrants),
        seconds=watch.seconds,
    )


def _policy(entrant: Entrant) -> Policy:
    policy = named_policy(entrant.name if entrant.folder is None else str(entrant.folder))
    policy.name = entrant.name
    return policy


def _identities(entrants: Sequence[Entrant]) -> dict[str, str | None]:
    return {entrant.name: entrant.sha256 for entrant in entrants}


def _kept(suite: Suite, task: Task, entrants: Sequence[Entrant], commit: str, out: Path) -> TaskResult | None:
    """A result that says all that would be played; None when there is none."""
    path = out / f"{task.name}.json"
    if not path.is_file():
        return None
    found = read_result(path)
    asked = (suite.sha256, task, commit, _identities(entrants))
    return found if (found.suite_sha256, found.task, found.commit, found.entrants) == asked else None
