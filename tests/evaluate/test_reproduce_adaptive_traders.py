"""GD and AA in sessions with induced values, at a seed that is not the tables' own."""

import numpy as np
import pytest

from gridbid.evaluate.reproduce import adaptive_traders
from gridbid.evaluate.reproduce.outcomes import play_market
from gridbid.evaluate.reproduce.schedules import SYMMETRIC
from gridbid.evaluate.reproduce.session_traders import Trader

SEED = 1


def failed(rows):
    assert rows
    return [row for row in rows if not row.holds]


def test_both_find_the_equilibrium_of_the_symmetric_market():
    assert failed(adaptive_traders.symmetric_rows(runs=100, seed=SEED)) == []


def test_both_find_it_in_other_markets():
    assert failed(adaptive_traders.elsewhere_rows(runs=50, seed=SEED)) == []


def test_nobody_trades_at_a_loss():
    assert failed(adaptive_traders.rationality_rows(runs=50, seed=SEED)) == []


@pytest.mark.parametrize("clears", [False, True])
def test_the_order_of_efficiency_and_of_volatility_is_the_one_that_is_told(clears):
    """AA before ZIP before ZI-C; who shouts its limit leaves the price to chance."""

    def played(trader):
        days = play_market(SYMMETRIC, trader, clears=clears, runs=200, days=10, seed=SEED)
        return np.nanmean(days.efficiency[:, 5:]), np.nanmean(days.alpha[:, 5:])

    figures = {trader: played(trader) for trader in (Trader.AA, Trader.ZIP, Trader.GD, Trader.ZI_C)}
    efficiency, alpha = ({trader: one[n] for trader, one in figures.items()} for n in (0, 1))
    assert efficiency[Trader.AA] >= efficiency[Trader.ZIP] - 1e-3
    assert min(efficiency[Trader.ZIP], efficiency[Trader.GD]) > efficiency[Trader.ZI_C] + 0.02
    assert alpha[Trader.AA] < alpha[Trader.ZIP] < alpha[Trader.GD] < alpha[Trader.ZI_C]
    assert played(Trader.TRUTHFUL)[1] > alpha[Trader.ZI_C]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 8))
def test_adaptive_traders_at_many_seeds(seed):
    assert failed(adaptive_traders.symmetric_rows(seed=seed)) == []
    assert failed(adaptive_traders.elsewhere_rows(seed=seed)) == []
