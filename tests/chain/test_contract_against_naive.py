"""The contracts against the naive exchange: any stream of events, and everything compared after each of them."""

from eth_account import Account
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gridbid.chain.contract_ledger import ParticipantKeys
from gridbid.chain.deploy import MarketParameters
from gridbid.chain.embedded_ledger import EmbeddedLedger
from gridbid.chain.errors import LedgerError
from gridbid.chain.ledger import OrderRequest
from gridbid.market.naive.exchange import NaiveExchange
from gridbid.market.records import PlaceResult
from gridbid.market.types import Reject, Side, Terms

SLOT_SECONDS = 100
RING_SIZE = 4
DEADLINE_SECONDS = 50
PARTICIPANTS = (1, 2, 3, 4)
STRANGER = 9

participants = st.sampled_from(PARTICIPANTS)
ahead = st.integers(-1, 4)
"""Slots from the running one on."""
sides = st.sampled_from(Side)
ticks = st.sampled_from([0, 1, 2, 3, 100, 222, 223])
odd_ticks = st.sampled_from([-1, 224, 255, 256])
quantities_wh = st.sampled_from([1, 2, 3, 5, 10, 400])
odd_quantities_wh = st.sampled_from([-5, 0, 2**30 - 1, 2**30, 2**32, 2**70])
limits_wh = st.sampled_from([-3, 0, 5, 20, 1_000, 2**30 - 1, 2**30, 2**80])
amounts_neur = st.sampled_from([0, 1, 1_000_000, 50_000_000, 10**12])
readings_wh = st.integers(-600, 600)
terms = st.builds(
    Terms,
    retail=st.sampled_from([-20_000, 250_000, 400_000]),
    feed_in=st.sampled_from([-50_000, 80_000, 390_000]),
    fee=st.sampled_from([0, 50_000]),
    floor=st.sampled_from([-300_000, -51_000, -50_000, 80_000]),
    price_cap=st.sampled_from([100_000, 500_000]),
)
requests = st.builds(
    OrderRequest,
    slot=ahead,
    side=sides,
    tick=st.one_of(ticks, ticks, ticks, odd_ticks),
    quantity_wh=st.one_of(quantities_wh, quantities_wh, quantities_wh, odd_quantities_wh),
    rest=st.sampled_from([True, True, False]),
)


