"""Observation rows of several kinds side by side, by name."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.baselines.columns import Seen
from gridbid.envs.fields import METERED, observation_fields

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]


class SeenRows:
    """Rows (n, observation) of the metered kinds, joined to N in the order of `METERED`; what isn't finite reads as 0."""

    def __init__(self, rows: Mapping[str, Singles]) -> None:
        self.kinds = tuple(kind for kind in METERED if kind in rows)
        self._seen = [Seen(kind, np.nan_to_num(rows[kind], posinf=0.0, neginf=0.0)) for kind in self.kinds]
        self.sizes = tuple(seen.shape[0] for seen in self._seen)

    def __getitem__(self, name: str) -> Floats:
        """A field in the unit of the table, (N,) or (N, size); zeros for kinds that lack it."""
        return np.concatenate([_read(seen, name) for seen in self._seen])

    def split(self, values: Floats) -> dict[str, Floats]:
        """Values (N,) by kind."""
        ends = np.cumsum(self.sizes)[:-1]
        return dict(zip(self.kinds, np.split(values, ends), strict=True))


def _read(seen: Seen, name: str) -> Floats:
    if name in seen:
        return seen[name]
    return np.zeros((*seen.shape, _SIZES[name])) if _SIZES[name] > 1 else np.zeros(seen.shape)


_SIZES = {field.name: field.size for kind in METERED for field in observation_fields(kind)}
