"""Readings signed by a meter: EIP-712, the same digest that the oracle checks.

A reading names the registers at a slot's start and end, so that what a meter has signed adds up whatever is lost on the
way. A signature is 64 bytes, r and then s with the parity in its highest bit (EIP-2098).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from eth_abi.abi import encode
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

DOMAIN_NAME = "Gridbid MeterOracle"
DOMAIN_VERSION = "1"
DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
READING_FIELDS = (
    ("uint32", "meter"),
    ("uint32", "slot"),
    ("uint64", "importStartWh"),
    ("uint64", "importEndWh"),
    ("uint64", "exportStartWh"),
    ("uint64", "exportEndWh"),
    ("uint32", "sequence"),
)
READING_TYPE = f"Reading({','.join(f'{kind} {name}' for kind, name in READING_FIELDS)})"


@dataclass(frozen=True)
class Reading:
    """A meter's registers at a slot's start and end, Wh; meters are numbered as participants are."""

    meter: int
    slot: int
    import_start_wh: int
    import_end_wh: int
    export_start_wh: int
    export_end_wh: int
    sequence: int = 1
    """A later one for the same slot is a correction; they count from 1."""

    @property
    def reading_wh(self) -> int:
        """Net energy of the slot, import positive."""
        return (self.import_end_wh - self.import_start_wh) - (self.export_end_wh - self.export_start_wh)

    @property
    def words(self) -> tuple[int, ...]:
        """The struct as the oracle takes it."""
        return (
            self.meter,
            self.slot,
            self.import_start_wh,
            self.import_end_wh,
            self.export_start_wh,
            self.export_end_wh,
            self.sequence,
        )


@dataclass
class Meter:
    """Registers of one meter, and the last reading of each slot; it signs with ``key``."""

    number: int
    key: LocalAccount
    import_wh: int = 0
    export_wh: int = 0
    readings: dict[int, Reading] = field(default_factory=dict)

    def read(self, slot: int, reading_wh: int) -> Reading:
        """A first reading of a slot by its net energy, from where the registers stand; it moves nothing yet."""
        return Reading(
            self.number,
            slot,
            self.import_wh,
            self.import_wh + max(0, reading_wh),
            self.export_wh,
            self.export_wh + max(0, -reading_wh),
        )

    def correct(self, slot: int, reading_wh: int) -> Reading:
        """A slot's reading once more, from where its registers stood then; KeyError for one that wasn't counted."""
        counted = self.readings[slot]
        return replace(
            counted,
            import_end_wh=counted.import_start_wh + max(0, reading_wh),
            export_end_wh=counted.export_start_wh + max(0, -reading_wh),
            sequence=counted.sequence + 1,
        )

    def count(self, reading: Reading) -> None:
        """Let the registers move on by a reading; a correction leaves them where they are."""
        if reading.slot not in self.readings:
            self.import_wh, self.export_wh = reading.import_end_wh, reading.export_end_wh
        self.readings[reading.slot] = reading


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
    kinds = [kind for kind, _ in READING_FIELDS]
    content = encode(["bytes32", *kinds], [keccak(text=READING_TYPE), *reading.words])
    return keccak(b"\x19\x01" + keccak(domain) + keccak(content))


def sign_reading(reading: Reading, meter_key: LocalAccount, chain_id: int, oracle_address: str) -> bytes:
    """The meter's signature, 64 bytes."""
    signed = Account.unsafe_sign_hash(reading_digest(reading, chain_id, oracle_address), meter_key.key)
    return short_signature(bytes(signed.signature))


def short_signature(signature: bytes) -> bytes:
    """A signature of 65 bytes (r, s, v) in 64."""
    r, s, v = signature[:32], int.from_bytes(signature[32:64]), signature[64]
    return r + (s | (v - 27) << 255).to_bytes(32)


def pack_readings(readings: Sequence[tuple[Reading, bytes]]) -> bytes:
    """Signed readings of one slot as the oracle takes many of them, 96 bytes each."""
    return b"".join(_packed(reading) + signature for reading, signature in readings)


def _packed(reading: Reading) -> bytes:
    imported_wh = reading.import_end_wh - reading.import_start_wh
    exported_wh = reading.export_end_wh - reading.export_start_wh
    return (
        reading.meter.to_bytes(4)
        + reading.import_start_wh.to_bytes(8)
        + imported_wh.to_bytes(4)
        + reading.export_start_wh.to_bytes(8)
        + exported_wh.to_bytes(4)
        + reading.sequence.to_bytes(4)
    )
