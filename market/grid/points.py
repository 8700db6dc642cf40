"""Operating points in rows, as callers have them, taken through tiles: in, solved and out while the tile is in cache."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.grid.network import Network
from gridbid.market.grid.sweeps import start_bus, sweep_tile
from gridbid.market.grid.tiles import Grid
from gridbid.market.grid.vectors import (
    ALL_LANES,
    IM,
    LANES,
    RE,
    fill,
    gather,
    load,
    scatter,
    scatter_pairs,
    store,
)
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


def make_points(n_points: int, n_buses: int, flows: bool) -> Points:
    """Room for ``n_points``, not yet filled; without ``flows`` for the voltages alone.

    One piece of memory: NumPy asks for huge pages from 4 MiB on.
    """
    n_flows = n_points if flows else 0
    ends = np.cumsum([2 * n_points * n_buses, n_flows * n_buses, 3 * n_flows])
    voltage_pu, current_squared, totals_kva = np.split(np.empty(ends[-1]), ends[:-1])
    return Points(
        voltage_pu.reshape(n_points, n_buses, 2),
        current_squared.reshape(n_flows, n_buses),
        totals_kva.reshape(n_flows, 3),
    )


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
    """Solve loads (n_points, n_buses), C-contiguous, a multiple of LANES of points, in a grid of one tile.

    Currents and totals are left out where ``points`` has no room for them.
    """
    to_pu = fill(grid.load_pu, 1.0 / network.base_kva)
    for first in range(0, p_kw.shape[0], LANES):
        for bus in range(network.parent.size):
            p, q = gather(p_kw, first, bus) * to_pu, gather(q_kvar, first, bus) * to_pu
            start_bus(network, grid, 0, bus, p, q)
        sweep_tile(network, grid, 0, ALL_LANES, tolerance_pu, max_sweeps)
        _bring_out_voltages(network, grid, first, points.voltage_pu)
        if points.totals_kva.size > 0:
            _bring_out_flows(network, grid, first, points)


@kernel
def _bring_out_voltages(network: Network, grid: Grid, first: int, voltage_pu: Floats) -> None:
    """Lanes to rows ``first`` on."""
    source = fill(grid.rise_pu, network.source_pu)
    for bus in range(network.parent.size):
        v, w = source + load(grid.rise_pu, 0, bus, RE), load(grid.rise_pu, 0, bus, IM)
        scatter_pairs(voltage_pu, first, bus, v, w)


@kernel
def _bring_out_flows(network: Network, grid: Grid, first: int, points: Points) -> None:
    """Add up what the buses draw; currents and what follows from them to rows ``first`` on.

    Measured: all in one pass takes half as long as one after the other.
    """
    parent, current, rise = network.parent, grid.current_pu, grid.rise_pu
    source, losses = fill(rise, network.source_pu), fill(rise, 0.0)
    re, im = fill(current, 0.0), fill(current, 0.0)
    for bus in range(parent.size - 1, -1, -1):
        re, im = re + load(current, 0, bus, RE), im + load(current, 0, bus, IM)
        v, w = source + load(rise, 0, bus, RE), load(rise, 0, bus, IM)
        squared = re * re + im * im
        r, g = fill(current, network.r_pu[bus]), fill(current, network.g_pu[bus])
        losses = losses + (r * squared + g * (v * v + w * w))
        scatter(points.current_squared, first, bus, squared)
        upper = parent[bus]
        if upper != bus - 1:
            store(current, 0, upper, RE, load(current, 0, upper, RE) + re)
            store(current, 0, upper, IM, load(current, 0, upper, IM) + im)
            re, im = fill(current, 0.0), fill(current, 0.0)
    no_branch = load(rise, 0, 0, IM)  # 0, or nan without a solution
    scatter(points.current_squared, first, 0, no_branch)
    base_kva, source_kva = (
        fill(current, network.base_kva),
        fill(current, network.source_pu * network.base_kva),
    )
    scatter(points.totals_kva, first, 0, losses * base_kva)
    scatter(points.totals_kva, first, 1, re * source_kva)
    scatter(points.totals_kva, first, 2, -im * source_kva)
