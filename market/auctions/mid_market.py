"""Mid-market rate: the local price is half-way between what the supplier pays and what it takes.

Source: C. Long et al., Peer-to-peer energy trading in a community microgrid, IEEE PES General Meeting, 2017. With a network
fee the way is from feed-in to retail - fee; without one it is theirs.
"""

from numpy.typing import ArrayLike

from gridbid.market.auctions.pool import PoolResult, PoolTerms, settled
from gridbid.market.auctions.rounding import midpoint_down
from gridbid.market.kernel import kernel


@kernel
def mid_market_price_down(demand_wh: int, supply_wh: int, terms: PoolTerms) -> int:
    """Local price, nEUR/Wh, rounded down; demand and supply don't move it."""
    return midpoint_down(terms.feed_in_neur, terms.retail_neur - terms.fee_neur)


def mid_market_rate(net_wh: ArrayLike, terms: PoolTerms) -> PoolResult:
    """Settle readings (n,), import > 0, at the mid-market rate. Raises InputError, naming every fault."""
    return settled(net_wh, terms, mid_market_price_down)
