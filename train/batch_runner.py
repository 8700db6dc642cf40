"""An RLlib EnvRunner on the batch face: no dictionaries by agent, no episodes, one forward pass for each kind.

RLlib's own multi-agent runner spends nine tenths of its time in those. It is written against ray 2.60 (pinned), whose
EnvRunner is a public alpha interface; everything that touches it is in this file and in `batch_ppo`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import gymnasium as gym
import numpy as np
import ray
import torch
from numpy.typing import NDArray
from ray.rllib.algorithms.algorithm_config import AlgorithmConfig
from ray.rllib.core import COMPONENT_RL_MODULE
from ray.rllib.core.columns import Columns
from ray.rllib.core.rl_module.multi_rl_module import MultiRLModule
from ray.rllib.env import INPUT_ENV_SINGLE_SPACES, INPUT_ENV_SPACES
from ray.rllib.env.env_runner import EnvRunner
from ray.rllib.evaluation.postprocessing import Postprocessing
from ray.rllib.policy.sample_batch import MultiAgentBatch, SampleBatch
from ray.rllib.utils.checkpoints import Checkpointable
from ray.rllib.utils.metrics import (
    EPISODE_LEN_MEAN,
    EPISODE_MODULE_RETURN_MEAN,
    EPISODE_RETURN_MEAN,
    NUM_AGENT_STEPS_SAMPLED,
    NUM_AGENT_STEPS_SAMPLED_LIFETIME,
    NUM_ENV_STEPS_SAMPLED,
    NUM_ENV_STEPS_SAMPLED_LIFETIME,
    NUM_EPISODES,
    NUM_EPISODES_LIFETIME,
    NUM_MODULE_STEPS_SAMPLED,
    NUM_MODULE_STEPS_SAMPLED_LIFETIME,
    WEIGHTS_SEQ_NO,
)

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.train.advantages import estimate_advantages
from gridbid.train.passive import PassiveCost

Singles = NDArray[np.float32]

REWARD_EUR_PER_KW = 0.05
"""A reward of 1: what a seat's largest rating costs in a slot at 20 ct/kWh; it makes homes and farms alike."""


@dataclass
class Fragment:
    """What one kind saw and did over a stretch of steps; rows are communities x agents."""

    observations: Singles
    actions: Singles
    log_probabilities: Singles
    distribution: Singles
    rewards: Singles
    ended: NDArray[np.bool_]

    @classmethod
    def empty(cls, n_steps: int, n_rows: int, kind: str) -> "Fragment":
        """Room for ``n_steps`` steps and the observation after them."""
        observed = fields.observation_space(kind).shape[0]
        acted = fields.action_space(kind).shape[0]
        return cls(
            np.empty((n_steps + 1, n_rows, observed), np.float32),
            np.empty((n_steps, n_rows, acted), np.float32),
            np.empty((n_steps, n_rows), np.float32),
            np.empty((n_steps, n_rows, 2 * acted), np.float32),
            np.empty((n_steps, n_rows), np.float32),
            np.zeros((n_steps, n_rows), np.bool_),
        )


@dataclass
class EpisodeReturns:
    """Sums of raw rewards (EUR) of the running episodes (B,) by kind, and of those that have ended since last asked."""

    running: dict[str, NDArray[np.float64]]
    ended: dict[str, list[float]] = field(default_factory=dict)

    def add(self, kind: str, rewards: Singles, done: NDArray[np.bool_]) -> None:
        """Add a step's rewards (B, agents); an ended episode's sum moves over."""
        self.running[kind] += rewards.sum(axis=1)
        self.ended.setdefault(kind, []).extend(self.running[kind][done].tolist())
        self.running[kind][done] = 0.0


