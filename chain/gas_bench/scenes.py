"""What is measured: each scene plays in slots of its own, and yields its receipts by key.

A scene's first words say what its figures mean. Orders are of 1 500 Wh, of participants who have credit.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from gridbid.chain.gas_bench.stage import Stage
from gridbid.chain.ledgers.ledger import OrderRequest
from gridbid.chain.rpc.node import Receipt
from gridbid.chain.signing.sealed_orders import SealedOrder
from gridbid.market.types import Side

TAKER = 1
TICK = 100
WH = 1_500
BUNDLE = 16
SETTLED_TOGETHER = 50
SETTLED_SLOT = 2
"""Of the four slots in which everybody trades, the one whose settlement is measured: each account was last looked at for
the slot before, and has traded in the slot after, as in any quarter-hour."""
AWAY = 2
"""The participant whose orders rest in sixteen slots that close before anybody looks at its account."""
MAX_FILLS = 64
AUCTION_MEMBERS = 100
TOMBSTONES = 256
"""Cancelled orders that an order passes over at one tick, at most."""


class Figure(NamedTuple):
    """Gas of one transaction, or of each of several equal parts of it."""

    key: str
    receipt: Receipt
    parts: int = 1

    @property
    def gas(self) -> int:
        """Gas a part, rounded up."""
        return -(-int(self.receipt["gasUsed"], 16) // self.parts)


class Scene(NamedTuple):
    """A play for participants 1 to `participants`, in so many slots from the one it is given on."""

    play: Callable[[Stage, int], Iterator[Figure]]
    participants: int
    slots: int = 1

    @property
    def seats(self) -> range:
        """Who may trade in its slots."""
        return range(1, self.participants + 1)


def resting(stage: Stage, slot: int) -> Iterator[Figure]:
    """An order comes to rest: the first at its tick, the second, and one that begins a word of four more."""
    yield Figure("rest_new_tick", stage.order(slot, 2, Side.SELL, TICK, WH))
    yield Figure("rest", stage.order(slot, 3, Side.SELL, TICK, WH))
    stage.order(slot, 4, Side.SELL, TICK, WH)
    yield Figure("rest_new_word", stage.order(slot, 5, Side.SELL, TICK, WH))


def one_fill(stage: Stage, slot: int) -> Iterator[Figure]:
    """An order is filled by one resting order: in part, then to the tick's last Wh."""
    stage.order(slot, 2, Side.SELL, TICK, 2 * WH)
    yield Figure("one_fill_of_part", stage.order(slot, TAKER, Side.BUY, TICK, WH))
    yield Figure("one_fill", stage.order(slot, TAKER + 2, Side.BUY, TICK, WH))


def fills_at_one_tick(n_fills: int, key: str) -> Callable[[Stage, int], Iterator[Figure]]:
    """An order is filled by as many makers, all at one tick, which is empty afterwards."""

    def play(stage: Stage, slot: int) -> Iterator[Figure]:
        for maker in range(2, n_fills + 2):
            stage.order(slot, maker, Side.SELL, TICK, WH)
        yield Figure(key, stage.order(slot, TAKER, Side.BUY, TICK, n_fills * WH))

    return play


def five_ticks(stage: Stage, slot: int) -> Iterator[Figure]:
    """An order is filled by five makers at five ticks, which are empty afterwards."""
    for maker in range(2, 7):
        stage.order(slot, maker, Side.SELL, TICK + maker, WH)
    yield Figure("five_fills_at_five_ticks", stage.order(slot, TAKER, Side.BUY, TICK + 6, 5 * WH))


def taking_off(stage: Stage, slot: int) -> Iterator[Figure]:
    """A resting order is reduced; it is cancelled, another staying at its tick; the tick's last one is cancelled."""
    first, second = (stage.resting_order(slot, maker, Side.SELL, TICK, WH) for maker in (2, 3))
    yield Figure("reduce", stage.act(2, "reduce", first, 500))
    yield Figure("cancel", stage.act(2, "cancel", first))
    yield Figure("cancel_last_of_tick", stage.act(3, "cancel", second))


def bundle(stage: Stage, slot: int) -> Iterator[Figure]:
    """Sixteen orders in one transaction and one slot, each at a tick of its own; they are cancelled in another."""
    requests = [(slot, int(Side.SELL), TICK + i, WH, True) for i in range(BUNDLE)]
    receipt = stage.act(2, "placeMany", requests)
    yield Figure("bundled_order", receipt, BUNDLE)
    yield Figure("cancel_each_of_16", stage.act(2, "cancelMany", stage.orders_of(receipt)), BUNDLE)


def relayed(stage: Stage, slot: int) -> Iterator[Figure]:
    """Orders that a member has signed and another account brings: a batch of one, and one of sixteen."""
    first, *others = (OrderRequest(slot, Side.SELL, TICK + i, WH) for i in range(BUNDLE + 1))
    yield Figure("relayed_order", stage.relay(2, [first]))
    yield Figure("relayed_order_each_of_16", stage.relay(2, others), BUNDLE)


