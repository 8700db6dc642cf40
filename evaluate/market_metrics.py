"""How well a market did, measured against its theoretical equilibrium; each figure is defined here and nowhere else.

Values, costs and prices may be in any unit of money for a unit of the good, the same for all. Trades lie along the last
axis; ``count`` (of the leading axes) says how many of them there are, None that all count.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class Equilibrium(NamedTuple):
    """Where demand meets supply.

    ``quantity`` counts the units whose value exceeds the cost; any price from ``lowest_price`` to ``highest_price`` clears
    the market, and ``surplus`` is what trade can gain at most.
    """

    quantity: int
    lowest_price: float
    highest_price: float
    surplus: float

    @property
    def price(self) -> float:
        """Middle of the prices that clear the market."""
        return (self.lowest_price + self.highest_price) / 2.0


def equilibrium(values: ArrayLike, costs: ArrayLike) -> Equilibrium:
    """Equilibrium of unit values and unit costs, any order; without a gainful pair, of no trade at all."""
    demand = np.sort(np.asarray(values, np.float64), axis=None)[::-1]
    supply = np.sort(np.asarray(costs, np.float64), axis=None)
    pairs = min(demand.size, supply.size)
    gains = demand[:pairs] - supply[:pairs]
    quantity = int((gains > 0.0).sum())
    traded_value = demand[quantity - 1] if quantity > 0 else np.inf
    traded_cost = supply[quantity - 1] if quantity > 0 else -np.inf
    next_value = demand[quantity] if quantity < demand.size else -np.inf
    next_cost = supply[quantity] if quantity < supply.size else np.inf
    return Equilibrium(
        quantity=quantity,
        lowest_price=float(max(traded_cost, next_value)),
        highest_price=float(min(traded_value, next_cost)),
        surplus=float(gains[:quantity].sum()),
    )


class BlockEquilibria(NamedTuple):
    """Equilibria of many markets at once, arrays of one shape; fields as in `Equilibrium`, quantities in units of the good."""

    quantity: Floats
    lowest_price: Floats
    highest_price: Floats
    surplus: Floats

    @property
    def price(self) -> Floats:
        """Middle of the prices that clear; the bound where there is but one, nan where any price clears."""
        lowest, highest = self.lowest_price, self.highest_price
        bounded = np.where(np.isfinite(lowest), lowest, highest)
        middle = (bounded + np.where(np.isfinite(highest), highest, bounded)) / 2.0
        return np.where(np.isfinite(middle), middle, np.nan)


def block_equilibria(
    demand: ArrayLike, value: ArrayLike, supply: ArrayLike, cost: ArrayLike
) -> BlockEquilibria:
    """Equilibria of markets in which all of the demand has one value and all of the supply one cost.

    As `equilibrium` of that many units: when demand exceeds supply the price is the value, when supply exceeds demand it is the
    cost, and when they are equal any price between clears.
    """
    demand, value, supply, cost = (np.asarray(each, np.float64) for each in (demand, value, supply, cost))
    quantity = np.where(value > cost, np.minimum(demand, supply), 0.0)
    trades = quantity > 0.0
    return BlockEquilibria(
        quantity=quantity,
        lowest_price=np.maximum(np.where(trades, cost, -np.inf), np.where(demand > quantity, value, -np.inf)),
        highest_price=np.minimum(np.where(trades, value, np.inf), np.where(supply > quantity, cost, np.inf)),
        surplus=quantity * (value - cost),
    )


def equilibrium_profits(limits: ArrayLike, price: ArrayLike, *, buying: bool) -> Floats:
    """π* of each unit when all trade at ``price``: what its value, or cost, leaves, and 0 if it would lose."""
    signed = 1.0 if buying else -1.0
    return np.maximum(signed * (np.asarray(limits, np.float64) - np.asarray(price, np.float64)), 0.0)


def allocative_efficiency(
    values: ArrayLike, costs: ArrayLike, surplus: float, count: ArrayLike | None = None
) -> Floats:
    """E = Σ (v - c) over what was traded / the largest surplus; below 0 where trade destroyed value."""
    gains = np.asarray(values, np.float64) - np.asarray(costs, np.float64)
    return np.where(_counted(gains.shape, count), gains, 0.0).sum(axis=-1) / surplus


def smiths_alpha(
    prices: ArrayLike,
    equilibrium_price: ArrayLike,
    count: ArrayLike | None = None,
    weights: ArrayLike = 1.0,
) -> Floats:
    """Smith's α = 100 √(mean (p - P*)²) / mean P*, in percent; NaN where nothing was traded, or
    where mean P* isn't above 0, of which there is no percentage.

    ``weights`` are those of the trades in both means; P* may differ from trade to trade.
    Smith: An experimental study of competitive market behavior, J. Polit. Econ. 70:111, 1962.
    """
    ideal = np.asarray(equilibrium_price, np.float64)
    deviations = np.asarray(prices, np.float64) - ideal
    weights = np.where(_counted(deviations.shape, count), weights, 0.0)
    total = weights.sum(axis=-1)

    def mean(values: Floats) -> Floats:
        products = (weights * np.where(weights > 0.0, values, 0.0)).sum(axis=-1)
        return np.divide(products, total, out=np.full(total.shape, np.nan), where=total > 0.0)

    whole = mean(ideal)
    unknown = np.full(whole.shape, np.nan)
    return 100.0 * np.divide(np.sqrt(mean(deviations**2)), whole, out=unknown, where=whole > 0.0)


def profit_dispersion(profits: ArrayLike, equilibrium_profits: ArrayLike) -> Floats:
    """PD = √(mean over all traders of (π - π*)²), traders along the last axis; in the unit of profit.

    Cliff: Minimal-intelligence agents for bargaining behaviors in market-based environments, HPL-97-91, 1997.
    """
    difference = np.asarray(profits, np.float64) - np.asarray(equilibrium_profits, np.float64)
    return np.sqrt((difference**2).mean(axis=-1))


def _counted(shape: tuple[int, ...], count: ArrayLike | None) -> NDArray[np.bool_]:
    if count is None:
        return np.ones(shape, np.bool_)
    return np.arange(shape[-1]) < np.asarray(count)[..., None]
