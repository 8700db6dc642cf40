"""The power flow against its plain twin, closed form, pandapower, power-grid-model and the conservation of energy."""

import cmath
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandapower
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from power_grid_model import (
    CalculationMethod,
    ComponentType,
    DatasetType,
    LoadGenType,
    PowerGridModel,
    initialize_array,
)
from power_grid_model.errors import IterationDiverge

from gridbid.market.grid.limits import loading, overload_kwh, voltage_excess_pu
from gridbid.market.grid.network import Network, validate
from gridbid.market.grid.power_flow import solve, solve_voltages
from gridbid.market.grid.vectors import LANES
from gridbid.market.naive.power_flow import solve_point

Loads = NDArray[np.float64]
FIELDS = ("voltage_pu", "branch_kva", "loading", "losses_kw", "source_kw", "source_kvar", "converged")
NOMINAL_KV = 0.4
BASE_KVA = 100.0
BASE_OHM = NOMINAL_KV**2 * 1000.0 / BASE_KVA


def random_network(random: np.random.Generator, n_buses: int) -> Network:
    """A tree, bushy or stringy, about 5 % drop at the loads of ``random_loads``, with shunts of both signs."""
    reach = int(random.integers(1, 30))
    parent = [-1] + [int(random.integers(max(0, bus - reach), bus)) for bus in range(1, n_buses)]
    r_pu = random.uniform(0.5, 1.5, n_buses) * 0.05 / n_buses
    r_pu[0] = 0.0
    return Network(
        parent=np.array(parent, np.int32),
        r_pu=r_pu,
        x_pu=r_pu * random.uniform(0.1, 2.0),
        g_pu=random.uniform(0.0, 2e-4, n_buses),
        b_pu=random.uniform(-2e-3, 2e-3, n_buses),
        rating_kva=np.where(random.random(n_buses) < 0.5, np.inf, 20.0),
        base_kva=BASE_KVA,
        source_pu=float(random.uniform(0.95, 1.05)),
    )


def random_loads(random: np.random.Generator, shape: tuple[int, ...]) -> tuple[Loads, Loads]:
    """Loads and feed-in, kW and kvar, 60 kW together, whatever the number of buses."""
    scale_kw = 60.0 / shape[-1]
    return random.uniform(-0.5, 2.0, shape) * scale_kw, random.uniform(-0.3, 0.6, shape) * scale_kw


def two_buses(z_pu: complex) -> Network:
    """A source at 1 pu and one branch."""
    zeros = np.zeros(2)
    return Network(
        parent=np.array([-1, 0], np.int32),
        r_pu=np.array([0.0, z_pu.real]),
        x_pu=np.array([0.0, z_pu.imag]),
        g_pu=zeros,
        b_pu=zeros,
        rating_kva=np.array([np.inf, 50.0]),
        base_kva=BASE_KVA,
        source_pu=1.0,
    )


