"""Columns of the Parquet tables that a run left."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gridbid.evaluate.report.folder.node import ReportError

Columns = Mapping[str, NDArray[Any]]
"""Columns of a table by name, all of one length."""

TRACE_COLUMNS = (
    "week",
    "slot",
    "local_time",
    "feeder_kw",
    "retail_ct",
    "feed_in_ct",
    "mean_price_ct",
    "traded_wh",
    "battery_soc",
    "car_kw",
    "heat_pump_kw",
    "pv_kw",
    "load_kw",
    "min_voltage_pu",
    "max_voltage_pu",
    "carbon_g",
)
MEMBER_COLUMNS = ("controller", "member", "kind", "bill_eur")
FILL_COLUMNS = ("day", "slot", "taker", "maker", "tick", "quantity_wh", "price_ct")
BILL_COLUMNS = ("controller", "week", "member", "line", "energy_kwh", "price_ct", "amount_eur")
NETWORK_COLUMNS = ("bus", "parent", "rating_kva", "members")
FLOW_COLUMNS = ("controller", "week", "slot", "bus", "voltage_pu", "loading")
_TEXT_COLUMNS = ("controller", "member", "kind", "day", "taker", "maker", "line", "members")
_MAY_BE_NULL = ("mean_price_ct", "battery_soc")


def read_columns(
    path: Path, required: tuple[str, ...], nullable: tuple[str, ...] = _MAY_BE_NULL
) -> dict[str, NDArray[Any]] | None:
    """Columns of a Parquet file by name, None where there is none; numbers are float64, null is NaN.

    Of the required columns only the ``nullable`` may hold nulls; further ones may as well.
    """
    if not path.exists():
        return None
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise ReportError(f"{path} isn't a readable Parquet file: {error}") from error
    missing = [name for name in required if name not in table.column_names]
    if missing:
        raise ReportError(
            f"{path} lacks the columns {', '.join(missing)}; it must have {', '.join(required)}"
        )
    for name in required:
        if name not in nullable and table[name].null_count:
            raise ReportError(f"{path}: column {name} has {table[name].null_count} nulls; it must have none")
    return {name: _column(table[name], name, path) for name in table.column_names}


def _column(column: pa.ChunkedArray, name: str, path: Path) -> NDArray[Any]:
    try:
        if name in _TEXT_COLUMNS:
            return np.asarray(column.cast(pa.string()).to_pylist(), dtype=object)
        if name == "local_time":
            if pa.types.is_timestamp(column.type) and column.type.tz is not None:
                column = pc.local_timestamp(column)
            return np.asarray(column.cast(pa.timestamp("s"), safe=False).to_numpy())
        return np.asarray(column.cast(pa.float64()).to_numpy())
    except (pa.ArrowException, ValueError) as error:
        expected = "texts" if name in _TEXT_COLUMNS else "times" if name == "local_time" else "numbers"
        raise ReportError(f"{path}: column {name} has type {column.type}; it must hold {expected}") from error
