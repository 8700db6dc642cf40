"""Events of B communities: called, shared out, frozen against a baseline, metered, settled. Kernels for one event each.

A community has a few seats for events; an event lies within one local day, and is called for a later day than the last.
What an event asks of the community is shared out by the participants' baselines, rounded down; the few Wh that this leaves
are asked of nobody. Baselines are frozen when the event begins: by then all readings that they need are in, and none later
can change them.
"""

from typing import NamedTuple

import numpy as np

from gridbid.market.demand_response.baseline import (
    baseline_wh_down,
    raw_count,
    raw_total,
    same_day_factor,
)
from gridbid.market.demand_response.history import History
from gridbid.market.demand_response.lifecycle import Times, next_phase
from gridbid.market.demand_response.local_days import LocalDays
from gridbid.market.demand_response.payment import delivered_wh, payment_neur
from gridbid.market.demand_response.types import (
    MAX_EVENT_WH,
    MAX_RATE,
    MAX_READING_WH,
    BaselineRules,
    Bytes,
    Integers,
    Phase,
    Refusal,
    Response,
    Terms,
    Words,
)
from gridbid.market.kernel import kernel

_FREE, _DRAFT, _PUBLISHED, _ACTIVE, _CLOSED = (
    int(p) for p in (Phase.FREE, Phase.DRAFT, Phase.PUBLISHED, Phase.ACTIVE, Phase.CLOSED)
)
_IN, _UNFIT = int(Response.IN), int(Response.UNFIT)
_LENGTH, _DAY, _NOTICE, _DEADLINE = (
    int(r) for r in (Refusal.LENGTH, Refusal.DAY, Refusal.NOTICE, Refusal.DEADLINE)
)
_DURATION, _TARGET, _RATE, _ORDER = (
    int(r) for r in (Refusal.DURATION, Refusal.TARGET, Refusal.RATE, Refusal.ORDER)
)


class Calls(NamedTuple):
    """What was called in each seat, int64 (B, K): slots as in `Times`, local day, notice in slots, rates in nEUR/Wh."""

    start: Integers
    end: Integers
    day: Integers
    opt_out_until: Integers
    ramp_start: Integers
    recovery_end: Integers
    dispute_until: Integers
    notice: Integers
    rate: Integers
    availability_rate: Integers
    penalty_rate: Integers


class Events(NamedTuple):
    """K seats for events in each of B communities, with slots up to L and N participants."""

    phase: Integers
    """`Phase`, (B, K)."""
    calls: Calls
    target_wh: Integers
    """Asked of the community by slot, (B, K, L)."""
    response: Bytes
    """`Response`, int8 (B, K, N)."""
    instructed_wh: Words
    """Asked of each participant by slot, int32 (B, K, L, N)."""
    baseline_wh: Words
    """int32 (B, K, L, N), without the same-day adjustment until the event is active."""
    reading_wh: Words
    """int32 (B, K, L, N)."""
    delivered_wh: Integers
    """In the whole event, (B, K, N)."""
    paid_neur: Integers
    """For the whole event, (B, K, N)."""
    last_day: Integers
    """Local day of the last event called, (B,)."""
    metered_until: Integers
    """First slot without readings, (B,)."""


def allocate_events(batch: int, n: int, seats: int, longest: int) -> Events:
    """Free seats."""
    return Events(
        phase=np.zeros((batch, seats), np.int64),
        calls=Calls(*(np.zeros((batch, seats), np.int64) for _ in Calls._fields)),
        target_wh=np.zeros((batch, seats, longest), np.int64),
        response=np.zeros((batch, seats, n), np.int8),
        instructed_wh=np.zeros((batch, seats, longest, n), np.int32),
        baseline_wh=np.zeros((batch, seats, longest, n), np.int32),
        reading_wh=np.zeros((batch, seats, longest, n), np.int32),
        delivered_wh=np.zeros((batch, seats, n), np.int64),
        paid_neur=np.zeros((batch, seats, n), np.int64),
        last_day=np.full(batch, -1, np.int64),
        metered_until=np.zeros(batch, np.int64),
    )


@kernel
def times_of(events: Events, b: int, k: int) -> Times:
    """An event's slots."""
    return Times(
        events.calls.opt_out_until[b, k],
        events.calls.ramp_start[b, k],
        events.calls.start[b, k],
        events.calls.end[b, k],
        events.calls.recovery_end[b, k],
        events.calls.dispute_until[b, k],
    )


@kernel
def free_seat(events: Events, b: int) -> int:
    """The first seat that holds no living event, or -1."""
    for k in range(events.phase.shape[1]):
        if events.phase[b, k] == _FREE or events.phase[b, k] >= _CLOSED:
            return k
    return -1


