"""The batch engine: B communities through section 5's slot, in one call or in phases that the live bots share.

A step is one round: :meth:`Engine.commit` plans and orders, :meth:`Engine.trade` the book, and after the last round
:meth:`Engine.close` gate, delivery of the slot before, settlement. A bot's site replaces ``trade`` by a ledger. In one
community participants may also act in turn: :meth:`Engine.begin_round`, then ``commit_one`` and ``trade_one`` by
:meth:`Engine.arrivals`.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridbid.market import step
from gridbid.market.community import Community
from gridbid.market.demand_response.history import History
from gridbid.market.episode import begin_episode
from gridbid.market.errors import InputError
from gridbid.market.grid.vectors import LANES
from gridbid.market.outlook import issue_outlooks
from gridbid.market.planning import commit_one
from gridbid.market.randomness import arrival_order
from gridbid.market.response import (
    EngineResponse,
    ResponseRules,
    allocate_response,
    begin_responses,
    check_history,
    response_arrays,
)
from gridbid.market.scratch import make_scratch
from gridbid.market.state import Arena, State, allocate, arrays_of, state_of
from gridbid.market.validation import check_community

OnDelivery = Callable[["Engine"], None]
"""Called after each delivery, to record what was delivered where ``state.delivered.slot`` is not -1."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_NOTHING = np.zeros(0, np.int64)


