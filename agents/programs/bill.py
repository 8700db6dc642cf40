"""The bill, and what a breach of a connection's limits costs, as rows of a linear program.

Inside a community the price cancels, so with N the community's net import and n_i a meter's, a step's bill is

    feed_in N + (retail - fee - feed_in) max(0, N) + fee sum_i max(0, n_i)

since as much as possible is traded locally. Each for itself pays

    feed_in n_i + (retail - feed_in) max(0, n_i)
"""

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.programs.meters import Meters
from gridbid.market.types import Cost

Floats = NDArray[np.float64]


def add_community_bill(meters: Meters) -> None:
    """One bill for all, who trade with each other."""
    outlook, program = meters.outlook, meters.program
    net_kwh = outlook.net_kwh.sum(axis=1)
    meters.price(outlook.feed_in[:, None])
    taken = program.columns(np.zeros(net_kwh.size), np.inf)
    program.price(Cost.BILL, taken, outlook.retail - outlook.fee - outlook.feed_in)
    rows = program.at_most(-net_kwh)
    program.put_at_most(rows, taken, -1.0)
    meters.put_sum(rows, np.arange(net_kwh.size), 1.0)
    _price_taken(meters, outlook.fee)


def add_own_bills(meters: Meters) -> None:
    """A bill for each meter, which buys from the supplier and sells to it alone."""
    meters.price(meters.outlook.feed_in[:, None])
    _price_taken(meters, meters.outlook.retail - meters.outlook.feed_in)


def add_envelopes(meters: Meters) -> None:
    """Every meter's import and export limit, where it is in reach; a breach is priced."""
    plant, hours = meters.plant, meters.outlook.hours
    limits = (
        (meters.most_kwh, plant.import_limit_kw, 1.0),
        (-meters.least_kwh, plant.export_limit_kw, -1.0),
    )
    for reach_kwh, limit_kw, sign in limits:
        limit_kwh = hours[:, None] * limit_kw
        steps, members = np.nonzero(meters.throughout(reach_kwh > limit_kwh))
        rows = meters.program.at_most((limit_kwh - sign * meters.outlook.net_kwh)[steps, members])
        meters.excess(rows, plant.penalties.envelope)
        meters.put(rows, steps, members, sign)


def _price_taken(meters: Meters, surcharge: Floats) -> None:
    """A surcharge (T,) on what each meter takes: a column where it could as well give, else a price or nothing."""
    takes = meters.least_kwh >= 0.0
    either = meters.throughout(~takes & (meters.most_kwh > 0.0))
    meters.price(np.where(takes & ~either, surcharge[:, None], 0.0))
    steps, members = np.nonzero(either)
    taken = meters.program.columns(np.zeros(steps.size), np.inf)
    meters.program.price(Cost.BILL, taken, surcharge[steps])
    rows = meters.program.at_most(-meters.outlook.net_kwh[steps, members])
    meters.program.put_at_most(rows, taken, -1.0)
    meters.put(rows, steps, members, 1.0)
