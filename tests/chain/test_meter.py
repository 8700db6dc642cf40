"""Signed readings: the digest, and what the oracle refuses."""

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from gridbid.chain.embedded_ledger import EmbeddedLedger
from gridbid.chain.errors import LedgerError, StopError
from gridbid.chain.meter import Reading, reading_digest, sign_reading
from gridbid.chain.rpc import Signer

ORACLE_ADDRESS = "0x1234567890123456789012345678901234567890"
CURVE_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141


def signed(market: EmbeddedLedger, reading: Reading) -> bytes:
    return sign_reading(
        reading,
        market._meter_keys[reading.participant],
        market.node.chain_id,
        market.deployment.oracle_address,
    )


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(-(2**63), 2**63 - 1))
def test_a_wallet_signs_the_same_reading_alike(participant: int, slot: int, reading_wh: int):
    """eth-account's own EIP-712 encoder is the reference."""
    key = Account.from_key("0x" + "07" * 32)
    message = encode_typed_data(
        {
            "name": "Gridbid MeterOracle",
            "version": "1",
            "chainId": 5,
            "verifyingContract": ORACLE_ADDRESS,
        },
        {
            "Reading": [
                {"name": "participant", "type": "uint32"},
                {"name": "slot", "type": "uint32"},
                {"name": "readingWh", "type": "int64"},
            ]
        },
        {"participant": participant, "slot": slot, "readingWh": reading_wh},
    )
    signature = sign_reading(Reading(participant, slot, reading_wh), key, 5, ORACLE_ADDRESS)
    assert signature == key.sign_message(message).signature


def test_the_oracle_computes_the_same_digest(market: EmbeddedLedger):
    oracle = market.deployment.oracle
    digest = market.node.call(oracle, "digestOf", (1, 7, -900))[0]
    assert digest == reading_digest(Reading(1, 7, -900), market.node.chain_id, oracle.address)


def test_anyone_may_bring_signed_readings_one_or_many(market: EmbeddedLedger):
    market.advance_to(2 * 900)
    readings = [Reading(1, 0, 5), Reading(2, 0, -7), Reading(1, 1, 9)]
    stranger = Signer(market.node, Account.create())
    oracle = market.deployment.oracle
    words = [(reading.participant, reading.slot, reading.reading_wh) for reading in readings]
    signatures = [signed(market, reading) for reading in readings]
    stranger.transact(oracle, "submitMany", words[:2], signatures[:2])
    stranger.transact(oracle, "submit", words[2], signatures[2])
    for participant, slot, reading_wh in words:
        assert market.node.call(oracle, "readingOf", participant, slot) == (2, reading_wh)
    with pytest.raises(StopError, match="LengthsDiffer"):
        stranger.transact(oracle, "submitMany", words, signatures[:2])


def test_a_batch_is_taken_whole_or_not_at_all(market: EmbeddedLedger):
    market.advance_to(900)
    good, early = Reading(1, 0, 5), Reading(2, 1, 5)
    words = [(reading.participant, reading.slot, reading.reading_wh) for reading in (good, early)]
    with pytest.raises(LedgerError, match="TooEarly"):
        market._signer(1).transact(
            market.deployment.oracle, "submitMany", words, [signed(market, good), signed(market, early)]
        )
    assert market.node.call(market.deployment.oracle, "readingOf", 1, 0) == (0, 0)


@pytest.mark.parametrize(
    "claimed",
    [Reading(2, 0, 5), Reading(1, 0, 6), Reading(1, 1, 5), Reading(3, 0, 5)],
    ids=["another participant", "another energy", "another slot", "nobody"],
)
def test_a_signature_is_for_its_reading_alone(market: EmbeddedLedger, claimed: Reading):
    market.advance_to(3 * 900)
    signature = signed(market, Reading(1, 0, 5))
    word = (claimed.participant, claimed.slot, claimed.reading_wh)
    with pytest.raises(StopError, match="WrongMeterKey"):
        market._signer(1).transact(market.deployment.oracle, "submit", word, signature)


@pytest.mark.parametrize(("chain_id", "oracle_address"), [(1, None), (31_337, ORACLE_ADDRESS)])
def test_a_signature_is_for_its_oracle_and_chain_alone(
    market: EmbeddedLedger, chain_id: int, oracle_address: str | None
):
    market.advance_to(900)
    reading = Reading(1, 0, 5)
    address = oracle_address or market.deployment.oracle_address
    signature = sign_reading(reading, market._meter_keys[1], chain_id, address)
    with pytest.raises(StopError, match="WrongMeterKey"):
        market._signer(1).transact(market.deployment.oracle, "submit", (1, 0, 5), signature)


def test_the_other_form_of_a_signature_is_refused(market: EmbeddedLedger):
    """(r, n - s) signs as well; taking both would make a signature's hash worthless as its name."""
    market.advance_to(900)
    signature = signed(market, Reading(1, 0, 5))
    s = CURVE_ORDER - int.from_bytes(signature[32:64])
    other = signature[:32] + s.to_bytes(32) + bytes([55 - signature[64]])
    with pytest.raises(StopError, match="ECDSAInvalidSignatureS"):
        market._signer(1).transact(market.deployment.oracle, "submit", (1, 0, 5), other)


def test_a_replay_is_refused(market: EmbeddedLedger):
    market.advance_to(900)
    market.submit_reading(0, 1, 5)
    with pytest.raises(LedgerError, match="AlreadyRead: participant 1, slot 0"):
        market.submit_reading(0, 1, 5)


def test_only_the_keeper_substitutes(market: EmbeddedLedger):
    market.advance_to(900 + 600)
    with pytest.raises(StopError, match="AccessControlUnauthorizedAccount"):
        market._signer(1).transact(market.deployment.oracle, "substitute", (1, 0, 5))
