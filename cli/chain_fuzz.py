"""``gridbid chain fuzz``: core, twin and contracts under the same random events."""

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gridbid.chain.fuzz.compare import Match
    from gridbid.chain.fuzz.events import Log
    from gridbid.chain.fuzz.tally import Tally

EXAMPLE = "Example: `gridbid chain fuzz --events 20000 --seed 1 --json fuzz.json`"


def fuzz(
    events: Annotated[int, typer.Option(min=1, help="How many events to play.")] = 20_000,
    seed: Annotated[int, typer.Option(help="What the events are drawn from.")] = 0,
    json_file: Annotated[Path | None, typer.Option("--json", help="File to write the figures to.")] = None,
    processes: Annotated[int, typer.Option(min=0, help="Processes; 0: one for each processor.")] = 0,
    replay: Annotated[Path | None, typer.Option(help="Play this log instead of random ones.")] = None,
) -> None:
    """Play random events on core, twin and contracts, and compare everything after each; exit 1 where they part."""
    from gridbid.chain.fuzz.campaign import match_of_all
    from gridbid.chain.fuzz.report import read_log

    if replay is not None:
        try:
            log = read_log(replay)
        except (OSError, ValueError) as error:
            raise typer.BadParameter(str(error), param_hint="--replay") from error
        _replay(log, match_of_all())
        return
    if json_file is not None and not json_file.absolute().parent.is_dir():
        raise typer.BadParameter(f"{json_file}: there is no such folder", param_hint="--json")
    tally = _campaign(events, seed, processes or os.cpu_count() or 1, json_file)
    if tally.failing is not None:
        _tell_failure(tally.failing[0], match_of_all())
        raise typer.Exit(1)


def _campaign(events: int, seed: int, processes: int, json_file: Path | None) -> "Tally":
    """Play, show how far it is, and tell the figures."""
    from gridbid.chain.fuzz import campaign
    from gridbid.chain.fuzz.report import figures
    from gridbid.cli.terminal import console, progress_bar

    start = time.perf_counter()
    with progress_bar() as bar:
        task = bar.add_task("events", total=events)
        tally = campaign.run(events, seed, processes, lambda seen: bar.update(task, completed=seen.events))
    document = figures(tally, seed, time.perf_counter() - start)
    if json_file is not None:
        json_file.write_text(json.dumps(document, indent=1) + "\n")
    console.print(f"{tally.events:,} events, {tally.mismatches} mismatches, seed {seed}.")
    for player, rate in document["player_events_per_second"].items():
        console.print(f"    {player}: {rate:,.0f} events/s")
    if "mismatch_rate_bound_95" in document:
        console.print(f"With 95 % confidence fewer than {document['mismatch_rate_bound_95']:.1e} an event.")
    return tally


def _replay(log: "Log", match: "Match") -> None:
    from gridbid.cli.terminal import console

    mismatch = match.play(log)
    if mismatch is None:
        console.print(f"{len(log)} events, no mismatch.")
        return
    console.print(str(mismatch), markup=False)
    raise typer.Exit(1)


def _tell_failure(log: "Log", match: "Match") -> None:
    from gridbid.chain.fuzz.report import smallest
    from gridbid.cli.terminal import console

    console.print(f"The first failing log has {len(log)} events; looking for the smallest one ...")
    small, mismatch = smallest(log, match)
    console.print(str(mismatch), markup=False)
    console.print("The log; save it as FILE and play it again with `gridbid chain fuzz --replay FILE`:")
    print(json.dumps(small, indent=1))
