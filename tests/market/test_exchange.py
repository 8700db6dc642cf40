"""The exchange on Numba against its plain twin, after every event, and both against the laws of the books."""

import random
from collections import Counter
from dataclasses import astuple

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gridbid.market.exchange import Exchange
from gridbid.market.naive.exchange import NaiveExchange
from gridbid.market.records import PlaceResult
from gridbid.market.slot_market import FIRST_CAPACITY
from gridbid.market.types import Fill, OpenOrder, Quality, Reject, Side, Terms, order_id
from gridbid.market.units import MAX_CREDIT_LINE_NEUR, MAX_PRICE

BUY, SELL = int(Side.BUY), int(Side.SELL)
SLOT_SECONDS = 900
TERMS = Terms(retail=350_000, feed_in=78_600, fee=50_000, floor=0, price_cap=400_000)
EUR = 1_000_000_000

PARTICIPANTS = [1, 2, 3, 4]
STRANGER = 9
SLOTS = [1, 2, 3]
QUALITIES = [Quality.SUBSTITUTE, Quality.METERED, Quality.RULED]
SOME_TERMS = [
    TERMS,
    Terms(retail=60_000, feed_in=78_600, fee=50_000, floor=-40_000, price_cap=400_000),  # feed-in is lowered
    Terms(retail=-10_000, feed_in=-90_000, fee=20_000, floor=-300_000, price_cap=0),  # all prices negative
]


def assert_same(exchange: Exchange, naive: NaiveExchange) -> None:
    assert_same_accounts(exchange, naive)
    for slot in naive.slots:
        assert_same_slot(exchange, naive, slot)


def assert_same_accounts(exchange: Exchange, naive: NaiveExchange) -> None:
    assert exchange.balances == naive.balances
    assert (exchange.supplier_neur, exchange.operator_neur) == (naive.supplier_neur, naive.operator_neur)
    for participant in PARTICIPANTS:
        assert exchange.available(participant) == naive.available(participant)


def assert_same_slot(exchange: Exchange, naive: NaiveExchange, slot: int) -> None:
    for side in (BUY, SELL):
        assert exchange.levels(slot, side) == naive.levels(slot, side)
    assert exchange.best(slot) == naive.best(slot)
    for participant in PARTICIPANTS:
        assert astuple(exchange.position(slot, participant)) == astuple(naive.position(slot, participant))


def assert_books_close(exchange: Exchange, paid_in_neur: int) -> None:
    """What came in is all there is: in accounts, or in trades that are not yet settled."""
    pending_neur = 0
    for slot in exchange.slots:
        positions = [exchange.position(slot, participant) for participant in PARTICIPANTS]
        assert sum(p.bought_wh for p in positions) == sum(p.sold_wh for p in positions)
        assert sum(p.paid_neur for p in positions) == sum(p.received_neur for p in positions)
        pending_neur += sum(p.received_neur - p.paid_neur for p in positions if p.reading_wh is None)
    accounts_neur = exchange.supplier_neur + exchange.operator_neur
    assert sum(exchange.balances.values()) + accounts_neur + pending_neur == paid_in_neur


