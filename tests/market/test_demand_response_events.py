"""Events from draft to closed: kernels and twin after every command, closed books, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridbid.market.demand_response.events import clear_events, event_ahead, event_of_slot
from gridbid.market.demand_response.local_days import even_days
from gridbid.market.demand_response.program import Program
from gridbid.market.demand_response.step import (
    after_delivery,
    allocate_demand_response,
    begin_slot,
    call_event,
)
from gridbid.market.demand_response.types import (
    MAX_EVENT_WH,
    MAX_RATE,
    MAX_READING_WH,
    BaselineRules,
    Method,
    Phase,
    Refusal,
    Response,
    Terms,
)
from gridbid.market.errors import InputError
from gridbid.market.naive.demand_response import NaiveProgram

HOURS, N = 24, 3
BEFORE = 9 * HOURS
TERMS = Terms(start=BEFORE + 18, n_slots=3, rate=1_000_000, availability_rate=20_000, penalty_rate=300_000)


def pre_rolled(n=N, readings=(1_000, 2_000, 3_000), days=20, **kw):
    """A program after nine days, Monday to Tuesday, of constant readings."""
    program = Program(even_days(days, HOURS), n, **kw)
    for _ in range(BEFORE):
        program.deliver(list(readings))
    return program


# --- kernels and twin

COMMANDS = ("publish", "out", "in", "cancel", "compare", "settle", "dispute", "correct", "resolve")


def legal(phase, command):
    """Where the lifecycle takes a command."""
    before_active = (Phase.DRAFT, Phase.PUBLISHED, Phase.ARMED, Phase.RAMP)
    return {
        "publish": phase == Phase.DRAFT,
        "out": phase == Phase.PUBLISHED,
        "in": phase == Phase.PUBLISHED,
        "cancel": phase in before_active,
        "compare": phase == Phase.METERED,
        "settle": phase == Phase.BASELINED,
        "dispute": phase == Phase.SETTLED,
        "correct": phase == Phase.DISPUTED,
        "resolve": phase == Phase.DISPUTED,
    }[command]


class Pair:
    """A program and its twin, commanded alike."""

    def __init__(self, rules):
        days = even_days(20, HOURS)
        self.program, self.twin = Program(days, N, rules), NaiveProgram(days, N, rules)
        self.events = {}

    def deliver(self, readings):
        self.program.deliver(readings)
        self.twin.deliver(readings)

    def draft(self, terms, targets):
        try:
            seat = self.program.draft(terms, targets)
        except InputError as refused:
            last = terms.start + terms.n_slots - 1
            full = sum(event.phase < Phase.CLOSED for event in self.events.values()) == 4
            assert full or terms.start // HOURS != last // HOURS or last >= 20 * HOURS, str(refused)
            return None
        self.events[seat] = self.twin.draft(terms, targets)
        return seat

    def command(self, seat, command, i, wh):
        """Give one command to both; what the lifecycle forbids must be refused, and change nothing."""
        event = self.events[seat]
        try:
            self._command_program(seat, command, i, wh)
        except InputError as refused:
            unfit = command in ("out", "in") and event.response and event.response[i] == Response.UNFIT
            late = command == "publish" and self._too_late(event)
            assert unfit or late or not legal(event.phase, command), str(refused)
            return
        assert legal(event.phase, command)
        assert command != "publish" or not self._too_late(event)
        self._command_twin(event, command, i, wh)

    def _too_late(self, event):
        terms, now = event.terms, self.program.now
        days = [other.terms.start // HOURS for other in self.twin.events if other.instructed_wh]
        in_order = terms.start // HOURS > max(days, default=-1)
        return (
            terms.start - terms.ramp - now < terms.notice or terms.start - terms.opt_out < now or not in_order
        )

    def _command_program(self, seat, command, i, wh):
        program = self.program
        if command == "correct":
            program.correct(seat, i, program.terms(seat).start, wh)
        elif command in ("out", "in"):
            program.respond(seat, i, Response.OUT if command == "out" else Response.IN)
        else:
            getattr(program, command)(seat)

    def _command_twin(self, event, command, i, wh):
        twin = self.twin
        if command == "correct":
            event.reading_wh[0][i] = wh
        elif command in ("out", "in"):
            event.response[i] = Response.OUT if command == "out" else Response.IN
        elif command == "cancel":
            event.phase = Phase.CANCELLED
        elif command == "dispute":
            event.phase = Phase.DISPUTED
        elif command == "resolve":
            twin.compare(event)
            twin.settle(event)
            twin.advance()
        else:
            getattr(twin, command)(event)

    def assert_equal(self):
        program, twin = self.program, self.twin
        assert program.cash_neur[0].tolist() == twin.cash_neur
        assert program.operator_neur == twin.operator_neur == -sum(twin.cash_neur)
        arrays = program.state.events
        for seat, event in self.events.items():
            assert program.phase(seat) == event.phase
            if event.phase < Phase.PUBLISHED or not event.response:
                continue
            assert arrays.response[0, seat].tolist() == event.response
            assert program.by_slot(seat, "instructed_wh") == event.instructed_wh
            assert program.by_slot(seat, "baseline_wh") == event.baseline_wh
            if event.delivered_wh:
                assert arrays.delivered_wh[0, seat].tolist() == event.delivered_wh
                assert arrays.paid_neur[0, seat].tolist() == event.paid_neur


@st.composite
def terms_and_targets(draw, now):
    """An event of one to four hours, today or tomorrow, that may come too late."""
    n_slots, ramp = draw(st.integers(1, 4)), draw(st.integers(0, 2))
    terms = Terms(
        start=now + draw(st.integers(0, 30)),
        n_slots=n_slots,
        rate=draw(st.integers(0, 3_000_000)),
        availability_rate=draw(st.integers(0, 100_000)),
        penalty_rate=draw(st.integers(0, 1_000_000)),
        notice=draw(st.integers(0, 3)),
        opt_out=ramp + draw(st.integers(0, 2)),
        ramp=ramp,
        recovery=draw(st.integers(0, 2)),
        dispute=draw(st.integers(0, 60)),
    )
    return terms, draw(st.lists(st.integers(0, 3_000), min_size=n_slots, max_size=n_slots))


@given(st.data(), st.sampled_from(Method), st.sampled_from([0, 20, 1_000_000]))
@settings(max_examples=25)
def test_program_and_twin_agree_after_every_command(data, method, cap_percent):
    pair = Pair(BaselineRules(int(method), cap_percent))
    random = np.random.default_rng(data.draw(st.integers(0, 1 << 32)))
    normal = random.integers(-500, 3_000, (HOURS, N))
    for slot in range(data.draw(st.sampled_from([4, 9])) * HOURS):
        pair.deliver((normal[slot % HOURS] + random.integers(-200, 200, N)).tolist())
    for _ in range(data.draw(st.integers(20, 80))):
        alive = [seat for seat, event in sorted(pair.events.items()) if event.phase < Phase.CLOSED]
        if not alive or data.draw(st.integers(0, 9)) == 0:
            seat = pair.draft(*data.draw(terms_and_targets(pair.program.now)))
            if seat is not None:
                pair.command(seat, "publish", 0, 0)
        else:
            seat = data.draw(st.sampled_from(alive))
            fitting = [c for c in COMMANDS if c != "cancel" and legal(pair.events[seat].phase, c)]
            command = data.draw(st.sampled_from(4 * fitting + list(COMMANDS)))
            pair.command(seat, command, data.draw(st.integers(0, N - 1)), data.draw(st.integers(-500, 3_000)))
        pair.assert_equal()
        for _ in range(data.draw(st.integers(0, 6))):
            if pair.program.now == 20 * HOURS:
                return
            hour = pair.program.now % HOURS
            pair.deliver((normal[hour] * random.uniform(0.2, 1.6, N)).astype(int).tolist())
            pair.assert_equal()


@given(st.integers(0, 1 << 32), st.sampled_from(Method))
@settings(max_examples=10)
def test_the_batch_step_does_what_programs_do_one_by_one(seed, method):
    """Communities of a batch, called at different times, pay what each alone pays; and the operator pays it all."""
    random = np.random.default_rng(seed)
    batch, days, rules = 3, even_days(16, HOURS), BaselineRules(int(method))
    response = allocate_demand_response(days, N, batch, rules)
    programs = [Program(days, N, rules) for _ in range(batch)]
    cash = np.zeros((batch, N), np.int64)
    operator = np.zeros(batch, np.int64)
    for slot in range(16 * HOURS - 1):
        readings = random.integers(0, 3_000, (batch, N))
        for b, program in enumerate(programs):
            if slot >= BEFORE and random.random() < 0.2:
                terms = Terms(
                    slot + int(random.integers(4, 20)), int(random.integers(1, 5)), 1_000_000, 20_000, 300_000
                )
                target = int(random.integers(0, 4_000))
                refused = call_event(response, b, slot, terms, target)
                try:
                    program.publish(program.draft(terms, target))
                    assert refused == 0
                except InputError:
                    assert refused != 0
                    for k in np.flatnonzero(program.state.events.phase[0] == Phase.DRAFT):
                        program.cancel(int(k))
            operator[b] -= after_delivery(response, b, slot, readings, cash)
            program.deliver(readings[b].tolist())
            for k in np.flatnonzero(program.state.events.phase[0] == Phase.METERED):
                program.compare(int(k))
                program.settle(int(k))
    assert cash.tolist() == [program.cash_neur[0].tolist() for program in programs]
    assert (cash.sum(axis=1) + operator == 0).all()
    assert cash.any()


# --- a life, step by step


def test_an_event_lives_from_draft_to_closed():
    program = pre_rolled()
    event = program.draft(TERMS, 1_200)
    seen = [(program.now, program.phase(event))]
    program.publish(event)
    while program.phase(event) != Phase.CLOSED:
        if program.phase(event) != seen[-1][1]:
            seen.append((program.now, program.phase(event)))
        if program.phase(event) == Phase.METERED:
            program.compare(event)
        elif program.phase(event) == Phase.BASELINED:
            program.settle(event)
        else:
            program.deliver([1_000, 2_000, 3_000])
    assert seen == [
        (BEFORE, Phase.DRAFT),
        (BEFORE, Phase.PUBLISHED),
        (BEFORE + 16, Phase.ARMED),
        (BEFORE + 17, Phase.RAMP),
        (BEFORE + 18, Phase.ACTIVE),
        (BEFORE + 21, Phase.RECOVERY),
        (BEFORE + 23, Phase.METERED),
        (BEFORE + 23, Phase.BASELINED),
        (BEFORE + 23, Phase.SETTLED),
    ]
    assert program.now == BEFORE + 23 + 96


def run_to_settlement(program, event, cuts):
    """Deliver constant readings with cuts in the event's slots, and settle."""
    while program.phase(event) != Phase.METERED:
        inside = TERMS.start <= program.now < TERMS.start + TERMS.n_slots
        program.deliver(
            [wh - (cut if inside else 0) for wh, cut in zip((1_000, 2_000, 3_000), cuts, strict=True)]
        )
    program.compare(event)
    return program.settle(event)


