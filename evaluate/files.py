"""Files that are there whole or not at all: an interrupted write leaves what was there before."""

import json
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
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


def plain_json(value: Any) -> Any:
    """Records, tuples and arrays as what JSON has; figures without a meaning are null."""
    if isinstance(value, Mapping):
        return {str(key): plain_json(entry) for key, entry in value.items()}
    if is_dataclass(value):
        return {field.name: plain_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return plain_json(value._asdict())
    if isinstance(value, list | tuple | np.ndarray):
        return [plain_json(entry) for entry in (value.tolist() if isinstance(value, np.ndarray) else value)]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value
