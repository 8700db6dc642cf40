"""The linear grid model and its envelopes beside the same example computed with other code."""

import numpy as np
from numpy.typing import NDArray

from gridbid.evaluate.reproduce.rows import Row, near
from gridbid.market.grid.envelopes import operating_envelopes
from gridbid.market.grid.network import Network
from gridbid.market.grid.power_flow import solve
from gridbid.market.grid.sensitivities import linear_flow

Floats = NDArray[np.float64]

SOURCE = "the same example by a separate implementation, not published"
HIGHEST_PU = 1.05
N_HOUSES, N_POINTS, SEED = 10, 2_000, 0
CONNECTION_KW = 43.6


def grid_rows() -> list[Row]:
    """LinDistFlow against the full power flow, and an equal envelope, on a street of ten houses."""
    network = street()
    exporting_kw = np.r_[0.0, np.full(N_HOUSES, -9.0)]
    envelopes = operating_envelopes(
        network,
        np.arange(1, N_HOUSES + 1),
        np.full(N_HOUSES, CONNECTION_KW),
        np.full(N_HOUSES, CONNECTION_KW),
        slot_h=1.0,
        highest_pu=HIGHEST_PU,
    )
    export_kw = envelopes.export_limit_wh / 1_000.0
    inside_kw = _points(-export_kw, np.zeros(N_HOUSES))
    violated = (_full_pu(network, inside_kw) > HIGHEST_PU).any(axis=1)
    figures = (
        ("all export 9 kW: highest voltage, full flow, pu", _full_pu(network, exporting_kw).max(), 1.03131, 5e-6),
        ("all export 9 kW: highest voltage, LinDistFlow, pu", _linear_pu(network, exporting_kw).max(), 1.03167, 5e-6),
        ("loads within 8 kW: greatest error of LinDistFlow, pu", _greatest_error_pu(network), 1.1e-4, 3e-5),
        ("equal export envelope at 1.05 pu, kW", export_kw[0], 14.34, 0.006),
        ("all at that envelope: highest voltage, full flow, pu", _full_pu(network, _at_houses(-export_kw)).max(), 1.0491, 5e-5),
        ("points inside it that violate 1.05 pu, of 2 000", violated.sum(), 0.0, 0.0),
    )  # fmt: skip
    return [near(name, float(ours), theirs, tolerance, SOURCE) for name, ours, theirs, tolerance in figures]


def street() -> Network:
    """Ten houses, 50 m apart, on NAYY 4x150 (0.208 + j0.080 ohm/km) at 400 V; base 100 kVA."""
    km_pu = 0.05 / (0.4**2 * 1_000.0 / 100.0)
    spans, nothing = np.r_[0.0, np.full(N_HOUSES, km_pu)], np.zeros(N_HOUSES + 1)
    parent, unknown = np.arange(-1, N_HOUSES, dtype=np.int32), np.full(N_HOUSES + 1, np.inf)
    return Network(parent, 0.208 * spans, 0.080 * spans, nothing, nothing, unknown, 100.0, 1.0)


def _greatest_error_pu(network: Network) -> float:
    loads_kw = _points(np.full(N_HOUSES, -8.0), np.full(N_HOUSES, 8.0))
    return float(np.abs(_linear_pu(network, loads_kw) - _full_pu(network, loads_kw)).max())


def _points(least_kw: Floats, most_kw: Floats) -> Floats:
    """Random loads of the houses, (N_POINTS, buses)."""
    return _at_houses(np.random.default_rng(SEED).uniform(least_kw, most_kw, (N_POINTS, N_HOUSES)))


def _at_houses(loads_kw: Floats) -> Floats:
    """Loads (..., houses) to (..., buses)."""
    return np.insert(loads_kw, 0, 0.0, axis=-1)


def _full_pu(network: Network, loads_kw: Floats) -> Floats:
    return np.abs(solve(network, loads_kw, np.zeros_like(loads_kw)).voltage_pu)


def _linear_pu(network: Network, loads_kw: Floats) -> Floats:
    return linear_flow(network, loads_kw, np.zeros_like(loads_kw)).voltage_pu
