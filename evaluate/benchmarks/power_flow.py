"""Speed of the power flow."""

import numpy as np

from gridbid.evaluate.benchmarks.measure import Measure, compare
from gridbid.market.grid.power_flow import solve
from gridbid.market.naive.communities import random_network


def power_flow_measures() -> list[Measure]:
    """The power flow, beside power-grid-model."""
    return [measure_power_flow()]


def measure_power_flow(n_buses: int = 100, batch: int = 256) -> Measure:
    """A random radial feeder to 1e-8 pu; yardstick: power-grid-model's iterative current method, one thread."""
    from power_grid_model import CalculationMethod, PowerGridModel, initialize_array

    random = np.random.default_rng(1)
    network = random_network(random, n_buses)
    load_kw = random.uniform(0.0, 1.0, (batch, n_buses))
    load_kw[:, 0] = 0.0
    base_ohm = 400.0**2 / (network.base_kva * 1e3)
    node = initialize_array("input", "node", n_buses)
    node["id"], node["u_rated"] = np.arange(n_buses), 400.0
    line = initialize_array("input", "line", n_buses - 1)
    line["id"] = n_buses + np.arange(n_buses - 1)
    line["from_node"], line["to_node"] = network.parent[1:], np.arange(1, n_buses)
    line["from_status"] = line["to_status"] = 1
    line["r1"], line["x1"] = network.r_pu[1:] * base_ohm, network.x_pu[1:] * base_ohm
    line["c1"] = line["tan1"] = 0.0
    line["i_n"] = 1e3
    source = initialize_array("input", "source", 1)
    source["id"], source["node"], source["status"], source["u_ref"], source["sk"] = (
        2 * n_buses,
        0,
        1,
        1.0,
        1e20,
    )
    load = initialize_array("input", "sym_load", n_buses)
    load["id"], load["node"] = 3 * n_buses + np.arange(n_buses), np.arange(n_buses)
    load["status"], load["type"], load["p_specified"], load["q_specified"] = 1, 0, 0.0, 0.0
    model = PowerGridModel({"node": node, "line": line, "source": source, "sym_load": load})
    update = initialize_array("update", "sym_load", (batch, n_buses))
    update["id"], update["p_specified"], update["q_specified"] = load["id"], load_kw * 1e3, 0.0

    def ours() -> float:
        solve(network, load_kw, np.zeros_like(load_kw))
        return batch * n_buses

    def yardstick() -> float:
        model.calculate_power_flow(
            update_data={"sym_load": update},
            calculation_method=CalculationMethod.iterative_current,
            error_tolerance=1e-8,
            threading=-1,
        )
        return batch * n_buses

    return compare("power flow, 100 buses (beside power-grid-model)", "ns/bus", ours, yardstick, 40.0)
