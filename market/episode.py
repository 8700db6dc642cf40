"""The beginning of an episode: books, plans and sums at zero, stores as they are found."""

import numpy as np
from numpy.typing import NDArray

from gridbid.market.book import Book
from gridbid.market.community import Community
from gridbid.market.kernel import allocating_kernel, kernel
from gridbid.market.operation import stored_value_eur
from gridbid.market.outlook import issue_outlook
from gridbid.market.scratch import Scratch
from gridbid.market.state import NO_PRICE, Arena, SlotBooks, State, state_of


@allocating_kernel
def begin_episode(community: Community, arena: Arena, scratch: Scratch, chosen: NDArray[np.bool_]) -> None:
    """Put the chosen communities (B,) at the start that their clocks name, and issue their first outlook."""
    state = state_of(arena)
    for b in range(chosen.size):
        if chosen[b]:
            _clear(community, state, b)
            issue_outlook(community, state, scratch, b)


@kernel
def _clear(community: Community, state: State, b: int) -> None:
    devices, totals, delivered = community.devices, state.totals, state.delivered
    start, sample = state.clock.start[b], state.clock.sample[b]
    clear_slot(state.trading, b)
    clear_slot(state.delivery, b)
    clear_book(state.books, b)
    state.last_price[b] = NO_PRICE
    state.tariff_shift[b, :] = 0
    state.shift_room[b] = 0
    state.reading_history_wh[b, :, :] = 0
    state.fills.fills[b] = 0
    state.cost_eur[b, :, :] = 0.0
    delivered.slot[b] = -1
    delivered.feeder_kw[b] = 0.0
    delivered.overload_kwh[b] = 0.0
    totals.accounts_neur[b, :] = 0
    for i in range(devices.battery_kwh.size):
        state.orders.quantity_wh[b, i] = 0
        state.orders.rejected[b, i] = 0
        delivered.voltage_pu[b, i] = community.network.source_pu
        totals.cash_neur[b, i] = 0
        totals.reading_wh[b, i] = 0
        totals.imbalance_wh[b, i] = 0
        totals.bought_wh[b, i] = 0
        totals.sold_wh[b, i] = 0
        totals.register_kwh[b, i] = 0.0
        state.stores.battery_kwh[b, i] = devices.battery_initial_kwh[i]
        state.stores.heat_kwh[b, i] = 0.5 * devices.heat_store_kwh[i]
        state.stores.car_kwh[b, i] = 0.0
        if community.series.car_column[i] >= 0:
            state.stores.car_kwh[b, i] = _car_plugged_in_before(community, sample, start, i)
        state.stored_value_eur[b, i] = stored_value_eur(community, state, b, i, start)


@kernel
def _car_plugged_in_before(community: Community, sample: int, start: int, i: int) -> float:
    """Energy at ``start`` in a car that plugged in earlier: it has charged at full power so far, so its target stays in reach."""
    series, devices, column = community.series, community.devices, community.series.car_column[i]
    slot = start
    if series.car_departure[sample, start, column] <= start:
        return 0.0
    while slot > 0 and series.car_arrival_kwh[sample, slot, column] < 0.0:
        slot -= 1
    charged = (start - slot) * devices.charger_kw[i] * devices.charger_efficiency[i] * community.rules.slot_h
    arrival_kwh = np.float64(series.car_arrival_kwh[sample, slot, column])
    target_kwh = np.float64(series.car_target_kwh[sample, start, column])
    return min(arrival_kwh + charged, max(arrival_kwh, target_kwh))


@kernel
def clear_book(books: Book, b: int) -> None:
    """Empty community b's book."""
    books.bits[b, :] = np.uint64(0)
    books.quantity_wh[b, :] = 0


@kernel
def clear_slot(books: SlotBooks, b: int) -> None:
    """Forget what community b traded and planned for a slot."""
    for i in range(books.follow.shape[1]):
        books.bought_wh[b, i] = 0
        books.sold_wh[b, i] = 0
        books.paid_neur[b, i] = 0
        books.received_neur[b, i] = 0
        books.curtail[b, i] = 0.0
        books.follow[b, i] = 0.0
        books.trimmed_kwh[b, i] = 0.0
        for d in range(books.plan_kwh.shape[2]):
            books.plan_kwh[b, i, d] = 0.0
