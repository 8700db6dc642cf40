"""Typed client of ClosingAuction; made from its ABI by `python -m gridbid.chain.compilation.generate_clients`, not by hand."""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from gridbid.chain.client import ContractClient, ContractEvent, EventField
from gridbid.chain.clients.types import GridState, Outcome, Phase, Reject, SealedOrder, Side, State
from gridbid.chain.rpc.node import DEFAULT_GAS, Receipt, Sender


class BondOfResult(NamedTuple):
    """What `bondOf` returns."""

    total_neur: int
    held_neur: int


@dataclass(frozen=True)
class AuctionTraded(ContractEvent):
    """`AuctionTraded(uint32,uint32,uint32,uint32,uint8)`."""

    NAME: ClassVar[str] = "AuctionTraded"
    TOPIC: ClassVar[str] = "0x33c1264de4672f2e6bd0d736f15c268c30a656f401e6a4ae47b60080e7ab6d0e"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("uint32", indexed=True),
        EventField("uint32", indexed=True),
        EventField("uint32"),
        EventField("uint8"),
    )
    slot: int
    buyer: int
    seller: int
    quantity_wh: int
    price_tick: int


@dataclass(frozen=True)
class BondDeposited(ContractEvent):
    """`BondDeposited(uint32,address,uint256)`."""

    NAME: ClassVar[str] = "BondDeposited"
    TOPIC: ClassVar[str] = "0xa14366b4f09ff83eb69cf63dbeafea25f429e7f8de532920ad64b00477a2e08e"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("address", indexed=True),
        EventField("uint256"),
    )
    participant: int
    from_: str
    amount_neur: int


@dataclass(frozen=True)
class BondForfeited(ContractEvent):
    """`BondForfeited(uint32,uint32,uint256)`."""

    NAME: ClassVar[str] = "BondForfeited"
    TOPIC: ClassVar[str] = "0x9b155574779e081a3d13795c607a03ee78a58b95c5b62f36fa8117c136a6cc19"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("uint32", indexed=True),
        EventField("uint256"),
    )
    participant: int
    slot: int
    amount_neur: int


@dataclass(frozen=True)
class BondReturned(ContractEvent):
    """`BondReturned(uint32,uint32)`."""

    NAME: ClassVar[str] = "BondReturned"
    TOPIC: ClassVar[str] = "0x7bb59da46919639d6447c5eb6fdfef0075206c3a5969045636e43c0391871ffa"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("uint32", indexed=True),
    )
    participant: int
    slot: int


@dataclass(frozen=True)
class BondWithdrawn(ContractEvent):
    """`BondWithdrawn(uint32,address,uint256)`."""

    NAME: ClassVar[str] = "BondWithdrawn"
    TOPIC: ClassVar[str] = "0x695ddfee5ea292cb8cda04525e1e7793357e30f7557f7da94b84b708c7b00ea6"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("address", indexed=True),
        EventField("uint256"),
    )
    participant: int
    to: str
    amount_neur: int


@dataclass(frozen=True)
class Cancelled(ContractEvent):
    """An order was cancelled: order (80) | participant (32) | Wh (32, lowest)."""

    NAME: ClassVar[str] = "Cancelled"
    TOPIC: ClassVar[str] = "0xc41d93b8bfbf9fd7cf5bfe271fd649ab6a6fec0ea101c23b82a2a28eca2533a9"
    FIELDS: ClassVar[tuple[EventField, ...]] = (EventField("uint256"),)
    order_participant_wh: int


@dataclass(frozen=True)
class Committed(ContractEvent):
    """`Committed(uint32,uint32)`."""

    NAME: ClassVar[str] = "Committed"
    TOPIC: ClassVar[str] = "0xa08eb27f179d83a91e9989fa6026d860f64a955a405f593281c4df9a6cb7aac8"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("uint32", indexed=True),
    )
    slot: int
    participant: int


@dataclass(frozen=True)
class Decided(ContractEvent):
    """A slot's price stands. Nothing trades with no volume."""

    NAME: ClassVar[str] = "Decided"
    TOPIC: ClassVar[str] = "0x6bba23d1771e8c70e9bf71936d3b60129dcc85690cb511f1cee4710a71426273"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("uint64"),
        EventField("uint8"),
    )
    slot: int
    volume_wh: int
    price_tick: int


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
class ForfeitsWithdrawn(ContractEvent):
    """`ForfeitsWithdrawn(address,uint256)`."""

    NAME: ClassVar[str] = "ForfeitsWithdrawn"
    TOPIC: ClassVar[str] = "0xda414d45bd21b5f030023b310c60ab9b1becb0bf4fcc5ec193914c802ed30e37"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("uint256"),
    )
    to: str
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
class Revealed(ContractEvent):
    """`Revealed(uint32,uint32,uint8,uint8,uint32)`."""

    NAME: ClassVar[str] = "Revealed"
    TOPIC: ClassVar[str] = "0xeb79488596325f113be0a2f79c903c0bd98d762680de16154ddb96ab4637f77a"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("uint32", indexed=True),
        EventField("uint32", indexed=True),
        EventField("uint8", kind=Side),
        EventField("uint8"),
        EventField("uint32"),
    )
    slot: int
    participant: int
    side: Side
    tick: int
    quantity_wh: int


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


