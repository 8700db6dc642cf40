"""The figures as they are kept: chain/gas.json, flat, in alphabetical order."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

SNAPSHOT = Path(__file__).parent.parent / "gas.json"


def read() -> dict[str, int]:
    """The kept figures; none where there is no file yet."""
    return dict(json.loads(SNAPSHOT.read_text())) if SNAPSHOT.is_file() else {}


def write(gas: Mapping[str, int]) -> None:
    """Keep these figures from now on."""
    part = SNAPSHOT.with_suffix(".part")
    part.write_text(json.dumps(gas, indent=1, sort_keys=True) + "\n")
    os.replace(part, SNAPSHOT)


def changes(kept: Mapping[str, int], measured: Mapping[str, int]) -> list[str]:
    """A line for each figure that differs, is new or is gone."""
    lines = []
    for key in sorted({*kept, *measured}):
        before, after = kept.get(key), measured.get(key)
        if before is None:
            lines.append(f"{key}: new, {after}")
        elif after is None:
            lines.append(f"{key}: gone, it was {before}")
        elif before != after:
            lines.append(f"{key}: {before} -> {after} ({after - before:+})")
    return lines
