"""Imported nets against pandapower's own power flow, on SimBench, CIGRE and hand-made feeders."""

import math
from collections.abc import Callable
from copy import deepcopy

import numpy as np
import pandapower
import pandapower.networks
import pytest
import simbench
from numpy.typing import NDArray

from gridbid.envs.importers.pandapower_grid import network_from_pandapower
from gridbid.market.grid.network import Network
from gridbid.market.grid.power_flow import solve

Net = pandapower.pandapowerNet
SIMBENCH = ("1-LV-rural1--2-sw", "1-LV-rural1--2-no_sw", "1-LV-semiurb4--2-sw", "1-LV-urban6--2-sw")


@pytest.fixture(scope="module")
def simbench_nets() -> dict[str, Net]:
    nets = {code: simbench.get_simbench_net(code) for code in SIMBENCH}
    for net in nets.values():
        net.storage["in_service"] = False
    return nets


def feeder() -> Net:
    """20 kV source, transformer, two lines in a row and one beside; loads and charging at every bus."""
    net = pandapower.create_empty_network(sn_mva=0.5)
    pandapower.create_bus(net, vn_kv=20.0, index=10)
    for bus in (11, 12, 13, 14):
        pandapower.create_bus(net, vn_kv=0.4, index=bus)
        pandapower.create_load(net, bus, p_mw=0.02, q_mvar=0.005)
    pandapower.create_ext_grid(net, 10, vm_pu=1.02)
    pandapower.create_transformer_from_parameters(
        net,
        hv_bus=10,
        lv_bus=11,
        sn_mva=0.25,
        vn_hv_kv=20.0,
        vn_lv_kv=0.4,
        vkr_percent=1.2,
        vk_percent=4.0,
        pfe_kw=0.6,
        i0_percent=0.3,
        tap_side="hv",
        tap_neutral=0,
        tap_min=-2,
        tap_max=2,
        tap_step_percent=2.5,
        tap_step_degree=0.0,
        tap_pos=1,
    )
    for start, end in ((11, 12), (12, 13), (14, 11)):  # the last against the flow
        pandapower.create_line_from_parameters(
            net,
            start,
            end,
            length_km=0.2,
            r_ohm_per_km=0.2,
            x_ohm_per_km=0.08,
            c_nf_per_km=8e3,
            g_us_per_km=50.0,
            max_i_ka=0.27,
            df=0.9,
        )
    return net


def loads(net: Net, network: Network, bus_index: dict[int, int]) -> tuple[NDArray[np.float64], ...]:
    """Loads less generation at the network's buses, kW and kvar; those without supply left out."""
    p_kw, q_kvar = np.zeros(network.parent.size), np.zeros(network.parent.size)
    for table, sign in ((net.load, 1000.0), (net.sgen, -1000.0)):
        for element in table[table.in_service].itertuples():
            if element.bus in bus_index:
                p_kw[bus_index[element.bus]] += sign * element.p_mw * element.scaling
                q_kvar[bus_index[element.bus]] += sign * element.q_mvar * element.scaling
    return p_kw, q_kvar


def assert_agrees(net: Net, source_ratio: float = 1.0) -> Network:
    """The imported net gives pandapower's voltages, source power and losses; ``source_ratio`` is bus 0's referral."""
    pandapower.runpp(net, trafo_model="pi", calculate_voltage_angles=False, tolerance_mva=1e-9)
    network, bus_index = network_from_pandapower(net)
    found = solve(network, *loads(net, network, bus_index))
    expected = net.res_bus.vm_pu * np.exp(1j * np.deg2rad(net.res_bus.va_degree))
    assert set(bus_index) == set(net.res_bus.index[net.res_bus.vm_pu.notna()])
    for bus, position in bus_index.items():
        referral = source_ratio if position == 0 else 1.0
        assert abs(found.voltage_pu[position] * referral - expected[bus]) <= 1e-8, f"bus {bus}"
    assert found.source_kw == pytest.approx(net.res_ext_grid.p_mw.sum() * 1000.0, abs=1e-5)
    assert found.source_kvar == pytest.approx(net.res_ext_grid.q_mvar.sum() * 1000.0, abs=1e-5)
    losses_mw = net.res_line.pl_mw.sum() + net.res_trafo.pl_mw.sum()
    assert found.losses_kw == pytest.approx(losses_mw * 1000.0, abs=1e-5)
    return network


