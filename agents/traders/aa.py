"""Adaptive-aggressiveness traders (AA): how far to press, learnt deal by deal, for a target about the estimated price.

Vytelingum, Cliff, Jennings: Strategic bidding in continuous double auctions, Artificial Intelligence 172:1700, 2008. Letters
of the source: limit l, equilibrium price p*, aggressiveness r (-1 presses least, 1 takes whatever does not lose), shape θ,
target τ, learning rates β1 and β2, Smith's α, η, λ_r and λ_a.

- p* is a weighted mean of the last ``PRICES`` deals, each weighing ``DECAY`` of the next.
- τ follows from r by exponentials that meet in p* at r = 0; `target_of` has them, `aggressiveness_of` their inverse. Who p*
  leaves something holds back with a shape of its own, for which they meet with the same slope: `holding_shape`.
- After each shout or deal r moves by β1 towards a little more, or less, than what would have asked for that price.
- After each deal θ moves by β2 towards what fits the volatility α of the last deals.
- A trader steps 1/η of the way from the best quote of its side to its target, and takes what reaches the target.

The formulas are the source's as they circulate; they were not compared with the print line by line, which leaves room besides
(Stotter, Cartlidge, Cliff 2013). Chosen here:

- Targets are (exp(x θ) - 1) / (exp(θ) - 1) of the way, x = |r|, from p* to the limit (pressing) or to the end of the band
  (holding back); a trader that p* leaves nothing starts from its limit, never goes beyond it, and has one shape. At θ = 0 it
  is x of the way.
- The desired r is (1 ± λ_r) r_shout ± λ_a for r_shout >= 0; below 0 the factor is mirrored, so that "more
  aggressive" is more in either case. r is kept in -1..1.
- r hears every deal, and shouts of its own side that nobody took.
- α is scaled by the least and the greatest that the trader has met; θ stays while they are equal. α is measured about the
  estimate p*, over the deals that p* rests on.
- Before the first deal there is no p*: a trader steps towards its limit, or to just beyond the other side's best.
- First r: -U[0, 0.3]; first θ: -U[0, 5]; β1 and β2: 0.1 + U[0, 0.4]. The source draws rates from a range too; these
  ranges are those of programs in circulation.
- A trader whose limit does not better the best quote of its side shouts its limit.

Prices are floats, in a measure of the caller's in which the band is 0 to ``highest``.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.traders.streams import Streams, draw_share
from gridbid.market.kernel import kernel
from gridbid.market.types import Side

_BUY = int(Side.BUY)

PRICES, DECAY = 30, 0.9
"""Deals that the estimate rests on, and the weight of each beside the next's."""

LEAST_SHAPE, GREATEST_SHAPE, SHAPE_RATE = -8.0, 2.0, 2.0
"""θ_min, θ_max, and γ of the curve between them."""

RELATIVE_STEP, ABSOLUTE_STEP = 0.02, 0.01
"""λ_r and λ_a, on r."""

STEPS_TO_TARGET = 3.0
"""η: a shout goes 1/η of the way to the target."""

FIRST_HOLDING_BACK, FIRST_SHAPE = 0.3, 5.0
LEAST_RATE, RATE_RANGE = 0.1, 0.4

_FLAT = 1e-6
"""Below this |θ| exponentials are straight lines."""

_LEAST_SLOPE, _GREATEST_SLOPE = 1e-9, 30.0
"""Slopes at r = 0, in shares of the way, for which there is a shape: from 24 to -30, where a target leaps to its end."""

_NEWTON_STEPS, _CLOSE = 20, 1e-12

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class AaTraders(NamedTuple):
    """What AA traders remember, (traders,) but for ``prices`` (traders, deals).

    - ``aggressiveness`` r, ``shape`` θ
    - ``fast_rate`` β1, ``slow_rate`` β2: drawn once
    - ``prices``: ring of the last deals' prices; ``deals`` int64 counts all; ``estimate`` p*, once there was one
    - ``least_alpha``, ``greatest_alpha``: extremes of α so far
    """

    aggressiveness: Floats
    shape: Floats
    fast_rate: Floats
    slow_rate: Floats
    prices: Floats
    deals: Integers
    estimate: Floats
    least_alpha: Floats
    greatest_alpha: Floats


