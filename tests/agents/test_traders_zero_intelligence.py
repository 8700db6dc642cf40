"""Zero-intelligence traders: streams that replay, ticks within the budget, each as likely."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare, kstest

from gridbid.agents.traders.streams import draw_below, draw_share, start_streams
from gridbid.agents.traders.zero_intelligence import constrained_tick, unconstrained_tick
from gridbid.market.types import Side

WORD = 1 << 64
GOLDEN = 0x9E3779B97F4A7C15
UNLIKELY = 1e-6

sides = st.sampled_from(list(Side))


def streams(seed, run=0, size=1):
    started = np.zeros(size, np.uint64)
    start_streams(started, seed, run)
    return started


def plain_mix(state):
    state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 % WORD
    state = (state ^ (state >> 27)) * 0x94D049BB133111EB % WORD
    return state ^ (state >> 31)


@given(state=st.integers(0, WORD - 1), bound=st.integers(1, 1 << 20))
def test_draws_are_those_of_splitmix64(state, bound):
    words = [plain_mix((state + (n + 1) * GOLDEN) % WORD) for n in range(2)]
    stream = np.array([state], np.uint64)
    assert draw_below(stream, 0, bound) == (words[0] >> 32) * bound >> 32
    assert draw_share(stream, 0) == (words[1] >> 11) / 2**53


def test_streams_differ_by_seed_run_and_place_and_replay():
    states = [streams(seed, run, size=20) for seed in range(20) for run in range(20)]
    assert len({state for started in states for state in started.tolist()}) == 20 * 20 * 20
    assert (streams(3, 4, size=20) == states[3 * 20 + 4]).all()


def test_drawing_from_one_stream_leaves_the_others():
    drawn = streams(0, size=3)
    before = drawn.copy()
    draw_share(drawn, 1)
    assert (drawn != before).tolist() == [False, True, False]


def test_shares_are_even():
    stream = streams(1)
    assert kstest([draw_share(stream, 0) for _ in range(5_000)], "uniform").pvalue > 0.01


@given(side=sides, n_ticks=st.integers(1, 400), share=st.floats(0, 1), seed=st.integers(0, 1 << 40))
def test_the_budget_is_kept(side, n_ticks, share, seed):
    limit, stream = round(share * (n_ticks - 1)), streams(seed)
    allowed = range(limit + 1) if side == Side.BUY else range(limit, n_ticks)
    for _ in range(20):
        assert constrained_tick(side, limit, n_ticks, stream, 0) in allowed
        assert unconstrained_tick(n_ticks, stream, 0) in range(n_ticks)


@pytest.mark.parametrize(
    ("draw", "allowed"),
    [
        (lambda stream: constrained_tick(Side.BUY, 30, 400, stream, 0), range(31)),
        (lambda stream: constrained_tick(Side.SELL, 370, 400, stream, 0), range(370, 400)),
        (lambda stream: unconstrained_tick(40, stream, 0), range(40)),
    ],
    ids=["ZI-C buyer", "ZI-C seller", "ZI-U"],
)
def test_every_tick_is_as_likely(draw, allowed):
    stream = streams(7)
    counts = np.bincount([draw(stream) for _ in range(20_000)], minlength=allowed.stop)[allowed.start :]
    assert counts.sum() == 20_000
    assert chisquare(counts).pvalue > UNLIKELY
