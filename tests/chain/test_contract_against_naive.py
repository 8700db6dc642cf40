"""The contracts against the naive exchange: any stream of events, and everything compared after each of them."""

import itertools
import random

import pytest
from eth_account import Account
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from gridbid.chain.contract_ledger import ParticipantKeys
from gridbid.chain.deploy import MarketParameters
from gridbid.chain.embedded_ledger import EmbeddedLedger
from gridbid.chain.errors import LedgerError
from gridbid.chain.ledger import OrderRequest
from gridbid.market.naive.exchange import NaiveExchange
from gridbid.market.records import PlaceResult
from gridbid.market.types import Reject, Side, Terms
from gridbid.market.units import MAX_QUANTITY_WH

SLOT_SECONDS = 100
RING_SIZE = 4
DEADLINE_SECONDS = 50
START = 1_000
PARTICIPANTS = (1, 2, 3, 4)
STRANGER = 9
SUPPLIER_CREDIT_NEUR = 10**14
"""More than surpluses can earn here: the tokens held bound all payments."""
PLAIN_TERMS = Terms(retail=400_000, feed_in=80_000, fee=50_000, floor=80_000, price_cap=500_000)
NEGATIVE_TERMS = Terms(retail=-20_000, feed_in=-50_000, fee=50_000, floor=-253_000, price_cap=0)
"""About tick 100 a buyer's lock reaches zero."""