class ClosingAuction(ContractClient):
    """ClosingAuction at one address."""

    CONTRACT: ClassVar[str] = "ClosingAuction"
    EVENTS: ClassVar[tuple[type[ContractEvent], ...]] = (
        AuctionTraded,
        BondDeposited,
        BondForfeited,
        BondReturned,
        BondWithdrawn,
        Cancelled,
        Committed,
        Decided,
        Deposited,
        ForfeitsWithdrawn,
        Handled,
        OperatorWithdrawn,
        Owed,
        OwedPaid,
        Placed,
        Reduced,
        Revealed,
        Settled,
        SlotOpened,
        SupplierDeposited,
        SupplierWithdrawn,
        Traded,
        Withdrawn,
    )

    def bond_neur(self, *, block: str = "latest") -> int:
        """What one commitment holds, nEUR."""
        returned: int = self._view("bondNeur", block=block)[0]
        return returned

    def bond_of(self, participant: int, *, block: str = "latest") -> BondOfResult:
        """A participant's bond, and how much of it commitments hold, nEUR."""
        return BondOfResult(*self._view("bondOf", participant, block=block))

    def clear(self, slot: int, max_steps: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Move a slot's auction on by up to `maxSteps` orders and trades. Anyone."""
        return self._transact("clear", slot, max_steps, by=by, gas=gas)

    def clear_seconds(self, *, block: str = "latest") -> int:
        """`clearSeconds()`."""
        returned: int = self._view("clearSeconds", block=block)[0]
        return returned

    def close_unrevealed(self, slot: int, participant: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Forfeit, or give back, the bond behind a commitment that was not revealed. Anyone, once its
        phase is over.
        """
        return self._transact("closeUnrevealed", slot, participant, by=by, gas=gas)

    def commit(
        self, slot: int, participant: int, commitment: bytes, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Commit to one order; a second commitment replaces the first. The participant's account only."""
        return self._transact("commit", slot, participant, commitment, by=by, gas=gas)

    def commit_seconds(self, *, block: str = "latest") -> int:
        """Lengths of the phases; the last one ends at the gate."""
        returned: int = self._view("commitSeconds", block=block)[0]
        return returned

    def commitment_to(
        self,
        slot: int,
        participant: int,
        side: Side,
        tick: int,
        quantity_wh: int,
        salt: bytes,
        *,
        block: str = "latest",
    ) -> bytes:
        """What commit takes for an order."""
        returned: bytes = self._view(
            "commitmentTo", slot, participant, side, tick, quantity_wh, salt, block=block
        )[0]
        return returned

    def deposit_bond(
        self, participant: int, amount_neur: int, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Pay tokens of the caller into a participant's bond."""
        return self._transact("depositBond", participant, amount_neur, by=by, gas=gas)

    def forfeited_neur(self, *, block: str = "latest") -> int:
        """What was forfeited and is not paid out yet, nEUR."""
        returned: int = self._view("forfeitedNeur", block=block)[0]
        return returned

    def market(self, *, block: str = "latest") -> str:
        """`market()`."""
        returned: str = self._view("market", block=block)[0]
        return returned

    def outcome_of(self, slot: int, *, block: str = "latest") -> Outcome:
        """`outcomeOf(uint32)`."""
        returned = self._view("outcomeOf", slot, block=block)[0]
        return Outcome(*returned)

    def phase_of(self, slot: int, *, block: str = "latest") -> Phase:
        """`phaseOf(uint32)`."""
        returned = self._view("phaseOf", slot, block=block)[0]
        return Phase(returned)

    def registration(self, *, block: str = "latest") -> str:
        """`registration()`."""
        returned: str = self._view("registration", block=block)[0]
        return returned

    def reveal(
        self,
        slot: int,
        participant: int,
        side: Side,
        tick: int,
        quantity_wh: int,
        salt: bytes,
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Show the order behind a commitment; the market then holds what it may need. Anyone who knows
        it.
        """
        return self._transact("reveal", slot, participant, side, tick, quantity_wh, salt, by=by, gas=gas)

    def reveal_seconds(self, *, block: str = "latest") -> int:
        """`revealSeconds()`."""
        returned: int = self._view("revealSeconds", block=block)[0]
        return returned

    def ring_size(self, *, block: str = "latest") -> int:
        """Number of places of the ring, the market's."""
        returned: int = self._view("ringSize", block=block)[0]
        return returned

    def sealed_order_of(self, slot: int, participant: int, *, block: str = "latest") -> SealedOrder:
        """`sealedOrderOf(uint32,uint32)`."""
        returned = self._view("sealedOrderOf", slot, participant, block=block)[0]
        return SealedOrder(State(returned[0]), Side(returned[1]), returned[2], returned[3])

    def slot_seconds(self, *, block: str = "latest") -> int:
        """`slotSeconds()`."""
        returned: int = self._view("slotSeconds", block=block)[0]
        return returned

    def token(self, *, block: str = "latest") -> str:
        """`token()`."""
        returned: str = self._view("token", block=block)[0]
        return returned

    def withdraw_bond(
        self, participant: int, amount_neur: int, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Pay out what of a participant's bond no commitment holds. Its account only; open while paused."""
        return self._transact("withdrawBond", participant, amount_neur, by=by, gas=gas)

    def withdraw_forfeits(self, to: str, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Pay out what was forfeited. Accounts with the market's operator role only."""
        return self._transact("withdrawForfeits", to, by=by, gas=gas)
