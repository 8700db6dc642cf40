"""Schedules of induced values and costs; prices are whole ticks, a cent each where the source counts in money."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.evaluate.market_metrics import Equilibrium, equilibrium

Integers = NDArray[np.int64]


class InducedValues(NamedTuple):
    """Values and costs, int64 (traders,) or (traders, units), and the highest price that can be shouted."""

    values: Integers
    costs: Integers
    highest_price: int

    @property
    def equilibrium(self) -> Equilibrium:
        """Where demand meets supply."""
        return equilibrium(self.values, self.costs)


def _deal(units: Integers, traders: int) -> Integers:
    """Hand units out in turn, so that everybody's come in the order of the list: (traders, units each)."""
    return units.reshape(-1, traders).T


_DEMAND, _SUPPLY = np.arange(325, 74, -25), np.arange(75, 326, 25)

SYMMETRIC = InducedValues(_DEMAND, _SUPPLY, 400)
"""Cliff's symmetric market: eleven buyers 3.25, 3.00 .. 0.75, eleven sellers 0.75 .. 3.25, one unit each."""

FLAT_SUPPLY = InducedValues(_DEMAND, np.full(11, 200), 400)
"""The same demand, every unit costs 2.00."""

EXCESS_DEMAND = InducedValues(np.full(11, 200), np.full(6, 50), 400)
"""Eleven buyers at 2.00, six sellers at 0.50: the price should be the buyers'."""

EXCESS_SUPPLY = InducedValues(np.full(6, 350), np.full(11, 200), 400)
"""Six buyers at 3.50, eleven sellers at 2.00: the price should be the sellers'."""

FOUR_UNITS = InducedValues(
    np.array([[150 - 5 * i, 100 - 5 * i, 70 - 2 * i, 50 - 5 * i] for i in range(6)]),
    np.array(
        [
            [10, 45, 65, 95],
            [15, 50, 67, 100],
            [20, 55, 69, 105],
            [25, 60, 71, 110],
            [30, 62, 73, 115],
            [35, 64, 75, 120],
        ]
    ),
    200,
)
"""Six buyers and six sellers with four units each, unequal in sum."""

EIGHT_UNITS = InducedValues(
    _deal(np.arange(171, 27, -3), 6),
    _deal(np.arange(29, 173, 3), 6),
    200,
)
"""Six buyers and six sellers with eight units each, in steps of 3 from 171 down and from 29 up."""
