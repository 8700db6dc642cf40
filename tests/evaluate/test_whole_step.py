"""The benchmark of the whole step: what is timed is the step, whole and in its parts."""

import sys

import numpy as np
import pytest

from gridbid.evaluate.benchmarks import citylearn
from gridbid.evaluate.benchmarks.citylearn import CityLearn
from gridbid.evaluate.benchmarks.profile import Stopwatch, play_in_parts
from gridbid.evaluate.benchmarks.slot import measure_memory
from gridbid.evaluate.benchmarks.whole_step import WholeStep
from gridbid.evaluate.benchmarks.yardsticks import Unavailable
from gridbid.market.scratch import make_scratch
from gridbid.market.state import Arena


def test_a_step_in_parts_is_the_step():
    whole = WholeStep(20, rounds=1)
    together, scratch, watch = whole.make_engine(), make_scratch(whole.community), Stopwatch()
    for engine in (whole.engine, together):
        engine.step(*whole.decode(0))
    for turn in range(1, 4):
        play_in_parts(whole, scratch, turn, watch)
        together.step(*whole.decision)
    assert together.state.delivered.slot.min() == together.state.clock.slot.min() - 2
    assert together.state.fills.fills.min() > 0
    for name, part, one in zip(Arena._fields, whole.engine.arena, together.arena, strict=True):
        for mine, other in zip(*((x if isinstance(x, tuple) else (x,)) for x in (part, one)), strict=True):
            np.testing.assert_array_equal(mine, other, err_msg=name)


def test_whole_steps_observe_and_reward_everybody_on_a_feeder_that_holds():
    whole = WholeStep(100, rounds=1)
    for turn in range(4):
        observations, rewards = whole.step(turn)
    assert np.isfinite(observations).all()
    assert (observations.std(axis=(0, 1)) > 0.0).mean() > 0.8
    assert (rewards != 0.0).all()
    voltage_pu = whole.engine.state.delivered.voltage_pu
    assert 0.9 < voltage_pu.min() < 0.98


def test_state_grows_hardly_faster_than_its_participants():
    assert all(measure.ratio > 1.0 for measure in measure_memory())


def test_a_citylearn_that_does_not_run_says_why(monkeypatch):
    """Here it isn't installed: so its script fails in this Python."""
    monkeypatch.setattr(citylearn, "_python", lambda: sys.executable)
    with pytest.raises(Unavailable, match="No module named 'citylearn'"):
        CityLearn(2)
