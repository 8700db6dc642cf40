"""Each slot as a market in theory: what a Wh was worth to whom, and what the best use of the market would have brought.

With the readings as they are, a member without a market pays retail for what it needs and gets feed-in for what it has too
much of. So in a slot a Wh

- is worth retail - fee to a buyer, up to what its meter drew: that is the limit above which the supplier is cheaper;
- costs a seller feed-in, up to what its meter fed in: that is what the supplier would pay.

All members have the same value and cost in a slot: demand D is the sum of what was drawn, supply S of what was fed in, and
TS* = (retail - fee - feed_in) min(D, S). What was bought beyond the need is worth feed-in - fee, what was sold beyond the
surplus costs retail: so trade may destroy value, and the gains of all members sum to TS* at most. What a store could have
done with a Wh in another slot is no part of this: J tells that.

What is lost of TS* is either untraded, or traded in vain: TS* less (retail - fee - feed_in) x the Wh that were both needed by
who bought them and left over with who sold them is the former, the rest of the loss the latter. These are the losses by
intra-marginal units that don't trade and by extra-marginal ones that do; with one value and one cost nobody displaces another.
Rust, Miller, Palmer: Behavior of trading automata in a computerized double auction market, in: The Double Auction Market,
1993.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.evaluate.bills import trading_neur
from gridbid.evaluate.market_metrics import (
    BlockEquilibria,
    block_equilibria,
    equilibrium_profits,
    profit_dispersion,
)
from gridbid.evaluate.records.record import WeekRecord

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class SlotMarkets(NamedTuple):
    """The T slots of a record as markets, (T,) each; prices in nEUR/Wh, quantities in Wh."""

    equilibria: BlockEquilibria
    """P* is retail - fee when demand exceeds supply, feed-in when supply exceeds demand, the middle when they are equal."""
    gain_neur: Integers
    """What trading brought all members, nEUR; `BlockEquilibria.surplus` is TS*."""
    untraded_neur: Floats
    """What is lost of TS* since it wasn't traded, nEUR; what else is lost was traded in vain."""
    dispersion_neur: Floats
    """Profit dispersion: how far members' gains are from those at P*, nEUR."""

    @property
    def active(self) -> NDArray[np.bool_]:
        """Slots in which there was something to gain, or something was traded."""
        return (self.equilibria.surplus > 0.0) | (self.dispersion_neur > 0.0)


def slot_markets(record: WeekRecord) -> SlotMarkets:
    """A record's slots as markets."""
    need_wh, surplus_wh = np.maximum(0, record.reading_wh), np.maximum(0, -record.reading_wh)
    value = (record.retail_neur - record.fee_neur).astype(np.float64)
    cost = record.feed_in_neur.astype(np.float64)
    equilibria = block_equilibria(need_wh.sum(axis=1), value, surplus_wh.sum(axis=1), cost)
    price = np.nan_to_num(equilibria.price)  # where nobody has anything to trade, any price will do
    per_need = equilibrium_profits(value, price, buying=True)[:, None]
    per_surplus = equilibrium_profits(cost, price, buying=False)[:, None]
    gains_neur = trading_neur(record)
    position_wh = record.bought_wh - record.sold_wh
    needed_wh = np.clip(position_wh, 0, need_wh).sum(axis=1)
    left_over_wh = np.clip(-position_wh, 0, surplus_wh).sum(axis=1)
    return SlotMarkets(
        equilibria=equilibria,
        gain_neur=gains_neur.sum(axis=1),
        untraded_neur=equilibria.surplus - (value - cost) * np.minimum(needed_wh, left_over_wh),
        dispersion_neur=profit_dispersion(gains_neur, need_wh * per_need + surplus_wh * per_surplus),
    )
