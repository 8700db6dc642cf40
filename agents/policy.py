"""What decides: one face for rules, traders, learned networks, in an environment and on a chain."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Observations = Mapping[str, NDArray[np.float32]]
"""By kind: float32 (communities, agents of the kind, observation), as `gridbid.envs.fields` lays them out."""

Actions = dict[str, NDArray[np.float32]]
"""By kind: float32 (communities, agents of the kind, action) in the unit box; a kind left out keeps still."""


class Policy(Protocol):
    """Decides for any number of agents of any kind at once; a row's action depends on its observation alone."""

    name: str

    def reset(self, seed: int) -> None:
        """Begin an episode; whatever the policy draws follows from ``seed``."""

    def act(self, observations: Observations) -> Actions:
        """Actions for every row of every kind that is asked for."""
