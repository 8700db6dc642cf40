"""The edge of the auctions: orders as a user has them are checked once, and an outcome is told in their order."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridbid.market.auctions.records import Outcome, SealedOrders
from gridbid.market.auctions.rounding import MAX_PRICE, MAX_SIDE_WH
from gridbid.market.errors import InputError
from gridbid.market.types import DEFAULT_TICK_SIZE, N_TICKS, Side
from gridbid.market.units import MAX_QUANTITY_WH

Integers = NDArray[np.int64]


class SealedOrder(NamedTuple):
    """One row of a table of orders. Any four integers in this order do as well."""

    participant: int
    side: int
    tick: int
    quantity_wh: int


class PriceBand(NamedTuple):
    """Prices of the ticks, nEUR/Wh: floor + tick x tick size."""

    floor_neur: int
    tick_size_neur: int = DEFAULT_TICK_SIZE
    n_ticks: int = N_TICKS


class AuctionResult(NamedTuple):
    """What an auction decides, for orders in the order in which they were given.

    - ``filled_wh``: int64 (n,), what each order trades.
    - ``cash_neur``: int64 (n,), what that changes each balance by: buyers pay, sellers receive. The network fee comes on top.
    - ``buy_price_neur``, ``sell_price_neur``: nEUR/Wh; None where nothing trades.
    - ``surplus_neur``: what buyers pay and sellers don't get, at least 0; with it the cash sums to 0.
    """

    filled_wh: Integers
    cash_neur: Integers
    volume_wh: int
    buy_price_neur: int | None
    sell_price_neur: int | None
    surplus_neur: int


def integers(values: ArrayLike, name: str, shape: tuple[int | None, ...]) -> tuple[Integers, list[str]]:
    """Values as an int64 array of a shape (None: any length), and what is wrong with them: then the array is empty."""
    array = np.asarray(values)
    empty = np.zeros([size or 0 for size in shape], np.int64)
    if array.size == 0:  # an empty list has neither columns nor a type
        array = empty if None in shape else np.zeros(array.shape, np.int64)
    faults = []
    if array.ndim != len(shape) or any(
        size not in (None, actual) for size, actual in zip(shape, array.shape, strict=True)
    ):
        wanted = str(tuple("n" if size is None else size for size in shape)).replace("'", "")
        faults.append(f"{name} has shape {array.shape}, expected {wanted}")
    if array.dtype.kind not in "iu" or (array.dtype == np.uint64 and array.max() >= 1 << 63):
        faults.append(f"{name} has type {array.dtype}, expected integers of 64 bits")
    return (empty if faults else array.astype(np.int64)), faults


def price_faults(prices: dict[str, int]) -> list[str]:
    """What is wrong with prices, by name."""
    return [
        f"{name} is {value}, expected an integer, {-MAX_PRICE} to {MAX_PRICE}"
        for name, value in prices.items()
        if not isinstance(value, int | np.integer) or not -MAX_PRICE <= value <= MAX_PRICE
    ]


def sealed_orders(
    orders: ArrayLike, band: PriceBand, one_size: bool = False
) -> tuple[SealedOrders, Integers]:
    """Orders as a batch of one, sorted by participant, and the row that each column was; InputError names every fault.

    ``one_size`` asks that all quantities be equal.
    """
    rows, faults = integers(orders, "orders", (None, len(SealedOrder._fields)))
    faults = _band_faults(band) + faults
    if rows.size > 0:
        faults += _row_faults(rows, band, one_size)
    if faults:
        raise InputError("; ".join(faults))
    turns = np.argsort(rows[:, 0])
    side, tick, quantity_wh = (np.ascontiguousarray(rows[turns, column])[None, :] for column in (1, 2, 3))
    return SealedOrders(side, tick, quantity_wh), turns


def result_of(outcome: Outcome, table: SealedOrders, turns: Integers) -> AuctionResult:
    """The outcome of a batch of one, for the rows as they were given."""
    volume_wh = int(outcome.volume_wh[0])
    buy_price, sell_price = int(outcome.buy_price_neur[0]), int(outcome.sell_price_neur[0])
    filled_wh, cash_neur = np.empty(turns.size, np.int64), np.empty(turns.size, np.int64)
    filled_wh[turns] = outcome.filled_wh[0]
    cash_neur[turns] = outcome.filled_wh[0] * np.where(table.side[0] == Side.BUY, -buy_price, sell_price)
    return AuctionResult(
        filled_wh,
        cash_neur,
        volume_wh,
        buy_price if volume_wh else None,
        sell_price if volume_wh else None,
        volume_wh * (buy_price - sell_price),
    )


def _band_faults(band: PriceBand) -> list[str]:
    faults = price_faults({"floor_neur": band.floor_neur})
    faults += [
        f"{name} is {value}, expected an integer, at least 1"
        for name, value in (("tick_size_neur", band.tick_size_neur), ("n_ticks", band.n_ticks))
        if not isinstance(value, int | np.integer) or value < 1
    ]
    if not faults:
        top = band.floor_neur + (band.n_ticks - 1) * band.tick_size_neur
        faults += price_faults({"the price of the highest tick": top})
    return faults


def _row_faults(rows: Integers, band: PriceBand, one_size: bool) -> list[str]:
    participant, side, tick, quantity_wh = rows.T
    faults = _outside("side", side, 0, 1, "0 (buy) or 1 (sell)")
    faults += _outside("tick", tick, 0, band.n_ticks - 1, f"0 to {band.n_ticks - 1}")
    faults += _outside("quantity_wh", quantity_wh, 1, MAX_QUANTITY_WH - 1, f"1 to {MAX_QUANTITY_WH - 1}")
    names, counts = np.unique(participant, return_counts=True)
    faults += [
        f"participant {name} has {count} orders, expected one"
        for name, count in zip(names[counts > 1], counts[counts > 1], strict=True)
    ]
    if not faults:
        for value in (Side.BUY, Side.SELL):
            total_wh = int(quantity_wh[side == value].sum())
            if total_wh >= MAX_SIDE_WH:
                faults.append(
                    f"all orders to {value.name.lower()} are {total_wh} Wh, expected below {MAX_SIDE_WH}"
                )
        if one_size and np.unique(quantity_wh).size > 1:
            faults.append(
                f"quantities go from {quantity_wh.min()} to {quantity_wh.max()} Wh, expected one size for all; "
                "trade_reduction takes any"
            )
    return faults


def _outside(name: str, values: Integers, least: int, most: int, right: str) -> list[str]:
    return [
        f"orders[{row}].{name} is {values[row]}, expected {right}"
        for row in np.flatnonzero((values < least) | (values > most))
    ]
