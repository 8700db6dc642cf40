"""An estimate with its bootstrap interval."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
"""How often a bootstrap draws anew."""
CONFIDENCE = 0.95
"""Share of what was drawn that an interval holds."""
TAILS = ((1.0 - CONFIDENCE) / 2.0, (1.0 + CONFIDENCE) / 2.0)
"""Quantiles at which an interval begins and ends."""
_ENDS = ((-1.0, TAILS[0]), (1.0, TAILS[1]))
"""Where a draw without a meaning counts for each end, and the end's quantile."""


class Interval(NamedTuple):
    """An estimate with its bootstrap interval."""

    estimate: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the whole interval lies on one side of zero."""
        return self.low > 0.0 or self.high < 0.0


def percentile_interval(estimate: float, drawn: NDArray[np.float64]) -> Interval:
    """The interval that holds the middle of what was drawn (resamples,).

    A draw without a meaning (nan) counts as further out than any other, at both ends; an end that such draws reach is nan.
    """
    ends = [_order_statistic(np.where(np.isnan(drawn), sign * np.inf, drawn), tail) for sign, tail in _ENDS]
    return Interval(float(estimate), *ends)


def _order_statistic(drawn: NDArray[np.float64], tail: float) -> float:
    """The quantile, interpolated between two draws; nan where one of them is infinite."""
    place = tail * (drawn.size - 1)
    below, above = math.floor(place), math.ceil(place)
    ordered = np.partition(drawn, (below, above))
    first, second = float(ordered[below]), float(ordered[above])
    if not math.isfinite(first) or not math.isfinite(second):
        return math.nan
    return first + (place - below) * (second - first)
