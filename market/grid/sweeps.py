"""Backward-forward sweeps of one tile: LANES operating points of a radial network side by side.

The load of a bus draws the current conj(s / v), its shunt y v. A backward sweep adds the currents up towards the source,
a forward sweep takes the voltage drops away from it; this repeats until no voltage moves any more (Shirmohammadi et
al., "A compensation-based power flow method for weakly meshed distribution and transmission networks", IEEE Trans. Power
Systems 3(2), 1988). Balanced, one phase for all three: an unbalanced low-voltage feeder sees worse voltages.

A lane's result doesn't depend on its neighbours, to the bit: all lanes make the rough sweeps, then each stops moving at
its own last sweep. Always from a flat start: measured, the last slot's voltages save no time over the rough sweeps.
"""

import numpy as np

from gridbid.market.grid.network import Network
from gridbid.market.grid.tiles import Grid, Singles, Tiles
from gridbid.market.grid.vectors import (
    IM,
    RE,
    Vector,
    fill,
    from_bits,
    load,
    multiply_add,
    narrow,
    select,
    square_root,
    store,
    to_bits,
    widen,
)
from gridbid.market.kernel import kernel

ROUGH_SWEEPS = 3
"""Sweeps in single precision. Each takes half as long; their rounding, 1e-7 pu or so, contracts like any other error."""
LEAST_RATIO = 0.01
"""A lane is never believed to converge faster than this a sweep."""
NEGLIGIBLE = 1e-3
"""A step this small beside the tolerance ends a lane, whatever the ratio of the last two steps: both may be rounding."""


@kernel
def start_bus(network: Network, grid: Grid, tile: int, bus: int, p: Vector, q: Vector) -> None:
    """Set the load of a bus, and what it draws at a flat start: the voltage is the source's, so nothing need be divided."""
    rough = grid.rough_load
    store(grid.load_pu, tile, bus, RE, p)
    store(grid.load_pu, tile, bus, IM, q)
    rough_p, rough_q = narrow(p), narrow(q)
    store(rough, tile, bus, RE, rough_p)
    store(rough, tile, bus, IM, rough_q)
    inverse = fill(rough, 1.0 / network.source_pu)
    conductive = fill(rough, network.g_pu[bus] * network.source_pu)
    capacitive = fill(rough, network.b_pu[bus] * network.source_pu)
    store(grid.rough_current, tile, bus, RE, rough_p * inverse + conductive)
    store(grid.rough_current, tile, bus, IM, capacitive - rough_q * inverse)


@kernel
def sweep_tile(
    network: Network, grid: Grid, tile: int, lanes: int, tolerance_pu: float, max_sweeps: int
) -> tuple[int, int]:
    """Solve the lanes in the bit mask ``lanes``, once :func:`start_bus` has been called for each bus.

    Returns the sweeps made after the rough ones, and the lanes without a solution: those are left as nan. Lanes that are
    not in ``lanes`` are of no meaning.
    """
    _sweep_roughly(network, grid, tile)
    sweeps, unsolved = _settle(network, grid, tile, lanes, tolerance_pu, max_sweeps)
    if unsolved != 0:  # once more, all in double precision
        _start_flat(network, grid, tile, unsolved)
        sweeps, unsolved = _settle(network, grid, tile, unsolved, tolerance_pu, max_sweeps)
    if unsolved != 0:
        _erase(grid.voltage_pu, tile, unsolved)
        _erase(grid.current_pu, tile, unsolved)
    return sweeps, unsolved


