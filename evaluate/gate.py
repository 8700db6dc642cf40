"""What became of a slot's orders, and the book as its gate found it, for records."""

import numpy as np
from numpy.typing import NDArray

from gridbid.market.engine import Engine
from gridbid.market.types import Reject, Side
from gridbid.market.units import NEUR_PER_WH_PER_CT_PER_KWH

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TRACKS = (
    *("best_bid_ct", "best_ask_ct", "bid_depth_wh", "ask_depth_wh", "open_bid_wh", "open_ask_wh"),
    *("orders_placed", "orders_rejected", "orders_filled", "price_deviation_ct"),
)
"""Names of what is recorded by slot, as `gridbid.evaluate.record.WeekRecord` explains them."""
_COUNTS = TRACKS[6:9]


class GateRecorder:
    """Takes down the books of an engine's communities, from the beginning of an episode of T slots.

    ``tracks``: float64 (B, T) by name; nan in slots whose rounds were not shown.
    """

    def __init__(self, batch: int, n_slots: int) -> None:
        self.tracks = {name: np.full((batch, n_slots), np.nan) for name in TRACKS}
        self._price_sums = np.zeros((3, batch), np.int64)

    def traded(self, engine: Engine) -> None:
        """Record a round; after its orders were processed, before the engine closes it."""
        clock = engine.state.clock
        rows = np.flatnonzero(clock.slot < clock.end)
        at = rows, (clock.slot - clock.start)[rows]
        self._add(at, _count_orders(engine), clock.round == 0)
        self._keep(at, _quotes(engine))
        self._keep(at, {"price_deviation_ct": self._price_deviation_ct(engine)})

    def _keep(self, at: tuple[Integers, Integers], figures: dict[str, Floats]) -> None:
        for name, figure in figures.items():
            self.tracks[name][at] = figure[at[0]]

    def _add(
        self, at: tuple[Integers, Integers], counts: dict[str, Integers], begins: NDArray[np.bool_]
    ) -> None:
        for name, count in counts.items():
            before = np.where(begins[at[0]], 0.0, self.tracks[name][at])
            self.tracks[name][at] = before + count[at[0]]

    def _price_deviation_ct(self, engine: Engine) -> Floats:
        """Of the slot's fills so far, by energy (B,), from exact sums over ticks; nan without one."""
        fills = engine.state.fills
        quantity_wh = np.where(_counted(engine), fills.quantity_wh, 0)
        sums = np.stack([(quantity_wh * fills.tick**power).sum(axis=1) for power in range(3)])
        self._price_sums = np.where(engine.state.clock.round == 0, 0, self._price_sums) + sums
        traded_wh, first, second = self._price_sums.astype(np.float64)
        with np.errstate(invalid="ignore"):
            deviation = np.sqrt(np.maximum(0.0, traded_wh * second - first**2)) / traded_wh
        return deviation * engine.community.rules.tick_size / NEUR_PER_WH_PER_CT_PER_KWH


def _counted(engine: Engine) -> NDArray[np.bool_]:
    """Which places of the fill log hold a fill of this round, (B, 2 N)."""
    fills = engine.state.fills
    counted: NDArray[np.bool_] = np.arange(fills.tick.shape[1]) < fills.fills[:, None]
    return counted


def _count_orders(engine: Engine) -> dict[str, Integers]:
    """Orders of the round, (B,) each."""
    orders, fills = engine.state.orders, engine.state.fills
    placed, rejected = orders.quantity_wh > 0, orders.rejected != Reject.NONE
    traded = np.zeros(placed.shape, np.bool_)
    community, place = np.nonzero(_counted(engine))
    for party in (fills.taker, fills.maker):
        traded[community, party[community, place]] = True
    kept = (placed, placed & rejected, placed & traded)
    return {name: orders.sum(axis=1) for name, orders in zip(_COUNTS, kept, strict=True)}


def _quotes(engine: Engine) -> dict[str, Floats]:
    """Both sides of the books that trade, (B,) each."""
    figures = {}
    for side, best, depth, resting in (
        (Side.BUY, "best_bid_ct", "bid_depth_wh", "open_bid_wh"),
        (Side.SELL, "best_ask_ct", "ask_depth_wh", "open_ask_wh"),
    ):
        figures[best], figures[depth], figures[resting] = _side(engine, side)
    return figures


def _side(engine: Engine, side: Side) -> tuple[Floats, Floats, Floats]:
    """Best price in ct/kWh (nan without an order), what rests at it and what rests altogether, Wh (B,)."""
    books, rules = engine.state.books, engine.community.rules
    resting_wh = np.where(books.side == side, books.quantity_wh, 0)
    level = np.where(resting_wh > 0, books.level.astype(np.int64), -1)
    best = level.max(axis=1)
    tick = best if side == Side.BUY else rules.n_ticks - 1 - best
    price_ct = (_floor_neur(engine) + tick * rules.tick_size) / NEUR_PER_WH_PER_CT_PER_KWH
    at_best_wh = np.where(level == best[:, None], resting_wh, 0).sum(axis=1)
    return np.where(best >= 0, price_ct, np.nan), at_best_wh * 1.0, resting_wh.sum(axis=1) * 1.0


def _floor_neur(engine: Engine) -> Integers:
    """Lowest price of the books, the feed-in price as published, nEUR/Wh (B,)."""
    series, clock = engine.community.series, engine.state.clock
    return np.minimum(series.feed_in[clock.sample, clock.slot], engine.retail_neur() - series.fee[clock.slot])
