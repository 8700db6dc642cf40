"""Whether members' import and export limits fit a feeder, whatever the members do inside them."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gridbid.market.grid.load_box import BoxBounds, LoadBox, bound
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

    def slot(self, slot: int) -> "FeederRoom":
        """The room of one slot alone."""
        return replace(self, standing=LoadBox(*(load[slot : slot + 1] for load in self.standing)))

    def power_kw(self, limit_wh: Integers) -> Floats:
        """Mean power of a slot's energy."""
        return limit_wh / (WH_PER_KWH * self.slot_h)

    def energy_wh(self, power_kw: Floats) -> Integers:
        """A slot's energy at this power, rounded down."""
        return np.floor(power_kw * self.slot_h * WH_PER_KWH).astype(np.int64)

    def box(self, import_wh: Integers, export_wh: Integers) -> LoadBox:
        """Loads of the buses with every member anywhere between its limits."""
        loads = self.standing
        return loads._replace(
            least_kw=loads.least_kw - self._at_buses(export_wh), most_kw=loads.most_kw + self._at_buses(import_wh)
        )

    def bounds(self, import_wh: Integers, export_wh: Integers) -> BoxBounds:
        """Bounds on voltages and flows for every combination inside these limits, (T, n_buses)."""
        return bound(self.network, self.box(import_wh, export_wh), self.lowest_pu, self.highest_pu)

    def holds(self, import_wh: Integers, export_wh: Integers) -> NDArray[np.bool_]:
        """Whether no combination inside these limits violates anything, (T,)."""
        bounds = self.bounds(import_wh, export_wh)
        return (
            (bounds.lowest_pu[:, 1:] >= self.lowest_pu)
            & (bounds.highest_pu[:, 1:] <= self.highest_pu)
            & (bounds.branch_kva[:, 1:] <= self.network.rating_kva[1:])
        ).all(axis=1)

    def _at_buses(self, limit_wh: Integers) -> Floats:
        """Members' powers (T, N) summed by bus, (T, n_buses)."""
        power_kw = np.zeros((limit_wh.shape[0], self.network.parent.size))
        np.add.at(power_kw, (slice(None), self.bus), self.power_kw(limit_wh))
        return power_kw
