"""A market on contracts, for the tests of this folder."""

import pytest

from gridbid.chain.deployment.deploy import MarketParameters
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger


@pytest.fixture
def market() -> EmbeddedLedger:
    """Contracts with slots of 900 s in a ring of 4, and participants 1 and 2 with 1 000 EUR each."""
    ledger = EmbeddedLedger(MarketParameters(900, ring_size=4, deadline_seconds=600))
    for _ in range(2):
        ledger.deposit(ledger.register(), 1_000 * 10**9)
    return ledger