@pytest.mark.parametrize("code", SIMBENCH)
def test_simbench_nets_agree_at_peak_load_at_peak_feed_in_and_between(
    code: str, simbench_nets: dict[str, Net]
) -> None:
    net = deepcopy(simbench_nets[code])
    random = np.random.default_rng(7)
    for load_share, feed_in_share in ((1.0, 0.0), (0.1, 1.0), (0.5, 0.5)):
        net.load["scaling"] = load_share * random.uniform(0.2, 1.0, len(net.load))
        net.sgen["scaling"] = feed_in_share * random.uniform(0.7, 1.0, len(net.sgen))
        network = assert_agrees(net)
    assert network.parent.size == len(net.bus)


def test_switches_that_are_closed_make_no_difference(simbench_nets: dict[str, Net]) -> None:
    with_switches, without = (network_from_pandapower(simbench_nets[code])[0] for code in SIMBENCH[:2])
    for name, values in with_switches._asdict().items():
        np.testing.assert_array_equal(values, getattr(without, name), err_msg=name)


def test_ratings_are_thermal_currents_at_nominal_voltage(simbench_nets: dict[str, Net]) -> None:
    network, bus_index = network_from_pandapower(simbench_nets["1-LV-rural1--2-sw"])
    assert network.rating_kva[0] == math.inf
    assert network.rating_kva[bus_index[4]] == pytest.approx(160.0)
    assert network.rating_kva[bus_index[3]] == pytest.approx(math.sqrt(3.0) * 400.0 * 0.27)
    net = feeder()
    net.line["parallel"], net.trafo["parallel"] = 2, 3
    net.line.loc[1, "max_i_ka"] = math.nan
    network, bus_index = network_from_pandapower(net)
    assert network.rating_kva[bus_index[11]] == pytest.approx(750.0)
    assert network.rating_kva[bus_index[12]] == pytest.approx(2.0 * 0.9 * math.sqrt(3.0) * 400.0 * 0.27)
    assert network.rating_kva[bus_index[13]] == math.inf


def test_tap_position_without_a_type_is_ignored_as_delivered(simbench_nets: dict[str, Net]) -> None:
    delivered = simbench_nets["1-LV-rural1--2-sw"]
    assert delivered.trafo.tap_pos[0] == 1 and delivered.trafo.tap_changer_type[0] is None
    moved = deepcopy(delivered)
    moved.trafo["tap_pos"] = -2
    for name, values in network_from_pandapower(delivered)[0]._asdict().items():
        np.testing.assert_array_equal(values, getattr(network_from_pandapower(moved)[0], name), err_msg=name)


@pytest.mark.parametrize(("side", "ratio"), [("hv", 1.025), ("lv", 1.0 / 1.025)])
@pytest.mark.parametrize("kind", ["Ratio", "Symmetrical"])
def test_tap_changer_with_a_type_shifts_the_ratio(side: str, ratio: float, kind: str) -> None:
    net = feeder()
    net.trafo["tap_changer_type"], net.trafo["tap_side"] = kind, side
    network = assert_agrees(net, source_ratio=ratio)
    assert network.source_pu == pytest.approx(1.02 / ratio)


