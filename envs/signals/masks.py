"""Who is there, and which entries of an action do anything: False only where any other value would give the same bits."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs import fields
from gridbid.envs.signals.actions import CONTROL, Columns, columns_of
from gridbid.envs.signals.seating import Seating
from gridbid.market.community import Community
from gridbid.market.demand_response.events import free_seat
from gridbid.market.kernel import allocating_kernel, kernel
from gridbid.market.presence import is_present
from gridbid.market.response import EngineResponse
from gridbid.market.state import Arena, State, state_of
from gridbid.market.types import Control, Device

_N_DEVICES, _CURTAIL = len(Device), int(Control.CURTAIL)

Flags = NDArray[np.bool_]


class Flagged(NamedTuple):
    """Flags by kind: bool (B, seats), or (B, seats, action); no seats where a kind is absent."""

    prosumer: Flags
    battery: Flags
    ev: Flags
    utility: Flags


class Entries(NamedTuple):
    """What a mask is made from: the columns of each metered kind's action, and who has PV, bool (N,)."""

    prosumer: Columns
    battery: Columns
    ev: Columns
    has_pv: Flags


def make_flags(sizes: Sequence[tuple[int, int]]) -> tuple[Flagged, Flagged]:
    """Room for who is there and for the masks; ``sizes`` are (B, agents) by kind, in the order of `fields.KINDS`."""
    actions = (fields.action_space(kind).shape for kind in fields.KINDS)
    return (
        Flagged(*(np.zeros(size, np.bool_) for size in sizes)),
        Flagged(*(np.zeros(size + shape, np.bool_) for size, shape in zip(sizes, actions, strict=True))),
    )


def make_entries(community: Community) -> Entries:
    """Entries of a community's actions."""
    prosumer, battery, ev = (columns_of(kind) for kind in fields.METERED)
    return Entries(prosumer, battery, ev, (community.series.pv_kw != 0.0).any(axis=0))


@allocating_kernel
def write_masks(
    community: Community,
    arena: Arena,
    response: EngineResponse | None,
    seating: Seating,
    entries: Entries,
    present: Flagged,
    mask: Flagged,
) -> None:
    """Write who is there in the slot that trades, and which entries of its next action do anything."""
    state = state_of(arena)
    for b in range(state.clock.slot.size):
        slot = state.clock.slot[b]
        _write_present(community, slot, b, seating.prosumers, present.prosumer)
        _write_present(community, slot, b, seating.batteries, present.battery)
        _write_present(community, slot, b, seating.evs, present.ev)
        _write_metered(
            state,
            entries.prosumer,
            entries.has_pv,
            True,
            b,
            seating.prosumers,
            present.prosumer,
            mask.prosumer,
        )
        _write_metered(
            state, entries.battery, entries.has_pv, False, b, seating.batteries, present.battery, mask.battery
        )
        _write_metered(state, entries.ev, entries.has_pv, False, b, seating.evs, present.ev, mask.ev)
        announces = state.clock.round[b] == 0 and announces_shift(community, slot)
        calls = False
        if response is not None:
            calls = state.clock.round[b] == 0 and may_call(state, response, b)
        for n in range(mask.utility.shape[1]):
            present.utility[b, n] = True
            mask.utility[b, n, 0] = announces
            mask.utility[b, n, 1] = calls
            mask.utility[b, n, 2] = calls


@kernel
def _write_present(community: Community, slot: int, b: int, seats: NDArray[np.int64], present: Flags) -> None:
    for n in range(seats.size):
        present[b, n] = is_present(community.series.present, slot, seats[n])


@kernel
def _write_metered(
    state: State,
    columns: Columns,
    has_pv: Flags,
    has_load: bool,
    b: int,
    seats: NDArray[np.int64],
    present: Flags,
    mask: Flags,
) -> None:
    least_kwh, most_kwh = state.outlook.least_kwh, state.outlook.most_kwh
    for n in range(seats.size):
        i = seats[n]
        trades = has_load and present[b, n]
        for d in range(_N_DEVICES):
            trades |= least_kwh[b, i, d] != 0.0 or most_kwh[b, i, d] != 0.0
        for a in range(columns.column.size):
            control = columns.column[a] - CONTROL
            if control < 0:
                mask[b, n, a] = trades
            elif control == _CURTAIL:
                mask[b, n, a] = has_pv[i] and present[b, n]
            else:
                # A plan is moved to what the outlook allows: where that is one value, it says nothing.
                mask[b, n, a] = least_kwh[b, i, control] < most_kwh[b, i, control]


@kernel
def announces_shift(community: Community, slot: int) -> bool:
    """Whether the year has the slot a day after this one, whose tariff may be shifted."""
    return slot + community.rules.slots_per_day < community.series.day_of_year.size


@kernel
def may_call(state: State, response: EngineResponse, b: int) -> bool:
    """Whether an event with a sound target and rate would be taken: within the episode and one local day, one event a day."""
    rules, events, days = response.rules, response.core.events, response.core.days
    start = state.clock.slot[b] + rules.lead
    if start + rules.n_slots + rules.recovery > state.clock.end[b]:
        return False
    is_one_day = days.day[start] == days.day[start + rules.n_slots - 1]
    return is_one_day and days.day[start] > events.last_day[b] and free_seat(events, b) >= 0
