"""The participants' register: soulbound, by the registrar alone, copied to the market at once."""

import pytest
from eth_account import Account

from gridbid.chain.contract_ledger import ParticipantKeys
from gridbid.chain.embedded_ledger import EmbeddedLedger
from gridbid.chain.errors import StopError
from gridbid.chain.rpc import Signer

ERC_165, ERC_721, ERC_5192 = "01ffc9a7", "80ac58cd", "b45a3c0e"


def address_of(market: EmbeddedLedger, participant: int) -> str:
    return market._signer(participant).address


def test_no_route_moves_a_token(market: EmbeddedLedger):
    registration = market.deployment.registration
    owner, other = market._signer(1), market._signer(2)
    calls = [
        (owner, "transferFrom", owner.address, other.address, 1),
        (owner, "safeTransferFrom", owner.address, other.address, 1),
        (owner, "safeTransferFrom", owner.address, other.address, 1, b""),
        (owner, "approve", other.address, 1),
        (owner, "setApprovalForAll", other.address, True),
        (other, "transferFrom", owner.address, other.address, 1),
    ]
    for sender, function, *arguments in calls:
        with pytest.raises(StopError, match="Soulbound"):
            sender.transact(registration, function, *arguments)
    assert market.node.call(registration, "ownerOf", 1)[0] == owner.address.lower()


def test_it_says_that_its_tokens_are_locked(market: EmbeddedLedger):
    registration = market.deployment.registration
    assert market.node.call(registration, "locked", 1) == (True,)
    with pytest.raises(StopError, match="ERC721NonexistentToken"):
        market.node.call(registration, "locked", 3)
    for interface in (ERC_165, ERC_721, ERC_5192):
        assert market.node.call(registration, "supportsInterface", bytes.fromhex(interface)) == (True,)
    assert market.node.call(registration, "supportsInterface", b"\xff\xff\xff\xff") == (False,)


def test_one_account_is_one_participant(market: EmbeddedLedger):
    authority, registration = market._require_authority(), market.deployment.registration
    meter = Account.create().address
    with pytest.raises(StopError, match="AlreadyRegistered"):
        authority.transact(registration, "register", address_of(market, 1), meter)
    for account, key in (("0x" + "00" * 20, meter), (meter, "0x" + "00" * 20)):
        with pytest.raises(StopError, match="ZeroAddress"):
            authority.transact(registration, "register", account, key)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("register", ["0x" + "11" * 20, "0x" + "22" * 20]),
        ("suspend", [1]),
        ("reinstate", [1]),
        ("rotateMeterKey", [1, "0x" + "22" * 20]),
        ("addObserver", ["0x" + "22" * 20]),
    ],
)
def test_strangers_may_change_nothing(market: EmbeddedLedger, function: str, arguments: list[object]):
    stranger = Signer(market.node, Account.create())
    with pytest.raises(StopError, match="AccessControlUnauthorizedAccount"):
        stranger.transact(market.deployment.registration, function, *arguments)


def test_a_rotated_meter_key_replaces_the_old_one(market: EmbeddedLedger):
    new_key = Account.create()
    market._require_authority().transact(market.deployment.registration, "rotateMeterKey", 1, new_key.address)
    market.advance_to(900)
    with pytest.raises(StopError, match="WrongMeterKey"):
        market.submit_reading(0, 1, 5)
    market.hold(1, ParticipantKeys(market._signer(1).account, new_key))
    market.submit_reading(0, 1, 5)


def test_anyone_may_have_the_market_look_again(market: EmbeddedLedger):
    stranger = Signer(market.node, Account.create())
    stranger.transact(market.market, "sync", 1)
    assert market.balance(1) == 1_000 * 10**9
    with pytest.raises(StopError, match="UnknownParticipant"):
        stranger.transact(market.market, "sync", 3)
