"""What nodes say is wrong, as errors of ours: nodes agree on little but the words."""

import re
from typing import Any

from gridbid.chain.errors import LedgerError, RetryError, StopError, ledger_error
from gridbid.chain.rpc.interface import decode_error

ALREADY_KNOWN = "AlreadyKnown"
_INNER_DATA = re.compile(r"0x[0-9a-fA-F]{8,}")

# Fragments of messages of geth, anvil, Nethermind, Erigon and py-evm, in lower case; the first that fits counts.
_WORDS: tuple[tuple[str, type[LedgerError], tuple[str, ...]], ...] = (
    (ALREADY_KNOWN, RetryError, ("already known", "already imported", "alreadyknown")),
    ("Underpriced", RetryError, ("underpriced", "less than block base fee", "fee too low", "feetoolow")),
    ("Underpriced", RetryError, ("max fee per gas less than", "max_fee_per_gas", "cannot afford base fee")),
    (
        "InsufficientFunds",
        StopError,
        ("insufficient funds", "lackoffund", "cannot afford", "exceeds balance"),
    ),
    ("WrongNonce", RetryError, ("nonce",)),
    ("WrongChain", StopError, ("chain id", "chainid", "for chain")),
    ("NoMethod", StopError, ("method not found", "does not exist", "not supported")),
    ("Busy", RetryError, ("rate limit", "too many requests", "timeout", "timed out", "try again")),
)


def node_error(error: dict[str, Any]) -> LedgerError:
    """A JSON-RPC error as one of ours: the contract's own error where its data are there."""
    data = _revert_data(error.get("data"))
    if data is not None:
        return ledger_error(*decode_error(data))
    message = str(error.get("message"))
    for name, kind, words in _WORDS:
        if any(word in message.lower() for word in words):
            return kind(name, message)
    return StopError("Refused", message)


def _revert_data(data: Any) -> bytes | None:
    """What the contract returned; some nodes put it within an object, or behind a word."""
    if isinstance(data, dict):
        data = data.get("data") or data.get("result")
    if not isinstance(data, str):
        return None
    if data == "0x":
        return b""
    found = _INNER_DATA.search(data)
    return bytes.fromhex(found[0][2:]) if found is not None and len(found[0]) % 2 == 0 else None