@kernel
def clear_events(events: Events, b: int) -> None:
    """Free all seats of community b, as at the start of an episode; what is due from them isn't paid."""
    events.phase[b, :] = _FREE
    events.last_day[b] = -1
    events.metered_until[b] = 0


@kernel
def draft(events: Events, days: LocalDays, b: int, k: int, terms: Terms) -> None:
    """Write an event's terms into a seat; its targets are written to ``target_wh`` beside it."""
    calls, end = events.calls, terms.start + terms.n_slots
    events.phase[b, k] = _DRAFT
    calls.start[b, k] = terms.start
    calls.end[b, k] = end
    calls.day[b, k] = days.day[terms.start]
    calls.opt_out_until[b, k] = terms.start - terms.opt_out
    calls.ramp_start[b, k] = terms.start - terms.ramp
    calls.recovery_end[b, k] = end + terms.recovery
    calls.dispute_until[b, k] = end + terms.recovery + terms.dispute
    calls.notice[b, k] = terms.notice
    calls.rate[b, k] = terms.rate
    calls.availability_rate[b, k] = terms.availability_rate
    calls.penalty_rate[b, k] = terms.penalty_rate
    events.delivered_wh[b, k, :] = 0
    events.paid_neur[b, k, :] = 0


@kernel
def terms_refused(days: LocalDays, longest: int, terms: Terms) -> int:
    """Faults of an event's terms, whenever it is published, as bits of `Refusal`."""
    refused = 0
    if terms.n_slots < 1 or terms.n_slots > longest:
        refused |= _LENGTH
    last = terms.start + terms.n_slots - 1
    inside = terms.start >= 0 and terms.start <= last < days.day.size
    if not inside or days.day[terms.start] != days.day[last]:
        refused |= _DAY
    if min(terms.notice, terms.ramp, terms.recovery, terms.dispute) < 0 or terms.opt_out < terms.ramp:
        refused |= _DURATION
    if min(terms.rate, terms.availability_rate, terms.penalty_rate) < 0:
        refused |= _RATE
    if max(terms.rate, terms.availability_rate, terms.penalty_rate) > MAX_RATE:
        refused |= _RATE
    return refused


@kernel
def target_refused(events: Events, b: int, k: int, n_slots: int) -> int:
    """Faults of the targets of an event with ``n_slots`` slots, as bits of `Refusal`."""
    total_wh = 0
    for j in range(n_slots):
        target_wh = events.target_wh[b, k, j]
        if target_wh < 0 or target_wh > MAX_READING_WH:
            return _TARGET
        total_wh += target_wh
    return _TARGET if total_wh > MAX_EVENT_WH else 0


@kernel
def publishing_refused(events: Events, b: int, k: int, now: int) -> int:
    """What forbids publishing a draft when slot ``now`` begins, as bits of `Refusal`."""
    refused = 0
    if events.calls.ramp_start[b, k] - now < events.calls.notice[b, k]:
        refused |= _NOTICE
    if events.calls.opt_out_until[b, k] < now:
        refused |= _DEADLINE
    if events.calls.day[b, k] <= events.last_day[b]:
        refused |= _ORDER
    return refused


@kernel
def publish(history: History, events: Events, days: LocalDays, rules: BaselineRules, b: int, k: int) -> None:
    """Publish a draft: everybody with a baseline is in, and asked for a share of the target in proportion to it."""
    events.phase[b, k] = _PUBLISHED
    events.last_day[b] = events.calls.day[b, k]
    start, day = events.calls.start[b, k], events.calls.day[b, k]
    kind = days.kind[start]
    for i in range(events.response.shape[2]):
        count = raw_count(history, rules, b, day, kind, i)
        events.response[b, k, i] = _IN if count > 0 else _UNFIT
        for j in range(events.calls.end[b, k] - start):
            total = raw_total(history, rules, b, day, kind, days.clock[start + j], i)
            events.baseline_wh[b, k, j, i] = baseline_wh_down(total, 1, count) if count > 0 else 0
    for j in range(events.calls.end[b, k] - start):
        _share_out_down(events, b, k, j)


@kernel
def _share_out_down(events: Events, b: int, k: int, j: int) -> None:
    """Instruct participants in proportion to their baselines above 0, and never more than these."""
    n, whole_wh = events.response.shape[2], 0
    for i in range(n):
        whole_wh += max(0, int(events.baseline_wh[b, k, j, i]))
    asked_wh = min(int(events.target_wh[b, k, j]), whole_wh)
    for i in range(n):
        own_wh = max(0, int(events.baseline_wh[b, k, j, i]))
        events.instructed_wh[b, k, j, i] = asked_wh * own_wh // whole_wh if whole_wh > 0 else 0


@kernel
def is_alive(events: Events, b: int, k: int) -> bool:
    """Whether a seat holds an event that is published and not over."""
    return _PUBLISHED <= events.phase[b, k] < _CLOSED


