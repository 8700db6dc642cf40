"""Time stamps of a file: texts, numbers or Parquet time stamps, as seconds on the clock that wrote them.

What is recognised: ISO 8601 with or without an offset, year first or last with ``-``, ``.`` or ``/``, 24:00 for the
end of a day, AM and PM, seconds or milliseconds since 1970, and a date and a time in two columns.
"""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gridbid.envs.importers.findings import Findings
from gridbid.envs.importers.tables import NUMBER, Table, texts_of

DateOrder = Literal["dmy", "mdy"]
Seconds = NDArray[np.int64]

CLOCK_TIME = r"(?:[T ,]+(?P<H>\d{1,2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp][Mm])?)?"
OFFSET = r"\s*(?P<zone>[zZ]|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$"
YEAR_FIRST = r"^(?P<y>\d{4})[-./](?P<m>\d{1,2})[-./](?P<d>\d{1,2})" + CLOCK_TIME + OFFSET
YEAR_LAST = r"^(?P<a>\d{1,2})(?P<sign>[-./])(?P<b>\d{1,2})[-./](?P<y>\d{4})" + CLOCK_TIME + OFFSET
FIRST_SECOND, LAST_SECOND = 631_152_000, 4_102_444_800
"""1990 and 2100: numbers between are seconds since 1970, a thousandfold are milliseconds."""
NO_TIME = np.iinfo(np.int64).min
"""Stands where a stamp can't be read."""


@dataclass(frozen=True)
class Stamps:
    """Stamps of the rows, arrays (rows,)."""

    clock_s: Seconds
    """Seconds since 1970 on the clock that wrote the stamp; NO_TIME where it can't be read."""
    offset_s: Seconds | None
    """Seconds by which that clock is ahead of UTC; None where the stamps don't say."""


def read_stamps(
    table: Table, names: tuple[str, ...], date_order: DateOrder | None, findings: Findings
) -> Stamps:
    """Stamps of one column, or of a date column and a time column; what can't be read is a fault."""
    kind = table.columns[names[0]].type
    if pa.types.is_timestamp(kind):
        return _from_timestamps(table, names[0], findings)
    texts = texts_of(table, names[0])
    if len(names) == 2:
        texts = pc.binary_join_element_wise(texts, texts_of(table, names[1]), " ")
    field = "column " + " and ".join(names)
    if len(texts) and pc.all(pc.match_substring_regex(texts, NUMBER)).as_py():
        return _from_numbers(texts, table, field, findings)
    return _from_texts(texts, date_order, table, field, findings)


def is_time(table: Table, name: str) -> bool:
    """Whether a column's first entries look like stamps."""
    column = table.columns[name]
    if pa.types.is_timestamp(column.type):
        return True
    texts = texts_of(table, name).slice(0, 100).drop_null()
    if not len(texts):
        return False
    return any(bool(pc.all(pc.match_substring_regex(texts, form)).as_py()) for form in _patterns())


def _patterns() -> tuple[str, str]:
    """The two forms without names of groups."""
    first, last = (re.sub(r"\?P<\w+>", "", form) for form in (YEAR_FIRST, YEAR_LAST))
    return first, last


def _from_timestamps(table: Table, name: str, findings: Findings) -> Stamps:
    column = table.columns[name]
    _refuse(pc.is_null(column).to_numpy(), column, table, f"column {name}", "expected a time", findings)
    zone = column.type.tz
    seconds = pc.fill_null(
        column.cast(pa.timestamp("s", "UTC" if zone else None), safe=False).cast(pa.int64()), NO_TIME
    )
    clock_s = seconds.to_numpy().astype(np.int64)
    return Stamps(clock_s, np.zeros_like(clock_s) if zone else None)


def _from_numbers(texts: pa.ChunkedArray, table: Table, field: str, findings: Findings) -> Stamps:
    values = pc.fill_null(texts.cast(pa.float64()), np.nan).to_numpy()
    per_second = 1_000.0 if np.nanmedian(values) > LAST_SECOND else 1.0
    seconds = values / per_second
    good = (seconds >= FIRST_SECOND) & (seconds <= LAST_SECOND)
    remedy = "expected seconds or milliseconds since 1970, or dates"
    _refuse(~good, texts, table, field, remedy, findings)
    clock_s = np.where(good, np.round(np.where(good, seconds, 0.0)), NO_TIME).astype(np.int64)
    return Stamps(clock_s, np.zeros_like(clock_s))


