"""The utility's lever: it may shift the retail price announced for the same slot of the next day.

Bounded by MAX_SHIFT, and by the day: the shifts of a local day never sum to more than zero, so a utility has to lower the
tariff before it may raise it, and earns no more than the published tariff would.
"""

import numpy as np
from numpy.typing import NDArray

from gridbid.market.community import Community
from gridbid.market.kernel import kernel
from gridbid.market.state import HISTORY, State

AHEAD = 96
MAX_SHIFT = 20_000
"""nEUR/Wh, that is 2 ct/kWh."""


@kernel
def announce_shift(community: Community, state: State, shift: NDArray[np.int64]) -> None:
    """Announce each community's shift (B,), nEUR/Wh, for the slot a day ahead, cut to what is allowed; round 0 only."""
    for b in range(shift.size):
        if state.clock.round[b] != 0:
            continue
        target = state.clock.slot[b] + AHEAD
        day_of_year = community.series.day_of_year
        if target >= day_of_year.size:
            continue
        if (
            day_of_year[target] != day_of_year[target - 1]
        ):  # not midnight: some zones skip it when clocks change
            state.shift_room[b] = 0
        allowed = min(max(shift[b], -MAX_SHIFT), min(MAX_SHIFT, state.shift_room[b]))
        state.tariff_shift[b, target & (HISTORY - 1)] = allowed
        state.shift_room[b] -= allowed
