"""Settlement of one position by its reading (rule 9)."""

from typing import NamedTuple

from gridbid.market.records import Position
from gridbid.market.rules import imbalance_neur
from gridbid.market.types import Quality, Terms


class Settlement(NamedTuple):
    """What one settlement moves, nEUR: the balance's change, the operator's fee, the supplier's part.

    Over all participants of a slot the three sum to zero, since what buyers pay sellers receive.
    """

    change_neur: int
    fee_neur: int
    imbalance_neur: int


def settle_position(position: Position, terms: Terms, reading_wh: int, quality: Quality) -> Settlement:
    """Enter a reading in a position and release what its fills held; return what that moves.

    The first reading settles trades, fee and imbalance; a later one corrects the imbalance alone.
    """
    owed_neur = imbalance_neur(reading_wh - position.net_wh, terms.retail, terms.feed_in)
    if position.reading_wh is None:
        fee_neur = position.bought_wh * terms.fee
        trades_neur = position.received_neur - position.paid_neur
    else:
        fee_neur = trades_neur = 0
        owed_neur -= imbalance_neur(position.reading_wh - position.net_wh, terms.retail, terms.feed_in)
    change_neur = trades_neur - fee_neur - owed_neur
    position.settled_cash_neur += change_neur
    position.reading_wh, position.quality = reading_wh, quality
    position.fill_lock_neur = 0
    return Settlement(change_neur, fee_neur, owed_neur)
