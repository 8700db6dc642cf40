"""One community's demand response, checked at the edge: what is wrong is named at once and changes nothing.

The kernels of `events` do the work, as they do for the batch engine; here a batch is one community.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from gridbid.market.demand_response.baseline import MIN_DAYS, eligible_days
from gridbid.market.demand_response.events import (
    compare,
    draft,
    free_seat,
    meter_slot,
    publish,
    publishing_refused,
    settle,
    terms_refused,
)
from gridbid.market.demand_response.history import record_slot
from gridbid.market.demand_response.lifecycle import ILLEGAL, after_command
from gridbid.market.demand_response.local_days import LocalDays
from gridbid.market.demand_response.step import SEATS, allocate_demand_response, begin_slot
from gridbid.market.demand_response.types import (
    MAX_CAP_PERCENT,
    MAX_EVENT_WH,
    MAX_RATE,
    MAX_READING_WH,
    BaselineRules,
    Command,
    Phase,
    Refusal,
    Response,
    Terms,
)
from gridbid.market.errors import InputError

_REASONS: Mapping[Refusal, str] = {
    Refusal.LENGTH: "n_slots is {terms.n_slots}; it must be 1 to {longest}",
    Refusal.DAY: "start is {terms.start}, n_slots {terms.n_slots}; an event must lie within one local day of the calendar",
    Refusal.NOTICE: "the ramp begins in slot {ramp_start}, it is slot {now}; there must be {terms.notice} slots of notice",
    Refusal.DEADLINE: "opting out ends in slot {deadline}, it is slot {now}; it must not be past",
    Refusal.DURATION: "notice, ramp, recovery, dispute and opt_out are {terms.notice}, {terms.ramp}, {terms.recovery}, "
    "{terms.dispute}, {terms.opt_out} slots; none may be below 0, and opt_out not below ramp",
    Refusal.TARGET: "target_wh is {target}; each must be 0 to {max_reading}, their sum at most {max_event}",
    Refusal.RATE: "the rates are {terms.rate}, {terms.availability_rate}, {terms.penalty_rate} nEUR/Wh; "
    "each must be 0 to {max_rate}",
    Refusal.ORDER: "the event is on local day {day}; it must be later than day {last_day} of the last event",
    Refusal.SEAT: "{seats} events are alive; one has to be closed or cancelled first",
}


class Program:
    """Events and history of one community with ``n`` participants, from slot 0 of ``days`` on.

    ``now`` is the slot that begins; `deliver` ends it. ``state`` holds the arrays of the kernels, with one community.
    """

    def __init__(
        self,
        days: LocalDays,
        n: int,
        rules: BaselineRules | None = None,
        seats: int = SEATS,
        longest: int | None = None,
    ) -> None:
        """``longest`` is an event's slots at most, 4 h by default."""
        rules = rules or BaselineRules()
        sizes = {"n": n, "seats": seats, "longest": 1 if longest is None else longest}
        faults = [f"{name} is {size}; it must be at least 1" for name, size in sizes.items() if size < 1]
        if not 0 <= rules.cap_percent <= MAX_CAP_PERCENT:
            faults.append(f"cap_percent is {rules.cap_percent}; it must be 0 to {MAX_CAP_PERCENT}")
        if faults:
            raise InputError("; ".join(faults))
        self.state = allocate_demand_response(days, n, 1, rules, seats, longest)
        self.n = n
        self.now = 0
        self.operator_neur = 0
        """What the operator has got; below 0 what it has paid."""
        self.cash_neur = np.zeros((1, n), np.int64)
        """What each participant has got, (1, N)."""

    # --- time

    def deliver(self, reading_wh: Sequence[int]) -> None:
        """End slot ``now`` with each participant's reading, Wh."""
        wrong = [int(wh) for wh in reading_wh if not -MAX_READING_WH <= wh <= MAX_READING_WH]
        faults = (
            [] if len(reading_wh) == self.n else [f"there are {len(reading_wh)} readings; {self.n} are due"]
        )
        if wrong:
            faults.append(f"readings {wrong} Wh are beyond +-{MAX_READING_WH}")
        if self.now >= self.state.days.day.size:
            faults.append(f"slot {self.now} is beyond the calendar's {self.state.days.day.size}")
        if faults:
            raise InputError("; ".join(faults))
        row = np.array([reading_wh], np.int64)
        meter_slot(self.state.events, 0, self.now, row)
        record_slot(self.state.history, self.state.days, 0, self.now, row)
        self.now += 1
        begin_slot(self.state, 0, self.now)

    # --- calling an event

    def draft(self, terms: Terms, target_wh: int | Sequence[int]) -> int:
        """Draft an event that asks a reduction of the community, Wh in each slot or by slot; return its number."""
        events = self.state.events
        seat, longest = free_seat(events, 0), events.target_wh.shape[2]
        targets = [target_wh] * terms.n_slots if isinstance(target_wh, int) else list(target_wh)
        refused = Refusal(terms_refused(self.state.days, longest, terms))
        if seat < 0:
            refused |= Refusal.SEAT
        if len(targets) != terms.n_slots or not _targets_fit(targets):
            refused |= Refusal.TARGET
        self._refuse(refused, terms, targets)
        events.target_wh[0, seat, : terms.n_slots] = targets
        draft(events, self.state.days, 0, seat, terms)
        return seat

    def publish(self, event: int) -> None:
        """Tell the participants: everybody with a baseline is in, until it opts out."""
        following = self._command(event, Command.PUBLISH)
        events = self.state.events
        refused = publishing_refused(events, 0, event, self.now)
        self._refuse(Refusal(refused), self.terms(event), self._targets(event))
        publish(self.state.history, events, self.state.days, self.state.rules, 0, event)
        events.phase[0, event] = following
        begin_slot(self.state, 0, self.now)

    def cancel(self, event: int) -> None:
        """Call an event off, before it is active; nothing is paid, and its day may enter baselines."""
        self.state.events.phase[0, event] = self._command(event, Command.CANCEL)

    def respond(self, event: int, participant: int, response: Response) -> None:
        """Opt out of an event, or in again, until its deadline."""
        self._command(event, Command.RESPOND)
        self._check_participant(participant)
        events = self.state.events
        if response not in (Response.IN, Response.OUT):
            raise InputError(f"response is {response!r}; it must be IN or OUT")
        if events.response[0, event, participant] == Response.UNFIT:
            known = self._days_known(event, participant)
            raise InputError(
                f"participant {participant} has {known} eligible days; a baseline needs {MIN_DAYS}"
            )
        events.response[0, event, participant] = response

    # --- settling it

    def compare(self, event: int) -> list[int]:
        """Compare readings with baselines; return what each participant delivered, Wh."""
        following = self._command(event, Command.COMPARE)
        compare(self.state.events, 0, event)
        self.state.events.phase[0, event] = following
        return [int(wh) for wh in self.state.events.delivered_wh[0, event]]

    def settle(self, event: int) -> list[int]:
        """Pay; return what each participant gets, nEUR."""
        return self._settle(event, self._command(event, Command.SETTLE))

    def dispute(self, event: int) -> None:
        """Contest a settlement, until the dispute's deadline; readings may then be corrected."""
        self.state.events.phase[0, event] = self._command(event, Command.DISPUTE)

    def correct(self, event: int, participant: int, slot: int, reading_wh: int) -> None:
        """Replace a reading of a disputed event."""
        self._command(event, Command.CORRECT)
        self._check_participant(participant)
        terms = self.terms(event)
        start, end = terms.start, terms.start + terms.n_slots
        if not start <= slot < end:
            raise InputError(f"slot is {slot}; the event has slots {start} to {end - 1}")
        if not -MAX_READING_WH <= reading_wh <= MAX_READING_WH:
            raise InputError(f"reading_wh is {reading_wh}; it must be within +-{MAX_READING_WH}")
        self.state.events.reading_wh[0, event, slot - start, participant] = reading_wh

    def resolve(self, event: int) -> list[int]:
        """End a dispute: compare again and pay the difference; return what each participant gets altogether, nEUR."""
        following = self._command(event, Command.RESOLVE)
        compare(self.state.events, 0, event)
        paid = self._settle(event, following)
        begin_slot(self.state, 0, self.now)
        return paid

    # --- what can be read

    def phase(self, event: int) -> Phase:
        """Where an event stands."""
        return Phase(int(self.state.events.phase[0, event]))

    def terms(self, event: int) -> Terms:
        """An event's terms as they were drafted."""
        calls = {name: int(of[0, event]) for name, of in self.state.events.calls._asdict().items()}
        start, end = calls["start"], calls["end"]
        return Terms(
            start=start,
            n_slots=end - start,
            rate=calls["rate"],
            availability_rate=calls["availability_rate"],
            penalty_rate=calls["penalty_rate"],
            notice=calls["notice"],
            opt_out=start - calls["opt_out_until"],
            ramp=start - calls["ramp_start"],
            recovery=calls["recovery_end"] - end,
            dispute=calls["dispute_until"] - calls["recovery_end"],
        )

    def by_slot(self, event: int, name: str) -> list[list[int]]:
        """``instructed_wh``, ``baseline_wh`` or ``reading_wh`` of an event: a list by slot of lists by participant."""
        rows = getattr(self.state.events, name)[0, event, : self.terms(event).n_slots]
        return [[int(wh) for wh in row] for row in rows]

    # --- inside

    def _settle(self, event: int, following: int) -> list[int]:
        events = self.state.events
        self.operator_neur -= settle(events, 0, event, self.cash_neur)
        events.phase[0, event] = following
        return [int(neur) for neur in events.paid_neur[0, event]]

    def _command(self, event: int, command: Command) -> int:
        """The phase after a command; InputError where the event doesn't take it."""
        seats = self.state.events.phase.shape[1]
        if not 0 <= event < seats:
            raise InputError(f"event is {event}; there are 0 to {seats - 1}")
        phase = self.phase(event)
        following = after_command(int(phase), int(command))
        if following == ILLEGAL:
            fitting = [p.name for p in Phase if after_command(int(p), int(command)) != ILLEGAL]
            raise InputError(
                f"event {event} is {phase.name}; {command.name} needs it to be {' or '.join(fitting)}"
            )
        return int(following)

    def _targets(self, event: int) -> list[int]:
        return [int(wh) for wh in self.state.events.target_wh[0, event, : self.terms(event).n_slots]]

    def _days_known(self, event: int, participant: int) -> int:
        state = self.state
        day, kind = (int(of[self.terms(event).start]) for of in (state.days.day, state.days.kind))
        return int(eligible_days(state.history, state.rules, 0, day, kind, participant))

    def _check_participant(self, participant: int) -> None:
        if not 0 <= participant < self.n:
            raise InputError(f"participant is {participant}; there are 0 to {self.n - 1}")

    def _refuse(self, refused: Refusal, terms: Terms, targets: Sequence[int]) -> None:
        if refused == Refusal.NONE:
            return
        days, events = self.state.days, self.state.events
        inside = 0 <= terms.start < days.day.size
        facts = {
            "terms": terms,
            "now": self.now,
            "target": list(targets),
            "ramp_start": terms.start - terms.ramp,
            "deadline": terms.start - terms.opt_out,
            "day": int(days.day[terms.start]) if inside else None,
            "last_day": int(events.last_day[0]),
            "longest": events.target_wh.shape[2],
            "seats": events.phase.shape[1],
            "max_reading": MAX_READING_WH,
            "max_event": MAX_EVENT_WH,
            "max_rate": MAX_RATE,
        }
        raise InputError("; ".join(_REASONS[fault].format(**facts) for fault in refused))


def _targets_fit(targets: Sequence[int]) -> bool:
    return all(0 <= wh <= MAX_READING_WH for wh in targets) and sum(targets) <= MAX_EVENT_WH
