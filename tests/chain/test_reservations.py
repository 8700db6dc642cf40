"""What modules may do at the market: trade for a participant, and hold, fill or give back outside the book."""

from typing import Any

import pytest
from eth_account import Account

from gridbid.chain.deployment.governance import execute, grant_role, propose
from gridbid.chain.errors import SkipError, StopError
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.chain.rpc.node import Signer
from gridbid.market.types import OpenOrder, Reject, Side, Terms

TERMS = Terms(retail=400_000, feed_in=80_000, fee=50_000, floor=80_000, price_cap=500_000)
LIMITS = {1: 1_000, 2: 1_000}
CREDIT_NEUR = 1_000 * 10**9
HOOKS: dict[str, list[Any]] = {
    "tradeFor": [1, [], []],
    "reserve": [1, 1, 0, 100, 10],
    "fillReserved": [1, 1, 0, 100, 10, 100],
    "releaseReserved": [1, 1, 0, 100, 10],
}


def buy_lock(tick: int) -> int:
    return TERMS.floor + tick * 2_000 + TERMS.fee


def sell_lock(tick: int) -> int:
    return TERMS.price_cap - TERMS.floor - tick * 2_000


class Module:
    """An account that was made a module of the market."""

    def __init__(self, market: EmbeddedLedger) -> None:
        self.market = market
        self.signer = Signer(market.node, Account.create())
        decision = grant_role(market.deployment, "EnergyTrading", "MODULE_ROLE", self.signer.address)
        market.advance_to(10)  # to the timelock, an operation of time 0 or 1 is none, or done
        propose(market.board, market.node, market.deployment, decision)
        execute(market.board, market.node, market.deployment, decision)
        market._require_authority().payer._nonce = None  # both Safes are paid for by one account

    def call(self, function: str, *arguments: Any) -> tuple[Any, ...]:
        """What a hook returns, once it has been carried out."""
        contract, node = self.market.market, self.market.node
        request = {
            "from": self.signer.address,
            "to": contract.address,
            "data": "0x" + contract.encode_call(function, *arguments).hex(),
        }
        output = bytes.fromhex(node.request("eth_call", request, "latest")[2:])
        self.signer.transact(contract, function, *arguments)
        return contract.decode_output(function, len(arguments), output)

    def reserve(self, participant: int, side: Side, tick: int, quantity_wh: int, slot: int = 1) -> Reject:
        return Reject(self.call("reserve", slot, participant, side, tick, quantity_wh)[0])


@pytest.fixture
def module(market: EmbeddedLedger) -> Module:
    market.publish(1, TERMS, LIMITS, LIMITS)
    return Module(market)


@pytest.mark.parametrize("function", HOOKS)
def test_only_modules_use_the_hooks(module: Module, function: str):
    market = module.market
    for signer in (market._signer(1), market._require_authority()):
        with pytest.raises(StopError, match="AccessControlUnauthorizedAccount"):
            signer.transact(market.market, function, *HOOKS[function])


def test_a_module_cancels_and_places_for_a_participant(module: Module):
    market = module.market
    order = market.place(1, 1, Side.SELL, 100, 30).order
    names = module.call("tradeFor", 1, [order], [(1, 1, 90, 7, True), (1, 1, 90, 5_000, True)])[0]
    assert market.book(1, Side.SELL) == [(90, [OpenOrder(1, 7)])]
    assert names[0] >> 32 & 0xFF == 90
    assert names[1] == 0
    with pytest.raises(StopError, match="UnknownParticipant"):
        module.call("tradeFor", 99, [], [])


def test_a_reservation_holds_what_an_order_would(module: Module):
    market = module.market
    assert module.reserve(1, Side.BUY, 100, 10) == Reject.NONE
    assert module.reserve(2, Side.SELL, 60, 10) == Reject.NONE
    assert market.available(1) == CREDIT_NEUR - 10 * buy_lock(100)
    assert market.available(2) == CREDIT_NEUR - 10 * sell_lock(60)
    assert market.position(1, 1).open_buy_wh == market.position(1, 2).open_sell_wh == 10
    assert market.book(1, Side.BUY) == market.book(1, Side.SELL) == []


def test_a_reservation_is_admitted_as_an_order_is(module: Module):
    market = module.market
    market.place(1, 1, Side.BUY, 0, 400)
    assert module.reserve(1, Side.BUY, 100, 601) == Reject.ENVELOPE
    assert module.reserve(1, Side.BUY, 100, 0) == Reject.BAD_QUANTITY
    assert module.reserve(1, Side.BUY, 224, 1) == Reject.BAD_TICK
    assert module.reserve(9, Side.BUY, 100, 1) == Reject.NOT_REGISTERED
    assert module.reserve(1, Side.BUY, 100, 1, slot=3) == Reject.NOT_PUBLISHED
    market.suspend(2)
    assert module.reserve(2, Side.BUY, 100, 1) == Reject.SUSPENDED
    market.withdraw(1, market.available(1))
    assert module.reserve(1, Side.BUY, 100, 1) == Reject.CREDIT
    market.advance_to(900)
    assert module.reserve(1, Side.BUY, 100, 1) == Reject.GATE_CLOSED