def make_aa_traders(n_traders: int) -> AaTraders:
    """Room for ``n_traders``; `start_aa_trader` makes each ready."""
    r, shape, fast, slow = (np.zeros(n_traders) for _ in range(4))
    estimate, least, greatest = (np.zeros(n_traders) for _ in range(3))
    prices, deals = np.zeros((n_traders, PRICES)), np.zeros(n_traders, np.int64)
    return AaTraders(r, shape, fast, slow, prices, deals, estimate, least, greatest)


@kernel
def start_aa_trader(traders: AaTraders, i: int, streams: Streams, stream: int) -> None:
    """Draw trader i's first aggressiveness and its parameters, and let it forget what it heard."""
    traders.aggressiveness[i] = -FIRST_HOLDING_BACK * draw_share(streams, stream)
    traders.shape[i] = -FIRST_SHAPE * draw_share(streams, stream)
    traders.fast_rate[i] = LEAST_RATE + RATE_RANGE * draw_share(streams, stream)
    traders.slow_rate[i] = LEAST_RATE + RATE_RANGE * draw_share(streams, stream)
    traders.deals[i] = 0
    traders.least_alpha[i] = np.inf
    traders.greatest_alpha[i] = -np.inf


@kernel
def equilibrium_estimate(traders: AaTraders, i: int) -> float:
    """p*: the weighted mean of the last deals' prices; there must have been one."""
    weight, weights, total = 1.0, 0.0, 0.0
    place = traders.deals[i] % PRICES
    for _ in range(min(traders.deals[i], PRICES)):
        place = (place if place > 0 else PRICES) - 1
        total += weight * traders.prices[i, place]
        weights += weight
        weight *= DECAY
    return total / weights


@kernel
def volatility(traders: AaTraders, i: int, estimate: float) -> float:
    """Smith's α about the estimate, as a share of it."""
    n = min(traders.deals[i], PRICES)
    squares = 0.0
    for place in range(n):
        squares += (traders.prices[i, place] - estimate) ** 2
    return math.sqrt(squares / n) / max(estimate, _FLAT)


@kernel
def bend(x: float, shape: float) -> float:
    """(exp(x θ) - 1) / (exp(θ) - 1): 0 to 1 as x goes from 0 to 1."""
    return x if abs(shape) < _FLAT else math.expm1(x * shape) / math.expm1(shape)


@kernel
def straighten(y: float, shape: float) -> float:
    """The x that `bend` takes to y."""
    return y if abs(shape) < _FLAT else math.log1p(y * math.expm1(shape)) / shape


@kernel
def slope_of(shape: float) -> float:
    """The slope of `bend` at 0: θ / (exp(θ) - 1), which falls from boundless to 0 as θ grows."""
    return 1.0 if abs(shape) < _FLAT else shape / math.expm1(shape)


@kernel
def holding_shape(shape: float, to_limit: float, to_end: float) -> float:
    """The shape of holding back that goes on with the slope of pressing, given how far limit and end are from p*.

    Who p* leaves nothing has no slope to go on with and keeps its shape, as does who can't hold back. By Newton's method on
    the logarithm of `slope_of`, which is nearly straight.
    """
    if to_limit <= 0.0 or to_end <= 0.0:
        return shape
    slope = min(max(slope_of(shape) * to_limit / to_end, _LEAST_SLOPE), _GREATEST_SLOPE)
    found = max(-slope, 2.0 - 2.0 * slope)  # both lie below what is sought, as `slope_of` is convex
    for _ in range(_NEWTON_STEPS):
        fall = -0.5 if abs(found) < _FLAT else 1.0 / found + 1.0 / math.expm1(-found)
        step = math.log(slope_of(found) / slope) / fall
        found -= step
        if abs(step) < _CLOSE:
            break
    return found


@kernel
def target_of(
    side: int, limit: float, estimate: float, highest: float, aggressiveness: float, shape: float
) -> float:
    """τ: the price that a trader of this aggressiveness aims for."""
    middle = min(limit, estimate) if side == _BUY else max(limit, estimate)
    if aggressiveness >= 0.0:
        return middle + (limit - middle) * bend(aggressiveness, shape)
    end = 0.0 if side == _BUY else highest
    holding = holding_shape(shape, abs(limit - middle), abs(end - middle))
    return middle + (end - middle) * bend(-aggressiveness, holding)


