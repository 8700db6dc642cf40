"""Truthful traders: they shout their limit and leave the price to whoever takes it.

Cliff: BSE, a minimal simulation of a limit-order-book stock exchange, EMSS 2018, where they are called givaways (GVWY).
They still gain: a trade is at the resting shout's price, so one that takes a better shout pays that price.
"""

from gridbid.market.kernel import kernel


@kernel
def truthful_tick(limit_tick: int) -> int:
    """The worst tick at which the trader does not lose."""
    return limit_tick
