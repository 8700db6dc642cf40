"""One suite over both ledgers: the core's own book in memory, and the contracts on the chain in the process."""

import pytest

from gridbid.chain.deployment.deploy import MarketParameters
from gridbid.chain.errors import LedgerError, RetryError, SkipError, StopError
from gridbid.chain.ledgers.conditions import Conditions, GridState
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.chain.ledgers.events import Cancelled, Event, Placed, Published, Reduced, Settled, Traded
from gridbid.chain.ledgers.ledger import Ledger, OrderRequest, Quote
from gridbid.chain.ledgers.memory_ledger import MemoryLedger
from gridbid.market.types import MAX_FILLS, Fill, OpenOrder, Reject, Side, Terms, order_id

SLOT_SECONDS = 900
DEADLINE_SECONDS = 600
TERMS = Terms(retail=400_000, feed_in=80_000, fee=50_000, floor=80_000, price_cap=500_000)
SLOT = 10
PRICE = 80_000 + 100 * 2_000


@pytest.fixture(params=["memory", "embedded"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    """A market of three participants with 10 EUR each, slot 10 open."""
    ledger: Ledger
    if request.param == "memory":
        ledger = MemoryLedger(SLOT_SECONDS, deadline_seconds=DEADLINE_SECONDS)
    else:
        parameters = MarketParameters(SLOT_SECONDS, ring_size=16, deadline_seconds=DEADLINE_SECONDS)
        ledger = EmbeddedLedger(parameters)
        ledger.deposit_supplier(10_000_000_000)
    assert [ledger.register() for _ in range(3)] == [1, 2, 3]
    for participant in (1, 2, 3):
        ledger.deposit(participant, 10_000_000_000)
    ledger.publish(SLOT, TERMS, {1: 5_000, 2: 5_000}, {1: 5_000, 2: 5_000})
    return ledger


def end_of(slot: int) -> int:
    return (slot + 1) * SLOT_SECONDS


def test_its_clock_and_units(ledger: Ledger):
    ledger.advance_to(1_234)
    assert (ledger.now(), ledger.slot_seconds, ledger.tick_size) == (1_234, SLOT_SECONDS, 2_000)
    with pytest.raises(ValueError, match="it must not be before 1234"):
        ledger.advance_to(1_233)


def test_published_terms_lower_feed_in_to_what_the_fee_leaves(ledger: Ledger):
    terms = TERMS._replace(feed_in=390_000)
    assert ledger.publish(11, terms, {}, {}) == TERMS._replace(feed_in=350_000) == ledger.terms(11)


def test_conditions_are_told_with_the_terms(ledger: Ledger):
    conditions = Conditions(renewable_ppm=640_000, grid_state=GridState.CONGESTED)
    ledger.publish(11, TERMS, {}, {}, conditions=conditions)
    assert ledger.events().events[-1] == Published(11, TERMS, conditions)


def test_a_slot_is_published_once_and_before_its_gate(ledger: Ledger):
    with pytest.raises(SkipError, match="AlreadyPublished"):
        ledger.publish(SLOT, TERMS, {}, {})
    ledger.advance_to(11 * SLOT_SECONDS)
    with pytest.raises(SkipError, match="GateClosed"):
        ledger.publish(11, TERMS, {}, {})


def test_an_envelope_needs_a_participant(ledger: Ledger):
    with pytest.raises(StopError, match="UnknownParticipant"):
        ledger.publish(11, TERMS, {4: 1}, {})


@pytest.mark.parametrize("name", ["terms", "best"])
def test_an_unpublished_slot_is_skipped(ledger: Ledger, name: str):
    with pytest.raises(SkipError, match="NotPublished"):
        getattr(ledger, name)(99)


def test_orders_meet_at_the_resting_price_and_the_rest_stays(ledger: Ledger):
    first = ledger.place(SLOT, 1, Side.SELL, 100, 300)
    assert first.order == order_id(SLOT, Side.SELL, 100, 0)
    second = ledger.place(SLOT, 2, Side.BUY, 150, 500)
    assert second.fills == [Fill(first.order, 2, 1, 100, 300)]
    assert (second.order, second.resting_wh) == (order_id(SLOT, Side.BUY, 150, 0), 200)
    assert ledger.position(SLOT, 1).received_neur == 300 * PRICE
    assert ledger.position(SLOT, 2).paid_neur == 300 * PRICE
    assert ledger.book(SLOT, Side.BUY) == [(150, [OpenOrder(2, 200)])]
    assert ledger.best(SLOT) == (Quote(150, 200), None)


def test_a_book_lists_best_ticks_first_and_within_a_tick_the_oldest(ledger: Ledger):
    for participant, tick, quantity_wh in ((1, 50, 1), (2, 60, 2), (1, 60, 3), (1, 40, 4)):
        ledger.place(SLOT, participant, Side.BUY, tick, quantity_wh)
    assert ledger.book(SLOT, Side.BUY) == [
        (60, [OpenOrder(2, 2), OpenOrder(1, 3)]),
        (50, [OpenOrder(1, 1)]),
        (40, [OpenOrder(1, 4)]),
    ]
    assert ledger.best(SLOT) == (Quote(60, 5), None)


def test_at_most_max_fills_then_the_remainder_is_cancelled(ledger: Ledger):
    for _ in range(MAX_FILLS + 1):
        ledger.place(SLOT, 1, Side.SELL, 100, 1)
    result = ledger.place(SLOT, 2, Side.BUY, 100, 100)
    assert (len(result.fills), result.order, result.resting_wh) == (MAX_FILLS, 0, 0)
    assert ledger.book(SLOT, Side.SELL) == [(100, [OpenOrder(1, 1)])]


def test_max_fills_reached_with_nothing_left_to_match_lets_the_remainder_rest(ledger: Ledger):
    for _ in range(MAX_FILLS):
        ledger.place(SLOT, 1, Side.SELL, 100, 1)
    result = ledger.place(SLOT, 2, Side.BUY, 100, 100)
    assert (len(result.fills), result.resting_wh) == (MAX_FILLS, 100 - MAX_FILLS)


def test_ones_own_order_stops_the_incoming_one(ledger: Ledger):
    ledger.place(SLOT, 2, Side.SELL, 100, 10)
    ledger.place(SLOT, 1, Side.SELL, 100, 10)
    result = ledger.place(SLOT, 1, Side.BUY, 100, 30)
    assert [fill.quantity_wh for fill in result.fills] == [10]
    assert (result.order, result.resting_wh) == (0, 0)
    assert ledger.book(SLOT, Side.SELL) == [(100, [OpenOrder(1, 10)])]


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (OrderRequest(99, Side.BUY, 100, 1), Reject.NOT_PUBLISHED),
        (OrderRequest(-1, Side.BUY, 100, 1), Reject.NOT_PUBLISHED),
        (OrderRequest(SLOT, Side.BUY, 100, 0), Reject.BAD_QUANTITY),
        (OrderRequest(SLOT, Side.BUY, 100, 2**30), Reject.BAD_QUANTITY),
        (OrderRequest(SLOT, Side.BUY, 224, 1), Reject.BAD_TICK),
        (OrderRequest(SLOT, Side.SELL, -1, 1), Reject.BAD_TICK),
        (OrderRequest(SLOT, Side.SELL, 100, 5_001), Reject.ENVELOPE),
    ],
)
def test_a_reject_comes_back_with_its_reason(ledger: Ledger, request_: OrderRequest, reason: Reject):
    result = ledger.place(request_.slot, 1, *request_[1:])
    assert (result.reject, result.fills, result.order) == (reason, [], 0)


