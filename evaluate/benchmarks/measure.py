"""How a speed is measured: beside a yardstick, in turn, in one process; medians of several blocks are compared."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from gridbid.evaluate.files import write_json

BLOCKS = 7
Work = Callable[[], float]
"""Does some work and returns how many units it was."""


class Measure(NamedTuple):
    """One line of a benchmark: time a unit, ours and the yardstick's; ratio = how many times faster ours is."""

    name: str
    ours: float
    yardstick: float
    unit: str
    ratio: float
    reach: float | None


def write_measures(measures: list[Measure], path: Path) -> None:
    """Write measures as a JSON list."""
    write_json(path, [measure._asdict() for measure in measures])


def compare(name: str, unit: str, ours: Work, yardstick: Work, reach: float | None = None) -> Measure:
    """Time both in turn, after one run of each to warm up; nanoseconds of CPU a unit, medians."""
    ours(), yardstick()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(BLOCKS):
        for work, taken in zip((ours, yardstick), times, strict=True):
            begin = time.process_time_ns()
            units = work()
            taken.append((time.process_time_ns() - begin) / units)
    mine, theirs = statistics.median(times[0]), statistics.median(times[1])
    return Measure(name, mine, theirs, unit, theirs / mine, reach)
