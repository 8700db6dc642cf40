"""``gridbid data``: check data files, and make scenarios of them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gridbid.cli import data_import

if TYPE_CHECKING:
    from gridbid.envs.importers.findings import Findings

app = typer.Typer(help="Check data files, and make scenarios of them.", no_args_is_help=True)
app.add_typer(data_import.app, name="import")

FAULTY = 2
COLOURS = {"fault": "red", "warning": "yellow", "note": "dim"}
Kind = Literal["meters", "prices", "sessions", "scenario", "citylearn", "pandapower"]


@app.command(
    epilog="Example: `gridbid data check meters.csv --clock local`. Exit status: 0 no fault, 2 faults."
)
def check(
    file: Annotated[Path, typer.Argument(help="A file, or a folder of a scenario or of CityLearn.")],
    kind: Annotated[
        Kind | None, typer.Option("--as", help="What it is, where that isn't recognised.")
    ] = None,
    timezone: Annotated[str, data_import.TIMEZONE] = "Europe/Berlin",
    time: Annotated[str | None, data_import.TIME] = None,
    meter: Annotated[str | None, data_import.METER] = None,
    value: Annotated[str | None, data_import.VALUE] = None,
    unit: Annotated[data_import.Unit | None, data_import.UNIT] = None,
    clock: Annotated[str | None, data_import.CLOCK] = None,
    stamps: Annotated[data_import.Edge | None, data_import.STAMPS] = None,
    date_order: Annotated[data_import.DateOrder | None, data_import.DATE_ORDER] = None,
    duplicates: Annotated[data_import.Duplicates, data_import.DUPLICATES] = "refuse",
    flip_sign: Annotated[bool, data_import.FLIP_SIGN] = False,
    most_filled: Annotated[float, data_import.MOST_FILLED] = 0.1,
    leave_out: Annotated[list[str] | None, data_import.LEAVE_OUT] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 2 for warnings as well.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Say what a file is, and list every fault with field, row and remedy. Nothing is written."""
    from gridbid.envs.data_check import CheckOptions, check_file
    from gridbid.envs.importers.meter_columns import MeterOptions

    meters = MeterOptions(
        time=time,
        meter=meter,
        value=value,
        unit=unit,
        clock=clock,
        stamps=stamps,
        date_order=date_order,
        duplicates=duplicates,
        flip_sign=flip_sign,
        most_filled=most_filled,
        leave_out=tuple(leave_out or ()),
    )
    findings = check_file(file, CheckOptions(kind=kind, timezone=timezone, meters=meters))
    if as_json:
        print(json.dumps(findings.document(), indent=1))
    else:
        show(findings)
    if findings.of("fault") or (strict and findings.of("warning")):
        raise typer.Exit(FAULTY)


def show(findings: "Findings") -> None:
    """Facts and findings for people."""
    from gridbid.cli.terminal import console

    for name, fact in findings.facts.items():
        console.print(f"[bold]{name:12}[/] {_short(fact)}", markup=True, soft_wrap=True)
    for finding in findings.found:
        console.print(f"[{COLOURS[finding.severity]}]{finding.severity}[/]", end=" ")
        console.print(str(finding).partition(": ")[2], markup=False, soft_wrap=True)
    faults, warnings = len(findings.of("fault")), len(findings.of("warning"))
    console.print(f"{findings.file}: {faults} kind(s) of fault, {warnings} of warning")


def _short(fact: Any) -> str:
    if isinstance(fact, dict):
        fact = [f"{key} {value}" for key, value in fact.items()]
    if isinstance(fact, list):
        more = f" ... ({len(fact)} in all)" if len(fact) > 12 else ""
        return ", ".join(map(str, fact[:12])) + more
    return str(fact)
