"""Traces of random trading: what they add up to is what the contracts say, and what is missing is named."""

import random

import pytest
from eth_account import Account

from gridbid.chain.community_contracts import CommunityContracts
from gridbid.chain.deployment.deploy import MarketParameters
from gridbid.chain.errors import SkipError, StopError
from gridbid.chain.inspection.trace_account import statement
from gridbid.chain.inspection.trace_events import Chronicle
from gridbid.chain.inspection.trace_seat import position_on_chain, trace_seat
from gridbid.chain.inspection.trace_slot import trace_slot
from gridbid.chain.inspection.trace_transaction import trace_transaction
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.chain.records.history import History
from gridbid.chain.rpc.node import Signer
from gridbid.market.types import Side, Terms

TERMS = Terms(retail=300_000, feed_in=78_600, fee=50_000, floor=78_600, price_cap=300_000)
MEMBERS = (1, 2, 3, 4)
SLOTS = range(1_000_000, 1_000_010, 2)
OPEN = SLOTS[-1] + 2


@pytest.fixture(scope="module")
def contracts():
    """Five slots of random trading: orders, cancels, reductions, substitutes that are corrected, withdrawals."""
    draw = random.Random(11)
    ledger = EmbeddedLedger(
        MarketParameters(900, ring_size=16, deadline_seconds=600), now=SLOTS[0] * 900 - 900
    )
    for _ in MEMBERS:
        ledger.deposit(ledger.register(), 100 * 10**9)
    ledger.deposit_supplier(100 * 10**9)
    limits = dict.fromkeys(MEMBERS, 20_000)
    for slot in SLOTS:
        ledger.publish(slot, TERMS, limits, limits)
        for _ in range(25):
            member, side = draw.choice(MEMBERS), draw.choice([Side.BUY, Side.SELL])
            placed = ledger.place(slot, member, side, draw.randrange(60), draw.randrange(2, 900))
            if placed.order and draw.random() < 0.3:
                ledger.cancel(slot, member, placed.order)
            elif placed.order and draw.random() < 0.3:
                ledger.reduce(slot, member, placed.order, 1)
        ledger.advance_to((slot + 1) * 900 + 601)
        for member in MEMBERS:
            if draw.random() < 0.4:
                ledger.substitute_reading(slot, member, draw.randrange(-3_000, 3_000))
                ledger.settle(slot, member)
            ledger.submit_reading(slot, member, draw.randrange(-3_000, 3_000))
            ledger.settle(slot, member)
        ledger.withdraw(draw.choice(MEMBERS), draw.randrange(1, 10**9))
    ledger.publish(OPEN, TERMS, limits, limits)
    ledger.place(OPEN, 1, Side.SELL, 20, 500)
    ledger.place(OPEN, 2, Side.BUY, 40, 300)
    return CommunityContracts(ledger.node, ledger.deployment)


@pytest.fixture(scope="module")
def told(contracts):
    history = History(contracts.node, contracts.clients)
    return list(history.read(contracts.deployment.first_block, history.last_block()))


@pytest.mark.parametrize("member", MEMBERS)
def test_a_statement_ends_with_the_balance(contracts, told, member):
    balance_neur = contracts.trading.balance_of(member)
    traced = statement(Chronicle(told), member, balance_neur)
    assert traced.told_neur == balance_neur
    assert traced.faults == []
    assert sum(line.movement.amount_neur for line in traced.lines) == balance_neur
    assert len(traced.lines) > len(SLOTS)


@pytest.mark.parametrize("slot", SLOTS)
def test_a_seats_parts_make_what_was_settled(contracts, told, slot):
    chronicle = Chronicle(told)
    for member in MEMBERS:
        position = position_on_chain(contracts, member, slot)
        seat = trace_seat(chronicle, member, slot, contracts.tick_size, position)
        assert seat.faults == ()
        assert (seat.bought_wh, seat.sold_wh) == (position.bought_wh, position.sold_wh)
        assert (seat.paid_neur, seat.received_neur) == (position.paid_neur, position.received_neur)
        last = seat.settlements[-1]
        assert last.total_neur == position.settled_cash_neur
        assert sum(part.change_neur for part in seat.settlements) == position.settled_cash_neur
        assert last.settlement.reading_wh == position.reading_wh


def test_corrections_are_told_apart(contracts, told):
    chronicle = Chronicle(told)
    counts = {
        len(trace_seat(chronicle, member, slot, contracts.tick_size, None).settlements)
        for member in MEMBERS
        for slot in SLOTS
    }
    assert counts == {1, 2}


@pytest.mark.parametrize("slot", SLOTS)
def test_a_slots_cash_sums_to_nothing_and_its_energy_is_the_readings(contracts, told, slot):
    traced = trace_slot(Chronicle(told), slot, contracts.tick_size)
    assert traced.residual_neur == 0
    assert traced.faults == []
    assert sum(flow.energy_wh for flow in traced.flows) == sum(seat.bought_wh for seat in traced.seats)
    readings_wh = sum(seat.settlements[-1].settlement.reading_wh for seat in traced.seats)
    assert traced.shortage_wh - traced.surplus_wh == readings_wh


def test_the_community_adds_up_over_all_slots(contracts, told):
    traces = [trace_slot(Chronicle(told), slot, contracts.tick_size) for slot in SLOTS]
    assert 100 * 10**9 + sum(traced.supplier_neur for traced in traces) == contracts.trading.supplier_neur()
    assert sum(traced.operator_neur for traced in traces) == contracts.trading.operator_neur()


