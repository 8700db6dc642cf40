"""The kernels of a step: one round of a range of tiles, in one call or phase by phase.

A tile is the communities whose power flows are solved side by side. Communities have nothing in common but what is
never written, so any range may run beside any other, and what comes out doesn't depend on the ranges.
"""

import numpy as np
from numpy.typing import NDArray

from gridbid.market.book import clear
from gridbid.market.community import Community, Floats
from gridbid.market.episode import clear_book, clear_slot
from gridbid.market.grid.feeder import flow_tile
from gridbid.market.grid.vectors import LANES
from gridbid.market.kernel import allocating_kernel, kernel
from gridbid.market.operation import deliver
from gridbid.market.outlook import issue_outlook
from gridbid.market.planning import commit_plans
from gridbid.market.response import EngineResponse, begin_first_slot, call_in_round_0, settle_events
from gridbid.market.scratch import Scratch
from gridbid.market.state import Arena, SlotBooks, State, state_of
from gridbid.market.tariff import announce_shift, feed_in_price
from gridbid.market.trading import begin_round, book_of, process_order, trade_round

Integers = NDArray[np.int64]


@allocating_kernel
def play_tiles(
    community: Community,
    arena: Arena,
    scratch: Scratch,
    response: EngineResponse | None,
    seed: int,
    shift: Integers,
    target_wh: Integers,
    rate: Integers,
    offer: Floats,
    limit: Floats,
    follow: Floats,
    controls: Floats,
    first: int,
    last: int,
) -> None:
    """A whole round of tiles ``first`` to ``last`` - 1: announce, call, commit, trade, close.

    An empty ``shift`` announces nothing, an empty ``target_wh`` calls nothing.
    """
    state = state_of(arena)
    for tile in range(first, last):
        for b in range(tile * LANES, min((tile + 1) * LANES, offer.shape[0])):
            begin_round(state, b)
            if state.clock.slot[b] < state.clock.end[b]:
                if shift.size > 0:
                    announce_shift(community, state, b, shift[b])
                if response is not None and target_wh.size > 0:
                    call_in_round_0(state, response, b, target_wh[b], rate[b])
                commit_plans(community, state, b, offer, limit, follow, controls)
                if community.rules.rounds == 1:
                    trade_round(community, state, scratch, scratch.book, seed, b)
                    clear(scratch.book)
                else:
                    trade_round(community, state, scratch, book_of(state.books, b), seed, b)
        _deliver_due(community, state, scratch, response, tile)
        _move_on(community, state, scratch, tile)
        _deliver_last(community, state, scratch, response, tile)


@allocating_kernel
def announce_shifts(community: Community, arena: Arena, shift: Integers) -> None:
    """Announce each community's shift (B,), nEUR/Wh."""
    state = state_of(arena)
    for b in range(shift.size):
        if state.clock.slot[b] < state.clock.end[b]:
            announce_shift(community, state, b, shift[b])


@allocating_kernel
def call_events(arena: Arena, response: EngineResponse, target_wh: Integers, rate: Integers) -> None:
    """Call an event in every community whose target (B,) is above 0 Wh, at its rate (B,), nEUR/Wh."""
    state = state_of(arena)
    for b in range(target_wh.size):
        if state.clock.slot[b] < state.clock.end[b]:
            call_in_round_0(state, response, b, target_wh[b], rate[b])


@allocating_kernel
def commit_all(
    community: Community, arena: Arena, offer: Floats, limit: Floats, follow: Floats, controls: Floats
) -> None:
    """Commit everybody's plans, and write the orders that they ask for."""
    state = state_of(arena)
    for b in range(offer.shape[0]):
        if state.clock.slot[b] < state.clock.end[b]:
            commit_plans(community, state, b, offer, limit, follow, controls)


@allocating_kernel
def trade_all(community: Community, arena: Arena, scratch: Scratch, seed: int) -> None:
    """Process the round's orders of every community that plays."""
    state = state_of(arena)
    for b in range(state.clock.slot.size):
        begin_round(state, b)
        if state.clock.slot[b] < state.clock.end[b]:
            trade_round(community, state, scratch, book_of(state.books, b), seed, b)


@allocating_kernel
def begin_rounds(arena: Arena) -> None:
    """Set back what every community's last round reported, before orders are processed one by one."""
    state = state_of(arena)
    for b in range(state.clock.slot.size):
        begin_round(state, b)


