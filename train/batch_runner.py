"""RLlib's face of the batch environment: many communities in one runner, no dictionaries by agent, no episode objects.

What needs Ray's unstable corners stands here and in `batch_ppo`: Ray is pinned, and the tests of both are its contract.
"""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import ray
import torch
from gymnasium.spaces import Box, Dict
from numpy.typing import NDArray
from ray.rllib.core import COMPONENT_RL_MODULE
from ray.rllib.env import INPUT_ENV_SINGLE_SPACES, INPUT_ENV_SPACES
from ray.rllib.env.env_runner import EnvRunner
from ray.rllib.policy.sample_batch import MultiAgentBatch
from ray.rllib.utils.checkpoints import Checkpointable
from ray.rllib.utils.metrics import (
    NUM_AGENT_STEPS_SAMPLED,
    NUM_AGENT_STEPS_SAMPLED_LIFETIME,
    NUM_ENV_STEPS_SAMPLED,
    NUM_ENV_STEPS_SAMPLED_LIFETIME,
    NUM_MODULE_STEPS_SAMPLED,
    NUM_MODULE_STEPS_SAMPLED_LIFETIME,
    SAMPLE_TIMER,
    WEIGHTS_SEQ_NO,
)

from gridbid.envs.fields import action_space, observation_space
from gridbid.train.lessons import Course, Lessons
from gridbid.train.tracks import Track

SAVED_EUR_PER_DAY = "saved_eur_per_day"
"""Metric by kind: what its agents saved in a day, EUR, mean over communities, exploring."""

Singles = NDArray[np.float32]


def module_spaces(kinds: tuple[str, ...]) -> dict[str, tuple[Box, Box]]:
    """Observation and action space of each kind: its module's, and each of its agents'."""
    return {kind: (observation_space(kind), action_space(kind)) for kind in kinds}


