"""What the naive exchange does not have: the ring, cancelled orders in the way, pausing, roles, tokens."""

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from gridbid.chain.artifact import CONTRACT_NAMES, load
from gridbid.chain.errors import LedgerError, RetryError, SkipError, StopError
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.chain.ledgers.ledger import OrderRequest
from gridbid.chain.rpc.interface import Interface
from gridbid.chain.rpc.node import Signer
from gridbid.market.types import OpenOrder, Reject, Side, Terms

MAX_CODE_BYTES = 24_576
"""EIP-170."""
TERMS = Terms(retail=400_000, feed_in=80_000, fee=50_000, floor=80_000, price_cap=500_000)
LIMITS = {1: 1_000_000, 2: 1_000_000}


def open_slot(market: EmbeddedLedger, slot: int) -> None:
    market.publish(slot, TERMS, LIMITS, LIMITS)


def settle_slot(market: EmbeddedLedger, slot: int) -> None:
    market.advance_to((slot + 1) * 900)
    for participant in (1, 2):
        market.submit_reading(slot, participant, 0)
        market.settle(slot, participant)


@pytest.mark.parametrize("name", CONTRACT_NAMES)
def test_each_contract_is_small_enough_to_be_deployed(name: str):
    assert len(load(name).deployed_bytecode) // 2 - 1 <= MAX_CODE_BYTES


# --- the ring


def test_a_place_is_used_again_once_its_slot_is_settled(market: EmbeddedLedger):
    open_slot(market, 1)
    market.place(1, 1, Side.BUY, 100, 50)
    market.place(1, 2, Side.SELL, 200, 70)
    with pytest.raises(RetryError, match="RingPlaceOccupied: slot 5, occupiedBy 1"):
        open_slot(market, 5)
    settle_slot(market, 1)
    open_slot(market, 5)
    assert market.book(5, Side.BUY) == market.book(5, Side.SELL) == []
    assert market.best(5) == (None, None)
    assert market.position(5, 1).open_buy_wh == 0
    with pytest.raises(SkipError, match="NotPublished"):
        market.terms(1)


def test_one_unsettled_seat_keeps_the_place(market: EmbeddedLedger):
    open_slot(market, 1)
    market.advance_to(2 * 900)
    market.submit_reading(1, 1, 0)
    market.settle(1, 1)
    with pytest.raises(RetryError, match="RingPlaceOccupied"):
        open_slot(market, 5)


def test_a_later_slot_is_not_displaced_by_an_earlier_one(market: EmbeddedLedger):
    market.publish(9, TERMS, {}, {})
    with pytest.raises(RetryError, match="RingPlaceOccupied: slot 5, occupiedBy 9"):
        open_slot(market, 5)


def test_nothing_of_a_recycled_slot_can_be_taken_off_or_settled(market: EmbeddedLedger):
    open_slot(market, 1)
    order = market.place(1, 1, Side.BUY, 100, 50).order
    settle_slot(market, 1)
    open_slot(market, 5)
    market.place(5, 1, Side.BUY, 100, 20)
    assert not market.cancel(1, 1, order)
    with pytest.raises(SkipError, match="NotPublished"):
        market.settle(1, 1)


def test_who_is_away_while_the_ring_goes_round_loses_no_credit(market: EmbeddedLedger):
    """Orders of slots long gone are released once, whenever the account is looked at again."""
    for slot in range(1, 27, 2):
        open_slot(market, slot)
        assert market.place(slot, 1, Side.BUY, 100, 1_000).reject == Reject.NONE
        settle_slot(market, slot)
    balance_neur = market.balance(1)
    market.advance_to(1_000 * 900)
    assert market.available(1) == balance_neur
    assert market.withdraw(1, balance_neur)


def test_orders_of_an_unsettled_slot_are_released_however_late(market: EmbeddedLedger):
    open_slot(market, 1)
    market.place(1, 1, Side.BUY, 100, 1_000)
    market.advance_to(1_000 * 900)
    assert market.withdraw(1, 1_000 * 10**9)
    assert market.available(1) == 0


def test_a_slot_number_has_its_bound(market: EmbeddedLedger):
    with pytest.raises(StopError, match="SlotOutOfRange"):
        market.publish(2**32 - 1, TERMS, {}, {})


def test_a_ring_is_a_power_of_two(market: EmbeddedLedger):
    from gridbid.chain.deployment.deploy import MarketParameters

    with pytest.raises(ValueError, match="ring_size is 6; it must be a power of two"):
        MarketParameters(ring_size=6)