class BatchEnvRunner(EnvRunner, Checkpointable):  # type: ignore[misc]  # ray's classes are untyped here
    """Samples ``num_envs_per_env_runner`` communities at once; configured by ``env_config`` (see `gridbid.train.ppo`)."""

    def __init__(self, *, config: AlgorithmConfig, **kwargs: Any) -> None:
        super().__init__(config=config, **kwargs)
        self._kinds: tuple[str, ...] = tuple(config.env_config["kinds"])
        self._weights_seq_no = 0
        self._env_to_module = self._module_to_env = None
        self.env: BatchEnv | None = None
        if self._samples_here():
            self.make_env()
        self.module: MultiRLModule | None = None
        self.make_module()

    def _samples_here(self) -> bool:
        return bool(
            self.worker_index or self.config.num_env_runners == 0 or self.config.create_env_on_local_worker
        )

    def make_env(self) -> None:
        """Make the communities; each runner has a stream of its own."""
        settings = self.config.env_config
        batch = self.config.num_envs_per_env_runner
        seed = int(settings["seed"]) + 1_000 * int(self.worker_index or 0)
        self.env = BatchEnv(
            settings["scenario"], batch, seed=seed, samples=settings["samples"], n_slots=settings["episode_slots"]
        )
        self._random = np.random.default_rng(seed)
        self._passive = PassiveCost(batch, self.env.community.n_participants)
        self._returns = EpisodeReturns({kind: np.zeros(batch) for kind in self._kinds})
        site_kw = self.env.compiled.tables.site_kw
        self._reward_scale = {
            kind: (1.0 / (REWARD_EUR_PER_KW * site_kw[seats])).astype(np.float32)
            for kind, seats in self.env.seats.items()
        }
        self._observations = self._reset(np.ones(batch, np.bool_))

    def make_module(self) -> None:
        """Make the modules whole: the critic is needed here, for advantages."""
        spec = self.config.get_multi_rl_module_spec(spaces=self.get_spaces(), inference_only=False)
        self.module = spec.build()

    def get_spaces(self) -> dict[str, Any]:
        """Spaces by module, and by one agent of each kind."""
        spaces = {kind: (fields.observation_space(kind), fields.action_space(kind)) for kind in self._kinds}
        observed = gym.spaces.Dict({f"{kind}_0": pair[0] for kind, pair in spaces.items()})
        acted = gym.spaces.Dict({f"{kind}_0": pair[1] for kind, pair in spaces.items()})
        return {INPUT_ENV_SPACES: (observed, acted), INPUT_ENV_SINGLE_SPACES: (observed, acted), **spaces}

    @torch.inference_mode()
    def sample(
        self,
        *,
        num_timesteps: int | None = None,
        num_episodes: int | None = None,
        explore: bool | None = None,
        force_reset: bool = False,
        **_: Any,
    ) -> MultiAgentBatch:
        """Play all communities and return rows for PPO; ``num_timesteps`` counts steps of communities."""
        assert self.env is not None
        explore = self.config.explore if explore is None else explore
        n_steps = self._n_steps(num_timesteps, num_episodes)
        if force_reset or num_episodes is not None:
            self._observations = self._reset(np.ones(self.env.batch, np.bool_))
        fragments = {
            kind: Fragment.empty(n_steps, self.env.batch * self.env.seats[kind].size, kind) for kind in self._kinds
        }
        for step in range(n_steps):
            self._play_step(fragments, step, explore)
        rows = {kind: self._to_rows(kind, fragment) for kind, fragment in fragments.items()}
        self._log(n_steps)
        return MultiAgentBatch(rows, env_steps=n_steps * self.env.batch)

    def _n_steps(self, num_timesteps: int | None, num_episodes: int | None) -> int:
        assert self.env is not None
        if num_episodes is not None:
            return self.env.n_slots * self.env.community.rules.rounds * -(-num_episodes // self.env.batch)
        if num_timesteps is not None:
            return max(1, num_timesteps // self.env.batch)
        return max(1, int(self.config.get_rollout_fragment_length(self.worker_index or 0)))

    def _play_step(self, fragments: Mapping[str, Fragment], step: int, explore: bool) -> None:
        assert self.env is not None
        actions = {kind: self._act(kind, fragments[kind], step, explore) for kind in self._kinds}
        self._passive.clear()
        self._observations, rewards, done = self.env.step(actions, self._passive)
        for kind, fragment in fragments.items():
            seats = self.env.seats[kind]
            self._returns.add(kind, rewards[kind], done)
            gained = rewards[kind] + self._passive.cost_eur[:, seats].astype(np.float32)
            fragment.rewards[step] = (gained * self._reward_scale[kind]).reshape(-1)
            fragment.ended[step] = np.repeat(done, seats.size)
        if done.any():
            self._bootstrap(fragments, step, done)
            self._observations = self._reset(done)

    def _act(self, kind: str, fragment: Fragment, step: int, explore: bool) -> Singles:
        assert self.env is not None
        assert self.module is not None
        rows = self._observations[kind].reshape(fragment.observations.shape[1:])
        fragment.observations[step] = rows
        module, batch = self.module[kind], {Columns.OBS: torch.from_numpy(rows)}
        forward = module.forward_exploration if explore else module.forward_inference
        inputs = forward(batch)[Columns.ACTION_DIST_INPUTS]
        distribution = module.get_exploration_action_dist_cls().from_logits(inputs)
        drawn = distribution.sample() if explore else distribution.to_deterministic().sample()
        fragment.actions[step] = drawn.numpy()
        fragment.distribution[step] = inputs.numpy()
        fragment.log_probabilities[step] = distribution.logp(drawn).numpy()
        clipped = np.clip(fragment.actions[step], -1.0, 1.0)
        return clipped.reshape(self.env.batch, self.env.seats[kind].size, -1)

    def _bootstrap(self, fragments: Mapping[str, Fragment], step: int, done: NDArray[np.bool_]) -> None:
        """An episode is cut off, not over: its last reward takes in what the critic expects to follow."""
        for kind, fragment in fragments.items():
            final = self._observations[kind][done]
            expected = self._values(kind, final.reshape(-1, final.shape[-1]))
            fragment.rewards[step, fragment.ended[step]] += self.config.gamma * expected

    def _values(self, kind: str, rows: Singles) -> Singles:
        assert self.module is not None
        values = self.module[kind].compute_values({Columns.OBS: torch.from_numpy(rows)})
        return np.asarray(values.numpy(), np.float32)

    def _to_rows(self, kind: str, fragment: Fragment) -> SampleBatch:
        """Advantages and value targets; rows beyond ``rows_per_kind`` are dropped at random.

        The learner goes through the largest kind's rows, and through a smaller one's again and again meanwhile: with
        as many rows for each, all are trained alike.
        """
        n_steps, n_rows = fragment.rewards.shape
        fragment.observations[n_steps] = self._observations[kind].reshape(n_rows, -1)
        observations = fragment.observations.reshape(-1, fragment.observations.shape[-1])
        values = self._values(kind, observations).reshape(n_steps + 1, n_rows)
        advantages = np.empty_like(fragment.rewards)
        estimate_advantages(
            fragment.rewards, values, fragment.ended, self.config.gamma, self.config.lambda_, advantages
        )
        limit = int(self.config.env_config["rows_per_kind"])
        kept = self._random.permutation(n_steps * n_rows)[:limit]
        columns = {
            Columns.OBS: observations[: n_steps * n_rows],
            Columns.ACTIONS: fragment.actions.reshape(n_steps * n_rows, -1),
            Columns.ACTION_DIST_INPUTS: fragment.distribution.reshape(n_steps * n_rows, -1),
            Columns.ACTION_LOGP: fragment.log_probabilities.reshape(-1),
            Postprocessing.ADVANTAGES: advantages.reshape(-1),
            Postprocessing.VALUE_TARGETS: (advantages + values[:-1]).reshape(-1),
        }
        return SampleBatch({name: np.ascontiguousarray(column[kept]) for name, column in columns.items()})

    def _reset(self, mask: NDArray[np.bool_]) -> dict[str, Singles]:
        """Episodes begin on any day of a training week that leaves them room."""
        assert self.env is not None
        days = 7 - self.env.n_slots // 96
        return self.env.reset(mask, day=self._random.integers(0, max(1, days + 1), self.env.batch))

    def _log(self, n_steps: int) -> None:
        assert self.env is not None
        steps = n_steps * self.env.batch
        log = self.metrics.log_value
        log(NUM_ENV_STEPS_SAMPLED, steps, reduce="sum")
        log(NUM_ENV_STEPS_SAMPLED_LIFETIME, steps, reduce="lifetime_sum", with_throughput=True)
        for kind in self._kinds:
            rows = steps * self.env.seats[kind].size
            for each, lifetime in (
                (NUM_MODULE_STEPS_SAMPLED, NUM_MODULE_STEPS_SAMPLED_LIFETIME),
                (NUM_AGENT_STEPS_SAMPLED, NUM_AGENT_STEPS_SAMPLED_LIFETIME),
            ):
                log((each, kind), rows, reduce="sum")
                log((lifetime, kind), rows, reduce="lifetime_sum")
        if any(self._returns.ended.values()):
            n_ended = len(self._returns.ended[self._kinds[0]])
            log(NUM_EPISODES, n_ended, reduce="sum")
            log(NUM_EPISODES_LIFETIME, n_ended, reduce="lifetime_sum")
            log(EPISODE_LEN_MEAN, float(self.env.n_slots), window=1)
            means = {kind: float(np.mean(ended)) for kind, ended in self._returns.ended.items()}
            log(EPISODE_RETURN_MEAN, sum(means.values()), window=1)
            for kind, mean in means.items():
                log((EPISODE_MODULE_RETURN_MEAN, kind), mean, window=1)
            self._returns.ended.clear()
        log(WEIGHTS_SEQ_NO, self._weights_seq_no, window=1)

    # --- RLlib's bookkeeping

    def get_metrics(self) -> dict[str, Any]:
        """What was logged since last asked."""
        return dict(self.metrics.reduce())

    def assert_healthy(self) -> None:
        """A runner with a module can sample."""
        assert self.module is not None

    def stop(self) -> None:
        """Nothing to release."""

    def get_state(self, components: Any = None, *, not_components: Any = None, **kwargs: Any) -> dict[str, Any]:
        """The whole module, critic included, and which weights it has."""
        assert self.module is not None
        state: dict[str, Any] = {}
        if self._check_component(COMPONENT_RL_MODULE, components, not_components):
            state[COMPONENT_RL_MODULE] = self.module.get_state(
                components=self._get_subcomponents(COMPONENT_RL_MODULE, components),
                not_components=self._get_subcomponents(COMPONENT_RL_MODULE, not_components),
                **{**kwargs, "inference_only": False},
            )
            state[WEIGHTS_SEQ_NO] = self._weights_seq_no
        return state

    def set_state(self, state: dict[str, Any]) -> None:
        """Take over weights that are not older than one's own."""
        assert self.module is not None
        if COMPONENT_RL_MODULE not in state:
            return
        sequence = int(state.get(WEIGHTS_SEQ_NO, 0))
        if sequence == 0 or self._weights_seq_no <= sequence:
            weights = state[COMPONENT_RL_MODULE]
            self.module.set_state(ray.get(weights) if isinstance(weights, ray.ObjectRef) else weights)
        if sequence > 0:
            self._weights_seq_no = sequence

    def get_ctor_args_and_kwargs(self) -> tuple[tuple[()], dict[str, Any]]:
        """How to make this runner again."""
        return (), {"config": self.config}

    def get_checkpointable_components(self) -> list[tuple[str, Any]]:
        """The module."""
        return [(COMPONENT_RL_MODULE, self.module)]
