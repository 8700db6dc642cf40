"""Plain twin of demand response in the slot: calls in round 0, readings with each delivery, payments on the bill."""

from gridbid.market.community import Community
from gridbid.market.demand_response.local_days import local_days
from gridbid.market.demand_response.types import (
    MAX_EVENT_WH,
    MAX_RATE,
    MAX_READING_WH,
    Phase,
    Refusal,
    Terms,
)
from gridbid.market.naive.demand_response import Event, NaiveProgram
from gridbid.market.naive.records import Delivered, Member
from gridbid.market.response import ResponseRules
from gridbid.market.types import Account, Cost
from gridbid.market.units import NEUR_PER_EUR


class NaiveResponse:
    """A community's program under an engine's rules; its past days stay when another episode begins."""

    def __init__(self, community: Community, rules: ResponseRules) -> None:
        series = community.series
        days = local_days(series.local_hour, series.weekend, community.rules.slots_per_day)
        self.rules, self.episode_end = rules, 0
        self.program = NaiveProgram(days, community.n_participants, rules.baseline)

    @property
    def alive(self) -> list[Event]:
        """Events that hold a seat."""
        return [event for event in self.program.events if event.phase < Phase.CLOSED]

    def begin_episode(self, start: int, end: int) -> None:
        """Forget events. Slot ``start`` - 1 is being delivered when ``start`` trades."""
        self.program.events, self.program.now, self.episode_end = [], start - 1, end

    def begin_first_slot(self) -> None:
        """The slot that no episode has delivered is over."""
        self.program.now += 1
        self.program.advance()

    def call(self, slot: int, target_wh: int, rate: int) -> Refusal:
        """Call an event while ``slot`` trades; return why not."""
        rules, start = self.rules, slot + self.rules.lead
        if start + rules.n_slots + rules.recovery > self.episode_end:
            return Refusal.EPISODE
        refused = self._refused(start, target_wh, rate)
        if refused == Refusal.NONE:
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
            self.program.publish(self.program.draft(terms, [target_wh] * rules.n_slots))
        return refused

    def _refused(self, start: int, target_wh: int, rate: int) -> Refusal:
        """Terms and seat come before the target and the order of days."""
        day, n_slots, refused = self.program.days.day, self.rules.n_slots, Refusal.NONE
        if day[start] != day[start + n_slots - 1]:
            refused |= Refusal.DAY
        if not 0 <= rate <= MAX_RATE:
            refused |= Refusal.RATE
        if len(self.alive) == self.rules.seats:
            refused |= Refusal.SEAT
        if refused != Refusal.NONE:
            return refused
        if target_wh > MAX_READING_WH or n_slots * target_wh > MAX_EVENT_WH:
            refused |= Refusal.TARGET
        if any(day[event.terms.start] >= day[start] for event in self.program.events):
            refused |= Refusal.ORDER
        return refused

    def settle(self, delivered: list[Delivered], members: list[Member], accounts: dict[Account, int]) -> None:
        """Enter a delivered slot's readings; what is due is paid by the operator, and is on the bill."""
        program = self.program
        before = list(program.cash_neur)
        program.deliver([one.reading_wh for one in delivered])
        for event in program.events:
            if event.phase == Phase.METERED:
                program.compare(event)
                program.settle(event)
        for i, (member, one) in enumerate(zip(members, delivered, strict=True)):
            paid_neur = program.cash_neur[i] - before[i]
            one.cash_neur += paid_neur
            one.cost_eur[Cost.BILL] = -one.cash_neur / NEUR_PER_EUR
            member.sums.cash_neur += paid_neur
            accounts[Account.OPERATOR] -= paid_neur
