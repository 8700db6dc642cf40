"""Radial power flow: backward-forward sweeps to 1e-8 pu, 32 operating points side by side.

The load of a bus draws the current conj(s / v), its shunt y v. A backward sweep adds the currents up towards the source,
a forward sweep takes the voltage drops away from it; this repeats until no voltage moves any more (Shirmohammadi et
al., "A compensation-based power flow method for weakly meshed distribution and transmission networks", IEEE Trans. Power
Systems 3(2), 1988). Balanced, one phase for all three: an unbalanced low-voltage feeder sees worse voltages.

Blocks are float64, C-contiguous, (n_buses, LANES); complex numbers are two blocks. A lane's result doesn't depend on its
neighbours, to the bit: it stops moving at its own last sweep. Loads are positive.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.errors import InputError
from gridbid.market.grid.limits import loading
from gridbid.market.grid.network import Network, validate
from gridbid.market.kernel import kernel

LANES = 32
ALL_LANES = (1 << LANES) - 1

Block = NDArray[np.float64]


class PowerFlowResult(NamedTuple):
    """Operating points of a network; nan wherever a point didn't converge.

    - ``voltage_pu``: complex (..., n_buses).
    - ``branch_kva``: apparent power into the branch to each bus, at its upper end (..., n_buses); 0 at bus 0.
    - ``loading``: branch_kva over the branch's rating (..., n_buses); 0 where the rating is unknown.
    - ``losses_kw``: in branches and shunts (...). ``source_kw``, ``source_kvar``: drawn from above bus 0 (...).
    - ``converged``: bool (...).
    """

    voltage_pu: NDArray[np.complex128]
    branch_kva: NDArray[np.float64]
    loading: NDArray[np.float64]
    losses_kw: NDArray[np.float64]
    source_kw: NDArray[np.float64]
    source_kvar: NDArray[np.float64]
    converged: NDArray[np.bool_]


def solve(
    network: Network,
    p_kw: NDArray[np.float64],
    q_kvar: NDArray[np.float64],
    tolerance_pu: float = 1e-8,
    max_sweeps: int = 100,
) -> PowerFlowResult:
    """Power flow of loads (..., n_buses), from a flat start. ValueError on a faulty network, shape, load or setting."""
    validate(network)
    if not tolerance_pu > 0.0:
        raise InputError(f"tolerance_pu is {tolerance_pu}, expected above 0")
    if max_sweeps < 1:
        raise InputError(f"max_sweeps is {max_sweeps}, expected at least 1")
    p_kw, q_kvar = np.asarray(p_kw, np.float64), np.asarray(q_kvar, np.float64)
    n_buses = network.parent.size
    _check_loads(n_buses, p_kw, q_kvar)
    p_pu, q_pu = (_to_tiles(values.reshape(-1, n_buses) / network.base_kva) for values in (p_kw, q_kvar))
    v_re, v_im, j_re, j_im = (np.zeros_like(p_pu) for _ in range(4))
    v_re[:] = network.source_pu
    _sweep_tiles(network, p_pu, q_pu, v_re, v_im, j_re, j_im, tolerance_pu, max_sweeps)
    voltage_pu, current_pu = (
        _from_tiles(re + 1j * im, p_kw.shape) for re, im in ((v_re, v_im), (j_re, j_im))
    )
    return _report(network, voltage_pu, current_pu)


def _check_loads(n_buses: int, p_kw: NDArray[np.float64], q_kvar: NDArray[np.float64]) -> None:
    if p_kw.shape[-1:] != (n_buses,):
        raise InputError(f"p_kw has shape {p_kw.shape}, expected (..., {n_buses}): a load for each bus")
    if q_kvar.shape != p_kw.shape:
        raise InputError(f"q_kvar has shape {q_kvar.shape}, expected {p_kw.shape} as p_kw has")
    for name, values in (("p_kw", p_kw), ("q_kvar", q_kvar)):
        faulty = np.argwhere(~np.isfinite(values))
        if faulty.size:
            where = tuple(faulty[0].tolist())
            raise InputError(f"{name}{list(where)} is {values[where]}, expected a finite number")


def _to_tiles(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n_points, n_buses) to (n_tiles, n_buses, LANES); lanes that are left over carry no load."""
    n_points, n_buses = points.shape
    n_tiles = -(-n_points // LANES)
    padded = np.zeros((n_tiles * LANES, n_buses))
    padded[:n_points] = points
    return np.ascontiguousarray(padded.reshape(n_tiles, LANES, n_buses).transpose(0, 2, 1))


def _from_tiles(tiles: NDArray[np.complex128], shape: tuple[int, ...]) -> NDArray[np.complex128]:
    """(n_tiles, n_buses, LANES) to (..., n_buses)."""
    n_buses = shape[-1]
    n_points = int(np.prod(shape[:-1]))
    return tiles.transpose(0, 2, 1).reshape(-1, n_buses)[:n_points].reshape(shape)


def _report(
    network: Network, voltage_pu: NDArray[np.complex128], current_pu: NDArray[np.complex128]
) -> PowerFlowResult:
    branch_pu = current_pu.copy()
    branch_pu[..., 0] *= 0.0  # no branch feeds bus 0, and nan stays nan
    branch_kva = np.abs(voltage_pu[..., network.parent] * branch_pu) * network.base_kva
    losses_pu = network.r_pu * np.abs(branch_pu) ** 2 + network.g_pu * np.abs(voltage_pu) ** 2
    source_kva = voltage_pu[..., 0] * np.conj(current_pu[..., 0]) * network.base_kva
    return PowerFlowResult(
        voltage_pu=voltage_pu,
        branch_kva=branch_kva,
        loading=loading(branch_kva, network.rating_kva),
        losses_kw=losses_pu.sum(axis=-1) * network.base_kva,
        source_kw=source_kva.real,
        source_kvar=source_kva.imag,
        converged=~np.isnan(voltage_pu[..., 0]),
    )


@kernel
def _sweep_tiles(
    network: Network,
    p_pu: Block,
    q_pu: Block,
    v_re: Block,
    v_im: Block,
    j_re: Block,
    j_im: Block,
    tolerance_pu: float,
    max_sweeps: int,
) -> None:
    for tile in range(p_pu.shape[0]):
        sweep_tile(
            network.parent,
            network.r_pu,
            network.x_pu,
            network.g_pu,
            network.b_pu,
            network.source_pu,
            p_pu[tile],
            q_pu[tile],
            v_re[tile],
            v_im[tile],
            j_re[tile],
            j_im[tile],
            tolerance_pu,
            max_sweeps,
        )


@kernel
def sweep_tile(
    parent: NDArray[np.int32],
    r_pu: NDArray[np.float64],
    x_pu: NDArray[np.float64],
    g_pu: NDArray[np.float64],
    b_pu: NDArray[np.float64],
    source_pu: float,
    p_pu: Block,
    q_pu: Block,
    v_re: Block,
    v_im: Block,
    j_re: Block,
    j_im: Block,
    tolerance_pu: float,
    max_sweeps: int,
) -> int:
    """Solve one tile of operating points; return its sweeps, negative if some lane didn't converge.

    ``v`` holds the start (the last solution serves well; nan at bus 0 asks for a flat start) and then the voltages; ``j``
    the currents in the branch into each bus, with the bus's own load and shunt; at bus 0 all that the source gives. A
    lane that didn't converge is left as nan in ``v`` and ``j``; the others are as good as ever.
    """
    _start(source_pu, v_re, v_im)
    _add_up_currents(parent, g_pu, b_pu, p_pu, q_pu, v_re, v_im, j_re, j_im)
    moving, sweeps = ALL_LANES, 0
    while moving != 0 and sweeps < max_sweeps:
        moving = _take_drops(parent, r_pu, x_pu, tolerance_pu, moving, v_re, v_im, j_re, j_im)
        _add_up_currents(parent, g_pu, b_pu, p_pu, q_pu, v_re, v_im, j_re, j_im)
        sweeps += 1
    if moving == 0:
        return sweeps
    for block in (v_re, v_im, j_re, j_im):
        _erase(block, moving)
    return -sweeps


@kernel
def _start(source_pu: float, v_re: Block, v_im: Block) -> None:
    for lane in range(LANES):
        if np.isnan(v_re[0, lane]):
            v_re[:, lane] = source_pu
            v_im[:, lane] = 0.0
        v_re[0, lane] = source_pu
        v_im[0, lane] = 0.0


@kernel
def _add_up_currents(
    parent: NDArray[np.int32],
    g_pu: NDArray[np.float64],
    b_pu: NDArray[np.float64],
    p_pu: Block,
    q_pu: Block,
    v_re: Block,
    v_im: Block,
    j_re: Block,
    j_im: Block,
) -> None:
    """Backward sweep: what each bus draws, then summed towards the source."""
    for bus in range(parent.size):
        g, b = g_pu[bus], b_pu[bus]
        for lane in range(LANES):
            v, w = v_re[bus, lane], v_im[bus, lane]
            p, q = p_pu[bus, lane], q_pu[bus, lane]
            inverse = 1.0 / (v * v + w * w)
            j_re[bus, lane] = (p * v + q * w) * inverse + g * v - b * w
            j_im[bus, lane] = (p * w - q * v) * inverse + g * w + b * v
    for bus in range(parent.size - 1, 0, -1):
        upper = parent[bus]
        for lane in range(LANES):  # measured: a loop for each block is quicker than one for both
            j_re[upper, lane] += j_re[bus, lane]
        for lane in range(LANES):
            j_im[upper, lane] += j_im[bus, lane]


@kernel
def _take_drops(
    parent: NDArray[np.int32],
    r_pu: NDArray[np.float64],
    x_pu: NDArray[np.float64],
    tolerance_pu: float,
    moving: int,
    v_re: Block,
    v_im: Block,
    j_re: Block,
    j_im: Block,
) -> int:
    """Forward sweep of the lanes in the bit mask ``moving``; return those that moved by more than the tolerance."""
    limit = tolerance_pu * tolerance_pu
    still_moving = 0
    for bus in range(1, parent.size):
        upper, r, x = parent[bus], r_pu[bus], x_pu[bus]
        for lane in range(LANES):
            if moving >> lane & 1:
                current_re, current_im = j_re[bus, lane], j_im[bus, lane]
                v = v_re[upper, lane] - r * current_re + x * current_im
                w = v_im[upper, lane] - r * current_im - x * current_re
                step_re, step_im = v - v_re[bus, lane], w - v_im[bus, lane]
                settled = step_re * step_re + step_im * step_im <= limit  # never true of nan
                still_moving |= int(not settled) << lane
                v_re[bus, lane] = v
                v_im[bus, lane] = w
    return still_moving


@kernel
def _erase(block: Block, lanes: int) -> None:
    for bus in range(block.shape[0]):
        for lane in range(LANES):
            if lanes >> lane & 1:
                block[bus, lane] = np.nan
