"""What is wrong or odd in a data file, grouped: where it stands, how often, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gridbid.market.errors import InputError

Lines = Sequence[int] | NDArray[np.int64]
Severity = Literal["fault", "warning", "note"]
ROWS_SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """One kind of fault (refused), warning (taken, look at it) or note (what was recognised or done)."""

    severity: Severity
    field: str
    """Column, meter, or key."""
    value: str
    """What stands there; the first of them where there are several."""
    remedy: str
    """What would be right, or what was done."""
    rows: tuple[int, ...] = ()
    """Lines of the file, from 1, of the first few; empty where it concerns the whole file."""
    count: int = 1
    """How many rows."""

    def __str__(self) -> str:
        return f"{self.severity}: {self.field}{self._place()}: {self.value}; {self.remedy}"

    def _place(self) -> str:
        if not self.rows:
            return ""
        more = self.count - len(self.rows)
        rows = ", ".join(map(str, self.rows)) + (f" and {more} more" if more else "")
        return f", row{'s' if self.count > 1 else ''} {rows}"


class Findings:
    """Collects what is found in one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Finding] = []
        self.facts: dict[str, Any] = {}
        """What the file is: kind, period, resolution, clock, columns ..., in order, for people and for JSON."""

    def fault(self, field: str, value: object, remedy: str, rows: Lines = ()) -> None:
        """Something that keeps the file from being used."""
        self._add("fault", field, value, remedy, rows)

    def warn(self, field: str, value: object, remedy: str, rows: Lines = ()) -> None:
        """Something odd that is taken nevertheless."""
        self._add("warning", field, value, remedy, rows)

    def note(self, field: str, value: object, remedy: str, rows: Lines = ()) -> None:
        """Something that was recognised or done."""
        self._add("note", field, value, remedy, rows)

    def of(self, severity: Severity) -> list[Finding]:
        """Findings of one severity, in order."""
        return [finding for finding in self.found if finding.severity == severity]

    def refuse_faults(self) -> None:
        """InputError that lists every fault, if there is one."""
        faults = self.of("fault")
        if faults:
            lines = [f"{self.file} has {len(faults)} kind(s) of fault", *(f"- {fault}" for fault in faults)]
            raise InputError("\n".join(lines))

    def document(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "file": self.file,
            "facts": self.facts,
            "faults": len(self.of("fault")),
            "warnings": len(self.of("warning")),
            "findings": [vars(finding) | {"rows": list(finding.rows)} for finding in self.found],
        }

    def _add(self, severity: Severity, field: str, value: object, remedy: str, rows: Lines = ()) -> None:
        shown = tuple(int(row) for row in rows[:ROWS_SHOWN])
        self.found.append(Finding(severity, field, str(value), remedy, shown, max(1, len(rows))))


def findings_for(path: Path) -> Findings:
    """An empty collection for a file. InputError if there is no such file."""
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    return Findings(path.name)
