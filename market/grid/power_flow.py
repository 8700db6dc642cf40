"""Power flow of many operating points of a radial network, LANES of them side by side; see :mod:`gridbid.market.grid.sweeps`."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridbid.market.errors import InputError
from gridbid.market.grid.limits import loading
from gridbid.market.grid.network import Network, validate
from gridbid.market.grid.points import Points, make_points, solve_points
from gridbid.market.grid.tiles import make_grid
from gridbid.market.grid.vectors import LANES

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PowerFlowResult:
    """Operating points of a network; nan wherever a point didn't converge."""

    voltage_pu: NDArray[np.complex128]
    """(..., n_buses)."""
    current_squared: Floats
    """Square of the current in the branch to each bus, pu, (..., n_buses); 0 at bus 0."""
    losses_kw: Floats
    """In branches and shunts, (...)."""
    source_kw: Floats
    """Drawn from above bus 0, (...)."""
    source_kvar: Floats
    """Drawn from above bus 0, (...)."""
    converged: NDArray[np.bool_]
    """(...)."""
    network: Network

    @property
    def branch_kva(self) -> Floats:
        """Current in the branch to each bus times nominal voltage, (..., n_buses): what its rating is compared with."""
        return np.sqrt(self.current_squared) * self.network.base_kva

    @property
    def loading(self) -> Floats:
        """Current in each branch over its rated current, (..., n_buses); 0 where the rating is unknown."""
        return loading(self.branch_kva, self.network.rating_kva)


def solve(
    network: Network,
    p_kw: Floats,
    q_kvar: Floats,
    tolerance_pu: float = 1e-8,
    max_sweeps: int = 100,
) -> PowerFlowResult:
    """Power flow of loads (..., n_buses), from a flat start.

    ``tolerance_pu`` bounds the estimated error of each voltage. A point whose estimate is still above it after
    ``max_sweeps`` in double precision has converged False: it has no solution, or the load is very near the most that the
    network carries. ValueError on a faulty network, shape, load or setting.
    """
    points = _solve(network, p_kw, q_kvar, tolerance_pu, max_sweeps, flows=True)
    shape = np.shape(p_kw)
    losses_kw, source_kw, source_kvar = (_asked(total, shape[:-1]) for total in points.totals_kva.T)
    return PowerFlowResult(
        _asked(points.voltage_pu.view(np.complex128), shape),
        _asked(points.current_squared, shape),
        losses_kw,
        source_kw,
        source_kvar,
        ~np.isnan(losses_kw),
        network,
    )


def solve_voltages(
    network: Network,
    p_kw: Floats,
    q_kvar: Floats,
    tolerance_pu: float = 1e-8,
    max_sweeps: int = 100,
) -> NDArray[np.complex128]:
    """Voltages alone, pu (..., n_buses): nan where :func:`solve` wouldn't have converged."""
    points = _solve(network, p_kw, q_kvar, tolerance_pu, max_sweeps, flows=False)
    return _asked(points.voltage_pu.view(np.complex128), np.shape(p_kw))


def _solve(
    network: Network, p_kw: Floats, q_kvar: Floats, tolerance_pu: float, max_sweeps: int, flows: bool
) -> Points:
    validate(network)
    if not tolerance_pu > 0.0:
        raise InputError(f"tolerance_pu is {tolerance_pu}, expected above 0")
    if max_sweeps < 1:
        raise InputError(f"max_sweeps is {max_sweeps}, expected at least 1")
    p_kw, q_kvar = np.asarray(p_kw, np.float64), np.asarray(q_kvar, np.float64)
    n_buses = network.parent.size
    _check_shapes(n_buses, p_kw, q_kvar)
    n_points = math.prod(p_kw.shape[:-1])
    p_rows, q_rows = (_rows(values, n_points, n_buses) for values in (p_kw, q_kvar))
    points = make_points(p_rows.shape[0], n_buses, flows)
    solve_points(network, p_rows, q_rows, make_grid(1, n_buses), tolerance_pu, max_sweeps, points)
    if np.isnan(points.voltage_pu[:n_points, 0, 0]).any():
        _check_finite(p_kw, q_kvar)
    return points


def _asked(values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """The points that were asked for, without those that filled the last tile."""
    return values[: math.prod(shape) // max(1, values[:1].size)].reshape(shape)


def _rows(values: Floats, n_points: int, n_buses: int) -> Floats:
    """The points in rows, C-contiguous; as many more without load as fill the last tile."""
    missing = -n_points % LANES
    rows = values.reshape(n_points, n_buses)
    return np.concatenate((rows, np.zeros((missing, n_buses)))) if missing else np.ascontiguousarray(rows)


def _check_shapes(n_buses: int, p_kw: Floats, q_kvar: Floats) -> None:
    if p_kw.shape[-1:] != (n_buses,):
        raise InputError(f"p_kw has shape {p_kw.shape}, expected (..., {n_buses}): a load for each bus")
    if q_kvar.shape != p_kw.shape:
        raise InputError(f"q_kvar has shape {q_kvar.shape}, expected {p_kw.shape} as p_kw has")


def _check_finite(p_kw: Floats, q_kvar: Floats) -> None:
    """Looked at only when some point didn't converge: one with such a load never does."""
    for name, values in (("p_kw", p_kw), ("q_kvar", q_kvar)):
        faulty = np.argwhere(~np.isfinite(values))
        if faulty.size:
            where = tuple(faulty[0].tolist())
            raise InputError(
                f"{name}{list(where)} is {values[where]}, expected a finite number"
                + (f" (and {len(faulty) - 1} more)" if len(faulty) > 1 else "")
            )
