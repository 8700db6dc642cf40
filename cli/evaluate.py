"""``gridbid evaluate``: policies on held-out weeks, beside the yardsticks and the bound."""

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """
Examples: `gridbid evaluate rural --policy rule --policy runs/demo/bundle` |
`gridbid evaluate rural --split validation --week 11 --policy zero_intelligence --json out.json`
"""


def evaluate(
    scenario: Annotated[str, typer.Argument(help="A built-in scenario or a folder.")] = "rural",
    policy: Annotated[
        list[str] | None,
        typer.Option(help="nothing, rule, zero_intelligence, optimum, or a bundle's folder; repeat."),
    ] = None,
    split: Annotated[str, typer.Option(help="train, validation or test.")] = "test",
    week: Annotated[list[int] | None, typer.Option(help="Only these local weeks; repeat.")] = None,
    samples: Annotated[int, typer.Option(help="Draws of prices and cars for each week.", min=1)] = 1,
    seed: Annotated[int, typer.Option(help="Of the draws.", min=0)] = 0,
    prices: Annotated[
        Path | None, typer.Option(help="A real hourly series (Parquet) instead of sampled prices.")
    ] = None,
    sessions: Annotated[Path | None, typer.Option(help="Real charging sessions (Parquet).")] = None,
    json: Annotated[Path | None, typer.Option(help="Write controllers and S to this file.")] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write summary, traces and report.html into this folder.")
    ] = None,
) -> None:
    """Evaluate policies on held-out weeks. `nothing`, `rule` and the optimum always stand beside them."""
    from gridbid.agents.named import named_policy
    from gridbid.cli.results import scores_by_name, show_table
    from gridbid.cli.terminal import console, controller_progress
    from gridbid.evaluate.files import write_json
    from gridbid.evaluate.protocol import OPTIMUM, evaluate
    from gridbid.evaluate.report import write_report
    from gridbid.evaluate.traces import summary, write_traces

    policies = [named_policy(name) for name in policy or [] if name != OPTIMUM]
    with controller_progress() as on_progress:
        evaluation = evaluate(
            scenario,
            policies,
            split=split,
            weeks=week,
            samples=samples,
            seed=seed,
            prices=prices,
            sessions=sessions,
            on_progress=on_progress,
        )
    show_table(evaluation)
    if json is not None:
        write_json(json, {"controllers": summary(evaluation)["controllers"], "S": scores_by_name(evaluation)})
    if report is not None:
        report.mkdir(parents=True, exist_ok=True)
        write_traces(evaluation, report / "traces")
        write_json(report / "summary.json", summary(evaluation))
        console.print(f"Report: {write_report(report)}")
