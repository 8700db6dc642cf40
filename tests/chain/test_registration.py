"""The participants' register: soulbound, by the registrar alone, copied to the market at once."""

import pytest
from eth_account import Account

from gridbid.chain.deployment.governance import Decision, execute, propose
from gridbid.chain.errors import StopError
from gridbid.chain.ledgers.contract_ledger import ParticipantKeys
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.chain.rpc.node import Signer
from gridbid.market.types import Reject, Side, Terms

TERMS = Terms(retail=400_000, feed_in=80_000, fee=50_000, floor=80_000, price_cap=500_000)
LIMITS = {1: 1_000_000, 2: 1_000_000}
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
        ("removeObserver", ["0x" + "22" * 20]),
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


# --- identities (ERC-1056)


def hand_over(market: EmbeddedLedger, participant: int, new_owner: str) -> None:
    """The participant's account gives its identity to another account; nobody is told yet."""
    registration = market.deployment.registration
    identity = market.node.call(registration, "identityOf", participant)[0]
    identities = market.deployment.interface("EthereumDIDRegistry")
    market._signer(participant).transact(identities, "changeOwner", identity, new_owner)


def test_a_new_owner_of_the_identity_takes_the_account_over(market: EmbeddedLedger):
    registration, old, new = market.deployment.registration, market._signer(1), Account.create()
    hand_over(market, 1, new.address)
    assert market.node.call(registration, "accountOf", 1) == (old.address.lower(),)
    Signer(market.node, Account.create()).transact(registration, "sync", 1)
    assert market.node.call(registration, "accountOf", 1) == (new.address.lower(),)
    assert market.node.call(registration, "participantOf", new.address) == (1,)
    assert market.node.call(registration, "participantOf", old.address) == (0,)
    assert market.node.call(registration, "ownerOf", 1) == (old.address.lower(),)
    assert market.balance(1) == 1_000 * 10**9
    with pytest.raises(StopError, match="NotRegistered"):
        old.transact(market.market, "withdraw", 1)
    Signer(market.node, new).transact(market.market, "withdraw", 1_000 * 10**9)
    assert market.balance(1) == 0


def test_orders_stay_with_the_participant_when_its_account_changes(market: EmbeddedLedger):
    market.publish(1, TERMS, LIMITS, LIMITS)
    order = market.place(1, 1, Side.SELL, 100, 300).order
    new = Account.create()
    hand_over(market, 1, new.address)
    Signer(market.node, new).transact(market.deployment.registration, "sync", 1)
    assert market.place(1, 2, Side.BUY, 100, 100).fills[0].maker == 1
    Signer(market.node, new).transact(market.market, "cancel", order)
    assert market.book(1, Side.SELL) == []


def test_an_account_is_not_taken_from_another_participant(market: EmbeddedLedger):
    registration = market.deployment.registration
    hand_over(market, 1, address_of(market, 2))
    with pytest.raises(StopError, match="AlreadyRegistered"):
        market._signer(1).transact(registration, "sync", 1)
    market._signer(1).transact(market.market, "sync", 1)
    market.suspend(1)
    assert market.node.call(registration, "accountOf", 1) == (address_of(market, 1).lower(),)
    assert market.balance(2) == 1_000 * 10**9


def test_who_is_registered_is_the_owner_of_the_identity(market: EmbeddedLedger):
    identity, owner = Account.create(), Account.create().address
    identities = market.deployment.interface("EthereumDIDRegistry")
    Signer(market.node, identity).transact(identities, "changeOwner", identity.address, owner)
    registration, registrar = market.deployment.registration, market._require_authority()
    registrar.transact(registration, "register", identity.address, owner)
    assert market.node.call(registration, "participantOf", owner) == (3,)
    assert market.node.call(registration, "participantOf", identity.address) == (0,)
    for account in (identity.address, owner):
        with pytest.raises(StopError, match="AlreadyRegistered"):
            registrar.transact(registration, "register", account, owner)


# --- trading keys


def trading_key(market: EmbeddedLedger, key: str) -> tuple[int, ...]:
    return tuple(market.node.call(market.deployment.registration, "tradingKeyOf", key)[0])


def test_a_member_gives_a_key_limits_and_takes_them_back(market: EmbeddedLedger):
    registration, member, key = market.deployment.registration, market._signer(2), Account.create().address
    assert trading_key(market, key) == (0, 0, 0, 0)
    member.transact(registration, "setTradingKey", key, 500, 2_000, 9_000)
    assert trading_key(market, key) == (2, 9_000, 500, 2_000)
    member.transact(registration, "setTradingKey", key, 5, 20, 2**40 - 1)
    assert trading_key(market, key) == (2, 2**40 - 1, 5, 20)
    with pytest.raises(StopError, match="TradingKeyUnknown"):
        market._signer(1).transact(registration, "revokeTradingKey", key)
    member.transact(registration, "revokeTradingKey", key)
    assert trading_key(market, key) == (0, 0, 0, 0)


