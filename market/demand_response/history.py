"""Past readings, kept as baselines need them: today, and by kind of day the last eligible days or their rolling mean.

A day is eligible for a participant when it has a reading in every place of the clock, and no event in which it took part.
So the day in spring that lacks an hour is none; of the hour that comes twice in autumn the later readings count.

Before an episode the history is pre-rolled: play the days before it under the policy that is evaluated, with `record_slot`
after each delivery and no events. 14 days fill the business days, 35 days the weekends.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.market.demand_response.local_days import N_KINDS, LocalDays
from gridbid.market.demand_response.types import MISSING, Bytes, Integers, Method, Words
from gridbid.market.kernel import kernel

N_DAYS = 10
"""Days of a kind that are kept: the ten of CAISO's ten."""

NEVER = -(1 << 30)
"""Day number of a place that holds no day."""

MILLI = 1_000
"""The rolling mean is kept in mWh: in whole Wh, rounding down day by day would take up to 9 Wh off it."""


class History(NamedTuple):
    """Readings in Wh of B communities of N participants with S slots a day.

    - ``today_wh``: int32 (B, S, N), today's readings by the clock, MISSING where there is none yet.
    - ``event_today``: int8 (B, N), 1 for who takes part in an event today.
    - ``day_wh``: int32 (B, kinds, 10, S, N), the last eligible days, in no order (no places with the rolling method).
    - ``day_number``: int32 (B, kinds, 10, N), their days, NEVER where there is none.
    - ``rolling_mwh``: int64 (B, kinds, S, N), the rolling mean in mWh (no places with ten of ten).
    - ``rolling_days``: int32 (B, kinds, N), eligible days so far.
    """

    today_wh: Words
    event_today: Bytes
    day_wh: Words
    day_number: Words
    rolling_mwh: Integers
    rolling_days: Words


def allocate_history(batch: int, n: int, slots_per_day: int, method: int = Method.TEN_OF_TEN) -> History:
    """An empty history for one method."""
    kept = N_DAYS if method == Method.TEN_OF_TEN else 0
    means = slots_per_day if method == Method.ROLLING else 0
    return History(
        today_wh=np.full((batch, slots_per_day, n), MISSING, np.int32),
        event_today=np.zeros((batch, n), np.int8),
        day_wh=np.zeros((batch, N_KINDS, kept, slots_per_day, n), np.int32),
        day_number=np.full((batch, N_KINDS, kept, n), NEVER, np.int32),
        rolling_mwh=np.zeros((batch, N_KINDS, means, n), np.int64),
        rolling_days=np.zeros((batch, N_KINDS, n), np.int32),
    )


def copy_history(source: History, history: History, chosen: NDArray[np.bool_] | None = None) -> None:
    """Give communities, all or those of the mask (B,), a pre-rolled history; a source of one community serves all."""
    mask = np.ones(history.event_today.shape[0], np.bool_) if chosen is None else chosen
    picked = np.zeros(mask.size, np.int64) if source.event_today.shape[0] == 1 else np.arange(mask.size)
    for name, ours in history._asdict().items():
        ours[mask] = getattr(source, name)[picked[mask]]


@kernel
def forget(history: History, b: int) -> None:
    """Empty community b's history."""
    history.today_wh[b, :, :] = MISSING
    history.event_today[b, :] = 0
    history.day_number[b, :, :, :] = NEVER
    history.rolling_mwh[b, :, :, :] = 0
    history.rolling_days[b, :, :] = 0


@kernel
def record_slot(history: History, days: LocalDays, b: int, slot: int, reading_wh: Integers) -> None:
    """Enter community b's readings of a slot, from int64 (B, N), and close the day with its last slot."""
    clock = days.clock[slot]
    for i in range(reading_wh.shape[1]):
        history.today_wh[b, clock, i] = reading_wh[b, i]
    if slot + 1 == days.day.size or days.day[slot + 1] != days.day[slot]:
        close_day(history, b, days.day[slot], days.kind[slot])


@kernel
def close_day(history: History, b: int, day: int, kind: int) -> None:
    """Keep today for those for whom it is eligible, in place of their oldest day, and begin a new one."""
    for i in range(history.event_today.shape[1]):
        if history.event_today[b, i] == 0 and _complete(history, b, i):
            _keep_day(history, b, day, kind, i)
            _roll(history, b, kind, i)
    history.today_wh[b, :, :] = MISSING
    history.event_today[b, :] = 0


@kernel
def _complete(history: History, b: int, i: int) -> bool:
    missing = 0
    for clock in range(history.today_wh.shape[1]):
        missing += history.today_wh[b, clock, i] == MISSING
    return missing == 0


@kernel
def _keep_day(history: History, b: int, day: int, kind: int, i: int) -> None:
    if history.day_number.shape[2] == 0:
        return
    oldest = 0
    for place in range(1, history.day_number.shape[2]):
        if history.day_number[b, kind, place, i] < history.day_number[b, kind, oldest, i]:
            oldest = place
    history.day_number[b, kind, oldest, i] = day
    for clock in range(history.today_wh.shape[1]):
        history.day_wh[b, kind, oldest, clock, i] = history.today_wh[b, clock, i]


@kernel
def _roll(history: History, b: int, kind: int, i: int) -> None:
    """B_d = 0.9 B_(d-1) + 0.1 L_d, a plain mean over the first ten days, rounded down to mWh."""
    history.rolling_days[b, kind, i] += 1
    weight = min(history.rolling_days[b, kind, i], N_DAYS)
    for clock in range(history.rolling_mwh.shape[2]):
        before_mwh = history.rolling_mwh[b, kind, clock, i]
        today_mwh = MILLI * int(history.today_wh[b, clock, i])
        history.rolling_mwh[b, kind, clock, i] = ((weight - 1) * before_mwh + today_mwh) // weight
