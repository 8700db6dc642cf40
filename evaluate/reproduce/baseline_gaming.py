"""How much homes gain by drawing more just before an event, so that their baseline rises: with the cap and without.

The homes of `rural` as they are, uncontrolled; one event a week, from 17 to 19 h on Wednesdays, that asks for 30 % of what
was drawn then the day before, at 1 EUR/kWh, without availability payment or penalty. Half of the homes inflate: they draw more in
the three hours of the adjustment window, and pay for it at their tariff. The other half, the control group, never does.
Then the halves change places, so every home is measured against itself on the same days. Two behaviours in the event:
homes that cut what they are asked for, and homes that do nothing. What is drawn to inflate is of no use to anybody: a home
with a store to fill gains more than is measured here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.compile import CompiledScenario, compile_community
from gridbid.market.community import Community
from gridbid.market.demand_response.accuracy import bias, rrmse
from gridbid.market.demand_response.baseline import WINDOW_BUFFER_H, WINDOW_FIRST_H
from gridbid.market.demand_response.events import event_of_slot
from gridbid.market.demand_response.local_days import LocalDays, local_days
from gridbid.market.demand_response.step import (
    DemandResponse,
    after_delivery,
    allocate_demand_response,
    call_event,
)
from gridbid.market.demand_response.types import BaselineRules, Integers, Refusal, Terms, Words
from gridbid.market.errors import InputError
from gridbid.market.kernel import kernel
from gridbid.market.units import NEUR_PER_EUR, WH_PER_KWH

CAPS_PERCENT = (20, 1_000_000)
"""The rule, and a cap that never binds."""

INFLATIONS_PERCENT = (0, 10, 20, 40)
"""What inflating homes add to their base load in the window."""

RATE_NEUR_PER_WH = 1_000_000
TARGET_PERCENT = 30
START_HOUR, END_HOUR = 17, 19
WEDNESDAY = 2
PRE_ROLL_DAYS = 35

Euros = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Gain:
    """What inflating brings, by home (N,), EUR for each event."""

    cap_percent: int
    cuts: bool
    """Whether homes cut what they are asked for, or do nothing."""
    inflation_percent: int
    payment_eur: Euros
    """Of a home when it inflates."""
    honest_eur: Euros
    """Of the same home on the same days when nobody inflates."""
    control_eur: Euros
    """Of the same home when it is in the control group, and others inflate."""
    cost_eur: Euros
    """Of the energy that it draws to inflate."""
    asked_eur: Euros
    """What it would be paid if it cut all that is asked, and the baseline were right."""

    @property
    def gain_eur(self) -> Euros:
        """How much more it is paid for inflating."""
        return self.payment_eur - self.honest_eur

    @property
    def net_gain_eur(self) -> Euros:
        """Gain less its cost."""
        return self.gain_eur - self.cost_eur

    @property
    def gain_percent(self) -> float:
        """Gain of all homes in percent of what they are paid without inflating."""
        return float(100.0 * self.gain_eur.sum() / self.honest_eur.sum())

    @property
    def control_gain_eur(self) -> Euros:
        """How much more the control group is paid because others inflate."""
        return self.control_eur - self.honest_eur


@dataclass(frozen=True)
class Best:
    """What homes gain that know, for each of them, how much to inflate over the whole season."""

    cap_percent: int
    cuts: bool
    rate_eur_per_kwh: float
    net_gain_eur: float
    """For each home and event."""
    homes: int
    """How many gain anything."""


@dataclass(frozen=True)
class Accuracy:
    """RRMSE and bias of the adjusted baselines in the events' slots, where nobody cuts or inflates."""

    of: str
    rrmse: float
    bias: float


@dataclass(frozen=True)
class _Arm:
    """How the homes of one community of the batch behave."""

    cuts: bool
    inflation_percent: int
    inflating: int
    """Homes with this parity inflate; the others are the control group."""


