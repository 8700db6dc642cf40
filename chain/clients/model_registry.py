"""Typed client of ModelRegistry; made from its ABI by `python -m gridbid.chain.compilation.generate_clients`, not by hand."""

from dataclasses import dataclass
from typing import ClassVar

from gridbid.chain.client import ContractClient, ContractEvent, EventField
from gridbid.chain.clients.types import Model, ModelRegistryStatus
from gridbid.chain.rpc.node import DEFAULT_GAS, Receipt, Sender


@dataclass(frozen=True)
class ModelApproved(ContractEvent):
    """`ModelApproved(bytes32,address)`."""

    NAME: ClassVar[str] = "ModelApproved"
    TOPIC: ClassVar[str] = "0x8a15328f388fcdb41e231835806df5ccb014cdad42a8d2acd6252ea060ca8ae2"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("bytes32", indexed=True),
        EventField("address", indexed=True),
    )
    bundle_hash: bytes
    approver: str


@dataclass(frozen=True)
class ModelPublished(ContractEvent):
    """`ModelPublished(bytes32,address,bytes32,string)`."""

    NAME: ClassVar[str] = "ModelPublished"
    TOPIC: ClassVar[str] = "0x0ef8d0e7ef57f72bc7e7421959329294c230a0f7f62e64d0789a923d335570fc"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("bytes32", indexed=True),
        EventField("address", indexed=True),
        EventField("bytes32", indexed=True),
        EventField("string"),
    )
    bundle_hash: bytes
    publisher: str
    schema_hash: bytes
    uri: str


@dataclass(frozen=True)
class ModelRevoked(ContractEvent):
    """`ModelRevoked(bytes32,address)`."""

    NAME: ClassVar[str] = "ModelRevoked"
    TOPIC: ClassVar[str] = "0xdf2fd2e8c08c837887d9bbf4c306d3399245e805a55efabf2370682595b36795"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("bytes32", indexed=True),
        EventField("address", indexed=True),
    )
    bundle_hash: bytes
    by: str


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


class ModelRegistry(ContractClient):
    """ModelRegistry at one address."""

    CONTRACT: ClassVar[str] = "ModelRegistry"
    EVENTS: ClassVar[tuple[type[ContractEvent], ...]] = (
        ModelApproved,
        ModelPublished,
        ModelRevoked,
        RoleAdminChanged,
        RoleGranted,
        RoleRevoked,
    )

    def approve(self, bundle_hash: bytes, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Let a published bundle act. Approver only."""
        return self._transact("approve", bundle_hash, by=by, gas=gas)

    def approver_role(self, *, block: str = "latest") -> bytes:
        """`APPROVER_ROLE()`."""
        returned: bytes = self._view("APPROVER_ROLE", block=block)[0]
        return returned

    def default_admin_role(self, *, block: str = "latest") -> bytes:
        """`DEFAULT_ADMIN_ROLE()`."""
        returned: bytes = self._view("DEFAULT_ADMIN_ROLE", block=block)[0]
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

    def is_approved(self, bundle_hash: bytes, *, block: str = "latest") -> bool:
        """`isApproved(bytes32)`."""
        returned: bool = self._view("isApproved", bundle_hash, block=block)[0]
        return returned

    def model_of(self, bundle_hash: bytes, *, block: str = "latest") -> Model:
        """`modelOf(bytes32)`."""
        returned = self._view("modelOf", bundle_hash, block=block)[0]
        return Model(returned[0], returned[1], ModelRegistryStatus(returned[2]), returned[3], returned[4])

    def publish(
        self, bundle_hash: bytes, uri: str, schema_hash: bytes, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Publish a bundle under the caller's name. Anyone may; a hash is published once."""
        return self._transact("publish", bundle_hash, uri, schema_hash, by=by, gas=gas)

    def renounce_role(
        self, role: bytes, caller_confirmation: str, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Revokes `role` from the calling account."""
        return self._transact("renounceRole", role, caller_confirmation, by=by, gas=gas)

    def revoke(self, bundle_hash: bytes, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Take a bundle back, for good. Its publisher, or approver."""
        return self._transact("revoke", bundle_hash, by=by, gas=gas)

    def revoke_role(self, role: bytes, account: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Revokes `role` from `account`."""
        return self._transact("revokeRole", role, account, by=by, gas=gas)

    def supports_interface(self, interface_id: bytes, *, block: str = "latest") -> bool:
        """Returns true if this contract implements the interface defined by `interfaceId`."""
        returned: bool = self._view("supportsInterface", interface_id, block=block)[0]
        return returned