@settings(deadline=None)
@given(st.integers(1, 200), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.1, 1.0, 5.0]))
def test_agrees_with_the_plain_twin(n_buses: int, seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    network = random_network(random, n_buses)
    p_kw, q_kvar = (scale * load for load in random_loads(random, (n_buses,)))
    expected = solve_point(network, p_kw.tolist(), q_kvar.tolist())
    assert expected is not None
    found = solve(network, p_kw, q_kvar)
    assert found.converged
    np.testing.assert_allclose(found.voltage_pu, expected.voltage_pu, rtol=0, atol=1e-8)

    exact = solve(network, p_kw, q_kvar, tolerance_pu=1e-12)
    np.testing.assert_allclose(exact.voltage_pu, expected.voltage_pu, rtol=0, atol=2e-12)
    branch_kva = np.abs(np.array(expected.current_pu)[1:]) * BASE_KVA
    np.testing.assert_allclose(exact.branch_kva[1:], branch_kva, rtol=1e-9, atol=1e-9)
    source_kva = expected.voltage_pu[0] * expected.current_pu[0].conjugate() * BASE_KVA
    assert complex(exact.source_kw, exact.source_kvar) == pytest.approx(source_kva, abs=1e-8)


def highest_voltage(z_pu: complex, s_pu: complex) -> float:
    """v of the lower of two buses: the upper root of v^4 + (2 (r p + x q) - 1) v^2 + |z|^2 |s|^2 = 0."""
    half = 0.5 - (z_pu.conjugate() * s_pu).real
    return math.sqrt(half + math.sqrt(half**2 - abs(z_pu * s_pu) ** 2))


@pytest.mark.parametrize("share_of_limit", [0.0, 0.3, 0.9, 0.99, 0.999, -0.5])
def test_two_buses_have_a_closed_form(share_of_limit: float) -> None:
    z_pu = 0.03 + 0.04j
    s_pu = share_of_limit * z_pu / abs(z_pu) * 0.25 / abs(z_pu)  # along z, the limit is u^2 / (4 |z|)
    expected = highest_voltage(z_pu, s_pu)
    loads = np.array([0.0, s_pu.real]) * BASE_KVA, np.array([0.0, s_pu.imag]) * BASE_KVA
    found = solve(two_buses(z_pu), *loads, max_sweeps=1000)
    assert found.converged
    assert abs(found.voltage_pu[1]) == pytest.approx(expected, abs=1e-8)
    losses_kw = z_pu.real * abs(s_pu / expected) ** 2 * BASE_KVA
    assert found.losses_kw == pytest.approx(losses_kw, abs=1e-4)


@given(st.floats(0.9, 1.1))
def test_near_the_limit_of_two_buses_a_point_is_right_or_reported(share_of_limit: float) -> None:
    """Sweeps converge ever more slowly there: 100 sweeps do up to 99 % of the limit."""
    z_pu = 0.05 + 0j
    load_kw = share_of_limit * 0.25 / abs(z_pu) * BASE_KVA
    found = solve(two_buses(z_pu), np.array([0.0, load_kw]), np.zeros(2))
    assert bool(found.converged) == (not np.isnan(found.voltage_pu).any())
    assert found.converged or share_of_limit > 0.99
    if found.converged:
        assert share_of_limit <= 1.0
        expected = highest_voltage(z_pu, complex(load_kw / BASE_KVA))
        assert abs(found.voltage_pu[1]) == pytest.approx(expected, abs=1e-8)


def test_load_beyond_the_limit_is_reported_and_leaves_the_others_alone() -> None:
    network = two_buses(0.03 + 0.04j)
    limit_kw = 0.25 / 0.05 * BASE_KVA
    p_kw = np.zeros((3, 2))
    p_kw[:, 1] = 10.0, 1.5 * limit_kw, 20.0
    found = solve(network, p_kw, 0.0 * p_kw)
    assert found.converged.tolist() == [True, False, True]
    for field in ("voltage_pu", "branch_kva", "loading", "losses_kw", "source_kw", "source_kvar"):
        assert np.isnan(getattr(found, field)[1]).all(), field
    alone = solve(network, p_kw[[0, 2]], 0.0 * p_kw[[0, 2]])
    np.testing.assert_array_equal(found.voltage_pu[[0, 2]], alone.voltage_pu)


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 60), st.integers(1, 3 * LANES), st.integers(0, 2**32 - 1))
def test_a_point_is_the_same_to_the_bit_wherever_it_lies_in_the_batch(
    n_buses: int, n_points: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    network = random_network(random, n_buses)
    scale = random.choice([0.01, 1.0, 4.0], (n_points, 1))  # neighbours need different numbers of sweeps
    p_kw, q_kvar = (scale * load for load in random_loads(random, (n_points, n_buses)))
    together = solve(network, p_kw, q_kvar)
    order = random.permutation(n_points)
    shuffled = solve(network, p_kw[order], q_kvar[order])
    alone = solve(network, p_kw[-1], q_kvar[-1])
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(shuffled, name), getattr(together, name)[order], err_msg=name)
        np.testing.assert_array_equal(getattr(alone, name), getattr(together, name)[-1], err_msg=name)


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 60), st.integers(0, 3 * LANES), st.integers(0, 2**32 - 1))
def test_voltages_alone_are_the_same_to_the_bit(n_buses: int, n_points: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    network = random_network(random, n_buses)
    p_kw, q_kvar = (80.0 * load for load in random_loads(random, (n_points, n_buses)))
    both = solve(network, p_kw, q_kvar).voltage_pu, solve_voltages(network, p_kw, q_kvar)
    np.testing.assert_array_equal(*both)


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 200), st.integers(0, 2**32 - 1))
def test_energy_is_conserved(n_buses: int, seed: int) -> None:
    """What the source gives is loads and losses; reactive: loads, branches' reactance, less what capacitors give."""
    random = np.random.default_rng(seed)
    network = random_network(random, n_buses)
    p_kw, q_kvar = random_loads(random, (4, n_buses))
    found = solve(network, p_kw, q_kvar)
    assert found.converged.all()
    np.testing.assert_allclose(found.source_kw, p_kw.sum(axis=-1) + found.losses_kw, rtol=0, atol=1e-5)
    assert (found.losses_kw >= 0.0).all()
    drop = found.voltage_pu[:, network.parent[1:]] - found.voltage_pu[:, 1:]
    current = drop / (network.r_pu[1:] + 1j * network.x_pu[1:])
    in_branches = (network.x_pu[1:] * np.abs(current) ** 2).sum(axis=-1) * BASE_KVA
    in_shunts = (-network.b_pu * np.abs(found.voltage_pu) ** 2).sum(axis=-1) * BASE_KVA
    np.testing.assert_allclose(
        found.source_kvar, q_kvar.sum(axis=-1) + in_branches + in_shunts, rtol=0, atol=1e-4
    )