class ContractAgainstNaive(RuleBasedStateMachine):
    """Feeds both with the same events."""

    @initialize()
    def open_accounts(self) -> None:
        parameters = MarketParameters(SLOT_SECONDS, 2_000, RING_SIZE, DEADLINE_SECONDS)
        self.contract = EmbeddedLedger(parameters, now=1_000)
        self.naive = NaiveExchange(slot_seconds=SLOT_SECONDS, tick_size=2_000, now=1_000)
        self.orders: list[tuple[int, int]] = []
        self.readings: dict[tuple[int, int], bool] = {}
        self.shown: list[int] = []
        for participant in PARTICIPANTS:
            assert self.contract.register() == participant
            self.naive.register(participant)
            self.contract.deposit(participant, 200_000_000)
            self.naive.deposit(participant, 200_000_000)
        self.contract.hold(STRANGER, ParticipantKeys(Account.create(), Account.create()))

    # --- accounts

    @rule(participant=participants, amount_neur=amounts_neur)
    def deposit(self, participant: int, amount_neur: int) -> None:
        self.contract.deposit(participant, amount_neur)
        self.naive.deposit(participant, amount_neur)

    @rule(participant=participants, amount_neur=amounts_neur)
    def withdraw(self, participant: int, amount_neur: int) -> None:
        assert self.contract.withdraw(participant, amount_neur) == self.naive.withdraw(participant, amount_neur)

    @rule(participant=participants)
    def withdraw_all(self, participant: int) -> None:
        amount_neur = max(0, self.naive.available(participant))
        assert self.contract.withdraw(participant, amount_neur + 1) is False
        assert self.contract.withdraw(participant, amount_neur) == self.naive.withdraw(participant, amount_neur)

    @rule(participant=participants)
    def toggle_suspension(self, participant: int) -> None:
        if participant in self.naive.suspended:
            self.contract.reinstate(participant)
            self.naive.suspended.remove(participant)
        else:
            self.contract.suspend(participant)
            self.naive.suspended.add(participant)

    # --- slots and time

    @rule(
        ahead=st.integers(1, 3),
        terms=terms,
        imports=st.dictionaries(participants, limits_wh, min_size=2),
        exports=st.dictionaries(participants, limits_wh, min_size=2),
    )
    def publish(self, ahead: int, terms: Terms, imports: dict[int, int], exports: dict[int, int]) -> None:
        slot = self.running_slot + ahead
        try:
            published = self.contract.publish(slot, terms, imports, exports)
        except LedgerError as error:
            assert self.reason_not_to_publish(slot) == error.name
            return
        assert self.reason_not_to_publish(slot) is None
        assert published == self.naive.publish(slot, terms, imports, exports)
        self.shown = [other for other in self.shown if other % RING_SIZE != slot % RING_SIZE] + [slot]

    @rule(seconds=st.sampled_from([1, 50, 99, 100, 101, 150]))
    def advance(self, seconds: int) -> None:
        self.advance_to(self.naive.now + seconds)

    @rule(before=st.booleans())
    def advance_to_next_gate(self, before: bool) -> None:
        """The last second in which the next slot's book is open, or the first one in which it is closed."""
        gate = (self.running_slot + 1) * SLOT_SECONDS
        if before and self.naive.now == gate - 1:
            return
        self.advance_to(gate - 1 if before else gate)

    # --- orders

    @rule(participant=participants, request=requests)
    def place(self, participant: int, request: OrderRequest) -> None:
        request = self.in_slot(request)
        result = self.contract.place(
            request.slot, participant, request.side, request.tick, request.quantity_wh, request.rest
        )
        assert result == self.place_naively(participant, request)

    @rule(participant=participants, request=requests)
    def place_or_revert(self, participant: int, request: OrderRequest) -> None:
        """The single-order entry: the same, but a reject reverts with the error of its name."""
        request = self.in_slot(request)
        if not (0 <= request.tick < 256 and 0 <= request.quantity_wh < 2**32):
            return
        expected = self.place_naively(participant, request)
        try:
            self.contract._signer(participant).transact(self.contract.market, "place", *request)
        except LedgerError as error:
            assert error.name == expected.reject.name.title().replace("_", "")
        else:
            assert expected.reject == Reject.NONE

    @rule(participant=participants, batch=st.lists(requests, min_size=2, max_size=5))
    def place_many(self, participant: int, batch: list[OrderRequest]) -> None:
        batch = [self.in_slot(request) for request in batch]
        results = self.contract.place_many(participant, batch)
        assert results == [self.place_naively(participant, request) for request in batch]

    @rule(request=requests)
    def place_as_stranger(self, request: OrderRequest) -> None:
        request = self.in_slot(request)
        result = self.contract.place(
            request.slot, STRANGER, request.side, request.tick, request.quantity_wh, request.rest
        )
        assert result == self.place_naively(STRANGER, request)
        assert result.reject in (Reject.NOT_PUBLISHED, Reject.GATE_CLOSED, Reject.NOT_REGISTERED)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), participant=participants)
    def cancel(self, data: st.DataObject, participant: int) -> None:
        """An order of one's own, or of somebody else."""
        owner, order = data.draw(st.sampled_from(self.orders))
        participant = data.draw(st.sampled_from([owner, owner, participant]))
        slot = order >> 48
        if slot in self.shown:
            assert self.contract.cancel(slot, participant, order) == self.naive.cancel(slot, participant, order)

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), by_wh=st.sampled_from([0, 1, 2, 5, 400]))
    def reduce(self, data: st.DataObject, by_wh: int) -> None:
        owner, order = data.draw(st.sampled_from(self.orders))
        slot = order >> 48
        if slot in self.shown:
            expected = self.naive.reduce(slot, owner, order, by_wh)
            assert self.contract.reduce(slot, owner, order, by_wh) == expected

    # --- settlement

    @precondition(lambda self: self.ended_slots())
    @rule(data=st.data(), participant=participants, reading_wh=readings_wh)
    def settle(self, data: st.DataObject, participant: int, reading_wh: int) -> None:
        """A metered reading: the first one, or a substitute's correction."""
        slot = data.draw(st.sampled_from(self.ended_slots()))
        self.settle_metered(slot, participant, reading_wh)

    @precondition(lambda self: self.ended_slots())
    @rule(data=st.data(), participant=participants, reading_wh=readings_wh)
    def substitute(self, data: st.DataObject, participant: int, reading_wh: int) -> None:
        slot = data.draw(st.sampled_from(self.ended_slots()))
        overdue = self.naive.now >= (slot + 1) * SLOT_SECONDS + DEADLINE_SECONDS
        if overdue and (slot, participant) not in self.readings:
            self.contract.substitute_reading(slot, participant, reading_wh)
            self.settle_both(slot, participant, reading_wh, substituted=True)

    @precondition(lambda self: self.ended_slots())
    @rule(data=st.data())
    def settle_all(self, data: st.DataObject) -> None:
        """So that the ring goes round."""
        slot = data.draw(st.sampled_from(self.ended_slots()))
        for participant in PARTICIPANTS:
            self.settle_metered(slot, participant, 7)

    # --- compared after each event

    @invariant()
    def accounts_agree(self) -> None:
        if not hasattr(self, "naive"):
            return
        for participant in PARTICIPANTS:
            assert self.contract.balance(participant) == self.naive.balances[participant]
            assert self.contract.available(participant) == self.naive.available(participant)
        assert self.of_market("supplierNeur") == self.naive.supplier_neur
        assert self.of_market("operatorNeur") == self.naive.operator_neur

    @invariant()
    def slots_agree(self) -> None:
        for slot in getattr(self, "shown", []):
            assert self.contract.terms(slot) == self.naive.slots[slot].terms
            for side in Side:
                assert self.contract.book(slot, side) == self.naive.levels(slot, side)
            self.best_agrees(slot)
            for participant in PARTICIPANTS:
                assert self.contract.position(slot, participant) == self.naive.position(slot, participant)

    @invariant()
    def nothing_is_lost(self) -> None:
        """Tokens held = accounts + what settled trades still owe to unsettled ones; bought = sold."""
        if not hasattr(self, "naive"):
            return
        in_clearing = 0
        for market in self.naive.slots.values():
            positions = market.positions.values()
            assert sum(p.bought_wh for p in positions) == sum(p.sold_wh for p in positions)
            in_clearing += sum(p.paid_neur - p.received_neur for p in positions if p.reading_wh is not None)
        accounts = sum(self.naive.balances.values()) + self.naive.supplier_neur + self.naive.operator_neur
        token, market_address = self.contract.deployment.token, self.contract.deployment.market_address
        held = self.contract.node.call(token, "balanceOf", market_address)[0]
        assert held == accounts + in_clearing

    # --- helpers

    @property
    def running_slot(self) -> int:
        return self.naive.now // SLOT_SECONDS

    def in_slot(self, request: OrderRequest) -> OrderRequest:
        return request._replace(slot=self.running_slot + request.slot)

    def advance_to(self, seconds: int) -> None:
        self.contract.advance_to(seconds)
        self.naive.now = seconds

    def place_naively(self, participant: int, request: OrderRequest) -> PlaceResult:
        slot = request.slot
        if slot in self.naive.slots and slot not in self.shown:
            return PlaceResult(Reject.NOT_PUBLISHED)
        result = self.naive.place(slot, participant, *request[1:])
        if result.order:
            self.orders.append((participant, result.order))
        return result

    def reason_not_to_publish(self, slot: int) -> str | None:
        if slot in self.shown:
            return "AlreadyPublished"
        for other in self.shown:
            if other % RING_SIZE == slot % RING_SIZE and (other > slot or self.unsettled_seats(other)):
                return "RingPlaceOccupied"
        return None

    def unsettled_seats(self, slot: int) -> bool:
        market = self.naive.slots[slot]
        seated = {*market.import_limit_wh, *market.export_limit_wh}
        return any(self.naive.position(slot, participant).reading_wh is None for participant in seated)

    def ended_slots(self) -> list[int]:
        return [slot for slot in self.shown if self.naive.now >= (slot + 1) * SLOT_SECONDS]

    def settle_metered(self, slot: int, participant: int, reading_wh: int) -> None:
        if self.readings.get((slot, participant)) is not False:
            self.contract.submit_reading(slot, participant, reading_wh)
            self.settle_both(slot, participant, reading_wh, substituted=False)

    def settle_both(self, slot: int, participant: int, reading_wh: int, *, substituted: bool) -> None:
        self.readings[slot, participant] = substituted
        expected = self.naive.settle(slot, participant, reading_wh, substituted)
        assert self.contract.settle(slot, participant) == expected

    def best_agrees(self, slot: int) -> None:
        quotes = self.contract.best(slot)
        assert tuple(quote and quote.tick for quote in quotes) == self.naive.best(slot)
        for side, quote in zip(Side, quotes, strict=True):
            if quote is not None:
                oldest_first = self.naive.levels(slot, side)[0][1]
                assert quote.quantity_wh == sum(order.quantity_wh for order in oldest_first)

    def of_market(self, view: str) -> int:
        return int(self.contract.node.call(self.contract.market, view)[0])


ContractAgainstNaive.TestCase.settings = settings(
    max_examples=20, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestAnyStreamOfEvents = ContractAgainstNaive.TestCase
