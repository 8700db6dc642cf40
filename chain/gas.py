"""What a call would cost on a public chain, where each transaction finds all storage cold.

The chain in the process keeps storage warm between transactions. Here a call is traced for the storage words it
touches; then it runs once more on a fresh EVM that knows just those words, all of them cold (EIP-2929, EIP-3529).
"""

import contextlib
import io
import json
from collections.abc import Iterator
from typing import Any

from eth_utils.address import to_checksum_address
from pyrevm import EVM, AccountInfo

from gridbid.chain.evm import EVM_VERSION, EmbeddedChain, Message

CALLS = frozenset({"CALL", "STATICCALL"})
STORAGE_ACCESSES = frozenset({"SLOAD", "SSTORE"})


def cold_gas(chain: EmbeddedChain, message: Message) -> int:
    """Gas of a call at the chain's present state, its base cost and calldata included; nothing is changed.

    Raises ValueError for a deployment, and ExecutionReverted where the call fails.
    """
    if message.to is None:
        raise ValueError("message.to is None; a deployment finds no storage, so its receipt tells its gas")
    words = set(_touched_words(message.to, _trace(chain, message)))
    evm = EVM(env=chain.evm.env, spec_id=EVM_VERSION)
    for address in {address for address, _ in words} | {to_checksum_address(message.to)}:
        evm.insert_account_info(address, AccountInfo(nonce=1, code=chain.code(address)))
    for address, position in words:
        evm.insert_account_storage(address, position, chain.storage(address, position))
    evm.message_call(message.sender, message.to, message.data, message.value, message.gas)
    result = evm.result
    if result is None:
        raise ValueError(f"message to {message.to} was not executed")
    return result.gas_used


def _trace(chain: EmbeddedChain, message: Message) -> list[dict[str, Any]]:
    """Steps of a call, as EIP-3155 objects."""
    printed = io.StringIO()
    chain.evm.tracing = True
    try:
        with contextlib.redirect_stdout(printed):
            chain.call(message)
    finally:
        chain.evm.tracing = False
    steps = (json.loads(line) for line in printed.getvalue().splitlines())
    return [step for step in steps if "opName" in step]


def _touched_words(to: str, steps: list[dict[str, Any]]) -> Iterator[tuple[str, int]]:
    """Contract and position of each storage word that the steps read or write."""
    contracts = [to_checksum_address(to)]
    for step in steps:
        del contracts[step["depth"] - steps[0]["depth"] + 1 :]
        if step["opName"] in CALLS:
            contracts.append(to_checksum_address(f"{int(step['stack'][-2], 16):040x}"))
        if step["opName"] in STORAGE_ACCESSES:
            yield contracts[-1], int(step["stack"][-1], 16)
