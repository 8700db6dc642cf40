"""Arrival orders: splitmix64's published numbers, and permutations that are fair and keyed by everything they should be."""

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from gridbid.market.naive.slot import arrival_order as naive_arrival_order
from gridbid.market.randomness import arrival_order, mix

unhurried = settings(deadline=None)
"""The first call of a kernel loads or compiles it."""

GOLDEN = 0x9E3779B97F4A7C15
WORD = 1 << 64
UNLIKELY = 1e-6


def permutation(seed, community, slot, round_, size):
    order = np.empty(size, np.int64)
    arrival_order(seed, community, slot, round_, order)
    return tuple(order.tolist())


@pytest.mark.parametrize(
    ("seed", "published"),
    [
        (0, [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]),
        (
            1234567,
            [
                6457827717110365317,
                3203168211198807973,
                9817491932198370423,
                4593380528125082431,
                16408922859458223821,
            ],
        ),
    ],
)
def test_splitmix64_gives_the_published_numbers(seed, published):
    numbers = [int(mix(np.uint64((seed + (n + 1) * GOLDEN) % WORD))) for n in range(len(published))]
    assert numbers == published


@unhurried
@given(
    seed=st.integers(0, (1 << 63) - 1),
    community=st.integers(0, 1 << 40),
    slot=st.integers(0, 1 << 40),
    round_=st.integers(0, 60),
    size=st.integers(0, 60),
)
def test_an_order_is_a_permutation_and_the_twins(seed, community, slot, round_, size):
    order = permutation(seed, community, slot, round_, size)
    assert sorted(order) == list(range(size))
    assert list(order) == naive_arrival_order(seed, community, slot, round_, size)


@pytest.mark.parametrize("part", range(4))
def test_every_part_of_the_key_counts(part):
    orders = set()
    for value in range(500):
        key = [3, 5, 7, 2]
        key[part] = value
        orders.add(permutation(*key, 12))
    assert len(orders) == 500


def test_parts_of_the_key_do_not_stand_in_for_each_other():
    keys = list(itertools.product(range(5), repeat=4))
    assert len({permutation(*key, 12) for key in keys}) == len(keys)


@pytest.mark.parametrize("part", range(4))
def test_all_orders_of_four_are_equally_likely(part):
    n_draws, counts = 24_000, Counter()
    for value in range(n_draws):
        key = [1, 2, 3, 0]
        key[part] = value
        counts[permutation(*key, 4)] += 1
    expected = n_draws / 24
    statistic = sum((counts[order] - expected) ** 2 / expected for order in itertools.permutations(range(4)))
    assert chi2.sf(statistic, 23) > UNLIKELY


def test_everybody_is_as_often_at_every_place():
    n_draws, size = 20_000, 21
    counts = np.zeros((size, size))
    for slot in range(n_draws):
        counts[np.arange(size), permutation(11, 0, slot, 0, size)] += 1
    expected = n_draws / size
    statistic = ((counts - expected) ** 2 / expected).sum()
    assert chi2.sf(statistic, (size - 1) ** 2) > UNLIKELY


def test_one_slots_order_says_nothing_about_the_next():
    n_draws, size = 20_000, 5
    counts = np.zeros((size, size))
    for slot in range(n_draws):
        counts[permutation(4, 9, slot, 0, size)[0], permutation(4, 9, slot + 1, 0, size)[0]] += 1
    expected = n_draws / size**2
    statistic = ((counts - expected) ** 2 / expected).sum()
    assert chi2.sf(statistic, size**2 - 1) > UNLIKELY