def test_what_is_reserved_is_filled_at_a_better_price(module: Module):
    market = module.market
    module.reserve(1, Side.BUY, 100, 10)
    module.reserve(2, Side.SELL, 60, 10)
    module.call("fillReserved", 1, 1, Side.BUY, 100, 7, 80)
    module.call("fillReserved", 1, 2, Side.SELL, 60, 7, 80)
    price = TERMS.floor + 80 * 2_000
    buyer, seller = market.position(1, 1), market.position(1, 2)
    assert (buyer.bought_wh, buyer.paid_neur, buyer.open_buy_wh) == (7, 7 * price, 3)
    assert (seller.sold_wh, seller.received_neur, seller.open_sell_wh) == (7, 7 * price, 3)
    assert market.available(1) == CREDIT_NEUR - 7 * buy_lock(80) - 3 * buy_lock(100)
    assert market.available(2) == CREDIT_NEUR - 7 * sell_lock(80) - 3 * sell_lock(60)


@pytest.mark.parametrize(("side", "price_tick"), [(Side.BUY, 101), (Side.SELL, 99)])
def test_nothing_is_filled_beyond_its_limit(module: Module, side: Side, price_tick: int):
    module.reserve(1, side, 100, 10)
    with pytest.raises(StopError, match=f"WorseThanLimit: limitTick 100, priceTick {price_tick}"):
        module.call("fillReserved", 1, 1, side, 100, 10, price_tick)
    with pytest.raises(SkipError, match="BadTick"):
        module.call("fillReserved", 1, 1, side, 100, 10, 224)


def test_no_more_is_filled_or_given_back_than_is_open(module: Module):
    module.reserve(1, Side.BUY, 100, 10)
    for function, price in (("fillReserved", [100]), ("releaseReserved", [])):
        with pytest.raises(StopError, match="NotReserved: slot 1, participant 1, openWh 10"):
            module.call(function, 1, 1, Side.BUY, 100, 11, *price)
        with pytest.raises(StopError, match="NotReserved: slot 1, participant 1, openWh 0"):
            module.call(function, 1, 1, Side.SELL, 100, 1, *price)


def test_what_is_given_back_is_free(module: Module):
    module.reserve(1, Side.BUY, 100, 10)
    module.call("releaseReserved", 1, 1, Side.BUY, 100, 4)
    assert module.market.available(1) == CREDIT_NEUR - 6 * buy_lock(100)
    module.call("releaseReserved", 1, 1, Side.BUY, 100, 6)
    assert module.market.available(1) == CREDIT_NEUR


def test_at_the_gate_what_is_reserved_expires(module: Module):
    market = module.market
    module.reserve(1, Side.BUY, 100, 10)
    market.advance_to(900)
    assert market.available(1) == CREDIT_NEUR
    assert market.withdraw(1, CREDIT_NEUR)
    for function, price in (("fillReserved", [100]), ("releaseReserved", [])):
        with pytest.raises(SkipError, match="GateClosed"):
            module.call(function, 1, 1, Side.BUY, 100, 10, *price)


# --- credit lines

LINE_NEUR = 5_000_000


def open_with_line(market: EmbeddedLedger, slot: int) -> None:
    """Both participants may trade; for participant 1 the supplier answers for LINE_NEUR."""
    market.deposit_supplier(LINE_NEUR)
    market.publish(slot, TERMS, LIMITS, LIMITS, credit_line_neur={1: LINE_NEUR})


def test_a_credit_line_covers_the_first_part_of_the_worst_case(market: EmbeddedLedger):
    open_with_line(market, 1)
    covered_wh = LINE_NEUR // buy_lock(100)
    first = market.place(1, 1, Side.BUY, 100, covered_wh).order
    assert market.available(1) == CREDIT_NEUR
    second = market.place(1, 1, Side.BUY, 100, 10).order
    held_neur = (covered_wh + 10) * buy_lock(100) - LINE_NEUR
    assert market.available(1) == CREDIT_NEUR - held_neur
    market.cancel(1, 1, first)
    assert market.available(1) == CREDIT_NEUR
    market.cancel(1, 1, second)
    assert market.available(1) == CREDIT_NEUR


def test_a_makers_hold_stays_what_it_was_when_it_is_filled(market: EmbeddedLedger):
    open_with_line(market, 1)
    market.place(1, 1, Side.SELL, 60, 100)
    held_neur = 100 * sell_lock(60) - LINE_NEUR
    market.place(1, 2, Side.BUY, 60, 40)
    assert market.available(1) == CREDIT_NEUR - held_neur
    assert market.available(2) == CREDIT_NEUR - 40 * buy_lock(60)


def test_without_credit_the_line_is_all_there_is(market: EmbeddedLedger):
    open_with_line(market, 1)
    market.withdraw(1, CREDIT_NEUR)
    covered_wh = LINE_NEUR // buy_lock(100)
    assert market.place(1, 1, Side.BUY, 100, covered_wh + 1).reject == Reject.CREDIT
    assert market.place(1, 1, Side.BUY, 100, covered_wh).reject == Reject.NONE
    assert market.place(1, 1, Side.BUY, 100, 1).reject == Reject.CREDIT


def test_a_reservation_uses_the_line_too(market: EmbeddedLedger):
    module = Module(market)
    open_with_line(market, 1)
    assert module.reserve(1, Side.BUY, 100, 50) == Reject.NONE
    assert market.available(1) == CREDIT_NEUR - (50 * buy_lock(100) - LINE_NEUR)
    module.call("fillReserved", 1, 1, Side.BUY, 100, 50, 0)
    assert market.available(1) == CREDIT_NEUR - (50 * buy_lock(0) - LINE_NEUR)
