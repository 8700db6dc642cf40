"""A leader at the tariff: it learns how demand answers to the price, and moves the price towards its best."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from gridbid.agents.baselines.columns import Seen
from gridbid.agents.policy import Actions, Observations
from gridbid.agents.utilities.leader import leader_price
from gridbid.agents.utilities.levers import MAX_SHIFT_CT, announce, hour_of_day
from gridbid.envs.fields import UTILITY

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

DELAY = 2
"""The last known slot is so many before the one that trades."""

MINUTES_PER_DAY = 1_440


class Memory(NamedTuple):
    """What it keeps of each utility's seat, float64 (communities, seats, ...).

    - ``seen`` (..., 5): sums over the slots so far, weighted: 1, 1/p, y, 1/p², y/p with price p and flexible demand y
    - ``wishes`` (..., 2): the same of 1 and of the shifts that it would have liked, ct/kWh
    - ``offers`` (..., DELAY, 2): price and forecast of the inflexible load of the slots that aren't known yet, oldest first
    - ``shift_ct`` (..., minutes of the day): what was announced at that time, the last time
    - ``slots``, ``hour`` (...): slots seen, and the local hour of the last
    """

    seen: Floats
    wishes: Floats
    offers: Floats
    shift_ct: Floats
    slots: Floats
    hour: Floats

    @classmethod
    def blank(cls, shape: tuple[int, ...]) -> Self:
        """Nothing has been seen."""
        sizes = ((5,), (2,), (DELAY, 2), (MINUTES_PER_DAY,), (), ())
        return cls(*(np.zeros((*shape, *size)) for size in sizes))


class StackelbergPolicy:
    """Takes all flexible demand for one follower of `gridbid.agents.utilities.leader`, and its procurement cost for c.

    - What it observes of the follower: y = the feeder's load less the issued forecast of the inflexible load, and the retail
      price p of the same slot. y = ω/p - ζ is a line in 1/p: its slope ω and its offset -ζ are found by least squares, in
      which a slot counts ``forgetting`` times as much as the next.
    - After ``patience`` slots it wishes for the shift that brings the price to the leader's best. For tomorrow's cost and
      price it takes today's, without today's shift.
    - Shifts of a day may not sum to more than zero: so it announces by how much its wish exceeds the mean of its wishes,
      within what is allowed either way and what the day's earlier shifts leave.
    - Where demand doesn't fall with the price (ω <= 0), or less than in proportion to it (ζ <= 0), the leader has no best
      price, as it has none where power costs nothing: the tariff stays.
    """

    name = "stackelberg"

    def __init__(self, forgetting: float = 0.998, patience: int = 96) -> None:
        self.forgetting, self.patience = forgetting, patience
        self._memory: Memory | None = None

    def reset(self, seed: int) -> None:
        """Nothing is drawn; all is forgotten."""
        self._memory = None

    def forget(self, mask: Flags) -> None:
        """Begin anew in the masked communities."""
        if self._memory is not None:
            for array in self._memory:
                array[mask] = 0.0

    def act(self, observations: Observations) -> Actions:
        """The shift towards the best price; 0 in all rounds but a slot's first, in which alone it counts."""
        if UTILITY not in observations:
            return {}
        seen = Seen(UTILITY, observations[UTILITY])
        if self._memory is None:
            self._memory = Memory.blank(seen.shape)
        memory, shift_ct = self._memory, np.zeros(seen.shape)
        first = seen["round"] == 0.0
        if first.any():
            hour = hour_of_day(seen)
            self._learn(memory, seen, first)
            wish_ct, wished = self._wish(memory, seen, hour, first)
            room_ct = np.where(hour < memory.hour, 0.0, seen["shift_room"])
            highest_ct = np.minimum(room_ct, MAX_SHIFT_CT)
            shift_ct = np.where(wished, np.clip(wish_ct, -MAX_SHIFT_CT, highest_ct), 0.0)
            _note(memory, seen, hour, shift_ct, first)
        return {UTILITY: announce(shift_ct)}

    def _learn(self, memory: Memory, seen: Seen, first: Flags) -> None:
        """Enter the last known slot, which was offered `DELAY` slots ago."""
        price_ct, inflexible = memory.offers[..., 0, 0], memory.offers[..., 0, 1]
        known = first & (memory.slots >= DELAY) & (price_ct > 0.0)
        inverse = np.divide(1.0, price_ct, out=np.zeros(seen.shape), where=known)
        demand = seen["feeder_load"] - inflexible
        terms = np.stack([known, inverse, demand, inverse * inverse, inverse * demand], axis=-1)
        memory.seen[known] = (self.forgetting * memory.seen + terms)[known]

    def _wish(self, memory: Memory, seen: Seen, hour: Floats, first: Flags) -> tuple[Floats, Flags]:
        """By how much its wishes exceed their mean, ct/kWh, and where it has one."""
        wish_ct, today_ct = np.full(seen.shape, np.nan), _today_ct(memory, hour)
        price_ct, cost_ct = seen["retail_ct"][..., 0] - today_ct, seen["wholesale_ct"]
        for place in zip(*np.nonzero(first & (memory.slots >= self.patience)), strict=True):
            best_ct = best_price_ct(memory.seen[place], float(cost_ct[place]))
            wish_ct[place] = best_ct - price_ct[place]
        wished = np.isfinite(wish_ct)
        terms = np.stack([wished, wish_ct], axis=-1)
        memory.wishes[wished] = (self.forgetting * memory.wishes + terms)[wished]
        count, total_ct = np.moveaxis(memory.wishes, -1, 0)
        return wish_ct - np.divide(total_ct, count, out=np.zeros(seen.shape), where=wished), wished


def follower_of(sums: Floats) -> tuple[float, float]:
    """ω and ζ of the line through what was seen, `Memory.seen` (5,); 0 and 0 where the price has never changed."""
    count, inverse, demand, squares, products = sums.tolist()
    spread = count * squares - inverse * inverse
    if spread <= 1e-12 * count * squares:
        return 0.0, 0.0
    omega = (count * products - inverse * demand) / spread
    return omega, (omega * inverse - demand) / count


def best_price_ct(sums: Floats, cost_ct: float) -> float:
    """The leader's best price, ct/kWh, for what was seen; nan where there is none."""
    omega, zeta = follower_of(sums)
    if min(omega, zeta, cost_ct) <= 0.0:
        return np.nan
    return leader_price([omega], [zeta], cost_ct)


def _today_ct(memory: Memory, hour: Floats) -> Floats:
    """What was announced a day ago for this slot."""
    minutes = _minute(hour)
    return np.take_along_axis(memory.shift_ct, minutes[..., None], axis=-1)[..., 0]


def _note(memory: Memory, seen: Seen, hour: Floats, shift_ct: Floats, first: Flags) -> None:
    """Remember what was offered now and announced for tomorrow."""
    minutes = _minute(hour)
    offer = np.stack([seen["retail_ct"][..., 0], seen["feeder_forecast"][..., 0]], axis=-1)
    memory.offers[first] = np.concatenate([memory.offers[..., 1:, :], offer[..., None, :]], axis=-2)[first]
    for place in zip(*np.nonzero(first), strict=True):
        memory.shift_ct[(*place, minutes[place])] = shift_ct[place]
    memory.slots[first] += 1.0
    memory.hour[first] = hour[first]


def _minute(hour: Floats) -> NDArray[np.int64]:
    return (hour * 60.0).astype(np.int64) % MINUTES_PER_DAY
