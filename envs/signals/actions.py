"""Actions from the unit box to what the engine takes: scaled to their tables' ranges, in the engine's columns."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.fields import action_fields, action_index
from gridbid.market.kernel import kernel
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


class Columns(NamedTuple):
    """Where a kind's action goes: for each entry (actions,) its column, offer, limit, follow or a control, and its range."""

    column: NDArray[np.int64]
    low: Floats
    high: Floats


OFFER, LIMIT, FOLLOW, CONTROL = range(4)
"""Columns of an action; controls follow each other from CONTROL on."""


def columns_of(kind: str) -> Columns:
    """Columns of a metered kind's action."""
    parts = {"offer": OFFER, "limit": LIMIT, "follow": FOLLOW}
    parts |= {name: CONTROL + int(control) for name, control in _CONTROLS.items()}
    table = action_fields(kind)
    return Columns(
        np.array([parts[field.name] for field in table]),
        np.array([float(field.low) for field in table]),
        np.array([float(field.high) for field in table]),
    )


@kernel
def decode_into(
    columns: Columns, seats: NDArray[np.int64], action: NDArray[np.float32], decision: Decision
) -> bool:
    """Decode a kind's actions (B, seats, actions) into everybody's decision (B, N); False if an entry isn't finite."""
    finite = True
    for b in range(action.shape[0]):
        for n in range(seats.size):
            i = seats[n]
            for a in range(columns.column.size):
                entry = np.float64(action[b, n, a])
                finite &= entry - entry == 0.0
                unit = min(max(entry, -1.0), 1.0)
                value = columns.low[a] + (unit + 1.0) * (columns.high[a] - columns.low[a]) / 2.0
                column = columns.column[a]
                if column == OFFER:
                    decision.offer[b, i] = value
                elif column == LIMIT:
                    decision.limit[b, i] = value
                elif column == FOLLOW:
                    decision.follow[b, i] = value
                else:
                    decision.controls[b, i, column - CONTROL] = value
    return finite
