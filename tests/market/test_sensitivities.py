"""LinDistFlow against the full power flow: values, derivatives, the exact remainder, and on which side it errs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gridbid.market.grid.network import Network
from gridbid.market.grid.power_flow import solve
from gridbid.market.grid.sensitivities import linear_flow, sensitivities, voltage_slopes

Floats = NDArray[np.float64]
BASE_KVA = 100.0


def street(n_houses: int = 10) -> Network:
    """A feeder of NAYY 4x150 (0.208 + j0.080 ohm/km) with a house every 50 m, 400 V."""
    km_pu = 0.05 / (0.4**2 * 1000.0 / BASE_KVA)
    spans, nothing = np.r_[0.0, np.full(n_houses, km_pu)], np.zeros(n_houses + 1)
    parent = np.arange(-1, n_houses, dtype=np.int32)
    unknown = np.full(n_houses + 1, np.inf)
    return Network(parent, 0.208 * spans, 0.080 * spans, nothing, nothing, unknown, BASE_KVA, 1.0)


def random_network(random: np.random.Generator, n_buses: int, shunt: float) -> Network:
    """A tree, bushy or stringy, that loads of 60 kW in all bring down by about 5 %."""
    reach = int(random.integers(1, 30))
    parent = [-1] + [int(random.integers(max(0, bus - reach), bus)) for bus in range(1, n_buses)]
    r_pu = random.uniform(0.0, 1.5, n_buses) * 0.05 / n_buses
    r_pu[0] = 0.0
    return Network(
        parent=np.array(parent, np.int32),
        r_pu=r_pu,
        x_pu=r_pu * random.uniform(0.1, 2.0, n_buses),
        g_pu=random.uniform(0.0, shunt, n_buses),
        b_pu=random.uniform(-shunt, shunt, n_buses),
        rating_kva=np.full(n_buses, np.inf),
        base_kva=BASE_KVA,
        source_pu=float(random.uniform(0.95, 1.05)),
    )


def random_loads(random: np.random.Generator, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Loads and feed-in, kW and kvar, of about 60 kW together."""
    scale_kw = 60.0 / shape[-1]
    return random.uniform(-2.0, 2.0, shape) * scale_kw, random.uniform(-0.6, 0.6, shape) * scale_kw


def test_sensitivities_are_twice_the_common_way() -> None:
    """A fork: 0 - 1, then 1 - 2 and 1 - 3 - 4."""
    parent, r_pu = np.array([-1, 0, 1, 1, 3], np.int32), np.array([0.0, 0.01, 0.02, 0.03, 0.04])
    nothing = np.zeros(5)
    network = Network(parent, r_pu, 10.0 * r_pu, nothing, nothing, np.full(5, np.inf), BASE_KVA, 1.02)
    linear = sensitivities(network)
    expected = 2.0 * np.array(
        [
            [0.0, 0.00, 0.00, 0.00, 0.00],
            [0.0, 0.01, 0.01, 0.01, 0.01],
            [0.0, 0.01, 0.03, 0.01, 0.01],
            [0.0, 0.01, 0.01, 0.04, 0.04],
            [0.0, 0.01, 0.01, 0.04, 0.08],
        ]
    )
    np.testing.assert_allclose(linear.resistance, expected, rtol=1e-12)
    np.testing.assert_allclose(linear.reactance, 10.0 * expected, rtol=1e-12)
    np.testing.assert_allclose(linear.unloaded_squared, 1.02**2, rtol=1e-12)
    flow = linear_flow(network, np.array([7.0, 1.0, 2.0, 3.0, 4.0]), np.array([7.0, 1.0, -2.0, 3.0, -4.0]))
    assert flow.branch_kw.tolist() == [0.0, 10.0, 2.0, 7.0, 4.0]
    assert flow.branch_kvar.tolist() == [0.0, -2.0, -2.0, -1.0, -4.0]
    squared = (
        1.02**2
        - expected @ [0.07, 0.01, 0.02, 0.03, 0.04]
        - 10.0 * expected @ [0.07, 0.01, -0.02, 0.03, -0.04]
    )
    np.testing.assert_allclose(flow.voltage_pu, np.sqrt(squared), rtol=1e-12)


