"""Zero intelligence within the budget (ZI-C): random offers that can't lose, over the rule's devices.

Gode, Sunder: Allocative efficiency of markets with zero-intelligence traders, J. Polit. Econ. 101:119, 1993.
"""

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.baselines.columns import Seen, unit_box
from gridbid.agents.baselines.draws import row_draws
from gridbid.agents.baselines.rule import rule_set_points
from gridbid.agents.policy import Actions, Observations
from gridbid.envs.fields import BATTERY, EV, METERED

Floats = NDArray[np.float64]


class ZeroIntelligencePolicy:
    """Quantity and limit are drawn evenly: up to the whole need, at any price between feed-in and retail less the fee.

    Sites run the rule's devices; a device with its own meter draws its set point from what it can do, and delivers its plan.
    """

    name = "zero_intelligence"

    def __init__(self) -> None:
        self._seed = 0

    def reset(self, seed: int) -> None:
        """Draws follow from ``seed`` and from what each row sees."""
        self._seed = seed

    def act(self, observations: Observations) -> Actions:
        """Actions for every metered kind that is asked for."""
        return {
            kind: self._act(Seen(kind, rows), rows) for kind, rows in observations.items() if kind in METERED
        }

    def _act(self, seen: Seen, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        offer, limit, place = np.moveaxis(row_draws(self._seed, rows, 3), -1, 0)
        set_points = rule_set_points(seen)
        if seen.kind == BATTERY:
            set_points["battery"] = _between(seen["battery_least"], seen["battery_most"], place)
        if seen.kind == EV:
            set_points["charger"] = _between(seen["car_least"], seen["car_most"], place)
        on_its_own = seen.kind in (BATTERY, EV)
        follow = 0.0 if on_its_own else 1.0 - seen.get("car_plugged")
        return unit_box(
            seen.kind, seen.shape, {**set_points, "offer": offer, "limit": limit, "follow": follow}
        )


def _between(least: Floats, most: Floats, share: Floats) -> Floats:
    return least + (most - least) * share