@allocating_kernel
def trade_one(community: Community, arena: Arena, scratch: Scratch, i: int) -> None:
    """Process participant i's order in the first community, if it plays."""
    state = state_of(arena)
    slot = state.clock.slot[0]
    if slot < state.clock.end[0]:
        floor = feed_in_price(community, state, 0, slot)
        process_order(community, state, scratch, book_of(state.books, 0), floor, 0, i)


@allocating_kernel
def deliver_due(
    community: Community, arena: Arena, scratch: Scratch, response: EngineResponse | None
) -> None:
    """End the round in every community; where that ends the slot, deliver the one before."""
    state = state_of(arena)
    for tile in range(-(-state.clock.slot.size // LANES)):
        _deliver_due(community, state, scratch, response, tile)


@allocating_kernel
def move_on(community: Community, arena: Arena, scratch: Scratch) -> None:
    """Where the slot has ended, close the gate and go on to the next."""
    state = state_of(arena)
    for tile in range(-(-state.clock.slot.size // LANES)):
        _move_on(community, state, scratch, tile)


@allocating_kernel
def deliver_last(
    community: Community, arena: Arena, scratch: Scratch, response: EngineResponse | None
) -> None:
    """Where the episode has ended in this step, deliver its last slot too."""
    state = state_of(arena)
    for tile in range(-(-state.clock.slot.size // LANES)):
        _deliver_last(community, state, scratch, response, tile)


@kernel
def _deliver_due(
    community: Community, state: State, scratch: Scratch, response: EngineResponse | None, tile: int
) -> None:
    clock, due = state.clock, 0
    for lane in range(min(LANES, clock.slot.size - tile * LANES)):
        b = tile * LANES + lane
        state.cost_eur[b, :, :] = 0.0
        state.delivered.slot[b] = -1
        clock.closing[b] = 0
        if clock.slot[b] >= clock.end[b]:
            continue
        if clock.round[b] < community.rules.rounds - 1:
            clock.round[b] += 1
            continue
        clock.closing[b] = 1
        if clock.slot[b] > clock.start[b]:
            deliver(community, state, scratch, b)
            due |= 1 << lane
        if response is not None:
            if clock.slot[b] > clock.start[b]:
                settle_events(state, response, b)
            else:
                begin_first_slot(state, response, b)
    if due != 0:
        flow_tile(community, state, scratch.grid, tile, due)


@kernel
def _move_on(community: Community, state: State, scratch: Scratch, tile: int) -> None:
    clock, kept = state.clock, state.tariff_shift.shape[1] - 1
    for b in range(tile * LANES, min((tile + 1) * LANES, clock.slot.size)):
        if clock.closing[b] == 0:
            continue
        _hand_over(state, b)
        clock.slot[b] += 1
        clock.round[b] = 0
        state.tariff_shift[b, (clock.slot[b] + community.rules.slots_per_day) & kept] = 0
        if clock.slot[b] < clock.end[b]:
            issue_outlook(community, state, scratch, b)


@kernel
def _deliver_last(
    community: Community, state: State, scratch: Scratch, response: EngineResponse | None, tile: int
) -> None:
    clock, due = state.clock, 0
    for lane in range(min(LANES, clock.slot.size - tile * LANES)):
        b = tile * LANES + lane
        if clock.closing[b] == 1 and clock.slot[b] == clock.end[b]:
            deliver(community, state, scratch, b)
            if response is not None:
                settle_events(state, response, b)
            due |= 1 << lane
    if due != 0:
        flow_tile(community, state, scratch.grid, tile, due)
        for lane in range(LANES):
            if due >> lane & 1:
                issue_outlook(community, state, scratch, tile * LANES + lane)


@kernel
def _hand_over(state: State, b: int) -> None:
    """At the gate what rests expires, and what was traded is delivered next."""
    _copy_slot(state.trading, state.delivery, b)
    clear_slot(state.trading, b)
    clear_book(state.books, b)


@kernel
def _copy_slot(source: SlotBooks, target: SlotBooks, b: int) -> None:
    for i in range(source.follow.shape[1]):
        target.bought_wh[b, i] = source.bought_wh[b, i]
        target.sold_wh[b, i] = source.sold_wh[b, i]
        target.paid_neur[b, i] = source.paid_neur[b, i]
        target.received_neur[b, i] = source.received_neur[b, i]
        target.curtail[b, i] = source.curtail[b, i]
        target.follow[b, i] = source.follow[b, i]
        target.trimmed_kwh[b, i] = source.trimmed_kwh[b, i]
        for d in range(source.plan_kwh.shape[2]):
            target.plan_kwh[b, i, d] = source.plan_kwh[b, i, d]
