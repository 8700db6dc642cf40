"""What participants and the utility know of demand response in the rounds for slot t; zeros where there is no programme."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.demand_response.baseline import baseline_wh_down, raw_count, raw_total
from gridbid.market.demand_response.events import Events, event_ahead, event_of_slot
from gridbid.market.demand_response.history import History
from gridbid.market.demand_response.local_days import LocalDays
from gridbid.market.demand_response.types import BaselineRules, Phase, Response
from gridbid.market.kernel import kernel
from gridbid.market.response import EngineResponse

_DRAFT, _IN = int(Phase.DRAFT), int(Response.IN)

Integers = NDArray[np.int64]


class ResponseView(NamedTuple):
    """The event that takes place in slot t, or else the next one, int64 (B,), and everybody's part in it, int64 (B, N).

    ``phase``: 1 published, 2 armed, 3 ramp, 4 active as of the start of t - 1; 0 without an event, and then all but
    ``baseline_wh`` is 0. ``start``, ``end``: slots; ``rate``: nEUR/Wh. ``takes_part``: 1 for who is in; ``asked_wh``: what it
    asks for in slot t, ``left_wh``: from slot t to its end; ``baseline_wh``: of slot t.
    """

    phase: Integers
    start: Integers
    end: Integers
    rate: Integers
    takes_part: Integers
    asked_wh: Integers
    left_wh: Integers
    baseline_wh: Integers


def make_response_view(batch: int, n_participants: int) -> ResponseView:
    """Neither events nor baselines."""
    by_community = (np.zeros(batch, np.int64) for _ in range(4))
    by_participant = (np.zeros((batch, n_participants), np.int64) for _ in range(4))
    return ResponseView(*by_community, *by_participant)


@kernel
def view_responses(response: EngineResponse, slot: Integers, view: ResponseView) -> None:
    """See every community's event and baselines in the rounds for its slot, int64 (B,)."""
    core = response.core
    for b in range(slot.size):
        k = event_of_slot(core.events, b, slot[b])
        if k < 0:
            k = event_ahead(core.events, b, slot[b])
        _view_event(core.events, view, b, k)
        for i in range(view.asked_wh.shape[1]):
            _view_part(core.events, view, b, k, slot[b], i)
            if k < 0 or core.events.calls.start[b, k] > slot[b]:
                view.baseline_wh[b, i] = _raw_baseline_wh(core.history, core.days, core.rules, b, slot[b], i)


@kernel
def _view_event(events: Events, view: ResponseView, b: int, k: int) -> None:
    view.phase[b] = view.start[b] = view.end[b] = view.rate[b] = 0
    if k >= 0:
        view.phase[b] = events.phase[b, k] - _DRAFT
        view.start[b] = events.calls.start[b, k]
        view.end[b] = events.calls.end[b, k]
        view.rate[b] = events.calls.rate[b, k]


@kernel
def _view_part(events: Events, view: ResponseView, b: int, k: int, slot: int, i: int) -> None:
    view.takes_part[b, i] = view.asked_wh[b, i] = view.left_wh[b, i] = view.baseline_wh[b, i] = 0
    if k < 0:
        return
    start = events.calls.start[b, k]
    view.takes_part[b, i] = int(events.response[b, k, i] == _IN)
    for j in range(max(0, slot - start), events.calls.end[b, k] - start):
        view.left_wh[b, i] += int(events.instructed_wh[b, k, j, i])
    if slot >= start:
        view.asked_wh[b, i] = int(events.instructed_wh[b, k, slot - start, i])
        view.baseline_wh[b, i] = int(events.baseline_wh[b, k, slot - start, i])


@kernel
def _raw_baseline_wh(
    history: History, days: LocalDays, rules: BaselineRules, b: int, slot: int, i: int
) -> int:
    """The mean of past days, without the same-day adjustment that only an event brings; 0 with too few days."""
    day, kind = days.day[slot], days.kind[slot]
    count = raw_count(history, rules, b, day, kind, i)
    if count == 0:
        return 0
    return baseline_wh_down(raw_total(history, rules, b, day, kind, days.clock[slot], i), 1, count)
