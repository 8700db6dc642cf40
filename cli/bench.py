"""``gridbid bench``: speed beside a yardstick that runs in turn, and where a step's time goes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gridbid.evaluate.benchmarks.measure import Measure

app = typer.Typer(help="Measure speed beside yardsticks that run in turn.", no_args_is_help=True)
Json = Annotated[Path | None, typer.Option("--json", help="Write the measures to this file as well.")]
Participants = Annotated[int, typer.Option(min=2, help="Participants of a community.")]


@app.command(epilog="Example: `gridbid bench core --json bench.json`")
def core(json: Json = None) -> None:
    """The order book, the power flow and the whole step: about three minutes."""
    from gridbid.evaluate.benchmarks.core import CORE

    _measure(CORE, json)


@app.command(epilog="Example: `gridbid bench envs --json envs.json`")
def envs(json: Json = None) -> None:
    """What an environment's faces cost an agent and step: about half a minute."""
    from gridbid.evaluate.benchmarks.envs import FACES

    _measure(FACES, json)


@app.command(epilog="Example: `gridbid bench agents --json agents.json`")
def agents(json: Json = None) -> None:
    """What the rules cost an agent and step, as kernels and in NumPy: a few seconds."""
    from gridbid.evaluate.benchmarks.agents import AGENTS

    _measure(AGENTS, json)


@app.command(epilog="Example: `gridbid bench profile --participants 1000`")
def profile(participants: Participants = 100) -> None:
    """What each part of a step costs, with one round, in one thread."""
    from rich.table import Table

    from gridbid.cli.terminal import console
    from gridbid.evaluate.benchmarks.profile import profile_step

    table = Table("part", "ns/agent-step", box=None, header_style="bold")
    for name, ns in profile_step(participants):
        table.add_row(name, f"{ns:.1f}")
    console.print(table)


def _measure(what: "Mapping[str, Callable[[], list[Measure]]]", json: Path | None) -> None:
    """Measure one after the other, show the measures as a table, and write them if a file is named."""
    import time

    from rich.table import Table

    from gridbid.cli.terminal import console
    from gridbid.evaluate.benchmarks.measure import write_measures

    console.print("Timing each beside its yardstick, in turn, medians of several blocks.")
    measures = []
    for name, measure in what.items():
        begin = time.monotonic()
        console.print(f"  {name} ...", end="")
        measures += measure()
        console.print(f" {time.monotonic() - begin:.0f} s")
    table = Table("what, unit", "ours", "yardstick", "ratio", "to reach", box=None, header_style="bold")
    for name, ours, yardstick, unit, ratio, reach in measures:
        to_reach = f"{reach:.4g} x" if reach is not None else ""
        table.add_row(f"{name}, {unit}", f"{ours:.4g}", f"{yardstick:.4g}", f"{ratio:.4g} x", to_reach)
    console.print(table)
    if json is not None:
        write_measures(measures, json)
