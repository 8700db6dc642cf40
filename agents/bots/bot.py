"""A bot: a pure decision from an observation, and the orders that carry it out on a ledger."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.bots.site import Intent
from gridbid.agents.policy import Policy
from gridbid.chain.ledgers.ledger import Ledger
from gridbid.market.types import Side

Singles = NDArray[np.float32]


class RestingOrder(NamedTuple):
    """The bot's order that rests."""

    slot: int
    order: int
    side: Side
    tick: int
    quantity_wh: int


class Bot:
    """Trades for one participant; at most one order rests at a time (rule 11)."""

    def __init__(self, kind: str, participant: int, policy: Policy, ledger: Ledger) -> None:
        self.kind = kind
        self.participant = participant
        self._policy = policy
        self._ledger = ledger
        self._last: RestingOrder | None = None

    def decide(self, observation: Singles) -> Singles:
        """The action for an observation: a function of it and of the policy alone."""
        return self._policy.act({self.kind: observation[None, None]})[self.kind][0, 0]

    def trade(self, slot: int, intent: Intent) -> None:
        """Bring the ledger's book in line with an intent: reduce what rests, or cancel and place (rule 5)."""
        resting = self.resting(slot)
        if resting is not None:
            same_place = (resting.side, resting.tick) == (intent.side, intent.tick)
            if same_place and 0 < intent.quantity_wh <= resting.quantity_wh:
                self._reduce(resting, resting.quantity_wh - intent.quantity_wh)
                return
            self._ledger.cancel(slot, self.participant, resting.order)
        self._last = None
        if intent.quantity_wh > 0:
            placed = self._ledger.place(slot, self.participant, intent.side, intent.tick, intent.quantity_wh)
            if placed.resting_wh:
                self._last = RestingOrder(slot, placed.order, intent.side, intent.tick, placed.resting_wh)

    def resting(self, slot: int) -> RestingOrder | None:
        """The order that rests in a slot, with what others have left of it; None without one."""
        if self._last is None or self._last.slot != slot:
            return None
        position = self._ledger.position(slot, self.participant)
        left_wh = position.open_buy_wh if self._last.side == Side.BUY else position.open_sell_wh
        return self._last._replace(quantity_wh=left_wh) if left_wh else None

    def _reduce(self, resting: RestingOrder, by_wh: int) -> None:
        if by_wh > 0:
            self._ledger.reduce(resting.slot, self.participant, resting.order, by_wh)
