"""Backward-forward sweeps of one tile: LANES operating points of a radial network side by side.

The load of a bus draws the current conj(s / v), its shunt y v. A backward sweep adds the currents up towards the source,
a forward sweep takes the voltage drops away from it; this repeats until no voltage moves any more (Shirmohammadi et
al., "A compensation-based power flow method for weakly meshed distribution and transmission networks", IEEE Trans. Power
Systems 3(2), 1988). Balanced, one phase for all three: an unbalanced low-voltage feeder sees worse voltages.

Arrays are float64 (tiles, n_buses, 2, LANES), C-contiguous: loads positive, voltages, currents in the branch into each bus
(with the bus's own load and shunt; at bus 0 all that the source gives). A lane's result doesn't depend on its
neighbours, to the bit: it stops moving at its own last sweep, and none stops before FREE_SWEEPS are over.
"""

import numpy as np
from numpy.typing import NDArray

from gridbid.market.grid.network import Network
from gridbid.market.grid.vectors import (
    ALL_LANES,
    IM,
    RE,
    Vector,
    from_bits,
    is_number,
    load,
    select,
    square_root,
    store,
    to_bits,
    vector,
)
from gridbid.market.kernel import kernel

FREE_SWEEPS = 2
"""Sweeps at the start that nobody measures: hardly a lane converges in them."""
LEAST_RATIO = 0.01
"""A lane is never believed to converge faster than this a sweep."""
NEGLIGIBLE = 1e-3
"""A step this small beside the tolerance ends a lane, whatever the ratio of the last two steps: both may be rounding."""

Tiles = NDArray[np.float64]


@kernel
def sweep_tile(
    network: Network,
    load_pu: Tiles,
    voltage_pu: Tiles,
    current_pu: Tiles,
    tile: int,
    lanes: int,
    tolerance_pu: float,
    max_sweeps: int,
) -> tuple[int, int]:
    """Solve the lanes in the bit mask ``lanes``; return the sweeps made and the lanes left without a solution.

    A lane starts from the voltages that it has, if bus 0 has the source's, else flat. One that is not in ``lanes`` keeps
    its voltages to the bit; its currents are of no meaning. One without a solution is left as nan, so it starts flat
    next time.
    """
    _start(network, load_pu, voltage_pu, current_pu, tile, lanes)
    half_tolerance = vector(0.5 * tolerance_pu)  # half: the ratio is itself an estimate
    negligible, trusted = vector(NEGLIGIBLE * tolerance_pu), vector(tolerance_pu / LEAST_RATIO)
    moving, last_step, sweeps = lanes, vector(0.0), 0
    while moving != 0 and sweeps < max_sweeps:
        _add_up(network, current_pu, tile)
        sweeps += 1
        if sweeps <= FREE_SWEEPS and moving == ALL_LANES:
            _drop_freely(network, load_pu, voltage_pu, current_pu, tile)
            continue
        step = square_root(_drop(network, load_pu, voltage_pu, current_pu, tile, moving))
        if sweeps > FREE_SWEEPS:
            # The steps to come are a geometric series: step * ratio / (1 - ratio), ratio = step / last_step.
            settled = (half_tolerance * (last_step - step) >= step * step) & (trusted > step)
            moving &= ~to_bits(settled | (negligible > step))
            last_step = step
    _add_up(network, current_pu, tile)
    # A bus at nan leaves the largest step alone, but not the sum of all currents.
    unsolved = moving | lanes & ~to_bits(is_number(load(current_pu, tile, 0, RE)))
    if unsolved != 0:
        _erase(voltage_pu, tile, unsolved)
        _erase(current_pu, tile, unsolved)
    return sweeps, unsolved


@kernel
def _start(
    network: Network, load_pu: Tiles, voltage_pu: Tiles, current_pu: Tiles, tile: int, lanes: int
) -> None:
    """Voltages to start from, and what each bus draws at them."""
    source, zero = vector(network.source_pu), vector(0.0)
    flat = lanes & ~to_bits(load(voltage_pu, tile, 0, RE) == source)
    if flat == ALL_LANES:
        _start_flat(network, load_pu, voltage_pu, current_pu, tile)
        return
    for bus in range(network.parent.size):
        v = select(from_bits(flat), source, load(voltage_pu, tile, bus, RE))
        w = select(from_bits(flat), zero, load(voltage_pu, tile, bus, IM))
        store(voltage_pu, tile, bus, RE, v)
        store(voltage_pu, tile, bus, IM, w)
        _draw(network, load_pu, current_pu, tile, bus, v, w)


