"""What is done so that seats that share a profile aren't clones of each other: data sets have few profiles for many homes.

Perfectly correlated homes flatter a forecast, and have nothing to trade. Either way a seat's weekdays and hours stay, and
held-out weeks stay held out.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from gridbid.envs.specification import Seat

LATEST_LAG = 7
"""Quarter hours by which a household lives later than its profile, at most: dinner at 20:45 instead of 19:00."""
SCALE_SPREAD = 0.25
"""Standard deviation of the logarithm of a household's size about its rating: an assumption."""
LAGGED = "Seats that share a profile read it a quarter hour after one another."
OWN_LIVES = (
    "Seats that share a profile read its weeks in another order, within their split and season, and up to "
    f"{LATEST_LAG} quarter hours later; loads were scaled about their ratings, their sum was kept."
)


def with_lags(seats: Iterable[Seat]) -> list[Seat]:
    """Seats of which the n-th on a profile runs n quarter hours behind it: for a grid of few seats."""
    users: Counter[str] = Counter()
    lagged = []
    for seat in seats:
        for device in ("load", "heat_pump"):
            part = getattr(seat, device)
            if part is not None:
                seat = replace(seat, **{device: replace(part, lag_rows=users[part.profile])})
                users[part.profile] += 1
        lagged.append(seat)
    return lagged


def with_lives_of_their_own(seats: Iterable[Seat], seed: int = 0) -> list[Seat]:
    """Seats of which no two on a profile are alike: other weeks, up to LATEST_LAG later, loads scaled by SCALE_SPREAD.

    The loads' sum stays as it is. Weeks move as `gridbid.envs.timeline.week_shift` says; of held-out weeks few can.
    """
    users: Counter[str] = Counter()
    spread = []
    for seat in seats:
        for device in ("load", "heat_pump"):
            part = getattr(seat, device)
            if part is not None:
                n = users[part.profile]
                own = replace(part, week_shift=n, lag_rows=n % (LATEST_LAG + 1))
                seat = replace(seat, **{device: own})
                users[part.profile] += 1
        spread.append(seat)
    return _scaled(spread, np.random.default_rng(seed))


def _scaled(seats: list[Seat], random: np.random.Generator) -> list[Seat]:
    """The seats with loads times log-normal factors, so chosen that the sum of the ratings stays."""
    rated_kw = np.array([seat.load.rated_kw if seat.load else 0.0 for seat in seats])
    scaled_kw = rated_kw * random.lognormal(0.0, SCALE_SPREAD, rated_kw.size)
    scaled_kw *= rated_kw.sum() / scaled_kw.sum()
    return [
        replace(seat, load=replace(seat.load, rated_kw=round(float(power_kw), 3))) if seat.load else seat
        for seat, power_kw in zip(seats, scaled_kw, strict=True)
    ]
