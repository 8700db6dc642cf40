"""What a deployment is made with: the market's parameters, who governs, who has which role."""

from dataclasses import asdict, dataclass

from eth_utils.address import is_address, to_checksum_address

from gridbid.market.errors import InputError
from gridbid.market.types import DEFAULT_TICK_SIZE

DEFAULT_RING_SIZE = 512
"""Slots that the market keeps at once: 128 h of 15 min, a day ahead and four for late readings and disputes."""

EURO_NEUR = 10**9


@dataclass(frozen=True)
class MarketParameters:
    """What is fixed when the contracts are deployed; of the caps, what they are at first."""

    slot_seconds: int = 900
    tick_size: int = DEFAULT_TICK_SIZE
    """nEUR/Wh."""
    ring_size: int = DEFAULT_RING_SIZE
    """Slots kept at once, a power of two."""
    deadline_seconds: int = 3_600
    """Time after a slot's end from which the keeper may substitute a missing reading."""
    max_age_seconds: int = 2 * 86_400
    """Time after a slot's end until which readings may be brought."""
    challenge_seconds: int = 86_400
    """Time after a reading came in which it may be corrected and challenged."""
    ruling_seconds: int = 86_400
    """Time beyond both in which the arbiter may rule."""
    supply_cap_neur: int = 10_000_000 * EURO_NEUR
    """How much credit may be outstanding."""
    daily_mint_cap_neur: int = 1_000_000 * EURO_NEUR
    """How much credit may be issued in a day."""
    auction_commit_seconds: int = 120
    """Length of the closing auction's first phase, in which sealed orders are handed in."""
    auction_reveal_seconds: int = 120
    """Length of its second phase, in which they are opened."""
    auction_clear_seconds: int = 60
    """Length of its last phase, which ends at the gate, and in which trades are booked."""
    auction_bond_neur: int = EURO_NEUR
    """What is forfeited for a sealed order that is not opened."""
    jurisdiction: str = "DE"
    """Country in which the community is, ISO 3166-1 alpha-2."""

    def __post_init__(self) -> None:
        for name, bits in _WIDTHS.items():
            value = getattr(self, name)
            if not 0 <= value < 2**bits or (value == 0 and name != "deadline_seconds"):
                raise ValueError(f"{name} is {value}; it must be a positive number below 2^{bits}")
        if self.ring_size & (self.ring_size - 1):
            raise ValueError(f"ring_size is {self.ring_size}; it must be a power of two")
        code = self.jurisdiction
        if len(code) != 2 or not (code.isascii() and code.isalpha() and code.isupper()):
            raise ValueError(f"jurisdiction is {code!r}; it must be two capital letters, such as DE")

    @property
    def oracle_timing(self) -> tuple[int, int, int, int]:
        """Deadline, greatest age, challenge and ruling, as the oracle takes them."""
        return (self.deadline_seconds, self.max_age_seconds, self.challenge_seconds, self.ruling_seconds)

    @property
    def oracle_ring_size(self) -> int:
        """Slots whose readings the oracle keeps: the least power of two that outlasts all times."""
        slots = (self.max_age_seconds + self.challenge_seconds + self.ruling_seconds) // self.slot_seconds + 2
        return 1 << (slots - 1).bit_length()


_WIDTHS = {
    "slot_seconds": 32,
    "tick_size": 32,
    "ring_size": 32,
    "deadline_seconds": 24,
    "max_age_seconds": 24,
    "challenge_seconds": 24,
    "ruling_seconds": 24,
    "supply_cap_neur": 63,
    "daily_mint_cap_neur": 63,
    "auction_commit_seconds": 32,
    "auction_reveal_seconds": 32,
    "auction_clear_seconds": 32,
    "auction_bond_neur": 63,
}


@dataclass(frozen=True)
class Governance:
    """Who owns the two Safes, and how long the timelock makes everybody wait."""

    owners: tuple[str, ...]
    """Owners of the governance Safe, which proposes to the timelock."""
    threshold: int
    """How many of them must sign."""
    operations_owners: tuple[str, ...]
    """Owners of the operations Safe, which has the daily roles."""
    operations_threshold: int
    delay_seconds: int = 2 * 86_400
    """Time between a proposal and its execution, for members to leave whom it doesn't suit."""

    def __post_init__(self) -> None:
        faults = [
            *_safe_faults("owners", self.owners, "threshold", self.threshold),
            *_safe_faults(
                "operations_owners", self.operations_owners, "operations_threshold", self.operations_threshold
            ),
        ]
        if self.delay_seconds < 0:
            faults.append(f"delay_seconds is {self.delay_seconds}; it must not be negative")
        if faults:
            raise InputError("; ".join(faults))

    @classmethod
    def by_one(cls, owner: str) -> "Governance":
        """One account owns both Safes, and nobody waits: for development."""
        return cls((owner,), 1, (owner,), 1, delay_seconds=0)


@dataclass(frozen=True)
class Roles:
    """Contracts that may do what others may not; None: the operations Safe."""

    registrar: str | None = None
    treasury: str | None = None
    keeper: str | None = None
    pauser: str | None = None
    supplier: str | None = None
    operator: str | None = None
    regulator: str | None = None
    approver: str | None = None
    arbiter: str | None = None

    def __post_init__(self) -> None:
        faults = [
            f"{role} is {holder!r}; it must be an address"
            for role, holder in asdict(self).items()
            if holder is not None and not is_address(holder)
        ]
        if faults:
            raise InputError("; ".join(faults))


def _safe_faults(owners_name: str, owners: tuple[str, ...], threshold_name: str, threshold: int) -> list[str]:
    faults = [
        f"{owners_name} holds {owner!r}; it must be an address" for owner in owners if not is_address(owner)
    ]
    if not faults and len({to_checksum_address(owner) for owner in owners}) < len(owners):
        faults.append(f"{owners_name} names an account twice")
    if not 1 <= threshold <= len(owners):
        faults.append(
            f"{threshold_name} is {threshold}; it must be within 1..{len(owners)}, the number of owners"
        )
    return faults
