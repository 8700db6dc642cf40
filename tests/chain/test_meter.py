"""Signed readings: the digest, what the oracle keeps, and which reading holds."""

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount
from hypothesis import given
from hypothesis import strategies as st

from gridbid.chain.errors import LedgerError, StopError
from gridbid.chain.ledgers.contract_ledger import ParticipantKeys
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.chain.rpc.node import Signer
from gridbid.chain.signing.meter import (
    READING_FIELDS,
    Meter,
    Reading,
    pack_readings,
    reading_digest,
    short_signature,
    sign_reading,
)
from gridbid.market.types import Quality

ORACLE_ADDRESS = "0x1234567890123456789012345678901234567890"
CURVE_ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
DAY = 86_400
REASON = b"a reason".ljust(32, b"\0")
COUNTED = Reading(1, 0, import_start_wh=100, import_end_wh=105, export_start_wh=7, export_end_wh=7)


def signed(market: EmbeddedLedger, reading: Reading, key: LocalAccount | None = None) -> bytes:
    key = key or market._meters[reading.meter].key
    return sign_reading(reading, key, market.node.chain_id, market.deployment.oracle.address)


def submit(market: EmbeddedLedger, reading: Reading, signature: bytes) -> None:
    """Brought by somebody who has nothing to do with it."""
    stranger = Signer(market.node, Account.create())
    oracle = market.deployment.oracle
    stranger.transact(oracle, "submit", reading.words, signature[:32], signature[32:])


def submit_many(market: EmbeddedLedger, slot: int, packed: bytes) -> None:
    Signer(market.node, Account.create()).transact(market.deployment.oracle, "submitMany", slot, packed)


def reading_of(market: EmbeddedLedger, participant: int, slot: int) -> tuple[int, int]:
    return market.node.call(market.deployment.oracle, "readingOf", participant, slot)


def rule_as_authority(market: EmbeddedLedger, function: str, *arguments: object) -> None:
    market._require_authority().transact(market.deployment.oracle, function, *arguments)


registers = st.integers(0, 2**64 - 1)
numbers = st.integers(0, 2**32 - 1)


@given(st.builds(Reading, numbers, numbers, registers, registers, registers, registers, numbers))
def test_a_wallet_signs_the_same_reading_alike(reading: Reading):
    """eth-account's own EIP-712 encoder is the reference."""
    key = Account.from_key("0x" + "07" * 32)
    message = encode_typed_data(
        {
            "name": "Gridbid MeterOracle",
            "version": "1",
            "chainId": 5,
            "verifyingContract": ORACLE_ADDRESS,
        },
        {"Reading": [{"name": name, "type": kind} for kind, name in READING_FIELDS]},
        dict(zip((name for _, name in READING_FIELDS), reading.words, strict=True)),
    )
    expected = short_signature(bytes(key.sign_message(message).signature))
    assert sign_reading(reading, key, 5, ORACLE_ADDRESS) == expected


def test_the_oracle_computes_the_same_digest(market: EmbeddedLedger):
    oracle = market.deployment.oracle
    digest = market.node.call(oracle, "digestOf", COUNTED.words)[0]
    assert digest == reading_digest(COUNTED, market.node.chain_id, oracle.address)


def test_a_meter_counts_on_from_where_it_stood():
    meter = Meter(3, Account.create())
    first = meter.read(5, 20)
    meter.count(first)
    meter.count(meter.correct(5, 25))
    second = meter.read(6, -7)
    assert (first.import_end_wh, second.import_start_wh, second.export_end_wh) == (20, 20, 7)
    assert meter.readings[5] == Reading(3, 5, 0, 25, 0, 0, sequence=2)
    assert (meter.readings[5].reading_wh, second.reading_wh) == (25, -7)


def test_anyone_may_bring_signed_readings_one_or_many(market: EmbeddedLedger):
    market.advance_to(2 * 900)
    readings = [COUNTED, Reading(2, 0, 0, 0, 50, 57), Reading(1, 1, 105, 114, 7, 7)]
    submit_many(market, 0, pack_readings([(reading, signed(market, reading)) for reading in readings[:2]]))
    submit(market, readings[2], signed(market, readings[2]))
    for reading in readings:
        assert reading_of(market, reading.meter, reading.slot) == (Quality.METERED, reading.reading_wh)


def test_a_batch_leaves_out_what_is_known_and_counts_no_stranger(market: EmbeddedLedger):
    market.advance_to(900)
    other = Reading(2, 0, 0, 8, 0, 0)
    submit(market, COUNTED, signed(market, COUNTED))
    batch = [(COUNTED, signed(market, COUNTED)), (other, signed(market, other, Account.create()))]
    submit_many(market, 0, pack_readings(batch))
    assert reading_of(market, 1, 0) == (Quality.METERED, 5)
    assert reading_of(market, 2, 0) == (Quality.NONE, 0)
    with pytest.raises(StopError, match="BadBatch: length 95"):
        submit_many(market, 0, bytes(95))