class Twins:
    """Both markets, fed with the same events."""

    def __init__(self) -> None:
        parameters = MarketParameters(SLOT_SECONDS, 2_000, RING_SIZE, DEADLINE_SECONDS)
        self.contract = EmbeddedLedger(parameters, now=START)
        self.naive = NaiveExchange(slot_seconds=SLOT_SECONDS, tick_size=2_000, now=START)
        self.orders: list[tuple[int, int]] = []
        """Owner and name of each order that ever rested."""
        self.readings: dict[tuple[int, int], bool] = {}
        """Whether it is a substitute, by slot and participant."""
        self.shown: list[int] = []
        """Slots that still have their place in the ring."""
        for participant in PARTICIPANTS:
            assert self.contract.register() == participant
            self.naive.register(participant)
            self.deposit(participant, 300_000_000)
        self.contract.deposit_supplier(SUPPLIER_CREDIT_NEUR)
        self.naive.supplier_neur = SUPPLIER_CREDIT_NEUR
        self.contract.hold(STRANGER, ParticipantKeys(Account.create(), Account.create()))

    @property
    def running_slot(self) -> int:
        return self.naive.now // SLOT_SECONDS

    @property
    def open_slots(self) -> list[int]:
        return [slot for slot in self.shown if slot > self.running_slot]

    @property
    def ended_slots(self) -> list[int]:
        return [slot for slot in self.shown if self.naive.now >= (slot + 1) * SLOT_SECONDS]

    # --- events

    def deposit(self, participant: int, amount_neur: int) -> None:
        self.contract.deposit(participant, amount_neur)
        self.naive.deposit(participant, amount_neur)
        self.compare()

    def withdraw(self, participant: int, amount_neur: int) -> None:
        assert self.contract.withdraw(participant, amount_neur) == self.naive.withdraw(
            participant, amount_neur
        )
        self.compare()

    def toggle_suspension(self, participant: int) -> None:
        if participant in self.naive.suspended:
            self.contract.reinstate(participant)
            self.naive.suspended.remove(participant)
        else:
            self.contract.suspend(participant)
            self.naive.suspended.add(participant)

    def advance_to(self, seconds: int) -> None:
        self.contract.advance_to(seconds)
        self.naive.now = seconds
        self.compare()

    def publish(self, slot: int, terms: Terms, imports: dict[int, int], exports: dict[int, int]) -> None:
        refusal = self.reason_not_to_publish(slot)
        if refusal is not None:
            with pytest.raises(LedgerError, match=refusal):
                self.contract.publish(slot, terms, imports, exports)
            return
        published = self.contract.publish(slot, terms, imports, exports)
        assert published == self.naive.publish(slot, terms, imports, exports)
        self.shown = [other for other in self.shown if other % RING_SIZE != slot % RING_SIZE] + [slot]
        self.compare()

    def place(self, participant: int, request: OrderRequest) -> None:
        slot, side, tick, quantity_wh, rest = request
        result = self.contract.place(slot, participant, side, tick, quantity_wh, rest)
        assert result == self.place_naively(participant, request)
        self.compare()

    def place_or_revert(self, participant: int, request: OrderRequest) -> None:
        """The single-order entry of the contract: a reject reverts with the error of its name."""
        expected = self.place_naively(participant, request)
        if expected.reject == Reject.NONE:
            self.contract._signer(participant).transact(self.contract.market, "place", *request)
        else:
            error = expected.reject.name.title().replace("_", "")
            with pytest.raises(LedgerError, match=f"^{error}$"):
                self.contract._signer(participant).transact(self.contract.market, "place", *request)
        self.compare()

    def place_many(self, participant: int, batch: list[OrderRequest]) -> None:
        results = self.contract.place_many(participant, batch)
        assert results == [self.place_naively(participant, request) for request in batch]
        self.compare()

    def cancel(self, participant: int, order: int) -> None:
        slot = order >> 48
        if slot in self.shown:
            assert self.contract.cancel(slot, participant, order) == self.naive.cancel(
                slot, participant, order
            )
            self.compare()

    def reduce(self, participant: int, order: int, by_wh: int) -> None:
        slot = order >> 48
        if slot in self.shown:
            expected = self.naive.reduce(slot, participant, order, by_wh)
            assert self.contract.reduce(slot, participant, order, by_wh) == expected
            self.compare()

    def settle(self, slot: int, participant: int, reading_wh: int) -> None:
        """By a metered reading: the first one, or a substitute's correction; a second one is refused."""
        if self.readings.get((slot, participant)) is False:
            with pytest.raises(LedgerError, match="AlreadyRead"):
                self.contract.submit_reading(slot, participant, reading_wh)
            with pytest.raises(LedgerError, match="NothingToSettle"):
                self.contract.settle(slot, participant)
            return
        self.contract.submit_reading(slot, participant, reading_wh)
        self.settle_both(slot, participant, reading_wh, substituted=False)

    def substitute(self, slot: int, participant: int, reading_wh: int) -> None:
        overdue = self.naive.now >= (slot + 1) * SLOT_SECONDS + DEADLINE_SECONDS
        if not overdue or (slot, participant) in self.readings:
            with pytest.raises(LedgerError, match="AlreadyRead" if overdue else "TooEarly"):
                self.contract.substitute_reading(slot, participant, reading_wh)
            return
        self.contract.substitute_reading(slot, participant, reading_wh)
        self.settle_both(slot, participant, reading_wh, substituted=True)

    # --- comparison

    def compare(self) -> None:
        """Accounts, books and positions are the same, and nothing is lost."""
        for participant in PARTICIPANTS:
            if participant in self.naive.balances:
                assert self.contract.balance(participant) == self.naive.balances[participant]
                assert self.contract.available(participant) == self.naive.available(participant)
        assert self.of_market("supplierNeur") == self.naive.supplier_neur
        assert self.of_market("operatorNeur") == self.naive.operator_neur
        for slot in self.shown:
            self.compare_slot(slot)
        self.compare_sums()

    def compare_slot(self, slot: int) -> None:
        assert self.contract.terms(slot) == self.naive.slots[slot].terms
        for side, quote in zip(Side, self.contract.best(slot), strict=True):
            levels = self.naive.levels(slot, side)
            assert self.contract.book(slot, side) == levels
            expected = (levels[0][0], sum(order.quantity_wh for order in levels[0][1])) if levels else None
            assert quote == expected
        for participant in PARTICIPANTS:
            assert self.contract.position(slot, participant) == self.naive.position(slot, participant)

    def compare_sums(self) -> None:
        """Tokens held = accounts + what settled trades still owe to unsettled ones; bought = sold."""
        clearing_neur = 0
        for market in self.naive.slots.values():
            positions = market.positions.values()
            assert sum(p.bought_wh for p in positions) == sum(p.sold_wh for p in positions)
            clearing_neur += sum(p.paid_neur - p.received_neur for p in positions if p.reading_wh is not None)
        accounts_neur = (
            sum(self.naive.balances.values()) + self.naive.supplier_neur + self.naive.operator_neur
        )
        token, market_address = self.contract.deployment.token, self.contract.market.address
        held_neur = self.contract.node.call(token, "balanceOf", market_address)[0]
        assert held_neur == accounts_neur + clearing_neur

    # --- helpers

    def place_naively(self, participant: int, request: OrderRequest) -> PlaceResult:
        if request.slot in self.naive.slots and request.slot not in self.shown:
            return PlaceResult(Reject.NOT_PUBLISHED)
        if self.exceeds_turnover(participant, request):
            return PlaceResult(Reject.ENVELOPE)
        result = self.naive.place(request.slot, participant, *request[1:])
        if result.order:
            self.orders.append((participant, result.order))
        return result

    def exceeds_turnover(self, participant: int, request: OrderRequest) -> bool:
        """The contract's one rule more: what is bought and bid in a slot, or sold and offered, is under 2^30 Wh."""
        slot, side, tick, quantity_wh, _ = request
        if self.naive.admission(slot, participant, side, tick, quantity_wh) not in (
            Reject.NONE,
            Reject.CREDIT,
        ):
            return False
        position = self.naive.position(slot, participant)
        if side == Side.BUY:
            return position.bought_wh + position.open_buy_wh + quantity_wh >= MAX_QUANTITY_WH
        return position.sold_wh + position.open_sell_wh + quantity_wh >= MAX_QUANTITY_WH

    def reason_not_to_publish(self, slot: int) -> str | None:
        if slot <= self.running_slot:
            return "GateClosed"
        if slot in self.shown:
            return "AlreadyPublished"
        for other in self.shown:
            if other % RING_SIZE == slot % RING_SIZE and (other > slot or self.has_unsettled_seats(other)):
                return "RingPlaceOccupied"
        return None

    def has_unsettled_seats(self, slot: int) -> bool:
        market = self.naive.slots[slot]
        seated = {*market.import_limit_wh, *market.export_limit_wh}
        return any(self.naive.position(slot, participant).reading_wh is None for participant in seated)

    def settle_both(self, slot: int, participant: int, reading_wh: int, *, substituted: bool) -> None:
        self.readings[slot, participant] = substituted
        expected = self.naive.settle(slot, participant, reading_wh, substituted)
        assert self.contract.settle(slot, participant) == expected
        self.compare()

    def of_market(self, view: str) -> int:
        return int(self.contract.node.call(self.contract.market, view)[0])