def _from_texts(
    texts: pa.ChunkedArray, order: DateOrder | None, table: Table, field: str, findings: Findings
) -> Stamps:
    first, last = pc.extract_regex(texts, YEAR_FIRST), pc.extract_regex(texts, YEAR_LAST)
    year_first, year_last = first.is_valid().to_numpy(), last.is_valid().to_numpy()
    good = year_first | year_last
    remedy = "expected a date and a time, as 2023-01-31 00:15 or 31.01.2023 00:15"
    _refuse(~good, texts, table, field, remedy, findings)
    a, b = _part(last, "a"), _part(last, "b")
    day_first = _day_first(a, b, last, year_last, order, field, findings)
    month = np.where(year_first, _part(first, "m"), np.where(day_first, b, a))
    day = np.where(year_first, _part(first, "d"), np.where(day_first, a, b))
    parts = {name: np.where(year_first, _part(first, name), _part(last, name)) for name in "yHMS"}
    hour = _hour_of_day(parts["H"], _text(first, "half", year_first, last))
    in_range = _in_range(parts["y"], month, day, hour, parts["M"], parts["S"])
    _refuse(
        good & ~in_range,
        texts,
        table,
        field,
        "expected a day that the calendar has, and 0:00 to 24:00",
        findings,
    )
    good &= in_range
    days = _days(np.where(good, parts["y"], 1970), np.where(good, month, 1), np.where(good, day, 1))
    clock_s = days * 86_400 + hour * 3_600 + parts["M"] * 60 + parts["S"]
    zones = _text(first, "zone", year_first, last)
    return Stamps(np.where(good, clock_s, NO_TIME), _offsets(zones, good, table, field, findings))


def _day_first(
    a: Seconds,
    b: Seconds,
    last: pa.ChunkedArray,
    used: NDArray[np.bool_],
    order: DateOrder | None,
    field: str,
    findings: Findings,
) -> bool:
    """Whether 01/02/2023 is the first of February: dots say so, a number above 12 shows it, else it is asked for."""
    if order is not None or not used.any():
        return order == "dmy"
    if (a[used] > 12).any() or _signs(last) == {"."}:
        return True
    if not (b[used] > 12).any():
        findings.fault(field, "day and month can't be told apart", "say --date-order dmy or --date-order mdy")
    return False


def _signs(last: pa.ChunkedArray) -> set[str]:
    return set(pc.unique(pc.struct_field(last, "sign").drop_null()).to_pylist())


def _hour_of_day(hour: Seconds, half: NDArray[np.str_]) -> Seconds:
    afternoon, morning = np.char.lower(half) == "pm", np.char.lower(half) == "am"
    return np.where(afternoon & (hour < 12), hour + 12, np.where(morning & (hour == 12), 0, hour))


def _in_range(
    year: Seconds, month: Seconds, day: Seconds, hour: Seconds, minute: Seconds, second: Seconds
) -> NDArray[np.bool_]:
    first = _days(year, np.clip(month, 1, 12), np.ones_like(day))
    after = _days(year + (month == 12), np.clip(month, 1, 12) % 12 + 1, np.ones_like(day))
    midnight = (hour == 24) & (minute == 0) & (second == 0)
    return (
        ((month >= 1) & (month <= 12) & (day >= 1) & (day <= after - first))
        & (((hour <= 23) & (minute <= 59) & (second <= 59)) | midnight)
        & ((year >= 1990) & (year <= 2100))
    )


def _days(year: Seconds, month: Seconds, day: Seconds) -> Seconds:
    """Days since 1970."""
    months = (year - 1970) * 12 + month - 1
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + day - 1


def _offsets(
    zones: NDArray[np.str_], good: NDArray[np.bool_], table: Table, field: str, findings: Findings
) -> Seconds | None:
    """Seconds ahead of UTC by row; None where no stamp says. Some with and some without is a fault."""
    said = (zones != "") & good
    if not said.any():
        return None
    silent = good & ~said
    if silent.any():
        rows = table.lines()[silent]
        findings.fault(field, "no offset, though other rows have one", "give every stamp its offset", rows)
    kinds, inverse = np.unique(zones, return_inverse=True)
    return np.array([_offset_s(kind) for kind in kinds.tolist()], np.int64)[inverse]


def _offset_s(zone: str) -> int:
    if zone == "" or zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    seconds = int(digits[:2]) * 3_600 + int(digits[2:]) * 60
    return -seconds if zone[0] == "-" else seconds


def _part(groups: pa.ChunkedArray, name: str) -> Seconds:
    """A group of digits as numbers, 0 where it is empty or the form doesn't fit."""
    texts = pc.fill_null(pc.struct_field(groups, name), "")
    return pc.if_else(pc.equal(texts, ""), "0", texts).cast(pa.int64()).to_numpy().astype(np.int64)


def _text(
    first: pa.ChunkedArray, name: str, year_first: NDArray[np.bool_], last: pa.ChunkedArray
) -> NDArray[np.str_]:
    one, other = (
        pc.fill_null(pc.struct_field(groups, name), "").to_numpy().astype(str) for groups in (first, last)
    )
    return np.where(year_first, one, other)


def _refuse(
    bad: NDArray[np.bool_], shown: pa.ChunkedArray, table: Table, field: str, remedy: str, findings: Findings
) -> None:
    if bad.any():
        value = repr(shown[int(np.argmax(bad))].as_py())
        findings.fault(field, value, remedy, table.lines()[bad])
