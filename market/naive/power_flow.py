"""Plain twin of the radial power flow: complex numbers, one operating point, written to be read."""

from typing import NamedTuple

from gridbid.market.grid.network import Network
from gridbid.market.grid.sweeps import FREE_SWEEPS, LEAST_RATIO, NEGLIGIBLE


class NaivePoint(NamedTuple):
    """Voltage of each bus, current in the branch into each bus (bus 0: what the source gives), in pu, and the sweeps."""

    voltage_pu: list[complex]
    current_pu: list[complex]
    sweeps: int


def solve_point(
    network: Network,
    p_kw: list[float],
    q_kvar: list[float],
    tolerance_pu: float = 1e-8,
    max_sweeps: int = 100,
) -> NaivePoint | None:
    """Power flow of one operating point from a flat start; None if it doesn't converge."""
    load_pu = [complex(p, q) / network.base_kva for p, q in zip(p_kw, q_kvar, strict=True)]
    voltage_pu = [complex(network.source_pu)] * len(load_pu)
    last_step = 0.0
    for sweep in range(1, max_sweeps + 1):
        before = voltage_pu
        voltage_pu = _voltages(network, _currents(network, load_pu, before))
        if sweep <= FREE_SWEEPS:
            continue
        step = max(abs(new - old) for new, old in zip(voltage_pu, before, strict=True))
        if _has_settled(step, last_step, tolerance_pu):
            return NaivePoint(voltage_pu, _currents(network, load_pu, voltage_pu), sweep)
        last_step = step
    return None


def _has_settled(step: float, last_step: float, tolerance_pu: float) -> bool:
    """Whether the steps to come, a geometric series with the ratio of the last two, sum up to half the tolerance."""
    if step < NEGLIGIBLE * tolerance_pu:
        return True
    if step >= last_step:
        return False
    ratio = step / last_step
    return step < tolerance_pu / LEAST_RATIO and step * ratio / (1.0 - ratio) <= tolerance_pu / 2.0


def _currents(network: Network, load_pu: list[complex], voltage_pu: list[complex]) -> list[complex]:
    """Each bus draws its load and its shunt, and hands on what the buses below it draw."""
    current_pu = [
        (load / voltage).conjugate() + complex(g, b) * voltage
        for load, voltage, g, b in zip(load_pu, voltage_pu, network.g_pu, network.b_pu, strict=True)
    ]
    for bus in reversed(range(1, len(current_pu))):
        current_pu[network.parent[bus]] += current_pu[bus]
    return current_pu


def _voltages(network: Network, current_pu: list[complex]) -> list[complex]:
    """Each bus lies below its parent by the drop along the branch between them."""
    voltage_pu = [complex(network.source_pu)]
    for bus in range(1, len(current_pu)):
        impedance_pu = complex(network.r_pu[bus], network.x_pu[bus])
        voltage_pu.append(voltage_pu[network.parent[bus]] - impedance_pu * current_pu[bus])
    return voltage_pu
