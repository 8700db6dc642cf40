"""``gridbid chain accounts``: the members and their credit."""

from gridbid.cli.chain_options import (
    DEFAULT_DEPLOYMENT,
    DEFAULT_RPC,
    DeploymentFile,
    Json,
    Rpc,
    read_deployment,
    write_json,
)

EXAMPLES = "Examples: `gridbid chain accounts` &nbsp; `gridbid chain accounts --json -`"


def accounts(
    rpc: Rpc = DEFAULT_RPC, deployment: DeploymentFile = DEFAULT_DEPLOYMENT, json: Json = None
) -> None:
    """Members, their credit and what of it is free, their debts, and who is suspended."""
    from rich.table import Table

    from gridbid.chain.inspection.members import members
    from gridbid.chain.rpc.connection import community_at
    from gridbid.cli.chain_words import eur
    from gridbid.cli.terminal import console

    found = members(community_at(rpc, read_deployment(deployment)))
    if json is not None:
        write_json(json, [{**member._asdict(), "debt_neur": member.debt_neur} for member in found])
        return
    if not found:
        console.print("No members are registered yet.")
        return
    table = Table("member", "account", "credit", "free", "wallet", "state", box=None, header_style="bold")
    for member in found:
        states = [
            *(["suspended"] if member.suspended else []),
            *([f"owes {eur(member.debt_neur)}"] if member.debt_neur else []),
            *([f"is owed {eur(member.owed_neur)}"] if member.owed_neur else []),
        ]
        table.add_row(
            str(member.participant),
            member.account,
            eur(member.balance_neur),
            eur(member.available_neur),
            eur(member.wallet_neur),
            ", ".join(states) or "in good standing",
        )
    console.print(table)
