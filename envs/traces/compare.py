"""Compares two traces of an episode, bit for bit."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gridbid.envs.traces.files import Trace

_OWN = ("episode", "community", "identity")
"""Columns that name an episode within its trace: a replay has its own."""


@dataclass(frozen=True)
class Difference:
    """The first place at which a replay isn't what was recorded."""

    table: str
    column: str
    step: int
    slot: int
    agent: str | None
    recorded: Any
    replayed: Any

    def __str__(self) -> str:
        who = f"{self.agent}, " if self.agent else ""
        return (
            f"step {self.step} (slot {self.slot}), {who}{self.table}.{self.column}: "
            f"recorded {self.recorded!r}, replayed {self.replayed!r}"
        )


def first_difference(
    recorded: Trace, replayed: Trace, row: dict[str, Any], steps: int | None = None
) -> Difference | None:
    """Where a replay, the only episode of its trace, first differs from the recorded episode of a row of ``episodes``.

    All that was recorded is compared, or what its first ``steps`` steps brought. Of several differences in a step that of
    the first table and column counts.
    """
    found = [_in_table(name, recorded, replayed, row, steps) for name in recorded.metadata["tables"]]
    return min((one for one in found if one is not None), key=lambda one: one.step, default=None)


def _in_table(
    name: str, recorded: Trace, replayed: Trace, row: dict[str, Any], steps: int | None
) -> Difference | None:
    ours, theirs = recorded.table(name, row["episode"]), replayed.table(name)
    if steps is not None:
        in_time = (
            pc.less(ours["step"], steps)
            if "step" in ours.column_names
            else np.arange(ours.num_rows) < theirs.num_rows
        )
        ours = ours.filter(pa.array(in_time) if isinstance(in_time, np.ndarray) else in_time)
    rows = min(ours.num_rows, theirs.num_rows)
    ours_first, theirs_first = ours.slice(0, rows), theirs.slice(0, rows)
    compared = [column for column in ours.column_names if column not in _OWN]
    at = {column: _first_row(ours_first[column], theirs_first[column]) for column in compared}
    column = min(compared, key=lambda name: at[name])
    if at[column] < rows:
        pair = (table.slice(at[column], 1).to_pylist()[0] for table in (ours, theirs))
        return _difference(name, column, next(pair), next(pair)[column], row, recorded)
    if ours.num_rows == theirs.num_rows:
        return None
    longer = ours if ours.num_rows > rows else theirs
    extra = longer.slice(rows, 1).to_pylist()[0]
    return _difference(name, "rows", extra | {"rows": ours.num_rows}, theirs.num_rows, row, recorded)


def _difference(
    table: str, column: str, ours: dict[str, Any], replayed: Any, row: dict[str, Any], trace: Trace
) -> Difference:
    """A difference in a row; what was delivered came with the step that closed the gate of the slot after."""
    rounds, slot = trace.metadata["rounds"], ours.get("slot", row["start"])
    step = ours.get("step", min(slot - row["start"] + 2, row["n_slots"]) * rounds - 1)
    return Difference(table, column, step, slot, ours.get("agent"), ours[column], replayed)


def _first_row(ours: pa.ChunkedArray, theirs: pa.ChunkedArray) -> int:
    """First row in which two columns of a length differ, or their length."""
    differs = (
        (_bits(ours) != _bits(theirs)).reshape(len(ours), -1).any(axis=1) if len(ours) else np.zeros(0, bool)
    )
    return int(differs.argmax()) if differs.any() else len(ours)


def _bits(column: pa.ChunkedArray) -> NDArray[Any]:
    """A column as entries that are equal where the values are, to the bit; a null is unlike any value."""
    if pa.types.is_dictionary(column.type) or pa.types.is_binary(column.type):
        return np.array(column.to_pylist(), dtype=object)
    if pa.types.is_fixed_size_list(column.type):
        values = pa.chunked_array([chunk.flatten() for chunk in column.chunks], column.type.value_type)
        return _bits(values).reshape(len(column), -1)
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    numbers = column.fill_null(0).to_numpy()
    bits = numbers.view(f"i{numbers.dtype.itemsize}")
    return np.stack([bits, column.is_null().to_numpy().astype(bits.dtype)], axis=-1)
