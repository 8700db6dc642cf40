"""The raw face: whoever trades by itself names side, tick and quantity of its order; the action's order gives way to it."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridbid.envs import fields
from gridbid.market.book import Book
from gridbid.market.community import MarketRules
from gridbid.market.errors import InputError
from gridbid.market.state import State
from gridbid.market.types import Side
from gridbid.market.units import MAX_QUANTITY_WH

KEEP = -1
"""As quantity: what rests stays where it is in its queue; without anything resting, no order."""

Integers = NDArray[np.int64]


class RawOrders(NamedTuple):
    """A kind's orders of a round, whole numbers (B, agents).

    - ``side``: 0 to buy, 1 to sell (`Side`); ``tick``: 0..n_ticks-1, price feed-in + tick x tick size
    - ``quantity_wh``: below 2^30; 0 places nothing and takes out what rests, `KEEP` leaves it

    Side and tick mean nothing where the quantity is 0 or `KEEP`.
    """

    side: ArrayLike
    tick: ArrayLike
    quantity_wh: ArrayLike


def checked_orders(
    orders: Mapping[str, RawOrders], batch: int, seats: Mapping[str, Integers], rules: MarketRules
) -> dict[str, RawOrders]:
    """Orders by kind as int64; InputError names every fault. ``seats`` are the members of each kind."""
    faults: list[str] = []
    checked = {}
    for kind, given in orders.items():
        if kind not in seats or kind == fields.UTILITY:
            known = ", ".join(name for name in seats if name != fields.UTILITY)
            faults.append(f"orders: {kind!r} has no orders; kinds that trade here: {known}")
            continue
        named = {name: np.asarray(values) for name, values in zip(RawOrders._fields, given, strict=True)}
        shape = (batch, seats[kind].size)
        wrong = [
            f"orders[{kind!r}].{name} has shape {values.shape} and type {values.dtype}; "
            f"it should hold whole numbers {shape}"
            for name, values in named.items()
            if values.shape != shape or values.dtype.kind not in "iu"
        ]
        faults += wrong
        if not wrong:
            faults += _value_faults(kind, RawOrders(**named), rules)
            checked[kind] = RawOrders(*(values.astype(np.int64) for values in named.values()))
    if faults:
        raise InputError("\n".join(faults))
    return checked


def _value_faults(kind: str, orders: RawOrders, rules: MarketRules) -> list[str]:
    """What is out of range, the first place of each column."""
    side, tick, quantity_wh = (np.asarray(values) for values in orders)
    placed = quantity_wh > 0
    outside = {
        "side": (side, placed & ~np.isin(side, list(Side)), "0 (buy) or 1 (sell)"),
        "tick": (tick, placed & ((tick < 0) | (tick >= rules.n_ticks)), f"0 to {rules.n_ticks - 1}"),
        "quantity_wh": (
            quantity_wh,
            (quantity_wh < KEEP) | (quantity_wh >= MAX_QUANTITY_WH),
            f"0 to {MAX_QUANTITY_WH - 1}, or {KEEP} to keep what rests",
        ),
    }
    faults = []
    for name, (values, wrong, right) in outside.items():
        if wrong.any():
            b, n = np.argwhere(wrong)[0]
            faults.append(
                f"orders[{kind!r}].{name}[{b}, {n}] is {values[b, n]}; it should be {right} "
                f"({wrong.sum()} of {wrong.size} are not)"
            )
    return faults


def write_orders(state: State, seats: Mapping[str, Integers], orders: Mapping[str, RawOrders]) -> None:
    """Put checked orders in the place of those that the actions made, before the round is traded."""
    resting = resting_orders(state.books)
    written = state.orders.side, state.orders.tick, state.orders.quantity_wh
    for kind, given in orders.items():
        columns = seats[kind]
        keeps = np.asarray(given.quantity_wh) == KEEP
        for target, wanted, kept in zip(written, given, resting, strict=True):
            target[:, columns] = np.where(keeps, kept[:, columns], wanted)


def resting_orders(books: Book) -> tuple[Integers, Integers, Integers]:
    """Side, tick and Wh (0: none) of each participant's order that rests, (B, N) each."""
    side, level = books.side.astype(np.int64), books.level.astype(np.int64)
    last_tick = books.head.shape[-1] // 2 - 1
    tick = np.where(side == Side.BUY, level, last_tick - level)
    return side, tick, books.quantity_wh.astype(np.int64)