def test_a_seat_is_given_once(market: EmbeddedLedger):
    seats = [(1, 5, 5, 0), (1, 6, 6, 0)]
    with pytest.raises(StopError, match="AlreadySeated: slot 1, participant 1"):
        market._require_authority().transact(market.market, "openSlot", 1, tuple(TERMS), (0, 0), seats)


# --- queues


def test_more_orders_than_a_word_holds_keep_their_order(market: EmbeddedLedger):
    open_slot(market, 1)
    orders = [market.place(1, 1, Side.SELL, 100, 10 + i).order for i in range(12)]
    market.cancel(1, 1, orders[4])
    market.cancel(1, 1, orders[0])
    market.reduce(1, 1, orders[7], 2)
    left = [10 + i - 2 * (i == 7) for i in range(12) if i not in (0, 4)]
    assert market.book(1, Side.SELL) == [(100, [OpenOrder(1, quantity_wh) for quantity_wh in left])]
    fills = market.place(1, 2, Side.BUY, 100, sum(left)).fills
    assert [fill.quantity_wh for fill in fills] == left
    assert market.book(1, Side.SELL) == []


def test_cancelled_orders_in_the_way_are_swept(market: EmbeddedLedger):
    """The first order stays at the head, so those cancelled behind it stay in the queue until somebody sweeps."""
    open_slot(market, 1)
    first = market.place(1, 1, Side.SELL, 100, 1).order
    for _ in range(26):
        results = market.place_many(1, [OrderRequest(1, Side.SELL, 100, 1) for _ in range(10)])
        orders = [result.order for result in results]
        market._signer(1).transact(market.market, "cancelMany", orders, gas=8_000_000)
    last = market.place(1, 1, Side.SELL, 100, 7).order
    with pytest.raises(RetryError, match="SweepNeeded: slot 1, side 1, tick 100"):
        market.place(1, 2, Side.BUY, 100, 8)
    assert market.book(1, Side.SELL) == [(100, [OpenOrder(1, 1), OpenOrder(1, 7)])]
    sweeper = Signer(market.node, Account.create())
    sweeper.transact(market.market, "sweep", 1, int(Side.SELL), 100, 200)
    result = market.place(1, 2, Side.BUY, 100, 8)
    assert [fill.maker_order for fill in result.fills] == [first, last]


def test_cancelling_many_skips_what_rests_no_more(market: EmbeddedLedger):
    open_slot(market, 1)
    mine = market.place(1, 1, Side.SELL, 100, 1).order
    other = market.place(1, 2, Side.SELL, 100, 1).order
    market._signer(1).transact(market.market, "cancelMany", [other, mine, mine, 2**90])
    assert market.book(1, Side.SELL) == [(100, [OpenOrder(2, 1)])]


@pytest.mark.parametrize(
    ("function", "error"), [("cancel", "NotResting"), ("reduce", "NotResting")], ids=["cancel", "reduce"]
)
@pytest.mark.parametrize("order", [0, 1 << 48, (1 << 48) | (2 << 40), (1 << 48) | (224 << 32), 2**200])
def test_an_order_that_is_none_is_refused(market: EmbeddedLedger, function: str, error: str, order: int):
    open_slot(market, 1)
    arguments = [order] if function == "cancel" else [order, 1]
    with pytest.raises(SkipError, match=error):
        market._signer(1).transact(market.market, function, *arguments)


def test_reducing_names_what_is_wrong(market: EmbeddedLedger):
    open_slot(market, 1)
    order = market.place(1, 1, Side.SELL, 100, 5).order
    for by_wh in (0, 6):
        with pytest.raises(SkipError, match="BadQuantity"):
            market._signer(1).transact(market.market, "reduce", order, by_wh)
    with pytest.raises(SkipError, match="NotOwner"):
        market._signer(2).transact(market.market, "reduce", order, 1)
    market.advance_to(900)
    with pytest.raises(SkipError, match="GateClosed"):
        market._signer(1).transact(market.market, "reduce", order, 1)


def test_depth_shows_the_first_levels(market: EmbeddedLedger):
    open_slot(market, 1)
    for tick, quantity_wh in ((10, 1), (12, 2), (12, 3), (9, 4)):
        market.place(1, 1, Side.BUY, tick, quantity_wh)
    assert market.node.call(market.market, "depth", 1, 0, 2)[0] == ((12, 5), (10, 1))
    assert market.node.call(market.market, "depth", 1, 0, 9)[0] == ((12, 5), (10, 1), (9, 4))
    assert market.node.call(market.market, "depth", 1, 1, 9)[0] == ()