def test_on_a_street_it_is_off_by_a_ten_thousandth() -> None:
    p_kw = np.zeros((2000, 11))
    p_kw[:, 1:] = np.random.default_rng(0).uniform(-8.0, 8.0, (2000, 10))
    full, linear = solve(street(), p_kw, 0.0 * p_kw), linear_flow(street(), p_kw, 0.0 * p_kw)
    error_pu = np.abs(np.abs(full.voltage_pu) - linear.voltage_pu).max(axis=1)
    assert error_pu.max() < 1.5e-4
    assert np.quantile(error_pu, 0.99) < 1.1e-4


def test_on_a_street_of_exporters_it_has_the_known_values() -> None:
    p_kw = np.r_[0.0, np.full(10, -9.0)]
    assert np.abs(solve(street(), p_kw, 0.0 * p_kw).voltage_pu).max() == pytest.approx(1.03131, abs=5e-6)
    assert linear_flow(street(), p_kw, 0.0 * p_kw).voltage_pu.max() == pytest.approx(1.03167, abs=5e-6)


@settings(max_examples=25)
@given(st.integers(1, 60), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 2e-4]))
def test_slopes_are_the_derivatives_of_the_full_power_flow(n_buses: int, seed: int, shunt: float) -> None:
    """Central differences about no load; with shunts there is a flow even then, hence losses, and a wider tolerance."""
    network = random_network(np.random.default_rng(seed), n_buses, shunt)
    step_kw = np.eye(n_buses)
    nothing = np.zeros_like(step_kw)
    for slopes, p_kw, q_kvar in (
        (voltage_slopes(network)[0], step_kw, nothing),
        (voltage_slopes(network)[1], nothing, step_kw),
    ):
        up, down = (np.abs(solve(network, sign * p_kw, sign * q_kvar).voltage_pu) for sign in (1.0, -1.0))
        measured = (up - down).T / 2.0
        np.testing.assert_allclose(slopes, measured, rtol=1e-3 if shunt else 1e-5, atol=2e-8)
        assert (slopes <= 0.0).all()


@settings(max_examples=40)
@given(st.integers(1, 80), st.integers(0, 2**32 - 1), st.sampled_from([0.0, 2e-3]))
def test_with_half_of_the_losses_at_each_end_it_is_exact(n_buses: int, seed: int, shunt: float) -> None:
    random = np.random.default_rng(seed)
    network = random_network(random, n_buses, shunt)
    p_kw, q_kvar = random_loads(random, (4, n_buses))
    voltage = solve(network, p_kw, q_kvar, tolerance_pu=1e-12).voltage_pu
    lower = slice(1, None)
    impedance = (network.r_pu + 1j * network.x_pu)[lower]
    drop = voltage[:, network.parent[lower]] - voltage[:, lower]
    lost_kva = np.zeros_like(voltage)
    lost_kva[:, lower] = np.abs(drop) ** 2 / np.conj(impedance) * BASE_KVA
    halves = 0.5 * lost_kva
    np.add.at(halves, (slice(None), network.parent[lower]), 0.5 * lost_kva[:, lower])
    linear = linear_flow(network, p_kw + halves.real, q_kvar + halves.imag)
    np.testing.assert_allclose(linear.voltage_pu, np.abs(voltage), rtol=0, atol=1e-9)


@settings(max_examples=40)
@given(st.integers(2, 80), st.integers(0, 2**32 - 1), st.sampled_from([0.3, 1.0, 3.0]))
def test_it_is_never_below_the_truth(n_buses: int, seed: int, scale: float) -> None:
    """Conservative for a limit from above, optimistic for one from below."""
    random = np.random.default_rng(seed)
    network = random_network(random, n_buses, 0.0)
    p_kw, q_kvar = (scale * load for load in random_loads(random, (8, n_buses)))
    full, linear = solve(network, p_kw, q_kvar), linear_flow(network, p_kw, q_kvar)
    excess_pu = (linear.voltage_pu - np.abs(full.voltage_pu))[full.converged]
    assert excess_pu.size and (excess_pu > -1e-8).all()


def test_a_voltage_that_the_line_loses_is_nan() -> None:
    p_kw = np.r_[0.0, np.full(10, 500.0)]
    voltages = linear_flow(street(), p_kw, 0.0 * p_kw).voltage_pu
    assert voltages[0] == 1.0 and np.isnan(voltages[-1])


def test_faulty_loads_are_named() -> None:
    with pytest.raises(
        ValueError, match=r"p_kw has shape \(3,\).*q_kvar has shape \(4,\), expected \(\.\.\., 11\)"
    ):
        linear_flow(street(), np.zeros(3), np.zeros(4))
