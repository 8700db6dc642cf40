"""Statistics for few runs and few weeks: aggregates, bootstrap intervals, paired comparisons.

Scores are arrays (runs, weeks): runs are trainings of one method, or samples of prices and cars. After Agarwal et al., Deep
reinforcement learning at the edge of the statistical precipice, NeurIPS 2021.
"""

from gridbid.evaluate.statistics.aggregates import interquartile_mean, optimality_gap
from gridbid.evaluate.statistics.bootstrap import paired_bootstrap, stratified_bootstrap
from gridbid.evaluate.statistics.improvement import improvement, probability_of_improvement
from gridbid.evaluate.statistics.interval import CONFIDENCE, RESAMPLES, Interval
from gridbid.evaluate.statistics.paired import (
    PairedDifference,
    mean_difference,
    paired_difference,
    sign_flip_p,
)
from gridbid.evaluate.statistics.profile import Profile, performance_profile
from gridbid.evaluate.statistics.scores import percent_less, score

__all__ = [
    "CONFIDENCE",
    "RESAMPLES",
    "Interval",
    "PairedDifference",
    "Profile",
    "improvement",
    "interquartile_mean",
    "mean_difference",
    "optimality_gap",
    "paired_bootstrap",
    "paired_difference",
    "percent_less",
    "performance_profile",
    "probability_of_improvement",
    "score",
    "sign_flip_p",
    "stratified_bootstrap",
]
