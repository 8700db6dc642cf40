"""Where observations are written, and everybody's row there by agent: made once, used again when nobody holds a row."""

from collections import deque
from sys import getrefcount

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.observations import Rows

Singles = NDArray[np.float32]

_SETS = 2
"""Steps whose rows exist at once: those of the last step are looked at while the next is played."""


class ObservationRows:
    """Arrays for the observations of one step, and a dictionary of their rows."""

    def __init__(self, batch: BatchEnv) -> None:
        self.arrays = batch.make_rows()
        self.by_agent = _by_agent(batch, self.arrays)
        self._references = self._count()

    @property
    def held(self) -> bool:
        """Whether somebody holds a row, or a view into one."""
        return self._count() != self._references

    def _count(self) -> int:
        """References to the rows, and to the arrays, which every view refers to."""
        return sum(map(getrefcount, self.by_agent.values())) + sum(map(getrefcount, self.arrays))


class RowPool:
    """Takes turns with a few sets of rows.

    With ``keep`` a set of which somebody holds a row is left to them and replaced by a new one, so that rows never
    change in anybody's hands. Without, a set is written again after as many steps as there are sets.
    """

    def __init__(self, batch: BatchEnv, keep: bool) -> None:
        self._batch, self._keep = batch, keep
        self._sets = deque(ObservationRows(batch) for _ in range(_SETS))

    def observe(self) -> dict[str, Singles]:
        """The batch's observations by agent."""
        rows = self._sets.popleft()
        if self._keep and rows.held:
            rows = ObservationRows(self._batch)
        self._sets.append(rows)
X
        return rows.by_agent.copy() if self._keep else rows.by_agent


def _by_agent(batch: BatchEnv, arrays: Rows) -> dict[str, Singles]:
    """Each agent's row, of a batch of one."""
    rows = {}
    for kind, names in batch.agents.items():
        rows.update(zip(names, getattr(arrays, kind)[0], strict=True))
    return rows
