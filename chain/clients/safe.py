"""Typed client of Safe; made from its ABI by `python -m gridbid.chain.compilation.generate_clients`, not by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from gridbid.chain.client import ContractClient, ContractEvent, EventField
from gridbid.chain.clients.types import Operation
from gridbid.chain.rpc.node import DEFAULT_GAS, Receipt, Sender


class GetModulesPaginatedResult(NamedTuple):
    """What `getModulesPaginated` returns."""

    array: Sequence[str]
    next: str


@dataclass(frozen=True)
class AddedOwner(ContractEvent):
    """`AddedOwner(address)`."""

    NAME: ClassVar[str] = "AddedOwner"
    TOPIC: ClassVar[str] = "0x9465fa0c962cc76958e6373a993326400c1c94f8be2fe3a952adfa7f60b2ea26"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("address", indexed=True),)
    owner: str


@dataclass(frozen=True)
class ApproveHash(ContractEvent):
    """`ApproveHash(bytes32,address)`."""

    NAME: ClassVar[str] = "ApproveHash"
    TOPIC: ClassVar[str] = "0xf2a0eb156472d1440255b0d7c1e19cc07115d1051fe605b0dce69acfec884d9c"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("bytes32", indexed=True),
        EventField("address", indexed=True),
    )
    approved_hash: bytes
    owner: str


@dataclass(frozen=True)
class ChangedFallbackHandler(ContractEvent):
    """`ChangedFallbackHandler(address)`."""

    NAME: ClassVar[str] = "ChangedFallbackHandler"
    TOPIC: ClassVar[str] = "0x5ac6c46c93c8d0e53714ba3b53db3e7c046da994313d7ed0d192028bc7c228b0"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("address", indexed=True),)
    handler: str


@dataclass(frozen=True)
class ChangedGuard(ContractEvent):
    """`ChangedGuard(address)`."""

    NAME: ClassVar[str] = "ChangedGuard"
    TOPIC: ClassVar[str] = "0x1151116914515bc0891ff9047a6cb32cf902546f83066499bcf8ba33d2353fa2"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("address", indexed=True),)
    guard: str


@dataclass(frozen=True)
class ChangedThreshold(ContractEvent):
    """`ChangedThreshold(uint256)`."""

    NAME: ClassVar[str] = "ChangedThreshold"
    TOPIC: ClassVar[str] = "0x610f7ff2b304ae8903c3de74c60c6ab1f7d6226b3f52c5161905bb5ad4039c93"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("uint256"),)
    threshold: int


@dataclass(frozen=True)
class DisabledModule(ContractEvent):
    """`DisabledModule(address)`."""

    NAME: ClassVar[str] = "DisabledModule"
    TOPIC: ClassVar[str] = "0xaab4fa2b463f581b2b32cb3b7e3b704b9ce37cc209b5fb4d77e593ace4054276"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("address", indexed=True),)
    module: str


@dataclass(frozen=True)
class EnabledModule(ContractEvent):
    """`EnabledModule(address)`."""

    NAME: ClassVar[str] = "EnabledModule"
    TOPIC: ClassVar[str] = "0xecdf3a3effea5783a3c4c2140e677577666428d44ed9d474a0b3a4c9943f8440"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("address", indexed=True),)
    module: str


@dataclass(frozen=True)
class ExecutionFailure(ContractEvent):
    """`ExecutionFailure(bytes32,uint256)`."""

    NAME: ClassVar[str] = "ExecutionFailure"
    TOPIC: ClassVar[str] = "0x23428b18acfb3ea64b08dc0c1d296ea9c09702c09083ca5272e64d115b687d23"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("bytes32", indexed=True),
        EventField("uint256"),
    )
    tx_hash: bytes
    payment: int


@dataclass(frozen=True)
class ExecutionFromModuleFailure(ContractEvent):
    """`ExecutionFromModuleFailure(address)`."""

    NAME: ClassVar[str] = "ExecutionFromModuleFailure"
    TOPIC: ClassVar[str] = "0xacd2c8702804128fdb0db2bb49f6d127dd0181c13fd45dbfe16de0930e2bd375"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("address", indexed=True),)
    module: str


@dataclass(frozen=True)
class ExecutionFromModuleSuccess(ContractEvent):
    """`ExecutionFromModuleSuccess(address)`."""

    NAME: ClassVar[str] = "ExecutionFromModuleSuccess"
    TOPIC: ClassVar[str] = "0x6895c13664aa4f67288b25d7a21d7aaa34916e355fb9b6fae0a139a9085becb8"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("address", indexed=True),)
    module: str


@dataclass(frozen=True)
class ExecutionSuccess(ContractEvent):
    """`ExecutionSuccess(bytes32,uint256)`."""

    NAME: ClassVar[str] = "ExecutionSuccess"
    TOPIC: ClassVar[str] = "0x442e715f626346e8c54381002da614f62bee8d27386535b2521ec8540898556e"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("bytes32", indexed=True),
        EventField("uint256"),
    )
    tx_hash: bytes
    payment: int


@dataclass(frozen=True)
class RemovedOwner(ContractEvent):
    """`RemovedOwner(address)`."""

    NAME: ClassVar[str] = "RemovedOwner"
    TOPIC: ClassVar[str] = "0xf8d49fc529812e9a7c5c50e69c20f0dccc0db8fa95c98bc58cc9a4f1c1299eaf"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("address", indexed=True),)
    owner: str


@dataclass(frozen=True)
class SafeReceived(ContractEvent):
    """`SafeReceived(address,uint256)`."""

    NAME: ClassVar[str] = "SafeReceived"
    TOPIC: ClassVar[str] = "0x3d0ce9bfc3ed7d6862dbb28b2dea94561fe714a1b4d019aa8af39730d1ad7c3d"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("uint256"),
    )
    sender: str
    value: int


@dataclass(frozen=True)
class SafeSetup(ContractEvent):
    """`SafeSetup(address,address[],uint256,address,address)`."""

    NAME: ClassVar[str] = "SafeSetup"
    TOPIC: ClassVar[str] = "0x141df868a6331af528e38c83b7aa03edc19be66e37ae67f9285bf4f8e3c6a1a8"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("address[]"),
        EventField("uint256"),
        EventField("address"),
        EventField("address"),
    )
    initiator: str
    owners: tuple[str, ...]
    threshold: int
    initializer: str
    fallback_handler: str


@dataclass(frozen=True)
class SignMsg(ContractEvent):
    """`SignMsg(bytes32)`."""

    NAME: ClassVar[str] = "SignMsg"
    TOPIC: ClassVar[str] = "0xe7f4675038f4f6034dfcbbb24c4dc08e4ebf10eb9d257d3d02c0f38d122ac6e4"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("bytes32", indexed=True),)
    msg_hash: bytes


class Safe(ContractClient):
    """Safe at one address."""

    CONTRACT: ClassVar[str] = "Safe"
    EVENTS: ClassVar[tuple[type[ContractEvent], ...]] = (
        AddedOwner,
        ApproveHash,
        ChangedFallbackHandler,
        ChangedGuard,
        ChangedThreshold,
        DisabledModule,
        EnabledModule,
        ExecutionFailure,
        ExecutionFromModuleFailure,
        ExecutionFromModuleSuccess,
        ExecutionSuccess,
        RemovedOwner,
        SafeReceived,
        SafeSetup,
        SignMsg,
    )

    def add_owner_with_threshold(
        self, owner: str, threshold: int, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Adds the owner `owner` to the Safe and updates the threshold to `_threshold`."""
        return self._transact("addOwnerWithThreshold", owner, threshold, by=by, gas=gas)

    def approve_hash(self, hash_to_approve: bytes, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Marks hash `hashToApprove` as approved."""
        return self._transact("approveHash", hash_to_approve, by=by, gas=gas)

    def approved_hashes(self, argument_0: str, argument_1: bytes, *, block: str = "latest") -> int:
        """`approvedHashes(address,bytes32)`."""
        returned: int = self._view("approvedHashes", argument_0, argument_1, block=block)[0]
        return returned

    def change_threshold(self, threshold: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Changes the threshold of the Safe to `_threshold`."""
        return self._transact("changeThreshold", threshold, by=by, gas=gas)

    def check_n_signatures(
        self,
        data_hash: bytes,
        data: bytes,
        signatures: bytes,
        required_signatures: int,
        *,
        block: str = "latest",
    ) -> None:
        """Checks whether the signature provided is valid for the provided data and hash. Reverts
        otherwise.
        """
        self._view("checkNSignatures", data_hash, data, signatures, required_signatures, block=block)

    def check_signatures(
        self, data_hash: bytes, data: bytes, signatures: bytes, *, block: str = "latest"
    ) -> None:
        """Checks whether the signature provided is valid for the provided data and hash. Reverts
        otherwise.
        """
        self._view("checkSignatures", data_hash, data, signatures, block=block)

    def disable_module(self, prev_module: str, module: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Disables the module `module` for the Safe."""
        return self._transact("disableModule", prev_module, module, by=by, gas=gas)

    def domain_separator(self, *, block: str = "latest") -> bytes:
        """Returns the domain separator for this contract, as defined in the EIP-712 standard."""
        returned: bytes = self._view("domainSeparator", block=block)[0]
        return returned

    def enable_module(self, module: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Enables the module `module` for the Safe."""
        return self._transact("enableModule", module, by=by, gas=gas)

    def encode_transaction_data(
        self,
        to: str,
        value: int,
        data: bytes,
        operation: Operation,
        safe_tx_gas: int,
        base_gas: int,
        gas_price: int,
        gas_token: str,
        refund_receiver: str,
        nonce: int,
        *,
        block: str = "latest",
    ) -> bytes:
        """Returns the pre-image of the transaction hash (see getTransactionHash)."""
        returned: bytes = self._view(
            "encodeTransactionData",
            to,
            value,
            data,
            operation,
            safe_tx_gas,
            base_gas,
            gas_price,
            gas_token,
            refund_receiver,
            nonce,
            block=block,
        )[0]
        return returned

    def exec_transaction(
        self,
        to: str,
        value: int,
        data: bytes,
        operation: Operation,
        safe_tx_gas: int,
        base_gas: int,
        gas_price: int,
        gas_token: str,
        refund_receiver: str,
        signatures: bytes,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Executes a `operation` {0: Call, 1: DelegateCall}} transaction to `to` with `value` (Native
        Currency) and pays `gasPrice` * `gasLimit` in `gasToken` token to `refundReceiver`.
        """
        return self._transact(
            "execTransaction",
            to,
            value,
            data,
            operation,
            safe_tx_gas,
            base_gas,
            gas_price,
            gas_token,
            refund_receiver,
            signatures,
            by=by,
            gas=gas,
        )

    def exec_transaction_from_module(
        self, to: str, value: int, data: bytes, operation: Operation, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Execute `operation` (0: Call, 1: DelegateCall) to `to` with `value` (Native Token)"""
        return self._transact("execTransactionFromModule", to, value, data, operation, by=by, gas=gas)

    def exec_transaction_from_module_return_data(
        self, to: str, value: int, data: bytes, operation: Operation, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Execute `operation` (0: Call, 1: DelegateCall) to `to` with `value` (Native Token) and return
        data
        """
        return self._transact(
            "execTransactionFromModuleReturnData", to, value, data, operation, by=by, gas=gas
        )

    def get_chain_id(self, *, block: str = "latest") -> int:
        """Returns the ID of the chain the contract is currently deployed on."""
        returned: int = self._view("getChainId", block=block)[0]
        return returned

    def get_modules_paginated(
        self, start: str, page_size: int, *, block: str = "latest"
    ) -> GetModulesPaginatedResult:
        """Returns an array of modules. If all entries fit into a single page, the next pointer will be
        0x1. If another page is present, next will be the last element of the returned array.
        """
        return GetModulesPaginatedResult(*self._view("getModulesPaginated", start, page_size, block=block))

    def get_owners(self, *, block: str = "latest") -> tuple[str, ...]:
        """Returns a list of Safe owners."""
        returned: tuple[str, ...] = self._view("getOwners", block=block)[0]
        return returned

    def get_storage_at(self, offset: int, length: int, *, block: str = "latest") -> bytes:
        """Reads `length` bytes of storage in the currents contract"""
        returned: bytes = self._view("getStorageAt", offset, length, block=block)[0]
        return returned

    def get_threshold(self, *, block: str = "latest") -> int:
        """Returns the number of required confirmations for a Safe transaction aka the threshold."""
        returned: int = self._view("getThreshold", block=block)[0]
        return returned

    def get_transaction_hash(
        self,
        to: str,
        value: int,
        data: bytes,
        operation: Operation,
        safe_tx_gas: int,
        base_gas: int,
        gas_price: int,
        gas_token: str,
        refund_receiver: str,
        nonce: int,
        *,
        block: str = "latest",
    ) -> bytes:
        """Returns transaction hash to be signed by owners."""
        returned: bytes = self._view(
            "getTransactionHash",
            to,
            value,
            data,
            operation,
            safe_tx_gas,
            base_gas,
            gas_price,
            gas_token,
            refund_receiver,
            nonce,
            block=block,
        )[0]
        return returned

    def is_module_enabled(self, module: str, *, block: str = "latest") -> bool:
        """Returns if an module is enabled"""
        returned: bool = self._view("isModuleEnabled", module, block=block)[0]
        return returned

    def is_owner(self, owner: str, *, block: str = "latest") -> bool:
        """Returns if `owner` is an owner of the Safe."""
        returned: bool = self._view("isOwner", owner, block=block)[0]
        return returned

    def nonce(self, *, block: str = "latest") -> int:
        """`nonce()`."""
        returned: int = self._view("nonce", block=block)[0]
        return returned

    def remove_owner(
        self, prev_owner: str, owner: str, threshold: int, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Removes the owner `owner` from the Safe and updates the threshold to `_threshold`."""
        return self._transact("removeOwner", prev_owner, owner, threshold, by=by, gas=gas)

    def set_fallback_handler(self, handler: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Set Fallback Handler to `handler` for the Safe."""
        return self._transact("setFallbackHandler", handler, by=by, gas=gas)

    def set_guard(self, guard: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Set Transaction Guard `guard` for the Safe. Make sure you trust the guard."""
        return self._transact("setGuard", guard, by=by, gas=gas)

    def setup(
        self,
        owners: Sequence[str],
        threshold: int,
        to: str,
        data: bytes,
        fallback_handler: str,
        payment_token: str,
        payment: int,
        payment_receiver: str,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Sets an initial storage of the Safe contract."""
        return self._transact(
            "setup",
            owners,
            threshold,
            to,
            data,
            fallback_handler,
            payment_token,
            payment,
            payment_receiver,
            by=by,
            gas=gas,
        )

    def signed_messages(self, argument_0: bytes, *, block: str = "latest") -> int:
        """`signedMessages(bytes32)`."""
        returned: int = self._view("signedMessages", argument_0, block=block)[0]
        return returned

    def simulate_and_revert(
        self, target_contract: str, calldata_payload: bytes, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Performs a delegatecall on a targetContract in the context of self."""
        return self._transact("simulateAndRevert", target_contract, calldata_payload, by=by, gas=gas)

    def swap_owner(
        self, prev_owner: str, old_owner: str, new_owner: str, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Replaces the owner `oldOwner` in the Safe with `newOwner`."""
        return self._transact("swapOwner", prev_owner, old_owner, new_owner, by=by, gas=gas)

    def version(self, *, block: str = "latest") -> str:
        """`VERSION()`."""
        returned: str = self._view("VERSION", block=block)[0]
        return returned
