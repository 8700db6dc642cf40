"""A round in which somebody changes the orders that actions asked for, before the book sees them."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.batch_env import BatchEnv
from gridbid.market.engine import Engine, OnDelivery

Integers = NDArray[np.int64]
Singles = NDArray[np.float32]

AlterOrders = Callable[[Engine], None]
"""Writes to ``engine.state.orders`` after everybody's plan has been committed."""


def leave_orders(engine: Engine) -> None:
    """Change nothing."""


def step_altered(
    env: BatchEnv,
    actions: Mapping[str, Singles],
    alter: AlterOrders,
    on_delivery: OnDelivery | None = None,
) -> dict[str, Singles]:
    """Play one round as `BatchEnv.step` does, with ``alter`` between the actions and the book; return observations.

    The utility's levers stay where they are.
    """
    env.engine.commit(*env.decide(actions))
    alter(env.engine)
    env.engine.trade()
    observations, _, _ = env.close(actions, on_delivery)
    return observations


def price_bands(engine: Engine) -> Integers:
    """How far retail less the fee lies above the feed-in price in the slot that trades, nEUR/Wh (B,)."""
    series, clock = engine.community.series, engine.state.clock
    top = engine.retail_neur() - series.fee[clock.slot]
    return top - np.minimum(series.feed_in[clock.sample, clock.slot], top)
