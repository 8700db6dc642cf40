"""The NumPy step's power flow: backward-forward sweeps of all communities at once, a level of the tree after the other.

Arrays are complex128 (buses, B). Buses are renumbered breadth first, so that a level is a slice and siblings are
neighbours: a backward sweep is one ``add.reduceat`` a level, a forward sweep one subtraction.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.grid.feeder import MAX_SWEEPS, TOLERANCE_PU
from gridbid.market.grid.network import Network
from gridbid.market.grid.sweeps import LEAST_RATIO, NEGLIGIBLE

FREE_SWEEPS = 2
"""Sweeps that nobody measures: hardly a community converges in them."""

Complex = NDArray[np.complex128]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


class Level(NamedTuple):
    """Buses at the same depth: a slice; each one's parent; those with children above, and where their children begin."""

    buses: slice
    parent: Integers
    parents: Integers
    first_child: Integers


class Feeder(NamedTuple):
    """A network, breadth first: ``rank`` of each of its buses; by rank, (buses, 1), impedances, shunts and ratings."""

    rank: Integers
    levels: list[Level]
    impedance_pu: Complex
    shunt_pu: Complex
    rating_kva: Floats
    base_kva: float
    source_pu: float


def make_feeder(network: Network) -> Feeder:
    """Renumber a network's buses breadth first."""
    depth = np.zeros(network.parent.size, np.int64)
    for bus in range(1, depth.size):
        depth[bus] = depth[network.parent[bus]] + 1
    order, levels = np.zeros(1, np.int64), []
    rank = np.zeros(depth.size, np.int64)
    for level in range(1, int(depth.max()) + 1):
        buses = np.flatnonzero(depth == level)
        buses = buses[np.argsort(rank[network.parent[buses]], kind="stable")]
        rank[buses] = np.arange(order.size, order.size + buses.size)
        parent = rank[network.parent[buses]]
        parents, first_child = np.unique(parent, return_index=True)
        levels.append(Level(slice(order.size, order.size + buses.size), parent, parents, first_child))
        order = np.concatenate([order, buses])
    return Feeder(
        rank,
        levels,
        (network.r_pu + 1j * network.x_pu)[order, None],
        (network.g_pu + 1j * network.b_pu)[order, None],
        network.rating_kva[order, None],
        network.base_kva,
        network.source_pu,
    )


def solve(feeder: Feeder, load_pu: Complex, voltage_pu: Complex) -> tuple[Complex, Complex]:
    """Voltages and branch currents under ``load_pu``, from ``voltage_pu`` on; ArithmeticError without a solution."""
    last_step: Floats = np.zeros(load_pu.shape[1])
    for sweep in range(MAX_SWEEPS):
        current_pu = _currents(feeder, load_pu, voltage_pu)
        before, voltage_pu = voltage_pu, _voltages(feeder, current_pu)
        if sweep < FREE_SWEEPS:
            continue
        step = np.abs(voltage_pu - before).max(axis=0)
        settled = 0.5 * TOLERANCE_PU * (last_step - step) >= step * step
        settled &= step < TOLERANCE_PU / LEAST_RATIO
        if (settled | (step < NEGLIGIBLE * TOLERANCE_PU)).all():
            return voltage_pu, _currents(feeder, load_pu, voltage_pu)
        last_step = step
    raise ArithmeticError("the power flow didn't converge in some community")


def _currents(feeder: Feeder, load_pu: Complex, voltage_pu: Complex) -> Complex:
    """Each bus draws its load and its shunt, and hands on what the buses below it draw."""
    current_pu = (load_pu / voltage_pu).conj() + feeder.shunt_pu * voltage_pu
    for level in reversed(feeder.levels):
        current_pu[level.parents] += np.add.reduceat(current_pu[level.buses], level.first_child, axis=0)
    return current_pu


def _voltages(feeder: Feeder, current_pu: Complex) -> Complex:
    """Each bus lies below its parent by the drop along the branch between them."""
    drop_pu = feeder.impedance_pu * current_pu
    voltage_pu = np.full_like(current_pu, feeder.source_pu)
    for level in feeder.levels:
        np.subtract(voltage_pu[level.parent], drop_pu[level.buses], out=voltage_pu[level.buses])
    return voltage_pu
