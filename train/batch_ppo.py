"""PPO whose runners bring finished rows: no connectors, no episodes between the sampler and the learner."""

from typing import Any

from ray.rllib.algorithms.ppo import PPO
from ray.rllib.core import ALL_MODULES
from ray.rllib.evaluation.postprocessing import Postprocessing
from ray.rllib.execution.rollout_ops import synchronous_parallel_sample
from ray.rllib.policy.sample_batch import concat_samples
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

SMALLEST_DEVIATION = 1e-4


class BatchPPO(PPO):  # type: ignore[misc]  # ray's classes are untyped here
    """PPO on `gridbid.train.batch_runner.BatchEnvRunner`."""

    def training_step(self) -> None:
        """Sample, standardise advantages by kind, update, hand the weights back."""
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
        batch = concat_samples(batches) if len(batches) > 1 else batches[0]
        for rows in batch.policy_batches.values():
            advantages = rows[Postprocessing.ADVANTAGES]
            deviation = max(SMALLEST_DEVIATION, float(advantages.std()))
            rows[Postprocessing.ADVANTAGES] = (advantages - advantages.mean()) / deviation
        with self.metrics.log_time((TIMERS, LEARNER_UPDATE_TIMER)):
            learned = self.learner_group.update(
                batch=batch,
                num_epochs=self.config.num_epochs,
                minibatch_size=self.config.minibatch_size,
                shuffle_batch_per_epoch=self.config.shuffle_batch_per_epoch,
                timesteps=self._timesteps(),
            )
            self.metrics.aggregate(learned, key=LEARNER_RESULTS)
        with self.metrics.log_time((TIMERS, SYNCH_WORKER_WEIGHTS_TIMER)):
            self._hand_out_weights()

    def restore_from_path(self, path: Any, *args: Any, **kwargs: Any) -> None:
        """Restore; the runners get the critic as well, which the stock restore leaves stale."""
        super().restore_from_path(path, *args, **kwargs)
        self._hand_out_weights()

    def restore_env_runners(self, *args: Any, **kwargs: Any) -> Any:
        """Bring restarted runners back; they too get the critic."""
        restored = super().restore_env_runners(*args, **kwargs)
        if restored:
            self._hand_out_weights()
        return restored

    def _hand_out_weights(self) -> None:
        if self.env_runner_group is not None:
            self.env_runner_group.sync_weights(
                from_worker_or_learner_group=self.learner_group, inference_only=False
            )

    def _timesteps(self) -> dict[str, Any]:
        sampled = (ENV_RUNNER_RESULTS, NUM_ENV_STEPS_SAMPLED_LIFETIME)
        trained = (LEARNER_RESULTS, ALL_MODULES, NUM_MODULE_STEPS_TRAINED_LIFETIME)
        return {
            NUM_ENV_STEPS_SAMPLED_LIFETIME: self.metrics.peek(sampled, default=0),
            NUM_MODULE_STEPS_TRAINED_LIFETIME: self.metrics.peek(trained, default=0),
        }
