"""Typed client of OrderRelay; made from its ABI by `python -m gridbid.chain.compilation.generate_clients`, not by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from gridbid.chain.client import ContractClient, ContractEvent, EventField
from gridbid.chain.clients.types import Batch, GridState, OrderRequest, Reject
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
class EIP712DomainChanged(ContractEvent):
    """MAY be emitted to signal that the domain could have changed."""

    NAME: ClassVar[str] = "EIP712DomainChanged"
    TOPIC: ClassVar[str] = "0x0a6387c9ea3628b88a633bb4f3b151770f70085117a15f9bf3787cda53f13d31"
    FIELDS: ClassVar[tuple[EventField, ...]] = ()


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
class NoncesInvalidated(ContractEvent):
    """`NoncesInvalidated(address,uint256,uint256)`."""

    NAME: ClassVar[str] = "NoncesInvalidated"
    TOPIC: ClassVar[str] = "0x41a696ce0dbffb78931eef7ecfa24d3ab6270c8a321cc6564df24b38f16c4e4f"
    FIELDS: ClassVar[tuple[EventField, ...]] = (
        EventField("address", indexed=True),
        EventField("uint256", indexed=True),
        EventField("uint256"),
    )
    signer: str
    word: int
    bits: int


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


class OrderRelay(ContractClient):
    """OrderRelay at one address."""

    CONTRACT: ClassVar[str] = "OrderRelay"
    EVENTS: ClassVar[tuple[type[ContractEvent], ...]] = (
        Cancelled,
        Deposited,
        EIP712DomainChanged,
        Handled,
        NoncesInvalidated,
        OperatorWithdrawn,
        Owed,
        OwedPaid,
        Placed,
        Reduced,
        Settled,
        SlotOpened,
        SupplierDeposited,
        SupplierWithdrawn,
        Traded,
        Withdrawn,
    )

    def batch_typehash(self, *, block: str = "latest") -> bytes:
        """`BATCH_TYPEHASH()`."""
        returned: bytes = self._view("BATCH_TYPEHASH", block=block)[0]
        return returned

    def cancel_nonce(self, nonce: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Make a nonce of the caller unusable, so that no batch that bears it is carried out any more."""
        return self._transact("cancelNonce", nonce, by=by, gas=gas)

    def digest_of(self, batch: Batch, *, block: str = "latest") -> bytes:
        """What a batch's signer signs."""
        returned: bytes = self._view("digestOf", batch, block=block)[0]
        return returned

    def eip712_domain(self, *, block: str = "latest") -> Eip712DomainResult:
        """returns the fields and values that describe the domain separator used by this contract for
        EIP-712 signature.
        """
        return Eip712DomainResult(*self._view("eip712Domain", block=block))

    def invalidate_nonces(self, word: int, bits: int, *, by: Sender, gas: int = DEFAULT_GAS) -> Receipt:
        """Make several nonces of the caller unusable: 256 * word + i for each bit i that is set."""
        return self._transact("invalidateNonces", word, bits, by=by, gas=gas)

    def is_nonce_used(self, signer: str, nonce: int, *, block: str = "latest") -> bool:
        """`isNonceUsed(address,uint256)`."""
        returned: bool = self._view("isNonceUsed", signer, nonce, block=block)[0]
        return returned

    def market(self, *, block: str = "latest") -> str:
        """`market()`."""
        returned: str = self._view("market", block=block)[0]
        return returned

    def order_typehash(self, *, block: str = "latest") -> bytes:
        """`ORDER_TYPEHASH()`."""
        returned: bytes = self._view("ORDER_TYPEHASH", block=block)[0]
        return returned

    def ordered_wh_of(self, key: str, slot: int, *, block: str = "latest") -> int:
        """What a trading key has ordered in a slot, Wh: whole orders, whatever became of them."""
        returned: int = self._view("orderedWhOf", key, slot, block=block)[0]
        return returned

    def registration(self, *, block: str = "latest") -> str:
        """`registration()`."""
        returned: str = self._view("registration", block=block)[0]
        return returned

    def relay(
        self, batch: Batch, signer: str, signature: bytes, *, by: Sender, gas: int = DEFAULT_GAS
    ) -> Receipt:
        """Carry out a signed batch. Anyone may bring it. An order that the market doesn't admit is
        skipped; a key that goes beyond its limits has its whole batch refused.
        """
        return self._transact("relay", batch, signer, signature, by=by, gas=gas)

    def trade(
        self,
        participant: int,
        cancels: Sequence[int],
        requests: Sequence[OrderRequest],
        *,
        by: Sender,
        gas: int = DEFAULT_GAS,
    ) -> Receipt:
        """Cancel and place orders of a participant that the caller may trade for."""
        return self._transact("trade", participant, cancels, requests, by=by, gas=gas)