@pytest.mark.parametrize("side", ["hv", "lv"])
@pytest.mark.parametrize("tap_pos", [-2, 0, 2])
@pytest.mark.parametrize("rated_kv", [0.4, 0.42])
def test_loadings_are_pandapowers_but_for_the_branches_own_shunts(
    side: str, tap_pos: int, rated_kv: float
) -> None:
    """The larger of both ends' currents over the rated one; ours leaves out half of the magnetising branch and charging."""
    net = feeder()
    net.line[["c_nf_per_km", "g_us_per_km"]] = 0.0
    net.trafo[["i0_percent", "pfe_kw"]] = 0.0
    net.trafo["tap_changer_type"], net.trafo["tap_side"], net.trafo["tap_pos"] = "Ratio", side, tap_pos
    net.trafo["vn_lv_kv"], net.line["parallel"], net.trafo["df"] = rated_kv, 2, 0.8
    pandapower.runpp(net, trafo_model="pi", calculate_voltage_angles=False, tolerance_mva=1e-9)
    network, bus_index = network_from_pandapower(net)
    loading_percent = 100.0 * solve(network, *loads(net, network, bus_index)).loading
    for line, bus in enumerate((12, 13, 14)):
        expected = net.res_line.loading_percent[line]
        assert loading_percent[bus_index[bus]] == pytest.approx(expected, rel=1e-6)
    expected = net.res_trafo.loading_percent[0]
    assert loading_percent[bus_index[11]] == pytest.approx(expected, rel=1e-6)


def test_several_transformers_at_the_source_and_buses_joined_by_switches() -> None:
    net = pandapower.networks.create_cigre_network_lv()
    network = assert_agrees(net)
    assert network.parent.size == len(net.bus) - 3
    assert np.count_nonzero(network.parent == 0) == 3


def test_parallel_systems_agree() -> None:
    net = feeder()
    net.line["parallel"], net.trafo["parallel"] = 2, 3
    assert_agrees(net)


@pytest.mark.parametrize(
    ("kind", "element", "bus", "unsupplied"),
    [
        ("l", 1, 12, {13}),  # the end that would feed: all of the line is lost
        ("l", 1, 13, {13}),  # the end that is fed: the line keeps its charging
        ("l", 2, 14, {14}),
        ("t", 0, 11, {11, 12, 13, 14}),  # the transformer keeps its magnetising branch
        ("t", 0, 10, {11, 12, 13, 14}),
    ],
)
def test_open_switch_leaves_its_end_in_the_air(
    kind: str, element: int, bus: int, unsupplied: set[int]
) -> None:
    net = feeder()
    pandapower.create_switch(net, bus, element, et=kind, closed=False)
    assert_agrees(net)
    assert set(net.bus.index) - set(network_from_pandapower(net)[1]) == unsupplied


def test_what_is_out_of_service_is_left_out() -> None:
    net = feeder()
    net.bus.loc[13, "in_service"] = False
    network = assert_agrees(net)
    assert network.parent.size == 5  # with the open end of the line to bus 13
    net.line.loc[1, "in_service"] = False
    assert assert_agrees(net).parent.size == 4


def test_buses_joined_by_a_closed_switch_are_one() -> None:
    net = feeder()
    for bus, other in ((15, 13), (16, 15)):
        pandapower.create_bus(net, vn_kv=0.4, index=bus)
        pandapower.create_switch(net, other, bus, et="b", closed=True)
        pandapower.create_load(net, bus, p_mw=0.01)
    pandapower.create_bus(net, vn_kv=0.4, index=17)
    pandapower.create_switch(net, 16, 17, et="b", closed=False)
    assert_agrees(net)
    bus_index = network_from_pandapower(net)[1]
    assert bus_index[13] == bus_index[15] == bus_index[16]
    assert 17 not in bus_index


def close_loop_by_line(net: Net) -> None:
    pandapower.create_line_from_parameters(net, 13, 14, 0.1, 0.2, 0.08, 0.0, 0.27)


def double_line(net: Net) -> None:
    pandapower.create_line_from_parameters(net, 13, 12, 0.1, 0.2, 0.08, 0.0, 0.27)


def close_loop_by_switch(net: Net) -> None:
    pandapower.create_switch(net, 13, 14, et="b", closed=True)


def bridge_line(net: Net) -> None:
    pandapower.create_switch(net, 12, 13, et="b", closed=True)


def add_source(net: Net) -> None:
    pandapower.create_ext_grid(net, 13)