@pytest.mark.parametrize(
    "claimed",
    [
        Reading(2, 0, 100, 105, 7, 7),
        Reading(1, 0, 100, 106, 7, 7),
        Reading(1, 0, 101, 106, 7, 7),
        Reading(1, 1, 100, 105, 7, 7),
        Reading(1, 0, 100, 105, 7, 7, sequence=2),
        Reading(3, 0, 100, 105, 7, 7),
    ],
    ids=["another meter", "another energy", "other registers", "another slot", "another sequence", "nobody"],
)
def test_a_signature_is_for_its_reading_alone(market: EmbeddedLedger, claimed: Reading):
    market.advance_to(3 * 900)
    with pytest.raises(StopError, match="WrongMeterKey"):
        submit(market, claimed, signed(market, COUNTED))


@pytest.mark.parametrize(("chain_id", "oracle_address"), [(1, None), (31_337, ORACLE_ADDRESS)])
def test_a_signature_is_for_its_oracle_and_chain_alone(
    market: EmbeddedLedger, chain_id: int, oracle_address: str | None
):
    market.advance_to(900)
    address = oracle_address or market.deployment.oracle.address
    with pytest.raises(StopError, match="WrongMeterKey"):
        submit(market, COUNTED, sign_reading(COUNTED, market._meters[1].key, chain_id, address))


def test_an_s_in_the_upper_half_is_refused(market: EmbeddedLedger):
    """Where (r, s) signs, (r, n - s) does as well: taking both would make a signature's hash worthless as its name."""
    market.advance_to(900)
    upper_s = CURVE_ORDER // 2 + 1
    with pytest.raises(StopError, match="ECDSAInvalidSignatureS"):
        submit(market, COUNTED, signed(market, COUNTED)[:32] + upper_s.to_bytes(32))


def test_a_signature_of_nobody_is_refused(market: EmbeddedLedger):
    market.advance_to(900)
    with pytest.raises(StopError, match="ECDSAInvalidSignature"):
        submit(market, COUNTED, bytes(64))


def test_a_replay_is_refused_and_a_later_sequence_corrects(market: EmbeddedLedger):
    market.advance_to(900)
    market.submit_reading(0, 1, 5)
    with pytest.raises(LedgerError, match="AlreadyRead: meter 1, slot 0"):
        market.submit_reading(0, 1, 6)
    market.correct_reading(0, 1, 9)
    assert reading_of(market, 1, 0) == (Quality.METERED, 9)
    market.advance_to(900 + DAY + 1)
    with pytest.raises(LedgerError, match="AlreadyRead"):
        market.correct_reading(0, 1, 10)


def test_a_reading_is_brought_after_its_slot_and_before_it_is_stale(market: EmbeddedLedger):
    market.advance_to(899)
    with pytest.raises(LedgerError, match="TooEarly: slot 0, from 900"):
        market.submit_reading(0, 1, 5)
    market.advance_to(900 + 2 * DAY + 1)
    with pytest.raises(LedgerError, match=f"TooLate: slot 0, until {900 + 2 * DAY}"):
        market.submit_reading(0, 1, 5)


@pytest.mark.parametrize(
    ("reading", "error"),
    [
        (Reading(1, 0, 5, 4, 0, 0), "RegisterRunsBackwards: startWh 5, endWh 4"),
        (Reading(1, 0, 0, 0, 9, 8), "RegisterRunsBackwards"),
        (Reading(1, 0, 0, 2**30, 0, 0), "ReadingOutOfRange"),
        (Reading(1, 0, 2**48 - 1, 2**48, 0, 0), "RegisterOutOfRange"),
    ],
)
def test_registers_count_up_within_their_range(market: EmbeddedLedger, reading: Reading, error: str):
    market.advance_to(900)
    with pytest.raises(StopError, match=error):
        submit(market, reading, signed(market, reading))


def test_registers_that_contradict_the_slot_before_may_be_challenged_by_anyone(market: EmbeddedLedger):
    market.advance_to(1_800)
    for reading in (COUNTED, Reading(1, 1, 104, 110, 7, 7)):
        submit(market, reading, signed(market, reading))
    oracle = market.deployment.oracle
    assert [market.node.call(oracle, "runsBackwards", 1, slot)[0] for slot in (0, 1)] == [False, True]
    stranger = Signer(market.node, Account.create())
    stranger.transact(oracle, "challenge", 1, 1, REASON)
    with pytest.raises(StopError, match="NotYourReading"):
        stranger.transact(oracle, "challenge", 1, 0, REASON)


def test_a_new_key_holds_from_the_running_slot_on(market: EmbeddedLedger):
    old, new = market._meters[1].key, Account.create()
    market.advance_to(2 * 900)
    registration = market.deployment.registration
    market._require_authority().transact(registration, "rotateMeterKey", 1, new.address)
    market.advance_to(3 * 900)
    readings = {slot: Reading(1, slot, 0, slot + 1, 0, 0) for slot in (0, 1, 2)}
    for slot, right, wrong in ((0, old, new), (1, old, new), (2, new, old)):
        with pytest.raises(StopError, match="WrongMeterKey"):
            submit(market, readings[slot], signed(market, readings[slot], wrong))
        submit(market, readings[slot], signed(market, readings[slot], right))
        assert reading_of(market, 1, slot) == (Quality.METERED, slot + 1)


