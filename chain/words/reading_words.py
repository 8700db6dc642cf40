"""The words in which the oracle tells of readings: signer (160 bits) | meter (32) | slot (32) | net energy (32, signed Wh)."""

from typing import NamedTuple

from eth_utils.address import to_checksum_address

_MASK = 0xFFFF_FFFF
_SIGN = 1 << 31


class SignedReading(NamedTuple):
    """A reading as its key signed it; import positive."""

    signer: str
    meter: int
    slot: int
    reading_wh: int


def unpack_reading(word: int) -> SignedReading:
    """The reading in a word of ReadingsSubmitted."""
    signer = to_checksum_address((word >> 96).to_bytes(20, "big"))
    reading_wh = ((word & _MASK) ^ _SIGN) - _SIGN
    return SignedReading(signer, word >> 64 & _MASK, word >> 32 & _MASK, reading_wh)