class Books(RuleBasedStateMachine):
    """Both exchanges under the same calls; the ledger of what came in and what was ordered is the machine's own."""

    @initialize(max_fills=st.sampled_from([1, 2, 64]), n_ticks=st.sampled_from([2, 65, 224, 256]))
    def open(self, max_fills: int, n_ticks: int) -> None:
        self.exchange = Exchange(SLOT_SECONDS, 2_000, n_ticks, max_fills)
        self.naive = NaiveExchange(SLOT_SECONDS, 2_000, n_ticks, max_fills)
        self.n_ticks = n_ticks
        self.paid_in_neur = 0
        self.orders: dict[int, tuple[int, int, int]] = {}
        """Slot, participant and tick of every order that ever rested."""
        for participant in PARTICIPANTS:
            for market in (self.exchange, self.naive):
                market.register(participant)
                market.deposit(participant, EUR // 20)
            self.paid_in_neur += EUR // 20

    @rule(participant=st.sampled_from(PARTICIPANTS), amount_neur=st.sampled_from([0, 1, EUR // 100, 1 << 70]))
    def deposit(self, participant: int, amount_neur: int) -> None:
        self.exchange.deposit(participant, amount_neur)
        self.naive.deposit(participant, amount_neur)
        self.paid_in_neur += amount_neur

    @rule(participant=st.sampled_from(PARTICIPANTS), share=st.sampled_from([0.0, 0.5, 1.0, 1.01]))
    def withdraw(self, participant: int, share: float) -> None:
        amount_neur = int(max(0, self.naive.available(participant)) * share) + (share > 1.0)
        paid = self.exchange.withdraw(participant, amount_neur)
        assert paid == self.naive.withdraw(participant, amount_neur)
        self.paid_in_neur -= amount_neur if paid else 0

    @rule(participant=st.sampled_from(PARTICIPANTS), suspended=st.booleans())
    def suspend(self, participant: int, suspended: bool) -> None:
        for market in (self.exchange, self.naive):
            (market.suspended.add if suspended else market.suspended.discard)(participant)

    @rule(
        slot=st.sampled_from(SLOTS),
        terms=st.sampled_from(SOME_TERMS),
        limits=st.lists(st.integers(0, 60), min_size=8),
        lines=st.dictionaries(st.sampled_from(PARTICIPANTS), st.integers(0, 30_000_000)),
    )
    def publish(self, slot: int, terms: Terms, limits: list[int], lines: dict[int, int]) -> None:
        if slot in self.naive.slots:
            return
        imports = dict(zip(PARTICIPANTS, limits[:4], strict=True))
        exports = dict(zip(PARTICIPANTS, limits[4:8], strict=True))
        published = self.exchange.publish(slot, terms, imports, exports, lines)
        assert published == self.naive.publish(slot, terms, imports, exports, lines)
        assert published.feed_in + published.fee <= published.retail

    @precondition(lambda self: self.naive.slots)
    @rule(
        slot=st.sampled_from(SLOTS),
        participant=st.sampled_from([*PARTICIPANTS, *PARTICIPANTS, STRANGER]),
        side=st.sampled_from([BUY, SELL, Side.BUY, Side.SELL]),
        offset=st.integers(-3, 3),
        quantity_wh=st.sampled_from([1, 1, 2, 5, 10, 20, 40, 0, -1, 1 << 30, 1 << 70]),
        rest=st.sampled_from([True, True, False]),
    )
    def place(
        self, slot: int, participant: int, side: int, offset: int, quantity_wh: int, rest: bool
    ) -> None:
        tick = self.n_ticks // 2 + offset
        before = {s: self.naive.levels(slot, s) for s in (BUY, SELL)} if slot in self.naive.slots else {}
        result = self.exchange.place(slot, participant, side, tick, quantity_wh, rest)
        assert result == self.naive.place(slot, participant, side, tick, quantity_wh, rest)
        if result.reject:
            assert result == PlaceResult(result.reject)
            assert before == ({s: self.exchange.levels(slot, s) for s in before})
            return
        self.check_limits(slot, side, tick, result)
        if result.resting_wh:
            assert result.order not in self.orders
            self.orders[result.order] = (slot, participant, tick)

    def check_limits(self, slot: int, side: int, tick: int, result: PlaceResult) -> None:
        """Nobody trades at a worse price than his limit; the maker gets his own."""
        for fill in result.fills:
            assert self.orders[fill.maker_order] == (slot, fill.maker, fill.tick)
            assert fill.tick <= tick if side == BUY else fill.tick >= tick
            assert fill.maker != fill.taker

    @precondition(lambda self: self.orders)
    @rule(
        pick=st.integers(0, 99),
        stranger=st.sampled_from([False, False, False, True]),
        by_wh=st.sampled_from([None, None, 1, 2, 5, 0, -1, 100]),
    )
    def withdraw_order(self, pick: int, stranger: bool, by_wh: int | None) -> None:
        order = sorted(self.orders)[pick % len(self.orders)]
        slot, owner, _ = self.orders[order]
        participant = STRANGER if stranger else owner
        if by_wh is None:
            done = self.exchange.cancel(slot, participant, order)
            assert done == self.naive.cancel(slot, participant, order)
        else:
            done = self.exchange.reduce(slot, participant, order, by_wh)
            assert done == self.naive.reduce(slot, participant, order, by_wh)
        assert not (done and stranger)

    @rule(seconds=st.sampled_from([1, 300, 899]))
    def wait(self, seconds: int) -> None:
        self.exchange.now += seconds
        self.naive.now += seconds

    @rule(
        slot=st.sampled_from(SLOTS),
        participant=st.sampled_from(PARTICIPANTS),
        reading_wh=st.integers(-80, 80),
        quality=st.sampled_from(QUALITIES),
    )
    def settle(self, slot: int, participant: int, reading_wh: int, quality: Quality) -> None:
        if slot not in self.naive.slots:
            return
        try:
            expected = self.naive.settle(slot, participant, reading_wh, quality)
        except ValueError:
            with pytest.raises(ValueError, match=r"has not ended|is settled"):
                self.exchange.settle(slot, participant, reading_wh, quality)
        else:
            assert self.exchange.settle(slot, participant, reading_wh, quality) == expected

    @invariant()
    def same(self) -> None:
        assert_same(self.exchange, self.naive)

    @invariant()
    def books_close(self) -> None:
        assert_books_close(self.exchange, self.paid_in_neur)

    @invariant()
    def never_crossed(self) -> None:
        for slot in self.exchange.slots:
            bid, ask = self.exchange.best(slot)
            assert bid is None or ask is None or bid < ask


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=120, stateful_step_count=50, deadline=None)


class Flow:
    """A random stream of calls on both exchanges, compared after each; a slot opens, trades, is delivered, and settles."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        n_ticks, max_fills = self.draw.choice([2, 64, 224, 224, 256]), self.draw.choice([1, 3, 64, 64])
        tick_size = self.draw.choice([1, 2_000])
        self.exchange = Exchange(SLOT_SECONDS, tick_size, n_ticks, max_fills)
        self.naive = NaiveExchange(SLOT_SECONDS, tick_size, n_ticks, max_fills)
        self.orders: dict[int, list[tuple[int, int, int]]] = {}
        """Order, owner and quantity of what has rested, by slot."""
        self.paid_in_neur = 0
        self.seen: Counter[str] = Counter()
        """How often what is rare has been met: reasons, fills, cancellations, corrections."""
        for participant in PARTICIPANTS:
            for market in (self.exchange, self.naive):
                market.register(participant)
            self.deposit(participant, EUR // 4)

    def play(self, n_events: int) -> None:
        """Play so many events; every slot is compared after every hundredth, the one touched after each."""
        events = (
            [self.place] * 12 + [self.change] * 3 + [self.wait, self.settle, self.move_credit, self.suspend]
        )
        for n in range(n_events):
            slot = self.open_slot()
            self.draw.choice(events)(slot)
            if n % 100 == 99:
                assert_same(self.exchange, self.naive)
                assert_books_close(self.exchange, self.paid_in_neur)

    def open_slot(self) -> int:
        """One of the next three slots, or one that is past; published when it is new, with tight envelopes here and there."""
        slot = max(1, self.naive.now // SLOT_SECONDS + self.draw.choice([1] * 8 + [2, 2, 3, 0, -1]))
        if slot not in self.naive.slots and self.draw.random() < 0.8:
            limits = [
                {
                    p: self.draw.choice([0, 100, 2_000, 2_000, 1 << 40])
                    for p in PARTICIPANTS
                    if self.draw.random() < 0.9
                }
                for _ in range(2)
            ]
            terms = self.draw.choice(SOME_TERMS)
            lines = {p: self.draw.randrange(30_000_000) for p in PARTICIPANTS if self.draw.random() < 0.3}
            published = self.exchange.publish(slot, terms, *limits, lines)
            assert published == self.naive.publish(slot, terms, *limits, lines)
        return slot

    def place(self, slot: int) -> None:
        slot += self.draw.choice([0] * 49 + [50])
        owner = self.draw.choice([*PARTICIPANTS * 4, STRANGER])
        side, middle = self.draw.choice((BUY, SELL)), self.naive.n_ticks // 2
        tick = middle + self.draw.choice(
            [-2, -1, -1, 0, 0, 0, 1, 1, 2, -middle, middle - 1, -middle - 1, 128]
        )
        quantity_wh = self.draw.choice([1, 2, 5, 10, 20, 40] * 4 + [0, -1, 1_000, 1 << 30])
        order = (slot, owner, side, tick, quantity_wh, self.draw.random() < 0.8)
        result = self.exchange.place(*order)
        assert result == self.naive.place(*order)
        self.seen[result.reject.name] += 1
        self.seen["fills"] += len(result.fills)
        if result.resting_wh:
            self.orders.setdefault(slot, []).append((result.order, owner, result.resting_wh))
        elif result.reject == Reject.NONE and sum(fill.quantity_wh for fill in result.fills) < quantity_wh:
            self.seen["remainders cancelled"] += 1
        self.check(slot)

    def change(self, slot: int) -> None:
        """Cancel or reduce an order that has rested, perhaps one that is gone or another's."""
        if slot not in self.orders:
            return
        order, owner, quantity_wh = self.draw.choice(self.orders[slot])
        who = owner if self.draw.random() < 0.9 else self.draw.choice([*PARTICIPANTS, STRANGER])
        if self.draw.random() < 0.5:
            done = self.exchange.cancel(slot, who, order)
            assert done == self.naive.cancel(slot, who, order)
        else:
            by_wh = self.draw.choice([1, quantity_wh, quantity_wh + 1, 0, -1])
            done = self.exchange.reduce(slot, who, order, by_wh)
            assert done == self.naive.reduce(slot, who, order, by_wh)
        self.seen["orders changed" if done else "changes refused"] += 1
        self.check(slot)

    def wait(self, slot: int) -> None:
        to_the_gate = SLOT_SECONDS - self.naive.now % SLOT_SECONDS
        seconds = self.draw.choice([1, 1, 30, 30, 100, 300, to_the_gate])
        self.exchange.now = self.naive.now = self.naive.now + seconds
        self.check(slot)

    def settle(self, slot: int) -> None:
        """Readings of a past slot: true ones, substitutes, corrections, and what comes too early or too late."""
        slot -= self.draw.choice([1, 2, 3])
        for participant in self.draw.sample(PARTICIPANTS, 2):
            if slot not in self.naive.slots:
                return
            reading_wh, quality = self.draw.randint(-60, 60), self.draw.choice(QUALITIES)
            again = self.naive.position(slot, participant).reading_wh is not None
            try:
                expected = self.naive.settle(slot, participant, reading_wh, quality)
            except ValueError:
                with pytest.raises(ValueError, match=r"has not ended|is settled"):
                    self.exchange.settle(slot, participant, reading_wh, quality)
                self.seen["readings refused"] += 1
            else:
                assert self.exchange.settle(slot, participant, reading_wh, quality) == expected
                self.seen["corrections" if again else "readings"] += 1
            self.check(slot)

    def move_credit(self, slot: int) -> None:
        participant = self.draw.choice(PARTICIPANTS)
        available = max(0, self.naive.available(participant))
        if available < EUR // 4:
            self.deposit(participant, self.draw.choice([1, EUR // 10, EUR // 2]))
        else:
            amount_neur = self.draw.choice([1, available // 2, available, available + 1])
            paid = self.exchange.withdraw(participant, amount_neur)
            assert paid == self.naive.withdraw(participant, amount_neur)
            self.paid_in_neur -= amount_neur if paid else 0
        self.check(slot)

    def deposit(self, participant: int, amount_neur: int) -> None:
        for market in (self.exchange, self.naive):
            market.deposit(participant, amount_neur)
        self.paid_in_neur += amount_neur

    def suspend(self, slot: int) -> None:
        """Suspend somebody, seldom for long."""
        suspended = {p for p in self.naive.suspended if self.draw.random() < 0.3}
        suspended |= set(self.draw.sample(PARTICIPANTS, self.draw.choice([0, 0, 1])))
        for market in (self.exchange, self.naive):
            market.suspended.clear()
            market.suspended.update(suspended)
        self.check(slot)

    def check(self, slot: int) -> None:
        assert_same_accounts(self.exchange, self.naive)
        if slot in self.naive.slots:
            assert_same_slot(self.exchange, self.naive, slot)


def play_flows(n_events: int, seed: int) -> Counter[str]:
    """Random flows of 2 000 events each, every one on exchanges of its own; what they met."""
    seen: Counter[str] = Counter()
    for flow_seed in range(n_events // 2_000):
        flow = Flow(1_000 * seed + flow_seed)
        flow.play(2_000)
        seen += flow.seen
    return seen


RARE = [reason.name for reason in Reject] + [
    "fills", "remainders cancelled", "orders changed", "changes refused", "readings", "corrections", "readings refused",
]  # fmt: skip


def test_exchange_is_its_twin_over_10_000_random_events() -> None:
    seen = play_flows(10_000, seed=1)
    assert min(seen[what] for what in RARE) > 10, seen


@pytest.mark.slow
def test_exchange_is_its_twin_over_a_million_random_events() -> None:
    seen = play_flows(1_000_000, seed=2)
    assert min(seen[what] for what in RARE) > 1_000, seen


@pytest.mark.parametrize("terms", SOME_TERMS)
def test_traded_slots_settle_alike_with_substitutes_and_corrections(terms: Terms) -> None:
    draw = random.Random(terms.retail)
    exchange, naive = Exchange(), NaiveExchange()
    limits = dict.fromkeys(PARTICIPANTS, 2_000)
    for market in (exchange, naive):
        for participant in PARTICIPANTS:
            market.register(participant)
            market.deposit(participant, EUR)
    bought_wh = 0
    for slot in range(1, 6):
        assert exchange.publish(slot, terms, limits, limits) == naive.publish(slot, terms, limits, limits)
        for _ in range(40):
            order = (
                slot,
                draw.choice(PARTICIPANTS),
                draw.choice((BUY, SELL)),
                draw.randint(95, 105),
                draw.randint(1, 90),
            )
            assert exchange.place(*order) == naive.place(*order)
            assert_same_slot(exchange, naive, slot)
        exchange.now = naive.now = (slot + 1) * SLOT_SECONDS
        readings = [(p, quality) for quality in QUALITIES for p in PARTICIPANTS[quality - 1 :]]
        for participant, quality in readings:
            reading_wh = draw.randint(-300, 300)
            change = exchange.settle(slot, participant, reading_wh, quality)
            assert change == naive.settle(slot, participant, reading_wh, quality)
            assert_same(exchange, naive)
            assert_books_close(exchange, len(PARTICIPANTS) * EUR)
        bought_wh += sum(exchange.position(slot, p).bought_wh for p in PARTICIPANTS)
    accounts_neur = exchange.supplier_neur + exchange.operator_neur
    assert sum(exchange.balances.values()) + accounts_neur == len(PARTICIPANTS) * EUR
    assert exchange.operator_neur == terms.fee * bought_wh > 0
    assert all(exchange.available(p) == exchange.balances[p] for p in PARTICIPANTS)


def open_exchange(terms: Terms = TERMS, participants: int = 3, limit_wh: int = 100_000) -> Exchange:
    exchange = Exchange()
    limits = dict.fromkeys(range(1, participants + 1), limit_wh)
    for participant in limits:
        exchange.register(participant)
        exchange.deposit(participant, EUR)
    exchange.publish(1, terms, limits, limits)
    return exchange


def test_a_slot_by_hand() -> None:
    exchange = open_exchange()
    offer = exchange.place(1, 1, SELL, 60, 100)
    assert (offer.order, offer.resting_wh) == (order_id(1, SELL, 60, 0), 100)
    assert exchange.available(1) == EUR - 100 * (400_000 - 120_000)
    bid = exchange.place(1, 2, BUY, 70, 130)
    assert bid.fills == [Fill(offer.order, 2, 1, 60, 100)]
    assert exchange.levels(1, BUY) == [(70, [OpenOrder(2, 30)])]
    assert exchange.best(1) == (70, None)
    assert exchange.available(2) == EUR - 100 * (120_000 + 50_000) - 30 * (140_000 + 50_000)
    exchange.now = 900  # the gate: what rests holds nothing more
    assert exchange.available(2) == EUR - 100 * 170_000
    exchange.now = 1_800
    assert exchange.settle(1, 1, reading_wh=-90) == 100 * 120_000 - 10 * 350_000
    assert exchange.settle(1, 2, reading_wh=80) == -100 * 170_000 + 20 * 78_600
    assert exchange.operator_neur == 100 * 50_000
    assert exchange.supplier_neur == 10 * 350_000 - 20 * 78_600
    assert exchange.available(1) == EUR + 8_500_000


def test_a_credit_line_covers_the_first_part_of_the_worst_case() -> None:
    """A line of 10.9 mEUR counts as 10; a sale of 1 Wh at tick 60 holds 280 000 nEUR, a bid at tick 70 190 000."""
    exchange = Exchange()
    limits = {1: 100_000, 2: 100_000}
    for participant in limits:
        exchange.register(participant)
    exchange.deposit(1, 1_200_000)
    exchange.publish(1, TERMS, limits, limits, credit_line_neur={1: 10_999_999})
    assert exchange.place(1, 1, SELL, 60, 41).reject == Reject.CREDIT
    offer = exchange.place(1, 1, SELL, 60, 40)
    assert exchange.available(1) == 0
    assert exchange.reduce(1, 1, offer.order, 20)
    assert exchange.available(1) == 1_200_000
    assert not exchange.withdraw(1, 1_200_001)
    exchange.deposit(2, 190_000 * 20)
    assert len(exchange.place(1, 2, BUY, 70, 20).fills) == 1
    assert exchange.place(1, 1, SELL, 60, 21).reject == Reject.CREDIT
    assert exchange.place(1, 1, SELL, 60, 20).resting_wh == 20
    exchange.now = 1_800
    assert exchange.settle(1, 1, 0) == 20 * 120_000 - 20 * 350_000
    assert exchange.available(1) == exchange.balances[1] == 1_200_000 - 4_600_000


def test_a_reading_settles_the_difference_and_gives_way_to_none_of_lower_quality() -> None:
    exchange, retail, feed_in = open_exchange(), 350_000, 78_600
    exchange.now = 1_800
    assert exchange.settle(1, 1, 50, Quality.SUBSTITUTE) == -50 * retail
    assert exchange.settle(1, 1, 60, Quality.SUBSTITUTE) == -10 * retail
    assert exchange.settle(1, 1, -10) == 60 * retail + 10 * feed_in
    assert exchange.settle(1, 1, -10) == 0
    with pytest.raises(ValueError, match="participant 1 is settled in slot 1, by a METERED reading"):
        exchange.settle(1, 1, 60, Quality.SUBSTITUTE)
    assert exchange.settle(1, 1, -12) == 2 * feed_in
    assert exchange.settle(1, 1, 1, Quality.RULED) == -12 * feed_in - retail
    with pytest.raises(ValueError, match="by a RULED reading"):
        exchange.settle(1, 1, -12)
    with pytest.raises(ValueError, match="quality is 0; a reading is"):
        exchange.settle(1, 1, 1, Quality.NONE)
    assert exchange.supplier_neur == retail == -exchange.position(1, 1).settled_cash_neur


def test_debt_closes_the_market_to_its_owner() -> None:
    exchange = open_exchange()
    exchange.publish(3, TERMS, {1: 100}, {1: 100})
    exchange.now = 1_800
    exchange.settle(1, 1, reading_wh=10_000)
    assert exchange.balances[1] == EUR - 10_000 * 350_000
    assert exchange.place(3, 1, BUY, 50, 1).reject == Reject.IN_DEBT


def test_book_grows_past_its_first_capacity_and_keeps_every_order() -> None:
    exchange, naive = open_exchange(), NaiveExchange()
    limits = dict.fromkeys((1, 2, 3), 100_000)
    for participant in limits:
        naive.register(participant)
        naive.deposit(participant, EUR)
    naive.publish(1, TERMS, limits, limits)
    orders = []
    for n in range(5 * FIRST_CAPACITY):
        placed = exchange.place(1, 1 + n % 2, SELL, 150 + n % 7, 1 + n % 3)
        assert placed == naive.place(1, 1 + n % 2, SELL, 150 + n % 7, 1 + n % 3)
        assert placed.resting_wh
        orders.append((1 + n % 2, placed.order))
    for participant, order in orders[::3]:
        assert exchange.cancel(1, participant, order) and naive.cancel(1, participant, order)
    assert exchange.levels(1, SELL) == naive.levels(1, SELL)
    assert exchange.place(1, 3, BUY, 223, 250) == naive.place(1, 3, BUY, 223, 250)
    assert exchange.levels(1, SELL) == naive.levels(1, SELL)


def test_cash_beyond_int64_is_exact() -> None:
    exchange = open_exchange()
    exchange.deposit(1, 1 << 70)
    assert exchange.place(1, 1, BUY, 100, 7).resting_wh == 7
    assert exchange.available(1) == EUR + (1 << 70) - 7 * 250_000
    assert exchange.withdraw(1, 1 << 70)


def test_reasons_come_in_their_order() -> None:
    exchange = open_exchange(limit_wh=10)
    assert exchange.place(7, 1, BUY, 50, 1).reject == Reject.NOT_PUBLISHED
    assert exchange.place(1, STRANGER, BUY, 50, 1).reject == Reject.NOT_REGISTERED
    assert exchange.place(1, 1, BUY, -1, 0).reject == Reject.BAD_QUANTITY
    assert exchange.place(1, 1, BUY, 224, 1).reject == Reject.BAD_TICK
    assert exchange.place(1, 1, SELL, 1 << 80, 1).reject == Reject.BAD_TICK
    assert exchange.place(1, 1, BUY, 50, 11).reject == Reject.ENVELOPE
    exchange.withdraw(1, EUR)
    assert exchange.place(1, 1, BUY, 50, 10).reject == Reject.CREDIT
    exchange.suspended.add(1)
    assert exchange.place(1, 1, BUY, 50, 10).reject == Reject.SUSPENDED
    exchange.now = 900
    assert exchange.place(1, 1, BUY, 50, 10).reject == Reject.GATE_CLOSED


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_ticks": 257}, "n_ticks is 257, expected an integer, at least 1 and at most 256"),
        ({"n_ticks": 0}, "n_ticks is 0"),
        ({"slot_seconds": 0}, "slot_seconds is 0"),
        ({"tick_size": -1}, "tick_size is -1"),
        ({"max_fills": 0}, "max_fills is 0"),
        ({"max_fills": 0, "tick_size": 0.5}, "tick_size is 0.5, .*; max_fills is 0, "),
    ],
)
def test_bad_parameters_are_named(arguments: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Exchange(**arguments)


def test_wrong_calls_are_named_and_change_nothing() -> None:
    exchange = open_exchange()
    for call, message in [
        (lambda: exchange.register(0), "participant is 0; participants are numbered from 1"),
        (lambda: exchange.deposit(STRANGER, 1), "participant 9 is not registered"),
        (lambda: exchange.deposit(1, -1), "amount_neur is -1; it must not be negative"),
        (lambda: exchange.withdraw(1, -1), "amount_neur is -1; it must not be negative"),
        (lambda: exchange.publish(1, TERMS, {}, {}), "slot 1 is published already"),
        (
            lambda: exchange.publish(2, TERMS._replace(retail=MAX_PRICE + 1), {}, {}),
            "retail is 4294967297, expected an integer",
        ),
        (lambda: exchange.publish(2, TERMS._replace(floor=MAX_PRICE), {}, {}), "the highest tick's price is"),
        (
            lambda: exchange.publish(2, TERMS._replace(price_cap=349_999), {}, {}),
            "price_cap is 349999, expected at least retail, 350000",
        ),
        (
            lambda: exchange.publish(2, TERMS, {}, {}, {1: MAX_CREDIT_LINE_NEUR + 1, 2: -1}),
            "participant 1's credit line is 67108863000001, expected an integer, at least 0",
        ),
        (lambda: exchange.levels(5, BUY), "slot 5 is not published"),
        (lambda: exchange.levels(1, 2), "2 is not a valid Side"),
        (lambda: exchange.settle(5, 1, 0), "slot 5 is not published"),
        (lambda: exchange.settle(1, STRANGER, 0), "participant 9 is not registered"),
        (lambda: exchange.settle(1, 1, 0), "slot 1 has not ended"),
        (lambda: setattr(exchange, "now", -1), "now is set to -1; it must not be before 0"),
    ]:
        with pytest.raises(ValueError, match=message):
            call()
    exchange.now = 1_800
    with pytest.raises(ValueError, match="reading_wh is 1073741824"):
        exchange.settle(1, 1, 1 << 30)
    assert exchange.balances == {1: EUR, 2: EUR, 3: EUR}
    assert list(exchange.slots) == [1]
    assert (exchange.supplier_neur, exchange.operator_neur) == (0, 0)
