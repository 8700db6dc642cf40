"""What a log has come to: rare situations, counted to know what was tried and not only that nothing failed."""

from collections.abc import Iterator
from itertools import groupby

from gridbid.chain.fuzz.events import RING_SIZE, SLOT_SECONDS, Event
from gridbid.chain.fuzz.players.player import Outcome
from gridbid.market.naive.exchange import NaiveExchange
from gridbid.market.types import MAX_FILLS, N_TICKS, Reject, Side
from gridbid.market.units import MAX_QUANTITY_WH

SITUATIONS = (
    "several orders met at one tick",
    "an order at tick 0",
    "an order at tick 223",
    "an order in the last second before its gate",
    "an order in the first second after its gate",
    "the remainder cancelled before one's own order",
    "the remainder cancelled after 64 fills",
    "an order of 2^30 - 1 Wh",
    "a fill at a price below zero",
    "credit used to the last unit",
    "an order 1 Wh beyond credit",
    "an envelope used to the last Wh",
    "an order 1 Wh beyond its envelope",
    "a credit line in use",
    "orders in several slots in one call",
    "a cancellation of one's own order that is gone",
    "a part of an order taken off",
    "a place of the ring recycled",
    "settled by a substitute",
    "settled by a metered reading",
    "settled by a ruling",
    "settled anew by the difference",
    "a debt after settling",
)


class Situations:
    """Watches one log on the twin's exchange, which has just played what it is told of."""

    def __init__(self, exchange: NaiveExchange) -> None:
        self._exchange = exchange
        self._settled: set[tuple[int, int]] = set()

    def of(self, event: Event, outcome: Outcome) -> Iterator[str]:
        """The situations that an event met, of SITUATIONS."""
        if isinstance(outcome, dict):
            return
        if event["kind"] == "place":
            if len({slot for slot, *_ in event["orders"]}) > 1:
                yield "orders in several slots in one call"
            for order, result in zip(event["orders"], outcome, strict=True):
                yield from self._of_order(event["participant"], order, result)
        elif event["kind"] == "cancel":
            gone = [order for order in event["orders"] if order not in outcome]
            if any(self._exchange.gate_open(order >> 48) for order in gone):
                yield "a cancellation of one's own order that is gone"
        elif event["kind"] == "reduce" and outcome and self._rests(event["order"]):
            yield "a part of an order taken off"
        elif event["kind"] == "publish" and event["slot"] - RING_SIZE in self._exchange.slots:
            yield "a place of the ring recycled"
        elif event["kind"] == "settle":
            yield from self._of_settling(event["slot"], event["participant"])

    def _of_order(self, participant: int, order: list[int], result: list[object]) -> Iterator[str]:
        slot, side, tick, wh, rest = order
        reject, fills, _, resting_wh = result
        assert isinstance(fills, list)
        if reject == "GATE_CLOSED" and self._exchange.now == slot * SLOT_SECONDS:
            yield "an order in the first second after its gate"
        if reject in ("CREDIT", "ENVELOPE"):
            less = self._exchange.admission(slot, participant, side, tick, wh - 1)
            if reject == "CREDIT" and less == Reject.NONE:
                yield "an order 1 Wh beyond credit"
            if reject == "ENVELOPE" and less in (Reject.NONE, Reject.CREDIT):
                yield "an order 1 Wh beyond its envelope"
        if reject != "NONE":
            return
        if any(len(list(met)) > 1 for _, met in groupby(fills, key=lambda fill: fill[2])):
            yield "several orders met at one tick"
        if any(self._exchange.price(slot, fill[2]) < 0 for fill in fills):
            yield "a fill at a price below zero"
        if rest and not resting_wh and sum(fill[3] for fill in fills) < wh:
            own = "the remainder cancelled before one's own order"
            yield "the remainder cancelled after 64 fills" if len(fills) == MAX_FILLS else own
        if tick in (0, N_TICKS - 1):
            yield f"an order at tick {tick}"
        if self._exchange.now == slot * SLOT_SECONDS - 1:
            yield "an order in the last second before its gate"
        if wh == MAX_QUANTITY_WH - 1:
            yield "an order of 2^30 - 1 Wh"
        yield from self._of_limits(slot, participant, side)

    def _of_limits(self, slot: int, participant: int, side: int) -> Iterator[str]:
        market = self._exchange.slots[slot]
        position = self._exchange.position(slot, participant)
        if self._exchange.available(participant) == 0:
            yield "credit used to the last unit"
        if side == Side.BUY:
            reach_wh, limits_wh = position.net_wh + position.open_buy_wh, market.import_limit_wh
        else:
            reach_wh, limits_wh = position.open_sell_wh - position.net_wh, market.export_limit_wh
        if reach_wh == limits_wh.get(participant, 0):
            yield "an envelope used to the last Wh"
        if market.credit_line_neur.get(participant, 0) and position.open_lock_neur + position.fill_lock_neur:
            yield "a credit line in use"

    def _of_settling(self, slot: int, participant: int) -> Iterator[str]:
        quality = self._exchange.position(slot, participant).quality.name
        names = {"SUBSTITUTE": "a substitute", "METERED": "a metered reading", "RULED": "a ruling"}
        yield f"settled by {names[quality]}"
        if (slot, participant) in self._settled:
            yield "settled anew by the difference"
        self._settled.add((slot, participant))
        if self._exchange.balances[participant] < 0:
            yield "a debt after settling"

    def _rests(self, order: int) -> bool:
        return self._exchange.slots[order >> 48].book.find(order) is not None
