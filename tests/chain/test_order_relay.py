"""Orders through the relay: who may trade for whom, within what limits, and each signature once, here alone."""

from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from gridbid.chain.errors import SkipError, StopError
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.chain.ledgers.ledger import OrderRequest
from gridbid.chain.rpc.interface import Interface
from gridbid.chain.rpc.node import Signer
from gridbid.chain.signing.relay import Batch, batch_digest, sign_batch
from gridbid.market.types import OpenOrder, Reject, Side, Terms

TERMS = Terms(retail=400_000, feed_in=80_000, fee=50_000, floor=80_000, price_cap=500_000)
LIMITS = {1: 1_000_000, 2: 1_000_000}
EXPIRY = 1_500
MAX_ORDER_WH = 100
MAX_SLOT_WH = 250
ZERO_ADDRESS = "0x" + "00" * 20
TYPES: dict[str, Any] = {
    "OrderRequest": [
        {"name": "slot", "type": "uint32"},
        {"name": "side", "type": "uint8"},
        {"name": "tick", "type": "uint8"},
        {"name": "quantityWh", "type": "uint32"},
        {"name": "rest", "type": "bool"},
    ],
    "Batch": [
        {"name": "participant", "type": "uint32"},
        {"name": "cancels", "type": "uint256[]"},
        {"name": "orders", "type": "OrderRequest[]"},
        {"name": "nonce", "type": "uint256"},
        {"name": "deadline", "type": "uint64"},
    ],
}


def sell(quantity_wh: int, slot: int = 1, tick: int = 100) -> OrderRequest:
    return OrderRequest(slot, Side.SELL, tick, quantity_wh)


def batch_of(*orders: OrderRequest, nonce: int = 0, cancels: tuple[int, ...] = ()) -> Batch:
    return Batch(1, cancels, orders, nonce, deadline=10**6)


class Scene:
    """A market with open slots 1 to 3, participant 1 having given a key its limits; and a courier with no rights."""

    def __init__(self, market: EmbeddedLedger) -> None:
        self.market = market
        self.relay = market.deployment.relay
        self.owner: LocalAccount = market._signer(1).account
        self.key: LocalAccount = Account.create()
        self.courier = Signer(market.node, Account.create())
        for slot in (1, 2, 3):
            market.publish(slot, TERMS, LIMITS, LIMITS)
        self.allow(MAX_ORDER_WH, MAX_SLOT_WH)

    def allow(self, max_order_wh: int, max_slot_wh: int) -> None:
        registration = self.market.deployment.registration
        self.market._signer(1).transact(
            registration, "setTradingKey", self.key.address, max_order_wh, max_slot_wh, EXPIRY
        )

    def bring(self, batch: Batch, signer: LocalAccount, signature: bytes | None = None) -> list[OpenOrder]:
        """Carry a batch to the relay; return what rests of participant 1 at tick 100 of slot 1 afterwards."""
        if signature is None:
            signature = sign_batch(batch, signer, self.market.node.chain_id, self.relay.address)
        self.courier.transact(self.relay, "relay", batch.encoded(), signer.address, signature)
        return self.resting()

    def trade(self, *orders: OrderRequest, cancels: tuple[int, ...] = ()) -> None:
        """The key sends orders itself."""
        _, names, requests, *_ = batch_of(*orders, cancels=cancels).encoded()
        Signer(self.market.node, self.key).transact(self.relay, "trade", 1, names, requests)

    def resting(self) -> list[OpenOrder]:
        return [order for _, level in self.market.book(1, Side.SELL) for order in level]

    def ordered_wh(self, slot: int) -> int:
        return int(self.market.node.call(self.relay, "orderedWhOf", self.key.address, slot)[0])


@pytest.fixture
def scene(market: EmbeddedLedger) -> Scene:
    return Scene(market)


# --- digests


