"""Speed of the power flow beside power-grid-model's, which is given what makes it fastest.

- The same radial feeders, loads and 1e-8 pu; 1 024 operating points a call; one thread each.
- power-grid-model: iterative current (its fastest exact method on a batch), the model built beforehand, results restricted
  to the columns that are compared. Ours: everything, from loads in kW in rows to results in rows.
- "all results": both return node voltages, branch currents and the source's power (ours, :func:`solve`: losses as well).
  "voltages": both return node voltages alone (ours: :func:`solve_voltages`).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridbid.evaluate.benchmarks.measure import Measure, Work, compare
from gridbid.market.grid.network import Network
from gridbid.market.grid.power_flow import solve, solve_voltages

BUSES = (15, 33, 100, 500)
BATCH = 1024
REACH = 40.0
TOLERANCE_PU = 1e-8
BASE_KVA, NOMINAL_V = 100.0, 400.0
BLOCK = 2_000_000
"""Buses times operating points in a block of ours, so that it lasts about as long as one call of the yardstick."""
DROP_PU = 0.06
"""Voltage drop to the last bus at nominal load, near the 5 % that low-voltage feeders are planned for."""
VOLTAGES: dict[str, list[str]] = {"node": ["u_pu", "u_angle"]}
ALL_RESULTS: dict[str, list[str]] = {**VOLTAGES, "line": ["i_from"], "source": ["p", "q"]}

Floats = NDArray[np.float64]


def power_flow_measures() -> list[Measure]:
    """The power flow on feeders of several sizes."""
    return [measure for n_buses in BUSES for measure in measure_power_flow(n_buses)]


def measure_power_flow(n_buses: int, batch: int = BATCH) -> list[Measure]:
    """A feeder of ``n_buses``, both ways."""
    network, p_kw, q_kvar = benchmark_case(n_buses, batch)
    flow = grid_model_flow(network, p_kw, q_kvar)
    repeats = 1 + BLOCK // (batch * n_buses)

    def ours(method: Callable[..., Any]) -> Work:
        def run() -> float:
            for _ in range(repeats):
                method(network, p_kw, q_kvar, TOLERANCE_PU)
            return repeats * batch * n_buses

        return run

    def yardstick(outputs: dict[str, list[str]]) -> Work:
        def run() -> float:
            flow(outputs)
            return batch * n_buses

        return run

    name = f"power flow, {n_buses} buses"
    return [
        compare(f"{name}, all results", "ns/bus", ours(solve), yardstick(ALL_RESULTS), REACH),
        compare(f"{name}, voltages", "ns/bus", ours(solve_voltages), yardstick(VOLTAGES), REACH),
    ]


def benchmark_case(n_buses: int, batch: int) -> tuple[Network, Floats, Floats]:
    """A random feeder, long strings with side branches, and its loads and feed-in (batch, n_buses) in kW and kvar."""
    random = np.random.default_rng(n_buses)
    parent = np.full(n_buses, -1, np.int32)
    for bus in range(1, n_buses):
        follows = random.random() < 0.75
        parent[bus] = bus - 1 if follows else random.integers(max(0, bus - 20), bus)
    r_pu = random.uniform(0.5, 1.5, n_buses)
    r_pu[0] = 0.0
    x_pu = r_pu * random.uniform(0.3, 1.0, n_buses)
    nominal_pu = random.uniform(0.2, 1.0, n_buses) * BASE_KVA / n_buses / BASE_KVA
    nominal_pu[0] = 0.0
    scale = DROP_PU / _largest_drop(parent, r_pu + 0.25 * x_pu, nominal_pu)
    shunt, rating = np.zeros(n_buses), np.full(n_buses, np.inf)
    network = Network(parent, r_pu * scale, x_pu * scale, shunt, shunt, rating, BASE_KVA, 1.0)
    p_kw = nominal_pu * BASE_KVA * random.uniform(-0.6, 1.4, (batch, n_buses))
    q_kvar = 0.25 * nominal_pu * BASE_KVA * random.uniform(0.3, 1.2, (batch, n_buses))
    return network, p_kw, q_kvar


def _largest_drop(parent: NDArray[np.int32], impedance: Floats, load_pu: Floats) -> float:
    carried, drop = load_pu.copy(), np.zeros(parent.size)
    for bus in range(parent.size - 1, 0, -1):
        carried[parent[bus]] += carried[bus]
    for bus in range(1, parent.size):
        drop[bus] = drop[parent[bus]] + impedance[bus] * carried[bus]
    return float(drop.max())


def grid_model_flow(network: Network, p_kw: Floats, q_kvar: Floats) -> Callable[[dict[str, list[str]]], Any]:
    """power-grid-model's power flow of the same network and loads, returning the columns that it is asked for."""
    from power_grid_model import (
        CalculationMethod,
        ComponentType,
        DatasetType,
        LoadGenType,
        PowerGridModel,
        initialize_array,
    )

    n_buses, buses = network.parent.size, np.arange(network.parent.size)
    base_ohm = NOMINAL_V**2 / (network.base_kva * 1e3)
    node = initialize_array(DatasetType.input, ComponentType.node, n_buses)
    node["id"], node["u_rated"] = buses, NOMINAL_V
    line = initialize_array(DatasetType.input, ComponentType.line, n_buses - 1)
    line["id"], line["from_node"], line["to_node"] = n_buses + buses[1:], network.parent[1:], buses[1:]
    line["from_status"] = line["to_status"] = 1
    line["r1"], line["x1"] = network.r_pu[1:] * base_ohm, network.x_pu[1:] * base_ohm
    line["c1"] = line["tan1"] = 0.0
    line["i_n"] = 1e3
    source = initialize_array(DatasetType.input, ComponentType.source, 1)
    source["id"], source["node"], source["status"] = 2 * n_buses, 0, 1
    source["u_ref"], source["sk"] = network.source_pu, 1e20  # as good as no impedance
    load = initialize_array(DatasetType.input, ComponentType.sym_load, n_buses)
    load["id"], load["node"], load["status"], load["type"] = (
        3 * n_buses + buses,
        buses,
        1,
        LoadGenType.const_power,
    )
    load["p_specified"] = load["q_specified"] = 0.0
    model = PowerGridModel({"node": node, "line": line, "source": source, "sym_load": load})
    update = initialize_array(DatasetType.update, ComponentType.sym_load, p_kw.shape)
    update["id"], update["p_specified"], update["q_specified"] = load["id"], p_kw * 1e3, q_kvar * 1e3

    def flow(outputs: dict[str, list[str]]) -> Any:
        return model.calculate_power_flow(
            update_data={"sym_load": update},
            calculation_method=CalculationMethod.iterative_current,
            error_tolerance=TOLERANCE_PU,
            threading=-1,
            output_component_types={ComponentType(name): columns for name, columns in outputs.items()},
        )

    return flow
