"""Linear sensitivities of a radial network: LinDistFlow (Baran and Wu, IEEE Trans. Power Delivery 4(1), 1989).

Losses left out, the squared voltages are w = w0 - R p - X q, with R_ij twice the sum of r over the branches that the ways
from the source to i and to j share (X likewise), and a branch carries the sum of the loads below it. A shunt draws (g - jb) w,
which is linear in w, so shunts are kept: A = 1 + R G - X B, and R, X, w0 are multiplied by A's inverse.

What is left out has a closed form. With half of each branch's losses at each of its ends as a load on top of the loads, the
equation is exact; so where r, x >= 0 the linear voltage is never below the true one (safe for a limit from above, optimistic
for one from below, for which `gridbid.market.grid.load_box` has a bound).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.errors import InputError
from gridbid.market.grid.network import Network, validate

Floats = NDArray[np.float64]


class Sensitivities(NamedTuple):
    """What loads do to squared voltages and flows; loads positive, all per unit of the network's base.

    - ``resistance``, ``reactance``: (n_buses, n_buses), by how much the squared voltage of bus i falls for each unit of active,
      reactive load at bus j.
    - ``below``: (n_buses, n_buses), 1 where bus j is fed through the branch into bus i; row 0 is 0.
    - ``unloaded_squared``: (n_buses,), squared voltages without loads.
    """

    resistance: Floats
    reactance: Floats
    below: Floats
    unloaded_squared: Floats


class LinearFlow(NamedTuple):
    """``voltage_pu`` (..., n_buses), magnitudes, nan where the line falls below 0; ``branch_kw``, ``branch_kvar`` alike.

    A branch's flow is that of the loads below it, at no losses; shunts are not in it.
    """

    voltage_pu: Floats
    branch_kw: Floats
    branch_kvar: Floats


def sensitivities(network: Network) -> Sensitivities:
    """LinDistFlow of a network. InputError if it is faulty."""
    validate(network)
    below = branches_above(network.parent)
    resistance = 2.0 * below.T @ (network.r_pu[:, None] * below)
    reactance = 2.0 * below.T @ (network.x_pu[:, None] * below)
    with_shunts = np.eye(network.parent.size) + resistance * network.g_pu - reactance * network.b_pu
    source_squared = np.full((network.parent.size, 1), network.source_pu**2)
    solved = np.linalg.solve(with_shunts, np.hstack([resistance, reactance, source_squared]))
    resistance, reactance, unloaded = np.split(solved, [network.parent.size, 2 * network.parent.size], axis=1)
    return Sensitivities(resistance, reactance, below, unloaded[:, 0])


def branches_above(parent: NDArray[np.int32]) -> Floats:
    """1 where the way from the source to the column's bus takes the branch into the row's bus, (n_buses, n_buses)."""
    above = np.zeros((parent.size, parent.size))
    for bus in range(1, parent.size):
        above[:, bus] = above[:, parent[bus]]
        above[bus, bus] = 1.0
    return above


def linear_flow(network: Network, p_kw: Floats, q_kvar: Floats) -> LinearFlow:
    """The linear stand-in for `gridbid.market.grid.power_flow.solve`; loads (..., n_buses). InputError on a faulty shape."""
    n_buses, linear = network.parent.size, sensitivities(network)
    p_kw, q_kvar = np.asarray(p_kw, np.float64), np.asarray(q_kvar, np.float64)
    faults = [
        f"{name} has shape {values.shape}, expected (..., {n_buses}): a load for each bus"
        for name, values in (("p_kw", p_kw), ("q_kvar", q_kvar))
        if values.shape[-1:] != (n_buses,)
    ]
    if faults:
        raise InputError("; ".join(faults))
    drop = (p_kw @ linear.resistance.T + q_kvar @ linear.reactance.T) / network.base_kva
    squared = linear.unloaded_squared - drop
    return LinearFlow(
        voltage_pu=np.sqrt(np.where(squared >= 0.0, squared, np.nan)),
        branch_kw=p_kw @ linear.below.T,
        branch_kvar=q_kvar @ linear.below.T,
    )


def voltage_slopes(network: Network) -> tuple[Floats, Floats]:
    """By how much a kW and a kvar of load at bus j move the unloaded voltage of bus i, (n_buses, n_buses) each, pu; <= 0.

    dv/dp = -R / (2 v): exact at the voltages without loads, as losses grow with the square of the flow.
    """
    linear = sensitivities(network)
    scale = -2.0 * np.sqrt(linear.unloaded_squared)[:, None] * network.base_kva
    return linear.resistance / scale, linear.reactance / scale
