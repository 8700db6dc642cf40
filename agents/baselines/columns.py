"""Observations and actions by name: rows in the units of the table instead of numbered columns of the unit box."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.fields import action_fields, action_index, observation_fields, observation_index

Singles = NDArray[np.float32]
Floats = NDArray[np.float64]


class Seen:
    """One kind's observations (..., observation) by name, in the unit that the table states, float64."""

    def __init__(self, kind: str, observations: Singles) -> None:
        self.kind = kind
        self.shape = observations.shape[:-1]
        self.observations = observations
        self._index = observation_index(kind)
        self._scales = {field.name: field.scale for field in observation_fields(kind)}

    def __contains__(self, name: str) -> bool:
        return name in self._index

    def __getitem__(self, name: str) -> Floats:
        """Values of a field: (...) for a single one, (..., size) for a run."""
        if name not in self._index:
            raise KeyError(f"observation {name!r}: kind {self.kind!r} has none of that name")
        span = self._index[name]
        values = self.observations[..., span].astype(np.float64) * self._scales[name]
        return values[..., 0] if span.stop - span.start == 1 else values

    def get(self, name: str) -> Floats:
        """Values of a field; zeros where the kind lacks it."""
        return self[name] if name in self else np.zeros(self.shape)


def unit_box(kind: str, shape: tuple[int, ...], values: Mapping[str, Floats | float]) -> Singles:
    """Actions float32 (*shape, action) from values in the table's ranges, clipped to them.

    A field that isn't named is off: 0 in its range. Names that the kind lacks are left out.
    """
    index = action_index(kind)
    action = np.empty((*shape, len(index)), np.float32)
    for field in action_fields(kind):
        value = np.clip(values.get(field.name, 0.0), field.low, field.high)
        action[..., index[field.name].start] = 2.0 * (value - field.low) / (field.high - field.low) - 1.0
    return action
