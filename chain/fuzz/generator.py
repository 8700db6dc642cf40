"""Random logs by seed. Each event is drawn in sight of the twin's market, so that limits are met to the unit.

What is drawn on purpose: ties at few ticks, both boundary ticks and what lies beyond, quantities of 1 and of 2^30 - 1 Wh
and beyond, credit and envelope exactly at the limit and one past it, the second before a gate and the gate itself,
self-trades, changes of filled, foreign and forgotten orders, more small orders in the way than an order may fill or
pass over, late and missing readings, and slots that take the places of others in the ring.
"""

from collections import deque
from collections.abc import Callable, Sequence
from random import Random

from gridbid.chain.fuzz.events import (
    DEADLINE_SECONDS,
    PARTICIPANTS,
    RING_SIZE,
    SLOT_SECONDS,
    STRANGER,
    Event,
)
from gridbid.chain.fuzz.players.player import Outcome
from gridbid.chain.fuzz.players.twin_player import TwinPlayer
from gridbid.market.naive.exchange import NaiveExchange
from gridbid.market.records import Position
from gridbid.market.types import MAX_FILLS, N_TICKS, Quality, Side
from gridbid.market.units import CREDIT_LINE_STEP, MAX_CREDIT_LINE_NEUR, MAX_QUANTITY_WH

TERMS = (
    # retail, feed-in, fee, floor, price cap
    (400_000, 80_000, 50_000, 80_000, 500_000),
    (400_000, 80_000, 50_000, 80_000, 500_000),
    (350_000, 345_000, 50_000, -50_000, 400_000),
    (250_000, 390_000, 0, -300_000, 250_000),
    (-20_000, -50_000, 50_000, -253_000, 0),
)
"""The last one's locks reach zero for sellers above tick 126 and for buyers below tick 101."""
LIMITS_WH = (5_000, 5_000, 1_000, 1_000, 500, 20, 5, 0, -3, MAX_QUANTITY_WH - 1, MAX_QUANTITY_WH, 1 << 40)
TICKS = (99, 100, 100, 100, 101, 101, 102)
ODD_TICKS = (0, 0, 1, 126, 127, 128, N_TICKS - 2, N_TICKS - 1, N_TICKS - 1, N_TICKS, 255)
QUANTITIES_WH = (1, 1, 2, 3, 5, 10, 20, 60, 400)
ODD_QUANTITIES_WH = (0, MAX_QUANTITY_WH - 1, MAX_QUANTITY_WH, 1 << 32, 1 << 70)
READINGS_WH = (0, 0, 1, -1, 7, -12, 300, -300, 3_000, MAX_QUANTITY_WH - 1, 1 - MAX_QUANTITY_WH)
SMALL_ORDERS_A_CALL = 24
PASSED_OVER = 257
"""Cancelled orders: one more than the contracts pass over at a tick."""


