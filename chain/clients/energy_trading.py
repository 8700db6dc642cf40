"""Typed client of EnergyTrading; made from its ABI by `python -m gridbid.chain.compilation.generate_clients`, not by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from gridbid.chain.client import ContractClient, ContractEvent, EventField
from gridbid.chain.clients.types import (
    Conditions,
    Depth,
    GridState,
    OrderRequest,
    Position,
    Quality,
    Reject,
    RestingOrder,
    SeatLimits,
    Side,
    Terms,
)
from gridbid.chain.rpc.node import DEFAULT_GAS, Receipt, Sender


class BestResult(NamedTuple):
    """What `best` returns."""

    bid: Depth
    ask: Depth


class LimitsOfResult(NamedTuple):
    """What `limitsOf` returns."""

    import_limit_wh: int
    export_limit_wh: int
    credit_line_neur: int


class ObligationsResult(NamedTuple):
    """What `obligations` returns."""

    uncovered_neur: int
    promised_neur: int
    owed_neur: int


class TermsOfResult(NamedTuple):
    """What `termsOf` returns."""

    terms: Terms
    unsettled_seats: int


@dataclass(frozen=True)
class Cancelled(ContractEvent):
    """An order was cancelled: order (80) | participant (32) | Wh (32, lowest)."""

    NAME: ClassVar[str] = "Cancelled"
    TOPIC: ClassVar[str] = "0xc41d93b8bfbf9fd7cf5bfe271fd649ab6a6fec0ea101c23b82a2a28eca2533a9"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("uint256"),)
    order_participant_wh: int


@dataclass(frozen=True)
class Deposited(ContractEvent):
    """`Deposited(uint32,address,uint256)`."""

    NAME: ClassVar[str] = "Deposited"
    TOPIC: ClassVar[str] = "0x859c040312f1aeba09bffbd6bdfe88d54785ff87ef02aef28548b5e68c32f959"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("address", indexed=True),
        EventField("uint256"),
    )
    participant: int
    from_: str
    amount_neur: int


@dataclass(frozen=True)
class Handled(ContractEvent):
    """placeMany is done with an order of which nothing rests; None: it was admitted, its trades came
    before.
    """

    NAME: ClassVar[str] = "Handled"
    TOPIC: ClassVar[str] = "0xd7a9e4a46c6c080d123eaae3863dace8e69cfca4be8569ca6bdcb9520637c807"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32"),
        EventField("uint32"),
        EventField("uint8", kind=Reject),
    )
    participant: int
    slot: int
    reject: Reject


@dataclass(frozen=True)
class OperatorWithdrawn(ContractEvent):
    """`OperatorWithdrawn(address,uint256)`."""

    NAME: ClassVar[str] = "OperatorWithdrawn"
    TOPIC: ClassVar[str] = "0x4eea589c35918e3c4d8e0371a062a1d544e41d78fb522381678923b9cd6e6dfa"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("uint256"),
    )
    to: str
    amount_neur: int


@dataclass(frozen=True)
class Owed(ContractEvent):
    """A surplus was more than the supplier could pay, or what it owed was set off against a
    shortage.
    """

    NAME: ClassVar[str] = "Owed"
    TOPIC: ClassVar[str] = "0x9dbe5f6ec6f7a0217ebea16fd69d2c461e5b5ce5cefb88e93e34d7002a672411"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("uint32", indexed=True),
        EventField("int256"),
        EventField("uint256"),
    )
    participant: int
    slot: int
    more_neur: int
    owed_neur: int


@dataclass(frozen=True)
class OwedPaid(ContractEvent):
    """`OwedPaid(uint32,uint256,uint256)`."""

    NAME: ClassVar[str] = "OwedPaid"
    TOPIC: ClassVar[str] = "0x1b2516095a0c4d61b499d74c281a948896c99ed3787e5eb5ae641e217b06de80"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("uint256"),
        EventField("uint256"),
    )
    participant: int
    paid_neur: int
    left_neur: int


@dataclass(frozen=True)
class Paused(ContractEvent):
    """Emitted when the pause is triggered by `account`."""

    NAME: ClassVar[str] = "Paused"
    TOPIC: ClassVar[str] = "0x62e78cea01bee320cd4e420270b5ea74000d11b0c9f74754ebdbfc544b05a258"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("address"),)
    account: str


@dataclass(frozen=True)
class Placed(ContractEvent):
    """An order rests: order (80 bits) | participant (32) | Wh (32, lowest)."""

    NAME: ClassVar[str] = "Placed"
    TOPIC: ClassVar[str] = "0x44de2d07540d425d94a436148fbd87b44fa17f09d5f72caeee17b7b93af9a604"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("uint256"),)
    order_participant_wh: int


@dataclass(frozen=True)
class Reduced(ContractEvent):
    """`Reduced(uint256,uint32,uint32,uint32)`."""

    NAME: ClassVar[str] = "Reduced"
    TOPIC: ClassVar[str] = "0x38006e2d1608bd84fcacee4a0129ebc3bfc46f36f00e2e1ab9f3f485e993c2cd"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint256"),
        EventField("uint32"),
        EventField("uint32"),
        EventField("uint32"),
    )
    order: int
    participant: int
    by_wh: int
    left_wh: int


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
class Settled(ContractEvent):
    """A seat was settled, or settled anew by the difference: by which reading, and what its
    participant's balance changed by, the supplier got (below zero: paid) and the operator got.
    The three are, in sum, the cash of its trades; 0 when they were settled before. With quality
    None it was closed, because no reading ever came.
    """

    NAME: ClassVar[str] = "Settled"
    TOPIC: ClassVar[str] = "0xf5b268a3ff315cc44ccceeef86259c9e8eef81ceecb14001543809115380dd62"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint256"),
        EventField("uint256"),
    )
    participant_slot_reading_quality_operator: int
    change_supplier: int


@dataclass(frozen=True)
class SlotOpened(ContractEvent):
    """`SlotOpened(uint32,int32,int32,int32,int32,int32,uint32,uint8)`."""

    NAME: ClassVar[str] = "SlotOpened"
    TOPIC: ClassVar[str] = "0xc160538cb4a50c2533ca4a82a3aecba286972645dc2e3a0836a3516e2b003685"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("int32"),
        EventField("int32"),
        EventField("int32"),
        EventField("int32"),
        EventField("int32"),
        EventField("uint32"),
        EventField("uint8", kind=GridState),
    )
    slot: int
    retail: int
    feed_in: int
    fee: int
    floor: int
    price_cap: int
    renewable_ppm: int
    grid_state: GridState


@dataclass(frozen=True)
class SupplierDeposited(ContractEvent):
    """`SupplierDeposited(address,uint256)`."""

    NAME: ClassVar[str] = "SupplierDeposited"
    TOPIC: ClassVar[str] = "0x5073f87d821aa89bca21084775bc1c3ca88b08fd141faf544ea3544702153498"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("uint256"),
    )
    from_: str
    amount_neur: int


@dataclass(frozen=True)
class SupplierWithdrawn(ContractEvent):
    """`SupplierWithdrawn(address,uint256)`."""

    NAME: ClassVar[str] = "SupplierWithdrawn"
    TOPIC: ClassVar[str] = "0x03bc481eb4469e175ff8282e59efca051be29f41ff916db4484c669eb201d576"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("uint256"),
    )
    to: str
    amount_neur: int


@dataclass(frozen=True)
class Traded(ContractEvent):
    """A taker met a resting order, at the latter's price: maker's order (80) | maker (32) | taker
    (32) | Wh (32).
    """

    NAME: ClassVar[str] = "Traded"
    TOPIC: ClassVar[str] = "0xebff0048ca299c6e7a41264b31f0790bb07bc527648aa54fe66467a4cb75b7c6"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("uint256"),)
    maker_order_maker_taker_wh: int


@dataclass(frozen=True)
class Unpaused(ContractEvent):
    """Emitted when the pause is lifted by `account`."""

    NAME: ClassVar[str] = "Unpaused"
    TOPIC: ClassVar[str] = "0x5db9ee0a495bf2e6ff9c91a7834c1ba4fdd244a5e8aa4e537bd38aeae4b073aa"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("address"),)
    account: str


@dataclass(frozen=True)
class Withdrawn(ContractEvent):
    """`Withdrawn(uint32,uint256)`."""

    NAME: ClassVar[str] = "Withdrawn"
    TOPIC: ClassVar[str] = "0x5715a7e728c3eb9d140ace63531a55d42af810fb452d736725d9a870f0232fb9"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("uint256"),
    )
    participant: int
    amount_neur: int


class EnergyTrading(ContractClient):
    """EnergyTrading at one address."""

    CONTRACT: ClassVar[str] = "EnergyTrading"
    EVENTS: ClassVar[tuple[type[ContractEvent], ...]] = (
        Cancelled,
        Deposited,
        Handled,
        OperatorWithdrawn,
        Owed,
        OwedPaid,
        Paused,
        Placed,
        Reduced,
        RoleAdminChanged,
        RoleGranted,
        RoleRevoked,
        Settled,
        SlotOpened,
        SupplierDeposited,
        SupplierWithdrawn,
        Traded,
        Unpaused,
        Withdrawn,
    )

    def available_of(self, participant: int, *, block: str = "latest") -> int:
        """Credit of a participant that no order and no fill holds."""
        returned: int = self._view("availableOf", participant, block=block)[0]
        return returned

    def balance_of(self, participant: int, *, block: str = "latest") -> int:
        """`balanceOf(uint32)`."""
        returned: int = self._view("balanceOf", participant, block=block)[0]
        return returned

    def best(self, slot: int, *, block: str = "latest") -> BestResult:
        """Best bid and ask of a slot with what rests there; 0 Wh where a side is empty."""
        returned = self._view("best", slot, block=block)
        return BestResult(Depth(*returned[0]), Depth(*returned[1]))

    def cancel(self, order: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Cancel a resting order. Open while paused and to the suspended."""
        return self._transact("cancel", order, by=by, gas=gas)

    def cancel_many(self, order_names: Sequence[int], *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Cancel those of several orders that still rest."""
        return self._transact("cancelMany", order_names, by=by, gas=gas)

    def close_silent(
        self, slot: int, participants: Sequence[int], *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Settle as `settleMany` does, and close those seats at their position, without any imbalance,
        whose reading never came and can come no more. So a silent meter keeps no place of the ring
        occupied.
        """
        return self._transact("closeSilent", slot, participants, by=by, gas=gas)

    def conditions_of(self, slot: int, *, block: str = "latest") -> Conditions:
        """`conditionsOf(uint32)`."""
        returned = self._view("conditionsOf", slot, block=block)[0]
        return Conditions(returned[0], GridState(returned[1]))

    def default_admin_role(self, *, block: str = "latest") -> bytes:
        """`DEFAULT_ADMIN_ROLE()`."""
        returned: bytes = self._view("DEFAULT_ADMIN_ROLE", block=block)[0]
        return returned

    def deposit(self, participant: int, amount_neur: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Pay tokens of the caller into a participant's account."""
        return self._transact("deposit", participant, amount_neur, by=by, gas=gas)

    def deposit_supplier(self, amount_neur: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Pay tokens of the caller into the supplier's account."""
        return self._transact("depositSupplier", amount_neur, by=by, gas=gas)

    def deposit_with_permit(
        self,
        participant: int,
        amount_neur: int,
        deadline: int,
        v: int,
        r: bytes,
        s: bytes,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Deposit under an ERC-2612 permit, with no approval beforehand."""
        return self._transact(
            "depositWithPermit", participant, amount_neur, deadline, v, r, s, by=by, gas=gas
        )

    def depth(self, slot: int, side: Side, max_levels: int, *, block: str = "latest") -> tuple[Depth, ...]:
        """Up to `maxLevels` occupied ticks of a side, best first."""
        returned = self._view("depth", slot, side, max_levels, block=block)[0]
        return tuple(Depth(*item) for item in returned)

    def extension(self, *, block: str = "latest") -> str:
        """Where the other half of the code stands."""
        returned: str = self._view("extension", block=block)[0]
        return returned

    def fill_reserved(
        self,
        slot: int,
        participant: int,
        side: Side,
        limit_tick: int,
        quantity_wh: int,
        price_tick: int,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Trade what was reserved, at a price tick no worse than the limit. Modules only, before the
        gate.
        """
        return self._transact(
            "fillReserved", slot, participant, side, limit_tick, quantity_wh, price_tick, by=by, gas=gas
        )

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

    def limits_of(self, slot: int, participant: int, *, block: str = "latest") -> LimitsOfResult:
        """A seat's envelope, and its credit line as kept."""
        return LimitsOfResult(*self._view("limitsOf", slot, participant, block=block))

    def module_role(self, *, block: str = "latest") -> bytes:
        """Contracts that trade for participants who allowed it: the relay of signed orders, the closing
        auction.
        """
        returned: bytes = self._view("MODULE_ROLE", block=block)[0]
        return returned

    def obligations(self, *, block: str = "latest") -> ObligationsResult:
        """What the supplier answers for: what accounts hold or owe beyond their balances, the credit
        lines of seats that are not settled, and what it owes. Only the first two are held from it
        while it pays surpluses; it may withdraw, and promise lines, out of what all three leave of
        its balance.
        """
        return ObligationsResult(*self._view("obligations", block=block))

    def open_slot(
        self,
        slot: int,
        terms: Terms,
        conditions: Conditions,
        limits: Sequence[SeatLimits],
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Open a slot's book. Keeper only. Feed-in is lowered where feed-in + fee > retail. The price
        cap is at least retail, and neither it nor the fee is below zero.
        """
        return self._transact("openSlot", slot, terms, conditions, limits, by=by, gas=gas)

    def operator_neur(self, *, block: str = "latest") -> int:
        """`operatorNeur()`."""
        returned: int = self._view("operatorNeur", block=block)[0]
        return returned

    def operator_role(self, *, block: str = "latest") -> bytes:
        """`OPERATOR_ROLE()`."""
        returned: bytes = self._view("OPERATOR_ROLE", block=block)[0]
        return returned

    def oracle(self, *, block: str = "latest") -> str:
        """`oracle()`."""
        returned: str = self._view("oracle", block=block)[0]
        return returned

    def orders(self, slot: int, side: Side, *, block: str = "latest") -> tuple[RestingOrder, ...]:
        """All resting orders of a side, best tick first, within a tick oldest first."""
        returned = self._view("orders", slot, side, block=block)[0]
        return tuple(RestingOrder(*item) for item in returned)

    def owed_to_neur(self, participant: int, *, block: str = "latest") -> int:
        """What the supplier owes to a participant for surpluses that it could not pay."""
        returned: int = self._view("owedToNeur", participant, block=block)[0]
        return returned

    def pause(self, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Stop publishing, depositing and placing. Exits stay open."""
        return self._transact("pause", by=by, gas=gas)

    def paused(self, *, block: str = "latest") -> bool:
        """Returns true if the contract is paused, and false otherwise."""
        returned: bool = self._view("paused", block=block)[0]
        return returned

    def pauser_role(self, *, block: str = "latest") -> bytes:
        """`PAUSER_ROLE()`."""
        returned: bytes = self._view("PAUSER_ROLE", block=block)[0]
        return returned

    def pay_owed(self, participant: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Pay a participant what the supplier owes it, as far as the supplier can. Anyone may call it."""
        return self._transact("payOwed", participant, by=by, gas=gas)

    def place(
        self,
        slot: int,
        side: Side,
        tick: int,
        quantity_wh: int,
        rest: bool,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Place an order, or revert with the reason why not."""
        return self._transact("place", slot, side, tick, quantity_wh, rest, by=by, gas=gas)

    def place_many(self, requests: Sequence[OrderRequest], *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Place several orders; one that is not admitted is skipped. Each ends with Placed or with
        Handled.
        """
        return self._transact("placeMany", requests, by=by, gas=gas)

    def position_of(self, slot: int, participant: int, *, block: str = "latest") -> Position:
        """`positionOf(uint32,uint32)`."""
        returned = self._view("positionOf", slot, participant, block=block)[0]
        return Position(
            returned[0],
            returned[1],
            returned[2],
            returned[3],
            returned[4],
            returned[5],
            returned[6],
            returned[7],
            returned[8],
            Quality(returned[9]),
            returned[10],
            returned[11],
        )

    def reduce(self, order: int, by_wh: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Take `byWh` off a resting order, which keeps its place; all of it takes it out. Open while
        paused and to the suspended.
        """
        return self._transact("reduce", order, by_wh, by=by, gas=gas)

    def registration(self, *, block: str = "latest") -> str:
        """`registration()`."""
        returned: str = self._view("registration", block=block)[0]
        return returned

    def release_reserved(
        self,
        slot: int,
        participant: int,
        side: Side,
        limit_tick: int,
        quantity_wh: int,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Give back what was reserved and is not traded. Modules only, before the gate."""
        return self._transact(
            "releaseReserved", slot, participant, side, limit_tick, quantity_wh, by=by, gas=gas
        )

    def renounce_role(
        self, role: bytes, caller_confirmation: str, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Revokes `role` from the calling account."""
        return self._transact("renounceRole", role, caller_confirmation, by=by, gas=gas)

    def replace_many(
        self, cancels: Sequence[int], requests: Sequence[OrderRequest], *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Cancel those of several orders that still rest, then place several others as placeMany does."""
        return self._transact("replaceMany", cancels, requests, by=by, gas=gas)

    def reserve(
        self,
        slot: int,
        participant: int,
        side: Side,
        tick: int,
        quantity_wh: int,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Hold credit and envelope of a participant for a quantity that it may come to trade outside the
        book. Modules only. It is admitted by the rules of an order, and expires at the gate as a
        resting order does.
        """
        return self._transact("reserve", slot, participant, side, tick, quantity_wh, by=by, gas=gas)

    def revoke_role(self, role: bytes, account: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Revokes `role` from `account`."""
        return self._transact("revokeRole", role, account, by=by, gas=gas)

    def ring_size(self, *, block: str = "latest") -> int:
        """Number of places, a power of two, so that a slot's place and generation are bits of its
        number.
        """
        returned: int = self._view("ringSize", block=block)[0]
        return returned

    def settle(self, slot: int, participant: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Bring a participant's slot to the reading that the oracle has now: settle it, or settle the
        difference.
        """
        return self._transact("settle", slot, participant, by=by, gas=gas)

    def settle_accounts(
        self, slot: int, accounts: Sequence[str], *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """The same for participants named by their accounts, which saves looking these up."""
        return self._transact("settleAccounts", slot, accounts, by=by, gas=gas)

    def settle_many(
        self, slot: int, participants: Sequence[int], *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Settle those of several participants for whom there is something to settle."""
        return self._transact("settleMany", slot, participants, by=by, gas=gas)

    def slot_seconds(self, *, block: str = "latest") -> int:
        """`slotSeconds()`."""
        returned: int = self._view("slotSeconds", block=block)[0]
        return returned

    def supplier_neur(self, *, block: str = "latest") -> int:
        """Supplier's and operator's accounts, nEUR."""
        returned: int = self._view("supplierNeur", block=block)[0]
        return returned

    def supplier_role(self, *, block: str = "latest") -> bytes:
        """`SUPPLIER_ROLE()`."""
        returned: bytes = self._view("SUPPLIER_ROLE", block=block)[0]
        return returned

    def supports_interface(self, interface_id: bytes, *, block: str = "latest") -> bool:
        """Returns true if this contract implements the interface defined by `interfaceId`."""
        returned: bool = self._view("supportsInterface", interface_id, block=block)[0]
        return returned

    def sweep(
        self, slot: int, side: Side, tick: int, max_steps: int, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Look at up to `maxSteps` orders of a tick's queue, and let cancelled ones that stand one
        behind the other be passed over in one step.
        """
        return self._transact("sweep", slot, side, tick, max_steps, by=by, gas=gas)

    def sync(self, participant: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Take over a participant's account and status from the registration. Anyone may call it."""
        return self._transact("sync", participant, by=by, gas=gas)

    def terms_of(self, slot: int, *, block: str = "latest") -> TermsOfResult:
        """`termsOf(uint32)`."""
        returned = self._view("termsOf", slot, block=block)
        return TermsOfResult(Terms(*returned[0]), returned[1])

    def tick_size(self, *, block: str = "latest") -> int:
        """Price step of a tick, nEUR/Wh."""
        returned: int = self._view("tickSize", block=block)[0]
        return returned

    def token(self, *, block: str = "latest") -> str:
        """`token()`."""
        returned: str = self._view("token", block=block)[0]
        return returned

    def trade_for(
        self,
        participant: int,
        cancels: Sequence[int],
        requests: Sequence[OrderRequest],
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """replaceMany for a participant that allowed it. Modules only."""
        return self._transact("tradeFor", participant, cancels, requests, by=by, gas=gas)

    def unpause(self, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """`unpause()`."""
        return self._transact("unpause", by=by, gas=gas)

    def utilities(self, *, block: str = "latest") -> str:
        """Who is licensed to supply, and to operate the grid."""
        returned: str = self._view("utilities", block=block)[0]
        return returned

    def withdraw(self, amount_neur: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Pay unlocked credit out to the caller. Open while paused and to the suspended."""
        return self._transact("withdraw", amount_neur, by=by, gas=gas)

    def withdraw_operator(self, to: str, amount_neur: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Pay out of the operator's account. Operator only, with a licence to operate that is valid now."""
        return self._transact("withdrawOperator", to, amount_neur, by=by, gas=gas)

    def withdraw_supplier(self, to: str, amount_neur: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Pay out of the supplier's account what its obligations leave of it. Supplier only, with a
        licence to supply that is valid now.
        """
        return self._transact("withdrawSupplier", to, amount_neur, by=by, gas=gas)
