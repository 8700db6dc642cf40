"""``gridbid chain export``: what the contracts told, as Parquet files."""

from pathlib import Path
from typing import Annotated

import typer

from gridbid.cli.chain_options import (
    DEFAULT_DEPLOYMENT,
    DeploymentFile,
    NetworkName,
    NetworksFile,
    Rpc,
    community_at,
)

EXAMPLES = "Example: `gridbid chain export --out records` (again, later: what is new is added)"


def export(
    out: Annotated[Path, typer.Option(help="Folder; one that an earlier export made is brought up to date.")],
    rpc: Rpc = None,
    network: NetworkName = None,
    networks: NetworksFile = None,
    deployment: DeploymentFile = DEFAULT_DEPLOYMENT,
    confirmations: Annotated[
        int | None,
        typer.Option(
            min=1,
            show_default="the network's",
            help="Blocks that must hold an event, its own included; the newest may still be replaced.",
        ),
    ] = None,
) -> None:
    """Write every event as Parquet, a file for each kind, and the trades as energy transactions."""
    from gridbid.chain.records.export import export_history
    from gridbid.cli.terminal import console

    contracts = community_at(rpc, network, networks, deployment)
    needed = confirmations or contracts.node.network.confirmations
    last_block = int(contracts.node.latest_block()["number"], 16) - needed + 1
    summary = export_history(contracts, out, last_block)
    new = sum(summary.new_events.values())
    if summary.first_block > summary.last_block:
        console.print(f"{out} is up to date: it holds all events up to block {summary.first_block - 1}.")
        return
    console.print(f"Blocks {summary.first_block} to {summary.last_block}: {new} events more.")
    for file, count in summary.new_events.items():
        console.print(f"  {out / file}  +{count}")
    console.print(f"  {out / 'transactions.parquet'}  {summary.transactions} energy transactions in all")
