"""What rules that are kernels have in common: a row's action depends on that row alone, and nothing is drawn."""

from abc import ABC, abstractmethod

import numpy as np

from gridbid.agents.baselines.rows import COLUMNS, OUTLETS, Columns, Outlets, Rows, Singles, rows_of
from gridbid.agents.policy import Actions, Observations
from gridbid.envs.fields import METERED, action_space


class RowPolicy(ABC):
    """Decides for every metered kind that is asked for, all rows in one call of a kernel."""

    name: str

    def reset(self, seed: int) -> None:  # noqa: B027  # a rule that draws nothing has nothing to override
        """Nothing is drawn, nothing is kept."""

    def act(self, observations: Observations) -> Actions:
        """Actions for every metered kind that is asked for."""
        return {kind: self._act(kind, seen) for kind, seen in observations.items() if kind in METERED}

    def _act(self, kind: str, seen: Singles) -> Singles:
        actions = np.empty((*seen.shape[:-1], *action_space(kind).shape), np.float32)
        self._decide(
            rows_of(kind, seen), COLUMNS[kind], OUTLETS[kind], actions.reshape(-1, actions.shape[-1])
        )
        return actions

    @abstractmethod
    def _decide(self, rows: Rows, columns: Columns, outlets: Outlets, actions: Singles) -> None:
        """Write the actions (rows, action) of a kind's rows."""
