"""Traces in plain language."""

from collections.abc import Iterator, Sequence

from gridbid.chain.clients.energy_trading import SlotOpened
from gridbid.chain.clients.types import GridState, Quality
from gridbid.chain.inspection.trace_account import Statement
from gridbid.chain.inspection.trace_events import Movement, RestingStep
from gridbid.chain.inspection.trace_seat import SeatFill, SeatTrace, SettledParts
from gridbid.chain.inspection.trace_slot import SlotTrace
from gridbid.chain.records.history import Told
from gridbid.chain.words.order_words import tick_of
from gridbid.cli.chain_words import cents_per_kwh, delivery, eur, kwh, utc
from gridbid.market.types import Side

QUALITIES = {
    Quality.NONE: "no reading ever came: closed at the position",
    Quality.SUBSTITUTE: "substituted: the meter was silent",
    Quality.METERED: "metered and signed",
    Quality.RULED: "ruled by the arbiter",
}
STATES = {GridState.NORMAL: "normal", GridState.CONGESTED: "congested", GridState.EMERGENCY: "an emergency"}


def seat_lines(seat: SeatTrace, slot_seconds: int, tick_size: int) -> Iterator[str]:
    """A participant's slot."""
    yield f"Participant {seat.participant} in slot {seat.slot}, delivered {delivery(seat.slot, slot_seconds)}"
    yield from _terms(seat.terms)
    yield from _orders(seat, tick_size)
    yield "Trades" if seat.fills else "Trades: none"
    for fill in seat.fills:
        yield f"  {_place(fill.fill.told)}  {_fill(fill)}"
    if seat.fills:
        yield (
            f"  in all bought {kwh(seat.bought_wh)} for {eur(seat.paid_neur)}, "
            f"sold {kwh(seat.sold_wh)} for {eur(seat.received_neur)}, fees {eur(seat.fee_neur)}"
        )
    yield "Readings" if seat.readings else "Readings: none"
    for step in seat.readings:
        said = "" if step.reading_wh is None else f"{_reading(step.reading_wh)}, "
        yield f"  {_place(step.told)}  {said}{step.what}"
    if not seat.settlements:
        yield "Settlement: not yet"
    for index, part in enumerate(seat.settlements):
        yield from _settlement(seat, part, first=index == 0)
    yield from _verdict(seat.faults)


def statement_lines(statement: Statement, slot_seconds: int) -> Iterator[str]:
    """A participant's account over time."""
    yield f"Participant {statement.participant}: {len(statement.lines)} changes of its credit"
    for line in statement.lines:
        movement = line.movement
        yield (
            f"  {_place(movement.told)}  {eur(movement.amount_neur, signed=True):>24}  "
            f"credit {eur(line.credit_neur):>22}  {_movement(movement, slot_seconds)}"
        )
    yield f"Credit now: {eur(statement.balance_neur)}"
    yield from _verdict(statement.faults)


def slot_lines(trace: SlotTrace, slot_seconds: int) -> Iterator[str]:
    """A slot of the community: who sold to whom, what the supplier added and took, and whose money moved."""
    yield f"Slot {trace.slot}, delivered {delivery(trace.slot, slot_seconds)}"
    yield from _terms(trace.terms)
    yield "Energy between members" if trace.flows else "Energy between members: none"
    for flow in trace.flows:
        yield f"  {flow.seller} -> {flow.buyer}: {kwh(flow.energy_wh)} for {eur(flow.amount_neur)}"
    yield "Energy from and to the supplier" if trace.settled else "Settlements: none yet"
    for seat in trace.settled:
        last = seat.settlements[-1]
        if last.imbalance_wh > 0:
            yield f"  supplier -> {seat.participant}: {kwh(last.imbalance_wh)} for {eur(-last.imbalance_neur)}"
        elif last.imbalance_wh < 0:
            yield f"  {seat.participant} -> supplier: {kwh(-last.imbalance_wh)} for {eur(last.imbalance_neur)}"
        else:
            yield f"  {seat.participant}: as traded"
    waiting = [str(seat.participant) for seat in trace.seats if not seat.settlements]
    if waiting:
        yield f"Not settled yet: {', '.join(waiting)}"
    yield "Money"
    yield f"  members  {eur(trace.members_neur, signed=True):>24}"
    yield f"  supplier {eur(trace.supplier_neur, signed=True):>24}"
    yield f"  operator {eur(trace.operator_neur, signed=True):>24}"
    if trace.owed_neur:
        yield f"  owed     {eur(trace.owed_neur, signed=True):>24}  by the supplier to members"
    if trace.pending_neur:
        yield f"  pending  {eur(trace.pending_neur, signed=True):>24}  for trades of seats that are not settled"
    yield f"  sum      {eur(trace.residual_neur, signed=True):>24}"
    yield from _verdict(trace.faults)