class BatchEnvRunner(EnvRunner, Checkpointable):  # type: ignore[misc]  # Ray's classes carry no types
    """Steps ``num_envs_per_env_runner`` communities in lockstep and returns whole training batches by kind.

    ``env_config`` holds the arguments of `gridbid.train.lessons.Lessons` beside batch and seed. Draws follow from the
    seed, the runner's index and the steps sampled so far: a restored runner goes on with fresh ones.
    """

    def __init__(self, *, config: Any, **kwargs: Any) -> None:
        super().__init__(config=config, **kwargs)
        self.kinds: tuple[str, ...] = tuple(self.config.policies)
        self.module: Any = None
        self.env: Course | None = None
        self._generator = torch.Generator()
        self._weights_seq_no = 0
        if self.worker_index or self.config.num_env_runners == 0 or self.config.create_env_on_local_worker:
            self.make_env()
        self.make_module()

    def make_env(self) -> None:
        """Build the communities; another index draws other prices, cars and weeks."""
        self.env = Lessons(
            batch=self.config.num_envs_per_env_runner, seed=self._seed or 0, **self.config.env_config
        )

    def make_module(self) -> None:
        """Build the networks, with the critic."""
        spec = self.config.get_multi_rl_module_spec(env=None, spaces=self.get_spaces(), inference_only=False)
        self.module = spec.build()

    def get_spaces(self) -> dict[str, tuple[Any, ...]]:
        """Spaces by module, and what RLlib asks for as the environment's: one agent for each kind."""
        spaces = module_spaces(self.kinds)
        everybody = tuple(Dict({f"{kind}_0": pair[side] for kind, pair in spaces.items()}) for side in (0, 1))
        return {**spaces, INPUT_ENV_SPACES: everybody, INPUT_ENV_SINGLE_SPACES: everybody}

    def assert_healthy(self) -> None:
        """RLlib's check that the runner can sample."""
        assert self.module is not None and self.env is not None

    def stop(self) -> None:
        """Nothing to release."""

    @torch.inference_mode()
    def sample(
        self, *, num_timesteps: int | None = None, explore: bool | None = None, **_: Any
    ) -> MultiAgentBatch:
        """Play ``num_timesteps`` steps in all communities together, or the configured fragment."""
        begin = time.perf_counter()
        assert self.env is not None, "the local runner has no communities when remote ones sample"
        exploring = self.config.explore if explore is None else explore
        n_steps = self.config.get_rollout_fragment_length(self.worker_index or 0)
        if num_timesteps is not None:
            n_steps = max(1, num_timesteps // self.env.batch)
        tracks = self._play(self.env, n_steps, exploring)
        following = self.env.observations
        batches = {
            kind: track.batch(following[kind], self.config.gamma, self.config.lambda_)
            for kind, track in tracks.items()
        }
        self._log(self.env, n_steps, tracks)
        self.metrics.log_value(SAMPLE_TIMER, time.perf_counter() - begin, window=1)
        return MultiAgentBatch(batches, env_steps=n_steps * self.env.batch)

    def get_metrics(self) -> Any:
        """What was logged since the last call."""
        return self.metrics.reduce()

    def get_state(
        self, components: Any = None, *, not_components: Any = None, **kwargs: Any
    ) -> dict[str, Any]:
        """Steps so far, and the networks when asked for."""
        state: dict[str, Any] = {NUM_ENV_STEPS_SAMPLED_LIFETIME: self.num_env_steps_sampled_lifetime}
        if self._check_component(COMPONENT_RL_MODULE, components, not_components):
            state[COMPONENT_RL_MODULE] = self.module.get_state(
                components=self._get_subcomponents(COMPONENT_RL_MODULE, components),
                not_components=self._get_subcomponents(COMPONENT_RL_MODULE, not_components),
                **kwargs,
            )
            state[WEIGHTS_SEQ_NO] = self._weights_seq_no
        return state

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Take on what is given. Sampling waits for training, so weights that arrive are never older than one's own."""
        if COMPONENT_RL_MODULE in state:
            weights = state[COMPONENT_RL_MODULE]
            self.module.set_state(ray.get(weights) if isinstance(weights, ray.ObjectRef) else weights)
            self._weights_seq_no = state.get(WEIGHTS_SEQ_NO, 0)
        if NUM_ENV_STEPS_SAMPLED_LIFETIME in state:
            self.num_env_steps_sampled_lifetime = state[NUM_ENV_STEPS_SAMPLED_LIFETIME]

    def get_ctor_args_and_kwargs(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What a checkpoint needs to build the runner anew."""
        return (), {"config": self.config}

    def get_checkpointable_components(self) -> list[tuple[str, Any]]:
        """The networks."""
        return [(COMPONENT_RL_MODULE, self.module)]

    def _play(self, env: Course, n_steps: int, exploring: bool) -> dict[str, Track]:
        seed = (self._seed or 0) * 1_000_003 + self.num_env_steps_sampled_lifetime
        self._generator.manual_seed(seed)
        env.reseed(seed)
        rows = {kind: env.batch * len(env.agents[kind]) for kind in self.kinds}
        tracks = {kind: Track(self.module[kind], n_steps, rows[kind]) for kind in self.kinds}
        for step in range(n_steps):
            noise = {kind: self._noise(tracks[kind]) if exploring else None for kind in self.kinds}
            actions = {
                kind: track.act(step, env.observations[kind], noise[kind]) for kind, track in tracks.items()
            }
            rewards, last_seen = env.step(actions)
            for kind, track in tracks.items():
                track.earn(step, rewards[kind])
                if last_seen is not None:
                    track.cut(step, last_seen[kind])
        return tracks

    def _noise(self, track: Track) -> torch.Tensor:
        return torch.randn(track.actions.shape[1:], generator=self._generator)

    def _log(self, env: Course, n_steps: int, tracks: Mapping[str, Track]) -> None:
        steps = n_steps * env.batch
        self.num_env_steps_sampled_lifetime += steps
        self._count(NUM_ENV_STEPS_SAMPLED, NUM_ENV_STEPS_SAMPLED_LIFETIME, (), steps)
        for kind, track in tracks.items():
            agent_steps = track.rewards.size
            self._count(NUM_AGENT_STEPS_SAMPLED, NUM_AGENT_STEPS_SAMPLED_LIFETIME, (kind,), agent_steps)
            self._count(NUM_MODULE_STEPS_SAMPLED, NUM_MODULE_STEPS_SAMPLED_LIFETIME, (kind,), agent_steps)
            saved = track.earned_eur() / (steps * env.days_per_step)
            self.metrics.log_value((SAVED_EUR_PER_DAY, kind), saved, window=1)
        self.metrics.log_value(WEIGHTS_SEQ_NO, self._weights_seq_no, window=1)

    def _count(self, name: str, lifetime: str, key: tuple[str, ...], steps: int) -> None:
        self.metrics.log_value((name, *key), steps, reduce="sum")
        self.metrics.log_value((lifetime, *key), steps, reduce="lifetime_sum")
