"""Observations and actions by name, against the environment that scales them."""

import numpy as np
import pytest

from gridbid.agents.baselines.columns import Seen, unit_box
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.fields import KINDS, METERED, action_fields, observation_fields, observation_index
from gridbid.market.types import Control


@pytest.fixture(scope="module")
def env():
    return BatchEnv("tiny", 2, samples=1, split="test", weeks=[16], n_slots=8)


@pytest.mark.parametrize("kind", KINDS)
def test_fields_are_read_in_their_units(kind):
    size = sum(field.size for field in observation_fields(kind))
    rows = np.random.default_rng(0).uniform(-1.0, 1.0, (3, 2, size)).astype(np.float32)
    seen = Seen(kind, rows)
    for field in observation_fields(kind):
        expected = rows[..., observation_index(kind)[field.name]] * field.scale
        assert seen[field.name].shape == ((3, 2) if field.size == 1 else (3, 2, field.size))
        assert seen[field.name].reshape(expected.shape) == pytest.approx(expected, rel=1e-6)


def test_a_field_that_a_kind_lacks_is_zero_or_refused():
    seen = Seen("ev", np.zeros((1, 1, 100), np.float32))
    assert seen.get("battery_kw").tolist() == [[0.0]]
    with pytest.raises(KeyError, match=r"battery_kw.*'ev'"):
        seen["battery_kw"]


@pytest.mark.parametrize("kind", METERED)
def test_the_environment_reads_back_what_was_meant(env, kind):
    random = np.random.default_rng(3)
    shape = (2, len(env.agents[kind]))
    values = {field.name: random.uniform(field.low, field.high, shape) for field in action_fields(kind)}
    decision = env.decide({kind: unit_box(kind, shape, values)})
    seats = env.seats[kind]
    for name in ("offer", "limit", "follow"):
        assert getattr(decision, name)[:, seats] == pytest.approx(values[name], abs=1e-6)
    for column in Control:
        expected = values.get(column.name.lower(), np.zeros(shape))
        assert decision.controls[:, seats, column] == pytest.approx(expected, abs=1e-6)


def test_what_is_not_named_is_off(env):
    decision = env.decide({"prosumer": unit_box("prosumer", (2, 1), {})})
    assert all(np.allclose(array, 0.0, atol=1e-7) for array in decision)


def test_values_are_clipped_to_the_table():
    assert unit_box("ev", (1, 1), {"offer": 99.0, "charger": -99.0}).tolist() == [[[1.0, -1.0, -1.0, -1.0]]]
