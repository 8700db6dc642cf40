"""Plain twin of the radial power flow: complex numbers, one operating point, written to be read."""

from typing import NamedTuple

from gridbid.market.grid.network import Network


class NaivePoint(NamedTuple):
    """Voltage of each bus, current in the branch into each bus (bus 0: what the source gives), in pu, and the sweeps."""

    voltage_pu: list[complex]
    current_pu: list[complex]
    sweeps: int


def solve_point(
    network: Network,
    p_kw: list[float],
    q_kvar: list[float],
    tolerance_pu: float = 1e-13,
    max_sweeps: int = 1000,
) -> NaivePoint | None:
    """Power flow of one operating point from a flat start, until no voltage moves by more than the tolerance; None if it
    doesn't come to that."""
    load_pu = [complex(p, q) / network.base_kva for p, q in zip(p_kw, q_kvar, strict=True)]
    voltage_pu = [complex(network.source_pu)] * len(load_pu)
    for sweep in range(1, max_sweeps + 1):
        before = voltage_pu
        voltage_pu = _voltages(network, _currents(network, load_pu, before))
        if all(abs(new - old) <= tolerance_pu for new, old in zip(voltage_pu, before, strict=True)):
            return NaivePoint(voltage_pu, _currents(network, load_pu, voltage_pu), sweep)
    return None


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