def test_a_target_is_shared_out_by_baselines_and_paid_by_delivery():
    program = pre_rolled()
    event = program.draft(TERMS, 1_200)
    program.publish(event)
    assert program.by_slot(event, "instructed_wh") == [[200, 400, 600]] * 3
    paid = run_to_settlement(program, event, (500, 320, 0))
    rate, availability, penalty = 1_000_000, 20_000, 300_000
    assert paid == [
        600 * (rate + availability),  # more than instructed counts as what was instructed
        960 * rate * 2 // 3
        + 1_200 * availability
        - 180 * penalty,  # rho 0.8: two thirds; 180 Wh short of 95 %
        1_800 * availability - 1_710 * penalty,  # nothing delivered, nothing paid for it
    ]
    assert program.operator_neur == -sum(paid)


def test_who_opts_out_is_asked_for_nothing_and_gets_nothing():
    program = pre_rolled()
    event = program.draft(TERMS, 1_200)
    program.publish(event)
    program.respond(event, 2, Response.OUT)
    assert run_to_settlement(program, event, (200, 400, 600))[2] == 0


def test_a_dispute_pays_the_difference():
    program = pre_rolled()
    event = program.draft(TERMS, 1_200)
    program.publish(event)
    first = run_to_settlement(program, event, (200, 400, 0))
    program.dispute(event)
    for slot in range(TERMS.start, TERMS.start + TERMS.n_slots):
        program.correct(event, 2, slot, 2_400)
    second = program.resolve(event)
    assert second[:2] == first[:2]
    assert second[2] == 1_800 * (1_000_000 + 20_000)
    assert program.cash_neur[0].tolist() == second
    assert program.operator_neur == -sum(second)
    assert program.phase(event) == Phase.SETTLED


