"""Figures of a market: the equilibrium against brute force, the rest by hand."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridbid.evaluate.market_metrics import (
    allocative_efficiency,
    block_equilibria,
    equilibrium,
    equilibrium_profits,
    profit_dispersion,
    smiths_alpha,
)

limits = st.lists(st.integers(1, 12), min_size=1, max_size=5)


def best_surplus(values, costs):
    """By trying every set of buyers with every set of sellers of the same size."""
    sets = (
        (sum(bought) - sum(sold))
        for size in range(min(len(values), len(costs)) + 1)
        for bought in itertools.combinations(values, size)
        for sold in itertools.combinations(costs, size)
    )
    return max(sets)


def clears(price, values, costs):
    """Whether as many must or may buy as must or may sell."""
    must_buy, may_buy = sum(v > price for v in values), sum(v >= price for v in values)
    must_sell, may_sell = sum(c < price for c in costs), sum(c <= price for c in costs)
    return must_buy <= may_sell and must_sell <= may_buy


@given(values=limits, costs=limits)
def test_equilibrium_is_what_brute_force_finds(values, costs):
    ideal = equilibrium(values, costs)
    assert ideal.surplus == best_surplus(values, costs)
    quarters = [price / 4 for price in range(60)]
    inside = [price for price in quarters if ideal.lowest_price <= price <= ideal.highest_price]
    assert inside == [price for price in quarters if clears(price, values, costs)]


@given(values=limits, costs=limits)
def test_the_equilibrium_quantity_trades_and_no_more_gains(values, costs):
    ideal = equilibrium(values, costs)
    gains = [v - c for v, c in zip(sorted(values)[::-1], sorted(costs), strict=False)]
    assert ideal.quantity == sum(gain > 0 for gain in gains)
    if ideal.quantity:
        profits = [
            equilibrium_profits(values, ideal.price, buying=True).sum(),
            equilibrium_profits(costs, ideal.price, buying=False).sum(),
        ]
        assert sum(profits) == pytest.approx(ideal.surplus)


def test_the_order_and_shape_of_units_do_not_matter():
    assert equilibrium([[150, 70], [100, 50]], [[10], [45], [95]]) == equilibrium(
        [50, 70, 100, 150], [95, 10, 45]
    )
    assert equilibrium([50, 70, 100, 150], [95, 10, 45]) == (2, 70.0, 95.0, 195.0)
    assert equilibrium([50, 70, 100, 150], [95, 10, 45]).price == 82.5


def test_efficiency_counts_what_was_traded():
    values, costs = [[10, 8, 99]], [[4, 9, 0]]
    assert allocative_efficiency(values, costs, 10.0, [2]).tolist() == [0.5]
    assert allocative_efficiency(values, costs, 10.0, [0]).tolist() == [0.0]
    assert allocative_efficiency([3, 2], [4, 4], 2.0) == -1.5


def test_alpha_is_the_root_mean_square_in_percent_of_the_price():
    assert smiths_alpha([103.0, 96.0], 100.0) == pytest.approx(np.sqrt((9 + 16) / 2))
    by_day = smiths_alpha([[210, 190, 7], [1, 2, 3]], 200.0, [2, 0])
    assert by_day[0] == 5.0
    assert np.isnan(by_day[1])


def test_dispersion_is_over_all_traders():
    assert profit_dispersion([3.0, 0.0, -4.0, 0.0], [0.0, 0.0, 0.0, 0.0]) == 2.5
    assert profit_dispersion([[1, 2], [3, 4]], [1, 2]).tolist() == [0.0, 2.0]


def test_alpha_weighs_trades_and_takes_a_price_for_each():
    """Twice a deviation of 3 at P* 100, once of 6 at P* 40: mean P* 80."""
    alpha = smiths_alpha([103.0, 46.0, 999.0], [100.0, 40.0, 1.0], weights=[2.0, 1.0, 0.0])
    assert alpha == pytest.approx(100 * np.sqrt((2 * 9 + 36) / 3) / 80)
    assert np.isnan(smiths_alpha([np.nan, np.nan], 100.0, weights=[0.0, 0.0]))


@pytest.mark.parametrize("ideal", [-5.0, 0.0, [-5.0, 5.0], [-9.0, 5.0]])
def test_of_a_price_that_is_not_above_0_there_is_no_percentage(ideal):
    assert np.isnan(smiths_alpha([-4.0, 6.0], ideal))
    assert smiths_alpha([-4.0, 6.0], [-5.0, 9.0]) == pytest.approx(100 * np.sqrt((1 + 9) / 2) / 2)


def test_alpha_may_leave_out_trades_without_a_price():
    assert smiths_alpha([103.0, np.nan], [100.0, np.nan], weights=[1.0, 0.0]) == pytest.approx(3.0)


@given(demand=st.integers(0, 4), supply=st.integers(0, 4), value=st.integers(-5, 9), cost=st.integers(-5, 9))
def test_blocks_are_as_many_units(demand, supply, value, cost):
    ideal = equilibrium([value] * demand, [cost] * supply)
    block = block_equilibria([demand], [value], [supply], [cost])
    for name in ("quantity", "lowest_price", "highest_price", "surplus"):
        assert getattr(block, name)[0] == getattr(ideal, name)


@pytest.mark.parametrize(
    ("demand", "supply", "price"), [(3, 2, 10.0), (2, 3, 4.0), (2, 2, 7.0), (2, 0, 10.0), (0, 2, 4.0)]
)
def test_the_long_side_of_blocks_gains_nothing(demand, supply, price):
    ideal = block_equilibria(demand, 10, supply, 4)
    assert ideal.price == price
    assert ideal.surplus == min(demand, supply) * 6


def test_a_market_of_nobody_has_no_price():
    assert np.isnan(block_equilibria(0, 10, 0, 4).price)