@pytest.mark.parametrize(("n_buses", "seed"), [(2, 0), (12, 1), (45, 2)])
def test_agrees_with_pandapower(n_buses: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    network = random_network(random, n_buses)
    p_kw, q_kvar = random_loads(random, (n_buses,))
    net = pandapower.create_empty_network(sn_mva=BASE_KVA / 1000.0)
    for bus in range(n_buses):
        pandapower.create_bus(net, vn_kv=NOMINAL_KV)
        pandapower.create_load(net, bus, p_mw=p_kw[bus] / 1000.0, q_mvar=q_kvar[bus] / 1000.0)
        shunt_mva = (network.g_pu[bus] - 1j * network.b_pu[bus]) * BASE_KVA / 1000.0
        pandapower.create_shunt(net, bus, p_mw=shunt_mva.real, q_mvar=shunt_mva.imag)
    for bus in range(1, n_buses):
        impedance = {
            "r_ohm_per_km": network.r_pu[bus] * BASE_OHM,
            "x_ohm_per_km": network.x_pu[bus] * BASE_OHM,
        }
        pandapower.create_line_from_parameters(
            net, network.parent[bus], bus, length_km=1.0, c_nf_per_km=0.0, max_i_ka=1.0, **impedance
        )
    pandapower.create_ext_grid(net, 0, vm_pu=network.source_pu)
    pandapower.runpp(net, calculate_voltage_angles=False, tolerance_mva=1e-9)
    found = solve(network, p_kw, q_kvar)
    expected = net.res_bus.vm_pu.to_numpy() * np.exp(1j * np.deg2rad(net.res_bus.va_degree.to_numpy()))
    np.testing.assert_allclose(found.voltage_pu, expected, rtol=0, atol=1e-8)
    assert found.source_kw == pytest.approx(net.res_ext_grid.p_mw[0] * 1000.0, abs=1e-5)
    assert found.source_kvar == pytest.approx(net.res_ext_grid.q_mvar[0] * 1000.0, abs=1e-5)


def power_grid_model(network: Network, p_kw: Loads, q_kvar: Loads) -> NDArray[np.complex128]:
    """Voltages by power-grid-model."""
    n_buses = network.parent.size
    siemens = 1.0 / BASE_OHM
    node = initialize_array(DatasetType.input, ComponentType.node, n_buses)
    node["id"], node["u_rated"] = np.arange(n_buses), NOMINAL_KV * 1000.0
    line = initialize_array(DatasetType.input, ComponentType.line, n_buses - 1)
    line["id"], line["from_node"], line["to_node"] = (
        1000 + node["id"][1:],
        network.parent[1:],
        node["id"][1:],
    )
    line["from_status"], line["to_status"], line["c1"], line["tan1"] = 1, 1, 0.0, 0.0
    line["r1"], line["x1"] = network.r_pu[1:] * BASE_OHM, network.x_pu[1:] * BASE_OHM
    load = initialize_array(DatasetType.input, ComponentType.sym_load, n_buses)
    load["id"], load["node"], load["status"], load["type"] = (
        2000 + node["id"],
        node["id"],
        1,
        LoadGenType.const_power,
    )
    load["p_specified"], load["q_specified"] = p_kw * 1000.0, q_kvar * 1000.0
    shunt = initialize_array(DatasetType.input, ComponentType.shunt, n_buses)
    shunt["id"], shunt["node"], shunt["status"] = 3000 + node["id"], node["id"], 1
    shunt["g1"], shunt["b1"] = network.g_pu * siemens, network.b_pu * siemens
    source = initialize_array(DatasetType.input, ComponentType.source, 1)
    source["id"], source["node"], source["status"] = 4000, 0, 1
    source["u_ref"], source["sk"] = network.source_pu, 1e20  # as good as no impedance
    parts = {"node": node, "line": line, "sym_load": load, "shunt": shunt, "source": source}
    answer = PowerGridModel(parts, system_frequency=50.0).calculate_power_flow(
        calculation_method=CalculationMethod.newton_raphson, error_tolerance=1e-10
    )["node"]
    return np.asarray(answer["u_pu"] * np.exp(1j * answer["u_angle"]))


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 1000), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.3, 1.0]))
def test_agrees_with_power_grid_model(n_buses: int, seed: int, share_of_short_lines: float) -> None:
    random = np.random.default_rng(seed)
    network = random_network(random, n_buses)
    short = (random.random(n_buses) < share_of_short_lines) & (np.arange(n_buses) > 0)
    network = network._replace(
        r_pu=np.where(short, 1e-6, network.r_pu), x_pu=np.where(short, 1e-6, network.x_pu)
    )
    p_kw, q_kvar = random_loads(random, (n_buses,))
    found = solve(network, p_kw, q_kvar)
    assert found.converged
    np.testing.assert_allclose(found.voltage_pu, power_grid_model(network, p_kw, q_kvar), rtol=0, atol=1e-8)


