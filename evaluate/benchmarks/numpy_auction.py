"""The NumPy step's trading: random numbers drawn for a whole batch at once, books in plain Python, a community at a time.

An auction is sequential: arrays have nothing to offer within a community. Heaps of integers with lazy deletion are what
plain Python does best; a step through the k-th arrival of all communities at once would cost dozens of array operations
for each of them.
"""

from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_HANDLE_BITS = 20
_HANDLE = (1 << _HANDLE_BITS) - 1
_TICK_SHIFT = 44


def _mix(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def arrival_orders(seed: int, identity: Integers, slot: Integers, round_: int, size: int) -> list[list[int]]:
    """Each community's permutation of a round (rule 11), B lists of ``size``; ``identity`` and ``slot`` are (B,)."""
    state = np.full(identity.size, seed, np.uint64)
    for part in (identity, slot, np.full(identity.size, round_)):
        state = _mix(state + _GOLDEN) ^ part.astype(np.uint64)
    draws = np.arange(1, size, dtype=np.uint64)
    random = _mix(state[:, None] + _GOLDEN * draws) >> np.uint64(32)
    picked = ((random * (np.uint64(size + 1) - draws)) >> np.uint64(32)).tolist()
    return [_shuffled(size, js) for js in picked]


def _shuffled(size: int, picked: list[int]) -> list[int]:
    order = list(range(size))
    for i, j in zip(range(size - 1, 0, -1), picked, strict=True):
        order[i], order[j] = order[j], order[i]
    return order


class FillLists(NamedTuple):
    """A round's fills of all communities, in order; ``buyer`` and ``seller`` count b * N + i."""

    community: list[int]
    buyer: list[int]
    seller: list[int]
    tick: list[int]
    quantity_wh: list[int]


class PlainBook:
    """One community's book for a slot (rules 1 to 6).

    A resting order is an integer: the better the price, the smaller, then the earlier, the smaller; its participant is in
    the last bits. One that has been replaced stays in its heap until it comes up. Nobody meets his own order (rule 3): his
    old one is taken out before the new one arrives.
    """

    def __init__(self, community: int, size: int, n_ticks: int, max_fills: int) -> None:
        self._community, self._size, self._n_ticks, self._max_fills = community, size, n_ticks, max_fills
        self._heaps: tuple[list[int], list[int]] = ([], [])
        self._code = [-1] * size
        self._place = [-1] * size
        """Of a resting order, tick * 2 + side."""
        self._resting_wh = [0] * size
        self._position_wh = [0] * size
        self._arrivals = 0

    def play(
        self,
        arrivals: list[int],
        sides: list[int],
        ticks: list[int],
        quantities_wh: list[int],
        reach_wh: tuple[list[int], list[int]],
        fills: FillLists,
    ) -> None:
        """Process a round's orders as they arrive; ``reach_wh`` is how far each side's positions may go."""
        code, place, resting, position = self._code, self._place, self._resting_wh, self._position_wh
        for i in arrivals:
            side, tick, quantity = sides[i], ticks[i], quantities_wh[i]
            at = tick * 2 + side
            if resting[i] > 0:
                if place[i] == at and 0 < quantity <= resting[i]:
                    resting[i] = quantity
                    continue
                resting[i] = 0
            toward = position[i] if side == 0 else -position[i]
            if not 0 < quantity <= reach_wh[side][i] - toward:
                continue
            left = self._match(i, side, tick, quantity, fills)
            if left > 0:
                level = self._n_ticks - 1 - tick if side == 0 else tick
                code[i] = level << _TICK_SHIFT | self._arrivals << _HANDLE_BITS | i
                self._arrivals += 1
                place[i], resting[i] = at, left
                heappush(self._heaps[side], code[i])

    def _match(self, taker: int, side: int, tick: int, quantity_wh: int, fills: FillLists) -> int:
        """Match an order; return what is left of it to rest."""
        heap = self._heaps[1 - side]
        code, resting, position = self._code, self._resting_wh, self._position_wh
        worst = tick if side == 0 else self._n_ticks - 1 - tick
        base, n_fills = self._community * self._size, 0
        while heap:
            best = heap[0]
            maker = best & _HANDLE
            if code[maker] != best or resting[maker] == 0:
                heappop(heap)
                continue
            level = best >> _TICK_SHIFT
            if level > worst:
                break
            if n_fills == self._max_fills:
                return 0
            n_fills += 1
            traded = min(resting[maker], quantity_wh)
            resting[maker] -= traded
            quantity_wh -= traded
            buyer, seller = (taker, maker) if side == 0 else (maker, taker)
            position[buyer] += traded
            position[seller] -= traded
            fills.community.append(self._community)
            fills.buyer.append(base + buyer)
            fills.seller.append(base + seller)
            fills.tick.append(level if side == 0 else self._n_ticks - 1 - level)
            fills.quantity_wh.append(traded)
            if quantity_wh == 0:
                return 0
        return quantity_wh
