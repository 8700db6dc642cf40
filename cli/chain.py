"""``gridbid chain``: the contracts."""

import os
from pathlib import Path
from typing import Annotated

import typer

from gridbid.cli import chain_fuzz

app = typer.Typer(help="Look at the contracts, deploy them, measure their gas.", no_args_is_help=True)
app.command(epilog=chain_fuzz.EXAMPLE)(chain_fuzz.fuzz)
KEY_VARIABLE = "GRIDBID_DEPLOYER_KEY"


@app.command(epilog="Example: `gridbid chain show`")
def show() -> None:
    """The contracts as they are shipped."""
    from rich.table import Table

    from gridbid.chain.artifact import CONTRACT_NAMES, load
    from gridbid.cli.terminal import console

    table = Table("contract", "bytes (limit 24,576)", "functions", box=None, header_style="bold")
    for name in CONTRACT_NAMES:
        artifact = load(name)
        functions = sum(entry["type"] == "function" for entry in artifact.abi)
        size = (len(artifact.deployed_bytecode) - 2) // 2
        table.add_row(name, f"{size:,}", str(functions))
    console.print(table)


@app.command(
    epilog=f"Example: `{KEY_VARIABLE}=0x... gridbid chain deploy --rpc http://127.0.0.1:8545 --out deployment.json`"
)
def deploy(
    rpc: Annotated[str, typer.Option(help="URL of a node's JSON-RPC.")],
    out: Annotated[Path, typer.Option(help="File to write the addresses to.")] = Path("deployment.json"),
) -> None:
    """Deploy all contracts on a node and have the deployer own both Safes, which govern and operate them."""
    from eth_account import Account
    from web3 import HTTPProvider, Web3

    from gridbid.chain.deploy import deploy
    from gridbid.chain.errors import StopError
    from gridbid.chain.rpc import Node
    from gridbid.cli.terminal import console

    key = os.environ.get(KEY_VARIABLE)
    if not key:
        raise StopError("NoKey", f"set {KEY_VARIABLE} to the deployer's private key")
    deployment = deploy(Node(Web3(HTTPProvider(rpc))), Account.from_key(key))
    deployment.save(out)
    console.print(
        f"Deployed on chain {deployment.chain_id}; market at {deployment.market.address}. Wrote {out}."
    )