@settings(deadline=None, max_examples=15)
@given(st.integers(2, 300), st.integers(0, 2**32 - 1))
def test_agrees_with_power_grid_model_up_to_near_collapse(n_buses: int, seed: int) -> None:
    """All loads grow alike until there is no solution; a step below that, both solve it, a step above neither."""
    random = np.random.default_rng(seed)
    network = random_network(random, n_buses)
    p_kw, q_kvar = (np.abs(load) for load in random_loads(random, (n_buses,)))
    growth = np.geomspace(0.5, 500.0, 300)[:, None]  # steps of 2.3 %
    found = solve(network, growth * p_kw, growth * q_kvar, max_sweeps=1000)
    last = int(found.converged.sum()) - 1
    assert found.converged[: last + 1].all() and 0 < last < len(growth) - 2
    near = growth[last]
    expected = power_grid_model(network, near * p_kw, near * q_kvar)
    np.testing.assert_allclose(found.voltage_pu[last], expected, rtol=0, atol=1e-8)
    beyond = growth[last + 2]
    with pytest.raises(IterationDiverge):
        power_grid_model(network, beyond * p_kw, beyond * q_kvar)


@pytest.mark.parametrize("leading", [(), (0,), (1,), (2, 3), (LANES + 1,)])
def test_results_have_the_shape_of_the_loads(leading: tuple[int, ...]) -> None:
    network = random_network(np.random.default_rng(0), 7)
    found = solve(network, np.ones((*leading, 7)), np.zeros((*leading, 7)))
    for name in FIELDS:
        per_bus = name in ("voltage_pu", "branch_kva", "loading")
        assert np.shape(getattr(found, name)) == ((*leading, 7) if per_bus else leading), name
    assert (found.branch_kva[..., 0] == 0.0).all()


@pytest.mark.parametrize(
    ("field", "values", "message"),
    [
        ("parent", [-1, 0, 2], r"parent\[2\] is 2, expected a bus before it, 0 to 1"),
        ("parent", [-1, -1, 1], r"parent\[1\] is -1, expected a bus before it, 0 to 0"),
        ("parent", [0, 0, 1], r"parent\[0\] is 0, expected -1: bus 0 is the source"),
        ("parent", [-1, 0], r"r_pu has shape \(3,\), expected \(2,\)"),
        ("parent", [], r"parent is empty, expected at least the source"),
        ("r_pu", [0.0, 0.1, math.nan], r"r_pu\[2\] is nan, expected a finite number"),
        ("b_pu", [0.0, math.inf, 0.0], r"b_pu\[1\] is inf, expected a finite number"),
        ("r_pu", [0.1, 0.1, 0.1], r"r_pu\[0\] is 0.1, expected 0: no branch feeds bus 0"),
        ("rating_kva", [math.inf, 0.0, 1.0], r"rating_kva\[1\] is 0.0, expected above 0, inf if unknown"),
        ("base_kva", 0.0, r"base_kva is 0.0, expected a number above 0"),
        ("source_pu", math.nan, r"source_pu is nan, expected a number above 0"),
    ],
)
def test_a_faulty_network_is_refused_by_name(field: str, values: object, message: str) -> None:
    network = random_network(np.random.default_rng(0), 3)
    kind = np.int32 if field == "parent" else np.float64
    faulty = network._replace(**{field: np.array(values, kind) if isinstance(values, list) else values})
    validate(network)
    with pytest.raises(ValueError, match=message):
        validate(faulty)
    with pytest.raises(ValueError, match=message):
        solve(faulty, np.zeros(3), np.zeros(3))


