"""The state of B communities of N participants: a few named arrays, changed in place by the kernels."""

from typing import NamedTuple

import numpy as np

from gridbid.market.book import Book, make_book
from gridbid.market.community import Community, Floats, Integers
from gridbid.market.grid.tiles import Grid, make_grid
from gridbid.market.grid.vectors import LANES
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
    fills: Integers


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
    """Room for power flows: community b is lane b % LANES of tile b // LANES."""


NO_PRICE = -(1 << 62)


def allocate(community: Community, batch: int) -> State:
    """State of ``batch`` communities, all zeros: reset before use."""
    n = community.n_participants
    one_book = make_book(n, community.rules.n_ticks)
    return State(
        clock=Clock(*(_integers(batch) for _ in Clock._fields)),
        trading=_slot_books(batch, n),
        delivery=_slot_books(batch, n),
        orders=Orders(*(_integers(batch, n) for _ in Orders._fields)),
        fills=FillLog(
            taker=_integers(batch, 2 * n),
            maker=_integers(batch, 2 * n),
            tick=_integers(batch, 2 * n),
            quantity_wh=_integers(batch, 2 * n),
            fills=_integers(batch),
        ),
        books=Book(*(np.zeros((batch, *array.shape), array.dtype) for array in one_book)),
        last_price=_integers(batch),
        tariff_shift=_integers(batch, HISTORY),
        shift_room=_integers(batch),
        stores=Stores(*(_floats(batch, n) for _ in Stores._fields)),
        stored_value_eur=_floats(batch, n),
        reading_history_wh=_integers(batch, HISTORY, n),
        delivered=_delivered(batch, n),
        cost_eur=_floats(batch, n, len(Cost)),
        totals=Totals(
            cash_neur=_integers(batch, n),
            reading_wh=_integers(batch, n),
            imbalance_wh=_integers(batch, n),
            bought_wh=_integers(batch, n),
            sold_wh=_integers(batch, n),
            register_kwh=_floats(batch, n),
            accounts_neur=_integers(batch, len(Account)),
        ),
        grid=make_grid(-(-batch // LANES), community.network.parent.size),
    )


def _integers(*shape: int) -> Integers:
    return np.zeros(shape, np.int64)


def _floats(*shape: int) -> Floats:
    return np.zeros(shape)


def _slot_books(batch: int, n: int) -> SlotBooks:
    return SlotBooks(
        bought_wh=_integers(batch, n),
        sold_wh=_integers(batch, n),
        paid_neur=_integers(batch, n),
        received_neur=_integers(batch, n),
        plan_kwh=_floats(batch, n, len(Device)),
        curtail=_floats(batch, n),
        follow=_floats(batch, n),
    )


def _delivered(batch: int, n: int) -> Delivered:
    return Delivered(
        slot=_integers(batch),
        reading_wh=_integers(batch, n),
        imbalance_wh=_integers(batch, n),
        cash_neur=_integers(batch, n),
        net_kwh=_floats(batch, n),
        curtailed_kwh=_floats(batch, n),
        cut_kwh=_floats(batch, n),
        breach_kwh=_floats(batch, n),
        unmet_kwh=_floats(batch, n),
        unserved_kwh=_floats(batch, n),
        throughput_kwh=_floats(batch, n),
        voltage_pu=_floats(batch, n),
        device_kwh=_floats(batch, n, len(Device)),
        feeder_kw=_floats(batch),
        losses_kwh=_floats(batch),
        overload_kwh=_floats(batch),
    )
