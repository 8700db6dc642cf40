"""Demand response in the batch engine: events called in round 0, metered with each delivery, paid with the bill.

An engine has it or not (`Engine.response`): kernels take None where it hasn't, and are compiled without a trace of it. It
lies beside the state, not in it, since what no phase of a slot looks at shouldn't be handed through all of them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.community import Community
from gridbid.market.demand_response.events import any_alive, clear_events
from gridbid.market.demand_response.history import History, copy_history, forget, record_slot
from gridbid.market.demand_response.local_days import local_days
from gridbid.market.demand_response.step import (
    SEATS,
    DemandResponse,
    after_delivery,
    allocate_demand_response,
    begin_slot,
    call_event,
)
from gridbid.market.demand_response.types import (
    MAX_CAP_PERCENT,
    MAX_RATE,
    MAX_READING_WH,
    BaselineRules,
    Integers,
    Refusal,
    Terms,
)
from gridbid.market.errors import InputError
from gridbid.market.kernel import kernel
from gridbid.market.state import State
from gridbid.market.types import Account, Cost
from gridbid.market.units import NEUR_PER_EUR, WH_PER_KWH

_OPERATOR, _BILL, _EPISODE = int(Account.OPERATOR), int(Cost.BILL), int(Refusal.EPISODE)


class ResponseRules(NamedTuple):
    """What all events of an engine have in common: durations in slots, rates in nEUR/Wh, as in `Terms`.

    The defaults are for quarter hours.
    """

    lead: int = 16
    """From the slot that trades when it is called to the start."""
    n_slots: int = 8
    availability_rate: int = 0
    penalty_rate: int = 0
    notice: int = 4
    """From the slot that trades when it is called to the ramp, at least."""
    opt_out: int = 2
    ramp: int = 1
    recovery: int = 2
    dispute: int = 96
    seats: int = SEATS
    baseline: BaselineRules = BaselineRules()


class EngineResponse(NamedTuple):
    """What an engine of B communities with N participants keeps for demand response."""

    core: DemandResponse
    rules: ResponseRules
    refused: Integers
    """Why the last call wasn't taken, bits of `Refusal`, (B,): 0 where it was, or where nothing was called."""
    paid_neur: Integers
    """What events paid with the last delivered slot, (B, N)."""


def allocate_response(community: Community, batch: int, rules: ResponseRules) -> EngineResponse:
    """No history and no events; InputError names every rule that would have all calls refused."""
    faults = _faults(community, rules)
    if faults:
        raise InputError("; ".join(faults))
    series, n = community.series, community.n_participants
    days = local_days(series.local_hour, series.weekend, community.rules.slots_per_day)
    return EngineResponse(
        core=allocate_demand_response(days, n, batch, rules.baseline, rules.seats, rules.n_slots),
        rules=rules,
        refused=np.zeros(batch, np.int64),
        paid_neur=np.zeros((batch, n), np.int64),
    )


def response_arrays(response: EngineResponse) -> list[NDArray[np.generic]]:
    """All of its arrays that change."""
    history, events = response.core.history, response.core.events
    parts = [part for name, part in events._asdict().items() if name != "calls"]
    return [*history, *parts, *events.calls, response.refused, response.paid_neur]


def check_history(response: EngineResponse, history: History) -> None:
    """InputError unless a history is one of the same rules, of one community or of as many."""
    ours, theirs = ([array.shape for array in one] for one in (response.core.history, history))
    if theirs != ours and theirs != [(1, *shape[1:]) for shape in ours]:
        raise InputError(f"history has arrays of {theirs}; they should be {ours}, or of one community")


def begin_responses(response: EngineResponse, chosen: NDArray[np.bool_], history: History | None) -> None:
    """Free the seats of the chosen communities (B,), and give them a pre-rolled history, or none."""
    if history is not None:
        copy_history(history, response.core.history, chosen)
    _clear_chosen(response, chosen, history is None)