def test_a_cancelled_event_pays_nothing_and_frees_its_seat():
    program = pre_rolled(seats=1)
    event = program.draft(TERMS, 1_200)
    program.publish(event)
    with pytest.raises(InputError, match=r"1 events are alive"):
        program.draft(TERMS._replace(start=TERMS.start + HOURS), 1_200)
    program.cancel(event)
    for _ in range(2 * HOURS):
        program.deliver([1_000, 2_000, 3_000])
    assert program.phase(event) == Phase.CANCELLED
    assert program.operator_neur == 0
    program.draft(TERMS._replace(start=program.now + 10), 1_200)


def test_who_asks_finds_the_event_of_a_slot_and_the_next_one():
    program = pre_rolled()
    first = program.draft(TERMS, 1_200)
    program.publish(first)
    second = program.draft(TERMS._replace(start=TERMS.start + HOURS), 1_200)
    events = program.state.events
    found = [event_of_slot(events, 0, TERMS.start + step) for step in (-1, 0, 2, 3, HOURS)]
    assert found == [-1, first, first, -1, -1], "a draft is nobody's event yet"
    program.publish(second)
    assert [event_ahead(events, 0, TERMS.start + step) for step in (-9, 0, 1, HOURS + 1)] == [
        first,
        first,
        second,
        -1,
    ]