def _terms(terms: SlotOpened) -> Iterator[str]:
    yield (
        f"Terms: retail {cents_per_kwh(terms.retail)}, feed-in {cents_per_kwh(terms.feed_in)}, "
        f"local fee {cents_per_kwh(terms.fee)}, book from {cents_per_kwh(terms.floor)}"
    )
    yield (
        f"Mix: {terms.renewable_ppm / 10_000:.4f} % renewable as published; the grid was {STATES[terms.grid_state]}"
    )


def _orders(seat: SeatTrace, tick_size: int) -> Iterator[str]:
    if seat.resting:
        yield "Orders that rested"
    for step in seat.resting:
        yield f"  {_place(step.told)}  {_step(step, seat.terms, tick_size)}"
    if seat.rejections:
        yield "Orders that were not admitted"
    for entry in seat.rejections:
        yield f"  {_place(entry.told)}  {entry.reason.name}"


def _step(step: RestingStep, terms: SlotOpened, tick_size: int) -> str:
    side = "bid" if (step.order >> 40 & 0xFF) == Side.BUY else "offer"
    price = cents_per_kwh(terms.floor + tick_of(step.order) * tick_size)
    what = {"rests": "rests", "reduced": "taken off", "cancelled": "cancelled"}[step.what]
    return f"{side} of {kwh(step.energy_wh)} at {price} {what}"


def _fill(fill: SeatFill) -> str:
    verb, whom = ("bought", "from") if fill.bought else ("sold", "to")
    fee = f", fee {eur(fill.fee_neur)}" if fill.bought else ""
    where = " in the closing auction" if fill.fill.in_auction else ""
    return (
        f"{verb} {kwh(fill.fill.energy_wh)} {whom} {fill.counterparty} at {cents_per_kwh(fill.price_neur_per_wh)} "
        f"= {eur(abs(fill.amount_neur))}{fee}{where}"
    )


def _settlement(seat: SeatTrace, part: SettledParts, *, first: bool) -> Iterator[str]:
    settlement = part.settlement
    yield f"{'Settlement' if first else 'Correction'} at {_place(settlement.told)}"
    yield f"  by a reading of {_reading(settlement.reading_wh)} ({QUALITIES[settlement.quality]})"
    rows = [
        ("energy sold", seat.received_neur),
        ("energy bought", -seat.paid_neur),
        ("local fee", -seat.fee_neur),
        (_imbalance(part), part.imbalance_neur),
    ]
    if not first:
        rows.append(("settled before", -part.before_neur))
    if settlement.owed_neur:
        rows.append(
            (
                "owed by the supplier, which could not pay it"
                if settlement.owed_neur > 0
                else "set off against what the supplier owed",
                -settlement.owed_neur,
            )
        )
    for what, amount in rows:
        yield f"  {eur(amount, signed=True):>24}  {what}"
    matches = "matches the chain" if part.change_neur == settlement.change_neur else "DIFFERS from the chain"
    yield f"= {eur(part.change_neur, signed=True):>24}  {matches}"
    yield f"  credit before {eur(part.credit_before_neur)}, after {eur(part.credit_after_neur)}"


def _reading(reading_wh: int) -> str:
    return f"{kwh(abs(reading_wh))} {'from' if reading_wh >= 0 else 'into'} the grid"


def _imbalance(part: SettledParts) -> str:
    price = cents_per_kwh(part.imbalance_price_neur_per_wh)
    if part.imbalance_wh > 0:
        return f"{kwh(part.imbalance_wh)} short, bought from the supplier at {price}"
    if part.imbalance_wh < 0:
        return f"{kwh(-part.imbalance_wh)} over, sold to the supplier at {price}"
    return "no imbalance"


def _movement(movement: Movement, slot_seconds: int) -> str:
    if movement.settlement is None:
        return movement.what
    slot = movement.settlement.slot
    return f"slot {slot}, {delivery(slot, slot_seconds)}"


def _place(told: Told) -> str:
    return f"{utc(told.block_time)} block {told.block_number}"


def _verdict(faults: Sequence[str]) -> Iterator[str]:
    if not faults:
        yield "All of it adds up, and matches the chain."
    for fault in faults:
        yield f"DOES NOT ADD UP: {fault}"
