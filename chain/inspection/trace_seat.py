"""Where a participant's energy and credit of one slot came from and went, to the last nEUR."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gridbid.chain.clients.energy_trading import SlotOpened
from gridbid.chain.clients.types import Position
from gridbid.chain.community_contracts import CommunityContracts
from gridbid.chain.errors import SkipError
from gridbid.chain.inspection.trace_events import (
    Chronicle,
    ReadingStep,
    Rejection,
    RestingStep,
    Settlement,
    TracedFill,
)


class SeatFill(NamedTuple):
    """A trade as one of its two sides sees it."""

    fill: TracedFill
    bought: bool
    counterparty: int
    price_neur_per_wh: int
    amount_neur: int
    """Above zero: received for energy; below: paid for it."""
    fee_neur: int
    """Paid to the operator; 0 for who sold."""


class SettledParts(NamedTuple):
    """What a settlement consists of, as the rules have it (rule 9)."""

    settlement: Settlement
    imbalance_wh: int
    """Above zero: it fell short and bought this from the supplier; below zero: a surplus, sold to it."""
    imbalance_price_neur_per_wh: int
    imbalance_neur: int
    total_neur: int
    """All parts together: fills, fee and imbalance."""
    before_neur: int
    """The total that was settled before, by an earlier reading."""
    credit_before_neur: int

    @property
    def change_neur(self) -> int:
        """What must have changed: the total, less what was settled before and what the supplier came to owe."""
        return self.total_neur - self.before_neur - self.settlement.owed_neur

    @property
    def credit_after_neur(self) -> int:
        """Credit with the change that the chain told."""
        return self.credit_before_neur + self.settlement.change_neur


@dataclass(frozen=True)
class SeatTrace:
    """All that is known of a participant's slot."""

    participant: int
    slot: int
    terms: SlotOpened
    resting: Sequence[RestingStep]
    rejections: Sequence[Rejection]
    fills: Sequence[SeatFill]
    readings: Sequence[ReadingStep]
    settlements: Sequence[SettledParts]
    faults: Sequence[str]
    """What doesn't add up, in words; empty: everything matches the chain."""

    @property
    def bought_wh(self) -> int:
        """Energy bought from others."""
        return sum(fill.fill.energy_wh for fill in self.fills if fill.bought)

    @property
    def sold_wh(self) -> int:
        """Energy sold to others."""
        return sum(fill.fill.energy_wh for fill in self.fills if not fill.bought)

    @property
    def paid_neur(self) -> int:
        """Paid for energy bought."""
        return -sum(fill.amount_neur for fill in self.fills if fill.bought)

    @property
    def received_neur(self) -> int:
        """Received for energy sold."""
        return sum(fill.amount_neur for fill in self.fills if not fill.bought)

    @property
    def fee_neur(self) -> int:
        """Paid to the operator."""
        return sum(fill.fee_neur for fill in self.fills)


def trace_seat(
    chronicle: Chronicle, participant: int, slot: int, tick_size: int, position: Position | None
) -> SeatTrace:
    """Trace a seat; `position` is what the chain shows of it, None where it shows none any more.

    Raises SkipError for a slot of whose opening nothing is told.
    """
    if slot not in chronicle.opened:
        raise SkipError("NotPublished", f"no event tells that slot {slot} was opened")
    terms = chronicle.opened[slot]
    fills = [
        _as_seen(fill, participant, terms, tick_size)
        for fill in chronicle.fills
        if fill.slot == slot and participant in (fill.buyer, fill.seller)
    ]
    settlements = _settlements(chronicle, participant, slot, fills)
    return SeatTrace(
        participant,
        slot,
        terms,
        [step for step in chronicle.resting if step.participant == participant and step.order >> 48 == slot],
        [entry for entry in chronicle.rejections if (entry.participant, entry.slot) == (participant, slot)],
        fills,
        [step for step in chronicle.readings if (step.participant, step.slot) == (participant, slot)],
        settlements,
        (*_faults_of_settlements(settlements), *_faults_of_position(fills, settlements, position)),
    )


def _as_seen(fill: TracedFill, participant: int, terms: SlotOpened, tick_size: int) -> SeatFill:
    bought = fill.buyer == participant
    price = terms.floor + fill.tick * tick_size
    amount = price * fill.energy_wh
    return SeatFill(
        fill=fill,
        bought=bought,
        counterparty=fill.seller if bought else fill.buyer,
        price_neur_per_wh=price,
        amount_neur=-amount if bought else amount,
        fee_neur=terms.fee * fill.energy_wh if bought else 0,
    )


def _settlements(
    chronicle: Chronicle, participant: int, slot: int, fills: Sequence[SeatFill]
) -> list[SettledParts]:
    terms = chronicle.opened[slot]
    traded_neur = sum(fill.amount_neur - fill.fee_neur for fill in fills)
    position_wh = sum(fill.fill.energy_wh * (1 if fill.bought else -1) for fill in fills)
    parts, before_neur = [], 0
    for settlement in chronicle.settlements:
        if (settlement.participant, settlement.slot) != (participant, slot):
            continue
        imbalance_wh = settlement.reading_wh - position_wh
        price = terms.retail if imbalance_wh > 0 else terms.feed_in
        total_neur = traded_neur - imbalance_wh * price
        parts.append(
            SettledParts(
                settlement,
                imbalance_wh,
                price,
                -imbalance_wh * price,
                total_neur,
                before_neur,
                chronicle.balance_before(participant, settlement.told),
            )
        )
        before_neur = total_neur
    return parts


def _faults_of_settlements(settlements: Sequence[SettledParts]) -> list[str]:
    return [
        f"the settlement in block {part.settlement.told.block_number} changed the credit by "
        f"{part.settlement.change_neur} nEUR; the parts that are known make {part.change_neur} nEUR"
        for part in settlements
        if part.change_neur != part.settlement.change_neur
    ]


def _faults_of_position(
    fills: Sequence[SeatFill], settlements: Sequence[SettledParts], position: Position | None
) -> list[str]:
    """Where the events and what the chain shows of the seat differ: then events are missing."""
    if position is None:
        return []
    bought = [fill for fill in fills if fill.bought]
    sold = [fill for fill in fills if not fill.bought]
    pairs = (
        ("Wh bought", sum(fill.fill.energy_wh for fill in bought), position.bought_wh),
        ("Wh sold", sum(fill.fill.energy_wh for fill in sold), position.sold_wh),
        ("nEUR paid", -sum(fill.amount_neur for fill in bought), position.paid_neur),
        ("nEUR received", sum(fill.amount_neur for fill in sold), position.received_neur),
        ("nEUR settled", settlements[-1].total_neur if settlements else 0, position.settled_cash_neur),
    )
    return [
        f"{what}: the events make {told}, the chain shows {shown}; events of {shown - told} are missing"
        for what, told, shown in pairs
        if told != shown
    ]


def position_on_chain(contracts: CommunityContracts, participant: int, slot: int) -> Position | None:
    """What the chain shows of a seat; None when the slot's place in the ring is used by another one."""
    try:
        return contracts.trading.position_of(slot, participant)
    except SkipError as error:
        if error.name == "NotPublished":
            return None
        raise
