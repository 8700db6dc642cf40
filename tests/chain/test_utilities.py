"""Licences of suppliers and operators: by the regulator, for a country and a time."""

import pytest
from eth_account import Account

from gridbid.chain.deployment.deploy import MarketParameters
from gridbid.chain.errors import StopError
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.chain.rpc.node import Receipt, Signer

UTILITY = "0x" + "11" * 20
SUPPLY, OPERATION = 0, 1
DOCUMENT = bytes.fromhex("cc" * 32)


@pytest.fixture
def ledger() -> EmbeddedLedger:
    return EmbeddedLedger(MarketParameters(jurisdiction="AT"), now=1_000)


def regulate(ledger: EmbeddedLedger, function: str, *arguments: object) -> Receipt:
    return ledger._require_authority().transact(ledger.deployment.utilities, function, *arguments)


def licensed(ledger: EmbeddedLedger, activity: int = SUPPLY) -> bool:
    return bool(ledger.node.call(ledger.deployment.utilities, "isLicensed", UTILITY, activity)[0])


def grant(ledger: EmbeddedLedger, jurisdiction: bytes = b"AT", since: int = 0, until: int = 5_000) -> None:
    regulate(ledger, "grantLicence", UTILITY, SUPPLY, jurisdiction, since, until, DOCUMENT)


def test_a_licence_is_for_one_activity(ledger: EmbeddedLedger):
    assert not licensed(ledger)
    grant(ledger)
    assert licensed(ledger)
    assert not licensed(ledger, OPERATION)


def test_a_licence_holds_from_its_first_second_until_its_last(ledger: EmbeddedLedger):
    grant(ledger, since=2_000, until=3_000)
    held = {}
    for now in (1_999, 2_000, 2_999, 3_000):
        ledger.advance_to(now)
        held[now] = licensed(ledger)
    assert held == {1_999: False, 2_000: True, 2_999: True, 3_000: False}


def test_only_licences_of_the_communitys_country_count(ledger: EmbeddedLedger):
    assert ledger.node.call(ledger.deployment.utilities, "communityJurisdiction") == (b"AT",)
    grant(ledger, b"DE")
    assert not licensed(ledger)
    licence = ledger.node.call(ledger.deployment.utilities, "licenceOf", UTILITY, SUPPLY, b"DE")[0]
    assert licence == (1, 0, 5_000, DOCUMENT)


def test_what_is_suspended_can_be_reinstated_and_what_is_revoked_cannot(ledger: EmbeddedLedger):
    licence = (UTILITY, SUPPLY, b"AT")
    grant(ledger)
    regulate(ledger, "suspendLicence", *licence)
    assert not licensed(ledger)
    with pytest.raises(StopError, match="LicenceNotInStatus: status 2, needed 1"):
        regulate(ledger, "suspendLicence", *licence)
    regulate(ledger, "reinstateLicence", *licence)
    assert licensed(ledger)
    regulate(ledger, "suspendLicence", *licence)
    regulate(ledger, "revokeLicence", *licence)
    for function in ("reinstateLicence", "suspendLicence", "revokeLicence"):
        with pytest.raises(StopError, match="LicenceNotInStatus: status 3"):
            regulate(ledger, function, *licence)
    assert not licensed(ledger)
    grant(ledger)
    assert licensed(ledger)


@pytest.mark.parametrize("code", [b"de", b"D1", b"D\0", b"@A", b"[A"])
def test_a_country_has_two_capital_letters(ledger: EmbeddedLedger, code: bytes):
    with pytest.raises(StopError, match="BadJurisdiction"):
        grant(ledger, code)


def test_a_licence_needs_somebody_and_some_time(ledger: EmbeddedLedger):
    with pytest.raises(StopError, match="ZeroUtility"):
        regulate(ledger, "grantLicence", "0x" + "00" * 20, SUPPLY, b"AT", 0, 1, DOCUMENT)
    with pytest.raises(StopError, match="BadValidity: validFrom 7, validUntil 7"):
        grant(ledger, since=7, until=7)


@pytest.mark.parametrize("function", ["grantLicence", "suspendLicence", "reinstateLicence", "revokeLicence"])
def test_only_the_regulator_decides(ledger: EmbeddedLedger, function: str):
    arguments = [UTILITY, SUPPLY, b"AT", *([0, 9, DOCUMENT] if function == "grantLicence" else [])]
    stranger = Signer(ledger.node, Account.create())
    with pytest.raises(StopError, match="AccessControlUnauthorizedAccount"):
        stranger.transact(ledger.deployment.utilities, function, *arguments)


@pytest.mark.parametrize("code", ["de", "DEU", "", "1A", "ÄÖ"])
def test_a_deployments_country_is_checked_before(code: str):
    with pytest.raises(ValueError, match="two capital letters"):
        MarketParameters(jurisdiction=code)
