"""The utility's actions: a shift of tomorrow's tariff, and events of demand response."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridbid.envs.fields import UTILITY, action_fields, action_index
from gridbid.market.community import Community
from gridbid.market.demand_response.types import MAX_READING_WH
from gridbid.market.grid.network import source_rating_kva
from gridbid.market.tariff import MAX_SHIFT
from gridbid.market.units import NEUR_PER_WH_PER_CT_PER_KWH, WH_PER_KWH

Integers = NDArray[np.int64]


class Levers(NamedTuple):
    """What the utility does in a round 0, int64 (B,): a shift of the retail price in nEUR/Wh, and the call of an event.

    ``target_wh`` is asked in each slot, 0 and below calls nothing; ``rate`` is in nEUR/Wh.
    """

    shift: Integers
    target_wh: Integers
    rate: Integers


def decode_levers(community: Community, action: NDArray[np.float32]) -> Levers:
    """A utility's actions (B, action); entries outside the unit box are clipped to it."""
    values, index = {}, action_index(UTILITY)
    for field in action_fields(UTILITY):
        unit = np.clip(action[:, index[field.name].start].astype(np.float64), -1.0, 1.0)
        values[field.name] = field.low + (unit + 1.0) * (field.high - field.low) / 2.0
    slot_wh = source_rating_kva(community.network) * community.rules.slot_h * WH_PER_KWH
    target_wh = np.minimum(values["event_target"] * slot_wh, MAX_READING_WH)
    return Levers(
        shift=_rounded(values["tariff_shift"] * MAX_SHIFT),
        target_wh=_rounded(target_wh),
        rate=_rounded(values["event_rate"] * NEUR_PER_WH_PER_CT_PER_KWH),
    )


def _rounded(values: NDArray[np.float64]) -> Integers:
    return np.rint(values).astype(np.int64)
