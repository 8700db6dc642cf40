"""What a batch engine calls: once to call an event, once after each delivery. No allocation; community b's arrays only."""

from typing import NamedTuple

from gridbid.market.demand_response.events import (
    Events,
    advance,
    allocate_events,
    compare,
    draft,
    free_seat,
    freeze,
    is_alive,
    meter_slot,
    publish,
    publishing_refused,
    settle,
    target_refused,
    terms_refused,
)
from gridbid.market.demand_response.history import History, allocate_history, record_slot
from gridbid.market.demand_response.local_days import LocalDays
from gridbid.market.demand_response.types import BaselineRules, Integers, Phase, Refusal, Terms
from gridbid.market.kernel import kernel

_METERED, _BASELINED, _SETTLED = int(Phase.METERED), int(Phase.BASELINED), int(Phase.SETTLED)
_CANCELLED, _SEAT = int(Phase.CANCELLED), int(Refusal.SEAT)

SEATS = 4
"""Events that live at once: one a day, published up to a day ahead, disputed up to a day after."""


class DemandResponse(NamedTuple):
    """All of demand response in B communities, for kernels."""

    history: History
    events: Events
    days: LocalDays
    rules: BaselineRules


def allocate_demand_response(
    days: LocalDays,
    n: int,
    batch: int = 1,
    rules: BaselineRules | None = None,
    seats: int = SEATS,
    longest: int | None = None,
) -> DemandResponse:
    """Empty history and free seats; ``longest`` is an event's slots at most, 4 h by default."""
    rules = rules or BaselineRules()
    return DemandResponse(
        allocate_history(batch, n, days.slots_per_day, rules.method),
        allocate_events(batch, n, seats, longest or days.slots_per_day // 6),
        days,
        rules,
    )


@kernel
def call_event(response: DemandResponse, b: int, now: int, terms: Terms, target_wh: int) -> int:
    """Draft and publish an event that asks ``target_wh`` in each of its slots; return bits of `Refusal`, 0 when it is out."""
    events, days = response.events, response.days
    refused = terms_refused(days, events.target_wh.shape[2], terms)
    k = free_seat(events, b)
    if k < 0:
        refused |= _SEAT
    if refused != 0:
        return refused
    events.target_wh[b, k, :] = target_wh
    draft(events, days, b, k, terms)
    refused = target_refused(events, b, k, terms.n_slots) | publishing_refused(events, b, k, now)
    if refused != 0:
        events.phase[b, k] = _CANCELLED
        return refused
    publish(response.history, events, days, response.rules, b, k)
    return 0


@kernel
def begin_slot(response: DemandResponse, b: int, now: int) -> None:
    """Take all events of a community to the phase of the slot that begins."""
    for k in range(response.events.phase.shape[1]):
        # Only what freezes takes all records: handing them on for every seat took most of a quiet slot's time.
        if is_alive(response.events, b, k) and advance(response.events, b, k, now):
            freeze(response.history, response.events, response.days, response.rules, b, k)


@kernel
def after_delivery(
    response: DemandResponse, b: int, slot: int, reading_wh: Integers, cash_neur: Integers
) -> int:
    """Enter a delivered slot's readings, int64 (B, N), and settle what is due; slots come one by one.

    Payments are added to ``cash_neur``, int64 (B, N); what the operator pays, their sum, is returned.
    """
    events, paid_neur = response.events, 0
    meter_slot(events, b, slot, reading_wh)
    record_slot(response.history, response.days, b, slot, reading_wh)
    begin_slot(response, b, slot + 1)
    for k in range(events.phase.shape[1]):
        if events.phase[b, k] == _METERED:
            compare(events, b, k)
            events.phase[b, k] = _BASELINED
        if events.phase[b, k] == _BASELINED:
            paid_neur += settle(events, b, k, cash_neur)
            events.phase[b, k] = _SETTLED
    return paid_neur
