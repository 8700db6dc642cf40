"""What settles without a reading, and what the supplier's balance is held for."""

import pytest

from gridbid.chain.errors import LedgerError, SkipError
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.market.types import Side, Terms

TERMS = Terms(retail=400_000, feed_in=80_000, fee=50_000, floor=80_000, price_cap=500_000)
LIMITS = {1: 1_000, 2: 1_000}
SUPPLY = 0
"""The activity that a supplier's licence is for."""
FINAL = 2 * 900 + 4 * 86_400
"""When nothing of slot 1 can change any more, seconds."""


def traded(market: EmbeddedLedger) -> None:
    """Participant 1 sells 300 Wh to participant 2 in slot 1, at 280 000 nEUR/Wh."""
    market.publish(1, TERMS, LIMITS, LIMITS)
    market.place(1, 1, Side.SELL, 100, 300)
    market.place(1, 2, Side.BUY, 100, 300)


def close_silent(market: EmbeddedLedger) -> None:
    market._signer(2).transact(market.market, "closeSilent", 1, [1, 2])


def test_silent_seats_are_closed_at_their_position_when_no_reading_can_come(market: EmbeddedLedger):
    traded(market)
    before = market.balance(1), market.balance(2)
    market.advance_to(FINAL)
    with pytest.raises(LedgerError, match=f"StillOpen: slot 1, until {FINAL}"):
        close_silent(market)
    market.advance_to(FINAL + 1)
    close_silent(market)
    assert market.balance(1) - before[0] == 300 * 280_000
    assert market.balance(2) - before[1] == -300 * (280_000 + 50_000)
    assert market.node.call(market.market, "termsOf", 1)[1] == 0
    assert market.position(1, 1).reading_wh == -300
    with pytest.raises(SkipError, match="NothingToSettle"):
        market.settle(1, 1)


def test_closing_settles_those_who_were_read(market: EmbeddedLedger):
    traded(market)
    market.advance_to(2 * 900)
    market.submit_reading(1, 1, -200)
    market.advance_to(FINAL + 1)
    close_silent(market)
    assert market.position(1, 1).reading_wh == -200
    assert market.supplier_balance() == 100 * 400_000


def test_a_slot_is_settled_by_accounts_as_by_numbers(market: EmbeddedLedger):
    market.deposit_supplier(10**9)
    traded(market)
    market.advance_to(2 * 900)
    for participant in (1, 2):
        market.submit_reading(1, participant, 0)
    accounts = [market._signer(participant).address for participant in (1, 2)]
    nobody = "0x" + "12" * 20
    market._signer(1).transact(
        market.market, "settleAccounts", 1, [accounts[1], nobody, accounts[0], accounts[0]]
    )
    assert market.balance(1) == 1_000 * 10**9 + 300 * 280_000 - 300 * 400_000
    assert market.balance(2) == 1_000 * 10**9 - 300 * 330_000 + 300 * 80_000
    assert market.node.call(market.market, "termsOf", 1)[1] == 0


def test_credit_lines_are_held_from_the_supplier_until_they_are_settled(market: EmbeddedLedger):
    with pytest.raises(SkipError, match="InsufficientCredit: availableNeur 0, amountNeur 5000000"):
        market.publish(1, TERMS, LIMITS, LIMITS, {1: 5_999_999})
    market.deposit_supplier(7_000_000)
    market.publish(1, TERMS, LIMITS, LIMITS, {1: 5_999_999})
    assert market.node.call(market.market, "obligations") == (0, 5_000_000, 0)
    authority, payee = market._require_authority(), market._signer(1).address
    licence = (authority.address, SUPPLY, b"DE", 0, 2**40, bytes(32))
    authority.transact(market.deployment.utilities, "grantLicence", *licence)
    withdrawal = ("withdrawSupplier", payee, 2_000_001)
    with pytest.raises(SkipError, match="InsufficientCredit: availableNeur 2000000"):
        authority.transact(market.market, *withdrawal)
    market.advance_to(2 * 900)
    market.submit_reading(1, 1, 0)
    market.settle(1, 1)
    authority.transact(market.market, *withdrawal)
    assert market.supplier_balance() == 4_999_999


def test_who_is_owed_nothing_is_paid_nothing(market: EmbeddedLedger):
    with pytest.raises(SkipError, match="NothingToPay: participant 1, owedNeur 0"):
        market._signer(2).transact(market.market, "payOwed", 1)
