"""Plays a suite task by task; what is finished is kept, so that an interrupted suite goes on where it stopped."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from gridbid.agents.bundle import FACTS
from gridbid.evaluate.protocol import evaluate
from gridbid.evaluate.protocol.bounds import OPTIMUM
from gridbid.evaluate.protocol.methods import Method
from gridbid.evaluate.protocol.provenance import commit
from gridbid.evaluate.records.rollout import OnProgress
from gridbid.evaluate.suite.definition import Suite, Task
from gridbid.evaluate.suite.guard import check_digests, check_series
from gridbid.evaluate.suite.results import TaskResult, read_result, task_result, write_result
from gridbid.market.errors import InputError

OnTask = Callable[[Task, TaskResult | None], None]
"""Told a task as it begins, with its result if that is kept from before, and again with its result when it is played."""


def play_suite(
    suite: Suite,
    size: str,
    methods: Sequence[Method],
    out: Path,
    *,
    bounds: Sequence[str] = (OPTIMUM.name,),
    only: Sequence[str] = (),
    anew: bool = False,
    on_task: OnTask | None = None,
    on_progress: OnProgress | None = None,
) -> list[TaskResult]:
    """Play every task of a size, or ``only`` those of these names, and keep each result in ``out``; a result of the same suite, program and methods is reused.

    Nothing, rule and the optimum always play. InputError, before anything is played, when a scenario isn't the frozen one.
    """
    tasks, program = suite.of_size(size, only), commit() or "unknown"
    asked = entrants(methods, bounds)
    check_digests(tasks)
    results = []
    for task in tasks:
        kept = None if anew else _kept(suite, task, asked, program, out)
        if on_task is not None:
            on_task(task, kept)
        if kept is None:
            kept = play_task(suite, task, methods, program, bounds=bounds, on_progress=on_progress)
            write_result(kept, out)
            if on_task is not None:
                on_task(task, kept)
        results.append(kept)
    return results


def play_task(
    suite: Suite,
    task: Task,
    methods: Sequence[Method],
    program: str,
    *,
    bounds: Sequence[str] = (OPTIMUM.name,),
    on_progress: OnProgress | None = None,
) -> TaskResult:
    """Play one task with the program that ``program`` names. InputError when its scenario or series aren't the frozen ones."""
    check_digests((task,))
    check_series(suite, task)
    evaluation = evaluate(
        task.scenario,
        methods,
        split=suite.split,
        weeks=task.weeks,
        samples=suite.samples,
        seed=suite.seed,
        n_slots=task.n_slots,
        bounds=bounds,
        on_progress=on_progress,
    )
    if any(evaluation.residuals.values()):
        raise InputError(f"{task.name}: the books leave {evaluation.residuals} unaccounted for; expected 0")
    return task_result(suite, task, evaluation, program=program, entrants=entrants(methods, bounds))


def entrants(methods: Sequence[Method], bounds: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Who is asked to play, by name: the SHA-256 of each bundle's description, which holds those of its networks."""
    found = {
        method.name: tuple(
            hashlib.sha256((folder / FACTS).read_bytes()).hexdigest() for folder in method.folders
        )
        for method in methods
    }
    return {**found, **dict.fromkeys(bounds, ())}


def _kept(
    suite: Suite, task: Task, asked: dict[str, tuple[str, ...]], program: str, out: Path
) -> TaskResult | None:
    """A result that says all that would be played; None when there is none."""
    path = out / f"{task.name}.json"
    if not path.is_file():
        return None
    found = read_result(path)
    same = (found.suite_sha256, found.task, found.commit, found.entrants) == (
        suite.sha256,
        task,
        program,
        asked,
    )
    return found if same else None
