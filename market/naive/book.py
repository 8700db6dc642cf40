"""Plain twin of the order book: rules 1 to 5 with dictionaries and queues, written to be read."""

from collections import deque
from dataclasses import dataclass, field

from gridbid.market.types import MAX_FILLS, N_TICKS, Fill, OpenOrder, Side, order_id


@dataclass
class RestingOrder:
    """An order that waits in its tick's queue."""

    order: int
    participant: int
    quantity_wh: int


@dataclass
class NaiveBook:
    """A continuous double auction for one delivery slot."""

    slot: int
    n_ticks: int = N_TICKS
    max_fills: int = MAX_FILLS
    queues: dict[tuple[int, int], deque[RestingOrder]] = field(default_factory=dict)
    arrivals: dict[tuple[int, int], int] = field(default_factory=dict)

    def place(
        self, participant: int, side: int, tick: int, quantity_wh: int, rest: bool = True
    ) -> tuple[list[Fill], int, int]:
        """Match an admitted order; return its fills, what rests of it (Wh), and its id (0 if nothing rests)."""
        fills: list[Fill] = []
        left = quantity_wh
        while left > 0:
            best = self._first_match(side, tick)
            if best is None:
                break
            queue, maker_tick = best
            maker = queue[0]
            if maker.participant == participant or len(fills) == self.max_fills:
                left = 0  # rule 3, rule 4: the remainder is cancelled
                break
            quantity = min(left, maker.quantity_wh)
            fills.append(Fill(maker.order, participant, maker.participant, maker_tick, quantity))
            left -= quantity
            maker.quantity_wh -= quantity
            if maker.quantity_wh == 0:
                queue.popleft()
        if left == 0 or not rest:
            return fills, 0, 0
        return fills, left, self._append(participant, side, tick, left)

    def cancel(self, order: int) -> tuple[RestingOrder, int, int] | None:
        """Take a resting order out; return it with its side and tick, or None if it doesn't rest."""
        for (side, tick), queue in self.queues.items():
            for resting in queue:
                if resting.order == order:
                    queue.remove(resting)
                    return resting, side, tick
        return None

    def find(self, order: int) -> tuple[RestingOrder, int, int] | None:
        """A resting order with its side and tick, or None."""
        for (side, tick), queue in self.queues.items():
            for resting in queue:
                if resting.order == order:
                    return resting, side, tick
        return None

    def levels(self, side: int) -> list[tuple[int, list[OpenOrder]]]:
        """Occupied ticks of a side, best first, each with its orders, oldest first."""
        ticks = sorted(
            (tick for (s, tick), queue in self.queues.items() if s == side and queue),
            reverse=side == Side.BUY,
        )
        return [
            (tick, [OpenOrder(o.participant, o.quantity_wh) for o in self.queues[side, tick]])
            for tick in ticks
        ]

    def _first_match(self, side: int, limit: int) -> tuple[deque[RestingOrder], int] | None:
        opposite = Side.SELL if side == Side.BUY else Side.BUY
        ticks = [tick for (s, tick), queue in self.queues.items() if s == opposite and queue]
        if not ticks:
            return None
        best = min(ticks) if side == Side.BUY else max(ticks)
        crosses = best <= limit if side == Side.BUY else best >= limit
        return (self.queues[opposite, best], best) if crosses else None

    def _append(self, participant: int, side: int, tick: int, quantity_wh: int) -> int:
        sequence = self.arrivals.get((side, tick), 0)
        self.arrivals[side, tick] = sequence + 1
        order = order_id(self.slot, side, tick, sequence)
        self.queues.setdefault((side, tick), deque()).append(RestingOrder(order, participant, quantity_wh))
        return order
