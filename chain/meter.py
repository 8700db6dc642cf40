"""Readings signed by a meter: EIP-712, the same digest that the oracle checks."""

from dataclasses import dataclass
from enum import IntEnum

from eth_abi.abi import encode
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

DOMAIN_NAME = "Gridbid MeterOracle"
DOMAIN_VERSION = "1"
DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
READING_TYPE = "Reading(uint32 participant,uint32 slot,int64 readingWh)"


class Quality(IntEnum):
    """What a reading rests on, in rising order; the numbers are the oracle's."""

    NONE = 0
    SUBSTITUTE = 1
    METERED = 2
    RULED = 3


@dataclass(frozen=True)
class Reading:
    """A participant's net energy in a slot, import positive."""

    participant: int
    slot: int
    reading_wh: int


def reading_digest(reading: Reading, chain_id: int, oracle_address: str) -> bytes:
    """The 32 bytes that the meter signs: they bind the reading to one oracle on one chain."""
    domain = encode(
        ["bytes32", "bytes32", "bytes32", "uint256", "address"],
        [
            keccak(text=DOMAIN_TYPE),
            keccak(text=DOMAIN_NAME),
            keccak(text=DOMAIN_VERSION),
            chain_id,
            oracle_address,
        ],
    )
    content = encode(
        ["bytes32", "uint32", "uint32", "int64"],
        [keccak(text=READING_TYPE), reading.participant, reading.slot, reading.reading_wh],
    )
    return keccak(b"\x19\x01" + keccak(domain) + keccak(content))


def sign_reading(reading: Reading, meter_key: LocalAccount, chain_id: int, oracle_address: str) -> bytes:
    """The meter's signature, 65 bytes."""
    digest = reading_digest(reading, chain_id, oracle_address)
    return bytes(Account.unsafe_sign_hash(digest, meter_key.key).signature)
