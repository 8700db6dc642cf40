"""Speed of the order book."""

import numpy as np

from gridbid.evaluate.benchmarks.measure import Measure, compare
from gridbid.market import book as kernels
from gridbid.market.book import Book, Fills, make_book, make_fills
from gridbid.market.kernel import kernel
from gridbid.market.naive.book import NaiveBook
from gridbid.market.types import MAX_FILLS, N_TICKS


def book_measures() -> list[Measure]:
    """The order book, beside the plain twin."""
    return [measure_book()]


@kernel
def _play_book(book: Book, fills: Fills, orders: np.ndarray, handles: int) -> None:
    for n in range(orders.shape[0]):
        handle = n % handles
        if handle == 0:
            kernels.clear(book)
        fills.count[0] = 0
        kernels.place(book, fills, handle, handle, orders[n, 0], orders[n, 1], orders[n, 2], True, MAX_FILLS)


def measure_book(per_book: int = 100, n_orders: int = 20_000) -> Measure:
    """Random limit orders, the book emptied every ``per_book``; yardstick: the plain twin on the same stream."""
    random = np.random.default_rng(0)
    orders = np.stack(
        [
            random.integers(0, 2, n_orders),
            random.integers(80, 144, n_orders),
            random.integers(1, 2_000, n_orders),
        ],
        axis=1,
    )
    book, fills = make_book(per_book, N_TICKS), make_fills(MAX_FILLS)
    few = orders[:2_000].tolist()

    def ours() -> float:
        _play_book(book, fills, orders, per_book)
        return n_orders

    def yardstick() -> float:
        for n, (side, tick, quantity_wh) in enumerate(few):
            if n % per_book == 0:
                naive = NaiveBook(0)
            naive.place(n % per_book, side, tick, quantity_wh)
        return len(few)

    return compare("order book, random flow (beside the plain Python twin)", "ns/order", ours, yardstick)
