"""What a participant would have drawn: a mean of past days, moved to today by a capped same-day adjustment.

raw_h = (1/n) sum of L_d,h over the n <= 10 most recent eligible days of the same kind, not older than 45 days;
a = sum of today's L / sum of raw, over the hours -4 to -2 before the start (one hour of buffer), clipped to 1 -+ cap;
baseline_h = a raw_h, rounded down to whole Wh (California ISO's ten-of-ten as it settles proxy demand resources).

All in integers: raw_h is a total over a count, a an exact fraction, and the one division rounds down, so that a fraction of
a Wh is never paid. With fewer than MIN_DAYS eligible days there is no baseline. No adjustment is made where the past days'
mean over the window isn't above 0 (a home that exports then): a ratio to it would mean nothing.
"""

from gridbid.market.demand_response.history import MILLI, N_DAYS, History
from gridbid.market.demand_response.local_days import LocalDays
from gridbid.market.demand_response.types import MISSING, BaselineRules, Method
from gridbid.market.kernel import kernel

LOOK_BACK_DAYS = 45
MIN_DAYS = 5
WINDOW_FIRST_H = 4
"""Hours before the start at which the adjustment's window begins."""
WINDOW_BUFFER_H = 1
"""Hours between the window's end and the start."""

_ROLLING = int(Method.ROLLING)


@kernel
def baseline_wh_down(total: int, numerator: int, denominator: int) -> int:
    """total x numerator / denominator, rounded down (towards minus infinity)."""
    return total * numerator // denominator


@kernel
def adjustment(today_wh: int, window_total: int, count: int, cap_percent: int) -> tuple[int, int]:
    """The factor from a total to a baseline, as numerator and denominator: clip(today / (total / count), 1 -+ cap) / count.

    ``today_wh`` and ``window_total`` are sums over the window's slots, ``count`` what a total is to be divided by.
    """
    if window_total <= 0:
        return 1, count
    least, most = max(0, 100 - cap_percent), 100 + cap_percent
    if 100 * count * today_wh > most * window_total:
        return most, 100 * count
    if 100 * count * today_wh < least * window_total:
        return least, 100 * count
    return today_wh, window_total


@kernel
def eligible_days(history: History, rules: BaselineRules, b: int, day: int, kind: int, i: int) -> int:
    """Past days that a baseline of ``day`` rests on, 10 at most."""
    if rules.method == _ROLLING:
        return min(N_DAYS, history.rolling_days[b, kind, i])
    count = 0
    for place in range(history.day_number.shape[2]):
        count += int(0 < day - history.day_number[b, kind, place, i] <= LOOK_BACK_DAYS)
    return count


@kernel
def raw_count(history: History, rules: BaselineRules, b: int, day: int, kind: int, i: int) -> int:
    """What `raw_total` is to be divided by to get Wh; 0 when there are too few days for a baseline."""
    count = eligible_days(history, rules, b, day, kind, i)
    if count < MIN_DAYS:
        return 0
    return MILLI if rules.method == _ROLLING else count


@kernel
def raw_total(history: History, rules: BaselineRules, b: int, day: int, kind: int, clock: int, i: int) -> int:
    """Past readings of a place on the clock: their sum in Wh over the eligible days, or the rolling mean in mWh."""
    if rules.method == _ROLLING:
        return history.rolling_mwh[b, kind, clock, i]
    total = 0
    for place in range(history.day_number.shape[2]):
        if 0 < day - history.day_number[b, kind, place, i] <= LOOK_BACK_DAYS:
            total += int(history.day_wh[b, kind, place, clock, i])
    return total


@kernel
def same_day_factor(
    history: History, rules: BaselineRules, days: LocalDays, b: int, start: int, i: int, count: int
) -> tuple[int, int]:
    """The adjustment of participant i for an event that starts at a slot; ``count`` is its `raw_count`.

    Slots without a reading today are left out on both sides: those that the clock skips, and those before midnight.
    """
    day, kind, hour = days.day[start], days.kind[start], days.slots_per_day // 24
    today_wh, window_total = 0, 0
    for slot in range(max(0, start - WINDOW_FIRST_H * hour), start - WINDOW_BUFFER_H * hour):
        reading_wh = history.today_wh[b, days.clock[slot], i]
        if reading_wh != MISSING:
            today_wh += int(reading_wh)
            window_total += raw_total(history, rules, b, day, kind, days.clock[slot], i)
    return adjustment(today_wh, window_total, count, rules.cap_percent)