def test_who_has_no_envelope_cannot_trade(ledger: Ledger):
    assert ledger.place(SLOT, 3, Side.BUY, 100, 1).reject == Reject.ENVELOPE


def test_the_suspended_may_leave_but_not_enter(ledger: Ledger):
    order = ledger.place(SLOT, 1, Side.SELL, 100, 300).order
    ledger.suspend(1)
    assert ledger.place(SLOT, 1, Side.SELL, 100, 1).reject == Reject.SUSPENDED
    assert ledger.cancel(SLOT, 1, order)
    assert ledger.withdraw(1, 10_000_000_000)
    ledger.reinstate(1)
    assert ledger.place(SLOT, 1, Side.SELL, 100, 1).reject == Reject.CREDIT


def test_the_gate_closes_when_delivery_begins(ledger: Ledger):
    order = ledger.place(SLOT, 1, Side.SELL, 100, 300).order
    ledger.advance_to(SLOT * SLOT_SECONDS - 1)
    assert ledger.place(SLOT, 1, Side.SELL, 100, 1).reject == Reject.NONE
    ledger.advance_to(SLOT * SLOT_SECONDS)
    assert ledger.place(SLOT, 1, Side.SELL, 100, 1).reject == Reject.GATE_CLOSED
    assert not ledger.cancel(SLOT, 1, order)
    assert not ledger.reduce(SLOT, 1, order, 1)


