"""What became of a slot's orders, and the book as its gate found it, for records.

A kernel: array operations took a quarter of the time in which a rule is played.
"""

import math

import numpy as np
from numpy.typing import NDArray

from gridbid.market.book import Book
from gridbid.market.community import MarketRules
from gridbid.market.engine import Engine
from gridbid.market.kernel import kernel
from gridbid.market.rules import tick_price
from gridbid.market.state import Clock, FillLog, Orders
from gridbid.market.types import Reject, Side
from gridbid.market.units import NEUR_PER_WH_PER_CT_PER_KWH

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TRACKS = (
    *("best_bid_ct", "best_ask_ct", "bid_depth_wh", "ask_depth_wh", "open_bid_wh", "open_ask_wh"),
    *("orders_placed", "orders_rejected", "orders_filled", "price_deviation_ct"),
)
"""Names of what is recorded by slot, as `gridbid.evaluate.records.record.WeekRecord` explains them."""
_BEST, _DEPTH, _OPEN, _PLACED, _REJECTED, _FILLED, _DEVIATION = 0, 2, 4, 6, 7, 8, 9
"""Where each lies; asks follow bids."""
_BUY, _SELL, _NONE = int(Side.BUY), int(Side.SELL), int(Reject.NONE)


class GateRecorder:
    """Takes down the books of an engine's communities, from the beginning of an episode of T slots."""

    def __init__(self, batch: int, n_slots: int, n_participants: int) -> None:
        self._tracks = np.full((len(TRACKS), batch, n_slots), np.nan)
        self._price_sums = np.zeros((3, batch), np.int64)
        self._traded = np.zeros(n_participants, np.bool_)

    @property
    def tracks(self) -> dict[str, Floats]:
        """What was recorded by name, float64 (B, T); nan in slots whose rounds were not shown."""
        return dict(zip(TRACKS, self._tracks, strict=True))

    def traded(self, engine: Engine) -> None:
        """Record a round; after its orders were processed, before the engine closes it."""
        state = engine.state
        _record_round(
            engine.community.rules,
            state.clock,
            state.orders,
            state.fills,
            state.books,
            _floor_neur(engine),
            self._price_sums,
            self._traded,
            self._tracks,
        )


def _floor_neur(engine: Engine) -> Integers:
    """Lowest price of the books, the feed-in price as published, nEUR/Wh (B,)."""
    series, clock = engine.community.series, engine.state.clock
    return np.minimum(series.feed_in[clock.sample, clock.slot], engine.retail_neur() - series.fee[clock.slot])


@kernel
def _record_round(
    rules: MarketRules,
    clock: Clock,
    orders: Orders,
    fills: FillLog,
    books: Book,
    floor_neur: Integers,
    price_sums: Integers,
    traded: NDArray[np.bool_],
    tracks: Floats,
) -> None:
    for b in range(clock.slot.size):
        if clock.slot[b] >= clock.end[b]:
            continue
        t = clock.slot[b] - clock.start[b]
        if clock.round[b] == 0:
            tracks[_PLACED : _FILLED + 1, b, t] = 0.0
            price_sums[:, b] = 0
        _record_fills(rules, fills, price_sums, traded, tracks, b, t)
        _record_orders(orders, traded, tracks, b, t)
        for side in (_BUY, _SELL):
            _record_side(rules, books, floor_neur[b], tracks, side, b, t)


@kernel
def _record_fills(
    rules: MarketRules,
    fills: FillLog,
    price_sums: Integers,
    traded: NDArray[np.bool_],
    tracks: Floats,
    b: int,
    t: int,
) -> None:
    """Note who traded, and the deviation of the slot's prices so far from exact sums over ticks."""
    traded[:] = False
    for k in range(fills.fills[b]):
        tick, quantity_wh = fills.tick[b, k], fills.quantity_wh[b, k]
        traded[fills.taker[b, k]] = traded[fills.maker[b, k]] = True
        price_sums[0, b] += quantity_wh
        price_sums[1, b] += quantity_wh * tick
        price_sums[2, b] += quantity_wh * tick * tick
    total_wh, first = np.float64(price_sums[0, b]), np.float64(price_sums[1, b])
    second = np.float64(price_sums[2, b])
    if total_wh > 0.0:
        ticks = math.sqrt(max(0.0, total_wh * second - first * first)) / total_wh
        tracks[_DEVIATION, b, t] = ticks * rules.tick_size / NEUR_PER_WH_PER_CT_PER_KWH


@kernel
def _record_orders(orders: Orders, traded: NDArray[np.bool_], tracks: Floats, b: int, t: int) -> None:
    for i in range(traded.size):
        if orders.quantity_wh[b, i] > 0:
            tracks[_PLACED, b, t] += 1.0
            tracks[_REJECTED, b, t] += orders.rejected[b, i] != _NONE
            tracks[_FILLED, b, t] += traded[i]


@kernel
def _record_side(
    rules: MarketRules, books: Book, floor_neur: int, tracks: Floats, side: int, b: int, t: int
) -> None:
    best, depth_wh, open_wh = -1, 0, 0
    for order in range(books.level.shape[1]):
        quantity_wh, level = int(books.quantity_wh[b, order]), int(books.level[b, order])
        if quantity_wh == 0 or books.side[b, order] != side:
            continue
        open_wh += quantity_wh
        if level > best:
            best, depth_wh = level, 0
        if level == best:
            depth_wh += quantity_wh
    tracks[_DEPTH + side, b, t] = depth_wh
    tracks[_OPEN + side, b, t] = open_wh
    tracks[_BEST + side, b, t] = math.nan
    if best >= 0:
        tick = best if side == _BUY else rules.n_ticks - 1 - best
        price_neur = tick_price(floor_neur, rules.tick_size, tick)
        tracks[_BEST + side, b, t] = price_neur / NEUR_PER_WH_PER_CT_PER_KWH