@kernel
def _clear_chosen(response: EngineResponse, chosen: NDArray[np.bool_], forgets: bool) -> None:
    for b in range(chosen.size):
        if chosen[b]:
            clear_events(response.core.events, b)
            response.refused[b] = 0
            response.paid_neur[b, :] = 0
            if forgets:
                forget(response.core.history, b)


@kernel
def call_in_round_0(state: State, response: EngineResponse, b: int, target_wh: int, rate: int) -> None:
    """Call an event that asks ``target_wh`` of community b in each slot, and pays ``rate``; 0 Wh and below call nothing.

    The slot that trades counts as now: it is the first that anybody can still plan for.
    """
    clock, rules = state.clock, response.rules
    if clock.round[b] != 0:
        return
    response.refused[b] = 0
    if target_wh <= 0:
        return
    start = clock.slot[b] + rules.lead
    if start + rules.n_slots + rules.recovery > clock.end[b]:
        response.refused[b] = _EPISODE
        return
    terms = Terms(
        start,
        rules.n_slots,
        rate,
        rules.availability_rate,
        rules.penalty_rate,
        rules.notice,
        rules.opt_out,
        rules.ramp,
        rules.recovery,
        rules.dispute,
    )
    response.refused[b] = call_event(response.core, b, clock.slot[b], terms, target_wh)


@kernel
def begin_first_slot(state: State, response: EngineResponse, b: int) -> None:
    """Take community b's events to the start of the episode's first slot, before which nothing is delivered."""
    begin_slot(response.core, b, state.clock.start[b])


@kernel
def settle_events(state: State, response: EngineResponse, b: int) -> None:
    """Meter the slot that community b has just delivered, and pay what is due: the operator pays, and it is on the bill."""
    delivered, totals, paid_neur, core = state.delivered, state.totals, response.paid_neur, response.core
    if not any_alive(core.events.phase, b):
        record_slot(core.history, core.days, b, delivered.slot[b], delivered.reading_wh)
        return
    paid_neur[b, :] = 0
    payer_neur = after_delivery(core, b, delivered.slot[b], delivered.reading_wh, paid_neur)
    totals.accounts_neur[b, _OPERATOR] -= payer_neur
    for i in range(paid_neur.shape[1]):
        delivered.cash_neur[b, i] += paid_neur[b, i]
        totals.cash_neur[b, i] += paid_neur[b, i]
        state.cost_eur[b, i, _BILL] -= paid_neur[b, i] / NEUR_PER_EUR


def _faults(community: Community, rules: ResponseRules) -> list[str]:
    faults = [
        f"{name} is {value}; it must be at least {least}"
        for name, value, least in (
            ("n_slots", rules.n_slots, 1),
            ("seats", rules.seats, 1),
            ("notice", rules.notice, 0),
            ("ramp", rules.ramp, 0),
            ("recovery", rules.recovery, 0),
            ("dispute", rules.dispute, 0),
            ("opt_out", rules.opt_out, rules.ramp),
            ("lead", rules.lead, max(1, rules.notice + rules.ramp, rules.opt_out)),
        )
        if value < least
    ]
    faults += [
        f"{name} is {value}; it must be 0 to {most}"
        for name, value, most in (
            ("availability_rate", rules.availability_rate, MAX_RATE),
            ("penalty_rate", rules.penalty_rate, MAX_RATE),
            ("cap_percent", rules.baseline.cap_percent, MAX_CAP_PERCENT),
        )
        if not 0 <= value <= most
    ]
    most_wh = _most_wh(community)
    if most_wh > MAX_READING_WH:
        faults.append(
            f"a participant may draw {most_wh:.0f} Wh in a slot; it must be {MAX_READING_WH} at most"
        )
    return faults


def _most_wh(community: Community) -> float:
    """What a meter may show for one slot at most, either way."""
    devices = community.devices
    flexible_kw = devices.battery_kw + devices.charger_kw + devices.heat_pump_kw
    inflexible_kw = np.abs(community.series.load_kw).max(axis=0) + np.abs(community.series.pv_kw).max(axis=0)
    return float((flexible_kw + inflexible_kw).max() * community.rules.slot_h * WH_PER_KWH)
