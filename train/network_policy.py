"""Networks in training as a policy: for validation, and to compare an export with."""

from collections.abc import Mapping

import torch

from gridbid.agents.policy import Actions, Observations
from gridbid.train.actor_critic import ActorCritic


class NetworkPolicy:
    """The mean actions of modules by kind; kinds without one keep still."""

    name = "learned"

    def __init__(self, modules: Mapping[str, ActorCritic]) -> None:
        self._modules = modules

    def reset(self, seed: int) -> None:
        """Nothing is drawn."""

    @torch.inference_mode()
    def act(self, observations: Observations) -> Actions:
        """Mean actions of the kinds that there are modules for."""
        return {
            kind: module.mean_action(torch.from_numpy(observations[kind])).numpy()
            for kind, module in self._modules.items()
            if kind in observations
        }
