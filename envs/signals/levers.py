"""The utility's actions: a shift of tomorrow's tariff, and events of demand response."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.fields import UTILITY, action_fields
from gridbid.market.community import Community
from gridbid.market.demand_response.types import MAX_READING_WH
from gridbid.market.grid.network import source_rating_kva
from gridbid.market.tariff import MAX_SHIFT
from gridbid.market.units import NEUR_PER_WH_PER_CT_PER_KWH, WH_PER_KWH

Integers = NDArray[np.int64]

_FIELDS = action_fields(UTILITY)
assert [field.name for field in _FIELDS] == ["tariff_shift", "event_target", "event_rate"]
_MIDDLE = np.array([(field.low + field.high) / 2.0 for field in _FIELDS])
_HALF_RANGE = np.array([(field.high - field.low) / 2.0 for field in _FIELDS])


class Levers(NamedTuple):
    """What the utility does in a round 0, int64 (B,): a shift of the retail price in nEUR/Wh, and the call of an event.

    ``target_wh`` is asked in each slot, 0 and below calls nothing; ``rate`` is in nEUR/Wh.
    """

    shift: Integers
    target_wh: Integers
    rate: Integers


def most_event_wh(community: Community) -> float:
    """What an event may ask of a community in a slot at most: what its transformers carry."""
    return source_rating_kva(community.network) * community.rules.slot_h * WH_PER_KWH


def decode_levers(action: NDArray[np.float32], most_wh: float) -> Levers:
    """A utility's actions (B, action); entries outside the unit box are clipped to it. ``most_wh``: `most_event_wh`."""
    unit = np.clip(action.astype(np.float64), -1.0, 1.0)
    shift, target, rate = (unit * _HALF_RANGE + _MIDDLE).T
    return Levers(
        shift=_rounded(shift * MAX_SHIFT),
        target_wh=_rounded(np.minimum(target * most_wh, MAX_READING_WH)),
        rate=_rounded(rate * NEUR_PER_WH_PER_CT_PER_KWH),
    )


def _rounded(values: NDArray[np.float64]) -> Integers:
    return np.rint(values).astype(np.int64)
