"""Every radial SimBench low-voltage grid: the imported network's power flow against pandapower's and power-grid-model's.

Either program reads the net's own tables, so a convention that was got wrong on the way shows as well.
"""

import math

import numpy as np
import pandapower
import pytest
import simbench
from numpy.typing import NDArray
from power_grid_model import (
    BranchSide,
    CalculationMethod,
    ComponentType,
    DatasetType,
    LoadGenType,
    PowerGridModel,
    WindingType,
    initialize_array,
)

from gridbid.envs.importers.pandapower_grid import network_from_pandapower
from gridbid.market.grid.network import Network
from gridbid.market.grid.power_flow import solve

GRIDS = ("rural1", "rural2", "rural3", "semiurb4", "semiurb5", "urban6")
CODES = [f"1-LV-{grid}--{scenario}-sw" for grid in GRIDS for scenario in (0, 1, 2)]
LOADING_PERCENT = 0.2
"""Our loading leaves out half of a branch's own shunt current: up to i0 / 2 of a transformer's rating."""

Net = pandapower.pandapowerNet
Values = NDArray[np.float64]


def vary(net: Net, random: np.random.Generator, load_share: float, feed_in_share: float) -> None:
    net.load["scaling"] = load_share * random.uniform(0.2, 1.0, len(net.load))
    net.sgen["scaling"] = feed_in_share * random.uniform(0.7, 1.0, len(net.sgen))


def bus_loads(net: Net) -> dict[int, complex]:
    """What is drawn at each bus, kVA."""
    drawn = {int(bus): 0j for bus in net.bus.index}
    for table, sign in ((net.load, 1000.0), (net.sgen, -1000.0)):
        for element in table[table.in_service].itertuples():
            drawn[element.bus] += sign * complex(element.p_mw, element.q_mvar) * element.scaling
    return drawn


def network_loads(net: Net, network: Network, bus_index: dict[int, int]) -> Values:
    """Active and reactive load by the network's buses, (2, n_buses) in kW and kvar."""
    loads = np.zeros((2, network.parent.size))
    for bus, kva in bus_loads(net).items():
        loads[:, bus_index[bus]] += kva.real, kva.imag
    return loads


