"""The state of B communities of N participants, changed in place by the kernels.

It lies in an arena of a few arrays, since calling a kernel costs by the array; :func:`state_of` names the parts, for Python
and, inside a kernel, for the functions that work on them.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.book import Book, make_book
from gridbid.market.community import Community, Floats, Integers
from gridbid.market.kernel import allocating_kernel
from gridbid.market.types import Account, Cost, Device

NO_PRICE = -(1 << 62)


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
    closing: Integers
    """1 while the last step ended the slot, else 0."""


class SlotBooks(NamedTuple):
    """What was traded and is planned for one slot, (B, N): positions in Wh, energy cash in nEUR, plans in kWh.

    ``plan_kwh`` is (B, N, devices), ``curtail`` the share of PV to hold back, ``follow`` is phi. ``trimmed_kwh`` is how far
    the plan, which is feasible, differs from the set points that were asked for: |difference|, summed over devices.
    """

    bought_wh: Integers
    sold_wh: Integers
    paid_neur: Integers
    received_neur: Integers
    plan_kwh: Floats
    curtail: Floats
    follow: Floats
    trimmed_kwh: Floats


class Outlook(NamedTuple):
    """What is expected of the slot that trades, as issued when it was published: kWh, (B, N) or (B, N, devices).

    ``net_kwh``, ``pv_kwh``: forecasts of the inflexible net load and of PV. ``least_kwh``, ``most_kwh``: what the devices
    will allow, if the slot before goes by its plan and forecast.
    """

    net_kwh: Floats
    pv_kwh: Floats
    least_kwh: Floats
    most_kwh: Floats


class Orders(NamedTuple):
    """Orders of a round, int64 (B, N): side, tick, quantity in Wh (0: no order); at most one a participant.

    ``rejected`` is what became of them: a `Reject`, NONE where one was admitted, took out what rested, or there was none.
    """

    side: Integers
    tick: Integers
    quantity_wh: Integers
    rejected: Integers


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

    (B, N): ``reading_wh``, ``imbalance_wh``, ``cash_neur``, ``fee_neur`` (the local network fee, which the cash includes);
    ``net_kwh``, ``curtailed_kwh``, ``cut_kwh`` (what the envelope took back), ``breach_kwh``, ``unmet_kwh``, ``unserved_kwh``, ``throughput_kwh``, ``voltage_pu``; ``device_kwh`` (B, N, devices).
    (B,): ``slot`` (-1: none), ``feeder_kw`` (import positive, with losses), ``losses_kwh``, ``overload_kwh``.
    """

    slot: Integers
    reading_wh: Integers
    imbalance_wh: Integers
    cash_neur: Integers
    fee_neur: Integers
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
    outlook: Outlook
    orders: Orders
    fills: FillLog
    books: Book
    """Books with a leading community axis; a participant is its order's handle."""
    last_price: Integers
    """Price of the last fill, nEUR/Wh (B,); NO_PRICE before the first."""
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


class Arena(NamedTuple):
    """Where a state lies, by shape; the leading axis counts the fields.

    ``integers`` int64 and ``floats`` float64 (fields, B, N); ``device_kwh`` (fields, B, N, devices); ``community_integers``
    and ``community_floats`` (fields, B); ``fills`` (4, B, 2 N); ``history_wh`` (B, HISTORY, N), ``tariff_shift``
    (B, HISTORY), ``accounts_neur`` (B, accounts), ``cost_eur`` (B, N, costs).
    """

    integers: Integers
    floats: Floats
    device_kwh: Floats
    community_integers: Integers
    community_floats: Floats
    fills: Integers
    history_wh: Integers
    tariff_shift: Integers
    accounts_neur: Integers
    cost_eur: Floats
    books: Book


def allocate(community: Community, batch: int) -> Arena:
    """Room for the state of ``batch`` communities, all zeros: reset before use."""
    n, history = community.n_participants, history_slots(community.rules.slots_per_day)
    one_book = make_book(n, community.rules.n_ticks)
    return Arena(
        integers=np.zeros((21, batch, n), np.int64),
        floats=np.zeros((21, batch, n)),
        device_kwh=np.zeros((5, batch, n, len(Device))),
        community_integers=np.zeros((11, batch), np.int64),
        community_floats=np.zeros((3, batch)),
        fills=np.zeros((4, batch, 2 * n), np.int64),
        history_wh=np.zeros((batch, history, n), np.int64),
        tariff_shift=np.zeros((batch, history), np.int64),
        accounts_neur=np.zeros((batch, len(Account)), np.int64),
        cost_eur=np.zeros((batch, n, len(Cost))),
        books=Book(*(np.zeros((batch, *array.shape), array.dtype) for array in one_book)),
    )


def history_slots(slots_per_day: int) -> int:
    """Slots of readings and tariff shifts that are kept: a power of two above a day, so that a ring is indexed by a mask."""
    return 1 << slots_per_day.bit_length()


@allocating_kernel
def state_of(arena: Arena) -> State:
    """The parts of an arena by name: views."""
    n, x, d = arena.integers, arena.floats, arena.device_kwh
    c, f = arena.community_integers, arena.community_floats
    log = arena.fills
    return State(
        clock=Clock(c[0], c[1], c[2], c[3], c[4], c[5], c[10]),
        trading=SlotBooks(n[0], n[1], n[2], n[3], d[0], x[0], x[1], x[19]),
        delivery=SlotBooks(n[4], n[5], n[6], n[7], d[1], x[2], x[3], x[20]),
        outlook=Outlook(x[4], x[5], d[2], d[3]),
        orders=Orders(n[8], n[9], n[10], n[19]),
        fills=FillLog(log[0], log[1], log[2], log[3], c[6]),
        books=arena.books,
        last_price=c[7],
        tariff_shift=arena.tariff_shift,
        shift_room=c[8],
        stores=Stores(x[6], x[7], x[8]),
        stored_value_eur=x[9],
        reading_history_wh=arena.history_wh,
        delivered=Delivered(
            slot=c[9],
            reading_wh=n[11],
            imbalance_wh=n[12],
            cash_neur=n[13],
            fee_neur=n[20],
            net_kwh=x[10],
            curtailed_kwh=x[11],
            cut_kwh=x[12],
            breach_kwh=x[13],
            unmet_kwh=x[14],
            unserved_kwh=x[15],
            throughput_kwh=x[16],
            voltage_pu=x[17],
            device_kwh=d[4],
            feeder_kw=f[0],
            losses_kwh=f[1],
            overload_kwh=f[2],
        ),
        cost_eur=arena.cost_eur,
        totals=Totals(n[14], n[15], n[16], n[17], n[18], x[18], arena.accounts_neur),
    )


def arrays_of(arena: Arena) -> list[NDArray[np.generic]]:
    """An arena's arrays, the books' included."""
    return [*arena[:-1], *arena.books]
