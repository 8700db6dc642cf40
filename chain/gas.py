"""What a call would cost on a public chain, where each transaction finds all storage cold.

The chain in the process keeps storage warm from one transaction to the next. Here a call is traced, and its storage
and account accesses are priced anew as the first ones of a transaction, by EIP-2929 (cold and warm), EIP-2200 (net
changes) and EIP-3529 (refunds). Assumes that no inner call reverts.
"""

import contextlib
import io
import json
from dataclasses import dataclass, field
from typing import Any

from eth_utils.address import to_checksum_address

from gridbid.chain.evm import EmbeddedChain
from gridbid.chain.message import Message

WARM_ACCESS = 100
COLD_ACCOUNT = 2_600
COLD_SLOAD = 2_100
SSTORE_SET = 20_000
SSTORE_RESET = 2_900
CLEAR_REFUND = 4_800
MAX_REFUND_DIVISOR = 5
CALLS = frozenset({"CALL", "STATICCALL", "DELEGATECALL"})

Word = tuple[str, int]
"""Contract and position of a storage word."""


@dataclass
class Accesses:
    """What a transaction has touched so far; the words as they were before it, and as they are now."""

    original: dict[Word, int] = field(default_factory=dict)
    current: dict[Word, int] = field(default_factory=dict)
    accounts: set[str] = field(default_factory=set)
    refund: int = 0

    def load(self, word: Word, value: int) -> int:
        """Cost of reading a word that holds `value` when it is read for the first time."""
        if word in self.current:
            return WARM_ACCESS
        self.original[word] = self.current[word] = value
        return COLD_SLOAD

    def store(self, word: Word, old: int, new: int) -> int:
        """Cost of writing a word, `old` being what it holds when it is first touched; refunds are noted."""
        cost = COLD_SLOAD if word not in self.current else 0
        self.load(word, old)
        original, current = self.original[word], self.current[word]
        self.current[word] = new
        if new == current:
            return cost + WARM_ACCESS
        self.refund += _refund(original, current, new)
        if current != original:
            return cost + WARM_ACCESS
        return cost + (SSTORE_SET if original == 0 else SSTORE_RESET)

    def call(self, contract: str) -> int:
        """Cost of reaching another contract."""
        cost = WARM_ACCESS if contract in self.accounts else COLD_ACCOUNT
        self.accounts.add(contract)
        return cost


def cold_gas(chain: EmbeddedChain, message: Message) -> int:
    """Gas of a call at the chain's present state, its base cost and calldata included; nothing is changed.

    Raises ValueError for a deployment, and ExecutionReverted where the call fails.
    """
    if message.to is None:
        raise ValueError("message.to is None; a deployment finds no storage, so its receipt tells its gas")
    spent, steps = _trace(chain, message)
    to = to_checksum_address(message.to)
    accesses = Accesses(accounts={to})
    contracts: list[str] = [to]
    for step in steps:
        del contracts[step["depth"] - steps[0]["depth"] + 1 :]
        spent += _surcharge(chain, accesses, contracts[-1], step)
        if step["opName"] in CALLS:
            borrows_code = step["opName"] == "DELEGATECALL"  # and keeps the storage of who calls
            contracts.append(contracts[-1] if borrows_code else _address(step["stack"][-2]))
    return spent - min(accesses.refund, spent // MAX_REFUND_DIVISOR)


def _surcharge(chain: EmbeddedChain, accesses: Accesses, contract: str, step: dict[str, Any]) -> int:
    """What a step costs in a transaction of its own, beyond what it was charged in the trace."""
    stack, charged = step["stack"], int(step["gasCost"], 16)
    if step["opName"] == "SLOAD":
        word = (contract, int(stack[-1], 16))
        return accesses.load(word, chain.storage(*word)) - charged
    if step["opName"] == "SSTORE":
        word = (contract, int(stack[-1], 16))
        return accesses.store(word, chain.storage(*word), int(stack[-2], 16)) - charged
    if step["opName"] in CALLS:
        return accesses.call(_address(stack[-2])) - WARM_ACCESS
    return 0


def _refund(original: int, current: int, new: int) -> int:
    """Refund of a write that changes a word, EIP-3529; negative where an earlier refund is taken back."""
    refund = 0
    if original != 0:
        if current == 0:
            refund -= CLEAR_REFUND
        if new == 0:
            refund += CLEAR_REFUND
    if new == original and current != original:
        refund += (SSTORE_SET if original == 0 else SSTORE_RESET) - WARM_ACCESS
    return refund


def _trace(chain: EmbeddedChain, message: Message) -> tuple[int, list[dict[str, Any]]]:
    """Gas that a call spends before refunds, contracts warm; and its steps, as EIP-3155 objects."""
    printed = io.StringIO()
    chain.evm.tracing = True  # type: ignore[misc]  # the stub names its setter differently
    try:
        with contextlib.redirect_stdout(printed):
            outcome = chain.call(message)
    finally:
        chain.evm.tracing = False  # type: ignore[misc]  # as above
    steps = (json.loads(line) for line in printed.getvalue().splitlines())
    return outcome.gas_used + outcome.gas_refunded, [step for step in steps if "opName" in step]


def _address(word: str) -> str:
    return to_checksum_address(f"{int(word, 16):040x}")
