"""A trace on disk: a folder with trace.json and a folder of Parquet parts for each table.

A part takes its place when it is whole, and a part counts when every table has it: whatever interrupts a recording, what
is read is a true beginning of it.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from gridbid.envs.traces.tables import FORMAT, TABLES, schema
from gridbid.market.errors import InputError

METADATA = "trace.json"
_KEY = b"gridbid"
_DRAFTS = ".drafts"


class TraceWriter:
    """Writes parts into a folder that is new or empty, so that no trace is ever mixed with another."""

    def __init__(self, folder: str | os.PathLike[str], metadata: Mapping[str, Any]) -> None:
        self.folder = Path(folder)
        if self.folder.exists() and (not self.folder.is_dir() or any(self.folder.iterdir())):
            raise InputError(f"record: {self.folder} exists already; name a folder that is new or empty")
        self._tables = tuple(metadata["tables"])
        self._parts = 0
        self._metadata = json.dumps(metadata, indent=1)
        (self.folder / _DRAFTS).mkdir(parents=True, exist_ok=True)
        for table in self._tables:
            (self.folder / table).mkdir()
        draft = self.folder / _DRAFTS / METADATA
        draft.write_text(self._metadata + "\n", encoding="utf-8")
        os.replace(draft, self.folder / METADATA)

    def write(self, tables: Mapping[str, pa.Table]) -> None:
        """Write the next part of every table."""
        name = f"part-{self._parts:05}.parquet"
        kept = {_KEY: self._metadata.encode()}
        for table in self._tables:
            rows = tables[table].replace_schema_metadata(kept)
            draft = self.folder / _DRAFTS / f"{table}-{name}"
            pq.write_table(rows, draft, compression="lz4", **_encoding(table))
        for table in self._tables:
            os.replace(self.folder / _DRAFTS / f"{table}-{name}", self.folder / table / name)
        self._parts += 1


class Trace:
    """A trace to read, while it is recorded or afterwards."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        if not (self.folder / METADATA).is_file():
            raise InputError(f"{self.folder} is no trace: it has no {METADATA}")
        self.metadata: dict[str, Any] = json.loads((self.folder / METADATA).read_text(encoding="utf-8"))
        if self.metadata["format"] != FORMAT:
            raise InputError(
                f"{self.folder} is a trace of format {self.metadata['format']}; this version reads format {FORMAT}"
            )

    def table(
        self, name: str, episode: int | None = None, filters: list[tuple[str, str, Any]] | None = None
    ) -> pa.Table:
        """Rows of a table, all of them or an episode's; ``filters`` as pyarrow takes them, ("slot", "==", 4000)."""
        if name not in self.metadata["tables"]:
            raise InputError(f"table: {name!r} is none of {', '.join(self.metadata['tables'])}")
        chosen = [*(filters or []), *([("episode", "==", episode)] if episode is not None else [])]
        parts = [
            pq.read_table(self.folder / name / part, filters=chosen or None).replace_schema_metadata()
            for part in self._whole_parts()
        ]
        return pa.concat_tables([schema(name).empty_table().replace_schema_metadata(), *parts])

    def _whole_parts(self) -> list[str]:
        """Parts that every table has."""
        names = [
            {path.name for path in (self.folder / table).glob("part-*.parquet")}
            for table in self.metadata["tables"]
        ]
        return sorted(set.intersection(*names))


def _encoding(table: str) -> dict[str, list[str]]:
    """Dictionaries where columns repeat themselves, statistics where readers look for rows: elsewhere both only cost time."""
    columns = TABLES[table]
    return {
        "use_dictionary": [column.name for column in columns if pa.types.is_dictionary(column.type)],
        "write_statistics": [column.name for column in columns if column.name in ("episode", "step", "slot")],
    }
