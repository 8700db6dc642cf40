"""Two turns of the ring: the first one's storage is new, the second one's is used again, as on a chain that lives."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate

from gridbid.chain.gas_bench.breakdown import breakdown
from gridbid.chain.gas_bench.scenes import (
    AWAY,
    BUNDLE_OVER_SLOTS,
    EVERYBODY_TRADES,
    SCENES,
    SETTLED_SLOT,
    SETTLED_TOGETHER,
    Figure,
    Scene,
)
from gridbid.chain.gas_bench.stage import FIRST_SLOT, PARTICIPANTS, RING_SIZE, SLOT_SECONDS, Stage, options
from gridbid.chain.nodes.anvil import HARDFORK, running_anvil
from gridbid.chain.rpc.node import Receipt

FIRST_USE = ("rest", "rest_new_tick", "one_fill", "five_fills", "bundled_order", "bundled_order_16_slots")
"""Figures that are also kept as they are when storage is new."""
PAID_NEUR = 10**9


def measure(hardfork: str = HARDFORK) -> dict[str, int]:
    """Gas of each action, by key in alphabetical order. Raises LedgerError when one of them fails."""
    with running_anvil(options(hardfork)) as anvil:
        return {
            figure.key: figure.gas for figure in sorted(play(Stage(anvil)), key=lambda figure: figure.key)
        }


def explain(key: str) -> dict[str, int]:
    """What the gas behind one figure was spent on, all its parts together, largest first; {} for an unknown key."""
    with running_anvil(replace(options(), steps_tracing=True)) as anvil:
        stage = Stage(anvil)
        for figure in play(stage):
            if figure.key == key:
                return breakdown(stage.node, figure.receipt)
    return {}


def play(stage: Stage) -> Iterator[Figure]:
    """All figures, as they come."""
    yield from _deployments(stage)
    yield from _admissions(stage)
    for figure in _turn(stage, FIRST_SLOT):
        if figure.key in FIRST_USE:
            yield figure._replace(key=f"first_use_{figure.key}")
    # A turn's last slot is settled when the next turn's first gate has closed: so one turn is left out.
    yield from _turn(stage, FIRST_SLOT + 2 * RING_SIZE)


def _deployments(stage: Stage) -> Iterator[Figure]:
    for name, receipt in stage.deployment_receipts().items():
        yield Figure(f"deploy_{name}", receipt)


def _admissions(stage: Stage) -> Iterator[Figure]:
    """Everybody is registered and pays in; the last one twice."""
    for _ in range(PARTICIPANTS):
        participant = stage.register()
        registered = stage.last_receipt()
        stage.fund(participant)
    yield Figure("register", registered)
    yield Figure("deposit", stage.act(participant, "deposit", participant, PAID_NEUR))


def _turn(stage: Stage, first_slot: int) -> Iterator[Figure]:
    """Open all slots, play in them, then deliver and settle one after the other."""
    stage.advance_to((first_slot - 1) * SLOT_SECONDS)
    lengths = accumulate((scene.slots for scene in SCENES), initial=first_slot)
    starts = dict(zip(SCENES, lengths, strict=False))
    for scene, slot in starts.items():
        opened = [stage.open(slot + i, scene.seats) for i in range(scene.slots)]
        if scene is EVERYBODY_TRADES:
            yield Figure("open_slot_per_seat", opened[0], SETTLED_TOGETHER)
    for scene, slot in starts.items():
        yield from scene.play(stage, slot)
    for scene, slot in starts.items():
        if scene is BUNDLE_OVER_SLOTS:
            yield from _withdrawals(stage, slot + scene.slots)
        closings = [_close(stage, slot + i, scene) for i in range(scene.slots)]
        if scene is EVERYBODY_TRADES:
            read, settled = closings[SETTLED_SLOT]
            yield Figure("reading_each_of_50", read, SETTLED_TOGETHER)
            yield Figure("settle_each_of_50", settled, SETTLED_TOGETHER)


def _withdrawals(stage: Stage, slot: int) -> Iterator[Figure]:
    """Credit is paid out when orders in sixteen slots have expired since the account was last looked at; and again."""
    stage.advance_to(slot * SLOT_SECONDS)
    yield Figure("withdraw_after_16_slots", stage.act(AWAY, "withdraw", PAID_NEUR))
    yield Figure("withdraw", stage.act(AWAY, "withdraw", PAID_NEUR))


def _close(stage: Stage, slot: int, scene: Scene) -> tuple[Receipt, Receipt]:
    """Deliver a slot, bring the readings and settle everybody; receipts of the first batch of both."""
    stage.advance_to((slot + 1) * SLOT_SECONDS)
    receipts = [
        (stage.read(slot, batch), stage.settle_many(slot, batch))
        for batch in (
            scene.seats[first : first + SETTLED_TOGETHER]
            for first in range(0, len(scene.seats), SETTLED_TOGETHER)
        )
    ]
    return receipts[0]
