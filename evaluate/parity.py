"""The parity report: the same days in the environment and on a ledger, fill by fill and settlement by settlement."""

from dataclasses import asdict, dataclass
from itertools import zip_longest
from typing import Any

from gridbid.agents.bots.day import DayRecord

SHOWN = 5
"""Mismatches that a report spells out."""


@dataclass(frozen=True)
class DayParity:
    """One day's comparison; ``examples`` spells out the first mismatches."""

    name: str
    fills: int
    settlements: int
    mismatches: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class ParityReport:
    """All days."""

    days: tuple[DayParity, ...]

    @property
    def fills(self) -> int:
        """Fills compared."""
        return sum(day.fills for day in self.days)

    @property
    def mismatches(self) -> int:
        """Fills and settlements that differ."""
        return sum(day.mismatches for day in self.days)

    def as_dict(self) -> dict[str, Any]:
        """For a summary."""
        return {
            "fills": self.fills,
            "mismatches": self.mismatches,
            "days": [day.name for day in self.days],
            "by_day": [asdict(day) for day in self.days],
        }


def compare_day(name: str, environment: DayRecord, ledger: DayRecord) -> DayParity:
    """Compare two records of a day: fills in order, then every seat's reading, position and cash in every slot."""
    found = [
        f"fill {n}: environment {ours}, ledger {theirs}"
        for n, (ours, theirs) in enumerate(zip_longest(environment.trades, ledger.trades))
        if ours != theirs
    ]
    for key in sorted(environment.settlements.keys() | ledger.settlements.keys()):
        ours, theirs = environment.settlements.get(key), ledger.settlements.get(key)
        if ours != theirs:
            found.append(f"slot {key[0]}, seat {key[1]}: environment {ours}, ledger {theirs}")
    fills = max(len(environment.trades), len(ledger.trades))
    settlements = len(environment.settlements.keys() | ledger.settlements.keys())
    return DayParity(name, fills, settlements, len(found), tuple(found[:SHOWN]))
