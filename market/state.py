"""The state of B communities of N participants: a few named arrays, changed in place by the kernels."""

from typing import NamedTuple

import numpy as np

from gridbid.market.book import Book, make_book
from gridbid.market.community import Community, Floats, Integers
from gridbid.market.grid.power_flow import LANES
from gridbid.market.types import Account, Cost, Device

HISTORY = 128
"""Slots of readings that are kept, a power of two above a day of quarter hours."""


class Clock(NamedTuple):
    """Where each community stands, int64 (B,): slots count from the start of the series' year.

    ``slot`` is the slot that trades now, in ``round`` of the rounds; slots ``start`` to ``end`` - 1 are the episode.
    """

    start: Integers
    end: Integers
    slot: Integers
    round: Integers
    sample: Integers
    identity: Integers
    """The community's id, a key of its randomness (rule 11)."""


class SlotBooks(NamedTuple):
    """What was traded and is planned for one slot, (B, N): positions in Wh, energy cash in nEUR, plans in kWh.

    ``plan_kwh`` is (B, N, devices), ``curtail`` the share of PV to hold back, ``follow`` is phi.
    """

    bought_wh: Integers
    sold_wh: Integers
    paid_neur: Integers
    received_neur: Integers
    plan_kwh: Floats
    curtail: Floats
    follow: Floats


class Orders(NamedTuple):
    """Orders of a round, int64 (B, N): side, tick, quantity in Wh (0: no order); at most one a participant."""

    side: Integers
    tick: Integers
    quantity_wh: Integers


class FillLog(NamedTuple):
    """The last round's fills in order, int64 (B, 2 N) each, and how many there were (B,).

    2 N bounds them: every fill uses up an order, and a round sees at most N new ones and N resting.
    """

    taker: Integers
    maker: Integers
    tick: Integers
    quantity_wh: Integers
    count: Integers


class Stores(NamedTuple):
    """Energy in stores, float64 (B, N): battery, car while plugged in, heat store (thermal)."""

    battery_kwh: Floats
    car_kwh: Floats
    heat_kwh: Floats


class Delivered(NamedTuple):
    """What the last delivered slot came to.

    (B, N): ``reading_wh``, ``imbalance_wh``, ``cash_neur``; ``net_kwh``, ``curtailed_kwh``, ``cut_kwh`` (what the envelope
    took back), ``breach_kwh``, ``unmet_kwh``, ``unserved_kwh``, ``throughput_kwh``, ``voltage_pu``; ``device_kwh`` (B, N, devices).
    (B,): ``slot`` (-1: none), ``feeder_kw`` (import positive, with losses), ``losses_kwh``, ``overload_kwh``.
    """

    slot: Integers
    reading_wh: Integers
    imbalance_wh: Integers
    cash_neur: Integers
    net_kwh: Floats
    curtailed_kwh: Floats
    cut_kwh: Floats
    breach_kwh: Floats
    unmet_kwh: Floats
    unserved_kwh: Floats
    throughput_kwh: Floats
    voltage_pu: Floats
    device_kwh: Floats
    feeder_kw: Floats
    losses_kwh: Floats
    overload_kwh: Floats


class Totals(NamedTuple):
    """Sums over the episode, for the books to close: int64 (B, N), accounts (B, 4), and the exact registers."""

    cash_neur: Integers
    reading_wh: Integers
    imbalance_wh: Integers
    bought_wh: Integers
    sold_wh: Integers
    register_kwh: Floats
    accounts_neur: Integers


class Grid(NamedTuple):
    """Power flow in tiles of lanes, float64 (tiles, buses, LANES): loads and voltages, warm from slot to slot."""

    p_pu: Floats
    q_pu: Floats
    v_re: Floats
    v_im: Floats
    j_re: Floats
    j_im: Floats


class State(NamedTuple):
    """All that changes."""

    clock: Clock
    trading: SlotBooks
    delivery: SlotBooks
    orders: Orders
    fills: FillLog
    books: Book
    """Books with a leading community axis; a participant is its order's handle."""
    last_price: Integers
    """Price of the last fill, nEUR/Wh (B,); -1 << 62 before the first."""
    tariff_shift: Integers
    """Shift of the announced retail price, nEUR/Wh, (B, HISTORY) by slot."""
    shift_room: Integers
    """How far a day's shifts have lowered the tariff so far, nEUR/Wh (B,)."""
    stores: Stores
    stored_value_eur: Floats
    reading_history_wh: Integers
    """Readings (B, HISTORY, N) by slot."""
    delivered: Delivered
    cost_eur: Floats
    """Parts of J that this step brought, (B, N, costs)."""
    totals: Totals
    grid: Grid


NO_PRICE = -(1 << 62)


def allocate(community: Community, batch: int) -> State:
    """State of ``batch`` communities, all zeros: reset before use."""
    people = (batch, community.n_participants)

    def integers(*shape: int) -> Integers:
        return np.zeros(shape, np.int64)

    def floats(*shape: int) -> Floats:
        return np.zeros(shape)

    def slot_books() -> SlotBooks:
        traded = (integers(*people) for _ in range(4))
        return SlotBooks(*traded, floats(*people, len(Device)), floats(*people), floats(*people))

    tiles = (batch + LANES - 1) // LANES
    tile = (tiles, community.network.parent.size, LANES)
    one_book = make_book(community.n_participants, community.rules.n_ticks)
    grid = Grid(*(floats(*tile) for _ in range(6)))
    grid.v_re[:] = community.network.source_pu
    return State(
        clock=Clock(*(integers(batch) for _ in range(6))),
        trading=slot_books(),
        delivery=slot_books(),
        orders=Orders(*(integers(*people) for _ in range(3))),
        fills=FillLog(*(integers(batch, 2 * community.n_participants) for _ in range(4)), integers(batch)),
        books=Book(*(np.zeros((batch, *array.shape), array.dtype) for array in one_book)),
        last_price=integers(batch),
        tariff_shift=integers(batch, HISTORY),
        shift_room=integers(batch),
        stores=Stores(*(floats(*people) for _ in range(3))),
        stored_value_eur=floats(*people),
        reading_history_wh=integers(batch, HISTORY, community.n_participants),
        delivered=Delivered(
            integers(batch),
            *(integers(*people) for _ in range(3)),
            *(floats(*people) for _ in range(8)),
            floats(*people, len(Device)),
            *(floats(batch) for _ in range(3)),
        ),
        cost_eur=floats(*people, len(Cost)),
        totals=Totals(*(integers(*people) for _ in range(5)), floats(*people), integers(batch, len(Account))),
        grid=grid,
    )