def test_the_digest_is_eip_712s(scene: Scene):
    batch = batch_of(sell(70), sell(8, slot=2, tick=223), nonce=2**255, cancels=(1, 2**80 - 1))
    domain = {
        "name": "Gridbid OrderRelay",
        "version": "1",
        "chainId": scene.market.node.chain_id,
        "verifyingContract": scene.relay.address,
    }
    _, cancels, orders, *_ = batch.encoded()
    names = [field["name"] for field in TYPES["OrderRequest"]]
    message = {
        "participant": 1,
        "cancels": cancels,
        "orders": [dict(zip(names, order, strict=True)) for order in orders],
        "nonce": batch.nonce,
        "deadline": batch.deadline,
    }
    signable = encode_typed_data(domain, TYPES, message)
    independent = keccak(b"\x19" + signable.version + signable.header + signable.body)
    digest = batch_digest(batch, scene.market.node.chain_id, scene.relay.address)
    assert digest == independent == scene.market.node.call(scene.relay, "digestOf", batch.encoded())[0]


# --- who signs


def test_a_stranger_brings_what_the_owner_has_signed(scene: Scene):
    assert scene.bring(batch_of(sell(5_000), sell(7)), scene.owner) == [OpenOrder(1, 5_000), OpenOrder(1, 7)]


def test_a_key_may_sign_and_may_send(scene: Scene):
    assert scene.bring(batch_of(sell(60)), scene.key) == [OpenOrder(1, 60)]
    scene.trade(sell(40))
    assert scene.resting() == [OpenOrder(1, 60), OpenOrder(1, 40)]
    assert scene.ordered_wh(1) == 100


def test_a_batch_cancels_before_it_places(scene: Scene):
    order = scene.market.place(1, 1, Side.SELL, 100, 30).order
    assert scene.bring(batch_of(sell(9), cancels=(order,)), scene.key) == [OpenOrder(1, 9)]


def test_what_the_market_does_not_admit_is_skipped(scene: Scene):
    assert scene.bring(batch_of(sell(2_000_000), sell(3, slot=9), sell(4)), scene.owner) == [OpenOrder(1, 4)]


def test_nobody_trades_for_another(scene: Scene):
    other = scene.market._signer(2).account
    for signer in (other, Account.create()):
        with pytest.raises(StopError, match=f"NotAllowed: participant 1, signer {signer.address.lower()}"):
            scene.bring(batch_of(sell(1)), signer)
    for participant in (0, 2, 99):
        with pytest.raises(StopError, match="NotAllowed"):
            scene.bring(replace(batch_of(sell(1)), participant=participant), scene.key)
    assert scene.resting() == []


def test_a_signature_of_another_is_none(scene: Scene):
    batch = batch_of(sell(1))
    signature = sign_batch(batch, scene.key, scene.market.node.chain_id, scene.relay.address)
    for faulty in (signature, b"", signature[:64], b"\xff" * 65):
        with pytest.raises(StopError, match="InvalidSignature"):
            scene.bring(batch, scene.owner, faulty)
    with pytest.raises(StopError, match="InvalidSignature"):
        scene.courier.transact(scene.relay, "relay", batch.encoded(), ZERO_ADDRESS, signature)


def test_the_other_root_of_a_signature_is_refused(scene: Scene):
    order_of_curve = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    batch = batch_of(sell(1))
    signature = sign_batch(batch, scene.key, scene.market.node.chain_id, scene.relay.address)
    mirrored = order_of_curve - int.from_bytes(signature[32:64])
    twin = signature[:32] + mirrored.to_bytes(32) + bytes([55 - signature[64]])
    with pytest.raises(StopError, match="InvalidSignature"):
        scene.bring(batch, scene.key, twin)


def test_whoever_is_suspended_can_only_cancel(scene: Scene):
    order = scene.market.place(1, 1, Side.SELL, 100, 30).order
    scene.market.suspend(1)
    assert scene.bring(batch_of(sell(5), cancels=(order,)), scene.owner) == []
    assert scene.market.place(1, 1, Side.SELL, 100, 5).reject == Reject.SUSPENDED


