"""Typed client of TimelockController; made from its ABI by `python -m gridbid.chain.compilation.generate_clients`, not by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from gridbid.chain.client import ContractClient, ContractEvent, EventField
from gridbid.chain.clients.types import OperationState
from gridbid.chain.rpc.node import DEFAULT_GAS, Receipt, Sender


@dataclass(frozen=True)
class CallExecuted(ContractEvent):
    """Emitted when a call is performed as part of operation `id`."""

    NAME: ClassVar[str] = "CallExecuted"
    TOPIC: ClassVar[str] = "0xc2617efa69bab66782fa219543714338489c4e9e178271560a91b82c3f612b58"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("bytes32", indexed=True),
        EventField("uint256", indexed=True),
        EventField("address"),
        EventField("uint256"),
        EventField("bytes"),
    )
    id: bytes
    index: int
    target: str
    value: int
    data: bytes


@dataclass(frozen=True)
class CallSalt(ContractEvent):
    """Emitted when new proposal is scheduled with non-zero salt."""

    NAME: ClassVar[str] = "CallSalt"
    TOPIC: ClassVar[str] = "0x20fda5fd27a1ea7bf5b9567f143ac5470bb059374a27e8f67cb44f946f6d0387"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("bytes32", indexed=True),
        EventField("bytes32"),
    )
    id: bytes
    salt: bytes


@dataclass(frozen=True)
class CallScheduled(ContractEvent):
    """Emitted when a call is scheduled as part of operation `id`."""

    NAME: ClassVar[str] = "CallScheduled"
    TOPIC: ClassVar[str] = "0x4cf4410cc57040e44862ef0f45f3dd5a5e02db8eb8add648d4b0e236f1d07dca"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("bytes32", indexed=True),
        EventField("uint256", indexed=True),
        EventField("address"),
        EventField("uint256"),
        EventField("bytes"),
        EventField("bytes32"),
        EventField("uint256"),
    )
    id: bytes
    index: int
    target: str
    value: int
    data: bytes
    predecessor: bytes
    delay: int


@dataclass(frozen=True)
class Cancelled(ContractEvent):
    """Emitted when operation `id` is cancelled."""

    NAME: ClassVar[str] = "Cancelled"
    TOPIC: ClassVar[str] = "0xbaa1eb22f2a492ba1a5fea61b8df4d27c6c8b5f3971e63bb58fa14ff72eedb70"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("bytes32", indexed=True),)
    id: bytes


@dataclass(frozen=True)
class MinDelayChange(ContractEvent):
    """Emitted when the minimum delay for future operations is modified."""

    NAME: ClassVar[str] = "MinDelayChange"
    TOPIC: ClassVar[str] = "0x11c24f4ead16507c69ac467fbd5e4eed5fb5c699626d2cc6d66421df253886d5"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint256"),
        EventField("uint256"),
    )
    old_duration: int
    new_duration: int


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


class TimelockController(ContractClient):
    """TimelockController at one address."""

    CONTRACT: ClassVar[str] = "TimelockController"
    EVENTS: ClassVar[tuple[type[ContractEvent], ...]] = (
        CallExecuted,
        CallSalt,
        CallScheduled,
        Cancelled,
        MinDelayChange,
        RoleAdminChanged,
        RoleGranted,
        RoleRevoked,
    )

    def cancel(self, id: bytes, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Cancel an operation."""
        return self._transact("cancel", id, by=by, gas=gas)

    def canceller_role(self, *, block: str = "latest") -> bytes:
        """`CANCELLER_ROLE()`."""
        returned: bytes = self._view("CANCELLER_ROLE", block=block)[0]
        return returned

    def default_admin_role(self, *, block: str = "latest") -> bytes:
        """`DEFAULT_ADMIN_ROLE()`."""
        returned: bytes = self._view("DEFAULT_ADMIN_ROLE", block=block)[0]
        return returned

    def execute(
        self,
        target: str,
        value: int,
        payload: bytes,
        predecessor: bytes,
        salt: bytes,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Execute a ready operation containing a single transaction."""
        return self._transact("execute", target, value, payload, predecessor, salt, by=by, gas=gas)

    def execute_batch(
        self,
        targets: Sequence[str],
        values: Sequence[int],
        payloads: Sequence[bytes],
        predecessor: bytes,
        salt: bytes,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Execute a ready operation containing a batch of transactions."""
        return self._transact("executeBatch", targets, values, payloads, predecessor, salt, by=by, gas=gas)

    def executor_role(self, *, block: str = "latest") -> bytes:
        """`EXECUTOR_ROLE()`."""
        returned: bytes = self._view("EXECUTOR_ROLE", block=block)[0]
        return returned

    def get_min_delay(self, *, block: str = "latest") -> int:
        """Returns the minimum delay in seconds for an operation to become valid."""
        returned: int = self._view("getMinDelay", block=block)[0]
        return returned

    def get_operation_state(self, id: bytes, *, block: str = "latest") -> OperationState:
        """Returns operation state."""
        returned = self._view("getOperationState", id, block=block)[0]
        return OperationState(returned)

    def get_role_admin(self, role: bytes, *, block: str = "latest") -> bytes:
        """Returns the admin role that controls `role`."""
        returned: bytes = self._view("getRoleAdmin", role, block=block)[0]
        return returned

    def get_timestamp(self, id: bytes, *, block: str = "latest") -> int:
        """Returns the timestamp at which an operation becomes ready (0 for unset operations, 1 for done
        operations).
        """
        returned: int = self._view("getTimestamp", id, block=block)[0]
        return returned

    def grant_role(self, role: bytes, account: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Grants `role` to `account`."""
        return self._transact("grantRole", role, account, by=by, gas=gas)

    def has_role(self, role: bytes, account: str, *, block: str = "latest") -> bool:
        """Returns `true` if `account` has been granted `role`."""
        returned: bool = self._view("hasRole", role, account, block=block)[0]
        return returned

    def hash_operation(
        self, target: str, value: int, data: bytes, predecessor: bytes, salt: bytes, *, block: str = "latest"
    ) -> bytes:
        """Returns the identifier of an operation containing a single transaction."""
        returned: bytes = self._view("hashOperation", target, value, data, predecessor, salt, block=block)[0]
        return returned

    def hash_operation_batch(
        self,
        targets: Sequence[str],
        values: Sequence[int],
        payloads: Sequence[bytes],
        predecessor: bytes,
        salt: bytes,
        *,
        block: str = "latest",
    ) -> bytes:
        """Returns the identifier of an operation containing a batch of transactions."""
        returned: bytes = self._view(
            "hashOperationBatch", targets, values, payloads, predecessor, salt, block=block
        )[0]
        return returned

    def is_operation(self, id: bytes, *, block: str = "latest") -> bool:
        """Returns whether an id corresponds to a registered operation."""
        returned: bool = self._view("isOperation", id, block=block)[0]
        return returned

    def is_operation_done(self, id: bytes, *, block: str = "latest") -> bool:
        """Returns whether an operation is done or not."""
        returned: bool = self._view("isOperationDone", id, block=block)[0]
        return returned

    def is_operation_pending(self, id: bytes, *, block: str = "latest") -> bool:
        """Returns whether an operation is pending or not."""
        returned: bool = self._view("isOperationPending", id, block=block)[0]
        return returned

    def is_operation_ready(self, id: bytes, *, block: str = "latest") -> bool:
        """Returns whether an operation is ready for execution."""
        returned: bool = self._view("isOperationReady", id, block=block)[0]
        return returned

    def on_erc_1155_batch_received(
        self,
        argument_0: str,
        argument_1: str,
        argument_2: Sequence[int],
        argument_3: Sequence[int],
        argument_4: bytes,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """`onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)`."""
        return self._transact(
            "onERC1155BatchReceived",
            argument_0,
            argument_1,
            argument_2,
            argument_3,
            argument_4,
            by=by,
            gas=gas,
        )

    def on_erc_1155_received(
        self,
        argument_0: str,
        argument_1: str,
        argument_2: int,
        argument_3: int,
        argument_4: bytes,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """`onERC1155Received(address,address,uint256,uint256,bytes)`."""
        return self._transact(
            "onERC1155Received", argument_0, argument_1, argument_2, argument_3, argument_4, by=by, gas=gas
        )

    def on_erc_721_received(
        self,
        argument_0: str,
        argument_1: str,
        argument_2: int,
        argument_3: bytes,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """See {IERC721Receiver-onERC721Received}."""
        return self._transact(
            "onERC721Received", argument_0, argument_1, argument_2, argument_3, by=by, gas=gas
        )

    def proposer_role(self, *, block: str = "latest") -> bytes:
        """`PROPOSER_ROLE()`."""
        returned: bytes = self._view("PROPOSER_ROLE", block=block)[0]
        return returned

    def renounce_role(
        self, role: bytes, caller_confirmation: str, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Revokes `role` from the calling account."""
        return self._transact("renounceRole", role, caller_confirmation, by=by, gas=gas)

    def revoke_role(self, role: bytes, account: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Revokes `role` from `account`."""
        return self._transact("revokeRole", role, account, by=by, gas=gas)

    def schedule(
        self,
        target: str,
        value: int,
        data: bytes,
        predecessor: bytes,
        salt: bytes,
        delay: int,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Schedule an operation containing a single transaction."""
        return self._transact("schedule", target, value, data, predecessor, salt, delay, by=by, gas=gas)

    def schedule_batch(
        self,
        targets: Sequence[str],
        values: Sequence[int],
        payloads: Sequence[bytes],
        predecessor: bytes,
        salt: bytes,
        delay: int,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Schedule an operation containing a batch of transactions."""
        return self._transact(
            "scheduleBatch", targets, values, payloads, predecessor, salt, delay, by=by, gas=gas
        )

    def supports_interface(self, interface_id: bytes, *, block: str = "latest") -> bool:
        """Returns true if this contract implements the interface defined by `interfaceId`."""
        returned: bool = self._view("supportsInterface", interface_id, block=block)[0]
        return returned

    def update_delay(self, new_delay: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Changes the minimum timelock duration for future operations."""
        return self._transact("updateDelay", new_delay, by=by, gas=gas)
