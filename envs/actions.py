"""Actions from the unit box to what the engine takes: scaled to their tables' ranges, in the engine's columns."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.fields import action_fields, action_index
from gridbid.market.types import Control

_CONTROLS = {
    "battery": Control.BATTERY,
    "charger": Control.CHARGER,
    "heat_pump": Control.HEAT_PUMP,
    "curtail": Control.CURTAIL,
}

Floats = NDArray[np.float64]


class Decision(NamedTuple):
    """Scaled actions, float64: offer (q), limit (lam), follow (phi) (...), controls (..., controls)."""

    offer: Floats
    limit: Floats
    follow: Floats
    controls: Floats


def make_decision(shape: tuple[int, ...]) -> Decision:
    """Everybody keeps still."""
    offer, limit, follow = (np.zeros(shape) for _ in range(3))
    return Decision(offer, limit, follow, np.zeros((*shape, len(Control))))


def decode(kind: str, action: NDArray[np.float32]) -> Decision:
    """A metered kind's actions (..., action); entries outside the unit box are clipped to it."""
    decision = make_decision(action.shape[:-1])
    index = action_index(kind)
    for field in action_fields(kind):
        unit = np.clip(action[..., index[field.name].start].astype(np.float64), -1.0, 1.0)
        value = field.low + (unit + 1.0) * (field.high - field.low) / 2.0
        if field.name in _CONTROLS:
            decision.controls[..., _CONTROLS[field.name]] = value
        else:
            getattr(decision, field.name)[...] = value
    return decision
