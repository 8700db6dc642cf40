"""The programme of demand response: what ``response:`` in ``scenario.yaml`` says, checked and in slots.

What the rules mean stands in docs/demand-response.md.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from gridbid.envs.format.schema import Bounds, Faults
from gridbid.market.demand_response.types import BaselineRules, Method
from gridbid.market.response import ResponseRules
from gridbid.market.units import ct_per_kwh_to_neur_per_wh

Minutes = Annotated[int, Bounds(0, 10_080)]
Rate = Annotated[float, Bounds(0.0, 10_000.0)]
_SECONDS_PER_MINUTE = 60
_DURATIONS = ("lead", "duration", "notice", "opt_out", "ramp", "recovery", "dispute")
_METHODS = {"ten_of_ten": Method.TEN_OF_TEN, "rolling": Method.ROLLING}


@dataclass(frozen=True, kw_only=True)
class BaselineSpec:
    """How it is told what a member would have drawn without an event."""

    method: Literal["ten_of_ten", "rolling"] = "ten_of_ten"
    """Mean of the ten last eligible days (CAISO), or nine tenths of the last baseline and one of the day (ISO New England)."""
    cap_percent: Annotated[int, Bounds(0, 1_000_000)] = 20
    """The same-day adjustment moves a baseline by this at most, either way; 0 is none at all."""


@dataclass(frozen=True, kw_only=True)
class ResponseSpec:
    """What all events have in common; the utility sets target and rate with each call."""

    lead_minutes: Minutes = 240
    """From the slot that trades when an event is called to its start."""
    duration_minutes: Minutes = 120
    """From start to end."""
    availability_ct_per_kwh: Rate = 0.0
    """For each kWh instructed, whatever is delivered."""
    penalty_ct_per_kwh: Rate = 0.0
    """For each kWh that is missing to 95 % of what is instructed."""
    notice_minutes: Minutes = 60
    """From the call to the ramp, at least."""
    opt_out_minutes: Minutes = 30
    """From the last moment to opt out to the start."""
    ramp_minutes: Minutes = 15
    """Before the start, in which loads come down."""
    recovery_minutes: Minutes = 30
    """After the end, in which they come back."""
    dispute_minutes: Minutes = 1_440
    """After the recovery, in which a settlement may be disputed."""
    events_at_once: Annotated[int, Bounds(1, 64)] = 4
    """Events that may be alive at a time."""
    baseline: BaselineSpec = BaselineSpec()
    """How baselines are made."""


def response_rules(response: ResponseSpec, slot_seconds: int) -> ResponseRules:
    """The programme in slots and nEUR/Wh, as the engine takes it."""

    def slots(minutes: int) -> int:
        return minutes * _SECONDS_PER_MINUTE // slot_seconds

    return ResponseRules(
        lead=slots(response.lead_minutes),
        n_slots=slots(response.duration_minutes),
        availability_rate=ct_per_kwh_to_neur_per_wh(response.availability_ct_per_kwh),
        penalty_rate=ct_per_kwh_to_neur_per_wh(response.penalty_ct_per_kwh),
        notice=slots(response.notice_minutes),
        opt_out=slots(response.opt_out_minutes),
        ramp=slots(response.ramp_minutes),
        recovery=slots(response.recovery_minutes),
        dispute=slots(response.dispute_minutes),
        seats=response.events_at_once,
        baseline=BaselineRules(int(_METHODS[response.baseline.method]), response.baseline.cap_percent),
    )


def check_response(response: ResponseSpec, slot_seconds: int, faults: Faults) -> None:
    """Note durations that are no whole slots, and those that would have every call refused."""
    slot_minutes = slot_seconds / _SECONDS_PER_MINUTE
    for name in _DURATIONS:
        minutes = getattr(response, f"{name}_minutes")
        if minutes * _SECONDS_PER_MINUTE % slot_seconds != 0:
            faults.add(f"response.{name}_minutes", minutes, f"a multiple of the slot's {slot_minutes:g} min")
    least = {
        "duration": slot_minutes,
        "opt_out": response.ramp_minutes,
        "lead": max(slot_minutes, response.notice_minutes + response.ramp_minutes, response.opt_out_minutes),
    }
    reasons = {
        "duration": "one slot",
        "opt_out": "the ramp",
        "lead": "notice and ramp, the time to opt out, and one slot",
    }
    for name, minutes in least.items():
        found = getattr(response, f"{name}_minutes")
        if found < minutes:
            faults.add(f"response.{name}_minutes", found, f"at least {minutes:g} min: {reasons[name]}")
