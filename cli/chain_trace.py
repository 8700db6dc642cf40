"""``gridbid chain trace``: where any Wh or credit came from and went."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from gridbid.cli.chain_options import (
    DEFAULT_DEPLOYMENT,
    MAX_UINT32,
    DeploymentFile,
    NetworkName,
    NetworksFile,
    Rpc,
    community_at,
)

if TYPE_CHECKING:
    from gridbid.chain.community_contracts import CommunityContracts

EXAMPLES = (
    "Examples: `gridbid chain trace --participant 3` &nbsp; `gridbid chain trace --participant 3 --slot 1944000` "
    "&nbsp; `gridbid chain trace --slot 1944000` &nbsp; `gridbid chain trace 0x5c50...`"
)


def trace(
    transaction: Annotated[
        str | None, typer.Argument(help="Hash of a transaction: what it did, and why it failed if it did.")
    ] = None,
    participant: Annotated[
        int | None,
        typer.Option(min=1, max=MAX_UINT32, help="A member: its account's statement, or its part in a slot."),
    ] = None,
    slot: Annotated[
        int | None,
        typer.Option(min=0, max=MAX_UINT32, help="A slot: of one member, or of the whole community."),
    ] = None,
    rpc: Rpc = None,
    network: NetworkName = None,
    networks: NetworksFile = None,
    deployment: DeploymentFile = DEFAULT_DEPLOYMENT,
) -> None:
    """Tell in plain words where energy and credit came from and went, and whether it adds up to the last digit."""
    from gridbid.cli.terminal import console
    from gridbid.market.errors import InputError

    if (transaction is None) == (participant is None and slot is None):
        raise InputError("name a transaction's hash, or --participant, --slot or both")
    if transaction is not None and not re.fullmatch(r"0x[0-9a-fA-F]{64}", transaction):
        raise InputError(f"{transaction} is no transaction's hash: 0x and 64 hex digits")
    contracts = community_at(rpc, network, networks, deployment)
    for line in _lines(contracts, transaction, participant, slot):
        console.print(line, markup=False, soft_wrap=True)


def _lines(
    contracts: "CommunityContracts", transaction: str | None, participant: int | None, slot: int | None
) -> Iterator[str]:
    from gridbid.chain.inspection.trace_account import statement
    from gridbid.chain.inspection.trace_events import Chronicle
    from gridbid.chain.inspection.trace_seat import position_on_chain, trace_seat
    from gridbid.chain.inspection.trace_slot import trace_slot
    from gridbid.chain.inspection.trace_transaction import trace_transaction
    from gridbid.chain.records.history import History
    from gridbid.cli.chain_trace_text import seat_lines, slot_lines, statement_lines
    from gridbid.cli.chain_transaction_text import transaction_lines

    history = History(contracts.node, contracts.clients)
    if transaction is not None:
        traced = trace_transaction(contracts, transaction)
        yield from transaction_lines(traced)
        yield from _waiting(
            contracts.node.network.confirmations, history.last_block() - traced.block_number + 1
        )
        return
    chronicle = Chronicle(history.read(contracts.deployment.first_block, history.last_block()))
    seconds, tick_size = contracts.slot_seconds, contracts.tick_size
    if participant is None:
        assert slot is not None
        yield from slot_lines(trace_slot(chronicle, slot, tick_size), seconds)
        return
    balance_neur = contracts.trading.balance_of(participant)
    if slot is None:
        yield from statement_lines(statement(chronicle, participant, balance_neur), seconds)
        return
    position = position_on_chain(contracts, participant, slot)
    yield from seat_lines(trace_seat(chronicle, participant, slot, tick_size, position), seconds, tick_size)


def _waiting(needed: int, found: int) -> Iterator[str]:
    """What to say of a transaction that the network may still take back."""
    if found < needed:
        yield f"  It does not count yet: {found} of {needed} blocks hold it."
