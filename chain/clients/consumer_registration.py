"""Typed client of ConsumerRegistration; made from its ABI by `python -m gridbid.chain.compilation.generate_clients`, not by hand."""

from dataclasses import dataclass
from typing import ClassVar

from gridbid.chain.client import ContractClient, ContractEvent, EventField
from gridbid.chain.clients.types import Device, DeviceKind, TradingKey
from gridbid.chain.rpc.node import DEFAULT_GAS, Receipt, Sender


@dataclass(frozen=True)
class AccountChanged(ContractEvent):
    """`AccountChanged(uint32,address,address)`."""

    NAME: ClassVar[str] = "AccountChanged"
    TOPIC: ClassVar[str] = "0x06059fb6fc136b44c5890833804639438df54103dbd2a80861246aae3df8c95b"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("address", indexed=True),
        EventField("address", indexed=True),
    )
    participant: int
    old_account: str
    new_account: str


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
class DeviceAdded(ContractEvent):
    """`DeviceAdded(uint32,bytes32,uint8,uint32)`."""

    NAME: ClassVar[str] = "DeviceAdded"
    TOPIC: ClassVar[str] = "0xe9ccc85f4a1408eb3ee1a89677c452de8249f3c1d79fa82176dba2bf76072d0c"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("bytes32", indexed=True),
        EventField("uint8", kind=DeviceKind),
        EventField("uint32"),
    )
    participant: int
    device: bytes
    kind: DeviceKind
    rated_power_w: int


@dataclass(frozen=True)
class DeviceRemoved(ContractEvent):
    """`DeviceRemoved(uint32,bytes32)`."""

    NAME: ClassVar[str] = "DeviceRemoved"
    TOPIC: ClassVar[str] = "0x940eac64c28643429fc47f9536162ac30399bd1e304505024a967dc2122c5d9c"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("bytes32", indexed=True),
    )
    participant: int
    device: bytes


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
class ObserverAdded(ContractEvent):
    """`ObserverAdded(address)`."""

    NAME: ClassVar[str] = "ObserverAdded"
    TOPIC: ClassVar[str] = "0x9e7e83ca24653c9e3f411044ebe8b4556a45c28aea2d89b408c19cb1c57fc05a"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("address", indexed=True),)
    observer: str


@dataclass(frozen=True)
class ObserverRemoved(ContractEvent):
    """`ObserverRemoved(address)`."""

    NAME: ClassVar[str] = "ObserverRemoved"
    TOPIC: ClassVar[str] = "0xead397c44bfca7a31cf9a5fcbda7c84f8c50275b4d87e7ec8fa05cce3461472f"
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
class TradingKeyRevoked(ContractEvent):
    """`TradingKeyRevoked(uint32,address)`."""

    NAME: ClassVar[str] = "TradingKeyRevoked"
    TOPIC: ClassVar[str] = "0xa5eb0586a4594c546e376a631ddf5be7541efa3bcfa08b682a0c0b44b0cfc94a"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("address", indexed=True),
    )
    participant: int
    key: str


