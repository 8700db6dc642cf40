"""The sealed auction on the chain: its phases, what a commitment binds, and the core's auction as its measure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from gridbid.chain.community_contracts import CommunityContracts
from gridbid.chain.deployment.parameters import MarketParameters
from gridbid.chain.errors import LedgerError
from gridbid.chain.inspection.trace_events import Chronicle
from gridbid.chain.ledgers.embedded_ledger import EmbeddedLedger
from gridbid.chain.ledgers.events import AuctionTraded, Traded
from gridbid.chain.records.export import export_history
from gridbid.chain.records.history import History
from gridbid.chain.rpc.node import Receipt
from gridbid.chain.signing.sealed_orders import SealedOrder
from gridbid.market.auctions.call import uniform_call
from gridbid.market.auctions.orders import PriceBand
from gridbid.market.types import Side, Terms

SLOT_SECONDS = 900
COMMIT, REVEAL, CLEAR = 200, 100, 60
BOND = 1_000_000_000
TERMS = Terms(retail=600_000, feed_in=80_000, fee=50_000, floor=80_000, price_cap=600_000)
BAND = PriceBand(floor_neur=80_000, tick_size_neur=2_000)
LIMIT_WH = 2_000_000
CREDIT_NEUR = 10**13
NOBODY, COMMITTED, REVEALED = 0, 1, 2


class Community:
    """A market with an auction, and participants who have paid in credit and bonds."""

    def __init__(self, participants: int, ring_size: int = 4) -> None:
        self.ledger = EmbeddedLedger(
            MarketParameters(
                SLOT_SECONDS,
                ring_size=ring_size,
                auction_commit_seconds=COMMIT,
                auction_reveal_seconds=REVEAL,
                auction_clear_seconds=CLEAR,
                auction_bond_neur=BOND,
                supply_cap_neur=2**62,
                daily_mint_cap_neur=2**62,
            )
        )
        self.auction = self.ledger.deployment.auction
        for _ in range(participants):
            participant = self.ledger.register()
            self.ledger.deposit(participant, CREDIT_NEUR)
            self.pay_bond(participant, 3 * BOND)

    def pay_bond(self, participant: int, amount_neur: int) -> None:
        """Give a participant tokens, and let it pay them into its bond."""
        signer, token = self.ledger._signer(participant), self.ledger.deployment.token
        self.ledger._require_authority().transact(token, "mint", signer.address, amount_neur, bytes(32))
        signer.transact(token, "approve", self.auction.address, amount_neur)
        self.act(participant, "depositBond", participant, amount_neur)

    def open(self, slot: int, participants: Iterable[int]) -> None:
        limits = dict.fromkeys(participants, LIMIT_WH)
        self.ledger.publish(slot, TERMS, limits, limits)

    def act(self, participant: int, function: str, *arguments: Any, gas: int = 3_000_000) -> Receipt:
        return self.ledger._signer(participant).transact(self.auction, function, *arguments, gas=gas)

    def to_phase(self, slot: int, phase: str) -> None:
        """Set the clock to a phase's first second."""
        lengths = {"commit": COMMIT + REVEAL + CLEAR, "reveal": REVEAL + CLEAR, "clear": CLEAR, "over": 0}
        self.ledger.advance_to(slot * SLOT_SECONDS - lengths[phase])

    def commit(self, order: SealedOrder) -> None:
        self.act(order.participant, "commit", order.slot, order.participant, order.commitment)

    def reveal(self, order: SealedOrder, by: int = 1) -> Receipt:
        return self.act(by, "reveal", *order.opening)

    def run(self, orders: Sequence[SealedOrder], reveals: Sequence[SealedOrder] | None = None) -> None:
        """Commit to orders, reveal them, and come to the last phase."""
        slot = orders[0].slot
        self.to_phase(slot, "commit")
        for order in orders:
            self.commit(order)
        self.to_phase(slot, "reveal")
        for order in orders if reveals is None else reveals:
            self.reveal(order)
        self.to_phase(slot, "clear")

    def clear(self, slot: int, steps: int = 10_000, by: int = 1) -> Receipt:
        return self.act(by, "clear", slot, steps, gas=29_000_000)

    def clear_all(self, slot: int, steps: int) -> int:
        """Clear by that many steps at a time; how many calls it took."""
        for calls in range(1, 100_000):
            self.clear(slot, steps)
            if self.outcome(slot)[1]:
                return calls
        raise AssertionError("the auction never ends")

    def outcome(self, slot: int) -> tuple[bool, bool, int, int, int]:
        """Decided, finished, price tick, volume and what is still untraded, Wh."""
        return tuple(self.view("outcomeOf", slot)[0])  # type: ignore[return-value]  # decoded by its ABI

    def view(self, function: str, *arguments: Any) -> tuple[Any, ...]:
        return self.ledger.node.call(self.auction, function, *arguments)

    def filled_wh(self, order: SealedOrder) -> int:
        position = self.ledger.position(order.slot, order.participant)
        return position.bought_wh if order.side == Side.BUY else position.sold_wh

    def tokens_of(self, address: str) -> int:
        return int(self.ledger.node.call(self.ledger.deployment.token, "balanceOf", address)[0])