@dataclass(frozen=True)
class _Homes:
    """T slots, N homes: readings and base loads in Wh, prices in nEUR/Wh."""

    days: LocalDays
    weekday: NDArray[np.int8]
    net_wh: Integers
    load_wh: Integers
    has_pv: NDArray[np.bool_]
    retail: Integers
    feed_in: Integers

    @property
    def hour(self) -> int:
        """Slots of an hour."""
        return self.days.slots_per_day // 24


@dataclass(frozen=True)
class _Season:
    """What a season of events came to, by arm and home."""

    paid_eur: Euros
    cost_eur: Euros
    baseline_wh: Words
    """Of the first arm, (slots of events, N), as the readings and what was instructed."""
    reading_wh: Words
    instructed_wh: Words


def baseline_gaming(n_events: int = 44, caps_percent: Sequence[int] = CAPS_PERCENT) -> list[Gain]:
    """Measure every cap, behaviour and inflation over weekly events from week 6 of the year on."""
    homes, arms = _homes(compile_community("rural", [0], split="test")), _arms()
    gains = []
    for cap_percent in caps_percent:
        season = _season(homes, arms, BaselineRules(cap_percent=cap_percent), n_events)
        gains += [
            _gain(arms, season, n_events, cap_percent, cuts, percent)
            for cuts in (True, False)
            for percent in INFLATIONS_PERCENT
        ]
    return gains


def best_responses(gains: Sequence[Gain], rates_eur_per_kwh: Sequence[float] = (1.0, 3.0)) -> list[Best]:
    """The best inflation for each home at a rate; payments are in proportion to the rate, measured at 1 EUR/kWh."""
    bests = []
    for cap_percent, cuts in dict.fromkeys((gain.cap_percent, gain.cuts) for gain in gains):
        levels = [gain for gain in gains if (gain.cap_percent, gain.cuts) == (cap_percent, cuts)]
        for rate in rates_eur_per_kwh:
            net = np.max([rate * gain.gain_eur - gain.cost_eur for gain in levels], axis=0)
            bests.append(Best(cap_percent, cuts, rate, float(net.mean()), int((net > 1e-9).sum())))
    return bests


def baseline_accuracy(n_events: int = 44, rules: BaselineRules | None = None) -> list[Accuracy]:
    """Accuracy of the baselines on the same days: of each home without PV, and of their sum."""
    homes = _homes(compile_community("rural", [0], split="test"))
    season = _season(homes, [_Arm(False, 0, 0)], rules or BaselineRules(), n_events)
    groups = {f"home {home}": np.array([home]) for home in np.flatnonzero(~homes.has_pv)}
    groups["their sum"] = np.flatnonzero(~homes.has_pv)
    sums = {
        name: (season.baseline_wh[:, of].sum(axis=1), season.reading_wh[:, of].sum(axis=1))
        for name, of in groups.items()
    }
    return [Accuracy(name, rrmse(*pair), bias(*pair)) for name, pair in sums.items()]


def gains_table(gains: Sequence[Gain]) -> str:
    """The gains as a table in Markdown, ct for each home and event."""
    head = (
        "| cap | homes | inflation | paid | gain | gain, % | energy | net gain | control group: paid | gain |"
    )
    lines = [head, "| --- | --- |" + " ---: |" * 8]
    for gain in gains:
        means = (
            gain.payment_eur,
            gain.gain_eur,
            gain.cost_eur,
            gain.net_gain_eur,
            gain.control_eur,
            gain.control_gain_eur,
        )
        ct = [100.0 * float(each.mean()) for each in means]
        lines.append(
            f"| {_cap(gain.cap_percent)} | {_behaviour(gain.cuts)} | {gain.inflation_percent} % | {ct[0]:.1f} | {ct[1]:.1f} "
            f"| {gain.gain_percent:.0f} | {ct[2]:.1f} | {ct[3]:.1f} | {ct[4]:.1f} | {ct[5]:.1f} |"
        )
    return "\n".join(lines)


