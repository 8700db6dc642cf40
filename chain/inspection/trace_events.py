"""What the contracts told, sorted by whom and which slot it concerns: the ground that a trace stands on."""

from collections.abc import Iterable
from typing import NamedTuple

from gridbid.chain.clients.closing_auction import AuctionTraded
from gridbid.chain.clients.energy_trading import (
    Cancelled,
    Deposited,
    Handled,
    Owed,
    OwedPaid,
    Placed,
    Reduced,
    Settled,
    SlotOpened,
    Traded,
    Withdrawn,
)
from gridbid.chain.clients.meter_oracle import (
    ReadingChallenged,
    ReadingRuled,
    ReadingsSubmitted,
    ReadingSubstituted,
)
from gridbid.chain.clients.types import Quality, Reject
from gridbid.chain.records.history import Told
from gridbid.chain.words.order_words import slot_of, unpack_fill, unpack_order, unpack_settling
from gridbid.chain.words.reading_words import unpack_reading
from gridbid.market.types import Side


class TracedFill(NamedTuple):
    """A trade; at the price of the order that rested, or at the one price of the closing auction."""

    told: Told
    slot: int
    tick: int
    buyer: int
    seller: int
    in_auction: bool
    energy_wh: int


class RestingStep(NamedTuple):
    """An order that came to rest, lost quantity, or was cancelled."""

    told: Told
    what: str
    order: int
    participant: int
    energy_wh: int


class Rejection(NamedTuple):
    """An order that was not admitted."""

    told: Told
    participant: int
    slot: int
    reason: Reject


class ReadingStep(NamedTuple):
    """Something was said of a meter's reading; it need not be what holds."""

    told: Told
    participant: int
    slot: int
    what: str
    reading_wh: int | None
    """Net energy, import positive; None: nothing was said of it."""


class Settlement(NamedTuple):
    """A seat's slot was settled, or corrected by a better reading."""

    told: Told
    participant: int
    slot: int
    reading_wh: int
    quality: Quality
    change_neur: int
    owed_neur: int
    """What the supplier came to owe of it, because it could not pay; below zero: of what it owed, set off."""


class Movement(NamedTuple):
    """A change of a participant's credit."""

    told: Told
    participant: int
    amount_neur: int
    """Below zero: it went out."""
    what: str
    settlement: Settlement | None = None


class Chronicle:
    """All events of a market in order, by kind."""

    def __init__(self, told: Iterable[Told]) -> None:
        self.opened: dict[int, SlotOpened] = {}
        self.fills: list[TracedFill] = []
        self.resting: list[RestingStep] = []
        self.rejections: list[Rejection] = []
        self.readings: list[ReadingStep] = []
        self.settlements: list[Settlement] = []
        self.movements: list[Movement] = []
        self._owed: dict[tuple[int, int], int] = {}
        for entry in told:
            self._sort(entry)

    def balance_before(self, participant: int, told: Told) -> int:
        """A participant's credit before an event, as the movements until then add up, nEUR."""
        place = (told.block_number, told.log_index)
        return sum(
            movement.amount_neur
            for movement in self.movements
            if movement.participant == participant
            and (movement.told.block_number, movement.told.log_index) < place
        )

    def balance(self, participant: int) -> int:
        """A participant's credit, as all movements add up, nEUR."""
        return sum(movement.amount_neur for movement in self.movements if movement.participant == participant)

    def _sort(self, told: Told) -> None:
        event = told.event
        match event:
            case SlotOpened():
                self.opened[event.slot] = event
            case Traded():
                self.fills.append(_fill(told, event))
            case AuctionTraded():
                self.fills.append(
                    TracedFill(
                        told,
                        event.slot,
                        event.price_tick,
                        event.buyer,
                        event.seller,
                        True,
                        event.quantity_wh,
                    )
                )
            case Placed() | Cancelled():
                what = "rests" if isinstance(event, Placed) else "cancelled"
                self.resting.append(RestingStep(told, what, *unpack_order(event.order_participant_wh)))
            case Reduced():
                self.resting.append(RestingStep(told, "reduced", event.order, event.participant, event.by_wh))
            case Handled() if event.reject is not Reject.NONE:
                self.rejections.append(Rejection(told, event.participant, event.slot, event.reject))
            case Deposited():
                self.movements.append(Movement(told, event.participant, event.amount_neur, "deposited"))
            case Withdrawn():
                self.movements.append(Movement(told, event.participant, -event.amount_neur, "withdrawn"))
            case ReadingsSubmitted():
                for signer, meter, slot, reading_wh in map(unpack_reading, event.signer_meter_slot_wh):
                    what = f"signed by {signer}"
                    self.readings.append(ReadingStep(told, meter, slot, what, reading_wh))
            case ReadingSubstituted():
                self.readings.append(_said(told, event, "substituted by the keeper", event.reading_wh))
            case ReadingChallenged():
                self.readings.append(_said(told, event, f"challenged by {event.by}", None))
            case ReadingRuled():
                self.readings.append(_said(told, event, "ruled by the arbiter", event.reading_wh))
            case OwedPaid():
                what = "paid by the supplier, which owed it"
                self.movements.append(Movement(told, event.participant, event.paid_neur, what))
            case Owed():
                self._owed[event.participant, event.slot] = (
                    event.more_neur
                )  # told before the settlement it is of
            case Settled():
                told_of = unpack_settling(
                    event.participant_slot_reading_quality_operator, event.change_supplier
                )
                settlement = Settlement(
                    told,
                    told_of.participant,
                    told_of.slot,
                    told_of.reading_wh,
                    Quality(told_of.quality),
                    told_of.change_neur,
                    self._owed.pop((told_of.participant, told_of.slot), 0),
                )
                self.settlements.append(settlement)
                self.movements.append(
                    Movement(told, told_of.participant, told_of.change_neur, "settled", settlement)
                )
            case _:
                pass  # of other contracts, or of roles


def _said(
    told: Told,
    event: ReadingSubstituted | ReadingChallenged | ReadingRuled,
    what: str,
    reading_wh: int | None,
) -> ReadingStep:
    return ReadingStep(told, event.participant, event.slot, what, reading_wh)


def _fill(told: Told, event: Traded) -> TracedFill:
    fill = unpack_fill(event.maker_order_maker_taker_wh)
    maker_buys = (fill.maker_order >> 40 & 0xFF) == Side.BUY
    buyer, seller = (fill.maker, fill.taker) if maker_buys else (fill.taker, fill.maker)
    return TracedFill(told, slot_of(fill.maker_order), fill.tick, buyer, seller, False, fill.quantity_wh)
