"""What utilities' policies share: the time of day that they see, and the shift that they announce."""

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.baselines.columns import Seen, unit_box
from gridbid.envs.fields import UTILITY
from gridbid.market.tariff import MAX_SHIFT
from gridbid.market.units import NEUR_PER_WH_PER_CT_PER_KWH

Singles = NDArray[np.float32]
Floats = NDArray[np.float64]

MAX_SHIFT_CT = MAX_SHIFT / NEUR_PER_WH_PER_CT_PER_KWH
"""How far the retail price of a slot may be shifted either way, ct/kWh."""

_SECONDS_PER_HOUR = 3_600.0


def hour_of_day(seen: Seen) -> Floats:
    """The local hour at the start of slot t, 0 to 24, to the second; that of the slot whose price is shifted, too."""
    hours = np.arctan2(seen["hour_sin"], seen["hour_cos"]) * (12.0 / np.pi)
    return np.rint(hours * _SECONDS_PER_HOUR) / _SECONDS_PER_HOUR % 24.0


def announce(shift_ct: Floats) -> Singles:
    """Actions of a utility that shifts the price announced for a day after slot t by so much, and calls no events."""
    return unit_box(UTILITY, shift_ct.shape, {"tariff_shift": shift_ct / MAX_SHIFT_CT})