def bundle_at_one_tick(stage: Stage, slot: int) -> Iterator[Figure]:
    """Sixteen orders in one transaction, one slot and one tick; in the same slot, signed orders."""
    requests = [(slot, int(Side.SELL), TICK, WH, True) for _ in range(BUNDLE)]
    receipt = stage.act(2, "placeMany", requests)
    yield Figure("bundled_order_at_one_tick", receipt, BUNDLE)
    stage.act(2, "cancelMany", stage.orders_of(receipt))
    yield from relayed(stage, slot)


def bundle_over_slots(stage: Stage, slot: int) -> Iterator[Figure]:
    """Sixteen orders in one transaction, each in a slot of its own; sixteen that are filled by parts of them."""
    offers = [(slot + i, int(Side.SELL), TICK, 2 * WH, True) for i in range(BUNDLE)]
    yield Figure("bundled_order_16_slots", stage.act(AWAY, "placeMany", offers), BUNDLE)
    bids = [(slot + i, int(Side.BUY), TICK, WH, True) for i in range(BUNDLE)]
    yield Figure("bundled_fill_16_slots", stage.act(AWAY + 1, "placeMany", bids), BUNDLE)


def behind_tombstones(stage: Stage, slot: int) -> Iterator[Figure]:
    """The dearest order at one tick: 64 fills, with as many cancelled orders among them as it may pass over."""
    stage.order(slot, 2, Side.SELL, TICK, WH)
    _leave_tombstones(stage, slot, TOMBSTONES)
    for maker in range(3, MAX_FILLS + 2):
        stage.order(slot, maker, Side.SELL, TICK, WH)
    yield Figure("worst_order_at_a_tick", stage.order(slot, TAKER, Side.BUY, TICK, MAX_FILLS * WH))


def sweeping(stage: Stage, slot: int) -> Iterator[Figure]:
    """Once the order before them is gone, 256 cancelled orders are passed over."""
    first = stage.resting_order(slot, 2, Side.SELL, TICK, WH)
    _leave_tombstones(stage, slot, TOMBSTONES)
    stage.order(slot, 3, Side.SELL, TICK, WH)
    stage.act(2, "cancel", first)
    yield Figure("sweep_256", stage.act(4, "sweep", slot, int(Side.SELL), TICK, TOMBSTONES))


def everybody_trades(stage: Stage, slot: int) -> Iterator[Figure]:
    """In four slots in a row 25 participants buy of 25. Nothing is measured before they are settled."""
    for traded in range(slot, slot + 4):
        for seller in range(1, SETTLED_TOGETHER // 2 + 1):
            stage.order(traded, seller, Side.SELL, TICK, WH)
            stage.order(traded, seller + SETTLED_TOGETHER // 2, Side.BUY, TICK, WH)
    yield from ()


def closing_auction(stage: Stage, slot: int) -> Iterator[Figure]:
    """A hundred members commit, reveal and are cleared in one transaction; the last one's commitment and order count."""
    parameters = stage.deployment.parameters
    gate = slot * parameters.slot_seconds
    stage.advance_to(
        gate
        - parameters.auction_clear_seconds
        - parameters.auction_reveal_seconds
        - parameters.auction_commit_seconds
    )
    orders = [
        SealedOrder(
            slot, member, Side(member % 2), TICK + member % 17, WH + member, salt=bytes([member]) * 32
        )
        for member in range(1, AUCTION_MEMBERS + 1)
    ]
    for order in orders:
        committed = stage.bid(order.participant, "commit", slot, order.participant, order.commitment)
    yield Figure("auction_commit", committed)
    stage.advance_to(gate - parameters.auction_clear_seconds - parameters.auction_reveal_seconds)
    for order in orders:
        revealed = stage.bid(order.participant, "reveal", *order.opening)
    yield Figure("auction_reveal", revealed)
    stage.advance_to(gate - parameters.auction_clear_seconds)
    yield Figure("auction_clear_100", stage.bid(TAKER, "clear", slot, 10 * AUCTION_MEMBERS))


def _leave_tombstones(stage: Stage, slot: int, count: int) -> None:
    """Let participant 2 place and cancel orders, behind one that rests."""
    batch = 32
    for _ in range(count // batch):
        requests = [(slot, int(Side.SELL), TICK, WH, True)] * batch
        stage.act(2, "cancelMany", stage.orders_of(stage.act(2, "placeMany", requests)))


EVERYBODY_TRADES = Scene(everybody_trades, SETTLED_TOGETHER, slots=4)
BUNDLE_OVER_SLOTS = Scene(bundle_over_slots, 3, slots=BUNDLE)
SCENES = (
    Scene(closing_auction, AUCTION_MEMBERS),
    Scene(resting, 5),
    Scene(one_fill, 3),
    Scene(fills_at_one_tick(5, "five_fills"), 6),
    Scene(five_ticks, 6),
    Scene(fills_at_one_tick(10, "ten_fills"), 11),
    Scene(fills_at_one_tick(64, "fills_64"), 65),
    Scene(taking_off, 3),
    Scene(bundle, 2),
    Scene(bundle_at_one_tick, 2),
    Scene(behind_tombstones, 65),
    Scene(sweeping, 4),
    EVERYBODY_TRADES,
    BUNDLE_OVER_SLOTS,
)
"""In the order of their slots; no more slots than the ring has places. The auction is first: it is held when its gate is
near, and the others' gates are later."""
