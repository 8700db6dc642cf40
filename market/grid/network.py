"""A radial network in per unit, as the power flow wants it."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.errors import InputError
from gridbid.market.kernel import kernel


class Network(NamedTuple):
    """A tree of buses; every array has the shape (n_buses,), and bus 0 is the source.

    - ``parent``: bus that feeds each bus; buses are ordered so that parent[i] < i; parent[0] = -1.
    - ``r_pu``, ``x_pu``: series impedance of the branch from parent[i] to i (0 at bus 0).
    - ``g_pu``, ``b_pu``: shunt admittance at each bus (line charging, magnetising branch).
    - ``rating_kva``: what the branch into each bus may carry (inf where unknown; bus 0: inf).
    - ``base_kva``: base of per unit; ``source_pu``: voltage at bus 0.
    """

    parent: NDArray[np.int32]
    r_pu: NDArray[np.float64]
    x_pu: NDArray[np.float64]
    g_pu: NDArray[np.float64]
    b_pu: NDArray[np.float64]
    rating_kva: NDArray[np.float64]
    base_kva: float
    source_pu: float


@kernel
def source_rating_kva(network: Network) -> float:
    """What the source may give: the ratings of all its branches together, a transformer or one feeder each."""
    rating_kva = 0.0
    for bus in range(1, network.parent.size):
        if network.parent[bus] == 0:
            rating_kva += network.rating_kva[bus]
    return rating_kva


def validate(network: Network) -> None:
    """Refuse a network that isn't a tree in the order above; one ValueError names every fault, its value and the remedy."""
    faults = _shape_faults(network)
    if not faults and not _is_sound(network):
        faults = _tree_faults(network.parent) + _value_faults(network)
    if faults:
        raise InputError("not a radial network: " + "; ".join(faults))


@kernel
def _is_sound(network: Network) -> bool:
    """Whether there are no tree nor value faults: the quick answer, for each power flow."""
    sound = network.parent[0] == -1 and network.r_pu[0] == 0.0 and network.x_pu[0] == 0.0
    sound &= 0.0 < network.base_kva < math.inf and 0.0 < network.source_pu < math.inf
    for bus in range(network.parent.size):
        sound &= bus == 0 or 0 <= network.parent[bus] < bus
        sound &= math.isfinite(network.r_pu[bus]) and math.isfinite(network.x_pu[bus])
        sound &= math.isfinite(network.g_pu[bus]) and math.isfinite(network.b_pu[bus])
        sound &= network.rating_kva[bus] > 0.0
    return sound


def _shape_faults(network: Network) -> list[str]:
    n_buses = np.size(network.parent)
    arrays = {
        name: values for name, values in network._asdict().items() if name not in ("base_kva", "source_pu")
    }
    faults = [
        f"{name} has shape {np.shape(values)}, expected ({n_buses},) as parent has entries"
        for name, values in arrays.items()
        if np.shape(values) != (n_buses,)
    ]
    if n_buses == 0:
        faults.append("parent is empty, expected at least the source")
    return faults


def _tree_faults(parent: NDArray[np.int32]) -> list[str]:
    faults = [] if parent[0] == -1 else [f"parent[0] is {parent[0]}, expected -1: bus 0 is the source"]
    for bus in range(1, parent.size):
        if not 0 <= parent[bus] < bus:
            expected = f"parent[{bus}] is {parent[bus]}, expected a bus before it, 0 to {bus - 1}"
            faults.append(f"{expected} ({_tree_fault(parent, bus)})")
    return faults


def _tree_fault(parent: NDArray[np.int32], bus: int) -> str:
    """What is wrong with the parent of a bus."""
    if not 0 <= parent[bus] < parent.size:
        return "an island: no path to the source"
    upper, seen = int(parent[bus]), {bus}
    while 0 < upper < parent.size and upper not in seen:
        seen.add(upper)
        upper = int(parent[upper])
    if upper == bus:
        return "a loop"
    return "in the wrong order: number each bus after the one that feeds it"


def _value_faults(network: Network) -> list[str]:
    faults = []
    for name in ("r_pu", "x_pu", "g_pu", "b_pu"):
        values = getattr(network, name)
        faults += [
            f"{name}[{bus}] is {values[bus]}, expected a finite number"
            for bus in np.flatnonzero(~np.isfinite(values))
        ]
    for name in ("r_pu", "x_pu"):
        value = getattr(network, name)[0]
        if value != 0.0:
            faults.append(f"{name}[0] is {value}, expected 0: no branch feeds bus 0")
    for bus in np.flatnonzero(~(network.rating_kva > 0.0)):
        faults.append(f"rating_kva[{bus}] is {network.rating_kva[bus]}, expected above 0, inf if unknown")
    for name in ("base_kva", "source_pu"):
        value = getattr(network, name)
        if not (math.isfinite(value) and value > 0.0):
            faults.append(f"{name} is {value}, expected a number above 0")
    return faults
