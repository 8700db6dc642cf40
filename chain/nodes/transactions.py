"""Signed transactions as they come over the wire: legacy (EIP-155), with access list (EIP-2930), with EIP-1559 fees."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import rlp
from eth_account import Account
from eth_keys.exceptions import BadSignature
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError as BadKeyValue
from rlp.exceptions import RLPException

from gridbid.chain.nodes.message import Message, TransactionRefused


@dataclass(frozen=True)
class Layout:
    """Where a kind of transaction keeps its fields; after `gas` come `to`, value and data."""

    length: int
    nonce: int
    gas: int


LAYOUTS = {0: Layout(9, 0, 2), 1: Layout(11, 1, 3), 2: Layout(12, 1, 4)}
"""By the type's number."""
_FIRST_OF_A_LIST = 0xC0


@dataclass(frozen=True)
class SignedTransaction:
    """A transaction with its sender recovered."""

    message: Message
    nonce: int
    kind: int
    """Its type's number."""
    name: str
    """Its hash."""


def decode_transaction(raw: bytes, chain_id: int) -> SignedTransaction:
    """A signed transaction for that chain. Raises TransactionRefused for what is none."""
    if not raw:
        raise TransactionRefused("the transaction is empty")
    kind = 0 if raw[0] >= _FIRST_OF_A_LIST else raw[0]
    layout = LAYOUTS.get(kind)
    if layout is None:
        raise TransactionRefused(f"the transaction's type is {kind}; types 0, 1 and 2 are taken")
    fields = _fields(raw if kind == 0 else raw[1:], layout)
    meant_for = _legacy_chain_id(int.from_bytes(fields[6])) if kind == 0 else int.from_bytes(fields[0])
    if meant_for != chain_id:
        raise TransactionRefused(f"the transaction is for chain {meant_for}; this one is {chain_id}")
    try:
        sender = Account.recover_transaction(raw)
    except (BadSignature, BadKeyValue, ValueError, TypeError) as error:
        raise TransactionRefused(f"the signature is broken: {error}") from error
    gas = layout.gas
    to = to_checksum_address(fields[gas + 1]) if fields[gas + 1] else None
    message = Message(
        sender, to, bytes(fields[gas + 3]), int.from_bytes(fields[gas + 2]), int.from_bytes(fields[gas])
    )
    return SignedTransaction(message, int.from_bytes(fields[layout.nonce]), kind, "0x" + keccak(raw).hex())


def _fields(encoded: bytes, layout: Layout) -> Sequence[Any]:
    try:
        fields: Sequence[Any] = rlp.decode(encoded)
    except RLPException as error:
        raise TransactionRefused(f"the transaction is not in RLP: {error}") from error
    if isinstance(fields, bytes) or len(fields) != layout.length:
        raise TransactionRefused(f"the transaction has no {layout.length} fields")
    return fields


def _legacy_chain_id(v: int) -> int:
    """Chain for which a legacy transaction is signed, EIP-155. Raises TransactionRefused when it is for any."""
    if v < 35:
        raise TransactionRefused(
            "the transaction is signed for any chain (before EIP-155); sign it for this one"
        )
    return (v - 35) // 2