participants = st.sampled_from(PARTICIPANTS)
rarely = st.integers(0, 15).map(lambda number: number == 15)
ticks = st.sampled_from([100, 101, 102, 0, 1, 222, 223])
odd_ticks = st.sampled_from([-1, 224, 255, 256])
quantities_wh = st.sampled_from([1, 2, 3, 5, 10, 20, 400])
odd_quantities_wh = st.sampled_from([-5, 0, 2**30 - 1, 2**30, 2**32, 2**70])
limits_wh = st.sampled_from([1_000, 500, 2**30 - 1, 2**30, 2**80, 20, 5, 0, -3])
envelopes = st.one_of(
    st.fixed_dictionaries(dict.fromkeys(PARTICIPANTS, limits_wh)),
    st.dictionaries(participants, limits_wh),
)
terms = st.builds(
    Terms,
    retail=st.sampled_from([400_000, 250_000, -20_000]),
    feed_in=st.sampled_from([80_000, 390_000, -50_000]),
    fee=st.sampled_from([50_000, 0]),
    floor=st.sampled_from([80_000, -50_000, -51_000, -300_000]),
    price_cap=st.sampled_from([500_000, 400_000]),
)
slots_ahead = st.sampled_from([1, 1, 1, 2, 3, 0, -1, 4])
requests = st.builds(
    OrderRequest,
    slot=slots_ahead,
    side=st.sampled_from(Side),
    tick=rarely.flatmap(lambda odd: odd_ticks if odd else ticks),
    quantity_wh=rarely.flatmap(lambda odd: odd_quantities_wh if odd else quantities_wh),
    rest=rarely.map(lambda odd: not odd),
)


