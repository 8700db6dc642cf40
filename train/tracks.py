"""What the agents of one kind saw, did and got in a fragment, and the training batch that comes of it."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from ray.rllib.core.columns import Columns
from ray.rllib.evaluation.postprocessing import Postprocessing
from ray.rllib.policy.sample_batch import SampleBatch
from torch.distributions import Normal

from gridbid.train.actor_critic import ActorCritic
from gridbid.train.advantages import estimate_advantages

Singles = NDArray[np.float32]


class Track:
    """Arrays (T, M, ...) of T steps by M rows: every agent of the kind in every community is a row."""

    def __init__(self, module: ActorCritic, n_steps: int, n_rows: int) -> None:
        n_seen, n_actions = module.observation_space.shape[0], module.action_space.shape[0]
        self._module = module
        self._reward_scale = float(module.reward_scale)
        self.observations = np.empty((n_steps + 1, n_rows, n_seen), np.float32)
        self.actions = np.empty((n_steps, n_rows, n_actions), np.float32)
        self.inputs = np.empty((n_steps, n_rows, 2 * n_actions), np.float32)
        self.rewards = np.empty((n_steps, n_rows), np.float32)
        self._last_seen: dict[int, Singles] = {}

    def act(self, step: int, observations: Singles, noise: torch.Tensor | None) -> Singles:
        """Note what is seen (communities, agents, observation), and decide: the mean and its spread times ``noise``.

        Actions have the same leading axes; what leaves the unit box is clipped by the environment.
        """
        rows = observations.reshape(self.observations.shape[1:])
        self.observations[step] = rows
        inputs = self._module.forward_exploration({Columns.OBS: torch.from_numpy(rows)})[
            Columns.ACTION_DIST_INPUTS
        ]
        mean, log_std = inputs.chunk(2, dim=-1)
        actions = mean if noise is None else mean + log_std.exp() * noise
        self.inputs[step], self.actions[step] = inputs.numpy(), actions.numpy()
        return self.actions[step].reshape(*observations.shape[:2], -1)

    def earn(self, step: int, reward_eur: Singles) -> None:
        """Note what the step brought (communities, agents)."""
        self.rewards[step] = reward_eur.reshape(-1) / self._reward_scale

    def earned_eur(self) -> float:
        """Sum of all rewards, EUR."""
        return float(self.rewards.sum(dtype=np.float64)) * self._reward_scale

    def cut(self, step: int, last_seen: Singles) -> None:
        """The episode is cut after ``step``; ``last_seen`` is what its agents saw then."""
        self._last_seen[step] = last_seen.reshape(self.observations.shape[1:])

    def batch(self, following: Singles, gamma: float, lam: float) -> SampleBatch:
        """The training batch, rows by steps; ``following`` is what is seen after the last step."""
        self.observations[-1] = following.reshape(self.observations.shape[1:])
        values = self._values(self.observations)
        next_values = values[1:].copy()
        cuts = np.zeros(self.rewards.shape[0], np.bool_)
        for step, last_seen in self._last_seen.items():
            next_values[step], cuts[step] = self._values(last_seen), True
        advantages = np.empty_like(self.rewards)
        estimate_advantages(self.rewards, values[:-1], next_values, cuts, gamma, lam, advantages)
        columns = {
            Columns.OBS: self.observations[:-1],
            Columns.ACTIONS: self.actions,
            Columns.ACTION_DIST_INPUTS: self.inputs,
            Columns.ACTION_LOGP: self._log_likelihood(),
            Postprocessing.ADVANTAGES: advantages,
            Postprocessing.VALUE_TARGETS: advantages + values[:-1],
        }
        return SampleBatch(_flat(columns))

    def _values(self, observations: Singles) -> Singles:
        rows = torch.from_numpy(observations.reshape(-1, observations.shape[-1]))
        return self._module.compute_values({Columns.OBS: rows}).numpy().reshape(observations.shape[:-1])

    def _log_likelihood(self) -> Singles:
        mean, log_std = torch.from_numpy(self.inputs).chunk(2, dim=-1)
        return Normal(mean, log_std.exp()).log_prob(torch.from_numpy(self.actions)).sum(-1).numpy()


def _flat(columns: Mapping[str, Singles]) -> dict[str, Singles]:
    """Steps and rows joined to one axis."""
    return {name: values.reshape(-1, *values.shape[2:]) for name, values in columns.items()}
