"""What a market tells of itself: a participant's position in a slot, and what became of an order."""

from dataclasses import dataclass, field

from gridbid.market.types import Fill, Quality, Reject


@dataclass
class Position:
    """What one participant has traded and holds open in one slot."""

    bought_wh: int = 0
    sold_wh: int = 0
    paid_neur: int = 0
    """Energy price x quantity over what was bought, without the fee."""
    received_neur: int = 0
    open_buy_wh: int = 0
    open_sell_wh: int = 0
    fill_lock_neur: int = 0
    """Worst case of what was filled: held until the slot is settled for this participant."""
    open_lock_neur: int = 0
    """Worst case of what rests: released at the gate (rule 7)."""
    reading_wh: int | None = None
    """Metered net energy (import positive), once settled."""
    quality: Quality = Quality.NONE
    """What that reading rests on."""
    settled_cash_neur: int = 0

    @property
    def net_wh(self) -> int:
        """Position P: bought minus sold."""
        return self.bought_wh - self.sold_wh

    @property
    def substituted(self) -> bool:
        """Whether a substitute was settled by."""
        return self.quality == Quality.SUBSTITUTE


@dataclass
class PlaceResult:
    """What became of an order."""

    reject: Reject = Reject.NONE
    fills: list[Fill] = field(default_factory=list)
    order: int = 0
    resting_wh: int = 0
