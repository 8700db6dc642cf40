"""``gridbid replay``: what is in a trace, whether it comes out again, and why an agent did what it did."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gridbid.envs.traces.explain import Explanation
    from gridbid.envs.traces.files import Trace

EXAMPLES = (
    "Examples: `gridbid replay runs/trace` | `gridbid replay runs/trace --check` | "
    '`gridbid replay runs/trace --agent battery_0 --at "2016-02-15 18:15"`'
)
DIFFERENT = 3
"""Exit code when a replay isn't what was recorded."""


def replay(
    path: Annotated[Path, typer.Argument(help="Folder of a trace: what record=PATH named.")],
    check: Annotated[
        bool, typer.Option("--check", help="Play it again and compare every number, bit for bit.")
    ] = False,
    episode: Annotated[
        int | None, typer.Option(help="Which episode; the first one, or with --check all of them.")
    ] = None,
    agent: Annotated[str | None, typer.Option(help="Tell why this agent did what it did.")] = None,
    at: Annotated[datetime | None, typer.Option(help="Local time of the slot to explain.")] = None,
    slot: Annotated[int | None, typer.Option(help="Slot of the year to explain.")] = None,
    step: Annotated[int | None, typer.Option(help="Step of the episode to explain.")] = None,
    scenario: Annotated[
        str | None, typer.Option(help="The scenario, where it isn't where it was when it was recorded.")
    ] = None,
) -> None:
    """Look into a trace: its episodes, a check that it replays, or an agent's slot in full."""
    from gridbid.envs.traces.explain import explain
    from gridbid.envs.traces.files import Trace
    from gridbid.market.errors import InputError

    if agent is not None:
        _show(explain(path, agent, slot=slot, step=step, at=at, episode=episode or 0))
    elif at is not None or slot is not None or step is not None:
        raise InputError("--at, --slot and --step say when; --agent has to say who")
    trace = Trace(path)
    if check:
        _check(trace, episode, scenario)
    elif agent is None:
        _overview(trace)


def _overview(trace: "Trace") -> None:
    from rich.table import Table

    from gridbid.cli.terminal import console

    kept = trace.metadata
    agents = {kind: len(names) for kind, names in kept["agents"].items()}
    counts = ", ".join(f"{count} {kind}" for kind, count in agents.items())
    console.print(
        f"[bold]{kept['scenario']['name']}[/] (version {kept['scenario']['version']}, "
        f"sha256 {kept['scenario']['digest'][:12]}), recorded by gridbid {kept['gridbid']}"
    )
    console.print(f"{counts}; {kept['rounds']} round(s) a slot of {60 * kept['slot_h']:g} min\n")
    table = Table(
        "episode", "community", "week", "begins (UTC)", box=None, header_style="bold", padding=(0, 1)
    )
    for name in ("steps", "fills", "kWh", "bill EUR", "J EUR"):
        table.add_column(name, justify="right")
    for row in trace.table("episodes").to_pylist():
        table.add_row(
            *(str(row[name]) for name in ("episode", "community", "week")),
            f"{row['begins']:%m-%d %H:%M}",
            *_figures(trace, row["episode"]),
        )
    console.print(table)
    first = next(name for names in kept["agents"].values() for name in names)
    console.print(f"\n[dim]Next: gridbid replay {trace.folder} --check[/]")
    console.print(f"[dim]      gridbid replay {trace.folder} --agent {first} --step 0[/]", highlight=False)


def _figures(trace: "Trace", episode: int) -> list[str]:
    import pyarrow.compute as pc

    from gridbid.market.types import Cost
    from gridbid.market.units import WH_PER_KWH, neur_to_eur

    deliveries, fills = trace.table("deliveries", episode), trace.table("fills", episode)
    traded_wh = pc.sum(fills["quantity_wh"]).as_py() or 0
    cash_neur = pc.sum(deliveries["cash_neur"]).as_py() or 0
    j_eur = sum(pc.sum(deliveries[f"{part.name.lower()}_eur"]).as_py() or 0.0 for part in Cost)
    return [
        str(trace.table("steps", episode).num_rows),
        str(fills.num_rows),
        f"{traded_wh / WH_PER_KWH:.1f}",
        f"{-neur_to_eur(cash_neur):.2f}",
        f"{j_eur:.2f}",
    ]


def _check(trace: "Trace", episode: int | None, scenario: str | None) -> None:
    from gridbid.cli.terminal import console
    from gridbid.envs.traces.replay import replay

    chosen = trace.table("episodes")["episode"].to_pylist() if episode is None else [episode]
    differs = False
    for number in chosen:
        played = replay(trace.folder, number, scenario=scenario)
        differs |= played.difference is not None
        if played.difference is None:
            console.print(f"episode {number}: {played.steps} steps replayed, [green]bit for bit the same[/]")
        else:
            console.print(f"episode {number}: [bold red]differs[/] at {played.difference}")
    if differs:
        raise typer.Exit(DIFFERENT)


def _show(explanation: "Explanation") -> None:
    from rich.table import Table

    from gridbid.cli.terminal import console

    console.print(f"[bold]{explanation.headline}[/]")
    for section in explanation.sections:
        console.print(f"\n[bold cyan]{section.title}[/]")
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        widest = [
            max(len(text) for text in texts)
            for texts in ((x.label for x in section.lines), (x.value for x in section.lines))
        ]
        table.add_column(no_wrap=True, min_width=2 + widest[0])
        table.add_column(style="bold", no_wrap=True, min_width=widest[1])
        table.add_column(style="dim", no_wrap=True, overflow="ellipsis")
        for line in section.lines:
            table.add_row(f"  {line.label}", line.value, line.note)
        console.print(table)
