"""``gridbid bench suite``: the frozen benchmark, and a leaderboard row for everybody who plays it."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gridbid.evaluate.suite.definition import Task
    from gridbid.evaluate.suite.results import TaskResult

EXAMPLES = """
Examples: `gridbid bench suite --quick` | `gridbid bench suite --policy mine=runs/long/bundle --out runs/suite` |
`gridbid bench suite --size full --no-ladder --policy mine=runs/long/bundle`
"""


class Size(StrEnum):
    """Sizes of the suite."""

    quick = "quick"
    small = "small"
    full = "full"


def suite(
    policy: Annotated[
        list[str] | None,
        typer.Option(
            help="A policy's name, or a bundle's folder; NAME=FOLDER,FOLDER or NAME='FOLDER*' are several trainings "
            "of one method; repeat."
        ),
    ] = None,
    size: Annotated[
        Size, typer.Option(help="small is tiny and rural, full all built-in scenarios.")
    ] = Size.small,
    quick: Annotated[
        bool, typer.Option("--quick", help="Two days of tiny: to see whether it runs, not a result.")
    ] = False,
    ladder: Annotated[
        bool, typer.Option(help="Play the ladder too; nothing, rule and the optimum always play.")
    ] = True,
    task: Annotated[
        list[str] | None,
        typer.Option(help="Only these tasks of the size; repeat. Results are kept, rows are not written."),
    ] = None,
    exploitability: Annotated[
        list[Path] | None,
        typer.Option(help="The exploitability.json of a run, for the row of its policy; repeat."),
    ] = None,
    anew: Annotated[bool, typer.Option("--anew", help="Play what is finished in --out once more.")] = False,
    out: Annotated[Path, typer.Option(help="Folder for results and rows.")] = Path("runs/suite"),
) -> None:
    """Play the benchmark suite and write leaderboard rows. What an interrupted run finished is kept in --out."""
    from gridbid.cli.terminal import console, controller_progress
    from gridbid.evaluate.protocol.ladder import load_players
    from gridbid.evaluate.suite.definition import load_suite
    from gridbid.evaluate.suite.leaderboard import leaderboard_rows, read_exploitability, write_leaderboard
    from gridbid.evaluate.suite.play import play_suite

    chosen = Size.quick if quick else size
    methods, bounds = load_players(policy or [], ladder=ladder)
    gains = dict(read_exploitability(path) for path in exploitability or [])
    version = load_suite()
    console.print(
        f"{version.version}, {chosen}, {version.sha256[:12]}: {', '.join([*(method.name for method in methods), *bounds])}"
    )
    with controller_progress() as on_progress:
        results = play_suite(
            version,
            chosen,
            methods,
            out,
            bounds=bounds,
            only=task or (),
            anew=anew,
            on_task=_tell,
            on_progress=on_progress,
        )
    if task:
        console.print(f"Results: {out}")
        return
    rows = leaderboard_rows(results, chosen, gains)
    paths = write_leaderboard(rows, out)
    _show(rows)
    console.print(f"Rows: {', '.join(map(str, paths))}")


def _tell(task: "Task", result: "TaskResult | None") -> None:
    from gridbid.cli.terminal import console

    if result is None:
        console.print(
            f"  {task.name}: {len(task.weeks)} episodes of {task.n_slots} slots of {task.scenario} ..."
        )
    else:
        console.print(f"  {task.name}: finished, {sum(result.seconds.values()):.0f} s of play")


def _show(rows: list[dict[str, Any]]) -> None:
    from rich.table import Column, Table

    from gridbid.cli.terminal import console
    from gridbid.evaluate.suite.leaderboard import shown_interval

    tasks = list(rows[0]["tasks"])
    numbers = [Column(f"S {task}", justify="right") for task in tasks]
    table = Table(
        Column("controller", no_wrap=True),
        Column("IQM of S [95 %]", justify="right", no_wrap=True),
        *numbers,
        Column("s", justify="right"),
        box=None,
        header_style="bold",
    )
    for row in rows:
        scores = [shown_interval(row["tasks"][task]["s"][:1] * 3) for task in tasks]
        table.add_row(row["name"], shown_interval(row["iqm_s"]), *scores, f"{row['seconds']:.0f}")
    console.print(table)
