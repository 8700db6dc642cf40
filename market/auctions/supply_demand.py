"""Supply-demand ratio: the local price falls from the supplier's price to feed-in as supply grows from nothing to demand.

With R = supply / demand and u = retail - fee: price = u f / ((u - f) R + f) for R < 1, f for R >= 1, where f is feed-in.
Source: N. Liu et al., Energy-sharing model with price-based demand response for microgrids of peer-to-peer prosumers, IEEE
Transactions on Power Systems 32(5), 2017; there without a fee. The formula wants f > 0. For f <= 0 the price is f, its limit
as f falls to 0.
"""

from numpy.typing import ArrayLike

from gridbid.market.auctions.pool import PoolResult, PoolTerms, settled
from gridbid.market.auctions.rounding import multiply_divide_down
from gridbid.market.kernel import kernel


@kernel
def supply_demand_price_down(demand_wh: int, supply_wh: int, terms: PoolTerms) -> int:
    """Local price, nEUR/Wh, rounded down."""
    feed_in, upper = terms.feed_in_neur, terms.retail_neur - terms.fee_neur
    if supply_wh >= demand_wh or feed_in <= 0:
        return feed_in
    return multiply_divide_down(
        demand_wh, upper * feed_in, (upper - feed_in) * supply_wh + feed_in * demand_wh
    )


def supply_demand_ratio(net_wh: ArrayLike, terms: PoolTerms) -> PoolResult:
    """Settle readings (n,), import > 0, at the price of their supply-demand ratio. Raises InputError, naming every fault."""
    return settled(net_wh, terms, supply_demand_price_down)
