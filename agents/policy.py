"""What decides: one face for rules, traders, planners, learned networks, in an environment and on a chain."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from gridbid.agents.planners.facts import Facts
    from gridbid.envs.batch_env import BatchEnv

Observations = Mapping[str, NDArray[np.float32]]
"""By kind: float32 (communities, agents of the kind, observation), as `gridbid.envs.fields` lays them out."""

Actions = dict[str, NDArray[np.float32]]
"""By kind: float32 (communities, agents of the kind, action) in the unit box; a kind left out keeps still."""


class Policy(Protocol):
    """Decides for any number of agents of any kind at once.

    A row's action depends on its observation alone, but for what a policy that `Remembers` saw there before, and for a
    coordinator, which says so: it decides for a community's rows together.
    """

    name: str

    def reset(self, seed: int) -> None:
        """Begin episodes in all communities; whatever the policy draws follows from ``seed``."""

    def act(self, observations: Observations) -> Actions:
        """Actions for every row of every kind that is asked for."""


@runtime_checkable
class Remembers(Protocol):
    """A policy that keeps a memory for each row, laid out by the first ``act`` after a ``reset``."""

    def forget(self, mask: NDArray[np.bool_]) -> None:
        """Begin episodes in the masked communities (communities,); the others go on."""


@runtime_checkable
class Configured(Protocol):
    """A policy that is told a scenario's constants, as an installer would: devices' efficiencies, the transformer's rating."""

    def configure(self, facts: "Facts") -> None:
        """Go by these constants from now on; called before ``reset``."""


@runtime_checkable
class Informed(Protocol):
    """A policy that sees more than its observations, such as a planner with perfect foresight: a yardstick, never a bot."""

    def attach(self, env: "BatchEnv") -> None:
        """Look into this environment from now on; called before ``reset``."""
