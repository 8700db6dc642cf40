"""What a stack of steps tells about its rounds: which they were, what was published, what became of each order."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.community import Community
from gridbid.market.randomness import arrival_order
from gridbid.market.state import Clock, FillLog, Orders, SlotBooks, State

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


def filled_wh(orders: Orders, fills: FillLog) -> Array:
    """Wh that each participant traded in each round, (K, B, N)."""
    traded_wh = np.zeros(orders.quantity_wh.shape, np.int64)
    k, b, taker, maker, quantity_wh = _each_fill(fills)
    np.add.at(traded_wh, (k, b, taker), quantity_wh)
    np.add.at(traded_wh, (k, b, maker), quantity_wh)
    return traded_wh


def resting_wh(orders: Orders, fills: FillLog, rank: Array, max_fills: int) -> Array:
    """Wh that are left of each order after its round, (K, B, N); at the gate they expire.

    A fill before the order's arrival used up what rested from the round before. An order that came to ``max_fills`` fills
    is taken to be done, as rule 4 has it.
    """
    k, b, taker, maker, quantity_wh = _each_fill(fills)
    left_wh = np.where(orders.rejected == 0, orders.quantity_wh, 0)
    np.subtract.at(left_wh, (k, b, taker), quantity_wh)
    later = rank[k, b, taker] > rank[k, b, maker]
    np.subtract.at(left_wh, (k[later], b[later], maker[later]), quantity_wh[later])
    taken = np.zeros(left_wh.shape, np.int64)
    np.add.at(taken, (k, b, taker), 1)
    return np.where(taken < max_fills, left_wh, 0)


def arrival_ranks(seed: int, identity: int, slot: int, round_: int, n: int) -> Array:
    """Place of each participant in a round's order of arrival, (n,)."""
    order = np.empty(n, np.int64)
    arrival_order(seed, identity, slot, round_, order)
    return np.argsort(order)


def played(clock: Clock, community: Community, seed: Array, episode: Array, utc_start: Array) -> Rounds:
    """The rounds behind the clocks of K steps (K, B) as they stood afterwards; ``seed`` and ``episode`` are (K, B)."""
    rounds, n = community.rules.rounds, community.n_participants
    slot = clock.slot - clock.closing
    round_ = np.where(clock.closing == 1, rounds - 1, clock.round - 1)
    rank = np.empty((*slot.shape, n), np.int64)
    for at in np.ndindex(slot.shape):
        key = (int(seed[at]), int(clock.identity[at]), int(slot[at]), int(round_[at]))
        rank[at] = arrival_ranks(*key, n)
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
    fee = series.fee[slot]
    return Published(
        retail=retail,
        feed_in=np.minimum(series.feed_in[sample, slot], retail - fee),
        fee=fee,
        wholesale=series.wholesale[sample, slot],
        carbon=series.carbon_g_per_kwh[sample, slot],
        shift_ahead=shift_ahead,
    )


def _each_fill(log: FillLog) -> tuple[Array, Array, Array, Array, Array]:
    """Every fill: its step, community, taker, maker and quantity, (fills,) each."""
    there = np.arange(log.taker.shape[-1]) < log.fills[..., None]
    k, b, _ = np.nonzero(there)
    return k, b, log.taker[there], log.maker[there], log.quantity_wh[there]