class AnyStreamOfEvents(RuleBasedStateMachine):
    """Draws events of all kinds, with odd values among them."""

    @initialize(terms=st.lists(terms, min_size=2, max_size=2), envelopes=envelopes)
    def open_market(self, terms: list[Terms], envelopes: dict[int, int]) -> None:
        self.twins = Twins()
        for ahead, slot_terms in enumerate(terms, start=1):
            self.twins.publish(self.twins.running_slot + ahead, slot_terms, envelopes, envelopes)

    @rule(participant=participants, amount_neur=st.sampled_from([0, 1, 1_000_000, 10**12]), out=st.booleans())
    def pay(self, participant: int, amount_neur: int, out: bool) -> None:
        (self.twins.withdraw if out else self.twins.deposit)(participant, amount_neur)

    @rule(participant=participants)
    def withdraw_all(self, participant: int) -> None:
        available_neur = max(0, self.twins.naive.available(participant))
        self.twins.withdraw(participant, available_neur + 1)
        self.twins.withdraw(participant, available_neur)

    @rule(participant=participants, request=requests)
    def suspend_for_an_order(self, participant: int, request: OrderRequest) -> None:
        self.twins.toggle_suspension(participant)
        self.twins.place(participant, self.in_slot(request))
        self.twins.toggle_suspension(participant)

    @rule(ahead=st.integers(0, 4), terms=terms, imports=envelopes, exports=envelopes)
    def publish(self, ahead: int, terms: Terms, imports: dict[int, int], exports: dict[int, int]) -> None:
        self.twins.publish(self.twins.running_slot + ahead, terms, imports, exports)

    @rule(seconds=st.sampled_from([1, 50, 99, 100, 101, 150]))
    def advance(self, seconds: int) -> None:
        self.twins.advance_to(self.twins.naive.now + seconds)

    @rule(before=st.booleans())
    def advance_to_next_gate(self, before: bool) -> None:
        """The last second in which the next slot's book is open, or the first one in which it is closed."""
        gate = (self.twins.running_slot + 1) * SLOT_SECONDS
        self.twins.advance_to(gate - 1 if before else gate)

    @rule(orders=st.lists(st.tuples(participants, requests), min_size=2, max_size=12))
    def trade(self, orders: list[tuple[int, OrderRequest]]) -> None:
        for participant, request in orders:
            self.twins.place(participant, self.in_slot(request))

    @rule(participant=participants, request=requests)
    def place_or_revert(self, participant: int, request: OrderRequest) -> None:
        if request.tick in range(256) and request.quantity_wh in range(2**32):
            self.twins.place_or_revert(participant, self.in_slot(request))

    @rule(participant=participants, batch=st.lists(requests, min_size=2, max_size=5))
    def place_many(self, participant: int, batch: list[OrderRequest]) -> None:
        self.twins.place_many(participant, [self.in_slot(request) for request in batch])

    @rule(request=requests)
    def place_as_stranger(self, request: OrderRequest) -> None:
        self.twins.place(STRANGER, self.in_slot(request))

    @precondition(lambda self: self.twins.orders)
    @rule(data=st.data(), participant=participants, by_wh=st.sampled_from([None, 0, 1, 2, 5, 400]))
    def take_off(self, data: st.DataObject, participant: int, by_wh: int | None) -> None:
        """An order of one's own, or of somebody else."""
        owner, order = data.draw(st.sampled_from(self.twins.orders))
        participant = data.draw(st.sampled_from([owner, owner, participant]))
        if by_wh is None:
            self.twins.cancel(participant, order)
        else:
            self.twins.reduce(participant, order, by_wh)

    @precondition(lambda self: self.twins.ended_slots)
    @rule(data=st.data(), participant=participants, reading_wh=st.integers(-600, 600), metered=st.booleans())
    def settle(self, data: st.DataObject, participant: int, reading_wh: int, metered: bool) -> None:
        slot = data.draw(st.sampled_from(self.twins.ended_slots))
        (self.twins.settle if metered else self.twins.substitute)(slot, participant, reading_wh)

    def in_slot(self, request: OrderRequest) -> OrderRequest:
        """From 1 on one of the open slots, if there is any; else counted from the running slot."""
        open_slots = self.twins.open_slots
        if request.slot > 0 and open_slots:
            return request._replace(slot=open_slots[request.slot % len(open_slots)])
        return request._replace(slot=self.twins.running_slot + request.slot)