# --- what is refused


@pytest.mark.parametrize(
    ("changes", "target", "match"),
    [
        ({"n_slots": 0}, [], r"n_slots is 0; it must be 1 to 4"),
        ({"n_slots": 5, "start": BEFORE + 10}, 100, r"n_slots is 5"),
        ({"start": BEFORE + 22}, 100, r"start is 238, n_slots 3.*one local day"),
        ({"start": -1}, 100, r"one local day"),
        ({"start": 20 * HOURS}, 100, r"one local day"),
        ({"ramp": -1}, 100, r"none may be below 0"),
        ({"ramp": 3, "opt_out": 2}, 100, r"opt_out not below ramp"),
        ({}, -1, r"target_wh is \[-1, -1, -1\]"),
        ({}, MAX_READING_WH + 1, r"each must be 0 to 4194304"),
        ({}, [100], r"target_wh is \[100\]"),
        ({"rate": -1}, 100, r"the rates are -1, 20000, 300000"),
        ({"penalty_rate": MAX_RATE + 1}, 100, r"each must be 0 to 4294967296"),
        ({"rate": -5, "n_slots": 9, "start": BEFORE}, 100, r"n_slots is 9.*the rates are -5"),
    ],
)
def test_faults_of_a_draft_are_all_named(changes, target, match):
    program = pre_rolled()
    with pytest.raises(InputError, match=match):
        program.draft(TERMS._replace(**changes), target)
    assert not program.state.events.phase.any()


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        (
            {"start": BEFORE + 4},
            r"the ramp begins in slot 219, it is slot 216; there must be 4 slots of notice",
        ),
        ({"start": BEFORE + 6, "opt_out": 7}, r"opting out ends in slot 215, it is slot 216"),
        ({"start": BEFORE + 1, "notice": 0, "opt_out": 2}, r"opting out ends in slot 215"),
    ],
)
def test_a_draft_that_comes_too_late_is_not_published(changes, match):
    program = pre_rolled()
    event = program.draft(TERMS._replace(**changes), 100)
    with pytest.raises(InputError, match=match):
        program.publish(event)
    assert program.phase(event) == Phase.DRAFT


