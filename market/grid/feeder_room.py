"""Whether members' import and export limits fit a feeder, whatever the members do inside them."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gridbid.market.grid.load_box import BoxBounds, LoadBox, bound, upper_end_pu
from gridbid.market.grid.network import Network
from gridbid.market.units import WH_PER_KWH

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class FeederRoom:
    """T slots of a feeder with N members; limits are int64 (T, N), Wh a slot."""

    network: Network
    """Radial, without negative r or x."""
    bus: Integers
    """Where members are connected, (N,)."""
    import_connection_wh: Integers
    """What each member's connection may draw in a slot, (N,)."""
    export_connection_wh: Integers
    """What it may feed in, (N,)."""
    standing: LoadBox
    """What is on the buses beside the members' active power, (T, n_buses)."""
    lowest_pu: float
    """Lower end of the voltage band."""
    highest_pu: float
    """Its upper end."""
    slot_h: float
    """Length of a slot."""

    @property
    def n_slots(self) -> int:
        """T."""
        return int(self.standing.least_kw.shape[0])

    def slots(self, slots: Integers) -> "FeederRoom":
        """The room of these slots, in this order, as often as they are named."""
        return replace(self, standing=LoadBox(*(load[slots] for load in self.standing)))

    def power_kw(self, limit_wh: Integers | Floats) -> Floats:
        """Mean power of a slot's energy."""
        return limit_wh / (WH_PER_KWH * self.slot_h)

    def box(self, import_wh: Integers | Floats, export_wh: Integers | Floats) -> LoadBox:
        """Loads of the buses with every member anywhere between its limits."""
        loads = self.standing
        return loads._replace(
            least_kw=loads.least_kw - self._at_buses(export_wh),
            most_kw=loads.most_kw + self._at_buses(import_wh),
        )

    def bounds(self, import_wh: Integers | Floats, export_wh: Integers | Floats) -> BoxBounds:
        """Bounds on voltages and flows for every combination inside these limits, (T, n_buses)."""
        return bound(self.network, self.box(import_wh, export_wh), self.lowest_pu, self.highest_pu)

    def excess(self, import_wh: Integers | Floats, export_wh: Integers | Floats) -> Floats:
        """How far bounds exceed the feeder's limits, (T, rows); a row that is 0 or below is kept.

        Rows: fall below and rise above the band in squared pu, by bus; kVA above the rating, by branch, away from the
        source and towards it. Each is a convex function of the limits: flows are sums of them, losses are squares.
        """
        bounds = self.bounds(import_wh, export_wh)
        rated = np.isfinite(self.network.rating_kva)
        carried_kva = (self.network.rating_kva * upper_end_pu(self.network, self.lowest_pu))[rated]
        reactive_kvar = bounds.most_abs_kvar[:, rated]
        down_kw, up_kw = np.maximum(bounds.most_kw, 0.0), np.maximum(-bounds.least_kw, 0.0)
        return np.concatenate(
            [
                self.lowest_pu**2 - bounds.lowest_squared[:, 1:],
                bounds.highest_squared[:, 1:] - self.highest_pu**2,
                np.hypot(down_kw[:, rated], reactive_kvar) - carried_kva,
                np.hypot(up_kw[:, rated], reactive_kvar) - carried_kva,
            ],
            axis=1,
        )

    def holds(self, import_wh: Integers | Floats, export_wh: Integers | Floats) -> NDArray[np.bool_]:
        """Whether no combination inside these limits violates anything, (T,)."""
        return np.asarray((self.excess(import_wh, export_wh) <= 0.0).all(axis=1))

    def _at_buses(self, limit_wh: Integers | Floats) -> Floats:
        """Members' powers (T, N) summed by bus, (T, n_buses)."""
        connected = self.bus[:, None] == np.arange(self.network.parent.size)
        return self.power_kw(limit_wh) @ connected.astype(np.float64)
