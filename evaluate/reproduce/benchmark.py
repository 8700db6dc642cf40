"""The page on the benchmark: ``python -m gridbid.evaluate.reproduce.benchmark [--check]`` writes its tables, or compares them.

They are made from the results that `gridbid bench suite --size full --out docs/benchmark` keeps beside the page.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from gridbid.evaluate.files import write_text
from gridbid.evaluate.protocol.bounds import BOUNDS
from gridbid.evaluate.protocol.methods import load_method
from gridbid.evaluate.reproduce.pages import ROOT, Place, markdown_table, read_page, with_passage
from gridbid.evaluate.suite.definition import Task, load_suite
from gridbid.evaluate.suite.leaderboard import leaderboard_rows, shown_interval
from gridbid.evaluate.suite.play import play_task
from gridbid.evaluate.suite.results import TaskResult, read_result

PAGE = "docs/benchmark.md"
KEPT = ROOT / "docs" / "benchmark"
SUBMITTED = "submitted.jsonl"
"""Rows of others, a line each, in the form of `evaluate/suite/row.schema.json`."""

SIZE = "full"
TOLERANCE = 0.002
"""Relative: programs are solved to a tolerance, and amounts are shown to the cent."""

_COMMAND = "python -m gridbid.evaluate.reproduce.benchmark"
_FIGURES = (
    ("bill_eur", "bill, EUR", 0),
    ("violation_eur", "violations, EUR", 0),
    ("peak_kw", "peak, kW", 1),
    ("overload_kwh", "overload, kWh", 0),
    ("unmet_ev_kwh", "unmet EV, kWh", 1),
    ("co2_kg", "CO2, kg", 0),
)


def kept_results(folder: Path = KEPT) -> dict[str, TaskResult]:
    """The results that are kept, by task, in the order of the suite."""
    paths = {task.name: folder / f"{task.name}.json" for task in load_suite().of_size(SIZE)}
    return {name: read_result(path) for name, path in paths.items() if path.is_file()}


def submitted_rows(folder: Path = KEPT) -> list[dict[str, Any]]:
    """Rows that others have submitted."""
    path = folder / SUBMITTED
    return (
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []
    )


@cache
def played_anew(task: str) -> TaskResult:
    """A kept task played again by those who played it; all are policies and bounds of the program."""
    suite, kept = load_suite(), kept_results()[task]
    methods = [load_method(name) for name in kept.entrants if name not in BOUNDS]
    bounds = [name for name in kept.entrants if name in BOUNDS]
    return play_task(suite, kept.task, methods, kept.commit, bounds=bounds)


def heading(task: Task) -> str:
    """The heading of a task's section."""
    return f"`{task.scenario}`"


def tasks_table() -> str:
    """What the suite plays."""
    head = ("scenario", "weeks", "slots of an episode", "SHA-256 of the scenario")
    rows = [
        (heading(task), ", ".join(map(str, task.weeks)), str(task.n_slots), f"`{task.scenario_sha256}`")
        for task in load_suite().of_size(SIZE)
    ]
    return markdown_table(head, rows)


def leaderboard_table(results: Mapping[str, TaskResult], others: Sequence[Mapping[str, Any]] = ()) -> str:
    """S of everybody, task by task and over all, the best first."""
    rows = [*leaderboard_rows(list(results.values()), SIZE), *others]
    rows.sort(key=lambda row: -row["iqm_s"][0])
    head = (
        "controller",
        "IQM of S, all weeks [95 %]",
        *(f"S, {heading(result.task)}" for result in results.values()),
    )
    cells = [
        (
            row["name"],
            shown_interval(row["iqm_s"]),
            *(shown_interval(row["tasks"][task]["s"][:1] * 3) for task in results),
        )
        for row in rows
    ]
    return markdown_table(head, cells, numbers_from=2)


def weeks_table(result: TaskResult) -> str:
    """J week by week, EUR: what others publish against."""
    head = ("J, EUR", *(f"week {week}" for week in result.task.weeks), "sum")
    rows = [
        (name, *(f"{j:.2f}" for j in played.j_eur), f"{sum(played.j_eur):.2f}")
        for name, played in _dearest_first(result)
    ]
    return markdown_table(head, rows, numbers_from=1)


def figures_table(result: TaskResult) -> str:
    """S with its intervals, and key figures over all weeks."""
    head = ("controller", "S [95 %]", "IQM of the weeks' S [95 %]", *(title for _, title, _ in _FIGURES))
    rows = [
        (
            name,
            shown_interval(played.s),
            shown_interval(played.iqm_s),
            *(_shown(played.figures[figure], digits) for figure, _, digits in _FIGURES),
        )
        for name, played in _dearest_first(result)
    ]
    return markdown_table(head, rows, numbers_from=3)


def seconds_table(results: Mapping[str, TaskResult]) -> str:
    """Wall seconds of everybody, task by task."""
    names = dict.fromkeys(name for result in results.values() for name in result.controllers)
    head = ("seconds", *(heading(result.task) for result in results.values()))
    rows = [(name, *(_shown(result.seconds.get(name), 0) for result in results.values())) for name in names]
    return markdown_table(head, rows, numbers_from=1)


KINDS: dict[str, Callable[[TaskResult], str]] = {"weeks": weeks_table, "figures": figures_table}
"""The tables of a task's section, in their order."""

TASKS = Place(PAGE, "What is played")
LEADERBOARD = Place(PAGE, "Leaderboard")
SECONDS = Place(PAGE, "How long it takes")


def places() -> dict[Place, str]:
    """All tables of the page as the kept results have them, by their places."""
    results = kept_results()
    by_task = {
        Place(PAGE, heading(result.task), index): table(result)
        for result in results.values()
        for index, table in enumerate(KINDS.values())
    }
    return {
        TASKS: tasks_table(),
        LEADERBOARD: leaderboard_table(results, submitted_rows()),
        SECONDS: seconds_table(results),
        **by_task,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog=_COMMAND, description="Write the tables of the benchmark's page.")
    parser.add_argument("--check", action="store_true", help="compare the page, write nothing")
    chosen = parser.parse_args(arguments)
    page = text = read_page(PAGE)
    for place, table in places().items():
        text = with_passage(place, text, table)
    if chosen.check and text != page:
        print(f"{PAGE} is not what its results say; run {_COMMAND}", file=sys.stderr)
        return 1
    if not chosen.check:
        write_text(ROOT / PAGE, text)
    return 0


def _dearest_first(result: TaskResult) -> list[tuple[str, Any]]:
    return sorted(result.controllers.items(), key=lambda item: -sum(item[1].j_eur))


def _shown(figure: float | None, digits: int) -> str:
    return "" if figure is None else f"{figure:.{digits}f}"


if __name__ == "__main__":
    sys.exit(main())