@pytest.fixture(scope="module")
def twelve() -> Community:
    """Twelve participants in a ring large enough for all books of this file."""
    return Community(12, ring_size=2_048)


@pytest.fixture
def pair() -> Community:
    """Participants 1 and 2, seated in slots 1 and 2 of a ring of 4."""
    community = Community(2)
    for slot in (1, 2):
        community.open(slot, (1, 2))
    return community


def buy(participant: int = 1, tick: int = 100, quantity_wh: int = 500, slot: int = 1) -> SealedOrder:
    return SealedOrder(slot, participant, Side.BUY, tick, quantity_wh)


def sell(participant: int = 2, tick: int = 80, quantity_wh: int = 500, slot: int = 1) -> SealedOrder:
    return SealedOrder(slot, participant, Side.SELL, tick, quantity_wh)


def refused(name: str, call: Callable[[], object]) -> None:
    with pytest.raises(LedgerError, match=name):
        call()


def random_orders(slot: int, participants: int, seed: int) -> list[SealedOrder]:
    """A book with many ties, in which some orders are huge, and the last participants may stay away."""
    rng = np.random.default_rng(seed)
    ticks = rng.integers(1, 225) if rng.random() < 0.5 else rng.integers(1, 6)
    lowest = rng.integers(0, 225 - ticks)
    return [
        SealedOrder(
            slot,
            participant,
            Side(int(rng.integers(0, 2))),
            int(lowest + rng.integers(0, ticks)),
            int(rng.integers(1, 10 ** int(rng.integers(1, 7)))),
            rng.bytes(32),
        )
        for participant in rng.permutation(np.arange(1, participants + 1))[
            : rng.integers(1, participants + 1)
        ].tolist()
    ]


def rows(orders: Sequence[SealedOrder]) -> list[tuple[int, int, int, int]]:
    return [(order.participant, int(order.side), order.tick, order.quantity_wh) for order in orders]


# --- the same as the core's auction


