"""Training end to end in a local Ray: iterations, checkpoints, runners that fail, export."""

import json
import logging

import numpy as np
import onnxruntime
import pytest
import ray
import torch
from ray.rllib.core.rl_module.rl_module import RLModule

from gridbid.agents.bundle import load_bundle
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.fields import observation_space
from gridbid.train.algorithm import running
from gridbid.train.export import actor_to_onnx, export_bundle
from gridbid.train.network_policy import NetworkPolicy
from gridbid.train.ppo import TrainConfig, TrainError, train

KINDS = ("prosumer", "battery", "ev")
CONFIG = TrainConfig(
    scenario="tiny", seconds=600.0, iterations=3, batch=4, steps=48, days=1, hidden=(16,), samples=1, epochs=2
)


@pytest.fixture(scope="module")
def local_ray():
    ray.init(num_cpus=3, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    yield
    ray.shutdown()


@pytest.fixture(scope="module")
def finished(local_ray, tmp_path_factory):
    """A short run, its folder, and what it reported."""
    folder = tmp_path_factory.mktemp("train") / "run"
    seen = []
    return train(CONFIG, folder, seen.append), folder, seen


def random_observations(kind, rows=200):
    space = observation_space(kind)
    return np.random.default_rng(1).uniform(space.low, space.high, (rows, *space.shape)).astype(np.float32)


def best_modules(result):
    return {kind: RLModule.from_checkpoint((result.best / kind).absolute()) for kind in result.kinds}


def runner_weights(runner):
    return {
        kind: {name: value.numpy().copy() for name, value in runner.module[kind].state_dict().items()}
        for kind in KINDS
    }


def assert_same_weights(first, second):
    for kind in KINDS:
        assert first[kind].keys() <= second[kind].keys() or second[kind].keys() <= first[kind].keys()
        for name in first[kind].keys() & second[kind].keys():
            np.testing.assert_array_equal(first[kind][name], second[kind][name], err_msg=f"{kind} {name}")


def test_the_curve_counts_steps_and_reports_every_kind(finished):
    result, _, seen = finished
    assert (
        [point["iteration"] for point in result.curve]
        == [1, 2, 3]
        == [progress.iteration for progress in seen]
    )
    assert [point["env_steps"] for point in result.curve] == [192, 384, 576]
    assert [point["agent_steps"] for point in result.curve] == [576, 1152, 1728]
    for point in result.curve:
        assert set(point["returns"]) == set(KINDS) and np.isfinite(list(point["returns"].values())).all()
        assert point["return_sum"] == pytest.approx(sum(point["returns"].values()))
    assert result.validation_eur["best"] <= min(
        result.validation_eur["start"], result.curve[-1]["validation_eur"]
    )


def test_the_folder_holds_what_was_reported(finished):
    result, folder, _ = finished
    assert json.loads((folder / "curve.json").read_text())["curve"] == result.curve
    assert sorted(path.name for path in folder.iterdir()) == ["best", "checkpoint", "curve.json"]


def test_a_restored_algorithm_decides_as_the_one_that_was_saved(local_ray, tmp_path):
    with running(CONFIG, KINDS) as first, running(CONFIG, KINDS) as second:
        before = first.networks()
        first.train()
        assert any(
            not np.array_equal(before["ev"][name], value) for name, value in first.networks()["ev"].items()
        )
        first.save_to_path(tmp_path / "saved")
        second.restore_from_path(tmp_path / "saved")
        assert_same_weights(runner_weights(first.env_runner), runner_weights(second.env_runner))
        assert_same_weights(first.networks(), runner_weights(second.env_runner))
        policies = [NetworkPolicy(dict(algorithm.env_runner.module.items())) for algorithm in (first, second)]
        seen = {kind: random_observations(kind)[None] for kind in KINDS}
        actions = [policy.act(seen) for policy in policies]
        for kind in KINDS:
            np.testing.assert_array_equal(actions[0][kind], actions[1][kind])
        assert second.iteration == 1


def test_a_run_resumes_where_it_stopped(local_ray, tmp_path):
    first = train(CONFIG, tmp_path)
    second = train(CONFIG, tmp_path, resume=True)
    assert [point["iteration"] for point in second.curve] == [1, 2, 3, 4, 5, 6]
    assert second.curve[:3] == first.curve
    assert second.curve[3]["env_steps"] == first.curve[-1]["env_steps"] + 192
    assert second.curve[3]["seconds"] > first.curve[-1]["seconds"]


def test_resuming_nothing_or_another_run_is_refused(finished, tmp_path):
    _, folder, _ = finished
    with pytest.raises(TrainError, match="nothing to resume"):
        train(CONFIG, tmp_path, resume=True)
    other = TrainConfig(**{**CONFIG.as_dict(), "hidden": (8,)})
    with pytest.raises(TrainError, match=r"hidden: \[8\], but the run in .* has \[16\]"):
        train(other, folder, resume=True)


def test_a_few_iterations_earn_more_than_the_first(local_ray, tmp_path):
    """From noise; -13 becomes -6 EUR a day."""
    config = TrainConfig(scenario="tiny", iterations=30, batch=16, hidden=(32,), samples=2, warm_start=None)
    result = train(config, tmp_path)
    returns = [point["return_sum"] for point in result.curve]
    assert np.mean(returns[-5:]) > np.mean(returns[:5]) + 3.0


def test_remote_runners_sample_apart_and_a_new_one_gets_the_critic(local_ray):
    config = TrainConfig(**{**CONFIG.as_dict(), "hidden": (16,), "num_env_runners": 2})
    with running(config, KINDS) as algorithm:
        result = algorithm.train()
        assert sum(result["env_runners"]["num_agent_steps_sampled"].values()) == 2 * 576
        batches = algorithm.env_runner_group.foreach_env_runner(
            lambda runner: runner.sample()["ev"]["obs"], local_env_runner=False
        )
        assert not np.array_equal(*batches)
        group = algorithm.env_runner_group
        ray.kill(group._worker_manager.actors()[1], no_restart=False)
        for _ in range(60):
            algorithm.train()
            weights = group.foreach_env_runner(runner_weights, local_env_runner=False)
            if len(weights) == 2:
                break
        assert len(weights) == 2
        assert_same_weights(algorithm.networks(), weights[0])
        assert_same_weights(algorithm.networks(), weights[1])


@pytest.mark.parametrize("kind", KINDS)
def test_the_exported_network_is_the_module(finished, kind):
    result, _, _ = finished
    module = best_modules(result)[kind]
    session = onnxruntime.InferenceSession(actor_to_onnx(module), providers=["CPUExecutionProvider"])
    rows = random_observations(kind)
    with torch.no_grad():
        expected = module.mean_action(torch.from_numpy(rows)).numpy()
    (actions,) = session.run(None, {"observations": rows})
    assert np.abs(actions - expected).max() < 1e-5
    assert np.abs(actions).max() <= 1.0 and np.ptp(actions) > 0.0


def test_the_bundle_plays_as_the_networks_do(finished, tmp_path):
    result, _, _ = finished
    bundle = load_bundle(export_bundle(result, tmp_path / "bundle"))
    networks = NetworkPolicy(best_modules(result))
    env = BatchEnv("tiny", 3, n_slots=24)
    observations = env.reset()
    for _ in range(24):
        ours, theirs = bundle.act(observations), networks.act(observations)
        for kind in KINDS:
            np.testing.assert_allclose(ours[kind], theirs[kind], atol=1e-5)
        observations, _, _ = env.step(ours)
    facts = json.loads((tmp_path / "bundle" / "bundle.json").read_text())
    assert facts["scenario"]["name"] == "tiny" and facts["figures"]["env_steps"] == 576
