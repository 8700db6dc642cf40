"""Plain twin of demand response for one community: days in a list, exact fractions, one participant at a time.

Written from the rules of docs/demand-response.md, not from the kernels: days are looked up by their definition, baselines
and payments are fractions until their one rounding.
"""

import math
from dataclasses import dataclass, field
from fractions import Fraction

from gridbid.market.demand_response.local_days import LocalDays
from gridbid.market.demand_response.types import BaselineRules, Method, Phase, Response, Terms


@dataclass
class Day:
    """A past day: readings by place on the clock (None: no reading), by participant, and who took part in an event."""

    number: int
    kind: int
    reading_wh: list[list[int | None]]
    took_part: set[int] = field(default_factory=set)

    def eligible(self, i: int) -> bool:
        """Whether it may enter participant i's baseline."""
        return i not in self.took_part and all(row[i] is not None for row in self.reading_wh)


@dataclass
class Event:
    """An event, with what is known of it by slot and participant."""

    terms: Terms
    target_wh: list[int]
    phase: Phase = Phase.DRAFT
    response: list[Response] = field(default_factory=list)
    instructed_wh: list[list[int]] = field(default_factory=list)
    baseline_wh: list[list[int]] = field(default_factory=list)
    reading_wh: list[list[int]] = field(default_factory=list)
    delivered_wh: list[int] = field(default_factory=list)
    paid_neur: list[int] = field(default_factory=list)

    @property
    def slots(self) -> range:
        """Its slots."""
        return range(self.terms.start, self.terms.start + self.terms.n_slots)


def adjustment_factor(today_wh: int, raw_wh: Fraction, cap_percent: int) -> Fraction:
    """clip(today / raw, 1 -+ cap); 1 where raw isn't above 0."""
    if raw_wh <= 0:
        return Fraction(1)
    cap = Fraction(cap_percent, 100)
    return min(max(Fraction(today_wh) / raw_wh, max(Fraction(0), 1 - cap)), 1 + cap)


def scale(delivered_wh: int, instructed_wh: int) -> Fraction:
    """g(rho): 1 from 95 % on, 0 up to 50 %, linear between."""
    if instructed_wh == 0:
        return Fraction(0)
    rho = Fraction(delivered_wh, instructed_wh)
    return min(Fraction(1), max(Fraction(0), (rho - Fraction(1, 2)) / Fraction(45, 100)))


def payment_neur(terms: Terms, delivered_wh: int, instructed_wh: int) -> int:
    """Availability and utilisation rounded down, less the penalty rounded up."""
    utilisation = terms.rate * delivered_wh * scale(delivered_wh, instructed_wh)
    missing_wh = max(Fraction(0), Fraction(95, 100) * instructed_wh - delivered_wh)
    return (
        terms.availability_rate * instructed_wh
        + math.floor(utilisation)
        - math.ceil(terms.penalty_rate * missing_wh)
    )


