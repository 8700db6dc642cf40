"""Where a transaction's gas went, from a node's trace of it."""

from collections import Counter
from typing import Any

from gridbid.chain.rpc.node import Node, Receipt

ZERO_BYTE, OTHER_BYTE, BASE = 4, 16, 21_000
COLD_LOAD, SET, RESET = 2_100, 20_000, 2_900
CALLS = frozenset({"CALL", "STATICCALL", "DELEGATECALL"})


def breakdown(node: Node, receipt: Receipt) -> dict[str, int]:
    """Gas of a transaction by what it was spent on, largest first. Needs a node that traces steps."""
    name = receipt["transactionHash"]
    data = bytes.fromhex(node.request("eth_getTransactionByHash", name)["input"][2:])
    trace = node.request("debug_traceTransaction", name, {"disableStack": True, "disableStorage": True})
    spent: Counter[str] = Counter(
        {"base": BASE, "calldata": sum(OTHER_BYTE if byte else ZERO_BYTE for byte in data)}
    )
    for step, following in zip(trace["structLogs"], [*trace["structLogs"][1:], None], strict=True):
        spent[_kind(step)] += _own_gas(step, following)
    spent["refund"] = int(receipt["gasUsed"], 16) - spent.total()
    return dict(spent.most_common())


def _kind(step: dict[str, Any]) -> str:
    """What a step is counted as: storage by how it was found, everything else by its instruction's family."""
    instruction, gas = str(step["op"]), int(step["gasCost"])
    if instruction == "SLOAD":
        return "SLOAD cold" if gas >= COLD_LOAD else "SLOAD warm"
    if instruction == "SSTORE":
        if gas >= SET:
            return "SSTORE new word"
        return "SSTORE changed word" if gas >= RESET else "SSTORE again"
    if instruction in CALLS:
        return instruction
    if instruction.startswith("LOG"):
        return "LOG"
    return "KECCAK256" if instruction in {"SHA3", "KECCAK256"} else "computation"


def _own_gas(step: dict[str, Any], following: dict[str, Any] | None) -> int:
    """Gas of a step without what a call hands on: that is counted step by step, unless the callee has no code."""
    if step["op"] not in CALLS or following is None:
        return int(step["gasCost"])
    if following["depth"] > step["depth"]:
        return int(step["gasCost"]) - int(following["gas"])
    return int(step["gas"]) - int(following["gas"])
