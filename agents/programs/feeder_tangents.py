"""How much each branch of the feeder carries around an operating point: the full power flow, made linear.

Apparent power is, in all that matters, a convex function of what the meters take: a tangent never overstates it. So rows
made of tangents keep a linear program a bound, and adding them where a solution overloads makes the bound tight (Kelley:
The cutting-plane method for solving convex programs, J. SIAM 8:703, 1960).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.programs.outlook import Outlook
from gridbid.market.community import Community
from gridbid.market.grid.power_flow import solve

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_STEP_KW = 0.1


class Tangents(NamedTuple):
    """At K operating points: ``branch_kva`` (K, branches) into each bus; ``slope`` (K, branches, N), kVA for each kWh a slot.

    nan where the power flow has no solution.
    """

    branch_kva: Floats
    slope: Floats


def branch_tangents(community: Community, outlook: Outlook, slots: Integers, net_kwh: Floats) -> Tangents:
    """Tangents where the meters take ``net_kwh`` (K, N) in ``slots`` (K,) of the outlook; central differences by bus."""
    n_buses, hours = community.network.parent.size, community.rules.slot_h
    at_bus = np.zeros((community.n_participants, n_buses))
    at_bus[np.arange(community.n_participants), community.sites.bus] = 1.0
    used = np.unique(community.sites.bus)
    steps_kw = np.zeros((1 + 2 * used.size, n_buses))
    steps_kw[1 : 1 + used.size, used] = _STEP_KW * np.eye(used.size)
    steps_kw[1 + used.size :, used] = -_STEP_KW * np.eye(used.size)
    p_kw = (net_kwh / hours @ at_bus)[:, None, :] + steps_kw
    q_kvar = np.broadcast_to((outlook.reactive_kvar[slots] @ at_bus)[:, None, :], p_kw.shape)
    branch_kva = solve(community.network, p_kw, np.ascontiguousarray(q_kvar)).branch_kva
    up_kva, down_kva = branch_kva[:, 1 : 1 + used.size], branch_kva[:, 1 + used.size :]
    by_bus = np.zeros((slots.size, n_buses, n_buses))
    by_bus[:, :, used] = np.swapaxes(up_kva - down_kva, 1, 2) / (2.0 * _STEP_KW * hours)
    return Tangents(branch_kva[:, 0], by_bus[:, :, community.sites.bus])
