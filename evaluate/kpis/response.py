"""Demand response: what events asked, got and paid, and how well the baselines fit."""

from collections.abc import Callable, Iterator

import numpy as np

from gridbid.evaluate.kpis.figure import Floats, Kpi, Weeks, ratio
from gridbid.evaluate.records.event_record import EventRecord
from gridbid.evaluate.records.record import WeekRecord
from gridbid.market.demand_response import accuracy
from gridbid.market.errors import InputError
from gridbid.market.units import NEUR_PER_EUR, WH_PER_KWH


def _instructed_wh(event: EventRecord) -> int:
    return int(event.instructed_wh[:, event.takes_part].sum())


def _sum_of_events(amount: Callable[[EventRecord], float]) -> Callable[[Weeks], float]:
    return lambda weeks: weeks.total(lambda record: sum(amount(event) for event in record.events))


def _delivery_ratio(weeks: Weeks) -> float:
    delivered_wh = _sum_of_events(lambda event: int(event.delivered_wh.sum()))(weeks)
    return ratio(delivered_wh, _sum_of_events(_instructed_wh)(weeks))


def _accuracy(measure: Callable[[Floats, Floats], float]) -> Callable[[Weeks], float]:
    def compute(weeks: Weeks) -> float:
        pairs = list(_baselines_and_loads(weeks))
        if not pairs:
            return float("nan")
        baselines, loads = (np.concatenate(side) for side in zip(*pairs, strict=True))
        return measure(baselines, loads) if loads.sum() > 0.0 else float("nan")

    return compute


def _baselines_and_loads(weeks: Weeks) -> Iterator[tuple[Floats, Floats]]:
    """Of each event's slots and members: the baseline, and what was drawn in the same week without events."""
    if not weeks.without_events:
        return
    for record, quiet in zip(weeks.records, weeks.without_events, strict=True):
        _check_same_week(record, quiet)
        for event in record.events:
            first = event.start - record.start
            load_wh = quiet.reading_wh[first : first + event.baseline_wh.shape[0], event.takes_part]
            baseline_wh = event.baseline_wh[:, event.takes_part]
            yield baseline_wh.ravel().astype(np.float64), load_wh.ravel().astype(np.float64)


def _check_same_week(record: WeekRecord, quiet: WeekRecord) -> None:
    ours, theirs = ((each.start, each.sample, each.reading_wh.shape) for each in (record, quiet))
    if ours != theirs or quiet.events:
        raise InputError(
            f"without_events: start, sample and shape are {theirs}, with {len(quiet.events)} event(s); expected {ours} without any"
        )


RESPONSE = (
    Kpi("events", "1", "none", "events of demand response", _sum_of_events(lambda event: 1)),
    Kpi(
        *("response_asked_kwh", "kWh", "none"),
        "energy that events instructed",
        lambda weeks: _sum_of_events(_instructed_wh)(weeks) / WH_PER_KWH,
    ),
    Kpi(
        *("delivery_ratio", "1", "higher"),
        "rho: reductions that count (baseline less reading, not below 0 nor above what was instructed) over what was instructed",
        _delivery_ratio,
    ),
    Kpi(
        *("response_eur", "EUR", "none"),
        "what events paid to members, less penalties; the bill contains it",
        lambda weeks: _sum_of_events(lambda event: int(event.paid_neur.sum()))(weeks) / NEUR_PER_EUR,
    ),
    Kpi(
        *("baseline_rrmse", "1", "lower"),
        "root mean square error of baselines over the mean load, by member and slot of events, against the same weeks without events",
        _accuracy(accuracy.rrmse),
    ),
    Kpi(
        *("baseline_bias", "1", "none"),
        "sum of the same errors over the sum of the loads; above 0 where baselines are too high",
        _accuracy(accuracy.bias),
    ),
)