@kernel
def _start_flat(network: Network, load_pu: Tiles, voltage_pu: Tiles, current_pu: Tiles, tile: int) -> None:
    """Every lane starts flat: the voltage is the same everywhere, so nothing is divided by it."""
    source, zero = vector(network.source_pu), vector(0.0)
    inverse = vector(1.0 / network.source_pu)
    for bus in range(network.parent.size):
        store(voltage_pu, tile, bus, RE, source)
        store(voltage_pu, tile, bus, IM, zero)
        conductive, capacitive = vector(network.g_pu[bus]) * source, vector(network.b_pu[bus]) * source
        store(current_pu, tile, bus, RE, load(load_pu, tile, bus, RE) * inverse + conductive)
        store(current_pu, tile, bus, IM, capacitive - load(load_pu, tile, bus, IM) * inverse)


@kernel
def _draw(
    network: Network, load_pu: Tiles, current_pu: Tiles, tile: int, bus: int, v: Vector, w: Vector
) -> None:
    """What a bus draws at the voltage v + i w: its load and its shunt, conj((s + conj(y) |v|^2) / v)."""
    squared = v * v + w * w
    p = load(load_pu, tile, bus, RE) + vector(network.g_pu[bus]) * squared
    q = load(load_pu, tile, bus, IM) - vector(network.b_pu[bus]) * squared
    inverse = vector(1.0) / squared
    store(current_pu, tile, bus, RE, (p * v + q * w) * inverse)
    store(current_pu, tile, bus, IM, (p * w - q * v) * inverse)


@kernel
def _add_up(network: Network, current_pu: Tiles, tile: int) -> None:
    """Backward sweep: add what each bus draws to its parent's.

    Measured: along a chain of buses, parent = bus - 1, the sum stays in registers; through memory it takes 1.2 times as
    long.
    """
    parent = network.parent
    re, im = vector(0.0), vector(0.0)
    for bus in range(parent.size - 1, -1, -1):
        re, im = re + load(current_pu, tile, bus, RE), im + load(current_pu, tile, bus, IM)
        store(current_pu, tile, bus, RE, re)
        store(current_pu, tile, bus, IM, im)
        upper = parent[bus]
        if upper != bus - 1:
            store(current_pu, tile, upper, RE, load(current_pu, tile, upper, RE) + re)
            store(current_pu, tile, upper, IM, load(current_pu, tile, upper, IM) + im)
            re, im = vector(0.0), vector(0.0)


@kernel
def _drop_freely(network: Network, load_pu: Tiles, voltage_pu: Tiles, current_pu: Tiles, tile: int) -> None:
    """Forward sweep of all lanes: take the voltage drops from the source down, and what each bus then draws."""
    parent = network.parent
    v, w = vector(network.source_pu), vector(0.0)
    _draw(network, load_pu, current_pu, tile, 0, v, w)
    for bus in range(1, parent.size):
        upper = parent[bus]
        if upper != bus - 1:
            v, w = load(voltage_pu, tile, upper, RE), load(voltage_pu, tile, upper, IM)
        r, x = vector(network.r_pu[bus]), vector(network.x_pu[bus])
        re, im = load(current_pu, tile, bus, RE), load(current_pu, tile, bus, IM)
        v, w = v - (r * re - x * im), w - (r * im + x * re)
        store(voltage_pu, tile, bus, RE, v)
        store(voltage_pu, tile, bus, IM, w)
        _draw(network, load_pu, current_pu, tile, bus, v, w)


@kernel
def _drop(
    network: Network, load_pu: Tiles, voltage_pu: Tiles, current_pu: Tiles, tile: int, moving: int
) -> Vector:
    """Forward sweep of the lanes in ``moving``; return the square of each lane's largest step."""
    parent, may_move = network.parent, from_bits(moving)
    largest = vector(0.0)
    v, w = vector(network.source_pu), vector(0.0)
    _draw(network, load_pu, current_pu, tile, 0, v, w)
    for bus in range(1, parent.size):
        upper = parent[bus]
        if upper != bus - 1:
            v, w = load(voltage_pu, tile, upper, RE), load(voltage_pu, tile, upper, IM)
        r, x = vector(network.r_pu[bus]), vector(network.x_pu[bus])
        re, im = load(current_pu, tile, bus, RE), load(current_pu, tile, bus, IM)
        last_v, last_w = load(voltage_pu, tile, bus, RE), load(voltage_pu, tile, bus, IM)
        v, w = v - (r * re - x * im), w - (r * im + x * re)
        step_v, step_w = v - last_v, w - last_w
        step = step_v * step_v + step_w * step_w
        largest = select(largest > step, largest, step)
        v, w = select(may_move, v, last_v), select(may_move, w, last_w)
        store(voltage_pu, tile, bus, RE, v)
        store(voltage_pu, tile, bus, IM, w)
        _draw(network, load_pu, current_pu, tile, bus, v, w)
    return largest


@kernel
def _erase(tiles: Tiles, tile: int, lanes: int) -> None:
    nothing = vector(np.nan)
    for bus in range(tiles.shape[1]):
        for part in (RE, IM):
            store(tiles, tile, bus, part, select(from_bits(lanes), nothing, load(tiles, tile, bus, part)))