@kernel
def any_alive(phase: Integers, b: int) -> bool:
    """Whether community b has a seat that `is_alive`, by the phases alone: to hand all records on would cost more than to look."""
    alive = 0
    for k in range(phase.shape[1]):
        alive += int(_PUBLISHED <= phase[b, k] < _CLOSED)
    return alive > 0


@kernel
def advance(events: Events, b: int, k: int, now: int) -> bool:
    """Take an event to the phase of slot ``now``; return whether it begins, so that its baselines are to be frozen."""
    times, begins = times_of(events, b, k), False
    phase = events.phase[b, k]
    following = next_phase(phase, now, events.metered_until[b], times)
    while following != phase:
        phase = following
        begins |= phase == _ACTIVE
        following = next_phase(phase, now, events.metered_until[b], times)
    events.phase[b, k] = phase
    return begins


@kernel
def freeze(history: History, events: Events, days: LocalDays, rules: BaselineRules, b: int, k: int) -> None:
    """Write the adjusted baselines, and mark today as an event's day for those who are in."""
    start, day = events.calls.start[b, k], events.calls.day[b, k]
    kind = days.kind[start]
    for i in range(events.response.shape[2]):
        if events.response[b, k, i] == _IN:
            history.event_today[b, i] = 1
        count = raw_count(history, rules, b, day, kind, i)
        if count > 0:
            numerator, denominator = same_day_factor(history, rules, days, b, start, i, count)
            for j in range(events.calls.end[b, k] - start):
                total = raw_total(history, rules, b, day, kind, days.clock[start + j], i)
                events.baseline_wh[b, k, j, i] = baseline_wh_down(total, numerator, denominator)


@kernel
def meter_slot(events: Events, b: int, slot: int, reading_wh: Integers) -> None:
    """Enter community b's readings of a slot, from int64 (B, N), in the event that it belongs to."""
    events.metered_until[b] = slot + 1
    for k in range(events.phase.shape[1]):
        if events.phase[b, k] == _ACTIVE and events.calls.start[b, k] <= slot < events.calls.end[b, k]:
            for i in range(reading_wh.shape[1]):
                events.reading_wh[b, k, slot - events.calls.start[b, k], i] = reading_wh[b, i]


@kernel
def compare(events: Events, b: int, k: int) -> None:
    """Add up what each participant delivered; those who are not in have delivered nothing."""
    for i in range(events.response.shape[2]):
        total_wh = 0
        if events.response[b, k, i] == _IN:
            for j in range(events.calls.end[b, k] - events.calls.start[b, k]):
                total_wh += delivered_wh(
                    int(events.baseline_wh[b, k, j, i]),
                    int(events.reading_wh[b, k, j, i]),
                    int(events.instructed_wh[b, k, j, i]),
                )
        events.delivered_wh[b, k, i] = total_wh


@kernel
def instructed_total_wh(events: Events, b: int, k: int, i: int) -> int:
    """What an event asks of a participant altogether."""
    total_wh = 0
    for j in range(events.calls.end[b, k] - events.calls.start[b, k]):
        total_wh += int(events.instructed_wh[b, k, j, i])
    return total_wh


@kernel
def settle(events: Events, b: int, k: int, cash_neur: Integers) -> int:
    """Pay what is due beyond what was paid before, into int64 (B, N); return what the payer pays, the sum of it."""
    payer_neur = 0
    for i in range(events.response.shape[2]):
        if events.response[b, k, i] != _IN:
            continue
        due_neur = payment_neur(
            events.calls.rate[b, k],
            events.calls.availability_rate[b, k],
            events.calls.penalty_rate[b, k],
            events.delivered_wh[b, k, i],
            instructed_total_wh(events, b, k, i),
        )
        change_neur = due_neur - events.paid_neur[b, k, i]
        events.paid_neur[b, k, i] = due_neur
        cash_neur[b, i] += change_neur
        payer_neur += change_neur
    return payer_neur


@kernel
def event_of_slot(events: Events, b: int, slot: int) -> int:
    """Seat of the event that is published and takes place in a slot, or -1."""
    for k in range(events.phase.shape[1]):
        if is_alive(events, b, k) and events.calls.start[b, k] <= slot < events.calls.end[b, k]:
            return k
    return -1


@kernel
def event_ahead(events: Events, b: int, slot: int) -> int:
    """Seat of the next published event that begins in a slot or after it, or -1."""
    nearest = -1
    for k in range(events.phase.shape[1]):
        coming = _PUBLISHED <= events.phase[b, k] < _ACTIVE and events.calls.start[b, k] >= slot
        if coming and (nearest < 0 or events.calls.start[b, k] < events.calls.start[b, nearest]):
            nearest = k
    return nearest