def test_one_event_a_day_in_the_order_of_days():
    program = pre_rolled()
    program.publish(program.draft(TERMS, 100))
    second = program.draft(TERMS._replace(start=TERMS.start - 6), 100)
    with pytest.raises(InputError, match=r"local day 9; it must be later than day 9"):
        program.publish(second)


def test_commands_out_of_place_say_what_would_be_right():
    program = pre_rolled()
    event = program.draft(TERMS, 1_200)
    with pytest.raises(InputError, match=r"event 0 is DRAFT; SETTLE needs it to be BASELINED"):
        program.settle(event)
    program.publish(event)
    with pytest.raises(InputError, match=r"is PUBLISHED; PUBLISH needs it to be DRAFT"):
        program.publish(event)
    with pytest.raises(InputError, match=r"response is <Response.UNFIT: 2>"):
        program.respond(event, 0, Response.UNFIT)
    with pytest.raises(InputError, match=r"participant is 3; there are 0 to 2"):
        program.respond(event, 3, Response.OUT)
    with pytest.raises(InputError, match=r"event is 7; there are 0 to 3"):
        program.cancel(7)
    run_to_settlement(program, event, (0, 0, 0))
    with pytest.raises(InputError, match=r"CANCEL needs it to be DRAFT or PUBLISHED or ARMED or RAMP"):
        program.cancel(event)
    program.dispute(event)
    with pytest.raises(InputError, match=r"slot is 1; the event has slots 234 to 236"):
        program.correct(event, 0, 1, 0)
    with pytest.raises(InputError, match=r"reading_wh is 4194305"):
        program.correct(event, 0, TERMS.start, MAX_READING_WH + 1)


def test_opting_out_ends_at_the_deadline():
    program = pre_rolled()
    event = program.draft(TERMS, 1_200)
    program.publish(event)
    for _ in range(16):
        program.deliver([1_000, 2_000, 3_000])
    with pytest.raises(InputError, match=r"is ARMED; RESPOND needs it to be PUBLISHED"):
        program.respond(event, 0, Response.OUT)


def test_readings_are_checked():
    program = Program(even_days(1, HOURS), 2)
    with pytest.raises(
        InputError, match=r"there are 1 readings; 2 are due; readings \[99999999\] Wh are beyond"
    ):
        program.deliver([99_999_999])
    for _ in range(HOURS):
        program.deliver([0, 0])
    with pytest.raises(InputError, match=r"slot 24 is beyond the calendar's 24"):
        program.deliver([0, 0])


def test_a_program_is_checked():
    with pytest.raises(InputError, match=r"n is 0.*seats is 0.*longest is -1.*cap_percent is -1"):
        Program(even_days(1, HOURS), 0, BaselineRules(cap_percent=-1), seats=0, longest=-1)


def test_the_engines_call_names_its_refusals_as_bits_and_leaves_the_seat_free():
    response = allocate_demand_response(even_days(20, HOURS), 2, seats=1)
    late = Terms(start=30, n_slots=2, rate=1)
    assert call_event(response, 0, 28, late, 100) == Refusal.NOTICE
    assert call_event(response, 0, 20, late._replace(n_slots=9), MAX_EVENT_WH) == Refusal.LENGTH
    assert call_event(response, 0, 20, late, MAX_READING_WH + 1) == Refusal.TARGET
    assert call_event(response, 0, 20, late, 100) == 0
    assert call_event(response, 0, 20, late._replace(start=60), 100) == Refusal.SEAT
    begin_slot(response, 0, 29)
    assert response.events.phase.tolist() == [[Phase.RAMP]]
    clear_events(response.events, 0)
    assert call_event(response, 0, 20, late, 100) == 0
