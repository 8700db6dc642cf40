"""``gridbid data``: scenarios and the data that they are made of."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Look at scenarios, and make them from other data.", no_args_is_help=True)


@app.command(epilog="Example: `gridbid data list`")
def list() -> None:  # the command's name
    """Built-in scenarios."""
    from gridbid.cli.terminal import console
    from gridbid.envs.scenario import load_scenario, scenario_names

    for name in scenario_names():
        console.print(f"[bold]{name:8}[/] {load_scenario(name).title}")


@app.command(epilog="Example: `gridbid data show rural`, or a folder of your own")
def show(scenario: Annotated[str, typer.Argument(help="A built-in scenario or a folder.")]) -> None:
    """Who is in a scenario, and where its data come from."""
    from rich.table import Table

    from gridbid.cli.terminal import console
    from gridbid.envs.scenario import load_scenario

    loaded = load_scenario(scenario)
    console.print(f"[bold]{loaded.title}[/]  (version {loaded.version}, sha256 {loaded.digest[:12]})")
    table = Table("agent", "bus", "behind its meter", "import / export kW", box=None, header_style="bold")
    for seat in loaded.seats:
        parts = [
            f"load {seat.load.rated_kw:.3g} kW" if seat.load else "",
            f"PV {seat.pv.peak_kw:.3g} kW" if seat.pv else "",
            f"battery {seat.battery.capacity_kwh:.3g} kWh" if seat.battery else "",
            f"charge point {seat.charge_point.power_kw:.3g} kW" if seat.charge_point else "",
            f"heat pump {seat.heat_pump.power_kw:.3g} kW" if seat.heat_pump else "",
        ]
        limits = f"{seat.import_limit_kw:.3g} / {seat.export_limit_kw:.3g}" if seat.kind != "utility" else ""
        table.add_row(seat.name, str(seat.bus), ", ".join(p for p in parts if p) or "no meter", limits)
    console.print(table)
    for licence in loaded.licences:
        console.print(f"[dim]{licence.covers}: {licence.terms}; {licence.attribution}[/]")


@app.command(
    epilog="Example: `gridbid data simbench 1-LV-semiurb4--2-sw scenarios` (needs gridbid[simbench])"
)
def simbench(
    code: Annotated[str, typer.Argument(help="SimBench code of a low-voltage grid, e.g. 1-LV-rural1--2-sw.")],
    out: Annotated[
        Path,
        typer.Argument(
            help="Folder in which the scenario's own folder is made; one of its name is replaced."
        ),
    ],
) -> None:
    """Convert a SimBench grid with its year of profiles into a scenario."""
    from gridbid.cli.terminal import console
    from gridbid.envs.importers.simbench import convert

    console.print(f"Converting {code} ...")
    folder = convert(code, out)
    console.print(f"Wrote {folder}. Look at it: gridbid data show {folder}")
