"""An evaluation on disk: Parquet traces by controller, the members' figures, and what a summary tells of it."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gridbid.envs.compile import CompiledScenario
from gridbid.evaluate.bills import bills, tariff_parts
from gridbid.evaluate.feeder_flows import flows_table, network_table
from gridbid.evaluate.files import write_table
from gridbid.evaluate.gains import GAINS, gains_table
from gridbid.evaluate.kpis import mean_price_ct
from gridbid.evaluate.protocol import Evaluation
from gridbid.evaluate.protocol.findings import findings
from gridbid.evaluate.records.record import WeekRecord
from gridbid.market.grid.network import Network
from gridbid.market.types import Cost, Device
from gridbid.market.units import NEUR_PER_EUR, NEUR_PER_WH_PER_CT_PER_KWH, WH_PER_KWH

BILLS, MEMBERS = "bills.parquet", "members.parquet"
NETWORK, FLOWS = "network.parquet", "flows.parquet"

_BOOK = (
    "best_bid_ct",
    "best_ask_ct",
    "bid_depth_wh",
    "ask_depth_wh",
    "open_bid_wh",
    "open_ask_wh",
    "orders_placed",
    "orders_rejected",
    "orders_filled",
)
"""What is told of the book, as `WeekRecord` has it; null where there was none."""


def write_traces(evaluation: Evaluation, folder: Path) -> tuple[Path, ...]:
    """Write ``<controller>.parquet`` and the tables of members, bills, gains, network and flows into ``folder``.

    An evaluation's first sample is traced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        f"{controller}.parquet": pa.concat_tables(
            trace_table(evaluation.compiled, record) for record in records if record.sample == 0
        )
        for controller, records in evaluation.records.items()
    }
    tables[MEMBERS] = members_table(evaluation)
    tables[BILLS] = bills_table(evaluation)
    tables[GAINS] = gains_table(evaluation)
    tables[NETWORK] = network_table(evaluation.compiled)
    tables[FLOWS] = flows_table(evaluation)
    return tuple(write_table(folder / name, table) for name, table in tables.items())


def trace_table(compiled: CompiledScenario, record: WeekRecord) -> pa.Table:
    """One row a slot; null where nothing was traded, nothing can be stored, no car is plugged in or nothing rests in the book."""
    n_slots, hours = record.retail_ct.size, record.slot_h
    capacity_kwh = float(compiled.community.devices.battery_kwh.sum())
    stored_kwh = record.battery_kwh.sum(axis=1)
    price_ct, car_soc = mean_price_ct(record), _car_soc(compiled, record)
    local_time = compiled.year.local_start[record.start : record.start + n_slots]
    return pa.table(
        {
            "week": pa.array(np.full(n_slots, record.week, np.int16)),
            "slot": pa.array(np.arange(n_slots, dtype=np.int32)),
            "local_time": pa.array(local_time.astype("datetime64[s]")),
            "feeder_kw": _singles(record.feeder_kw),
            "retail_ct": _singles(record.retail_ct),
            "feed_in_ct": _singles(record.feed_in_ct),
            "mean_price_ct": _singles(price_ct, np.isnan(price_ct)),
            "traded_wh": pa.array(record.bought_wh.sum(axis=1)),
            "battery_soc": _singles(
                stored_kwh / (capacity_kwh or 1.0), np.full(n_slots, capacity_kwh == 0.0)
            ),
            "car_soc": _singles(car_soc, np.isnan(car_soc)),
            "car_kw": _singles(record.device_kwh[:, :, Device.CHARGER].sum(axis=1) / hours),
            "heat_pump_kw": _singles(record.device_kwh[:, :, Device.HEAT_PUMP].sum(axis=1) / hours),
            "pv_kw": _singles((record.pv_kwh - record.curtailed_kwh).sum(axis=1) / hours),
            "load_kw": _singles(record.load_kwh.sum(axis=1) / hours),
            "min_voltage_pu": _singles(record.voltage_pu.min(axis=1)),
            "max_voltage_pu": _singles(record.voltage_pu.max(axis=1)),
            "carbon_g": _singles(record.carbon_g),
            "fee_ct": _singles(record.fee_neur / NEUR_PER_WH_PER_CT_PER_KWH),
            "need_wh": _singles(np.maximum(0.0, record.net_kwh).sum(axis=1) * WH_PER_KWH),
            "surplus_wh": _singles(np.maximum(0.0, -record.net_kwh).sum(axis=1) * WH_PER_KWH),
            "fills": pa.array(record.fills),
            **{name: _singles(values := getattr(record, name), np.isnan(values)) for name in _BOOK},
        }
    )