def test_resting_orders_hold_credit_until_the_gate(ledger: Ledger):
    """Also where several slots are open: each releases what it held when its own gate closes."""
    ledger.publish(11, TERMS, {1: 5_000}, {})
    ledger.place(SLOT, 1, Side.BUY, 100, 1_000)
    ledger.place(11, 1, Side.BUY, 100, 2_000)
    lock_neur = 1_000 * (PRICE + 50_000)
    assert ledger.available(1) == 10_000_000_000 - 3 * lock_neur
    ledger.advance_to(SLOT * SLOT_SECONDS)
    assert ledger.available(1) == 10_000_000_000 - 2 * lock_neur
    assert ledger.withdraw(1, 10_000_000_000 - 2 * lock_neur)
    assert not ledger.withdraw(1, 1)
    ledger.advance_to(11 * SLOT_SECONDS)
    assert ledger.withdraw(1, 2 * lock_neur)


def test_credit_of_expired_orders_can_be_used_for_new_ones(ledger: Ledger):
    ledger.publish(11, TERMS, {1: 5_000}, {})
    ledger.withdraw(1, 10_000_000_000 - 1_000 * (PRICE + 50_000))
    assert ledger.place(SLOT, 1, Side.BUY, 100, 1_000).reject == Reject.NONE
    assert ledger.place(11, 1, Side.BUY, 100, 1_000).reject == Reject.CREDIT
    ledger.advance_to(SLOT * SLOT_SECONDS)
    assert ledger.place(11, 1, Side.BUY, 100, 1_000).reject == Reject.NONE
    assert ledger.available(1) == 0


def test_several_orders_at_once_are_placed_one_after_the_other(ledger: Ledger):
    ledger.place(SLOT, 2, Side.SELL, 100, 5)
    requests = [
        OrderRequest(SLOT, Side.BUY, 100, 8),
        OrderRequest(99, Side.BUY, 100, 8),
        OrderRequest(SLOT, Side.BUY, 101, 2, rest=False),
        OrderRequest(SLOT, Side.BUY, 90, 1),
    ]
    results = ledger.place_many(1, requests)
    assert [result.reject for result in results] == [
        Reject.NONE,
        Reject.NOT_PUBLISHED,
        Reject.NONE,
        Reject.NONE,
    ]
    assert [len(result.fills) for result in results] == [1, 0, 0, 0]
    assert [result.resting_wh for result in results] == [3, 0, 0, 1]


def test_reducing_keeps_the_place_and_cancelling_frees_the_credit(ledger: Ledger):
    first = ledger.place(SLOT, 1, Side.SELL, 100, 300).order
    ledger.place(SLOT, 2, Side.SELL, 100, 300)
    assert ledger.reduce(SLOT, 1, first, 100)
    assert ledger.book(SLOT, Side.SELL) == [(100, [OpenOrder(1, 200), OpenOrder(2, 300)])]
    assert not ledger.reduce(SLOT, 1, first, 201)
    assert not ledger.reduce(SLOT, 1, first, 0)
    assert ledger.cancel(SLOT, 1, first)
    assert ledger.available(1) == ledger.balance(1)
    assert not ledger.cancel(SLOT, 1, first)


def test_only_ones_own_orders_can_be_taken_off(ledger: Ledger):
    order = ledger.place(SLOT, 1, Side.SELL, 100, 300).order
    assert not ledger.cancel(SLOT, 2, order)
    assert not ledger.reduce(SLOT, 2, order, 1)
    assert not ledger.cancel(SLOT + 1, 1, order)
    assert ledger.book(SLOT, Side.SELL) == [(100, [OpenOrder(1, 300)])]


def test_a_shortage_is_bought_at_retail_and_a_surplus_sold_at_feed_in(ledger: Ledger):
    ledger.place(SLOT, 1, Side.SELL, 100, 300)
    ledger.place(SLOT, 2, Side.BUY, 100, 300)
    ledger.advance_to(end_of(SLOT))
    ledger.submit_reading(SLOT, 1, -200)
    ledger.submit_reading(SLOT, 2, 250)
    assert ledger.settle(SLOT, 1) == 300 * PRICE - 100 * 400_000
    assert ledger.settle(SLOT, 2) == -300 * (PRICE + 50_000) + 50 * 80_000
    assert ledger.available(1) == ledger.balance(1) == 10_000_000_000 + 300 * PRICE - 100 * 400_000
    position = ledger.position(SLOT, 1)
    assert (position.reading_wh, position.substituted, position.fill_lock_neur) == (-200, False, 0)


