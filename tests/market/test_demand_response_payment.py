"""What an event pays, and where it may go: against figures worked out by hand, exact fractions and laws."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridbid.market.demand_response.lifecycle import ILLEGAL, Times, after_command, next_phase
from gridbid.market.demand_response.payment import (
    delivered_wh,
    payment_neur,
    penalty_neur_up,
    share_down,
    utilisation_neur_down,
)
from gridbid.market.demand_response.types import (
    MAX_EVENT_WH,
    MAX_RATE,
    MAX_READING_WH,
    Command,
    Phase,
    Terms,
)
from gridbid.market.naive import demand_response as naive

READINGS = st.integers(-MAX_READING_WH, MAX_READING_WH)
RATES = st.integers(0, MAX_RATE)


@st.composite
def deliveries(draw):
    """Delivered and instructed Wh, with the thresholds' neighbours among them."""
    instructed = draw(st.integers(0, MAX_EVENT_WH))
    near = [instructed * percent // 100 + step for percent in (0, 50, 95, 100) for step in (-1, 0, 1)]
    delivered = draw(st.one_of(st.sampled_from(near), st.integers(0, instructed)))
    return min(max(0, delivered), instructed), instructed


@pytest.mark.parametrize(
    ("delivered", "expected_percent"),
    [(1_000, 100), (950, 100), (725, 50), (500, 0), (499, 0), (590, 20), (0, 0)],
)
def test_the_sliding_scale_by_hand(delivered, expected_percent):
    """1 000 Wh instructed: full pay from 950 Wh, half at 725, nothing at 500."""
    rate = 1_000_000
    assert utilisation_neur_down(rate, delivered, 1_000) == rate * delivered * expected_percent // 100


def test_an_event_by_hand():
    """2 000 Wh instructed, 1 600 delivered at 1 EUR/kWh: rho 0.8 pays two thirds; 300 Wh are missing to 95 %."""
    assert payment_neur(1_000_000, 50_000, 400_000, 1_600, 2_000) == (
        50_000 * 2_000 + 1_066_666_666 - 400_000 * 300
    )


@given(READINGS, READINGS, st.integers(0, MAX_READING_WH))
def test_delivered_is_between_nothing_and_what_was_instructed(baseline, reading, instructed):
    delivered = delivered_wh(baseline, reading, instructed)
    assert 0 <= delivered <= instructed
    if 0 <= baseline - reading <= instructed:
        assert delivered == baseline - reading


@given(RATES, RATES, RATES, deliveries())
def test_payment_is_the_twins(rate, availability, penalty, amounts):
    delivered, instructed = amounts
    terms = Terms(0, 1, rate, availability, penalty)
    got = payment_neur(rate, availability, penalty, delivered, instructed)
    assert got == naive.payment_neur(terms, delivered, instructed)


@given(RATES, deliveries())
def test_half_delivered_or_less_is_paid_nothing_and_more_never_pays_less(rate, amounts):
    delivered, instructed = amounts
    pay = utilisation_neur_down(rate, delivered, instructed)
    assert 0 <= pay <= rate * delivered
    if 2 * delivered <= instructed:
        assert pay == 0
    if delivered < instructed:
        assert utilisation_neur_down(rate, delivered + 1, instructed) >= pay


@given(RATES, RATES, deliveries())
def test_without_a_penalty_nobody_pays_for_taking_part(rate, availability, amounts):
    assert payment_neur(rate, availability, 0, *amounts) >= 0


@given(RATES, deliveries())
def test_the_penalty_is_rounded_up_by_less_than_one(penalty, amounts):
    delivered, instructed = amounts
    exact = penalty * max(Fraction(0), Fraction(19, 20) * instructed - delivered)
    assert exact <= penalty_neur_up(penalty, delivered, instructed) < exact + 1


@given(st.integers(0, MAX_RATE * MAX_EVENT_WH), st.integers(1, 9 * MAX_EVENT_WH), st.data())
def test_a_share_is_exact_and_rounded_down(amount, whole, data):
    part = data.draw(st.integers(0, whole))
    assert share_down(amount, part, whole) == amount * part // whole


ALLOWED = {
    Command.PUBLISH: {Phase.DRAFT: Phase.PUBLISHED},
    Command.CANCEL: {
        phase: Phase.CANCELLED for phase in (Phase.DRAFT, Phase.PUBLISHED, Phase.ARMED, Phase.RAMP)
    },
    Command.RESPOND: {Phase.PUBLISHED: Phase.PUBLISHED},
    Command.COMPARE: {Phase.METERED: Phase.BASELINED},
    Command.SETTLE: {Phase.BASELINED: Phase.SETTLED},
    Command.DISPUTE: {Phase.SETTLED: Phase.DISPUTED},
    Command.CORRECT: {Phase.DISPUTED: Phase.DISPUTED},
    Command.RESOLVE: {Phase.DISPUTED: Phase.SETTLED},
}


@pytest.mark.parametrize("command", Command)
@pytest.mark.parametrize("phase", Phase)
def test_commands_lead_where_the_lifecycle_says(phase, command):
    assert after_command(int(phase), int(command)) == ALLOWED[command].get(phase, ILLEGAL)


def test_time_takes_an_event_through_its_phases_in_order():
    times = Times(opt_out_until=10, ramp_start=12, start=13, end=17, recovery_end=19, dispute_until=30)
    begins = {
        Phase.PUBLISHED: (10, Phase.ARMED),
        Phase.ARMED: (12, Phase.RAMP),
        Phase.RAMP: (13, Phase.ACTIVE),
        Phase.ACTIVE: (17, Phase.RECOVERY),
        Phase.RECOVERY: (19, Phase.METERED),
        Phase.SETTLED: (30, Phase.CLOSED),
    }
    for phase in Phase:
        slot, following = begins.get(phase, (99, phase))
        assert next_phase(int(phase), slot - 1, slot - 1, times) == phase
        assert next_phase(int(phase), slot, slot, times) == following


def test_an_event_waits_for_its_readings():
    times = Times(opt_out_until=10, ramp_start=12, start=13, end=17, recovery_end=17, dispute_until=30)
    assert next_phase(int(Phase.RECOVERY), 20, 16, times) == Phase.RECOVERY
    assert next_phase(int(Phase.RECOVERY), 20, 17, times) == Phase.METERED
