"""Files that are there whole or not at all: an interrupted write leaves what was there before."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


def write_json(path: Path, document: Any) -> None:
    """Write a document as JSON; ValueError for nan."""
    write_text(path, json.dumps(document, indent=1, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> Path:
    """Write a text, and return its path."""
    return _put(path, lambda draft: draft.write_text(text, encoding="utf-8"))


def write_table(path: Path, table: pa.Table) -> Path:
    """Write a table as Parquet, and return its path."""
    return _put(path, lambda draft: pq.write_table(table, draft, compression="zstd"))


def _put(path: Path, write: Callable[[Path], object]) -> Path:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(draft)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return path