def test_a_slot_that_still_trades_shows_what_is_pending(contracts, told):
    traced = trace_slot(Chronicle(told), OPEN, contracts.tick_size)
    assert [(flow.seller, flow.buyer, flow.energy_wh) for flow in traced.flows] == [(1, 2, 300)]
    assert traced.settled == []
    assert (traced.pending_neur, traced.residual_neur) == (0, 0)


def test_missing_events_are_named(contracts, told):
    without = [entry for entry in told if entry.event.NAME != "Traded"]
    member = 1
    slot = next(slot for slot in SLOTS if contracts.trading.position_of(slot, member).bought_wh)
    position = position_on_chain(contracts, member, slot)
    seat = trace_seat(Chronicle(without), member, slot, contracts.tick_size, position)
    assert any("Wh bought: the events make 0" in fault for fault in seat.faults)
    assert any("changed the credit by" in fault for fault in seat.faults)
    unpaid = [entry for entry in told if entry.event.NAME != "Deposited"]
    traced = statement(Chronicle(unpaid), member, contracts.trading.balance_of(member))
    assert len(traced.faults) == 1
    assert traced.faults[0].endswith("events of 100000000000 nEUR are missing")


def test_a_slot_that_nobody_opened_is_none(contracts, told):
    with pytest.raises(SkipError, match="no event tells that slot 7 was opened"):
        trace_slot(Chronicle(told), 7, contracts.tick_size)
    with pytest.raises(SkipError, match="no event tells that slot 7 was opened"):
        trace_seat(Chronicle(told), 1, 7, contracts.tick_size, None)


def test_a_transaction_is_decoded_with_what_it_did(contracts, told):
    opened = next(entry for entry in told if entry.event.NAME == "SlotOpened")
    traced = trace_transaction(contracts, opened.transaction_hash)
    assert traced.failure is None
    assert (traced.call.contract, traced.call.function) == ("OperationsSafe", "execTransaction")
    assert (traced.call.inner.contract, traced.call.inner.function) == ("EnergyTrading", "openSlot")
    assert traced.call.inner.arguments["slot"] == SLOTS[0]
    assert opened.event in [entry.event for entry in traced.events]


def test_a_failed_transaction_says_the_contracts_own_error(contracts):
    sender = contracts.node.request("eth_accounts")[0]
    data = contracts.trading.interface.encode_call("settle", 7, 1)
    name = contracts.node.request(
        "eth_sendTransaction",
        {"from": sender, "to": contracts.trading.address, "data": "0x" + data.hex(), "gas": hex(1_000_000)},
    )
    traced = trace_transaction(contracts, name)
    assert traced.failure == "NotPublished"
    assert traced.call.arguments == {"slot": 7, "participant": 1}


def test_who_lacks_a_role_is_told_which(contracts):
    sender = contracts.node.request("eth_accounts")[0]
    data = contracts.registration.interface.encode_call("suspend", 1)
    name = contracts.node.request(
        "eth_sendTransaction",
        {"from": sender, "to": contracts.registration.address, "data": "0x" + data.hex(), "gas": hex(10**6)},
    )
    failure = trace_transaction(contracts, name).failure
    assert failure.startswith("AccessControlUnauthorizedAccount: account 0x")
    assert "neededRole REGISTRAR_ROLE" in failure
    with pytest.raises(StopError, match=r"account 0x\w{40}, neededRole REGISTRAR_ROLE$"):
        contracts.registration.suspend(1, by=Signer(contracts.node, Account.create()))


def test_a_hash_that_is_none_is_said(contracts):
    with pytest.raises(SkipError, match="has no transaction 0x" + "00" * 32):
        trace_transaction(contracts, "0x" + "00" * 32)


def test_what_a_supplier_cannot_pay_is_told_as_owed_and_as_paid_later():
    """The supplier has 0.01 EUR; a surplus of 0.0786 EUR is settled; then it pays in, and what it owes is paid."""
    ledger = EmbeddedLedger(
        MarketParameters(900, ring_size=16, deadline_seconds=600), now=SLOTS[0] * 900 - 900
    )
    farm = ledger.register()
    ledger.deposit(farm, 10**9)
    ledger.deposit_supplier(10**7)
    ledger.publish(SLOTS[0], TERMS, {farm: 5_000}, {farm: 5_000})
    ledger.advance_to((SLOTS[0] + 1) * 900)
    ledger.submit_reading(SLOTS[0], farm, -1_000)
    ledger.settle(SLOTS[0], farm)
    contracts = CommunityContracts(ledger.node, ledger.deployment)
    history = History(contracts.node, contracts.clients)
    chronicle = Chronicle(history.read(0, history.last_block()))
    seat = trace_seat(
        chronicle, farm, SLOTS[0], contracts.tick_size, position_on_chain(contracts, farm, SLOTS[0])
    )
    assert seat.faults == ()
    assert (
        seat.settlements[0].settlement.owed_neur == 78_600_000 - 10**7 == contracts.trading.owed_to_neur(farm)
    )
    traced = trace_slot(chronicle, SLOTS[0], contracts.tick_size)
    assert (traced.residual_neur, traced.owed_neur) == (0, 68_600_000)
    ledger.deposit_supplier(10**9)
    contracts.trading.pay_owed(farm, by=ledger._require_authority())
    chronicle = Chronicle(history.read(0, history.last_block()))
    account = statement(chronicle, farm, contracts.trading.balance_of(farm))
    assert account.faults == []
    assert account.balance_neur == 10**9 + 78_600_000
    assert [line.movement.what for line in account.lines] == [
        "deposited",
        "settled",
        "paid by the supplier, which owed it",
    ]
