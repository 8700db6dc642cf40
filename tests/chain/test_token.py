"""The credit token: issued and burnt by the treasury alone, within caps; a permit stands for an approval."""

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from gridbid.chain.deployment.deploy import MarketParameters
from gridbid.chain.deployment.governance import execute, propose, set_daily_mint_cap, set_supply_cap
from gridbid.chain.errors import RetryError, StopError
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.chain.rpc.node import Signer

PAYMENT = bytes.fromhex("aa" * 32)
DAY_SECONDS = 86_400
PAYEE = "0x" + "11" * 20


@pytest.fixture
def capped() -> EmbeddedLedger:
    """A market whose token has a cap of 1 000 on the supply and one of 600 on a day, nEUR."""
    return EmbeddedLedger(MarketParameters(supply_cap_neur=1_000, daily_mint_cap_neur=600), now=1_000)


def mint(ledger: EmbeddedLedger, to: str, amount_neur: int) -> None:
    ledger._require_authority().transact(ledger.deployment.token, "mint", to, amount_neur, PAYMENT)


def supply(ledger: EmbeddedLedger) -> int:
    return int(ledger.node.call(ledger.deployment.token, "totalSupply")[0])


def test_what_is_issued_is_told_with_its_payment(capped: EmbeddedLedger):
    token = capped.deployment.token
    receipt = capped._require_authority().transact(token, "mint", PAYEE, 5, PAYMENT)
    told = [log for log in map(token.decode_log, receipt["logs"]) if log is not None]
    assert [log.name for log in told] == ["Transfer", "Minted"]
    assert told[1].arguments == {"to": PAYEE, "paymentReference": PAYMENT, "amountNeur": 5}


def test_a_day_has_its_cap(capped: EmbeddedLedger):
    mint(capped, PAYEE, 400)
    mint(capped, PAYEE, 200)
    with pytest.raises(StopError, match="DailyMintCapExceeded: mintedTodayNeur 601, capNeur 600"):
        mint(capped, PAYEE, 1)
    capped.advance_to(DAY_SECONDS - 1)
    with pytest.raises(StopError, match="DailyMintCapExceeded"):
        mint(capped, PAYEE, 1)
    assert capped.node.call(capped.deployment.token, "mintedTodayNeur") == (600,)
    capped.advance_to(DAY_SECONDS)
    assert capped.node.call(capped.deployment.token, "mintedTodayNeur") == (0,)
    mint(capped, PAYEE, 400)


def test_the_supply_has_its_cap(capped: EmbeddedLedger):
    mint(capped, PAYEE, 600)
    capped.advance_to(DAY_SECONDS)
    with pytest.raises(StopError, match="SupplyCapExceeded: supplyNeur 1001, capNeur 1000"):
        mint(capped, PAYEE, 401)
    mint(capped, PAYEE, 400)
    assert supply(capped) == 1_000


def test_what_is_redeemed_is_burnt_and_makes_room(capped: EmbeddedLedger):
    treasury = capped._require_authority()
    mint(capped, treasury.address, 600)
    treasury.transact(capped.deployment.token, "redeem", 600, PAYMENT)
    assert supply(capped) == 0
    with pytest.raises(StopError, match="DailyMintCapExceeded"):
        mint(capped, PAYEE, 1)  # the day's cap counts what was issued, not what is left of it
    capped.advance_to(DAY_SECONDS)
    mint(capped, PAYEE, 600)
    capped.advance_to(2 * DAY_SECONDS)
    mint(capped, PAYEE, 400)


def test_the_treasury_burns_nobody_elses_credit(capped: EmbeddedLedger):
    mint(capped, PAYEE, 600)
    with pytest.raises(RetryError, match="ERC20InsufficientBalance"):
        capped._require_authority().transact(capped.deployment.token, "redeem", 1, PAYMENT)


def test_the_community_changes_caps(capped: EmbeddedLedger):
    for decision in (set_daily_mint_cap(capped.deployment, 700), set_supply_cap(capped.deployment, 650)):
        propose(capped.board, capped.node, capped.deployment, decision)
        execute(capped.board, capped.node, capped.deployment, decision)
    mint(capped, PAYEE, 650)
    with pytest.raises(StopError, match="SupplyCapExceeded: supplyNeur 651, capNeur 650"):
        mint(capped, PAYEE, 1)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("mint", [PAYEE, 1, PAYMENT]),
        ("redeem", [1, PAYMENT]),
        ("setSupplyCap", [1]),
        ("setDailyMintCap", [1]),
    ],
)
def test_strangers_may_do_nothing(capped: EmbeddedLedger, function: str, arguments: list[object]):
    stranger = Signer(capped.node, Account.create())
    with pytest.raises(StopError, match="AccessControlUnauthorizedAccount"):
        stranger.transact(capped.deployment.token, function, *arguments)


def test_the_treasury_may_not_set_its_own_caps(capped: EmbeddedLedger):
    for function in ("setSupplyCap", "setDailyMintCap"):
        with pytest.raises(StopError, match="AccessControlUnauthorizedAccount"):
            capped._require_authority().transact(capped.deployment.token, function, 10**18)


def test_a_permit_stands_for_an_approval(capped: EmbeddedLedger):
    """ERC-2612, signed by eth_account's own EIP-712."""
    owner, token = Account.create(), capped.deployment.token
    mint(capped, owner.address, 600)
    message = {"owner": owner.address, "spender": PAYEE, "value": 70, "nonce": 0, "deadline": 10**6}
    kinds = {"owner": "address", "spender": "address"}
    signed = owner.sign_message(
        encode_typed_data(
            {
                "name": "Gridbid Energy Credit",
                "version": "1",
                "chainId": capped.node.chain_id,
                "verifyingContract": token.address,
            },
            {"Permit": [{"name": name, "type": kinds.get(name, "uint256")} for name in message]},
            message,
        )
    )
    anyone = Signer(capped.node, Account.create())
    words = signed.v, signed.r.to_bytes(32), signed.s.to_bytes(32)
    anyone.transact(token, "permit", owner.address, PAYEE, 70, 10**6, *words)
    assert capped.node.call(token, "allowance", owner.address, PAYEE) == (70,)
