"""The register of policy bundles: anybody publishes, an approver approves, both revoke for good."""

import pytest
from eth_account import Account
from eth_utils.address import to_checksum_address

from gridbid.chain.errors import StopError
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.chain.rpc.node import Signer

BUNDLE, SCHEMA = bytes.fromhex("b1" * 32), bytes.fromhex("5c" * 32)
URI = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"


@pytest.fixture
def ledger() -> EmbeddedLedger:
    return EmbeddedLedger(now=500)


@pytest.fixture
def publisher(ledger: EmbeddedLedger) -> Signer:
    signer = Signer(ledger.node, Account.create())
    signer.transact(ledger.deployment.models, "publish", BUNDLE, URI, SCHEMA)
    return signer


def approved(ledger: EmbeddedLedger) -> bool:
    return bool(ledger.node.call(ledger.deployment.models, "isApproved", BUNDLE)[0])


def test_what_is_published_is_told_in_full(ledger: EmbeddedLedger, publisher: Signer):
    who, when, status, schema, uri = ledger.node.call(ledger.deployment.models, "modelOf", BUNDLE)[0]
    assert (to_checksum_address(who), when, status, schema, uri) == (publisher.address, 500, 1, SCHEMA, URI)
    assert not approved(ledger)


def test_a_hash_is_published_once(ledger: EmbeddedLedger, publisher: Signer):
    with pytest.raises(StopError, match="ModelAlreadyPublished"):
        Signer(ledger.node, Account.create()).transact(
            ledger.deployment.models, "publish", BUNDLE, URI, SCHEMA
        )
    with pytest.raises(StopError, match="ZeroHash"):
        publisher.transact(ledger.deployment.models, "publish", bytes(32), URI, SCHEMA)


def test_who_approves_is_the_approver(ledger: EmbeddedLedger, publisher: Signer):
    with pytest.raises(StopError, match="AccessControlUnauthorizedAccount"):
        publisher.transact(ledger.deployment.models, "approve", BUNDLE)
    ledger._require_authority().transact(ledger.deployment.models, "approve", BUNDLE)
    assert approved(ledger)


def test_what_is_not_published_cannot_be_approved(ledger: EmbeddedLedger):
    with pytest.raises(StopError, match="ModelNotInStatus"):
        ledger._require_authority().transact(ledger.deployment.models, "approve", BUNDLE)


@pytest.mark.parametrize("by_publisher", [True, False])
def test_what_is_revoked_stays_so(ledger: EmbeddedLedger, publisher: Signer, by_publisher: bool):
    authority, models = ledger._require_authority(), ledger.deployment.models
    authority.transact(models, "approve", BUNDLE)
    (publisher if by_publisher else authority).transact(models, "revoke", BUNDLE)
    assert not approved(ledger)
    for function in ("approve", "revoke"):
        with pytest.raises(StopError, match=r"ModelNotInStatus: .* status 3"):
            authority.transact(models, function, BUNDLE)


def test_strangers_revoke_nothing(ledger: EmbeddedLedger, publisher: Signer):
    with pytest.raises(StopError, match="NotYourModel"):
        Signer(ledger.node, Account.create()).transact(ledger.deployment.models, "revoke", BUNDLE)
