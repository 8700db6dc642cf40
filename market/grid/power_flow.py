"""Power flow of many operating points of a radial network, in tiles of LANES side by side (see :mod:`.sweeps`)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.errors import InputError
from gridbid.market.grid.limits import loading
from gridbid.market.grid.network import Network, validate
from gridbid.market.grid.sweeps import Tiles, sweep_tile
from gridbid.market.grid.vectors import ALL_LANES, LANES
from gridbid.market.kernel import kernel


class PowerFlowResult(NamedTuple):
    """Operating points of a network; nan wherever a point didn't converge.

    - ``voltage_pu``: complex (..., n_buses).
    - ``branch_kva``: current in the branch to each bus, times nominal voltage (..., n_buses); 0 at bus 0.
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
    load_pu = _to_tiles(p_kw.reshape(-1, n_buses), q_kvar.reshape(-1, n_buses)) / network.base_kva
    tiles, current_tiles = np.zeros_like(load_pu), np.zeros_like(load_pu)
    _sweep_tiles(network, load_pu, tiles, current_tiles, tolerance_pu, max_sweeps)
    return _report(network, _from_tiles(tiles, p_kw.shape), _from_tiles(current_tiles, p_kw.shape))


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


def _to_tiles(p: NDArray[np.float64], q: NDArray[np.float64]) -> Tiles:
    """(n_points, n_buses) each to (n_tiles, n_buses, 2, LANES); lanes that are left over carry no load."""
    n_points, n_buses = p.shape
    n_tiles = -(-n_points // LANES)
    padded = np.zeros((n_tiles * LANES, n_buses, 2))
    padded[:n_points] = np.stack((p, q), axis=-1)
    return np.ascontiguousarray(padded.reshape(n_tiles, LANES, n_buses, 2).transpose(0, 2, 3, 1))


def _from_tiles(tiles: Tiles, shape: tuple[int, ...]) -> NDArray[np.complex128]:
    """(n_tiles, n_buses, 2, LANES) to (..., n_buses)."""
    n_buses = shape[-1]
    n_points = int(np.prod(shape[:-1]))
    points = tiles[:, :, 0] + 1j * tiles[:, :, 1]
    return points.transpose(0, 2, 1).reshape(-1, n_buses)[:n_points].reshape(shape)


def _report(
    network: Network, voltage_pu: NDArray[np.complex128], current_pu: NDArray[np.complex128]
) -> PowerFlowResult:
    branch_pu = current_pu.copy()
    branch_pu[..., 0] *= 0.0  # no branch feeds bus 0, and nan stays nan
    branch_kva = np.abs(branch_pu) * network.base_kva
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
    load_pu: Tiles,
    voltage_pu: Tiles,
    current_pu: Tiles,
    tolerance_pu: float,
    max_sweeps: int,
) -> None:
    for tile in range(load_pu.shape[0]):
        sweep_tile(network, load_pu, voltage_pu, current_pu, tile, ALL_LANES, tolerance_pu, max_sweeps)