def test_limits_can_be_asked_for(market: EmbeddedLedger):
    market.publish(1, TERMS, {1: 500}, {1: -20})
    assert market.node.call(market.market, "limitsOf", 1, 1) == (500, -20, 0)
    assert market.node.call(market.market, "limitsOf", 1, 2) == (0, 0, 0)


def test_conditions_and_credit_lines_can_be_asked_for(market: EmbeddedLedger):
    seats = [(1, 500, -20, 12_345_678)]
    market.deposit_supplier(12_000_000)
    market._require_authority().transact(market.market, "openSlot", 1, tuple(TERMS), (123_456, 2), seats)
    assert market.node.call(market.market, "conditionsOf", 1)[0] == (123_456, 2)
    assert market.node.call(market.market, "limitsOf", 1, 1) == (500, -20, 12_000_000)


@pytest.mark.parametrize(
    ("terms", "renewable_ppm", "credit_line_neur", "error"),
    [
        (TERMS._replace(price_cap=399_999), 0, 0, "PriceCapBelowRetail: priceCap 399999, retail 400000"),
        (TERMS._replace(retail=-9, price_cap=-8), 0, 0, "PriceCapBelowZero: priceCap -8"),
        (TERMS._replace(fee=-1), 0, 0, "FeeBelowZero: fee -1"),
        (TERMS, 1_000_001, 0, "RenewableShareOutOfRange: renewablePpm 1000001"),
        (TERMS, 0, 2**26 * 10**6, "CreditLineTooLong: creditLineNeur 67108864000000"),
    ],
)
def test_terms_that_locks_could_not_cover_are_refused(
    market: EmbeddedLedger, terms: Terms, renewable_ppm: int, credit_line_neur: int, error: str
):
    seats = [(1, 500, 500, credit_line_neur)]
    with pytest.raises(StopError, match=error):
        market._require_authority().transact(
            market.market, "openSlot", 1, tuple(terms), (renewable_ppm, 0), seats
        )


# --- pausing and roles


def test_while_paused_exits_stay_open(market: EmbeddedLedger):
    open_slot(market, 1)
    orders = [market.place(1, 1, Side.SELL, tick, 10).order for tick in (100, 101)]
    authority = market._require_authority()
    authority.transact(market.market, "pause")
    with pytest.raises(RetryError, match="TradingPaused"):
        market.place(1, 2, Side.BUY, 100, 1)
    for call in (lambda: open_slot(market, 2), lambda: market.deposit(1, 5)):
        with pytest.raises(RetryError, match="EnforcedPause"):
            call()
    assert market.cancel(1, 1, orders[0])
    assert market.reduce(1, 1, orders[1], 5)
    assert market.withdraw(2, 5)
    settle_slot(market, 1)
    authority.transact(market.market, "unpause")
    open_slot(market, 5)
    assert market.place(5, 1, Side.SELL, 100, 1).reject == Reject.NONE


def test_after_the_pause_the_same_book_goes_on(market: EmbeddedLedger):
    open_slot(market, 1)
    open_slot(market, 2)
    market.place(1, 1, Side.SELL, 100, 10)
    authority = market._require_authority()
    authority.transact(market.market, "pause")
    authority.transact(market.market, "unpause")
    assert len(market.place(1, 2, Side.BUY, 100, 10).fills) == 1
    assert market.place(2, 2, Side.BUY, 100, 10).reject == Reject.NONE


@pytest.mark.parametrize(
    ("contract", "function", "arguments"),
    [
        ("market", "openSlot", [1, tuple(TERMS), (0, 0), []]),
        ("market", "pause", []),
        ("market", "unpause", []),
        ("market", "withdrawSupplier", ["0x" + "11" * 20, 0]),
        ("market", "withdrawOperator", ["0x" + "11" * 20, 0]),
        ("market", "grantRole", [b"\0" * 32, "0x" + "11" * 20]),
        ("token", "mint", ["0x" + "11" * 20, 1, bytes(32)]),
    ],
)
def test_strangers_have_no_role(
    market: EmbeddedLedger, contract: str, function: str, arguments: list[object]
):
    target: Interface = getattr(market.deployment, contract)
    with pytest.raises(StopError, match="AccessControlUnauthorizedAccount"):
        market._signer(1).transact(target, function, *arguments)