@kernel
def _sweep_roughly(network: Network, grid: Grid, tile: int) -> None:
    """Make the first sweeps in single precision, the last forward sweep of them across to double."""
    store(grid.rough_voltage, tile, 0, RE, fill(grid.rough_voltage, network.source_pu))
    store(grid.rough_voltage, tile, 0, IM, fill(grid.rough_voltage, 0.0))
    for _ in range(ROUGH_SWEEPS - 1):
        _add_up(network, grid.rough_current, tile)
        _drop_freely(network, grid.rough_load, grid.rough_voltage, grid.rough_current, tile)
    _add_up(network, grid.rough_current, tile)
    parent, voltage_pu = network.parent, grid.voltage_pu
    wide_v, wide_w = fill(voltage_pu, network.source_pu), fill(voltage_pu, 0.0)
    store(voltage_pu, tile, 0, RE, wide_v)
    store(voltage_pu, tile, 0, IM, wide_w)
    _draw(network, grid.load_pu, grid.current_pu, tile, 0, wide_v, wide_w)
    v, w = narrow(wide_v), narrow(wide_w)
    for bus in range(1, parent.size):
        upper = parent[bus]
        if upper != bus - 1:
            v, w = narrow(load(voltage_pu, tile, upper, RE)), narrow(load(voltage_pu, tile, upper, IM))
        v, w = _fall(network, grid.rough_current, tile, bus, v, w)
        wide_v, wide_w = widen(v), widen(w)
        store(voltage_pu, tile, bus, RE, wide_v)
        store(voltage_pu, tile, bus, IM, wide_w)
        _draw(network, grid.load_pu, grid.current_pu, tile, bus, wide_v, wide_w)


@kernel
def _start_flat(network: Network, grid: Grid, tile: int, lanes: int) -> None:
    """Set the voltages of ``lanes`` flat, and what each bus draws."""
    source, zero = fill(grid.load_pu, network.source_pu), fill(grid.load_pu, 0.0)
    for bus in range(network.parent.size):
        v = select(from_bits(lanes), source, load(grid.voltage_pu, tile, bus, RE))
        w = select(from_bits(lanes), zero, load(grid.voltage_pu, tile, bus, IM))
        store(grid.voltage_pu, tile, bus, RE, v)
        store(grid.voltage_pu, tile, bus, IM, w)
        _draw(network, grid.load_pu, grid.current_pu, tile, bus, v, w)


@kernel
def _settle(
    network: Network, grid: Grid, tile: int, lanes: int, tolerance_pu: float, max_sweeps: int
) -> tuple[int, int]:
    """Sweep until all ``lanes`` have converged, from voltages and what the buses draw at them; see :func:`sweep_tile`."""
    half_tolerance = fill(grid.load_pu, 0.5 * tolerance_pu)  # half: the ratio below is itself an estimate
    negligible = fill(grid.load_pu, NEGLIGIBLE * tolerance_pu)
    trusted = fill(grid.load_pu, tolerance_pu / LEAST_RATIO)
    moving, last_step, sweeps = lanes, fill(grid.load_pu, 0.0), 0
    while moving != 0 and sweeps < max_sweeps:
        _add_up(network, grid.current_pu, tile)
        step = square_root(_drop(network, grid.load_pu, grid.voltage_pu, grid.current_pu, tile, moving))
        sweeps += 1
        # The steps to come are a geometric series: step * ratio / (1 - ratio), ratio = step / last_step.
        settled = (half_tolerance * (last_step - step) >= step * step) & (trusted > step)
        moving &= ~to_bits(settled | (negligible > step))
        last_step = step
    _add_up(network, grid.current_pu, tile)
    # A bus at nan leaves the largest step alone, but not the sum of all currents.
    total = load(grid.current_pu, tile, 0, RE)
    return sweeps, moving | lanes & ~to_bits(total - total == fill(grid.load_pu, 0.0))


@kernel
def _draw(
    network: Network, load_pu: Tiles, current_pu: Tiles, tile: int, bus: int, v: Vector, w: Vector
) -> None:
    """What a bus draws at the voltage v + i w: its load and its shunt, conj((s + conj(y) |v|^2) / v)."""
    squared = multiply_add(v, v, w * w)
    p = multiply_add(fill(load_pu, network.g_pu[bus]), squared, load(load_pu, tile, bus, RE))
    q = multiply_add(fill(load_pu, -network.b_pu[bus]), squared, load(load_pu, tile, bus, IM))
    inverse = fill(load_pu, 1.0) / squared
    store(current_pu, tile, bus, RE, multiply_add(p, v, q * w) * inverse)
    store(current_pu, tile, bus, IM, multiply_add(p, w, -(q * v)) * inverse)


