"""One run of training into a folder: warm start or resume, iterate, look at validation, keep the best."""

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ray.rllib.utils.metrics import (
    ENV_RUNNER_RESULTS,
    ENV_RUNNER_SAMPLING_TIMER,
    LEARNER_UPDATE_TIMER,
    NUM_AGENT_STEPS_SAMPLED,
    NUM_ENV_STEPS_SAMPLED,
    TIMERS,
)

from gridbid.agents.baselines.rule import RulePolicy
from gridbid.agents.folders import whole_folder
from gridbid.agents.named import named_policy
from gridbid.evaluate.files import write_json
from gridbid.market.errors import GridbidError
from gridbid.train.actor_critic import ActorCritic
from gridbid.train.algorithm import module_specs
from gridbid.train.batch_ppo import BatchPPO
from gridbid.train.batch_runner import SAVED_EUR_PER_DAY
from gridbid.train.config import TrainConfig
from gridbid.train.lessons import Lessons
from gridbid.train.network_policy import NetworkPolicy
from gridbid.train.progress import TrainProgress, TrainResult
from gridbid.train.validation import Validation
from gridbid.train.warm_start import clone, demonstrate, measure_scales, teach_values

CHECKPOINT, BEST, STATUS = "checkpoint", "best", "curve.json"

MAY_DIFFER = ("seconds", "iterations", "num_env_runners", "validate_every_s")
"""What a resumed run may be told anew."""

_DEMONSTRATION_BATCH, _DEMONSTRATION_STEPS, _DISTURBANCE = 32, 288, 0.1
_CLONE_UPDATES, _VALUE_UPDATES, _HORIZON = 2_000, 500, 96
_OTHER_SEED = 500_009
"""Demonstrations and validation meet other draws than the runners."""


class TrainError(GridbidError):
    """A run that can't be begun or resumed."""


