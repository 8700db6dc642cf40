"""Other weeks for seats that share a profile, so that they aren't clones: weeks change places within their split.

Shifting a profile by whole weeks keeps weekdays and hours, but would carry held-out weeks into training. So weeks of one
split change places among themselves, and only with weeks of the same season: each group of a split's weeks that spans at
most SEASON_WEEKS rotates. Every week is used once, so the year's energy stays.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

SEASON_WEEKS = 6
"""Weeks of a group are at most so far apart; the built-in test weeks make four pairs, the validation weeks stay."""


def shifted_rows(week: NDArray[np.int16], held_out: Sequence[Sequence[int]], shift: int) -> NDArray[np.int64]:
    """Row of the profile that each row of the year takes, (T,): a permutation.

    ``week`` (T,) is each row's local ISO week, 0 where it belongs to another year's; ``held_out`` lists the splits' weeks,
    all others are one split. Weeks cut off by the year's ends or changed by the clock stay where they are.
    """
    rows = np.arange(week.size)
    places = {number: np.flatnonzero(week == number) for number in _whole_weeks(week)}
    named = {number for weeks in held_out for number in weeks}
    for split in (*held_out, [number for number in places if number not in named]):
        for group in _seasons(sorted(number for number in split if number in places)):
            for position, number in enumerate(group):
                rows[places[number]] = places[group[(position + shift) % len(group)]]
    return rows


def _whole_weeks(week: NDArray[np.int16]) -> list[int]:
    """Weeks with as many rows as most weeks have."""
    numbers, counts = np.unique(week[week > 0], return_counts=True)
    return [int(number) for number in numbers[counts == np.median(counts)]]


def _seasons(weeks: Sequence[int]) -> Iterator[list[int]]:
    """Groups of a split's weeks, in order, none spanning more than a season."""
    group: list[int] = []
    for number in weeks:
        if group and number - group[0] > SEASON_WEEKS:
            yield group
            group = []
        group.append(number)
    if group:
        yield group
