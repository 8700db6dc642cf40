"""A bot's site, simulated: the homes of a scenario with their devices and meters, whose market is a ledger.

The physics is the engine's at batch 1; what it would know of the market (book, positions, prices, readings of others) is
entered from the ledger, so that an observation here is what a bot sees live.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridbid.chain.ledgers.ledger import Quote
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import CompiledScenario
from gridbid.envs.signals.actions import decode
from gridbid.market.rules import allowed_feed_in, tick_price
from gridbid.market.state import NO_PRICE
from gridbid.market.types import Side, Terms

Singles = NDArray[np.float32]


@dataclass(frozen=True)
class Quotes:
    """The best ticks of a book and what rests there, Wh; None where nobody bids or asks."""

    best_bid: Quote | None
    best_ask: Quote | None


@dataclass(frozen=True)
class Intent:
    """The order that a plan asks for; 0 Wh asks for none."""

    side: Side
    tick: int
    quantity_wh: int


@dataclass(frozen=True)
class Delivery:
    """What the meters of a slot show, Wh by seat, import positive."""

    slot: int
    reading_wh: tuple[int, ...]


class Neighbourhood:
    """All sites of one community from ``start`` on, for ``n_slots`` slots; seats are numbered as in the scenario."""

    def __init__(
        self, compiled: CompiledScenario, start: int, n_slots: int, seed: int, sample: int = 0
    ) -> None:
        self._env = BatchEnv(compiled, 1, seed=seed, n_slots=n_slots)
        self._env.engine.reset(start, n_slots, sample)
        self._engine = self._env.engine
        self.community = compiled.community
        self.seed = seed
        self.seats = tuple(seat for seat in compiled.scenario.metered)
        self._place = {
            int(i): (kind, n) for kind, seats in self._env.seats.items() for n, i in enumerate(seats)
        }

    @property
    def slot(self) -> int:
        """The slot that trades now, counted in the scenario's year."""
        return int(self._engine.state.clock.slot[0])

    @property
    def round(self) -> int:
        """The round of the slot's trading."""
        return int(self._engine.state.clock.round[0])

    @property
    def finished(self) -> bool:
        """Whether the last slot has been delivered."""
        return bool(self._engine.finished[0])

    def terms(self, slot: int) -> Terms:
        """What is to be published for a slot: its band begins at the feed-in price, a shortage costs the retail price."""
        series, fee = self.community.series, int(self.community.series.fee[slot])
        retail = int(self._engine.retail_neur(slot - self.slot)[0])
        feed_in = allowed_feed_in(retail, int(series.feed_in[self._engine.state.clock.sample[0], slot]), fee)
        return Terms(retail, feed_in, fee, floor=feed_in, price_cap=retail)

    # --- the market as the ledger tells it

    def see_book(self, quotes: Quotes, open_wh: list[int]) -> None:
        """Enter the book of the slot that trades; ``open_wh`` are the seats' resting orders, buys positive."""
        view, rules = self._env.view, self.community.rules
        floor = self.terms(self.slot).floor
        for quote, price, depth in (
            (quotes.best_bid, view.best_bid, view.bid_depth_wh),
            (quotes.best_ask, view.best_ask, view.ask_depth_wh),
        ):
            price[0] = NO_PRICE if quote is None else tick_price(floor, rules.tick_size, quote.tick)
            depth[0] = 0 if quote is None else quote.quantity_wh
        view.open_wh[0] = open_wh

    def see_fill(self, taker: int, maker: int, taker_side: int, tick: int, quantity_wh: int) -> None:
        """Enter a fill of the slot that trades, between two seats."""
        trading = self._engine.state.trading
        price = tick_price(self.terms(self.slot).floor, self.community.rules.tick_size, tick)
        buyer, seller = (taker, maker) if taker_side == Side.BUY else (maker, taker)
        trading.bought_wh[0, buyer] += quantity_wh
        trading.paid_neur[0, buyer] += quantity_wh * price
        trading.sold_wh[0, seller] += quantity_wh
        trading.received_neur[0, seller] += quantity_wh * price
        self._engine.state.last_price[0] = price

    def see_reading(self, slot: int, seat: int, reading_wh: int) -> None:
        """Enter a settled reading, a seat's own or another's."""
        history = self._engine.state.reading_history_wh
        history[0, slot & (history.shape[1] - 1), seat] = reading_wh

    # --- what a bot does at its site

    def observe(self) -> dict[int, Singles]:
        """Every seat's observation, from what has been seen."""
        rows = {kind: row[0] for kind, row in self._env.observe(own_books=False).items()}
        return {seat: rows[kind][n] for seat, (kind, n) in self._place.items()}

    def commit(self, seat: int, action: Singles) -> Intent:
        """Commit a seat's plan for the slot that trades, and return the order that it asks for."""
        decision = decode(self.seats[seat].kind, action)
        self._engine.commit_one(
            seat,
            float(decision.offer),
            float(decision.limit),
            float(decision.follow),
            decision.controls,
        )
        orders = self._engine.state.orders
        return Intent(
            Side(int(orders.side[0, seat])), int(orders.tick[0, seat]), int(orders.quantity_wh[0, seat])
        )

    def end_round(self) -> list[Delivery]:
        """End the round; after the last one the slot before is delivered, and at the end of the run its own slot too."""
        deliveries: list[Delivery] = []

        def take(engine: object) -> None:
            delivered = self._engine.state.delivered
            readings = tuple(int(wh) for wh in delivered.reading_wh[0])
            deliveries.append(Delivery(int(delivered.slot[0]), readings))

        self._engine.close(take)
        return deliveries