AnyStreamOfEvents.TestCase.settings = settings(
    max_examples=20, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAnyStreamOfEvents = AnyStreamOfEvents.TestCase


@pytest.mark.parametrize("seed", range(4))
def test_a_busy_market(seed: int) -> None:
    """Many orders about one price, so that most of them meet; the ring goes round, at plain and negative prices."""
    generator = random.Random(seed)
    twins = Twins()
    for _ in range(5):
        trade_ahead(twins, generator, n_events=35)
        twins.advance_to((twins.running_slot + 1) * SLOT_SECONDS + DEADLINE_SECONDS)
        settle_some(twins, generator)
    assert max(twins.shown) >= START // SLOT_SECONDS + RING_SIZE + 2


def trade_ahead(twins: Twins, generator: random.Random, n_events: int) -> None:
    """Open what is not open of the next two slots, and trade there."""
    for ahead in (1, 2):
        if twins.running_slot + ahead not in twins.shown:
            envelopes = {participant: generator.choice([60, 200]) for participant in PARTICIPANTS}
            terms = generator.choice([PLAIN_TERMS, NEGATIVE_TERMS])
            twins.publish(twins.running_slot + ahead, terms, envelopes, envelopes)
    for _ in range(n_events):
        kind = generator.random()
        participant = generator.choice(PARTICIPANTS)
        if kind < 0.7 or not twins.orders:
            twins.place(participant, near_order(twins, generator))
        elif kind < 0.8:
            twins.place_many(participant, [near_order(twins, generator) for _ in range(3)])
        elif kind < 0.9:
            twins.cancel(*generator.choice(twins.orders[-12:]))
        else:
            twins.reduce(*generator.choice(twins.orders[-12:]), generator.randint(1, 6))


def near_order(twins: Twins, generator: random.Random) -> OrderRequest:
    return OrderRequest(
        generator.choice(twins.open_slots),
        generator.choice(list(Side)),
        generator.randint(97, 104),
        generator.randint(1, 25),
        generator.random() < 0.85,
    )


def settle_some(twins: Twins, generator: random.Random) -> None:
    """Substitutes for some of the slot before last, and metered readings for all that ended before it."""
    *before, last = twins.ended_slots or [0]
    for slot, participant in itertools.product(before, PARTICIPANTS):
        if twins.readings.get((slot, participant)) is not False:
            twins.settle(slot, participant, generator.randint(-40, 40))
    for participant in PARTICIPANTS[:2] if last else ():
        twins.substitute(last, participant, generator.randint(-40, 40))
