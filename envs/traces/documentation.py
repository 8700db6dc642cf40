"""Writes docs/trace-columns.md from the tables: ``python -m gridbid.envs.traces.documentation [--check]``."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from gridbid.envs import fields
from gridbid.envs.generated_page import keep_page
from gridbid.envs.traces.tables import FORMAT, OBSERVATIONS, TABLES, Column

PAGE = Path(__file__).resolve().parents[2] / "docs" / "trace-columns.md"
COMMAND = "python -m gridbid.envs.traces.documentation"
HEAD = f"""\
# Columns of a trace

This page is made from [`envs/traces/tables.py`](../envs/traces/tables.py) by `{COMMAND}`; a test
checks that it is up to date. Format {FORMAT}. [traces.md](traces.md) says how a trace is made and read.
"""
ROWS = {
    "episodes": "an episode",
    "steps": "a round of a community",
    "agents": "an agent's round",
    "fills": "a fill",
    "deliveries": "a participant's delivered slot",
    "feeder": "a community's delivered slot",
}
"""What one row of a table is."""


def page() -> str:
    """The page that lists every column."""
    parts = [HEAD]
    for name, rows in ROWS.items():
        parts.append(f"## {name}\n\nOne row is {rows}.\n\n{_table(TABLES[name])}\n")
    kinds = ", ".join(f"`{name}`" for name in OBSERVATIONS.values())
    keys = ", ".join(f"`{column.name}`" for column in _keys())
    parts.append(
        f"## Observations\n\n{kinds}: one row is what an agent saw before it acted. After {keys} come the fields of its kind in "
        "[fields.md](fields.md), scaled as the agent got them; a field of several numbers is a list.\n"
    )
    return "\n".join(parts)


def main(arguments: list[str]) -> int:
    """Write the page, or with --check say whether it is up to date."""
    return keep_page(PAGE, page(), COMMAND, arguments)


def _keys() -> tuple[Column, ...]:
    own = {field.name for field in fields.observation_fields(fields.BATTERY)}
    return tuple(column for column in TABLES[OBSERVATIONS[fields.BATTERY]] if column.name not in own)


def _table(columns: tuple[Column, ...]) -> str:
    return "\n".join(["| column | type | unit | meaning |", "| --- | --- | --- | --- |", *_rows(columns)])


def _rows(columns: tuple[Column, ...]) -> Iterator[str]:
    for column in columns:
        meaning = column.meaning.replace("|", "\\|")
        yield f"| `{column.name}` | {_type(column.type)} | {column.unit} | {meaning} |"


def _type(type_: pa.DataType) -> str:
    if pa.types.is_dictionary(type_):
        return "name"
    return "timestamp" if pa.types.is_timestamp(type_) else str(type_)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