class TrainingRun:
    """Drives an algorithm; everything that it writes is whole or not there."""

    def __init__(self, config: TrainConfig, folder: Path, algorithm: BatchPPO, begin_s: float) -> None:
        self._config, self._folder, self._algorithm, self._begin_s = config, folder, algorithm, begin_s
        self._kinds: tuple[str, ...] = tuple(algorithm.config.policies)
        self._modules: dict[str, ActorCritic] = {
            kind: spec.build() for kind, spec in module_specs(config, self._kinds).items()
        }
        self._validation = Validation(config.scenario, config.seed + _OTHER_SEED)
        self._validated_s = time.perf_counter()
        self._curve: list[dict[str, Any]] = []
        self._validation_eur: dict[str, float] = {}
        self._first_iteration, self._earlier_s = 0, 0.0

    def start(self) -> None:
        """Measure scales and teach the actors what the configuration names."""
        teacher = named_policy(self._config.warm_start or RulePolicy.name)
        lessons = Lessons(
            scenario=self._config.scenario,
            batch=_DEMONSTRATION_BATCH,
            seed=self._config.seed + _OTHER_SEED,
            days=self._config.days,
            samples=self._config.samples,
            community_weight=self._config.community_weight,
            gamma=self._config.gamma,
        )
        shown = demonstrate(lessons, teacher, _DEMONSTRATION_STEPS, _DISTURBANCE, self._config.seed)
        for kind, module in self._modules.items():
            measure_scales(module, shown[kind], self._config.gamma)
            if self._config.warm_start is not None:
                clone(module, shown[kind], _CLONE_UPDATES, self._config.seed)
                teach_values(
                    module, shown[kind], _HORIZON, self._config.gamma, _VALUE_UPDATES, self._config.seed
                )
        self._algorithm.set_networks({kind: module.get_state() for kind, module in self._modules.items()})
        self._validation_eur["rule"] = self._validation.j_eur(RulePolicy())
        self._validation_eur["start"] = self._validate()

    def resume(self) -> None:
        """Go on from the folder's checkpoint."""
        status = read_status(self._folder, self._config)
        self._algorithm.restore_from_path((self._folder / CHECKPOINT).absolute())
        self._curve, self._validation_eur = status["curve"], status["validation_eur"]
        self._first_iteration = self._algorithm.iteration
        self._earlier_s = self._curve[-1]["seconds"] if self._curve else 0.0

    def finished(self) -> bool:
        """Whether time or iterations are used up; the first iteration is always played."""
        played = self._algorithm.iteration - self._first_iteration
        limit = self._config.iterations
        out_of_time = time.perf_counter() - self._begin_s >= self._config.seconds
        return played > 0 and (out_of_time or (limit is not None and played >= limit))

    def iterate(self) -> TrainProgress:
        """One iteration, with a look at validation when one is due."""
        begin = time.perf_counter()
        result = self._algorithm.train()
        seconds = time.perf_counter() - begin
        due = time.perf_counter() - self._validated_s >= self._config.validate_every_s
        progress = self._progress(result, seconds, self._validate() if due else None)
        self._curve.append(asdict(progress))
        if due:
            self._save()
        return progress

    def finish(self) -> TrainResult:
        """A last look at validation, and everything written."""
        if self._curve[-1]["validation_eur"] is None:
            self._curve[-1]["validation_eur"] = self._validate()
            self._save()
        return TrainResult(
            config=self._config,
            best=self._folder / BEST,
            checkpoint=self._folder / CHECKPOINT,
            kinds=self._kinds,
            curve=self._curve,
            validation_eur=self._validation_eur,
        )

    def _progress(
        self, result: dict[str, Any], seconds: float, validation_eur: float | None
    ) -> TrainProgress:
        sampled = result[ENV_RUNNER_RESULTS]
        agent_steps = int(sum(sampled[NUM_AGENT_STEPS_SAMPLED].values()))
        earlier = self._curve[-1] if self._curve else {"env_steps": 0, "agent_steps": 0}
        returns = {kind: float(sampled[SAVED_EUR_PER_DAY][kind]) for kind in self._kinds}
        return TrainProgress(
            iteration=int(self._algorithm.iteration),
            seconds=self._earlier_s + time.perf_counter() - self._begin_s,
            env_steps=earlier["env_steps"] + int(sampled[NUM_ENV_STEPS_SAMPLED]),
            agent_steps=earlier["agent_steps"] + agent_steps,
            agent_steps_per_s=agent_steps / seconds,
            sample_s=float(result[TIMERS][ENV_RUNNER_SAMPLING_TIMER]),
            update_s=float(result[TIMERS][LEARNER_UPDATE_TIMER]),
            returns=returns,
            return_sum=sum(returns.values()),
            validation_eur=validation_eur,
        )

    def _validate(self) -> float:
        """J of the networks as they are, which are kept if they are the best so far."""
        for kind, state in self._algorithm.networks().items():
            self._modules[kind].set_state(state)
        j_eur = self._validation.j_eur(NetworkPolicy(self._modules))
        if j_eur < self._validation_eur.get("best", float("inf")):
            self._validation_eur["best"] = j_eur
            with whole_folder(self._folder / BEST) as draft:
                for kind, module in self._modules.items():
                    module.save_to_path(draft.absolute() / kind)
        self._validated_s = time.perf_counter()
        return j_eur

    def _save(self) -> None:
        with whole_folder(self._folder / CHECKPOINT) as draft:
            self._algorithm.save_to_path(draft.absolute())
        status = {
            "config": self._config.as_dict(),
            "validation_eur": self._validation_eur,
            "curve": self._curve,
        }
        write_json(self._folder / STATUS, status)


def read_status(folder: Path, config: TrainConfig) -> dict[str, Any]:
    """What a folder's run has reached. TrainError when there is none, or it was told something else."""
    try:
        status: dict[str, Any] = json.loads((folder / STATUS).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise TrainError(
            f"{folder}: nothing to resume, {STATUS} is missing; train without resuming first"
        ) from error
    told = config.as_dict()
    for name, earlier in status["config"].items():
        if name not in MAY_DIFFER and told.get(name) != earlier:
            raise TrainError(
                f"{name}: {told.get(name)!r}, but the run in {folder} has {earlier!r}; resume it with that"
            )
    return status