def test_a_safe_signs_for_the_participant_that_it_is(scene: Scene):
    """ERC-1271: a contract says whether a signature is its own."""
    market = scene.market
    safe = market.deployment.operations
    participant = 3
    market._require_authority().transact(
        market.deployment.registration, "register", safe.address, Account.create().address
    )
    market.publish(4, TERMS, {participant: 50}, {})
    batch = Batch(participant, (), (OrderRequest(4, Side.BUY, 0, 10),), 0, 10**6)
    digest = batch_digest(batch, market.node.chain_id, scene.relay.address)
    signable = encode_typed_data(
        {"chainId": market.node.chain_id, "verifyingContract": safe.address},
        {"SafeMessage": [{"name": "message", "type": "bytes"}]},
        {"message": digest},
    )
    signature = owner_of_safes().sign_message(signable).signature
    forged = Account.create().sign_message(signable).signature
    with pytest.raises(StopError, match="InvalidSignature"):
        scene.courier.transact(scene.relay, "relay", batch.encoded(), safe.address, bytes(forged))
    receipt = scene.courier.transact(scene.relay, "relay", batch.encoded(), safe.address, bytes(signature))
    assert market._place_results(receipt)[0].reject == Reject.CREDIT


def owner_of_safes() -> LocalAccount:
    return Account.from_key(keccak(text="gridbid embedded authority"))


# --- once, here, in time


def test_a_batch_is_carried_out_once(scene: Scene):
    scene.bring(batch_of(sell(1), nonce=300), scene.key)
    assert scene.market.node.call(scene.relay, "isNonceUsed", scene.key.address, 300) == (True,)
    assert scene.market.node.call(scene.relay, "isNonceUsed", scene.key.address, 301) == (False,)
    for again in (batch_of(sell(1), nonce=300), batch_of(sell(2), nonce=300)):
        with pytest.raises(SkipError, match=r"NonceUsed: signer 0x\w+, nonce 300"):
            scene.bring(again, scene.key)
    scene.bring(batch_of(sell(1), nonce=300), scene.owner)
    scene.bring(batch_of(sell(1), nonce=299), scene.key)
    assert len(scene.resting()) == 3


def test_a_batch_that_was_refused_leaves_its_nonce(scene: Scene):
    with pytest.raises(SkipError, match="OrderAboveLimit"):
        scene.bring(batch_of(sell(MAX_ORDER_WH + 1)), scene.key)
    assert scene.bring(batch_of(sell(1)), scene.key) == [OpenOrder(1, 1)]


def test_a_signer_takes_back_what_it_has_signed(scene: Scene):
    signer = Signer(scene.market.node, scene.owner)
    signer.transact(scene.relay, "cancelNonce", 7)
    signer.transact(scene.relay, "invalidateNonces", 1, 0b101)
    for nonce in (7, 256, 258):
        with pytest.raises(SkipError, match="NonceUsed"):
            scene.bring(batch_of(sell(1), nonce=nonce), scene.owner)
    for nonce in (6, 257):
        scene.bring(batch_of(sell(1), nonce=nonce), scene.owner)
    scene.bring(batch_of(sell(1), nonce=7), scene.key)
    assert len(scene.resting()) == 3


def test_a_batch_is_good_until_its_deadline(scene: Scene):
    batch = replace(batch_of(sell(5, slot=2)), deadline=1_000)
    scene.market.advance_to(999)
    scene.bring(replace(batch, nonce=1), scene.key)
    scene.market.advance_to(1_001)
    with pytest.raises(SkipError, match="DeadlinePassed: deadline 1000"):
        scene.bring(batch, scene.key)


@pytest.mark.parametrize("elsewhere", ["chain", "contract"])
def test_a_signature_for_elsewhere_is_none(scene: Scene, elsewhere: str):
    chain_id, address = scene.market.node.chain_id, scene.relay.address
    if elsewhere == "chain":
        chain_id += 1
    else:
        address = scene.market.market.address
    batch = batch_of(sell(1))
    with pytest.raises(StopError, match="InvalidSignature"):
        scene.bring(batch, scene.owner, sign_batch(batch, scene.owner, chain_id, address))


