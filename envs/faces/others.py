"""Who plays the agents that nobody learns for."""

from collections.abc import Mapping
from functools import cache
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from gridbid.envs import fields

Singles = NDArray[np.float32]


class Others(Protocol):
    """Plays any agents of any kind; `gridbid.agents.policy.Policy` is one."""

    def reset(self, seed: int) -> None:
        """Begin an episode; whatever is drawn follows from ``seed``."""

    def act(self, observations: Mapping[str, Singles]) -> Mapping[str, Singles]:
        """Observations by kind (B, agents, observation) -> actions by kind; a kind left out keeps still."""


@runtime_checkable
class RemembersOthers(Protocol):
    """Others that keep a memory for each community, such as traders that learn from what they hear."""

    def forget(self, mask: NDArray[np.bool_]) -> None:
        """Begin episodes in the masked communities (communities,); the others go on."""


@cache
def still_action(kind: str) -> Singles:
    """The action (action,) in the unit box that does nothing: 0 in every range of the table."""
    entries = [
        np.full(field.size, -1.0 - 2.0 * field.low / (field.high - field.low), np.float32)
        for field in fields.action_fields(kind)
    ]
    still = np.concatenate(entries)
    still.flags.writeable = False
    return still
