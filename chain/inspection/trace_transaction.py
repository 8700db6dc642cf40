"""What a transaction did: whom it called with what, what the contracts told, and why it failed if it did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from eth_abi.abi import decode
from eth_utils.abi import abi_to_signature, function_abi_to_4byte_selector, get_abi_input_types

from gridbid.chain.artifact import OWN_CONTRACTS, load
from gridbid.chain.client import ContractClient
from gridbid.chain.community_contracts import CommunityContracts
from gridbid.chain.errors import LedgerError, SkipError
from gridbid.chain.records.history import History, Told
from gridbid.chain.rpc.interface import Interface
from gridbid.chain.rpc.node import Node


class Call(NamedTuple):
    """A contract's function and what it was given."""

    contract: str
    """Its name within the community; its address where it is none of it."""
    function: str
    arguments: Mapping[str, Any]
    inner: "Call | None" = None
    """What a Safe or the timelock was to call in turn."""


@dataclass(frozen=True)
class TransactionTrace:
    """A transaction as people read it."""

    transaction_hash: str
    sender: str
    block_number: int
    block_time: int
    gas_used: int
    call: Call
    events: Sequence[Told]
    failure: str | None
    """The contract's own error, with what its sources say of it; None: it succeeded."""


def trace_transaction(contracts: CommunityContracts, transaction_hash: str) -> TransactionTrace:
    """Trace a transaction. Raises SkipError when the node knows none of that hash, or it isn't in a block yet."""
    node = contracts.node
    transaction = node.request("eth_getTransactionByHash", transaction_hash)
    receipt = node.request("eth_getTransactionReceipt", transaction_hash)
    if transaction is None or receipt is None:
        raise SkipError("NoTransaction", f"chain {node.chain_id} has no transaction {transaction_hash}")
    clients = contracts.clients
    number = int(receipt["blockNumber"], 16)
    block = node.request("eth_getBlockByNumber", hex(number), False)
    succeeded = int(receipt["status"], 16) == 1
    return TransactionTrace(
        transaction_hash,
        transaction["from"],
        number,
        int(block["timestamp"], 16),
        int(receipt["gasUsed"], 16),
        decode_call(clients, transaction["to"], bytes.fromhex(transaction["input"].removeprefix("0x"))),
        list(History(node, clients).decoded(receipt["logs"])),
        None if succeeded else _failure(node, transaction, receipt),
    )


def decode_call(clients: Mapping[str, ContractClient], to: str | None, data: bytes) -> Call:
    """A call's function and arguments, and the call within it."""
    if to is None:
        return Call("a new contract", "is deployed", {})
    for name, client in clients.items():
        if client.address.lower() != to.lower():
            continue
        entry = _function(client.interface, data[:4])
        if entry is None:
            return Call(name, f"0x{data[:4].hex()}", {})
        values = decode(get_abi_input_types(entry), data[4:])  # type: ignore[arg-type]  # an ABI entry
        arguments = dict(zip((item["name"] for item in entry["inputs"]), values, strict=True))
        return Call(name, entry["name"], arguments, _inner(clients, arguments))
    return Call(to, f"0x{data[:4].hex()}", {})


def _function(contract: Interface, selector: bytes) -> dict[str, Any] | None:
    for entry in contract.abi:
        if entry["type"] == "function" and function_abi_to_4byte_selector(entry) == selector:  # type: ignore[arg-type]  # as above
            return entry
    return None


def _inner(clients: Mapping[str, ContractClient], arguments: Mapping[str, Any]) -> Call | None:
    """What Safe.execTransaction and the timelock's functions carry: a target and its calldata."""
    to, data = arguments.get("to", arguments.get("target")), arguments.get("data", arguments.get("payload"))
    if isinstance(to, str) and isinstance(data, bytes) and len(data) >= 4:
        return decode_call(clients, to, data)
    return None


def _failure(node: Node, transaction: Mapping[str, Any], receipt: Mapping[str, Any]) -> str:
    """Why a transaction failed, by running it again on the block that holds it."""
    request = {name: transaction[name] for name in ("from", "to", "gas", "value") if transaction.get(name)}
    request["data"] = transaction["input"]
    if int(receipt["gasUsed"], 16) == int(transaction["gas"], 16):
        return "it ran out of gas"
    try:
        node.request("eth_call", request, receipt["blockNumber"])
    except LedgerError as error:
        notice = error_notice(error.name)
        return f"{error} ({notice})" if notice else str(error)
    return "for a reason that can't be found any more: it would succeed now"


def error_notice(name: str) -> str | None:
    """What the contracts' sources say of an error."""
    for contract in OWN_CONTRACTS:
        artifact = load(contract)
        for entry in artifact.abi:
            if entry["type"] == "error" and entry["name"] == name:
                notice = artifact.notices.get(abi_to_signature(entry))  # type: ignore[arg-type]  # as above
                if notice:
                    return notice
    return None
