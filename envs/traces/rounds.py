"""What a stack of steps tells about its rounds: which they were, what was published, what became of each order."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.community import Community
from gridbid.market.randomness import arrival_order
from gridbid.market.state import Clock, SlotBooks, State

Array = NDArray[Any]


class Rounds(NamedTuple):
    """The rounds that K steps of B communities played, (K, B) each, and how their orders arrived, (K, B, N)."""

    episode: Array
    step: Array
    slot: Array
    round: Array
    begins: Array
    closed: Array
    """Whether the step ended its slot."""
    rank: Array
    """Place of each participant in the round's order of arrival."""

    def keys(self, agents: int | None = None) -> dict[str, Array]:
        """Key columns: one row a step, or one for each of so many agents."""
        columns = {"episode": self.episode, "step": self.step, "slot": self.slot, "round": self.round}
        if agents is None:
            return columns
        return {name: np.repeat(values, agents) for name, values in columns.items()}

    def slot_books(self, state: State) -> SlotBooks:
        """What was traded and planned for the slot of each round: at its gate it has become the delivery's."""
        closed = self.closed.astype(bool)[..., None]
        return SlotBooks(
            *(
                np.where(closed if after.ndim == 3 else closed[..., None], after, before)
                for after, before in zip(state.delivery, state.trading, strict=True)
            )
        )

    def filled_wh(self, state: State) -> Array:
        """Wh that each participant traded in the round, (K, B, N)."""
        filled_wh = np.zeros(state.orders.quantity_wh.shape, np.int64)
        k, b, taker, maker, quantity_wh = _fills(state)
        np.add.at(filled_wh, (k, b, taker), quantity_wh)
        np.add.at(filled_wh, (k, b, maker), quantity_wh)
        return filled_wh

    def resting_wh(self, state: State, max_fills: int) -> Array:
        """Wh that are left of each order after the round, (K, B, N); at the gate they expire.

        A fill before the order's arrival used up what rested from the round before. An order that came to ``max_fills`` fills
        is taken to be done, as rule 4 has it.
        """
        k, b, taker, maker, quantity_wh = _fills(state)
        resting_wh = np.where(rejected(state) == 0, state.orders.quantity_wh, 0)
        np.subtract.at(resting_wh, (k, b, taker), quantity_wh)
        later = self.rank[k, b, taker] > self.rank[k, b, maker]
        np.subtract.at(resting_wh, (k[later], b[later], maker[later]), quantity_wh[later])
        taken = np.zeros(resting_wh.shape, np.int64)
        np.add.at(taken, (k, b, taker), 1)
        return np.where(taken < max_fills, resting_wh, 0)


def played(clock: Clock, rounds: int, seed: Array, episode: Array, utc_start: Array, n: int) -> Rounds:
    """The rounds behind the clocks of K steps (K, B) as they stood afterwards; ``seed`` and ``episode`` are (K, B)."""
    slot = clock.slot - clock.closing
    round_ = np.where(clock.closing == 1, rounds - 1, clock.round - 1)
    rank = np.empty((*slot.shape, n), np.int64)
    order = np.empty(n, np.int64)
    for place in np.ndindex(slot.shape):
        key = (int(seed[place]), int(clock.identity[place]), int(slot[place]), int(round_[place]))
        arrival_order(*key, order)
        rank[place][order] = np.arange(n)
    return Rounds(
        episode, (slot - clock.start) * rounds + round_, slot, round_, utc_start[slot], clock.closing, rank
    )


class Published(NamedTuple):
    """What was published for the slots of some rounds, (K, B): prices in nEUR/Wh."""

    retail: Array
    feed_in: Array
    fee: Array
    wholesale: Array
    carbon: Array
    shift_ahead: Array

    def columns(self) -> dict[str, Array]:
        """Their columns in ``steps``."""
        return {
            "retail_neur_per_wh": self.retail,
            "feed_in_neur_per_wh": self.feed_in,
            "fee_neur_per_wh": self.fee,
            "wholesale_neur_per_wh": self.wholesale,
            "carbon_g_per_kwh": self.carbon,
            "shift_ahead_neur_per_wh": self.shift_ahead,
        }


def published(
    community: Community, sample: Array, slot: Array, shift: Array, shift_ahead: Array
) -> Published:
    """Prices as published (rule 8), given the shifts of the retail price that hold in each round (K, B)."""
    series = community.series
    retail = series.retail[sample, slot] + shift
    fee = np.full(slot.shape, community.rules.fee)
    return Published(
        retail=retail,
        feed_in=np.minimum(series.feed_in[sample, slot], retail - fee),
        fee=fee,
        wholesale=series.wholesale[sample, slot],
        carbon=series.carbon_g_per_kwh[sample, slot],
        shift_ahead=shift_ahead,
    )


def _fills(state: State) -> tuple[Array, Array, Array, Array, Array]:
    """Every fill: its step, community, taker, maker and quantity, (fills,) each."""
    log = state.fills
    there = np.arange(log.taker.shape[-1]) < log.fills[..., None]
    k, b, _ = np.nonzero(there)
    return k, b, log.taker[there], log.maker[there], log.quantity_wh[there]


def rejected(state: State) -> Array:
    return getattr(state.orders, "rejected", np.zeros_like(state.orders.side))
