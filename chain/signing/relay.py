"""Orders signed off the chain, a batch at a time, for anyone to bring: EIP-712, the same digest that OrderRelay checks."""

from dataclasses import dataclass
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from gridbid.chain.ledgers.ledger import OrderRequest
from gridbid.chain.signing.typed_data import struct_hash, typed_digest

DOMAIN_NAME = "Gridbid OrderRelay"
DOMAIN_VERSION = "1"
ORDER_TYPE = "OrderRequest(uint32 slot,uint8 side,uint8 tick,uint32 quantityWh,bool rest)"
BATCH_TYPE = (
    "Batch(uint32 participant,uint256[] cancels,OrderRequest[] orders,uint256 nonce,uint64 deadline)"
    + ORDER_TYPE
)


@dataclass(frozen=True)
class Batch:
    """Orders to cancel, then orders to place, of one participant; good once, until the deadline."""

    participant: int
    cancels: tuple[int, ...]
    """Names of the orders to cancel."""
    orders: tuple[OrderRequest, ...]
    nonce: int
    """Any number below 2^256 that the signer has not used before."""
    deadline: int
    """Last second at which the batch is good, Unix time."""

    def encoded(self) -> tuple[Any, ...]:
        """The batch as OrderRelay takes it."""
        orders = [(slot, int(side), tick, wh, rest) for slot, side, tick, wh, rest in self.orders]
        return self.participant, list(self.cancels), orders, self.nonce, self.deadline


def batch_digest(batch: Batch, chain_id: int, relay_address: str) -> bytes:
    """The 32 bytes that the signer signs: they bind the batch to one relay on one chain."""
    participant, cancels, orders, nonce, deadline = batch.encoded()
    order_types = ["uint32", "uint8", "uint8", "uint32", "bool"]
    content = struct_hash(
        BATCH_TYPE,
        ["uint32", "bytes32", "bytes32", "uint256", "uint64"],
        [
            participant,
            keccak(b"".join(order.to_bytes(32) for order in cancels)),
            keccak(b"".join(struct_hash(ORDER_TYPE, order_types, order) for order in orders)),
            nonce,
            deadline,
        ],
    )
    return typed_digest(DOMAIN_NAME, DOMAIN_VERSION, chain_id, relay_address, content)


def sign_batch(batch: Batch, signer: LocalAccount, chain_id: int, relay_address: str) -> bytes:
    """The signature of a participant's account or of a trading key, 65 bytes."""
    digest = batch_digest(batch, chain_id, relay_address)
    return bytes(Account.unsafe_sign_hash(digest, signer.key).signature)
