"""Zero intelligence on our book: published and exact results, at a seed that is not the tables' own."""

import numpy as np
import pytest

from gridbid.evaluate.reproduce import zero_intelligence
from gridbid.evaluate.reproduce.outcomes import play_market
from gridbid.evaluate.reproduce.schedules import FOUR_UNITS, SYMMETRIC
from gridbid.evaluate.reproduce.session_traders import Trader

SEED = 1


def failed(rows):
    assert rows
    return [row for row in rows if not row.holds]


def test_cliffs_symmetric_market_in_theory():
    assert failed(zero_intelligence.equilibrium_rows()) == []
    assert (SYMMETRIC.equilibrium.lowest_price, SYMMETRIC.equilibrium.highest_price) == (200.0, 200.0)


def test_zi_c_in_both_book_rules():
    assert failed(zero_intelligence.symmetric_rows(seed=SEED)) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 12))
def test_zi_c_in_both_book_rules_at_many_seeds(seed):
    assert failed(zero_intelligence.symmetric_rows(runs=5_000, seed=seed)) == []


def test_zi_c_on_thick_schedules():
    assert failed(zero_intelligence.thick_rows(seed=SEED)) == []


def test_zi_u_is_as_efficient_as_the_identity_says_in_every_run():
    assert failed(zero_intelligence.unconstrained_rows(seed=SEED)) == []
    outcome = play_market(FOUR_UNITS, Trader.ZI_U, clears=False, runs=100, least_gain=-200)
    assert np.round(outcome.efficiency, 6).tolist() == [[0.484746]] * 100
    assert (outcome.quantity == 24).all()


def test_the_laws_of_the_book_hold_at_every_shout():
    assert failed(zero_intelligence.structure_rows(days=30, seed=SEED)) == []