class NaiveProgram:
    """One community's history and events; nothing is checked, commands are assumed to be legal."""

    def __init__(self, days: LocalDays, n: int, rules: BaselineRules) -> None:
        self.days, self.n, self.rules = days, n, rules
        self.now = 0
        self.past: list[Day] = []
        self.today = self._new_day()
        self.events: list[Event] = []
        self.cash_neur = [0] * n
        self.operator_neur = 0

    def _new_day(self) -> Day:
        empty: list[list[int | None]] = [[None] * self.n for _ in range(self.days.slots_per_day)]
        return Day(-1, 0, empty)

    # --- baselines

    def known_days(self, day: int, kind: int, i: int) -> list[Day]:
        """Days that a baseline rests on, oldest first: the last ten, or all with the rolling mean."""
        eligible = [past for past in self.past if past.kind == kind and past.eligible(i)]
        if self.rules.method == Method.ROLLING:
            return eligible
        return [past for past in eligible[-10:] if day - past.number <= 45]

    def raw_wh(self, day: int, kind: int, clock: int, i: int) -> Fraction | None:
        """Baseline before the adjustment; None with fewer than five days."""
        known = self.known_days(day, kind, i)
        if len(known) < 5:
            return None
        readings = [past.reading_wh[clock][i] or 0 for past in known]
        if self.rules.method != Method.ROLLING:
            return Fraction(sum(readings), len(readings))
        mean_mwh = 0
        for count, wh in enumerate(readings, start=1):
            weight = min(count, 10)
            mean_mwh = math.floor(Fraction((weight - 1) * mean_mwh + 1_000 * wh, weight))
        return Fraction(mean_mwh, 1_000)

    def factor(self, start: int, i: int) -> Fraction:
        """Same-day adjustment of an event that starts in a slot."""
        day, kind, hour = int(self.days.day[start]), int(self.days.kind[start]), self.days.slots_per_day // 24
        today_wh, raw_wh = 0, Fraction(0)
        for slot in range(start - 4 * hour, start - hour):
            if slot < 0 or self.days.day[slot] != day:
                continue
            clock = int(self.days.clock[slot])
            reading, raw = self.today.reading_wh[clock][i], self.raw_wh(day, kind, clock, i)
            if reading is not None and raw is not None:
                today_wh, raw_wh = today_wh + reading, raw_wh + raw
        return adjustment_factor(today_wh, raw_wh, self.rules.cap_percent)

    def _baseline_row(self, event: Event, slot: int, adjusted: bool) -> list[int]:
        row = []
        day, kind = int(self.days.day[slot]), int(self.days.kind[slot])
        for i in range(self.n):
            raw = self.raw_wh(day, kind, int(self.days.clock[slot]), i)
            factor = self.factor(event.terms.start, i) if adjusted else Fraction(1)
            row.append(math.floor(raw * factor) if raw is not None else 0)
        return row

    # --- an event

    def draft(self, terms: Terms, target_wh: list[int]) -> Event:
        """A new event."""
        event = Event(terms, target_wh, paid_neur=[0] * self.n)
        self.events.append(event)
        return event

    def publish(self, event: Event) -> None:
        """Share the target out by baselines."""
        event.phase = Phase.PUBLISHED
        start = event.terms.start
        day, kind = int(self.days.day[start]), int(self.days.kind[start])
        fit = [len(self.known_days(day, kind, i)) >= 5 for i in range(self.n)]
        event.response = [Response.IN if yes else Response.UNFIT for yes in fit]
        for slot, target in zip(event.slots, event.target_wh, strict=True):
            row = self._baseline_row(event, slot, adjusted=False)
            own = [max(0, wh) for wh in row]
            asked = min(target, sum(own))
            event.baseline_wh.append(row)
            event.instructed_wh.append([math.floor(Fraction(asked * wh, sum(own) or 1)) for wh in own])
        self.advance()

    def advance(self) -> None:
        """Let time act on every event."""
        for event in self.events:
            while (following := self._after_time(event)) != event.phase:
                event.phase = following
                if following == Phase.ACTIVE:
                    event.baseline_wh = [
                        self._baseline_row(event, slot, adjusted=True) for slot in event.slots
                    ]
                    self.today.took_part |= {
                        i for i, response in enumerate(event.response) if response == Response.IN
                    }

    def _after_time(self, event: Event) -> Phase:
        terms, end = event.terms, event.slots.stop
        due = {
            Phase.PUBLISHED: (terms.start - terms.opt_out, Phase.ARMED),
            Phase.ARMED: (terms.start - terms.ramp, Phase.RAMP),
            Phase.RAMP: (terms.start, Phase.ACTIVE),
            Phase.ACTIVE: (end, Phase.RECOVERY),
            Phase.RECOVERY: (end + terms.recovery, Phase.METERED),
            Phase.SETTLED: (end + terms.recovery + terms.dispute, Phase.CLOSED),
        }
        if event.phase not in due:
            return event.phase
        slot, following = due[event.phase]
        return following if self.now >= slot else event.phase

    def deliver(self, reading_wh: list[int]) -> None:
        """End the slot that has begun."""
        for event in self.events:
            if event.phase == Phase.ACTIVE and self.now in event.slots:
                event.reading_wh.append(list(reading_wh))
        slot = self.now
        self.today.number, self.today.kind = int(self.days.day[slot]), int(self.days.kind[slot])
        self.today.reading_wh[int(self.days.clock[slot])] = list(reading_wh)
        if slot + 1 == self.days.day.size or self.days.day[slot + 1] != self.days.day[slot]:
            self.past.append(self.today)
            self.today = self._new_day()
        self.now += 1
        self.advance()

    def compare(self, event: Event) -> None:
        """Delivered: baseline less reading, between 0 and what was instructed, of those who are in."""
        event.phase = Phase.BASELINED
        event.delivered_wh = [
            sum(
                min(max(0, baseline[i] - reading[i]), instructed[i])
                for baseline, reading, instructed in zip(
                    event.baseline_wh, event.reading_wh, event.instructed_wh, strict=True
                )
            )
            if event.response[i] == Response.IN
            else 0
            for i in range(self.n)
        ]

    def settle(self, event: Event) -> None:
        """Pay what is due beyond what was paid."""
        event.phase = Phase.SETTLED
        for i in range(self.n):
            if event.response[i] == Response.IN:
                instructed = sum(row[i] for row in event.instructed_wh)
                due = payment_neur(event.terms, event.delivered_wh[i], instructed)
                self.cash_neur[i] += due - event.paid_neur[i]
                self.operator_neur -= due - event.paid_neur[i]
                event.paid_neur[i] = due
