"""The feeder under what was delivered: voltages, losses and overloads, and who pays for the overload in J."""

import math

import numpy as np

from gridbid.market.community import Community
from gridbid.market.grid.sweeps import sweep_tile
from gridbid.market.grid.vectors import IM, LANES, RE
from gridbid.market.kernel import kernel
from gridbid.market.state import State
from gridbid.market.types import Cost

TOLERANCE_PU = 1e-8
MAX_SWEEPS = 100
_VIOLATION = int(Cost.VIOLATION)


@kernel
def flow_tile(community: Community, state: State, tile: int, due: int) -> None:
    """Power flow of the slot just delivered in a tile's lanes that are due (a bit mask).

    Changes voltages, losses, overload and its cost. Reactive power is the base load's, at ``load_tan_phi``. A community
    starts from its own last voltages; where no solution is found, voltages are nan, and the next start is flat.
    """
    begin, grid = tile * LANES, state.grid
    for lane in range(LANES):
        if due >> lane & 1:
            _inject(community, state, begin + lane, tile, lane)
    sweep_tile(
        community.network,
        grid.load_pu,
        grid.voltage_pu,
        grid.current_pu,
        tile,
        due,
        TOLERANCE_PU,
        MAX_SWEEPS,
    )
    for lane in range(LANES):
        if due >> lane & 1:
            _report(community, state, begin + lane, tile, lane)


@kernel
def _inject(community: Community, state: State, b: int, tile: int, lane: int) -> None:
    load_pu, delivered = state.grid.load_pu, state.delivered
    kw_to_pu = 1.0 / community.network.base_kva
    slot = delivered.slot[b]
    load_pu[tile, :, :, lane] = 0.0
    for i in range(community.sites.bus.size):
        bus = community.sites.bus[i]
        load_pu[tile, bus, RE, lane] += delivered.net_kwh[b, i] / community.rules.slot_h * kw_to_pu
        load_kw = np.float64(community.series.load_kw[slot, i])
        load_pu[tile, bus, IM, lane] += load_kw * community.load_tan_phi * kw_to_pu


@kernel
def _report(community: Community, state: State, b: int, tile: int, lane: int) -> None:
    network, delivered, hours = community.network, state.delivered, community.rules.slot_h
    voltage_pu, current_pu = state.grid.voltage_pu, state.grid.current_pu
    if math.isnan(voltage_pu[tile, 0, RE, lane]):
        _report_collapse(community, state, b)
        return
    losses_pu, overload_kva = network.g_pu[0] * network.source_pu**2, 0.0
    for bus in range(1, network.parent.size):
        current_squared = current_pu[tile, bus, RE, lane] ** 2 + current_pu[tile, bus, IM, lane] ** 2
        voltage_squared = voltage_pu[tile, bus, RE, lane] ** 2 + voltage_pu[tile, bus, IM, lane] ** 2
        losses_pu += network.r_pu[bus] * current_squared + network.g_pu[bus] * voltage_squared
        overload_kva += max(0.0, math.sqrt(current_squared) * network.base_kva - network.rating_kva[bus])
    delivered.losses_kwh[b] = losses_pu * network.base_kva * hours
    delivered.feeder_kw[b] = network.source_pu * current_pu[tile, 0, RE, lane] * network.base_kva
    delivered.overload_kwh[b] = overload_kva * hours
    for i in range(community.sites.bus.size):
        bus = community.sites.bus[i]
        delivered.voltage_pu[b, i] = math.hypot(
            voltage_pu[tile, bus, RE, lane], voltage_pu[tile, bus, IM, lane]
        )
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
