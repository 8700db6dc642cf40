"""Where the energy and the money of one slot went in the whole community."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gridbid.chain.clients.energy_trading import SlotOpened
from gridbid.chain.errors import SkipError
from gridbid.chain.inspection.trace_events import Chronicle
from gridbid.chain.inspection.trace_seat import SeatTrace, trace_seat


class Flow(NamedTuple):
    """Energy that one member sold to another."""

    seller: int
    buyer: int
    energy_wh: int
    amount_neur: int


@dataclass(frozen=True)
class SlotTrace:
    """A slot of the community."""

    slot: int
    terms: SlotOpened
    flows: Sequence[Flow]
    seats: Sequence[SeatTrace]
    """Of members that traded or were settled."""

    @property
    def settled(self) -> list[SeatTrace]:
        """Seats that are settled."""
        return [seat for seat in self.seats if seat.settlements]

    @property
    def shortage_wh(self) -> int:
        """What the supplier delivered to who fell short."""
        return sum(max(0, seat.settlements[-1].imbalance_wh) for seat in self.settled)

    @property
    def surplus_wh(self) -> int:
        """What the supplier took from who had a surplus."""
        return sum(max(0, -seat.settlements[-1].imbalance_wh) for seat in self.settled)

    @property
    def supplier_neur(self) -> int:
        """What the supplier earned, less what it pays or owes for surpluses."""
        return -sum(seat.settlements[-1].imbalance_neur for seat in self.settled)

    @property
    def operator_neur(self) -> int:
        """Fees of settled seats."""
        return sum(seat.fee_neur for seat in self.settled)

    @property
    def members_neur(self) -> int:
        """By how much the credit of all members changed, as the chain told."""
        return sum(part.settlement.change_neur for seat in self.seats for part in seat.settlements)

    @property
    def pending_neur(self) -> int:
        """Received less paid for energy by members whose seats are not settled yet."""
        return sum(seat.received_neur - seat.paid_neur for seat in self.seats if not seat.settlements)

    @property
    def owed_neur(self) -> int:
        """What the supplier came to owe for surpluses that it could not pay."""
        return sum(part.settlement.owed_neur for seat in self.seats for part in seat.settlements)

    @property
    def residual_neur(self) -> int:
        """Cash that is unaccounted for: 0 unless an event is missing."""
        members_neur = self.members_neur + self.owed_neur + self.pending_neur
        return members_neur + self.supplier_neur + self.operator_neur

    @property
    def faults(self) -> list[str]:
        """What doesn't add up, in words; empty: everything matches."""
        found = [f"participant {seat.participant}: {fault}" for seat in self.seats for fault in seat.faults]
        if self.residual_neur:
            found.append(f"{self.residual_neur} nEUR of the slot's cash are unaccounted for")
        return found


def trace_slot(chronicle: Chronicle, slot: int, tick_size: int) -> SlotTrace:
    """Trace a slot. Raises SkipError for one of whose opening nothing is told."""
    if slot not in chronicle.opened:
        raise SkipError("NotPublished", f"no event tells that slot {slot} was opened")
    terms = chronicle.opened[slot]
    energy: Counter[tuple[int, int]] = Counter()
    amount: Counter[tuple[int, int]] = Counter()
    members = {entry.participant for entry in chronicle.settlements if entry.slot == slot}
    for fill in chronicle.fills:
        if fill.slot == slot:
            pair = (fill.seller, fill.buyer)
            energy[pair] += fill.energy_wh
            amount[pair] += fill.energy_wh * (terms.floor + fill.tick * tick_size)
            members |= set(pair)
    return SlotTrace(
        slot,
        terms,
        [Flow(*pair, energy[pair], amount[pair]) for pair in sorted(energy)],
        [trace_seat(chronicle, member, slot, tick_size, None) for member in sorted(members)],
    )