def test_all_faults_of_a_network_are_named_at_once() -> None:
    network = random_network(np.random.default_rng(0), 3)
    faulty = network._replace(parent=np.array([-1, 2, 1], np.int32), base_kva=-1.0)
    with pytest.raises(ValueError, match=r"parent\[1\] is 2.*base_kva is -1.0"):
        validate(faulty)


def test_what_is_not_a_tree_is_told_apart_fault_by_fault() -> None:
    network = random_network(np.random.default_rng(0), 8)
    parent = np.array([-1, 0, 3, 2, -1, 5, 7, 1], np.int32)
    with pytest.raises(ValueError) as refusal:
        solve(network._replace(parent=parent), np.zeros(8), np.zeros(8))
    for message in (
        "parent[2] is 3, expected a bus before it, 0 to 1 (a loop)",
        "parent[4] is -1, expected a bus before it, 0 to 3 (an island: no path to the source)",
        "parent[5] is 5, expected a bus before it, 0 to 4 (a loop)",
        "parent[6] is 7, expected a bus before it, 0 to 5 (in the wrong order: number each bus after the one that feeds it)",
    ):
        assert message in str(refusal.value)
    assert "parent[3]" not in str(refusal.value)


def test_faulty_loads_and_settings_are_refused_by_name() -> None:
    network, loads = random_network(np.random.default_rng(0), 3), np.zeros((2, 3))
    with pytest.raises(ValueError, match=r"p_kw has shape \(3, 2\), expected \(..., 3\)"):
        solve(network, loads.T, loads.T)
    with pytest.raises(ValueError, match=r"q_kvar has shape \(3,\), expected \(2, 3\)"):
        solve(network, loads, loads[0])
    with pytest.raises(ValueError, match=r"q_kvar\[1, 2\] is nan, expected a finite number"):
        solve(network, loads, np.array([[0.0, 0.0, 0.0], [0.0, 0.0, math.nan]]))
    with pytest.raises(ValueError, match=r"tolerance_pu is 0.0, expected above 0"):
        solve(network, loads, loads, tolerance_pu=0.0)
    with pytest.raises(ValueError, match=r"max_sweeps is 0, expected at least 1"):
        solve(network, loads, loads, max_sweeps=0)


def test_overload_is_what_exceeds_the_rating_of_each_branch() -> None:
    rating_kva = np.array([np.inf, 100.0, 40.0])
    branch_kva = np.array([[0.0, 130.0, 41.0], [0.0, 100.0, 0.0], [0.0, np.nan, np.nan]])
    np.testing.assert_allclose(overload_kwh(branch_kva, rating_kva, 0.25), [31.0 / 4.0, 0.0, np.nan])
    np.testing.assert_allclose(loading(branch_kva[:2], rating_kva), [[0.0, 1.3, 1.025], [0.0, 1.0, 0.0]])


def test_voltage_excess_is_signed_and_none_within_the_band() -> None:
    voltage_pu = np.array([cmath.rect(1.13, 2.0), 1.1, 1.0, 0.9j, -0.85, np.nan])
    np.testing.assert_allclose(
        voltage_excess_pu(voltage_pu), [0.03, 0.0, 0.0, 0.0, -0.05, np.nan], atol=1e-12
    )
    np.testing.assert_allclose(voltage_excess_pu(voltage_pu[1:3], 0.95, 1.05), [0.05, 0.0], atol=1e-12)


BITS = """
import hashlib
import numpy as np
from gridbid.market.grid.power_flow import solve
from gridbid.market.naive.communities import random_network
random = np.random.default_rng(0)
network = random_network(random, 40)
found = solve(network, random.uniform(-2.0, 6.0, (40, 40)), random.uniform(-1.0, 2.0, (40, 40)))
assert found.converged.all()
digest = hashlib.sha256()
for values in (found.voltage_pu, found.branch_kva, found.losses_kw, found.source_kw, found.source_kvar):
    digest.update(values.tobytes())
print(digest.hexdigest())
"""


def test_the_bits_do_not_depend_on_the_cpu(tmp_path: Path) -> None:
    """Any x86 instead of this one: narrower vectors, and no instruction that multiplies and adds."""
    plain_cpu = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "", "NUMBA_CACHE_DIR": str(tmp_path)}
    digests = {
        subprocess.run(
            [sys.executable, "-c", BITS], env=os.environ | cpu, capture_output=True, text=True, check=True
        ).stdout
        for cpu in ({}, plain_cpu)
    }
    assert len(digests) == 1
