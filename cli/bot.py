"""``gridbid bot``: let a policy trade on a ledger."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Let a policy trade on a ledger.", no_args_is_help=True)


class LedgerName(StrEnum):
    """Where the bots trade."""

    MEMORY = "memory"
    EMBEDDED = "embedded"


@app.callback()
def bot() -> None:
    """Let a policy trade on a ledger."""


@app.command(epilog="Example: `gridbid bot run runs/demo/bundle --week 20 --day 2 --ledger embedded`")
def run(
    policy: Annotated[str, typer.Argument(help="A bundle's folder, nothing, rule or zero_intelligence.")],
    scenario: Annotated[str, typer.Option(help="A built-in scenario or a folder.")] = "rural",
    week: Annotated[int, typer.Option(help="Local week.")] = 20,
    day: Annotated[int, typer.Option(help="Day of the week, 0 is Monday.", min=0, max=6)] = 0,
    slots: Annotated[int | None, typer.Option(help="Slots to trade; a day by default.", min=1)] = None,
    ledger: Annotated[
        LedgerName, typer.Option(help="memory: a dry run; embedded: contracts on an EVM.")
    ] = LedgerName.EMBEDDED,
    seed: Annotated[int, typer.Option(help="Of arrival orders and draws.", min=0)] = 0,
    json: Annotated[Path | None, typer.Option(help="Write the parity report to this file.")] = None,
) -> None:
    """Trade a day with a bot in every seat, and compare it with the same day in the environment."""
    from gridbid.agents.bots.day import DayPlan
    from gridbid.agents.named import named_policy
    from gridbid.chain.deployment.deploy import MarketParameters
    from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
    from gridbid.chain.ledgers.memory_ledger import MemoryLedger
    from gridbid.cli.ledger_day import play_day
    from gridbid.cli.results import show_parity
    from gridbid.cli.terminal import console
    from gridbid.envs.compile import compile_community
    from gridbid.evaluate.files import write_json
    from gridbid.evaluate.parity import ParityReport

    chosen = named_policy(policy)
    compiled = compile_community(scenario, [seed], split="test")
    slots_per_day = compiled.community.rules.slots_per_day
    n_slots = slots_per_day if slots is None else slots
    plan = DayPlan(compiled, compiled.year.week_start(week) + slots_per_day * day, n_slots, seed)
    console.print(
        f"{len(compiled.scenario.metered)} bots with policy [bold]{chosen.name}[/], {n_slots} slots, {ledger} ledger"
    )
    slot_seconds = compiled.scenario.slot_seconds
    target = (
        EmbeddedLedger(MarketParameters(slot_seconds=slot_seconds))
        if ledger is LedgerName.EMBEDDED
        else MemoryLedger(slot_seconds)
    )
    played = play_day(f"week {week}, day {day}", plan, chosen, target)
    parity = ParityReport((played.parity,))
    show_parity(parity, played.residuals)
    if json is not None:
        write_json(json, {"parity": parity.as_dict(), "residuals": played.residuals})
