"""Backward-forward sweeps of one tile: LANES operating points of a radial network side by side.

The load of a bus draws the current conj(s / v), its shunt y v. A backward sweep adds the currents up towards the source,
a forward sweep takes the voltage drops away from it; this repeats until no voltage moves any more (Shirmohammadi et
al., "A compensation-based power flow method for weakly meshed distribution and transmission networks", IEEE Trans. Power
Systems 3(2), 1988). Balanced, one phase for all three: an unbalanced low-voltage feeder sees worse voltages.

Tiles (see :mod:`.vectors`) have a row for each bus: loads, positive; voltages; currents in the branch into the bus, with
its own load and shunt, at bus 0 all that the source gives. A lane's result doesn't depend on its neighbours, to
the bit: all lanes make the free sweeps, then each stops moving at its own last sweep.
"""

import numpy as np
from numpy.typing import NDArray

from gridbid.market.grid.network import Network
from gridbid.market.grid.vectors import (
    ALL_LANES,
    IM,
    RE,
    Vector,
    fill,
    from_bits,
    load,
    multiply_add,
    select,
    square_root,
    store,
    to_bits,
)
from gridbid.market.kernel import kernel

FREE_SWEEPS = 2
"""Sweeps of :func:`sweep_tile` that no lane is measured in: hardly one converges in them."""
LEAST_RATIO = 0.01
"""A lane is never believed to converge faster than this a sweep."""
NEGLIGIBLE = 1e-3
"""A step this small beside the tolerance ends a lane, whatever the ratio of the last two steps: both may be rounding."""

Tiles = NDArray[np.float64]
Singles = NDArray[np.float32]


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

    A lane starts from the voltages that it has, if bus 0 has the source's, else flat. A lane that is not in ``lanes``
    keeps its voltages to the bit; its currents are of no meaning. One without a solution is left as nan, so it
    starts flat next time.
    """
    _start(network, load_pu, voltage_pu, current_pu, tile, lanes)
    if lanes != ALL_LANES:
        return settle(
            network, load_pu, voltage_pu, current_pu, tile, lanes, FREE_SWEEPS, tolerance_pu, max_sweeps
        )
    for _ in range(FREE_SWEEPS):
        add_up(network, current_pu, tile)
        drop_freely(network, load_pu, voltage_pu, current_pu, tile)
    sweeps, unsolved = settle(
        network, load_pu, voltage_pu, current_pu, tile, lanes, 0, tolerance_pu, max_sweeps - FREE_SWEEPS
    )
    return sweeps + FREE_SWEEPS, unsolved


@kernel
def settle(
    network: Network,
    load_pu: Tiles,
    voltage_pu: Tiles,
    current_pu: Tiles,
    tile: int,
    lanes: int,
    untested: int,
    tolerance_pu: float,
    max_sweeps: int,
) -> tuple[int, int]:
    """Sweep until all ``lanes`` have converged, from voltages and what the buses draw at them; see :func:`sweep_tile`.

    No lane ends in the first ``untested`` sweeps.
    """
    half_tolerance = fill(load_pu, 0.5 * tolerance_pu)  # half: the ratio below is itself an estimate
    negligible, trusted = fill(load_pu, NEGLIGIBLE * tolerance_pu), fill(load_pu, tolerance_pu / LEAST_RATIO)
    moving, last_step, sweeps = lanes, fill(load_pu, 0.0), 0
    while moving != 0 and sweeps < max_sweeps:
        add_up(network, current_pu, tile)
        step = square_root(_drop(network, load_pu, voltage_pu, current_pu, tile, moving))
        sweeps += 1
        if sweeps > untested:
            # The steps to come are a geometric series: step * ratio / (1 - ratio), ratio = step / last_step.
            settled = (half_tolerance * (last_step - step) >= step * step) & (trusted > step)
            moving &= ~to_bits(settled | (negligible > step))
            last_step = step
    add_up(network, current_pu, tile)
    # A bus at nan leaves the largest step alone, but not the sum of all currents.
    total = load(current_pu, tile, 0, RE)
    unsolved = moving | lanes & ~to_bits(total - total == fill(load_pu, 0.0))
    if unsolved != 0:
        _erase(voltage_pu, tile, unsolved)
        _erase(current_pu, tile, unsolved)
    return sweeps, unsolved


@kernel
def _start(
    network: Network, load_pu: Tiles, voltage_pu: Tiles, current_pu: Tiles, tile: int, lanes: int
) -> None:
    """Voltages to start from, and what each bus draws at them."""
    source, zero = fill(load_pu, network.source_pu), fill(load_pu, 0.0)
    flat = lanes & ~to_bits(load(voltage_pu, tile, 0, RE) == source)
    for bus in range(network.parent.size):
        v = select(from_bits(flat), source, load(voltage_pu, tile, bus, RE))
        w = select(from_bits(flat), zero, load(voltage_pu, tile, bus, IM))
        store(voltage_pu, tile, bus, RE, v)
        store(voltage_pu, tile, bus, IM, w)
        draw(network, load_pu, current_pu, tile, bus, v, w)


@kernel
def draw(
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
def add_up(network: Network, current_pu: Tiles, tile: int) -> None:
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
def drop_freely(network: Network, load_pu: Tiles, voltage_pu: Tiles, current_pu: Tiles, tile: int) -> None:
    """Forward sweep of all lanes: take the voltage drops from the source down, and what each bus then draws."""
    parent = network.parent
    v, w = fill(load_pu, network.source_pu), fill(load_pu, 0.0)
    draw(network, load_pu, current_pu, tile, 0, v, w)
    for bus in range(1, parent.size):
        upper = parent[bus]
        if upper != bus - 1:
            v, w = load(voltage_pu, tile, upper, RE), load(voltage_pu, tile, upper, IM)
        v, w = fall(network, current_pu, tile, bus, v, w)
        store(voltage_pu, tile, bus, RE, v)
        store(voltage_pu, tile, bus, IM, w)
        draw(network, load_pu, current_pu, tile, bus, v, w)


@kernel
def _drop(
    network: Network, load_pu: Tiles, voltage_pu: Tiles, current_pu: Tiles, tile: int, moving: int
) -> Vector:
    """Forward sweep of the lanes in ``moving``; return the square of each lane's largest step."""
    parent, may_move = network.parent, from_bits(moving)
    largest = fill(load_pu, 0.0)
    v, w = fill(load_pu, network.source_pu), fill(load_pu, 0.0)
    draw(network, load_pu, current_pu, tile, 0, v, w)
    for bus in range(1, parent.size):
        upper = parent[bus]
        if upper != bus - 1:
            v, w = load(voltage_pu, tile, upper, RE), load(voltage_pu, tile, upper, IM)
        v, w = fall(network, current_pu, tile, bus, v, w)
        last_v, last_w = load(voltage_pu, tile, bus, RE), load(voltage_pu, tile, bus, IM)
        step_v, step_w = v - last_v, w - last_w
        step = multiply_add(step_v, step_v, step_w * step_w)
        largest = select(largest > step, largest, step)
        v, w = select(may_move, v, last_v), select(may_move, w, last_w)
        store(voltage_pu, tile, bus, RE, v)
        store(voltage_pu, tile, bus, IM, w)
        draw(network, load_pu, current_pu, tile, bus, v, w)
    return largest


