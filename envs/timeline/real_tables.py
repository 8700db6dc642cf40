"""Columns of a Parquet file that somebody brings: looked at once, and every fault is told with row and remedy."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gridbid.market.errors import InputError

Floats = NDArray[np.float64]
Times = NDArray[np.datetime64]


class RealTable:
    """Some columns of a file, by name, and what is wrong in them."""

    def __init__(self, path: Path, required: Sequence[str], optional: Sequence[str] = ()) -> None:
        """InputError when there is no such file, it isn't Parquet, or a required column is missing or empty."""
        try:
            names = pq.read_schema(path).names
        except FileNotFoundError as error:
            raise InputError(f"{path}: no such file; expected a Parquet file") from error
        except pa.ArrowInvalid as error:
            raise InputError(f"{path}: can't be read ({error}); expected a Parquet file") from error
        missing = [name for name in required if name not in names]
        if missing:
            raise InputError(
                f"{path}: columns {', '.join(missing)} are missing; expected {', '.join(required)}; "
                f"it has {', '.join(names)}: name the ones that are meant"
            )
        chosen = [*required, *(name for name in optional if name in names)]
        self._table = pq.read_table(path, columns=chosen)
        if self._table.num_rows == 0:
            raise InputError(f"{path}: it has no rows; expected at least one")
        self.path = path
        self.n_rows: int = self._table.num_rows
        self._faults: list[str] = []

    def __contains__(self, name: str) -> bool:
        return name in self._table.column_names

    def times(self, name: str) -> Times:
        """A column of time stamps in UTC, datetime64[s], NaT where there is none; those without a zone are UTC."""
        column = self._table[name]
        if not pa.types.is_timestamp(column.type):
            self.add(name, f"is a column of {column.type}", "time stamps, in UTC or with a time zone")
            return np.full(self.n_rows, "NaT", "datetime64[s]")
        utc = column.cast(pa.timestamp("s", "UTC"), safe=False)
        return utc.to_numpy().astype("datetime64[s]")

    def numbers(self, name: str) -> Floats:
        """A column of numbers, NaN where there is none."""
        column = self._table[name]
        if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
            self.add(name, f"is a column of {column.type}", "numbers")
            return np.zeros(self.n_rows)
        return column.cast(pa.float64()).to_numpy()

    def texts(self, name: str) -> NDArray[np.str_]:
        """A column of texts, empty where there is none; numbers become texts."""
        column = self._table[name]
        plain = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
        if not (plain or pa.types.is_integer(column.type) or pa.types.is_dictionary(column.type)):
            self.add(name, f"is a column of {column.type}", "texts")
            return np.full(self.n_rows, "")
        return np.array(["" if value is None else str(value) for value in column.to_pylist()], np.str_)

    def add(self, name: str, found: str, expected: str) -> None:
        """Note what is wrong with a column."""
        self._faults.append(f"{self.path}: {name} {found}; expected {expected}")

    def add_where(self, name: str, wrong: NDArray[np.bool_], values: NDArray[Any], expected: str) -> None:
        """Note a fault where ``wrong`` (rows,), if anywhere: the first row, counted from 0, its value, and how often."""
        count = int(np.count_nonzero(wrong))
        if count:
            row = int(wrong.argmax())
            more = f" (and so on, {count} rows)" if count > 1 else ""
            self.add(f"{name} in row {row}", f"is {values[row]}{more}", expected)

    def raise_any(self) -> None:
        """InputError that lists every fault, if there is one."""
        if self._faults:
            raise InputError("\n".join(self._faults))