def _car_soc(compiled: CompiledScenario, record: WeekRecord) -> NDArray[np.float64]:
    """How full the cars are that are plugged in, all together, at each slot's end (T,); nan where none is."""
    series, devices = compiled.community.series, compiled.community.devices
    columns = series.car_column
    span = slice(record.start, record.start + record.retail_ct.size)
    departure = series.car_departure[record.sample, span]
    plugged = np.zeros(record.car_kwh.shape, np.bool_)
    plugged[:, columns >= 0] = departure[:, columns[columns >= 0]] >= 0
    capacity_kwh = plugged @ devices.car_kwh
    stored_kwh = np.where(plugged, record.car_kwh, 0.0).sum(axis=1)
    return np.divide(stored_kwh, capacity_kwh, out=np.full(stored_kwh.size, np.nan), where=capacity_kwh > 0.0)


def members_table(evaluation: Evaluation) -> pa.Table:
    """One row a controller and member: the parts of J in EUR over all weeks and samples."""
    seats = evaluation.compiled.scenario.metered
    rows = [
        {"controller": controller, "member": seat.name, "kind": seat.kind, **_parts(cost_eur)}
        for controller, records in evaluation.records.items()
        for seat, cost_eur in zip(seats, np.sum([r.cost_eur for r in records], axis=0), strict=True)
    ]
    return pa.Table.from_pylist(rows)


def bills_table(evaluation: Evaluation) -> pa.Table:
    """One row a controller, week of the first sample, member and line of its bill.

    What a member pays is positive; ``price_ct`` is null without energy. Lines of a bill sum to what was settled.
    """
    parts = tariff_parts(evaluation.compiled)
    names = [seat.name for seat in evaluation.compiled.scenario.metered]
    weeks = []
    for controller, records in evaluation.records.items():
        for record in (record for record in records if record.sample == 0):
            bill = bills([record], parts)
            n_rows, price_ct = bill.amount_neur.size, bill.price_ct.ravel()
            rows = {
                "controller": pa.array([controller] * n_rows).dictionary_encode(),
                "week": pa.array(np.full(n_rows, record.week, np.int16)),
                "member": pa.array(np.repeat(names, len(bill.lines))).dictionary_encode(),
                "line": pa.array(bill.lines * len(names)).dictionary_encode(),
                "energy_kwh": pa.array(bill.energy_wh.ravel() / WH_PER_KWH),
                "price_ct": pa.array(price_ct, mask=np.isnan(price_ct)),
                "amount_eur": pa.array(bill.amount_neur.ravel() / NEUR_PER_EUR),
            }
            weeks.append(pa.table(rows))
    return pa.concat_tables(weeks).unify_dictionaries()


def summary(evaluation: Evaluation) -> dict[str, object]:
    """What `summary.json` tells of an evaluation, ready for JSON: figures without a meaning are null."""
    scenario = evaluation.compiled.scenario
    return {
        "scenario": {
            "name": scenario.name,
            "title": scenario.title,
            "n_members": len(scenario.metered),
            "sha256": scenario.digest,
            "transformer_kva": _transformer_kva(scenario.network),
        },
        "weeks": list(evaluation.weeks),
        "samples": evaluation.manifest.samples,
        "j_eur_by_week": {name: j.tolist() for name, j in evaluation.j_eur.items()},
        "residuals": dict(evaluation.residuals),
        **findings(evaluation),
    }


def _transformer_kva(network: Network) -> float | None:
    """What the branches from the source may carry together; None where one's rating is unknown."""
    rating_kva = float(network.rating_kva[network.parent == 0].sum())
    return rating_kva if math.isfinite(rating_kva) else None


def _parts(cost_eur: NDArray[np.float64]) -> dict[str, float]:
    return {f"{part.name.lower()}_eur": float(cost_eur[part]) for part in Cost}


def _singles(
    values: Sequence[float] | NDArray[np.float64], missing: NDArray[np.bool_] | None = None
) -> pa.Array:
    return pa.array(np.asarray(values, np.float32), mask=missing)
