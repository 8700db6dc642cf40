"""Zero-intelligence traders on our book: what is published, or exact, beside what we get."""

import numpy as np

from gridbid.evaluate.reproduce.induced_value_market import Rules, make_schedule, make_tape, play
from gridbid.evaluate.reproduce.outcomes import Outcome, play_market, trader_profits
from gridbid.evaluate.reproduce.rows import Row, at_least, exactly, near
from gridbid.evaluate.reproduce.schedules import EIGHT_UNITS, FOUR_UNITS, SYMMETRIC
from gridbid.evaluate.reproduce.session_traders import Trader
from gridbid.evaluate.reproduce.structure import find_faults

RUNS = 2_000

CLIFF = "Cliff 1997, schedule"
INDEPENDENT = "independent program"
GODE_SUNDER = "Gode, Sunder 1993, five markets"
IDENTITY = "(ΣV - ΣC) / surplus"
CENTS = 100.0
BOOKS = (("book cleared", True), ("persistent book", False))


def equilibrium_rows() -> list[Row]:
    """Cliff's symmetric market in theory."""
    ideal = SYMMETRIC.equilibrium
    return [
        exactly("equilibrium price", ideal.price / CENTS, 2.0, CLIFF),
        exactly("equilibrium quantity, trades that gain", ideal.quantity, 5, CLIFF),
        exactly("largest surplus", ideal.surplus / CENTS, 7.5, CLIFF),
    ]


def symmetric_rows(runs: int = RUNS, seed: int = 0) -> list[Row]:
    """ZI-C on Cliff's symmetric market, in both book rules, to exhaustion.

    A sixth pair, both at 2.00, gains nothing; where the day waits for it, more is traded, and at the equilibrium price.
    """
    waits = play_market(SYMMETRIC, Trader.ZI_C, clears=True, least_gain=0, runs=runs, seed=seed)
    clears = play_market(SYMMETRIC, Trader.ZI_C, clears=True, runs=runs, seed=seed)
    persists = play_market(SYMMETRIC, Trader.ZI_C, clears=False, runs=runs, seed=seed)
    return [
        *_figures("book cleared, waits for the sixth pair", waits, (0.9629, 19.81, 6.28, 0.284)),
        *_figures("book cleared", clears, (0.9633, 20.24, 6.01, 0.285)),
        *_figures("persistent book", persists, (0.9648, 18.74, 5.98, 0.263)),
    ]


def _figures(book: str, outcome: Outcome, published: tuple[float, float, float, float]) -> list[Row]:
    efficiency, alpha, quantity, dispersion = published
    return [
        near(f"{book}: efficiency", outcome.efficiency.mean(), efficiency, 0.004, INDEPENDENT),
        near(f"{book}: Smith's α, %", outcome.alpha.mean(), alpha, 0.6, INDEPENDENT),
        near(f"{book}: trades", outcome.quantity.mean(), quantity, 0.1, INDEPENDENT),
        near(f"{book}: profit dispersion", outcome.dispersion.mean() / CENTS, dispersion, 0.01, INDEPENDENT),
    ]


def thick_rows(runs: int = 500, seed: int = 0) -> list[Row]:
    """ZI-C where traders have several units each."""
    cases = (("24 units a side", FOUR_UNITS), ("48 units a side", EIGHT_UNITS))
    return [
        at_least(
            f"{name}, {book}: efficiency",
            play_market(market, Trader.ZI_C, clears=clears, runs=runs, seed=seed).efficiency.mean(),
            "0.97 to 1.00",
            0.97,
            GODE_SUNDER,
        )
        for name, market in cases
        for book, clears in BOOKS
    ]


def unconstrained_rows(runs: int = 200, seed: int = 0) -> list[Row]:
    """ZI-U trades every unit, so each run's efficiency is known before it begins."""
    cases = (("symmetric market", SYMMETRIC), ("24 units a side", FOUR_UNITS))
    rows = []
    for name, market in cases:
        exact = float(market.values.sum() - market.costs.sum()) / market.equilibrium.surplus
        for book, clears in BOOKS:
            outcome = play_market(
                market,
                Trader.ZI_U,
                clears=clears,
                runs=runs,
                seed=seed,
                least_gain=-market.highest_price,
            )
            furthest = outcome.efficiency.flat[np.argmax(np.abs(outcome.efficiency - exact))]
            rows.append(exactly(f"{name}, {book}: efficiency, furthest run", furthest, exact, IDENTITY))
    return rows


def structure_rows(days: int = 60, seed: int = 0) -> list[Row]:
    """The laws of the book under ZI-C flow, each event checked."""
    return [row for book, clears in BOOKS for row in _structure(book, clears, days, seed)]


def _structure(book: str, clears: bool, days: int, seed: int) -> list[Row]:
    market = SYMMETRIC
    schedule = make_schedule(market.values, market.costs)
    most_trades = min(market.values.size, market.costs.size)
    rules = Rules(market.highest_price, clears, 1, 1_000, most_trades, days)
    tape = make_tape(days * 1_001 * (most_trades + 1))
    trades = play(schedule, Trader.ZI_C, rules, runs=1, seed=seed, tape=tape)
    faults = find_faults(schedule, rules, tape)
    counted = np.arange(most_trades) < trades.count[..., None]
    gains = (trades.buyer_limit - trades.seller_limit)[counted].sum()
    broken = {
        "shouts let in or refused against the rule": faults.admission,
        "trades out of price-time priority": faults.priority,
        "trades not at the waiting price": faults.price,
        "crossed books": faults.crossed,
        "trades at a loss": faults.loss,
        "profits less gains from trade, ticks": trader_profits(schedule, trades).sum() - gains,
    }
    over = f"law; {faults.shouts} shouts, {faults.trades} trades"
    return [exactly(f"{book}: {law}", count, 0, over) for law, count in broken.items()]