def grid_model_voltages(net: Net) -> dict[int, complex]:
    """power-grid-model's voltages by bus, pu, from the net's own tables; buses joined by a switch are linked."""
    node = initialize_array(DatasetType.input, ComponentType.node, len(net.bus))
    node["id"], node["u_rated"] = net.bus.index, net.bus.vn_kv * 1e3
    line = initialize_array(DatasetType.input, ComponentType.line, len(net.line))
    line["id"], line["from_node"], line["to_node"] = (
        10_000 + net.line.index,
        net.line.from_bus,
        net.line.to_bus,
    )
    line["from_status"] = line["to_status"] = net.line.in_service
    line["r1"] = net.line.r_ohm_per_km * net.line.length_km / net.line.parallel
    line["x1"] = net.line.x_ohm_per_km * net.line.length_km / net.line.parallel
    line["c1"], line["tan1"] = net.line.c_nf_per_km * 1e-9 * net.line.length_km * net.line.parallel, 0.0
    line["i_n"] = net.line.max_i_ka * 1e3
    (trafo,) = net.trafo.itertuples()
    transformer = initialize_array(DatasetType.input, ComponentType.transformer, 1)
    transformer["id"], transformer["from_node"], transformer["to_node"] = 20_000, trafo.hv_bus, trafo.lv_bus
    transformer["from_status"] = transformer["to_status"] = 1
    transformer["u1"], transformer["u2"] = trafo.vn_hv_kv * 1e3, trafo.vn_lv_kv * 1e3
    transformer["sn"], transformer["uk"] = trafo.sn_mva * 1e6, trafo.vk_percent / 100.0
    transformer["pk"] = trafo.vkr_percent / 100.0 * trafo.sn_mva * 1e6
    transformer["i0"], transformer["p0"] = trafo.i0_percent / 100.0, trafo.pfe_kw * 1e3
    transformer["winding_from"] = transformer["winding_to"] = WindingType.wye_n
    transformer["clock"], transformer["tap_side"] = 0, BranchSide.from_side
    transformer["tap_pos"] = transformer["tap_min"] = transformer["tap_max"] = transformer["tap_nom"] = 0
    transformer["tap_size"] = 1.0
    joined = net.switch[(net.switch.et == "b") & net.switch.closed]
    link = initialize_array(DatasetType.input, ComponentType.link, len(joined))
    link["id"], link["from_node"], link["to_node"] = 30_000 + joined.index, joined.bus, joined.element
    link["from_status"] = link["to_status"] = 1
    drawn = bus_loads(net)
    load = initialize_array(DatasetType.input, ComponentType.sym_load, len(drawn))
    load["id"], load["node"] = 40_000 + np.arange(len(drawn)), list(drawn)
    load["status"], load["type"] = 1, LoadGenType.const_power
    load["p_specified"] = [kva.real * 1e3 for kva in drawn.values()]
    load["q_specified"] = [kva.imag * 1e3 for kva in drawn.values()]
    source = initialize_array(DatasetType.input, ComponentType.source, 1)
    source["id"], source["node"], source["status"], source["sk"] = 90_000, net.ext_grid.bus, 1, 1e20
    source["u_ref"] = net.ext_grid.vm_pu
    parts = {
        "node": node,
        "line": line,
        "transformer": transformer,
        "link": link,
        "sym_load": load,
        "source": source,
    }
    model = PowerGridModel(parts, system_frequency=net.f_hz)
    found = model.calculate_power_flow(
        calculation_method=CalculationMethod.newton_raphson, error_tolerance=1e-11
    )["node"]
    return dict(zip(found["id"].tolist(), found["u_pu"] * np.exp(1j * found["u_angle"]), strict=True))


def upper_bus(network: Network, one: int, other: int) -> int:
    """Which of two neighbouring buses lies below the branch between them."""
    return other if network.parent[other] == one else one


def assert_loading_agrees(net: Net, network: Network, bus_index: dict[int, int], loading: Values) -> None:
    for line in net.line[net.line.in_service].itertuples():
        below = upper_bus(network, bus_index[line.from_bus], bus_index[line.to_bus])
        expected = net.res_line.loading_percent[line.Index]
        assert 100.0 * loading[below] == pytest.approx(expected, abs=0.01), f"line {line.Index}"
    (trafo,) = net.trafo.itertuples()
    share = 100.0 * loading[bus_index[trafo.lv_bus]]
    assert share == pytest.approx(net.res_trafo.loading_percent[trafo.Index], abs=LOADING_PERCENT)


@pytest.mark.slow
@pytest.mark.parametrize("code", CODES)
def test_agrees_with_pandapower_and_power_grid_model(code: str) -> None:
    net = simbench.get_simbench_net(code)
    net.storage["in_service"] = False
    network, bus_index = network_from_pandapower(net)
    random = np.random.default_rng(3)
    for load_share, feed_in_share in ((1.0, 0.0), (0.1, 1.0), (0.5, 0.5), (1.5, 0.2), (0.0, 1.5)):
        vary(net, random, load_share, feed_in_share)
        found = solve(network, *network_loads(net, network, bus_index))
        assert found.converged
        pandapower.runpp(net, trafo_model="pi", calculate_voltage_angles=False, tolerance_mva=1e-9)
        expected = net.res_bus.vm_pu * np.exp(1j * np.deg2rad(net.res_bus.va_degree))
        also_expected = grid_model_voltages(net)
        for bus, position in bus_index.items():
            assert abs(found.voltage_pu[position] - expected[bus]) <= 1e-8, f"bus {bus}"
            assert abs(found.voltage_pu[position] - also_expected[bus]) <= 1e-8, f"bus {bus}"
        assert_loading_agrees(net, network, bus_index, found.loading)
    assert math.isfinite(found.losses_kw)
