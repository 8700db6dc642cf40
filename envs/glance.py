"""The observations of some agents of a kind, without writing everybody's."""

import numpy as np
from numpy.typing import NDArray

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.observations import Rows, Seating, write_observations

Singles = NDArray[np.float32]


class Glance:
    """Writes observations of ``count`` agents of a kind, in every community; :attr:`seats` (count,) says of whom."""

    def __init__(self, batch: BatchEnv, kind: str, count: int) -> None:
        self._batch = batch
        self._kind = kind
        self._count = count
        self.seats = batch.seats[kind][:count].copy()
        seats = {other: np.zeros(0, np.int64) for other in fields.KINDS} | {kind: self.seats}
        spaces = [fields.observation_space(other) for other in fields.KINDS]
        self._seating = Seating(
            prosumers=seats[fields.PROSUMER],
            batteries=seats[fields.BATTERY],
            evs=seats[fields.EV],
            low=Rows(*(space.low for space in spaces)),
            high=Rows(*(space.high for space in spaces)),
        )
        self._nobody = {
            other: np.zeros((batch.batch, 0, *space.shape), np.float32)
            for other, space in zip(fields.KINDS, spaces, strict=True)
        }
        self._shared = np.zeros(64, np.float32)

    def look(self) -> Singles:
        """Observations as the engine stands, fresh (B, count, observation)."""
        shape = (self._batch.batch, self._count, *fields.observation_space(self._kind).shape)
        seen = np.empty(shape, np.float32)
        write_observations(
            self._batch.community,
            self._batch.engine.arena,
            self._batch.compiled.tables,
            self._batch.view,
            True,
            self._seating,
            self._shared,
            Rows(**self._nobody | {self._kind: seen}),
        )
        return seen
