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

ROUGH_SWEEPS = 4
"""Sweeps in single precision. Each takes half as long; their rounding, 1e-8 pu or so, contracts like any other error."""
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
    """Find the voltages of the lanes in the bit mask ``lanes``, once :func:`start_bus` has been called for each bus.

    Returns the sweeps made after the rough ones, and the lanes without a solution: their voltages are nan. Currents are
    left as what each bus draws; :func:`add_up` makes those of the branches of them. Lanes that are not in ``lanes`` are
    of no meaning.
    """
    last_step = _sweep_roughly(network, grid, tile)
    sweeps, unsolved = _settle(network, grid, tile, lanes, last_step, tolerance_pu, max_sweeps)
    if unsolved != 0:  # once more, all in double precision
        _start_flat(network, grid, tile, unsolved)
        no_step = fill(grid.load_pu, 0.0)
        sweeps, unsolved = _settle(network, grid, tile, unsolved, no_step, tolerance_pu, max_sweeps)
    if unsolved != 0:
        _erase(grid.rise_pu, tile, unsolved)
        _erase(grid.current_pu, tile, unsolved)
    return sweeps, unsolved


@kernel
def _sweep_roughly(network: Network, grid: Grid, tile: int) -> Vector:
    """Make the first sweeps in single precision, the last forward sweep of them across to double; return its largest steps."""
    zero = fill(grid.rough_rise, 0.0)
    store(grid.rough_rise, tile, 0, RE, zero)
    store(grid.rough_rise, tile, 0, IM, zero)
    for _ in range(ROUGH_SWEEPS - 1):
        add_up(network, grid.rough_current, tile)
        _drop_freely(network, grid, tile)
    add_up(network, grid.rough_current, tile)
    return square_root(widen(_drop_across(network, grid, tile)))


@kernel
def _start_flat(network: Network, grid: Grid, tile: int, lanes: int) -> None:
    """Set the voltages of ``lanes`` flat, and what each bus draws."""
    zero = fill(grid.rise_pu, 0.0)
    for bus in range(network.parent.size):
        v = select(from_bits(lanes), zero, load(grid.rise_pu, tile, bus, RE))
        w = select(from_bits(lanes), zero, load(grid.rise_pu, tile, bus, IM))
        store(grid.rise_pu, tile, bus, RE, v)
        store(grid.rise_pu, tile, bus, IM, w)
        _draw(network, grid.load_pu, grid.current_pu, tile, bus, v, w)


@kernel
def _settle(
    network: Network,
    grid: Grid,
    tile: int,
    lanes: int,
    last_step: Vector,
    tolerance_pu: float,
    max_sweeps: int,
) -> tuple[int, int]:
    """Sweep until all ``lanes`` have converged, from voltages and what the buses draw at them; see :func:`sweep_tile`."""
    half_tolerance = fill(grid.load_pu, 0.5 * tolerance_pu)  # half: the ratio below is itself an estimate
    negligible = fill(grid.load_pu, NEGLIGIBLE * tolerance_pu)
    trusted = fill(grid.load_pu, tolerance_pu / LEAST_RATIO)
    moving, lost, sweeps = lanes, 0, 0
    while moving != 0 and sweeps < max_sweeps:
        add_up(network, grid.current_pu, tile)
        # A bus at nan leaves the largest step alone, but not the sum of all currents.
        total = load(grid.current_pu, tile, 0, RE)
        lost |= lanes & ~to_bits(total - total == fill(grid.load_pu, 0.0))
        step = square_root(_drop(network, grid, tile, moving))
        sweeps += 1
        # The steps to come are a geometric series: step * ratio / (1 - ratio), ratio = step / last_step.
        settled = (half_tolerance * (last_step - step) >= step * step) & (trusted > step)
        moving &= ~to_bits(settled | (negligible > step))
        last_step = step
    return sweeps, moving | lost