def bests_table(bests: Sequence[Best]) -> str:
    """The best responses as a table in Markdown."""
    lines = [
        "| cap | homes | rate, EUR/kWh | net gain, ct | homes that gain |",
        "| --- | --- |" + " ---: |" * 3,
    ]
    lines += [
        f"| {_cap(best.cap_percent)} | {_behaviour(best.cuts)} | {best.rate_eur_per_kwh:g} "
        f"| {100.0 * best.net_gain_eur:.1f} | {best.homes} |"
        for best in bests
    ]
    return "\n".join(lines)


def accuracy_table(accuracies: Sequence[Accuracy]) -> str:
    """RRMSE and bias as a table in Markdown."""
    lines = ["| of | RRMSE | bias |", "| --- | ---: | ---: |"]
    lines += [f"| {each.of} | {each.rrmse:.2f} | {each.bias:+.2f} |" for each in accuracies]
    return "\n".join(lines)


def _cap(percent: int) -> str:
    return f"{percent} %" if percent <= 100 else "none"


def _behaviour(cuts: bool) -> str:
    return "cut" if cuts else "do nothing"


# --- the season


def _homes(compiled: CompiledScenario) -> _Homes:
    """Prosumers' base load less their PV, metered by a cumulative register."""
    community: Community = compiled.community
    series, year = community.series, compiled.year
    prosumers = np.flatnonzero(series.load_kw.any(axis=0))
    slot_h = community.rules.slot_h

    def metered_wh(power_kw: NDArray[np.float32]) -> Integers:
        register_kwh = np.cumsum(power_kw[:, prosumers].astype(np.float64) * slot_h, axis=0)
        register_wh = np.floor(register_kwh * WH_PER_KWH).astype(np.int64)
        return np.concatenate([register_wh[:1], register_wh[1:] - register_wh[:-1]])

    return _Homes(
        days=local_days(series.local_hour, year.weekday >= 5, round(24 / slot_h)),
        weekday=year.weekday,
        net_wh=metered_wh(series.net_kw),
        load_wh=metered_wh(series.load_kw),
        has_pv=np.asarray(series.pv_kw[:, prosumers].any(axis=0)),
        retail=series.retail[0],
        feed_in=series.feed_in[0],
    )


def _arms() -> list[_Arm]:
    return [
        _Arm(cuts, percent, inflating)
        for cuts in (True, False)
        for percent in INFLATIONS_PERCENT
        for inflating in (0, 1)
    ]


def _season(homes: _Homes, arms: Sequence[_Arm], rules: BaselineRules, n_events: int) -> _Season:
    """Play the year up to the last event, every arm a community of the batch."""
    starts = _event_starts(homes, n_events)
    n_slots, n = (END_HOUR - START_HOUR) * homes.hour, homes.net_wh.shape[1]
    response = allocate_demand_response(homes.days, n, len(arms), rules)
    cash = np.zeros((len(arms), n), np.int64)
    cost_eur = np.zeros((len(arms), n))
    baselines, readings, instructed = [], [], []
    coming = iter(starts)
    start = next(coming)
    for slot in range(starts[-1] + n_slots + homes.hour):
        if slot == start - 12 * homes.hour:
            _call(response, slot, Terms(start, n_slots, RATE_NEUR_PER_WH), homes)
        if slot == start + n_slots:
            seat = _seat(response, start)
            baselines.append(response.events.baseline_wh[0, seat, :n_slots].copy())
            readings.append(response.events.reading_wh[0, seat, :n_slots].copy())
            instructed.append(response.events.instructed_wh[0, seat, :n_slots].copy())
            start = next(coming, start)
        reading_wh = _readings(homes, arms, response, slot, start, cost_eur)
        _deliver(response, slot, reading_wh, cash)
    by_slot = (np.concatenate(each) for each in (baselines, readings, instructed))
    return _Season(cash / NEUR_PER_EUR, cost_eur, *by_slot)


def _event_starts(homes: _Homes, n_events: int) -> list[int]:
    """Wednesdays at the starting hour, once the history is full."""
    days = homes.days
    fits = (
        (homes.weekday == WEDNESDAY) & (days.clock == START_HOUR * homes.hour) & (days.day >= PRE_ROLL_DAYS)
    )
    starts = np.flatnonzero(fits)
    if not 1 <= n_events <= starts.size:
        raise InputError(f"n_events is {n_events}; the year has 1 to {starts.size}")
    return [int(slot) for slot in starts[:n_events]]


