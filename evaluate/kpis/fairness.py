"""How the gain of the community is spread over its members.

A member's gain is what J costs it alone less what J costs it here, over all weeks. Alone means the rule's own readings at
retail and feed-in (`gridbid.evaluate.bills.alone_eur`), or J of any controller that somebody else plays. Jain's index and Gini
are made for what isn't negative: losses count as gains of 0 in both, and are told by the figures beside them.
"""

from collections.abc import Callable

import numpy as np

from gridbid.evaluate.kpis.cost import members_eur
from gridbid.evaluate.kpis.figure import Floats, Kpi, Records, Weeks

_CENT = 0.01
PLACES = ("least_gain_seat",)
"""Figures that are a member's place: they have no mean, and say nothing in a table."""


def jains_index(shares: Floats) -> float:
    """(Σ x)² / (n Σ x²) of shares not below 0: 1 when all are equal, 1/n when one has all; nan when nobody has any.

    Jain, Chiu, Hawe: A quantitative measure of fairness and discrimination, DEC-TR-301, 1984.
    """
    squares = float((shares**2).sum())
    return float(shares.sum()) ** 2 / (shares.size * squares) if squares > 0.0 else float("nan")


def gini(shares: Floats) -> float:
    """Σ_ij |x_i - x_j| / (2 n Σ x) of shares not below 0: 0 when all are equal, 1 - 1/n when one has all; nan when nobody has any."""
    n, total = shares.size, float(shares.sum())
    if total <= 0.0:
        return float("nan")
    ranks = 2.0 * np.arange(1, n + 1) - n - 1.0
    return float(ranks @ np.sort(shares)) / (n * total)


def gains_eur(records: Records, alone_eur: Floats) -> Floats:
    """What each member gains by the community, EUR (N,); below 0 for who would be better off alone."""
    return alone_eur - members_eur(records)


def compare_members(records: Records, yardstick: Records) -> dict[str, float]:
    """How members fare against the same weeks of a yardstick.

    ``worse_off``: share of members whose J is more than a cent higher; ``worst_member_eur``: the greatest such increase,
    negative when everybody gains.
    """
    gains = gains_eur(records, members_eur(yardstick))
    return {"worse_off": _share_of_losers(gains), "worst_member_eur": -float(gains.min())}


def _share_of_losers(gains: Floats) -> float:
    return float(np.mean(gains < -_CENT))


def _of_gains(compute: Callable[[Floats], float]) -> Callable[[Weeks], float]:
    def figure(weeks: Weeks) -> float:
        if weeks.alone_eur is None:
            return float("nan")
        return compute(gains_eur(weeks.records, weeks.alone_eur))

    return figure


FAIRNESS = (
    Kpi(
        *("gain_eur", "EUR", "higher"),
        "sum of the members' gains: J alone less J in the community",
        _of_gains(lambda gains: float(gains.sum())),
    ),
    Kpi(
        *("jain", "1", "higher"),
        "Jain's index of the gains, losses counted as 0: (sum)^2 / (n x sum of squares), 1/n to 1",
        _of_gains(lambda gains: jains_index(np.maximum(0.0, gains))),
    ),
    Kpi(
        *("gini", "1", "lower"),
        "Gini coefficient of the gains, losses counted as 0: mean difference of two members over twice the mean, 0 to 1 - 1/n",
        _of_gains(lambda gains: gini(np.maximum(0.0, gains))),
    ),
    Kpi(
        *("worse_off_alone", "1", "lower"),
        "share of members who would be better off alone, by more than a cent",
        _of_gains(_share_of_losers),
    ),
    Kpi(
        *("least_gain_eur", "EUR", "higher"),
        "gain of the member who gains least; below 0 when it loses",
        _of_gains(lambda gains: float(gains.min())),
    ),
    Kpi(
        *("least_gain_seat", "1", "none"),
        "who that is: its place among the seats with a meter, from 0; none where runs differ",
        _of_gains(lambda gains: float(gains.argmin())),
    ),
)
