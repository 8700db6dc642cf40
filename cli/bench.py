"""``gridbid bench``: speed beside a yardstick that runs in the same process."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Measure speed beside yardsticks run in the same process.", no_args_is_help=True)
Json = Annotated[Path | None, typer.Option("--json", help="Write the measures to this file as well.")]


@app.callback()
def bench() -> None:
    """Measure speed beside yardsticks run in the same process."""


@app.command(epilog="Example: `gridbid bench core --json bench.json`")
def core(json: Json = None) -> None:
    """The order book, the power flow and the whole slot."""
    from rich.table import Table

    from gridbid.cli.terminal import console
    from gridbid.evaluate.benchmarks.core import core_measures
    from gridbid.evaluate.benchmarks.measure import write_measures

    console.print("Timing each beside its yardstick, in turn, medians of several blocks ...")
    measures = core_measures()
    table = Table("what", "unit", "ours", "yardstick", "ratio", "to reach", box=None, header_style="bold")
    for measure in measures:
        reach = f"{measure.reach:.4g} x" if measure.reach is not None else ""
        table.add_row(
            measure.name,
            measure.unit,
            f"{measure.ours:.4g}",
            f"{measure.yardstick:.4g}",
            f"{measure.ratio:.4g} x",
            reach,
        )
    console.print(table)
    if json is not None:
        write_measures(measures, json)