@kernel
def fall(
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
def losses(network: Network, voltage_pu: Tiles, current_pu: Tiles, tile: int) -> Vector:
    """Active power lost in branches and shunts by lane, pu."""
    lost = fill(voltage_pu, 0.0)
    for bus in range(network.parent.size):
        v, w = load(voltage_pu, tile, bus, RE), load(voltage_pu, tile, bus, IM)
        re, im = load(current_pu, tile, bus, RE), load(current_pu, tile, bus, IM)
        r, g = fill(voltage_pu, network.r_pu[bus]), fill(voltage_pu, network.g_pu[bus])
        lost = lost + (r * (re * re + im * im) + g * (v * v + w * w))
    return lost


@kernel
def overload_kva(network: Network, current_pu: Tiles, tile: int) -> Vector:
    """By how much branches carry more than their rating, summed up by lane; 0 in a lane without a solution."""
    zero, base_kva = fill(current_pu, 0.0), fill(current_pu, network.base_kva)
    excess = zero
    for bus in range(1, network.parent.size):
        re, im = load(current_pu, tile, bus, RE), load(current_pu, tile, bus, IM)
        squared, rating = re * re + im * im, network.rating_kva[bus]
        if to_bits(squared > fill(current_pu, (rating / network.base_kva) ** 2)) != 0:  # a root takes long
            above = square_root(squared) * base_kva - fill(current_pu, rating)
            excess = excess + select(above > zero, above, zero)
    return excess


@kernel
def _erase(tiles: Tiles, tile: int, lanes: int) -> None:
    nothing = fill(tiles, np.nan)
    for bus in range(tiles.shape[1]):
        for part in (RE, IM):
            store(tiles, tile, bus, part, select(from_bits(lanes), nothing, load(tiles, tile, bus, part)))
