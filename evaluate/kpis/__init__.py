"""Key figures of recorded weeks, each defined once: its unit, which way is better, its formula in words, and the formula.

Over several weeks amounts are summed, shares are ratios of sums, peaks are the highest. The community's net is the sum
of its meters, import positive; generation is PV less what was held back.
"""

from gridbid.evaluate.kpis.cost import members_eur, profits_eur
from gridbid.evaluate.kpis.fairness import PLACES, compare_members, gains_eur
from gridbid.evaluate.kpis.figure import Kpi, Records, Weeks, community_kwh
from gridbid.evaluate.kpis.market import mean_price_ct
from gridbid.evaluate.kpis.registry import KPIS, SUBJECTS, kpis

__all__ = [
    "KPIS",
    "PLACES",
    "SUBJECTS",
    "Kpi",
    "Records",
    "Weeks",
    "community_kwh",
    "compare_members",
    "gains_eur",
    "kpis",
    "mean_price_ct",
    "members_eur",
    "profits_eur",
]
