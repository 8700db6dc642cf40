"""Operating points in rows, as callers have them, taken through tiles: in, solved and out while the tile is in cache."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.grid.network import Network
from gridbid.market.grid.sweeps import Singles, Tiles, add_up, draw, drop_freely, fall, settle, sweep_tile
from gridbid.market.grid.vectors import (
    ALL_LANES,
    IM,
    LANES,
    RE,
    fill,
    gather,
    load,
    narrow,
    scatter,
    scatter_pairs,
    store,
    widen,
)
from gridbid.market.kernel import kernel

ROUGH_SWEEPS = 3

Floats = NDArray[np.float64]

_CACHE_LINE = 64
"""Bytes."""


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


class Work(NamedTuple):
    """Room for one tile, in double and in single precision."""

    load_pu: Tiles
    voltage_pu: Tiles
    current_pu: Tiles
    rough_load: Singles
    rough_voltage: Singles
    rough_current: Singles


def make_work(n_buses: int) -> Work:
    """Work space for tiles of ``n_buses``, that begin with a cache line, so that no vector straddles two."""
    return Work(
        *(_aligned(n_buses, np.float64) for _ in range(3)), *(_aligned(n_buses, np.float32) for _ in range(3))
    )


def _aligned(n_buses: int, dtype: type) -> NDArray[np.floating]:
    shape = 1, n_buses, 2, LANES
    size, itemsize = n_buses * 2 * LANES, np.dtype(dtype).itemsize
    memory = np.empty(size + _CACHE_LINE // itemsize, dtype)
    begin = -memory.ctypes.data % _CACHE_LINE // itemsize
    return memory[begin : begin + size].reshape(shape)


@kernel
def solve_points(
    network: Network,
    p_kw: Floats,
    q_kvar: Floats,
    work: Work,
    tolerance_pu: float,
    max_sweeps: int,
    points: Points,
) -> None:
    """Solve loads (n_points, n_buses), C-contiguous, a multiple of LANES of points."""
    for first in range(0, p_kw.shape[0], LANES):
        _take_in(network, p_kw, q_kvar, first, work)
        _sweep_roughly(network, work)
        unsolved = settle(
            network,
            work.load_pu,
            work.voltage_pu,
            work.current_pu,
            0,
            ALL_LANES,
            0,
            tolerance_pu,
            max_sweeps,
        )[1]
        if unsolved != 0:  # once more, without single precision
            sweep_tile(
                network,
                work.load_pu,
                work.voltage_pu,
                work.current_pu,
                0,
                unsolved,
                tolerance_pu,
                max_sweeps,
            )
        _bring_out(network, work.voltage_pu, work.current_pu, first, points)


@kernel
def _take_in(network: Network, p_kw: Floats, q_kvar: Floats, first: int, work: Work) -> None:
    """Rows ``first`` on to lanes, in pu; and what buses draw at a flat start, where nothing need be divided."""
    source, rough = network.source_pu, work.rough_load
    to_pu, inverse = fill(work.load_pu, 1.0 / network.base_kva), fill(rough, 1.0 / source)
    for bus in range(network.parent.size):
        p, q = gather(p_kw, first, bus) * to_pu, gather(q_kvar, first, bus) * to_pu
        store(work.load_pu, 0, bus, RE, p)
        store(work.load_pu, 0, bus, IM, q)
        rough_p, rough_q = narrow(p), narrow(q)
        store(rough, 0, bus, RE, rough_p)
        store(rough, 0, bus, IM, rough_q)
        store(work.rough_current, 0, bus, RE, rough_p * inverse + fill(rough, network.g_pu[bus] * source))
        store(work.rough_current, 0, bus, IM, fill(rough, network.b_pu[bus] * source) - rough_q * inverse)
    store(work.rough_voltage, 0, 0, RE, fill(rough, source))
    store(work.rough_voltage, 0, 0, IM, fill(rough, 0.0))


@kernel
def _sweep_roughly(network: Network, work: Work) -> None:
    """Make the first sweeps in single precision, the last forward sweep of them across to double.

    Each takes half as long. Their rounding, 1e-7 pu or so, is contracted by the sweeps that follow like any other error.
    """
    for _ in range(ROUGH_SWEEPS - 1):
        add_up(network, work.rough_current, 0)
        drop_freely(network, work.rough_load, work.rough_voltage, work.rough_current, 0)
    add_up(network, work.rough_current, 0)
    parent, voltage_pu = network.parent, work.voltage_pu
    source, zero = fill(voltage_pu, network.source_pu), fill(voltage_pu, 0.0)
    store(voltage_pu, 0, 0, RE, source)
    store(voltage_pu, 0, 0, IM, zero)
    draw(network, work.load_pu, work.current_pu, 0, 0, source, zero)
    v, w = narrow(source), narrow(zero)
    for bus in range(1, parent.size):
        upper = parent[bus]
        if upper != bus - 1:
            v, w = narrow(load(voltage_pu, 0, upper, RE)), narrow(load(voltage_pu, 0, upper, IM))
        v, w = fall(network, work.rough_current, 0, bus, v, w)
        wide_v, wide_w = widen(v), widen(w)
        store(voltage_pu, 0, bus, RE, wide_v)
        store(voltage_pu, 0, bus, IM, wide_w)
        draw(network, work.load_pu, work.current_pu, 0, bus, wide_v, wide_w)


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
