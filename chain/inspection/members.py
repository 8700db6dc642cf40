"""The members of a community as their contracts show them."""

from typing import NamedTuple

from eth_utils.address import to_checksum_address

from gridbid.chain.clients.consumer_registration import Registered
from gridbid.chain.community_contracts import CommunityContracts
from gridbid.chain.records.history import History


class Member(NamedTuple):
    """One member's account."""

    participant: int
    account: str
    meter_key: str
    balance_neur: int
    available_neur: int
    """What no order and no trade holds."""
    wallet_neur: int
    """Credit in its own wallet, not paid in."""
    bond_neur: int
    """What it has deposited for sealed orders in the closing auction."""
    owed_neur: int
    """What the supplier owes it."""
    suspended: bool

    @property
    def debt_neur(self) -> int:
        """What it owes."""
        return max(0, -self.balance_neur)


def members(contracts: CommunityContracts) -> list[Member]:
    """All members that were ever registered, by their numbers."""
    history = History(contracts.node, {"ConsumerRegistration": contracts.registration})
    told = history.read(contracts.deployment.first_block, history.last_block())
    numbers = {entry.event.participant for entry in told if isinstance(entry.event, Registered)}
    return [_member(contracts, number) for number in sorted(numbers)]


def _member(contracts: CommunityContracts, participant: int) -> Member:
    account = to_checksum_address(contracts.registration.account_of(participant))
    return Member(
        participant,
        account,
        to_checksum_address(contracts.registration.meter_key_of(participant)),
        contracts.trading.balance_of(participant),
        contracts.trading.available_of(participant),
        contracts.token.balance_of(account),
        contracts.auction.bond_of(participant).total_neur,
        contracts.trading.owed_to_neur(participant),
        contracts.registration.is_suspended(participant),
    )
