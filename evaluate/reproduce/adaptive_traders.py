"""Gjerstad-Dickhaut and AA traders on our book: they find the equilibrium, and nobody trades at a loss.

Their sources show other schedules, so no figure of theirs can be checked on these. Rows say in words what is claimed of
the traders, and accept what the claim needs.
"""

import numpy as np

from gridbid.evaluate.reproduce.induced_value_market import NO_LIMIT, Rules, make_schedule, play
from gridbid.evaluate.reproduce.outcomes import Outcome, play_market
from gridbid.evaluate.reproduce.rows import Row, at_least, at_most, exactly
from gridbid.evaluate.reproduce.schedules import (
    EIGHT_UNITS,
    EXCESS_DEMAND,
    EXCESS_SUPPLY,
    FLAT_SUPPLY,
    FOUR_UNITS,
    SYMMETRIC,
    InducedValues,
)
from gridbid.evaluate.reproduce.session_traders import Trader

RUNS, DAYS = 300, 10
SETTLED = slice(5, None)
"""Days 6 to 10."""

CENTS = 100.0
BOOKS = (("book cleared", True), ("persistent book", False))
TRADERS = (
    ("GD", Trader.GD, "claim, after Gjerstad, Dickhaut 1998"),
    ("AA", Trader.AA, "claim, after Vytelingum, Cliff, Jennings 2008"),
)


def symmetric_rows(runs: int = RUNS, seed: int = 0) -> list[Row]:
    """Ten days of Cliff's symmetric market."""
    return [row for book, clears in BOOKS for row in _symmetric(book, clears, runs, seed)]


def _symmetric(book: str, clears: bool, runs: int, seed: int) -> list[Row]:
    def played(trader: Trader) -> Outcome:
        return play_market(SYMMETRIC, trader, clears=clears, runs=runs, days=DAYS, seed=seed)

    random, rows = _settled_efficiency(played(Trader.ZI_C)), []
    for name, trader, source in TRADERS:
        outcome = played(trader)
        efficiency, alpha = _settled_efficiency(outcome), np.nanmean(outcome.alpha, axis=0)
        what = f"{book}: {name}"
        rows += [
            at_least(f"{what}, days 6 to 10, efficiency", efficiency, "near 1", 0.99, source),
            at_least(f"{what}, the same less ZI-C's", efficiency - random, "above 0", 0.02, source),
            at_most(f"{what}, day 10, α, %", alpha[-1], "small", 6.0, source),
            at_most(f"{what}, α of day 10 / day 1", alpha[-1] / alpha[0], "falls", 0.5, source),
        ]
    return rows


def elsewhere_rows(runs: int = RUNS, seed: int = 0) -> list[Row]:
    """Other schedules, on the persistent book: one side alike, one side scarce, several units each."""
    alike = (("flat supply", FLAT_SUPPLY), ("excess demand", EXCESS_DEMAND), ("excess supply", EXCESS_SUPPLY))
    several = (("24 units a side", FOUR_UNITS), ("48 units a side", EIGHT_UNITS))

    def played(market: InducedValues, trader: Trader) -> Outcome:
        return play_market(market, trader, clears=False, runs=runs, days=DAYS, seed=seed)

    rows = []
    for name, trader, source in TRADERS:
        for place, market in alike:
            price = float(np.nanmean(played(market, trader).price[:, -1]))
            miss = abs(price - market.equilibrium.price) / CENTS
            rows.append(at_most(f"{place}: {name}, day 10, miss of 2.00", miss, "about 0", 0.1, source))
        for place, market in several:
            efficiency = _settled_efficiency(played(market, trader))
            rows.append(
                at_least(f"{place}: {name}, days 6 to 10, efficiency", efficiency, "near 1", 0.99, source)
            )
    return rows


def rationality_rows(runs: int = RUNS, seed: int = 0) -> list[Row]:
    """Nobody that knows its limit trades beyond it; each of both sides of every trade is checked."""
    schedule = make_schedule(SYMMETRIC.values, SYMMETRIC.costs)
    rows = []
    for trader in (Trader.TRUTHFUL, Trader.GD, Trader.AA):
        for book, clears in BOOKS:
            rules = Rules(SYMMETRIC.highest_price, clears, 1, NO_LIMIT, 11, DAYS)
            trades = play(schedule, trader, rules, runs=runs, seed=seed)
            counted = np.arange(rules.most_trades) < trades.count[..., None]
            lost = (trades.price > trades.buyer_limit) | (trades.price < trades.seller_limit)
            law = f"law; {trades.count.sum()} trades"
            rows.append(exactly(f"{book}: {trader.name}, trades at a loss", (lost & counted).sum(), 0, law))
    return rows


def _settled_efficiency(outcome: Outcome) -> float:
    return float(np.nanmean(outcome.efficiency[:, SETTLED]))