@kernel
def _add_up(network: Network, current_pu: Tiles | Singles, tile: int) -> None:
    """Backward sweep: add what each bus draws to its parent's.

    Measured: along a chain of buses, parent = bus - 1, the sum stays in registers; through memory a whole sweep takes
    1.2 times as long.
    """
    parent = network.parent
    re, im = fill(current_pu, 0.0), fill(current_pu, 0.0)
    for bus in range(parent.size - 1, -1, -1):
        re, im = re + load(current_pu, tile, bus, RE), im + load(current_pu, tile, bus, IM)
        store(current_pu, tile, bus, RE, re)
        store(current_pu, tile, bus, IM, im)
        upper = parent[bus]
        if upper != bus - 1:
            store(current_pu, tile, upper, RE, load(current_pu, tile, upper, RE) + re)
            store(current_pu, tile, upper, IM, load(current_pu, tile, upper, IM) + im)
            re, im = fill(current_pu, 0.0), fill(current_pu, 0.0)


@kernel
def _drop_freely(
    network: Network, load_pu: Singles, voltage_pu: Singles, current_pu: Singles, tile: int
) -> None:
    """Forward sweep of all lanes: take the voltage drops from the source down, and what each bus then draws."""
    parent = network.parent
    v, w = fill(load_pu, network.source_pu), fill(load_pu, 0.0)
    _draw(network, load_pu, current_pu, tile, 0, v, w)
    for bus in range(1, parent.size):
        upper = parent[bus]
        if upper != bus - 1:
            v, w = load(voltage_pu, tile, upper, RE), load(voltage_pu, tile, upper, IM)
        v, w = _fall(network, current_pu, tile, bus, v, w)
        store(voltage_pu, tile, bus, RE, v)
        store(voltage_pu, tile, bus, IM, w)
        _draw(network, load_pu, current_pu, tile, bus, v, w)


@kernel
def _drop(
    network: Network, load_pu: Tiles, voltage_pu: Tiles, current_pu: Tiles, tile: int, moving: int
) -> Vector:
    """Forward sweep of the lanes in ``moving``; return the square of each lane's largest step."""
    parent, may_move = network.parent, from_bits(moving)
    largest = fill(load_pu, 0.0)
    v, w = fill(load_pu, network.source_pu), fill(load_pu, 0.0)
    _draw(network, load_pu, current_pu, tile, 0, v, w)
    for bus in range(1, parent.size):
        upper = parent[bus]
        if upper != bus - 1:
            v, w = load(voltage_pu, tile, upper, RE), load(voltage_pu, tile, upper, IM)
        v, w = _fall(network, current_pu, tile, bus, v, w)
        last_v, last_w = load(voltage_pu, tile, bus, RE), load(voltage_pu, tile, bus, IM)
        step_v, step_w = v - last_v, w - last_w
        step = multiply_add(step_v, step_v, step_w * step_w)
        largest = select(largest > step, largest, step)
        v, w = select(may_move, v, last_v), select(may_move, w, last_w)
        store(voltage_pu, tile, bus, RE, v)
        store(voltage_pu, tile, bus, IM, w)
        _draw(network, load_pu, current_pu, tile, bus, v, w)
    return largest


@kernel
def _fall(
    network: Network, current_pu: Tiles, tile: int, bus: int, v: Vector, w: Vector
) -> tuple[Vector, Vector]:
    """The voltage below the branch into ``bus``, from v + i w above it."""
    r, x = fill(current_pu, network.r_pu[bus]), fill(current_pu, network.x_pu[bus])
    re, im = load(current_pu, tile, bus, RE), load(current_pu, tile, bus, IM)
    return (
        multiply_add(x, im, multiply_add(-r, re, v)),
        multiply_add(-x, re, multiply_add(-r, im, w)),
    )


@kernel
def _erase(tiles: Tiles, tile: int, lanes: int) -> None:
    nothing = fill(tiles, np.nan)
    for bus in range(tiles.shape[1]):
        for part in (RE, IM):
            store(tiles, tile, bus, part, select(from_bits(lanes), nothing, load(tiles, tile, bus, part)))
