"""Orders that are committed to before they are shown: for the closing auction."""

import secrets
from dataclasses import dataclass, field

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from gridbid.market.types import Side

SALT_BYTES = 32


def new_salt() -> bytes:
    """32 bytes that nobody can guess: without them an order could be found by trying all."""
    return secrets.token_bytes(SALT_BYTES)


@dataclass(frozen=True)
class SealedOrder:
    """One participant's order in a slot's closing auction. Keep it until it is revealed: the chain has only its hash."""

    slot: int
    participant: int
    side: Side
    tick: int
    quantity_wh: int
    salt: bytes = field(default_factory=new_salt, repr=False)

    @property
    def commitment(self) -> bytes:
        """What is handed in first: it binds to the order and tells nothing of it."""
        return keccak(
            encode(
                ["uint32", "uint32", "uint8", "uint8", "uint32", "bytes32"],
                [self.participant, self.slot, int(self.side), self.tick, self.quantity_wh, self.salt],
            )
        )

    @property
    def opening(self) -> tuple[int, int, int, int, int, bytes]:
        """Arguments of ``ClosingAuction.reveal``."""
        return self.slot, self.participant, int(self.side), self.tick, self.quantity_wh, self.salt
