"""A table from CSV or Parquet: whatever the delimiter, the decimal sign and the encoding."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gridbid.envs.importers.findings import Findings

DELIMITERS = ";\t,|"
ENCODINGS = ("utf-8-sig", "cp1252")
NOTHING = ("", "na", "n/a", "nan", "null", "none", "-", "--", "#n/a", "nil")
"""What stands for a missing number, in any case."""
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
DECIMAL_COMMA = r"^[+-]?\d+,\d+$"
PARQUET_MAGIC = b"PAR1"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """Columns by name: texts from CSV, whatever Parquet has from Parquet."""

    columns: dict[str, pa.ChunkedArray]
    first_row: int
    """Line of the first row in the file, from 1; for Parquet the first row is 1."""
    decimal_comma: bool

    @property
    def n_rows(self) -> int:
        """Rows below the header."""
        return len(next(iter(self.columns.values()))) if self.columns else 0

    def lines(self) -> NDArray[np.int64]:
        """Line of each row in the file, (rows,)."""
        return np.arange(self.n_rows) + self.first_row


def read_table(path: Path, findings: Findings) -> Table:
    """The table of a file; rows of another length than the header, and names that stand twice, are faults."""
    with path.open("rb") as file:
        is_parquet = file.read(4) == PARQUET_MAGIC
    return _read_parquet(path, findings) if is_parquet else _read_csv(path, findings)


def numbers(table: Table, name: str, findings: Findings) -> Floats:
    """A column as float64, NaN where nothing stands; any other text is a fault."""
    column = table.columns[name]
    if pa.types.is_boolean(column.type) or not (_is_text(column) or _is_number(column)):
        findings.fault(f"column {name}", str(column.type), "expected numbers")
        return np.full(table.n_rows, np.nan)
    if not _is_text(column):
        return pc.fill_null(column.cast(pa.float64(), safe=False), np.nan).to_numpy().astype(np.float64)
    return _numbers_of_texts(table, name, findings)


def is_numeric(table: Table, name: str) -> bool:
    """Whether the first rows that aren't empty are all numbers."""
    column = table.columns[name]
    if not _is_text(column):
        return _is_number(column)
    texts = _plain(column.slice(0, 1_000), table.decimal_comma)
    return texts.null_count < len(texts) and bool(pc.all(pc.match_substring_regex(texts, NUMBER)).as_py())


def texts_of(table: Table, name: str) -> pa.ChunkedArray:
    """A column as stripped texts, null where nothing stands."""
    column = table.columns[name]
    texts = column if _is_text(column) else column.cast(pa.string())
    return _without_nothing(pc.utf8_trim_whitespace(texts))


def _read_parquet(path: Path, findings: Findings) -> Table:
    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        findings.fault("whole file", str(error).splitlines()[0], "expected a Parquet file that can be read")
        return Table({}, 1, False)
    return Table({name: table[name] for name in table.column_names}, 1, False)


def _read_csv(path: Path, findings: Findings) -> Table:
    text = _decoded(path.read_bytes())
    head = text.splitlines()[:1_000]
    skipped = next((i for i, line in enumerate(head) if line.strip() and not line.startswith("#")), 0)
    if not head or not head[skipped].strip():
        findings.fault("whole file", "empty", "expected a header and rows")
        return Table({}, 1, False)
    delimiter = _delimiter(head[skipped : skipped + 20])
    names = [name.strip() for name in next(csv.reader([head[skipped]], delimiter=delimiter))]
    for name in sorted({name for name in names if names.count(name) > 1}):
        findings.fault(f"column {name}", "stands twice in the header", "give every column a name of its own")
    keys = [name or f"column {i + 1}" for i, name in enumerate(names)]
    if len(set(keys)) < len(keys):
        return Table({}, skipped + 2, False)
    return _parsed(text, skipped, keys, delimiter, findings)


def _parsed(text: str, skipped: int, keys: list[str], delimiter: str, findings: Findings) -> Table:
    odd: list[tuple[int, str]] = []

    def note_odd(row: pv.InvalidRow) -> str:
        odd.append((row.number or 0, row.text))
        return "skip"

    table = pv.read_csv(
        io.BytesIO(text.encode()),
        read_options=pv.ReadOptions(column_names=keys, skip_rows=skipped + 1, use_threads=False),
        parse_options=pv.ParseOptions(delimiter=delimiter, invalid_row_handler=note_odd),
        convert_options=pv.ConvertOptions(
            column_types=dict.fromkeys(keys, pa.string()), strings_can_be_null=True, null_values=[""]
        ),
    )
    if odd:
        findings.fault(
            "row",
            repr(odd[0][1][:60]),
            f"expected {len(keys)} values with {delimiter!r} between them, as the header has",
            [line for line, _ in odd],
        )
    columns = {key: table[key] for key in keys}
    comma = delimiter != "," and any(_has_decimal_comma(column) for column in columns.values())
    return Table(columns, skipped + 2, comma)


def _decoded(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")


def _delimiter(lines: list[str]) -> str:
    """What splits the first lines into the same number of parts, more than one; a comma if nothing does."""
    for delimiter in DELIMITERS:
        parts = {
            len(row) for row in csv.reader([line for line in lines if line.strip()], delimiter=delimiter)
        }
        if min(parts) > 1 and (delimiter != "," or len(parts) <= 2):
            return delimiter
    return ","


def _has_decimal_comma(column: pa.ChunkedArray) -> bool:
    texts = pc.utf8_trim_whitespace(column.slice(0, 10_000))
    return bool(pc.any(pc.match_substring_regex(texts, DECIMAL_COMMA)).as_py())


def _numbers_of_texts(table: Table, name: str, findings: Findings) -> Floats:
    texts = _plain(table.columns[name], table.decimal_comma)
    good = pc.fill_null(pc.match_substring_regex(texts, NUMBER), True)
    bad = np.flatnonzero(~good.to_numpy())
    if bad.size:
        findings.fault(
            f"column {name}",
            repr(texts[int(bad[0])].as_py()),
            "expected numbers without signs between thousands, or nothing",
            table.lines()[bad],
        )
    kept = pc.if_else(good, texts, None)
    return pc.fill_null(kept.cast(pa.float64()), np.nan).to_numpy().astype(np.float64)


def _plain(column: pa.ChunkedArray, decimal_comma: bool) -> pa.ChunkedArray:
    texts = _without_nothing(pc.utf8_trim_whitespace(column))
    return pc.replace_substring(texts, ",", ".") if decimal_comma else texts


def _without_nothing(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    nothing = pc.is_in(pc.utf8_lower(texts), value_set=pa.array(NOTHING))
    return pc.if_else(nothing, pa.scalar(None, texts.type), texts)


def _is_text(column: pa.ChunkedArray) -> bool:
    return pa.types.is_string(column.type) or pa.types.is_large_string(column.type)


def _is_number(column: pa.ChunkedArray) -> bool:
    kind = column.type
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
