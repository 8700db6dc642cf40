"""Zero intelligence on whole arrays: the yardstick for traders that are kernels, and the plain form of one."""

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.baselines.columns import Seen, unit_box
from gridbid.agents.baselines.draws import row_draws
from gridbid.agents.policy import Actions, Observations
from gridbid.envs.fields import BATTERY, EV
from gridbid.evaluate.benchmarks.numpy_rules import set_points


def act_by_zero_intelligence(observations: Observations, seed: int = 0) -> Actions:
    """What `gridbid.agents.baselines.zero_intelligence` does."""
    return {kind: _act(Seen(kind, rows), rows, seed) for kind, rows in observations.items()}


def _act(seen: Seen, rows: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    offer, limit, place = np.moveaxis(row_draws(seed, rows, 3), -1, 0)
    battery, charger = set_points(seen)
    follow: NDArray[np.float64] | float = 1.0 - seen.get("car_plugged")
    if seen.kind == BATTERY:
        battery = seen["battery_least"] + (seen["battery_most"] - seen["battery_least"]) * place
    if seen.kind == EV:
        charger = seen["car_least"] + (seen["car_most"] - seen["car_least"]) * place
    if seen.kind in (BATTERY, EV):
        follow = 0.0
    values = {"offer": offer, "limit": limit, "follow": follow, "battery": battery, "charger": charger}
    return unit_box(seen.kind, seen.shape, values)