class Generator:
    """Draws the events of one log. ``observe`` tells it what became of each, so that it knows what rests."""

    def __init__(self, seed: str, twin: TwinPlayer) -> None:
        self._random = Random(seed)
        self._twin = twin
        self._planned: deque[Event] = deque()
        self._orders: list[tuple[int, int]] = []
        """Owner and name of orders that came to rest, the latest last."""
        self._plans: list[Callable[[], list[Event]]] = []
        for plan, weight in (
            (self._order, 48),
            (self._batch, 6),
            (self._tie, 3),
            (self._order_at_the_credit_limit, 6),
            (self._order_at_the_envelope, 4),
            (self._largest_order, 3),
            (self._cancel, 8),
            (self._reduce, 6),
            (self._replace, 4),
            (self._wait, 3),
            (self._go_to_a_gate, 3),
            (self._publish, 6),
            (self._pay, 4),
            (self._withdraw_all, 2),
            (self._suspend, 2),
            (self._read, 4),
            (self._substitute, 3),
            (self._correct, 7),
            (self._settle, 4),
            (self._settle_a_slot, 7),
        ):
            self._plans += [plan] * weight
        self._planned += [self._slot_event(self._running_slot + ahead) for ahead in (2, 3)]
        queues = self._random.choices(
            (self._many_small_orders, self._many_cancelled_orders, None), (20, 3, 77)
        )[0]
        if queues is None:
            self._planned.append(self._slot_event(self._running_slot + 1))
            self._planned += self._rich() if self._random.random() < 0.5 else []
        else:
            self._planned += [self._wide_slot_event(self._running_slot + 1), *queues()]

    def draw(self) -> Event:
        """The next event."""
        while not self._planned:
            self._planned += self._random.choice(self._plans)()
        return self._planned.popleft()

    def observe(self, event: Event, outcome: Outcome) -> None:
        """Take note of what rests since an event. After a gate, credit that expired orders held is asked for to the unit:
        the contracts release it only when it is needed.
        """
        if event["kind"] == "advance" and self._random.random() < 0.5:
            self._planned.extendleft(reversed(self._order_at_the_credit_limit()))
        if event["kind"] == "place" and isinstance(outcome, list):
            self._orders += [(event["participant"], order) for _, _, order, _ in outcome if order]

    # --- what is there

    @property
    def _exchange(self) -> NaiveExchange:
        exchange = self._twin.exchange
        assert isinstance(exchange, NaiveExchange)
        return exchange

    @property
    def _running_slot(self) -> int:
        return self._exchange.now // SLOT_SECONDS

    def _some_slot(self) -> int:
        """Mostly one that is open, at times any."""
        slots = [slot for slot in self._twin.ring.slots if slot > self._running_slot]
        if slots and self._random.random() < 0.96:
            return self._random.choice(slots)
        return self._running_slot + self._random.choice((-5, -1, 0, 1, 2, 3, 4, 5))

    def _some_participant(self) -> int:
        return self._random.choice(PARTICIPANTS)

    def _some_order(self) -> tuple[int, int] | None:
        """Owner and name of an order that rested once, mostly one that still does, or a late one."""
        if not self._orders:
            return None
        resting = [(owner, order) for owner, order in self._orders[-60:] if self._rests(order)]
        if resting and self._random.random() < 0.6:
            return self._random.choice(resting)
        late = self._orders[-12:] if self._random.random() < 0.8 else self._orders
        return self._random.choice(late)

    def _rests(self, order: int) -> bool:
        return self._exchange.slots[order >> 48].book.find(order) is not None

    # --- orders

    def _request(self) -> list[object]:
        random = self._random
        tick = random.choice(ODD_TICKS if random.random() < 0.07 else TICKS)
        wh = random.choice(ODD_QUANTITIES_WH if random.random() < 0.03 else QUANTITIES_WH)
        return [self._some_slot(), random.choice((0, 1)), tick, wh, random.random() < 0.85]

    def _order(self) -> list[Event]:
        participant = STRANGER if self._random.random() < 0.01 else self._some_participant()
        return [_place(participant, self._request())]

    def _batch(self) -> list[Event]:
        count = self._random.choice((0, 2, 3, 8))
        return [_place(self._some_participant(), *[self._request() for _ in range(count)])]

    def _tie(self) -> list[Event]:
        """Orders of three at one tick, then the fourth's, which meets some of them, all, or more."""
        *makers, taker = self._random.sample(PARTICIPANTS, 4)
        slot, side, tick, *_ = self._request()
        assert isinstance(side, int)
        quantities_wh = [self._random.choice(QUANTITIES_WH) for _ in makers]
        quantity_wh = max(1, sum(quantities_wh) + self._random.choice((-20, -1, 0, 1)))
        offers = [
            _place(maker, [slot, side, tick, wh, True])
            for maker, wh in zip(makers, quantities_wh, strict=True)
        ]
        return [*offers, _place(taker, [slot, 1 - side, tick, quantity_wh, True])]

    def _order_at_the_credit_limit(self) -> list[Event]:
        """All that credit covers, or one Wh more; at times it is first brought to a whole number of Wh's worth."""
        slot, side, tick, *_ = self._request()
        participant, exchange = self._some_participant(), self._exchange
        assert isinstance(slot, int) and isinstance(side, int) and isinstance(tick, int)
        if slot not in exchange.slots or not 0 <= tick < N_TICKS:
            return []
        lock_neur = exchange.unit_lock(slot, side, tick)
        if lock_neur == 0:
            return []
        free_neur = max(0, exchange.available(participant)) + self._unused_line(slot, participant)
        quantity_wh, odd_neur = divmod(free_neur, lock_neur)
        adjust = self._random.choice(("leave", "withdraw", "deposit"))
        events = []
        if adjust == "withdraw":
            events = [_pay(adjust, participant, odd_neur)]
        if adjust == "deposit":
            events, quantity_wh = [_pay(adjust, participant, lock_neur - odd_neur)], quantity_wh + 1
        past = self._random.choice((0, 1))
        return [*events, _place(participant, [slot, side, tick, quantity_wh + past, True])]

    def _unused_line(self, slot: int, participant: int) -> int:
        market = self._exchange.slots[slot]
        position = market.positions.get(participant, Position())
        lock_neur = position.fill_lock_neur + position.open_lock_neur
        return max(0, market.credit_line_neur.get(participant, 0) - lock_neur)

    def _order_at_the_envelope(self) -> list[Event]:
        """All that the envelope has room for, or one Wh more."""
        participant, slot, side = self._some_participant(), self._some_slot(), self._random.choice((0, 1))
        if slot not in self._exchange.slots:
            return []
        market, position = self._exchange.slots[slot], self._exchange.position(slot, participant)
        if side == Side.BUY:
            limit_wh = market.import_limit_wh.get(participant, 0)
            room_wh = limit_wh - position.net_wh - position.open_buy_wh
        else:
            limit_wh = market.export_limit_wh.get(participant, 0)
            room_wh = limit_wh + position.net_wh - position.open_sell_wh
        quantity_wh = max(0, room_wh) + self._random.choice((0, 1))
        return [_place(participant, [slot, side, self._random.choice(TICKS), quantity_wh, True])]

    def _largest_order(self) -> list[Event]:
        """All that a slot's widths leave for somebody on a side, or 1 Wh more, where the envelope is as wide."""
        participant, slot, side = self._some_participant(), self._some_slot(), self._random.choice((0, 1))
        if slot not in self._exchange.slots:
            return []
        market, position = self._exchange.slots[slot], self._exchange.position(slot, participant)
        if side == Side.BUY:
            limits_wh, done_wh = market.import_limit_wh, position.bought_wh + position.open_buy_wh
        else:
            limits_wh, done_wh = market.export_limit_wh, position.sold_wh + position.open_sell_wh
        quantity_wh = MAX_QUANTITY_WH - 1 - done_wh + self._random.choice((0, 0, 1))
        if limits_wh.get(participant, 0) < MAX_QUANTITY_WH - 1:
            return []
        funds = [_pay("deposit", participant, 10**15)] if self._random.random() < 0.3 else []
        return [*funds, _place(participant, [slot, side, self._random.choice(TICKS), quantity_wh, True])]

    def _cancel(self) -> list[Event]:
        orders = [self._some_order() for _ in range(self._random.choice((1, 1, 1, 0, 3)))]
        if None in orders:
            return []
        known = [order for order in orders if order is not None]
        owner = known[0][0] if known else self._some_participant()
        participant = owner if self._random.random() < 0.85 else self._some_participant()
        return [{"kind": "cancel", "participant": participant, "orders": [order for _, order in known]}]

    def _reduce(self) -> list[Event]:
        known = self._some_order()
        if known is None:
            return []
        owner, order = known
        by_wh = self._random.choice((1, 1, 2, 5, 0, 400, MAX_QUANTITY_WH))
        found = self._exchange.slots[order >> 48].book.find(order)
        if found is not None and self._random.random() < 0.5:
            by_wh = max(1, found[0].quantity_wh + self._random.choice((-1, 0, 1)))
        participant = owner if self._random.random() < 0.9 else self._some_participant()
        return [{"kind": "reduce", "participant": participant, "order": order, "by_wh": by_wh}]

    def _replace(self) -> list[Event]:
        """Another limit or quantity for an order: a cancellation, then a new one."""
        known = self._some_order()
        if known is None:
            return []
        owner, order = known
        request = [order >> 48, (order >> 40) & 1, *self._request()[2:]]
        return [{"kind": "cancel", "participant": owner, "orders": [order]}, _place(owner, request)]

    def _many_small_orders(self) -> list[Event]:
        """A queue of more orders than one may fill, then orders that meet it."""
        slot, side, tick = self._running_slot + 1, self._random.choice((0, 1)), 100
        *makers, taker = self._random.sample(PARTICIPANTS, 3)
        batch = [[slot, side, tick, 1, True]] * SMALL_ORDERS_A_CALL
        events = [_place(maker, *batch) for maker in makers for _ in (0, 1)]
        wanted = (MAX_FILLS - 1, MAX_FILLS, MAX_FILLS + 1, 4 * MAX_FILLS)
        return [*events, _place(taker, [slot, 1 - side, tick, self._random.choice(wanted), True])]

    def _many_cancelled_orders(self) -> list[Event]:
        """A queue of cancelled orders before live ones, so long that somebody has to sweep. The first is cancelled last:
        a queue's head moves on when it goes itself, by one.
        """
        slot, tick, maker = self._running_slot + 1, 223, self._some_participant()
        names = [(slot << 48) | (1 << 40) | (tick << 32) | number for number in range(PASSED_OVER + 3)]
        cancelled = [*names[1:], names[0]]
        batch = [[slot, 1, tick, 1, True]] * 20
        events = [_place(maker, *batch) for _ in range(len(names) // 20 + 1)]
        events += [
            {"kind": "cancel", "participant": maker, "orders": cancelled[first : first + 40]}
            for first in range(0, len(names), 40)
        ]
        return [*events, *[_place(taker, [slot, 0, tick, 2, True]) for taker in PARTICIPANTS]]

    # --- accounts

    def _rich(self) -> list[Event]:
        """Two participants that can afford the largest quantities."""
        return [_pay("deposit", participant, 10**15) for participant in self._random.sample(PARTICIPANTS, 2)]

    def _pay(self) -> list[Event]:
        kind = self._random.choice(("deposit", "withdraw"))
        return [_pay(kind, self._some_participant(), self._random.choice((0, 1, 1_000_000, 10**8)))]

    def _withdraw_all(self) -> list[Event]:
        """One unit more than is free, then what is free; then enough to go on."""
        participant = self._some_participant()
        free_neur = max(0, self._exchange.available(participant))
        events = [_pay("withdraw", participant, free_neur + past) for past in (1, 0)]
        return [*events, _pay("deposit", participant, self._random.choice((0, 10**7, 3 * 10**8)))]

    def _suspend(self) -> list[Event]:
        """Suspend somebody for a few events, in which it tries to trade and to get out."""
        participant = self._some_participant()
        trials = [_place(participant, self._request()), *self._cancel(), *self._order(), *self._pay()]
        ends = [{"kind": kind, "participant": participant} for kind in ("suspend", "reinstate")]
        return [ends[0], *self._random.sample(trials, self._random.randint(1, len(trials))), ends[1]]

    # --- time, slots and settlement

    def _wait(self) -> list[Event]:
        return [self._advance(self._exchange.now + self._random.choice((1, 1, 10, 50, 99, 100, 101)))]

    def _go_to_a_gate(self) -> list[Event]:
        """The last second of an open book, an order, the first second of a closed one, an order and a cancellation."""
        gate = (self._running_slot + 1) * SLOT_SECONDS
        slot, participant = self._running_slot + 1, self._some_participant()
        request = [slot, *self._request()[1:]]
        before = [] if self._exchange.now == gate - 1 else [self._advance(gate - 1)]
        events = [*before, _place(participant, request), *self._cancel(), self._advance(gate)]
        return [
            *events,
            _place(participant, request),
            *self._cancel(),
            self._slot_event(slot + RING_SIZE - 1),
        ]

    def _publish(self) -> list[Event]:
        """Mostly slots that the market needs; at times one that can't be published."""
        ahead = self._random.choice((1, 1, 2, 2, 3, 4, 0))
        return [self._slot_event(self._running_slot + ahead)]

    def _slot_event(self, slot: int) -> Event:
        random = self._random
        imports, exports = ({p: random.choice(LIMITS_WH) for p in self._seated()} for _ in range(2))
        lines = {p: self._line_neur() for p in self._seated() if random.random() < 0.3}
        return {
            "kind": "publish",
            "slot": slot,
            "terms": list(random.choice(TERMS)),
            "imports": _as_text(imports),
            "exports": _as_text(exports),
            "lines": _as_text(lines),
        }

    def _wide_slot_event(self, slot: int) -> Event:
        """A slot that lets everybody trade, so that what is planned for it comes about."""
        event = self._slot_event(slot)
        wide = _as_text(dict.fromkeys(PARTICIPANTS, MAX_QUANTITY_WH - 1))
        return {**event, "terms": list(TERMS[0]), "imports": wide, "exports": wide}

    def _seated(self) -> list[int]:
        return [participant for participant in PARTICIPANTS if self._random.random() < 0.9]

    def _line_neur(self) -> int:
        steps = self._random.choice((0, 1, 3, 40, 40, 200)) * CREDIT_LINE_STEP
        return self._random.choice((steps, steps + CREDIT_LINE_STEP - 1, MAX_CREDIT_LINE_NEUR))

    def _advance(self, seconds: int) -> Event:
        return {"kind": "advance", "to": seconds}

    def _a_past_slot(self) -> int:
        past = [slot for slot in self._twin.ring.slots if slot <= self._running_slot]
        if past and self._random.random() < 0.9:
            return self._random.choice(past)
        return max(1, self._running_slot - self._random.randint(-1, 6))

    def _reading_event(self, kind: str, slot: int, participant: int) -> Event:
        near_wh = self._exchange.position(slot, participant).net_wh if slot in self._exchange.slots else 0
        reading_wh = self._random.choice(READINGS_WH)
        if kind == "read" and self._random.random() < 0.01:
            reading_wh = MAX_QUANTITY_WH
        elif self._random.random() < 0.4 and abs(reading_wh + near_wh) < MAX_QUANTITY_WH:
            reading_wh += near_wh
        return {"kind": kind, "participant": participant, "slot": slot, "reading_wh": reading_wh}

    def _read(self) -> list[Event]:
        return [self._reading_event("read", self._a_past_slot(), self._some_participant())]

    def _substitute(self) -> list[Event]:
        """At times right at the deadline."""
        slot = self._a_past_slot()
        deadline = (slot + 1) * SLOT_SECONDS + DEADLINE_SECONDS
        events = []
        if self._random.random() < 0.3 and self._exchange.now < deadline - 1:
            events.append(self._advance(deadline - self._random.choice((0, 1))))
        return [*events, self._reading_event("substitute", slot, self._some_participant())]

    def _correct(self) -> list[Event]:
        """Correct a reading or rule on it, mostly one that there is; then settle the difference, perhaps twice."""
        slots = self._twin.ring.slots
        kind = self._random.choice(("correct", "correct", "correct", "rule"))
        needed = Quality.METERED if kind == "correct" else Quality.SUBSTITUTE
        read = [
            seat
            for seat, known in self._twin.readings.items()
            if max(known, default=Quality.NONE) >= needed and seat[0] in slots
        ]
        if self._random.random() < 0.95:
            if not read:
                return self._read()
            seat = self._random.choice(read)
        else:
            seat = self._a_past_slot(), self._some_participant()
        settlements = [_settle(*seat)] * self._random.choice((0, 1, 1, 2))
        return [self._reading_event(kind, *seat), *settlements]

    def _settle(self) -> list[Event]:
        return [_settle(self._a_past_slot(), self._some_participant())]

    def _settle_a_slot(self) -> list[Event]:
        """Read and settle the oldest slot whole, or all but one, which is what lets its place be used again."""
        slots = [slot for slot in self._twin.ring.slots if slot < self._running_slot]
        if not slots:
            return []
        slot = slots[0]
        late = self._exchange.now >= (slot + 1) * SLOT_SECONDS + DEADLINE_SECONDS
        kinds = ("read", "read", "read", "substitute" if late else "read")
        everybody = self._random.sample(PARTICIPANTS, len(PARTICIPANTS))
        present = everybody if self._random.random() < 0.85 else everybody[1:]
        readings = [self._reading_event(self._random.choice(kinds), slot, p) for p in present]
        settlements = [_settle(slot, participant) for participant in present]
        return [*readings, *settlements, self._slot_event(slot + RING_SIZE)]


def _place(participant: int, *requests: Sequence[object]) -> Event:
    return {"kind": "place", "participant": participant, "orders": [list(request) for request in requests]}


def _pay(kind: str, participant: int, amount_neur: int) -> Event:
    return {"kind": kind, "participant": participant, "amount_neur": amount_neur}


def _settle(slot: int, participant: int) -> Event:
    return {"kind": "settle", "participant": participant, "slot": slot}


def _as_text(entries: dict[int, int]) -> dict[str, int]:
    """With keys as JSON has them."""
    return {str(participant): amount for participant, amount in entries.items()}
