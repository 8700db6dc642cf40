"""The batch engine: B communities through section 5's slot, in phases that the live bots share.

A step is one round: :meth:`Engine.commit` plans and orders, :meth:`Engine.trade` the book, and after the last round
:meth:`Engine.close` gate, delivery of the slot before, settlement. A bot's site replaces ``trade`` by a ledger.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridbid.market.book import Book, make_fills
from gridbid.market.community import Community
from gridbid.market.errors import InputError
from gridbid.market.grid.feeder import flow
from gridbid.market.kernel import allocating_kernel, kernel
from gridbid.market.operation import deliver, stored_value_eur
from gridbid.market.planning import commit_plans, retail_price
from gridbid.market.state import HISTORY, NO_PRICE, SlotBooks, State, allocate
from gridbid.market.tariff import AHEAD, announce_shift
from gridbid.market.trading import trade_round

OnDelivery = Callable[["Engine"], None]
"""Called after each delivery, to record what was delivered where ``state.delivered.slot`` is not -1."""

FIRST_SLOT = 192
"""The first slot of a year that can be traded: forecasts look two days back."""


class Engine:
    """State and step of ``batch`` communities; the same (seed, resets, actions) give the same bits."""

    def __init__(self, community: Community, batch: int = 1, seed: int = 0) -> None:
        self.community = community
        self.batch = batch
        self.seed = seed
        self.state: State = allocate(community, batch)
        self._fills = make_fills(community.rules.max_fills)
        self.state.clock.identity[:] = np.arange(batch)

    def reset(
        self,
        start: ArrayLike,
        n_slots: int,
        sample: ArrayLike = 0,
        mask: NDArray[np.bool_] | None = None,
        identity: ArrayLike | None = None,
    ) -> None:
        """Begin an episode of ``n_slots`` slots at ``start`` (scalar or (B,)), in the masked communities or in all.

        ``sample`` picks the prices and cars; ``identity`` renames communities, which keys their arrival orders.
        """
        clock = self.state.clock
        chosen = np.ones(self.batch, np.bool_) if mask is None else np.asarray(mask, np.bool_)
        if chosen.shape != (self.batch,):
            raise InputError(f"mask has shape {chosen.shape}; it should be ({self.batch},)")
        starts = np.broadcast_to(np.asarray(start, np.int64), self.batch)[chosen]
        samples = np.broadcast_to(np.asarray(sample, np.int64), self.batch)[chosen]
        self._check_span(starts, n_slots)
        self._check_samples(samples)
        clock.start[chosen] = clock.slot[chosen] = starts
        clock.end[chosen] = starts + n_slots
        clock.round[chosen] = 0
        clock.sample[chosen] = samples
        if identity is not None:
            clock.identity[chosen] = np.broadcast_to(np.asarray(identity, np.int64), self.batch)[chosen]
        _clear_episode(self.community, self.state, chosen)

    @property
    def finished(self) -> NDArray[np.bool_]:
        """Communities whose episode has ended, (B,)."""
        return self.state.clock.slot >= self.state.clock.end

    def commit(
        self,
        offer: NDArray[np.float64],
        limit: NDArray[np.float64],
        follow: NDArray[np.float64],
        controls: NDArray[np.float64],
    ) -> None:
        """Commit plans and write orders from actions: (B, N) each, controls (B, N, controls)."""
        commit_plans(self.community, self.state, offer, limit, follow, controls)

    def announce(self, shift: NDArray[np.int64]) -> None:
        """Announce the utility's shift of tomorrow's retail price, nEUR/Wh (B,); counts in round 0 only."""
        announce_shift(self.community, self.state, shift)

    def trade(self) -> None:
        """Process ``state.orders`` as the round's orders; whoever trades on the raw face has written them there."""
        trade_round(self.community, self.state, self.seed, self._fills)

    def close(self, on_delivery: OnDelivery | None = None) -> None:
        """End the round; after the last one close the gate, deliver and settle the slot before, and move on.

        ``state.cost_eur`` holds what the step cost. The last slot of an episode is delivered at once, so that its
        books are closed when it ends.
        """
        clock = self.state.clock
        self.state.cost_eur[:] = 0.0
        playing = ~self.finished
        closing = playing & (clock.round == self.community.rules.rounds - 1)
        clock.round[playing & ~closing] += 1
        if not closing.any():
            return
        self._deliver(closing & (clock.slot > clock.start), on_delivery)
        _hand_over(self.state, closing)
        clock.slot[closing] += 1
        clock.round[closing] = 0
        rows = np.flatnonzero(closing)
        self.state.tariff_shift[rows, (clock.slot[rows] + AHEAD) & (HISTORY - 1)] = 0
        self._deliver(closing & (clock.slot == clock.end), on_delivery)

    def step(
        self,
        offer: NDArray[np.float64],
        limit: NDArray[np.float64],
        follow: NDArray[np.float64],
        controls: NDArray[np.float64],
        on_delivery: OnDelivery | None = None,
    ) -> None:
        """One round with every participant on the action face."""
        self.commit(offer, limit, follow, controls)
        self.trade()
        self.close(on_delivery)

    def retail_neur(self, ahead: int = 0) -> NDArray[np.int64]:
        """Announced retail price of the slot ``ahead`` of the one that trades, nEUR/Wh (B,)."""
        return np.array(
            [
                retail_price(self.community, self.state, b, slot + ahead)
                for b, slot in enumerate(self.state.clock.slot)
            ]
        )

    def _deliver(self, due: NDArray[np.bool_], on_delivery: OnDelivery | None) -> None:
        if not due.any():
            return
        deliver(self.community, self.state, due)
        flow(self.community, self.state, due)
        if on_delivery is not None:
            on_delivery(self)

    def _check_span(self, starts: NDArray[np.int64], n_slots: int) -> None:
        # An observation after the episode's last slot still looks at the slot that follows.
        last = self.community.series.load_kw.shape[0] - n_slots - 1
        if n_slots < 1 or (starts < FIRST_SLOT).any() or (starts > last).any():
            raise InputError(
                f"start={starts.tolist()}, n_slots={n_slots}: an episode must begin in slots {FIRST_SLOT} to {last} "
                "of the year and have at least one slot"
            )

    def _check_samples(self, samples: NDArray[np.int64]) -> None:
        n_samples = self.community.series.retail.shape[0]
        if (samples < 0).any() or (samples >= n_samples).any():
            raise InputError(f"sample={samples.tolist()}: there are samples 0 to {n_samples - 1}")


