"""PPO on whole batches: runner -> batches by kind -> learner, without connectors and episodes in between."""

import numpy as np
from ray.rllib.algorithms.ppo import PPO, PPOConfig
from ray.rllib.core import ALL_MODULES, COMPONENT_LEARNER, COMPONENT_RL_MODULE
from ray.rllib.evaluation.postprocessing import Postprocessing
from ray.rllib.execution.rollout_ops import synchronous_parallel_sample
from ray.rllib.policy.sample_batch import MultiAgentBatch, SampleBatch, concat_samples
from ray.rllib.utils.metrics import (
    ENV_RUNNER_RESULTS,
    ENV_RUNNER_SAMPLING_TIMER,
    LEARNER_RESULTS,
    LEARNER_UPDATE_TIMER,
    NUM_ENV_STEPS_SAMPLED_LIFETIME,
    NUM_MODULE_STEPS_TRAINED_LIFETIME,
    SYNCH_WORKER_WEIGHTS_TIMER,
    TIMERS,
)

_LEAST_SPREAD = 1e-4


class BatchPPOConfig(PPOConfig):  # type: ignore[misc]  # Ray's classes carry no types
    """PPO's configuration with ``n_minibatches``: each kind's batch is cut into as many, whatever its size."""

    def __init__(self, algo_class: type | None = None) -> None:
        super().__init__(algo_class or BatchPPO)
        self.n_minibatches = 8


class BatchPPO(PPO):  # type: ignore[misc]  # Ray's classes carry no types
    """PPO that trains each kind on its whole batch, so that few batteries don't get more epochs than many homes."""

    def training_step(self) -> None:
        """Sample, standardise advantages by kind, update, sync the weights."""
        with self.metrics.log_time((TIMERS, ENV_RUNNER_SAMPLING_TIMER)):
            batches, results = synchronous_parallel_sample(
                worker_set=self.env_runner_group,
                max_env_steps=self.config.total_train_batch_size,
                sample_timeout_s=self.config.sample_timeout_s,
                concat=False,
                _uses_new_env_runners=True,
                _return_metrics=True,
            )
        if not batches:
            return
        self.metrics.aggregate(results, key=ENV_RUNNER_RESULTS)
        with self.metrics.log_time((TIMERS, LEARNER_UPDATE_TIMER)):
            for kind, batch in concat_samples(batches).policy_batches.items():
                self._update(kind, batch)
        with self.metrics.log_time((TIMERS, SYNCH_WORKER_WEIGHTS_TIMER)):
            self.env_runner_group.sync_weights(from_worker_or_learner_group=self.learner_group)

    def set_networks(self, states: dict[str, dict[str, np.ndarray]]) -> None:
        """Replace the weights by kind, in the learner and in all runners."""
        self.learner_group.set_state({COMPONENT_LEARNER: {COMPONENT_RL_MODULE: states}})
        self.env_runner_group.sync_weights(from_worker_or_learner_group=self.learner_group)

    def networks(self) -> dict[str, dict[str, np.ndarray]]:
        """The learner's weights by kind, copied."""
        state = self.learner_group.get_state(components=f"{COMPONENT_LEARNER}/{COMPONENT_RL_MODULE}")
        kinds = state[COMPONENT_LEARNER][COMPONENT_RL_MODULE]
        return {
            kind: {name: np.array(value) for name, value in weights.items()}
            for kind, weights in kinds.items()
        }

    def _update(self, kind: str, batch: SampleBatch) -> None:
        advantages = batch[Postprocessing.ADVANTAGES]
        spread = max(_LEAST_SPREAD, float(advantages.std()))
        batch[Postprocessing.ADVANTAGES] = (advantages - advantages.mean()) / spread
        results = self.learner_group.update(
            batch=MultiAgentBatch({kind: batch}, env_steps=len(batch)),
            timesteps={
                NUM_ENV_STEPS_SAMPLED_LIFETIME: self.metrics.peek(
                    (ENV_RUNNER_RESULTS, NUM_ENV_STEPS_SAMPLED_LIFETIME), default=0
                ),
                NUM_MODULE_STEPS_TRAINED_LIFETIME: self.metrics.peek(
                    (LEARNER_RESULTS, ALL_MODULES, NUM_MODULE_STEPS_TRAINED_LIFETIME), default=0
                ),
            },
            num_epochs=self.config.num_epochs,
            minibatch_size=-(-len(batch) // self.config.n_minibatches),
            shuffle_batch_per_epoch=self.config.shuffle_batch_per_epoch,
        )
        self.metrics.aggregate(results, key=LEARNER_RESULTS)
