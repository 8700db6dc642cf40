"""ZIP's convergence over days, at a seed that is not the tables' own."""

import numpy as np
import pytest

from gridbid.evaluate.reproduce import convergence
from gridbid.evaluate.reproduce.outcomes import play_market
from gridbid.evaluate.reproduce.schedules import SYMMETRIC
from gridbid.evaluate.reproduce.session_traders import Trader

SEED = 1


def failed(rows):
    assert rows
    return [row for row in rows if not row.holds]


def test_zip_converges_over_ten_days_and_zero_intelligence_does_not():
    assert failed(convergence.symmetric_rows(seed=SEED)) == []


def test_zip_finds_the_price_where_zero_intelligence_misses_it():
    assert failed(convergence.asymmetric_rows(seed=SEED)) == []


@pytest.mark.parametrize("clears", [False, True])
def test_every_figure_gets_better_from_the_first_days_to_the_last(clears):
    days = play_market(SYMMETRIC, Trader.ZIP, clears=clears, runs=300, days=10, seed=SEED)
    for figure, sign in ((days.alpha, -1), (days.efficiency, 1), (days.dispersion, -1)):
        by_day = sign * np.nanmean(figure, axis=0)
        assert (np.diff(by_day[:4]) > 0).all()
        assert by_day[5:].min() > by_day[2]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12))
def test_convergence_at_many_seeds(seed):
    assert failed(convergence.symmetric_rows(seed=seed)) == []
    assert failed(convergence.asymmetric_rows(seed=seed)) == []
