"""An estimate with its bootstrap interval."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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


def percentile_interval(estimate: float, drawn: NDArray[np.float64]) -> Interval:
    """The interval that holds the middle of what was drawn (resamples,); nan when anything drawn is."""
    low, high = np.quantile(drawn, TAILS)
    return Interval(float(estimate), float(low), float(high))
