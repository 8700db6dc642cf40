"""Typed client of EnergyToken; made from its ABI by `python -m gridbid.chain.compilation.generate_clients`, not by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from gridbid.chain.client import ContractClient, ContractEvent, EventField
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


@dataclass(frozen=True)
class Approval(ContractEvent):
    """Emitted when the allowance of a `spender` for an `owner` is set by a call to {approve}.
    `value` is the new allowance.
    """

    NAME: ClassVar[str] = "Approval"
    TOPIC: ClassVar[str] = "0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("address", indexed=True),
        EventField("uint256"),
    )
    owner: str
    spender: str
    value: int


@dataclass(frozen=True)
class DailyMintCapSet(ContractEvent):
    """`DailyMintCapSet(uint256)`."""

    NAME: ClassVar[str] = "DailyMintCapSet"
    TOPIC: ClassVar[str] = "0x90fd64d13a25d289e71cb1aba32cabc5370ffaff4327a8704639b4e3c2bd7749"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("uint256"),)
    cap_neur: int


@dataclass(frozen=True)
class EIP712DomainChanged(ContractEvent):
    """MAY be emitted to signal that the domain could have changed."""

    NAME: ClassVar[str] = "EIP712DomainChanged"
    TOPIC: ClassVar[str] = "0x0a6387c9ea3628b88a633bb4f3b151770f70085117a15f9bf3787cda53f13d31"
    FIELDS: ClassVar[tuple[EventField, ...]] = ()


@dataclass(frozen=True)
class Minted(ContractEvent):
    """`Minted(address,uint256,bytes32)`."""

    NAME: ClassVar[str] = "Minted"
    TOPIC: ClassVar[str] = "0xc263b302aec62d29105026245f19e16f8e0137066ccd4a8bd941f716bd4096bb"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("uint256"),
        EventField("bytes32", indexed=True),
    )
    to: str
    amount_neur: int
    payment_reference: bytes


@dataclass(frozen=True)
class Redeemed(ContractEvent):
    """`Redeemed(address,uint256,bytes32)`."""

    NAME: ClassVar[str] = "Redeemed"
    TOPIC: ClassVar[str] = "0x3be2edea458ae9d9dd885a96aa23c988b15277ec0f613d273e6fcc4a27e610ff"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("uint256"),
        EventField("bytes32", indexed=True),
    )
    from_: str
    amount_neur: int
    payment_reference: bytes


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
class SupplyCapSet(ContractEvent):
    """`SupplyCapSet(uint256)`."""

    NAME: ClassVar[str] = "SupplyCapSet"
    TOPIC: ClassVar[str] = "0xbc585eed6f54aa16ec292be93276937803d5a047ba4eded0c87779270bbfdfe6"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("uint256"),)
    cap_neur: int


@dataclass(frozen=True)
class Transfer(ContractEvent):
    """Emitted when `value` tokens are moved from one account (`from`) to another (`to`)."""

    NAME: ClassVar[str] = "Transfer"
    TOPIC: ClassVar[str] = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("address", indexed=True),
        EventField("uint256"),
    )
    from_: str
    to: str
    value: int


class EnergyToken(ContractClient):
    """EnergyToken at one address."""

    CONTRACT: ClassVar[str] = "EnergyToken"
    EVENTS: ClassVar[tuple[type[ContractEvent], ...]] = (
        Approval,
        DailyMintCapSet,
        EIP712DomainChanged,
        Minted,
        Redeemed,
        RoleAdminChanged,
        RoleGranted,
        RoleRevoked,
        SupplyCapSet,
        Transfer,
    )

    def allowance(self, owner: str, spender: str, *, block: str = "latest") -> int:
        """Returns the remaining number of tokens that `spender` will be allowed to spend on behalf of
        `owner` through {transferFrom}.
        """
        returned: int = self._view("allowance", owner, spender, block=block)[0]
        return returned

    def approve(self, spender: str, value: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """See {IERC20-approve}."""
        return self._transact("approve", spender, value, by=by, gas=gas)

    def balance_of(self, account: str, *, block: str = "latest") -> int:
        """Returns the value of tokens owned by `account`."""
        returned: int = self._view("balanceOf", account, block=block)[0]
        return returned

    def daily_mint_cap_neur(self, *, block: str = "latest") -> int:
        """`dailyMintCapNeur()`."""
        returned: int = self._view("dailyMintCapNeur", block=block)[0]
        return returned

    def decimals(self, *, block: str = "latest") -> int:
        """Returns the number of decimals used to get its user representation."""
        returned: int = self._view("decimals", block=block)[0]
        return returned

    def default_admin_role(self, *, block: str = "latest") -> bytes:
        """`DEFAULT_ADMIN_ROLE()`."""
        returned: bytes = self._view("DEFAULT_ADMIN_ROLE", block=block)[0]
        return returned

    def domain_separator(self, *, block: str = "latest") -> bytes:
        """Returns the domain separator used in the encoding of the signature for {permit}, as defined by
        {EIP712}.
        """
        returned: bytes = self._view("DOMAIN_SEPARATOR", block=block)[0]
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

    def mint(
        self, to: str, amount_neur: int, payment_reference: bytes, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Issue credit against money received outside. Treasury only."""
        return self._transact("mint", to, amount_neur, payment_reference, by=by, gas=gas)

    def minted_today_neur(self, *, block: str = "latest") -> int:
        """How much has been issued since midnight UTC."""
        returned: int = self._view("mintedTodayNeur", block=block)[0]
        return returned

    def name(self, *, block: str = "latest") -> str:
        """Returns the name of the token."""
        returned: str = self._view("name", block=block)[0]
        return returned

    def nonces(self, owner: str, *, block: str = "latest") -> int:
        """Returns the current nonce for `owner`."""
        returned: int = self._view("nonces", owner, block=block)[0]
        return returned

    def permit(
        self,
        owner: str,
        spender: str,
        value: int,
        deadline: int,
        v: int,
        r: bytes,
        s: bytes,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Sets `value` as the allowance of `spender` over ``owner``'s tokens, given ``owner``'s signed
        approval.
        """
        return self._transact("permit", owner, spender, value, deadline, v, r, s, by=by, gas=gas)

    def redeem(
        self, amount_neur: int, payment_reference: bytes, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Burn credit of the caller against money paid outside. Treasury only."""
        return self._transact("redeem", amount_neur, payment_reference, by=by, gas=gas)

    def renounce_role(
        self, role: bytes, caller_confirmation: str, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Revokes `role` from the calling account."""
        return self._transact("renounceRole", role, caller_confirmation, by=by, gas=gas)

    def revoke_role(self, role: bytes, account: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Revokes `role` from `account`."""
        return self._transact("revokeRole", role, account, by=by, gas=gas)

    def set_daily_mint_cap(self, cap_neur: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Set how much may be issued a day. Admin only."""
        return self._transact("setDailyMintCap", cap_neur, by=by, gas=gas)

    def set_supply_cap(self, cap_neur: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Set how much may be outstanding; what is above already stays. Admin only."""
        return self._transact("setSupplyCap", cap_neur, by=by, gas=gas)

    def supply_cap_neur(self, *, block: str = "latest") -> int:
        """`supplyCapNeur()`."""
        returned: int = self._view("supplyCapNeur", block=block)[0]
        return returned

    def supports_interface(self, interface_id: bytes, *, block: str = "latest") -> bool:
        """Returns true if this contract implements the interface defined by `interfaceId`."""
        returned: bool = self._view("supportsInterface", interface_id, block=block)[0]
        return returned

    def symbol(self, *, block: str = "latest") -> str:
        """Returns the symbol of the token, usually a shorter version of the name."""
        returned: str = self._view("symbol", block=block)[0]
        return returned

    def total_supply(self, *, block: str = "latest") -> int:
        """Returns the value of tokens in existence."""
        returned: int = self._view("totalSupply", block=block)[0]
        return returned

    def transfer(self, to: str, value: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """See {IERC20-transfer}."""
        return self._transact("transfer", to, value, by=by, gas=gas)

    def transfer_from(
        self, from_: str, to: str, value: int, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """See {IERC20-transferFrom}."""
        return self._transact("transferFrom", from_, to, value, by=by, gas=gas)

    def treasury_role(self, *, block: str = "latest") -> bytes:
        """`TREASURY_ROLE()`."""
        returned: bytes = self._view("TREASURY_ROLE", block=block)[0]
        return returned
