"""Typed client of ConsumerRegistration; made from its ABI by `python -m gridbid.chain.generate_clients`, not by hand."""

from dataclasses import dataclass
from typing import ClassVar

from gridbid.chain.client import ContractClient, ContractEvent, EventField
from gridbid.chain.rpc import DEFAULT_GAS, Receipt, Signer


@dataclass(frozen=True)
class Approval(ContractEvent):
    """Emitted when `owner` enables `approved` to manage the `tokenId` token."""

    NAME: ClassVar[str] = "Approval"
    TOPIC: ClassVar[str] = "0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("address", indexed=True),
        EventField("uint256", indexed=True),
    )
    owner: str
    approved: str
    token_id: int


@dataclass(frozen=True)
class ApprovalForAll(ContractEvent):
    """Emitted when `owner` enables or disables (`approved`) `operator` to manage all of its assets."""

    NAME: ClassVar[str] = "ApprovalForAll"
    TOPIC: ClassVar[str] = "0x17307eab39ab6107e8899845ad3d59bd9653f200f220920489ca2b5937696c31"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("address", indexed=True),
        EventField("bool"),
    )
    owner: str
    operator: str
    approved: bool


@dataclass(frozen=True)
class Locked(ContractEvent):
    """`Locked(uint256)`."""

    NAME: ClassVar[str] = "Locked"
    TOPIC: ClassVar[str] = "0x032bc66be43dbccb7487781d168eb7bda224628a3b2c3388bdf69b532a3a1611"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("uint256"),)
    token_id: int


@dataclass(frozen=True)
class MeterKeyRotated(ContractEvent):
    """`MeterKeyRotated(uint32,address)`."""

    NAME: ClassVar[str] = "MeterKeyRotated"
    TOPIC: ClassVar[str] = "0x9a965a082669c3521ceda5b0b8360b3551ada510a23fa549167308929bc5f353"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("address", indexed=True),
    )
    participant: int
    meter_key: str


@dataclass(frozen=True)
class ObserverSet(ContractEvent):
    """`ObserverSet(address)`."""

    NAME: ClassVar[str] = "ObserverSet"
    TOPIC: ClassVar[str] = "0xaba5f30896095a790e5a8126c11ee97b0bfe39a6482573a00b5b12b29e5100de"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("address", indexed=True),)
    observer: str


@dataclass(frozen=True)
class ParticipantReinstated(ContractEvent):
    """`ParticipantReinstated(uint32)`."""

    NAME: ClassVar[str] = "ParticipantReinstated"
    TOPIC: ClassVar[str] = "0x22df88c866260c50be6ebb64be54969511e100ad78db22701ae751d996d64e69"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("uint32", indexed=True),)
    participant: int


@dataclass(frozen=True)
class ParticipantSuspended(ContractEvent):
    """`ParticipantSuspended(uint32)`."""

    NAME: ClassVar[str] = "ParticipantSuspended"
    TOPIC: ClassVar[str] = "0xb667bcb502e6a406ab59f4c7b95643b5b41ecaf42e0de42fde3023a9d34fdc8f"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("uint32", indexed=True),)
    participant: int


@dataclass(frozen=True)
class Registered(ContractEvent):
    """`Registered(uint32,address,address)`."""

    NAME: ClassVar[str] = "Registered"
    TOPIC: ClassVar[str] = "0x4573bcf2d013ff553813365309f326e9c858c3eeff1592db8224530314ccb048"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("address", indexed=True),
        EventField("address", indexed=True),
    )
    participant: int
    account: str
    meter_key: str


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


@dataclass(frozen=True)
class Transfer(ContractEvent):
    """Emitted when `tokenId` token is transferred from `from` to `to`."""

    NAME: ClassVar[str] = "Transfer"
    TOPIC: ClassVar[str] = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("address", indexed=True),
        EventField("uint256", indexed=True),
    )
    from_: str
    to: str
    token_id: int


