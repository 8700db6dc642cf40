"""How much memory a scenario's year takes, told before it is taken."""

from collections.abc import Sequence

from gridbid.envs.scenario import Scenario
from gridbid.envs.timeline.calendar import EPISODE_SECONDS, window_seconds, year_seconds
from gridbid.market.errors import InputError

MOST_GB = 8.0
"""Memory that a year may take unless another limit is given."""
BYTES_PER_GB = 1e9
_SLOT, _SEAT, _SAMPLE, _CAR = 40, 32, 72, 24
"""Bytes of a slot; of a slot and seat, of a slot and sample, of a slot, sample and charge point: what is kept and what is
needed meanwhile, measured with tracemalloc (tests/envs/test_windows.py)."""


def year_bytes(
    scenario: Scenario,
    n_samples: int,
    weeks: Sequence[int] | None = None,
    episode_s: int = EPISODE_SECONDS,
) -> int:
    """Bytes, about, that the compiled year of a scenario takes, or the window of some weeks."""
    begin_s, end_s = 0, year_seconds(scenario.year, scenario.timezone)
    if weeks is not None:
        begin_s, end_s = window_seconds(scenario.year, scenario.timezone, weeks, episode_s)
    n_slots = (end_s - begin_s) // scenario.slot_seconds
    n_cars = sum(seat.charge_point is not None for seat in scenario.metered)
    return n_slots * (_SLOT + _SEAT * len(scenario.metered) + n_samples * (_SAMPLE + _CAR * n_cars))


def check_memory(
    scenario: Scenario, n_samples: int, weeks: Sequence[int] | None, episode_s: int, most_gb: float
) -> None:
    """InputError where a year would take more than ``most_gb``: how much, and what to do."""
    needed_gb = year_bytes(scenario, n_samples, weeks, episode_s) / BYTES_PER_GB
    if needed_gb <= most_gb:
        return
    span = "a year" if weeks is None else f"weeks {min(weeks)} to {max(weeks)}"
    raise InputError(
        f"{scenario.name}: {span} in slots of {scenario.slot_seconds} s, with {len(scenario.metered)} seats and "
        f"{n_samples} samples, would take about {needed_gb:.1f} GB of memory; expected at most most_gb={most_gb:g}. "
        f"Build some weeks alone (weeks=), fewer samples, longer slots (slot_seconds), or raise most_gb"
    )