def remove_source(net: Net) -> None:
    net.ext_grid["in_service"] = False


def switch_off_source_bus(net: Net) -> None:
    net.bus.loc[10, "in_service"] = False


def add_generator(net: Net) -> None:
    pandapower.create_gen(net, 13, p_mw=0.01)


def add_shunt(net: Net) -> None:
    pandapower.create_shunt(net, 13, q_mvar=0.01)


def add_real_switch(net: Net) -> None:
    pandapower.create_switch(net, 13, 14, et="b", closed=True, z_ohm=0.1)


def set_phase_shifter(net: Net) -> None:
    net.trafo["tap_changer_type"] = "Ideal"


def set_tap_angle(net: Net) -> None:
    net.trafo["tap_changer_type"], net.trafo["tap_step_degree"] = "Ratio", 30.0


def set_tap_table(net: Net) -> None:
    net.trafo["tap_dependency_table"] = True


def set_second_tap_changer(net: Net) -> None:
    net.trafo["tap2_changer_type"] = "Ratio"


def set_old_format(net: Net) -> None:
    del net.trafo["tap_changer_type"]


def set_resistance_above_impedance(net: Net) -> None:
    net.trafo["vkr_percent"] = 5.0


def lose_resistance(net: Net) -> None:
    net.line.loc[1, "r_ohm_per_km"] = math.nan


def lose_tap_position(net: Net) -> None:
    net.trafo["tap_changer_type"], net.trafo["tap_pos"] = "Ratio", math.nan


def move_source_down(net: Net) -> None:
    net.ext_grid["bus"], net.trafo["vn_hv_kv"] = 13, 21.0


def add_line_beside_the_transformer(net: Net) -> None:
    net.trafo["vn_hv_kv"] = 21.0
    pandapower.create_bus(net, vn_kv=20.0, index=20)
    pandapower.create_line_from_parameters(net, 10, 20, 1.0, 0.2, 0.08, 0.0, 0.27)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (close_loop_by_line, r"line \d: closes a loop, expected a radial net"),
        (double_line, r"line \d: closes a loop"),
        (close_loop_by_switch, r"line \d: closes a loop"),
        (bridge_line, r"line 1: closes a loop"),
        (add_source, r"ext_grid \[0, 1\]: 2 in service, expected exactly one"),
        (remove_source, r"ext_grid \[\]: 0 in service, expected exactly one"),
        (switch_off_source_bus, r"ext_grid 0: bus 10 is out of service"),
        (add_generator, r"gen \[0\]: in service, expected none"),
        (add_shunt, r"shunt \[0\]: in service, expected none"),
        (add_real_switch, r"switch 0: z_ohm is 0.1, expected 0"),
        (set_phase_shifter, r"trafo 0: tap_changer_type is 'Ideal'.*expected None, or 'Ratio'"),
        (set_tap_angle, r"trafo 0: tap_changer_type is 'Ratio' with tap_step_degree 30.0"),
        (set_tap_table, r"trafo 0: tap_dependency_table is True, expected False"),
        (set_second_tap_changer, r"trafo 0: tap2_changer_type is 'Ratio', expected None"),
        (set_old_format, r"trafo.tap_changer_type: missing, expected a net of pandapower 3"),
        (set_resistance_above_impedance, r"trafo 0: vkr_percent is 5.0, expected 0 to vk_percent = 4.0"),
        (lose_resistance, r"line 1: impedance \(nan"),
        (lose_tap_position, r"trafo 0: impedance .* ratio nan in pu, expected finite"),
        (move_source_down, r"trafo 0: off-nominal ratio 1.05, expected 1"),
        (add_line_beside_the_transformer, r"branches at the source: ratios .*'trafo 0': 1.05"),
    ],
)
def test_what_a_network_cannot_hold_is_refused_by_name(spoil: Callable[[Net], None], message: str) -> None:
    net = feeder()
    network_from_pandapower(net)
    spoil(net)
    with pytest.raises(ValueError, match=message):
        network_from_pandapower(net)
