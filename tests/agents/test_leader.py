"""The leader's price in closed form, against a search over prices, a follower's own maximum, and a setter that learns."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from gridbid.agents.utilities.leader import demand, interior_price, leader_price, profit
from gridbid.market.errors import InputError

NUMBER = st.floats(0.1, 10.0)
FOLLOWERS = st.lists(st.tuples(NUMBER, NUMBER), min_size=1, max_size=6).map(lambda pairs: np.array(pairs).T)


def searched_profit(omega, zeta, cost, low, high):
    """The most that any of many prices earns; between two of them at the ends of each piece a bounded search."""
    prices = np.geomspace(max(low, 1e-3), high, 4_001)
    earned = (prices - cost) * np.maximum(0.0, omega[:, None] / prices - zeta[:, None]).sum(axis=0)
    return float(earned.max())


@settings(deadline=None, max_examples=40)
@given(FOLLOWERS, NUMBER)
def test_no_price_earns_more(followers, cost):
    omega, zeta = followers
    price = leader_price(omega, zeta, cost)
    assert profit(omega, zeta, cost, price) >= searched_profit(omega, zeta, cost, 1e-3, 200.0) - 1e-9


@settings(deadline=None, max_examples=40)
@given(FOLLOWERS, NUMBER, st.tuples(NUMBER, NUMBER).map(sorted))
def test_no_price_within_bounds_earns_more(followers, cost, bounds):
    omega, zeta = followers
    price = leader_price(omega, zeta, cost, *bounds)
    assert bounds[0] <= price <= bounds[1]
    assert profit(omega, zeta, cost, price) >= searched_profit(omega, zeta, cost, *bounds) - 1e-9


def test_while_all_buy_it_is_the_published_formula():
    """Followers that all buy at it: x* = 4 / 2 - 1 and 6 / 2 - 1.5 at p* = sqrt(1 x 10 / 2.5) = 2."""
    omega, zeta = np.array([4.0, 6.0]), np.array([1.0, 1.5])
    assert interior_price(omega, zeta, 1.0) == pytest.approx(2.0)
    assert leader_price(omega, zeta, 1.0) == pytest.approx(2.0)
    assert demand(omega, zeta, 2.0).tolist() == [1.0, 1.5]
    assert profit(omega, zeta, 1.0, 2.0) == pytest.approx(2.5)


def test_a_follower_that_drops_out_leaves_the_rest_to_the_formula():
    """The second buys below 0.5 only, which is less than the cost."""
    omega, zeta = np.array([4.0, 0.5]), np.array([1.0, 1.0])
    assert leader_price(omega, zeta, 1.0) == pytest.approx(2.0)
    assert demand(omega, zeta, 2.0).tolist() == [1.0, 0.0]
    assert interior_price(omega, zeta, 1.0) != pytest.approx(2.0)


def test_one_who_pays_much_may_be_worth_more_than_many_who_pay_little():
    rich, poor = (100.0, 1.0), (3.0, 1.0)
    omega, zeta = np.array([rich, poor, poor]).T
    assert leader_price(omega, zeta, 1.0) == pytest.approx(10.0)
    many = np.array([(10.0, 1.0), *[(4.0, 1.0)] * 50]).T
    assert leader_price(*many, 1.0) == pytest.approx(np.sqrt(210.0 / 51.0))


def test_where_nothing_can_be_earned_it_sells_at_cost():
    assert leader_price([1.0], [1.0], 2.0) == 2.0
    assert leader_price([1.0], [1.0], 2.0, 3.0, 4.0) == 3.0


@settings(deadline=None, max_examples=50)
@given(NUMBER, NUMBER, NUMBER)
def test_a_follower_buys_what_is_best_for_it(omega, zeta, price):
    def loss(x):
        return price * x - omega * np.log(zeta + x)

    found = minimize_scalar(loss, bounds=(0.0, 200.0), method="bounded", options={"xatol": 1e-9}).x
    bought = demand([omega], [zeta], price)[0]
    assert loss(bought) <= loss(found) + 1e-9
    assert bought == pytest.approx(found, abs=1e-3)


class LearningSetter:
    """Sees only what it earned: tries a price on either side of its own, and moves to where more was earned.

    Kiefer, Wolfowitz: Stochastic estimation of the maximum of a regression function, Ann. Math. Statist. 23:462, 1952, on
    the logarithm of the price.
    """

    def __init__(self, price):
        self.price = price

    def learn(self, earn, n_tries, rate=0.5, width=0.3):
        for n in range(1, n_tries + 1):
            step = width / n**0.25
            above, below = self.price * np.exp(step), self.price / np.exp(step)
            slope = (earn(above) - earn(below)) / (2.0 * step)
            self.price *= np.exp(np.clip(rate / n**0.75 * slope, -0.2, 0.2))


@pytest.mark.parametrize("first", [1.2, 6.0])
@pytest.mark.parametrize("seed", range(2))
def test_a_price_setter_that_learns_comes_to_it(first, seed):
    """Homes whose needs change from day to day by a tenth: within 2 % of the closed form."""
    random = np.random.default_rng(seed)
    omega, zeta = random.uniform(3.0, 6.0, 20), random.uniform(0.5, 1.5, 20)
    cost = 1.0

    def earn(price):
        today = omega * random.normal(1.0, 0.1, omega.size)
        return profit(today, zeta, cost, price) / omega.size

    setter = LearningSetter(first)
    setter.learn(earn, 4_000)
    assert setter.price == pytest.approx(leader_price(omega, zeta, cost), rel=0.02)


def test_what_has_no_equilibrium_is_named_together():
    with pytest.raises(InputError, match=r"omega is \[0.0\].*omega has shape.*cost=-1.*low=2.0, high=1.0"):
        leader_price([0.0], [1.0, 2.0], -1.0, 2.0, 1.0)
    with pytest.raises(InputError, match=r"zeta is \[\]"):
        leader_price([], [], 1.0)
    with pytest.raises(InputError, match="high above 0"):  # for nothing everybody would take without end
        leader_price([1.0], [1.0], 1.0, 0.0, 0.0)
