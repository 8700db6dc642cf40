"""What a step returns by agent: views and dictionaries made once, and used again when nobody holds them."""

from collections import deque
from collections.abc import Mapping
from sys import getrefcount

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.batch_env import BatchEnv

Singles = NDArray[np.float32]

_SETS = 2
"""Steps whose dictionaries exist at once: the last step's are looked at while the next one is played."""


class StepDictionaries:
    """Where one step's observations are written, with each agent's row in there, and its rewards."""

    def __init__(self, batch: BatchEnv) -> None:
        self.arrays = batch.make_rows()
        """Observations by kind, float32 (1, agents, observation)."""
        self._names = batch.agents
        self.observations = {
            name: row
            for kind, names in batch.agents.items()
            for name, row in zip(names, getattr(self.arrays, kind)[0], strict=True)
        }
        self.rewards = dict.fromkeys(self.observations, 0.0)
        self._references = self._count_references()

    def enter_rewards(self, by_kind: Mapping[str, Singles]) -> None:
        """Enter rewards (1, agents)."""
        for kind, rewards in by_kind.items():
            self.rewards.update(zip(self._names[kind], rewards[0].tolist(), strict=True))

    @property
    def held(self) -> bool:
        """Whether anybody else holds a row, or a view into one."""
        return self._count_references() != self._references

    def _count_references(self) -> int:
        """To the rows, and to the arrays: that is where a view into a row leads to."""
        return sum(map(getrefcount, self.observations.values())) + sum(map(getrefcount, self.arrays))


class DictionaryPool:
    """Hands out a few sets of dictionaries in turn.

    With ``keep``, one of which a row is held stays with its holder for good, and another takes its place.
    """

    def __init__(self, batch: BatchEnv, keep: bool) -> None:
        self._batch, self._keep = batch, keep
        self._sets = deque(StepDictionaries(batch) for _ in range(_SETS))

    def take(self) -> StepDictionaries:
        """The set for the next step."""
        oldest = self._sets.popleft()
        if self._keep and oldest.held:
            oldest = StepDictionaries(self._batch)
        self._sets.append(oldest)
        return oldest
