"""How a controller stands among the others: robust aggregates of its weekly scores, and comparisons by week.

A week's score is (J_rule - J) / (J_rule - J_optimum) of that week alone. S is the ratio of the sums, in which dear weeks
weigh more; the interquartile mean of weekly scores lets no single week decide. Samples of prices and cars are measured
against their week's mean gap.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridbid.evaluate.statistics import (
    Interval,
    PairedDifference,
    Profile,
    improvement,
    optimality_gap,
    paired_bootstrap,
    paired_difference,
    performance_profile,
    stratified_bootstrap,
)
from gridbid.evaluate.statistics.aggregates import interquartile_means

Floats = NDArray[np.float64]

LEVELS = np.linspace(-0.5, 1.0, 61)
"""Scores at which profiles are told."""
LEAST_GAP = 0.05
"""Weeks in which rule and bound lie closer together than this share of their mean gap have no score."""


@dataclass(frozen=True)
class Standing:
    """Aggregates of one controller's weekly scores."""

    rows: str
    """What the rows of its scores are: runs of the method, or samples of prices and cars."""
    weeks: tuple[int, ...]
    """Weeks that have a score."""
    iqm: Interval
    """Interquartile mean. Several rows are drawn anew within each week; of one row, the weeks are."""
    optimality_gap: float
    """Mean of what scores lack to 1, the bound."""
    profile: Profile
    """Share of scores above each of LEVELS."""


@dataclass(frozen=True)
class Comparison:
    """One controller against another in the same weeks."""

    improvement: Interval
    """Probability that a run of it costs less, in a week like these."""
    difference: PairedDifference
    """Its J less the other's, EUR a week."""


def standing(ours: Floats, rule: Floats, bound: Floats, weeks: tuple[int, ...]) -> Standing | None:
    """Of a controller by J (runs, samples, weeks), and that of the two ends of the scale (samples, weeks).

    None where no week has a score.
    """
    gap = (rule - bound).sum(axis=0)
    scored = gap > LEAST_GAP * max(0.0, float(gap.mean()))
    if not scored.any():
        return None
    by_runs = ours.shape[0] > 1
    if by_runs:
        scores = (rule.sum(axis=0) - ours.sum(axis=1))[:, scored] / gap[scored]
    else:
        scores = (rule - ours[0])[:, scored] / (gap[scored] / rule.shape[0])
    return Standing(
        rows="runs" if by_runs else "samples",
        weeks=tuple(week for week, has in zip(weeks, scored, strict=True) if has),
        iqm=_iqm(scores),
        optimality_gap=optimality_gap(scores),
        profile=performance_profile(scores, LEVELS),
    )


def compare(ours: Floats, theirs: Floats) -> Comparison:
    """Two controllers by J (runs, samples, weeks); a week is the mean of its samples, so that only weeks are drawn."""
    first, second = ours.mean(axis=1), theirs.mean(axis=1)
    return Comparison(improvement(-first, -second), paired_difference(first, second))


def _iqm(scores: Floats) -> Interval:
    if scores.shape[0] > 1:
        return stratified_bootstrap(scores)
    return paired_bootstrap([scores], lambda weeks: interquartile_means(weeks[..., None, :]))
