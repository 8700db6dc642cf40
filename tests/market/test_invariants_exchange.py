"""The laws of the market, each by its name, on the exchange under random calls.

Numbered as in the list that they come from; I3 is not among them (a limit is a price for energy alone, rule 8), and I10, I11
and I14 are laws of the call auction.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from gridbid.market.exchange import Exchange
from gridbid.market.records import PlaceResult
from gridbid.market.types import Fill, Quality, Reject, Side, Terms
from gridbid.market.units import NEUR_PER_EUR

unhurried = settings(deadline=None, max_examples=60)
BUY, SELL = int(Side.BUY), int(Side.SELL)
SLOT_SECONDS = 900
MEMBERS, SLOTS = (1, 2, 3, 4), (1, 2)


class Place(NamedTuple):
    slot: int
    participant: int
    side: int
    tick: int
    quantity_wh: int
    rest: bool


class Reduce(NamedTuple):
    """Take ``by_wh`` off an order that has rested, the ``pick``-th modulo their number; None cancels it."""

    pick: int
    by_wh: int | None


class Wait(NamedTuple):
    seconds: int


class Read(NamedTuple):
    slot: int
    participant: int
    reading_wh: int
    quality: Quality


Event = Place | Reduce | Wait | Read


@dataclass(frozen=True)
class Case:
    """Terms of both slots, everybody's envelope either way and credit, and what happens."""

    terms: Terms
    limit_wh: int
    credit_neur: int
    max_fills: int
    events: list[Event]


class Snapshot(NamedTuple):
    """All that can be read of an exchange, as plain values."""

    now: int
    balances: dict[int, int]
    available: dict[int, int]
    accounts: tuple[int, int]
    levels: dict[tuple[int, int], list[tuple[int, list[tuple[int, int]]]]]
    positions: dict[tuple[int, int], tuple[object, ...]]


def snapshot(exchange: Exchange) -> Snapshot:
    keys = [(slot, member) for slot in SLOTS for member in MEMBERS]
    return Snapshot(
        exchange.now,
        dict(exchange.balances),
        {member: exchange.available(member) for member in MEMBERS},
        (exchange.supplier_neur, exchange.operator_neur),
        {(slot, side): exchange.levels(slot, side) for slot in SLOTS for side in (BUY, SELL)},
        {key: astuple(exchange.position(*key)) for key in keys},
    )


@dataclass
class Market:
    """An exchange under a case's calls, with a ledger of its own of what was ordered."""

    case: Case
    exchange: Exchange = field(init=False)
    orders: dict[int, Place] = field(default_factory=dict)
    """Every order that ever rested, with the quantity that came to rest."""

    def __post_init__(self) -> None:
        self.exchange = Exchange(SLOT_SECONDS, n_ticks=224, max_fills=self.case.max_fills)
        for member in MEMBERS:
            self.exchange.register(member)
            self.exchange.deposit(member, self.case.credit_neur)
        limits = dict.fromkeys(MEMBERS, self.case.limit_wh)
        for slot in SLOTS:
            self.exchange.publish(slot, self.case.terms, limits, limits)

    def apply(self, event: Event) -> PlaceResult | bool | int | None:
        """Make one call; what it returned (a reading that is refused: None)."""
        if isinstance(event, Place):
            placed = self.exchange.place(*event)
            if placed.resting_wh:
                self.orders[placed.order] = event._replace(quantity_wh=placed.resting_wh)
            return placed
        if isinstance(event, Wait):
            self.exchange.now += event.seconds
            return None
        if isinstance(event, Read):
            try:
                return self.exchange.settle(*event)
            except ValueError:
                return None
        if not self.orders:
            return False
        order, place = list(self.orders.items())[event.pick % len(self.orders)]
        if event.by_wh is None:
            return self.exchange.cancel(place.slot, place.participant, order)
        return self.exchange.reduce(place.slot, place.participant, order, event.by_wh)

    def steps(self) -> Iterator[tuple[Snapshot, Event, PlaceResult | bool | int | None, Snapshot]]:
        """The case, call by call: the exchange before, the call, what it returned, the exchange after."""
        before = snapshot(self.exchange)
        for event in self.case.events:
            returned = self.apply(event)
            after = snapshot(self.exchange)
            yield before, event, returned, after
            before = after

    def settle_all(self) -> None:
        """True readings, each a little off the position, for whoever has none yet."""
        self.exchange.now = max(self.exchange.now, (SLOTS[-1] + 1) * SLOT_SECONDS)
        for slot in SLOTS:
            for member in MEMBERS:
                position = self.exchange.position(slot, member)
                if position.quality < Quality.METERED:
                    self.exchange.settle(slot, member, position.net_wh + member - 2)


