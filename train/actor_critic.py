"""The network of a kind: an actor and a critic over normalised observations, as RLlib takes them."""

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from ray.rllib.core.columns import Columns
from ray.rllib.core.rl_module.apis.value_function_api import ValueFunctionAPI
from ray.rllib.core.rl_module.torch.torch_rl_module import TorchRLModule
from torch import nn

from gridbid.train.presence import presence_weights

MAX_NORMALISED = 10.0
"""Normalised observations are clipped to it: what was never seen can't saturate everything."""

LEAST_STD = 1e-3
LEAST_LOG_STD, MOST_LOG_STD = math.log(0.02), 0.0

_ACTOR_GAIN, _HIDDEN_GAIN = 0.01, math.sqrt(2.0)


class ActorCritic(TorchRLModule, ValueFunctionAPI):  # type: ignore[misc]  # Ray's classes carry no types
    """Gaussian actor with its own spread for each action, and critic: two separate tanh networks.

    ``model_config``: ``kind``, ``hidden`` (sizes), ``log_std`` (initial). Actions that can't matter (`presence`) are 0 and
    have a spread of their own that nothing changes, so that no gradient comes of them. The buffers ``observation_mean``, ``observation_std`` and
    ``reward_scale`` (EUR) are set once, before training, and travel with the weights.

    It is no InferenceOnlyAPI on purpose: then every way in which RLlib syncs weights carries the critic, which the
    runners need for their advantages, also to a runner that was restarted or restored.
    """

    def setup(self) -> None:
        """Build the networks from the spaces and ``model_config``."""
        n_seen, n_actions = self.observation_space.shape[0], self.action_space.shape[0]
        hidden = self.model_config["hidden"]
        self.register_buffer("observation_mean", torch.zeros(n_seen))
        self.register_buffer("observation_std", torch.ones(n_seen))
        self.register_buffer("reward_scale", torch.ones(()))
        weights, bias = presence_weights(self.model_config["kind"])
        self.register_buffer("presence_weight", torch.from_numpy(weights), persistent=False)
        self.register_buffer("presence_bias", torch.from_numpy(bias), persistent=False)
        self.actor = _network((n_seen, *hidden, n_actions), _ACTOR_GAIN)
        self.critic = _network((n_seen, *hidden, 1), 1.0)
        self.log_std = nn.Parameter(torch.full((n_actions,), float(self.model_config["log_std"])))

    def normalise(self, observations: torch.Tensor) -> torch.Tensor:
        """Observations with the buffers' mean and spread taken out."""
        scaled = (observations - self.observation_mean) / self.observation_std
        return scaled.clamp(-MAX_NORMALISED, MAX_NORMALISED)

    def mean_action(self, observations: torch.Tensor) -> torch.Tensor:
        """What the policy does without exploring, in the unit box: what is exported."""
        mean = self.actor(self.normalise(observations)).clamp(-1.0, 1.0)
        return mean * self.present(observations)

    def present(self, observations: torch.Tensor) -> torch.Tensor:
        """Which actions can matter, (rows, action)."""
        return nn.functional.linear(observations, self.presence_weight, self.presence_bias) > 0.0

    def compute_values(self, batch: Mapping[str, Any], embeddings: Any = None) -> torch.Tensor:
        """Expected return of each row, in units of ``reward_scale``."""
        return self.critic(self.normalise(batch[Columns.OBS])).squeeze(-1)

    def set_scales(
        self, observation_mean: NDArray[np.float64], observation_std: NDArray[np.float64], reward_scale: float
    ) -> None:
        """Set the buffers; a field that hardly varies keeps LEAST_STD."""
        self.observation_mean.copy_(torch.as_tensor(observation_mean))
        self.observation_std.copy_(torch.as_tensor(np.maximum(observation_std, LEAST_STD)))
        self.reward_scale.fill_(reward_scale)

    def _forward(self, batch: Mapping[str, Any], **_: Any) -> dict[str, torch.Tensor]:
        present = self.present(batch[Columns.OBS])
        mean = self.actor(self.normalise(batch[Columns.OBS])) * present
        log_std = self.log_std.clamp(LEAST_LOG_STD, MOST_LOG_STD).expand_as(mean)
        log_std = torch.where(present, log_std, torch.full_like(log_std, LEAST_LOG_STD))
        return {Columns.ACTION_DIST_INPUTS: torch.cat([mean, log_std], dim=-1)}


def _network(sizes: tuple[int, ...], last_gain: float) -> nn.Sequential:
    layers: list[nn.Module] = []
    for place, (n_in, n_out) in enumerate(pairwise(sizes)):
        last = place == len(sizes) - 2
        linear = nn.Linear(n_in, n_out)
        nn.init.orthogonal_(linear.weight, last_gain if last else _HIDDEN_GAIN)
        nn.init.zeros_(linear.bias)
        layers += [linear] if last else [linear, nn.Tanh()]
    return nn.Sequential(*layers)