@kernel
def _clear_episode(community: Community, state: State, chosen: NDArray[np.bool_]) -> None:
    series, devices = community.series, community.devices
    for b in range(chosen.size):
        if not chosen[b]:
            continue
        start, sample = state.clock.start[b], state.clock.sample[b]
        _clear_slot(state.trading, b)
        _clear_slot(state.delivery, b)
        _clear_book(state.books, b)
        state.orders.quantity_wh[b, :] = 0
        state.last_price[b] = NO_PRICE
        state.tariff_shift[b, :] = 0
        state.shift_room[b] = 0
        state.reading_history_wh[b, :, :] = 0
        state.cost_eur[b, :, :] = 0.0
        state.delivered.slot[b] = -1
        state.delivered.voltage_pu[b, :] = community.network.source_pu
        state.delivered.feeder_kw[b] = 0.0
        state.delivered.overload_kwh[b] = 0.0
        state.totals.accounts_neur[b, :] = 0
        for i in range(devices.battery_kwh.size):
            state.totals.cash_neur[b, i] = 0
            state.totals.reading_wh[b, i] = 0
            state.totals.imbalance_wh[b, i] = 0
            state.totals.bought_wh[b, i] = 0
            state.totals.sold_wh[b, i] = 0
            state.totals.register_kwh[b, i] = 0.0
            state.stores.battery_kwh[b, i] = devices.battery_initial_kwh[i]
            state.stores.heat_kwh[b, i] = 0.5 * devices.heat_store_kwh[i]
            state.stores.car_kwh[b, i] = 0.0
            if series.car_column[i] >= 0:
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
def _clear_book(books: Book, b: int) -> None:
    books.bits[b, :] = np.uint64(0)
    books.quantity_wh[b, :] = 0


@kernel
def _clear_slot(books: SlotBooks, b: int) -> None:
    books.bought_wh[b, :] = 0
    books.sold_wh[b, :] = 0
    books.paid_neur[b, :] = 0
    books.received_neur[b, :] = 0
    books.plan_kwh[b, :, :] = 0.0
    books.curtail[b, :] = 0.0
    books.follow[b, :] = 0.0


@allocating_kernel
def _hand_over(state: State, closing: NDArray[np.bool_]) -> None:
    """At the gate what rests expires, and what was traded is delivered next."""
    trading, delivery = state.trading, state.delivery
    for b in range(closing.size):
        if not closing[b]:
            continue
        delivery.bought_wh[b, :] = trading.bought_wh[b, :]
        delivery.sold_wh[b, :] = trading.sold_wh[b, :]
        delivery.paid_neur[b, :] = trading.paid_neur[b, :]
        delivery.received_neur[b, :] = trading.received_neur[b, :]
        delivery.plan_kwh[b, :, :] = trading.plan_kwh[b, :, :]
        delivery.curtail[b, :] = trading.curtail[b, :]
        delivery.follow[b, :] = trading.follow[b, :]
        _clear_slot(trading, b)
        _clear_book(state.books, b)
