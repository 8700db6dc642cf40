"""Gjerstad-Dickhaut traders (GD): they believe what lately happened, and shout what gains most in expectation.

Gjerstad, Dickhaut: Price formation in double auctions, Games and Economic Behavior 22:1, 1998. A seller believes that an
ask a is taken with probability

    p(a) = (TA(d >= a) + B(d >= a)) / (TA(d >= a) + B(d >= a) + RA(d <= a))

where TA are asks that were taken, RA asks that were not, B all bids, and d runs over the prices that were shouted lately. A
buyer believes in q(b) = (TB(d <= b) + A(d <= b)) / (TB(d <= b) + A(d <= b) + RB(d >= b)). Between two prices that were
shouted, belief is the cubic through both values that is level at both ends. A trader shouts the price at which its gain
times its belief is greatest.

What was shouted lately is what led up to the last ``DEALS`` deals, and what came since. Choices where the source leaves
some, or where a book differs from its market:

- Nobody sells above the highest price or buys below the lowest: belief is 0 one tick outside the band, and 1 at its
  other end. Before anything was shouted belief is the cubic between the two.
- The best waiting bid is taken for certain, so a seller believes in 1 there and below. A shout that must better the one that
  stands on its own side (the source's rule) has to do so; on a book where shouts wait behind each other it need not.
- What waits counts as not taken until it is.
- One that cannot hope to gain shouts its limit.
- The bounds of MGD (Tesauro, Das 2001: beliefs beyond the last period's highest and lowest deal) are not adopted.

Prices are whole ticks, 0..n_ticks-1. `ShoutMemory` is what a listener remembers; who hears the same may share one.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.kernel import kernel
from gridbid.market.types import Side

_BUY, _SELL = int(Side.BUY), int(Side.SELL)

DEALS = 5
"""A memory goes back to what led up to so many deals."""

SHOUTS = 128
"""It keeps at most so many shouts, the latest."""

NO_QUOTE = -1
"""In place of a tick: nobody waits on that side, or nothing has to be bettered."""

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class ShoutMemory(NamedTuple):
    """What listeners remember of shouts: rings (listeners, shouts) of small integers, and counters (listeners,).

    - ``side``, ``tick``: what was shouted
    - ``taken``: 1 if it was
    - ``deals_before``: how many deals had been struck until then
    - ``heard``, ``deals``: how many shouts and deals a listener has heard
    """

    side: NDArray[np.int8]
    tick: NDArray[np.int16]
    taken: NDArray[np.int8]
    deals_before: NDArray[np.int32]
    heard: Integers
    deals: Integers


class Beliefs(NamedTuple):
    """Where beliefs are worked out, (n_ticks,) each: counts of shouts by tick, then belief.

    ``seen`` marks the ticks that were shouted, between which belief is interpolated.
    """

    for_it: Integers
    against_it: Integers
    seen: NDArray[np.bool_]
    belief: Floats


def make_shout_memory(n_listeners: int, shouts: int = SHOUTS) -> ShoutMemory:
    """Memories of listeners that have heard nothing."""
    shape = n_listeners, shouts
    return ShoutMemory(
        side=np.zeros(shape, np.int8),
        tick=np.zeros(shape, np.int16),
        taken=np.zeros(shape, np.int8),
        deals_before=np.zeros(shape, np.int32),
        heard=np.zeros(n_listeners, np.int64),
        deals=np.zeros(n_listeners, np.int64),
    )


def make_beliefs(n_ticks: int) -> Beliefs:
    """Room to work out beliefs about ``n_ticks`` prices."""
    for_it, against_it = np.zeros(n_ticks, np.int64), np.zeros(n_ticks, np.int64)
    return Beliefs(for_it, against_it, np.zeros(n_ticks, np.bool_), np.zeros(n_ticks))


@kernel
def forget_shouts(memory: ShoutMemory, i: int) -> None:
    """Let listener i begin anew."""
    memory.heard[i] = 0
    memory.deals[i] = 0


@kernel
def remember_shout(memory: ShoutMemory, i: int, side: int, tick: int) -> None:
    """Enter a shout that nobody has taken yet."""
    place = memory.heard[i] % memory.tick.shape[1]
    memory.side[i, place] = side
    memory.tick[i, place] = tick
    memory.taken[i, place] = 0
    memory.deals_before[i, place] = memory.deals[i]
    memory.heard[i] += 1


@kernel
def remember_deal(memory: ShoutMemory, i: int, maker_side: int, tick: int) -> None:
    """Enter a deal at the price of a shout that waited."""
    _take(memory, i, maker_side, tick)
    memory.deals[i] += 1


@kernel
def remember_price(memory: ShoutMemory, i: int, tick: int) -> None:
    """Enter a deal of which only the price was heard: as a bid and an ask, both taken."""
    _take(memory, i, _BUY, tick)
    _take(memory, i, _SELL, tick)
    memory.deals[i] += 1


@kernel
def _take(memory: ShoutMemory, i: int, maker_side: int, tick: int) -> None:
    """The latest shout of its kind that waits is taken now; if none is remembered, it is heard as taken."""
    capacity = memory.tick.shape[1]
    place = -1
    one = memory.heard[i] % capacity
    for _ in range(min(memory.heard[i], capacity)):
        one = (one if one > 0 else capacity) - 1
        if memory.deals_before[i, one] <= memory.deals[i] - DEALS:  # forgotten, once this deal counts
            break
        if memory.taken[i, one] == 0 and memory.side[i, one] == maker_side and memory.tick[i, one] == tick:
            place = one
            break
    if place < 0:
        place = memory.heard[i] % capacity
        remember_shout(memory, i, maker_side, tick)
    memory.taken[i, place] = 1


@kernel
def gd_tick(
    memory: ShoutMemory,
    i: int,
    side: int,
    limit_tick: int,
    best_other: int,
    to_better: int,
    beliefs: Beliefs,
) -> int:
    """The tick that a trader on ``side`` shouts for a unit with this limit, given what listener i remembers.

    ``best_other`` is the other side's best waiting tick, ``to_better`` the tick of its own side that a shout must better;
    `NO_QUOTE` where there is none.
    """
    believe(memory, i, side, best_other, beliefs)
    n_ticks = beliefs.belief.size
    best_tick, best_gain = limit_tick, 0.0
    step = -1 if side == _BUY else 1
    tick = limit_tick
    while 0 <= tick < n_ticks:
        if to_better == NO_QUOTE or step * (to_better - tick) > 0:
            gain = step * (tick - limit_tick) * beliefs.belief[tick]
            if gain > best_gain:
                best_tick, best_gain = tick, gain
        tick += step
    return best_tick


@kernel
def believe(memory: ShoutMemory, i: int, side: int, best_other: int, beliefs: Beliefs) -> None:
    """Work out what a trader on ``side`` believes of every price (Gjerstad, Dickhaut, definitions 7 to 9)."""
    _count_shouts(memory, i, side, beliefs)
    _believe_in_shouts(side, best_other, beliefs)
    _interpolate(side, beliefs)


@kernel
def _count_shouts(memory: ShoutMemory, i: int, side: int, beliefs: Beliefs) -> None:
    """Count by tick what speaks for a shout being taken (taken ones of its side, all of the other's), and against it."""
    beliefs.for_it[:] = 0
    beliefs.against_it[:] = 0
    beliefs.seen[:] = False
    capacity = memory.tick.shape[1]
    place = memory.heard[i] % capacity
    for _ in range(min(memory.heard[i], capacity)):
        place = (place if place > 0 else capacity) - 1
        if memory.deals_before[i, place] < memory.deals[i] - DEALS:
            break
        tick = memory.tick[i, place]
        beliefs.seen[tick] = True
        if memory.side[i, place] != side or memory.taken[i, place] == 1:
            beliefs.for_it[tick] += 1
        else:
            beliefs.against_it[tick] += 1


@kernel
def _believe_in_shouts(side: int, best_other: int, beliefs: Beliefs) -> None:
    """Belief at the ticks that were shouted, and certainty as far as the other side's best."""
    n_ticks = beliefs.belief.size
    hopes, fears = beliefs.for_it.sum(), 0
    for n in range(n_ticks):
        tick = n_ticks - 1 - n if side == _BUY else n  # from the price most easily taken to the least
        fears += beliefs.against_it[tick]
        if beliefs.seen[tick]:
            beliefs.belief[tick] = hopes / (hopes + fears)
        hopes -= beliefs.for_it[tick]
    if best_other == NO_QUOTE:
        return
    beliefs.seen[best_other] = True
    step = 1 if side == _BUY else -1
    tick = best_other
    while 0 <= tick < n_ticks:
        beliefs.belief[tick] = 1.0
        beliefs.seen[tick] = True
        tick += step


@kernel
def _interpolate(side: int, beliefs: Beliefs) -> None:
    """Cubics, level at both ends, between beliefs that are known; one tick outside the band they are 1 and 0."""
    n_ticks = beliefs.belief.size
    low, low_belief = -1, 0.0 if side == _BUY else 1.0
    for high in range(n_ticks + 1):
        if high < n_ticks and not beliefs.seen[high]:
            continue
        high_belief = 1.0 - (0.0 if side == _BUY else 1.0) if high == n_ticks else beliefs.belief[high]
        rise, step = high_belief - low_belief, 1.0 / (high - low)
        for tick in range(low + 1, min(high, n_ticks)):
            share = (tick - low) * step
            beliefs.belief[tick] = low_belief + rise * share * share * (3.0 - 2.0 * share)
        low, low_belief = high, high_belief
