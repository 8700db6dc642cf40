"""Prices over days: ZIP traders converge to the equilibrium on our book, zero intelligence does not."""

import numpy as np

from gridbid.evaluate.reproduce.outcomes import Outcome, play_market
from gridbid.evaluate.reproduce.rows import Row, at_least, at_most, near
from gridbid.evaluate.reproduce.schedules import EXCESS_DEMAND, EXCESS_SUPPLY, FLAT_SUPPLY, SYMMETRIC
from gridbid.evaluate.reproduce.session_traders import Trader

RUNS, DAYS = 500, 10

CLIFFS_PROGRAM = "Cliff's program"
CLIFF_BRUTEN = "Cliff, Bruten 1997"
CENTS = 100.0
BOOKS = (("book cleared", True), ("persistent book", False))


def symmetric_rows(runs: int = RUNS, seed: int = 0) -> list[Row]:
    """Ten days of Cliff's symmetric market."""
    return [row for book, clears in BOOKS for row in _symmetric(book, clears, runs, seed)]


def _symmetric(book: str, clears: bool, runs: int, seed: int) -> list[Row]:
    learning, random = (
        play_market(SYMMETRIC, trader, clears=clears, runs=runs, days=DAYS, seed=seed)
        for trader in (Trader.ZIP, Trader.ZI_C)
    )
    alpha, efficiency, dispersion = (
        _by_day(learning.alpha),
        _by_day(learning.efficiency),
        _by_day(learning.dispersion) / CENTS,
    )
    ratio = random.dispersion[:, -1].mean() / learning.dispersion[:, -1].mean()
    return [
        near(f"{book}: ZIP, day 1, α, %", alpha[0], 17.6, 2.0, CLIFFS_PROGRAM),
        near(f"{book}: ZIP, day 1, efficiency", efficiency[0], 0.959, 0.02, CLIFFS_PROGRAM),
        near(f"{book}: ZIP, day 1, profit dispersion", dispersion[0], 0.243, 0.03, CLIFFS_PROGRAM),
        at_most(f"{book}: ZIP, day 10, α, %", alpha[-1], 1.2, 3.0, CLIFFS_PROGRAM),
        at_least(f"{book}: ZIP, day 10, efficiency", efficiency[-1], 1.0, 0.99, CLIFFS_PROGRAM),
        at_most(f"{book}: ZIP, day 10, profit dispersion", dispersion[-1], 0.018, 0.05, CLIFFS_PROGRAM),
        near(
            f"{book}: ZI-C, α of day 10 / day 1", _drift(random), 1.0, 0.1, "zero intelligence learns nothing"
        ),
        at_least(f"{book}: day 10, dispersion ZI-C / ZIP", ratio, 18.2, 5.0, CLIFFS_PROGRAM),
    ]


def asymmetric_rows(runs: int = RUNS, seed: int = 0) -> list[Row]:
    """Markets where the equilibrium price lies at the edge of what zero intelligence draws from; persistent book.

    Cliff and Bruten predict ZI-C's mean price for open outcry (2.42, 1.25, 2.75). A book takes the best of what is shouted,
    so ours lie between those and the equilibrium, and only the statement itself is reproduced.
    """
    cases = (("flat supply", FLAT_SUPPLY), ("excess demand", EXCESS_DEMAND), ("excess supply", EXCESS_SUPPLY))
    rows = []
    for name, market in cases:
        miss = {
            trader: abs(
                _last_price(play_market(market, trader, clears=False, runs=runs, days=DAYS, seed=seed))
                - market.equilibrium.price
            )
            / CENTS
            for trader in (Trader.ZIP, Trader.ZI_C)
        }
        rows += [
            at_most(f"{name}: ZIP, day 10, miss of 2.00", miss[Trader.ZIP], "about 0", 0.1, CLIFF_BRUTEN),
            at_least(
                f"{name}: ZI-C, day 10, miss of 2.00", miss[Trader.ZI_C], "well above 0", 0.15, CLIFF_BRUTEN
            ),
        ]
    return rows


def _by_day(figures: np.ndarray) -> np.ndarray:
    return np.nanmean(figures, axis=0)


def _last_price(outcome: Outcome) -> float:
    return float(_by_day(outcome.price)[-1])


def _drift(outcome: Outcome) -> float:
    alpha = _by_day(outcome.alpha)
    return float(alpha[-1] / alpha[0])