PRICES = st.sampled_from(
    [
        Terms(retail=350_000, feed_in=78_600, fee=50_000, floor=78_600, price_cap=350_000),
        Terms(retail=350_000, feed_in=78_600, fee=0, floor=0, price_cap=400_000),
        Terms(retail=60_000, feed_in=78_600, fee=50_000, floor=-40_000, price_cap=400_000),
        Terms(retail=-10_000, feed_in=-90_000, fee=20_000, floor=-300_000, price_cap=0),
    ]
)
PLACES = st.builds(
    Place,
    st.sampled_from(SLOTS),
    st.sampled_from(MEMBERS),
    st.sampled_from([BUY, SELL]),
    st.one_of(st.integers(98, 102), st.sampled_from([0, 63, 64, 223, 224, -1])),
    st.one_of(st.integers(1, 9), st.integers(0, 60)),
    st.sampled_from([True, True, True, False]),
)
CHANGES = st.builds(Reduce, st.integers(0, 99), st.one_of(st.none(), st.integers(0, 9)))
WAITS = st.builds(Wait, st.sampled_from([1, 100, 450]))
READINGS = st.builds(
    Read,
    st.sampled_from(SLOTS),
    st.sampled_from(MEMBERS),
    st.integers(-60, 60),
    st.sampled_from([Quality.SUBSTITUTE, Quality.METERED, Quality.RULED]),
)
CASES = st.builds(
    Case,
    PRICES,
    st.sampled_from([20, 60, 10_000]),
    st.sampled_from([NEUR_PER_EUR, NEUR_PER_EUR // 200]),
    st.sampled_from([1, 2, 64]),
    st.lists(st.one_of(*[PLACES] * 6, CHANGES, CHANGES, WAITS, READINGS), min_size=1, max_size=60),
)


@unhurried
@given(CASES)
def test_i1_cash_sums_to_zero_with_the_fees(case: Case) -> None:
    """What came in is all there is, after every call; what trades moved but nobody has settled yet is between the members."""
    market, paid_in_neur = Market(case), len(MEMBERS) * case.credit_neur
    for _, _, _, after in market.steps():
        positions = [market.exchange.position(slot, member) for slot in SLOTS for member in MEMBERS]
        pending_neur = sum(p.received_neur - p.paid_neur for p in positions if p.reading_wh is None)
        assert sum(after.balances.values()) + sum(after.accounts) + pending_neur == paid_in_neur
    market.settle_all()
    exchange = market.exchange
    assert sum(exchange.balances.values()) + exchange.supplier_neur + exchange.operator_neur == paid_in_neur
    bought_wh = sum(exchange.position(slot, member).bought_wh for slot in SLOTS for member in MEMBERS)
    assert exchange.operator_neur == case.terms.fee * bought_wh


@unhurried
@given(CASES)
def test_i2_what_is_bought_is_sold_and_every_metered_wh_is_paid_once(case: Case) -> None:
    market = Market(case)
    for _ in market.steps():
        for slot in SLOTS:
            positions = [market.exchange.position(slot, member) for member in MEMBERS]
            assert sum(p.bought_wh for p in positions) == sum(p.sold_wh for p in positions)
    market.settle_all()
    retail, feed_in, fee = (
        case.terms.retail,
        min(case.terms.feed_in, case.terms.retail - case.terms.fee),
        case.terms.fee,
    )
    for slot in SLOTS:
        for member in MEMBERS:
            position = market.exchange.position(slot, member)
            imbalance_wh = position.reading_wh - (position.bought_wh - position.sold_wh)
            traded_neur = position.received_neur - position.paid_neur - fee * position.bought_wh
            price = retail if imbalance_wh > 0 else feed_in
            assert position.settled_cash_neur == traded_neur - price * imbalance_wh


@unhurried
@given(CASES)
def test_i4_no_order_is_filled_beyond_its_quantity_nor_taken_beyond_envelope_and_credit(case: Case) -> None:
    market, filled_wh = Market(case), Counter[int]()
    for before, event, returned, after in market.steps():
        for key, (bought, sold, _, _, open_buy, open_sell, *_) in after.positions.items():
            assert bought - sold + open_buy <= case.limit_wh, key
            assert sold - bought + open_sell <= case.limit_wh, key
        if not isinstance(event, Place):
            continue
        assert sum(fill.quantity_wh for fill in returned.fills) + returned.resting_wh <= max(
            0, event.quantity_wh
        )
        assert len(returned.fills) <= case.max_fills
        if returned.reject == Reject.NONE:
            assert after.available[event.participant] >= 0
        for fill in returned.fills:
            filled_wh[fill.maker_order] += fill.quantity_wh
            assert filled_wh[fill.maker_order] <= market.orders[fill.maker_order].quantity_wh
            # A maker's worst case doesn't change when it is filled: it traded at its own limit.
            assert after.available[fill.maker] == before.available[fill.maker]


@unhurried
@given(CASES)
def test_i4_what_is_held_covers_a_delivery_as_traded_and_sellers_who_deliver_nothing(case: Case) -> None:
    market = Market(case)
    for _ in market.steps():
        pass
    market.exchange.now = max(market.exchange.now, (SLOTS[-1] + 1) * SLOT_SECONDS)
    for slot in SLOTS:
        for member in MEMBERS:
            position = market.exchange.position(slot, member)
            if position.reading_wh is None:
                held_neur, net_wh = position.fill_lock_neur, position.net_wh
                sold_only = position.bought_wh == 0 and case.terms.price_cap >= case.terms.retail
                reading_wh = 0 if sold_only else net_wh
                assert market.exchange.settle(slot, member, reading_wh) >= -held_neur


@unhurried
@given(CASES)
def test_i5_no_resting_order_is_skipped(case: Case) -> None:
    """Fills are the opposite side's queue in its order, best tick and oldest order first, each but the last whole."""
    for before, event, returned, _ in Market(case).steps():
        if isinstance(event, Place) and returned.fills:
            queue = [
                (tick, *order)
                for tick, orders in before.levels[event.slot, 1 - event.side]
                for order in orders
            ]
            fills = [(fill.tick, fill.maker, fill.quantity_wh) for fill in returned.fills]
            assert fills[:-1] == queue[: len(fills) - 1]
            tick, maker, quantity_wh = queue[len(fills) - 1]
            assert fills[-1][:2] == (tick, maker) and fills[-1][2] <= quantity_wh


@unhurried
@given(CASES)
def test_i6_the_book_is_never_crossed_nor_locked(case: Case) -> None:
    market = Market(case)
    for _ in market.steps():
        for slot in SLOTS:
            bid, ask = market.exchange.best(slot)
            assert bid is None or ask is None or bid < ask


@unhurried
@given(CASES)
def test_i7_nobody_trades_with_himself_and_the_newer_order_gives_way(case: Case) -> None:
    for before, event, returned, after in Market(case).steps():
        if not isinstance(event, Place) or returned.reject != Reject.NONE:
            continue
        assert all(fill.maker != event.participant for fill in returned.fills)
        queue = [
            (tick, *order) for tick, orders in before.levels[event.slot, 1 - event.side] for order in orders
        ]
        whole = len(
            [fill for fill, order in zip(returned.fills, queue, strict=False) if fill.quantity_wh == order[2]]
        )
        left_wh = event.quantity_wh - sum(fill.quantity_wh for fill in returned.fills)
        if left_wh == 0 or whole == len(queue):
            continue
        tick, owner, _ = queue[whole]
        crosses = tick <= event.tick if event.side == BUY else tick >= event.tick
        if crosses and owner == event.participant:
            assert returned.resting_wh == 0
            same_side = (event.slot, event.side)
            assert after.levels[same_side] == before.levels[same_side]
            rest = [
                (tick, *order)
                for tick, orders in after.levels[event.slot, 1 - event.side]
                for order in orders
            ]
            assert rest == queue[whole:]


@unhurried
@given(CASES)
def test_i8_a_cancellation_and_the_gate_release_exactly_what_was_held(case: Case) -> None:
    market = Market(case)
    for before, event, returned, after in market.steps():
        released = {member: after.available[member] - before.available[member] for member in MEMBERS}
        if isinstance(event, Reduce) and returned:
            order = list(market.orders.values())[event.pick % len(market.orders)]
            lock_neur = market.exchange.unit_lock(order.slot, order.side, order.tick)
            gone_wh = open_wh(before) - open_wh(after)
            assert gone_wh == (event.by_wh or gone_wh) > 0
            expected = dict.fromkeys(MEMBERS, 0) | {order.participant: gone_wh * lock_neur}
            assert released == expected
        if isinstance(event, Wait):
            closed = [slot for slot in SLOTS if before.now < slot * SLOT_SECONDS <= after.now]
            for member in MEMBERS:
                held_neur = sum(market.exchange.position(slot, member).open_lock_neur for slot in closed)
                assert released[member] == held_neur


def open_wh(at: Snapshot) -> int:
    return sum(wh for levels in at.levels.values() for _, orders in levels for _, wh in orders)


@unhurried
@given(CASES, PLACES)
def test_i8_what_is_placed_and_cancelled_leaves_no_trace(case: Case, order: Place) -> None:
    market = Market(case)
    for _ in market.steps():
        pass
    before = snapshot(market.exchange)
    placed = market.exchange.place(*order)
    if placed.resting_wh and not placed.fills:
        assert market.exchange.cancel(order.slot, order.participant, placed.order)
        assert snapshot(market.exchange) == before


@unhurried
@given(CASES)
def test_i9_nothing_trades_or_changes_after_the_gate(case: Case) -> None:
    market = Market(case)
    for before, event, returned, after in market.steps():
        slot = event.slot if isinstance(event, Place) else None
        if isinstance(event, Reduce) and market.orders:
            slot = list(market.orders.values())[event.pick % len(market.orders)].slot
        if slot is not None and before.now >= slot * SLOT_SECONDS:
            assert after == before
            assert returned is False or returned == PlaceResult(Reject.GATE_CLOSED)


@unhurried
@given(CASES)
def test_i12_each_fill_moves_the_same_whole_amount_from_buyer_to_seller(case: Case) -> None:
    """Nothing is divided, so nothing is rounded: cash is quantity x the resting order's price, to the unit."""
    market, paid, received = Market(case), Counter[int](), Counter[int]()
    for _, event, returned, _ in market.steps():
        if isinstance(event, Place):
            for fill in returned.fills:
                amount_neur = fill.quantity_wh * (case.terms.floor + 2_000 * fill.tick)
                buyer, seller = sides(event, fill)
                paid[buyer] += amount_neur
                received[seller] += amount_neur
        for member in MEMBERS:
            positions = [market.exchange.position(slot, member) for slot in SLOTS]
            assert sum(p.paid_neur for p in positions) == paid[member]
            assert sum(p.received_neur for p in positions) == received[member]


def sides(order: Place, fill: Fill) -> tuple[int, int]:
    """Buyer and seller of a fill."""
    return (fill.taker, fill.maker) if order.side == BUY else (fill.maker, fill.taker)


@unhurried
@given(CASES)
def test_i13_replaying_the_log_gives_the_same_state(case: Case) -> None:
    """By its hash, after every call; and the log of fills alone gives the positions."""
    first, second, net_wh = Market(case), Market(case), Counter[tuple[int, int]]()
    for (*_, event, returned, once), (*_, again) in zip(first.steps(), second.steps(), strict=True):
        assert state_hash(once) == state_hash(again)
        if isinstance(event, Place):
            for fill in returned.fills:
                buyer, seller = sides(event, fill)
                net_wh[event.slot, buyer] += fill.quantity_wh
                net_wh[event.slot, seller] -= fill.quantity_wh
    for slot in SLOTS:
        for member in MEMBERS:
            assert first.exchange.position(slot, member).net_wh == net_wh[slot, member]


def state_hash(at: Snapshot) -> str:
    return hashlib.sha256(repr(at).encode()).hexdigest()
