"""A leader sets a price, followers answer with what they buy: the equilibrium in closed form.

Followers i have the utility ω_i ln(ζ_i + x) and pay p for what they buy; the leader buys at c and sells at p to all.
Maharjan et al.: Dependable demand response management in the smart grid: a Stackelberg game approach, IEEE Trans. Smart
Grid 4:120, 2013. Letters of the source: ω, ζ, x, p, c.

- A follower buys x* = max(0, ω/p - ζ): where ω / (ζ + x) = p, or nothing from the price ω/ζ on.
- While all buy, the leader's profit Σω - pΣζ - cΣω/p + cΣζ is concave in p with its greatest value at sqrt(cΣω/Σζ).
- Whoever stops buying leaves the rest to the same formula. Between two prices at which somebody stops the profit is
  concave; at such a price it bends upwards. So the best price is that of one set of followers, kept between the prices at
  which that set changes.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridbid.market.errors import InputError

Floats = NDArray[np.float64]


def demand(omega: ArrayLike, zeta: ArrayLike, price: float) -> Floats:
    """What each follower buys at a price, x* (followers,)."""
    return np.maximum(0.0, np.asarray(omega, np.float64) / price - np.asarray(zeta, np.float64))


def profit(omega: ArrayLike, zeta: ArrayLike, cost: float, price: float) -> float:
    """What the leader earns at a price."""
    return float((price - cost) * demand(omega, zeta, price).sum())


def interior_price(omega: ArrayLike, zeta: ArrayLike, cost: float) -> float:
    """The best price while all followers buy: sqrt(cΣω/Σζ)."""
    return math.sqrt(cost * float(np.sum(omega)) / float(np.sum(zeta)))


def leader_price(
    omega: ArrayLike, zeta: ArrayLike, cost: float, low: float = 0.0, high: float = math.inf
) -> float:
    """The price between ``low`` and ``high`` at which the leader earns the most.

    Where nothing can be earned, because all followers stop buying below its cost, it is the cost, kept in the bounds.
    InputError names what has no equilibrium: ω, ζ, c and ``high`` should be above 0, the bounds in their order.
    """
    weights, offsets = np.asarray(omega, np.float64), np.asarray(zeta, np.float64)
    _check(weights, offsets, cost, low, high)
    order = np.argsort(-weights / offsets)
    weights, offsets = weights[order], offsets[order]
    stops = np.append(weights / offsets, 0.0)
    best = min(max(cost, low), high)
    for n in range(1, weights.size + 1):
        first, last = max(stops[n], low), min(stops[n - 1], high)
        if first > last:
            continue
        price = min(max(interior_price(weights[:n], offsets[:n], cost), first), last)
        if profit(weights, offsets, cost, price) > profit(weights, offsets, cost, best):
            best = price
    return best


def _check(omega: Floats, zeta: Floats, cost: float, low: float, high: float) -> None:
    faults = [
        f"{name} is {values.tolist()}; expected one number above 0 for each follower"
        for name, values in (("omega", omega), ("zeta", zeta))
        if values.ndim != 1 or values.size == 0 or not (np.isfinite(values) & (values > 0.0)).all()
    ]
    if omega.shape != zeta.shape:
        faults.append(f"omega has shape {omega.shape}, zeta {zeta.shape}; they should have the same")
    if not 0.0 < cost < math.inf:
        faults.append(f"cost={cost}; it should be above 0")
    if not (0.0 <= low <= high and high > 0.0):
        faults.append(f"low={low}, high={high}; expected 0 <= low <= high, and high above 0")
    if faults:
        raise InputError("leader: " + "; ".join(faults))
