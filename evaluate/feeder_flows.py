"""What the feeder carried in one week, bus by bus: the power flow of recorded readings, for pictures and for analysis.

A week's records hold the members' voltages alone; here the same loads give those of all buses, and how full each branch was.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gridbid.envs.compile import CompiledScenario
from gridbid.evaluate.protocol import RULE, Evaluation
from gridbid.evaluate.records.record import WeekRecord
from gridbid.market.grid.power_flow import PowerFlowResult, solve

Floats = NDArray[np.float64]

VOLTAGE_DECIMALS, LOADING_DECIMALS = 5, 4


def worst_week(evaluation: Evaluation) -> int:
    """The week whose first sample loads the transformer most under the rule, either way."""
    traced = [record for record in evaluation.records[RULE] if record.sample == 0]
    return max(traced, key=lambda record: float(np.abs(record.feeder_kw).max())).week


def flows(compiled: CompiledScenario, record: WeekRecord) -> PowerFlowResult:
    """Power flow of a recorded week (T, buses); reactive power is the base load's, as in the engine."""
    community = compiled.community
    tan_phi = community.load_tan_phi
    p_kw = _at_buses(compiled, record.net_kwh) / record.slot_h
    q_kvar = _at_buses(compiled, record.load_kwh) / record.slot_h * tan_phi
    return solve(community.network, p_kw, q_kvar)


def flows_table(evaluation: Evaluation) -> pa.Table:
    """One row a controller, slot and bus of the worst week: voltage (pu), and the share of its rating that the branch to it carries.

    Null where the power flow has no solution; the loading also where the rating is unknown, and at the source.
    """
    week = worst_week(evaluation)
    tables = [
        _week_table(evaluation.compiled, record)
        for records in evaluation.records.values()
        for record in records
        if record.week == week and record.sample == 0
    ]
    return pa.concat_tables(tables).unify_dictionaries()


def network_table(compiled: CompiledScenario) -> pa.Table:
    """One row a bus: what feeds it (-1: nothing), what the branch to it may carry (null: unknown), who is connected."""
    network = compiled.community.network
    members: list[list[str]] = [[] for _ in range(network.parent.size)]
    for seat in compiled.scenario.metered:
        members[seat.bus].append(seat.name)
    rating_kva = np.asarray(network.rating_kva)
    return pa.table(
        {
            "bus": pa.array(np.arange(network.parent.size, dtype=np.int32)),
            "parent": pa.array(np.asarray(network.parent, np.int32)),
            "rating_kva": pa.array(rating_kva, mask=~np.isfinite(rating_kva)),
            "members": pa.array([",".join(names) for names in members]),
        }
    )


def _week_table(compiled: CompiledScenario, record: WeekRecord) -> pa.Table:
    result = flows(compiled, record)
    voltage_pu = np.abs(result.voltage_pu).round(VOLTAGE_DECIMALS).astype(np.float32)
    loading = result.loading.round(LOADING_DECIMALS).astype(np.float32)
    rated = np.isfinite(np.asarray(compiled.community.network.rating_kva))
    n_slots, n_buses = voltage_pu.shape
    n_rows = n_slots * n_buses
    return pa.table(
        {
            "controller": pa.array([record.controller] * n_rows).dictionary_encode(),
            "week": pa.array(np.full(n_rows, record.week, np.int16)),
            "slot": pa.array(np.repeat(np.arange(n_slots, dtype=np.int32), n_buses)),
            "bus": pa.array(np.tile(np.arange(n_buses, dtype=np.int32), n_slots)),
            "voltage_pu": pa.array(voltage_pu.ravel(), mask=np.isnan(voltage_pu).ravel()),
            "loading": pa.array(loading.ravel(), mask=(np.isnan(loading) | ~rated).ravel()),
        }
    )


def _at_buses(compiled: CompiledScenario, energy_kwh: Floats) -> Floats:
    """What members draw (T, N), summed at their buses (T, buses)."""
    community = compiled.community
    at_buses = np.zeros((energy_kwh.shape[0], community.network.parent.size))
    np.add.at(at_buses.T, community.sites.bus, energy_kwh.T)
    return at_buses