def test_several_reporters_come_to_the_lower_median_of_what_is_plausible(market: EmbeddedLedger):
    others = [Account.create() for _ in range(3)]
    rule_as_authority(market, "setReporters", 1, [other.address for other in others], 2, 1_000)
    market.advance_to(900)
    expected = {900: (Quality.NONE, 0), 40: (Quality.METERED, 40), 1_001: (Quality.METERED, 40)}
    for key, reading_wh in zip([market._meters[1].key, *others], [900, 40, 1_001, 60], strict=True):
        reading = Reading(1, 0, 0, reading_wh, 0, 0)
        submit(market, reading, signed(market, reading, key))
        assert reading_of(market, 1, 0) == expected.get(reading_wh, (Quality.METERED, 60))


@pytest.mark.parametrize(
    ("keys", "quorum", "plausible_wh", "error"),
    [
        (["0x" + f"{number:040x}" for number in range(1, 8)], 1, 5, "TooManyReporters: most 7"),
        (["0x" + "11" * 20] * 2, 1, 5, "DuplicateReporter"),
        (["0x" + "00" * 20], 1, 5, "ZeroReporter"),
        ([], 2, 5, "BadQuorum: quorum 2, reporters 1"),
        ([], 0, 5, "BadQuorum"),
        ([], 1, 0, "PlausibleBoundOutOfRange"),
    ],
)
def test_reporters_that_make_no_sense_are_refused(
    market: EmbeddedLedger, keys: list[str], quorum: int, plausible_wh: int, error: str
):
    with pytest.raises(StopError, match=error):
        rule_as_authority(market, "setReporters", 1, keys, quorum, plausible_wh)


def test_an_implausible_reading_counts_as_missing_and_may_be_substituted(market: EmbeddedLedger):
    rule_as_authority(market, "setReporters", 1, [], 1, 1_000)
    market.advance_to(900 + 600)
    market.submit_reading(0, 1, 1_001)
    assert reading_of(market, 1, 0) == (Quality.NONE, 0)
    market.substitute_reading(0, 1, 300)
    assert reading_of(market, 1, 0) == (Quality.SUBSTITUTE, 300)
    market.correct_reading(0, 1, 1_000)
    assert reading_of(market, 1, 0) == (Quality.METERED, 1_000)


def test_a_challenge_flags_and_a_ruling_supersedes(market: EmbeddedLedger):
    oracle, member, other = market.deployment.oracle, market._signer(1), market._signer(2)
    market.advance_to(900)
    market.submit_reading(0, 1, 5)
    with pytest.raises(StopError, match="NotChallenged"):
        rule_as_authority(market, "rule", 1, 0, 4, REASON)
    with pytest.raises(StopError, match="NotYourReading"):
        other.transact(oracle, "challenge", 1, 0, REASON)
    member.transact(oracle, "challenge", 1, 0, REASON)
    assert reading_of(market, 1, 0) == (Quality.METERED, 5)
    with pytest.raises(StopError, match="AlreadyChallenged"):
        member.transact(oracle, "challenge", 1, 0, REASON)
    rule_as_authority(market, "rule", 1, 0, -4, REASON)
    market.correct_reading(0, 1, 6)
    assert reading_of(market, 1, 0) == (Quality.RULED, -4)
    with pytest.raises(StopError, match="AlreadyRuled"):
        rule_as_authority(market, "rule", 1, 0, 4, REASON)


def test_a_reading_is_final_when_nothing_can_change_it_any_more(market: EmbeddedLedger):
    oracle = market.deployment.oracle
    market.advance_to(900)
    for participant in (1, 2):
        market.submit_reading(0, participant, 5)
    market._signer(2).transact(oracle, "challenge", 2, 0, REASON)
    final = [(900 + DAY, False, False), (901 + DAY, True, False), (901 + 4 * DAY, True, True)]
    for seconds, first, second in final:
        market.advance_to(seconds)
        assert market.node.call(oracle, "isFinal", 1, 0) == (first,)
        assert market.node.call(oracle, "isFinal", 2, 0) == (second,)
    assert market.node.call(oracle, "finalAt", 0) == (900 + 4 * DAY,)
    with pytest.raises(LedgerError, match="TooLate"):
        rule_as_authority(market, "rule", 2, 0, 4, REASON)
    with pytest.raises(LedgerError, match="TooLate"):
        market._signer(1).transact(oracle, "challenge", 1, 0, REASON)


def test_only_the_keeper_substitutes(market: EmbeddedLedger):
    market.advance_to(900 + 600)
    with pytest.raises(StopError, match="AccessControlUnauthorizedAccount"):
        market._signer(1).transact(market.deployment.oracle, "substitute", 1, 0, 5, REASON)


def test_a_key_that_is_held_anew_counts_from_zero(market: EmbeddedLedger):
    key = Account.create()
    market.hold(1, ParticipantKeys(market._signer(1).account, key))
    assert (market._meters[1].key, market._meters[1].import_wh) == (key, 0)
