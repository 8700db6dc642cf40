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
    return allowed_feed_in(retail_price(community, state, b, slot), feed_in, community.series.fee[slot])


@kernel
def announce_shift(community: Community, state: State, b: int, shift: int) -> None:
    """Announce community b's shift, nEUR/Wh, for the slot a day ahead, cut to what is allowed; round 0 only.

    Of several announcements for a slot the last one counts.
    """
    target = state.clock.slot[b] + community.rules.slots_per_day
    if state.clock.round[b] != 0 or target >= community.series.day_of_year.size:
        return
    room = _room_before(community, state, b, target)
    allowed = min(max(shift, -MAX_SHIFT), min(MAX_SHIFT, room))
    state.tariff_shift[b, target & (state.tariff_shift.shape[1] - 1)] = allowed
    state.shift_room[b] = room - allowed


@kernel
def _room_before(community: Community, state: State, b: int, target: int) -> int:
    """How far the shifts of ``target``'s local day have lowered the tariff before it, nEUR/Wh."""
    day_of_year, kept = community.series.day_of_year, state.tariff_shift.shape[1] - 1
    room, slot = 0, target - 1
    while slot >= 0 and target - slot <= kept and day_of_year[slot] == day_of_year[target]:
        room -= state.tariff_shift[b, slot & kept]
        slot -= 1
    return room
