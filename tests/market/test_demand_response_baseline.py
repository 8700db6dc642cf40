"""Baselines: the vectors of a day 10 % and 50 % above its past, which days count, clocks that change, accuracy."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridbid.envs.timeline.calendar import year_calendar
from gridbid.market.demand_response.accuracy import bias, is_predictable, rrmse
from gridbid.market.demand_response.baseline import adjustment, baseline_wh_down, eligible_days
from gridbid.market.demand_response.history import allocate_history, copy_history, forget, record_slot
from gridbid.market.demand_response.local_days import even_days, local_days
from gridbid.market.demand_response.program import Program
from gridbid.market.demand_response.types import MAX_READING_WH, BaselineRules, Method, Response, Terms
from gridbid.market.errors import InputError
from gridbid.market.naive.demand_response import adjustment_factor

HOURS = 24
SEVEN_DAYS_A_WEEK = np.zeros(60 * HOURS, np.bool_)
EVENT_HOURS = range(17, 20)


def one_kind_of_day(n_days=60):
    """Hourly days that all count alike."""
    return local_days(np.arange(n_days * HOURS) % HOURS, SEVEN_DAYS_A_WEEK[: n_days * HOURS], HOURS)


def settled_event(normal_wh, today_wh, rules=None, past_days=10):
    """Baselines by hour of an event at 17 to 20 h on a day of hourly readings ``today_wh``, after days of ``normal_wh``."""
    program = Program(one_kind_of_day(), 1, rules)
    for _ in range(past_days):
        for wh in normal_wh:
            program.deliver([wh])
    start = past_days * HOURS + EVENT_HOURS[0]
    event = program.draft(Terms(start=start, n_slots=len(EVENT_HOURS), rate=1_000_000), 800)
    program.publish(event)
    for wh in today_wh:
        program.deliver([wh])
    return program, event


def evening(first, second, third, other):
    """A day of hourly loads, Wh, with the three hours of the event."""
    day = [other] * HOURS
    day[17:20] = [first, second, third]
    return day


def with_cut(normal_wh, percent, cut_wh):
    """Today: ``percent`` of the normal day, less the cut in the event's hours."""
    return [wh * percent // 100 - (cut_wh if hour in EVENT_HOURS else 0) for hour, wh in enumerate(normal_wh)]


# --- vectors


def test_a_day_ten_percent_up_is_adjusted_fully():
    """A 10 % higher day with a cut of 0.8 kW: the ratio is 1.10, and exactly 0.8 kWh count in each hour."""
    normal = evening(3_120, 2_950, 2_730, 1_500)
    program, event = settled_event(normal, with_cut(normal, 110, 800))
    (baseline,) = zip(*program.by_slot(event, "baseline_wh"), strict=True)
    (reading,) = zip(*program.by_slot(event, "reading_wh"), strict=True)
    assert baseline == (3_432, 3_245, 3_003)
    assert [b - r for b, r in zip(baseline, reading, strict=True)] == [800, 800, 800]
    assert program.compare(event) == [2_400]
    assert program.settle(event) == [2_400 * 1_000_000]


def test_a_day_fifty_percent_up_is_capped_and_the_cut_goes_unpaid():
    """A 50 % higher day: the ratio of 1.5 is capped at 1.2, and the cut of 0.8 kW seems -0.137, -0.085, -0.018 kWh."""
    normal = evening(3_122, 2_950, 2_726, 1_500)
    program, event = settled_event(normal, with_cut(normal, 150, 800))
    (baseline,) = zip(*program.by_slot(event, "baseline_wh"), strict=True)
    (reading,) = zip(*program.by_slot(event, "reading_wh"), strict=True)
    assert [b - r for b, r in zip(baseline, reading, strict=True)] == [-137, -85, -18]
    assert program.compare(event) == [0]
    assert program.settle(event) == [0]


def test_accuracy_by_hand():
    """Errors of -20, +20, 0, 0 on a mean of 100: sqrt(200) / 100. Errors of +10 throughout: both are 10 %."""
    assert rrmse([80, 120, 100, 100], [100] * 4) == pytest.approx(math.sqrt(200) / 100, rel=1e-12)
    assert bias([80, 120, 100, 100], [100] * 4) == 0.0
    assert rrmse([110, 110], [100, 100]) == pytest.approx(0.1) == bias([110, 110], [100, 100])
    assert is_predictable([104, 104], [100, 100])
    assert not is_predictable([105, 105], [100, 100]), "within 20 %, but biased by more than 4 %"
    assert not is_predictable([130, 70], [100, 100]), "unbiased, but 30 % off"


def test_accuracy_needs_a_load_and_one_shape():
    with pytest.raises(InputError, match=r"one shape"):
        rrmse([1, 2], [1])
    with pytest.raises(InputError, match=r"above 0"):
        bias([1, 2], [1, -1])


# --- the adjustment


@given(
    st.integers(-MAX_READING_WH * 180, MAX_READING_WH * 180),
    st.integers(-MAX_READING_WH * 1_800, MAX_READING_WH * 1_800),
    st.integers(5, 10),
    st.integers(0, 1_000),
    st.integers(-MAX_READING_WH * 10, MAX_READING_WH * 10),
)
def test_the_adjustment_is_the_twins_and_the_cap_binds(today, window, count, cap, total):
    numerator, denominator = adjustment(today, window, count, cap)
    factor = adjustment_factor(today, Fraction(window, count), cap)
    assert Fraction(numerator, denominator) * count == factor
    assert max(0, 100 - cap) <= 100 * factor <= 100 + cap
    assert baseline_wh_down(total, numerator, denominator) == math.floor(Fraction(total, count) * factor)


def test_the_largest_readings_stay_inside_64_bits():
    """A minute's slots, rolling means in mWh, and a window of 180 readings at the bound."""
    today = window_wh = MAX_READING_WH * 180
    numerator, denominator = adjustment(today, window_wh * 1_000, 1_000, 20)
    assert baseline_wh_down(MAX_READING_WH * 1_000, numerator, denominator) == MAX_READING_WH


def test_a_home_that_exports_in_the_window_is_not_adjusted():
    assert adjustment(500, -200, 10, 20) == (1, 10)
    assert adjustment(500, 0, 10, 20) == (1, 10)


def test_the_window_is_three_hours_that_end_one_before_the_start():
    normal = evening(3_000, 3_000, 3_000, 1_000)
    for hour in range(HOURS):
        today = list(normal)
        today[hour] += 300
        program, event = settled_event(normal, today)
        expected = 3_300 if hour in (13, 14, 15) else 3_000
        assert program.by_slot(event, "baseline_wh") == [[expected]] * 3


def test_without_a_cap_the_baseline_follows_and_with_none_at_all_it_stays():
    normal = evening(3_000, 3_000, 3_000, 1_000)
    today = with_cut(normal, 150, 0)
    for cap, expected in ((1_000_000, 4_500), (20, 3_600), (0, 3_000)):
        program, event = settled_event(normal, today, BaselineRules(cap_percent=cap))
        assert program.by_slot(event, "baseline_wh") == [[expected]] * 3


def test_the_window_is_cut_off_at_midnight():
    """An event at 2 h has no full window: only the hours of its own day that are an hour away count, here 0 h."""
    program = Program(one_kind_of_day(), 1)
    for _ in range(10 * HOURS):
        program.deliver([1_000])
    event = program.draft(Terms(start=11 * HOURS + 2, n_slots=1, rate=1), 100)
    program.publish(event)
    for wh in [5_000] * HOURS + [1_100, 9_000]:
        program.deliver([wh])
    # The day before, of 5 000 Wh, is the tenth of ten days; today's ratio is 1.1 to what they hold, below the cap of 0.8.
    assert program.by_slot(event, "baseline_wh") == [[(9 * 1_000 + 5_000) * 8 // 100]]


# --- which days count


def record_days(history, days, first_slot, totals_wh):
    """Record whole days, each of a constant reading."""
    slot = first_slot
    for wh in totals_wh:
        for _ in range(days.slots_per_day):
            record_slot(history, days, 0, slot, np.array([[wh]]))
            slot += 1
    return slot


@pytest.mark.parametrize("known", [5, 9])
def test_five_to_nine_days_serve(known):
    program, event = settled_event(evening(2_000, 2_000, 2_000, 1_000), [1_000] * 20, past_days=known)
    assert program.by_slot(event, "baseline_wh") == [[2_000]] * 3
    assert program.by_slot(event, "instructed_wh") == [[800]] * 3


@pytest.mark.parametrize("known", [1, 4])
def test_with_fewer_than_five_days_nobody_is_asked(known):
    program, event = settled_event(evening(2_000, 2_000, 2_000, 1_000), [], past_days=known)
    assert program.by_slot(event, "instructed_wh") == [[0]] * 3
    with pytest.raises(InputError, match=f"has {known} eligible days; a baseline needs 5"):
        program.respond(event, 0, Response.IN)
    for _ in range(HOURS):
        program.deliver([0])
    assert program.compare(event) == [0]
    assert program.settle(event) == [0]


def test_only_the_ten_most_recent_days_count():
    program = Program(one_kind_of_day(), 1)
    for day in range(25):
        for _ in range(HOURS):
            program.deliver([100 * day])
    event = program.draft(Terms(start=25 * HOURS + 18, n_slots=1, rate=1), 10)
    program.publish(event)
    assert program.by_slot(event, "baseline_wh") == [[100 * sum(range(15, 25)) // 10]]


def test_days_older_than_45_days_do_not_count():
    days, rules = one_kind_of_day(), BaselineRules()
    history = allocate_history(1, 1, HOURS)
    record_days(history, days, 0, [1_000] * 10)
    counts = [int(eligible_days(history, rules, 0, day, 0, 0)) for day in (10, 45, 46, 54, 55)]
    assert counts == [10, 10, 9, 1, 0]
    assert eligible_days(history, rules, 0, 4, 0, 0) == 4, (
        "nor do the day itself and later ones, of another episode"
    )


def test_weekdays_and_weekends_are_kept_apart():
    days = even_days(21, HOURS)
    program = Program(days, 1)
    for slot in range(14 * HOURS):
        program.deliver([3_000 if days.kind[slot] else 1_000])
    event = program.draft(Terms(start=14 * HOURS + 18, n_slots=1, rate=1), 10)
    program.publish(event)
    assert program.by_slot(event, "baseline_wh") == [[1_000]]


@pytest.mark.parametrize("method", Method)
def test_an_events_day_enters_no_baseline_of_those_who_took_part(method):
    """Two participants, one out: its day counts, the other's doesn't."""
    program = Program(one_kind_of_day(), 2, BaselineRules(int(method)))
    for _ in range(10 * HOURS):
        program.deliver([1_000, 1_000])
    event = program.draft(Terms(start=10 * HOURS + 12, n_slots=2, rate=1), 100)
    program.publish(event)
    program.respond(event, 1, Response.OUT)
    for _ in range(HOURS):
        program.deliver([7_000, 7_000])
    later = program.draft(Terms(start=12 * HOURS + 12, n_slots=1, rate=1), 100)
    program.publish(later)
    assert program.by_slot(later, "baseline_wh") == [[1_000, (9 * 1_000 + 7_000) // 10]]


def test_a_cancelled_event_leaves_its_day_eligible():
    program = Program(one_kind_of_day(), 1)
    for _ in range(10 * HOURS):
        program.deliver([1_000])
    event = program.draft(Terms(start=10 * HOURS + 12, n_slots=2, rate=1), 100)
    program.publish(event)
    program.cancel(event)
    for _ in range(HOURS):
        program.deliver([2_000])
    later = program.draft(Terms(start=11 * HOURS + 12, n_slots=1, rate=1), 100)
    program.publish(later)
    assert program.by_slot(later, "baseline_wh") == [[1_100]]


def test_the_rolling_mean_is_nine_tenths_and_one_tenth():
    """After ten days of 1 000 Wh one of 2 000 lifts it to 1 100, and one of 0 takes it to 990."""
    program = Program(one_kind_of_day(), 1, BaselineRules(int(Method.ROLLING)))
    for wh in [1_000] * 10 + [2_000, 0]:
        for _ in range(HOURS):
            program.deliver([wh])
    event = program.draft(Terms(start=12 * HOURS + 18, n_slots=1, rate=1), 10)
    program.publish(event)
    assert program.by_slot(event, "baseline_wh") == [[990]]


def test_rounding_in_mwh_does_not_wear_the_rolling_mean_away():
    """Days of 101 and 98 Wh in turn for half a year: in whole Wh the mean would lose up to 9 Wh."""
    days = one_kind_of_day(60)
    history = allocate_history(1, 1, HOURS, Method.ROLLING)
    exact = Fraction(0)
    for day in range(60):
        wh = (101, 98, 97)[day % 3]
        record_days(history, days, day * HOURS, [wh])
        exact += (wh - exact) / min(day + 1, 10)
    assert 0 <= exact * 1_000 - int(history.rolling_mwh[0, 0, 0, 0]) <= 10


# --- the clock


def berlin(slots_per_day=96):
    calendar = year_calendar(2025, "Europe/Berlin")
    return calendar, local_days(calendar.local_hour, calendar.weekday >= 5, slots_per_day)


@pytest.mark.parametrize("slots_per_day", [24, 48, 96, 288, 1_440])
def test_hours_in_single_precision_give_every_place_of_the_clock(slots_per_day):
    hours = np.tile((np.arange(slots_per_day) * 24 / slots_per_day).astype(np.float32), 2)
    days = local_days(hours, np.zeros(hours.size, np.bool_), slots_per_day)
    assert days.clock.tolist() == 2 * list(range(slots_per_day))


def test_local_days_follow_the_calendar_through_both_changes_of_the_clock():
    calendar, days = berlin()
    assert np.array_equal(days.day + 1, calendar.day_of_year)
    lengths = np.bincount(days.day)
    assert (lengths.min(), lengths.max(), lengths.size) == (92, 100, 365)
    assert np.flatnonzero(lengths == 92).tolist() == [88], "30 March"
    assert np.flatnonzero(lengths == 100).tolist() == [298], "26 October"
    assert all(np.unique(days.clock[days.day == day]).size == min(96, lengths[day]) for day in (0, 88, 298))


def test_the_day_that_skips_an_hour_is_not_eligible_and_the_one_that_repeats_it_is():
    """Each is recorded after the day before it, a Saturday, which counts."""
    calendar, days = berlin()
    for sunday, kept in ((88, 1), (298, 2)):
        history = allocate_history(1, 1, 96)
        for slot in np.flatnonzero((days.day == sunday - 1) | (days.day == sunday)):
            repeated = days.clock[slot] <= days.clock[slot - 1] and days.clock[slot] > 0
            record_slot(history, days, 0, int(slot), np.array([[700 if repeated else 100]]))
        assert eligible_days(history, BaselineRules(), 0, sunday + 1, 1, 0) == kept
    # Of the hour that comes twice the second pass counts.
    assert history.day_wh[0, 1, :, 8, 0].max() == 700


def test_an_event_on_the_day_of_25_hours_is_settled_by_its_own_readings():
    calendar, days = berlin()
    first = int(np.argmax(days.day == 298 - 42))
    program = Program(days, 1)
    program.now = first
    for _ in range(first, int(np.argmax(days.day == 298))):
        program.deliver([1_000])
    start = program.now + 9  # 2:15 by the clock, of the first pass; the slots to 2:45 of the second follow
    event = program.draft(Terms(start=start, n_slots=7, rate=1), 400)
    program.publish(event)
    for slot in range(program.now, start + 10):
        inside = start <= slot < start + 7
        program.deliver([1_000 - (100 + slot - start if inside else 0)])
    assert program.compare(event) == [sum(range(100, 107))]


@pytest.mark.parametrize("slots_per_day", [24, 48, 96, 288])
def test_any_length_of_slot_gives_the_same_baseline(slots_per_day):
    """A constant load, 20 % up from noon: the energy of an hour's baseline is the same."""
    each = 28_800 // slots_per_day
    program = Program(even_days(12, slots_per_day), 1)
    hour = slots_per_day // 24
    for _ in range(7 * slots_per_day):
        program.deliver([each])
    start = 7 * slots_per_day + 18 * hour
    event = program.draft(Terms(start=start, n_slots=hour, rate=1), each // 10)
    program.publish(event)
    while program.now < start:
        program.deliver([each * 6 // 5 if program.now >= 7 * slots_per_day + 12 * hour else each])
    assert sum(row[0] for row in program.by_slot(event, "baseline_wh")) == 1_440


@pytest.mark.parametrize(
    ("hours", "rest", "slots_per_day", "match"),
    [
        ([0.0, 1.0], [False, False], 25, r"slots_per_day is 25.*multiple of 24"),
        ([], [], 24, r"local_hour has shape \(0,\)"),
        ([24.0], [False], 24, r"local_hour is 24.0 to 24.0"),
        ([0.0, -1.0], [False], 7, r"slots_per_day.*local_hour is -1.0.*rest_day has shape \(1,\)"),
    ],
)
def test_faults_of_a_calendar_are_all_named(hours, rest, slots_per_day, match):
    with pytest.raises(InputError, match=match):
        local_days(hours, rest, slots_per_day)


def test_a_pre_rolled_history_serves_every_community_or_the_chosen():
    days = one_kind_of_day()
    source, history = allocate_history(1, 1, HOURS), allocate_history(3, 1, HOURS)
    record_days(source, days, 0, [1_000] * 6)
    copy_history(source, history, np.array([True, False, True]))
    known = [int(eligible_days(history, BaselineRules(), b, 6, 0, 0)) for b in range(3)]
    assert known == [6, 0, 6]
    forget(history, 0)
    assert [int(eligible_days(history, BaselineRules(), b, 6, 0, 0)) for b in range(3)] == [0, 0, 6]
    copy_history(source, history)
    assert all(np.array_equal(ours[1], theirs[0]) for ours, theirs in zip(history, source, strict=True))
