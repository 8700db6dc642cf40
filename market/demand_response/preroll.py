"""Days before an episode, played under the policy that is evaluated, so that baselines have a past of their own."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridbid.market.community import Community
from gridbid.market.demand_response.history import History
from gridbid.market.demand_response.local_days import local_days
from gridbid.market.engine import Engine
from gridbid.market.response import ResponseRules

Floats = NDArray[np.float64]
Decide = Callable[[Engine], tuple[Floats, Floats, Floats, Floats]]
"""A policy's decision for the engine's next step: offer, limit, follow and controls."""


def pre_roll(
    community: Community,
    rules: ResponseRules,
    decide: Decide,
    start: ArrayLike,
    n_days: int,
    batch: int = 1,
    sample: ArrayLike = 0,
    seed: int = 0,
) -> History:
    """Play the ``n_days`` local days before ``start`` (scalar or (B,)), without events; return their history.

    14 days fill the business days, 35 days the weekends. InputError where the year doesn't have the days.
    """
    engine = Engine(community, batch, seed, response=rules)
    starts = np.broadcast_to(np.asarray(start, np.int64), batch)
    series = community.series
    day = local_days(series.local_hour, series.weekend, community.rules.slots_per_day).day
    for begin in np.unique(starts):
        first = int(np.searchsorted(day, day[begin] - n_days))
        engine.reset(first, int(begin) - first, sample, mask=starts == begin)
    while not engine.finished.all():
        engine.step(*decide(engine))
    return engine.history
