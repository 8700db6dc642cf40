"""Trains a policy for each kind with RLlib's PPO on the batch environment, inside a time budget."""

import time
from collections.abc import Callable
from pathlib import Path

import torch

from gridbid.envs.fields import METERED
from gridbid.envs.scenario import load_scenario
from gridbid.envs.timeline.year import weeks_of
from gridbid.train.algorithm import local_ray, running
from gridbid.train.config import TrainConfig
from gridbid.train.progress import TrainProgress, TrainResult
from gridbid.train.run import TrainError, TrainingRun, read_status

__all__ = ["TrainConfig", "TrainError", "TrainProgress", "TrainResult", "train"]

OnIteration = Callable[[TrainProgress], None]


def train(
    config: TrainConfig, folder: Path, on_iteration: OnIteration | None = None, *, resume: bool = False
) -> TrainResult:
    """Train into ``folder``; ``resume`` goes on from the checkpoint in it, with another ``seconds`` of time.

    The utility isn't trained: it keeps its tariff. TrainError when there is nothing to resume, or another run.
    """
    begin_s = time.perf_counter()
    kinds = _learned_kinds(config.scenario)
    if resume:
        read_status(folder, config)
    folder.mkdir(parents=True, exist_ok=True)
    # The networks are small: a second thread costs more than it brings.
    torch.set_num_threads(1)
    with local_ray(config.num_env_runners + 1), running(config, kinds) as algorithm:
        run = TrainingRun(config, folder, algorithm, begin_s)
        if resume:
            run.resume()
        else:
            run.start()
        while not run.finished():
            progress = run.iterate()
            if on_iteration is not None:
                on_iteration(progress)
        return run.finish()


def _learned_kinds(name: str) -> tuple[str, ...]:
    scenario = load_scenario(name)
    if not weeks_of(scenario, "validation"):
        raise TrainError(
            f"scenario {scenario.name}: splits.validation is empty; training needs a week to judge by"
        )
    return tuple(kind for kind in METERED if any(seat.kind == kind for seat in scenario.metered))
