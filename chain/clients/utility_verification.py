"""Typed client of UtilityVerification; made from its ABI by `python -m gridbid.chain.compilation.generate_clients`, not by hand."""

from dataclasses import dataclass
from typing import ClassVar

from gridbid.chain.client import ContractClient, ContractEvent, EventField
from gridbid.chain.clients.types import Activity, Licence, UtilityVerificationStatus
from gridbid.chain.rpc.node import DEFAULT_GAS, Receipt, Sender


@dataclass(frozen=True)
class LicenceGranted(ContractEvent):
    """`LicenceGranted(address,uint8,bytes2,uint64,uint64,bytes32)`."""

    NAME: ClassVar[str] = "LicenceGranted"
    TOPIC: ClassVar[str] = "0xad427ff3a1b3731189ff7e01cfd1215322df7bb548cbd88f9a5dd43c7d853554"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("uint8", indexed=True, kind=Activity),
        EventField("bytes2", indexed=True),
        EventField("uint64"),
        EventField("uint64"),
        EventField("bytes32"),
    )
    utility: str
    activity: Activity
    jurisdiction: bytes
    valid_from: int
    valid_until: int
    document_reference: bytes


@dataclass(frozen=True)
class LicenceReinstated(ContractEvent):
    """`LicenceReinstated(address,uint8,bytes2)`."""

    NAME: ClassVar[str] = "LicenceReinstated"
    TOPIC: ClassVar[str] = "0x4463ec9182ead3d88ac40174a25b5f63ecb67836b8d80d30509befe2ffd2faca"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("uint8", indexed=True, kind=Activity),
        EventField("bytes2", indexed=True),
    )
    utility: str
    activity: Activity
    jurisdiction: bytes


@dataclass(frozen=True)
class LicenceRevoked(ContractEvent):
    """`LicenceRevoked(address,uint8,bytes2)`."""

    NAME: ClassVar[str] = "LicenceRevoked"
    TOPIC: ClassVar[str] = "0x53d89e98f5be51f53470fcaaa4e42e2ff5888b441b457684b40b2be8edcc1a54"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("uint8", indexed=True, kind=Activity),
        EventField("bytes2", indexed=True),
    )
    utility: str
    activity: Activity
    jurisdiction: bytes


@dataclass(frozen=True)
class LicenceSuspended(ContractEvent):
    """`LicenceSuspended(address,uint8,bytes2)`."""

    NAME: ClassVar[str] = "LicenceSuspended"
    TOPIC: ClassVar[str] = "0xf753ddebd19c2880fccb067497133760bb400639d5cb638bae50229fab1d3c93"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("uint8", indexed=True, kind=Activity),
        EventField("bytes2", indexed=True),
    )
    utility: str
    activity: Activity
    jurisdiction: bytes


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


class UtilityVerification(ContractClient):
    """UtilityVerification at one address."""

    CONTRACT: ClassVar[str] = "UtilityVerification"
    EVENTS: ClassVar[tuple[type[ContractEvent], ...]] = (
        LicenceGranted,
        LicenceReinstated,
        LicenceRevoked,
        LicenceSuspended,
        RoleAdminChanged,
        RoleGranted,
        RoleRevoked,
    )

    def community_jurisdiction(self, *, block: str = "latest") -> bytes:
        """Country in which the community is: only licences under its law count."""
        returned: bytes = self._view("communityJurisdiction", block=block)[0]
        return returned

    def default_admin_role(self, *, block: str = "latest") -> bytes:
        """`DEFAULT_ADMIN_ROLE()`."""
        returned: bytes = self._view("DEFAULT_ADMIN_ROLE", block=block)[0]
        return returned

    def get_role_admin(self, role: bytes, *, block: str = "latest") -> bytes:
        """Returns the admin role that controls `role`."""
        returned: bytes = self._view("getRoleAdmin", role, block=block)[0]
        return returned

    def grant_licence(
        self,
        utility: str,
        activity: Activity,
        jurisdiction: bytes,
        valid_from: int,
        valid_until: int,
        document_reference: bytes,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Grant a licence, or renew it in other terms. Regulator only."""
        return self._transact(
            "grantLicence",
            utility,
            activity,
            jurisdiction,
            valid_from,
            valid_until,
            document_reference,
            by=by,
            gas=gas,
        )

    def grant_role(self, role: bytes, account: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Grants `role` to `account`."""
        return self._transact("grantRole", role, account, by=by, gas=gas)

    def has_role(self, role: bytes, account: str, *, block: str = "latest") -> bool:
        """Returns `true` if `account` has been granted `role`."""
        returned: bool = self._view("hasRole", role, account, block=block)[0]
        return returned

    def is_licensed(self, utility: str, activity: Activity, *, block: str = "latest") -> bool:
        """Whether a utility has a licence in the community's country that is valid now."""
        returned: bool = self._view("isLicensed", utility, activity, block=block)[0]
        return returned

    def licence_of(
        self, utility: str, activity: Activity, jurisdiction: bytes, *, block: str = "latest"
    ) -> Licence:
        """`licenceOf(address,uint8,bytes2)`."""
        returned = self._view("licenceOf", utility, activity, jurisdiction, block=block)[0]
        return Licence(UtilityVerificationStatus(returned[0]), returned[1], returned[2], returned[3])

    def regulator_role(self, *, block: str = "latest") -> bytes:
        """`REGULATOR_ROLE()`."""
        returned: bytes = self._view("REGULATOR_ROLE", block=block)[0]
        return returned

    def reinstate_licence(
        self, utility: str, activity: Activity, jurisdiction: bytes, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Make a suspended licence valid again. Regulator only."""
        return self._transact("reinstateLicence", utility, activity, jurisdiction, by=by, gas=gas)

    def renounce_role(
        self, role: bytes, caller_confirmation: str, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Revokes `role` from the calling account."""
        return self._transact("renounceRole", role, caller_confirmation, by=by, gas=gas)

    def revoke_licence(
        self, utility: str, activity: Activity, jurisdiction: bytes, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Make a licence void for good; only a new one can follow. Regulator only."""
        return self._transact("revokeLicence", utility, activity, jurisdiction, by=by, gas=gas)

    def revoke_role(self, role: bytes, account: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Revokes `role` from `account`."""
        return self._transact("revokeRole", role, account, by=by, gas=gas)

    def supports_interface(self, interface_id: bytes, *, block: str = "latest") -> bool:
        """Returns true if this contract implements the interface defined by `interfaceId`."""
        returned: bool = self._view("supportsInterface", interface_id, block=block)[0]
        return returned

    def suspend_licence(
        self, utility: str, activity: Activity, jurisdiction: bytes, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Make an active licence void for the time being. Regulator only."""
        return self._transact("suspendLicence", utility, activity, jurisdiction, by=by, gas=gas)