def test_every_field_is_signed(scene: Scene):
    batch = batch_of(sell(1), cancels=(5,))
    signature = sign_batch(batch, scene.owner, scene.market.node.chain_id, scene.relay.address)
    for other in (
        replace(batch, participant=2),
        replace(batch, cancels=(6,)),
        replace(batch, cancels=()),
        replace(batch, orders=(sell(2),)),
        replace(batch, orders=(sell(1, tick=99),)),
        replace(batch, orders=(sell(1, slot=2),)),
        replace(batch, orders=(sell(1)._replace(side=Side.BUY),)),
        replace(batch, orders=(sell(1)._replace(rest=False),)),
        replace(batch, orders=(sell(1), sell(1))),
        replace(batch, nonce=1),
        replace(batch, deadline=10**6 + 1),
    ):
        with pytest.raises(StopError, match="InvalidSignature"):
            scene.bring(other, scene.owner, signature)


# --- limits of a key


def test_a_key_orders_no_more_at_once_than_it_may(scene: Scene):
    with pytest.raises(SkipError, match="OrderAboveLimit: quantityWh 101, maxOrderWh 100"):
        scene.trade(sell(1), sell(101))
    scene.trade(sell(100))
    assert scene.resting() == [OpenOrder(1, 100)]


def test_a_key_orders_no_more_in_a_slot_than_it_may(scene: Scene):
    """Cancelling gives nothing back: what counts is what was ordered."""
    scene.trade(sell(100), sell(100), sell(100, slot=2))
    order = scene.market.place(1, 1, Side.SELL, 101, 1).order
    with pytest.raises(SkipError, match="SlotAboveLimit: slot 1, orderedWh 251, maxSlotWh 250"):
        scene.trade(sell(51), cancels=(order,))
    scene.trade(sell(50), sell(100, slot=2))
    assert [scene.ordered_wh(slot) for slot in (1, 2, 3)] == [250, 200, 0]


def test_a_key_gets_no_new_count_by_turning_to_another_slot(scene: Scene):
    """Slot 5 stands in slot 1's place of a ring of four."""
    scene.trade(sell(100), sell(100))
    scene.trade(sell(100, slot=5))
    with pytest.raises(SkipError, match="SlotPassed: slot 1, laterSlot 5"):
        scene.trade(sell(100))
    assert [scene.ordered_wh(slot) for slot in (1, 5)] == [0, 100]


def test_a_key_without_limits_only_cancels(scene: Scene):
    order = scene.market.place(1, 1, Side.SELL, 100, 30).order
    scene.allow(0, 0)
    with pytest.raises(SkipError, match="OrderAboveLimit"):
        scene.trade(sell(1))
    scene.trade(cancels=(order,))
    assert scene.resting() == []


def test_a_key_ends(scene: Scene):
    scene.market.advance_to(EXPIRY - 1)
    scene.trade(sell(1, slot=2))
    scene.market.advance_to(EXPIRY)
    with pytest.raises(StopError, match="NotAllowed"):
        scene.trade(sell(1, slot=2))


def test_a_key_is_taken_back(scene: Scene):
    signed = sign_batch(batch_of(sell(1)), scene.key, scene.market.node.chain_id, scene.relay.address)
    scene.market._signer(1).transact(
        scene.market.deployment.registration, "revokeTradingKey", scene.key.address
    )
    with pytest.raises(StopError, match="NotAllowed"):
        scene.bring(batch_of(sell(1)), scene.key, signed)


def test_the_relay_names_its_market_and_registration(scene: Scene):
    deployment = scene.market.deployment
    named: list[tuple[str, Interface]] = [
        ("market", deployment.market),
        ("registration", deployment.registration),
    ]
    for name, contract in named:
        assert to_checksum_address(scene.market.node.call(scene.relay, name)[0]) == contract.address
