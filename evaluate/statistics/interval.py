"""An estimate with its bootstrap interval."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

RESAMPLES = 10_000
"""How often a bootstrap draws anew."""
CONFIDENCE = 0.95
"""Share of what was drawn that an interval holds."""
TAILS = ((1.0 - CONFIDENCE) / 2.0, (1.0 + CONFIDENCE) / 2.0)
"""Quantiles at which an interval begins and ends."""


class Interval(NamedTuple):
    """An estimate with its bootstrap interval."""

    estimate: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the whole interval lies on one side of zero."""
        return self.low > 0.0 or self.high < 0.0


def expanded_tails(n: int) -> tuple[float, float]:
    """Quantiles for an interval of n independent weeks: further out than TAILS, as Student's t is than the normal.

    A bootstrap of few weeks is too narrow: it takes their spread for that of all weeks. Of 8 normal weeks the plain interval
    of the mean covers 89 %, this one 94 %. Hesterberg, What teachers should know about the bootstrap, The American
    Statistician 69:371, 2015: the expanded percentile interval.
    """
    if n < 2:
        return TAILS
    low = float(ndtr(-math.sqrt(n / (n - 1)) * stdtrit(n - 1, TAILS[1])))
    return low, 1.0 - low


def percentile_interval(
    estimate: float, drawn: NDArray[np.float64], tails: tuple[float, float] = TAILS
) -> Interval:
    """The interval between two quantiles of what was drawn (resamples,).

    A draw without a meaning (nan) counts as further out than any other, at both ends; an end that such draws reach is nan.
    """
    outermost = (-np.inf, np.inf)
    low, high = (
        _quantile(np.where(np.isnan(drawn), out, drawn), tail)
        for out, tail in zip(outermost, tails, strict=True)
    )
    return Interval(float(estimate), low, high)


def _quantile(drawn: NDArray[np.float64], share: float) -> float:
    """The quantile, interpolated between two draws; nan where one of them is infinite."""
    place = share * (drawn.size - 1)
    below, above = math.floor(place), math.ceil(place)
    ordered = np.partition(drawn, (below, above))
    first, second = float(ordered[below]), float(ordered[above])
    if not math.isfinite(first) or not math.isfinite(second):
        return math.nan
    return first + (place - below) * (second - first)
