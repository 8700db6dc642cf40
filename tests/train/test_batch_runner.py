"""The runner's batches against a slow computation from the same networks: likelihoods, values, advantages."""

import numpy as np
import pytest
import torch
from ray.rllib.core.columns import Columns
from ray.rllib.evaluation.postprocessing import Postprocessing
from ray.rllib.utils.metrics import NUM_ENV_STEPS_SAMPLED, WEIGHTS_SEQ_NO

from gridbid.train.algorithm import ppo_config
from gridbid.train.batch_runner import BatchEnvRunner
from gridbid.train.config import TrainConfig

KINDS = ("prosumer", "battery", "ev")
BATCH, STEPS, GAMMA, LAM = 2, 30, 0.9, 0.8


def make_runner(worker_index=0, seed=0):
    config = TrainConfig(scenario="tiny", batch=BATCH, steps=STEPS, days=1, gamma=GAMMA, lam=LAM, seed=seed)
    runner = BatchEnvRunner(config=ppo_config(config, KINDS), worker_index=worker_index, num_workers=0)
    for kind in KINDS:
        runner.module[kind].set_scales(np.full(1, 0.1), np.full(1, 0.5), 0.2)
    return runner


@pytest.fixture(scope="module")
def sampled():
    """A runner, and its fourth fragment: steps 90 to 119, with a cut after step 95."""
    runner = make_runner()
    for _ in range(3):
        runner.sample()
    rewards = {kind: [] for kind in KINDS}
    last_seen = []
    step = runner.env.step

    def watched(actions):
        savings, seen = step(actions)
        for kind in KINDS:
            rewards[kind].append(savings[kind].reshape(-1))
        last_seen.append(seen)
        return savings, seen

    runner.env.step = watched
    batch = runner.sample()
    runner.env.step = step
    return runner, batch, rewards, last_seen


def plain_values(module, observations):
    """The critic, layer by layer."""
    weights = {name: value.double().numpy() for name, value in module.state_dict().items()}
    hidden = (observations.astype(np.float64) - weights["observation_mean"]) / weights["observation_std"]
    hidden = np.clip(hidden, -10.0, 10.0)
    for layer in (0, 2):
        hidden = np.tanh(hidden @ weights[f"critic.{layer}.weight"].T + weights[f"critic.{layer}.bias"])
    return (hidden @ weights["critic.4.weight"].T + weights["critic.4.bias"])[..., 0]


@pytest.mark.parametrize("kind", KINDS)
def test_likelihoods_are_those_of_the_gaussian(sampled, kind):
    runner, batch, _, _ = sampled
    rows = batch[kind]
    mean, log_std = np.split(rows[Columns.ACTION_DIST_INPUTS].astype(np.float64), 2, axis=-1)
    standardised = (rows[Columns.ACTIONS] - mean) / np.exp(log_std)
    expected = (-0.5 * standardised**2 - log_std - 0.5 * np.log(2.0 * np.pi)).sum(axis=-1)
    np.testing.assert_allclose(rows[Columns.ACTION_LOGP], expected, atol=1e-4)
    with torch.no_grad():
        again = runner.module[kind].forward_train({Columns.OBS: torch.from_numpy(rows[Columns.OBS])})
    np.testing.assert_allclose(rows[Columns.ACTION_DIST_INPUTS], again[Columns.ACTION_DIST_INPUTS], atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_advantages_and_targets_follow_from_what_was_seen_and_earned(sampled, kind):
    runner, batch, rewards, last_seen = sampled
    rows = batch[kind]
    seen = rows[Columns.OBS].reshape(STEPS, BATCH, -1)
    values = plain_values(runner.module[kind], seen)
    following = np.concatenate(
        [values[1:], plain_values(runner.module[kind], runner.env.observations[kind]).reshape(1, -1)]
    )
    cuts = [step for step, observations in enumerate(last_seen) if observations is not None]
    assert cuts == [5]
    following[5] = plain_values(runner.module[kind], last_seen[5][kind]).reshape(-1)
    expected, advantage = np.zeros((STEPS, BATCH)), np.zeros(BATCH)
    for step in reversed(range(STEPS)):
        surprise = rewards[kind][step] / 0.2 + GAMMA * following[step] - values[step]
        advantage = surprise + (0.0 if step == 5 else GAMMA * LAM) * advantage
        expected[step] = advantage
    np.testing.assert_allclose(rows[Postprocessing.ADVANTAGES].reshape(STEPS, BATCH), expected, atol=1e-4)
    np.testing.assert_allclose(
        rows[Postprocessing.VALUE_TARGETS].reshape(STEPS, BATCH), expected + values, atol=1e-4
    )


def test_it_counts_its_steps(sampled):
    runner, batch, _, _ = sampled
    assert batch.env_steps() == BATCH * STEPS
    assert runner.num_env_steps_sampled_lifetime == 4 * BATCH * STEPS
    assert runner.get_metrics()[NUM_ENV_STEPS_SAMPLED].peek() == 4 * BATCH * STEPS


def test_another_index_meets_other_prices_and_explores_otherwise():
    first, second = make_runner(worker_index=1), make_runner(worker_index=2)
    series = [runner.env.compiled.community.series.retail for runner in (first, second)]
    assert not np.array_equal(*series)
    noise = []
    for runner in (first, second):
        rows = runner.sample()["ev"]
        mean, log_std = np.split(rows[Columns.ACTION_DIST_INPUTS], 2, axis=-1)
        noise.append((rows[Columns.ACTIONS] - mean) / np.exp(log_std))
    assert not np.allclose(*noise, atol=1e-3)


def test_the_same_seed_and_index_sample_the_same_batch():
    first, second = make_runner(worker_index=1, seed=4), make_runner(worker_index=1, seed=4)
    second.set_state(first.get_state())
    for kind in KINDS:
        np.testing.assert_array_equal(
            first.sample()[kind][Columns.ACTIONS], second.sample()[kind][Columns.ACTIONS]
        )


def test_weights_that_are_synced_for_inference_alone_bring_the_critic():
    """What a restarted or restored runner is sent: without the critic its advantages would be wrong."""
    source, target = make_runner(seed=1), make_runner(seed=2)
    state = source.get_state(components="rl_module", inference_only=True)
    target.set_state({"rl_module": state["rl_module"], WEIGHTS_SEQ_NO: 1})
    for kind in KINDS:
        for name, value in source.module[kind].state_dict().items():
            assert torch.equal(value, target.module[kind].state_dict()[name]), name


def test_without_exploring_it_plays_the_mean():
    rows = make_runner().sample(explore=False)["prosumer"]
    mean, _ = np.split(rows[Columns.ACTION_DIST_INPUTS], 2, axis=-1)
    np.testing.assert_array_equal(rows[Columns.ACTIONS], mean)