class Engine:
    """State and step of ``batch`` communities; the same (seed, resets, actions) give the same bits.

    ``threads`` share a step's communities between them; what comes out is the same. ``response`` are the rules of demand
    response; without them there is none.
    """

    def __init__(
        self,
        community: Community,
        batch: int = 1,
        seed: int = 0,
        threads: int = 1,
        response: ResponseRules | None = None,
    ) -> None:
        if batch < 1 or threads < 1:
            raise InputError(f"batch={batch}, threads={threads}: there has to be at least one of each")
        check_community(community)
        self.community = community
        self.batch = batch
        self.seed = seed
        self.arena: Arena = allocate(community, batch)
        """Where the state lies: what kernels take."""
        self.state: State = state_of(self.arena)
        """All that changes, by name; writing to it changes the engine. Say :meth:`refresh` if a store or a plan was."""
        self.response: EngineResponse | None = (
            None if response is None else allocate_response(community, batch, response)
        )
        """Events and past readings; None without demand response."""
        self._ranges = _split((batch + LANES - 1) // LANES, threads)
        self._scratch = [make_scratch(community) for _ in self._ranges]
        self._pool = _pool(len(self._ranges) - 1)
        self.state.clock.identity[:] = np.arange(batch)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("state", "_pool")}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        self.__dict__.update(kept)
        self.state = state_of(self.arena)
        self._pool = _pool(len(self._ranges) - 1)

    def reset(
        self,
        start: ArrayLike,
        n_slots: int,
        sample: ArrayLike = 0,
        mask: NDArray[np.bool_] | None = None,
        identity: ArrayLike | None = None,
        history: History | None = None,
    ) -> None:
        """Begin an episode of ``n_slots`` slots at ``start`` (scalar or (B,)), in the masked communities or in all.

        ``sample`` picks the prices and cars; ``identity`` renames communities, which keys their arrival orders.
        ``history`` is that of the days before ``start`` for demand response, of one community or of all; without it a
        history begins anew. Give :attr:`history` to keep what there is.
        """
        clock = self.state.clock
        chosen = np.ones(self.batch, np.bool_) if mask is None else np.asarray(mask, np.bool_)
        if chosen.shape != (self.batch,):
            raise InputError(f"mask has shape {chosen.shape}; it should be ({self.batch},)")
        starts = np.broadcast_to(np.asarray(start, np.int64), self.batch)[chosen]
        samples = np.broadcast_to(np.asarray(sample, np.int64), self.batch)[chosen]
        self._check_span(starts, n_slots)
        self._check_samples(samples)
        if history is not None:
            check_history(self._response(), history)
        clock.start[chosen] = clock.slot[chosen] = starts
        clock.end[chosen] = starts + n_slots
        clock.round[chosen] = 0
        clock.sample[chosen] = samples
        if identity is not None:
            clock.identity[chosen] = np.broadcast_to(np.asarray(identity, np.int64), self.batch)[chosen]
        begin_episode(self.community, self.arena, self._scratch[0], chosen)
        if self.response is not None:
            begin_responses(self.response, chosen, history)

    @property
    def finished(self) -> NDArray[np.bool_]:
        """Communities whose episode has ended, (B,)."""
        return self.state.clock.slot >= self.state.clock.end

    def step(
        self,
        offer: Floats,
        limit: Floats,
        follow: Floats,
        controls: Floats,
        on_delivery: OnDelivery | None = None,
        shift: Integers | None = None,
        calls: tuple[Integers, Integers] | None = None,
    ) -> None:
        """One round with every participant on the action face: (B, N) each, ``controls`` (B, N, controls).

        ``shift`` (B,) is the utility's, nEUR/Wh, as in :meth:`announce`; ``calls`` its targets and rates, as in
        :meth:`call_events`.
        """
        if on_delivery is not None:
            if shift is not None:
                self.announce(shift)
            if calls is not None:
                self.call_events(*calls)
            self.commit(offer, limit, follow, controls)
            self.trade()
            self.close(on_delivery)
            return
        if calls is not None:
            self._response()
        shift = _NOTHING if shift is None else shift
        target_wh, rate = (_NOTHING, _NOTHING) if calls is None else calls

        def play(worker: int) -> None:
            step.play_tiles(
                self.community,
                self.arena,
                self._scratch[worker],
                self.response,
                self.seed,
                shift,
                target_wh,
                rate,
                offer,
                limit,
                follow,
                controls,
                *self._ranges[worker],
            )

        others = [self._pool.submit(play, n) for n in range(1, len(self._ranges))] if self._pool else []
        play(0)
        for other in others:
            other.result()

    def announce(self, shift: Integers) -> None:
        """Announce the utility's shift of tomorrow's retail price, nEUR/Wh (B,); counts in round 0 only."""
        step.announce_shifts(self.community, self.arena, shift)

    def call_events(self, target_wh: Integers, rate: Integers) -> Integers:
        """Call an event where the target is above 0: Wh asked of the community in each slot, and nEUR/Wh, (B,) each.

        It counts in round 0 only. Return why calls were refused, bits of `Refusal` (B,); it stays in ``response.refused``.
        """
        response = self._response()
        step.call_events(self.arena, response, target_wh, rate)
        return response.refused

    def commit(self, offer: Floats, limit: Floats, follow: Floats, controls: Floats) -> None:
        """Commit plans and write orders from actions: (B, N) each, controls (B, N, controls)."""
        step.commit_all(self.community, self.arena, offer, limit, follow, controls)

    def commit_one(self, i: int, offer: float, limit: float, follow: float, controls: Floats) -> None:
        """Commit participant i's plan in the first community, and write its order; controls (controls,)."""
        commit_one(self.community, self.arena, i, offer, limit, follow, controls)

    def trade(self) -> None:
        """Process ``state.orders`` as the round's orders; whoever trades on the raw face has written them there."""
        step.trade_all(self.community, self.arena, self._scratch[0], self.seed)

    def begin_round(self) -> None:
        """Set back the fills and rejections of the last round, before :meth:`trade_one`; ``trade`` does so by itself."""
        step.begin_rounds(self.arena)

    def arrivals(self, b: int = 0) -> Integers:
        """The order in which community b's orders arrive in the round to come (rule 11): a permutation (N,)."""
        clock, order = self.state.clock, np.empty(self.community.n_participants, np.int64)
        arrival_order(self.seed, clock.identity[b], clock.slot[b], clock.round[b], order)
        return order

    def trade_one(self, i: int) -> None:
        """Process participant i's order in the first community, so that whoever acts next sees the book after it.

        What rests of those who don't act in a round stays. Everybody by :meth:`arrivals` is ``trade``, to the bit; only a
        plan that is committed after others have traded may differ, when they have filled an order of an earlier round.
        """
        step.trade_one(self.community, self.arena, self._scratch[0], i)

    def close(self, on_delivery: OnDelivery | None = None) -> None:
        """End the round; after the last one close the gate, deliver and settle the slot before, and move on.

        ``state.cost_eur`` holds what the step cost. The last slot of an episode is delivered at once, so that its
        books are closed when it ends.
        """
        state, scratch = self.state, self._scratch[0]
        step.deliver_due(self.community, self.arena, scratch, self.response)
        if on_delivery is not None and (state.delivered.slot >= 0).any():
            on_delivery(self)
        step.move_on(self.community, self.arena, scratch)
        ended = self.finished & (state.clock.closing == 1)
        if not ended.any():
            return
        step.deliver_last(self.community, self.arena, scratch, self.response)
        if on_delivery is not None:
            delivered = state.delivered.slot.copy()
            state.delivered.slot[~ended] = -1
            on_delivery(self)
            state.delivered.slot[:] = delivered

    @property
    def history(self) -> History:
        """Past readings of demand response, by community."""
        return self._response().core.history

    def retail_neur(self, ahead: int = 0) -> NDArray[np.int64]:
        """Announced retail price of the slot ``ahead`` of the one that trades, nEUR/Wh (B,)."""
        clock, kept = self.state.clock, self.state.tariff_shift.shape[1] - 1
        slot = clock.slot + ahead
        return (
            self.community.series.retail[clock.sample, slot]
            + self.state.tariff_shift[np.arange(self.batch), slot & kept]
        )

    def refresh(self) -> None:
        """Issue the outlook on the slot that trades again, after stores, plans or positions were written to."""
        issue_outlooks(self.community, self.arena, self._scratch[0])

    def arrays(self) -> list[NDArray[np.generic]]:
        """All that changes: the state's arrays, and those of demand response."""
        return arrays_of(self.arena) + ([] if self.response is None else response_arrays(self.response))

    def snapshot(self) -> list[NDArray[np.generic]]:
        """A copy of all that changes, for :meth:`restore`."""
        return [array.copy() for array in self.arrays()]

    def restore(self, snapshot: list[NDArray[np.generic]]) -> None:
        """Go back to a snapshot of this engine or of one of the same community, batch and rules."""
        for mine, theirs in zip(self.arrays(), snapshot, strict=True):
            mine[...] = theirs

    def _response(self) -> EngineResponse:
        if self.response is None:
            raise InputError("response is None; an engine that calls events needs its rules (ResponseRules)")
        return self.response

    def _check_span(self, starts: NDArray[np.int64], n_slots: int) -> None:
        # Forecasts look two days back; an observation after the last slot still looks at the slot that follows.
        first = 2 * self.community.rules.slots_per_day
        last = self.community.series.load_kw.shape[0] - n_slots - 1
        if n_slots < 1 or (starts < first).any() or (starts > last).any():
            raise InputError(
                f"start={starts.tolist()}, n_slots={n_slots}: an episode must begin in slots {first} to {last} "
                "of the year and have at least one slot"
            )

    def _check_samples(self, samples: NDArray[np.int64]) -> None:
        n_samples = self.community.series.retail.shape[0]
        if (samples < 0).any() or (samples >= n_samples).any():
            raise InputError(f"sample={samples.tolist()}: there are samples 0 to {n_samples - 1}")


def _split(tiles: int, threads: int) -> list[tuple[int, int]]:
    """Ranges of tiles of about the same length, one a thread, none empty."""
    parts = min(tiles, threads)
    return [(tiles * part // parts, tiles * (part + 1) // parts) for part in range(parts)]


def _pool(workers: int) -> ThreadPoolExecutor | None:
    return ThreadPoolExecutor(workers) if workers > 0 else None
