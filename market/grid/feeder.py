"""The feeder under what was delivered: voltages, losses and overloads, and who pays for the overload in J."""

import math

import numpy as np

from gridbid.market.community import Community
from gridbid.market.grid.network import source_rating_kva
from gridbid.market.grid.sweeps import add_up, start_bus, sweep_tile
from gridbid.market.grid.tiles import Grid, losses_pu, overload_kva
from gridbid.market.grid.vectors import IM, LANES, RE, lane_of, load
from gridbid.market.kernel import kernel
from gridbid.market.presence import is_present
from gridbid.market.state import State
from gridbid.market.types import Cost

TOLERANCE_PU = 1e-8
MAX_SWEEPS = 100
_VIOLATION = int(Cost.VIOLATION)


@kernel
def flow_tile(community: Community, state: State, grid: Grid, tile: int, due: int) -> None:
    """Power flow of the slot just delivered in a tile's lanes that are due (a bit mask); ``grid`` is scratch of one tile.

    Changes voltages, losses, overload and its cost. Reactive power is the base load's, at ``load_tan_phi``; where no
    solution is found, voltages are nan.
    """
    for lane in range(LANES):
        if due >> lane & 1:
            _inject(community, state, grid, tile * LANES + lane, lane)
    network = community.network
    for bus in range(network.parent.size):
        p, q = load(grid.load_pu, 0, bus, RE), load(grid.load_pu, 0, bus, IM)
        start_bus(network, grid, 0, bus, p, q)
    sweep_tile(network, grid, 0, due, TOLERANCE_PU, MAX_SWEEPS)
    add_up(network, grid.current_pu, 0)
    _report(community, state, grid, tile, due)


@kernel
def _inject(community: Community, state: State, grid: Grid, b: int, lane: int) -> None:
    """What participants draw, as loads of their buses; the other buses have none, ever."""
    load_pu, delivered, sites = grid.load_pu, state.delivered, community.sites
    kw_to_pu = 1.0 / community.network.base_kva
    kwh_to_pu, kvar_to_pu = kw_to_pu / community.rules.slot_h, community.load_tan_phi * kw_to_pu
    slot = delivered.slot[b]
    for i in range(sites.bus.size):
        load_pu[0, sites.bus[i], RE, lane] = 0.0
        load_pu[0, sites.bus[i], IM, lane] = 0.0
    for i in range(sites.bus.size):
        load_pu[0, sites.bus[i], RE, lane] += delivered.net_kwh[b, i] * kwh_to_pu
        load_pu[0, sites.bus[i], IM, lane] += np.float64(community.series.load_kw[slot, i]) * kvar_to_pu


@kernel
def _report(community: Community, state: State, grid: Grid, tile: int, lanes: int) -> None:
    network, delivered, hours = community.network, state.delivered, community.rules.slot_h
    lost_pu = losses_pu(network, grid, 0)
    excess_kva = overload_kva(network, grid, 0)
    source_pu = load(grid.current_pu, 0, 0, RE)
    for lane in range(LANES):
        if not lanes >> lane & 1:
            continue
        b = tile * LANES + lane
        _report_voltages(community, state, grid, b, lane)
        if math.isnan(lane_of(lost_pu, lane)):
            _report_collapse(community, state, b)
            continue
        delivered.losses_kwh[b] = lane_of(lost_pu, lane) * network.base_kva * hours
        delivered.feeder_kw[b] = lane_of(source_pu, lane) * network.source_pu * network.base_kva
        delivered.overload_kwh[b] = lane_of(excess_kva, lane) * hours
        if delivered.overload_kwh[b] > 0.0:
            _charge_overload(community, state, b)


@kernel
def _report_voltages(community: Community, state: State, grid: Grid, b: int, lane: int) -> None:
    rise_pu, sites, source_pu = grid.rise_pu, community.sites, community.network.source_pu
    for i in range(sites.bus.size):
        v, w = source_pu + rise_pu[0, sites.bus[i], RE, lane], rise_pu[0, sites.bus[i], IM, lane]
        state.delivered.voltage_pu[b, i] = math.sqrt(v * v + w * w)


@kernel
def _report_collapse(community: Community, state: State, b: int) -> None:
    """No solution: what participants draw beyond the rating of the source counts as overload."""
    delivered, hours = state.delivered, community.rules.slot_h
    energy_kwh = delivered.net_kwh[b].sum()
    delivered.losses_kwh[b] = 0.0
    delivered.feeder_kw[b] = energy_kwh / hours
    delivered.overload_kwh[b] = max(0.0, abs(energy_kwh) - source_rating_kva(community.network) * hours)
    if delivered.overload_kwh[b] > 0.0:
        _charge_overload(community, state, b)


@kernel
def _charge_overload(community: Community, state: State, b: int) -> None:
    """Share the overload's price among those who flow its way, by how much they do.

    When nobody does (reactive power alone overloads a branch), all who are present bear it alike.
    """
    delivered, present, slot = state.delivered, community.series.present, state.delivered.slot[b]
    direction = 1.0 if delivered.feeder_kw[b] >= 0.0 else -1.0
    total_kwh, n_present = 0.0, 0
    for i in range(community.sites.bus.size):
        total_kwh += max(0.0, direction * delivered.net_kwh[b, i])
        n_present += is_present(present, slot, i)
    price = community.penalties.overload * delivered.overload_kwh[b]
    for i in range(community.sites.bus.size):
        if is_present(present, slot, i):
            share = 1.0 / n_present
            if total_kwh > 0.0:
                share = max(0.0, direction * delivered.net_kwh[b, i]) / total_kwh
            state.cost_eur[b, i, _VIOLATION] += price * share