def assert_as_the_core_decides(community: Community, orders: Sequence[SealedOrder]) -> None:
    slot = orders[0].slot
    expected = uniform_call(rows(orders), BAND)
    decided, finished, price_tick, volume_wh, untraded_wh = community.outcome(slot)
    assert decided and finished and untraded_wh == 0
    assert volume_wh == expected.volume_wh
    assert [community.filled_wh(order) for order in orders] == expected.filled_wh.tolist()
    if expected.buy_price_neur is not None:
        price_neur = BAND.floor_neur + price_tick * BAND.tick_size_neur
        assert expected.buy_price_neur - price_neur in (0, BAND.tick_size_neur // 2)


def assert_nothing_is_held_for_what_did_not_trade(
    community: Community, orders: Sequence[SealedOrder]
) -> None:
    slot, price_tick = orders[0].slot, community.outcome(orders[0].slot)[2]
    for order in orders:
        position = community.ledger.position(slot, order.participant)
        filled_wh = community.filled_wh(order)
        price_neur = BAND.floor_neur + price_tick * BAND.tick_size_neur
        each = price_neur + TERMS.fee if order.side == Side.BUY else TERMS.price_cap - price_neur
        assert (position.open_buy_wh, position.open_sell_wh) == (0, 0)
        assert position.open_lock_neur == 0
        assert position.fill_lock_neur == filled_wh * each
        assert position.paid_neur + position.received_neur == filled_wh * price_neur


@pytest.mark.parametrize("book", range(120))
def test_a_random_book_trades_as_the_core_says(twelve: Community, book: int):
    slot = 1 + book
    orders = random_orders(slot, 12, seed=book)
    twelve.open(slot, range(1, 13))
    twelve.run(orders)
    twelve.clear_all(slot, steps=1 + book % 30)
    assert_as_the_core_decides(twelve, orders)
    assert_nothing_is_held_for_what_did_not_trade(twelve, orders)


@pytest.mark.slow
@pytest.mark.parametrize("book", range(120, 1_000))
def test_many_more_random_books_trade_as_the_core_says(twelve: Community, book: int):
    test_a_random_book_trades_as_the_core_says(twelve, book)


def test_it_does_not_matter_in_which_order_orders_are_revealed():
    """Four ways to reveal one book with ties at both last ticks, in slots 1 to 4."""
    community = Community(9)
    quantities = (700, 1, 333, 333, 40, 900, 333, 333, 75)
    rng = np.random.default_rng(5)
    outcomes = set()
    for slot in (1, 2, 3, 4):
        community.open(slot, range(1, 10))
        orders = [
            (buy if participant % 2 else sell)(participant, 100, quantity_wh, slot)
            for participant, quantity_wh in enumerate(quantities, start=1)
        ]
        community.run(orders, reveals=[orders[i] for i in rng.permutation(9)])
        community.clear_all(slot, steps=slot)
        assert_as_the_core_decides(community, orders)
        outcomes.add((community.outcome(slot)[2:4], tuple(map(community.filled_wh, orders))))
    assert len(outcomes) == 1


def test_participants_come_in_the_order_of_their_numbers_beyond_one_word_of_flags():
    """A word has flags of 224 participants; the odd Wh of a shared tick goes by number, not by who was first."""
    community = Community(3)
    for _ in range(460):
        community.ledger.register()
    numbers = [1, 223, 224, 447, 448, 463]
    for number in numbers[1:]:
        community.ledger.deposit(number, CREDIT_NEUR)
        community.pay_bond(number, BOND)
    community.open(1, numbers)
    orders = [sell(number, 80, 7) for number in numbers[1:]] + [buy(1, 100, 17)]
    community.run(orders, reveals=orders[::-1])
    community.clear(1)
    assert_as_the_core_decides(community, orders)


def test_with_an_odd_distance_the_price_is_the_lower_tick_half_a_tick_below_the_cores(pair: Community):
    orders = [buy(tick=101), sell(tick=80)]
    pair.run(orders)
    pair.clear(1)
    assert pair.outcome(1) == (True, True, 90, 500, 0)
    assert uniform_call(rows(orders), BAND).buy_price_neur == 80_000 + 90 * 2_000 + 1_000


@pytest.mark.parametrize(
    "orders", [[buy()], [buy(), buy(2)], [buy(tick=79), sell(tick=80)]], ids=["one", "one side", "apart"]
)
def test_where_no_price_suits_both_sides_everything_is_given_back(pair: Community, orders: list[SealedOrder]):
    pair.run(orders)
    pair.clear(1)
    assert pair.outcome(1) == (True, True, 0, 0, 0)
    assert_nothing_is_held_for_what_did_not_trade(pair, orders)
    assert pair.ledger.available(1) == CREDIT_NEUR


def test_an_auction_without_orders_ends_at_once(pair: Community):
    pair.to_phase(1, "clear")
    pair.clear(1)
    assert pair.outcome(1) == (True, True, 0, 0, 0)


def test_trades_settle_like_those_of_the_book(pair: Community):
    """The buyer pays price and fee, the seller receives the price; both deliver what they traded."""
    pair.run([buy(tick=100), sell(tick=80)])
    pair.clear(1)
    pair.ledger.advance_to(2 * SLOT_SECONDS)
    price_neur = 80_000 + 90 * 2_000
    for participant, reading_wh, cash_neur in (
        (1, 500, -500 * (price_neur + TERMS.fee)),
        (2, -500, 500 * price_neur),
    ):
        pair.ledger.submit_reading(1, participant, reading_wh)
        assert pair.ledger.settle(1, participant) == cash_neur


def test_the_events_tell_producer_consumer_energy_and_price(pair: Community):
    pair.run([buy(quantity_wh=300), sell()])
    logs = [pair.auction.decode_log(log) for log in pair.clear(1)["logs"]]
    told = [(log.name, log.arguments) for log in logs if log is not None]
    assert told == [
        ("Decided", {"slot": 1, "volumeWh": 300, "priceTick": 80}),
        ("AuctionTraded", {"slot": 1, "buyer": 1, "seller": 2, "quantityWh": 300, "priceTick": 80}),
    ]


def test_a_ledgers_events_tell_of_both_ways_to_trade(pair: Community):
    ledger = pair.ledger
    ledger.place(1, 2, Side.SELL, 50, 40)
    ledger.place(1, 1, Side.BUY, 60, 40)
    pair.run([buy(quantity_wh=300), sell()])
    cursor = ledger.events().cursor
    pair.clear(1)
    assert ledger.events(cursor).events == [AuctionTraded(1, buyer=1, seller=2, tick=80, quantity_wh=300)]
    traded_wh = sum(
        event.quantity_wh for event in ledger.events().events if isinstance(event, Traded | AuctionTraded)
    )
    assert traded_wh == ledger.position(1, 1).bought_wh == ledger.position(1, 2).sold_wh == 340


def test_its_trades_are_exported_and_traced_as_energy_transactions(pair: Community, tmp_path: Path):
    pair.run([buy(quantity_wh=300), sell()])
    pair.clear(1)
    contracts = CommunityContracts(pair.ledger.node, pair.ledger.deployment)
    export_history(contracts, tmp_path)
    (row,) = pq.read_table(tmp_path / "transactions.parquet").to_pylist()
    assert (row["producer"], row["consumer"], row["energy_wh"], row["settled"]) == (2, 1, 300, False)
    assert row["price_neur_per_wh"] == 80_000 + 80 * 2_000
    history = History(contracts.node, contracts.clients)
    (fill,) = Chronicle(history.read(0, history.last_block())).fills
    assert (fill.buyer, fill.seller, fill.energy_wh, fill.tick) == (1, 2, 300, 80)


# --- bounded steps


@pytest.mark.parametrize("steps", [1, 2, 3, 7])
def test_bought_and_sold_are_equal_after_every_step(steps: int):
    """Whenever the gate closes, there is a seller to what anybody bought, and nothing rests on either side."""
    community = Community(8)
    community.open(1, range(1, 9))
    orders = [(buy if number % 2 else sell)(number, 90, 100 * number + number**2) for number in range(1, 9)]
    community.run(orders)
    while not community.outcome(1)[1]:
        community.clear(1, steps)
        bought_wh = sum(community.filled_wh(order) for order in orders if order.side == Side.BUY)
        sold_wh = sum(community.filled_wh(order) for order in orders if order.side == Side.SELL)
        _, _, _, volume_wh, untraded_wh = community.outcome(1)
        assert bought_wh == sold_wh == volume_wh - untraded_wh
    refused("AlreadyFinished", lambda: community.clear(1))


def test_what_is_not_cleared_by_the_gate_expires(pair: Community):
    pair.run([buy(), sell()])
    pair.clear(1, 2)
    assert not pair.outcome(1)[1]
    pair.to_phase(1, "over")
    refused("WrongPhase: phase 4", lambda: pair.clear(1))
    for participant in (1, 2):
        assert pair.ledger.available(participant) == CREDIT_NEUR


# --- phases


def test_each_act_has_its_phase(pair: Community):
    order, other = buy(), sell()
    gate = SLOT_SECONDS
    lengths = COMMIT + REVEAL + CLEAR
    expected = [(gate - lengths - 1, 0), (gate - lengths, 1), (gate - REVEAL - CLEAR - 1, 1)]
    expected += [
        (gate - REVEAL - CLEAR, 2),
        (gate - CLEAR - 1, 2),
        (gate - CLEAR, 3),
        (gate - 1, 3),
        (gate, 4),
    ]
    for seconds, phase in expected:
        pair.ledger.advance_to(seconds)
        assert pair.view("phaseOf", 1) == (phase,)
        wrong = f"WrongPhase: phase {phase}"
        if phase == COMMITTED:
            pair.commit(order)
        else:
            refused(wrong, lambda: pair.commit(other))
        if phase == REVEALED:
            if pair.view("sealedOrderOf", 1, 1)[0][0] == COMMITTED:
                pair.reveal(order)
        else:
            refused(wrong, lambda: pair.reveal(order))
        if phase < 3:
            refused(wrong, lambda: pair.act(2, "closeUnrevealed", 1, 1))
        if phase != 3:
            refused(wrong, lambda: pair.clear(1))


def test_a_phase_has_a_length():
    with pytest.raises(ValueError, match="auction_reveal_seconds is 0"):
        MarketParameters(auction_reveal_seconds=0)


# --- what a commitment is


def test_python_and_contract_commit_alike(pair: Community):
    order = sell(2, 223, 2**30 - 1)
    slot, participant, *rest = order.opening
    assert pair.view("commitmentTo", slot, participant, *rest) == (order.commitment,)


def test_two_commitments_to_one_order_have_nothing_in_common():
    assert buy().commitment != buy().commitment
    assert "salt" not in repr(buy())


def test_what_is_committed_shows_nothing_but_that_it_is_there(pair: Community):
    pair.to_phase(1, "commit")
    pair.commit(buy())
    assert pair.view("sealedOrderOf", 1, 1) == ((COMMITTED, 0, 0, 0),)
    assert pair.view("sealedOrderOf", 1, 2) == ((NOBODY, 0, 0, 0),)
    assert pair.ledger.available(1) == CREDIT_NEUR


@pytest.mark.parametrize(
    "change",
    [{"tick": 101}, {"quantity_wh": 501}, {"side": Side.SELL}, {"salt": bytes(32)}],
    ids=["tick", "quantity", "side", "salt"],
)
def test_nothing_else_can_be_revealed_than_what_was_committed_to(pair: Community, change: dict[str, Any]):
    order = buy()
    pair.to_phase(1, "commit")
    pair.commit(order)
    pair.to_phase(1, "reveal")
    refused("WrongCommitment: slot 1, participant 1", lambda: pair.reveal(replace(order, **change)))
    pair.reveal(order)
    assert pair.view("sealedOrderOf", 1, 1) == ((REVEALED, 0, 100, 500),)


def test_a_commitment_that_was_copied_from_another_cannot_be_opened(pair: Community):
    order = buy()
    pair.to_phase(1, "commit")
    pair.commit(order)
    pair.act(2, "commit", 1, 2, order.commitment)
    pair.to_phase(1, "reveal")
    pair.reveal(order)
    refused("WrongCommitment: slot 1, participant 2", lambda: pair.reveal(replace(order, participant=2)))


def test_a_commitment_is_to_one_slot(pair: Community):
    order = buy()
    pair.to_phase(1, "commit")
    pair.commit(order)
    pair.to_phase(2, "commit")
    pair.act(1, "commit", 2, 1, order.commitment)
    pair.to_phase(2, "reveal")
    refused("WrongCommitment: slot 2", lambda: pair.reveal(replace(order, slot=2)))


def test_a_second_commitment_replaces_the_first(pair: Community):
    first, second = buy(), buy(tick=120)
    pair.to_phase(1, "commit")
    pair.commit(first)
    pair.commit(second)
    assert pair.view("bondOf", 1) == (3 * BOND, BOND)
    pair.to_phase(1, "reveal")
    refused("WrongCommitment", lambda: pair.reveal(first))
    pair.reveal(second)


def test_an_order_is_revealed_once_and_by_anybody(pair: Community):
    order = buy()
    pair.to_phase(1, "commit")
    refused("NotTheAccount: participant 1", lambda: pair.act(2, "commit", 1, 1, order.commitment))
    pair.commit(order)
    pair.to_phase(1, "reveal")
    pair.reveal(order, by=2)
    refused("NotCommitted: slot 1, participant 1", lambda: pair.reveal(order))
    refused("NotCommitted: slot 1, participant 2", lambda: pair.reveal(sell()))


def test_who_is_no_participant_cannot_commit(pair: Community):
    pair.to_phase(1, "commit")
    refused("NotTheAccount: participant 9", lambda: pair.act(1, "commit", 1, 9, bytes(32)))


# --- admission


@pytest.mark.parametrize(
    ("order", "reject"),
    [
        (buy(quantity_wh=LIMIT_WH + 1), 8),
        (buy(quantity_wh=0), 6),
        (buy(quantity_wh=2**30), 6),
        (sell(1, tick=224), 7),
    ],
    ids=["envelope", "nothing", "too much", "no tick"],
)
def test_what_the_market_does_not_admit_is_not_revealed(pair: Community, order: SealedOrder, reject: int):
    pair.to_phase(1, "commit")
    pair.commit(order)
    pair.to_phase(1, "reveal")
    refused(f"NotAdmitted: reject {reject}", lambda: pair.reveal(order))
    assert pair.view("bondOf", 1) == (3 * BOND, BOND)


def test_an_order_that_was_not_admitted_can_be_revealed_once_there_is_credit(pair: Community):
    order = buy()
    pair.to_phase(1, "commit")
    pair.commit(order)
    pair.ledger.withdraw(1, CREDIT_NEUR)
    pair.to_phase(1, "reveal")
    refused("NotAdmitted: reject 9", lambda: pair.reveal(order))
    pair.ledger.deposit(1, CREDIT_NEUR)
    pair.reveal(order)


def test_what_is_revealed_holds_credit_and_envelope(pair: Community):
    pair.to_phase(1, "commit")
    pair.commit(buy(quantity_wh=LIMIT_WH))
    order = buy(quantity_wh=LIMIT_WH)
    pair.commit(order)
    pair.to_phase(1, "reveal")
    pair.reveal(order)
    held_neur = LIMIT_WH * (80_000 + 100 * 2_000 + TERMS.fee)
    assert pair.ledger.available(1) == CREDIT_NEUR - held_neur
    assert pair.ledger.place(1, 1, Side.BUY, 0, 1).reject.name == "ENVELOPE"


def test_while_the_market_is_paused_nobody_reveals_and_bonds_come_back(pair: Community):
    order = buy()
    pair.to_phase(1, "commit")
    pair.commit(order)
    pair.ledger._require_authority().transact(pair.ledger.market, "pause")
    pair.to_phase(1, "reveal")
    refused("TradingPaused", lambda: pair.reveal(order))
    pair.to_phase(1, "over")
    pair.act(2, "closeUnrevealed", 1, 1)
    assert pair.view("bondOf", 1) == (3 * BOND, 0)
    pair.act(1, "withdrawBond", 1, 3 * BOND)
    assert pair.tokens_of(pair.ledger._signer(1).address) == 3 * BOND


# --- bonds


def test_no_commitment_without_a_bond(pair: Community):
    pair.act(1, "withdrawBond", 1, 2 * BOND + 1)
    pair.to_phase(1, "commit")
    refused(f"InsufficientBond: freeNeur {BOND - 1}, neededNeur {BOND}", lambda: pair.commit(buy()))
    pair.pay_bond(1, 1)
    pair.commit(buy())
    refused("InsufficientBond: freeNeur 0, neededNeur 1", lambda: pair.act(1, "withdrawBond", 1, 1))


def test_only_the_account_withdraws_a_bond(pair: Community):
    refused("NotTheAccount", lambda: pair.act(2, "withdrawBond", 1, 1))


def test_who_reveals_has_its_bond_back(pair: Community):
    pair.run([buy()])
    assert pair.view("bondOf", 1) == (3 * BOND, 0)
    pair.act(1, "withdrawBond", 1, 3 * BOND)
    assert pair.tokens_of(pair.auction.address) == 3 * BOND  # the other's


def test_who_looks_at_others_and_stays_away_pays_the_operator(pair: Community):
    pair.run([buy(), sell()], reveals=[])
    pair.to_phase(1, "over")
    pair.run([buy(slot=2), kept := sell(slot=2)], reveals=[kept])
    pair.clear(2)
    pair.act(2, "closeUnrevealed", 2, 1)
    refused("NotCommitted", lambda: pair.act(2, "closeUnrevealed", 2, 1))
    assert pair.view("bondOf", 1) == (2 * BOND, BOND)  # slot 1's is still held: nobody has closed it
    assert pair.view("forfeitedNeur") == (BOND,)
    refused("NotTheOperator", lambda: pair.act(1, "withdrawForfeits", pair.ledger._signer(1).address))
    treasury = "0x" + "77" * 20
    pair.ledger._require_authority().transact(pair.auction, "withdrawForfeits", treasury)
    assert pair.tokens_of(treasury) == BOND
    assert pair.view("forfeitedNeur") == (0,)
    assert pair.tokens_of(pair.auction.address) == 5 * BOND


@pytest.mark.parametrize(
    ("others", "left"), [(True, 2), (False, 3)], ids=["others revealed", "nobody revealed"]
)
def test_a_commitment_of_the_rings_last_turn_is_closed_by_the_next_one(
    pair: Community, others: bool, left: int
):
    orders = [buy(), sell()]
    pair.run(orders, reveals=orders[1:] if others else [])
    pair.to_phase(5, "commit")
    pair.commit(buy(slot=5))
    assert pair.view("bondOf", 1) == (left * BOND, BOND)
    assert pair.view("sealedOrderOf", 5, 2) == ((NOBODY, 0, 0, 0),)
    assert pair.outcome(5) == (False, False, 0, 0, 0)


def test_bonds_and_forfeits_are_covered_by_tokens_whatever_happens():
    """Two turns of the ring at random: what the auction owes is what it holds."""
    community = Community(6)
    rng = np.random.default_rng(3)
    for slot in range(1, 9):
        orders = [(buy if number % 2 else sell)(number, 90, 100, slot) for number in range(1, 7)]
        if slot <= 4:
            community.open(slot, range(1, 7))
        community.to_phase(slot, "commit")
        committed = [
            order for order in orders if rng.random() < 0.7 and _has_free_bond(community, order.participant)
        ]
        for order in committed:
            community.commit(order)
        community.to_phase(slot, "reveal")
        for order in committed:
            if slot <= 4 and rng.random() < 0.6:
                community.reveal(order)
        community.to_phase(slot, "over")
        for order in committed:
            if (
                rng.random() < 0.3
                and community.view("sealedOrderOf", slot, order.participant)[0][0] == COMMITTED
            ):
                community.act(1, "closeUnrevealed", slot, order.participant)
        bonds = [community.view("bondOf", number) for number in range(1, 7)]
        assert all(0 <= held <= total for total, held in bonds)
        owed = sum(total for total, _ in bonds) + community.view("forfeitedNeur")[0]
        assert owed == community.tokens_of(community.auction.address) == 18 * BOND
    assert community.view("forfeitedNeur")[0] > 0


def _has_free_bond(community: Community, participant: int) -> bool:
    total_neur, held_neur = community.view("bondOf", participant)
    return bool(total_neur - held_neur >= BOND)
