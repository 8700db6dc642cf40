"""Room for tiles of operating points, and what is done with a solved one."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.grid.network import Network
from gridbid.market.grid.vectors import IM, LANES, RE, Vector, fill, load, select, square_root, to_bits
from gridbid.market.kernel import kernel

Tiles = NDArray[np.float64]
Singles = NDArray[np.float32]

_CACHE_LINE = 64
"""Bytes."""


class Grid(NamedTuple):
    """Tiles of LANES operating points side by side, (tiles, n_buses, 2, LANES): real and imaginary part, lanes innermost.

    - ``load_pu``: what each bus draws, positive. ``rise_pu``: its voltage less the source's, which rounding spares so.
    - ``current_pu``: in the branch into each bus, with its own load and shunt; at bus 0 all that the source gives.
    - ``rough_...``: the same in single precision, for the first sweeps.

    Nothing is carried from one power flow to the next: voltages and currents are written before they are read.
    """

    load_pu: Tiles
    rise_pu: Tiles
    current_pu: Tiles
    rough_load: Singles
    rough_rise: Singles
    rough_current: Singles


def make_grid(n_tiles: int, n_buses: int) -> Grid:
    """Tiles without loads."""
    shape = n_tiles, n_buses, 2, LANES

    def double() -> Tiles:
        return _aligned(shape, np.dtype(np.float64))

    def single() -> Singles:
        return _aligned(shape, np.dtype(np.float32))

    return Grid(double(), double(), double(), single(), single(), single())


def _aligned(shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Zeros that begin with a cache line, so that no vector straddles two."""
    size = math.prod(shape)
    memory = np.zeros(size + _CACHE_LINE // dtype.itemsize, dtype)
    begin = -memory.ctypes.data % _CACHE_LINE // dtype.itemsize
    return memory[begin : begin + size].reshape(shape)


@kernel
def losses_pu(network: Network, grid: Grid, tile: int) -> Vector:
    """Active power lost in branches and shunts, by lane."""
    source, lost = fill(grid.rise_pu, network.source_pu), fill(grid.rise_pu, 0.0)
    for bus in range(network.parent.size):
        v, w = source + load(grid.rise_pu, tile, bus, RE), load(grid.rise_pu, tile, bus, IM)
        re, im = load(grid.current_pu, tile, bus, RE), load(grid.current_pu, tile, bus, IM)
        r, g = fill(grid.rise_pu, network.r_pu[bus]), fill(grid.rise_pu, network.g_pu[bus])
        lost = lost + (r * (re * re + im * im) + g * (v * v + w * w))
    return lost


@kernel
def overload_kva(network: Network, grid: Grid, tile: int) -> Vector:
    """By how much branches carry more than their rating, summed up by lane; 0 in a lane without a solution."""
    current_pu = grid.current_pu
    zero, base_kva = fill(current_pu, 0.0), fill(current_pu, network.base_kva)
    excess = zero
    for bus in range(1, network.parent.size):
        re, im = load(current_pu, tile, bus, RE), load(current_pu, tile, bus, IM)
        squared, rating = re * re + im * im, network.rating_kva[bus]
        if to_bits(squared > fill(current_pu, (rating / network.base_kva) ** 2)) != 0:  # a root takes long
            above = square_root(squared) * base_kva - fill(current_pu, rating)
            excess = excess + select(above > zero, above, zero)
    return excess