def test_who_is_not_registered_has_nothing_to_withdraw(market: EmbeddedLedger):
    with pytest.raises(StopError, match="NotRegistered"):
        Signer(market.node, Account.create()).transact(market.market, "withdraw", 0)


# --- tokens


def tokens_of(market: EmbeddedLedger, address: str) -> int:
    return int(market.node.call(market.deployment.token, "balanceOf", address)[0])


def test_one_token_is_one_euro_in_nano_units(market: EmbeddedLedger):
    assert market.node.call(market.deployment.token, "decimals") == (9,)
    assert tokens_of(market, market.market.address) == 2_000 * 10**9


def test_a_withdrawal_pays_tokens_out(market: EmbeddedLedger):
    market.withdraw(1, 300)
    assert tokens_of(market, market._signer(1).address) == 300


def test_a_deposit_takes_no_more_than_there_is(market: EmbeddedLedger):
    signer = market._signer(1)
    with pytest.raises(StopError, match="ERC20InsufficientAllowance"):
        signer.transact(market.market, "deposit", 1, 5)
    signer.transact(market.deployment.token, "approve", market.market.address, 5)
    with pytest.raises(LedgerError, match="ERC20InsufficientBalance"):
        signer.transact(market.market, "deposit", 1, 5)
    assert market.balance(1) == 1_000 * 10**9


def test_a_deposit_can_come_with_a_permit(market: EmbeddedLedger):
    market.withdraw(1, 500)
    signer, token = market._signer(1), market.deployment.token
    deadline = 10**9
    message = encode_typed_data(
        {
            "name": "Gridbid Energy Credit",
            "version": "1",
            "chainId": market.node.chain_id,
            "verifyingContract": token.address,
        },
        {
            "Permit": [
                {"name": "owner", "type": "address"},
                {"name": "spender", "type": "address"},
                {"name": "value", "type": "uint256"},
                {"name": "nonce", "type": "uint256"},
                {"name": "deadline", "type": "uint256"},
            ]
        },
        {
            "owner": signer.address,
            "spender": market.market.address,
            "value": 500,
            "nonce": 0,
            "deadline": deadline,
        },
    )
    signature = signer.account.sign_message(message)
    r, s = signature.r.to_bytes(32), signature.s.to_bytes(32)
    signer.transact(market.market, "depositWithPermit", 1, 500, deadline, signature.v, r, s)
    assert market.balance(1) == 1_000 * 10**9


def test_fees_are_the_operators_and_shortages_the_suppliers(market: EmbeddedLedger):
    open_slot(market, 1)
    market.place(1, 1, Side.SELL, 100, 300)
    market.place(1, 2, Side.BUY, 100, 300)
    settle_slot(market, 1)
    authority, payee = market._require_authority(), Account.create().address
    supplier_neur = 300 * 400_000 - 300 * 80_000
    for function in ("withdrawOperator", "withdrawSupplier"):
        with pytest.raises(StopError, match=f"NotLicensed: utility {authority.address.lower()}"):
            authority.transact(market.market, function, payee, 1)
    for activity in (0, 1):
        licence = (authority.address, activity, b"DE", 0, 2**40, bytes(32))
        authority.transact(market.deployment.utilities, "grantLicence", *licence)
    with pytest.raises(SkipError, match="InsufficientCredit"):
        authority.transact(market.market, "withdrawOperator", payee, 300 * 50_000 + 1)
    with pytest.raises(SkipError, match="InsufficientCredit"):
        authority.transact(market.market, "withdrawSupplier", payee, supplier_neur + 1)
    authority.transact(market.market, "withdrawOperator", payee, 300 * 50_000)
    authority.transact(market.market, "withdrawSupplier", payee, supplier_neur)
    assert tokens_of(market, payee) == 300 * 50_000 + supplier_neur


def test_settling_many_skips_those_without_a_reading(market: EmbeddedLedger):
    open_slot(market, 1)
    market.advance_to(2 * 900)
    market.submit_reading(1, 2, 10)
    Signer(market.node, Account.create()).transact(market.market, "settleMany", 1, [1, 2])
    assert market.position(1, 1).reading_wh is None
    assert market.position(1, 2).reading_wh == 10


def test_prices_beyond_their_field_are_refused(market: EmbeddedLedger):
    with pytest.raises(StopError, match=r"retail is 2147483648 nEUR/Wh; it must be within \+-2\^31"):
        market.publish(1, TERMS._replace(retail=2**31), {}, {})
