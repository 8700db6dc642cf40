"""``gridbid report``: what runs left in their folders, as one page that needs nothing else."""

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """
Examples: `gridbid report runs/demo` | `gridbid report runs/demo runs/long --out runs/both.html`
"""


def report(
    runs: Annotated[
        list[Path], typer.Argument(help="Folders of runs; several are compared side by side.", metavar="RUN…")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Where the page goes, its tables beside it as Parquet. "
            "By default report.html in the run's folder, comparison.html here for several."
        ),
    ] = None,
) -> None:
    """Write a report of a run, or compare several: one HTML file, and its tables as Parquet."""
    from gridbid.cli.terminal import console
    from gridbid.evaluate.report import write_pages

    page, tables = write_pages(runs, out)
    console.print(f"Report: {page}, tables: {tables}")
