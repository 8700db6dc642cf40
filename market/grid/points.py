"""Operating points in rows, as callers have them, taken through tiles: in, solved and out while the tile is in cache."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.grid.network import Network
from gridbid.market.grid.sweeps import start_bus, sweep_tile
from gridbid.market.grid.tiles import Grid, Tiles
from gridbid.market.grid.vectors import ALL_LANES, IM, LANES, RE, fill, gather, load, scatter, scatter_pairs
from gridbid.market.kernel import kernel

Floats = NDArray[np.float64]


class Points(NamedTuple):
    """Solved operating points, a multiple of LANES of them.

    Voltages (n_points, n_buses, 2) and the squares of the branches' currents (n_points, n_buses), pu; losses, and active
    and reactive power of the source (n_points, 3), kW and kvar; nan without a solution.
    """

    voltage_pu: Floats
    current_squared: Floats
    totals_kva: Floats


def make_points(n_points: int, n_buses: int) -> Points:
    """Room for ``n_points``, not yet filled."""
    return Points(np.empty((n_points, n_buses, 2)), np.empty((n_points, n_buses)), np.empty((n_points, 3)))


@kernel
def solve_points(
    network: Network,
    p_kw: Floats,
    q_kvar: Floats,
    grid: Grid,
    tolerance_pu: float,
    max_sweeps: int,
    points: Points,
) -> None:
    """Solve loads (n_points, n_buses), C-contiguous, a multiple of LANES of points, in a grid of one tile."""
    to_pu = fill(grid.load_pu, 1.0 / network.base_kva)
    for first in range(0, p_kw.shape[0], LANES):
        for bus in range(network.parent.size):
            p, q = gather(p_kw, first, bus) * to_pu, gather(q_kvar, first, bus) * to_pu
            start_bus(network, grid, 0, bus, p, q)
        sweep_tile(network, grid, 0, ALL_LANES, tolerance_pu, max_sweeps)
        _bring_out(network, grid.voltage_pu, grid.current_pu, first, points)


@kernel
def _bring_out(network: Network, voltage_pu: Tiles, current_pu: Tiles, first: int, points: Points) -> None:
    """Lanes to rows ``first`` on, with what follows from voltages and currents."""
    losses = fill(voltage_pu, 0.0)
    for bus in range(network.parent.size):
        v, w = load(voltage_pu, 0, bus, RE), load(voltage_pu, 0, bus, IM)
        re, im = load(current_pu, 0, bus, RE), load(current_pu, 0, bus, IM)
        squared = re * re + im * im
        r, g = fill(voltage_pu, network.r_pu[bus]), fill(voltage_pu, network.g_pu[bus])
        losses = losses + (r * squared + g * (v * v + w * w))
        scatter_pairs(points.voltage_pu, first, bus, v, w)
        scatter(points.current_squared, first, bus, squared)
    no_branch = load(voltage_pu, 0, 0, IM)  # 0, or nan without a solution
    scatter(points.current_squared, first, 0, no_branch)
    source_kva = fill(voltage_pu, network.source_pu * network.base_kva)
    scatter(points.totals_kva, first, 0, losses * fill(voltage_pu, network.base_kva))
    scatter(points.totals_kva, first, 1, load(current_pu, 0, 0, RE) * source_kva)
    scatter(points.totals_kva, first, 2, -load(current_pu, 0, 0, IM) * source_kva)
