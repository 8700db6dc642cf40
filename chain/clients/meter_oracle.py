"""Typed client of MeterOracle; made from its ABI by `python -m gridbid.chain.compilation.generate_clients`, not by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from gridbid.chain.client import ContractClient, ContractEvent, EventField
from gridbid.chain.clients.types import Quality, Reading
from gridbid.chain.rpc.node import DEFAULT_GAS, Receipt, Sender


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


class RecordOfResult(NamedTuple):
    """What `recordOf` returns."""

    found: bool
    reading_wh: int
    sequence: int


class ReportersOfResult(NamedTuple):
    """What `reportersOf` returns."""

    keys: Sequence[str]
    quorum: int
    plausible_wh: int


@dataclass(frozen=True)
class EIP712DomainChanged(ContractEvent):
    """MAY be emitted to signal that the domain could have changed."""

    NAME: ClassVar[str] = "EIP712DomainChanged"
    TOPIC: ClassVar[str] = "0x0a6387c9ea3628b88a633bb4f3b151770f70085117a15f9bf3787cda53f13d31"
    FIELDS: ClassVar[tuple[EventField, ...]] = ()


@dataclass(frozen=True)
class ReadingChallenged(ContractEvent):
    """`ReadingChallenged(uint32,uint32,address,bytes32)`."""

    NAME: ClassVar[str] = "ReadingChallenged"
    TOPIC: ClassVar[str] = "0xf71a252eb2d15c4109c82bc4963c405beab85525056411cf10978a4478135a98"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("uint32", indexed=True),
        EventField("address", indexed=True),
        EventField("bytes32"),
    )
    participant: int
    slot: int
    by: str
    reason: bytes


@dataclass(frozen=True)
class ReadingRuled(ContractEvent):
    """`ReadingRuled(uint32,uint32,int64,bytes32)`."""

    NAME: ClassVar[str] = "ReadingRuled"
    TOPIC: ClassVar[str] = "0xe988ad19e95db30414c5f06ebf213d2456b854521e12227fb7b3a61e399d0d5a"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("uint32", indexed=True),
        EventField("int64"),
        EventField("bytes32"),
    )
    participant: int
    slot: int
    reading_wh: int
    reason: bytes


@dataclass(frozen=True)
class ReadingSubstituted(ContractEvent):
    """`ReadingSubstituted(uint32,uint32,int64,bytes32)`."""

    NAME: ClassVar[str] = "ReadingSubstituted"
    TOPIC: ClassVar[str] = "0x57b3915777fbc53b4afea2a46546f38ff097def26748a0ed37501aefccf5978c"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("uint32", indexed=True),
        EventField("int64"),
        EventField("bytes32"),
    )
    participant: int
    slot: int
    reading_wh: int
    method: bytes


@dataclass(frozen=True)
class ReadingsSubmitted(ContractEvent):
    """Readings were recorded, each as signer (160 bits) | meter (32) | slot (32) | net energy (32,
    signed Wh).
    """

    NAME: ClassVar[str] = "ReadingsSubmitted"
    TOPIC: ClassVar[str] = "0x3f34f13008767ee2cdc2a4362c81a19b2763bca8b6f09382e8c093fd6eef8b2e"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("uint256[]"),)
    signer_meter_slot_wh: tuple[int, ...]


@dataclass(frozen=True)
class ReportersSet(ContractEvent):
    """`ReportersSet(uint32,uint32,address[],uint8,uint32)`."""

    NAME: ClassVar[str] = "ReportersSet"
    TOPIC: ClassVar[str] = "0x7780cf0b61bdd9f4f47ead94c79924cd945a687988c755bebabde92319b3bdfd"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("uint32"),
        EventField("address[]"),
        EventField("uint8"),
        EventField("uint32"),
    )
    participant: int
    from_slot: int
    keys: tuple[str, ...]
    quorum: int
    plausible_wh: int


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
        ReadingChallenged,
        ReadingRuled,
        ReadingSubstituted,
        ReadingsSubmitted,
        ReportersSet,
        RoleAdminChanged,
        RoleGranted,
        RoleRevoked,
    )

    def all_plausible_wh(self, *, block: str = "latest") -> int:
        """A bound above any reading: everything is plausible."""
        returned: int = self._view("ALL_PLAUSIBLE_WH", block=block)[0]
        return returned

    def arbiter_role(self, *, block: str = "latest") -> bytes:
        """`ARBITER_ROLE()`."""
        returned: bytes = self._view("ARBITER_ROLE", block=block)[0]
        return returned

    def challenge(
        self, participant: int, slot: int, reason: bytes, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Contest a reading, for the arbiter to look at; it goes on to hold. Open to the participant's
        account, to licensed operators, and to anyone where the registers contradict each other.
        """
        return self._transact("challenge", participant, slot, reason, by=by, gas=gas)

    def challenge_seconds(self, *, block: str = "latest") -> int:
        """`challengeSeconds()`."""
        returned: int = self._view("challengeSeconds", block=block)[0]
        return returned

    def deadline_seconds(self, *, block: str = "latest") -> int:
        """`deadlineSeconds()`."""
        returned: int = self._view("deadlineSeconds", block=block)[0]
        return returned

    def default_admin_role(self, *, block: str = "latest") -> bytes:
        """`DEFAULT_ADMIN_ROLE()`."""
        returned: bytes = self._view("DEFAULT_ADMIN_ROLE", block=block)[0]
        return returned

    def digest_of(self, reading: Reading, *, block: str = "latest") -> bytes:
        """What a key has to sign."""
        returned: bytes = self._view("digestOf", reading, block=block)[0]
        return returned

    def eip712_domain(self, *, block: str = "latest") -> Eip712DomainResult:
        """returns the fields and values that describe the domain separator used by this contract for
        EIP-712 signature.
        """
        return Eip712DomainResult(*self._view("eip712Domain", block=block))

    def final_at(self, slot: int, *, block: str = "latest") -> int:
        """When no reading of a slot can change any more, Unix time."""
        returned: int = self._view("finalAt", slot, block=block)[0]
        return returned

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

    def is_final(self, participant: int, slot: int, *, block: str = "latest") -> bool:
        """Whether a participant's reading can change no more."""
        returned: bool = self._view("isFinal", participant, slot, block=block)[0]
        return returned

    def keeper_role(self, *, block: str = "latest") -> bytes:
        """`KEEPER_ROLE()`."""
        returned: bytes = self._view("KEEPER_ROLE", block=block)[0]
        return returned

    def max_age_seconds(self, *, block: str = "latest") -> int:
        """`maxAgeSeconds()`."""
        returned: int = self._view("maxAgeSeconds", block=block)[0]
        return returned

    def max_changes(self, *, block: str = "latest") -> int:
        """Changes of a meter's reporters after a slot, beyond which its readings are found no more."""
        returned: int = self._view("MAX_CHANGES", block=block)[0]
        return returned

    def max_reporters(self, *, block: str = "latest") -> int:
        """Keys that may report for one meter."""
        returned: int = self._view("MAX_REPORTERS", block=block)[0]
        return returned

    def reading_of(self, participant: int, slot: int, *, block: str = "latest") -> ReadingOfResult:
        """The reading that holds now, net energy, import positive, Wh."""
        returned = self._view("readingOf", participant, slot, block=block)
        return ReadingOfResult(Quality(returned[0]), returned[1])

    def reading_typehash(self, *, block: str = "latest") -> bytes:
        """`READING_TYPEHASH()`."""
        returned: bytes = self._view("READING_TYPEHASH", block=block)[0]
        return returned

    def readings_of(
        self, slot: int, participants: Sequence[int], *, block: str = "latest"
    ) -> tuple[int, ...]:
        """The readings of several participants of one slot, in their order, each as quality | net energy
        (32, signed Wh, lowest).
        """
        returned: tuple[int, ...] = self._view("readingsOf", slot, participants, block=block)[0]
        return returned

    def record_of(self, key: str, meter: int, slot: int, *, block: str = "latest") -> RecordOfResult:
        """What a key has said of a meter and slot: net energy, Wh, and the sequence."""
        return RecordOfResult(*self._view("recordOf", key, meter, slot, block=block))

    def registrar_role(self, *, block: str = "latest") -> bytes:
        """`REGISTRAR_ROLE()`."""
        returned: bytes = self._view("REGISTRAR_ROLE", block=block)[0]
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

    def reporters_of(self, participant: int, slot: int, *, block: str = "latest") -> ReportersOfResult:
        """The keys that report for a participant in a slot, the meter's own first."""
        return ReportersOfResult(*self._view("reportersOf", participant, slot, block=block))

    def revoke_role(self, role: bytes, account: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Revokes `role` from `account`."""
        return self._transact("revokeRole", role, account, by=by, gas=gas)

    def ring_size(self, *, block: str = "latest") -> int:
        """`ringSize()`."""
        returned: int = self._view("ringSize", block=block)[0]
        return returned

    def rule(
        self,
        participant: int,
        slot: int,
        reading_wh: int,
        reason: bytes,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Replace a reading that was challenged, once and for good. Arbiter only."""
        return self._transact("rule", participant, slot, reading_wh, reason, by=by, gas=gas)

    def ruling_seconds(self, *, block: str = "latest") -> int:
        """`rulingSeconds()`."""
        returned: int = self._view("rulingSeconds", block=block)[0]
        return returned

    def runs_backwards(self, participant: int, slot: int, *, block: str = "latest") -> bool:
        """Whether a register of the meter, by one of its keys, started the slot below where it ended the
        one before.
        """
        returned: bool = self._view("runsBackwards", participant, slot, block=block)[0]
        return returned

    def set_reporters(
        self,
        participant: int,
        others: Sequence[str],
        quorum: int,
        plausible_wh: int,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Name further keys that report for a meter, how many of all must have reported, and what is
        plausible. Registrar only. Holds from the running slot on; the lower median of plausible
        readings counts.
        """
        return self._transact("setReporters", participant, others, quorum, plausible_wh, by=by, gas=gas)

    def slot_seconds(self, *, block: str = "latest") -> int:
        """`slotSeconds()`."""
        returned: int = self._view("slotSeconds", block=block)[0]
        return returned

    def submit(self, reading: Reading, r: bytes, vs: bytes, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Record a reading by one of the meter's keys. Anyone may bring it."""
        return self._transact("submit", reading, r, vs, by=by, gas=gas)

    def submit_many(self, slot: int, readings: bytes, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Record readings of one slot; those that are known already, or too late as corrections, are
        left out.
        """
        return self._transact("submitMany", slot, readings, by=by, gas=gas)

    def substitute(
        self,
        participant: int,
        slot: int,
        reading_wh: int,
        method: bytes,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Stand in for a reading that has not come by the deadline, whatever the method. Keeper only. A
        metered reading replaces it.
        """
        return self._transact("substitute", participant, slot, reading_wh, method, by=by, gas=gas)

    def supports_interface(self, interface_id: bytes, *, block: str = "latest") -> bool:
        """Returns true if this contract implements the interface defined by `interfaceId`."""
        returned: bool = self._view("supportsInterface", interface_id, block=block)[0]
        return returned

    def sync(self, participant: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Take over a meter's key from the registration; it holds from the running slot on."""
        return self._transact("sync", participant, by=by, gas=gas)

    def utilities(self, *, block: str = "latest") -> str:
        """Who is licensed to operate the grid, and so may challenge a reading."""
        returned: str = self._view("utilities", block=block)[0]
        return returned
