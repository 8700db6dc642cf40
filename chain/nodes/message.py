"""What a chain in the process executes, and what comes of it."""

from dataclasses import dataclass
from typing import Any

BLOCK_GAS_LIMIT = 30_000_000


class ExecutionReverted(Exception):
    """A call failed. ``data`` is what the contract returned, empty when it ran out of gas or broke off."""

    def __init__(self, message: str, data: bytes) -> None:
        super().__init__(message)
        self.data = data


class TransactionRefused(Exception):
    """A transaction that cannot stand in a block: wrong nonce, chain, signature or too little gas."""


@dataclass(frozen=True)
class Message:
    """What the EVM executes; ``to`` is None for a deployment."""

    sender: str
    to: str | None
    data: bytes
    value: int = 0
    gas: int = BLOCK_GAS_LIMIT


@dataclass(frozen=True)
class Outcome:
    """What became of a message."""

    output: bytes
    gas_used: int
    created: str | None
    failure: ExecutionReverted | None
    logs: list[Any]
