"""``gridbid chain export``: what the contracts told, as Parquet files."""

from pathlib import Path
from typing import Annotated

import typer

from gridbid.cli.chain_options import DEFAULT_DEPLOYMENT, DEFAULT_RPC, DeploymentFile, Rpc, read_deployment

EXAMPLES = "Example: `gridbid chain export --out records` (again, later: what is new is added)"


def export(
    out: Annotated[Path, typer.Option(help="Folder; one that an earlier export made is brought up to date.")],
    rpc: Rpc = DEFAULT_RPC,
    deployment: DeploymentFile = DEFAULT_DEPLOYMENT,
    confirmations: Annotated[
        int,
        typer.Option(min=0, help="Leave out this many of the last blocks, which a node may still replace."),
    ] = 0,
) -> None:
    """Write every event as Parquet, a file for each kind, and the trades as energy transactions."""
    from gridbid.chain.records.export import export_history
    from gridbid.chain.rpc.connection import community_at
    from gridbid.cli.terminal import console

    contracts = community_at(rpc, read_deployment(deployment))
    last_block = int(contracts.node.latest_block()["number"], 16) - confirmations
    summary = export_history(contracts, out, last_block)
    new = sum(summary.new_events.values())
    if summary.first_block > summary.last_block:
        console.print(f"{out} is up to date: it holds all events up to block {summary.first_block - 1}.")
        return
    console.print(f"Blocks {summary.first_block} to {summary.last_block}: {new} events more.")
    for file, count in summary.new_events.items():
        console.print(f"  {out / file}  +{count}")
    console.print(f"  {out / 'transactions.parquet'}  {summary.transactions} energy transactions in all")
