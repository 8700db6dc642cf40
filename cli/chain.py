"""``gridbid chain``: the contracts."""

import typer

from gridbid.cli import (
    chain_accounts,
    chain_deploy,
    chain_export,
    chain_fuzz,
    chain_status,
    chain_trace,
    chain_up,
)

app = typer.Typer(
    help="Deploy the contracts, look at them and their members, trace and export what happened.",
    no_args_is_help=True,
)


app.command("up", epilog=chain_up.EXAMPLES)(chain_up.up)
app.command("deploy", epilog=chain_deploy.EXAMPLES)(chain_deploy.deploy)
app.command("status", epilog=chain_status.EXAMPLES)(chain_status.status)
app.command("accounts", epilog=chain_accounts.EXAMPLES)(chain_accounts.accounts)
app.command("trace", epilog=chain_trace.EXAMPLES)(chain_trace.trace)
app.command("export", epilog=chain_export.EXAMPLES)(chain_export.export)
app.command("fuzz", epilog=chain_fuzz.EXAMPLE)(chain_fuzz.fuzz)


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