def test_a_reading_comes_after_the_slot_and_once(ledger: Ledger):
    ledger.advance_to(end_of(SLOT) - 1)
    with pytest.raises(RetryError, match="TooEarly"):
        ledger.submit_reading(SLOT, 1, 5)
    ledger.advance_to(end_of(SLOT))
    ledger.submit_reading(SLOT, 1, 5)
    with pytest.raises(SkipError, match="AlreadyRead"):
        ledger.submit_reading(SLOT, 1, 5)


def test_settling_needs_a_reading_that_is_new(ledger: Ledger):
    ledger.advance_to(end_of(SLOT))
    with pytest.raises(SkipError, match="NothingToSettle"):
        ledger.settle(SLOT, 1)
    ledger.submit_reading(SLOT, 1, 5)
    ledger.settle(SLOT, 1)
    with pytest.raises(SkipError, match="NothingToSettle"):
        ledger.settle(SLOT, 1)


def test_a_substitute_comes_after_the_deadline_and_is_corrected(ledger: Ledger):
    ledger.advance_to(end_of(SLOT) + DEADLINE_SECONDS - 1)
    with pytest.raises(RetryError, match="TooEarly"):
        ledger.substitute_reading(SLOT, 1, 100)
    ledger.advance_to(end_of(SLOT) + DEADLINE_SECONDS)
    ledger.substitute_reading(SLOT, 1, 100)
    assert ledger.settle(SLOT, 1) == -100 * 400_000
    assert ledger.position(SLOT, 1).substituted
    with pytest.raises(SkipError, match="AlreadyRead"):
        ledger.substitute_reading(SLOT, 1, 100)
    ledger.submit_reading(SLOT, 1, -10)
    assert ledger.settle(SLOT, 1) == 100 * 400_000 + 10 * 80_000
    assert ledger.position(SLOT, 1).settled_cash_neur == 10 * 80_000
    assert not ledger.position(SLOT, 1).substituted


def test_an_impossible_reading_is_refused(ledger: Ledger):
    ledger.advance_to(end_of(SLOT))
    with pytest.raises(StopError, match="ReadingOutOfRange"):
        ledger.submit_reading(SLOT, 1, 2**30)


def test_debt_bars_from_trading(ledger: Ledger):
    ledger.publish(12, TERMS, {1: 5_000}, {})
    ledger.advance_to(end_of(SLOT))
    ledger.submit_reading(SLOT, 1, 30_000)
    ledger.settle(SLOT, 1)
    assert ledger.balance(1) == 10_000_000_000 - 30_000 * 400_000
    assert ledger.place(12, 1, Side.BUY, 0, 1).reject == Reject.IN_DEBT
    assert not ledger.withdraw(1, 0)


def test_events_tell_the_same_story(ledger: Ledger):
    sell = ledger.place(SLOT, 1, Side.SELL, 100, 300).order
    cursor = ledger.events().cursor
    bid = ledger.place(SLOT, 2, Side.BUY, 100, 400).order
    ledger.reduce(SLOT, 2, bid, 30)
    ledger.cancel(SLOT, 2, bid)
    ledger.advance_to(end_of(SLOT))
    ledger.submit_reading(SLOT, 1, -300)
    ledger.settle(SLOT, 1)
    later: list[Event] = [
        Traded(SLOT, sell, maker=1, taker=2, tick=100, quantity_wh=300),
        Placed(SLOT, bid, 2, 100),
        Reduced(SLOT, bid, 2, by_wh=30, left_wh=70),
        Cancelled(SLOT, bid, 2, 70),
        Settled(SLOT, 1, -300, substituted=False, change_neur=300 * PRICE),
    ]
    page = ledger.events(cursor)
    assert page.events == later
    assert ledger.events().events == [Published(SLOT, TERMS), Placed(SLOT, sell, 1, 300), *later]
    assert ledger.events(page.cursor).events == []


def test_a_negative_amount_stops(ledger: Ledger):
    for call in (ledger.deposit, ledger.withdraw):
        with pytest.raises(StopError, match="BadArgument"):
            call(1, -5)


def test_an_unknown_participant_stops(ledger: Ledger):
    for call in (ledger.balance, ledger.available, ledger.suspend):
        with pytest.raises(LedgerError):
            call(77)
    with pytest.raises(StopError):
        ledger.deposit(77, 1)
    with pytest.raises(StopError):
        ledger.place(SLOT, 77, Side.BUY, 1, 1)