@dataclass(frozen=True)
class Unlocked(ContractEvent):
    """`Unlocked(uint256)`."""

    NAME: ClassVar[str] = "Unlocked"
    TOPIC: ClassVar[str] = "0xf27b6ce5b2f5e68ddb2fd95a8a909d4ecf1daaac270935fff052feacb24f1842"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("uint256"),)
    token_id: int


class ConsumerRegistration(ContractClient):
    """ConsumerRegistration at one address."""

    CONTRACT: ClassVar[str] = "ConsumerRegistration"
    EVENTS: ClassVar[tuple[type[ContractEvent], ...]] = (
        Approval,
        ApprovalForAll,
        Locked,
        MeterKeyRotated,
        ObserverSet,
        ParticipantReinstated,
        ParticipantSuspended,
        Registered,
        RoleAdminChanged,
        RoleGranted,
        RoleRevoked,
        Transfer,
        Unlocked,
    )

    def account_of(self, participant: int, *, block: str = "latest") -> str:
        """Account of a participant, 0 if there is none."""
        value: str = self._view("accountOf", participant, block=block)[0]
        return value

    def approve(self, to: str, token_id: int, *, by: Signer, gas: int = DEFAULT_GAS) -> Receipt:
        """Gives permission to `to` to transfer `tokenId` token to another account."""
        return self._transact("approve", to, token_id, by=by, gas=gas)

    def balance_of(self, owner: str, *, block: str = "latest") -> int:
        """Returns the number of tokens in ``owner``'s account."""
        value: int = self._view("balanceOf", owner, block=block)[0]
        return value

    def count(self, *, block: str = "latest") -> int:
        """Number of participants so far; the last one's number."""
        value: int = self._view("count", block=block)[0]
        return value

    def default_admin_role(self, *, block: str = "latest") -> bytes:
        """`DEFAULT_ADMIN_ROLE()`."""
        value: bytes = self._view("DEFAULT_ADMIN_ROLE", block=block)[0]
        return value

    def get_approved(self, token_id: int, *, block: str = "latest") -> str:
        """Returns the account approved for `tokenId` token."""
        value: str = self._view("getApproved", token_id, block=block)[0]
        return value

    def get_role_admin(self, role: bytes, *, block: str = "latest") -> bytes:
        """Returns the admin role that controls `role`."""
        value: bytes = self._view("getRoleAdmin", role, block=block)[0]
        return value

    def grant_role(self, role: bytes, account: str, *, by: Signer, gas: int = DEFAULT_GAS) -> Receipt:
        """Grants `role` to `account`."""
        return self._transact("grantRole", role, account, by=by, gas=gas)

    def has_role(self, role: bytes, account: str, *, block: str = "latest") -> bool:
        """Returns `true` if `account` has been granted `role`."""
        value: bool = self._view("hasRole", role, account, block=block)[0]
        return value

    def is_approved_for_all(self, owner: str, operator: str, *, block: str = "latest") -> bool:
        """Returns if the `operator` is allowed to manage all of the assets of `owner`."""
        value: bool = self._view("isApprovedForAll", owner, operator, block=block)[0]
        return value

    def is_suspended(self, participant: int, *, block: str = "latest") -> bool:
        """`isSuspended(uint32)`."""
        value: bool = self._view("isSuspended", participant, block=block)[0]
        return value

    def locked(self, token_id: int, *, block: str = "latest") -> bool:
        """Whether a token cannot change hands; reverts where there is no such token."""
        value: bool = self._view("locked", token_id, block=block)[0]
        return value

    def meter_key_of(self, participant: int, *, block: str = "latest") -> str:
        """Address whose signature a participant's readings bear, 0 if there is none."""
        value: str = self._view("meterKeyOf", participant, block=block)[0]
        return value

    def name(self, *, block: str = "latest") -> str:
        """Returns the token collection name."""
        value: str = self._view("name", block=block)[0]
        return value

    def observer(self, *, block: str = "latest") -> str:
        """The market, which keeps a copy of what it needs of each participant."""
        value: str = self._view("observer", block=block)[0]
        return value

    def owner_of(self, token_id: int, *, block: str = "latest") -> str:
        """Returns the owner of the `tokenId` token."""
        value: str = self._view("ownerOf", token_id, block=block)[0]
        return value

    def participant_of(self, account: str, *, block: str = "latest") -> int:
        """Participant number of an account, 0 if it has none."""
        value: int = self._view("participantOf", account, block=block)[0]
        return value

    def register(self, account: str, meter_key: str, *, by: Signer, gas: int = DEFAULT_GAS) -> Receipt:
        """Mint the next participant number to `account`; its meter signs with `meterKey`."""
        return self._transact("register", account, meter_key, by=by, gas=gas)

    def registrar_role(self, *, block: str = "latest") -> bytes:
        """`REGISTRAR_ROLE()`."""
        value: bytes = self._view("REGISTRAR_ROLE", block=block)[0]
        return value

    def reinstate(self, participant: int, *, by: Signer, gas: int = DEFAULT_GAS) -> Receipt:
        """Let a suspended participant trade again."""
        return self._transact("reinstate", participant, by=by, gas=gas)

    def renounce_role(
        self, role: bytes, caller_confirmation: str, *, by: Signer, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Revokes `role` from the calling account."""
        return self._transact("renounceRole", role, caller_confirmation, by=by, gas=gas)

    def revoke_role(self, role: bytes, account: str, *, by: Signer, gas: int = DEFAULT_GAS) -> Receipt:
        """Revokes `role` from `account`."""
        return self._transact("revokeRole", role, account, by=by, gas=gas)

    def rotate_meter_key(
        self, participant: int, meter_key: str, *, by: Signer, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Replace a participant's meter key; readings signed with the old one are refused from now on."""
        return self._transact("rotateMeterKey", participant, meter_key, by=by, gas=gas)

    def safe_transfer_from(
        self, from_: str, to: str, token_id: int, *, by: Signer, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Safely transfers `tokenId` token from `from` to `to`, checking first that contract recipients
        are aware of the ERC-721 protocol to prevent tokens from being forever locked.
        """
        return self._transact("safeTransferFrom", from_, to, token_id, by=by, gas=gas)

    def safe_transfer_from_with_data(
        self, from_: str, to: str, token_id: int, data: bytes, *, by: Signer, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Safely transfers `tokenId` token from `from` to `to`."""
        return self._transact("safeTransferFrom", from_, to, token_id, data, by=by, gas=gas)

    def set_approval_for_all(
        self, operator: str, approved: bool, *, by: Signer, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Approve or remove `operator` as an operator for the caller."""
        return self._transact("setApprovalForAll", operator, approved, by=by, gas=gas)

    def set_observer(self, new_observer: str, *, by: Signer, gas: int = DEFAULT_GAS) -> Receipt:
        """Set who is told of changes. Admin only."""
        return self._transact("setObserver", new_observer, by=by, gas=gas)

    def supports_interface(self, interface_id: bytes, *, block: str = "latest") -> bool:
        """`supportsInterface(bytes4)`."""
        value: bool = self._view("supportsInterface", interface_id, block=block)[0]
        return value

    def suspend(self, participant: int, *, by: Signer, gas: int = DEFAULT_GAS) -> Receipt:
        """Keep a participant from placing orders; cancelling and withdrawing stay open to it."""
        return self._transact("suspend", participant, by=by, gas=gas)

    def symbol(self, *, block: str = "latest") -> str:
        """Returns the token collection symbol."""
        value: str = self._view("symbol", block=block)[0]
        return value

    def token_uri(self, token_id: int, *, block: str = "latest") -> str:
        """Returns the Uniform Resource Identifier (URI) for `tokenId` token."""
        value: str = self._view("tokenURI", token_id, block=block)[0]
        return value

    def transfer_from(
        self, from_: str, to: str, token_id: int, *, by: Signer, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Transfers `tokenId` token from `from` to `to`."""
        return self._transact("transferFrom", from_, to, token_id, by=by, gas=gas)
