"""Everybody's row of the observations: views made once, and used again when nobody holds one."""

from collections import deque
from sys import getrefcount

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.batch_env import BatchEnv

Singles = NDArray[np.float32]

_SETS = 2
"""Steps whose rows exist at once: the last step's are looked at while the next one is played."""


class ObservationRows:
    """Arrays that a step's observations are written to, and each agent's row in them."""

    def __init__(self, batch: BatchEnv) -> None:
        self.arrays = batch.make_rows()
        """By kind, float32 (1, agents, observation)."""
        self.by_agent: dict[str, Singles] = {}
        for kind, names in batch.agents.items():
            self.by_agent.update(zip(names, getattr(self.arrays, kind)[0], strict=True))

    def count_references(self) -> int:
        """References to the rows and to the arrays, which is where a view into a row leads."""
        return sum(map(getrefcount, self.by_agent.values())) + sum(map(getrefcount, self.arrays))


class RowPool:
    """Hands out a few sets of rows in turn.

    With ``keep``, a set of which anybody holds a row, or a view into one, is left to its holder and replaced by a new one.
    """

    def __init__(self, batch: BatchEnv, keep: bool) -> None:
        self._batch, self._keep = batch, keep
        self._sets = deque(ObservationRows(batch) for _ in range(_SETS))
        self._unheld = self._sets[0].count_references()

    def take(self) -> ObservationRows:
        """Rows for the next step."""
        rows = self._sets.popleft()
        if self._keep and rows.count_references() != self._unheld:
            rows = ObservationRows(self._batch)
        self._sets.append(rows)
        return rows
