"""Events of demand response as they were settled, for records."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridbid.market.demand_response.events import Events
from gridbid.market.demand_response.types import Phase, Response
from gridbid.market.engine import Engine

Integers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class EventRecord:
    """One event: L slots, N members."""

    start: int
    """First slot of the year."""
    rate_neur: int
    """Paid for what is delivered, nEUR/Wh."""
    takes_part: NDArray[np.bool_]
    """Who has a baseline and is in (N,)."""
    instructed_wh: Integers
    """Asked of each member (L, N)."""
    baseline_wh: Integers
    """What each would have drawn, as settled (L, N)."""
    reading_wh: Integers
    """Meter readings (L, N)."""
    delivered_wh: Integers
    """Reductions that count, in the whole event (N,)."""
    paid_neur: Integers
    """Paid to each member; below 0 where the penalty outweighs the rest (N,)."""


class EventRecorder:
    """Takes down the events of an engine's communities when they are settled."""

    def __init__(self, batch: int) -> None:
        self._events: list[dict[int, EventRecord]] = [{} for _ in range(batch)]

    def delivered(self, engine: Engine) -> None:
        """Record what was settled with the last delivery; an engine without a programme has nothing."""
        if engine.response is None:
            return
        events = engine.response.core.events
        for b, k in np.argwhere(events.phase == Phase.SETTLED).tolist():
            start = int(events.calls.start[b, k])
            if start not in self._events[b]:
                self._events[b][start] = _event(events, b, k)

    def records(self, b: int) -> tuple[EventRecord, ...]:
        """Events of community b, in order."""
        return tuple(self._events[b][start] for start in sorted(self._events[b]))


def _event(events: Events, b: int, k: int) -> EventRecord:
    start, end = int(events.calls.start[b, k]), int(events.calls.end[b, k])
    by_slot = {
        name: getattr(events, name)[b, k, : end - start].astype(np.int64)
        for name in ("instructed_wh", "baseline_wh", "reading_wh")
    }
    return EventRecord(
        start=start,
        rate_neur=int(events.calls.rate[b, k]),
        takes_part=events.response[b, k] == Response.IN,
        delivered_wh=events.delivered_wh[b, k].copy(),
        paid_neur=events.paid_neur[b, k].copy(),
        **by_slot,
    )
