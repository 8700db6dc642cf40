"""Typed client of MeterOracle; made from its ABI by `python -m gridbid.chain.generate_clients`, not by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from gridbid.chain.client import ContractClient, ContractEvent, EventField
from gridbid.chain.clients.types import Quality, Reading
from gridbid.chain.rpc import DEFAULT_GAS, Receipt, Sender


class Eip712DomainResult(NamedTuple):
    """What `eip712Domain` returns."""

    fields: bytes
    name: str
    version: str
    chain_id: int
    verifying_contract: str
    salt: bytes
    extensions: Sequence[int]


class ReadingOfResult(NamedTuple):
    """What `readingOf` returns."""

    quality: Quality
    reading_wh: int


@dataclass(frozen=True)
class EIP712DomainChanged(ContractEvent):
    """MAY be emitted to signal that the domain could have changed."""

    NAME: ClassVar[str] = "EIP712DomainChanged"
    TOPIC: ClassVar[str] = "0x0a6387c9ea3628b88a633bb4f3b151770f70085117a15f9bf3787cda53f13d31"
    FIELDS: ClassVar[tuple[EventField, ...]] = ()


@dataclass(frozen=True)
class ReadingSubmitted(ContractEvent):
    """`ReadingSubmitted(uint32,uint32,int64)`."""

    NAME: ClassVar[str] = "ReadingSubmitted"
    TOPIC: ClassVar[str] = "0x10165825464dcfcab8f9a8b06133d924413e4fa091ad37272fa24108cbbb88e3"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("uint32", indexed=True),
        EventField("int64"),
    )
    participant: int
    slot: int
    reading_wh: int


@dataclass(frozen=True)
class ReadingSubstituted(ContractEvent):
    """`ReadingSubstituted(uint32,uint32,int64)`."""

    NAME: ClassVar[str] = "ReadingSubstituted"
    TOPIC: ClassVar[str] = "0x4cb0e7d5cf498302f9bced00cb32f5bd46f601f84c0f08493efa16a538f8844f"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("uint32", indexed=True),
        EventField("int64"),
    )
    participant: int
    slot: int
    reading_wh: int


@dataclass(frozen=True)
class RoleAdminChanged(ContractEvent):
    """Emitted when `newAdminRole` is set as ``role``'s admin role, replacing `previousAdminRole`
    `DEFAULT_ADMIN_ROLE` is the starting admin for all roles, despite {RoleAdminChanged} not being
    emitted to signal this.
    """

    NAME: ClassVar[str] = "RoleAdminChanged"
    TOPIC: ClassVar[str] = "0xbd79b86ffe0ab8e8776151514217cd7cacd52c909f66475c3af44e129f0b00ff"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("bytes32", indexed=True),
        EventField("bytes32", indexed=True),
        EventField("bytes32", indexed=True),
    )
    role: bytes
    previous_admin_role: bytes
    new_admin_role: bytes


@dataclass(frozen=True)
class RoleGranted(ContractEvent):
    """Emitted when `account` is granted `role`. `sender` is the account that originated the contract
    call.
    """

    NAME: ClassVar[str] = "RoleGranted"
    TOPIC: ClassVar[str] = "0x2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("bytes32", indexed=True),
        EventField("address", indexed=True),
        EventField("address", indexed=True),
    )
    role: bytes
    account: str
    sender: str


@dataclass(frozen=True)
class RoleRevoked(ContractEvent):
    """Emitted when `account` is revoked `role`. `sender` is the account that originated the contract
    call: - if using `revokeRole`, it is the admin role bearer - if using `renounceRole`, it is
    the role bearer (i.e. `account`)
    """

    NAME: ClassVar[str] = "RoleRevoked"
    TOPIC: ClassVar[str] = "0xf6391f5c32d9c69d2a47ea670b442974b53935d1edc7fd64eb21e047a839171b"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("bytes32", indexed=True),
        EventField("address", indexed=True),
        EventField("address", indexed=True),
    )
    role: bytes
    account: str
    sender: str


class MeterOracle(ContractClient):
    """MeterOracle at one address."""

    CONTRACT: ClassVar[str] = "MeterOracle"
    EVENTS: ClassVar[tuple[type[ContractEvent], ...]] = (
        EIP712DomainChanged,
        ReadingSubmitted,
        ReadingSubstituted,
        RoleAdminChanged,
        RoleGranted,
        RoleRevoked,
    )

    def deadline_seconds(self, *, block: str = "latest") -> int:
        """Time after a slot's end from which the keeper may stand in for a missing reading."""
        returned: int = self._view("deadlineSeconds", block=block)[0]
        return returned

    def default_admin_role(self, *, block: str = "latest") -> bytes:
        """`DEFAULT_ADMIN_ROLE()`."""
        returned: bytes = self._view("DEFAULT_ADMIN_ROLE", block=block)[0]
        return returned

    def digest_of(self, reading: Reading, *, block: str = "latest") -> bytes:
        """What the meter has to sign."""
        returned: bytes = self._view("digestOf", reading, block=block)[0]
        return returned

    def eip712_domain(self, *, block: str = "latest") -> Eip712DomainResult:
        """returns the fields and values that describe the domain separator used by this contract for
        EIP-712 signature.
        """
        return Eip712DomainResult(*self._view("eip712Domain", block=block))

    def get_role_admin(self, role: bytes, *, block: str = "latest") -> bytes:
        """Returns the admin role that controls `role`."""
        returned: bytes = self._view("getRoleAdmin", role, block=block)[0]
        return returned

    def grant_role(self, role: bytes, account: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Grants `role` to `account`."""
        return self._transact("grantRole", role, account, by=by, gas=gas)

    def has_role(self, role: bytes, account: str, *, block: str = "latest") -> bool:
        """Returns `true` if `account` has been granted `role`."""
        returned: bool = self._view("hasRole", role, account, block=block)[0]
        return returned

    def keeper_role(self, *, block: str = "latest") -> bytes:
        """`KEEPER_ROLE()`."""
        returned: bytes = self._view("KEEPER_ROLE", block=block)[0]
        return returned

    def reading_limit_wh(self, *, block: str = "latest") -> int:
        """Readings stay under this, Wh, so that a slot's cash fits its fields."""
        returned: int = self._view("READING_LIMIT_WH", block=block)[0]
        return returned

    def reading_of(self, participant: int, slot: int, *, block: str = "latest") -> ReadingOfResult:
        """`readingOf(uint32,uint32)`."""
        returned = self._view("readingOf", participant, slot, block=block)
        return ReadingOfResult(Quality(returned[0]), returned[1])

    def reading_typehash(self, *, block: str = "latest") -> bytes:
        """`READING_TYPEHASH()`."""
        returned: bytes = self._view("READING_TYPEHASH", block=block)[0]
        return returned

    def registration(self, *, block: str = "latest") -> str:
        """`registration()`."""
        returned: str = self._view("registration", block=block)[0]
        return returned

    def renounce_role(
        self, role: bytes, caller_confirmation: str, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Revokes `role` from the calling account."""
        return self._transact("renounceRole", role, caller_confirmation, by=by, gas=gas)

    def revoke_role(self, role: bytes, account: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Revokes `role` from `account`."""
        return self._transact("revokeRole", role, account, by=by, gas=gas)

    def slot_seconds(self, *, block: str = "latest") -> int:
        """`slotSeconds()`."""
        returned: int = self._view("slotSeconds", block=block)[0]
        return returned

    def submit(self, reading: Reading, signature: bytes, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Record a reading; anyone may bring it, the meter's EIP-712 signature vouches for it."""
        return self._transact("submit", reading, signature, by=by, gas=gas)

    def submit_many(
        self, readings: Sequence[Reading], signatures: Sequence[bytes], *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Record several readings, or none of them."""
        return self._transact("submitMany", readings, signatures, by=by, gas=gas)

    def substitute(self, reading: Reading, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Stand in for a reading that has not come by the deadline. Keeper only; a metered reading
        replaces it.
        """
        return self._transact("substitute", reading, by=by, gas=gas)

    def supports_interface(self, interface_id: bytes, *, block: str = "latest") -> bool:
        """Returns true if this contract implements the interface defined by `interfaceId`."""
        returned: bool = self._view("supportsInterface", interface_id, block=block)[0]
        return returned
