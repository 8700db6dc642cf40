"""``gridbid chain accounts``: the members and their credit."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gridbid.cli.chain_options import (
    DEFAULT_DEPLOYMENT,
    DeploymentFile,
    Json,
    NetworkName,
    NetworksFile,
    Rpc,
    community_at,
    write_json,
)

if TYPE_CHECKING:
    from gridbid.chain.inspection.members import Member

EXAMPLES = "Examples: `gridbid chain accounts` &nbsp; `gridbid chain accounts --json -`"


def accounts(
    rpc: Rpc = None,
    network: NetworkName = None,
    networks: NetworksFile = None,
    deployment: DeploymentFile = DEFAULT_DEPLOYMENT,
    json: Json = None,
) -> None:
    """Members, their credit and what of it is free, bonds and debts, and who is suspended."""
    from gridbid.chain.inspection.members import members
    from gridbid.cli.terminal import console

    found = members(community_at(rpc, network, networks, deployment))
    if json is not None:
        write_json(json, [{**member._asdict(), "debt_neur": member.debt_neur} for member in found])
        return
    for line in _lines(found):
        console.print(line, markup=False, soft_wrap=True)


def _lines(found: Sequence["Member"]) -> Iterator[str]:
    """A table that keeps its columns, and its addresses whole, in a terminal of any width."""
    from gridbid.cli.chain_words import eur

    if not found:
        yield "No members are registered yet."
        return
    amounts = [
        [
            eur(amount)
            for amount in (member.balance_neur, member.available_neur, member.wallet_neur, member.bond_neur)
        ]
        for member in found
    ]
    width = max(len(amount) for row in amounts for amount in row)
    heads = "".join(f"  {head:>{width}}" for head in ("credit", "free", "wallet", "bond"))
    yield f"{'member':>6}  {'account':<42}{heads}  state"
    for member, row in zip(found, amounts, strict=True):
        figures = "".join(f"  {amount:>{width}}" for amount in row)
        yield f"{member.participant:>6}  {member.account}{figures}  {_state(member)}"


def _state(member: "Member") -> str:
    from gridbid.cli.chain_words import eur

    states = [
        *(["suspended"] if member.suspended else []),
        *([f"owes {eur(member.debt_neur)}"] if member.debt_neur else []),
        *([f"is owed {eur(member.owed_neur)}"] if member.owed_neur else []),
    ]
    return ", ".join(states) or "in good standing"
