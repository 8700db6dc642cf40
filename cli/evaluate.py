"""``gridbid evaluate``: policies on held-out weeks, beside the yardsticks and the bound."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridbid.evaluate.protocol import Evaluation
    from gridbid.evaluate.protocol.manifest import Manifest

EXAMPLES = """
Examples: `gridbid evaluate rural --ladder --policy runs/demo/bundle --json out.json` |
`gridbid evaluate rural --policy 'ppo=runs/seed*' --report runs/ppo` |
`gridbid evaluate --manifest runs/ppo/manifest.json`
"""
_FROZEN = (
    "scenario",
    "policy",
    "ladder",
    "split",
    "week",
    "samples",
    "seed",
    "prices",
    "sessions",
    "utility",
)
"""Parameters that a manifest holds already."""


def evaluate(
    context: typer.Context,
    scenario: Annotated[str, typer.Argument(help="A built-in scenario or a folder.")] = "rural",
    policy: Annotated[
        list[str] | None,
        typer.Option(
            help="A policy's name, a bound's, or a bundle's folder; NAME=FOLDER,FOLDER or NAME='FOLDER*' "
            "are several trainings of one method; repeat."
        ),
    ] = None,
    ladder: Annotated[bool, typer.Option("--ladder", help="Play every rung of the ladder.")] = False,
    split: Annotated[str, typer.Option(help="train, validation or test.")] = "test",
    week: Annotated[list[int] | None, typer.Option(help="Only these local weeks; repeat.")] = None,
    samples: Annotated[int, typer.Option(help="Draws of prices and cars for each week.", min=1)] = 1,
    seed: Annotated[int, typer.Option(help="Of the draws.", min=0)] = 0,
    prices: Annotated[
        Path | None, typer.Option(help="A real hourly series (Parquet) instead of sampled prices.")
    ] = None,
    sessions: Annotated[Path | None, typer.Option(help="Real charging sessions (Parquet).")] = None,
    utility: Annotated[
        str | None,
        typer.Option(help="Who has the utility's seat: flat, time_of_use or stackelberg; nobody by default."),
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option(help="Repeat the evaluation of this manifest, or of this result.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write controllers, S and all else to this file.")] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write manifest, summary, traces and report.html into this folder.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Threads; as many as processors by default.", min=1)
    ] = None,
) -> None:
    """Evaluate policies on held-out weeks. `nothing`, `rule` and the optimum always stand beside them.

    What will be played is written down, with the hashes of all data, before the first week is.
    """
    from gridbid.cli.results import show_evaluation
    from gridbid.cli.terminal import controller_progress
    from gridbid.evaluate.protocol import evaluate
    from gridbid.evaluate.protocol.ladder import load_players

    def freeze(frozen: "Manifest") -> None:
        _write_manifest(frozen, json, report)

    if manifest is not None:
        _refuse_frozen(context)
        evaluation = _repeat(manifest, workers, freeze)
    else:
        methods, bounds = load_players(policy or [], ladder=ladder)
        with controller_progress() as on_progress:
            evaluation = evaluate(
                scenario,
                methods,
                split=split,
                weeks=week,
                samples=samples,
                seed=seed,
                prices=prices,
                sessions=sessions,
                bounds=bounds,
                utility=utility,
                on_manifest=freeze,
                on_progress=on_progress,
                workers=workers,
            )
    show_evaluation(evaluation)
    _write(evaluation, json, report)


def _refuse_frozen(context: typer.Context) -> None:
    from gridbid.market.errors import InputError

    given = [
        name for name in _FROZEN if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"
    ]
    if given:
        raise InputError(f"{', '.join(given)}: a manifest says that already; leave it out beside --manifest")


def _repeat(path: Path, workers: int | None, freeze: "Callable[[Manifest], None]") -> "Evaluation":
    """Play what a manifest froze, and say whether it came to the same."""
    from gridbid.cli.terminal import console, controller_progress
    from gridbid.evaluate.protocol.findings import findings
    from gridbid.evaluate.protocol.manifest import other_program, read_manifest
    from gridbid.evaluate.protocol.repeat import changed_figures, read_figures, repeat

    frozen, figures = read_manifest(path), read_figures(path)
    for line in other_program(frozen):
        console.print(f"    [yellow]Another program: {line}[/]")
    with controller_progress() as on_progress:
        evaluation = repeat(frozen, on_manifest=freeze, on_progress=on_progress, workers=workers)
    if figures is not None:
        changed = changed_figures(figures, findings(evaluation)["controllers"])
        told = (
            f"{len(changed)} figures differ, as {', '.join(changed[:3])}"
            if changed
            else "the same to the bit"
        )
        console.print(f"    Beside the figures in {path}: [bold]{told}[/]")
    return evaluation


def _write_manifest(manifest: "Manifest", json: Path | None, report: Path | None) -> None:
    """Into the report's folder, else beside the file of figures; nowhere when nothing is written."""
    from gridbid.evaluate.protocol.manifest import FILE

    if report is not None:
        manifest.write(report / FILE)
    elif json is not None:
        manifest.write(json.with_suffix(f".{FILE}"))


def _write(evaluation: "Evaluation", json: Path | None, report: Path | None) -> None:
    """Each file whole; a run's summary last, so that a folder with one is finished."""
    from gridbid.agents.folders import whole_folder
    from gridbid.cli.terminal import console
    from gridbid.evaluate.files import write_json
    from gridbid.evaluate.protocol.findings import result
    from gridbid.evaluate.report import write_report
    from gridbid.evaluate.traces import summary, write_traces

    if json is not None:
        write_json(json, result(evaluation))
    if report is not None:
        report.mkdir(parents=True, exist_ok=True)
        with whole_folder(report / "traces") as draft:
            write_traces(evaluation, draft)
        write_json(report / "summary.json", summary(evaluation))
        console.print(f"Report: {write_report(report)}")
