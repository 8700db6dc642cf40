"""Plain twin of the tariff: what is published for a slot (rule 8), and the utility's shifts of it."""

from typing import NamedTuple

from gridbid.market.naive.episode import Episode
from gridbid.market.tariff import MAX_SHIFT


class Prices(NamedTuple):
    """Prices of a slot as published, nEUR/Wh; the book's floor is the feed-in price."""

    retail: int
    feed_in: int
    fee: int
    wholesale: int


class Tariff:
    """The announced tariff of one episode."""

    def __init__(self, episode: Episode) -> None:
        self._episode = episode
        self._shifts: dict[int, int] = {}
        """Shift of the retail price by slot, nEUR/Wh."""

    def prices(self, slot: int) -> Prices:
        """What is published for a slot; feed_in + fee <= retail."""
        series, sample = self._episode.community.series, self._episode.sample
        retail = int(series.retail[sample, slot]) + self._shifts.get(slot, 0)
        fee = int(series.fee[slot])
        feed_in = min(int(series.feed_in[sample, slot]), retail - fee)
        return Prices(retail, feed_in, fee, int(series.wholesale[sample, slot]))

    def announce(self, slot: int, shift: int) -> None:
        """Shift the slot a day after ``slot``, within the bounds, so that no local day's shifts sum to above 0."""
        days = self._episode.community.series.day_of_year
        target = slot + self._episode.community.rules.slots_per_day
        if target >= days.size:
            return
        day_sum = sum(
            kept for other, kept in self._shifts.items() if days[other] == days[target] and other != target
        )
        self._shifts[target] = min(max(shift, -MAX_SHIFT), MAX_SHIFT, -day_sum)
