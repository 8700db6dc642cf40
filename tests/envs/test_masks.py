"""Masks: an entry that is masked does nothing, bit by bit, and what the seats can do is not masked."""

from dataclasses import replace

import numpy as np
import pytest

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community

WEEK = 45


def with_rounds(compiled, rounds):
    rules = compiled.community.rules._replace(rounds=rounds)
    return replace(compiled, community=compiled.community._replace(rules=rules))


@pytest.fixture(scope="module")
def compiled():
    return {name: compile_community(name, [0, 1]) for name in ("tiny", "rural")}


def random_actions(env, random):
    shapes = {
        kind: (env.batch, len(env.agents[kind]), *fields.action_space(kind).shape) for kind in env.kinds
    }
    return {kind: random.uniform(-1.0, 1.0, shape).astype(np.float32) for kind, shape in shapes.items()}


@pytest.mark.parametrize(("name", "rounds"), [("tiny", 3), ("rural", 1), ("rural", 2)])
def test_a_masked_entry_does_nothing(compiled, name, rounds):
    """Two runs with the same actions but for the masked entries: the same observations, rewards and state."""
    env, other = (BatchEnv(with_rounds(compiled[name], rounds), 2, seed=7, n_slots=100) for _ in range(2))
    env.reset(weeks=WEEK, day=3)
    other.reset(weeks=WEEK, day=3)
    random, masked = np.random.default_rng(7), dict.fromkeys(env.kinds, 0)
    for _ in range(100 * rounds):
        actions, noise = random_actions(env, random), random_actions(env, random)
        theirs = {kind: np.where(env.action_mask[kind], actions[kind], noise[kind]) for kind in env.kinds}
        for kind in env.kinds:
            masked[kind] += np.count_nonzero(~env.action_mask[kind])
        mine, others = env.step(actions), other.step(theirs)
        for kind in env.kinds:
            np.testing.assert_array_equal(mine[0][kind], others[0][kind], err_msg=kind)
            np.testing.assert_array_equal(mine[1][kind], others[1][kind], err_msg=kind)
            np.testing.assert_array_equal(env.action_mask[kind], other.action_mask[kind])
    totals = zip(env.engine.state.totals, other.engine.state.totals, strict=True)
    assert all(np.array_equal(ours, theirs) for ours, theirs in totals)
    assert masked["ev"] and (rounds == 1 or masked["utility"])


def entry(env, kind, name):
    return env.action_mask[kind][..., fields.action_index(kind)[name].start]


def test_what_a_seat_has_is_not_masked(compiled):
    scenario = compiled["rural"].scenario
    env = BatchEnv(with_rounds(compiled["rural"], 2), 1, seed=8, n_slots=96)
    env.reset(weeks=WEEK)
    assert (entry(env, "utility", "tariff_shift")).all()
    random, plugged = np.random.default_rng(8), []
    for step in range(192):
        observations, _, _ = env.step(random_actions(env, random))
        assert entry(env, "utility", "tariff_shift").all() == (step % 2 == 1)
        assert entry(env, "battery", "battery").all()
        index = fields.observation_index("ev")
        has_car = observations["ev"][..., index["car_plugged"].start] == 1.0
        can_charge = observations["ev"][..., index["car_most"].start] > 0.0
        for name in ("offer", "limit", "follow", "charger"):
            assert not (entry(env, "ev", name) & ~has_car).any()
        np.testing.assert_array_equal(entry(env, "ev", "offer"), can_charge)
        plugged.append(has_car.mean())
        for name, device in (("curtail", "pv"), ("battery", "battery"), ("heat_pump", "heat_pump")):
            seats = [seat for seat in scenario.metered if seat.kind == "prosumer"]
            absent = np.array([getattr(seat, device) is None for seat in seats])
            assert not entry(env, "prosumer", name)[0, absent].any()
            assert device != "pv" or entry(env, "prosumer", name)[0, ~absent].all()
        assert entry(env, "prosumer", "offer").all()
    assert 0.0 < np.mean(plugged) < 1.0


def test_everybody_is_there(compiled):
    env = BatchEnv(compiled["tiny"], 3, n_slots=4)
    env.reset()
    for kind, agents in env.agents.items():
        assert env.present[kind].shape == (3, len(agents))
        assert env.present[kind].all()
