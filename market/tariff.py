"""Prices of a slot as published, and the utility's lever on them.

The utility may shift the retail price announced for the same slot of the next day: bounded by MAX_SHIFT, and by the day.
The shifts of a local day never sum to more than zero, so a utility has to lower the tariff before it may raise it, and
earns no more than the published tariff would.
"""

from gridbid.market.community import Community
from gridbid.market.kernel import kernel
from gridbid.market.rules import allowed_feed_in
from gridbid.market.state import State

MAX_SHIFT = 20_000
"""nEUR/Wh, that is 2 ct/kWh."""


@kernel
def retail_price(community: Community, state: State, b: int, slot: int) -> int:
    """Retail price of a slot as announced, nEUR/Wh: the series' and the utility's shift."""
    kept = state.tariff_shift.shape[1] - 1
    return community.series.retail[state.clock.sample[b], slot] + state.tariff_shift[b, slot & kept]


@kernel
def feed_in_price(community: Community, state: State, b: int, slot: int) -> int:
    """Feed-in price of a slot as published, nEUR/Wh (rule 8); it is also the floor of the slot's book."""
    feed_in = community.series.feed_in[state.clock.sample[b], slot]
    return allowed_feed_in(retail_price(community, state, b, slot), feed_in, community.rules.fee)


@kernel
def announce_shift(community: Community, state: State, b: int, shift: int) -> None:
    """Announce community b's shift, nEUR/Wh, for the slot a day ahead, cut to what is allowed; round 0 only."""
    target = state.clock.slot[b] + community.rules.slots_per_day
    day_of_year = community.series.day_of_year
    if state.clock.round[b] != 0 or target >= day_of_year.size:
        return
    # Not at midnight: some zones skip it when clocks change.
    if day_of_year[target] != day_of_year[target - 1]:
        state.shift_room[b] = 0
    allowed = min(max(shift, -MAX_SHIFT), min(MAX_SHIFT, state.shift_room[b]))
    state.tariff_shift[b, target & (state.tariff_shift.shape[1] - 1)] = allowed
    state.shift_room[b] -= allowed