def _call(response: DemandResponse, now: int, terms: Terms, homes: _Homes) -> None:
    """Ask for a share of what the homes drew at that hour of the day before, as a utility would that knows no baseline."""
    yesterday = slice(
        terms.start - homes.days.slots_per_day, terms.start - homes.days.slots_per_day + terms.n_slots
    )
    drawn_wh = int(np.maximum(homes.net_wh[yesterday], 0).sum()) // terms.n_slots
    for b in range(response.events.phase.shape[0]):
        refused = call_event(response, b, now, terms, drawn_wh * TARGET_PERCENT // 100)
        if refused:
            raise InputError(f"the event in slot {terms.start} was refused: {Refusal(refused)!r}")


def _seat(response: DemandResponse, slot: int) -> int:
    return int(event_of_slot(response.events, 0, slot))


def _readings(
    homes: _Homes,
    arms: Sequence[_Arm],
    response: DemandResponse,
    slot: int,
    start: int,
    cost_eur: Euros,
) -> Integers:
    """Readings (arms, N) of a slot; the cost of inflating them is added to ``cost_eur``."""
    reading_wh = np.tile(homes.net_wh[slot], (len(arms), 1))
    seat = _seat(response, slot)
    in_window = start - WINDOW_FIRST_H * homes.hour <= slot < start - WINDOW_BUFFER_H * homes.hour
    for b, arm in enumerate(arms):
        if seat >= 0 and arm.cuts:
            reading_wh[b] -= response.events.instructed_wh[b, seat, slot - start]
        if in_window:
            added_wh = homes.load_wh[slot] * arm.inflation_percent // 100
            added_wh[1 - arm.inflating :: 2] = 0
            before_neur = _bill_neur(homes, slot, reading_wh[b])
            reading_wh[b] += added_wh
            cost_eur[b] += (_bill_neur(homes, slot, reading_wh[b]) - before_neur) / NEUR_PER_EUR
    return reading_wh


def _bill_neur(homes: _Homes, slot: int, reading_wh: Integers) -> Integers:
    """What readings cost without any trade (rule 9)."""
    return reading_wh * np.where(reading_wh > 0, homes.retail[slot], homes.feed_in[slot])


@kernel
def _deliver(response: DemandResponse, slot: int, reading_wh: Integers, cash_neur: Integers) -> None:
    for b in range(reading_wh.shape[0]):
        after_delivery(response, b, slot, reading_wh, cash_neur)


# --- what it came to


def _gain(
    arms: Sequence[_Arm], season: _Season, n_events: int, cap_percent: int, cuts: bool, percent: int
) -> Gain:
    """Each home in the role of one that inflates, and of one that doesn't while others do."""
    payment_eur, control_eur, cost_eur = (np.zeros(season.paid_eur.shape[1]) for _ in range(3))
    for parity in (0, 1):
        arm = arms.index(_Arm(cuts, percent, parity))
        payment_eur[parity::2] = season.paid_eur[arm, parity::2]
        cost_eur[parity::2] = season.cost_eur[arm, parity::2]
        control_eur[1 - parity :: 2] = season.paid_eur[arm, 1 - parity :: 2]
    honest_eur = season.paid_eur[arms.index(_Arm(cuts, 0, 0))]
    return Gain(
        cap_percent,
        cuts,
        percent,
        payment_eur / n_events,
        honest_eur / n_events,
        control_eur / n_events,
        cost_eur / n_events,
        season.instructed_wh.sum(axis=0) * RATE_NEUR_PER_WH / NEUR_PER_EUR / n_events,
    )


if __name__ == "__main__":
    measured = baseline_gaming()
    tables = gains_table(measured), bests_table(best_responses(measured)), accuracy_table(baseline_accuracy())
    print(*tables, sep="\n\n")