def test_a_key_is_one_members_until_it_expires(market: EmbeddedLedger):
    registration, key = market.deployment.registration, Account.create().address
    market._signer(1).transact(registration, "setTradingKey", key, 1, 1, 900)
    with pytest.raises(StopError, match=r"TradingKeyTaken: key .*, participant 1"):
        market._signer(2).transact(registration, "setTradingKey", key, 1, 1, 9_000)
    market.advance_to(900)
    market._signer(2).transact(registration, "setTradingKey", key, 1, 1, 9_000)
    assert trading_key(market, key)[0] == 2


def test_a_key_needs_a_member_and_time_to_come(market: EmbeddedLedger):
    registration, key = market.deployment.registration, Account.create().address
    with pytest.raises(StopError, match="NotAMember"):
        Signer(market.node, Account.create()).transact(registration, "setTradingKey", key, 1, 1, 900)
    with pytest.raises(StopError, match="NotAMember"):
        market._require_authority().transact(registration, "setTradingKey", key, 1, 1, 900)
    market.advance_to(900)
    with pytest.raises(StopError, match="TradingKeyExpired: expiresAt 900"):
        market._signer(1).transact(registration, "setTradingKey", key, 1, 1, 900)
    with pytest.raises(StopError, match="ZeroAddress"):
        market._signer(1).transact(registration, "setTradingKey", "0x" + "00" * 20, 1, 1, 901)


def test_keys_end_with_the_account_that_gave_them(market: EmbeddedLedger):
    registration, key, new = market.deployment.registration, Account.create().address, Account.create()
    market._signer(1).transact(registration, "setTradingKey", key, 1, 1, 900)
    hand_over(market, 1, new.address)
    owner = Signer(market.node, new)
    owner.transact(registration, "sync", 1)
    assert trading_key(market, key) == (0, 0, 0, 0)
    with pytest.raises(StopError, match="NotAMember"):
        market._signer(1).transact(registration, "setTradingKey", key, 1, 1, 900)
    owner.transact(registration, "setTradingKey", key, 1, 1, 900)
    assert trading_key(market, key)[0] == 1


# --- devices


def test_devices_are_noted_by_member_and_registrar(market: EmbeddedLedger):
    registration = market.deployment.registration
    battery, panels = b"\xba" * 32, b"\xbb" * 32
    market._signer(1).transact(registration, "addDevice", 1, battery, 2, 5_000)
    market._require_authority().transact(registration, "addDevice", 1, panels, 1, 9_800)
    assert market.node.call(registration, "devicesOf", 1)[0] == (battery, panels)
    assert market.node.call(registration, "deviceOf", battery)[0] == (1, 2, 5_000)
    market._require_authority().transact(registration, "removeDevice", battery)
    market._signer(1).transact(registration, "removeDevice", panels)
    assert market.node.call(registration, "devicesOf", 1)[0] == ()
    with pytest.raises(StopError, match="DeviceUnknown"):
        market._signer(1).transact(registration, "removeDevice", panels)


def test_a_device_is_behind_one_meter(market: EmbeddedLedger):
    registration, device = market.deployment.registration, b"\xba" * 32
    market._signer(1).transact(registration, "addDevice", 1, device, 2, 5_000)
    with pytest.raises(StopError, match=r"DeviceTaken: device 0x(ba){32}, participant 1"):
        market._signer(2).transact(registration, "addDevice", 2, device, 2, 5_000)
    for function, arguments in (("addDevice", (1, b"\xbc" * 32, 2, 1)), ("removeDevice", (device,))):
        with pytest.raises(StopError, match="NotYourDevice: participant 1"):
            market._signer(2).transact(registration, function, *arguments)


def test_a_list_of_devices_has_its_bound(market: EmbeddedLedger):
    registration, member = market.deployment.registration, market._signer(1)
    most = int(market.node.call(registration, "MAX_DEVICES")[0])
    for number in range(most):
        member.transact(registration, "addDevice", 1, number.to_bytes(32), 0, 1)
    with pytest.raises(StopError, match=f"TooManyDevices: participant 1, most {most}"):
        member.transact(registration, "addDevice", 1, most.to_bytes(32), 0, 1)


# --- observers


def decide(market: EmbeddedLedger, function: str, observer: str) -> None:
    """Each decision has a salt of its own: one that a contract refused still waits for another try."""
    salt = int(market.node.latest_block()["number"], 16).to_bytes(32)
    decision = Decision(market.deployment.registration, function, (observer,), salt)
    propose(market.board, market.node, market.deployment, decision)
    execute(market.board, market.node, market.deployment, decision)


def test_observers_come_and_go(market: EmbeddedLedger):
    market.advance_to(900)
    registration = market.deployment.registration
    (told,) = market.node.call(registration, "observers")
    assert market.market.address.lower() in told
    with pytest.raises(StopError, match="ObserverKnown"):
        decide(market, "addObserver", market.market.address)
    decide(market, "removeObserver", market.market.address)
    market.suspend(1)
    assert market.market.address.lower() not in market.node.call(registration, "observers")[0]
    market.publish(2, TERMS, LIMITS, LIMITS)
    assert market.place(2, 1, Side.BUY, 100, 10).reject == Reject.NONE  # it hasn't been told
    decide(market, "addObserver", market.market.address)
    Signer(market.node, Account.create()).transact(market.market, "sync", 1)
    assert market.place(2, 1, Side.BUY, 100, 10).reject == Reject.SUSPENDED
