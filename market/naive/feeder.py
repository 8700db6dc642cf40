"""Plain twin of the feeder's report on a delivered slot: voltages, losses, overload, and who pays for it in J."""

import math
from typing import NamedTuple

from gridbid.market.community import Community
from gridbid.market.naive.power_flow import solve_point

TOLERANCE_PU = 1e-12
"""Tighter than the engine's 1e-8, so that what differs is the engine's error."""


class FeederReport(NamedTuple):
    """Voltage of each bus (nan when no solution was found), what the source gives, and what exceeds the ratings."""

    voltage_pu: list[float]
    feeder_kw: float
    losses_kwh: float
    overload_kwh: float


def report_feeder(community: Community, slot: int, net_kwh: list[float]) -> FeederReport:
    """Power flow of what participants drew in a slot; reactive power is the base load's."""
    network, hours = community.network, community.rules.slot_h
    n_buses = len(network.parent)
    p_kw, q_kvar = [0.0] * n_buses, [0.0] * n_buses
    for i, bus in enumerate(community.sites.bus):
        p_kw[bus] += net_kwh[i] / hours
        q_kvar[bus] += float(community.series.load_kw[slot, i]) * community.load_tan_phi
    point = solve_point(network, p_kw, q_kvar, TOLERANCE_PU, max_sweeps=1_000)
    if point is None:
        return _collapsed(community, sum(net_kwh))
    losses_pu = overload_kva = 0.0
    for bus, (voltage, current) in enumerate(zip(point.voltage_pu, point.current_pu, strict=True)):
        losses_pu += float(network.g_pu[bus]) * abs(voltage) ** 2
        if bus > 0:
            losses_pu += float(network.r_pu[bus]) * abs(current) ** 2
            kva = abs(current) * network.base_kva  # a rating is a current: kVA at nominal voltage
            overload_kva += max(0.0, kva - float(network.rating_kva[bus]))
    source_pu = point.voltage_pu[0] * point.current_pu[0].conjugate()
    return FeederReport(
        voltage_pu=[abs(voltage) for voltage in point.voltage_pu],
        feeder_kw=source_pu.real * network.base_kva,
        losses_kwh=losses_pu * network.base_kva * hours,
        overload_kwh=overload_kva * hours,
    )


def _collapsed(community: Community, energy_kwh: float) -> FeederReport:
    """No solution: what participants draw beyond the ratings of the source's branches counts as overload."""
    network, hours = community.network, community.rules.slot_h
    rated_kwh = (
        sum(float(network.rating_kva[bus]) for bus, upper in enumerate(network.parent) if upper == 0) * hours
    )
    return FeederReport(
        voltage_pu=[math.nan] * len(network.parent),
        feeder_kw=energy_kwh / hours,
        losses_kwh=0.0,
        overload_kwh=max(0.0, abs(energy_kwh) - rated_kwh),
    )


def overload_shares(net_kwh: list[float], present: list[bool], feeder_kw: float) -> list[float]:
    """Who bears an overload: those whose energy flows the feeder's way, by how much; all present alike when nobody's does."""
    way = 1.0 if feeder_kw >= 0.0 else -1.0
    along_kwh = [max(0.0, way * kwh) for kwh in net_kwh]
    total_kwh = sum(along_kwh)
    if total_kwh == 0.0:
        return [1.0 / sum(present) if here else 0.0 for here in present]
    return [kwh / total_kwh for kwh in along_kwh]
