"""The reading half of a ledger on contracts: it needs a node and a deployment, and no key."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from eth_utils.address import to_checksum_address

from gridbid.chain.deployment.deployment import Deployment
from gridbid.chain.ledgers.conditions import Conditions, GridState
from gridbid.chain.ledgers.events import (
    AuctionTraded,
    Cancelled,
    Event,
    Placed,
    Published,
    Reduced,
    Settled,
    Traded,
)
from gridbid.chain.ledgers.ledger import EventPage, Quote
from gridbid.chain.rpc.interface import DecodedLog
from gridbid.chain.rpc.node import Node
from gridbid.chain.words.order_words import slot_of, tick_of, unpack_fill, unpack_order, unpack_settling
from gridbid.market.records import Position
from gridbid.market.types import OpenOrder, Quality, Side, Terms


class ContractView:
    """What the contracts show to anyone."""

    def __init__(self, node: Node, deployment: Deployment) -> None:
        """Raises StopError where the deployment is on another chain than the node."""
        deployment.require_chain(node.chain_id)
        self.node = node
        self.deployment = deployment
        self.market = deployment.market
        tellers = (deployment.market, deployment.auction)
        self._tellers = {to_checksum_address(teller.address): teller for teller in tellers}

    @property
    def slot_seconds(self) -> int:
        """Length of a slot, seconds."""
        return self.deployment.parameters.slot_seconds

    @property
    def tick_size(self) -> int:
        """Price step, nEUR/Wh."""
        return self.deployment.parameters.tick_size

    def now(self) -> int:
        """Time of the last block, seconds."""
        return int(self.node.latest_block()["timestamp"], 16)

    def balance(self, participant: int) -> int:
        """A participant's credit; negative: its debt."""
        return int(self._call("balanceOf", participant)[0])

    def available(self, participant: int) -> int:
        """Credit that no order and no fill holds."""
        return int(self._call("availableOf", participant)[0])

    def supplier_balance(self) -> int:
        """The supplier's account; negative: what it owes."""
        return int(self._call("supplierNeur")[0])

    def operator_balance(self) -> int:
        """The operator's account: the fees."""
        return int(self._call("operatorNeur")[0])

    def terms(self, slot: int) -> Terms:
        """What is published for a slot. Raises SkipError when nothing is."""
        return Terms(*self._call("termsOf", slot)[0])

    def book(self, slot: int, side: Side) -> list[tuple[int, list[OpenOrder]]]:
        """Occupied ticks of a side, best first, each with its orders, oldest first."""
        self.terms(slot)
        resting = self._call("orders", slot, int(side))[0]
        return [
            (tick, [OpenOrder(participant, quantity_wh) for _, participant, quantity_wh in level])
            for tick, level in groupby(resting, key=lambda entry: tick_of(entry[0]))
        ]

    def best(self, slot: int) -> tuple[Quote | None, Quote | None]:
        """Best bid and best ask; None where nobody bids or asks."""
        self.terms(slot)
        bid, ask = (Quote(*depth) for depth in self._call("best", slot))
        return bid if bid.quantity_wh else None, ask if ask.quantity_wh else None

    def position(self, slot: int, participant: int) -> Position:
        """What a participant has traded and holds open in a slot."""
        (
            bought_wh,
            sold_wh,
            paid_neur,
            received_neur,
            open_buy_wh,
            open_sell_wh,
            fill_lock_neur,
            open_lock_neur,
            settled,
            quality,
            reading_wh,
            settled_cash_neur,
        ) = self._call("positionOf", slot, participant)[0]
        return Position(
            bought_wh=bought_wh,
            sold_wh=sold_wh,
            paid_neur=paid_neur,
            received_neur=received_neur,
            open_buy_wh=open_buy_wh,
            open_sell_wh=open_sell_wh,
            fill_lock_neur=fill_lock_neur,
            open_lock_neur=open_lock_neur,
            reading_wh=reading_wh if settled else None,
            quality=Quality(quality),
            settled_cash_neur=settled_cash_neur,
        )

    def events(self, cursor: int = 0) -> EventPage:
        """What has happened since a cursor; 0 is the beginning."""
        first = max(cursor, self.deployment.block_number + 1)
        last = int(self.node.latest_block()["number"], 16)
        if first > last:
            return EventPage([], first)
        query = {"fromBlock": hex(first), "toBlock": hex(last), "address": list(self._tellers)}
        return EventPage(self._decode(self.node.request("eth_getLogs", query)), last + 1)

    def _decode(self, logs: Sequence[dict[str, Any]]) -> list[Event]:
        decoded = (self._tellers[to_checksum_address(log["address"])].decode_log(log) for log in logs)
        events = (_event(log) for log in decoded if log is not None)
        return [event for event in events if event is not None]

    def _call(self, function: str, *arguments: Any) -> tuple[Any, ...]:
        return self.node.call(self.market, function, *arguments)


def _event(log: DecodedLog) -> Event | None:
    """A contract's event in the ledger's words; None for those that concern no slot."""
    told = log.arguments
    if log.name == "SlotOpened":
        terms = Terms(*(told[name] for name in ("retail", "feedIn", "fee", "floor", "priceCap")))
        return Published(told["slot"], terms, Conditions(told["renewablePpm"], GridState(told["gridState"])))
    if log.name == "Settled":
        settling = unpack_settling(told["participantSlotReadingQualityOperator"], told["changeSupplier"])
        substituted = settling.quality == Quality.SUBSTITUTE
        return Settled(
            settling.slot, settling.participant, settling.reading_wh, substituted, settling.change_neur
        )
    if log.name == "Traded":
        fill = unpack_fill(told["makerOrderMakerTakerWh"])
        order = fill.maker_order
        return Traded(slot_of(order), order, fill.maker, fill.taker, fill.tick, fill.quantity_wh)
    if log.name == "AuctionTraded":
        return AuctionTraded(*(told[name] for name in ("slot", "buyer", "seller", "priceTick", "quantityWh")))
    if log.name in ("Placed", "Cancelled"):
        order, participant, quantity_wh = unpack_order(told["orderParticipantWh"])
        kind = Placed if log.name == "Placed" else Cancelled
        return kind(slot_of(order), order, participant, quantity_wh)
    if log.name == "Reduced":
        return Reduced(
            slot_of(told["order"]), told["order"], told["participant"], told["byWh"], told["leftWh"]
        )
    return None
