"""``gridbid chain status``: how a community's contracts stand."""

import time
from collections.abc import Iterator
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
    from gridbid.chain.inspection.status import ContractCheck, Status
    from gridbid.chain.rpc.networks import Network

EXAMPLES = (
    "Examples: `gridbid chain status` &nbsp; `gridbid chain status --rpc https://... --json status.json`"
)


def status(
    rpc: Rpc = None,
    network: NetworkName = None,
    networks: NetworksFile = None,
    deployment: DeploymentFile = DEFAULT_DEPLOYMENT,
    json: Json = None,
) -> None:
    """The chain, the contracts and whether they are genuine, what is open, and who holds which role."""
    from dataclasses import asdict

    from gridbid.chain.inspection.status import status
    from gridbid.cli.terminal import console

    contracts = community_at(rpc, network, networks, deployment)
    found = status(contracts)
    if json is not None:
        document = {**asdict(found), "supplier_free_neur": found.supplier_free_neur}
        for part in ("contracts", "slots", "roles"):
            document[part] = [entry._asdict() for entry in getattr(found, part)]
        write_json(json, document)
        return
    names = {record.address.lower(): name for name, record in contracts.deployment.contracts.items()}
    console.print(_rules(contracts.node.network), markup=False, soft_wrap=True)
    for line in _lines(found, names, contracts.slot_seconds):
        console.print(line, markup=False, soft_wrap=True)


def _rules(network: "Network") -> str:
    """By which profile transactions are sent and believed."""
    cap = "at any price" if network.max_fee_gwei is None else f"for at most {network.max_fee_gwei:g} gwei"
    blocks = "1 block holds" if network.confirmations == 1 else f"{network.confirmations} blocks hold"
    return f"Network {network.name}: a transaction counts when {blocks} it; gas is bought {cap}"


def _lines(found: "Status", names: dict[str, str], slot_seconds: int) -> Iterator[str]:
    from gridbid.cli.chain_words import delivery, eur, utc

    age = max(0, round(time.time()) - found.block_time)
    yield f"Chain {found.chain_id} ({found.client})"
    yield f"  block {found.block_number}, {utc(found.block_time)} UTC, {age:,} s ago"
    yield "Contracts"
    for check in found.contracts:
        yield f"  {check.name:<28} {check.address}  {_verdict(check)}"
    yield f"Trading is {'PAUSED; cancelling, withdrawing and settling stay open' if found.paused else 'open'}"
    yield "Slots" if found.slots else "Slots: none that trade or wait for settlement"
    for slot in found.slots:
        state = "trades" if slot.trades else "closed"
        yield f"  {slot.slot}  {delivery(slot.slot, slot_seconds)}  {state}, {slot.unsettled_seats} seats to settle"
    yield "Money"
    yield f"  supplier {eur(found.supplier_neur)}, of which {eur(found.supplier_free_neur)} are free"
    yield (
        f"    it answers for {eur(found.supplier_uncovered_neur)} of members' debts, "
        f"{eur(found.supplier_promised_neur)} of credit lines, and owes {eur(found.supplier_owed_neur)}"
    )
    yield f"  operator {eur(found.operator_neur)}"
    yield f"  the market holds {eur(found.market_tokens_neur)} of {eur(found.token_supply_neur)} issued"
    yield "Roles"
    for holder in found.roles:
        yield f"  {holder.contract:<24} {holder.role:<22} {names.get(holder.holder.lower(), holder.holder)}"


def _verdict(check: "ContractCheck") -> str:
    if not check.as_deployed:
        return "NOT THE CODE THAT WAS DEPLOYED"
    return "genuine" if check.as_shipped else "as deployed, by another version of gridbid"