@dataclass(frozen=True)
class TradingKeySet(ContractEvent):
    """`TradingKeySet(uint32,address,uint32,uint32,uint40)`."""

    NAME: ClassVar[str] = "TradingKeySet"
    TOPIC: ClassVar[str] = "0x791e5de44822f5f3e0eec2cacf9d02508e15a8c314d31641816b2ffc92fb7921"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("address", indexed=True),
        EventField("uint32"),
        EventField("uint32"),
        EventField("uint40"),
    )
    participant: int
    key: str
    max_order_wh: int
    max_slot_wh: int
    expires_at: int


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
        AccountChanged,
        Approval,
        ApprovalForAll,
        DeviceAdded,
        DeviceRemoved,
        Locked,
        MeterKeyRotated,
        ObserverAdded,
        ObserverRemoved,
        ParticipantReinstated,
        ParticipantSuspended,
        Registered,
        RoleAdminChanged,
        RoleGranted,
        RoleRevoked,
        TradingKeyRevoked,
        TradingKeySet,
        Transfer,
        Unlocked,
    )

    def account_of(self, participant: int, *, block: str = "latest") -> str:
        """Account of a participant: owner of its identity when it was last looked up. 0 if there is
        none.
        """
        returned: str = self._view("accountOf", participant, block=block)[0]
        return returned

    def add_device(
        self,
        participant: int,
        device: bytes,
        kind: DeviceKind,
        rated_power_w: int,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Note a device behind a participant's meter. The participant's account, or registrar."""
        return self._transact("addDevice", participant, device, kind, rated_power_w, by=by, gas=gas)

    def add_observer(self, observer: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Add a contract that is told of changes. Admin only."""
        return self._transact("addObserver", observer, by=by, gas=gas)

    def approve(self, argument_0: str, argument_1: int, *, block: str = "latest") -> None:
        """A soulbound token has nobody to be approved for."""
        self._view("approve", argument_0, argument_1, block=block)

    def balance_of(self, owner: str, *, block: str = "latest") -> int:
        """Returns the number of tokens in ``owner``'s account."""
        returned: int = self._view("balanceOf", owner, block=block)[0]
        return returned

    def count(self, *, block: str = "latest") -> int:
        """Number of participants so far; the last one's number."""
        returned: int = self._view("count", block=block)[0]
        return returned

    def default_admin_role(self, *, block: str = "latest") -> bytes:
        """`DEFAULT_ADMIN_ROLE()`."""
        returned: bytes = self._view("DEFAULT_ADMIN_ROLE", block=block)[0]
        return returned

    def device_of(self, device: bytes, *, block: str = "latest") -> Device:
        """`deviceOf(bytes32)`."""
        returned = self._view("deviceOf", device, block=block)[0]
        return Device(returned[0], DeviceKind(returned[1]), returned[2])

    def devices_of(self, participant: int, *, block: str = "latest") -> tuple[bytes, ...]:
        """Devices behind a participant's meter, in no particular order."""
        returned: tuple[bytes, ...] = self._view("devicesOf", participant, block=block)[0]
        return returned

    def get_approved(self, token_id: int, *, block: str = "latest") -> str:
        """Returns the account approved for `tokenId` token."""
        returned: str = self._view("getApproved", token_id, block=block)[0]
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

    def identity_of(self, participant: int, *, block: str = "latest") -> str:
        """Identity of a participant, for good. 0 if there is none."""
        returned: str = self._view("identityOf", participant, block=block)[0]
        return returned

    def identity_registry(self, *, block: str = "latest") -> str:
        """`identityRegistry()`."""
        returned: str = self._view("identityRegistry", block=block)[0]
        return returned

    def is_approved_for_all(self, owner: str, operator: str, *, block: str = "latest") -> bool:
        """Returns if the `operator` is allowed to manage all of the assets of `owner`."""
        returned: bool = self._view("isApprovedForAll", owner, operator, block=block)[0]
        return returned

    def is_suspended(self, participant: int, *, block: str = "latest") -> bool:
        """`isSuspended(uint32)`."""
        returned: bool = self._view("isSuspended", participant, block=block)[0]
        return returned

    def locked(self, token_id: int, *, block: str = "latest") -> bool:
        """Whether a token cannot change hands; reverts where there is no such token."""
        returned: bool = self._view("locked", token_id, block=block)[0]
        return returned

    def max_devices(self, *, block: str = "latest") -> int:
        """`MAX_DEVICES()`."""
        returned: int = self._view("MAX_DEVICES", block=block)[0]
        return returned

    def max_observers(self, *, block: str = "latest") -> int:
        """`MAX_OBSERVERS()`."""
        returned: int = self._view("MAX_OBSERVERS", block=block)[0]
        return returned

    def meter_key_of(self, participant: int, *, block: str = "latest") -> str:
        """Address whose signature a participant's readings bear, 0 if there is none."""
        returned: str = self._view("meterKeyOf", participant, block=block)[0]
        return returned

    def name(self, *, block: str = "latest") -> str:
        """Returns the token collection name."""
        returned: str = self._view("name", block=block)[0]
        return returned

    def observers(self, *, block: str = "latest") -> tuple[str, ...]:
        """`observers()`."""
        returned: tuple[str, ...] = self._view("observers", block=block)[0]
        return returned

    def owner_of(self, token_id: int, *, block: str = "latest") -> str:
        """Returns the owner of the `tokenId` token."""
        returned: str = self._view("ownerOf", token_id, block=block)[0]
        return returned

    def participant_of(self, account: str, *, block: str = "latest") -> int:
        """Participant number of an account, 0 if it has none."""
        returned: int = self._view("participantOf", account, block=block)[0]
        return returned

    def register(self, identity: str, meter_key: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Mint the next participant number to an identity; its meter signs with `meterKey`. Registrar
        only.
        """
        return self._transact("register", identity, meter_key, by=by, gas=gas)

    def registrar_role(self, *, block: str = "latest") -> bytes:
        """`REGISTRAR_ROLE()`."""
        returned: bytes = self._view("REGISTRAR_ROLE", block=block)[0]
        return returned

    def reinstate(self, participant: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Let a suspended participant trade again."""
        return self._transact("reinstate", participant, by=by, gas=gas)

    def remove_device(self, device: bytes, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Take a device off the list. The participant's account, or registrar."""
        return self._transact("removeDevice", device, by=by, gas=gas)

    def remove_observer(self, observer: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Remove a contract that is told of changes. Admin only."""
        return self._transact("removeObserver", observer, by=by, gas=gas)

    def renounce_role(
        self, role: bytes, caller_confirmation: str, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Revokes `role` from the calling account."""
        return self._transact("renounceRole", role, caller_confirmation, by=by, gas=gas)

    def revoke_role(self, role: bytes, account: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Revokes `role` from `account`."""
        return self._transact("revokeRole", role, account, by=by, gas=gas)

    def revoke_trading_key(self, key: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Take a key of the caller its right to trade. Members only."""
        return self._transact("revokeTradingKey", key, by=by, gas=gas)

    def rotate_meter_key(
        self, participant: int, meter_key: str, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Replace a participant's meter key; readings signed with the old one are refused from now on."""
        return self._transact("rotateMeterKey", participant, meter_key, by=by, gas=gas)

    def safe_transfer_from(
        self, from_: str, to: str, token_id: int, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Safely transfers `tokenId` token from `from` to `to`, checking first that contract recipients
        are aware of the ERC-721 protocol to prevent tokens from being forever locked.
        """
        return self._transact("safeTransferFrom", from_, to, token_id, by=by, gas=gas)

    def safe_transfer_from_with_data(
        self, from_: str, to: str, token_id: int, data: bytes, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Safely transfers `tokenId` token from `from` to `to`."""
        return self._transact("safeTransferFrom", from_, to, token_id, data, by=by, gas=gas)

    def set_approval_for_all(self, argument_0: str, argument_1: bool, *, block: str = "latest") -> None:
        """As above."""
        self._view("setApprovalForAll", argument_0, argument_1, block=block)

    def set_trading_key(
        self,
        key: str,
        max_order_wh: int,
        max_slot_wh: int,
        expires_at: int,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Let a key trade for the caller within limits; replaces what it was allowed before. Members
        only.
        """
        return self._transact("setTradingKey", key, max_order_wh, max_slot_wh, expires_at, by=by, gas=gas)

    def supports_interface(self, interface_id: bytes, *, block: str = "latest") -> bool:
        """`supportsInterface(bytes4)`."""
        returned: bool = self._view("supportsInterface", interface_id, block=block)[0]
        return returned

    def suspend(self, participant: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Keep a participant from placing orders; cancelling and withdrawing stay open to it."""
        return self._transact("suspend", participant, by=by, gas=gas)

    def symbol(self, *, block: str = "latest") -> str:
        """Returns the token collection symbol."""
        returned: str = self._view("symbol", block=block)[0]
        return returned

    def sync(self, participant: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Take over who owns the identity now, and tell the observers. Anyone may call it."""
        return self._transact("sync", participant, by=by, gas=gas)

    def token_uri(self, token_id: int, *, block: str = "latest") -> str:
        """Returns the Uniform Resource Identifier (URI) for `tokenId` token."""
        returned: str = self._view("tokenURI", token_id, block=block)[0]
        return returned

    def trading_key_of(self, key: str, *, block: str = "latest") -> TradingKey:
        """What a key may do; participant 0 if it may do nothing. Its expiry is for the reader to check."""
        returned = self._view("tradingKeyOf", key, block=block)[0]
        return TradingKey(*returned)

    def transfer_from(
        self, from_: str, to: str, token_id: int, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Transfers `tokenId` token from `from` to `to`."""
        return self._transact("transferFrom", from_, to, token_id, by=by, gas=gas)
