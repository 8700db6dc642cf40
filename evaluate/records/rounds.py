"""A round in its phases: everybody's actions, the orders that they ask for and that somebody may change, and the book."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.baselines.columns import unit_box
from gridbid.agents.policy import Observations, Policy
from gridbid.envs.batch_env import BatchEnv
from gridbid.market.engine import Engine, OnDelivery

Integers = NDArray[np.int64]
Singles = NDArray[np.float32]

AlterOrders = Callable[[Engine], None]
"""Writes to ``engine.state.orders`` after everybody's plan has been committed."""


OnTrade = Callable[[Engine], None]
"""Called when a round's orders have been processed."""


def everybodys_actions(policy: Policy, seen: Observations) -> dict[str, Singles]:
    """A policy's actions for all that is seen, in arrays that may be written to; a kind that it leaves out keeps still."""
    actions = policy.act(seen)
    return {
        kind: actions[kind].copy() if kind in actions else unit_box(kind, rows.shape[:-1], {})
        for kind, rows in seen.items()
    }


def leave_orders(engine: Engine) -> None:
    """Change nothing."""


def play_round(
    env: BatchEnv,
    actions: Mapping[str, Singles],
    alter: AlterOrders = leave_orders,
    on_trade: OnTrade | None = None,
    on_delivery: OnDelivery | None = None,
) -> dict[str, Singles]:
    """Play one round as `BatchEnv.step` does, with ``alter`` between the actions and the book; return observations.

    ``on_trade`` sees the book before the gate closes: afterwards it is gone.
    """
    env.pull_levers(actions)
    env.engine.commit(*env.decide(actions))
    alter(env.engine)
    env.engine.trade()
    if on_trade is not None:
        on_trade(env.engine)
    observations, _, _ = env.close(actions, on_delivery)
    return observations


def price_bands(engine: Engine) -> Integers:
    """How far retail less the fee lies above the feed-in price in the slot that trades, nEUR/Wh (B,)."""
    series, clock = engine.community.series, engine.state.clock
    top = engine.retail_neur() - series.fee[clock.slot]
    return top - np.minimum(series.feed_in[clock.sample, clock.slot], top)
