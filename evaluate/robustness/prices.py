"""Price shocks. Prices are announced as ever: a day ahead, slot by slot, so nobody knows of a shock before."""

import numpy as np

from gridbid.envs.compile import CompiledScenario, with_series
from gridbid.evaluate.robustness.stress import Episodes, Stress
from gridbid.market.units import ct_per_kwh_to_neur_per_wh

BEGIN, END = 2 / 7, 4 / 7
"""The third and the fourth day of a week."""


class PriceShock(Stress):
    """Retail is a multiple of what it was for two days; wholesale rises by as much."""

    name = "price_shock"
    changes_truth = True

    def __init__(self, factor: int = 2) -> None:
        self._factor = factor
        self.title = "Price shock"
        self.meaning = f"The retail price is {factor} times as high on the third and the fourth day, announced a day ahead."

    def scenario(self, compiled: CompiledScenario, episodes: Episodes) -> CompiledScenario:
        """Retail and wholesale in the stretch, raised."""
        series = compiled.community.series
        retail, wholesale = series.retail.copy(), series.wholesale.copy()
        for stretch in episodes.stretches(BEGIN, END):
            added = (self._factor - 1) * series.retail[:, stretch]
            retail[:, stretch] += added
            wholesale[:, stretch] += added
        return with_series(compiled, series._replace(retail=retail, wholesale=wholesale))


class NegativePrices(Stress):
    """Around noon of two days the supplier pays who draws, and charges who feeds in."""

    name = "negative_prices"
    title = "Negative prices"
    changes_truth = True

    def __init__(self, retail_ct: float = -5.0, first_hour: float = 10.0, last_hour: float = 16.0) -> None:
        self._retail = ct_per_kwh_to_neur_per_wh(retail_ct)
        self._hours = first_hour, last_hour
        self.meaning = (
            f"On the third and the fourth day retail is {retail_ct:g} ct/kWh from {first_hour:g} to {last_hour:g} h, and "
            "feed-in lies below it by the local fee: feeding in costs money."
        )

    def scenario(self, compiled: CompiledScenario, episodes: Episodes) -> CompiledScenario:
        """Prices of those hours; the supplier passes on what it pays."""
        series = compiled.community.series
        retail, wholesale, feed_in = series.retail.copy(), series.wholesale.copy(), series.feed_in.copy()
        first_hour, last_hour = self._hours
        for stretch in episodes.stretches(BEGIN, END):
            hour = series.local_hour[stretch]
            low = stretch.start + np.flatnonzero((hour >= first_hour) & (hour < last_hour))
            wholesale[:, low] += self._retail - retail[:, low]
            retail[:, low] = self._retail
            feed_in[:, low] = np.minimum(feed_in[:, low], self._retail - series.fee[low])
        return with_series(compiled, series._replace(retail=retail, wholesale=wholesale, feed_in=feed_in))
