"""The feeder under what was delivered: voltages, losses and overloads, and who pays for the overload in J."""

import math

import numpy as np

from gridbid.market.community import Community
from gridbid.market.grid.power_flow import LANES, sweep_tile
from gridbid.market.kernel import kernel
from gridbid.market.state import State
from gridbid.market.types import Cost

TOLERANCE_PU = 1e-8
MAX_SWEEPS = 100
_VIOLATION = int(Cost.VIOLATION)


@kernel
def flow_tile(community: Community, state: State, tile: int, due: int) -> None:
    """Power flow of the slot just delivered in a tile's lanes that are due (a bit mask).

    Changes voltages, losses, overload and its cost. Reactive power is the base load's, at ``load_tan_phi``; where no
    solution is found, voltages are nan.
    """
    network, grid = community.network, state.grid
    _inject(community, state, tile, due)
    sweep_tile(
        network.parent,
        network.r_pu,
        network.x_pu,
        network.g_pu,
        network.b_pu,
        network.source_pu,
        grid.p_pu[tile],
        grid.q_pu[tile],
        grid.v_re[tile],
        grid.v_im[tile],
        grid.j_re[tile],
        grid.j_im[tile],
        TOLERANCE_PU,
        MAX_SWEEPS,
    )
    for lane in range(LANES):
        if due >> lane & 1:
            _report(community, state, tile * LANES + lane, tile, lane)


@kernel
def _inject(community: Community, state: State, tile: int, due: int) -> None:
    network, grid, delivered = community.network, state.grid, state.delivered
    for bus in range(network.parent.size):
        for lane in range(LANES):
            grid.p_pu[tile, bus, lane] = 0.0
            grid.q_pu[tile, bus, lane] = 0.0
    # A flat start: from the last solution, the last bits would tell what a lane was solved with before.
    for lane in range(LANES):
        grid.v_re[tile, 0, lane] = math.nan
    kw_to_pu = 1.0 / network.base_kva
    for lane in range(LANES):
        if not due >> lane & 1:
            continue
        b = tile * LANES + lane
        slot = delivered.slot[b]
        for i in range(community.sites.bus.size):
            bus = community.sites.bus[i]
            grid.p_pu[tile, bus, lane] += delivered.net_kwh[b, i] / community.rules.slot_h * kw_to_pu
            load_kw = np.float64(community.series.load_kw[slot, i])
            grid.q_pu[tile, bus, lane] += load_kw * community.load_tan_phi * kw_to_pu


@kernel
def _report(community: Community, state: State, b: int, tile: int, lane: int) -> None:
    network, grid, delivered, hours = community.network, state.grid, state.delivered, community.rules.slot_h
    if math.isnan(grid.v_re[tile, 0, lane]):
        _report_collapse(community, state, b)
        return
    losses_pu, overload_kva, source_pu = network.g_pu[0] * network.source_pu**2, 0.0, 0.0
    for bus in range(1, network.parent.size):
        upper = network.parent[bus]
        j_re, j_im = grid.j_re[tile, bus, lane], grid.j_im[tile, bus, lane]
        u_re, u_im = grid.v_re[tile, upper, lane], grid.v_im[tile, upper, lane]
        v_squared = grid.v_re[tile, bus, lane] ** 2 + grid.v_im[tile, bus, lane] ** 2
        j_squared = j_re**2 + j_im**2
        losses_pu += network.r_pu[bus] * j_squared + network.g_pu[bus] * v_squared
        kva = math.sqrt((u_re**2 + u_im**2) * j_squared) * network.base_kva
        overload_kva += max(0.0, kva - network.rating_kva[bus])
        if upper == 0:
            source_pu += u_re * j_re + u_im * j_im
    delivered.losses_kwh[b] = losses_pu * network.base_kva * hours
    delivered.feeder_kw[b] = (source_pu + network.g_pu[0] * network.source_pu**2) * network.base_kva
    delivered.overload_kwh[b] = overload_kva * hours
    for i in range(community.sites.bus.size):
        bus = community.sites.bus[i]
        delivered.voltage_pu[b, i] = math.hypot(grid.v_re[tile, bus, lane], grid.v_im[tile, bus, lane])
    if overload_kva > 0.0:
        _charge_overload(community, state, b)


@kernel
def _report_collapse(community: Community, state: State, b: int) -> None:
    """No solution: nan voltages, and what crosses the source beyond its rating counts as overload."""
    network, delivered = community.network, state.delivered
    energy_kwh = delivered.net_kwh[b].sum()
    delivered.losses_kwh[b] = 0.0
    delivered.feeder_kw[b] = energy_kwh / community.rules.slot_h
    delivered.overload_kwh[b] = max(0.0, abs(energy_kwh) - network.rating_kva[1] * community.rules.slot_h)
    delivered.voltage_pu[b, :] = math.nan
    if delivered.overload_kwh[b] > 0.0:
        _charge_overload(community, state, b)


@kernel
def _charge_overload(community: Community, state: State, b: int) -> None:
    """Share the overload's price among those who flow its way, by how much they do.

    When nobody does (reactive power alone overloads a branch), all bear it alike.
    """
    delivered = state.delivered
    direction = 1.0 if delivered.feeder_kw[b] >= 0.0 else -1.0
    total_kwh = 0.0
    for i in range(community.sites.bus.size):
        total_kwh += max(0.0, direction * delivered.net_kwh[b, i])
    price = community.penalties.overload * delivered.overload_kwh[b]
    n_participants = community.sites.bus.size
    for i in range(n_participants):
        share = 1.0 / n_participants
        if total_kwh > 0.0:
            share = max(0.0, direction * delivered.net_kwh[b, i]) / total_kwh
        state.cost_eur[b, i, _VIOLATION] += price * share
