"""What a site would have paid had it only had its inflexible load: taken out of the rewards that PPO sees.

It depends on no action, so it changes no policy's rank; but it is most of a bill, and most of its noise.
"""

import numpy as np
from numpy.typing import NDArray

from gridbid.market.engine import Engine
from gridbid.market.units import NEUR_PER_EUR, WH_PER_KWH

Floats = NDArray[np.float64]


class PassiveCost:
    """Sums it up over the deliveries of a step; an engine's ``on_delivery``."""

    def __init__(self, batch: int, n_participants: int) -> None:
        self.cost_eur: Floats = np.zeros((batch, n_participants))

    def clear(self) -> None:
        """Begin a step."""
        self.cost_eur[:] = 0.0

    def __call__(self, engine: Engine) -> None:
        """Add what was just delivered, in the communities where something was."""
        slots = engine.state.delivered.slot
        rows = np.flatnonzero(slots >= 0)
        series, samples = engine.community.series, engine.state.clock.sample[rows]
        hours, at = engine.community.rules.slot_h, slots[rows]
        net_kwh = (series.net_kw[at] + series.heat_kw[at] / engine.community.devices.cop) * hours
        retail, feed_in = series.retail[samples, at][:, None], series.feed_in[samples, at][:, None]
        price = np.where(net_kwh > 0.0, retail, feed_in) * (WH_PER_KWH / NEUR_PER_EUR)
        self.cost_eur[rows] += net_kwh * price