@kernel
def _draw(
    network: Network, load_pu: Tiles, current_pu: Tiles, tile: int, bus: int, rise: Vector, w: Vector
) -> None:
    """What a bus draws at the voltage v + i w: its load and its shunt, conj((s + conj(y) |v|^2) / v)."""
    v = fill(load_pu, network.source_pu) + rise
    squared = multiply_add(v, v, w * w)
    p = multiply_add(fill(load_pu, network.g_pu[bus]), squared, load(load_pu, tile, bus, RE))
    q = multiply_add(fill(load_pu, -network.b_pu[bus]), squared, load(load_pu, tile, bus, IM))
    inverse = fill(load_pu, 1.0) / squared
    store(current_pu, tile, bus, RE, multiply_add(p, v, q * w) * inverse)
    store(current_pu, tile, bus, IM, multiply_add(p, w, -(q * v)) * inverse)


@kernel
def add_up(network: Network, current_pu: Tiles | Singles, tile: int) -> None:
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
def _drop_freely(network: Network, grid: Grid, tile: int) -> None:
    """Rough forward sweep: take the voltage drops from the source down, and what each bus then draws."""
    parent, rise, current = network.parent, grid.rough_rise, grid.rough_current
    v, w = fill(rise, 0.0), fill(rise, 0.0)
    _draw(network, grid.rough_load, current, tile, 0, v, w)
    for bus in range(1, parent.size):
        upper = parent[bus]
        if upper != bus - 1:
            v, w = load(rise, tile, upper, RE), load(rise, tile, upper, IM)
        v, w = _fall(network, current, tile, bus, v, w)
        store(rise, tile, bus, RE, v)
        store(rise, tile, bus, IM, w)
        _draw(network, grid.rough_load, current, tile, bus, v, w)


@kernel
def _drop_across(network: Network, grid: Grid, tile: int) -> Vector:
    """The last rough forward sweep, in double from here on; return the square of each lane's largest step."""
    parent, rise, last_rise = network.parent, grid.rise_pu, grid.rough_rise
    largest = fill(last_rise, 0.0)
    v, w = fill(last_rise, 0.0), fill(last_rise, 0.0)
    store(rise, tile, 0, RE, widen(v))
    store(rise, tile, 0, IM, widen(w))
    _draw(network, grid.load_pu, grid.current_pu, tile, 0, widen(v), widen(w))
    for bus in range(1, parent.size):
        upper = parent[bus]
        if upper != bus - 1:
            v, w = narrow(load(rise, tile, upper, RE)), narrow(load(rise, tile, upper, IM))
        v, w = _fall(network, grid.rough_current, tile, bus, v, w)
        largest = _larger(largest, v - load(last_rise, tile, bus, RE), w - load(last_rise, tile, bus, IM))
        wide_v, wide_w = widen(v), widen(w)
        store(rise, tile, bus, RE, wide_v)
        store(rise, tile, bus, IM, wide_w)
        _draw(network, grid.load_pu, grid.current_pu, tile, bus, wide_v, wide_w)
    return largest


@kernel
def _drop(network: Network, grid: Grid, tile: int, moving: int) -> Vector:
    """Forward sweep of the lanes in ``moving``; return the square of each lane's largest step."""
    parent, rise, current, may_move = network.parent, grid.rise_pu, grid.current_pu, from_bits(moving)
    largest = fill(rise, 0.0)
    v, w = fill(rise, 0.0), fill(rise, 0.0)
    _draw(network, grid.load_pu, current, tile, 0, v, w)
    for bus in range(1, parent.size):
        upper = parent[bus]
        if upper != bus - 1:
            v, w = load(rise, tile, upper, RE), load(rise, tile, upper, IM)
        v, w = _fall(network, current, tile, bus, v, w)
        last_v, last_w = load(rise, tile, bus, RE), load(rise, tile, bus, IM)
        largest = _larger(largest, v - last_v, w - last_w)
        v, w = select(may_move, v, last_v), select(may_move, w, last_w)
        store(rise, tile, bus, RE, v)
        store(rise, tile, bus, IM, w)
        _draw(network, grid.load_pu, current, tile, bus, v, w)
    return largest


@kernel
def _larger(largest: Vector, step_v: Vector, step_w: Vector) -> Vector:
    step = multiply_add(step_v, step_v, step_w * step_w)
    return select(largest > step, largest, step)


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
