"""Members who join and leave: who is present in a slot, and what a series holds of those who are not.

In a slot in which a participant is absent it has no load, PV, heat demand or car, its devices rest, its orders are not
admitted, it reads and costs 0, and its stores stay as they are.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridbid.market.community import Series
from gridbid.market.kernel import kernel

Flags = NDArray[np.bool_]
_BY_PARTICIPANT = ("load_kw", "pv_kw", "heat_kw", "net_kw")


def always_present(n_participants: int) -> Flags:
    """Everybody is a member in every slot: (1, N)."""
    return np.ones((1, n_participants), np.bool_)


@kernel
def is_present(present: Flags, slot: int, i: int) -> bool:
    """Whether participant i is a member in a slot; ``present`` is :class:`Series`' own."""
    return present[slot if present.shape[0] > 1 else 0, i]


def without_absent(series: Series) -> Series:
    """A series in which those who are absent use nothing, as the engine wants it.

    A car's stay is cut to the slots in which its owner is present: it leaves when the owner does, and a car that is there
    when the owner joins plugs in then, with the energy that it brought.
    """
    slots = series.load_kw.shape[0]
    present = np.broadcast_to(series.present, (slots, series.load_kw.shape[1]))
    kept: dict[str, Any] = {
        name: np.where(present, getattr(series, name), np.float32(0.0)) for name in _BY_PARTICIPANT
    }
    departure = series.car_departure.copy()
    arrival_kwh, target_kwh = series.car_arrival_kwh.copy(), series.car_target_kwh.copy()
    for i in np.flatnonzero((series.car_column >= 0) & ~present.all(axis=0)):
        column = series.car_column[i]
        for sample in range(departure.shape[0]):
            at = sample, slice(None), column
            _cut_stays(present[:, i], departure[at], arrival_kwh[at], target_kwh[at])
    return series._replace(
        **kept, car_departure=departure, car_arrival_kwh=arrival_kwh, car_target_kwh=target_kwh
    )


def _cut_stays(
    present: Flags,
    departure: NDArray[np.int32],
    arrival_kwh: NDArray[np.float32],
    target_kwh: NDArray[np.float32],
) -> None:
    """Cut a charge point's stays, (T,) each, in place."""
    for slot in np.flatnonzero(arrival_kwh >= 0.0):
        gone, brings_kwh = int(departure[slot]), arrival_kwh[slot]
        here = present[slot:gone]
        arrival_kwh[slot] = -1.0
        departure[slot:gone][~here] = -1
        target_kwh[slot:gone][~here] = 0.0
        edges = np.flatnonzero(np.diff(here, prepend=False, append=False)) + slot
        for joins, leaves in edges.reshape(-1, 2):
            departure[joins:leaves] = leaves
            arrival_kwh[joins] = brings_kwh
