"""Typed client of EthereumDIDRegistry; made from its ABI by `python -m gridbid.chain.compilation.generate_clients`, not by hand."""

from dataclasses import dataclass
from typing import ClassVar

from gridbid.chain.client import ContractClient, ContractEvent, EventField
from gridbid.chain.rpc.node import DEFAULT_GAS, Receipt, Sender


@dataclass(frozen=True)
class DIDAttributeChanged(ContractEvent):
    """`DIDAttributeChanged(address,bytes32,bytes,uint256,uint256)`."""

    NAME: ClassVar[str] = "DIDAttributeChanged"
    TOPIC: ClassVar[str] = "0x18ab6b2ae3d64306c00ce663125f2bd680e441a098de1635bd7ad8b0d44965e4"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("bytes32"),
        EventField("bytes"),
        EventField("uint256"),
        EventField("uint256"),
    )
    identity: str
    name: bytes
    value: bytes
    valid_to: int
    previous_change: int


@dataclass(frozen=True)
class DIDDelegateChanged(ContractEvent):
    """`DIDDelegateChanged(address,bytes32,address,uint256,uint256)`."""

    NAME: ClassVar[str] = "DIDDelegateChanged"
    TOPIC: ClassVar[str] = "0x5a5084339536bcab65f20799fcc58724588145ca054bd2be626174b27ba156f7"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("bytes32"),
        EventField("address"),
        EventField("uint256"),
        EventField("uint256"),
    )
    identity: str
    delegate_type: bytes
    delegate: str
    valid_to: int
    previous_change: int


@dataclass(frozen=True)
class DIDOwnerChanged(ContractEvent):
    """`DIDOwnerChanged(address,address,uint256)`."""

    NAME: ClassVar[str] = "DIDOwnerChanged"
    TOPIC: ClassVar[str] = "0x38a5a6e68f30ed1ab45860a4afb34bcb2fc00f22ca462d249b8a8d40cda6f7a3"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("address"),
        EventField("uint256"),
    )
    identity: str
    owner: str
    previous_change: int


class EthereumDIDRegistry(ContractClient):
    """EthereumDIDRegistry at one address."""

    CONTRACT: ClassVar[str] = "EthereumDIDRegistry"
    EVENTS: ClassVar[tuple[type[ContractEvent], ...]] = (
        DIDAttributeChanged,
        DIDDelegateChanged,
        DIDOwnerChanged,
    )

    def add_delegate(
        self,
        identity: str,
        delegate_type: bytes,
        delegate: str,
        validity: int,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """`addDelegate(address,bytes32,address,uint256)`."""
        return self._transact("addDelegate", identity, delegate_type, delegate, validity, by=by, gas=gas)

    def add_delegate_signed(
        self,
        identity: str,
        sig_v: int,
        sig_r: bytes,
        sig_s: bytes,
        delegate_type: bytes,
        delegate: str,
        validity: int,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """`addDelegateSigned(address,uint8,bytes32,bytes32,bytes32,address,uint256)`."""
        return self._transact(
            "addDelegateSigned",
            identity,
            sig_v,
            sig_r,
            sig_s,
            delegate_type,
            delegate,
            validity,
            by=by,
            gas=gas,
        )

    def change_owner(self, identity: str, new_owner: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """`changeOwner(address,address)`."""
        return self._transact("changeOwner", identity, new_owner, by=by, gas=gas)

    def change_owner_signed(
        self,
        identity: str,
        sig_v: int,
        sig_r: bytes,
        sig_s: bytes,
        new_owner: str,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """`changeOwnerSigned(address,uint8,bytes32,bytes32,address)`."""
        return self._transact("changeOwnerSigned", identity, sig_v, sig_r, sig_s, new_owner, by=by, gas=gas)

    def changed(self, argument_0: str, *, block: str = "latest") -> int:
        """`changed(address)`."""
        returned: int = self._view("changed", argument_0, block=block)[0]
        return returned

    def delegates(self, argument_0: str, argument_1: bytes, argument_2: str, *, block: str = "latest") -> int:
        """`delegates(address,bytes32,address)`."""
        returned: int = self._view("delegates", argument_0, argument_1, argument_2, block=block)[0]
        return returned

    def identity_owner(self, identity: str, *, block: str = "latest") -> str:
        """`identityOwner(address)`."""
        returned: str = self._view("identityOwner", identity, block=block)[0]
        return returned

    def nonce(self, argument_0: str, *, block: str = "latest") -> int:
        """`nonce(address)`."""
        returned: int = self._view("nonce", argument_0, block=block)[0]
        return returned

    def owners(self, argument_0: str, *, block: str = "latest") -> str:
        """`owners(address)`."""
        returned: str = self._view("owners", argument_0, block=block)[0]
        return returned

    def revoke_attribute(
        self, identity: str, name: bytes, value: bytes, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """`revokeAttribute(address,bytes32,bytes)`."""
        return self._transact("revokeAttribute", identity, name, value, by=by, gas=gas)

    def revoke_attribute_signed(
        self,
        identity: str,
        sig_v: int,
        sig_r: bytes,
        sig_s: bytes,
        name: bytes,
        value: bytes,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """`revokeAttributeSigned(address,uint8,bytes32,bytes32,bytes32,bytes)`."""
        return self._transact(
            "revokeAttributeSigned", identity, sig_v, sig_r, sig_s, name, value, by=by, gas=gas
        )

    def revoke_delegate(
        self, identity: str, delegate_type: bytes, delegate: str, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """`revokeDelegate(address,bytes32,address)`."""
        return self._transact("revokeDelegate", identity, delegate_type, delegate, by=by, gas=gas)

    def revoke_delegate_signed(
        self,
        identity: str,
        sig_v: int,
        sig_r: bytes,
        sig_s: bytes,
        delegate_type: bytes,
        delegate: str,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """`revokeDelegateSigned(address,uint8,bytes32,bytes32,bytes32,address)`."""
        return self._transact(
            "revokeDelegateSigned", identity, sig_v, sig_r, sig_s, delegate_type, delegate, by=by, gas=gas
        )

    def set_attribute(
        self, identity: str, name: bytes, value: bytes, validity: int, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """`setAttribute(address,bytes32,bytes,uint256)`."""
        return self._transact("setAttribute", identity, name, value, validity, by=by, gas=gas)

    def set_attribute_signed(
        self,
        identity: str,
        sig_v: int,
        sig_r: bytes,
        sig_s: bytes,
        name: bytes,
        value: bytes,
        validity: int,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """`setAttributeSigned(address,uint8,bytes32,bytes32,bytes32,bytes,uint256)`."""
        return self._transact(
            "setAttributeSigned", identity, sig_v, sig_r, sig_s, name, value, validity, by=by, gas=gas
        )

    def valid_delegate(
        self, identity: str, delegate_type: bytes, delegate: str, *, block: str = "latest"
    ) -> bool:
        """`validDelegate(address,bytes32,address)`."""
        returned: bool = self._view("validDelegate", identity, delegate_type, delegate, block=block)[0]
        return returned