@kernel
def aggressiveness_of(
    side: int, limit: float, estimate: float, highest: float, price: float, shape: float
) -> float:
    """The aggressiveness whose target is ``price``, or is nearest to it."""
    middle = min(limit, estimate) if side == _BUY else max(limit, estimate)
    presses = price > middle if side == _BUY else price < middle
    end = limit if presses else (0.0 if side == _BUY else highest)
    if end == middle:
        return 0.0 if presses else -1.0
    way = min((price - middle) / (end - middle), 1.0)
    if presses:
        return straighten(way, shape)
    return -straighten(way, holding_shape(shape, abs(limit - middle), abs(end - middle)))


@kernel
def shape_for(alpha: float, least_alpha: float, greatest_alpha: float) -> float:
    """θ*(α): where prices are calm targets stay near the estimate, where they are not a little of r goes far."""
    scaled = (alpha - least_alpha) / (greatest_alpha - least_alpha)
    return (GREATEST_SHAPE - LEAST_SHAPE) * (
        1.0 - scaled * math.exp(SHAPE_RATE * (scaled - 1.0))
    ) + LEAST_SHAPE


@kernel
def hear_deal(traders: AaTraders, i: int, side: int, limit: float, highest: float, price: float) -> None:
    """Let trader i learn from a deal: the estimate, its aggressiveness, and the shape of its targets."""
    traders.prices[i, traders.deals[i] % PRICES] = price
    traders.deals[i] += 1
    estimate = traders.estimate[i] = equilibrium_estimate(traders, i)
    target = target_of(side, limit, estimate, highest, traders.aggressiveness[i], traders.shape[i])
    more = target < price if side == _BUY else target > price
    _press(traders, i, side, limit, estimate, highest, price, more)
    alpha = volatility(traders, i, estimate)
    least = traders.least_alpha[i] = min(traders.least_alpha[i], alpha)
    greatest = traders.greatest_alpha[i] = max(traders.greatest_alpha[i], alpha)
    if greatest > least:
        desired = shape_for(alpha, least, greatest)
        traders.shape[i] += traders.slow_rate[i] * (desired - traders.shape[i])


@kernel
def hear_refusal(
    traders: AaTraders, i: int, side: int, limit: float, highest: float, shout_side: int, price: float
) -> None:
    """Let trader i learn from a shout that nobody took: one of its side that its own target would not have bettered."""
    if shout_side != side or traders.deals[i] == 0:
        return
    estimate = traders.estimate[i]
    target = target_of(side, limit, estimate, highest, traders.aggressiveness[i], traders.shape[i])
    if (target <= price) if side == _BUY else (target >= price):
        _press(traders, i, side, limit, estimate, highest, price, True)


@kernel
def _press(
    traders: AaTraders,
    i: int,
    side: int,
    limit: float,
    estimate: float,
    highest: float,
    price: float,
    more: bool,
) -> None:
    """Move r towards a little more, or less, than what asks for ``price``."""
    shouted = aggressiveness_of(side, limit, estimate, highest, price, traders.shape[i])
    sign = 1.0 if more else -1.0
    desired = shouted + sign * (RELATIVE_STEP * abs(shouted) + ABSOLUTE_STEP)
    moved = traders.aggressiveness[i] + traders.fast_rate[i] * (desired - traders.aggressiveness[i])
    traders.aggressiveness[i] = min(max(moved, -1.0), 1.0)


@kernel
def aa_price(
    traders: AaTraders,
    i: int,
    side: int,
    limit: float,
    highest: float,
    best_bid: float,
    best_ask: float,
    absolute_step: float,
    steps: float,
) -> float:
    """What trader i shouts, never worse than its limit; without quotes ``best_bid`` is 0 and ``best_ask`` the highest.

    ``absolute_step`` is λ_a of the bidding layer, in the measure of prices; ``steps`` is η, `STEPS_TO_TARGET` in the
    source, 1 where there is no next chance.
    """
    own, other = (best_bid, best_ask) if side == _BUY else (best_ask, best_bid)
    upward = 1.0 if side == _BUY else -1.0  # towards the other side
    if upward * limit <= upward * own:
        return limit
    if traders.deals[i] == 0:
        beyond = other * (1.0 + upward * RELATIVE_STEP) + upward * absolute_step
        aim = min(limit, beyond) if side == _BUY else max(limit, beyond)
        return own + (aim - own) / steps
    target = target_of(side, limit, traders.estimate[i], highest, traders.aggressiveness[i], traders.shape[i])
    if upward * other <= upward * target:
        return other
    return own + (target - own) / steps
